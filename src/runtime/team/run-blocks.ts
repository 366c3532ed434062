// A synchronous call: the caller runs blocks alone, or shares them with the team and waits until everybody is out. README.md, "A synchronous
// call", tells the steps.
import { clock, mayBlock } from '#platform';
import { closeJob, freeRecord, isDeserted, openJob, sleepUntilDeserted, stopJob, takeRecord } from './job-state.js';
import {
  callerScratch,
  checkedEntry,
  failureOf,
  hasSharedHeap,
  participantsOf,
  raiseStopWord,
  readOutcome,
  stopOutcome,
  writeJob,
} from './job.js';
import type { Job } from './job.js';
import { jobAt, jobWord } from './layout.js';
import { deadlineCause, done } from './outcome.js';
import type { JobOutcome } from './outcome.js';
import { runAlone, runUnits } from './run-units.js';
import type { Part } from './run-units.js';
import { signalThreads, Spinner } from './signal.js';
import { checkThreads, openTeam, startThreads } from './threads.js';
import type { Team } from './threads.js';

const spinner = new Spinner();

/** Runs the blocks now. The caller takes part, and returns when all of them have ended. */
export function runBlocks(job: Job): JobOutcome {
  const { module, descriptor, blocks, grain = 0, deadline } = job;
  const entry = checkedEntry(job);
  if (blocks <= 0) return done;
  const end = deadline === undefined ? Infinity : clock() + deadline / 1000;
  const part = {
    kernel: module.kernel(entry),
    descriptor,
    scratch: callerScratch(job),
    stopStatus: job.stop?.status ?? 0,
    isOver: end === Infinity ? undefined : (now: number) => now >= end,
  };
  const participants = participantsOf(job);
  // A page's own thread may not wait for the others to leave.
  if (participants > 1 && mayBlock() && hasSharedHeap()) {
    const outcome = runShared(openTeam(), job, entry, participants, part, end);
    if (outcome !== null) return outcome;
  }
  const ending = runAlone(part, blocks, grain);
  if (ending === 'exhausted') return done;
  if (typeof ending === 'object') return failureOf(ending, job, part.scratch);
  return stopOutcome(job, ending === 'over' ? deadlineCause(deadline!) : undefined);
}

/** Null where there is no record to be had. */
function runShared(
  team: Team,
  job: Job,
  entry: number,
  participants: number,
  part: Part,
  end: number,
): JobOutcome | null {
  startThreads(team, participants - 1);
  noteStartFailure(team);
  const { control } = team;
  const place = job.module.place(control);
  const record = takeRecord(control);
  if (record < 0) return null;
  const at = jobAt(control, record);
  writeJob(control, at, job, place, { entry, participants, isAsync: false, wantsNotice: false });
  openJob(control, record, participants - 1);
  signalThreads(control, Math.min(participants, control.words[at + jobWord.total]!) - 1);
  const ending = runUnits(control, at, part);
  let stopCause: unknown;
  let isStopped = false;
  const stop = (): void => {
    stopCause ??= deadlineCause(job.deadline!);
    isStopped = stopJob(control, at) || isStopped;
    raiseStopWord(job);
  };
  if (ending === 'over') stop();
  closeJob(control, record);
  waitUntilDeserted(team, record, end, stop);
  const outcome = readOutcome(control, at, job, { ending, scratch: part.scratch }, { isStopped, stopCause });
  freeRecord(control, record);
  return outcome;
}

let isNoted = false;

function noteStartFailure({ home }: Team): void {
  if (isNoted || home?.startFailure === undefined) return;
  isNoted = true;
  console.warn(`heddle: no thread could be started (${home.startFailure}); calls run on the calling thread alone`);
}

/** Waits until all threads have left; calls `stop` at `end`, should that come first. */
function waitUntilDeserted(team: Team, job: number, end: number, stop: () => void): void {
  const { control } = team;
  if (isDeserted(control, job) || spinner.until(() => isDeserted(control, job))) return;
  let isOver = false;
  for (let milliseconds = 20; ; milliseconds = Math.min(2 * milliseconds, 1000)) {
    const left = isOver ? Infinity : (end - clock()) * 1000;
    if (left <= 0) {
      isOver = true;
      stop();
    }
    if (sleepUntilDeserted(control, job, Math.max(0, Math.min(milliseconds, left)))) return;
    checkThreads(team);
  }
}
