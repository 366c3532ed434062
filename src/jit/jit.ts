// jit: a plain numeric function, compiled when it is first called, once for each combination of its arguments' types.
import { codeFrame } from '../base/code-frame.js';
import { HeddleError, InternalError, UnsupportedError, UserError } from '../base/errors.js';
import { nearest } from '../base/nearest.js';
import { showValue } from '../base/show-value.js';
import { printKernel } from '../ir/print.js';
import { isInHeap } from '../memory/heap.js';
import { hold, isAnythingHeld, refuseHeld } from '../memory/uses.js';
import type { Use } from '../memory/uses.js';
import { noteOnce } from '../runtime/notes.js';
import { freshKey, isRandomStream, keyStream, rootKey } from '../random/keys.js';
import type { KeyStream, RandomStream } from '../random/keys.js';
import type { Scalar } from '../ir/operations.js';
import { CheckFailure } from '../runtime/check-failure.js';
import { makeExecutable } from '../runtime/executable.js';
import type { Executable } from '../runtime/executable.js';
import { arrayKinds, isIntegerKind, kindOf } from './array-kinds.js';
import { aliasClassesOf, callMemory, heapMemory, LentArrays, refuseForeignMemory, twinsOf } from './arguments.js';
import type { HeapArray, LentMemory } from './arguments.js';
import { CopyClock } from './copy-clock.js';
import { explainSource } from './explain.js';
import { Globals } from './globals.js';
import {
  addressOf,
  aliasClassesOfAll,
  canBeLent,
  holdLent,
  lentArgument,
  makeWritable,
  scalarsOf,
  spanOf,
} from './nd-arguments.js';
import type { LentArgument, LentArray } from './nd-arguments.js';
import { typeOfLent } from './nd-types.js';
import type { NdType } from './nd-types.js';
import { largestWhole, lowerFunction } from './lower.js';
import type { ArgumentType, Lowered, ResultShape } from './lower.js';
import { lend, makeArray } from '../memory/lent-arrays.js';
import { checkCallOptions, checkJitOptions, withOthers } from './options.js';
import type { CallOptions, JitOptions } from './options.js';
import { parseFunction } from './parse.js';
import type { FunctionSource } from './parse.js';
import type { TypedResult } from './result-arrays.js';
import { Verification } from './verify-call.js';
import { wholeParametersOf } from './whole-parameters.js';

export type { CallOptions, JitOptions };

export type JitArgument = number | boolean | bigint | HeapArray | LentArray | RandomStream;
/** What is said of a result must not say of which dtype it is: `zeros` would be taken to make arrays of any. */
type ArrayResult = Pick<LentArray, typeof lend>;
/** Tuples, too: `return [a, b]`. */
// oxlint-disable-next-line typescript/no-invalid-void-type
export type JitResult = number | boolean | bigint | HeapArray | ArrayResult | readonly JitResult[] | void;

/** A compiled function: called like the plain one. */
export interface Jitted<A extends readonly (JitArgument | undefined)[], R extends JitResult> {
  (...args: A): R;
  /** The same on other threads, while this one goes on. Arrays outside of heddle's memory are copied when it is called, and what is written comes back when it has succeeded. */
  async(...args: A): Promise<R>;
  /** The same compiled code with other settings. */
  with(settings: CallOptions): Jitted<A, R>;
  /** The function that was given. */
  readonly plain: (...args: A) => R;
  /** The combinations of types that have been compiled so far, such as `(number, boolean)`. */
  readonly signatures: readonly string[];
  /**
   * What became of each combination of types compiled so far: the function's own source, with what was done with each loop, and why not more
   * (`source`, the default); in the kernel language as it was written (`ir`), and after the passes (`passes`); as WebAssembly text (`wat`).
   */
  explain(view?: View): string;
}

/** As `work()`; JIT010 where the function is more than the engine's own limits allow. */
export function withinLimits<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RangeError) && !(error instanceof WebAssembly.CompileError)) throw error;
    throw new UnsupportedError('JIT010', `${name} is too large to be compiled in one piece`, {
      note: `the engine says: ${error.message}`,
      fix: 'compile its inner loops as functions of their own',
      cause: error,
    });
  }
}

export type View = 'source' | 'ir' | 'passes' | 'wat';

interface Specialisation {
  readonly lowered: Lowered;
  readonly clock: CopyClock;
  readonly executable: Executable;
  /** Whether a call has been compared with the plain function. */
  isVerified: boolean;
}

/** Whether it says that something cannot be compiled, and not that we are wrong. */
const isRefusal = (error: unknown): error is HeddleError =>
  error instanceof HeddleError && !(error instanceof InternalError);

/** As `work()`, but an error that it throws tells the stack of whoever called `entry`: what lies below is ours, and no help. */
export function fromCaller<T>(work: () => T, entry: (...args: never[]) => unknown): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof UserError || error instanceof UnsupportedError) Error.captureStackTrace?.(error, entry);
    throw error;
  }
}

const views: readonly string[] = ['source', 'ir', 'passes', 'wat'] satisfies View[];

export function checkView(view: unknown, known: readonly string[] = views): void {
  if (typeof view === 'string' && known.includes(view)) return;
  const guess = typeof view === 'string' ? nearest(view, known) : undefined;
  throw new UserError('JIT009', `explain has no view ${showValue(view)}`, {
    fix:
      guess === undefined
        ? `write explain(), or one of ${known.map((each) => `'${each}'`).join(', ')}`
        : `did you mean '${guess}'?`,
  });
}

/** What a call was given, in a digit of base 16 each: 0 to 3 for scalars, then the kinds of arrays, and generators. */
function digitOf(arg: unknown, wantsWhole: boolean | undefined): number {
  switch (typeof arg) {
    case 'number':
      return wantsWhole && isModestWhole(arg) ? wholeDigit : 0;
    case 'boolean':
      return 1;
    case 'bigint':
      return BigInt.asIntN(64, arg) === arg ? 2 : -1;
    case 'object': {
      const kind = kindOf(arg);
      if (kind === undefined) return isRandomStream(arg) ? generatorDigit : -1;
      const first = (arg as HeapArray).length > largestWhole ? firstLargeDigit : firstArrayDigit;
      return first + arrayKinds.indexOf(kind);
    }
    default:
      return -1;
  }
}

const scalarNames = ['number', 'boolean', 'bigint', 'whole'] as const;
const wholeDigit = 3;
const firstArrayDigit = 4;
const generatorDigit = firstArrayDigit + arrayKinds.length;
/** Of arrays with more elements than that, which are looked up by name. */
const firstLargeDigit = 16;
/** So many digits a double counts exactly; of a function with more parameters the types are looked up by name. */
const mostDigits = 12;

const isModestWhole = (x: number): boolean =>
  Number.isInteger(x) && Math.abs(x) <= largestWhole && !(x === 0 && 1 / x < 0);

const isArray = (arg: unknown): arg is HeapArray => ArrayBuffer.isView(arg);
const isAnyArray = (arg: unknown): arg is HeapArray | LentArray => isArray(arg) || canBeLent(arg);

/**
 * Compiles a plain numeric function to WebAssembly. `jit(f)(…args)` returns what `f(…args)` returns, bit for bit, but for the functions of
 * `Math` that IEEE 754 does not fix, which are those of heddle/math; for random draws, which come from heddle's own generator
 * (docs/random.md); and for sums in `prange` or with `fastMath`. Access outside of an array throws. What cannot be compiled is refused when
 * the function is first called, with the line and the reason; nothing ever falls back silently.
 *
 * Arguments are numbers, booleans, bigints, typed arrays, which are read and written in place if they were made by `alloc`, else copied
 * in and, where they are written, out; `NDArray`s, used in place by `get` and `set`; and generators of random numbers. Results are a
 * number, a boolean, a bigint, an array of either kind, a tuple of those, or nothing.
 *
 * @throws {UserError} JIT007, JIT009 and JIT018 at once for what is not a function or an option; when it is called JIT001, JIT003 to JIT006,
 * JIT008, JIT011 to JIT017, JIT019, JIT020, and HEAP006 for arrays that an asynchronous call is working on
 * @throws {UnsupportedError} when it is called: JIT002 for what cannot be compiled yet, JIT010 for what is too large
 * @example
 * import { jit } from 'heddle';
 * const harmonic = jit((n: number) => { let s = 0; for (let i = 1; i <= n; i++) s += 1 / i; return s; });
 * console.log(harmonic(1e6)); // 14.392726722864989
 */
export function jit<A extends (JitArgument | undefined)[], R extends JitResult>(
  f: (...args: A) => R,
  options: JitOptions = {},
): Jitted<A, R> {
  if (typeof f !== 'function') {
    throw new UserError('JIT007', `jit compiles a function, and was given ${showValue(f)}`, {
      fix: 'write jit((n: number) => …)',
    });
  }
  checkJitOptions(options);
  const globals = new Globals(options.globals, options.locate);
  const specialisations: { signature: string; specialisation: Specialisation }[] = [];
  /** The same by the digits of their types, where no arrays overlap. */
  const byCode = new Map<number, Specialisation>();
  const byKey = new Map<string, Specialisation>();
  /** Combinations of types that were refused, where the plain function runs instead; why. */
  const refused = new Map<string, HeddleError>();
  const { fallback = false, verify = false } = options;
  let source: FunctionSource | undefined;
  let arity = f.length;
  let wantsWhole: readonly boolean[] = [];
  /** Whether any arguments are more than the scalars that they look like: arrays, generators, or missing. */
  let hasArrays = false;
  let hasGenerators = false;
  /** What was called with arrays with a shape the last time: most calls are like the one before. */
  let again: { readonly expected: readonly (number | NdType)[]; readonly specialisation: Specialisation } | undefined;

  let unreadable: unknown;
  const prepare = (args: readonly unknown[] = []): FunctionSource => {
    if (source !== undefined) return source;
    if (unreadable !== undefined) throw unreadable;
    try {
      source = parseFunction(f, options.locate);
    } catch (error) {
      unreadable = error;
      throw error;
    }
    arity = source.node.params.length;
    // What is known of the first call's arrays decides what is worth compiling for; it is right for all others too.
    wantsWhole = wholeParametersOf(
      source,
      args.map((arg) => isArray(arg) && isIntegerKind(kindOf(arg))),
    );
    return source;
  };

  const typesOf = (args: readonly unknown[]): ArgumentType[] => {
    const arrays = args.filter(isAnyArray);
    const classes = aliasClassesOfAll(arrays);
    const typed = args.filter(isArray);
    const twins = twinsOf(typed);
    const streams = streamsOf(args);
    return args.map((arg, index): ArgumentType => {
      if (canBeLent(arg)) return { nd: lentArgument(arg).type, aliasClass: classes[arrays.indexOf(arg)]! };
      const digit = digitOf(arg, wantsWhole[index]);
      if (arg === undefined && source?.node.params[index]?.type === 'AssignmentPattern') return 'missing';
      if (digit === generatorDigit) return { generator: streams.indexOf((arg as RandomStream)[keyStream]) };
      if (digit >= firstArrayDigit) {
        const array = arg as HeapArray;
        const isLarge = digit >= firstLargeDigit;
        const of = arrayKinds[digit - (isLarge ? firstLargeDigit : firstArrayDigit)]!;
        const aliasClass = classes[arrays.indexOf(array)]!;
        return { of, aliasClass, twin: twins[typed.indexOf(array)]!, isLarge };
      }
      const scalar = scalarNames[digit];
      if (scalar !== undefined) return scalar;
      const what = `argument ${index + 1} of ${f.name || 'the function'}`;
      if (typeof arg === 'bigint')
        throw new UserError('JIT014', `${what} is ${arg}n, which is beyond 64 bits`, {
          note: 'bigints in compiled code lie between -(2n ** 63n) and 2n ** 63n - 1n',
          fix: 'use the plain function',
        });
      const { node, placeOf } = prepare();
      throw new UserError('JIT008', `${what} cannot be ${showValue(arg)}\n${codeFrame(placeOf(node.params[index]!))}`, {
        note: 'compiled functions take numbers, booleans, bigints, typed arrays, arrays of heddle and generators of random numbers',
        fix: adviceFor(arg),
      });
    });
  };

  const specialise = (all: readonly unknown[]): Specialisation =>
    withinLimits(f.name || 'the function', () => {
      const parsed = prepare(all);
      const args = all.slice(0, arity);
      const types = typesOf(args);
      const key = keyOf(types);
      if (refused.has(key)) throw refused.get(key)!;
      let specialisation = byKey.get(key);
      if (specialisation === undefined) {
        const { parallel = false, fastMath = false } = options;
        let lowered: Lowered;
        try {
          lowered = lowerFunction(parsed, types, { globals, fastMath });
        } catch (error) {
          if (fallback && isRefusal(error)) refused.set(key, error);
          throw error;
        }
        refuseForeign(lowered, args);
        const { kernel, routines, wantsThreads } = lowered;
        specialisation = {
          lowered,
          clock: new CopyClock(),
          executable: makeExecutable(kernel, {
            routines,
            parallel: parallel || wantsThreads,
            name: f.name || 'the function',
          }),
          isVerified: false,
        };
        byKey.set(key, specialisation);
        specialisations.push({ signature: signatureOf(types), specialisation });
      }
      const code = arity <= mostDigits && !hasOverlap(types) ? codeOf(args) : undefined;
      if (code !== undefined) byCode.set(code, specialisation);
      hasGenerators ||= types.some((type) => typeof type !== 'string' && 'generator' in type);
      hasArrays ||= types.some((type) => typeof type !== 'string' || type === 'missing');
      const expected = hasOverlap(types) ? undefined : expectedAgain(args, types, wantsWhole);
      if (expected !== undefined) again = { expected, specialisation };
      return specialisation;
    });

  const codeOf = (args: readonly unknown[]): number | undefined => {
    let code = 1;
    for (let index = 0; index < arity; index++) {
      const digit = digitOf(args[index], wantsWhole[index]);
      if (digit < 0 || digit >= firstLargeDigit) return undefined;
      code = code * 16 + digit;
    }
    return code;
  };

  /** The code for such arguments, if there is some already. */
  const find = (args: readonly unknown[]): Specialisation | undefined => {
    const isAgain =
      again !== undefined &&
      again.expected.length === Math.min(args.length, arity) &&
      isAsExpected(args, again.expected, again.specialisation.lowered.isWritten, wantsWhole);
    if (isAgain) return again!.specialisation;
    if (arity > mostDigits) return undefined;
    const code = codeOf(args);
    if (code === undefined) return undefined;
    const found = byCode.get(code);
    if (found === undefined || !hasArrays) return found;
    const given = args.slice(0, arity);
    if (hasGenerators && given.filter(isRandomStream).length > streamsOf(given).length) return undefined;
    const arrays = given.filter(isArray);
    return arrays.length > 1 && new Set(aliasClassesOf(arrays)).size < arrays.length ? undefined : found;
  };

  const explain = (view: View = 'source'): string => {
    checkView(view);
    if (specialisations.length === 0)
      return `// ${f.name || 'the function'} is compiled when it is called, for the types of its arguments; it has not been yet`;
    const { parallel = false, fastMath = false } = options;
    return specialisations
      .map(({ signature, specialisation: { lowered, executable, clock } }) => {
        if (view === 'source')
          return explainSource({ source: prepare(), signature, lowered, parallel, fastMath, copying: clock.share });
        const code =
          view === 'wat' ? executable.wat() : printKernel(view === 'ir' ? lowered.kernel : executable.kernel, false);
        return `; ${signature}\n${code}`;
      })
      .join('\n\n');
  };

  const callableWith = (settings: CallOptions): Jitted<A, R> => {
    const { seed, random, threads, signal, timeoutMs } = settings;
    const seedKey = seed === undefined ? undefined : rootKey(seed);
    const keyFor = ({ hasKey }: Lowered): bigint | undefined => {
      // Every call takes one, so that which numbers the next call draws does not depend on what this one does with them.
      const next = random?.[keyStream].take();
      return hasKey ? (next ?? seedKey ?? freshKey()) : undefined;
    };
    /** The code for such arguments, which are made ready for it. */
    const specialisedFor = (args: A): Specialisation => {
      const specialisation = specialise(args);
      // What had to be copied before it can be written lies in C order since.
      return makeWritable(args, specialisation.lowered.isWritten) ? specialise(args) : specialisation;
    };
    /** Undefined where the plain function is to run instead. */
    const specialisationFor = (args: A, entry: (...args: A) => unknown): Specialisation | undefined => {
      const found = find(args);
      if (found !== undefined && !fallback) return found;
      try {
        if (found === undefined) return fromCaller(() => specialisedFor(args), entry);
        refuseForeign(found.lowered, args);
        return found;
      } catch (error) {
        if (!fallback || !isRefusal(error)) throw error;
        noteOnce(
          `heddle: ${f.name || 'a function'} runs as plain JavaScript, as it cannot be compiled: ${error.message}`,
        );
        return undefined;
      }
    };
    /** What was thrown; for a check of the kernel that failed the error that tells its place in the source. */
    const rethrow = (error: unknown, { errorOf }: Lowered, entry: (...args: A) => unknown): never =>
      fromCaller(() => {
        throw error instanceof CheckFailure ? errorOf(error.record) : error;
      }, entry);
    const run = ({ executable, lowered, clock }: Specialisation, args: A): R => {
      try {
        if (!hasArrays && lowered.results.length === 0) {
          const key = keyFor(lowered);
          const scalars = (key === undefined ? args : [...args.slice(0, arity), key]) as Scalar[];
          const results = executable.call(scalars, [], threads, timeoutMs);
          return (lowered.result.kind === 'scalar' ? results[0] : resultOf(lowered.result, results, args, [])) as R;
        }
        const times = clock.begin();
        const lent = new LentCall(lowered, args.slice(0, arity), keyFor(lowered), callMemory);
        try {
          times?.copied();
          const returned = executable.call(lent.scalars, lent.addresses, threads, timeoutMs);
          times?.computed();
          const result = lent.result(returned) as R;
          times?.end(lent.hasCopies);
          return result;
        } finally {
          lent.giveBack();
        }
      } catch (error) {
        return rethrow(error, lowered, call);
      }
    };
    const call = (...args: A): R => {
      signal?.throwIfAborted();
      const specialisation = specialisationFor(args, call);
      if (specialisation === undefined) return f(...args);
      if (!verify || specialisation.isVerified) return run(specialisation, args);
      const verification = new Verification(f.name || 'the function', f, specialisation.lowered, args);
      const result = run(specialisation, args);
      fromCaller(() => verification.compare(result), call);
      specialisation.isVerified = true;
      return result;
    };
    const runAsync = async ({ executable, lowered }: Specialisation, args: A): Promise<R> => {
      try {
        // Calls of others come and go before this one has ended: what it borrows lies in the heap.
        const lent = new LentCall(lowered, args.slice(0, arity), keyFor(lowered), heapMemory);
        const held = hold(lent.uses);
        try {
          lent.hold();
          const returned = await executable.callAsync(lent.scalars, lent.addresses, { threads, signal, timeoutMs });
          return lent.result(returned) as R;
        } finally {
          held.end();
          lent.giveBack();
        }
      } catch (error) {
        return rethrow(error, lowered, callAsync);
      }
    };
    const callAsync = async (...args: A): Promise<R> => {
      const specialisation = specialisationFor(args, callAsync);
      if (specialisation === undefined) return f(...args);
      if (!verify || specialisation.isVerified) return runAsync(specialisation, args);
      const verification = new Verification(f.name || 'the function', f, specialisation.lowered, args);
      const result = await runAsync(specialisation, args);
      fromCaller(() => verification.compare(result), callAsync);
      specialisation.isVerified = true;
      return result;
    };
    Object.defineProperties(call, {
      name: { value: f.name },
      length: { value: f.length },
      async: { value: callAsync },
      plain: { value: f, enumerable: true },
      signatures: { get: () => [...new Set(specialisations.map(({ signature }) => signature))], enumerable: true },
      explain: { value: explain },
      with: {
        value: (others: CallOptions) => (checkCallOptions(others), callableWith(withOthers(settings, others))),
      },
    });
    return call as Jitted<A, R>;
  };
  return callableWith(options);
}

function nameOf(type: ArgumentType): string {
  if (typeof type === 'string') return type === 'whole' ? 'number' : type === 'missing' ? 'undefined' : type;
  if ('generator' in type) return 'generator';
  return 'nd' in type ? type.nd.signature : type.of.signature;
}

/** What to give instead of something that no compiled function takes. */
function adviceFor(arg: unknown): string {
  if (Array.isArray(arg))
    return 'make it a typed array, Float64Array.from(values), or an array of heddle, asarray(values)';
  if (typeof arg === 'string') return 'make it a number: Number(text)';
  if (typeof arg === 'function') return 'name it in globals: jit(f, { globals: () => ({ helper }) })';
  if (arg === undefined) return 'give it, or give the parameter a default: (x = 0) => …';
  if (arg === null) return 'give a number; where there is none, NaN';
  if (arg instanceof DataView) return 'make it a typed array over its buffer: new Float64Array(view.buffer)';
  return 'give its numbers one by one, or in a typed array';
}

const signatureOf = (types: readonly ArgumentType[]): string => `(${types.map(nameOf).join(', ')})`;

const keyOf = (types: readonly ArgumentType[]): string =>
  types
    .map((type) => {
      if (typeof type === 'string') return type;
      if ('generator' in type) return `generator ${type.generator}`;
      if ('nd' in type) return `${type.nd.signature} ${type.aliasClass}`;
      return `${type.of.name} ${type.aliasClass} ${type.twin}${type.isLarge ? ' large' : ''}`;
    })
    .join();

/** What a call has to be given to be like this one; undefined where that takes more to tell, or there are no arrays with a shape. */
function expectedAgain(
  args: readonly unknown[],
  types: readonly ArgumentType[],
  wantsWhole: readonly boolean[],
): (number | NdType)[] | undefined {
  if (!args.some(canBeLent) || args.some(isArray) || args.filter(isRandomStream).length > 1) return undefined;
  const expected = types.map((type, index) =>
    typeof type !== 'string' && 'nd' in type ? type.nd : digitOf(args[index], wantsWhole[index]),
  );
  return expected.includes(-1) ? undefined : expected;
}

/** Whether a call is given that; what it writes to has been made writable then. */
function isAsExpected(
  args: readonly unknown[],
  expected: readonly (number | NdType)[],
  isWritten: readonly boolean[],
  wantsWhole: readonly boolean[],
): boolean {
  for (const [index, type] of expected.entries()) {
    const arg = args[index];
    if (typeof type === 'number') {
      if (digitOf(arg, wantsWhole[index]) !== type) return false;
    } else {
      if (!canBeLent(arg) || args.indexOf(arg) !== index) return false;
      if (typeOfLent(arg, arg[lend](isWritten[index]! ? 'write' : 'read')) !== type) return false;
    }
  }
  return true;
}

/** Whether two arguments are, or may be, the same: arrays that overlap, a generator that is given twice. */
function hasOverlap(types: readonly ArgumentType[]): boolean {
  const classes = types.flatMap((type): (string | number)[] => {
    if (typeof type === 'string') return [];
    return 'generator' in type ? [`generator ${type.generator}`] : [type.aliasClass];
  });
  return new Set(classes).size < classes.length;
}

/** The streams of the generators that a call was given, each once. */
const streamsOf = (args: readonly unknown[]): KeyStream[] => [
  ...new Set(args.filter(isRandomStream).map((each) => each[keyStream])),
];

function refuseForeign({ isWritten, kernel }: Lowered, args: readonly unknown[]): void {
  for (const [index, arg] of args.entries())
    if (isWritten[index] && isArray(arg)) refuseForeignMemory(kernel.name, arg, index);
}

const noUses: readonly Use[] = [];

/** What a call would keep from others; refused where others keep it from this one. */
function usesOf(
  { isWritten, kernel }: Lowered,
  args: readonly unknown[],
  lent: readonly (LentArgument | undefined)[],
): Use[] {
  const touched = args.flatMap((arg, index): Use[] => {
    const nd = lent[index];
    const array = nd === undefined ? arg : spanOf(arg as LentArray, nd.lying);
    if (nd === undefined && !isArray(array)) return [];
    return [
      { array: array as Use['array'], isWritten: isWritten[index]!, by: kernel.name, as: `argument ${index + 1}` },
    ];
  });
  refuseHeld(touched);
  return touched.filter(({ array, isWritten: isOut }) => isOut || isInHeap(array));
}

/** The arguments of one call as its kernel takes them, and what becomes of them when it has ended. */
class LentCall {
  readonly scalars: readonly Scalar[];
  readonly addresses: readonly number[];
  readonly #lowered: Lowered;
  readonly #args: readonly unknown[];
  readonly #lengths: readonly number[];
  readonly #lent: LentArrays;
  /** What an asynchronous call keeps from others: what it works on in place, and what it writes to. */
  readonly uses: readonly Use[];
  /** Of each result, if it is an array with a shape. */
  readonly #made: readonly (LentArray | undefined)[];
  /** Of each argument that is an array with a shape. */
  readonly #nd: readonly (LentArgument | undefined)[];
  readonly #releases: (() => void)[] = [];

  constructor(lowered: Lowered, args: readonly unknown[], key: bigint | undefined, memory: LentMemory) {
    const { results } = lowered;
    const arrays = args.filter(isArray);
    refuseForeign(lowered, args);
    this.#nd = args.map((arg) => (canBeLent(arg) ? lentArgument(arg) : undefined));
    this.uses = memory === heapMemory || isAnythingHeld() ? usesOf(lowered, args, this.#nd) : noUses;
    this.#lowered = lowered;
    this.#args = args;
    this.#lengths = results.map((result) => {
      if ('nd' in result) return 0;
      const length = result.lengthOf(args);
      if (Number.isNaN(length)) throw lowered.lengthError(result.node, result.of.name);
      return length;
    });
    this.#made = results.map((result) =>
      'nd' in result ? makeArray(result.shapeOf(args), result.nd.dtype) : undefined,
    );
    const fresh = results.flatMap((result, index) => ('nd' in result ? [] : [this.#lengths[index]! * result.of.bytes]));
    this.#lent = new LentArrays(arrays, aliasClassesOf(arrays), fresh, memory);
    this.addresses = this.#allAddresses();
    // Each generator gives the call its next key, once.
    let streams: Set<KeyStream> | undefined;
    const scalars: Scalar[] = [];
    for (const [index, arg] of args.entries()) {
      const nd = this.#nd[index];
      if (nd !== undefined) scalars.push(...scalarsOf(arg as LentArray, nd));
      else if (arg === undefined) continue;
      else if (isArray(arg)) scalars.push(BigInt(arg.length));
      else if (isRandomStream(arg)) {
        const stream = arg[keyStream];
        streams ??= new Set();
        if (!streams.has(stream)) scalars.push(stream.take());
        streams.add(stream);
      } else scalars.push(arg as Scalar);
    }
    for (const [index, length] of this.#lengths.entries()) {
      const made = this.#made[index];
      if (made === undefined) scalars.push(BigInt(length));
      else scalars.push(...scalarsOf(made, lentArgument(made)));
    }
    if (key !== undefined) scalars.push(key);
    this.scalars = scalars;
  }

  /** In the order of the arguments, then those of what is made. */
  #allAddresses(): readonly number[] {
    const { addresses } = this.#lent;
    if ([...this.#nd, ...this.#made].every((nd) => nd === undefined)) return addresses;
    let next = 0;
    const given = this.#nd.flatMap((nd, index) => {
      if (nd !== undefined) return [addressOf(nd.lying)];
      return isArray(this.#args[index]) ? [addresses[next++]!] : [];
    });
    const made = this.#made.map((array) => (array ? addressOf(lentArgument(array).lying) : addresses[next++]!));
    return [...given, ...made];
  }

  /** For a call that goes on while other code runs. */
  hold(): void {
    for (const [index, nd] of this.#nd.entries())
      if (nd !== undefined)
        this.#releases.push(holdLent(this.#args[index] as LentArray, nd.lying, this.#lowered.isWritten[index]!));
  }

  /** Copies back what was written, and puts the result together. */
  result(returned: readonly Scalar[]): unknown {
    const { isWritten, results, result } = this.#lowered;
    const isOfArray = (_: unknown, index: number): boolean => isArray(this.#args[index]);
    this.#lent.copyBack(isWritten.filter(isOfArray));
    const arrays = this.#args.filter(isAnyArray).length;
    const made = results.map(
      (one, index) =>
        this.#made[index] ??
        this.#lent.taken(this.addresses[arrays + index]!, (one as TypedResult).of.name, this.#lengths[index]!),
    );
    return resultOf(result, returned, this.#args, made);
  }

  get hasCopies(): boolean {
    return this.#lent.hasCopies;
  }

  giveBack(): void {
    for (const release of this.#releases) release();
    this.#lent.giveBack();
  }
}

/** Puts a result together: scalars are taken one after the other. */
function resultOf(
  shape: ResultShape,
  returned: readonly Scalar[],
  args: readonly unknown[],
  made: readonly (HeapArray | LentArray)[],
): unknown {
  let next = 0;
  const build = (one: ResultShape): unknown => {
    switch (one.kind) {
      case 'scalar':
        return returned[next++];
      case 'tuple':
        return one.elements.map(build);
      case 'argument':
        return args[one.index];
      case 'result':
        return made[one.index];
      case 'nothing':
        return undefined;
    }
  };
  return build(shape);
}
