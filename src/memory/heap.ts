// The memory that compiled code runs in: one shared WebAssembly.Memory for the process, made when it is first needed. So far it holds
// only what a call needs while it runs, handed out like a stack.
import { InternalError } from '../base/errors.js';

const pageBytes = 65_536;
/** For calls inside calls, and their scratch; a call takes about a kilobyte. */
const callPages = 4;
/** Addresses below this are never handed out, so that 0 can mean none. */
const firstAddress = 64;

export interface Heap {
  readonly memory: WebAssembly.Memory;
  readonly view: DataView;
}

/** What a module that is to run in the heap has to import. */
export const heapLimits = { initialPages: callPages, maximumPages: callPages, isShared: true } as const;

let heap: Heap | undefined;
let stackTop = firstAddress;

export function openHeap(): Heap {
  if (heap === undefined) {
    const memory = new WebAssembly.Memory({ initial: callPages, maximum: callPages, shared: true });
    heap = { memory, view: new DataView(memory.buffer) };
  }
  return heap;
}

/** Lends `bytes` of the heap, at an address that 16 divides, for the time of `use`. */
export function withCallMemory<T>(bytes: number, use: (address: number) => T): T {
  const address = Math.ceil(stackTop / 16) * 16;
  if (address + bytes > callPages * pageBytes)
    throw new InternalError('HEAP001', `a call needs ${bytes} bytes, more than the heap keeps for calls`);
  const before = stackTop;
  stackTop = address + bytes;
  try {
    return use(address);
  } finally {
    stackTop = before;
  }
}
