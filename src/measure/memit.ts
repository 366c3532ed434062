// memit: how far the memory of this process rises while a function runs, as the operating system counts it. That takes in everything:
// the engine's heap, typed arrays, shared memory, WebAssembly memory, threads.
import { watchPeakMemory } from '#platform';
import { UnsupportedError } from '../base/errors.js';
import { formatMebibytes } from '../base/format.js';
import { Printable } from '../base/printable.js';
import { orAborted } from './abort.js';
import { isThenable } from './loops.js';
import { checkFunction } from './options.js';
import { checkCallOptions } from './time.js';
import type { CallOptions } from './time.js';

/** What `memit` found, in bytes. Prints in MiB. */
export class MemoryUse<R> extends Printable {
  readonly value: R;
  /** The most that was resident at any moment of the call. */
  readonly peak: number;
  /** How far that lies above what was resident when the call began; never negative. */
  readonly increment: number;

  constructor(value: R, start: number, peak: number) {
    super();
    this.value = value;
    this.peak = peak;
    this.increment = peak - start;
  }

  toString(): string {
    return `peak memory: ${formatMebibytes(this.peak)}, increment: ${formatMebibytes(this.increment)}`;
  }
}

/**
 * Calls `f` once and says how much memory that took; an asynchronous function is awaited. Garbage is collected first. Memory that this
 * process already holds and uses again is not counted, so the first call in a fresh process tells the most. Pages that are reserved but
 * never touched do not count. On Linux the peak is the kernel's own; elsewhere it is sampled every millisecond.
 *
 * @throws {UserError} MEASURE001 if `f` is not a function, MEASURE002 for options that cannot be used
 * @throws {UnsupportedError} MEASURE003 in a page, where nothing tells
 * @throws whatever `f` throws, and the reason of `signal`
 * @example
 * import { memit } from 'heddle';
 * const use = await memit(() => new Float64Array(1e6).fill(1).length);
 * console.log(`${use}`); // peak memory: 61.0 MiB, increment: 7.8 MiB
 */
export async function memit<A extends unknown[], R>(
  f: (...args: A) => R,
  options: CallOptions<A> = {},
): Promise<MemoryUse<Awaited<R>>> {
  checkFunction('memit', f);
  checkCallOptions('memit', options);
  const { args = [] as unknown[] as A, signal } = options;
  signal?.throwIfAborted();
  const watch = await watchPeakMemory();
  if (watch === undefined) {
    throw new UnsupportedError('MEASURE003', 'memit cannot measure memory in a page', {
      note: 'a browser does not tell a page how much memory its process holds',
      fix: 'call memit in Node, where the same function needs the same arrays',
    });
  }
  let value: unknown;
  let peak: number;
  try {
    const result: unknown = f(...args);
    value = isThenable(result) ? await orAborted(result, signal) : result;
  } finally {
    peak = watch.stop();
  }
  return new MemoryUse(value as Awaited<R>, watch.start, peak);
}
