// The door of the compiler for functions.
export { ElementFunction, wrongElement } from './element-wise.js';
export { checkView, jit } from './jit.js';
export type { CallOptions, JitArgument, JitOptions, JitResult, Jitted } from './jit.js';
export { countingLoops, topLevelNames } from './module-source.js';
export { prange } from './prange.js';
