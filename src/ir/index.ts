// The door of ir/ inside this package: the kernel language to read, print, check and run by hand. heddle/ir is src/ir-entry.ts.
export { interpret } from './interpret.js';
export type { BufferData, Datum, Environment, ErrorRecord, Generator, OpenGenerator, Outcome } from './interpret.js';
export { assertLegal, verify } from './verify.js';
export { printProgram } from './print.js';
export { readProgram } from './read.js';
export type { Program } from './nodes.js';
