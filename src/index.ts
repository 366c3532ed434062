// The public names of heddle, one by one.
export { HeddleError, InternalError, UnsupportedError, UserError } from './base/errors.js';
export {
  arange,
  argsort,
  asarray,
  broadcastArrays,
  canCast,
  compute,
  concat,
  eye,
  full,
  fullLike,
  linspace,
  matmul,
  matrixTranspose,
  NDArray,
  ones,
  onesLike,
  outer,
  random,
  resultType,
  scope,
  searchsorted,
  slice,
  sort,
  stack,
  tensordot,
  tril,
  triu,
  uniqueAll,
  uniqueCounts,
  uniqueInverse,
  uniqueValues,
  vecdot,
  where,
  zeros,
  zerosLike,
} from './array/index.js';
export type { DType, Generator, Index, Promote, SliceText } from './array/index.js';
export { jit, prange } from './jit/index.js';
export type { CallOptions, JitArgument, JitOptions, JitResult, Jitted } from './jit/index.js';
export { alloc } from './memory/lifetime.js';
export { info } from './runtime/info.js';
export type { Info } from './runtime/info.js';
export { compare, memit, time, timeit } from './measure/index.js';
export { configure } from './platform/settings.js';
export type { Configuration } from './platform/settings.js';
export { version } from './version.js';
