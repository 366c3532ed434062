// What heddle finds and may use where it runs: cores, threads, memory, SIMD, as data for reports and for `heddle info`. Asking changes
// nothing: no thread starts and no memory is taken.
import { availableCores, describeMachine } from '#platform';
import { heapStatistics, memoryLimits } from '../memory/heap.js';
import type { Machine } from '../platform/platform.js';
import { maxMemorySetting, threadsSetting } from '../platform/settings.js';

export interface Info {
  readonly machine: Machine;
  /** Cores that this process may keep busy: those of the machine, or what a container's quota pays for. */
  readonly cores: number;
  /** Threads that parallel work is to run on: HEDDLE_THREADS or configure, or else the cores. */
  readonly threads: number;
  /** Whether memory can be shared between threads; a page needs cross-origin isolation for that. */
  readonly isShared: boolean;
  /** The heap, in bytes. It never shrinks: what was used at some time stays this process's, and is used again. */
  readonly heap: {
    /** The most that was asked for, by HEDDLE_MAX_MEMORY or configure; null where nobody has said. */
    readonly wanted: number | null;
    /** The most that the engine has granted; null while the heap is not open. */
    readonly maximum: number | null;
    /** Taken from the system at some time, and how much of that is given out now. */
    readonly used: number;
    readonly live: number;
  };
}

/**
 * What heddle finds and may use where it runs.
 *
 * @example
 * import { info } from 'heddle';
 * console.log(info().threads >= 1); // true
 */
export function info(): Info {
  const { maximum, used, live } = heapStatistics();
  return {
    machine: describeMachine(),
    cores: availableCores(),
    threads: threadsSetting(),
    isShared: memoryLimits().isShared,
    heap: { wanted: maxMemorySetting() ?? null, maximum: maximum === 0 ? null : maximum, used, live },
  };
}
