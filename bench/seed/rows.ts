// The sixteen systems of the lesson that heddle follows, as data: the lesson's own figures, those of the same Python programs on a
// 2-core machine of the kind that CI uses (Zen 5, Python 3.11, NumPy 1.24, Numba 0.56, Dask 2022.12; minimum of several quiet runs),
// and how ours is measured, or what is missing.
import type { Missing } from '../harness/missing.js';

/** One figure that ours has to beat. Times in seconds, memory in bytes above the start. */
export interface Figure {
  /** Says which, where a row has several. One without any figure to beat is shown beside the others. */
  readonly what?: string;
  readonly kind: 'time' | 'memory';
  readonly source: number | null;
  readonly here: number | null;
  /** Task and count of bench/peers/pi.py that measure it again now. */
  readonly peer?: readonly [needs: 'python' | 'numpy' | 'numba' | 'dask', task: string, n: number];
  /** The rung of ours that answers it, and its count. */
  readonly ours?: readonly [rung: string, exported: string, n: number];
  /** The very first call in a fresh process is what counts, with its compiling. */
  readonly isFirstCall?: true;
  /** What is not there yet: then it does not hold, and `ours` is only the nearest thing that there is. */
  readonly missing?: Missing;
}

export interface SeedRow {
  readonly number: number;
  readonly system: string;
  readonly figures: readonly Figure[];
  /** Where a row has no figures to beat: the lesson's column, the other one, and what ours needs or how it is shown. */
  readonly context?: { readonly source: string; readonly here: string };
  readonly missing?: Missing;
  readonly shown?: 'strict' | 'timeit' | 'memit' | 'lesson';
}

const arrays: Missing = { part: 'arrays', exported: 'arange' };
const threads: Missing = { part: 'Thread', exported: 'Thread' };

export const seedRows: readonly SeedRow[] = [
  {
    number: 1,
    system: 'plain loop, calc_pi(10⁶)',
    figures: [
      {
        kind: 'time',
        source: 0.676,
        here: 230e-9 * 1e6,
        peer: ['python', 'pi-plain', 1e6],
        ours: ['pi/plain', 'calcPi', 1e6],
      },
    ],
  },
  {
    number: 2,
    system: 'NumPy, calc_pi_numpy(10⁶); its memory at 10⁷',
    figures: [
      {
        kind: 'time',
        source: 25.2e-3,
        here: 13e-9 * 1e6,
        peer: ['numpy', 'pi-numpy', 1e6],
        ours: ['pi/vectorized', 'calcPi', 1e6],
        missing: arrays,
      },
      {
        what: 'memory',
        kind: 'memory',
        source: null,
        here: 381 * 2 ** 20,
        peer: ['numpy', 'pi-numpy', 1e7],
        ours: ['pi/vectorized', 'calcPi', 1e7],
        missing: arrays,
      },
    ],
  },
  {
    number: 3,
    system: 'dask.array, calc_pi_dask(10⁶); 10⁹ points here',
    figures: [
      {
        kind: 'time',
        source: 4.68e-3,
        here: null,
        peer: ['dask', 'pi-dask', 1e6],
        missing: { part: 'chunked arrays', exported: 'openZarr' },
      },
      { what: '10⁹', kind: 'time', source: null, here: 9.9, missing: { part: 'chunked arrays', exported: 'openZarr' } },
      {
        what: '10⁹, memory',
        kind: 'memory',
        source: null,
        here: 841 * 2 ** 20,
        missing: { part: 'chunked arrays', exported: 'openZarr' },
      },
    ],
  },
  {
    number: 4,
    system: 'sum(range(10⁷)); arange(10⁷).sum(); a compiled loop',
    figures: [
      {
        what: 'iterator',
        kind: 'time',
        source: 0.19,
        here: 0.045,
        peer: ['python', 'sum-iterator', 1e7],
        ours: ['sum/iterator', 'sumRange', 1e7],
      },
      {
        what: 'loop',
        kind: 'time',
        source: null,
        here: null,
        ours: ['sum/plain', 'sumRange', 1e7],
      },
      {
        what: 'arange',
        kind: 'time',
        source: 17.5e-3,
        here: 9.1e-3,
        peer: ['numpy', 'sum-arange', 1e7],
        missing: arrays,
      },
      {
        what: 'compiled',
        kind: 'time',
        source: 162e-9,
        here: 105e-9,
        peer: ['numba', 'sum-numba', 1e7],
        ours: ['sum/jit', 'sumRange', 1e7],
      },
    ],
  },
  {
    number: 5,
    system: 'numba.jit of the π loop, 10⁶; first call with a new type',
    figures: [
      {
        kind: 'time',
        source: 13.5e-3,
        here: 5.9e-9 * 1e6,
        peer: ['numba', 'pi-numba', 1e6],
        ours: ['pi/jit', 'calcPi', 1e6],
      },
      {
        what: 'first call',
        kind: 'time',
        source: 61e-3,
        here: 0.12,
        ours: ['pi/jit', 'calcPi', 1e6],
        isFirstCall: true,
      },
    ],
  },
  {
    number: 6,
    system: 'nopython=True / njit: strict compiling',
    figures: [],
    context: { source: '–', here: '–' },
    shown: 'strict',
  },
  {
    number: 7,
    system: 'threading.Thread: two calls at once',
    figures: [],
    context: { source: '–', here: 'plain 0.96×, NumPy 1.3–1.5×, Numba 0.99×' },
    missing: threads,
  },
  {
    number: 8,
    system: 'the lock, processes, what copying between them costs',
    figures: [],
    context: { source: '–', here: 'pickle of 80 MB and back 72 ms' },
    missing: { part: 'threads over shared memory', exported: 'Thread' },
  },
  {
    number: 9,
    system: 'nogil=True: compiled code on real threads',
    figures: [],
    context: { source: '–', here: '1.95× on two threads' },
    missing: { part: 'jit on several threads', exported: 'jit' },
  },
  {
    number: 10,
    system: 'np.sort of two arrays on two threads',
    figures: [],
    context: { source: '–', here: '1.94×; 10⁶: 75 ms' },
    missing: { part: 'parallel sort', exported: 'sort' },
  },
  {
    number: 11,
    system: '%timeit, %%time',
    figures: [],
    context: { source: '–', here: '–' },
    shown: 'timeit',
  },
  {
    number: 12,
    system: 'comparing memory',
    figures: [],
    context: { source: '–', here: '–' },
    shown: 'memit',
  },
  {
    number: 13,
    system: 'profile to see which method works best',
    figures: [],
    context: { source: '–', here: '–' },
    missing: { part: 'heddle measure', command: 'measure' },
  },
  {
    number: 14,
    system: 'data parallelism against task parallelism',
    figures: [],
    context: { source: '–', here: '–' },
    missing: { part: 'arrays and task graphs', exported: 'delayed' },
  },
  {
    number: 15,
    system: 'the queue/worker model',
    figures: [],
    context: { source: '–', here: '–' },
    missing: { part: 'Queue and ThreadPool', exported: 'Queue' },
  },
  {
    number: 16,
    system: 'the lesson: teaching and exercises',
    figures: [],
    context: { source: '60 min teaching, 30 min exercises', here: '–' },
    shown: 'lesson',
  },
];
