// The free functions: creation, and the names of the array standard in camelCase for what is not a method's alone.
import { UserError } from '../base/errors.js';
import { provideMaker } from '../memory/lent-arrays.js';
import type { CreationName } from '../memory/lent-arrays.js';
import { showValue } from '../base/show-value.js';
import * as create from './create.js';
import { promote } from './dtypes.js';
import type { AnyTypedArray, DType } from './dtypes.js';
import { where as whereNode } from './element-wise.js';
import { Node } from './expressions.js';
import { toAxis, toShape } from './layout.js';
import { arrayOf, nodeOf, toOperand } from './handle.js';
import { NDArray } from './ndarray.js';
import { cast, commonDType, unify } from './operands.js';
import type { Plain } from './operands.js';
import type { ShapeArgument } from './random.js';
import { toOptions } from './reductions.js';
import { broadcastTo, expandDims } from './views.js';

export interface DTypeOption<D extends DType> {
  readonly dtype?: D;
}

const given = <D extends DType>({ dtype }: DTypeOption<D>, what: string): D | undefined =>
  dtype === undefined ? undefined : (create.toDType(dtype, what) as D);

/** The dtype that a typed array is of. */
type DTypeOfTyped<T> = T extends Float64Array
  ? 'float64'
  : T extends Float32Array
    ? 'float32'
    : T extends Int8Array
      ? 'int8'
      : T extends Int16Array
        ? 'int16'
        : T extends Int32Array
          ? 'int32'
          : T extends BigInt64Array
            ? 'int64'
            : T extends Uint16Array
              ? 'uint16'
              : T extends Uint32Array
                ? 'uint32'
                : T extends BigUint64Array
                  ? 'uint64'
                  : 'uint8';

type Lists<T> = T | readonly Lists<T>[];

/** A copy of a typed array, of nested lists, or of one value, as an array; numbers give float64, bigints int64, booleans bool. */
export function asarray<D extends DType>(values: NDArray<D>): NDArray<D>;
export function asarray<T extends AnyTypedArray | Uint8ClampedArray>(values: T): NDArray<DTypeOfTyped<T>>;
export function asarray(values: Lists<number>): NDArray<'float64'>;
export function asarray(values: Lists<bigint>): NDArray<'int64'>;
export function asarray(values: Lists<boolean>): NDArray<'bool'>;
export function asarray<D extends DType>(values: create.ArrayLike | NDArray, options: DTypeOption<D>): NDArray<D>;
export function asarray(values: unknown, options: DTypeOption<DType> = {}): NDArray {
  const dtype = given(options, 'asarray');
  if (!(values instanceof NDArray)) return arrayOf(create.fromValues(values, dtype));
  return dtype === undefined ? values : values.astype(dtype);
}

export function full<D extends DType = 'float64'>(
  shape: ShapeArgument,
  value: Plain,
  options: DTypeOption<D> = {},
): NDArray<D> {
  return arrayOf(create.full(toShape(shape, 'full'), value, given(options, 'full')));
}

export function zeros<D extends DType = 'float64'>(shape: ShapeArgument, options: DTypeOption<D> = {}): NDArray<D> {
  const dtype = given(options, 'zeros') ?? 'float64';
  return arrayOf(create.full(toShape(shape, 'zeros'), dtype === 'bool' ? false : 0, dtype));
}

export function ones<D extends DType = 'float64'>(shape: ShapeArgument, options: DTypeOption<D> = {}): NDArray<D> {
  const dtype = given(options, 'ones') ?? 'float64';
  return arrayOf(create.full(toShape(shape, 'ones'), dtype === 'bool' ? true : 1, dtype));
}

/** An array to be filled; as memory is cleared before it is given out, it holds zeros. */
export const empty = zeros;

interface Like {
  <E extends DType>(array: NDArray, options: { readonly dtype: E }): NDArray<E>;
  <D extends DType>(array: NDArray<D>): NDArray<D>;
}

function like(make: typeof zeros): Like {
  return (array: NDArray, options?: DTypeOption<DType>) =>
    make<never>(array.shape, { dtype: (options?.dtype ?? array.dtype) as never });
}

/** As `empty`, `zeros` and `ones`, in the shape and dtype of another array. */
export const emptyLike = like(empty);
export const zerosLike = like(zeros);
export const onesLike = like(ones);

/** As `full`, in the shape and dtype of another array. */
export function fullLike<E extends DType>(array: NDArray, value: Plain, options: { readonly dtype: E }): NDArray<E>;
export function fullLike<D extends DType>(array: NDArray<D>, value: Plain): NDArray<D>;
export function fullLike(array: NDArray, value: Plain, { dtype = array.dtype }: DTypeOption<DType> = {}): NDArray {
  return full(array.shape, value, { dtype });
}

// So that compiled functions can make arrays, and know these functions wherever they meet them.
provideMaker({
  make: (shape, dtype) => arrayOf(create.zeroed(shape, dtype)),
  functions: new Map<unknown, CreationName>([
    [zeros, 'zeros'],
    [ones, 'ones'],
    [full, 'full'],
    [zerosLike, 'zerosLike'],
    [emptyLike, 'emptyLike'],
    [onesLike, 'onesLike'],
    [fullLike, 'fullLike'],
  ]),
});

/** 0, 1, … stop − 1, or start, start + step, … below stop. Whole numbers give int64. */
export function arange(start: number, stop?: number, step?: number): NDArray<'int64' | 'float64'>;
export function arange<D extends DType>(start: number, options: Required<DTypeOption<D>>): NDArray<D>;
export function arange<D extends DType>(start: number, stop: number, options: Required<DTypeOption<D>>): NDArray<D>;
export function arange<D extends DType>(
  start: number,
  stop: number | undefined,
  step: number | undefined,
  options: DTypeOption<D>,
): NDArray<D>;
export function arange(start: number, ...more: readonly (number | undefined | DTypeOption<DType>)[]): NDArray {
  const isOptions = (value: unknown): value is DTypeOption<DType> => typeof value === 'object' && value !== null;
  const at = more.findIndex(isOptions);
  const [stop, step = 1] = (at < 0 ? more : more.slice(0, at)) as readonly (number | undefined)[];
  return arrayOf(create.arange(start, stop, step, given((more[at] ?? {}) as DTypeOption<DType>, 'arange')));
}

export interface LinspaceOptions<D extends DType> extends DTypeOption<D> {
  /** Is `stop` one of the numbers? By default it is. */
  readonly endpoint?: boolean;
}

export function linspace<D extends DType = 'float64'>(
  start: number,
  stop: number,
  count: number,
  options: LinspaceOptions<D> = {},
): NDArray<D> {
  return arrayOf(create.linspace(start, stop, count, options.endpoint, given(options, 'linspace')));
}

export interface EyeOptions<D extends DType> extends DTypeOption<D> {
  /** Which diagonal: 0 the main one, above 0 those above it. */
  readonly k?: number;
}

export function eye<D extends DType = 'float64'>(rows: number, options?: EyeOptions<D>): NDArray<D>;
export function eye<D extends DType = 'float64'>(
  rows: number,
  columns?: number | null,
  options?: EyeOptions<D>,
): NDArray<D>;
export function eye(rows: number, second?: number | null | EyeOptions<DType>, third?: EyeOptions<DType>): NDArray {
  const isWidth = typeof second !== 'object' || second === null;
  const columns = isWidth ? (second ?? rows) : rows;
  const options = (isWidth ? third : second) ?? {};
  toShape([rows, columns], 'eye');
  return arrayOf(create.eye(rows, columns, options.k ?? 0, given(options, 'eye') ?? 'float64'));
}

/** `a` where the condition is true, else `b`. */
export function where<D extends DType>(
  condition: NDArray<'bool'>,
  a: NDArray<D> | Plain,
  b: NDArray<D> | Plain,
): NDArray<D> {
  return arrayOf(whereNode(nodeOf(condition, 'where'), toOperand(a), toOperand(b)));
}

const nothingToPutTogether = (what: string, found: unknown, example: string): UserError =>
  new UserError('ARRAY011', `${what} was given ${showValue(found)} to put together`, {
    fix: `write ${example}, with one array or more`,
  });

function partsOf(arrays: readonly NDArray[], what: string): Node[] {
  if (!Array.isArray(arrays) || arrays.length === 0) {
    throw nothingToPutTogether(what, arrays, `${what}([a, b])`);
  }
  const nodes = arrays.map((array) => nodeOf(array, what));
  const dtype = commonDType(nodes, what);
  return nodes.map((node) => cast(node, dtype));
}

/** Arrays one after the other along an axis that they have; null puts their flat elements after each other. */
export function concat<D extends DType>(
  arrays: readonly NDArray<D>[],
  options?: number | null | { readonly axis?: number | null },
): NDArray<D> {
  const { axis = 0 } = toOptions<{ axis?: number | null }>(options, 'concat', ['axis']);
  const parts = partsOf(arrays, 'concat');
  if (axis === null) return arrayOf(create.concat(parts.map(create.flatten), 0));
  return arrayOf(create.concat(parts, toAxis(axis, parts[0]!.shape.length, 'concat')));
}

/** Arrays of one shape next to each other along a new axis. */
export function stack<D extends DType>(
  arrays: readonly NDArray<D>[],
  options?: number | { readonly axis?: number },
): NDArray<D> {
  const { axis = 0 } = toOptions<{ axis?: number }>(options, 'stack', ['axis']);
  const parts = partsOf(arrays, 'stack');
  const place = toAxis(axis, parts[0]!.shape.length + 1, 'stack');
  return arrayOf(
    create.concat(
      parts.map((part) => expandDims(part, place)),
      place,
    ),
  );
}

type Diagonal = number | { readonly k?: number };

function toDiagonal(options: Diagonal | undefined, what: string): number {
  const { k = 0 } = typeof options === 'number' ? { k: options } : toOptions<{ k?: number }>(options, what, ['k']);
  return k;
}

/** What is on and below the k-th diagonal of the last two axes, and zeros above it. */
export const tril = <D extends DType>(array: NDArray<D>, k?: Diagonal): NDArray<D> =>
  arrayOf(create.triangle(nodeOf(array, 'tril'), toDiagonal(k, 'tril'), 'lower'));

/** What is on and above the k-th diagonal of the last two axes, and zeros below it. */
export const triu = <D extends DType>(array: NDArray<D>, k?: Diagonal): NDArray<D> =>
  arrayOf(create.triangle(nodeOf(array, 'triu'), toDiagonal(k, 'triu'), 'upper'));

/** The dtype that all can be held in; numbers and booleans take that of the arrays and dtypes beside them, as in expressions. */
export function resultType(...operands: readonly (NDArray | DType | Plain)[]): DType {
  const kinds = operands.map((each): Node | Plain => {
    if (typeof each === 'object' && !(each instanceof NDArray)) return nodeOf(each, 'resultType');
    if (typeof each !== 'string' && typeof each !== 'object') return each;
    const dtype = typeof each === 'string' ? create.toDType(each, 'resultType') : each.dtype;
    return new Node([], dtype, { kind: 'scalar', value: 0 });
  });
  if (kinds.length === 0) throw nothingToPutTogether('resultType', operands, "resultType(a, 'float32')");
  return unify(kinds, 'resultType').dtype;
}

/** Can every element of `from` be held in `to` by promotion? */
export const canCast = (from: DType | NDArray, to: DType): boolean =>
  promote(typeof from === 'string' ? from : from.dtype, to) === to;

/** Arrays repeated to the shape that fits them all. */
export function broadcastArrays(...arrays: readonly NDArray[]): NDArray[] {
  const shape = create.commonShapeOf(arrays.map((array) => array.shape));
  return arrays.map((array) => arrayOf(broadcastTo(nodeOf(array, 'broadcastArrays'), shape)));
}
