// Where a kernel's call finds its data: one record in the heap, of 64-bit slots, that caller and kernel both read from this page, and the
// scratch memory of each thread, which begins with the record of a failed check.
// Slots: the address of the stop word; where to go on; what is asked of the runtime; the parameters; the buffers' addresses; the results;
// and behind them what sections find of the function around them. Addresses count bytes from the heap's base.
import type { Kernel } from '../../ir/nodes.js';

export const slotBytes = 8;
/** Of the error record, at the start of scratch memory: site + 1, iteration, index, length. */
export const errorRecordBytes = 4 * slotBytes;

/** What an entry returns. */
export const statusOk = 0;
/** A check failed: the record lies at the start of the scratch memory that the entry was given. */
export const statusFailed = 1;
/** The main entry asks for something, and wants to be called again with the same descriptor and scratch memory when it is done. */
export const statusSuspended = 2;
/** The stop word was not 0. */
export const statusStopped = 3;

/** What a suspended kernel asks for. */
export const requestSection = 1;
export const requestMemory = 2;
/** Nothing but to be called again: a chance for the engine to swap code, and for the caller to stop. */
export const requestAgain = 3;

/** In the place of a check's site: calls of routines inside each other went deeper than the limit, which is the record's length. */
export const recursionSite = -2;

export interface DescriptorLayout {
  /** Holds the i32 address of an i32 that is 0 while the call may go on; the address 0 stands for none, as nothing is ever stored there. */
  readonly stop: number;
  /** i32; 0 before the first call of the main entry. */
  readonly state: number;
  /** i32: one of requestSection, requestMemory, requestAgain. */
  readonly request: number;
  /** i32: the number of the section, or the slot where the address of the memory is to be written. */
  readonly target: number;
  /** i64: iterations of the section, or bytes of memory, which have to be zero. */
  readonly amount: number;
  /** Slot numbers; parameters, buffers and results follow one another from here. */
  readonly parameters: number;
  readonly buffers: number;
  readonly results: number;
  readonly slots: number;
}

export function layoutOf({
  parameters,
  buffers,
  results,
}: Pick<Kernel, 'parameters' | 'buffers' | 'results'>): DescriptorLayout {
  const firstParameter = 5;
  const firstBuffer = firstParameter + parameters.length;
  const firstResult = firstBuffer + buffers.length;
  return {
    stop: 0,
    state: 1,
    request: 2,
    target: 3,
    amount: 4,
    parameters: firstParameter,
    buffers: firstBuffer,
    results: firstResult,
    slots: firstResult + results.length,
  };
}
