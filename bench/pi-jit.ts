// How near does the compiled loop of π come to what this machine can do in WebAssembly?
// Hypothesis: scalar code without branches is a few times as fast as plain JavaScript; only SIMD over the sixteen logical lanes of a
// block (docs/random.md, 8) can reach the hand-written module, which has the same generator.
import { budgetRow } from './budgets.js';
import { holdContest, isNearPi } from './contest/contest.js';
import { javascript } from './contest/programs.js';
import { makeRow } from './harness/bench.js';
import type { Bench } from './harness/bench.js';
import { example } from './harness/paths.js';
import { median, spreadOf } from './harness/statistics.js';

const n = 1e7;

export const piJit: Bench = {
  name: 'pi-jit',
  question:
    'How fast is the compiled loop of π on one thread, against plain JavaScript and against WebAssembly by hand?',
  async run(say) {
    const programs = [
      javascript('plain', example('pi/plain'), 'calcPi', n),
      javascript('jit', example('pi/jit'), 'calcPi', n),
      javascript('SIMD WebAssembly by hand', new URL('./wasm/pi.js', import.meta.url), 'calcPi', n),
    ];
    const results = await holdContest(programs, { accept: isNearPi, say, rounds: 7, tries: 2 });
    const refused = results.find((result) => result.refused !== null);
    if (refused) throw new Error(`${refused.program.name} ${refused.refused}`);
    const [plain, jit, hand] = results.map(({ seconds }) => seconds.map((time) => (time / n) * 1e9));
    const speedups = plain!.map((time, round) => time / jit![round]!);
    const nearness = jit!.map((time, round) => time / hand![round]!);
    return {
      rows: [
        budgetRow('pi-jit', 'jitPi', { value: median(speedups), spread: spreadOf(speedups) }),
        makeRow({
          name: 'pi-jit',
          what: 'jit π: its time, in times of SIMD WebAssembly by hand',
          unit: '×',
          value: median(nearness),
          spread: spreadOf(nearness),
          budget: '≤ 1.15 ×',
          holds: median(nearness) <= 1.15,
        }),
      ],
    };
  },
};
