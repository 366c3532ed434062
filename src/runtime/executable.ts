// A kernel, compiled once, that can be called: writes the parameters into its descriptor, runs it, does what it asks for on its way
// (parallel loops, memory), and reads the results or the error record. async-call.ts does the same without blocking.
import { clock } from '#platform';
import {
  compileKernel,
  encodeModule,
  errorRecordBytes,
  printWat,
  recursionSite,
  requestMemory,
  requestSection,
  statusFailed,
  statusOk,
  statusStopped,
  statusSuspended,
} from '../backends/wasm/index.js';
import { compileModule } from '../base/compile-module.js';
import { UserError } from '../base/errors.js';
import type { Kernel, Program, Routine } from '../ir/nodes.js';
import type { Scalar } from '../ir/operations.js';
import { assertLegal } from '../ir/verify.js';
import { passesFor } from '../passes/pipeline.js';
import { allocate, borrowCallMemory, memoryLimits, openHeap, returnCallMemory } from '../memory/heap.js';
import { detectSimd } from '../platform/simd.js';
import { callAsync } from './async-call.js';
import type { AsyncOptions, Callee } from './async-call.js';
import { CallLayout, failureAt, failureOfRecord, unexpectedStatus } from './call-data.js';
import { CheckFailure } from './check-failure.js';
import { LentMemory } from './lent-memory.js';
import { SharedCode } from './shared-code.js';
import { deadlineCause, runBlocks, watchDeadline } from './team/index.js';
import type { Deadline, Job } from './team/index.js';

export type { AsyncOptions } from './async-call.js';

export interface Executable {
  /**
   * Runs the kernel on the calling thread; the scalars are those of its parameters, in their order, and `buffers` the addresses in the heap
   * of its buffers' elements [0, 0, …].
   *
   * @throws {CheckFailure} where a check of the kernel fails
   * @throws {UserError} TEAM003 where it takes longer than `timeoutMs`
   */
  call(scalars: readonly Scalar[], buffers?: readonly number[], threads?: number, timeoutMs?: number): Scalar[];
  /**
   * The same on threads of the team, while this one goes on; rejects with what `call` throws, or with the signal's reason. What lies at the
   * addresses has to stay there until the promise settles.
   */
  callAsync(scalars: readonly Scalar[], buffers?: readonly number[], options?: AsyncOptions): Promise<Scalar[]>;
  /** The kernel as the passes have left it. */
  readonly kernel: Kernel;
  /** The module in WebAssembly's text format. */
  wat(): string;
}

type Entry = (descriptor: number, first: bigint, end: bigint, scratch: number) => number;

/** Whether what the passes leave is verified, as in our tests (vitest.config.ts); a build does without (rolldown.config.ts). */
declare const checksPrograms: boolean;

export interface CompileOptions {
  /** Routines that the kernel calls, and those that they call. */
  readonly routines?: readonly Routine[];
  /** Whether loops may be shared out to threads that are not parallel by themselves, where that gives the same bits. */
  readonly parallel?: boolean;
  /** Whether lanes may be used; by default where the engine has them. The bits are the same. */
  readonly simd?: boolean;
  /** What errors call it. */
  readonly name?: string;
}

/** Compiles and instantiates a kernel, with the routines that it calls. */
export function makeExecutable(
  lowered: Kernel,
  { routines = [], parallel = false, simd = hasSimd(), name }: CompileOptions = {},
): Executable {
  const kernel = passesFor({ parallel, simd }).reduce((before, pass) => pass.run(before), lowered);
  const program: Program = { routines, kernels: [kernel] };
  if (checksPrograms) assertLegal(program, 'the passes');
  return instantiate(program, kernel, name, simd);
}

/** The same for a kernel that is to be compiled as it stands. */
export function instantiate(
  program: Program,
  kernel: Kernel,
  name = `the kernel @${kernel.name}`,
  simd = hasSimd(),
): Executable {
  const { module, layout, entries, scratchBytes, mainScratchBytes, recursionLimit } = compileKernel(
    program,
    kernel,
    memoryLimits(),
    undefined,
    simd,
  );
  const heap = openHeap();
  const bytes = encodeModule(module);
  const compiled = compileModule(bytes);
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory: heap.memory } });
  const main = exports[entries.main] as Entry;
  const { sections } = entries;
  const code = new SharedCode(bytes, scratchBytes, compiled);
  const calls = new CallLayout(kernel, layout);
  const callee: Callee = { calls, code, entries, mainScratchBytes, name };
  const { descriptorBytes } = calls;
  const callBytes = descriptorBytes + mainScratchBytes;

  const call = (
    scalars: readonly Scalar[],
    buffers: readonly number[] = [],
    threads?: number,
    timeoutMs?: number,
  ): Scalar[] => {
    const descriptor = borrowCallMemory(callBytes);
    let lent: LentMemory | undefined;
    let timing: Timing | undefined;
    try {
      if (timeoutMs !== undefined) timing = new Timing(timeoutMs, name);
      const scratch = descriptor + descriptorBytes;
      calls.write(heap, descriptor, scalars, buffers, timing?.word ?? neverStop());
      let status = main(descriptor, 0n, 1n, scratch);
      while (status === statusSuspended) {
        const { kind, target, amount } = calls.request(heap, descriptor);
        if (kind === requestSection) {
          const job = { module: code.module, entry: sections[target]!, descriptor, blocks: amount, threads };
          runSection(kernel.name, { ...job, recordBytes: errorRecordBytes }, timing);
        } else if (kind === requestMemory) {
          lent ??= new LentMemory(heap, `memory of ${name}`, callStack);
          calls.answer(heap, descriptor, target, lent.lend(target, amount));
        }
        timing?.check();
        status = main(descriptor, 0n, 1n, scratch);
      }
      if (status === statusOk) return calls.results(heap, descriptor);
      if (status === statusFailed) throw failureAt(kernel.name, heap, scratch);
      throw (status === statusStopped && timing?.cause()) || unexpectedStatus(kernel.name, status);
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
      timing?.end();
    }
  };
  return {
    kernel,
    call,
    callAsync: (scalars, buffers = [], options = {}) => callAsync(callee, scalars, buffers, options),
    wat: () => printWat(module),
  };
}

let isSimdThere: boolean | undefined;

const hasSimd = (): boolean => (isSimdThere ??= detectSimd() !== 'none');
const callStack = { borrow: borrowCallMemory, giveBack: returnCallMemory };

let neverStopped: number | undefined;

/** The address of a word that stays 0: nobody stops a call that looks there. */
function neverStop(): number {
  neverStopped ??= allocate(4, { zeroed: true, label: 'the word that stops no call' });
  return neverStopped;
}

/** The time that a synchronous call is given. */
class Timing {
  readonly #milliseconds: number;
  readonly #name: string;
  readonly #end: number;
  readonly #deadline: Deadline | undefined;

  constructor(milliseconds: number, name: string) {
    this.#milliseconds = milliseconds;
    this.#name = name;
    this.#end = clock() + milliseconds / 1000;
    this.#deadline = watchDeadline(milliseconds);
  }

  get word(): number | undefined {
    return this.#deadline?.word;
  }

  get millisecondsLeft(): number {
    return Math.max(0, (this.#end - clock()) * 1000);
  }

  cause(): UserError {
    return deadlineCause(this.#milliseconds, this.#name);
  }

  check(): void {
    if (clock() >= this.#end) throw this.cause();
  }

  end(): void {
    this.#deadline?.end();
  }
}

/** Runs all iterations of a section: they are independent of one another, and the threads of the team share them out. */
function runSection(kernelName: string, job: Job, timing: Timing | undefined): void {
  const outcome = runBlocks(timing === undefined ? job : timed(job, timing));
  const { status, cause, record } = outcome;
  if (status === statusOk) return;
  const isLate = status === statusStopped || (cause instanceof UserError && cause.code === 'TEAM003');
  if (timing !== undefined && isLate) throw timing.cause();
  if (cause !== undefined) throw cause;
  if (status !== statusFailed || record === undefined) throw unexpectedStatus(kernelName, status);
  throw failureOfRecord(kernelName, record);
}

function timed(job: Job, { word, millisecondsLeft }: Timing): Job {
  const stop = word === undefined ? undefined : { word, status: statusStopped };
  return { ...job, stop, deadline: millisecondsLeft };
}
