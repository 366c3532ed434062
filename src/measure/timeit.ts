// timeit: how long a function takes, told as IPython's %timeit tells it. One first call apart; then the number of loops is chosen; then
// several runs of that many loops, of which the mean and spread are printed.
import { clock, nextTurn } from '#platform';
import { formatPlural, formatTime } from '../base/format.js';
import { Printable } from '../base/printable.js';
import { orAborted } from './abort.js';
import { chooseLoops, isThenable, kept, timeLoops } from './loops.js';
import {
  checkArgs,
  checkCallback,
  checkCount,
  checkedTimer,
  checkFunction,
  checkOptions,
  checkSignal,
} from './options.js';
import { mean, median, populationStd } from './statistics.js';

export interface TimeitOptions<A extends unknown[]> {
  /** What the function is called with. */
  args?: A;
  /** Called, untimed, before the first call and before every run; an array that it returns is the arguments from then on. */
  setup?: () => [...A] | void | Promise<[...A] | void>;
  /** Calls in each run. By default the smallest power of ten that makes a run take 0.2 s. */
  loops?: number;
  /** 7 by default. */
  runs?: number;
  /** Looked at between runs, and while an asynchronous function is awaited. */
  signal?: AbortSignal;
  /** A clock in seconds, in place of the system's. */
  timer?: () => number;
}

/** What `timeit` found; all times in seconds a call. Prints as IPython's line. */
export class Timing extends Printable {
  /** Each run's time, divided by its loops. */
  readonly runs: readonly number[];
  readonly loops: number;
  readonly mean: number;
  /** Of the population of runs. */
  readonly std: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** The very first call, with whatever it had to set up or compile. */
  readonly firstCall: number;

  constructor(runs: readonly number[], loops: number, firstCall: number) {
    super();
    this.runs = runs;
    this.loops = loops;
    this.mean = mean(runs);
    this.std = populationStd(runs);
    this.median = median(runs);
    // Not Math.min(...runs): an engine takes only so many arguments.
    this.min = runs.reduce((a, b) => Math.min(a, b), Infinity);
    this.max = runs.reduce((a, b) => Math.max(a, b), -Infinity);
    this.firstCall = firstCall;
  }

  /** A warning where the slowest run (over 1 µs) took more than four times as long as the fastest, else null. */
  get note(): string | null {
    if (!(this.max > 4 * this.min && this.min > 0 && this.max > 1e-6)) return null;
    const times = (this.max / this.min).toFixed(2);
    return `The slowest run took ${times} times as long as the fastest: something may have been cached, or the machine was busy.`;
  }

  toString(): string {
    // As there, only the loops have commas between thousands.
    const runs = `${this.runs.length} run${this.runs.length === 1 ? '' : 's'}`;
    const counts = `${runs}, ${formatPlural(this.loops, 'loop')} each`;
    const line = `${formatTime(this.mean)} ± ${formatTime(this.std)} per loop (mean ± std. dev. of ${counts})`;
    return this.note === null ? line : `${this.note}\n${line}`;
  }
}

/**
 * Measures how long one call of `f` takes; an asynchronous function is awaited. It is called once for `firstCall`, some times to choose
 * the loops, and then `runs × loops` times. Each result is kept until the next, so that no engine can delete the work.
 *
 * @throws {UserError} MEASURE001 if `f` is not a function, MEASURE002 for options that cannot be used, and if `f` returned
 *   a value first and a promise later
 * @throws whatever `f` throws, and the reason of `signal`
 * @example
 * import { timeit } from 'heddle';
 * const timing = await timeit((n: number) => Array.from({ length: n }, Math.sqrt), { args: [1000] });
 * console.log(`${timing}`); // 23.1 µs ± 610 ns per loop (mean ± std. dev. of 7 runs, 10,000 loops each)
 */
export async function timeit<A extends unknown[]>(
  f: (...args: A) => unknown,
  options: TimeitOptions<NoInfer<A>> = {},
): Promise<Timing> {
  checkFunction('timeit', f);
  checkOptions('timeit', options, ['args', 'setup', 'loops', 'runs', 'signal', 'timer']);
  checkArgs('timeit', options.args);
  checkSignal('timeit', options.signal);
  checkCallback('timeit', 'setup', options.setup, 'give a function, which may return an array of arguments');
  checkCallback('timeit', 'timer', options.timer, 'give a function that returns seconds');
  checkCount('timeit', 'loops', options.loops);
  checkCount('timeit', 'runs', options.runs);
  const { setup, signal, runs = 7 } = options;
  const timer = options.timer === undefined ? clock : checkedTimer('timeit', options.timer);
  let args: unknown[] = options.args ?? [];

  const prepare = async (): Promise<void> => {
    // Also gives timers, and whoever aborts the signal, their turn between two synchronous runs.
    await nextTurn();
    signal?.throwIfAborted();
    const prepared = setup && (await orAborted(Promise.resolve(setup()), signal));
    if (Array.isArray(prepared)) args = prepared;
  };

  await prepare();
  const start = timer();
  let result: unknown = (f as (...args: unknown[]) => unknown)(...args);
  const isAsync = isThenable(result);
  if (isThenable(result)) result = await orAborted(result, signal);
  const firstCall = timer() - start;
  kept.value = result;

  const timeRun = async (loops: number): Promise<number> => {
    await prepare();
    return timeLoops(f, args, loops, isAsync, timer, signal);
  };
  const loops = options.loops ?? (await chooseLoops(timeRun));
  const seconds: number[] = [];
  while (seconds.length < runs) seconds.push((await timeRun(loops)) / loops);
  return new Timing(seconds, loops, firstCall);
}
