// time: one call, its CPU time over all threads and its wall time, told as IPython's %time tells it.
import { clock, cpuTimes } from '#platform';
import { formatTime } from '../base/format.js';
import { Printable } from '../base/printable.js';
import { orAborted } from './abort.js';
import { isThenable } from './loops.js';
import { checkArgs, checkFunction, checkOptions, checkSignal } from './options.js';

export interface CallOptions<A extends unknown[]> {
  /** What the function is called with. */
  args?: A;
  /** Heeded before the call, and while an asynchronous function is awaited. */
  signal?: AbortSignal;
}

export function checkCallOptions(caller: string, options: CallOptions<unknown[]>): void {
  checkOptions(caller, options, ['args', 'signal']);
  checkArgs(caller, options.args);
  checkSignal(caller, options.signal);
}

/** What `time` found; all times in seconds. Prints as IPython's two lines. */
export class CallTime<R> extends Printable {
  readonly value: R;
  /** CPU seconds in this process's own code, over all threads; null in a page, which is not told. */
  readonly user: number | null;
  /** CPU seconds in the operating system on its behalf, over all threads; null in a page. */
  readonly system: number | null;
  /** `user + system`; null in a page. */
  readonly total: number | null;
  readonly wall: number;

  constructor(value: R, cpu: { user: number; system: number } | null, wall: number) {
    super();
    this.value = value;
    this.user = cpu?.user ?? null;
    this.system = cpu?.system ?? null;
    this.total = cpu === null ? null : cpu.user + cpu.system;
    this.wall = wall;
  }

  toString(): string {
    const { user, system, total } = this;
    const cpu =
      user === null || system === null || total === null
        ? 'not known in a page'
        : `user ${formatTime(user)}, sys: ${formatTime(system)}, total: ${formatTime(total)}`;
    return `CPU times: ${cpu}\nWall time: ${formatTime(this.wall)}`;
  }
}

/**
 * Calls `f` once and says how long it took; an asynchronous function is awaited.
 *
 * @throws {UserError} MEASURE001 if `f` is not a function, MEASURE002 for options that cannot be used
 * @throws whatever `f` throws, and the reason of `signal`
 * @example
 * import { time } from 'heddle';
 * const call = await time(() => Array.from({ length: 1e5 }, Math.sqrt).length);
 * console.log(call.value); // 100000
 * console.log(`${call}`); // CPU times: user …, sys: …, total: … and below it Wall time: …
 */
export async function time<A extends unknown[], R>(
  f: (...args: A) => R,
  options: CallOptions<A> = {},
): Promise<CallTime<Awaited<R>>> {
  checkFunction('time', f);
  checkCallOptions('time', options);
  const { args = [] as unknown[] as A, signal } = options;
  signal?.throwIfAborted();
  const before = cpuTimes();
  const start = clock();
  const result: unknown = f(...args);
  const value = isThenable(result) ? await orAborted(result, signal) : result;
  const wall = clock() - start;
  const after = cpuTimes();
  const cpu = before && after ? { user: after.user - before.user, system: after.system - before.system } : null;
  return new CallTime(value as Awaited<R>, cpu, wall);
}
