// Which memory asynchronous calls work on. Such a call reads and writes while the program goes on, so until its promise settles nothing else may
// write what it uses, nor read what it writes: that would be a race, whose outcome differs from run to run. Typed arrays cannot be locked
// against the program itself; what is checked here is what heddle's own calls do with them. Arrays with a shape, which can be locked, are
// (memory/lent-arrays.ts), and stand here for the typed arrays over their memory that have been handed out.
import { UserError } from '../base/errors.js';
import { isInHeap } from './heap.js';

/** A piece of memory that a call works on, and how: that of a typed array, or what an array with a shape spans. */
export interface Use {
  readonly array: ArrayBufferView;
  readonly isWritten: boolean;
  /** Who uses it, and what it is there, as errors tell it. */
  readonly by: string;
  readonly as: string;
}

const held = new Set<Use>();

function overlap(a: ArrayBufferView, b: ArrayBufferView): boolean {
  if (a.byteLength === 0 || b.byteLength === 0) return false;
  // The heap has a new buffer object each time that it has grown.
  const isSameMemory = a.buffer === b.buffer || (isInHeap(a) && isInHeap(b));
  return isSameMemory && a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength;
}

export const isAnythingHeld = (): boolean => held.size > 0;

/** @throws {UserError} HEAP006 where an asynchronous call that has not settled uses some of the memory, and either of the two writes it */
export function refuseHeld(uses: readonly Use[]): void {
  if (held.size === 0) return;
  for (const use of uses) {
    for (const other of held) {
      if (!(use.isWritten || other.isWritten) || !overlap(use.array, other.array)) continue;
      const verbs = [use, other].map(({ isWritten }) => (isWritten ? 'writes' : 'reads'));
      throw new UserError('HEAP006', `${use.by} cannot have ${use.as} before an asynchronous call has settled`, {
        note: `${other.by} ${verbs[1]} this memory as its ${other.as}, and here it is ${use.isWritten ? 'written' : 'read'}: which of the two comes first would be chance`,
        fix: 'await the promise of that call first, or give one of the two a copy: x.slice()',
      });
    }
  }
}

/** From here on until `end` is called the memory is in use. */
export function hold(uses: readonly Use[]): { end(): void } {
  for (const use of uses) held.add(use);
  return {
    end() {
      for (const use of uses) held.delete(use);
    },
  };
}
