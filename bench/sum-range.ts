// What does a call of the compiled sum of 0 … 10⁷ − 1 cost?
// Hypothesis: as long as the loop is run, about as much as in plain JavaScript, as each addition waits for the one before; once such sums
// get a closed form, no more than the call itself.
import { budgetRow } from './budgets.js';
import { holdContest } from './contest/contest.js';
import { javascript } from './contest/programs.js';
import type { Bench } from './harness/bench.js';
import { example } from './harness/paths.js';
import { median, spreadOf } from './harness/statistics.js';
import { calls } from './sum/many-calls.js';

const n = 1e7;

export const sumRange: Bench = {
  name: 'sum-range',
  question: 'How long does a compiled sum over a range of 10⁷ take, a call?',
  async run(say) {
    const programs = [
      javascript('plain', example('sum/plain'), 'sumRange', n),
      javascript('jit', new URL('./sum/many-calls.js', import.meta.url), 'sumRangeOften', n),
    ];
    const results = await holdContest(programs, { accept: (answer) => answer === (n * (n - 1)) / 2, say });
    const refused = results.find((result) => result.refused !== null);
    if (refused) throw new Error(`${refused.program.name} ${refused.refused}`);
    const [plain, often] = results.map(({ seconds }) => seconds.map((time) => time * 1e9));
    const jit = often!.map((time) => time / calls);
    const measured = { value: median(jit), spread: spreadOf(jit), against: 'plain', reference: median(plain!) };
    return { rows: [budgetRow('sum-range', 'jitSum', measured)] };
  },
};
