// Runs compiled kernels for tests as a runtime would, in the least convenient way: sections from behind and in small pieces, each with
// scratch memory that holds rubbish, and memory that is lent only when it is asked for. Buffers can lie at the very end of memory, in their
// order from there, so that whoever reads behind the first one traps, and whoever writes beside one is found out.
import { compileKernel } from '../../src/backends/wasm/compile.js';
import { encodeModule } from '../../src/backends/wasm/encode/module.js';
import {
  requestMemory,
  requestSection,
  slotBytes,
  statusFailed,
  statusOk,
  statusStopped,
  statusSuspended,
} from '../../src/backends/wasm/layout.js';
import type { BufferData, Datum, ErrorRecord } from '../../src/ir/interpret.js';
import type { Kernel, Program } from '../../src/ir/nodes.js';
import { elementOf } from '../../src/ir/types.js';

const pageCount = 512;
const guardByte = 0xa5;
const guardBytes = 64;
export const testPages = { initialPages: pageCount, maximumPages: pageCount, isShared: true };

type Entry = (descriptor: number, first: bigint, end: bigint, scratch: number) => number;

export interface CompiledOutcome {
  readonly results: readonly Datum[];
  readonly error: ErrorRecord | undefined;
  readonly status: number;
  /** How often the kernel asked for something, by kind. */
  readonly requests: Readonly<Record<number, number>>;
}

interface Code {
  readonly compiled: ReturnType<typeof compileKernel>;
  readonly code: WebAssembly.Module;
}

/** What was compiled last: a kernel is called with one input after the other. */
let last: { readonly program: Program; readonly kernel: Kernel; readonly how: string; readonly made: Code } | undefined;

function compileOnce(program: Program, kernel: Kernel, limits: typeof testPages, budget: number | undefined): Code {
  const how = JSON.stringify([limits, budget]);
  if (last?.program === program && last.kernel === kernel && last.how === how) return last.made;
  const compiled = compileKernel(program, kernel, limits, budget);
  const made = { compiled, code: new WebAssembly.Module(encodeModule(compiled.module)) };
  last = { program, kernel, how, made };
  return made;
}

/** Compiles and calls a kernel over buffers that are copied in and out. */
export function runCompiled(
  program: Program,
  kernel: Kernel,
  scalars: readonly Datum[],
  buffers: readonly BufferData[] = [],
  {
    stopAfter,
    budget,
    isAtEnd = false,
    pages = pageCount,
    isShared = true,
  }: {
    stopAfter?: number | undefined;
    budget?: number | undefined;
    isAtEnd?: boolean;
    pages?: number;
    isShared?: boolean;
  } = {},
): CompiledOutcome {
  const limits = { initialPages: pages, maximumPages: pages, isShared };
  const { compiled, code } = compileOnce(program, kernel, limits, budget);
  const { layout, entries, scratchBytes, mainScratchBytes } = compiled;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: isShared });
  const bytes = new Uint8Array(memory.buffer);
  const { exports } = new WebAssembly.Instance(code, { env: { memory } });
  const view = new DataView(memory.buffer);
  const descriptor = 1024;
  let free = 256 * 1024;
  const take = (size: number): number => {
    const address = Math.ceil(free / 16) * 16;
    free = address + size;
    bytes.fill(guardByte, address, address + Math.min(size, 65_536));
    return address;
  };
  let top = bytes.length;
  /** Below what was placed last; the first ends where memory does, to the byte. */
  const takeAtEnd = (size: number): number => {
    const address = top === bytes.length ? top - size : Math.floor((top - guardBytes - size) / 16) * 16;
    bytes.fill(guardByte, address - guardBytes, top);
    top = address;
    return address;
  };
  const slot = (index: number): number => descriptor + index * slotBytes;
  const stopWord = 512;
  bytes.fill(guardByte, descriptor, slot(layout.slots));
  view.setInt32(slot(layout.state), 0, true);
  view.setInt32(slot(layout.stop), stopWord, true);
  for (const [index, { type }] of kernel.parameters.entries())
    writeScalar(view, slot(layout.parameters + index), elementOf(type), scalars[index]!);
  // Buffers that share their elements share them here.
  const places = new Map<BufferData['elements'], { readonly copy: Float64Array; readonly address: number }>();
  for (const [index, { elements, offset }] of buffers.entries()) {
    const Constructor = (elements as Float64Array).constructor as Float64ArrayConstructor;
    let place = places.get(elements);
    if (place === undefined) {
      const size = elements.length * Constructor.BYTES_PER_ELEMENT;
      // Elements need not lie where a typed array could.
      place = { copy: new Constructor(elements.length), address: isAtEnd ? takeAtEnd(size) : take(size) };
      places.set(elements, place);
      place.copy.set(elements as Float64Array);
      bytes.set(new Uint8Array(place.copy.buffer), place.address);
    }
    view.setInt32(slot(layout.buffers + index), place.address + offset * Constructor.BYTES_PER_ELEMENT, true);
  }
  const requests: Record<number, number> = {};
  let failure: ErrorRecord | undefined;

  const recordAt = (scratch: number): ErrorRecord => ({
    site: Number(view.getBigInt64(scratch, true)) - 1,
    iteration: Number(view.getBigInt64(scratch + 8, true)),
    index: view.getBigInt64(scratch + 16, true),
    length: view.getBigInt64(scratch + 24, true),
  });
  /** The pieces from behind; of several failures the lowest counts. */
  const runSection = (entry: Entry, iterations: number): number => {
    let status = statusOk;
    const taken = free;
    for (let end = iterations; end > 0; end -= 7) {
      free = taken;
      const scratch = take(scratchBytes);
      const own = entry(descriptor, BigInt(Math.max(0, end - 7)), BigInt(end), scratch);
      if (own === statusOk) continue;
      status = own;
      if (own !== statusFailed) continue;
      const record = recordAt(scratch);
      if (failure === undefined || record.iteration < failure.iteration) failure = record;
    }
    free = taken;
    return status;
  };

  const scratch = take(mainScratchBytes);
  const main = exports[entries.main] as Entry;
  let status = main(descriptor, 0n, 1n, scratch);
  for (let round = 0; status === statusSuspended; round++) {
    if (round === stopAfter) view.setInt32(stopWord, 1, true);
    const request = view.getInt32(slot(layout.request), true);
    requests[request] = (requests[request] ?? 0) + 1;
    const target = view.getInt32(slot(layout.target), true);
    const amount = Number(view.getBigInt64(slot(layout.amount), true));
    if (request === requestSection) {
      const own = runSection(exports[entries.sections[target]!] as Entry, amount);
      if (own !== statusOk) {
        status = own;
        break;
      }
    } else if (request === requestMemory) {
      const address = take(amount);
      bytes.fill(0, address, address + amount);
      view.setInt32(slot(target), address, true);
    }
    status = main(descriptor, 0n, 1n, scratch);
  }
  for (const [elements, { copy, address }] of places) {
    const inMemory = bytes.subarray(address, address + copy.byteLength);
    new Uint8Array(copy.buffer).set(inMemory);
    (elements as Float64Array).set(copy);
    inMemory.fill(guardByte);
  }
  const stray = top < bytes.length ? bytes.subarray(top - guardBytes).findIndex((byte) => byte !== guardByte) : -1;
  if (stray >= 0)
    throw new Error(`something was written ${bytes.length - top + guardBytes - stray} bytes before the end`);
  if (status === statusFailed) return { results: [], error: failure ?? recordAt(scratch), status, requests };
  if (status === statusStopped) return { results: [], error: undefined, status, requests };
  if (status !== statusOk) throw new Error(`status ${status}`);
  const results = kernel.results.map((type, index) => readScalar(view, slot(layout.results + index), elementOf(type)));
  return { results, error: undefined, status, requests };
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
