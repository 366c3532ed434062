// The timed loop itself, and the search for how often it has to go round. Everything that times a function in heddle times it here.
import { clock } from '#platform';
import { UserError } from '../base/errors.js';
import { orAborted } from './abort.js';

export type AnyFunction = (...args: never[]) => unknown;
type Callable = (...args: unknown[]) => unknown;

/** Where the result of the last call is kept, so that an engine cannot find the calls useless and delete them. */
export const kept: { value: unknown } = { value: undefined };

/** A run shorter than this is repeated with ten times the loops (seconds; IPython's figure). */
const shortestRun = 0.2;
/** More loops than this are never needed: the calls alone, which cannot be inlined, take 3 to 5 ns each. */
const mostLoops = 1_000_000_000;

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function timeSync(f: Callable, args: readonly unknown[], loops: number, timer: () => number): number {
  let result: unknown;
  const [first, second, third] = [args[0], args[1], args[2]];
  const start = timer();
  // Spreading an array into a call takes longer than many a function that is called so.
  if (args.length === 0) for (let i = 0; i < loops; i++) result = f();
  else if (args.length === 1) for (let i = 0; i < loops; i++) result = f(first);
  else if (args.length === 2) for (let i = 0; i < loops; i++) result = f(first, second);
  else if (args.length === 3) for (let i = 0; i < loops; i++) result = f(first, second, third);
  else for (let i = 0; i < loops; i++) result = f(...args);
  const elapsed = timer() - start;
  kept.value = result;
  return elapsed;
}

async function timeAsync(
  f: Callable,
  args: readonly unknown[],
  loops: number,
  timer: () => number,
  signal: AbortSignal | undefined,
): Promise<number> {
  let result: unknown;
  const start = timer();
  for (let i = 0; i < loops; i++) {
    // Whoever waits has been told of the abort already; this only ends the calls.
    if (signal?.aborted) break;
    result = await f(...args);
  }
  const elapsed = timer() - start;
  kept.value = result;
  return elapsed;
}

// An engine that has only ever seen one function called from the loop would inline it there, and could then move work out of the loop.
// After several different ones it calls what it is given, as any caller from elsewhere would. Done before every run, because an engine
// throws away what it has learnt of code that has not run for a while.
function prime(): void {
  const functions: Callable[] = [() => 0, (x) => x, () => 'a', (x) => [x], () => ({})];
  for (const f of functions)
    for (let count = 0; count <= 4; count++) timeSync(f, [1, 2, 3, 4].slice(0, count), 2, () => 0);
}

/** Nobody awaited those promises, so the time is not that of the work. */
function promisedLater(f: AnyFunction, promise: PromiseLike<unknown>): UserError {
  // Nobody else listens to it, and a rejection that nobody hears ends a Node process.
  promise.then(undefined, () => {});
  return new UserError('MEASURE002', `${f.name || 'the function'} returned a value first and a promise later`, {
    note: 'the first call decides whether calls are awaited, and one that is not ends before its work does',
    fix: 'make it return a promise from the first call on: write async before it',
  });
}

/** Seconds that `loops` calls of `f` take; with `isAsync` each call is awaited before the next, and rejects when `signal` is aborted. */
export function timeLoops(
  f: AnyFunction,
  args: readonly unknown[],
  loops: number,
  isAsync: boolean,
  timer: () => number = clock,
  signal?: AbortSignal,
): number | Promise<number> {
  prime();
  if (!isAsync) {
    const seconds = timeSync(f as Callable, args, loops, timer);
    if (isThenable(kept.value)) throw promisedLater(f, kept.value);
    return seconds;
  }
  return orAborted(timeAsync(f as Callable, args, loops, timer, signal), signal);
}

/** The smallest power of ten of loops whose run, timed by `timeRun`, takes at least 0.2 s. */
export async function chooseLoops(timeRun: (loops: number) => Promise<number>): Promise<number> {
  let loops = 1;
  while (loops < mostLoops && (await timeRun(loops)) < shortestRun) loops *= 10;
  return loops;
}
