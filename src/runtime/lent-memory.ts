// What a call has been lent for the buffers that it begins: given back at its end; a buffer that begins anew takes what it had, if that is enough.
import type { Heap } from '../memory/heap.js';

export class LentMemory {
  readonly #heap: Heap;
  readonly #take: (bytes: number) => number;
  readonly #give: (address: number, bytes: number) => void;
  readonly #blocks = new Map<number, { address: number; bytes: number }>();
  readonly #taken: { readonly address: number; readonly bytes: number }[] = [];

  /** `take` gives an address that 16 divides; what it gave goes back with `give`, the latest first. */
  constructor(heap: Heap, take: (bytes: number) => number, give: (address: number, bytes: number) => void) {
    this.#heap = heap;
    this.#take = take;
    this.#give = give;
  }

  /** The address of so many zeros for the buffer with that slot. */
  lend(slot: number, bytes: number): number {
    let block = this.#blocks.get(slot);
    if (block === undefined || block.bytes < bytes) {
      block = { address: this.#take(bytes), bytes };
      this.#blocks.set(slot, block);
      this.#taken.push(block);
    }
    this.#heap.bytes.fill(0, block.address, block.address + bytes);
    return block.address;
  }

  giveBack(): void {
    for (const { address, bytes } of this.#taken.toReversed()) this.#give(address, bytes);
  }
}
