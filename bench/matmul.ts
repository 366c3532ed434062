// How long does the product of two matrices of 1024 × 1024 take?
// Hypothesis: 2³⁰ products and as many sums, sixteen of each in four cycles where tiles stay in registers: some 100 ms of one core for doubles,
// half of that for floats, and half again on two threads.
import { budgetRow } from './budgets.js';
import { holdContest } from './contest/contest.js';
import { javascript, numpyTs, python } from './contest/programs.js';
import { built, timeRows, timesOf } from './arrays/figures.js';
import { makeRow } from './harness/bench.js';
import type { Bench } from './harness/bench.js';
import { median, spreadOf } from './harness/statistics.js';

const n = 1024;

export const matmul: Bench = {
  name: 'matmul',
  question: 'How long does the product of two matrices of 1024 × 1024 take?',
  async run(say) {
    const program = built('arrays/programs');
    const environment = { ...process.env, HEDDLE_THREADS: '2' };
    const entries = [
      { ...javascript('float64, two threads', program, 'matmulDoubles', n), environment },
      { ...javascript('float32, two threads', program, 'matmulFloats', n), environment },
      numpyTs(n, 'matmulDoubles'),
      python('NumPy', 'numpy', 'matmul-numpy', n, ', float64'),
    ];
    const programs = entries.flatMap((entry) => ('absent' in entry ? [] : [entry]));
    const results = await holdContest(programs, { accept: (answer) => Math.abs(answer) < n, say, tries: 3 });
    const [doubles, floats] = [results[0], results[1]].map((result) => timesOf(result, 1e3)) as [number[], number[]];
    const value = median(floats);
    const row = {
      name: 'matmul',
      what: 'matmul of 1024³ floats, two threads',
      unit: 'ms',
      value,
      spread: spreadOf(floats),
    };
    return {
      rows: [
        budgetRow('matmul', 'matmul', { value: median(doubles), spread: spreadOf(doubles) }),
        makeRow({ ...row, budget: '≤ 40 ms', holds: value <= 40 }),
        ...timeRows('matmul', 'ms', 1e3, entries.slice(2), results),
      ],
    };
  },
};
