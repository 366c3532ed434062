// What does the ladder's table in the README say today? `npm run bench -- readme` prints it as Markdown, ready to be put there.
// Hypothesis: the table in the README differs from this one by noise alone.
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { makeRow } from './harness/bench.js';
import type { Bench } from './harness/bench.js';
import { command } from './harness/paths.js';
import { formatNumber, formatSeconds } from './harness/table.js';

interface Rung {
  readonly name: string;
  readonly median: number | null;
  readonly firstCall: number | null;
  readonly peakMemory: number | null;
  readonly speedup: number | null;
  readonly refused: string | null;
}

/** What `heddle` prints for some words. */
async function heddle(...words: string[]): Promise<string> {
  const child = spawn(process.execPath, [fileURLToPath(command), ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const printed = await text(child.stdout);
  const code = await ended;
  if (code !== 0) throw new Error(`heddle ${words.join(' ')} ended with exit code ${code}`);
  return printed;
}

export const readme: Bench = {
  name: 'readme',
  question: 'What does the table of the ladder in the README say today?',
  async run(say) {
    say('heddle pi 1e7');
    const { rungs } = JSON.parse(await heddle('pi', '1e7', '--json')) as { rungs: readonly Rung[] };
    // `--code` heads each program with a line `// NAME: as in Python, …`.
    const heads = (await heddle('pi', '--code')).matchAll(/^\/\/ (.+): as in Python, (.+)$/gm);
    const asInPython = new Map([...heads].map(([, name, python]) => [name, python]));

    const plain = rungs.find(({ name }) => name === 'plain')?.median ?? null;
    const rows = rungs.map(({ name, median, refused }) =>
      makeRow({
        name: 'readme',
        what: `${name}, 10⁷ points`,
        unit: 'ms',
        value: median === null ? null : median * 1e3,
        ...(plain !== null && { reference: plain * 1e3, against: 'plain' }),
        note: refused,
      }),
    );
    const lines = rungs.map(({ name, median, firstCall, peakMemory, speedup }) => {
      const cells = [
        `\`${name}\``,
        asInPython.get(name) ?? '–',
        median === null ? '–' : formatSeconds(median),
        firstCall === null ? '–' : formatSeconds(firstCall),
        peakMemory === null ? '–' : `+${Math.round(peakMemory / 2 ** 20)} MiB`,
        speedup === null ? '–' : `${formatNumber(speedup)}×`,
      ];
      return `| ${cells.join(' | ')} |`;
    });
    const head = ['rung', 'as in Python', 'time', 'first call', 'memory', 'against plain'];
    return { rows, text: [`| ${head.join(' | ')} |`, `|${'---|'.repeat(head.length)}`, ...lines].join('\n') };
  },
};
