// The thread that looks at the clock for another one, which is in the middle of a synchronous call with a deadline, and the words that the two
// share. deadlines.ts is the other one's side; README.md, "A deadline in the middle of a block", tells who writes which word.
import { heapBytes } from './thread-memory.js';

/** In the place of a thread's slot: the thread is a watcher, and `control` its watch. */
export const watcherSlot = -1;

/** Words of a watch, from its beginning; the doubles are at even words. */
export const watchWord = {
  /** Its last two bits tell what is going on, the others count the calls. */
  ticket: 0,
  /** The stop word: 1 when the time is over. */
  stop: 1,
  /** When the watcher looks again by itself, in milliseconds since `start`. */
  wakes: 2,
  start: 4,
  /** When the call began, and the milliseconds that it was given. */
  began: 6,
  given: 8,
} as const;
export const watchBytes = 64;

export const idle = 0;
export const armed = 1;
const firing = 2;
export const phaseOf = (ticket: number): number => ticket & 3;
export const nextTicket = (ticket: number): number => ((ticket & ~3) + 4) | 0;
export const never = 0x7fffffff;
/** What is waited for at once; longer deadlines are looked at in between. */
const longestWait = 2 ** 30;

export interface Watch {
  readonly words: Int32Array;
  readonly doubles: Float64Array;
  readonly at: number;
}

export function viewWatch(address: number): Watch {
  const { buffer } = heapBytes(address, watchBytes);
  return { words: new Int32Array(buffer), doubles: new Float64Array(buffer), at: address / 4 };
}

/** What is left of the time that the call was given. The clock of the day may be set meanwhile; nobody waits longer for that. */
function millisecondsLeft({ doubles, at }: Watch): number {
  const began = doubles[(at + watchWord.began) / 2]!;
  const given = doubles[(at + watchWord.given) / 2]!;
  return given - Math.max(0, Date.now() - began);
}

/** What a watcher does all its life. */
export function watchDeadlines(address: number): never {
  const watch = viewWatch(address);
  const { words, doubles, at } = watch;
  const start = doubles[(at + watchWord.start) / 2]!;
  for (;;) {
    const ticket = Atomics.load(words, at + watchWord.ticket);
    const left = phaseOf(ticket) === armed ? Math.min(millisecondsLeft(watch), longestWait) : Infinity;
    if (left > 0) {
      const wakes = left === Infinity ? never : Math.min(Date.now() - start + left, never);
      Atomics.store(words, at + watchWord.wakes, wakes);
      // Returns at once if a call has begun or ended in between.
      Atomics.wait(words, at + watchWord.ticket, ticket, left);
    } else if (Atomics.compareExchange(words, at + watchWord.ticket, ticket, (ticket & ~3) | firing) === ticket) {
      Atomics.store(words, at + watchWord.stop, 1);
      Atomics.store(words, at + watchWord.ticket, nextTicket(ticket));
    }
  }
}
