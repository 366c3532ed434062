// A kernel, compiled once, that can be called: writes the parameters into its descriptor, runs it, does what it asks for on its way
// (parallel loops, memory), and reads the results or the error record.
import {
  compileKernel,
  encodeModule,
  errorRecordBytes,
  printWat,
  recursionSite,
  requestMemory,
  requestSection,
  slotBytes,
  statusFailed,
  statusOk,
  statusStopped,
  statusSuspended,
} from '../backends/wasm/index.js';
import { InternalError } from '../base/errors.js';
import type { Kernel, Program, Routine } from '../ir/nodes.js';
import type { Scalar } from '../ir/operations.js';
import { elementOf } from '../ir/types.js';
import type { ScalarType } from '../ir/types.js';
import { assertLegal } from '../ir/verify.js';
import { passesFor } from '../passes/pipeline.js';
import { allocate, borrowCallMemory, memoryLimits, openHeap, returnCallMemory } from '../memory/heap.js';
import type { Heap } from '../memory/heap.js';
import { detectSimd } from '../platform/simd.js';
import { CheckFailure } from './check-failure.js';
import { publishModule, runBlocks } from './team/index.js';
import type { Job, TeamModule } from './team/index.js';

export interface Executable {
  /**
   * Runs the kernel on the calling thread; the scalars are those of its parameters, in their order, and `buffers` the addresses in the heap
   * of its buffers' elements [0, 0, …].
   *
   * @throws {CheckFailure} where a check of the kernel fails
   */
  call(scalars: readonly Scalar[], buffers?: readonly number[], threads?: number): Scalar[];
  /** The kernel as the passes have left it. */
  readonly kernel: Kernel;
  /** The module in WebAssembly's text format. */
  wat(): string;
}

type Entry = (descriptor: number, first: bigint, end: bigint, scratch: number) => number;

export interface CompileOptions {
  /** Routines that the kernel calls, and those that they call. */
  readonly routines?: readonly Routine[];
  /** Whether loops may be shared out to threads that are not parallel by themselves, where that gives the same bits. */
  readonly parallel?: boolean;
  /** Whether lanes may be used; by default where the engine has them. The bits are the same. */
  readonly simd?: boolean;
}

/** Compiles and instantiates a kernel, with the routines that it calls. */
export function makeExecutable(
  lowered: Kernel,
  { routines = [], parallel = false, simd = hasSimd() }: CompileOptions = {},
): Executable {
  const kernel = passesFor({ parallel, simd }).reduce((before, pass) => pass.run(before), lowered);
  const program: Program = { routines, kernels: [kernel] };
  assertLegal(program, 'the passes');
  return instantiate(program, kernel);
}

/** The same for a kernel that is to be compiled as it stands. */
export function instantiate(program: Program, kernel: Kernel): Executable {
  const { module, layout, entries, scratchBytes, mainScratchBytes, recursionLimit } = compileKernel(
    program,
    kernel,
    memoryLimits(),
  );
  const heap = openHeap();
  const bytes = encodeModule(module);
  const compiled = new WebAssembly.Module(bytes);
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory: heap.memory } });
  const main = exports[entries.main] as Entry;
  const { sections } = entries;
  /** The same module for the team, once a loop has been shared out. */
  let shared: TeamModule | undefined;
  const parameterTypes = kernel.parameters.map(({ type }) => elementOf(type));
  const resultTypes = kernel.results.map(elementOf);
  // Lanes of 16 bytes want scratch memory that begins where 16 divides the address.
  const descriptorBytes = Math.ceil((layout.slots * slotBytes) / 16) * 16;
  const callBytes = descriptorBytes + mainScratchBytes;

  const call = (scalars: readonly Scalar[], buffers: readonly number[] = [], threads?: number): Scalar[] => {
    if (buffers.length !== kernel.buffers.length) {
      const found = `${kernel.buffers.length} buffers, and was given ${buffers.length}`;
      throw new InternalError('RUN002', `the kernel @${kernel.name} has ${found}`);
    }
    const descriptor = borrowCallMemory(callBytes);
    let lent: LentMemory | undefined;
    try {
      const scratch = descriptor + descriptorBytes;
      const slot = descriptor / slotBytes;
      const { words } = heap;
      words[2 * (slot + layout.stop)] = neverStop();
      words[2 * (slot + layout.state)] = 0;
      for (let index = 0; index < parameterTypes.length; index++) {
        writeScalar(heap, slot + layout.parameters + index, parameterTypes[index]!, scalars[index]!);
      }
      for (let index = 0; index < buffers.length; index++) words[2 * (slot + layout.buffers + index)] = buffers[index]!;
      let status = main(descriptor, 0n, 1n, scratch);
      while (status === statusSuspended) {
        const request = words[2 * (slot + layout.request)]!;
        const target = words[2 * (slot + layout.target)]!;
        const amount = Number(heap.longs[slot + layout.amount]!);
        if (request === requestSection) {
          shared ??= publishModule(bytes, scratchBytes, compiled);
          runSection(kernel.name, {
            ...{ module: shared, entry: sections[target]!, descriptor, blocks: amount, threads },
            recordBytes: errorRecordBytes,
          });
        } else if (request === requestMemory) {
          lent ??= new LentMemory(heap);
          words[2 * (slot + target)] = lent.lend(target, amount);
        }
        status = main(descriptor, 0n, 1n, scratch);
      }
      if (status !== statusOk) throwStatus(kernel.name, heap, status, scratch);
      const results: Scalar[] = [];
      for (let index = 0; index < resultTypes.length; index++)
        results.push(readScalar(heap, slot + layout.results + index, resultTypes[index]!));
      return results;
    } catch (error) {
      // The stack was nearly full when the kernel was called: the limit would have been met later.
      if (recursionLimit === undefined || !(error instanceof RangeError)) throw error;
      throw new CheckFailure(
        kernel.name,
        { site: recursionSite, iteration: 0, index: 0n, length: BigInt(recursionLimit) },
        error,
      );
    } finally {
      lent?.giveBack();
      returnCallMemory(callBytes);
    }
  };
  return { kernel, call, wat: () => printWat(module) };
}

let isSimdThere: boolean | undefined;

const hasSimd = (): boolean => (isSimdThere ??= detectSimd() !== 'none');

let neverStopped: number | undefined;

/** The address of a word that stays 0: nobody stops a call that looks there. */
function neverStop(): number {
  neverStopped ??= allocate(4, { zeroed: true, label: 'the word that stops no call' });
  return neverStopped;
}

/** Runs all iterations of a section: they are independent of one another, and the threads of the team share them out. */
function runSection(kernelName: string, job: Job): void {
  const outcome = runBlocks(job);
  if (outcome.status === statusOk) return;
  if (outcome.cause !== undefined) throw outcome.cause;
  if (outcome.status !== statusFailed || outcome.record === undefined) throw unexpected(kernelName, outcome.status);
  const { buffer, byteOffset, length } = outcome.record;
  throw failureIn(kernelName, new BigInt64Array(buffer as ArrayBuffer, byteOffset, length / slotBytes));
}

function throwStatus(kernelName: string, heap: Heap, status: number, scratch: number): never {
  if (status !== statusFailed) throw unexpected(kernelName, status);
  const record = scratch / slotBytes;
  throw failureIn(kernelName, heap.longs.subarray(record, record + errorRecordBytes / slotBytes));
}

/** What a kernel has left behind where a check failed. */
function failureIn(kernelName: string, [site, iteration, index, length]: BigInt64Array): CheckFailure {
  const place = { index: index!, length: length! };
  return new CheckFailure(kernelName, { site: Number(site) - 1, iteration: Number(iteration), ...place });
}

function unexpected(kernelName: string, status: number): InternalError {
  const why = status === statusStopped ? 'was stopped' : `ended with status ${status}`;
  return new InternalError('RUN001', `the kernel @${kernelName} ${why}`);
}

/** What a call has been lent for the buffers that it begins: given back at its end; a buffer that begins anew takes what it had, if that is enough. */
class LentMemory {
  readonly #heap: Heap;
  readonly #blocks = new Map<number, { address: number; bytes: number }>();
  readonly #borrowed: number[] = [];

  constructor(heap: Heap) {
    this.#heap = heap;
  }

  /** The address of so many zeros for the buffer with that slot. */
  lend(slot: number, bytes: number): number {
    let block = this.#blocks.get(slot);
    if (block === undefined || block.bytes < bytes) {
      block = { address: borrowCallMemory(bytes), bytes };
      this.#blocks.set(slot, block);
      this.#borrowed.push(bytes);
    }
    this.#heap.bytes.fill(0, block.address, block.address + bytes);
    return block.address;
  }

  giveBack(): void {
    for (const bytes of this.#borrowed.toReversed()) returnCallMemory(bytes);
  }
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
