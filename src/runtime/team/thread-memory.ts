// The memory that a thread lends to kernels while it runs them: one piece of the heap, replaced by a larger one when a job wants more.
import { allocate, openHeap, release } from '../../memory/heap.js';

/** Bytes of the heap, wherever it has grown to. */
export function heapBytes(address: number, length: number): Uint8Array {
  const { memory } = openHeap();
  // Another thread may have grown the memory; growing it by nothing lets this thread see it.
  if (address + length > memory.buffer.byteLength) memory.grow(0);
  return new Uint8Array(memory.buffer, address, length);
}

export const roundedUp = (bytes: number): number => Math.ceil(bytes / 16) * 16;

export class ThreadMemory {
  #address = 0;
  #bytes = 0;
  readonly #onMove: (address: number, bytes: number) => void;

  /** `onMove` hears where the memory is now, before the old piece is released. */
  constructor(onMove: (address: number, bytes: number) => void = () => {}) {
    this.#onMove = onMove;
  }

  /** The address of at least so many bytes, which 16 divides; what was in them before is gone. */
  reserve(bytes: number): number {
    if (bytes <= this.#bytes) return this.#address;
    // Doubled, so that jobs which want a little more each time do not move it each time.
    const size = Math.max(roundedUp(bytes), 2 * this.#bytes, 1024);
    const [old, address] = [this.#address, allocate(size, 64)];
    this.#address = address;
    this.#bytes = size;
    this.#onMove(address, size);
    if (old !== 0) release(old);
    return address;
  }

  get bytes(): number {
    return this.#bytes;
  }

  release(): void {
    if (this.#address === 0) return;
    release(this.#address);
    this.#address = 0;
    this.#bytes = 0;
    this.#onMove(0, 0);
  }
}
