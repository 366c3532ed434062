// One thread's part of a job: claims grains and runs them until nothing is left, something fails, or its time is over.
import { clock } from '#platform';
import { claimUnits, stopJob } from './job-state.js';
import { jobWord } from './layout.js';
import type { Control } from './layout.js';
import { fairUnits, Pace } from './pace.js';

/** A compiled entry: design.md, 4, ABI. Blocks are i64 in WebAssembly, so bigints here. */
export type Kernel = (descriptor: number, firstBlock: bigint, endBlock: bigint, scratch: number) => number;

/** A grain that failed: by the kernel's status, or by an exception. */
export interface Failure {
  readonly unit: number;
  readonly units: number;
  readonly status: number;
  readonly error?: unknown;
}

/** What ended a thread's part: nothing left, `isOver`, a kernel that saw that it was to stop, or a failure. */
export type Ending = 'exhausted' | 'over' | 'stopped' | Failure;

export interface Part {
  readonly kernel: Kernel;
  readonly descriptor: number;
  readonly scratch: number;
  /** The status of a kernel that was stopped; 0 where kernels do not look. */
  readonly stopStatus: number;
  /** Asked between grains, about every fifth of a millisecond, with the time on the clock. */
  readonly isOver?: ((now: number) => boolean) | undefined;
  /** The thread's slot, where it has one, in which it notes and counts what it does: words for the unit and the grains. */
  readonly notes?: { readonly unit: number; readonly grains: number };
}

/** Runs units of the job whose record begins at `at`. */
export function runUnits(control: Control, at: number, part: Part): Ending {
  const { words, doubles } = control;
  const { stopStatus, isOver, notes } = part;
  const total = words[at + jobWord.total]!;
  const blocks = doubles[(at + jobWord.blocks) / 2]!;
  const blocksPerUnit = doubles[(at + jobWord.blocksPerUnit) / 2]!;
  const participants = words[at + jobWord.participants]!;
  const grain = words[at + jobWord.grain]!;
  const pace = new Pace();
  let before = clock();
  for (;;) {
    // With a grain that is fixed, several of them make up what lies between two looks at the clock.
    let budget = pace.units;
    while (budget > 0) {
      const left = total - Atomics.load(words, at + jobWord.next);
      const wanted = grain > 0 ? grain : fairUnits(budget, left, participants);
      const first = claimUnits(words, at, wanted, total);
      if (first < 0) return 'exhausted';
      const units = Math.min(wanted, total - first);
      budget -= units;
      if (notes !== undefined) {
        words[notes.unit] = first;
        words[notes.grains]!++;
      }
      const failure = runGrain(part, first, units, blocksPerUnit, blocks);
      if (failure !== undefined) {
        stopJob(control, at);
        return isStop(failure, stopStatus) ? 'stopped' : failure;
      }
    }
    const now = clock();
    if (isOver !== undefined && isOver(now)) return 'over';
    pace.adapt(now - before);
    before = now;
  }
}

/** The same for a job that nobody shares: no record, no claims. `cursor.block` is where it begins, and where it ended. */
export function runAlone(part: Part, blocks: number, grain: number, cursor: { block: number } = { block: 0 }): Ending {
  const { stopStatus, isOver } = part;
  const pace = new Pace();
  let before = clock();
  while (cursor.block < blocks) {
    const units = Math.min(grain > 0 ? grain : pace.units, blocks - cursor.block);
    const failure = runGrain(part, cursor.block, units, 1, blocks);
    if (failure !== undefined) return isStop(failure, stopStatus) ? 'stopped' : failure;
    cursor.block += units;
    const now = clock();
    if (isOver !== undefined && isOver(now)) return cursor.block < blocks ? 'over' : 'exhausted';
    pace.adapt(now - before);
    before = now;
  }
  return 'exhausted';
}

const isStop = ({ status, error }: Failure, stopStatus: number): boolean =>
  stopStatus !== 0 && status === stopStatus && error === undefined;

function runGrain(
  { kernel, descriptor, scratch }: Part,
  unit: number,
  units: number,
  blocksPerUnit: number,
  blocks: number,
): Failure | undefined {
  const end = Math.min((unit + units) * blocksPerUnit, blocks);
  try {
    const status = kernel(descriptor, BigInt(unit * blocksPerUnit), BigInt(end), scratch);
    return status === 0 ? undefined : { unit, units, status };
  } catch (error) {
    return { unit, units, status: -1, error };
  }
}
