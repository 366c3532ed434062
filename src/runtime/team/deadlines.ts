// Deadlines of synchronous calls: a thread in the middle of a kernel cannot look at a clock, so another one does it, and writes the stop word
// that kernels look at. Each thread that gives its calls time has a watcher of its own (deadline-watcher.ts), started with the first of them:
// a worker that sleeps. README.md, "A deadline in the middle of a block".
import { startTeamThread } from '#platform/threads';
import { allocate, openHeap } from '../../memory/heap.js';
import { noteOnce } from '../../platform/settings.js';
import {
  armed,
  idle,
  never,
  nextTicket,
  phaseOf,
  viewWatch,
  watchBytes,
  watcherSlot,
  watchWord,
} from './deadline-watcher.js';
import type { Watch } from './deadline-watcher.js';
import { describeError } from './failure.js';
import { hasSharedHeap } from './job.js';

/** Of this thread: undefined before the first deadline, null where there can be none. */
let ownWatch: Watch | null | undefined;

function startWatch(): Watch | null {
  if (!hasSharedHeap()) return null;
  openHeap();
  const address = allocate(watchBytes, { alignment: watchBytes, zeroed: true, label: 'the watch over deadlines' });
  const watch = viewWatch(address);
  const { words, doubles, at } = watch;
  doubles[(at + watchWord.start) / 2] = Date.now();
  Atomics.store(words, at + watchWord.wakes, never);
  try {
    startTeamThread({ memory: openHeap().memory, control: address, slot: watcherSlot }).onEnd(() => {
      if (ownWatch === watch) ownWatch = undefined;
    });
  } catch (error) {
    noteOnce(
      `heddle: no thread could be started (${describeError(error)}); a deadline ends a call only where it comes back to its caller`,
    );
    return null;
  }
  return watch;
}

export interface Deadline {
  /** The address of a word that is 0 until the time is over. */
  readonly word: number;
  /** The call has ended: the word stays as it is until the next deadline of this thread. */
  end(): void;
}

/** Has the time of a call watched from now on; undefined where that is not possible, or within another call of this thread. */
export function watchDeadline(milliseconds: number): Deadline | undefined {
  const watch = (ownWatch ??= startWatch());
  if (watch === null) return undefined;
  const { words, doubles, at } = watch;
  const before = Atomics.load(words, at + watchWord.ticket);
  if (phaseOf(before) !== idle) return undefined;
  const now = Date.now();
  Atomics.store(words, at + watchWord.stop, 0);
  doubles[(at + watchWord.began) / 2] = now;
  doubles[(at + watchWord.given) / 2] = milliseconds;
  const ticket = before | armed;
  Atomics.store(words, at + watchWord.ticket, ticket);
  const end = now - doubles[(at + watchWord.start) / 2]! + milliseconds;
  // A watcher that sleeps no longer than that finds the call when it wakes: so many short calls wake it once.
  if (Atomics.load(words, at + watchWord.wakes) > end) Atomics.notify(words, at + watchWord.ticket);
  return {
    word: 4 * (at + watchWord.stop),
    end() {
      const next = nextTicket(ticket);
      if (Atomics.compareExchange(words, at + watchWord.ticket, ticket, next) === ticket) return;
      // It is being written; its writer has two instructions left, and then nothing of this call is left to do.
      while (Atomics.load(words, at + watchWord.ticket) !== next);
    },
  };
}
