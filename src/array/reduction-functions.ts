// The statistical, searching and utility functions of the array standard, by its names in camelCase.
import type { DType, FloatOf, SumDType } from './dtypes.js';
import { arrayOf, nodeOf } from './handle.js';
import type { NDArray } from './ndarray.js';
import { nonzero as nonzeroNodes } from './pick.js';
import * as nodes from './reductions.js';
import type { ArgOptions, AxisArgument, DeviationOptions, ScanOptions } from './reductions.js';

type Axis = AxisArgument;

export const sum = <D extends DType>(array: NDArray<D>, options?: Axis): NDArray<SumDType<D>> =>
  arrayOf(nodes.sum(nodeOf(array, 'sum'), options));
export const prod = <D extends DType>(array: NDArray<D>, options?: Axis): NDArray<SumDType<D>> =>
  arrayOf(nodes.prod(nodeOf(array, 'prod'), options));
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
export const cumulativeSum = <D extends DType>(
  array: NDArray<D>,
  options?: AxisArgument<ScanOptions>,
): NDArray<SumDType<D>> => arrayOf(nodes.scan('cumulativeSum', nodeOf(array, 'cumulativeSum'), options));
export const cumulativeProd = <D extends DType>(
  array: NDArray<D>,
  options?: AxisArgument<ScanOptions>,
): NDArray<SumDType<D>> => arrayOf(nodes.scan('cumulativeProd', nodeOf(array, 'cumulativeProd'), options));

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
