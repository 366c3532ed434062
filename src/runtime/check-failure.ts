// A check of a kernel that failed, with what it left behind: the front end that made the kernel knows what its site means to people.
import { InternalError } from '../base/errors.js';
import { recursionSite } from '../backends/wasm/index.js';

export { recursionSite };

export interface FailureRecord {
  /** The number that the front end gave the check, or `recursionSite`: then `index` is the depth of calls and `length` the limit. */
  readonly site: number;
  /** Of the parallel loop that failed, the lowest of all that did; 0 outside of one. */
  readonly iteration: number;
  readonly index: bigint;
  readonly length: bigint;
}

/** Thrown by a call; whoever lets it through has given a check to a kernel without saying what it means. */
export class CheckFailure extends InternalError {
  readonly record: FailureRecord;

  constructor(kernel: string, record: FailureRecord, cause?: unknown) {
    const { site, index, length } = record;
    const what =
      site === recursionSite
        ? `calls itself more than ${length} deep`
        : `failed its check ${site}: ${index} of ${length}`;
    super('RUN001', `the kernel @${kernel} ${what}`, { cause });
    this.record = record;
  }
}
