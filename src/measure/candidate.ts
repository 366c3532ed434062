// One candidate of a comparison, where it runs: its first call with time and peak memory, then as many timed runs as it is asked for.
// A fresh process answers requests with it (candidate-process.ts); a comparison of function values uses it in its own process.
import { clock, importModule, nextTurn, watchPeakMemory } from '#platform';
import { orAborted } from './abort.js';
import { formatBytes } from '../base/format.js';
import { isSameAnswer } from './agree.js';
import type { Tolerance } from './agree.js';
import { copyData } from './copy-data.js';
import { countBytes } from './count-bytes.js';
import { isThenable, kept, timeLoops } from './loops.js';
import type { AnyFunction } from './loops.js';
import { checkFunction } from './options.js';

/** How a candidate's function is found: the first of `names` that the module exports. */
export interface CandidateSource {
  readonly module: string;
  readonly names: readonly string[];
  /** The name of an export that makes the arguments out of `args`, before the first call and before every run. */
  readonly setup: string | undefined;
  /** The module's text, where it is not to be imported as it lies there. */
  readonly text: string | undefined;
}

export interface FirstCall {
  /** A copy of the answer; undefined if it was not to be kept. */
  readonly answer: unknown;
  /** Why there is no copy although it was to be kept, in words that follow the candidate's name; else null. */
  readonly unusable: string | null;
  /** The call changed its arguments, and no setup makes new ones. */
  readonly changedArguments: boolean;
  readonly seconds: number;
  /** Bytes above what was resident before the call; null where the platform does not tell. */
  readonly peakMemory: number | null;
}

/** What a comparison may ask of a candidate. All answers are plain data. */
export interface Candidate {
  first(keepAnswer: boolean): Promise<FirstCall>;
  /** Seconds that `loops` calls take. */
  time(loops: number): Promise<number>;
  /** Whether the latest answer is the same as the first. */
  repeats(rule: 'exact' | Tolerance): Promise<boolean>;
  /** Ends whatever it still does; it is not asked for anything more. */
  end?(): void;
}

export type Setup = (...args: unknown[]) => unknown;

/** An answer with more bytes would end the comparison: the engine reads no message of 2 GiB, and copies it several times on the way. */
const largestSent = 2 ** 30;

/** How a candidate is called, apart from its function and arguments. */
interface RunnerOptions {
  readonly setup?: Setup;
  readonly signal?: AbortSignal;
  /** Bytes; an answer with more is not kept. Nothing limits one that is not sent anywhere. */
  readonly largestAnswer?: number;
}

export class CandidateRunner implements Candidate {
  readonly #function: (...args: unknown[]) => unknown;
  readonly #setup: Setup | undefined;
  readonly #givenArgs: readonly unknown[];
  readonly #signal: AbortSignal | undefined;
  readonly #largestAnswer: number;
  #args: readonly unknown[];
  #isAsync = false;
  #firstAnswer: unknown;

  constructor(
    f: AnyFunction,
    args: readonly unknown[],
    { setup, signal, largestAnswer = Infinity }: RunnerOptions = {},
  ) {
    this.#function = f as (...args: unknown[]) => unknown;
    this.#setup = setup;
    this.#givenArgs = args;
    this.#args = args;
    this.#signal = signal;
    this.#largestAnswer = largestAnswer;
  }

  async #prepare(): Promise<void> {
    await nextTurn();
    if (this.#setup === undefined) return;
    const args = await orAborted(Promise.resolve(this.#setup(...this.#givenArgs)), this.#signal);
    if (!Array.isArray(args)) throw new TypeError('setup returned no array of arguments');
    this.#args = args;
  }

  async first(keepAnswer: boolean): Promise<FirstCall> {
    await this.#prepare();
    // Before the memory is watched, so that it counts as what was there already.
    const argsBefore = this.#setup === undefined ? copyIfPossible(this.#args) : undefined;
    const watch = await watchPeakMemory();
    let answer: unknown;
    let seconds: number;
    let peak: number | undefined;
    try {
      const start = clock();
      answer = this.#function(...this.#args);
      this.#isAsync = isThenable(answer);
      if (isThenable(answer)) answer = await orAborted(answer, this.#signal);
      seconds = clock() - start;
    } finally {
      peak = watch?.stop();
    }
    const peakMemory = watch && peak !== undefined ? peak - watch.start : null;
    kept.value = answer;
    const unusable = keepAnswer ? this.#keepAnswer(answer) : null;
    const changedArguments = argsBefore !== undefined && !isSameAnswer(copyIfPossible(this.#args), argsBefore, 'exact');
    return { answer: this.#firstAnswer, unusable, changedArguments, seconds, peakMemory };
  }

  /** Returns the reason where it cannot be kept. */
  #keepAnswer(answer: unknown): string | null {
    try {
      const bytes = this.#largestAnswer === Infinity ? 0 : countBytes(answer);
      if (bytes > this.#largestAnswer) {
        return `its answer is too large to be compared (${formatBytes(bytes)}); give agree: false`;
      }
      // A later call may write over what this one returned.
      this.#firstAnswer = copyData(answer);
      return null;
    } catch (error) {
      return `its answer cannot be copied to be compared (${(error as Error).message}); give agree: false to time it all the same`;
    }
  }

  async time(loops: number): Promise<number> {
    await this.#prepare();
    return timeLoops(this.#function, this.#args, loops, this.#isAsync, clock, this.#signal);
  }

  async repeats(rule: 'exact' | Tolerance): Promise<boolean> {
    // Copied like the first, so that classes lose their prototypes on both sides.
    return isSameAnswer(copyData(kept.value), this.#firstAnswer, rule);
  }
}

/** Undefined where there is nothing in `args` that a call could change, or something that cannot be copied. */
function copyIfPossible(args: readonly unknown[]): unknown {
  const isPrimitive = (arg: unknown): boolean => typeof arg !== 'object' || arg === null;
  if (args.every(isPrimitive)) return undefined;
  try {
    return copyData(args);
  } catch {
    return undefined;
  }
}

/** Imports a candidate's module and finds its function. */
export async function loadCandidate(source: CandidateSource, args: readonly unknown[]): Promise<CandidateRunner> {
  const module = await importModule(source.module, source.text);
  const exported = Object.keys(module);
  const pick = (names: readonly string[]): AnyFunction => {
    const name = names.find((candidate) => exported.includes(candidate));
    if (name === undefined) {
      throw new TypeError(
        `${source.module} exports no ${names.join(', nor ')}; it exports ${exported.join(', ') || 'nothing'}`,
      );
    }
    checkFunction('compare', module[name]);
    return module[name];
  };
  const setup = source.setup === undefined ? {} : { setup: pick([source.setup]) as Setup };
  return new CandidateRunner(pick(source.names), args, { ...setup, largestAnswer: largestSent });
}
