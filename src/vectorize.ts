// vectorize: where the room that compiles functions and the room that has arrays meet. Typed arrays are worked on at once; of arrays with a
// shape the call is recorded, and fuses with what is around it.
import { callElements } from './array/index.js';
import type { DType, NDArray } from './array/index.js';
import { UserError } from './base/errors.js';
import { findUnknownOption } from './base/nearest.js';
import { showValue } from './base/show-value.js';
import { checkView, ElementFunction, jit, wrongElement } from './jit/index.js';
import { canBeLent } from './memory/lent-arrays.js';
import type { HeapArray } from './memory/lifetime.js';

type Element = number | boolean | bigint;

type NumberArray = Exclude<HeapArray, BigInt64Array | BigUint64Array>;

/** What can stand for one argument of the function: the argument itself, for all elements, or an array of them. */
type TypedOr<E> = E extends boolean ? E : E extends bigint ? E | BigInt64Array | BigUint64Array : E | NumberArray;
type NDOr<E> = E extends boolean ? E | NDArray<'bool'> : E extends bigint ? E : E | NDArray<Exclude<DType, 'bool'>>;

type TypedResult<R> = [R] extends [boolean] ? Uint8Array : [R] extends [bigint] ? BigInt64Array : Float64Array;
type NDResult<R> = NDArray<[R] extends [boolean] ? 'bool' : [R] extends [bigint] ? 'int64' : 'float64'>;

export interface OutOption<T> {
  /** The array that gets the elements, instead of a new one. */
  readonly out: T;
}

export interface VectorizeOptions {
  /** The values of names around the function, as for `jit`. */
  readonly globals?: () => object;
  /** At most so many threads work on typed arrays. */
  readonly threads?: number;
}

/** A function of elements: called with scalars, it is the plain one; with arrays among them, it gives an array. */
export interface Vectorized<A extends readonly Element[], R extends Element> {
  (...args: A): R;
  /** With typed arrays of one length, and scalars; with `out` the results go there. */
  (...args: { [K in keyof A]: TypedOr<A[K]> }): TypedResult<R>;
  <T extends HeapArray>(...args: [...{ [K in keyof A]: TypedOr<A[K]> }, options: OutOption<T>]): T;
  /** With arrays of shapes that fit together: recorded, and computed when its numbers are needed; at once with `out`. */
  (...args: { [K in keyof A]: NDOr<A[K]> }): NDResult<R>;
  <D extends DType>(...args: [...{ [K in keyof A]: NDOr<A[K]> }, options: OutOption<NDArray<D>>]): NDArray<D>;
  /** The function that was given. */
  readonly plain: (...args: A) => R;
  /** The combinations of types that have been compiled so far. */
  readonly signatures: readonly string[];
  /** The code of each combination compiled so far; that of recorded calls is the code for one element. */
  explain(view?: 'ir' | 'passes' | 'wat'): string;
}

/** What people know from elsewhere, and why it is not needed. */
const elsewhere: Readonly<Record<string, string>> = {
  otypes: 'leave it out: what the function returns tells the dtype; use .astype on the result for another one',
  excluded: 'leave it out: an argument that is a number is the same for all elements; give others by globals',
  signature: 'leave it out: each combination of types is compiled when it is first called',
  nopython: 'leave it out: nothing ever falls back',
  cache: 'leave it out: what is compiled is kept as long as the function',
  target: 'leave it out: all threads work on large arrays',
};

function checkOptions(name: string, options: object, known: readonly string[]): void {
  const unknown = findUnknownOption(options, known);
  if (unknown === undefined) return;
  throw new UserError('JIT009', `${name} has no option ${unknown.name}`, {
    fix: elsewhere[unknown.name] ?? unknown.fix,
  });
}

/**
 * Makes a function of arrays of a function of numbers: what it gives for each element is what the plain function gives, bit for bit, but for
 * the functions of `Math` that IEEE 754 does not fix (docs/math.md). Numbers give float64, booleans bool, bigints int64, whatever
 * the arrays are of; of integer arrays each element is a number, as `get` gives it.
 *
 * @throws {UserError} JIT007, JIT009 and JIT018 at once for what is no function or option; when it is called what `jit` throws for a function
 * that cannot be compiled, ARRAY002 for lengths or shapes that do not fit together, JIT008 for what is no element or array
 * @example
 * import { asarray, vectorize } from 'heddle';
 * const relu = vectorize((x: number) => (x > 0 ? x : 0));
 * console.log(relu(Float64Array.of(-1, 2)), relu(asarray([-3, 5])).sum().item()); // Float64Array(2) [ 0, 2 ] 5
 */
export function vectorize<A extends Element[], R extends Element>(
  f: (...args: A) => R,
  options: VectorizeOptions = {},
): Vectorized<A, R> {
  if (typeof f !== 'function') {
    throw new UserError('JIT007', `vectorize takes a function, and was given ${showValue(f)}`, {
      fix: 'write vectorize((x: number) => …)',
    });
  }
  checkOptions('vectorize', options, ['globals', 'threads']);
  const { globals, threads } = options;
  const code = new ElementFunction(f, { globals, threads });
  const scalar = jit(f, globals === undefined ? {} : { globals });
  const vectorized = (...given: unknown[]): unknown => {
    const last = given.at(-1);
    const hasOptions =
      typeof last === 'object' &&
      last !== null &&
      !ArrayBuffer.isView(last) &&
      !canBeLent(last) &&
      !Array.isArray(last);
    const args = hasOptions ? given.slice(0, -1) : given;
    if (hasOptions) checkOptions(code.name, last, ['out']);
    const { out } = (hasOptions ? last : {}) as { readonly out?: unknown };
    if (args.some(canBeLent)) {
      const wrong = args.findIndex((arg) => !canBeLent(arg) && !['number', 'boolean', 'bigint'].includes(typeof arg));
      if (wrong >= 0) throw wrongElement(code.name, args[wrong], wrong);
      const recorded = callElements(code.name, args, (kinds, names) => code.code(kinds, `(${names.join(', ')})`));
      if (out === undefined) return recorded;
      if (canBeLent(out)) return recorded.computeSync({ out: out as NDArray });
      throw wrongOut(code.name, out, 'an array of heddle, as the arguments are');
    }
    if (args.some((arg) => ArrayBuffer.isView(arg))) {
      if (out === undefined || ArrayBuffer.isView(out)) return code.call(args, out as HeapArray, vectorized);
      throw wrongOut(code.name, out, 'a typed array, as the arguments are');
    }
    if (out !== undefined) throw wrongOut(code.name, out, 'left out where no argument is an array');
    return scalar(...(args as A));
  };
  Object.defineProperties(vectorized, {
    name: { value: f.name },
    length: { value: f.length },
    plain: { value: f, enumerable: true },
    signatures: { get: () => [...scalar.signatures, ...code.signatures], enumerable: true },
    explain: {
      value: (view: 'ir' | 'passes' | 'wat' = 'ir'): string => {
        checkView(view, ['ir', 'passes', 'wat']);
        // Of scalar calls there may have been none, which is said only where there has been no other either.
        const hasScalar = scalar.signatures.length > 0 || code.signatures.length === 0;
        return [...(hasScalar ? [scalar.explain(view)] : []), ...code.explain(view)].join('\n\n');
      },
    },
  });
  return vectorized as unknown as Vectorized<A, R>;
}

const wrongOut = (name: string, out: unknown, wanted: string): UserError =>
  new UserError('JIT009', `${name}: out cannot be ${showValue(out)}`, { fix: `it has to be ${wanted}` });
