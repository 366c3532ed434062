// A kernel of the kernel language, compiled by the WebAssembly backend into a memory of its own, and called over buffers that are copied in
// and out. For tests and tools that hold compiled code against the interpreter; programs of people go through src/runtime/.
import { compileKernel } from '../../src/backends/wasm/compile.js';
import { encodeModule } from '../../src/backends/wasm/encode/module.js';
import { statusFailed, statusOk } from '../../src/backends/wasm/index.js';
import { errorRecordBytes, slotBytes } from '../../src/backends/wasm/layout.js';
import type { BufferData, Datum, Outcome } from '../../src/ir/interpret.js';
import type { Kernel, Program } from '../../src/ir/nodes.js';
import { storageTypes } from '../../src/ir/types.js';

const pageBytes = 65_536;

/** The typed array that holds a storage type; bool is a byte. */
export const arrayOf = {
  bool: Uint8Array,
  i8: Int8Array,
  u8: Uint8Array,
  u8c: Uint8ClampedArray,
  i16: Int16Array,
  u16: Uint16Array,
  i32: Int32Array,
  u32: Uint32Array,
  i64: BigInt64Array,
  u64: BigUint64Array,
  f32: Float32Array,
  f64: Float64Array,
} as const;

type Elements = InstanceType<(typeof arrayOf)[keyof typeof arrayOf]>;

export interface CallableKernel {
  /** Runs it; stores go into the buffers' data. Buffers of one alias class that share their elements share their memory. */
  call(scalars: readonly Datum[], buffers: readonly BufferData[]): Outcome;
}

/** @throws {UnsupportedError} WASM002 where the backend cannot compile the kernel yet */
export function compileForTest(program: Program, kernel: Kernel, pages = 16): CallableKernel {
  const limits = { initialPages: pages, maximumPages: pages, isShared: true };
  const { module, layout, scratchBytes } = compileKernel(program, kernel, limits);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(encodeModule(module)), { env: { memory } });
  const run = exports[kernel.name] as (descriptor: number, scratch: number) => number;
  const view = new DataView(memory.buffer);
  const errorRecord = 512;
  const descriptor = errorRecord + errorRecordBytes;
  const scratch = roundUp(descriptor + layout.slots * slotBytes);
  const slot = (index: number): number => descriptor + index * slotBytes;

  const call = (scalars: readonly Datum[], buffers: readonly BufferData[]): Outcome => {
    new Uint8Array(memory.buffer, 0, scratch + scratchBytes).fill(0);
    view.setBigInt64(slot(layout.errorRecord), BigInt(errorRecord), true);
    for (const [index, { type }] of kernel.parameters.entries())
      writeScalar(view, slot(layout.parameters + index), type, scalars[index]!);
    const places = new Map<BufferData['elements'], Elements>();
    let free = scratch + scratchBytes;
    for (const [index, { elements, offset }] of buffers.entries()) {
      let copy = places.get(elements);
      if (copy === undefined) {
        free = roundUp(free);
        if (free + (elements as Elements).byteLength > pages * pageBytes)
          throw new RangeError(`${pages} pages are too few`);
        const Constructor = arrayOf[kernel.buffers[index]!.storage] as Float64ArrayConstructor;
        copy = new Constructor(memory.buffer as unknown as ArrayBuffer, free, elements.length);
        copy.set(elements as Float64Array);
        places.set(elements, copy);
        free += copy.byteLength;
      }
      const { byteLength } = storageTypes[kernel.buffers[index]!.storage];
      view.setBigInt64(slot(layout.buffers + index), BigInt(copy.byteOffset + offset * byteLength), true);
    }
    const status = run(descriptor, scratch);
    for (const [elements, copy] of places) (elements as Float64Array).set(copy as Float64Array);
    if (status === statusFailed) {
      const [site, iteration, index, length] = new BigInt64Array(memory.buffer, errorRecord, errorRecordBytes / 8);
      const error = { site: Number(site! - 1n), iteration: Number(iteration), index: index!, length: length! };
      return { results: [], error };
    }
    if (status !== statusOk) throw new RangeError(`the kernel ended with status ${status}`);
    const results = kernel.results.map((type, index) => readScalar(view, slot(layout.results + index), type));
    return { results, error: undefined };
  };
  return { call };
}

const roundUp = (bytes: number): number => Math.ceil(bytes / 16) * 16;

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
