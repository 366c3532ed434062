// The public names of heddle, one by one.
export { HeddleError, InternalError, UnsupportedError, UserError } from './base/errors.js';
export {
  arange,
  argsort,
  asarray,
  atan2,
  broadcastArrays,
  broadcastTo,
  canCast,
  clip,
  compute,
  concat,
  copysign,
  diff,
  empty,
  emptyLike,
  eye,
  finfo,
  full,
  fullLike,
  histogram,
  hypot,
  iinfo,
  isdtype,
  linspace,
  logaddexp,
  matmul,
  matrixTranspose,
  maximum,
  median,
  meshgrid,
  minimum,
  moveaxis,
  nanMax,
  nanMean,
  nanMin,
  nanProd,
  nanStd,
  nanSum,
  nanVar,
  NDArray,
  nextafter,
  ones,
  onesLike,
  outer,
  percentile,
  quantile,
  random,
  repeat,
  resultType,
  roll,
  scope,
  searchsorted,
  slice,
  sort,
  stack,
  takeAlongAxis,
  tensordot,
  tile,
  tril,
  triu,
  uniqueAll,
  uniqueCounts,
  uniqueInverse,
  uniqueValues,
  unstack,
  vecdot,
  where,
  zeros,
  zerosLike,
} from './array/index.js';
export type { DType, Generator, Index, Promote, SliceText } from './array/index.js';
export { countingLoops, jit, prange, topLevelNames } from './jit/index.js';
export type { CallOptions, JitArgument, JitOptions, JitResult, Jitted } from './jit/index.js';
export { alloc } from './memory/lifetime.js';
export { info } from './runtime/info.js';
export type { Info } from './runtime/info.js';
export { compare, memit, time, timeit } from './measure/index.js';
export { configure } from './platform/settings.js';
export type { Configuration } from './platform/settings.js';
export { vectorize } from './vectorize.js';
export type { Vectorized, VectorizeOptions } from './vectorize.js';
export { version } from './version.js';
