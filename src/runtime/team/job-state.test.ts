// The protocol of a job's record, with threads that are only numbers: what each step does, and that no order of steps runs a unit twice,
// lets in too many, or ends a job too early or twice.
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { failureKind, keepFailure, keptFailure } from './failure.js';
import {
  claimUnits,
  closeJob,
  endIfFinished,
  freeRecord,
  hasJoinable,
  isDeserted,
  joinJob,
  leaveJob,
  openJob,
  sleepUntilDeserted,
  stopJob,
  takeRecord,
} from './job-state.js';
import { header, homeSlot, idle, jobAt, jobCount, jobWord, life, messageCapacity, slotAt, slotWord } from './layout.js';
import type { Control } from './layout.js';
import { fairUnits, Pace } from './pace.js';
import { signalThreads } from './signal.js';
import { buryThread, failWaitingJobs } from './team-thread.js';
import { openTeam } from './threads.js';

const { control } = openTeam();
const { words } = control;

function openRecord(total: number, limit: number, isAsync = false): number {
  const job = takeRecord(control);
  const at = jobAt(control, job);
  words[at + jobWord.total] = total;
  words[at + jobWord.next] = 0;
  words[at + jobWord.isAsync] = Number(isAsync);
  words[at + jobWord.done] = 0;
  words[at + jobWord.failed] = 0;
  openJob(control, job, limit);
  return job;
}

const isDone = (job: number): boolean => words[jobAt(control, job) + jobWord.done] === 1;
const claim = ({ words: all }: Control, job: number, units = 1): number => {
  const at = jobAt(control, job);
  return claimUnits(all, at, units, all[at + jobWord.total]!);
};

beforeEach(() => {
  for (let job = 0; job < jobCount; job++) {
    closeJob(control, job);
    freeRecord(control, job);
  }
});

describe('records', () => {
  test('are taken once each, until there are none; a freed one is taken again', () => {
    const taken = Array.from({ length: jobCount }, () => takeRecord(control));
    expect(taken.toSorted((a, b) => a - b)).toEqual(Array.from({ length: jobCount }, (_, job) => job));
    expect(takeRecord(control)).toBe(-1);
    freeRecord(control, 63);
    freeRecord(control, 31);
    expect([takeRecord(control), takeRecord(control), takeRecord(control)]).toEqual([31, 63, -1]);
  });

  test('a thread looks at all of them, beginning behind the last one that it was in', () => {
    const jobs = Array.from({ length: jobCount }, () => openRecord(10, 1));
    const order: number[] = [];
    for (let last = 40; order.length < jobCount;) {
      last = joinJob(control, order.length, last);
      order.push(last);
    }
    expect(order).toEqual([...jobs.slice(41), ...jobs.slice(0, 41)]);
    expect(joinJob(control, 100, 3)).toBe(-1);
    for (let slot = 0; slot < jobCount; slot++) leaveJob(control, slot);
  });
});

describe('a job', () => {
  test('lets in as many threads as its limit says, while it is open and has units left', () => {
    const job = openRecord(2, 2);
    expect([joinJob(control, 0, -1), joinJob(control, 1, -1), joinJob(control, 2, -1)]).toEqual([job, job, -1]);
    expect(leaveJob(control, 0)).toBe(false);
    expect(hasJoinable(control)).toBe(true);
    expect(hasJoinable(control, job)).toBe(false);
    expect([claim(control, job), claim(control, job), claim(control, job)]).toEqual([0, 1, -1]);
    expect(joinJob(control, 0, -1)).toBe(-1);
    closeJob(control, job);
    expect(isDeserted(control, job)).toBe(false);
    expect(sleepUntilDeserted(control, job, 0)).toBe(false);
    leaveJob(control, 1);
    expect(isDeserted(control, job)).toBe(true);
    expect(sleepUntilDeserted(control, job, 1e9)).toBe(true);
  });

  test('has another state when its record is used again, so that what was seen of the old one does not fit', () => {
    const job = openRecord(5, 3);
    const seen = Atomics.load(words, jobAt(control, job) + jobWord.state);
    closeJob(control, job);
    freeRecord(control, job);
    expect(openRecord(5, 3)).toBe(job);
    expect(Atomics.load(words, jobAt(control, job) + jobWord.state)).not.toBe(seen);
  });

  test('that is stopped has nothing left to claim, and says whether it had', () => {
    const job = openRecord(5, 3);
    expect(claim(control, job, 4)).toBe(0);
    expect(stopJob(control, jobAt(control, job))).toBe(true);
    expect(stopJob(control, jobAt(control, job))).toBe(false);
    expect(claim(control, job)).toBe(-1);
  });

  test('that is asynchronous is ended by the last to leave once all is claimed, and not before', () => {
    const job = openRecord(1, 2, true);
    joinJob(control, 0, -1);
    expect(leaveJob(control, 0)).toBe(false);
    expect([joinJob(control, 0, -1), joinJob(control, 1, -1)]).toEqual([job, job]);
    expect(claim(control, job)).toBe(0);
    expect(leaveJob(control, 1)).toBe(false);
    expect(isDone(job)).toBe(false);
    expect(leaveJob(control, 0)).toBe(true);
    expect(isDone(job)).toBe(true);
    expect(endIfFinished(control, job)).toBe(false);
  });

  test('keeps the lowest of its failures, and as much of its message as there is room for', () => {
    const job = openRecord(100, 4);
    const fail = (unit: number, message: string): void =>
      keepFailure(control, job, 3, { kind: failureKind.exception, unit, units: 2, status: -1, message });
    expect(keptFailure(control, jobAt(control, job))).toBeUndefined();
    fail(20, 'twenty');
    fail(30, 'thirty');
    expect(keptFailure(control, jobAt(control, job))).toMatchObject({ unit: 20, message: 'twenty' });
    fail(10, 'ü'.repeat(1000));
    const { unit, message } = keptFailure(control, jobAt(control, job))!;
    expect([unit, message.length]).toEqual([10, messageCapacity / 2]);
  });

  // Every step is atomic by itself, so any order of steps is one that threads could take.
  test('is run once and ended once whatever the order of steps', () => {
    const step = fc.record({
      thread: fc.nat(4),
      what: fc.constantFrom('join', 'claim', 'claim', 'claim', 'leave', 'die', 'stop'),
    });
    const spec = {
      total: fc.integer({ min: 1, max: 12 }),
      limit: fc.integer({ min: 1, max: 4 }),
      isAsync: fc.boolean(),
    };
    fc.assert(
      fc.property(fc.record(spec), fc.array(step, { maxLength: 120 }), ({ total, limit, isAsync }, steps) => {
        const job = openRecord(total, limit, isAsync);
        const at = jobAt(control, job);
        const claimed: number[] = [];
        const inside = new Set<number>();
        let [ends, isStopped] = [0, false];
        const left = (ended: boolean): void => void (ends += Number(ended));
        for (const { thread, what } of steps) {
          if (what === 'join' && !inside.has(thread) && joinJob(control, thread, -1) >= 0) inside.add(thread);
          else if (what === 'claim' && inside.has(thread)) {
            const unit = claim(control, job);
            if (unit >= 0) claimed.push(unit);
          } else if (what === 'leave' && inside.delete(thread)) left(leaveJob(control, thread));
          else if (what === 'die' && inside.delete(thread)) {
            Atomics.store(words, slotAt(control, thread) + slotWord.life, life.ready);
            const before = words[at + jobWord.done]!;
            buryThread(control, thread, 'for a test');
            left(words[at + jobWord.done]! > before);
            isStopped = true;
          } else if (what === 'stop' && ends === 0) {
            isStopped = stopJob(control, at) || isStopped;
            left(endIfFinished(control, job));
          }
          expect(inside.size).toBeLessThanOrEqual(limit);
          if (ends > 0) expect([inside.size, ends, isAsync]).toEqual([0, 1, true]);
        }
        for (const thread of inside) left(leaveJob(control, thread));
        const isAllClaimed = Atomics.load(words, at + jobWord.next) >= total;
        expect(ends).toBe(Number(isAsync && isAllClaimed));
        expect(claimed).toEqual(Array.from({ length: claimed.length }, (_, unit) => unit));
        if (isAllClaimed && !isStopped) expect(claimed.length).toBe(total);
        closeJob(control, job);
        expect(isDeserted(control, job)).toBe(true);
        freeRecord(control, job);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a burial', () => {
  test('fails and leaves the job of the dead, opens its lock, repairs the counters; and happens once', () => {
    const job = openRecord(10, 2, true);
    const at = jobAt(control, job);
    const own = slotAt(control, 7);
    Atomics.store(words, own + slotWord.life, life.ready);
    joinJob(control, 7, -1);
    words[own + slotWord.unit] = claim(control, job, 4);
    words[at + jobWord.lock] = 7 + 1;
    expect(buryThread(control, 7, 'for a test')).toBe(life.ready);
    expect(isDone(job)).toBe(true);
    expect(keptFailure(control, at)).toMatchObject({ kind: failureKind.death, unit: 0, message: 'for a test' });
    expect([words[at + jobWord.lock], words[own + slotWord.job]]).toEqual([0, 0]);
    expect(buryThread(control, 7, 'for a test')).toBe(life.empty);

    for (const [state, counter] of [
      [idle.sleeping, header.sleeping],
      [idle.spinning, header.spinning],
    ] as const) {
      Atomics.store(words, own + slotWord.life, life.ready);
      Atomics.add(words, control.at + counter, 1);
      Atomics.store(words, own + slotWord.idle, state);
      buryThread(control, 7, 'for a test');
      expect(words[control.at + counter]).toBe(0);
    }
  });

  test('of the whole team fails what is asynchronous, and leaves calls to those who run them', () => {
    const [call, task, other] = [openRecord(5, 2), openRecord(5, 2, true), openRecord(5, 2, true)];
    failWaitingJobs(control, 'no threads');
    expect([isDone(task), isDone(other), claim(control, call)]).toEqual([true, true, 0]);
    expect(keptFailure(control, jobAt(control, task))).toMatchObject({ kind: failureKind.noThreads });
    expect(words[slotAt(control, homeSlot) + slotWord.job]).toBe(0);
  });
});

describe('signals', () => {
  test('change the word that sleepers wait on, whether or not anybody sleeps', () => {
    const before = words[control.at + header.signal]!;
    signalThreads(control, 3);
    expect(words[control.at + header.signal]).toBe(before + 1);
    expect(Atomics.wait(words, control.at + header.signal, before)).toBe('not-equal');
  });
});

describe('the pace', () => {
  test('doubles while grains are short, and falls to what fits when one is long', () => {
    const pace = new Pace();
    const units = Array.from({ length: 4 }, () => {
      pace.adapt(1e-6);
      return pace.units;
    });
    expect(units).toEqual([2, 4, 8, 16]);
    pace.adapt(200e-6);
    expect(pace.units).toBe(16);
    pace.adapt(1600e-6);
    expect(pace.units).toBe(2);
    pace.adapt(1);
    expect(pace.units).toBe(1);
    for (let k = 0; k < 40; k++) pace.adapt(0);
    expect(pace.units).toBe(65536);
  });

  test('leaves the others their share of what is left', () => {
    expect(fairUnits(1000, 100, 2)).toBe(25);
    expect(fairUnits(10, 100, 2)).toBe(10);
    expect(fairUnits(10, 1, 8)).toBe(1);
    expect(fairUnits(10, -5, 8)).toBe(1);
  });
});
