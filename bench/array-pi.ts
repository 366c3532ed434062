// What does π cost as an array expression, against the compiled loop on as many threads?
// Hypothesis: the expression becomes one kernel that draws, squares, adds and counts without storing anything, so that it takes the time of
// the loop, and no memory but that of the code.
import { compare } from 'heddle/measure';
import { budgetRow } from './budgets.js';
import { holdContest, isNearPi } from './contest/contest.js';
import { javascript, numpyTs, python } from './contest/programs.js';
import { built, timeRows, timesOf } from './arrays/figures.js';
import { makeRow } from './harness/bench.js';
import type { Bench } from './harness/bench.js';
import { example } from './harness/paths.js';
import { median, spreadOf } from './harness/statistics.js';

const n = 1e7;
const manyPoints = 1e9;

export const arrayPi: Bench = {
  name: 'array-pi',
  question: 'What does π cost as an array expression, against the compiled loop on as many threads?',
  async run(say) {
    const entries = [
      ...['jit-parallel', 'array'].map((rung) => javascript(rung, example(`pi/${rung}`), 'calcPi', n)),
      numpyTs(n),
      python('NumPy', 'numpy', 'pi-numpy', n),
    ];
    const programs = entries.flatMap((entry) => ('absent' in entry ? [] : [entry]));
    const results = await holdContest(programs, { accept: isNearPi, say, tries: 3 });
    const [loop, array] = results.map((result) => timesOf(result, 1e3)) as [number[], number[]];
    const ratios = array.map((time, round) => time / loop[round]!);
    const warm = built('arrays/warm-pi');
    const peaks = { few: await peakOf(warm, n, say), many: await peakOf(warm, manyPoints, say) };
    const fresh = await peakOf(example('pi/array'), n, say);
    const unit = 'MB';
    const what = 'array π at 10⁹: memory above the start';
    return {
      rows: [
        budgetRow('array-pi', 'arrayTime', { value: median(ratios), spread: spreadOf(ratios) }),
        budgetRow('array-pi', 'arrayMemory', { value: peaks.few }),
        makeRow({ name: 'array-pi', what, unit, value: peaks.many, budget: '< 16 MB', holds: peaks.many < 16 }),
        makeRow({
          name: 'array-pi',
          what: 'at 10⁷ with all that its first call starts, threads too',
          unit,
          value: fresh,
        }),
        ...timeRows('array-pi', 'ms', 1e3, entries, results),
      ],
    };
  },
};

/**
 * Megabytes that the first call of `calcPi` takes above what its process had before. The start that budgets speak of is a process whose team
 * has its threads and nothing to do: a thread of Node takes nine megabytes by itself, whatever it runs.
 */
async function peakOf(module: URL, points: number, say: (step: string) => void): Promise<number> {
  const { candidates } = await compare(
    { array: new URL('#calcPi', module) },
    {
      args: [points],
      agree: false,
      loops: 1,
      runs: 1,
      onProgress: ({ candidate, step }) => say(`${candidate}: ${step}`),
    },
  );
  const [{ peakMemory, refused }] = candidates as [(typeof candidates)[number]];
  if (typeof peakMemory !== 'number') throw new Error(refused ?? 'the memory of the rung is not known');
  return peakMemory / 1e6;
}
