// The memory that compiled code runs in: one shared WebAssembly.Memory for the process, made when it is first needed. So far it holds
// only what a call needs while it runs, handed out like a stack.
import { InternalError } from '../base/errors.js';

const pageBytes = 65_536;
/** For calls inside calls, and their scratch; a call takes about a kilobyte. */
const callPages = 4;
/** What `allocate` hands out lies above. */
const maximumPages = 4096;
/** Addresses below this are never handed out, so that 0 can mean none. */
const firstAddress = 64;

/** The memory, and views of all of it; an index of `longs` or `doubles` is an address divided by 8. */
export interface Heap {
  readonly memory: WebAssembly.Memory;
  /** Number of this thread among those that use the heap, from 1. */
  readonly thread: number;
  readonly longs: BigInt64Array;
  readonly doubles: Float64Array;
  readonly floats: Float32Array;
  readonly words: Int32Array;
}

/** What a module that is to run in the heap has to import. */
export const heapLimits = { initialPages: callPages, maximumPages, isShared: true } as const;

export const memoryLimits = (): typeof heapLimits => heapLimits;

let heap: Heap | undefined;
let stackTop = firstAddress;

export function openHeap(): Heap {
  if (heap === undefined) {
    const shared = typeof SharedArrayBuffer !== 'undefined';
    // An unshared memory cannot grow without taking itself away from those who look at it.
    attachHeap(new WebAssembly.Memory({ initial: shared ? callPages : 256, maximum: maximumPages, shared }));
  }
  return heap!;
}

/** In another thread than the one that opened the heap. */
export function attachHeap(memory: WebAssembly.Memory): Heap {
  const { buffer } = memory;
  heap = {
    memory,
    thread: Atomics.add(new Int32Array(buffer), threadsWord, 1) + 1,
    longs: new BigInt64Array(buffer),
    doubles: new Float64Array(buffer),
    floats: new Float32Array(buffer),
    words: new Int32Array(buffer),
  };
  return heap;
}

// A short list of free blocks under a lock; each block begins with its size, and a free one links to the next.
const lockWord = 8;
const freeWord = 9;
const topWord = 10;
const threadsWord = 11;
const headerBytes = 16;

function withLock<T>(work: (words: Int32Array) => T): T {
  const { words } = openHeap();
  while (Atomics.compareExchange(words, lockWord, 0, 1) !== 0);
  try {
    return work(words);
  } finally {
    Atomics.store(words, lockWord, 0);
  }
}

/** Memory at an address that `alignment` divides, until it is released. */
export function allocate(bytes: number, alignment = 16): number {
  const { memory } = openHeap();
  // Blocks are multiples of 64 bytes and begin 16 before a multiple of 64, so that every alignment up to there is kept.
  const size = Math.ceil((bytes + headerBytes) / 64) * 64;
  if (alignment > 64) throw new InternalError('HEAP001', `the heap does not align to ${alignment} bytes`);
  return withLock((low) => {
    let words = new Int32Array(memory.buffer);
    let previous = freeWord;
    for (let block = low[freeWord]!; block !== 0; block = words[previous]!) {
      if (words[block / 4] === size) {
        words[previous] = words[block / 4 + 1]!;
        return block + headerBytes;
      }
      previous = block / 4 + 1;
    }
    const block = low[topWord]! || callPages * pageBytes + 48;
    low[topWord] = block + size;
    const reach = memory.buffer instanceof ArrayBuffer ? memory.buffer.byteLength / pageBytes : memory.grow(0);
    const missing = Math.ceil((block + size) / pageBytes) - reach;
    if (missing > 0) memory.grow(missing);
    words = new Int32Array(memory.buffer);
    words[block / 4] = size;
    return block + headerBytes;
  });
}

export function release(address: number): void {
  const { memory } = openHeap();
  withLock((low) => {
    const words = new Int32Array(memory.buffer);
    const block = address - headerBytes;
    words[block / 4 + 1] = low[freeWord]!;
    low[freeWord] = block;
  });
}

const roundedUp = (bytes: number): number => Math.ceil(bytes / 16) * 16;

/** Lends `bytes` of the heap, at an address that 16 divides, until they are returned: the latest first. */
export function borrowCallMemory(bytes: number): number {
  const address = stackTop;
  if (address + bytes > callPages * pageBytes)
    throw new InternalError('HEAP001', `a call needs ${bytes} bytes, more than the heap keeps for calls`);
  stackTop = address + roundedUp(bytes);
  return address;
}

export function returnCallMemory(bytes: number): void {
  stackTop -= roundedUp(bytes);
}

/** Frees what a thread of the team, which has ended, had for itself. False where it ended in the middle of a change to the heap. */
export const forgetThread = (thread: number): boolean => thread > 0;
