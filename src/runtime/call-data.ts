// What a call puts into a kernel's descriptor, and what it takes from there: parameters, addresses, results, and the record of a failed check.
import { errorRecordBytes, slotBytes, statusStopped } from '../backends/wasm/index.js';
import type { CompiledKernel } from '../backends/wasm/index.js';
import { InternalError } from '../base/errors.js';
import type { Kernel } from '../ir/nodes.js';
import type { Scalar } from '../ir/operations.js';
import { elementOf } from '../ir/types.js';
import type { ScalarType } from '../ir/types.js';
import type { Heap } from '../memory/heap.js';
import { CheckFailure } from './check-failure.js';

/** How the calls of a kernel lie in the heap. */
export class CallLayout {
  readonly kernel: Kernel;
  readonly layout: CompiledKernel['layout'];
  /** Of the descriptor. Lanes of 16 bytes want scratch memory that begins where 16 divides the address, right behind it. */
  readonly descriptorBytes: number;
  readonly #parameterTypes: readonly ScalarType[];
  readonly #resultTypes: readonly ScalarType[];

  constructor(kernel: Kernel, layout: CompiledKernel['layout']) {
    this.kernel = kernel;
    this.layout = layout;
    this.descriptorBytes = Math.ceil((layout.slots * slotBytes) / 16) * 16;
    this.#parameterTypes = kernel.parameters.map(({ type }) => elementOf(type));
    this.#resultTypes = kernel.results.map(elementOf);
  }

  /** Writes what the main entry has to find; `stop` is the address of a word that ends the call when it is not 0. */
  write(heap: Heap, descriptor: number, scalars: readonly Scalar[], buffers: readonly number[], stop: number): void {
    const { layout, kernel } = this;
    const types = this.#parameterTypes;
    if (buffers.length !== kernel.buffers.length) {
      const found = `${kernel.buffers.length} buffers, and was given ${buffers.length}`;
      throw new InternalError('RUN002', `the kernel @${kernel.name} has ${found}`);
    }
    const slot = descriptor / slotBytes;
    const { words } = heap;
    words[2 * (slot + layout.stop)] = stop;
    words[2 * (slot + layout.state)] = 0;
    for (let index = 0; index < types.length; index++)
      writeScalar(heap, slot + layout.parameters + index, types[index]!, scalars[index]!);
    for (let index = 0; index < buffers.length; index++) words[2 * (slot + layout.buffers + index)] = buffers[index]!;
  }

  /** What a main entry asks for that has been suspended. */
  request({ words, longs }: Heap, descriptor: number): Request {
    const slot = descriptor / slotBytes;
    const { request, target, amount } = this.layout;
    return {
      kind: words[2 * (slot + request)]!,
      target: words[2 * (slot + target)]!,
      amount: Number(longs[slot + amount]!),
    };
  }

  /** Where the address of lent memory is to be written. */
  answer({ words }: Heap, descriptor: number, target: number, address: number): void {
    words[2 * (descriptor / slotBytes + target)] = address;
  }

  results(heap: Heap, descriptor: number): Scalar[] {
    const first = descriptor / slotBytes + this.layout.results;
    const types = this.#resultTypes;
    const results: Scalar[] = [];
    for (let index = 0; index < types.length; index++) results.push(readScalar(heap, first + index, types[index]!));
    return results;
  }
}

export interface Request {
  readonly kind: number;
  /** The number of the section, or the slot for an address. */
  readonly target: number;
  readonly amount: number;
}

/** What a kernel has left behind at an address where a check failed. */
export function failureAt(kernelName: string, { longs }: Heap, address: number): CheckFailure {
  const slot = address / slotBytes;
  return failureIn(kernelName, longs.subarray(slot, slot + errorRecordBytes / slotBytes));
}

/** The same in a copy of it. */
export function failureOfRecord(kernelName: string, { buffer, byteOffset, length }: Uint8Array): CheckFailure {
  return failureIn(kernelName, new BigInt64Array(buffer as ArrayBuffer, byteOffset, length / slotBytes));
}

function failureIn(kernelName: string, [site, iteration, index, length]: BigInt64Array): CheckFailure {
  const place = { index: index!, length: length! };
  return new CheckFailure(kernelName, { site: Number(site) - 1, iteration: Number(iteration), ...place });
}

export function unexpectedStatus(kernelName: string, status: number): InternalError {
  const why = status === statusStopped ? 'was stopped' : `ended with status ${status}`;
  return new InternalError('RUN001', `the kernel @${kernelName} ${why}`);
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
