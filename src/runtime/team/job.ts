// A job as its caller states it, how it is written into a record, and how its outcome is read from there.
import { openHeap } from '../../memory/heap.js';
import { InternalError } from '../../base/errors.js';
import { describeError, failureKind, keptFailure, keptRecord } from './failure.js';
import { largestGrain, largestLimit, mostUnits } from './job-state.js';
import { jobWord, recordCapacity } from './layout.js';
import type { Control } from './layout.js';
import { causeOf, done, outcomeOf } from './outcome.js';
import type { JobOutcome } from './outcome.js';
import type { Ending, Failure } from './run-units.js';
import type { ModulePlace, TeamModule } from './team-module.js';
import { defaultThreads } from './threads.js';
import { heapBytes, ThreadMemory } from './thread-memory.js';

export interface Job {
  readonly module: TeamModule;
  /** An exported function, by its name or by its number among them. */
  readonly entry: string | number;
  /** Address of the descriptor. */
  readonly descriptor: number;
  /** Blocks 0 … `blocks` − 1 are run, each once. */
  readonly blocks: number;
  /**
   * Blocks that are taken at once; otherwise as many as fill about a fifth of a millisecond. Beyond 2³⁰ blocks they come in larger pieces.
   * Results never depend on it.
   */
  readonly grain?: number | undefined;
  /** At most so many threads take part at a time; 1: a synchronous call's caller alone. */
  readonly threads?: number | undefined;
  /** Bytes at the start of scratch memory in which a kernel that fails leaves a record of it: the lowest failing one's is in the outcome. */
  readonly recordBytes?: number | undefined;
  /** Address of scratch memory to use in place of the threads' own, so that it outlasts the job. Only with `threads: 1`. */
  readonly scratch?: number | undefined;
  /**
   * For kernels that look whether they are to stop: the address of an i32 that is 0, in which the team writes 1 when a signal or a deadline
   * stops the job, and the status that such a kernel then returns.
   */
  readonly stop?: StopWord | undefined;
  /** Synchronous calls only: milliseconds after which it is stopped, with TEAM003 as the cause. */
  readonly deadline?: number | undefined;
}

export interface StopWord {
  readonly word: number;
  readonly status: number;
}

/** How many threads a job is shared among if it does not say. */
export const threadCount = (): number => defaultThreads();

export const participantsOf = ({ threads = threadCount(), blocks }: Job): number =>
  Math.max(1, Math.min(threads, blocks, largestLimit));

/** The number of the job's entry, once the rest of it has been looked over. */
export function checkedEntry({ module, entry, recordBytes = 0, scratch, threads }: Job): number {
  if (recordBytes > recordCapacity) {
    throw new InternalError('TEAM005', `an error record of ${recordBytes} bytes, which are too many`, {
      note: `a job keeps at most ${recordCapacity} of them`,
    });
  }
  if (scratch !== undefined && threads !== 1)
    throw new InternalError('TEAM005', 'a job was given scratch memory that several threads would share');
  return module.entry(entry);
}

let isShared: boolean | undefined;

/** A page that is not isolated from others has no shared memory, and so one thread. */
export function hasSharedHeap(): boolean {
  return (isShared ??=
    typeof SharedArrayBuffer === 'function' && openHeap().memory.buffer instanceof SharedArrayBuffer);
}

const callerMemory = new ThreadMemory();

/** Scratch memory for the kernels that this thread runs as a caller. */
export const callerScratch = ({ module, scratch }: Job): number => scratch ?? callerMemory.reserve(module.scratchBytes);

/** Tells kernels that look for it to stop. */
export function raiseStopWord({ stop }: Job): void {
  if (stop === undefined) return;
  const { buffer, byteOffset } = heapBytes(stop.word, 4);
  Atomics.store(new Int32Array(buffer, byteOffset, 1), 0, 1);
}

/** Writes a job into a record that has been taken and is not open yet. */
export function writeJob(
  { words, doubles }: Control,
  at: number,
  { module, descriptor, blocks, grain = 0, recordBytes = 0, scratch = 0, stop }: Job,
  { id, address, bytes }: ModulePlace,
  how: {
    readonly entry: number;
    readonly participants: number;
    readonly isAsync: boolean;
    readonly wantsNotice: boolean;
  },
): void {
  const blocksPerUnit = Math.ceil(blocks / mostUnits);
  words[at + jobWord.total] = Math.ceil(blocks / blocksPerUnit);
  doubles[(at + jobWord.blocks) / 2] = blocks;
  doubles[(at + jobWord.blocksPerUnit) / 2] = blocksPerUnit;
  words[at + jobWord.descriptor] = descriptor;
  words[at + jobWord.scratch] = scratch;
  words[at + jobWord.recordBytes] = recordBytes;
  words[at + jobWord.stopStatus] = stop?.status ?? 0;
  words[at + jobWord.module] = id;
  words[at + jobWord.moduleAddress] = address;
  words[at + jobWord.moduleBytes] = bytes;
  words[at + jobWord.scratchBytes] = module.scratchBytes;
  words[at + jobWord.entry] = how.entry;
  words[at + jobWord.grain] = Math.min(Math.ceil(grain / blocksPerUnit), largestGrain);
  words[at + jobWord.participants] = how.participants;
  words[at + jobWord.isAsync] = Number(how.isAsync);
  words[at + jobWord.wantsNotice] = Number(how.wantsNotice);
  words[at + jobWord.done] = 0;
  words[at + jobWord.stopped] = 0;
  words[at + jobWord.failed] = 0;
  words[at + jobWord.next] = 0;
}

/** How the caller's own part has ended, where it had one, and the scratch memory that it ran with. */
export interface OwnPart {
  readonly ending: Ending;
  readonly scratch: number;
}

/**
 * The outcome of a job that nobody is in any more. `stopCause` says why the caller has asked it to stop, where it has; `isStopped` whether
 * there was anything left to stop.
 */
export function readOutcome(
  control: Control,
  at: number,
  job: Job,
  own: OwnPart | undefined,
  { isStopped, stopCause }: { readonly isStopped: boolean; readonly stopCause: unknown },
): JobOutcome {
  const { words, doubles } = control;
  const blocksPerUnit = doubles[(at + jobWord.blocksPerUnit) / 2]!;
  const failure = typeof own?.ending === 'object' ? own.ending : undefined;
  const kept = keptFailure(control, at);
  if (kept !== undefined && (failure === undefined || kept.unit < failure.unit)) {
    const { kind, message } = kept;
    const isStatus = kind === failureKind.status;
    const record = isStatus && (job.recordBytes ?? 0) > 0 ? keptRecord(control, at) : undefined;
    const cause = isStatus ? undefined : causeOf(kind, message);
    return outcomeOf({ ...kept, cause, record }, blocksPerUnit, job.blocks);
  }
  if (failure !== undefined) return failureOf(failure, job, own!.scratch, blocksPerUnit);
  const wasStopped = isStopped || own?.ending === 'stopped' || words[at + jobWord.stopped] === 1;
  return wasStopped ? stopOutcome(job, stopCause) : done;
}

/** The outcome of a job that was stopped: by the caller, for some cause, or by whoever else has written its stop word. */
export const stopOutcome = ({ stop }: Job, cause: unknown): JobOutcome =>
  cause === undefined ? { status: stop?.status ?? -1 } : { status: -1, cause };

/** The outcome of a failure on this thread. */
export function failureOf(
  failure: Failure,
  { recordBytes = 0, blocks }: Job,
  scratch: number,
  blocksPerUnit = 1,
): JobOutcome {
  const { error } = failure;
  const [kind, cause, record] =
    error === undefined
      ? [failureKind.status, undefined, recordBytes > 0 ? heapBytes(scratch, recordBytes).slice() : undefined]
      : [failureKind.exception, causeOf(failureKind.exception, describeError(error), error), undefined];
  return outcomeOf({ ...failure, kind, cause, record }, blocksPerUnit, blocks);
}
