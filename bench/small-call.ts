// What does it cost to compute a short array?
// Hypothesis: recording a product of ten elements, finding its kernel by name and calling it takes under 3 µs, most of it for the memory of
// the result.
import { holdContest } from './contest/contest.js';
import { javascript, numpyTs, python } from './contest/programs.js';
import { built, timeRows, timesOf } from './arrays/figures.js';
import { makeRow } from './harness/bench.js';
import type { Bench } from './harness/bench.js';
import { median, spreadOf } from './harness/statistics.js';

const n = 1e5;

export const smallCall: Bench = {
  name: 'small-call',
  question: 'What does it cost to compute a product of ten elements?',
  async run(say) {
    const entries = [
      javascript('array', built('arrays/programs'), 'smallCalls', n),
      numpyTs(n, 'smallCalls'),
      python('NumPy', 'numpy', 'small-numpy', n),
    ];
    const programs = entries.flatMap((entry) => ('absent' in entry ? [] : [entry]));
    const results = await holdContest(programs, { accept: (answer) => answer === 9, say, tries: 3 });
    const perCall = 1e6 / n;
    const times = timesOf(results[0], perCall);
    const value = median(times);
    const row = { name: 'small-call', what: 'a.mul(b) of ten elements, computed', unit: 'µs', value };
    return {
      rows: [
        makeRow({ ...row, spread: spreadOf(times), budget: '≤ 3 µs', holds: value <= 3 }),
        ...timeRows('small-call', 'µs', perCall, entries.slice(1), results),
      ],
    };
  },
};
