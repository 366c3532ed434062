// A piece of the heap that holds the elements of one or more arrays: planned first, given memory when a kernel is about to fill it, freed when
// nothing refers to it any more, or when somebody disposes of it.
import { UserError } from '../base/errors.js';
import { openHeap } from '../memory/heap.js';
import { handOut, HeapBlock, largestOnShelf, takeFromShelf } from '../memory/lifetime.js';
import type { Shelf } from '../memory/lifetime.js';
import { bytesOf, typedArrays } from './dtypes.js';
import type { AnyTypedArray, DType } from './dtypes.js';

type HeapView = new (buffer: ArrayBufferLike, address: number, length: number) => AnyTypedArray;

/** Places that take memory while `collectPlaces` runs; undefined outside of it. */
let collecting: Place[] | undefined;

/** Runs something, and lists the places that took memory on the way; freed ones are among them. */
export function collectPlaces<T>(run: () => T): { readonly result: T; readonly places: readonly Place[] } {
  const outside = collecting;
  const places: Place[] = [];
  collecting = places;
  try {
    return { result: run(), places };
  } finally {
    collecting = outside;
    // What a scope inside keeps belongs to the scope around it.
    outside?.push(...places);
  }
}

export class Place {
  readonly dtype: DType;
  /** Elements. */
  readonly length: number;
  /** Nodes whose elements lie here: one of several cannot be written over. */
  holders = 0;
  #block: HeapBlock | undefined;
  /** What the block belongs to, where it is shared with other short arrays. */
  #shelf: Shelf | undefined;
  /** Where the elements begin in the block, in bytes. */
  #start = 0;
  #elements: AnyTypedArray | undefined;
  #isDisposed = false;
  /** Kernels of threads that still work on it: its memory stays until they are done, even if it is disposed of. */
  #pins = 0;
  #isHandedOut = false;

  constructor(dtype: DType, length: number) {
    this.dtype = dtype;
    this.length = length;
  }

  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  get isPinned(): boolean {
    return this.#pins > 0;
  }

  pin(): void {
    this.#pins++;
  }

  unpin(): void {
    if (--this.#pins === 0 && this.#isDisposed) this.#free();
  }

  #free(): void {
    if (this.#shelf === undefined) return this.#block?.dispose();
    this.#shelf.giveBack();
    this.#shelf = undefined;
  }

  #memory(): HeapBlock {
    if (this.#pins === 0) this.assertAlive();
    return this.#block ?? this.#takeMemory();
  }

  #takeMemory(): HeapBlock {
    const bytes = this.length * bytesOf(this.dtype);
    if (bytes <= largestOnShelf) {
      const { shelf, offset } = takeFromShelf(bytes);
      [this.#shelf, this.#start, this.#block] = [shelf, offset, shelf.block];
    } else {
      this.#block = new HeapBlock(bytes, `an array of ${this.length} ${this.dtype}`, false);
      this.#block.addOwner(this);
    }
    collecting?.push(this);
    return this.#block;
  }

  /** Where the element of that number lies in the heap. */
  addressOf(position: number): number {
    return this.#memory().address + this.#start + position * bytesOf(this.dtype);
  }

  /** All its elements, for our own eyes: the memory goes when the place does. */
  elements(): AnyTypedArray {
    const address = this.addressOf(0);
    const kind = typedArrays[this.dtype] as unknown as HeapView;
    this.#elements ??= new kind(openHeap().bytes.buffer, address, this.length);
    return this.#elements;
  }

  /** A part of its elements for others to keep: the memory stays as long as that array does. */
  handOut(position: number, length: number): AnyTypedArray {
    this.#isHandedOut = true;
    const block = this.#memory();
    return handOut(typedArrays[this.dtype] as never, block, this.#start + position * bytesOf(this.dtype), length);
  }

  /** @throws {UserError} ARRAY009 after `dispose` */
  assertAlive(): void {
    if (!this.#isDisposed) return;
    throw new UserError('ARRAY009', 'the numbers of this array are gone: dispose() has freed them', {
      note: 'expressions that were recorded from an array need its numbers when they are computed',
      fix: 'compute what you still need before dispose(), or before the block of `using` or `scope` ends',
    });
  }

  /** Frees the memory, unless a typed array over it was handed out, which then keeps it. */
  dispose(): void {
    if (this.#isHandedOut || this.#isDisposed) return;
    this.#isDisposed = true;
    this.#elements = undefined;
    if (this.#pins === 0) this.#free();
  }
}
