// How many units to take at once: so many that a grain lasts about a fifth of a millisecond, which makes the price of a claim and of a look
// at the clock small, and cancellation quick. What is taken changes when blocks run and where, never what they give.
import { largestGrain } from './job-state.js';

/** Seconds that a grain should last. */
const aim = 200e-6;

export class Pace {
  /** Units to run before the next look at the clock. */
  units = 1;

  /** `units` have been run in so many seconds. */
  adapt(seconds: number): void {
    if (seconds < aim / 2) this.units = Math.min(2 * this.units, largestGrain);
    else if (seconds > 2 * aim) this.units = Math.max(1, Math.floor((this.units * aim) / seconds));
  }
}

/** At most half of a thread's share of what is left, so that all threads end at about the same time. */
export function fairUnits(wanted: number, left: number, participants: number): number {
  return Math.max(1, Math.min(wanted, Math.floor(left / (2 * participants))));
}
