// Numbers for tests that must be the same for the same seed, whatever heddle's own generator does: mulberry32, and choices made with it.
export class RandomNumbers {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** In [0, 1). */
  real(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** From `least` to `most`, both included. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.real() * (most - least + 1));
  }

  chance(probability: number): boolean {
    return this.real() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.integer(0, items.length - 1)]!;
  }

  /** One of the keys, as often as its weight says. */
  weighted<T extends string>(weights: Readonly<Partial<Record<T, number>>>): T {
    const entries = Object.entries(weights) as [T, number][];
    let rest = this.real() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [item, weight] of entries) {
      rest -= weight;
      if (rest < 0) return item;
    }
    return entries.at(-1)![0];
  }
}

const float64s = [
  NaN,
  0,
  -0,
  Infinity,
  -Infinity,
  5e-324,
  -5e-324,
  2.2e-308,
  1,
  -1,
  0.5,
  -1.5,
  0.1,
  2.5,
  3.5,
  7,
  255.5,
  1e16,
  2 ** 31,
  -(2 ** 31),
  2 ** 32,
  2 ** 53,
  2 ** 53 + 2,
  -(2 ** 53),
  2 ** 63,
  -(2 ** 63),
  1.7976931348623157e308,
];
const float32s = [
  ...float64s.map(Math.fround),
  1.401298464324817e-45,
  1.1754943508222875e-38,
  2 ** 24,
  2 ** 24 + 2,
  3.4028234663852886e38,
];
const int32s = [0, 1, -1, 2, 3, 7, 8, 31, 32, 255, 256, -128, 32_767, 65_536, 2 ** 24 + 1, 2 ** 31 - 1, -(2 ** 31)];
const int64s = [
  ...int32s.map(BigInt),
  64n,
  2n ** 31n,
  2n ** 32n,
  2n ** 32n - 1n,
  2n ** 53n,
  2n ** 53n + 1n,
  -(2n ** 53n),
  2n ** 63n - 1n,
  -(2n ** 63n),
  4096n,
];

/** A number of the type: one of those where arithmetic has its edges, or any. */
export function randomScalar(
  random: RandomNumbers,
  type: 'i32' | 'i64' | 'f32' | 'f64' | 'bool',
): number | bigint | boolean {
  const isEdge = random.chance(0.6);
  switch (type) {
    case 'bool':
      return random.chance(0.5);
    case 'f64':
      return isEdge ? random.pick(float64s) : (random.real() - 0.5) * 10 ** random.integer(-3, 4);
    case 'f32':
      return isEdge ? random.pick(float32s) : Math.fround((random.real() - 0.5) * 10 ** random.integer(-3, 4));
    case 'i32':
      return isEdge ? random.pick(int32s) : random.integer(-(2 ** 31), 2 ** 31 - 1);
    case 'i64':
      return isEdge
        ? random.pick(int64s)
        : BigInt.asIntN(
            64,
            (BigInt(random.integer(0, 2 ** 32 - 1)) << BigInt(random.integer(0, 32))) + BigInt(random.integer(-9, 9)),
          );
  }
}
