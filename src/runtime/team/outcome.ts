// What the caller of a job is told: done, the status of the lowest failing block, or why the team could not finish.
import { InternalError, UnsupportedError, UserError } from '../../base/errors.js';
import { failureKind } from './failure.js';
import type { KeptFailure } from './failure.js';

export interface JobOutcome {
  /** 0: done. Above 0: the kernel's. −1: the team's own; then `cause` says why. */
  readonly status: number;
  /**
   * The grain that failed, of several the lowest: the first of its blocks and the one behind its last. How large grains are depends on
   * timing, and a kernel stops at its first failing block: which one that was is in its error record.
   */
  readonly failedBlocks?: { readonly first: number; readonly end: number };
  readonly cause?: unknown;
  /** What the lowest failing kernel left at the start of its scratch memory, where the job asked for it: a copy. */
  readonly record?: Uint8Array;
}

export const done: JobOutcome = { status: 0 };

/** The outcome of a failure; units are turned into blocks. */
export function outcomeOf(
  failure: Omit<KeptFailure, 'message'> & { readonly cause: unknown; readonly record: Uint8Array | undefined },
  blocksPerUnit: number,
  blocks: number,
): JobOutcome {
  const { kind, unit, units, status, cause, record } = failure;
  if (kind === failureKind.noThreads) return { status: -1, cause };
  const failedBlocks = { first: unit * blocksPerUnit, end: Math.min((unit + units) * blocksPerUnit, blocks) };
  if (kind !== failureKind.status) return { status: -1, failedBlocks, cause };
  return record === undefined ? { status, failedBlocks } : { status, failedBlocks, record };
}

export function causeOf(kind: FailureKindWithCause, message: string, error?: unknown): Error {
  switch (kind) {
    case failureKind.exception:
      return new InternalError('TEAM002', `a kernel broke off: ${message}`, { cause: error });
    case failureKind.death:
      return new UserError('TEAM001', `a thread of the team ended in the middle of its work: ${message}`, {
        note: 'some of the blocks that it was to run have not been run, and nobody can tell which',
        fix: 'call again, with data that have not been written to: another thread has taken its place',
      });
    case failureKind.noThreads:
      return new UnsupportedError('TEAM004', `no thread of the team could be started: ${message}`, {
        note: 'asynchronous work is run by threads other than the one that asks for it',
        fix: 'call it synchronously, which runs it on the calling thread',
      });
  }
}

type FailureKindWithCause = (typeof failureKind)['exception' | 'death' | 'noThreads'];

/** `what`: the call, as the message names it. */
export const deadlineCause = (milliseconds: number, what = 'the call'): UserError =>
  new UserError('TEAM003', `${what} took longer than the ${milliseconds} ms that it was given`, {
    note: "it was stopped in the middle; what it had written to heddle's own memory until then is written",
    fix: 'give it more time, or less work',
  });
