// What a call has been lent for the buffers that it begins: given back at its end; a buffer that begins anew takes what it had, if that is enough.
import { allocate, release } from '../memory/heap.js';
import type { Heap } from '../memory/heap.js';

interface Block {
  readonly address: number;
  readonly bytes: number;
  readonly give: () => void;
}

/** Larger blocks come from the heap at large, which knows what was never in use and so is zero already. */
const largestBorrowed = 65_536;

export class LentMemory {
  readonly #heap: Heap;
  readonly #label: string;
  readonly #borrow: ((bytes: number) => number) | undefined;
  readonly #giveBack: (bytes: number) => void;
  readonly #blocks = new Map<number, Block>();
  readonly #taken: Block[] = [];

  /** `stack`: where small blocks come from, and go back to, the latest first; without it they come from the heap, too. */
  constructor(
    heap: Heap,
    label: string,
    stack?: { readonly borrow: (bytes: number) => number; readonly giveBack: (bytes: number) => void },
  ) {
    this.#heap = heap;
    this.#label = label;
    this.#borrow = stack?.borrow;
    this.#giveBack = stack?.giveBack ?? (() => {});
  }

  /** The address of so many zeros for the buffer with that slot. */
  lend(slot: number, bytes: number): number {
    const known = this.#blocks.get(slot);
    if (known !== undefined && known.bytes >= bytes) {
      this.#heap.bytes.fill(0, known.address, known.address + bytes);
      return known.address;
    }
    const block = this.#take(bytes);
    this.#blocks.set(slot, block);
    this.#taken.push(block);
    return block.address;
  }

  #take(bytes: number): Block {
    if (this.#borrow === undefined || bytes > largestBorrowed) {
      const address = allocate(bytes, { zeroed: true, label: this.#label });
      return { address, bytes, give: () => release(address) };
    }
    const address = this.#borrow(bytes);
    this.#heap.bytes.fill(0, address, address + bytes);
    return { address, bytes, give: () => this.#giveBack(bytes) };
  }

  giveBack(): void {
    for (const { give } of this.#taken.toReversed()) give();
  }
}
