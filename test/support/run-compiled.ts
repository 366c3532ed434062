// Compiles a kernel and calls it over buffers of its own, without the runtime: what the backend makes, and nothing else.
import { compileKernel, encodeModule, errorRecordBytes, slotBytes, statusOk } from '../../src/backends/wasm/index.js';
import type { BufferData, Datum, Outcome } from '../../src/ir/interpret.js';
import type { Kernel, Program } from '../../src/ir/nodes.js';
import { elementOf } from '../../src/ir/types.js';

const pages = { initialPages: 16, maximumPages: 16, isShared: true };
const descriptor = 1024;
const errorRecord = 512;
const scratch = 4096;

/** The buffers' elements are read, and hold afterwards what the kernel has stored. */
export function runCompiled(
  program: Program,
  kernel: Kernel,
  scalars: readonly Datum[],
  buffers: readonly BufferData[],
): Outcome {
  const { module, layout, scratchBytes } = compileKernel(program, kernel, pages);
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 16, shared: true });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(encodeModule(module)), { env: { memory } });
  const view = new DataView(memory.buffer);
  const slot = (index: number): number => descriptor + index * slotBytes;
  view.setBigInt64(slot(layout.errorRecord), BigInt(errorRecord), true);
  for (const [index, { type }] of kernel.parameters.entries())
    writeScalar(view, slot(layout.parameters + index), elementOf(type), scalars[index]!);
  let free = scratch + scratchBytes;
  const copies = buffers.map(({ elements, offset }, index) => {
    const Constructor = (elements as Float64Array).constructor as Float64ArrayConstructor;
    free = Math.ceil(free / 16) * 16;
    const copy = new Constructor(memory.buffer, free, elements.length);
    copy.set(elements as Float64Array);
    view.setBigInt64(slot(layout.buffers + index), BigInt(free + offset * copy.BYTES_PER_ELEMENT), true);
    free += copy.byteLength;
    return copy;
  });
  const status = (exports[kernel.name] as (descriptor: number, scratch: number) => number)(descriptor, scratch);
  for (const [index, { elements }] of buffers.entries()) (elements as Float64Array).set(copies[index]!);
  if (status !== statusOk) {
    const [site, iteration, index, length] = new BigInt64Array(memory.buffer, errorRecord, errorRecordBytes / 8);
    return {
      results: [],
      error: { site: Number(site! - 1n), iteration: Number(iteration), index: index!, length: length! },
    };
  }
  const results = kernel.results.map((type, index) => readScalar(view, slot(layout.results + index), elementOf(type)));
  return { results, error: undefined };
}

function writeScalar(view: DataView, at: number, type: string, value: Datum): void {
  if (type === 'f64') view.setFloat64(at, value as number, true);
  else if (type === 'f32') view.setFloat32(at, value as number, true);
  else if (type === 'i64') view.setBigInt64(at, value as bigint, true);
  else view.setInt32(at, Number(value), true);
}

function readScalar(view: DataView, at: number, type: string): Datum {
  if (type === 'f64') return view.getFloat64(at, true);
  if (type === 'f32') return view.getFloat32(at, true);
  if (type === 'i64') return view.getBigInt64(at, true);
  return type === 'bool' ? view.getInt32(at, true) !== 0 : view.getInt32(at, true);
}
