// The door of the compiler for functions.
export { jit } from './jit.js';
export type { JitArgument, JitOptions, JitResult, Jitted } from './jit.js';
