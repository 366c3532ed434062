// An asynchronous call: the team runs the blocks, and the caller's thread goes on with whatever else it has to do. README.md, "An
// asynchronous call", tells who ends it and how the caller learns of that.
import { clock, holdProcess, nextTurn } from '#platform';
import { failureKind } from './failure.js';
import { endIfFinished, freeRecord, openJob, stopJob, takeRecord } from './job-state.js';
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
import type { Control } from './layout.js';
import { announceEnd, awaitEnd, wantsNotices } from './notices.js';
import { causeOf, done } from './outcome.js';
import type { JobOutcome } from './outcome.js';
import { runAlone } from './run-units.js';
import { signalThreads } from './signal.js';
import { openTeam, startThreads } from './threads.js';

const abortedOutcome = (signal: AbortSignal | undefined): JobOutcome | null =>
  signal?.aborted === true ? { status: -1, cause: signal.reason } : null;

/**
 * Has the team run the blocks; the calling thread runs none and is never blocked. The process stays alive until the promise settles.
 * `signal` stops it between two blocks, and kernels with a stop word within them: then `cause` is the signal's reason, unless nothing was
 * left to stop.
 */
export async function runBlocksAsync(
  job: Job,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<JobOutcome> {
  const entry = checkedEntry(job);
  const { signal } = options;
  const aborted = abortedOutcome(signal);
  if (aborted !== null) return aborted;
  if (job.blocks <= 0) return done;
  if (!hasSharedHeap()) return runInTurns(job, entry, options);
  const { control } = openTeam();
  const release = holdProcess();
  try {
    // Without a wait where there need be none: the team begins while the caller goes on with what follows the call.
    let record = takeAsyncRecord(control);
    if (record < 0) record = await awaitAsyncRecord(control);
    try {
      return await runInRecord(control, record, job, entry, options);
    } finally {
      freeAsyncRecord(control, record);
    }
  } finally {
    release();
  }
}

async function runInRecord(
  control: Control,
  record: number,
  job: Job,
  entry: number,
  { signal }: { readonly signal?: AbortSignal | undefined },
): Promise<JobOutcome> {
  const aborted = abortedOutcome(signal);
  if (aborted !== null) return aborted;
  const team = openTeam();
  const participants = participantsOf(job);
  startThreads(team, participants);
  const failure = team.home?.startFailure;
  if (failure !== undefined) return { status: -1, cause: causeOf(failureKind.noThreads, failure) };
  const at = jobAt(control, record);
  const place = job.module.place(control);
  writeJob(control, at, job, place, { entry, participants, isAsync: true, wantsNotice: wantsNotices });
  let [isStopped, stopCause]: [boolean, unknown] = [false, undefined];
  const onAbort = (): void => {
    isStopped = stopJob(control, at);
    stopCause = signal?.reason;
    raiseStopWord(job);
    if (endIfFinished(control, record) && wantsNotices) announceEnd(control);
  };
  const ended = awaitEnd(control, at);
  openJob(control, record, participants);
  signalThreads(control, Math.min(participants, control.words[at + jobWord.total]!), true);
  signal?.addEventListener('abort', onAbort, { once: true });
  await ended;
  signal?.removeEventListener('abort', onAbort);
  return readOutcome(control, at, job, undefined, { isStopped, stopCause });
}

/** Records that asynchronous jobs of this thread may hold at once; synchronous calls need some, too. */
const mostAsync = 48;
let asyncCount = 0;
/** Jobs that wait for one of those, in the order of their calls. */
const queue = new Set<() => void>();

/** A record for an asynchronous job, where one may be had at once; −1 otherwise. */
function takeAsyncRecord(control: Control): number {
  if (asyncCount === mostAsync) return -1;
  const record = takeRecord(control);
  if (record >= 0) asyncCount++;
  return record;
}

async function awaitAsyncRecord(control: Control): Promise<number> {
  // Whoever frees a record hands his place on, so that those who wait longest come first.
  if (asyncCount < mostAsync) asyncCount++;
  else await new Promise<void>((resolve) => queue.add(resolve));
  for (;;) {
    const record = takeRecord(control);
    if (record >= 0) return record;
    // Other threads hold them all.
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

function freeAsyncRecord(control: Control, record: number): void {
  freeRecord(control, record);
  const [next] = queue;
  if (next === undefined) asyncCount--;
  else {
    queue.delete(next);
    next();
  }
}

/** Seconds that a page may be kept from what else it has to do. */
const slice = 8e-3;

/** Where there are no other threads the blocks are run on this one, a few milliseconds at a time. */
async function runInTurns(
  job: Job,
  entry: number,
  { signal }: { readonly signal?: AbortSignal | undefined },
): Promise<JobOutcome> {
  const { module, descriptor, blocks, grain = 0 } = job;
  const kernel = module.kernel(entry);
  const cursor = { block: 0 };
  for (;;) {
    const end = clock() + slice;
    const scratch = callerScratch(job);
    const part = {
      kernel,
      descriptor,
      scratch,
      stopStatus: job.stop?.status ?? 0,
      isOver: (now: number) => now >= end,
    };
    const ending = runAlone(part, blocks, grain, cursor);
    if (ending === 'exhausted') return done;
    if (ending === 'stopped') return stopOutcome(job, undefined);
    if (ending !== 'over') return failureOf(ending, job, scratch);
    await nextTurn();
    const aborted = abortedOutcome(signal);
    if (aborted !== null) return aborted;
  }
}
