// The public names of heddle, one by one.
export { HeddleError, InternalError, UnsupportedError, UserError } from './base/errors.js';
export { jit, prange } from './jit/index.js';
export type { CallOptions, JitArgument, JitOptions, JitResult, Jitted } from './jit/index.js';
export { alloc } from './memory/lifetime.js';
export { compare, memit, time, timeit } from './measure/index.js';
export { configure } from './platform/settings.js';
export type { Configuration } from './platform/settings.js';
export { version } from './version.js';
