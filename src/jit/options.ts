// What jit and `.with` can be given besides the function, and the check of it. Names that people know from other compilers are answered with
// what they are called here, or why there is nothing to ask for.
import { UserError } from '../base/errors.js';
import { findUnknownOption } from '../base/nearest.js';
import { showValue } from '../base/show-value.js';
import { isRandomStream, rootKey } from '../random/keys.js';
import type { RandomStream } from '../random/keys.js';
import { callEnds, changed, checkCallEnds } from './call-ends.js';
import type { CallEnds } from './call-ends.js';
import type { Locate } from './parse.js';

/** What a call can be given anew, with the same compiled code. */
export interface CallOptions extends CallEnds {
  /** Every call draws the same random numbers; without it each call draws new ones. */
  seed?: number | bigint;
  /** Every call draws from the next key of this generator, `random.generator(42)`, instead of a seed. */
  random?: RandomStream;
  /** At most so many threads run parallel loops, the caller's own among them; without it all that `configure` allows. */
  threads?: number;
}

export interface JitOptions extends CallOptions {
  /** Loops run on all threads where that gives the same bits: where no iteration needs another's, but for counts, least and greatest numbers. Which loops that are: docs/jit.md. */
  parallel?: boolean;
  /** Sums and products of innermost loops are put together in a fixed tree, as in `prange`: faster, and different in the last bits. */
  fastMath?: boolean;
  /** The values of names around the function, which its text does not tell: `globals: () => ({ rate, helper })`. They are read once. */
  globals?: () => object;
  /** What cannot be compiled runs as the plain function; why is said once. */
  fallback?: boolean;
  /** The first call of each combination of types runs the plain function, too, on copies of the arguments; JIT020 where they differ. */
  verify?: boolean;
  /**
   * Where a function's text, as the engine tells it, stands in a file: messages and `explain` then show the file's own lines. For tools; a
   * TypeScript file has to have kept every character's place when its types were taken away.
   */
  locate?: Locate;
}

const callOptions = ['seed', 'random', 'threads', ...callEnds];
const flags = ['parallel', 'fastMath', 'fallback', 'verify'] as const;
const jitOptions = ['globals', ...flags, ...callOptions, 'locate'];

/** Options of other compilers, in lower case without `_`: what to do instead. */
const elsewhere: Readonly<Record<string, string>> = {
  nogil: 'leave it out: there is no lock that keeps threads from running at once',
  nopython: 'leave it out: what is compiled is compiled as a whole, and what cannot be is refused',
  forceobj: 'leave it out: there is no slow mode; fallback: true runs the plain function where it cannot be compiled',
  looplift: 'leave it out: there is no slow mode; fallback: true runs the plain function where it cannot be compiled',
  cache: 'leave it out: compiling takes a few milliseconds in each process, and nothing is stored between them',
  inline: 'leave it out: helper functions are always written out where they are called',
  boundscheck:
    'leave it out: access outside of an array always fails, and checks cost nothing where a loop proves them',
  errormodel: 'leave it out: a division by zero gives what JavaScript gives',
  locals: 'leave it out: types follow from the arguments',
  signature: 'leave it out: each combination of types is compiled when it is first called',
  signatures: 'leave it out: each combination of types is compiled when it is first called',
  target: "leave it out: compiled functions run on this machine's processor",
  backend: "leave it out: compiled functions run on this machine's processor",
  device: "leave it out: compiled functions run on this machine's processor",
  gpu: "leave it out: compiled functions run on this machine's processor",
  simd: 'leave it out: lanes are used where they give the same bits',
  vectorize: 'leave it out: lanes are used where they give the same bits',
  debug:
    'leave it out: fn.explain() shows what a function was compiled to, and verify: true compares it with the plain one',
  strict: 'leave it out: nothing falls back unless fallback: true says so',
  async: 'leave it out: every compiled function has fn.async(…)',
  closure: 'name what stands around the function: globals: () => ({ rate, helper })',
  constants: 'name what stands around the function: globals: () => ({ rate, helper })',
  externals: 'name what stands around the function: globals: () => ({ rate, helper })',
  workers: 'the number of threads is called threads',
  numthreads: 'the number of threads is called threads',
  randomstate: 'write seed: 42, or random: random.generator(42)',
  rng: 'write random: rng',
  generator: 'write random: rng',
  timeout: 'write timeoutMs: 1000, in milliseconds',
};

const fixOf = (name: string): string | undefined => {
  const key = name.toLowerCase().replaceAll('_', '');
  return Object.hasOwn(elsewhere, key) ? elsewhere[key] : undefined;
};

/** What else people write for an option that is there. */
const valueFixes: Readonly<Record<string, (value: unknown) => string | undefined>> = {
  parallel: (value) =>
    typeof value === 'number'
      ? `write parallel: true, threads: ${value}`
      : value === 'auto'
        ? 'write parallel: true: loops run on all threads where that gives the same bits, and on one where it does not'
        : undefined,
  fastMath: (value) =>
    typeof value === 'object' && value !== null
      ? 'write fastMath: true; it permits another order of sums and products, and nothing else'
      : undefined,
};

function check(options: unknown, known: readonly string[], isCall: boolean): void {
  const example = isCall ? 'write fn.with({ seed: 42 })' : 'write jit(f, { seed: 42 }), or leave them out';
  if (typeof options !== 'object' || options === null)
    throw new UserError('JIT009', `the options of jit cannot be ${showValue(options)}`, { fix: example });
  const unknown = findUnknownOption(options, known);
  if (unknown) {
    const isOfJit = isCall && jitOptions.includes(unknown.name);
    throw new UserError('JIT009', `${isCall ? '.with' : 'jit'} has no option ${unknown.name}`, {
      note: isOfJit ? 'it changes what the function is compiled to' : undefined,
      fix: isOfJit ? `give it to jit: jit(f, { ${unknown.name}: … })` : (fixOf(unknown.name) ?? unknown.fix),
    });
  }
  const { threads, seed, random, ...others } = options as { readonly [name: string]: unknown };
  for (const name of flags) {
    const value = others[name];
    if (value === undefined || typeof value === 'boolean') continue;
    throw new UserError('JIT009', `the option ${name} cannot be ${showValue(value)}`, {
      fix: valueFixes[name]?.(value) ?? `write ${name}: true, or leave it out`,
    });
  }
  if (threads !== undefined && !(Number.isInteger(threads) && (threads as number) >= 1)) {
    throw new UserError('JIT009', `the option threads cannot be ${showValue(threads)}`, {
      fix: 'give how many threads may run the loops: 1, 2, 3, …',
    });
  }
  if (random !== undefined && !isRandomStream(random)) {
    throw new UserError('JIT009', `the option random cannot be ${showValue(random)}`, {
      fix:
        typeof random === 'number' || typeof random === 'bigint'
          ? `write seed: ${showValue(random)}`
          : 'give a generator: random.generator(42)',
    });
  }
  if (random !== undefined && seed !== undefined) {
    throw new UserError('JIT009', 'jit cannot be given both a seed and a generator', {
      note: 'each of them says where the random numbers of a call begin',
      fix: 'give one of them: seed: 42 for the same numbers in every call, random: rng for those that come next',
    });
  }
  if (seed !== undefined) rootKey(seed as number);
  checkCallEnds(options);
}

/** @throws {UserError} JIT009 for what is no option, RANDOM001 for what is no seed */
export function checkJitOptions(options: unknown): asserts options is JitOptions {
  check(options, jitOptions, false);
}

/** @throws {UserError} JIT009 for what is no option of a call, RANDOM001 for what is no seed */
export function checkCallOptions(options: unknown): asserts options is CallOptions {
  check(options, callOptions, true);
}

/** The settings with those of `others` in their place: a seed takes the place of a generator, and the other way round. */
export function withOthers(settings: CallOptions, others: CallOptions): CallOptions {
  const kept = { ...settings };
  if (others.seed !== undefined) delete kept.random;
  if (others.random !== undefined) delete kept.seed;
  return changed(kept, others);
}
