// The door of the array front end.
export { NDArray } from './ndarray.js';
export { scope } from './scope.js';
export { slice } from './indexing.js';
export type { Index, Slice, SliceText } from './indexing.js';
export type { DType, Promote } from './dtypes.js';
export { Generator, random } from './random.js';
export {
  arange,
  asarray,
  broadcastArrays,
  canCast,
  concat,
  empty,
  emptyLike,
  eye,
  full,
  fullLike,
  linspace,
  ones,
  onesLike,
  resultType,
  stack,
  tril,
  triu,
  where,
  zeros,
  zerosLike,
} from './functions.js';
export { argsort, searchsorted, sort, uniqueAll, uniqueCounts, uniqueInverse, uniqueValues } from './sorting.js';
export { matmul, matrixTranspose, outer, tensordot, vecdot } from './linear.js';
export { callElements } from './call-elements.js';
export { compute } from './compute.js';
export { histogram } from './histogram.js';
export {
  median,
  nanMax,
  nanMean,
  nanMin,
  nanProd,
  nanStd,
  nanSum,
  nanVar,
  percentile,
  quantile,
} from './statistics.js';
export { broadcastTo, diff, meshgrid, moveaxis, repeat, roll, takeAlongAxis, tile, unstack } from './manipulation.js';
export { finfo, iinfo, isdtype } from './data-types.js';
export { atan2, clip, copysign, hypot, logaddexp, maximum, minimum, nextafter } from './element-wise-functions.js';
