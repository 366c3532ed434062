// Typed arrays on their way into a call and out of it. What lies in the heap is used in place. Anything else is copied in: arrays over one
// piece of memory that overlap get one common copy, so that they still do; what was written is copied back when the call has succeeded.
// Which arrays overlap is part of what a function is compiled for: of others a kernel may know that they do not.
import { UserError } from '../base/errors.js';
import { allocate, borrowCallMemory, isInHeap, openHeap, release, returnCallMemory } from '../memory/heap.js';
import type { HeapArray } from '../memory/lifetime.js';
import { calledName } from './refuse.js';

export type { HeapArray };

/** Bytes of some memory: those of a typed array, or those that an array with a shape spans. */
export type Span = Pick<HeapArray, 'buffer' | 'byteOffset' | 'byteLength'>;

const end = ({ byteOffset, byteLength }: Span): number => byteOffset + byteLength;

function overlap(a: Span, b: Span): boolean {
  if (a.byteLength === 0 || b.byteLength === 0) return false;
  // The heap has a new buffer object each time that it has grown.
  const isSameMemory = a.buffer === b.buffer || (isInHeap(a) && isInHeap(b));
  return isSameMemory && a.byteOffset < end(b) && b.byteOffset < end(a);
}

/** For each array the number of its alias class: those that overlap, also by way of others, have the same. */
export function aliasClassesOf(arrays: readonly Span[]): number[] {
  const classes: number[] = [];
  for (const [index, array] of arrays.entries()) {
    const touched = new Set(classes.filter((_, other) => overlap(array, arrays[other]!)));
    const least = Math.min(index, ...touched);
    for (const [other, one] of classes.entries()) if (touched.has(one)) classes[other] = least;
    classes.push(least);
  }
  // Numbered as they come, so that equal patterns have equal numbers.
  const numbers = new Map<number, number>();
  return classes.map((one) => {
    if (!numbers.has(one)) numbers.set(one, numbers.size);
    return numbers.get(one)!;
  });
}

/** For each array the first one that begins where it does, and whose elements are of the same kind: their elements are the same ones. */
export function twinsOf(arrays: readonly HeapArray[]): number[] {
  const beginsLike = (a: HeapArray, b: HeapArray): boolean =>
    a.constructor === b.constructor && a.byteOffset === b.byteOffset && overlap(a, b);
  return arrays.map((array, index) => {
    const first = arrays.findIndex((other) => beginsLike(array, other));
    return first < 0 ? index : first;
  });
}

/** @throws {UserError} JIT013 for a written array over shared memory that is not heddle's */
export function refuseForeignMemory(name: string, array: HeapArray, index: number): void {
  if (typeof SharedArrayBuffer === 'undefined' || !(array.buffer instanceof SharedArrayBuffer) || isInHeap(array))
    return;
  throw new UserError(
    'JIT013',
    `${calledName(name)} writes to its argument ${index + 1}, which lies in shared memory that is not heddle's`,
    {
      note: 'it would have to be copied out and in, and what other threads write meanwhile would be lost',
      fix: 'make the array with alloc, whose memory all threads share: alloc.float64(n)',
    },
  );
}

const alignment = 16;

/** Where arrays lie for the time of a call. */
export interface LentMemory {
  /** The address of so many bytes. */
  borrow(bytes: number): number;
  giveBack(address: number, bytes: number): void;
}

/** For calls that end before any that begins later: a stack. */
export const callMemory: LentMemory = {
  borrow: borrowCallMemory,
  giveBack: (_, bytes) => returnCallMemory(bytes),
};

/** For calls that end in any order. */
export const heapMemory: LentMemory = {
  borrow: (bytes) => allocate(bytes, { label: 'arguments of a call' }),
  giveBack: (address) => release(address),
};

/** Arrays in the heap for the time of a call. */
export class LentArrays {
  /** Where each array's first element lies. */
  readonly addresses: number[] = [];
  readonly #arrays: readonly HeapArray[];
  readonly #memory: LentMemory;
  #address = 0;
  #borrowed = 0;
  readonly #copied: boolean[] = [];

  /** Copies in what does not lie in the heap; `fresh` are bytes of zeros that are wanted besides, each at an address of its own. */
  constructor(arrays: readonly HeapArray[], classes: readonly number[], fresh: readonly number[], memory: LentMemory) {
    this.#arrays = arrays;
    this.#memory = memory;
    const pieces = new Map<number, { buffer: ArrayBufferLike; start: number; end: number; address: number }>();
    let bytes = 0;
    for (const [index, array] of arrays.entries()) {
      if (isInHeap(array)) continue;
      const piece = pieces.get(classes[index]!);
      const start = Math.floor(array.byteOffset / alignment) * alignment;
      if (piece === undefined)
        pieces.set(classes[index]!, { buffer: array.buffer, start, end: end(array), address: 0 });
      else [piece.start, piece.end] = [Math.min(piece.start, start), Math.max(piece.end, end(array))];
    }
    const roundedUp = (size: number): number => Math.ceil(size / alignment) * alignment;
    for (const piece of pieces.values()) bytes += roundedUp(piece.end - piece.start);
    for (const size of fresh) bytes += roundedUp(size);
    let next = bytes === 0 ? 0 : memory.borrow(bytes);
    this.#address = next;
    this.#borrowed = bytes;
    const { bytes: heap } = openHeap();
    for (const piece of pieces.values()) {
      piece.address = next;
      next += roundedUp(piece.end - piece.start);
    }
    for (const [index, array] of arrays.entries()) {
      const piece = isInHeap(array) ? undefined : pieces.get(classes[index]!);
      this.#copied.push(piece !== undefined);
      const address = piece === undefined ? array.byteOffset : piece.address + array.byteOffset - piece.start;
      this.addresses.push(address);
      if (piece !== undefined) heap.set(bytesOf(array), address);
    }
    for (const size of fresh) {
      this.addresses.push(next);
      heap.fill(0, next, next + size);
      next += roundedUp(size);
    }
  }

  /** Copies back what was written. */
  copyBack(isWritten: readonly boolean[]): void {
    const { bytes: heap } = openHeap();
    for (const [index, array] of this.#arrays.entries()) {
      if (!this.#copied[index] || !isWritten[index]) continue;
      const address = this.addresses[index]!;
      bytesOf(array).set(heap.subarray(address, address + array.byteLength));
    }
  }

  /** What the kernel has left at an address, as an ordinary array. */
  taken(address: number, name: string, length: number): HeapArray {
    const kind = (globalThis as unknown as Record<string, new (length: number) => HeapArray>)[name]!;
    const array = new kind(length);
    bytesOf(array).set(openHeap().bytes.subarray(address, address + array.byteLength));
    return array;
  }

  get hasCopies(): boolean {
    return this.#copied.includes(true);
  }

  giveBack(): void {
    if (this.#borrowed > 0) this.#memory.giveBack(this.#address, this.#borrowed);
  }
}

/** Over a buffer that has been transferred to another owner there can be no view, not even of nothing. */
const bytesOf = ({ buffer, byteOffset, byteLength }: HeapArray): Uint8Array =>
  byteLength === 0 ? new Uint8Array() : new Uint8Array(buffer, byteOffset, byteLength);
