// A kernel, compiled once, that can be called: writes the parameters into its descriptor, runs it, reads the results or the error record.
import {
  compileKernel,
  encodeModule,
  errorRecordBytes,
  printWat,
  slotBytes,
  statusOk,
} from '../backends/wasm/index.js';
import { InternalError } from '../base/errors.js';
import type { Kernel, Program } from '../ir/nodes.js';
import type { Scalar } from '../ir/operations.js';
import { elementOf } from '../ir/types.js';
import type { ScalarType } from '../ir/types.js';
import { assertLegal } from '../ir/verify.js';
import { pipeline } from '../passes/pipeline.js';
import { heapLimits, openHeap, withCallMemory } from '../memory/heap.js';

export interface Executable {
  /** Runs the kernel on the calling thread; the scalars are those of its parameters, in their order. */
  call(scalars: readonly Scalar[]): Scalar[];
  /** The kernel as the passes have left it. */
  readonly kernel: Kernel;
  /** The module in WebAssembly's text format. */
  wat(): string;
}

/** Compiles and instantiates a kernel without buffers. */
export function makeExecutable(lowered: Kernel): Executable {
  const kernel = pipeline.reduce((before, pass) => pass.run(before), lowered);
  const program: Program = { routines: [], kernels: [kernel] };
  assertLegal(program, 'the passes');
  const { module, layout, scratchBytes } = compileKernel(program, kernel, heapLimits);
  const { memory, view } = openHeap();
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(encodeModule(module)), { env: { memory } });
  const run = exports[kernel.name] as (descriptor: number, scratch: number) => number;
  const parameterTypes = kernel.parameters.map(({ type }) => elementOf(type));
  const resultTypes = kernel.results.map(elementOf);
  // Lanes of 16 bytes want scratch memory that begins where 16 divides the address.
  const descriptorBytes = Math.ceil((layout.slots * slotBytes) / 16) * 16;
  const callBytes = descriptorBytes + errorRecordBytes + scratchBytes;
  return {
    kernel,
    call: (scalars) =>
      withCallMemory(callBytes, (descriptor) => {
        const errorRecord = descriptor + descriptorBytes;
        view.setBigInt64(descriptor + layout.errorRecord * slotBytes, BigInt(errorRecord), true);
        for (const [index, type] of parameterTypes.entries()) {
          writeScalar(view, descriptor + (layout.parameters + index) * slotBytes, type, scalars[index]!);
        }
        const status = run(descriptor, errorRecord + errorRecordBytes);
        if (status !== statusOk)
          throw new InternalError('RUN001', `the kernel @${kernel.name} ended with status ${status}`);
        return resultTypes.map((type, index) =>
          readScalar(view, descriptor + (layout.results + index) * slotBytes, type),
        );
      }),
    wat: () => printWat(module),
  };
}

function writeScalar(view: DataView, at: number, type: ScalarType, value: Scalar): void {
  if (type === 'f64') view.setFloat64(at, Number(value), true);
  else if (type === 'f32') view.setFloat32(at, Number(value), true);
  else if (type === 'i64') view.setBigInt64(at, BigInt(value), true);
  else view.setInt32(at, Number(value), true);
}

function readScalar(view: DataView, at: number, type: ScalarType): Scalar {
  if (type === 'f64') return view.getFloat64(at, true);
  if (type === 'f32') return view.getFloat32(at, true);
  if (type === 'i64') return view.getBigInt64(at, true);
  return type === 'bool' ? view.getInt32(at, true) !== 0 : view.getInt32(at, true);
}
