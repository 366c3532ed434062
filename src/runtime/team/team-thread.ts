// What a thread of the team does all its life: joins jobs, runs their units, leaves, and waits for the next. And what is done for it when it
// has died in the middle of that.
import { clock } from '#platform';
import { forgetThread, openHeap, release } from '../../memory/heap.js';
import { describeError, failureKind, keepFailure, openLock } from './failure.js';
import { emptySlot, hasJoinable, joinJob, leaveJob, repairIdleness, stopJob } from './job-state.js';
import { header, homeSlot, jobAt, jobWord, life, slotAt, slotWord } from './layout.js';
import type { Control } from './layout.js';
import { announceEnd } from './notices.js';
import { runUnits } from './run-units.js';
import { awaitSignal, passSignalOn, readSignal, Spinner } from './signal.js';
import { MetModules } from './team-module.js';
import { ThreadMemory } from './thread-memory.js';

/** Seconds after which a thread lets other jobs have their turn. */
const turn = 10e-3;

/** Runs jobs until the team is stopped. */
export function serveTeam(control: Control, slot: number, beforeSleep: () => void): void {
  const { words, at } = control;
  const own = slotAt(control, slot);
  const memory = new ThreadMemory((address, bytes) => {
    words[own + slotWord.memory] = address;
    words[own + slotWord.bytes] = bytes;
  });
  const met = new MetModules();
  const spinner = new Spinner();
  words[own + slotWord.heapThread] = openHeap().thread;
  Atomics.store(words, own + slotWord.life, life.ready);
  for (let last = slot - 1; ;) {
    const seen = readSignal(control);
    const job = joinJob(control, slot, last);
    if (job >= 0) {
      passSignalOn(control, job);
      runJoined(control, slot, job, memory, met);
      last = job;
    } else if (Atomics.load(words, at + header.stopping) === 1) {
      memory.release();
      return;
    } else awaitSignal(control, slot, seen, spinner, beforeSleep);
  }
}

/** Runs units of a job that the thread has joined, and leaves it. */
function runJoined(control: Control, slot: number, job: number, memory: ThreadMemory, met: MetModules): void {
  const { words } = control;
  const at = jobAt(control, job);
  const own = slotAt(control, slot);
  words[own + slotWord.joins]!++;
  try {
    const kernel = met.kernel(
      {
        id: words[at + jobWord.module]!,
        // Addresses fill all 32 bits.
        address: words[at + jobWord.moduleAddress]! >>> 0,
        bytes: words[at + jobWord.moduleBytes]!,
      },
      words[at + jobWord.entry]!,
    );
    const scratch = words[at + jobWord.scratch]! >>> 0 || memory.reserve(words[at + jobWord.scratchBytes]!);
    const end = clock() + turn;
    const ending = runUnits(control, at, {
      kernel,
      descriptor: words[at + jobWord.descriptor]!,
      scratch,
      stopStatus: words[at + jobWord.stopStatus]!,
      isOver: (now) => now > end && hasJoinable(control, job),
      notes: { unit: own + slotWord.unit, grains: own + slotWord.grains },
    });
    if (ending === 'stopped') Atomics.store(words, at + jobWord.stopped, 1);
    else if (typeof ending === 'object') {
      const { unit, units, status, error } = ending;
      const kind = error === undefined ? failureKind.status : failureKind.exception;
      keepFailure(control, job, slot, { kind, unit, units, status, message: describeError(error) }, scratch);
    }
  } catch (error) {
    // It has not come as far as a unit: the kernel could not be made, or there is no memory for its scratch.
    const unit = words[at + jobWord.next]!;
    keepFailure(control, job, slot, {
      kind: failureKind.exception,
      unit,
      units: 1,
      status: -1,
      message: describeError(error),
    });
    stopJob(control, at);
  }
  leave(control, slot, at);
}

function leave(control: Control, slot: number, at: number): void {
  // Once we have left, the record may be another job's.
  const wantsNotice = control.words[at + jobWord.wantsNotice] === 1;
  if (leaveJob(control, slot) && wantsNotice) announceEnd(control);
}

/**
 * What a dead thread can no longer do: fails and leaves its job, repairs the counters, gives its memory back, empties its slot. Gives what
 * its `life` was; `life.empty` if it has been buried before.
 */
export function buryThread(control: Control, slot: number, reason: string): number {
  const { words } = control;
  const own = slotAt(control, slot);
  const was = emptySlot(control, slot);
  if (was === life.empty) return was;
  const job = Atomics.load(words, own + slotWord.job) - 1;
  if (job >= 0) {
    const at = jobAt(control, job);
    openLock(control, job, slot);
    const unit = words[own + slotWord.unit]!;
    keepFailure(control, job, slot, { kind: failureKind.death, unit, units: 1, status: -1, message: reason });
    stopJob(control, at);
    leave(control, slot, at);
  }
  repairIdleness(control, slot);
  const address = words[own + slotWord.memory]! >>> 0;
  words[own + slotWord.memory] = 0;
  words[own + slotWord.bytes] = 0;
  const thread = Atomics.exchange(words, own + slotWord.heapThread, 0);
  // A thread that ended while it changed the heap has left nothing that could still be released.
  const isHeapWhole = thread === 0 || forgetThread(thread);
  if (address !== 0 && isHeapWhole) release(address);
  return was;
}

/** Fails the asynchronous jobs that nobody runs: home joins each of them in its own slot, as a thread would. */
export function failWaitingJobs(control: Control, reason: string): void {
  const failure = { kind: failureKind.noThreads, unit: 0, units: 1, status: -1, message: reason };
  for (;;) {
    const job = joinJob(control, homeSlot, -1, true);
    if (job < 0) return;
    const at = jobAt(control, job);
    keepFailure(control, job, homeSlot, failure);
    stopJob(control, at);
    leave(control, homeSlot, at);
  }
}
