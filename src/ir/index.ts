// The public names of heddle/ir, one by one: the kernel language to read, print, check and run by hand.
export { interpret } from './interpret.js';
export type { BufferData, Datum, Environment, ErrorRecord, Generator, OpenGenerator, Outcome } from './interpret.js';
export { assertLegal, verify } from './verify.js';
export { printProgram } from './print.js';
export { readProgram } from './read.js';
export type { Program } from './nodes.js';
