// compare: several ways to get one answer, side by side. Each is called once, then checked against the first, then timed in rounds, one
// run of each a round and every second round backwards, so that a machine that slows down or speeds up meets them all alike.
import { readModuleText } from '#platform';
import { UserError } from '../base/errors.js';
import { findDifference } from './agree.js';
import type { Agreement, Difference, Tolerance } from './agree.js';
import { CandidateRunner } from './candidate.js';
import type { Candidate, CandidateSource, FirstCall, Setup } from './candidate.js';
import { CandidateFailure, RemoteCandidate } from './candidate-client.js';
import { Comparison } from './comparison.js';
import type { CandidateResult } from './comparison.js';
import { chooseLoops } from './loops.js';
import type { AnyFunction } from './loops.js';
import { copyData } from './copy-data.js';
import { describeThrown } from './describe-thrown.js';
import { showValue } from '../base/show-value.js';
import {
  checkArgs,
  checkCallback,
  checkCount,
  checkFunction,
  checkOptions,
  checkSignal,
  unusableOption,
} from './options.js';
import { medianInterval } from './statistics.js';
import { Timing } from './timeit.js';

/** Where a comparison stands, for whoever shows it. */
export interface CompareProgress {
  readonly candidate: string;
  readonly step: 'first call' | 'choosing loops' | 'run';
  /** The run's number, from 1, and how many there will be; only with step `run`. */
  readonly run?: number;
  readonly runs?: number;
}

export interface CompareOptions {
  /** What every candidate is called with. Fresh processes get copies: plain data, shared memory too, but no functions. */
  args?: readonly unknown[];
  /** Calls in each run; by default chosen for each candidate as in `timeit`. */
  loops?: number;
  /** Rounds; 7 by default. */
  runs?: number;
  /** The candidate whose answer and speed the others are held against; the first by default. */
  reference?: string;
  /** When an answer counts as the same as the reference's; `exact` by default. */
  agree?: Agreement;
  signal?: AbortSignal;
  onProgress?: (progress: CompareProgress) => void;
}

export interface CompareModuleOptions extends CompareOptions {
  /** Name of an export that is called with `args`, untimed, before the first call and each run, and returns the arguments to use. */
  setup?: string;
  /** A candidate of which one call takes longer than this many milliseconds is ended and reported. */
  timeoutMs?: number;
  /** Environment variables to add in the fresh processes. */
  env?: Readonly<Record<string, string>>;
  /** Changes the text of each candidate's module before it is imported (Node only); of TypeScript it is given what is left without the types. */
  transform?: (source: string) => string;
}

export interface CompareFunctionOptions extends CompareOptions {
  /** Called with `args`, untimed, before the first call and each run of each candidate; returns the arguments to use. */
  setup?: (...args: never[]) => readonly unknown[] | Promise<readonly unknown[]>;
}

// Written out: bundlers keep a call whose effects they do not know.
const knownOptions = [
  'pick',
  'args',
  'loops',
  'runs',
  'reference',
  'agree',
  'signal',
  'onProgress',
  'setup',
  'timeoutMs',
  'env',
  'transform',
];

/**
 * Compares functions by time, first call, memory and answer. Candidates that throw, hang or disagree are reported; the others finish.
 *
 * - `compare(url, { pick: ['plain', 'fast'] })`: exports of one module, each in a fresh process (in a page: a fresh worker).
 * - `compare({ plain: url, fast: url })`: one module each; the export is the URL's hash (`new URL('./a.js#calcPi', import.meta.url)`),
 *   else the export of the candidate's name, else the default export.
 * - `compare({ plain, fast })`: function values, in this process.
 *
 * @throws {UserError} MEASURE001 and MEASURE002 as in `timeit`; MEASURE004 for candidates that cannot be understood; MEASURE005 for options
 *   that need fresh processes
 * @throws the reason of `signal`
 * @example
 * import { compare } from 'heddle';
 * const sumTo = (n: number) => { let s = 0; for (let i = 0; i < n; i++) s += i; return s; };
 * const formula = (n: number) => (n * (n - 1)) / 2;
 * console.log(`${await compare({ sumTo, formula }, { args: [1000] })}`);
 */
export function compare(module: URL, options: CompareModuleOptions & { pick: readonly string[] }): Promise<Comparison>;
export function compare(modules: Readonly<Record<string, URL>>, options?: CompareModuleOptions): Promise<Comparison>;
export function compare(
  functions: Readonly<Record<string, AnyFunction>>,
  options?: CompareFunctionOptions,
): Promise<Comparison>;
export async function compare(
  what: URL | Readonly<Record<string, URL | AnyFunction>>,
  options: (CompareModuleOptions | CompareFunctionOptions) & { pick?: readonly string[] } = {},
): Promise<Comparison> {
  checkOptions('compare', options, knownOptions);
  checkArgs('compare', options.args);
  checkSignal('compare', options.signal);
  checkCallback('compare', 'onProgress', options.onProgress, 'give a function that is told of each step');
  checkCount('compare', 'loops', options.loops);
  checkCount('compare', 'runs', options.runs);
  checkCount('compare', 'timeoutMs', (options as CompareModuleOptions).timeoutMs, 'a number of milliseconds');
  checkAgree(options.agree);
  options.signal?.throwIfAborted();
  const named = nameCandidates(what, options.pick);
  const { reference, signal } = options;
  if (reference !== undefined && !named.some(([name]) => name === reference)) {
    throw new UserError('MEASURE004', `compare has no candidate ${showValue(reference)} to be the reference`, {
      fix: `name one of ${named.map(([name]) => name).join(', ')}`,
    });
  }
  if (named.every(([, value]) => value instanceof URL)) {
    return compareModules(named as [string, URL][], checkModuleOptions(options));
  }
  for (const [, value] of named) checkFunction('compare', value);
  const { setup } = checkFunctionOptions(options);
  const entries = named.map(([name, f]): Entry => [
    name,
    async () =>
      new CandidateRunner(f as AnyFunction, options.args ?? [], {
        ...(setup && { setup: setup as Setup }),
        ...(signal && { signal }),
      }),
  ]);
  return new Comparison(await measureAll(entries, options), 'this process');
}

function checkModuleOptions(options: CompareModuleOptions | CompareFunctionOptions): CompareModuleOptions {
  const { setup, transform } = options as CompareModuleOptions;
  if (setup !== undefined && typeof setup !== 'string') {
    throw unusableOption('compare', 'setup', setup, {
      note: 'fresh processes import a module, and cannot be handed anything that runs in this process',
      fix: "export the function from each candidate's module, and give its name: setup: 'makeInput'",
    });
  }
  checkCallback(
    'compare',
    'transform',
    transform,
    'give a function that takes the text of a module and returns another',
  );
  return options as CompareModuleOptions;
}

function checkFunctionOptions(options: CompareModuleOptions | CompareFunctionOptions): CompareFunctionOptions {
  for (const option of ['timeoutMs', 'env', 'transform'] as const) {
    if (!(option in options) || (options as CompareModuleOptions)[option] === undefined) continue;
    throw new UserError('MEASURE005', `compare cannot use ${option} with function values`, {
      note: 'they run in this process, where only a fresh process could be given its own modules, environment and end',
      fix: "export the functions from a module and compare(new URL('./module.js', import.meta.url), { pick: ['plain', 'fast'] })",
    });
  }
  const { setup } = options;
  if (setup !== undefined && typeof setup !== 'function') {
    throw unusableOption('compare', 'setup', setup, {
      note: 'a name stands for an export of a module, and function values have no module to look in',
      fix: 'give the function itself: setup: (...args) => newArgs',
    });
  }
  return options as CompareFunctionOptions;
}

function checkAgree(agree: unknown): void {
  const isBound = (value: unknown): boolean => value === undefined || (typeof value === 'number' && value >= 0);
  if (agree === undefined || agree === 'exact' || agree === false || typeof agree === 'function') return;
  if (typeof agree === 'object' && agree !== null) {
    const { rtol, atol, ...others } = agree as Tolerance;
    if (isBound(rtol) && isBound(atol) && Object.keys(others).length === 0) return;
  }
  throw unusableOption('compare', 'agree', agree, {
    note: 'it says when an answer counts as the same as the reference’s',
    fix: "give 'exact', { rtol, atol } with numbers from 0 up, (answer, reference) => boolean, or false to compare nothing",
  });
}

function nameCandidates(what: unknown, pick: readonly string[] | undefined): [string, unknown][] {
  let pairs: [string, unknown][] = [];
  if (what instanceof URL) {
    if (Array.isArray(pick)) pairs = pick.map((name: string) => [name, withExport(what, name)]);
  } else if (typeof what === 'object' && what !== null) {
    pairs = Object.entries(what);
  }
  const kinds = new Set(pairs.map(([, value]) => value instanceof URL));
  if (pairs.length > 0 && kinds.size === 1 && new Set(pairs.map(([name]) => name)).size === pairs.length) return pairs;
  const found =
    what instanceof URL
      ? `pick: ${showValue(pick)}`
      : pairs.length === 0
        ? showValue(what)
        : 'URLs and functions mixed, or a name twice';
  throw new UserError('MEASURE004', `compare cannot tell its candidates: it was given ${found}`, {
    fix: 'give compare(moduleUrl, { pick: [names] }), compare({ name: moduleUrl, … }) or compare({ name: function, … })',
  });
}

function withExport(module: URL, name: string): URL {
  const url = new URL(module);
  url.hash = name;
  return url;
}

type Entry = readonly [name: string, start: () => Promise<Candidate>];

async function compareModules(
  named: readonly (readonly [string, URL])[],
  options: CompareModuleOptions,
): Promise<Comparison> {
  const { transform, setup, signal, timeoutMs, env = {} } = options;
  const args = copyArgs(options.args ?? []);
  const running: RemoteCandidate[] = [];
  const killAll = (): void => {
    for (const candidate of running) candidate.kill('the comparison was ended');
  };
  const entries = named.map(([name, url]): Entry => [
    name,
    async () => {
      const hash = decodeURIComponent(url.hash.slice(1));
      const module = new URL(url);
      module.hash = '';
      const text = transform && (await transformedText(module.href, transform));
      signal?.throwIfAborted();
      const source: CandidateSource = {
        module: module.href,
        names: hash === '' ? [name, 'default'] : [hash],
        setup,
        text,
      };
      const candidate = new RemoteCandidate(env, timeoutMs);
      running.push(candidate);
      try {
        await candidate.load(source, args);
      } catch (error) {
        candidate.end();
        throw error;
      }
      return candidate;
    },
  ]);
  signal?.addEventListener('abort', killAll);
  try {
    return new Comparison(await measureAll(entries, options), 'fresh processes');
  } finally {
    signal?.removeEventListener('abort', killAll);
    killAll();
  }
}

/** Undefined where nothing is changed: the module is imported as it lies there, of whatever kind it is. */
async function transformedText(module: string, transform: (source: string) => string): Promise<string | undefined> {
  const source = await readModuleText(module);
  const text = transform(source);
  return text === source ? undefined : text;
}

function copyArgs(args: readonly unknown[]): readonly unknown[] {
  try {
    return copyData(args) as readonly unknown[];
  } catch (error) {
    throw unusableOption('compare', 'args', args, {
      note: `fresh processes get a copy of the arguments, and these cannot be copied: ${(error as Error).message}`,
      fix: 'give plain data, and let setup, an export of the module, make the arguments out of it',
      cause: error,
    });
  }
}

/** A candidate on its way through the comparison. */
interface Contender {
  readonly name: string;
  candidate?: Candidate;
  first?: FirstCall;
  random: boolean;
  loops: number;
  /** Seconds a call, one entry a round. */
  readonly runs: number[];
  refused: string | null;
}

async function measureAll(entries: readonly Entry[], options: CompareOptions): Promise<CandidateResult[]> {
  const { runs = 7, agree = 'exact', signal, onProgress = () => {} } = options;
  const contenders = entries.map(([name]): Contender => ({ name, random: false, loops: 1, runs: [], refused: null }));
  const reference =
    options.reference === undefined ? contenders[0]! : contenders.find(({ name }) => name === options.reference)!;

  /** Does a step for a candidate that is still in; if it fails, the candidate is out and the others go on. */
  const attempt = async (contender: Contender, step: (candidate: Candidate) => Promise<void>): Promise<void> => {
    signal?.throwIfAborted();
    if (contender.refused !== null || contender.candidate === undefined) return;
    try {
      await step(contender.candidate);
    } catch (error) {
      contender.refused = describeFailure(error);
      // Whatever it may still be doing would disturb the others.
      contender.candidate.end?.();
    }
    signal?.throwIfAborted();
  };

  for (const [index, contender] of contenders.entries()) {
    const { name } = contender;
    onProgress({ candidate: name, step: 'first call' });
    try {
      contender.candidate = await entries[index]![1]();
    } catch (error) {
      contender.refused = describeFailure(error);
    }
    await attempt(contender, async (candidate) => {
      contender.first = await candidate.first(agree !== false);
      contender.refused = contender.first.unusable;
    });
    if (contender.refused === null) onProgress({ candidate: name, step: 'choosing loops' });
    await attempt(contender, async (candidate) => {
      const timeRun = async (loops: number): Promise<number> => {
        signal?.throwIfAborted();
        return candidate.time(loops);
      };
      if (options.loops === undefined) contender.loops = await chooseLoops(timeRun);
      else {
        contender.loops = options.loops;
        await timeRun(1);
      }
      if (agree === 'exact' || isTolerance(agree)) contender.random = !(await candidate.repeats(agree));
    });
  }
  checkAgreement(contenders, reference, agree);
  for (const { refused, candidate } of contenders) if (refused !== null) candidate?.end?.();

  for (let round = 0; round < runs; round++) {
    const order = round % 2 === 0 ? contenders : contenders.toReversed();
    for (const contender of order) {
      if (contender.refused === null) onProgress({ candidate: contender.name, step: 'run', run: round + 1, runs });
      await attempt(contender, async (candidate) => {
        contender.runs.push((await candidate.time(contender.loops)) / contender.loops);
      });
    }
  }
  return contenders.map((contender) => toResult(contender, reference));
}

const isTolerance = (agree: Agreement): agree is Tolerance => typeof agree === 'object';

/** Refuses those whose answer differs. Where the reference itself has no steady answer, the first one that has takes its place. */
function checkAgreement(contenders: readonly Contender[], reference: Contender, agree: Agreement): void {
  if (agree === false) return;
  const sound = contenders.filter(({ refused, random, first }) => refused === null && !random && first !== undefined);
  const standard = sound.includes(reference) ? reference : sound[0];
  const expected = standard?.first?.answer;
  for (const contender of sound) {
    const { answer } = contender.first!;
    if (typeof agree === 'function') {
      try {
        if (!agree(answer, expected)) contender.refused = `gave a wrong answer: ${showAnswer(answer)}`;
      } catch (error) {
        contender.refused = `gave ${showAnswer(answer)}, and agree, which was to judge it, ${describeThrown(error)}`;
      }
    } else {
      const difference = findDifference(answer, expected, agree);
      if (difference === undefined) continue;
      contender.refused = `gave another answer than ${standard!.name}: ${showDifference(difference)}`;
    }
  }
}

function showDifference({ place, answer, reference }: Difference): string {
  const shown = `${showAnswer(answer)}, not ${showAnswer(reference)}`;
  return place === '' ? shown : `${place} is ${shown}`;
}

function showAnswer(answer: unknown): string {
  if (ArrayBuffer.isView(answer) && 'length' in answer) return `${answer.constructor.name}(${String(answer.length)})`;
  if (answer instanceof Map || answer instanceof Set) return `${answer.constructor.name}(${answer.size})`;
  return showValue(answer);
}

function describeFailure(error: unknown): string {
  return error instanceof CandidateFailure ? error.message : describeThrown(error);
}

function toResult(contender: Contender, reference: Contender): CandidateResult {
  const { name, first, random, refused, runs, loops } = contender;
  const failed = refused !== null || first === undefined;
  // A clock that saw no time pass leaves nothing to divide.
  const isTimed = [...runs, ...reference.runs].every((seconds) => seconds > 0);
  const isComparable = !failed && reference.refused === null && isTimed;
  return {
    name,
    answer: first?.answer,
    random,
    changedArguments: first?.changedArguments ?? false,
    timing: failed ? null : new Timing(runs, loops, first.seconds),
    peakMemory: first?.peakMemory ?? null,
    speedup: isComparable ? medianInterval(runs.map((seconds, round) => reference.runs[round]! / seconds)) : null,
    refused,
  };
}
