// What the WebAssembly backend offers: a kernel's module, its bytes and its text, and the layout of a call.
export { compileKernel, deepestCall } from './compile.js';
export type { CompiledKernel } from './compile.js';
export { encodeModule } from './encode/module.js';
export { printWat } from './encode/wat.js';
export {
  errorRecordBytes,
  recursionSite,
  requestAgain,
  requestMemory,
  requestSection,
  slotBytes,
  statusFailed,
  statusOk,
  statusStopped,
  statusSuspended,
} from './layout.js';
export type { DescriptorLayout } from './layout.js';
export { compileRoutines } from './routine.js';
