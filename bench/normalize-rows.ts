// How long does it take to divide every row of a matrix by its length?
// Hypothesis: two passes, as the length of a row is known only after its last element: one reads, one reads and writes, and nothing else
// is stored, where whole-array steps also write the squares and read them again.
import { holdContest } from './contest/contest.js';
import { javascript, numpyTs, python } from './contest/programs.js';
import { built, timeRows } from './arrays/figures.js';
import type { Bench } from './harness/bench.js';

const n = 2000;

export const normalizeRows: Bench = {
  name: 'normalize-rows',
  question: 'How long does it take to divide each of 2000 rows of 2000 doubles by its length?',
  async run(say) {
    const program = built('arrays/programs');
    const entries = [
      javascript('array', program, 'normalizeRows', n),
      javascript('plain loop', program, 'normalizeRowsPlain', n),
      numpyTs(n, 'normalizeRows'),
      python('NumPy', 'numpy', 'normalize-numpy', n),
    ];
    const programs = entries.flatMap((entry) => ('absent' in entry ? [] : [entry]));
    const accept = (answer: number): boolean => Math.abs(answer - 1) < 1e-12;
    const results = await holdContest(programs, { accept, say, tries: 3 });
    return { rows: timeRows('normalize-rows', 'ms', 1e3, entries, results) };
  },
};
