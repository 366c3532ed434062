// How long does a·b + c over 10⁷ doubles take as an array expression, into an array that is there?
// Hypothesis: as long as by hand, as both wait for memory: the fused kernel reads three arrays and writes one, and nothing in between.
import { budgetRow } from './budgets.js';
import { holdContest } from './contest/contest.js';
import { javascript, numpyTs, python } from './contest/programs.js';
import type { Entry } from './contest/programs.js';
import type { Bench } from './harness/bench.js';
import { median, spreadOf } from './harness/statistics.js';
import { built, timeRows, timesOf } from './arrays/figures.js';

const n = 1e7;

export const axpy: Bench = {
  name: 'axpy',
  question: 'How long does a·b + c over 10⁷ doubles take as an array expression?',
  async run(say) {
    const byHand = javascript('SIMD WebAssembly by hand', built('wasm/axpy'), 'axpy', n);
    const onThreads = (threads: number): Entry => ({
      ...javascript(`array, ${threads} thread${threads === 1 ? '' : 's'}`, built('arrays/programs'), 'axpy', n),
      environment: { ...process.env, HEDDLE_THREADS: String(threads) },
    });
    const numpy = python('NumPy', 'numpy', 'axpy-numpy', n);
    const entries = [byHand, onThreads(1), onThreads(2), numpyTs(n, 'axpy'), numpy];
    const programs = entries.flatMap((entry) => ('absent' in entry ? [] : [entry]));
    const results = await holdContest(programs, { accept: (answer) => answer === 1.75, say, tries: 3 });
    const [hand, one] = [results[0], results[1]].map((result) => timesOf(result, 1)) as [number[], number[]];
    const ratios = one.map((time, round) => time / hand[round]!);
    return {
      rows: [
        budgetRow('axpy', 'multiplyAdd', { value: median(ratios), spread: spreadOf(ratios) }),
        ...timeRows('axpy', 'ms', 1e3, entries, results),
      ],
    };
  },
};
