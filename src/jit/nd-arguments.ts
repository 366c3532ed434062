// Arrays with a shape on their way into a call: they lie in the heap, so they are used where they are. Arrays are values, so two of them
// share elements only if they are one and the same: what is written is first made to be nobody else's (memory/lent-arrays.ts). Only typed
// arrays over the same memory, which `data()` hands out, may see what an array with a shape is written, and the other way round.
import { openHeap } from '../memory/heap.js';
import { canBeLent, lend, lock, makeArray } from '../memory/lent-arrays.js';
import type { LentArray, Lying } from '../memory/lent-arrays.js';
import { aliasClassesOf } from './arguments.js';
import type { HeapArray, Span } from './arguments.js';
import { ndScalars, storageOf, typeOfLent } from './nd-types.js';
import type { NdType } from './nd-types.js';
import { storageTypes } from '../ir/types.js';

export { canBeLent };
export type { LentArray };

type AnyArray = HeapArray | LentArray;

/** The bytes from its first element in memory to its last. */
export function spanOf({ shape, dtype }: LentArray, { place, strides, offset }: Lying): Span {
  const { byteLength } = storageTypes[storageOf[dtype]];
  const { buffer } = openHeap().bytes;
  if (shape.includes(0)) return { buffer, byteOffset: 0, byteLength: 0 };
  let [first, last] = [offset, offset];
  for (const [axis, length] of shape.entries()) {
    const distance = (length - 1) * strides[axis]!;
    if (distance < 0) first += distance;
    else last += distance;
  }
  return { buffer, byteOffset: place.addressOf(first), byteLength: (last + 1 - first) * byteLength };
}

export interface LentArgument {
  readonly type: NdType;
  readonly lying: Lying;
}

export function lentArgument(array: LentArray): LentArgument {
  const lying = array[lend]('read');
  return { type: typeOfLent(array, lying), lying };
}

/** Alias classes of typed arrays and arrays with a shape together. */
export function aliasClassesOfAll(arrays: readonly AnyArray[]): number[] {
  if (!arrays.some(canBeLent)) return aliasClassesOf(arrays as readonly HeapArray[]);
  const hasTyped = !arrays.every(canBeLent);
  const spans = arrays.map((array) => {
    if (!canBeLent(array)) return { array, span: array };
    return { array, span: hasTyped ? spanOf(array, array[lend]('read')) : nowhere };
  });
  const classes = aliasClassesOf(spans.map(({ span }) => span));
  // One array that is given twice is one, wherever it lies.
  const numbers = new Map<AnyArray, number>();
  return classes.map((one, index) => {
    const { array } = spans[index]!;
    if (!numbers.has(array)) numbers.set(array, one);
    return numbers.get(array)!;
  });
}

const nowhere: Span = { buffer: new ArrayBuffer(0), byteOffset: 0, byteLength: 0 };

/** A new array with the elements of another. */
export function duplicate(array: LentArray): LentArray {
  const copy = makeArray(array.shape, array.dtype);
  const { buffer, byteOffset, byteLength } = array.toTypedArray();
  openHeap().bytes.set(new Uint8Array(buffer, byteOffset, byteLength), addressOf(copy[lend]('write')));
  return copy;
}

/** Makes of what is written arrays that nobody else holds; true where one lies elsewhere since. */
export function makeWritable(args: readonly unknown[], isWritten: readonly boolean[]): boolean {
  let hasMoved = false;
  for (const [index, arg] of args.entries()) {
    if (!isWritten[index] || !canBeLent(arg)) continue;
    const before = arg[lend]('read');
    hasMoved = arg[lend]('write') !== before || hasMoved;
  }
  return hasMoved;
}

/** An argument of a call that goes on for a while: what is read stays as it is, and nobody else uses what is written. */
export function holdLent(array: LentArray, { place }: Lying, isWritten: boolean): () => void {
  place.pin();
  const unlock = isWritten ? array[lock]() : undefined;
  return () => {
    unlock?.();
    place.unpin();
  };
}

export const addressOf = ({ place, offset }: Lying): number => place.addressOf(offset);

export const scalarsOf = ({ shape }: LentArray, { type, lying }: LentArgument): bigint[] =>
  ndScalars(type, shape, lying.strides);
