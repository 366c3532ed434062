// The budgets of the design as data: what each part of heddle must keep to. A bench measures a budget by its id; until one does, the
// list of all budgets has a row without a value that says what is missing.
import { makeRow } from './harness/bench.js';
import type { Row } from './harness/bench.js';
import { describeMissing } from './harness/missing.js';
import type { Missing } from './harness/missing.js';
import { cases } from './kernels/cases.js';
import type { Kind } from './kernels/cases.js';

export interface Budget {
  readonly what: string;
  readonly unit: string;
  readonly must: { readonly atLeast: number } | { readonly atMost: number } | { readonly below: number };
  /** What would be better still, for people to read. */
  readonly aim?: string;
  /** The part of heddle that it is about; null where nothing is missing. */
  readonly needs: Missing | null;
}

const jit = { part: 'jit', exported: 'jit' };
const arrays = { part: 'arrays', exported: 'arange' };
const chunked = { part: 'chunked arrays', exported: 'openZarr' };
const sort = { part: 'parallel sort', exported: 'sort' };
const matmul = { part: 'matmul', exported: 'matmul' };

export const budgets = {
  jitPi: {
    what: 'jit π, one thread: how many times as fast as the same loop in plain JS',
    unit: '×',
    must: { atLeast: 8 },
    aim: 'hand-written SIMD WebAssembly (bench pi)',
    needs: jit,
  },
  jitThreads: {
    what: 'jit π at 10⁸: how many times as fast on two threads as on one',
    unit: '×',
    must: { atLeast: 1.85 },
    aim: '1.95×',
    needs: jit,
  },
  arrayTime: {
    what: 'array π at 10⁷: its time, in times of jit π on as many threads',
    unit: '×',
    must: { atMost: 1.5 },
    aim: 'equal',
    needs: arrays,
  },
  arrayMemory: { what: 'array π at 10⁷: memory above the start', unit: 'MB', must: { below: 16 }, needs: arrays },
  chunkedTime: {
    what: 'chunked π at 10⁹: its time, in times of jit π',
    unit: '×',
    must: { atMost: 1.3 },
    aim: 'equal',
    needs: chunked,
  },
  chunkedMemory: { what: 'chunked π at 10⁹: memory above the start', unit: 'MB', must: { below: 64 }, needs: chunked },
  jitSum: {
    what: 'Σ range(10⁷) as a jitted loop, a call',
    unit: 'ns',
    must: { atMost: 105 },
    aim: '≤ 30 ns',
    needs: jit,
  },
  multiplyAdd: {
    what: 'a*b + c on 10⁷ doubles in the heap: its time, in times of hand-written SIMD WebAssembly',
    unit: '×',
    must: { atMost: 1.2 },
    aim: 'memory bandwidth',
    needs: arrays,
  },
  sort: {
    what: 'sort of 10⁶ doubles: how many times as fast as Float64Array.prototype.sort',
    unit: '×',
    must: { atLeast: 5 },
    aim: 'NumPy 2.4 with AVX-512 (20×)',
    needs: sort,
  },
  matmul: {
    what: 'matmul of 1024³ doubles, two threads',
    unit: 'ms',
    must: { atMost: 60 },
    aim: '45 ms',
    needs: matmul,
  },
  veryFirstCall: {
    what: 'jit: the very first call of a process, parse to result, of a function of 20 lines',
    unit: 'ms',
    must: { atMost: 25 },
    needs: jit,
  },
  newFunction: {
    what: 'jit: the first call of a further function of 20 lines, parse to result',
    unit: 'ms',
    must: { atMost: 10 },
    needs: jit,
  },
  import: { what: 'import of heddle', unit: 'ms', must: { atMost: 50 }, aim: '20 ms', needs: null },
  install: {
    what: 'install: the package and its dependencies, unpacked',
    unit: 'MB',
    must: { atMost: 5 },
    needs: null,
  },
  bundle: { what: 'core bundle, minified and gzipped', unit: 'kB', must: { atMost: 150 }, needs: null },
  memory: {
    what: 'π at 10⁷: peak memory of vectorized above that of plain',
    unit: 'MB',
    must: { atLeast: 150 },
    needs: null,
  },
} satisfies Record<string, Budget>;

/** What each class of kernels has to reach on arrays of the heap, on one thread. */
const kernelAtLeast: Readonly<Record<Kind, number>> = { vectorized: 1.8, divergent: 1.5, serial: 1, fastMath: 3 };

type KernelBudgetId = `kernel ${string}` | `threads of ${string}`;

const kernelBudgets: Readonly<Record<string, Budget>> = Object.fromEntries(
  cases.flatMap(({ name, kind, isShared }): [KernelBudgetId, Budget][] => {
    const budget = (what: string, atLeast: number): Budget => ({ what, unit: '×', must: { atLeast }, needs: jit });
    const lanes = budget(`${name}, heap arrays: how many times as fast as plain JS`, kernelAtLeast[kind]);
    const threads = budget(`${name}, heap arrays: how many times as fast on two threads as on one`, 1.8);
    return [
      [`kernel ${name}`, lanes],
      ...(isShared ? [[`threads of ${name}`, threads] as [KernelBudgetId, Budget]] : []),
    ];
  }),
);

export type BudgetId = keyof typeof budgets | KernelBudgetId;

const everyBudget: Readonly<Record<string, Budget>> = { ...budgets, ...kernelBudgets };

function describe({ must, unit }: Budget): string {
  const space = unit === '×' ? '' : ' ';
  if ('atLeast' in must) return `≥ ${must.atLeast}${space}${unit}`;
  if ('atMost' in must) return `≤ ${must.atMost}${space}${unit}`;
  return `< ${must.below}${space}${unit}`;
}

function keepsTo({ must }: Budget, value: number): boolean {
  if ('atLeast' in must) return value >= must.atLeast;
  return 'atMost' in must ? value <= must.atMost : value < must.below;
}

/** The row of the bench `name` that measures a budget; the value is in the budget's unit. */
export function budgetRow(name: string, id: BudgetId, measured: { value: number } & Partial<Omit<Row, 'ratio'>>): Row {
  const budget = everyBudget[id]!;
  const { what, unit } = budget;
  return makeRow({ name, what, unit, budget: describe(budget), holds: keepsTo(budget, measured.value), ...measured });
}

/** Every budget in order: the row that measured it, else one that says what is missing. */
export function allBudgets(measured: readonly Row[]): Row[] {
  return Object.values(everyBudget).map((budget) => {
    const found = measured.find(({ what, budget: text }) => text !== null && what === budget.what);
    if (found !== undefined) return found;
    const { what, unit, needs } = budget;
    return makeRow({
      name: 'budgets',
      what,
      unit,
      budget: describe(budget),
      note: needs === null ? 'not measured in this run' : describeMissing(needs),
    });
  });
}
