// The count of points inside the circle for a seed, written straight from docs/random.md with BigInt and one iteration at a time: slow,
// and plain enough to check against the text. The hand-written WebAssembly and C are held against it.

const mask = (1n << 64n) - 1n;
const G = 0x9e3779b97f4a7c15n;

/** Rule 3: the finaliser of splitmix64. */
function mix(value: bigint): bigint {
  let z = value & mask;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & mask;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & mask;
  return z ^ (z >> 31n);
}

/** Rule 3: the n-th child of a key. */
export const child = (key: bigint, n: bigint): bigint => mix(mix(key) + G * (n + 1n));

const rotateLeft = (x: bigint, k: bigint): bigint => ((x << k) | (x >> (64n - k))) & mask;

/** Rules 1–3: gen(key, n), an engine of xoshiro256. */
export class Generator {
  #s0: bigint;
  #s1: bigint;
  #s2: bigint;
  #s3: bigint;

  constructor(key: bigint, n: bigint) {
    const q = child(key, n);
    [this.#s0, this.#s1, this.#s2, this.#s3] = [1n, 2n, 3n, 4n].map((w) => mix(q + G * w)) as [
      bigint,
      bigint,
      bigint,
      bigint,
    ];
  }

  /** Rule 1: raw 64 bits. */
  raw(): bigint {
    const output = (rotateLeft((this.#s0 + this.#s3) & mask, 23n) + this.#s0) & mask;
    this.#step();
    return output;
  }

  /** Rule 2: u, a multiple of 2⁻⁵² in [0, 1). */
  uniform(): number {
    const output = (this.#s0 + this.#s3) & mask;
    this.#step();
    return Number(output >> 12n) * 2 ** -52;
  }

  #step(): void {
    const shifted = (this.#s1 << 17n) & mask;
    this.#s2 ^= this.#s0;
    this.#s3 ^= this.#s1;
    this.#s1 ^= this.#s2;
    this.#s0 ^= this.#s3;
    this.#s2 ^= shifted;
    this.#s3 = rotateLeft(this.#s3, 45n);
  }
}

/** The points inside, of n, that a function called with the key `seed` counts in its one loop. */
export function countInside(seed: bigint, n: number): number {
  const loopKey = new Generator(seed, 0n).raw(); // rules 5 and 7
  let lanes: Generator[] = [];
  let inside = 0;
  for (let o = 0; o < n; o++) {
    if (o % 4096 === 0) {
      // Rule 8: 16 fresh lanes a block.
      lanes = Array.from({ length: 16 }, (_, lane) => new Generator(loopKey, BigInt(16 * (o / 4096) + lane)));
    }
    const lane = lanes[o % 16]!;
    const x = 2 * lane.uniform() - 1;
    const y = 2 * lane.uniform() - 1;
    if (x * x + y * y < 1) inside++;
  }
  return inside;
}
