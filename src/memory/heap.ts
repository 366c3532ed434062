// The memory that compiled code runs in: one shared WebAssembly.Memory for the process, made when it is first needed. So far it holds
// only what a call needs while it runs, handed out like a stack.
import { InternalError } from '../base/errors.js';

const pageBytes = 65_536;
/** For calls inside calls, their scratch, and the buffers that they begin; pages that nobody touches cost nothing. */
const callPages = 1024;
/** Addresses below this are never handed out, so that 0 can mean none. */
const firstAddress = 64;

/** The memory, and views of all of it; an index of `longs` or `doubles` is an address divided by 8. */
export interface Heap {
  readonly memory: WebAssembly.Memory;
  readonly longs: BigInt64Array;
  readonly doubles: Float64Array;
  readonly floats: Float32Array;
  readonly words: Int32Array;
}

/** What a module that is to run in the heap has to import. */
export const heapLimits = { initialPages: callPages, maximumPages: callPages, isShared: true } as const;

let heap: Heap | undefined;
let stackTop = firstAddress;

export function openHeap(): Heap {
  if (heap === undefined) {
    const memory = new WebAssembly.Memory({ initial: callPages, maximum: callPages, shared: true });
    const { buffer } = memory;
    heap = {
      memory,
      longs: new BigInt64Array(buffer),
      doubles: new Float64Array(buffer),
      floats: new Float32Array(buffer),
      words: new Int32Array(buffer),
    };
  }
  return heap;
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
