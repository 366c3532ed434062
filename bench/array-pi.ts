// What does π cost as an array expression, against the compiled loop on as many threads?
// Hypothesis: the expression becomes one kernel that draws, squares, adds and counts without storing anything, so that it takes the time of
// the loop, and no memory but that of the code.
import { compare } from 'heddle/measure';
import { budgetRow } from './budgets.js';
import { holdContest, isNearPi } from './contest/contest.js';
import { javascript } from './contest/programs.js';
import { timesOf } from './arrays/figures.js';
import type { Bench } from './harness/bench.js';
import { example } from './harness/paths.js';
import { median, spreadOf } from './harness/statistics.js';

const n = 1e7;

export const arrayPi: Bench = {
  name: 'array-pi',
  question: 'What does π cost as an array expression, against the compiled loop on as many threads?',
  async run(say) {
    const programs = ['jit-parallel', 'array'].map((rung) => javascript(rung, example(`pi/${rung}`), 'calcPi', n));
    const results = await holdContest(programs, { accept: isNearPi, say, tries: 3 });
    const [loop, array] = results.map((result) => timesOf(result, 1e3)) as [number[], number[]];
    const ratios = array.map((time, round) => time / loop[round]!);
    const { candidates } = await compare(
      { array: new URL('#calcPi', example('pi/array')) },
      { args: [n], agree: false, loops: 1, runs: 1, onProgress: ({ candidate, step }) => say(`${candidate}: ${step}`) },
    );
    const [{ peakMemory, refused }] = candidates as [(typeof candidates)[number]];
    if (typeof peakMemory !== 'number') throw new Error(refused ?? 'the memory of the rung is not known');
    return {
      rows: [
        budgetRow('array-pi', 'arrayTime', { value: median(ratios), spread: spreadOf(ratios) }),
        budgetRow('array-pi', 'arrayMemory', { value: peakMemory / 1e6 }),
      ],
    };
  },
};
