// How idle threads learn of work, and how long a thread spins before it sleeps: README.md, "A synchronous call", 3, and "Sleep".
import { clock } from '#platform';
import { hasJoinable } from './job-state.js';
import { header, idle, slotAt, slotWord } from './layout.js';
import type { Control } from './layout.js';

const shortestSpin = 5e-6;
const longestSpin = 100e-6;
/** Reading the clock costs as much as a few dozen looks at a word. */
const looksPerClock = 32;

/** Every so many spins in vain, one is as long as any. */
const spinsPerTrial = 16;

/** Spins until something holds, for a time that adapts: twice as long after a spin that paid, half as long after one that did not. */
export class Spinner {
  #seconds = longestSpin / 2;
  #inVain = 0;

  /** True if `holds` came true in time. */
  until(holds: () => boolean): boolean {
    // Short spins seldom pay, even where long ones would: a thread that has to be woken is never there in time.
    const isTrial = this.#inVain === spinsPerTrial;
    if (isTrial) this.#inVain = 0;
    const seconds = isTrial ? longestSpin : this.#seconds;
    const end = clock() + seconds;
    do {
      for (let look = 0; look < looksPerClock; look++) {
        if (holds()) {
          this.#inVain = 0;
          this.#seconds = Math.min(2 * seconds, longestSpin);
          return true;
        }
      }
    } while (clock() < end);
    this.#inVain++;
    this.#seconds = Math.max(this.#seconds / 2, shortestSpin);
    return false;
  }
}

/**
 * Calls on up to `count` threads. Those that spin see the signal by themselves, and `isUrgent` wakes as many none the less: for work that
 * nobody would do if the count of spinning threads were wrong.
 */
export function signalThreads({ words, at }: Control, count: number, isUrgent = false): void {
  Atomics.add(words, at + header.signal, 1);
  const sleeping = Atomics.load(words, at + header.sleeping);
  if (sleeping === 0) return;
  const missing = isUrgent ? count : count - Atomics.load(words, at + header.spinning);
  if (missing > 0) Atomics.notify(words, at + header.signal, missing);
}

export function signalAll({ words, at }: Control): void {
  Atomics.add(words, at + header.signal, 1);
  Atomics.notify(words, at + header.signal);
}

export const readSignal = ({ words, at }: Control): number => Atomics.load(words, at + header.signal);

/** Called by a thread that has just joined `job`: calls another one if there is more to do and nobody awake to see it. */
export function passSignalOn(control: Control, job: number): void {
  const { words, at } = control;
  // Two callers may have counted on the same spinning thread.
  if (Atomics.load(words, at + header.sleeping) === 0 || Atomics.load(words, at + header.spinning) > 0) return;
  if (hasJoinable(control, job)) Atomics.notify(words, at + header.signal, 1);
}

/** An idle thread's wait: returns when the signal is no longer `seen`. */
export function awaitSignal(
  control: Control,
  slot: number,
  seen: number,
  spinner: Spinner,
  beforeSleep: () => void,
): void {
  const { words, at } = control;
  const signal = at + header.signal;
  const note = slotAt(control, slot) + slotWord.idle;
  const cores = words[at + header.cores]!;
  const alreadySpinning = Atomics.add(words, at + header.spinning, 1);
  Atomics.store(words, note, idle.spinning);
  // A spinning thread on every core but one; with more, they would keep each other from working.
  const isCalled = alreadySpinning < cores - 1 && spinner.until(() => Atomics.load(words, signal) !== seen);
  Atomics.store(words, note, idle.busy);
  Atomics.sub(words, at + header.spinning, 1);
  if (isCalled) return;
  beforeSleep();
  Atomics.add(words, at + header.sleeping, 1);
  Atomics.store(words, note, idle.sleeping);
  Atomics.wait(words, signal, seen);
  Atomics.store(words, note, idle.busy);
  Atomics.sub(words, at + header.sleeping, 1);
}
