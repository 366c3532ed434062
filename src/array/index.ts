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
export { compute } from './compute.js';
