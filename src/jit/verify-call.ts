// verify: true. The first call of each combination of types runs the plain function as well, on copies of the arguments, and compares what the two
// return and what they have written. Numbers have to be the same, bit for bit, where the law says so; where `Math` is the engine's own in the
// plain function, or sums were put together in another order (docs/numerics.md, 5 to 7), they may differ by what rounding can do.
// What draws is not compared: its numbers come from another generator. Nor is a call whose arrays with a shape lie where its typed arrays do,
// as copies of the two would no longer see each other's elements.
import { UserError } from '../base/errors.js';
import { showValue } from '../base/show-value.js';
import { mathFunctions } from '../ir/math/index.js';
import type { Region } from '../ir/nodes.js';
import { regionsOf } from '../ir/walk.js';
import { noteOnce } from '../runtime/notes.js';
import { kindOf } from './array-kinds.js';
import { aliasClassesOf } from './arguments.js';
import type { HeapArray } from './arguments.js';
import type { Lowered } from './lower.js';
import { aliasClassesOfAll, canBeLent, duplicate } from './nd-arguments.js';
import type { LentArray } from './nd-arguments.js';

/** How far apart numbers may be, as a part of the larger one, where they need not be the same. */
const tolerance = 1e-9;

type Plain = (...args: never[]) => unknown;

const isArray = (value: unknown): value is HeapArray => ArrayBuffer.isView(value);
const isComparable = (arg: unknown): boolean => typeof arg !== 'object' || isArray(arg) || canBeLent(arg);

/** Whether typed arrays see what is written to arrays with a shape, or the other way round. */
function areMixed(args: readonly unknown[]): boolean {
  const arrays = args.filter((arg) => isArray(arg) || canBeLent(arg));
  const classes = aliasClassesOfAll(arrays);
  const typed = new Set(classes.filter((_, index) => isArray(arrays[index])));
  return arrays.some((array, index) => canBeLent(array) && typed.has(classes[index]!));
}

/** The arguments with arrays of their own, which overlap where the given ones do. */
function copiesOf(args: readonly unknown[]): unknown[] {
  const arrays = args.filter(isArray);
  const classes = aliasClassesOf(arrays);
  const pieces = new Map<number, { start: number; end: number; bytes: Uint8Array<ArrayBuffer> | undefined }>();
  for (const [index, { byteOffset, byteLength }] of arrays.entries()) {
    const piece = pieces.get(classes[index]!) ?? { start: Infinity, end: 0, bytes: undefined };
    // Elements lie at multiples of their size, of 8 bytes at most.
    piece.start = Math.min(piece.start, Math.floor(byteOffset / 8) * 8);
    piece.end = Math.max(piece.end, byteOffset + byteLength);
    pieces.set(classes[index]!, piece);
  }
  let next = 0;
  const copies = new Map<LentArray, LentArray>();
  return args.map((arg) => {
    if (canBeLent(arg)) {
      if (!copies.has(arg)) copies.set(arg, duplicate(arg));
      return copies.get(arg);
    }
    if (!isArray(arg)) return arg;
    const piece = pieces.get(classes[next++]!)!;
    if (piece.bytes === undefined) {
      piece.bytes = new Uint8Array(piece.end - piece.start);
      // Its memory may have gaps that nobody owns, but not ones that do not exist.
      piece.bytes.set(new Uint8Array(arg.buffer, piece.start, piece.end - piece.start));
    }
    const kind = globalThis[kindOf(arg)!.name as 'Float64Array'];
    return new kind(piece.bytes.buffer, arg.byteOffset - piece.start, arg.length);
  });
}

/** Whether the law lets its numbers differ from those of the plain function. */
function mayRound({ kernel, routines }: Lowered): boolean {
  const inexact = new Set(mathFunctions.filter(({ ulps }) => ulps > 0).map(({ name }) => name));
  if (routines.some(({ name }) => inexact.has(name))) return true;
  const reorders = ({ statements }: Region): boolean =>
    statements.some((statement) => {
      const sums = statement.kind === 'for' ? statement.reductions : [];
      return sums.some(({ partials }) => partials > 1) || regionsOf(statement).some(reorders);
    });
  return reorders(kernel.body) || routines.some(({ body }) => reorders(body));
}

interface Difference {
  readonly where: string;
  readonly got: unknown;
  readonly wanted: unknown;
}

class Comparison {
  readonly #mayRound: boolean;

  constructor(isRounded: boolean) {
    this.#mayRound = isRounded;
  }

  difference(got: unknown, wanted: unknown, where: string): Difference | undefined {
    if (isArray(got) && isArray(wanted)) return this.#ofArrays(got, wanted, where, String);
    if (canBeLent(got) && canBeLent(wanted)) {
      if (shown(got) !== shown(wanted)) return { where, got, wanted };
      const { shape } = wanted;
      return this.#ofArrays(got.toTypedArray(), wanted.toTypedArray(), where, (index) => placeAt(shape, index));
    }
    if (Array.isArray(got) && Array.isArray(wanted) && got.length === wanted.length) {
      for (const [index, each] of got.entries()) {
        const found = this.difference(each, wanted[index], `element ${index} of ${where}`);
        if (found !== undefined) return found;
      }
      return undefined;
    }
    return this.#isSame(got, wanted, 0) ? undefined : { where, got, wanted };
  }

  #ofArrays(
    got: HeapArray,
    wanted: HeapArray,
    where: string,
    nameOf: (index: number) => string,
  ): Difference | undefined {
    if (kindOf(got) !== kindOf(wanted) || got.length !== wanted.length) return { where, got, wanted };
    let largest = 0;
    if (this.#mayRound)
      for (const value of wanted)
        if (typeof value === 'number' && Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
    for (const [index, value] of wanted.entries())
      if (!this.#isSame(got[index], value, largest))
        return { where: `element ${nameOf(index)} of ${where}`, got: got[index], wanted: value };
    return undefined;
  }

  #isSame(got: unknown, wanted: unknown, largest: number): boolean {
    if (Object.is(got, wanted)) return true;
    if (!this.#mayRound || typeof got !== 'number' || typeof wanted !== 'number') return false;
    return Math.abs(got - wanted) <= tolerance * Math.max(Math.abs(got), Math.abs(wanted), largest);
  }
}

/** A call that is to be compared: made before it runs, as that may write to its arguments. */
export class Verification {
  readonly #name: string;
  readonly #plain: Plain;
  readonly #lowered: Lowered;
  readonly #args: readonly unknown[];
  /** Undefined where nothing is compared. */
  readonly #copies: readonly unknown[] | undefined;

  constructor(name: string, plain: Plain, lowered: Lowered, args: readonly unknown[]) {
    this.#name = name;
    this.#plain = plain;
    this.#lowered = lowered;
    this.#args = args;
    if (lowered.draws)
      noteOnce(
        `heddle: verify does not compare ${name}, which draws random numbers: those of the plain function come from another generator`,
      );
    else if (!args.every(isComparable))
      noteOnce(`heddle: verify does not compare ${name}, one of whose arguments is no scalar and no array`);
    else if (areMixed(args))
      noteOnce(
        `heddle: verify does not compare ${name}, which is given an array, and a typed array over the same memory: copies of the two would be apart`,
      );
    else this.#copies = copiesOf(args);
  }

  /** @throws {UserError} JIT020 where the plain function does something else than returning this, and leaving the arguments like this */
  compare(result: unknown): void {
    if (this.#copies === undefined) return;
    const isRounded = mayRound(this.#lowered);
    let wanted: unknown;
    try {
      wanted = this.#plain(...(this.#copies as never[]));
    } catch (error) {
      throw this.#error(`returns ${shown(result)}, where the plain function throws ${String(error)}`, isRounded, error);
    }
    const comparison = new Comparison(isRounded);
    let difference = comparison.difference(result, wanted, 'its result');
    for (const [index, copy] of this.#copies.entries()) {
      if (!isArray(copy) && !canBeLent(copy)) continue;
      difference ??= comparison.difference(this.#args[index], copy, `its argument ${index + 1}`);
    }
    if (difference === undefined) return;
    const { where, got, wanted: expected } = difference;
    throw this.#error(`gives ${shown(got)} as ${where}, where the plain function gives ${shown(expected)}`, isRounded);
  }

  #error(what: string, isRounded: boolean, cause?: unknown): UserError {
    return new UserError('JIT020', `${this.#name}, compiled, ${what}`, {
      note: isRounded
        ? `numbers were compared to ${tolerance} of their size, as functions of Math, or sums in another order, round differently; where large terms cancel, the difference may be rounding alone`
        : 'the two were compared bit for bit',
      fix: 'see whether the function uses something that has changed since it was compiled, such as what globals gave; if it does not, this is a bug of heddle: please report it with the function and its arguments',
      cause,
    });
  }
}

/** Where in C order the element is: `[1, 2]`. */
function placeAt(shape: readonly number[], index: number): string {
  const places: number[] = [];
  let rest = index;
  for (const length of shape.toReversed()) {
    places.unshift(rest % length);
    rest = Math.floor(rest / length);
  }
  return `[${places.join(', ')}]`;
}

function shown(value: unknown): string {
  if (isArray(value)) return `a ${kindOf(value)!.name} of ${value.length}`;
  if (canBeLent(value)) return `an array of ${value.dtype} and of the shape [${value.shape.join(', ')}]`;
  return value === undefined ? 'nothing' : showValue(value);
}
