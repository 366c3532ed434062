// jit: a plain numeric function, compiled when it is first called, once for each combination of its arguments' types.
import { UnsupportedError, UserError } from '../base/errors.js';
import { findUnknownOption } from '../base/nearest.js';
import { showValue } from '../base/show-value.js';
import { printKernel } from '../ir/print.js';
import { freshKey, rootKey } from '../random/keys.js';
import type { Scalar } from '../ir/operations.js';
import { CheckFailure } from '../runtime/check-failure.js';
import { makeExecutable } from '../runtime/executable.js';
import type { Executable } from '../runtime/executable.js';
import { arrayKinds, kindOf } from './array-kinds.js';
import { aliasClassesOf, callMemory, heapMemory, LentArrays, refuseForeignMemory, twinsOf } from './arguments.js';
import type { HeapArray, LentMemory } from './arguments.js';
import { callEnds, changed, checkCallEnds } from './call-ends.js';
import type { CallEnds } from './call-ends.js';
import { Globals } from './globals.js';
import { largestWhole, lowerFunction } from './lower.js';
import type { ArgumentType, Lowered, ResultShape } from './lower.js';
import { parseFunction } from './parse.js';
import type { FunctionSource } from './parse.js';
import { wholeParametersOf } from './whole-parameters.js';

export type JitArgument = number | boolean | bigint | HeapArray;
/** Tuples, too: `return [a, b]`. */
// oxlint-disable-next-line typescript/no-invalid-void-type
export type JitResult = number | boolean | bigint | HeapArray | readonly JitResult[] | void;

/** What a call can be given anew, with the same compiled code. */
export interface CallOptions extends CallEnds {
  /** Every call draws the same random numbers; without it each call draws new ones. */
  seed?: number | bigint;
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
}

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
  /** The code of each combination compiled so far: as kernel language, the same after the passes, or as WebAssembly text. */
  explain(view?: 'ir' | 'passes' | 'wat'): string;
}

/** As `work()`; JIT010 where the function is more than the engine's own limits allow. */
function withinLimits<T>(name: string, work: () => T): T {
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

interface Specialisation {
  readonly lowered: Lowered;
  readonly executable: Executable;
}

/** As `work()`, but an error that it throws tells the stack of whoever called `entry`: what lies below is ours, and no help. */
function fromCaller<T>(work: () => T, entry: (...args: never[]) => unknown): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof UserError || error instanceof UnsupportedError) Error.captureStackTrace?.(error, entry);
    throw error;
  }
}

const callOptions = ['seed', 'threads', ...callEnds];
const jitOptions = ['parallel', 'fastMath', 'globals', ...callOptions];

function checkOptions(options: unknown, known: readonly string[]): asserts options is JitOptions {
  if (typeof options !== 'object' || options === null) {
    throw new UserError('JIT009', `the options of jit cannot be ${showValue(options)}`, {
      fix: 'write jit(f, { seed: 42 }), or leave them out',
    });
  }
  const unknown = findUnknownOption(options, known);
  if (unknown) throw new UserError('JIT009', `jit has no option ${unknown.name}`, { fix: unknown.fix });
  const { threads, ...others } = options as { readonly threads?: unknown; readonly [name: string]: unknown };
  for (const name of ['parallel', 'fastMath']) {
    if (others[name] === undefined || typeof others[name] === 'boolean') continue;
    throw new UserError('JIT009', `the option ${name} cannot be ${showValue(others[name])}`, {
      fix: `write ${name}: true, or leave it out`,
    });
  }
  if (threads !== undefined && !(Number.isInteger(threads) && (threads as number) >= 1)) {
    throw new UserError('JIT009', `the option threads cannot be ${showValue(threads)}`, {
      fix: 'give how many threads may run the loops: 1, 2, 3, …',
    });
  }
  checkCallEnds(options);
}

/** What a call was given, in a digit of base 16 each: 0 to 3 for scalars, then the kinds of arrays. */
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
      return kind === undefined ? -1 : firstArrayDigit + arrayKinds.indexOf(kind);
    }
    default:
      return -1;
  }
}

const scalarNames = ['number', 'boolean', 'bigint', 'whole'] as const;
const wholeDigit = 3;
const firstArrayDigit = 4;
/** So many digits a double counts exactly; of a function with more parameters the types are looked up by name. */
const mostDigits = 12;

const isModestWhole = (x: number): boolean =>
  Number.isInteger(x) && Math.abs(x) <= largestWhole && !(x === 0 && 1 / x < 0);

const isArray = (arg: unknown): arg is HeapArray => ArrayBuffer.isView(arg);

/**
 * Compiles a plain numeric function to WebAssembly. `jit(f)(…args)` returns what `f(…args)` returns, bit for bit, but for the functions of
 * `Math` that IEEE 754 does not fix, which are those of heddle/math; for random draws, which come from heddle's own generator
 * (docs/random.md); and for sums in `prange` or with `fastMath`. Access outside of an array throws. What cannot be compiled is refused when
 * the function is first called, with the line and the reason; nothing ever falls back silently.
 *
 * Arguments are numbers, booleans, bigints and typed arrays, which are read and written in place if they were made by `alloc`, else copied
 * in and, where they are written, out. Results are a number, a boolean, a bigint, a typed array, a tuple of those, or nothing.
 *
 * @throws {UserError} JIT007, JIT009 and JIT018 at once for what is not a function or an option; when it is called JIT001, JIT003 to JIT006,
 * JIT008, JIT011 to JIT017, JIT019
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
  checkOptions(options, jitOptions);
  const globals = new Globals(options.globals);
  const specialisations: { signature: string; specialisation: Specialisation }[] = [];
  /** The same by the digits of their types, where no arrays overlap. */
  const byCode = new Map<number, Specialisation>();
  const byKey = new Map<string, Specialisation>();
  let source: FunctionSource | undefined;
  let arity = f.length;
  let wantsWhole: readonly boolean[] = [];
  let hasArrays = false;

  const prepare = (): FunctionSource => {
    if (source !== undefined) return source;
    source = parseFunction(f);
    arity = source.node.params.length;
    wantsWhole = wholeParametersOf(source);
    return source;
  };

  const typesOf = (args: readonly unknown[]): ArgumentType[] => {
    const arrays = args.filter(isArray);
    const classes = aliasClassesOf(arrays);
    const twins = twinsOf(arrays);
    return args.map((arg, index): ArgumentType => {
      const digit = digitOf(arg, wantsWhole[index]);
      if (digit >= firstArrayDigit) {
        const place = arrays.indexOf(arg as HeapArray);
        return { of: arrayKinds[digit - firstArrayDigit]!, aliasClass: classes[place]!, twin: twins[place]! };
      }
      const scalar = scalarNames[digit];
      if (scalar !== undefined) return scalar;
      const what = `argument ${index + 1} of ${f.name || 'the function'}`;
      if (typeof arg === 'bigint')
        throw new UserError('JIT014', `${what} is ${arg}n, which is beyond 64 bits`, {
          note: 'bigints in compiled code lie between -(2n ** 63n) and 2n ** 63n - 1n',
          fix: 'use the plain function',
        });
      throw new UserError('JIT008', `${what} cannot be ${showValue(arg)}`, {
        note: 'compiled functions take numbers, booleans, bigints and typed arrays',
        fix: adviceFor(arg),
      });
    });
  };

  const specialise = (all: readonly unknown[]): Specialisation =>
    withinLimits(f.name || 'the function', () => {
      const parsed = prepare();
      const args = all.slice(0, arity);
      const types = typesOf(args);
      const key = keyOf(types);
      let specialisation = byKey.get(key);
      if (specialisation === undefined) {
        const { parallel = false, fastMath = false } = options;
        const lowered = lowerFunction(parsed, types, { globals, fastMath });
        for (const [index, arg] of args.entries())
          if (lowered.isWritten[index]) refuseForeignMemory(parsed.name, arg as HeapArray, index);
        const { kernel, routines } = lowered;
        specialisation = {
          lowered,
          executable: makeExecutable(kernel, { routines, parallel, name: f.name || 'the function' }),
        };
        byKey.set(key, specialisation);
        specialisations.push({ signature: signatureOf(types), specialisation });
      }
      const code = arity <= mostDigits && !hasOverlap(types) ? codeOf(args) : undefined;
      if (code !== undefined) byCode.set(code, specialisation);
      hasArrays ||= types.some((type) => typeof type !== 'string');
      return specialisation;
    });

  const codeOf = (args: readonly unknown[]): number | undefined => {
    let code = 1;
    for (let index = 0; index < arity; index++) {
      const digit = digitOf(args[index], wantsWhole[index]);
      if (digit < 0) return undefined;
      code = code * 16 + digit;
    }
    return code;
  };

  /** The code for such arguments, if there is some already. */
  const find = (args: readonly unknown[]): Specialisation | undefined => {
    if (arity > mostDigits) return undefined;
    const code = codeOf(args);
    if (code === undefined) return undefined;
    const found = byCode.get(code);
    if (found === undefined || !hasArrays) return found;
    const arrays = args.slice(0, arity).filter(isArray);
    return arrays.length > 1 && new Set(aliasClassesOf(arrays)).size < arrays.length ? undefined : found;
  };

  const explain = (view: 'ir' | 'passes' | 'wat' = 'ir'): string =>
    specialisations
      .map(({ signature, specialisation: { lowered, executable } }) => {
        const code =
          view === 'wat' ? executable.wat() : printKernel(view === 'ir' ? lowered.kernel : executable.kernel);
        return `; ${signature}\n${code}`;
      })
      .join('\n\n');

  const callableWith = (settings: CallOptions): Jitted<A, R> => {
    const { seed, threads, signal, timeoutMs } = settings;
    const seedKey = seed === undefined ? undefined : rootKey(seed);
    const keyFor = ({ hasKey }: Lowered): bigint | undefined => (hasKey ? (seedKey ?? freshKey()) : undefined);
    const specialisationFor = (args: A, entry: (...args: A) => unknown): Specialisation =>
      find(args) ?? fromCaller(() => specialise(args), entry);
    /** What was thrown; for a check of the kernel that failed the error that tells its place in the source. */
    const rethrow = (error: unknown, { errorOf }: Lowered, entry: (...args: A) => unknown): never =>
      fromCaller(() => {
        throw error instanceof CheckFailure ? errorOf(error.record) : error;
      }, entry);
    const call = (...args: A): R => {
      signal?.throwIfAborted();
      const { executable, lowered } = specialisationFor(args, call);
      try {
        if (!hasArrays && lowered.results.length === 0) {
          const key = keyFor(lowered);
          const scalars = (key === undefined ? args : [...args.slice(0, arity), key]) as Scalar[];
          const results = executable.call(scalars, [], threads, timeoutMs);
          return (lowered.result.kind === 'scalar' ? results[0] : resultOf(lowered.result, results, args, [])) as R;
        }
        const lent = new LentCall(lowered, args.slice(0, arity), keyFor(lowered), callMemory);
        try {
          return lent.result(executable.call(lent.scalars, lent.addresses, threads, timeoutMs)) as R;
        } finally {
          lent.giveBack();
        }
      } catch (error) {
        return rethrow(error, lowered, call);
      }
    };
    const callAsync = async (...args: A): Promise<R> => {
      const { executable, lowered } = specialisationFor(args, callAsync);
      try {
        // Calls of others come and go before this one has ended: what it borrows lies in the heap.
        const lent = new LentCall(lowered, args.slice(0, arity), keyFor(lowered), heapMemory);
        try {
          const returned = await executable.callAsync(lent.scalars, lent.addresses, { threads, signal, timeoutMs });
          return lent.result(returned) as R;
        } finally {
          lent.giveBack();
        }
      } catch (error) {
        return rethrow(error, lowered, callAsync);
      }
    };
    Object.defineProperties(call, {
      name: { value: f.name },
      length: { value: f.length },
      async: { value: callAsync },
      plain: { value: f, enumerable: true },
      signatures: { get: () => [...new Set(specialisations.map(({ signature }) => signature))], enumerable: true },
      explain: { value: explain },
      with: {
        value: (others: CallOptions) => (checkOptions(others, callOptions), callableWith(changed(settings, others))),
      },
    });
    return call as Jitted<A, R>;
  };
  return callableWith(options);
}

/** What to give instead of something that no compiled function takes. */
function adviceFor(arg: unknown): string {
  if (Array.isArray(arg)) return 'make it a typed array: Float64Array.from(values)';
  if (typeof arg === 'string') return 'make it a number: Number(text)';
  if (typeof arg === 'function') return 'name it in globals: jit(f, { globals: () => ({ helper }) })';
  if (arg === null || arg === undefined) return 'give a number; where there is none, NaN';
  if (arg instanceof DataView) return 'make it a typed array over its buffer: new Float64Array(view.buffer)';
  return 'give its numbers one by one, or in a typed array';
}

const nameOf = (type: ArgumentType): string =>
  typeof type !== 'string' ? type.of.signature : type === 'whole' ? 'number' : type;

const signatureOf = (types: readonly ArgumentType[]): string => `(${types.map(nameOf).join(', ')})`;

const keyOf = (types: readonly ArgumentType[]): string =>
  types.map((type) => (typeof type === 'string' ? type : `${type.of.name} ${type.aliasClass} ${type.twin}`)).join();

function hasOverlap(types: readonly ArgumentType[]): boolean {
  const classes = types.flatMap((type) => (typeof type === 'string' ? [] : [type.aliasClass]));
  return new Set(classes).size < classes.length;
}

/** The arguments of one call as its kernel takes them, and what becomes of them when it has ended. */
class LentCall {
  readonly scalars: readonly Scalar[];
  readonly addresses: readonly number[];
  readonly #lowered: Lowered;
  readonly #args: readonly unknown[];
  readonly #lengths: readonly number[];
  readonly #lent: LentArrays;

  constructor(lowered: Lowered, args: readonly unknown[], key: bigint | undefined, memory: LentMemory) {
    const { isWritten, results } = lowered;
    const arrays = args.filter(isArray);
    for (const [index, arg] of args.entries())
      if (isWritten[index]) refuseForeignMemory(lowered.kernel.name, arg as HeapArray, index);
    this.#lowered = lowered;
    this.#args = args;
    this.#lengths = results.map(({ lengthOf, node, of }) => {
      const length = lengthOf(args);
      if (Number.isNaN(length)) throw lowered.lengthError(node, of.name);
      return length;
    });
    const fresh = this.#lengths.map((length, index) => length * results[index]!.of.bytes);
    this.#lent = new LentArrays(arrays, aliasClassesOf(arrays), fresh, memory);
    this.addresses = this.#lent.addresses;
    const scalars = args.map((arg): Scalar => (isArray(arg) ? BigInt(arg.length) : (arg as Scalar)));
    for (const length of this.#lengths) scalars.push(BigInt(length));
    if (key !== undefined) scalars.push(key);
    this.scalars = scalars;
  }

  /** Copies back what was written, and puts the result together. */
  result(returned: readonly Scalar[]): unknown {
    const { isWritten, results, result } = this.#lowered;
    const isOfArray = (_: unknown, index: number): boolean => isArray(this.#args[index]);
    this.#lent.copyBack(isWritten.filter(isOfArray));
    const arrays = this.#args.filter(isArray).length;
    const made = results.map(({ of }, index) =>
      this.#lent.taken(this.addresses[arrays + index]!, of.name, this.#lengths[index]!),
    );
    return resultOf(result, returned, this.#args, made);
  }

  giveBack(): void {
    this.#lent.giveBack();
  }
}

/** Puts a result together: scalars are taken one after the other. */
function resultOf(
  shape: ResultShape,
  returned: readonly Scalar[],
  args: readonly unknown[],
  made: readonly HeapArray[],
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
