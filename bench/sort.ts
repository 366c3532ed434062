// How long does it take to bring 10⁶ random doubles into order?
// Hypothesis: eight passes over digits of 8 bits take some 3 ns an element each, halved by a second thread, where the built-in sort compares
// each element some twenty times with another one.
import { budgetRow } from './budgets.js';
import { holdContest } from './contest/contest.js';
import { javascript, numpyTs, python } from './contest/programs.js';
import { built, timeRows, timesOf } from './arrays/figures.js';
import type { Bench } from './harness/bench.js';
import { median, spreadOf } from './harness/statistics.js';

const n = 1e6;

export const sort: Bench = {
  name: 'sort',
  question: 'How long does it take to bring 10⁶ random doubles into order?',
  async run(say) {
    const program = built('arrays/programs');
    const entries = [
      javascript('array', program, 'sortArray', n),
      javascript('Float64Array.prototype.sort', program, 'sortBuiltin', n),
      numpyTs(n, 'sortArray'),
      python('NumPy', 'numpy', 'sort-numpy', n),
    ];
    const programs = entries.flatMap((entry) => ('absent' in entry ? [] : [entry]));
    // Uniform between −1 and 1: the one in the middle is near 0.
    const results = await holdContest(programs, { accept: (answer) => Math.abs(answer) < 0.01, say, tries: 3 });
    const [ours, builtin] = [results[0], results[1]].map((result) => timesOf(result, 1)) as [number[], number[]];
    if (results[0]!.first?.answer !== results[1]!.first?.answer) throw new Error('the sorts disagree');
    const ratios = builtin.map((time, round) => time / ours[round]!);
    return {
      rows: [
        budgetRow('sort', 'sort', { value: median(ratios), spread: spreadOf(ratios) }),
        ...timeRows('sort', 'ms', 1e3, entries, results),
      ],
    };
  },
};
