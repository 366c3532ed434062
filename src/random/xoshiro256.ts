// The engine of all random numbers: xoshiro256 (Blackman and Vigna), with the sum s0 + s3 for floating draws and the scrambler ++ for raw
// 64-bit draws (docs/random.md, 1 and 2). One draw is one step. The state is kept as 32-bit halves, low half first: bigints would take
// thirty times as long, and JavaScript has no other 64-bit integer.

/** 2⁻⁵², the distance between neighbouring floating draws. */
const float64Step = 2 ** -52;
const float32Step = 2 ** -24;
/** One unit of the high half, in units of `float64Step`, of the 52 bits that a floating draw keeps. */
const highUnit = 2 ** 20;

export class Xoshiro256 {
  /** s0, s1, s2, s3, each as its low and then its high 32 bits. */
  readonly #state: Int32Array;
  /** Halves of the latest output, as unsigned numbers. */
  #low = 0;
  #high = 0;

  private constructor(state: Int32Array) {
    this.#state = state;
  }

  /** A generator that stands at the state s0…s3 (each taken modulo 2⁶⁴; not all zero, which would never change). */
  static fromState(s0: bigint, s1: bigint, s2: bigint, s3: bigint): Xoshiro256 {
    return new Xoshiro256(new Int32Array(BigUint64Array.of(s0, s1, s2, s3).buffer));
  }

  /** Where it stands: s0…s3, a copy. */
  state(): BigUint64Array {
    return new BigUint64Array(this.#state.slice().buffer);
  }

  /** The next multiple of 2⁻⁵² in [0, 1). */
  float64(): number {
    this.#outputSum();
    this.#step();
    return (this.#high * highUnit + (this.#low >>> 12)) * float64Step;
  }

  /** The next multiple of 2⁻²⁴ in [0, 1). */
  float32(): number {
    this.#outputSum();
    this.#step();
    return (this.#high >>> 8) * float32Step;
  }

  /** The next 64 raw bits. */
  raw(): bigint {
    this.#outputSum();
    const s = this.#state;
    const [low, high] = [this.#low, this.#high];
    // rotl(s0 + s3, 23) + s0
    const sumLow = (((low << 23) | (high >>> 9)) >>> 0) + (s[0]! >>> 0);
    const sumHigh = ((high << 23) | (low >>> 9)) + s[1]! + (sumLow > 0xffffffff ? 1 : 0);
    this.#step();
    return (BigInt(sumHigh >>> 0) << 32n) | BigInt(sumLow >>> 0);
  }

  #outputSum(): void {
    const s = this.#state;
    const low = (s[0]! >>> 0) + (s[6]! >>> 0);
    this.#low = low >>> 0;
    this.#high = (s[1]! + s[7]! + (low > 0xffffffff ? 1 : 0)) >>> 0;
  }

  #step(): void {
    const s = this.#state;
    const shiftedLow = s[2]! << 17;
    const shiftedHigh = (s[3]! << 17) | (s[2]! >>> 15);
    s[4]! ^= s[0]!;
    s[5]! ^= s[1]!;
    s[6]! ^= s[2]!;
    s[7]! ^= s[3]!;
    s[2]! ^= s[4]!;
    s[3]! ^= s[5]!;
    s[0]! ^= s[6]!;
    s[1]! ^= s[7]!;
    s[4]! ^= shiftedLow;
    s[5]! ^= shiftedHigh;
    // rotl(s3, 45): the halves change places, and what is left to rotate is 13.
    const [low, high] = [s[6]!, s[7]!];
    s[6] = (high << 13) | (low >>> 19);
    s[7] = (low << 13) | (high >>> 19);
  }
}
