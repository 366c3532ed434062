// What NumPy has beyond the array standard for statistics: quantiles, which sort, and the functions that leave NaN out.
import { UserError } from '../base/errors.js';
import { showValue } from '../base/show-value.js';
import { concat } from './create.js';
import { floatOf, isNumericDType } from './dtypes.js';
import type { DType, FloatOf } from './dtypes.js';
import { record, where } from './element-wise.js';
import { reducedLength } from './expressions.js';
import type { Node } from './expressions.js';
import { arrayOf, nodeOf } from './handle.js';
import { takeIndex } from './indexing.js';
import { showShape, toAxes } from './layout.js';
import type { NDArray } from './ndarray.js';
import { cast, expectDType } from './operands.js';
import { max, min, prod, sum, toOptions } from './reductions.js';
import type { AxisArgument, DeviationOptions, ReduceOptions } from './reductions.js';
import { sort } from './sort.js';
import { expandDims, permuteDims, reshape } from './views.js';

/** How a quantile between two elements comes about; `linear` is NumPy's default. */
const methods = ['linear', 'lower', 'higher', 'nearest', 'midpoint'] as const;

export interface QuantileOptions extends ReduceOptions {
  readonly method?: (typeof methods)[number];
}

/** The axes put together as the last one, in order; where they were is remembered for `keepdims`. */
function sortedRows(node: Node, options: ReduceOptions, what: string): { rows: Node; axes: number[] } {
  expectDType(node.dtype, isNumericDType, what, 'numbers');
  const axes = toAxes(options.axis, node.shape.length, what);
  const kept = node.shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
  const together = permuteDims(node, [...kept, ...axes]);
  const rows = reshape(together, [...kept.map((axis) => node.shape[axis]!), reducedLength(node, axes)]);
  if (rows.shape.at(-1) === 0) {
    throw new UserError('ARRAY012', `${what} of no elements: the shape is ${showShape(node.shape)}`, {
      note: `nothing is the ${what} of nothing`,
      fix: 'check that the array is not empty first',
    });
  }
  return { rows: cast(sort(rows), floatOf(node.dtype)), axes };
}

const at = (rows: Node, place: number): Node => takeIndex(rows, ['...', place]);

/** NaN where a row has one: it is its last element then. */
function withNaN(rows: Node, values: Node): Node {
  const last = at(rows, -1);
  return where(record('isnan', last), last, values);
}

/** Between two elements that follow each other: as NumPy does it, from the nearer one. */
function between(low: Node, high: Node, part: number): Node {
  const distance = record('sub', high, low);
  return part < 0.5
    ? record('add', low, record('mul', distance, part))
    : record('sub', high, record('mul', distance, 1 - part));
}

function quantileOf(rows: Node, q: number, method: (typeof methods)[number]): Node {
  const place = q * (rows.shape.at(-1)! - 1);
  const [low, high] = [Math.floor(place), Math.ceil(place)];
  // Halfway, NumPy takes the even place.
  const even = low % 2 === 0 ? low : high;
  const nearest = place - low === 0.5 ? even : Math.round(place);
  if (method === 'lower' || low === high) return withNaN(rows, at(rows, low));
  if (method === 'higher') return withNaN(rows, at(rows, high));
  if (method === 'nearest') return withNaN(rows, at(rows, nearest));
  return withNaN(rows, between(at(rows, low), at(rows, high), method === 'midpoint' ? 0.5 : place - low));
}

const withAxes = (node: Node, axes: readonly number[], keepdims: boolean | undefined): Node =>
  keepdims ? axes.reduce((result, axis) => expandDims(result, axis), node) : node;

function quantiles(
  what: 'quantile' | 'percentile',
  array: NDArray,
  q: number | readonly number[],
  given: AxisArgument<QuantileOptions> | undefined,
): Node {
  const options = toOptions(given, what, ['axis', 'keepdims', 'method']);
  const { method = 'linear', keepdims } = options;
  if (!methods.includes(method)) {
    throw new UserError('ARRAY011', `${what} has no method ${showValue(method)}`, {
      fix: `methods are ${methods.join(', ')}`,
    });
  }
  const whole = what === 'quantile' ? 1 : 100;
  for (const each of typeof q === 'number' ? [q] : q) {
    if (typeof each === 'number' && each >= 0 && each <= whole) continue;
    throw new UserError('ARRAY011', `${what} of ${showValue(each)} is none`, {
      note: `it is a number from 0 to ${whole}`,
      fix:
        what === 'quantile' && each > 1
          ? 'use percentile for numbers up to 100'
          : `0 is the least, ${whole} the greatest element`,
    });
  }
  const { rows, axes } = sortedRows(nodeOf(array, what), options, what);
  const one = (each: number): Node => withAxes(quantileOf(rows, each / whole, method), axes, keepdims);
  if (typeof q === 'number') return one(q);
  return concat(
    q.map((each) => expandDims(one(each), 0)),
    0,
  );
}

/**
 * The element that has the part `q` of all others before it, from 0 to 1; between two elements, what lies between them. Several parts give
 * a new first axis. NaN where there is one.
 *
 * @example
 * import { asarray, quantile } from 'heddle';
 * console.log(quantile(asarray([4, 1, 3, 2]), [0, 0.5, 1]).toArray()); // [ 1, 2.5, 4 ]
 */
export function quantile<D extends DType>(
  array: NDArray<D>,
  q: number | readonly number[],
  options?: AxisArgument<QuantileOptions>,
): NDArray<FloatOf<D>> {
  return arrayOf(quantiles('quantile', array, q, options));
}

/** The same, with parts from 0 to 100. */
export function percentile<D extends DType>(
  array: NDArray<D>,
  q: number | readonly number[],
  options?: AxisArgument<QuantileOptions>,
): NDArray<FloatOf<D>> {
  return arrayOf(quantiles('percentile', array, q, options));
}

/** The element in the middle, or the mean of both that are. NaN where there is one. */
export function median<D extends DType>(array: NDArray<D>, given?: AxisArgument): NDArray<FloatOf<D>> {
  const options = toOptions(given, 'median', ['axis', 'keepdims']);
  const { rows, axes } = sortedRows(nodeOf(array, 'median'), options, 'median');
  const length = rows.shape.at(-1)!;
  const upper = at(rows, Math.floor(length / 2));
  const middle = length % 2 === 1 ? upper : record('div', record('add', at(rows, length / 2 - 1), upper), 2);
  return arrayOf(withAxes(withNaN(rows, middle), axes, options.keepdims));
}

/** The elements, with something else for NaN. */
function filled(node: Node, value: number): Node {
  return isFloat(node) ? where(record('isnan', node), value, node) : node;
}

const isFloat = (node: Node): boolean => node.dtype === 'float32' || node.dtype === 'float64';

/** How many elements are numbers, as a float. */
function countOf(node: Node, options: ReduceOptions): Node {
  const isNumber = record('not', record('isnan', node));
  return cast(sum(cast(isNumber, 'int64'), options), floatOf(node.dtype));
}

/** The sum of all elements but NaN. */
export function nanSum<D extends DType>(array: NDArray<D>, options?: AxisArgument): NDArray {
  return arrayOf(sum(filled(nodeOf(array, 'nanSum'), 0), options));
}

/** The product of all elements but NaN. */
export function nanProd<D extends DType>(array: NDArray<D>, options?: AxisArgument): NDArray {
  return arrayOf(prod(filled(nodeOf(array, 'nanProd'), 1), options));
}

function meanOfNumbers(node: Node, options: ReduceOptions): Node {
  return record('div', sum(filled(node, 0), options), countOf(node, options));
}

const floats = (array: NDArray, what: string): Node => {
  const node = nodeOf(array, what);
  expectDType(node.dtype, isNumericDType, what, 'numbers');
  return cast(node, floatOf(node.dtype));
};

/** The mean of all elements but NaN; NaN where there are no others. */
export function nanMean<D extends DType>(array: NDArray<D>, given?: AxisArgument): NDArray<FloatOf<D>> {
  return arrayOf(meanOfNumbers(floats(array, 'nanMean'), toOptions(given, 'nanMean', ['axis', 'keepdims'])));
}

function nanVariance(array: NDArray, given: AxisArgument<DeviationOptions> | undefined, what: string): Node {
  const { correction = 0, ...options } = toOptions(given, what, ['axis', 'keepdims', 'correction']);
  const node = floats(array, what);
  const distance = filled(
    record('sub', node, meanOfNumbers(node, { ...options, axis: options.axis ?? null, keepdims: true })),
    0,
  );
  const degrees = record('sub', countOf(node, options), correction);
  const quotient = record('div', sum(record('mul', distance, distance), options), degrees);
  // With too few elements there is no variance.
  return where(record('gt', degrees, 0), quotient, NaN);
}

/** The variance of all elements but NaN. */
export const nanVar = <D extends DType>(
  array: NDArray<D>,
  options?: AxisArgument<DeviationOptions>,
): NDArray<FloatOf<D>> => arrayOf(nanVariance(array, options, 'nanVar'));

/** The standard deviation of all elements but NaN. */
export const nanStd = <D extends DType>(
  array: NDArray<D>,
  options?: AxisArgument<DeviationOptions>,
): NDArray<FloatOf<D>> => arrayOf(record('sqrt', nanVariance(array, options, 'nanStd')));

function nanExtreme(node: Node, given: AxisArgument | undefined, what: 'nanMin' | 'nanMax'): Node {
  const options = toOptions(given, what, ['axis', 'keepdims']);
  const reduce = what === 'nanMin' ? min : max;
  if (!isFloat(node)) return reduce(node, options);
  const least = reduce(filled(node, what === 'nanMin' ? Infinity : -Infinity), options);
  return where(record('eq', countOf(node, options), 0), NaN, least);
}

/** The least element but NaN; NaN where there are no others. */
export const nanMin = <D extends DType>(array: NDArray<D>, options?: AxisArgument): NDArray<D> =>
  arrayOf(nanExtreme(nodeOf(array, 'nanMin'), options, 'nanMin'));

/** The greatest element but NaN; NaN where there are no others. */
export const nanMax = <D extends DType>(array: NDArray<D>, options?: AxisArgument): NDArray<D> =>
  arrayOf(nanExtreme(nodeOf(array, 'nanMax'), options, 'nanMax'));
