// jit: a plain numeric function, compiled when it is first called, once for each combination of its arguments' types.
import { UnsupportedError, UserError } from '../base/errors.js';
import { findUnknownOption } from '../base/nearest.js';
import { showValue } from '../base/show-value.js';
import type { Kernel } from '../ir/nodes.js';
import type { Scalar } from '../ir/operations.js';
import { printKernel } from '../ir/print.js';
import { freshKey, rootKey } from '../random/keys.js';
import { makeExecutable } from '../runtime/executable.js';
import type { Executable } from '../runtime/executable.js';
import { callEnds, changed, checkCallEnds } from './calls.js';
import type { CallEnds } from './calls.js';
import { lowerFunction } from './lower.js';
import type { ArgumentType } from './lower.js';
import { parseFunction } from './parse.js';
import type { FunctionSource } from './parse.js';

export type JitArgument = number | boolean;
export type JitResult = number | boolean;

/** What a call can be given anew, with the same compiled code. */
export interface CallOptions extends CallEnds {
  /** Every call draws the same random numbers; without it each call draws new ones. */
  seed?: number | bigint;
  /** At most so many threads run parallel loops, the caller's own among them; without it all that `configure` allows. */
  threads?: number;
}

export interface JitOptions extends CallOptions {
  /** Loops run on all threads where that gives the same bits: where no iteration needs another's, but for counts, sums of integers, least and greatest. */
  parallel?: boolean;
}

/** A compiled function: called like the plain one. */
export interface Jitted<A extends readonly JitArgument[], R extends JitResult> {
  (...args: A): R;
  /** The same on other threads, while this one goes on. */
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
  readonly kernel: Kernel;
  readonly hasKey: boolean;
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
const jitOptions = ['parallel', ...callOptions];

function checkOptions(options: unknown, known: readonly string[]): asserts options is JitOptions {
  if (typeof options !== 'object' || options === null) {
    throw new UserError('JIT009', `the options of jit cannot be ${showValue(options)}`, {
      fix: 'write jit(f, { seed: 42 }), or leave them out',
    });
  }
  const unknown = findUnknownOption(options, known);
  if (unknown) throw new UserError('JIT009', `jit has no option ${unknown.name}`, { fix: unknown.fix });
  const { parallel, threads } = options as { readonly parallel?: unknown; readonly threads?: unknown };
  if (parallel !== undefined && typeof parallel !== 'boolean') {
    throw new UserError('JIT009', `the option parallel cannot be ${showValue(parallel)}`, {
      fix: 'write parallel: true, or leave it out',
    });
  }
  if (threads !== undefined && !(Number.isInteger(threads) && (threads as number) >= 1)) {
    throw new UserError('JIT009', `the option threads cannot be ${showValue(threads)}`, {
      fix: 'give how many threads may run the loops: 1, 2, 3, …',
    });
  }
  checkCallEnds(options);
}

/** A number for a combination of types: a bit an argument, below a leading one; undefined where one is of neither type. */
function typeCode(args: readonly unknown[], count: number): number | undefined {
  let code = 1;
  for (let index = 0; index < count; index++) {
    const type = typeof args[index];
    if (type !== 'number' && type !== 'boolean') return undefined;
    code = code * 2 + (type === 'number' ? 0 : 1);
  }
  return code;
}

/**
 * Compiles a plain numeric function to WebAssembly. `jit(f)(…args)` returns what `f(…args)` returns, bit for bit, but for random draws,
 * which come from heddle's own generator (docs/random.md) and are equal in distribution. What cannot be compiled is refused when the
 * function is first called, with the line and the reason; nothing ever falls back silently.
 *
 * Today: numbers and booleans, `let`, `const`, `var`, `if`, `for`, `while`, `do`, `+ - * /`, `**2`, comparisons, `&& || ?? ! ?:`,
 * `Math.abs`, `ceil`, `floor`, `max`, `min`, `random`, `sqrt`, `trunc`.
 *
 * @throws {UserError} JIT007 and JIT009 at once for what is not a function or an option; when it is called JIT001, JIT003 to JIT006, JIT008
 * @throws {UnsupportedError} when it is called: JIT002 for what cannot be compiled yet, JIT010 for what is too large
 * @example
 * import { jit } from 'heddle';
 * const harmonic = jit((n: number) => { let s = 0; for (let i = 1; i <= n; i++) s += 1 / i; return s; });
 * console.log(harmonic(1e6)); // 14.392726722864989
 */
export function jit<A extends JitArgument[], R extends JitResult>(
  f: (...args: A) => R,
  options: JitOptions = {},
): Jitted<A, R> {
  if (typeof f !== 'function') {
    throw new UserError('JIT007', `jit compiles a function, and was given ${showValue(f)}`, {
      fix: 'write jit((n: number) => …)',
    });
  }
  checkOptions(options, jitOptions);
  const specialisations = new Map<string, Specialisation>();
  /** The same by the number of their types. */
  const byTypeCode = new Map<number, Specialisation>();
  const arity = f.length;
  let source: FunctionSource | undefined;

  const specialise = (args: readonly unknown[]): Specialisation => {
    const types = args.slice(0, arity).map((arg, index): ArgumentType => {
      if (typeof arg === 'number' || typeof arg === 'boolean') return typeof arg as ArgumentType;
      throw new UserError(
        'JIT008',
        `argument ${index + 1} of ${f.name || 'the function'} cannot be ${showValue(arg)}`,
        {
          note: 'compiled functions take numbers and booleans so far',
          fix: 'give a number or a boolean',
        },
      );
    });
    const signature = `(${types.join(', ')})`;
    let specialisation = specialisations.get(signature);
    if (specialisation === undefined) {
      specialisation = withinLimits(f.name || 'the function', () => {
        source ??= parseFunction(f);
        const { kernel, hasKey } = lowerFunction(source, types);
        return {
          kernel,
          hasKey,
          executable: makeExecutable(kernel, { parallel: options.parallel ?? false, name: f.name || 'the function' }),
        };
      });
      specialisations.set(signature, specialisation);
      // Beyond what a double counts exactly there is no number for the types, and they are looked up by name.
      if (arity <= 50) byTypeCode.set(typeCode(args, arity)!, specialisation);
    }
    return specialisation;
  };

  const explain = (view: 'ir' | 'passes' | 'wat' = 'ir'): string =>
    [...specialisations]
      .map(([signature, { kernel, executable }]) => {
        const code = view === 'wat' ? executable.wat() : printKernel(view === 'ir' ? kernel : executable.kernel);
        return `; ${signature}\n${code}`;
      })
      .join('\n\n');

  const callableWith = (settings: CallOptions): Jitted<A, R> => {
    const { seed, threads, signal, timeoutMs } = settings;
    const seedKey = seed === undefined ? undefined : rootKey(seed);
    const specialisationFor = (args: A, entry: (...args: A) => unknown): Specialisation => {
      const code = typeCode(args, arity);
      const known = code === undefined ? undefined : byTypeCode.get(code);
      return known ?? fromCaller(() => specialise(args), entry);
    };
    const scalarsOf = (args: A, hasKey: boolean): readonly Scalar[] =>
      hasKey ? [...args.slice(0, arity), seedKey ?? freshKey()] : args;
    const call = (...args: A): R => {
      signal?.throwIfAborted();
      const { executable, hasKey } = specialisationFor(args, call);
      return executable.call(scalarsOf(args, hasKey), [], threads, timeoutMs)[0] as R;
    };
    const callAsync = async (...args: A): Promise<R> => {
      const { executable, hasKey } = specialisationFor(args, callAsync);
      const results = await executable.callAsync(scalarsOf(args, hasKey), [], { threads, signal, timeoutMs });
      return results[0] as R;
    };
    Object.defineProperties(call, {
      name: { value: f.name },
      length: { value: f.length },
      async: { value: callAsync },
      plain: { value: f, enumerable: true },
      signatures: { get: () => [...specialisations.keys()], enumerable: true },
      explain: { value: explain },
      with: {
        value: (others: CallOptions) => (checkOptions(others, callOptions), callableWith(changed(settings, others))),
      },
    });
    return call as Jitted<A, R>;
  };
  return callableWith(options);
}
