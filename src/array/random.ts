// random: streams of random arrays and numbers. Every array draw takes the next key of its stream when it is written, so that the array is
// a value (docs/random.md, 14); numbers without a shape step a generator of the stream's own (19).
import { UserError } from '../base/errors.js';
import { findUnknownOption } from '../base/nearest.js';
import { showValue } from '../base/show-value.js';
import { freshKey, generatorOf, keyStream, KeyStream, rootKey, sharedStream } from '../random/keys.js';
import type { RandomStream } from '../random/keys.js';
import type { Xoshiro256 } from '../random/xoshiro256.js';
import { checkLikelihoods, permutationNode, placesOnce, shuffled, unlikePlaces, unlikePlacesOnce } from './choices.js';
import type { ChoiceOptions } from './choices.js';
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
import type { DType, Item } from './dtypes.js';
import type { Node } from './expressions.js';
import { showShape, toShape } from './layout.js';
import type { Shape } from './layout.js';
import { arrayOf, nodeOf } from './handle.js';
import { take } from './pick.js';
import type { NDArray } from './ndarray.js';

export type ShapeArgument = number | readonly number[];

/** Which generator of a stream its single numbers come from. */
const singleOrdinal = 2n ** 64n - 1n;

/** A stream of random numbers: the same seed gives the same numbers, whatever the number of threads. */
export class Generator implements RandomStream {
  readonly #keys: KeyStream;
  #single: Xoshiro256 | undefined;

  /** For `random.generator` and `spawn`: the key of the stream, or the stream. */
  constructor(from: bigint | KeyStream) {
    this.#keys = typeof from === 'bigint' ? new KeyStream(from) : from;
  }

  /** For compiled functions that are given this generator: each call takes the next key. */
  get [keyStream](): KeyStream {
    return this.#keys;
  }

  #next(): number {
    this.#single ??= generatorOf(this.#keys.key, singleOrdinal);
    return this.#single.float64();
  }

  /** A uniform number in [0, 1), as Math.random gives, or an array of a shape. */
  random(): number;
  random(shape: ShapeArgument): NDArray<'float64'>;
  random(shape?: ShapeArgument): number | NDArray<'float64'> {
    return shape === undefined ? this.#next() : this.uniform(0, 1, shape);
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

  /** 0 to n − 1 in random order, or the places of an array's first axis. */
  permutation(n: number): NDArray<'int64'>;
  permutation<D extends DType>(array: NDArray<D>): NDArray<D>;
  permutation(of: number | NDArray): NDArray {
    if (typeof of !== 'number') return arrayOf(shuffled(nodeOf(of, 'permutation'), this.#keys.take(), 'permutation'));
    toShape(of, 'permutation');
    return arrayOf(permutationNode(of, this.#keys.take()));
  }

  /** Brings the places of an array's first axis into random order, and gives the array back. */
  shuffle<D extends DType>(array: NDArray<D>): NDArray<D> {
    const node = nodeOf(array, 'shuffle');
    return array.assign(arrayOf<D>(shuffled(node, this.#keys.take(), 'shuffle')));
  }

  /** Elements of an array of one axis, or numbers from 0 to n − 1, picked at random: one, or an array of a shape. */
  choice(from: number, shape?: undefined, options?: ChoiceOptions<NDArray<'float64'>>): number;
  choice(from: number, shape: ShapeArgument, options?: ChoiceOptions<NDArray<'float64'>>): NDArray<'int64'>;
  choice<D extends DType>(from: NDArray<D>, shape?: undefined, options?: ChoiceOptions<NDArray<'float64'>>): Item<D>;
  choice<D extends DType>(
    from: NDArray<D>,
    shape: ShapeArgument,
    options?: ChoiceOptions<NDArray<'float64'>>,
  ): NDArray<D>;
  choice(
    from: number | NDArray,
    shape?: ShapeArgument,
    options: ChoiceOptions<NDArray<'float64'>> = {},
  ): number | boolean | NDArray {
    const unknown = findUnknownOption(options, ['replace', 'p']);
    if (unknown) throw new UserError('ARRAY011', `choice has no option ${unknown.name}`, { fix: unknown.fix });
    const source = typeof from === 'number' ? undefined : nodeOf(from, 'choice');
    const length = source === undefined ? (from as number) : (source.shape[0] ?? 0);
    if (!Number.isSafeInteger(length) || length < 1 || (source !== undefined && source.shape.length !== 1)) {
      throw new UserError('ARRAY001', `choice cannot pick from ${source ? showShape(source.shape) : showValue(from)}`, {
        note: 'it picks from the numbers below a count, or from an array of one axis that is not empty',
        fix: 'give a count above 0, or .flatten() the array',
      });
    }
    const places = this.#places(length, shape === undefined ? [] : toShape(shape, 'choice'), options);
    const picked = arrayOf(source === undefined ? places : take(source, places, 0));
    return shape === undefined ? picked.item() : picked;
  }

  #places(length: number, shape: Shape, { replace = true, p }: ChoiceOptions<NDArray<'float64'>>): Node {
    if (p === undefined) {
      return replace ? integersNode(0, length, shape, this.#keys.take()) : placesOnce(length, shape, this.#keys.take());
    }
    const likelihoods = nodeOf(p, 'choice');
    const possible = checkLikelihoods(likelihoods, length);
    const key = this.#keys.take();
    return replace ? unlikePlaces(shape, likelihoods, key) : unlikePlacesOnce(likelihoods, possible, shape, key);
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
const common = (): Generator => (shared ??= new Generator(sharedStream()));

/** Random numbers and arrays; without a generator of their own they are new every time the program runs. */
export const random = {
  /** A stream of its own; with a seed it gives the same numbers every time. */
  generator(seed?: number | bigint): Generator {
    return new Generator(seed === undefined ? freshKey() : rootKey(seed));
  },
  /** Compiled functions know it by this: its draws are those of the call's own generator. */
  get [keyStream](): KeyStream {
    return sharedStream();
  },
  random: ((...args: [ShapeArgument]) => common().random(...args)) as Generator['random'],
  uniform: ((...args: [number, number, ShapeArgument]) => common().uniform(...args)) as Generator['uniform'],
  normal: ((...args: [number, number, ShapeArgument]) => common().normal(...args)) as Generator['normal'],
  exponential: ((...args: [number, ShapeArgument]) => common().exponential(...args)) as Generator['exponential'],
  integers: ((...args: [number, number, ShapeArgument]) => common().integers(...args)) as Generator['integers'],
  permutation: ((...args: [number]) => common().permutation(...args)) as Generator['permutation'],
  shuffle: ((...args: [NDArray]) => common().shuffle(...args)) as Generator['shuffle'],
  choice: ((...args: [number, ShapeArgument]) => common().choice(...args)) as Generator['choice'],
};
