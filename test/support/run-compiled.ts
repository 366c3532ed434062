// Runs a kernel of a text twice, interpreted and compiled to WebAssembly, over the same memory, and expects the same of both, bit for bit:
// results, buffers, failed checks. Buffers lie close together at the very end of memory, in their order from there, so that whoever reads
// behind the first one traps, and whoever writes beside one is found out.
import { expect } from 'vitest';
import { compileKernel, encodeModule, errorRecordBytes, slotBytes, statusFailed } from '../../src/backends/wasm/index.js';
import { interpret } from '../../src/ir/interpret.js';
import type { BufferData, Outcome } from '../../src/ir/interpret.js';
import type { Kernel, Program } from '../../src/ir/nodes.js';
import type { Scalar } from '../../src/ir/operations.js';
import { readProgram } from '../../src/ir/read.js';
import { elementOf } from '../../src/ir/types.js';
import { assertLegal } from '../../src/ir/verify.js';
import { generatorOf } from '../../src/random/keys.js';

export type Elements =
  | Float64Array<ArrayBufferLike>
  | Float32Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** A buffer's elements, and which of them is [0, 0, …]. */
export interface BufferContents {
  readonly elements: Elements;
  readonly offset: number;
}

const pages = 2;
const memoryBytes = pages * 65_536;
const limits = { initialPages: pages, maximumPages: pages, isShared: true };
const guardByte = 0xa5;

export const inKernel = (parameters: string, results: string, head: string, body: string): string =>
  `kernel @k(${parameters}) -> (${results}) {\n${head}\n  body {\n${body}\n  }\n}\n`;

function writeScalar(view: DataView, at: number, type: string, value: Scalar): void {
  if (type === 'f64') view.setFloat64(at, value as number, true);
  else if (type === 'f32') view.setFloat32(at, value as number, true);
  else if (type === 'i64') view.setBigInt64(at, value as bigint, true);
  else view.setInt32(at, Number(value), true);
}

function readScalar(view: DataView, at: number, type: string): Scalar {
  if (type === 'f64') return view.getFloat64(at, true);
  if (type === 'f32') return view.getFloat32(at, true);
  if (type === 'i64') return view.getBigInt64(at, true);
  return type === 'bool' ? view.getInt32(at, true) !== 0 : view.getInt32(at, true);
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Elements): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Compiles and calls a kernel; what it stores goes into the elements. */
export function runCompiled(
  program: Program,
  kernel: Kernel,
  scalars: readonly Scalar[],
  buffers: readonly BufferContents[],
): Outcome {
  const { module, layout, scratchBytes } = compileKernel(program, kernel, limits);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(encodeModule(module)), { env: { memory } });
  const bytes = new Uint8Array(memory.buffer);
  const view = new DataView(memory.buffer);
  const [errorRecord, descriptor, scratch] = [512, 1024, 4096];
  const slot = (index: number): number => descriptor + index * slotBytes;
  view.setBigInt64(slot(layout.errorRecord), BigInt(errorRecord), true);
  for (const [index, { type }] of kernel.parameters.entries())
    writeScalar(view, slot(layout.parameters + index), elementOf(type), scalars[index]!);

  const firstFree = scratch + scratchBytes;
  bytes.fill(guardByte, firstFree);
  let end = memoryBytes;
  const addresses = buffers.map(({ elements, offset }, index) => {
    const address = Math.floor((end - elements.byteLength) / 8) * 8;
    // The first one ends where memory does, to the byte.
    const begin = index === 0 ? end - elements.byteLength : address;
    bytes.set(bytesOf(elements), begin);
    view.setBigInt64(slot(layout.buffers + index), BigInt(begin + offset * elements.BYTES_PER_ELEMENT), true);
    end = begin - 8;
    return begin;
  });
  const status = (exports[kernel.name] as (descriptor: number, scratch: number) => number)(descriptor, scratch);

  for (const [index, { elements }] of buffers.entries()) {
    const begin = addresses[index]!;
    bytesOf(elements).set(bytes.slice(begin, begin + elements.byteLength));
    bytes.fill(guardByte, begin, begin + elements.byteLength);
  }
  expect(bytes.subarray(firstFree).findIndex((byte) => byte !== guardByte)).toBe(-1);
  if (status === statusFailed) {
    const [site, iteration, index, length] = new BigInt64Array(memory.buffer, errorRecord, errorRecordBytes / 8);
    return {
      results: [],
      error: { site: Number(site! - 1n), iteration: Number(iteration), index: index!, length: length! },
    };
  }
  const results = kernel.results.map((type, index) => readScalar(view, slot(layout.results + index), elementOf(type)));
  return { results, error: undefined };
}

/** Elements whose NaNs are all the same one: which it is, nobody promises. */
const comparable = (elements: Elements): readonly unknown[] => Array.from(elements as Float64Array);

export interface Comparison {
  readonly outcome: Outcome;
  readonly buffers: readonly Elements[];
}

/** Reads the text, runs its kernel both ways on copies of the buffers, and expects the same. */
export function expectSame(
  text: string,
  scalars: readonly Scalar[],
  buffers: readonly (Elements | BufferContents)[] = [],
): Comparison {
  const program = readProgram(text);
  assertLegal(program, 'reading');
  const kernel = program.kernels[0]!;
  const copies = (): BufferContents[] =>
    buffers.map((buffer) =>
      'offset' in buffer
        ? { elements: buffer.elements.slice(), offset: buffer.offset }
        : { elements: buffer.slice(), offset: 0 },
    );
  const [before, after] = [copies(), copies()];
  const interpreted = interpret(program, kernel.name, {
    scalars,
    buffers: before as readonly BufferData[],
    openGenerator: generatorOf,
  });
  const outcome = runCompiled(program, kernel, scalars, after);
  expect(outcome).toEqual(interpreted);
  for (const [index, { elements }] of after.entries())
    expect(comparable(elements)).toEqual(comparable(before[index]!.elements));
  return { outcome, buffers: after.map(({ elements }) => elements) };
}
