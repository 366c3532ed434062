// What the WebAssembly backend offers: a kernel's module, its bytes and its text, and the layout of a call.
export { compileKernel, statusFailed, statusOk } from './compile.js';
export type { CompiledKernel } from './compile.js';
export { encodeModule } from './encode/module.js';
export { printWat } from './encode/wat.js';
export { compileRoutines } from './routine.js';
export { errorRecordBytes, slotBytes } from './layout.js';
