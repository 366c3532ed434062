// When a block of the heap is free again: when the last of its owners is garbage, or earlier, when somebody disposes of it. An owner is any
// object that was registered as one: an array's own record, or a typed array that was handed out over the block, and each subarray of that.
//
// A FinalizationRegistry tells of owners that are gone, but only between jobs, and some engines late; a loop that never awaits would fill
// the heap with garbage. So a weak reference to each owner is kept beside it, and looked at when the heap asks (heap.ts, reclaim).
//
// Other threads: owners belong to the thread that made them. A view that was posted to another thread owns nothing there.
import { UserError } from '../base/errors.js';
import { showValue } from '../base/show-value.js';
import { allocate, openHeap, reclaim, release, setReclaimer } from './heap.js';

/** A weak reference to an owner, and what it owns. */
class Ownership extends WeakRef<object> {
  readonly block: HeapBlock;

  constructor(owner: object, block: HeapBlock) {
    super(owner);
    this.block = block;
  }
}

const ownerships = new Set<Ownership>();

/**
 * Weak references that a job makes keep their objects alive until it ends, so that a long loop without awaits could run out of the engine's
 * own memory with millions of small arrays; beyond this many, and twice as many as were alive last time, garbage is collected.
 */
const leastToCollectAbove = 2 ** 16;
let collectAbove = leastToCollectAbove;

function endOwnership(ownership: Ownership): void {
  if (ownerships.delete(ownership)) ownership.block.lose();
}

let registry: FinalizationRegistry<Ownership> | undefined;

function startRegistry(): FinalizationRegistry<Ownership> {
  setReclaimer({
    sweep() {
      for (const ownership of ownerships) if (ownership.deref() === undefined) endOwnership(ownership);
    },
    largest(count) {
      const blocks = new Set<HeapBlock>();
      for (const { block } of ownerships) if (!block.isDisposed) blocks.add(block);
      const sorted = [...blocks].sort((a, b) => b.bytes - a.bytes);
      return sorted.slice(0, count).map(({ label, bytes }) => ({ label, bytes }));
    },
  });
  return new FinalizationRegistry(endOwnership);
}

/** A block of the heap, and how many objects own it. */
export class HeapBlock {
  readonly address: number;
  readonly bytes: number;
  /** What it is, as the error of a full heap and the statistics tell it. */
  readonly label: string;
  #owners = 0;
  #isDisposed = false;

  /** A new block, zero-filled if asked; register its first owner before anything else can go wrong. */
  constructor(bytes: number, label: string, zeroed: boolean) {
    this.address = allocate(bytes, { zeroed, label, endsWithThread: true });
    this.bytes = bytes;
    this.label = label;
  }

  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  /** The block stays as long as this object does. */
  addOwner(owner: object): void {
    if (this.#isDisposed) return;
    registry ??= startRegistry();
    const ownership = new Ownership(owner, this);
    this.#owners++;
    ownerships.add(ownership);
    registry.register(owner, ownership);
    if (ownerships.size > collectAbove) {
      reclaim();
      collectAbove = Math.max(leastToCollectAbove, 2 * ownerships.size);
    }
  }

  /** One of its owners is gone. */
  lose(): void {
    this.#owners--;
    if (this.#owners === 0) this.dispose();
  }

  /** Frees it now. Whoever lets people read it has to refuse from here on: the memory may be given to others at once. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    release(this.address);
  }
}

/** Small, as one piece that is still in use keeps all of it; more than a few on it cost next to nothing each. */
const shelfBytes = 1024;
/** Larger pieces have a block of their own. */
export const largestOnShelf = 256;

/**
 * A block for several short-lived pieces, one behind the other. Who uses a piece refers to the shelf, which is the only owner of the block:
 * watching over one shelf costs the collector as much as over one array, and there are far fewer of them.
 */
export class Shelf {
  readonly block: HeapBlock;
  #taken = 0;
  #pieces = 0;

  constructor() {
    this.block = new HeapBlock(shelfBytes, 'short arrays', false);
    this.block.addOwner(this);
  }

  /** Where a piece begins, in bytes from the start of the block; undefined where no room is left for it. */
  take(bytes: number): number | undefined {
    const offset = this.#taken;
    const end = offset + Math.max(16, Math.ceil(bytes / 16) * 16);
    if (end > shelfBytes) return undefined;
    this.#taken = end;
    this.#pieces++;
    return offset;
  }

  /** A piece is free again, whose user must not use it any more; garbage need not say so. */
  giveBack(): void {
    if (--this.#pieces > 0) return;
    if (this === openShelf) this.#taken = 0;
    else this.block.dispose();
  }
}

/** The one that pieces are taken from. */
let openShelf: Shelf | undefined;

/** A piece of a shelf, 16 dividing its address, for as long as its user refers to the shelf. */
export function takeFromShelf(bytes: number): { readonly shelf: Shelf; readonly offset: number } {
  if (openShelf !== undefined) {
    const offset = openShelf.take(bytes);
    if (offset !== undefined) return { shelf: openShelf, offset };
  }
  const shelf = new Shelf();
  openShelf = shelf;
  return { shelf, offset: shelf.take(bytes)! };
}

/** The typed arrays that can lie in the heap. */
export type HeapArray =
  | Float64Array
  | Float32Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

interface HeapArrayConstructor<A extends HeapArray> {
  readonly name: string;
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): A;
}

/** Gives back what it was given, so that a subclass of it adds its own private field to that very object. */
function Given(object: object): object {
  return object;
}

/** Writes on an array, where nobody else sees it, of which block it is: a WeakMap would cost a microsecond an array, most of it in collections. */
class Marked extends (Given as unknown as new (object: object) => object) {
  readonly #block: HeapBlock;

  constructor(array: object, block: HeapBlock) {
    super(array);
    this.#block = block;
  }

  static blockOf(array: object): HeapBlock | undefined {
    return #block in array ? array.#block : undefined;
  }
}

/** The block that a typed array was handed out over; undefined for ordinary ones. */
export const blockOf = (array: HeapArray): HeapBlock | undefined => Marked.blockOf(array);

function own(array: HeapArray, block: HeapBlock): void {
  void new Marked(array, block);
  block.addOwner(array);
}

/** What all kinds have in common; the types speak of one of them. */
interface PlainConstructor {
  readonly name: string;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): Float64Array;
}

/**
 * The class of the typed arrays of one kind that lie in the heap: what they are in all else, but each `subarray` is one more owner of the
 * block. What copies (`slice`, `map`, `filter`) gives ordinary arrays.
 *
 * Their `constructor` is that of ordinary ones, which libraries compare to tell kinds apart (the `toEqual` of test runners too). It is also
 * where ECMAScript would look for the species of derived arrays, so `Float64Array.prototype.subarray.call(array)`, unlike the array's own
 * method, gives a view that owns nothing, as `new Float64Array(array.buffer, …)` does in any case.
 */
function makeHandedOut(plain: PlainConstructor): HeapArrayConstructor<HeapArray> {
  class HandedOut extends plain {
    override subarray(begin?: number, end?: number): Float64Array {
      const { buffer, byteOffset, length } = super.subarray(begin, end);
      const part = new HandedOut(buffer, byteOffset, length);
      const block = Marked.blockOf(this);
      if (block !== undefined) own(part, block);
      return part;
    }
  }
  Object.defineProperty(HandedOut.prototype, 'constructor', { value: plain, configurable: true, writable: true });
  return HandedOut as unknown as HeapArrayConstructor<HeapArray>;
}

const handedOut = new Map<unknown, HeapArrayConstructor<HeapArray>>();

/** A typed array over elements of a block, which stays as long as the array, or any subarray of it, does. */
export function handOut<A extends HeapArray>(
  kind: HeapArrayConstructor<A>,
  block: HeapBlock,
  byteOffset: number,
  length: number,
): A {
  let subclass = handedOut.get(kind);
  if (subclass === undefined) {
    subclass = makeHandedOut(kind as unknown as PlainConstructor);
    handedOut.set(kind, subclass);
  }
  const array = new subclass(openHeap().bytes.buffer, block.address + byteOffset, length);
  own(array, block);
  return array as A;
}

/** Makes the function of `alloc` for one kind of typed array. */
const allocator =
  <A extends HeapArray>(name: string, kind: HeapArrayConstructor<A>) =>
  (length: number): A => {
    if (!Number.isSafeInteger(length) || length < 0) {
      throw new UserError('HEAP003', `alloc.${name} cannot make an array of ${showValue(length)} elements`, {
        fix: 'give the number of elements: a whole number from 0 up',
      });
    }
    const block = new HeapBlock(length * kind.BYTES_PER_ELEMENT, kind.name, true);
    return handOut(kind, block, 0, length);
  };

/**
 * Typed arrays in heddle's own memory, zero-filled: plain code reads and writes them like any other, and compiled code uses them in place
 * instead of copying them in and out. They are freed when they, and all their subarrays, are garbage. All threads share that memory:
 * keep an array for as long as another thread uses a view of it.
 *
 * @throws {UserError} HEAP002 when the memory is full, HEAP003 for a length that is none
 * @example
 * import { alloc } from 'heddle';
 * const squares = alloc.float64(4);
 * for (let i = 0; i < squares.length; i++) squares[i] = i * i;
 * console.log(squares.subarray(2)); // Float64Array(2) [ 4, 9 ]
 */
export const alloc = {
  float64: allocator<Float64Array>('float64', Float64Array),
  float32: allocator<Float32Array>('float32', Float32Array),
  int8: allocator<Int8Array>('int8', Int8Array),
  uint8: allocator<Uint8Array>('uint8', Uint8Array),
  uint8Clamped: allocator<Uint8ClampedArray>('uint8Clamped', Uint8ClampedArray),
  int16: allocator<Int16Array>('int16', Int16Array),
  uint16: allocator<Uint16Array>('uint16', Uint16Array),
  int32: allocator<Int32Array>('int32', Int32Array),
  uint32: allocator<Uint32Array>('uint32', Uint32Array),
  int64: allocator<BigInt64Array>('int64', BigInt64Array),
  uint64: allocator<BigUint64Array>('uint64', BigUint64Array),
} as const;
