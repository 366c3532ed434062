// The statistical, searching and utility functions of the array standard, by its names in camelCase.
import type { DType, FloatOf, SumDType } from './dtypes.js';
import { arrayOf, nodeOf } from './handle.js';
import type { NDArray } from './ndarray.js';
import { nonzero as nonzeroNodes } from './pick.js';
import * as nodes from './reductions.js';
import type {
  ArgOptions,
  AxisArgument,
  DeviationOptions,
  GatherOptions,
  ReduceOptions,
  ScanOptions,
} from './reductions.js';

type Axis = AxisArgument;

/** With `dtype` the sums have that one, without it that of docs/arrays.md. */
interface Gather<O> {
  <E extends DType>(array: NDArray, options: O & { readonly dtype: E }): NDArray<E>;
  <D extends DType>(array: NDArray<D>, options?: AxisArgument<O>): NDArray<SumDType<D>>;
}

export const sum: Gather<ReduceOptions> = (array: NDArray, options?: AxisArgument<GatherOptions>) =>
  arrayOf<never>(nodes.sum(nodeOf(array, 'sum'), options));
export const prod: Gather<ReduceOptions> = (array: NDArray, options?: AxisArgument<GatherOptions>) =>
  arrayOf<never>(nodes.prod(nodeOf(array, 'prod'), options));
export const min = <D extends DType>(array: NDArray<D>, options?: Axis): NDArray<D> =>
  arrayOf(nodes.min(nodeOf(array, 'min'), options));
export const max = <D extends DType>(array: NDArray<D>, options?: Axis): NDArray<D> =>
  arrayOf(nodes.max(nodeOf(array, 'max'), options));
export const mean = <D extends DType>(array: NDArray<D>, options?: Axis): NDArray<FloatOf<D>> =>
  arrayOf(nodes.mean(nodeOf(array, 'mean'), options));
export const variance = <D extends DType>(
  array: NDArray<D>,
  options?: AxisArgument<DeviationOptions>,
): NDArray<FloatOf<D>> => arrayOf(nodes.variance(nodeOf(array, 'var'), options));
export const std = <D extends DType>(
  array: NDArray<D>,
  options?: AxisArgument<DeviationOptions>,
): NDArray<FloatOf<D>> => arrayOf(nodes.deviation(nodeOf(array, 'std'), options));
export const cumulativeSum: Gather<ScanOptions> = (array: NDArray, options?: AxisArgument<ScanOptions>) =>
  arrayOf<never>(nodes.scan('cumulativeSum', nodeOf(array, 'cumulativeSum'), options));
export const cumulativeProd: Gather<ScanOptions> = (array: NDArray, options?: AxisArgument<ScanOptions>) =>
  arrayOf<never>(nodes.scan('cumulativeProd', nodeOf(array, 'cumulativeProd'), options));

export const all = (array: NDArray, options?: Axis): NDArray<'bool'> =>
  arrayOf(nodes.all(nodeOf(array, 'all'), options));
export const any = (array: NDArray, options?: Axis): NDArray<'bool'> =>
  arrayOf(nodes.any(nodeOf(array, 'any'), options));
export const countNonzero = (array: NDArray, options?: Axis): NDArray<'int64'> =>
  arrayOf(nodes.countNonzero(nodeOf(array, 'countNonzero'), options));
export const argmin = (array: NDArray, options?: AxisArgument<ArgOptions>): NDArray<'int64'> =>
  arrayOf(nodes.argmin(nodeOf(array, 'argmin'), options));
export const argmax = (array: NDArray, options?: AxisArgument<ArgOptions>): NDArray<'int64'> =>
  arrayOf(nodes.argmax(nodeOf(array, 'argmax'), options));
export const nonzero = (array: NDArray): NDArray<'int64'>[] =>
  nonzeroNodes(nodeOf(array, 'nonzero')).map((places) => arrayOf<'int64'>(places));
