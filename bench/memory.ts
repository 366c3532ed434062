// What does storing every intermediate array cost in memory?
// Hypothesis: π of 10⁷ points as whole-array steps holds its points (160 MB), then their squares (160 MB) and some of the rest at once,
// so that its peak is at least 150 MB above that of the plain loop, which stores nothing.
import { compare } from 'heddle/measure';
import { budgetRow } from './budgets.js';
import { makeRow } from './harness/bench.js';
import type { Bench, Row } from './harness/bench.js';
import { example } from './harness/paths.js';
import { holdContest, isNearPi } from './contest/contest.js';
import { python } from './contest/programs.js';

const n = 1e7;
const megabyte = 1e6;

export const memory: Bench = {
  name: 'memory',
  question: 'How far does memory rise for π of 10⁷ points?',
  async run(say) {
    const urlOf = (rung: string): URL => new URL('#calcPi', example(`pi/${rung}`));
    const { candidates } = await compare(
      { plain: urlOf('plain'), vectorized: urlOf('vectorized') },
      // The peak is that of the first call in a fresh process; the timed run that has to follow is not used.
      { args: [n], agree: false, loops: 1, runs: 1, onProgress: ({ candidate, step }) => say(`${candidate}: ${step}`) },
    );
    const [plain, vectorized] = candidates.map(({ peakMemory }) => peakMemory);
    if (typeof plain !== 'number' || typeof vectorized !== 'number') {
      const refused = candidates.find(({ refused: reason }) => reason !== null)?.refused;
      throw new Error(refused ?? 'the memory of the rungs is not known');
    }
    const reference = plain / megabyte;
    const rows = [
      makeRow({ name: 'memory', what: 'plain, above its start', unit: 'MB', value: reference }),
      budgetRow('memory', 'memory', { value: (vectorized - plain) / megabyte, reference, against: 'plain' }),
      await numpyRow(reference, say),
    ];
    return { rows };
  },
};

async function numpyRow(reference: number, say: (step: string) => void): Promise<Row> {
  const entry = python('NumPy', 'numpy', 'pi-numpy', n);
  const row = { name: 'memory', what: `${entry.name}, above its start`, unit: 'MB' };
  if ('absent' in entry) return makeRow({ ...row, note: entry.absent });
  const [result] = await holdContest([entry], { rounds: 0, warmUps: 0, accept: isNearPi, say });
  const bytes = result?.first?.memory;
  if (bytes === undefined) return makeRow({ ...row, note: result?.refused ?? 'this system does not tell' });
  return makeRow({ ...row, value: bytes / megabyte, reference, against: 'plain' });
}
