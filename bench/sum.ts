// How long does the sum of 10⁷ doubles in memory take?
// Hypothesis: sixteen partial sums keep both adders busy, so that it waits for memory alone, where the loop waits for each addition.
import { holdContest } from './contest/contest.js';
import { javascript, numpyTs, python } from './contest/programs.js';
import { built, timeRows, timesOf } from './arrays/figures.js';
import { makeRow } from './harness/bench.js';
import type { Bench } from './harness/bench.js';
import { median, spreadOf } from './harness/statistics.js';

const n = 1e7;

export const sum: Bench = {
  name: 'sum',
  question: 'How long does the sum of 10⁷ doubles in memory take?',
  async run(say) {
    const program = built('arrays/programs');
    const entries = [
      javascript('array', program, 'sum', n),
      javascript('plain loop', program, 'sumPlain', n),
      numpyTs(n, 'sum'),
      python('NumPy', 'numpy', 'sum-numpy', n),
    ];
    const programs = entries.flatMap((entry) => ('absent' in entry ? [] : [entry]));
    // Random numbers of both signs: their sum is far below their number.
    const accept = (answer: number): boolean => Math.abs(answer) < 10 * Math.sqrt(n);
    const results = await holdContest(programs, { accept, say, tries: 3 });
    const times = timesOf(results[0], 1e3);
    const value = median(times);
    const row = { name: 'sum', what: 'sum of 10⁷ doubles', unit: 'ms', value, spread: spreadOf(times) };
    const budget = { budget: '≤ 2.5 ms', holds: value <= 2.5 };
    return { rows: [makeRow({ ...row, ...budget }), ...timeRows('sum', 'ms', 1e3, entries.slice(1), results)] };
  },
};
