// A call that does not block: the main entry runs on a thread of the team, as a job of one block, and so do its sections, on as many as want to;
// the thread that calls only writes the arguments, answers what the kernel asks for, and reads the results. Where no memory is shared all of
// it runs on the calling thread, a few milliseconds at a time.
import { clock, nextTurn } from '#platform';
import {
  errorRecordBytes,
  requestMemory,
  requestSection,
  statusFailed,
  statusOk,
  statusStopped,
  statusSuspended,
} from '../backends/wasm/index.js';
import type { CompiledKernel } from '../backends/wasm/index.js';
import type { Scalar } from '../ir/operations.js';
import { allocate, openHeap, release } from '../memory/heap.js';
import { noteOnce } from '../platform/settings.js';
import { failureAt, failureOfRecord, unexpectedStatus } from './call-data.js';
import type { CallLayout } from './call-data.js';
import { LentMemory } from './lent-memory.js';
import type { SharedCode } from './shared-code.js';
import { deadlineCause, hasSharedHeap, runBlocksAsync } from './team/index.js';
import type { Job, JobOutcome } from './team/index.js';

export interface AsyncOptions {
  /** At most so many threads run parallel loops. */
  readonly threads?: number | undefined;
  /** Ends the call: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Ends the call after so many milliseconds, with TEAM003. */
  readonly timeoutMs?: number | undefined;
}

/** A compiled kernel, as its calls need it. */
export interface Callee {
  readonly calls: CallLayout;
  readonly code: SharedCode;
  readonly entries: CompiledKernel['entries'];
  readonly mainScratchBytes: number;
  /** What errors call it. */
  readonly name: string;
}

export async function callAsync(
  callee: Callee,
  scalars: readonly Scalar[],
  buffers: readonly number[],
  options: AsyncOptions,
): Promise<Scalar[]> {
  const { signal, end } = stopSignal(callee, options);
  try {
    signal?.throwIfAborted();
    return await callWith(callee, scalars, buffers, options.threads, signal);
  } finally {
    end();
  }
}

/** One signal for all that may end the call, and what takes the others off when it has ended. */
function stopSignal(
  { name }: Callee,
  { signal, timeoutMs }: AsyncOptions,
): { readonly signal: AbortSignal | undefined; readonly end: () => void } {
  if (timeoutMs === undefined) return { signal, end: () => {} };
  const either = new AbortController();
  const follow = (): void => either.abort(signal?.reason);
  const timer = setTimeout(() => either.abort(deadlineCause(timeoutMs, name)), timeoutMs);
  if (signal?.aborted === true) follow();
  signal?.addEventListener('abort', follow, { once: true });
  return {
    signal: either.signal,
    end() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', follow);
    },
  };
}

/** Seconds that a page without threads may be kept from what else it has to do. */
const slice = 8e-3;

async function callWith(
  callee: Callee,
  scalars: readonly Scalar[],
  buffers: readonly number[],
  threads: number | undefined,
  signal: AbortSignal | undefined,
): Promise<Scalar[]> {
  const { calls, code, entries, mainScratchBytes, name } = callee;
  const heap = openHeap();
  const isShared = hasSharedHeap();
  if (!isShared) sayThatAlone();
  // Calls interleave, so that this cannot come from the stack of those that do not. The stop word lies behind the rest.
  const stopAt = Math.ceil((calls.descriptorBytes + mainScratchBytes) / 16) * 16;
  const descriptor = allocate(stopAt + 16, { label: `a call of ${name}` });
  const scratch = descriptor + calls.descriptorBytes;
  const stop = { word: descriptor + stopAt, status: statusStopped };
  const lent = new LentMemory(heap, `memory of ${name}`);
  let turnEnd = clock() + slice;
  code.begin();
  try {
    heap.words[stop.word / 4] = 0;
    calls.write(heap, descriptor, scalars, buffers, stop.word);
    const run = (job: Pick<Job, 'entry' | 'blocks' | 'threads' | 'scratch' | 'recordBytes'>): Promise<JobOutcome> =>
      runBlocksAsync({ module: code.module, descriptor, stop, ...job }, { signal });
    const runMain = (): Promise<JobOutcome> => run({ entry: entries.main, blocks: 1, threads: 1, scratch });

    let outcome = await runMain();
    while (outcome.status === statusSuspended) {
      const { kind, target, amount } = calls.request(heap, descriptor);
      if (kind === requestSection) {
        const section = entries.sections[target]!;
        outcome = await run({ entry: section, blocks: amount, threads, recordBytes: errorRecordBytes });
        if (outcome.status !== statusOk) break;
      } else if (kind === requestMemory) calls.answer(heap, descriptor, target, lent.lend(target, amount));
      if (!isShared && clock() >= turnEnd) {
        await nextTurn();
        signal?.throwIfAborted();
        turnEnd = clock() + slice;
      }
      outcome = await runMain();
    }
    // A cause may be anything that a signal was given: null, for one.
    if ('cause' in outcome && outcome.status === -1) throw outcome.cause;
    if (outcome.status === statusFailed) {
      const { record } = outcome;
      throw record === undefined
        ? failureAt(calls.kernel.name, heap, scratch)
        : failureOfRecord(calls.kernel.name, record);
    }
    if (outcome.status !== statusOk) throw unexpectedStatus(calls.kernel.name, outcome.status);
    return calls.results(heap, descriptor);
  } finally {
    code.end();
    lent.giveBack();
    release(descriptor);
  }
}

const sayThatAlone = (): void =>
  noteOnce(
    'heddle: this page is not cross-origin isolated and so has one thread; asynchronous calls run on it, a few milliseconds at a time',
  );
