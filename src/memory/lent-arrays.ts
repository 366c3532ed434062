// How a room that has arrays lends them to one that has not: what their elements are, which shape they have, and where they lie. An array
// that can be lent says so itself, under names that only heddle knows, so that neither room imports the other. What reading and writing
// mean stays with the room that owns the arrays.

import type { HeapArray } from './lifetime.js';

export type ElementType =
  'bool' | 'int8' | 'int16' | 'int32' | 'int64' | 'uint8' | 'uint16' | 'uint32' | 'uint64' | 'float32' | 'float64';

/** A piece of the heap with elements. */
export interface LentPlace {
  /** The address of an element, by its number in the piece. */
  addressOf(position: number): number;
  /** Until as many calls of `unpin`, the memory stays where it is, and nobody writes to it in place. */
  pin(): void;
  unpin(): void;
}

/** Where elements lie: that at [0, 0, …] is the one numbered `offset`, and a step on an axis leads `strides[axis]` further. */
export interface Lying {
  readonly place: LentPlace;
  readonly strides: readonly number[];
  readonly offset: number;
}

/** Lends the elements, which are computed first where they were not; to be written, they are copied first where anybody else holds them. */
export const lend: unique symbol = Symbol('heddle.lend');
/** Keeps everybody else from using the array, until what it gives is called. */
export const lock: unique symbol = Symbol('heddle.lock');

export interface LentArray {
  readonly shape: readonly number[];
  readonly dtype: ElementType;
  /** A copy of the elements, in C order. */
  toTypedArray(): HeapArray;
  [lend](purpose: 'read' | 'write'): Lying;
  [lock](): () => void;
}

export const canBeLent = (value: unknown): value is LentArray =>
  typeof value === 'object' && value !== null && lend in value;

/** What functions that make arrays are called where a function is compiled: its text says the name, and this function is behind it. */
export type CreationName = 'zeros' | 'ones' | 'full' | 'zerosLike' | 'onesLike' | 'fullLike' | 'emptyLike';

interface Maker {
  /** A new array of zeros. */
  readonly make: (shape: readonly number[], dtype: ElementType) => LentArray;
  readonly functions: ReadonlyMap<unknown, CreationName>;
}

let maker: Maker | undefined;

/** The room that has arrays says how they are made. */
export function provideMaker(given: Maker): void {
  maker = given;
}

export const makeArray = (shape: readonly number[], dtype: ElementType): LentArray => maker!.make(shape, dtype);

/** Which of the functions that make arrays a value is, if it is one. */
export const creationOf = (value: unknown): CreationName | undefined => maker?.functions.get(value);
