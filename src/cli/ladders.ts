// The ladders that the command line can walk, and their rungs. A rung is one short file under examples/; a new one is a new line here.
import type { Agreement } from 'heddle/measure';

export interface Rung {
  readonly name: string;
  /** What a Python programmer knows it as. */
  readonly asInPython: string;
  /** The name of the file, under examples/<ladder>/. */
  readonly file: string;
  /** `team` where it uses as many threads as --threads says. */
  readonly threads: 1 | 'team';
  /** Whether --seed fixes its draws; null where it draws nothing. */
  readonly isSeedable: boolean | null;
  /** Bytes that it holds at once for each of the n items; a machine without them is spared. */
  readonly bytesPerItem: number;
}

export interface Ladder {
  readonly name: string;
  readonly summary: string;
  /** The rung's exported function, and an export of the module that makes its arguments out of n (by default they are n itself). */
  readonly exportName: string;
  readonly setup?: string;
  /** What n counts. */
  readonly item: string;
  readonly defaultCount: number;
  readonly agree: (n: number) => Agreement;
  /** The rung that speed-ups are relative to. */
  readonly reference: string;
  /** Whether answers are estimates of π, shown with their standard error. */
  readonly isEstimate: boolean;
  readonly rungs: readonly Rung[];
}

/** Standard error of the Monte-Carlo estimate of π from n points: 4·√(p(1−p)/n) with p = π/4. */
export const standardErrorOfPi = (n: number): number => Math.sqrt((Math.PI * (4 - Math.PI)) / n);

export const ladders: readonly Ladder[] = [
  {
    name: 'pi',
    summary: 'π by Monte Carlo, one way after the other, each measured',
    exportName: 'calcPi',
    item: 'point',
    defaultCount: 1e7,
    agree: (n) => (answer) => typeof answer === 'number' && Math.abs(answer - Math.PI) <= 5 * standardErrorOfPi(n),
    reference: 'plain',
    isEstimate: true,
    rungs: [
      { name: 'plain', asInPython: 'a loop', file: 'plain', threads: 1, isSeedable: false, bytesPerItem: 0 },
      { name: 'vectorized', asInPython: 'NumPy', file: 'vectorized', threads: 1, isSeedable: false, bytesPerItem: 41 },
      { name: 'jit', asInPython: 'Numba', file: 'jit', threads: 1, isSeedable: true, bytesPerItem: 0 },
      {
        name: 'jit-parallel',
        asInPython: 'Numba, parallel',
        file: 'jit-parallel',
        threads: 'team',
        isSeedable: true,
        bytesPerItem: 0,
      },
      { name: 'array', asInPython: 'NumPy, fused', file: 'array', threads: 'team', isSeedable: true, bytesPerItem: 0 },
    ],
  },
  {
    name: 'sum',
    summary: 'the sum of 0, 1, … N − 1, one way after the other',
    exportName: 'sumRange',
    item: 'number',
    reference: 'plain',
    defaultCount: 1e7,
    agree: () => 'exact',
    isEstimate: false,
    rungs: [
      {
        name: 'iterator',
        asInPython: 'sum(range(N))',
        file: 'iterator',
        threads: 1,
        isSeedable: null,
        bytesPerItem: 0,
      },
      { name: 'plain', asInPython: 'a loop', file: 'plain', threads: 1, isSeedable: null, bytesPerItem: 0 },
      { name: 'jit', asInPython: 'Numba', file: 'jit', threads: 1, isSeedable: null, bytesPerItem: 0 },
      {
        name: 'array',
        asInPython: 'np.arange(N).sum()',
        file: 'array',
        threads: 'team',
        isSeedable: null,
        bytesPerItem: 0,
      },
    ],
  },
  {
    name: 'sort',
    summary: 'N scattered numbers into order',
    exportName: 'sortNumbers',
    setup: 'makeInput',
    item: 'number',
    reference: 'builtin',
    defaultCount: 1e6,
    agree: () => 'exact',
    isEstimate: false,
    rungs: [
      { name: 'builtin', asInPython: 'np.sort', file: 'builtin', threads: 1, isSeedable: null, bytesPerItem: 24 },
      {
        name: 'array',
        asInPython: 'np.sort, parallel',
        file: 'array',
        threads: 'team',
        isSeedable: null,
        bytesPerItem: 40,
      },
    ],
  },
];
