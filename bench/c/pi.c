// π by Monte Carlo in C: what this machine can do at all. The points are those of bench/wasm/pi.wat, so the count for a seed is the
// same (rules 1–8 of docs/random.md). The 16 lanes of a block are arrays, and every loop over them has the same 16 trips, so that the
// compiler makes vectors of them. Built with -ffp-contract=off: a fused x·x + y·y rounds once less and could count other points.
// For each line `pi N SEED` on standard input it answers {"seconds": …, "inside": COUNT} on a line.
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { LANES = 16, BLOCK = 4096 };

static const uint64_t G = 0x9e3779b97f4a7c15u;

// Rule 3.
static uint64_t mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}
static uint64_t child(uint64_t key, uint64_t n) { return mix(mix(key) + G * (n + 1)); }
static uint64_t word(uint64_t q, uint64_t w) { return mix(q + G * (w + 1)); }
static uint64_t rotl(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

// Rule 7: one raw draw of gen(seed, 0).
static uint64_t loop_key(uint64_t seed) {
  uint64_t q = child(seed, 0), s0 = word(q, 0), s3 = word(q, 3);
  return rotl(s0 + s3, 23) + s0;
}

// Rules 1 and 2: 2·u − 1 of the lane's next draw. The bits with exponent 0x400 are 2·u + 2, so nothing here rounds.
static inline double draw(uint64_t s[4][LANES], int lane) {
  uint64_t bits = ((s[0][lane] + s[3][lane]) >> 12) | 0x4000000000000000u, shifted = s[1][lane] << 17;
  double d;
  memcpy(&d, &bits, sizeof d);
  s[2][lane] ^= s[0][lane];
  s[3][lane] ^= s[1][lane];
  s[1][lane] ^= s[2][lane];
  s[0][lane] ^= s[3][lane];
  s[2][lane] ^= shifted;
  s[3][lane] = rotl(s[3][lane], 45);
  return d - 3;
}

// Rule 8: the points inside, of the first `iterations` iterations of a block.
static uint64_t count_block(uint64_t key, uint64_t block, uint64_t iterations) {
  uint64_t s[4][LANES], inside[LANES] = {0}, total = 0;
  for (int lane = 0; lane < LANES; lane++)
    for (int w = 0; w < 4; w++) s[w][lane] = word(child(key, LANES * block + lane), w);
  for (uint64_t row = 0; row < iterations / LANES; row++)
    for (int lane = 0; lane < LANES; lane++) {
      double x = draw(s, lane), y = draw(s, lane);
      inside[lane] += x * x + y * y < 1;
    }
  for (uint64_t lane = 0; lane < LANES; lane++) {
    total += inside[lane];
    if (lane < iterations % LANES) {
      double x = draw(s, lane), y = draw(s, lane);
      total += x * x + y * y < 1;
    }
  }
  return total;
}

static uint64_t count(uint64_t seed, uint64_t n) {
  uint64_t key = loop_key(seed), inside = 0;
  for (uint64_t start = 0; start < n; start += BLOCK)
    inside += count_block(key, start / BLOCK, n - start < BLOCK ? n - start : BLOCK);
  return inside;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(void) {
  uint64_t n, seed;
  while (scanf(" pi %" SCNu64 " %" SCNu64, &n, &seed) == 2) {
    double start = now();
    uint64_t inside = count(seed, n);
    printf("{\"seconds\": %.9f, \"inside\": %" PRIu64 "}\n", now() - start, inside);
    fflush(stdout);
  }
}
