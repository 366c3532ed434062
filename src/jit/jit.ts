// jit: a plain numeric function, compiled when it is first called, once for each combination of its arguments' types.
import { UnsupportedError, UserError } from '../base/errors.js';
import type { Kernel } from '../ir/nodes.js';
import { printKernel } from '../ir/print.js';
import { freshKey, rootKey } from '../random/keys.js';
import { makeExecutable } from '../runtime/executable.js';
import type { Executable } from '../runtime/executable.js';
import { lowerFunction } from './lower.js';
import type { ArgumentType } from './lower.js';
import { parseFunction } from './parse.js';
import type { FunctionSource } from './parse.js';

export type JitArgument = number | boolean;
export type JitResult = number | boolean;

export interface JitOptions {
  /** Every call draws the same random numbers; without it each call draws new ones. */
  seed?: number | bigint;
}

/** A compiled function: called like the plain one. */
export interface Jitted<A extends readonly JitArgument[], R extends JitResult> {
  (...args: A): R;
  /** The same compiled code with other settings. */
  with(settings: JitOptions): Jitted<A, R>;
  /** The function that was given. */
  readonly plain: (...args: A) => R;
  /** The combinations of types that have been compiled so far, such as `(number, boolean)`. */
  readonly signatures: readonly string[];
  /** The code of each combination compiled so far: as kernel language, the same after the passes, or as WebAssembly text. */
  explain(view?: 'ir' | 'passes' | 'wat'): string;
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

/** `'a'` as `"a"`, the way people write it. */
const show = (value: unknown): string =>
  typeof value === 'string' ? JSON.stringify(value) : typeof value === 'bigint' ? `${value}n` : String(value);

/**
 * Compiles a plain numeric function to WebAssembly. `jit(f)(…args)` returns what `f(…args)` returns, bit for bit, but for random draws,
 * which come from heddle's own generator (docs/random.md) and are equal in distribution. What cannot be compiled is refused when the
 * function is first called, with the line and the reason; nothing ever falls back silently.
 *
 * Today: numbers and booleans, `let` and `const`, `if`, `for`, `while`, `do`, `+ - * /`, `**2`, comparisons, `&& || ! ?:`,
 * `Math.abs`, `ceil`, `floor`, `max`, `min`, `random`, `sqrt`, `trunc`.
 *
 * @throws {UserError} JIT007 at once if `f` is not a function; when it is called JIT001 and JIT003 to JIT008
 * @throws {UnsupportedError} JIT002 when it is called, for what cannot be compiled yet
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
    throw new UserError('JIT007', `jit compiles a function, and was given ${show(f)}`, {
      fix: 'write jit((n: number) => …)',
    });
  }
  const specialisations = new Map<string, Specialisation>();
  let source: FunctionSource | undefined;

  const specialise = (args: readonly unknown[]): Specialisation => {
    const types = args.slice(0, f.length).map((arg, index): ArgumentType => {
      if (typeof arg === 'number' || typeof arg === 'boolean') return typeof arg as ArgumentType;
      throw new UserError('JIT008', `argument ${index + 1} of ${f.name || 'the function'} cannot be ${show(arg)}`, {
        note: 'compiled functions take numbers and booleans so far',
        fix: 'give a number or a boolean',
      });
    });
    const signature = `(${types.join(', ')})`;
    const known = specialisations.get(signature);
    if (known !== undefined) return known;
    source ??= parseFunction(f);
    const { kernel, hasKey } = lowerFunction(source, types);
    const executable = makeExecutable(kernel);
    const specialisation = { kernel, hasKey, executable };
    specialisations.set(signature, specialisation);
    return specialisation;
  };

  const explain = (view: 'ir' | 'passes' | 'wat' = 'ir'): string =>
    [...specialisations]
      .map(([signature, { kernel, executable }]) => {
        const code = view === 'wat' ? executable.wat() : printKernel(view === 'ir' ? kernel : executable.kernel);
        return `; ${signature}\n${code}`;
      })
      .join('\n\n');

  const callableWith = ({ seed }: JitOptions): Jitted<A, R> => {
    const seedKey = seed === undefined ? undefined : rootKey(seed);
    const call = (...args: A): R => {
      const { executable, hasKey } = fromCaller(() => specialise(args), call);
      const scalars = args.slice(0, f.length);
      return executable.call(hasKey ? [...scalars, seedKey ?? freshKey()] : scalars)[0] as R;
    };
    Object.defineProperties(call, {
      name: { value: f.name },
      length: { value: f.length },
      plain: { value: f, enumerable: true },
      signatures: { get: () => [...specialisations.keys()], enumerable: true },
      explain: { value: explain },
      with: { value: (settings: JitOptions) => callableWith({ ...(seed !== undefined && { seed }), ...settings }) },
    });
    return call as Jitted<A, R>;
  };
  return callableWith(options);
}
