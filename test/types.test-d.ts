// The types of the public names, wrong programs included. Nothing here runs: `npm run check:types` compiles it, and fails where a line
// does not type-check, or where one that must not does.
import { alloc, configure, compare, jit, memit, time, timeit } from 'heddle';
import type { Generator } from 'heddle';
import { UnsupportedError, UserError, HeddleError } from 'heddle';
import type {
  Agreement,
  CallTime,
  CandidateResult,
  CompareProgress,
  Comparison,
  Interval,
  Machine,
  MemoryUse,
  Timing,
  TimeitOptions,
  Tolerance,
} from 'heddle/measure';
import { comparisonColumns, describeMachine, formatSpeedup, notes } from 'heddle/measure';

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- a free T is what makes the comparison exact
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Compiles only where both types are the same. */
declare function same<A, B>(..._: Same<A, B> extends true ? [] : [never]): void;

const add = (a: number, b: number): number => a + b;
const later = async (n: number): Promise<string> => String(n);
const module = new URL('./pi.js', import.meta.url);

export async function timeitTypes(): Promise<void> {
  const timing = await timeit(add, { args: [1, 2], loops: 10, runs: 3, signal: AbortSignal.abort(), timer: () => 0 });
  same<typeof timing, Timing>();
  same<typeof timing.runs, readonly number[]>();
  same<typeof timing.note, string | null>();
  await timeit(later, { args: [1], setup: () => {} });
  await timeit(later, { args: [1], setup: async () => {} });
  await timeit(add, { setup: () => [1, 2] });
  await timeit(add, { setup: async () => [1, 2] as [number, number] });
  await timeit(() => {});
  same<TimeitOptions<[number]>['args'], [number] | undefined>();

  // @ts-expect-error a string is no number
  await timeit(add, { args: [1, '2'] });
  // @ts-expect-error one argument is missing
  await timeit(add, { args: [1] });
  // @ts-expect-error one is too many
  await timeit(add, { args: [1, 2, 3] });
  // @ts-expect-error setup returns other arguments than the function takes
  await timeit(add, { args: [1, 2], setup: () => ['a', 'b'] });
  // @ts-expect-error the call itself is no function
  await timeit(add(1, 2));
  // @ts-expect-error nor is a promise
  await timeit(later(1));
  // @ts-expect-error there is no such option
  await timeit(add, { args: [1, 2], repeat: 3 });
  // @ts-expect-error loops are a number
  await timeit(add, { args: [1, 2], loops: '10' });
  // @ts-expect-error results cannot be changed
  timing.mean = 1;
  // @ts-expect-error nor can their runs
  timing.runs.push(1);
}

export async function timeTypes(): Promise<void> {
  const call = await time(add, { args: [1, 2] });
  same<typeof call, CallTime<number>>();
  same<typeof call.value, number>();
  same<typeof call.total, number | null>();
  const awaited = await time(later, { args: [1] });
  same<typeof awaited.value, string>();
  const nothing = await time(() => {});
  same<typeof nothing.value, void>();

  // @ts-expect-error CPU time is not known everywhere
  call.total.toFixed();
  // @ts-expect-error the value is a string, not the promise of one
  await awaited.value.then();
  // @ts-expect-error a string is no number
  await time(later, { args: ['1'] });
  // @ts-expect-error time calls once; loops are timeit's
  await time(add, { args: [1, 2], loops: 3 });
}

export async function memitTypes(): Promise<void> {
  const use = await memit((n: number) => new Float64Array(n), { args: [10] });
  same<typeof use, MemoryUse<ReturnType<typeof floats>>>();
  same<typeof use.peak, number>();
  same<Awaited<ReturnType<typeof memit<[number], Promise<string>>>>['value'], string>();

  // @ts-expect-error a string is no number
  await memit(later, { args: ['1'] });
  // @ts-expect-error an array is no function
  await memit([1, 2]);
}
declare function floats(n: number): Float64Array<ArrayBuffer>;

export async function compareTypes(): Promise<void> {
  const comparison = await compare(module, { pick: ['plain', 'fast'], args: [1e7], setup: 'prepare', timeoutMs: 1000 });
  same<typeof comparison, Comparison>();
  same<typeof comparison.candidates, readonly CandidateResult[]>();
  same<CandidateResult['speedup'], Interval | null>();
  same<CandidateResult['answer'], unknown>();
  await compare({ plain: module, fast: module }, { env: { A: 'b' }, transform: (text) => text.trim() });
  await compare({ plain: module });
  await compare({ add, later }, { args: [1, 2], loops: 1, runs: 1, reference: 'add' });
  await compare({ add }, { onProgress: (progress: CompareProgress) => progress.candidate });
  const agreements: Agreement[] = ['exact', false, {}, { rtol: 1e-9 }, { rtol: 1e-9, atol: 1 }, (a, b) => a === b];
  await compare({ add }, { agree: agreements[0]! });
  same<Tolerance['rtol'], number | undefined>();

  // @ts-expect-error which exports of the module?
  await compare(module);
  // @ts-expect-error still not said
  await compare(module, { args: [1] });
  // @ts-expect-error names are a list
  await compare(module, { pick: 'plain' });
  // @ts-expect-error a path is no URL
  await compare('./pi.js', { pick: ['plain'] });
  // @ts-expect-error modules and functions do not mix
  await compare({ plain: module, add });
  // @ts-expect-error functions have no fresh process in which to be changed
  await compare({ add }, { transform: (text: string) => text });
  // @ts-expect-error nor one that could be ended
  await compare({ add }, { timeoutMs: 1000 });
  // @ts-expect-error pick is for one module
  await compare({ plain: module }, { pick: ['plain'] });
  // @ts-expect-error no such rule
  await compare({ add }, { agree: 'nearly' });
  // @ts-expect-error a bare number is no tolerance: relative or absolute?
  await compare({ add }, { agree: 1e-9 });
  // @ts-expect-error a predicate answers yes or no
  await compare({ add }, { agree: () => 'yes' });
  // @ts-expect-error an answer can be anything
  comparison.candidates[0]!.answer.toFixed();
}

export function otherTypes(comparison: Comparison, error: unknown): string[] {
  same<ReturnType<typeof describeMachine>, Machine>();
  const shown = comparison.candidates.flatMap((candidate) => [
    ...comparisonColumns.map(({ cell }) => cell(candidate)),
    // @ts-expect-error there may be no speed-up
    formatSpeedup(candidate.speedup),
  ]);
  if (error instanceof UserError || error instanceof UnsupportedError) same<typeof error.code, string>();
  if (error instanceof HeddleError) same<typeof error.fix, string | undefined>();
  return [...shown, ...notes(comparison.candidates)];
}

export function memoryTypes(): void {
  same<ReturnType<typeof alloc.float64>, Float64Array>();
  same<ReturnType<typeof alloc.uint8Clamped>, Uint8ClampedArray>();
  same<ReturnType<typeof alloc.int64>, BigInt64Array>();
  configure({ threads: 2, maxMemory: '2GiB', forceCollect: false, warn: (message) => message.trim() });
  // @ts-expect-error how many elements?
  alloc.float64();
  // @ts-expect-error a length is a number
  alloc.float64([1, 2]);
  // @ts-expect-error no such kind
  alloc.float16(3);
  // @ts-expect-error no such setting
  configure({ thread: 2 });
  // @ts-expect-error threads are counted
  configure({ threads: '2' });
}

export function generatorTypes(rng: Generator): void {
  const walk = jit((n: number, by: Generator) => n * by.uniform(-1, 1));
  same<ReturnType<typeof walk>, number>();
  walk(3, rng);
  walk.with({ random: rng })(3, rng);
  jit(() => Math.random(), { random: rng, fallback: true, verify: true });
  // @ts-expect-error a seed is no generator
  walk(3, 42);
  // @ts-expect-error nor is it one as an option
  jit(() => Math.random(), { random: 42 });
  // @ts-expect-error what is compiled does not change with a call
  walk.with({ verify: true });
}
