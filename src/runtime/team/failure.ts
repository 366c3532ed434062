// What went wrong in a team thread, kept in the job's record until the caller reads it: of several failures the one with the lowest unit.
import { jobAt, jobWord, messageCapacity } from './layout.js';
import type { Control } from './layout.js';
import { heapBytes } from './thread-memory.js';

/** How it failed: the kernel's status, an exception in or around the kernel, the thread's end, no thread to run it. */
export const failureKind = { status: 0, exception: 1, death: 2, noThreads: 3 } as const;
export type FailureKind = (typeof failureKind)[keyof typeof failureKind];

export interface KeptFailure {
  readonly kind: FailureKind;
  readonly unit: number;
  readonly units: number;
  readonly status: number;
  readonly message: string;
}

/** Keeps a failure if it is the lowest so far, and with it the error record at the start of `scratch` where there is one. */
export function keepFailure(control: Control, job: number, slot: number, failure: KeptFailure, scratch = 0): void {
  const { words } = control;
  const at = jobAt(control, job);
  // Whoever holds it is copying a few hundred bytes; should that thread die, its burial opens the lock.
  while (Atomics.compareExchange(words, at + jobWord.lock, 0, slot + 1) !== 0);
  if (words[at + jobWord.failed] === 0 || failure.unit < words[at + jobWord.failedUnit]!) {
    words[at + jobWord.failed] = 1;
    words[at + jobWord.failedUnit] = failure.unit;
    words[at + jobWord.failedUnits] = failure.units;
    words[at + jobWord.failedStatus] = failure.status;
    words[at + jobWord.failureKind] = failure.kind;
    // A message too long is cut; a letter cut in two decodes as U+FFFD.
    const message = new TextEncoder().encode(failure.message).subarray(0, messageCapacity);
    words[at + jobWord.messageBytes] = message.length;
    recordBytes(at + jobWord.message, message.length).set(message);
    const length = words[at + jobWord.recordBytes]!;
    if (scratch !== 0) recordBytes(at + jobWord.record, length).set(heapBytes(scratch, length));
  }
  openLock(control, job, slot);
}

/** Opens the job's lock if the thread of `slot` holds it. */
export function openLock(control: Control, job: number, slot: number): void {
  Atomics.compareExchange(control.words, jobAt(control, job) + jobWord.lock, slot + 1, 0);
}

/** The failure that team threads have left in a record that nobody is in any more. */
export function keptFailure({ words }: Control, at: number): KeptFailure | undefined {
  if (words[at + jobWord.failed] === 0) return undefined;
  return {
    kind: words[at + jobWord.failureKind] as FailureKind,
    unit: words[at + jobWord.failedUnit]!,
    units: words[at + jobWord.failedUnits]!,
    status: words[at + jobWord.failedStatus]!,
    // Decoders refuse shared memory; a slice is a copy.
    message: new TextDecoder().decode(recordBytes(at + jobWord.message, words[at + jobWord.messageBytes]!).slice()),
  };
}

/** A copy of the error record that was kept with it. */
export function keptRecord({ words }: Control, at: number): Uint8Array {
  return recordBytes(at + jobWord.record, words[at + jobWord.recordBytes]!).slice();
}

const recordBytes = (word: number, length: number): Uint8Array => heapBytes(4 * word, length);

/** What was thrown in or around a kernel, in words; engines throw errors there, and nothing else. */
export function describeError(error: unknown): string {
  if (error === undefined) return '';
  return error instanceof Error ? `${error.name}: ${error.message}` : 'something else than an error was thrown';
}
