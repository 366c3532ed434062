// Where streams of random numbers come from: seeds become keys, keys have children, and a key with an ordinal starts a generator.
// The rules are those of docs/random.md, 3 and 4; keys are 64-bit integers, held as bigints because they are made rarely.
import { UserError } from '../base/errors.js';
import { showValue } from '../base/show-value.js';
import { Xoshiro256 } from './xoshiro256.js';

/** The increment of splitmix64: 2⁶⁴ divided by the golden ratio, made odd. */
const golden = 0x9e3779b97f4a7c15n;

const toUint64 = (value: bigint): bigint => BigInt.asUintN(64, value);

/** The finaliser of splitmix64, a bijection of 64-bit integers. Source: Steele, Lea and Flood 2014; constants of Stafford's variant 13. */
export function mix(value: bigint): bigint {
  let z = toUint64(value);
  z = toUint64((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
  z = toUint64((z ^ (z >> 27n)) * 0x94d049bb133111ebn);
  return z ^ (z >> 31n);
}

/** The key of the `ordinal`-th child of `key`. */
export function childKey(key: bigint, ordinal: bigint): bigint {
  return mix(mix(key) + golden * (ordinal + 1n));
}

/** The generator gen(key, ordinal). */
export function generatorOf(key: bigint, ordinal: bigint): Xoshiro256 {
  const child = childKey(key, ordinal);
  const word = (index: bigint): bigint => mix(child + golden * (index + 1n));
  return Xoshiro256.fromState(word(0n), word(1n), word(2n), word(3n));
}

/**
 * The root key of a seed: an integer number up to 2⁵³ − 1 in size, or any bigint, modulo 2⁶⁴; 42 and 42n agree.
 *
 * @throws {UserError} RANDOM001 for anything else
 */
export function rootKey(seed: number | bigint): bigint {
  if (typeof seed === 'bigint') return toUint64(seed);
  if (Number.isSafeInteger(seed)) return toUint64(BigInt(seed));
  throw new UserError('RANDOM001', `a seed cannot be ${showValue(seed)}`, {
    note: 'a seed is a whole number, and beyond 2^53 a number no longer holds every one of them',
    fix: 'give an integer from -9007199254740991 to 9007199254740991, or a bigint such as 12345678901234567890n',
  });
}

/** A key that hands out its children one after the other: what a generator object, a jitted function or a spawned stream draws its keys from. */
export class KeyStream {
  readonly key: bigint;
  #next = 0n;

  constructor(key: bigint) {
    this.key = key;
  }

  /** The key of the next child; each is given once. */
  take(): bigint {
    const child = childKey(this.key, this.#next);
    this.#next = toUint64(this.#next + 1n);
    return child;
  }
}

/** Under this name an object that draws keeps its stream, so that front ends know each other's generators by what they are. */
export const keyStream: unique symbol = Symbol('heddle.keyStream');

/** A generator of random numbers, as every front end knows it: a stream, whose next key a call that is given it takes (docs/random.md, 4). */
export interface RandomStream {
  readonly [keyStream]: KeyStream;
}

export function isRandomStream(value: unknown): value is RandomStream {
  return typeof value === 'object' && value !== null && keyStream in value;
}

let shared: KeyStream | undefined;

/** The stream of what is drawn without a generator: it is the process's own, and new every time. */
export const sharedStream = (): KeyStream => (shared ??= new KeyStream(freshKey()));

/** As the engine has it: who puts another in its place gets other draws of their own, and not the same ones again and again from us. */
const { random } = Math;

/**
 * A key of its own for draws without a seed: from the engine's generator, which begins with 64 bits of the system's entropy. Asking the
 * system itself, by `crypto`, takes Node 7 ms the first time.
 */
export function freshKey(): bigint {
  const word = (): bigint => BigInt(Math.floor(random() * 2 ** 32));
  return (word() << 32n) | word();
}
