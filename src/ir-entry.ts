// The public names of heddle/ir, one by one: the kernel language to read, print, check, run by hand and explain.
export { interpret } from './runtime/interpret-given.js';
export type { Inputs } from './runtime/interpret-given.js';
export type { BufferData, Datum, ErrorRecord, Generator, OpenGenerator, Outcome } from './ir/interpret.js';
export type { Kernel, Program, Routine } from './ir/nodes.js';
export { printProgram } from './ir/print.js';
export { readProgram } from './ir/read.js';
export { verify } from './ir/verify.js';
export { explain, explainSteps } from './runtime/explain.js';
export type { ExplainedModule, ExplainedPass, Explanation } from './runtime/explain.js';
