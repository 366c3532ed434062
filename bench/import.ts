// What does importing heddle add to the start of a program?
// Hypothesis: ten files, whose text the engine reads once and compiles when it is called: 20 of the 50 ms allowed, with Node's own start
// about 40 ms.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { budgetRow } from './budgets.js';
import { makeRow } from './harness/bench.js';
import type { Bench } from './harness/bench.js';
import { root } from './harness/paths.js';
import { median, spreadOf } from './harness/statistics.js';

const rounds = 15;

/** Milliseconds from the start of a fresh Node to its end. */
function timeProgram(code: string): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: fileURLToPath(root), // a package may import itself by name
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`node --eval ${JSON.stringify(code)} failed: ${stderr}`);
  return performance.now() - start;
}

export const importing: Bench = {
  name: 'import',
  question: 'What does importing heddle add to the start of a program?',
  async run(say) {
    const programs = { nothing: '', heddle: `import 'heddle';`, measure: `import 'heddle/measure';` };
    const times: Record<keyof typeof programs, number[]> = { nothing: [], heddle: [], measure: [] };
    for (const code of Object.values(programs)) timeProgram(code); // files into the system's cache
    for (let round = 0; round < rounds; round++) {
      say(`round ${round + 1} of ${rounds}`);
      const order = Object.keys(programs) as (keyof typeof programs)[];
      for (const name of round % 2 === 0 ? order : order.toReversed()) times[name].push(timeProgram(programs[name]));
    }
    const added = (name: 'heddle' | 'measure'): number[] =>
      times[name].map((time, round) => time - times.nothing[round]!);
    const figures = (name: 'heddle' | 'measure') => ({
      value: median(added(name)),
      spread: spreadOf(added(name)),
      reference: median(times.nothing),
      against: 'the start of Node alone',
    });
    const rows = [
      budgetRow('import', 'import', figures('heddle')),
      makeRow({ name: 'import', what: 'import of heddle/measure alone', unit: 'ms', ...figures('measure') }),
    ];
    return { rows };
  },
};
