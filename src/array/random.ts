// random: streams of random arrays and numbers. Every array draw takes the next key of its stream when it is written, so that the array is
// a value (docs/random.md, 14); numbers without a shape step a generator of the stream's own (19).
import { UserError } from '../base/errors.js';
import { showValue } from '../base/show-value.js';
import { freshKey, generatorOf, KeyStream, rootKey } from '../random/keys.js';
import type { Xoshiro256 } from '../random/xoshiro256.js';
import {
  checkExponential,
  checkIntegers,
  checkNormal,
  checkUniform,
  exponentialNode,
  integersNode,
  normalNode,
  scaleIntegers,
  scaleUniform,
  uniformNode,
} from './draws.js';
import { toShape } from './layout.js';
import { arrayOf } from './handle.js';
import type { NDArray } from './ndarray.js';

export type ShapeArgument = number | readonly number[];

/** Which generator of a stream its single numbers come from. */
const singleOrdinal = 2n ** 64n - 1n;

/** A stream of random numbers: the same seed gives the same numbers, whatever the number of threads. */
export class Generator {
  readonly #keys: KeyStream;
  #single: Xoshiro256 | undefined;

  /** For `random.generator` and `spawn`; the key is that of the stream. */
  constructor(key: bigint) {
    this.#keys = new KeyStream(key);
  }

  #next(): number {
    this.#single ??= generatorOf(this.#keys.key, singleOrdinal);
    return this.#single.float64();
  }

  /** Uniform numbers in [low, high): one, or an array of a shape. */
  uniform(low?: number, high?: number): number;
  uniform(low: number, high: number, shape: ShapeArgument): NDArray<'float64'>;
  uniform(low = 0, high = 1, shape?: ShapeArgument): number | NDArray<'float64'> {
    if (shape === undefined) {
      checkUniform(low, high);
      return scaleUniform(low, high, this.#next());
    }
    checkUniform(low, high);
    const lengths = toShape(shape, 'uniform');
    return arrayOf<'float64'>(uniformNode(low, high, lengths, this.#keys.take()));
  }

  /** Normal numbers: one, or an array of a shape. */
  normal(mean?: number, deviation?: number): number;
  normal(mean: number, deviation: number, shape: ShapeArgument): NDArray<'float64'>;
  normal(mean = 0, deviation = 1, shape?: ShapeArgument): number | NDArray<'float64'> {
    checkNormal(mean, deviation);
    if (shape === undefined) return arrayOf<'float64'>(normalNode(mean, deviation, [], this.#next())).item();
    const lengths = toShape(shape, 'normal');
    return arrayOf<'float64'>(normalNode(mean, deviation, lengths, this.#keys.take()));
  }

  /** Exponential numbers of that mean: one, or an array of a shape. */
  exponential(scale?: number): number;
  exponential(scale: number, shape: ShapeArgument): NDArray<'float64'>;
  exponential(scale = 1, shape?: ShapeArgument): number | NDArray<'float64'> {
    checkExponential(scale);
    if (shape === undefined) return arrayOf<'float64'>(exponentialNode(scale, [], this.#next())).item();
    const lengths = toShape(shape, 'exponential');
    return arrayOf<'float64'>(exponentialNode(scale, lengths, this.#keys.take()));
  }

  /** Whole numbers from low up to but without high: one, or an array of a shape. */
  integers(low: number, high: number): number;
  integers(low: number, high: number, shape: ShapeArgument): NDArray<'int64'>;
  integers(low: number, high: number, shape?: ShapeArgument): number | NDArray<'int64'> {
    checkIntegers(low, high);
    if (shape === undefined) return scaleIntegers(low, high, this.#next());
    const lengths = toShape(shape, 'integers');
    return arrayOf<'int64'>(integersNode(low, high, lengths, this.#keys.take()));
  }

  /** Streams that have nothing to do with each other or with this one. */
  spawn(count: number): Generator[] {
    if (!Number.isSafeInteger(count) || count < 0) {
      throw new UserError('ARRAY001', `spawn cannot give ${showValue(count)} streams`, {
        fix: 'give a count, such as 4',
      });
    }
    return Array.from({ length: count }, () => new Generator(this.#keys.take()));
  }
}

let shared: Generator | undefined;
const common = (): Generator => (shared ??= new Generator(freshKey()));

/** Random numbers and arrays; without a generator of their own they are new every time the program runs. */
export const random = {
  /** A stream of its own; with a seed it gives the same numbers every time. */
  generator(seed?: number | bigint): Generator {
    return new Generator(seed === undefined ? freshKey() : rootKey(seed));
  },
  uniform: ((...args: [number, number, ShapeArgument]) => common().uniform(...args)) as Generator['uniform'],
  normal: ((...args: [number, number, ShapeArgument]) => common().normal(...args)) as Generator['normal'],
  exponential: ((...args: [number, ShapeArgument]) => common().exponential(...args)) as Generator['exponential'],
  integers: ((...args: [number, number, ShapeArgument]) => common().integers(...args)) as Generator['integers'],
};
