// A job's life in its record: taken, opened, joined and left by threads, closed or ended, freed. Each function is one step of the protocol
// in README.md, and the races named there are why each is one atomic operation or in this order.
import { header, idle, jobAt, jobCount, jobWord, life, slotAt, slotWord } from './layout.js';
import type { Control } from './layout.js';

const open = 1 << 30;
const waiting = 1 << 29;
const ticketShift = 16;
const ticketMask = 0xfff << ticketShift;
const limitShift = 8;
const countMask = 0xff;

export const largestLimit = 0xff;
/** So that claims past the end, of all threads together, stay within 32 bits. */
export const mostUnits = 2 ** 30;
export const largestGrain = 2 ** 16;

const countOf = (state: number): number => state & countMask;
const limitOf = (state: number): number => (state >> limitShift) & largestLimit;

/** Takes a free record; −1 where there is none. */
export function takeRecord(control: Control): number {
  const { words, at } = control;
  for (let first = 0; first < jobCount; first += 32) {
    const mask = at + header.used + first / 32;
    for (let used = Atomics.load(words, mask); used !== -1; used = Atomics.load(words, mask)) {
      // The lowest bit that is 0.
      const bit = ~used & -~used;
      if (Atomics.compareExchange(words, mask, used, used | bit) === used) return first + 31 - Math.clz32(bit);
    }
  }
  return -1;
}

export function freeRecord({ words, at }: Control, job: number): void {
  Atomics.and(words, at + header.used + (job >> 5), ~(1 << (job & 31)));
}

/** Lets threads in, `limit` of them at a time. Everything else in the record has been written. */
export function openJob(control: Control, job: number, limit: number): void {
  const { words } = control;
  const state = jobAt(control, job) + jobWord.state;
  const ticket = (Atomics.load(words, state) + (1 << ticketShift)) & ticketMask;
  Atomics.store(words, state, open | ticket | (Math.min(limit, largestLimit) << limitShift));
}

const isExhausted = (words: Int32Array, at: number): boolean =>
  Atomics.load(words, at + jobWord.next) >= words[at + jobWord.total]!;

function isJoinable(words: Int32Array, at: number, state: number): boolean {
  return (state & open) !== 0 && countOf(state) < limitOf(state) && !isExhausted(words, at);
}

/** Looks at the used records, beginning behind `after`, and gives the first one that `accept` takes; −1 where it takes none. */
function findRecord({ words, at }: Control, after: number, accept: (job: number) => boolean): number {
  // Twice around the masks' halves would be as many loads; empty masks, which are common, cost one.
  for (let step = 1; step <= jobCount; step++) {
    const job = (after + step) % jobCount;
    const used = Atomics.load(words, at + header.used + (job >> 5)) >>> (job & 31);
    if (used === 0) {
      // Nothing in the rest of this mask.
      step += 31 - (job & 31);
      continue;
    }
    const skipped = 31 - Math.clz32(used & -used);
    step += skipped;
    if (step <= jobCount && accept(job + skipped)) return job + skipped;
  }
  return -1;
}

/** Whether a thread could join a job; `except` is not looked at. */
export function hasJoinable(control: Control, except = -1): boolean {
  const { words } = control;
  return (
    findRecord(control, -1, (job) => {
      const at = jobAt(control, job);
      return job !== except && isJoinable(words, at, Atomics.load(words, at + jobWord.state));
    }) >= 0
  );
}

/**
 * Joins a job for the thread of a slot, and notes it there; the search begins behind `after`. −1 where there is none to join.
 * With `onlyAsync`, jobs whose callers run them too are passed over.
 */
export function joinJob(control: Control, slot: number, after: number, onlyAsync = false): number {
  const { words } = control;
  const note = slotAt(control, slot) + slotWord.job;
  return findRecord(control, after, (job) => {
    const at = jobAt(control, job);
    for (;;) {
      const state = Atomics.load(words, at + jobWord.state);
      if (!isJoinable(words, at, state) || (onlyAsync && words[at + jobWord.isAsync] !== 1)) return false;
      if (Atomics.compareExchange(words, at + jobWord.state, state, state + 1) === state) {
        Atomics.store(words, note, job + 1);
        return true;
      }
    }
  });
}

/** Leaves the job that the slot notes; whoever waits for that is woken. Gives true if that ended an asynchronous job. */
export function leaveJob(control: Control, slot: number): boolean {
  const { words } = control;
  const note = slotAt(control, slot) + slotWord.job;
  const job = Atomics.load(words, note) - 1;
  const at = jobAt(control, job);
  Atomics.store(words, note, 0);
  const before = Atomics.sub(words, at + jobWord.state, 1);
  if (countOf(before) !== 1) return false;
  if ((before & waiting) !== 0) Atomics.notify(words, at + jobWord.state);
  return endIfFinished(control, job);
}

/** Ends an asynchronous job if all of it is claimed and nobody is in it; true for the one call that does. */
export function endIfFinished(control: Control, job: number): boolean {
  const { words } = control;
  const at = jobAt(control, job);
  const state = Atomics.load(words, at + jobWord.state);
  if ((state & open) === 0 || countOf(state) !== 0 || words[at + jobWord.isAsync] !== 1 || !isExhausted(words, at))
    return false;
  // The ticket stays, for the next job of this record.
  if (Atomics.compareExchange(words, at + jobWord.state, state, state & ticketMask) !== state) {
    // Someone has joined, and will end it; or has ended it.
    return false;
  }
  Atomics.store(words, at + jobWord.done, 1);
  Atomics.notify(words, at + jobWord.done);
  return true;
}

/** Lets nobody in any more. */
export function closeJob(control: Control, job: number): void {
  Atomics.and(control.words, jobAt(control, job) + jobWord.state, ~open);
}

export function isDeserted(control: Control, job: number): boolean {
  return countOf(Atomics.load(control.words, jobAt(control, job) + jobWord.state)) === 0;
}

/** Sleeps until a closed job is deserted, or for `milliseconds`; true if it is deserted. */
export function sleepUntilDeserted(control: Control, job: number, milliseconds: number): boolean {
  const { words } = control;
  const state = jobAt(control, job) + jobWord.state;
  const seen = Atomics.or(words, state, waiting) | waiting;
  if (countOf(seen) === 0) return true;
  Atomics.wait(words, state, seen, milliseconds);
  return isDeserted(control, job);
}

/** Claims up to `units`; gives the first, or −1 where nothing is left. */
export function claimUnits(words: Int32Array, at: number, units: number, total: number): number {
  if (Atomics.load(words, at + jobWord.next) >= total) return -1;
  const first = Atomics.add(words, at + jobWord.next, units);
  return first < total ? first : -1;
}

/** Lets nobody claim any more; true if there was something left to claim. */
export function stopJob({ words }: Control, at: number): boolean {
  const total = words[at + jobWord.total]!;
  return Atomics.exchange(words, at + jobWord.next, total) < total;
}

/** Repairs what a dead thread has left in its slot's words of idleness. */
export function repairIdleness(control: Control, slot: number): void {
  const { words, at } = control;
  const was = Atomics.exchange(words, slotAt(control, slot) + slotWord.idle, idle.busy);
  if (was === idle.sleeping) Atomics.sub(words, at + header.sleeping, 1);
  if (was === idle.spinning) Atomics.sub(words, at + header.spinning, 1);
}

/** Marks a slot empty, and gives what its `life` was before. */
export function emptySlot(control: Control, slot: number): number {
  return Atomics.exchange(control.words, slotAt(control, slot) + slotWord.life, life.empty);
}
