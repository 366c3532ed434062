// The public names of heddle, one by one.
export { HeddleError, InternalError, UnsupportedError, UserError } from './base/errors.js';
export { jit } from './jit/index.js';
export type { JitArgument, JitOptions, JitResult, Jitted } from './jit/index.js';
export { compare, memit, time, timeit } from './measure/index.js';
export { version } from './version.js';
