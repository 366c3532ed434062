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
import { borrowCallMemory, memoryLimits, openHeap, returnCallMemory } from '../memory/heap.js';
import type { Heap } from '../memory/heap.js';

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
  if (kernel.buffers.length > 0)
    throw new InternalError('RUN002', `the kernel @${kernel.name} has buffers, which nothing can be given to yet`);
  const { module, layout, scratchBytes } = compileKernel(program, kernel, memoryLimits());
  const heap = openHeap();
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(encodeModule(module)), {
    env: { memory: heap.memory },
  });
  const run = exports[kernel.name] as (descriptor: number, scratch: number) => number;
  const parameterTypes = kernel.parameters.map(({ type }) => elementOf(type));
  const resultTypes = kernel.results.map(elementOf);
  // Lanes of 16 bytes want scratch memory that begins where 16 divides the address.
  const descriptorBytes = Math.ceil((layout.slots * slotBytes) / 16) * 16;
  const callBytes = descriptorBytes + errorRecordBytes + scratchBytes;

  const call = (scalars: readonly Scalar[]): Scalar[] => {
    const descriptor = borrowCallMemory(callBytes);
    try {
      const errorRecord = descriptor + descriptorBytes;
      const slot = descriptor / slotBytes;
      // As two words: to make a bigint of a number costs more than the rest of a short call.
      heap.words[2 * (slot + layout.errorRecord)] = errorRecord;
      heap.words[2 * (slot + layout.errorRecord) + 1] = 0;
      for (let index = 0; index < parameterTypes.length; index++) {
        writeScalar(heap, slot + layout.parameters + index, parameterTypes[index]!, scalars[index]!);
      }
      const status = run(descriptor, errorRecord + errorRecordBytes);
      if (status !== statusOk)
        throw new InternalError('RUN001', `the kernel @${kernel.name} ended with status ${status}`);
      const results: Scalar[] = [];
      for (let index = 0; index < resultTypes.length; index++)
        results.push(readScalar(heap, slot + layout.results + index, resultTypes[index]!));
      return results;
    } finally {
      returnCallMemory(callBytes);
    }
  };
  return { kernel, call, wat: () => printWat(module) };
}

/** A slot holds a scalar in its first bytes; typed arrays are little-endian wherever WebAssembly runs today. */
function writeScalar({ doubles, longs, floats, words }: Heap, slot: number, type: ScalarType, value: Scalar): void {
  if (type === 'f64') doubles[slot] = value as number;
  else if (type === 'i64') longs[slot] = value as bigint;
  else if (type === 'f32') floats[2 * slot] = value as number;
  else words[2 * slot] = Number(value);
}

function readScalar({ doubles, longs, floats, words }: Heap, slot: number, type: ScalarType): Scalar {
  if (type === 'f64') return doubles[slot]!;
  if (type === 'i64') return longs[slot]!;
  if (type === 'f32') return floats[2 * slot]!;
  return type === 'bool' ? words[2 * slot] !== 0 : words[2 * slot]!;
}
