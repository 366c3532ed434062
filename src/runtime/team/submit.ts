// Runs the blocks of a job: alone, together with the team, or by the team while the caller goes on. README.md tells the steps.
import { clock, holdProcess, mayBlock, nextTurn } from '#platform';
import { openHeap } from '../../memory/heap.js';
import { describeError, failureKind, keptFailure, keptRecord } from './failure.js';
import {
  closeJob,
  endIfFinished,
  freeRecord,
  isDeserted,
  largestGrain,
  largestLimit,
  mostUnits,
  openJob,
  sleepUntilDeserted,
  stopJob,
  takeRecord,
} from './job-state.js';
import { jobAt, jobWord, recordCapacity } from './layout.js';
import type { Control } from './layout.js';
import { announceEnd, awaitEnd, wantsNotices } from './notices.js';
import { causeOf, deadlineCause, done, outcomeOf } from './outcome.js';
import type { JobOutcome } from './outcome.js';
import { runAlone, runUnits } from './run-units.js';
import type { Ending, Failure } from './run-units.js';
import { signalThreads, Spinner } from './signal.js';
import type { ModulePlace, TeamModule } from './team-module.js';
import { checkThreads, defaultThreads, openTeam, startThreads } from './threads.js';
import type { Team } from './threads.js';
import { heapBytes, ThreadMemory } from './thread-memory.js';
import { InternalError } from '../../base/errors.js';

export interface Job {
  readonly module: TeamModule;
  /** An exported function, by its name or by its number among them. */
  readonly entry: string | number;
  /** Address of the descriptor. */
  readonly descriptor: number;
  /** Blocks 0 … `blocks` − 1 are run, each once. */
  readonly blocks: number;
  /** Blocks that are taken at once; otherwise as many as fill about a fifth of a millisecond. Results never depend on it. */
  readonly grain?: number | undefined;
  /** At most so many threads take part; 1: a synchronous call's caller alone. */
  readonly threads?: number | undefined;
  /**
   * Where a kernel that fails writes why. With it, each thread of the team gets a descriptor of its own, a copy whose slot leads to a record
   * of its own, and the lowest failing block's record comes to the caller's; without it, threads that fail at the same time write to one.
   */
  readonly errorRecord?: ErrorRecordPlace | undefined;
  /** Synchronous calls only: milliseconds after which it stops, between two blocks, with TEAM003. */
  readonly deadline?: number | undefined;
}

export interface ErrorRecordPlace {
  /** Bytes of the descriptor, which kernels only read. */
  readonly descriptorBytes: number;
  /** The 64-bit slot of the descriptor that holds the record's address. */
  readonly slot: number;
  /** Bytes of the record. */
  readonly bytes: number;
}

/** How many threads a job is shared among if it does not say. */
export const threadCount = (): number => defaultThreads();

let isShared: boolean | undefined;

/** A page that is not isolated from others has no shared memory, and so one thread. */
function hasSharedHeap(): boolean {
  return (isShared ??=
    typeof SharedArrayBuffer === 'function' && openHeap().memory.buffer instanceof SharedArrayBuffer);
}

/** Scratch for kernels on this thread, which is a caller. */
const callerMemory = new ThreadMemory();
const spinner = new Spinner();

const participantsOf = ({ threads = threadCount(), blocks }: Job): number =>
  Math.max(1, Math.min(threads, blocks, largestLimit));

function checkedEntry({ module, entry, errorRecord }: Job): number {
  if (errorRecord !== undefined && errorRecord.bytes > recordCapacity) {
    throw new InternalError('TEAM005', `an error record of ${errorRecord.bytes} bytes, which are too many`, {
      note: `a job keeps at most ${recordCapacity} of them`,
    });
  }
  return module.entry(entry);
}

const isOverAt = (end: number | undefined): ((now: number) => boolean) | undefined =>
  end === undefined ? undefined : (now) => now >= end;

/** Runs the blocks now. The caller takes part, and returns when all of them have ended. */
export function runBlocks(job: Job): JobOutcome {
  const { module, descriptor, blocks, grain = 0, deadline } = job;
  const entry = checkedEntry(job);
  if (blocks <= 0) return done;
  const part = {
    kernel: module.kernel(entry),
    descriptor,
    scratch: callerMemory.reserve(module.scratchBytes),
    isOver: isOverAt(deadline === undefined ? undefined : clock() + deadline / 1000),
  };
  const participants = participantsOf(job);
  // A page's own thread may not wait for the others to leave.
  if (participants > 1 && mayBlock() && hasSharedHeap()) {
    const team = openTeam();
    startThreads(team, participants - 1);
    noteStartFailure(team);
    const { control } = team;
    const place = module.place(control);
    const record = takeRecord(control);
    if (record >= 0) {
      const at = jobAt(control, record);
      writeJob(control, at, job, place, entry, participants, false);
      openJob(control, record, participants - 1);
      signalThreads(control, Math.min(participants, control.words[at + jobWord.total]!) - 1);
      const ending = runUnits(control, at, part);
      const isStopped = ending === 'over' && stopJob(control, at);
      closeJob(control, record);
      waitUntilDeserted(team, record);
      const outcome = readOutcome(control, at, job, ending, isStopped ? deadlineCause(deadline!) : undefined);
      freeRecord(control, record);
      return outcome;
    }
  }
  const ending = runAlone(part, blocks, grain);
  if (ending === 'exhausted') return done;
  return ending === 'over' ? { status: -1, cause: deadlineCause(deadline!) } : failureOf(ending, 1, blocks);
}

let isNoted = false;

function noteStartFailure({ home }: Team): void {
  if (isNoted || home?.startFailure === undefined) return;
  isNoted = true;
  console.warn(`heddle: no thread could be started (${home.startFailure}); calls run on the calling thread alone`);
}

function waitUntilDeserted(team: Team, job: number): void {
  const { control } = team;
  if (isDeserted(control, job) || spinner.until(() => isDeserted(control, job))) return;
  for (let milliseconds = 20; !sleepUntilDeserted(control, job, milliseconds);) {
    checkThreads(team);
    milliseconds = Math.min(2 * milliseconds, 1000);
  }
}

function writeJob(
  { words, doubles }: Control,
  at: number,
  { module, descriptor, blocks, grain = 0, errorRecord }: Job,
  { id, address, bytes }: ModulePlace,
  entry: number,
  participants: number,
  isAsync: boolean,
): void {
  const blocksPerUnit = Math.ceil(blocks / mostUnits);
  words[at + jobWord.total] = Math.ceil(blocks / blocksPerUnit);
  doubles[(at + jobWord.blocks) / 2] = blocks;
  doubles[(at + jobWord.blocksPerUnit) / 2] = blocksPerUnit;
  words[at + jobWord.descriptor] = descriptor;
  words[at + jobWord.descriptorBytes] = errorRecord?.descriptorBytes ?? 0;
  words[at + jobWord.recordSlot] = errorRecord?.slot ?? 0;
  words[at + jobWord.recordBytes] = errorRecord?.bytes ?? 0;
  words[at + jobWord.module] = id;
  words[at + jobWord.moduleAddress] = address;
  words[at + jobWord.moduleBytes] = bytes;
  words[at + jobWord.scratchBytes] = module.scratchBytes;
  words[at + jobWord.entry] = entry;
  words[at + jobWord.grain] = Math.min(Math.ceil(grain / blocksPerUnit), largestGrain);
  words[at + jobWord.participants] = participants;
  words[at + jobWord.isAsync] = Number(isAsync);
  words[at + jobWord.wantsNotice] = Number(isAsync && wantsNotices);
  words[at + jobWord.done] = 0;
  words[at + jobWord.failed] = 0;
  words[at + jobWord.next] = 0;
}

/** The outcome of a job that nobody is in any more. `ending` is that of the caller's own part, `stopCause` why it was stopped early. */
function readOutcome(
  control: Control,
  at: number,
  { descriptor, blocks, errorRecord }: Job,
  ending: Ending | undefined,
  stopCause: unknown,
): JobOutcome {
  const own = typeof ending === 'object' ? ending : undefined;
  const kept = keptFailure(control, at);
  const blocksPerUnit = control.doubles[(at + jobWord.blocksPerUnit) / 2]!;
  if (kept !== undefined && (own === undefined || kept.unit < own.unit)) {
    if (errorRecord !== undefined && kept.kind === failureKind.status) {
      const slot = heapBytes(descriptor + 8 * errorRecord.slot, 4);
      const record = new DataView(slot.buffer, slot.byteOffset).getUint32(0, true);
      heapBytes(record, errorRecord.bytes).set(keptRecord(control, at));
    }
    const { kind, message } = kept;
    const cause = kind === failureKind.status ? undefined : causeOf(kind, message);
    return outcomeOf({ ...kept, cause }, blocksPerUnit, blocks);
  }
  if (own !== undefined) return failureOf(own, blocksPerUnit, blocks);
  return stopCause === undefined ? done : { status: -1, cause: stopCause };
}

/** The outcome of a failure on this thread. */
function failureOf(failure: Failure, blocksPerUnit: number, blocks: number): JobOutcome {
  const { error } = failure;
  if (error === undefined)
    return outcomeOf({ ...failure, kind: failureKind.status, cause: undefined }, blocksPerUnit, blocks);
  const cause = causeOf(failureKind.exception, describeError(error), error);
  return outcomeOf({ ...failure, kind: failureKind.exception, cause }, blocksPerUnit, blocks);
}

/** Records that asynchronous jobs of this thread may hold at once; synchronous calls need some, too. */
const mostAsync = 48;
let asyncCount = 0;
/** Jobs that wait for one of those; in the order of their calls. */
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

/**
 * Has the team run the blocks; the calling thread runs none and is never blocked. The process stays alive until the promise settles.
 * `signal` stops it between two blocks: then `cause` is the signal's reason, unless nothing was left to stop.
 */
export async function runBlocksAsync(
  job: Job,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<JobOutcome> {
  const entry = checkedEntry(job);
  if (isAborted(signal)) return { status: -1, cause: signal?.reason };
  if (job.blocks <= 0) return done;
  if (!hasSharedHeap()) return runInTurns(job, entry, signal);
  const team = openTeam();
  const { control } = team;
  const participants = participantsOf(job);
  const place = job.module.place(control);
  const release = holdProcess();
  try {
    // Without a wait where there need be none: the team begins while the caller goes on with what follows the call.
    let record = takeAsyncRecord(control);
    if (record < 0) record = await awaitAsyncRecord(control);
    const at = jobAt(control, record);
    try {
      if (isAborted(signal)) return { status: -1, cause: signal?.reason };
      startThreads(team, participants);
      const failure = team.home?.startFailure;
      if (failure !== undefined) return { status: -1, cause: causeOf(failureKind.noThreads, failure) };
      writeJob(control, at, job, place, entry, participants, true);
      let isStopped = false;
      const onAbort = (): void => {
        isStopped = stopJob(control, at);
        if (endIfFinished(control, record) && wantsNotices) announceEnd(control);
      };
      const ended = awaitEnd(control, at);
      openJob(control, record, participants);
      signalThreads(control, Math.min(participants, control.words[at + jobWord.total]!));
      signal?.addEventListener('abort', onAbort, { once: true });
      await ended;
      signal?.removeEventListener('abort', onAbort);
      return readOutcome(control, at, job, undefined, isStopped ? signal?.reason : undefined);
    } finally {
      freeAsyncRecord(control, record);
    }
  } finally {
    release();
  }
}

const isAborted = (signal: AbortSignal | undefined): boolean => signal?.aborted === true;

/** Milliseconds that a page may be kept from what else it has to do. */
const slice = 8;

/** Where there are no other threads the blocks are run on this one, a few milliseconds at a time. */
async function runInTurns(job: Job, entry: number, signal: AbortSignal | undefined): Promise<JobOutcome> {
  const { module, descriptor, blocks, grain = 0 } = job;
  const kernel = module.kernel(entry);
  const cursor = { block: 0 };
  for (;;) {
    const scratch = callerMemory.reserve(module.scratchBytes);
    const isOver = isOverAt(clock() + slice / 1000);
    const ending = runAlone({ kernel, descriptor, scratch, isOver }, blocks, grain, cursor);
    if (ending === 'exhausted') return done;
    if (ending !== 'over') return failureOf(ending, 1, blocks);
    await nextTurn();
    if (isAborted(signal)) return { status: -1, cause: signal?.reason };
  }
}
