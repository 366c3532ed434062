// Which of the sixteen systems of the lesson that heddle follows does heddle have, and does each beat the figures given for it?
// A row holds when ours beats every figure of its line and nothing of it is missing. Hypothesis: before arrays, jit and threads, the
// plain loop holds and the measuring tools are there; whole-array steps written by hand do not beat NumPy.
import type { Bench } from './harness/bench.js';
import { renderTable, yesOrNo } from './harness/table.js';
import { judgeFigures } from './seed/judge.js';
import type { Line } from './seed/judge.js';
import { measureFigures } from './seed/measure.js';
import { seedRows } from './seed/rows.js';
import { judgeByShowing } from './seed/show.js';

export const seed: Bench = {
  name: 'seed',
  question: 'Which rows of the lesson that heddle follows hold, at its own sizes?',
  async run(say) {
    const figures = seedRows.flatMap((row) => row.figures);
    const measured = await measureFigures(figures, say);
    const lines: Line[] = [];
    for (const row of seedRows) {
      say(`row ${row.number}`);
      lines.push(row.figures.length > 0 ? judgeFigures(row, measured) : await judgeByShowing(row));
    }
    return { rows: lines.flatMap(({ data }) => data), text: toText(lines) };
  },
};

function toText(lines: readonly Line[]): string {
  const table = renderTable(
    [
      { title: 'row', align: 'right', cell: ({ row }: Line) => String(row.number) },
      { title: 'there', width: 28, cell: ({ row }) => row.system },
      { title: 'source', width: 17, cell: ({ source }) => source },
      { title: 'here', width: 30, cell: ({ here }) => here },
      { title: 'ours now', width: 40, cell: ({ ours }) => ours },
      { title: 'holds', cell: ({ holds }) => yesOrNo(holds) },
    ],
    lines,
  );
  const count = lines.filter(({ holds }) => holds).length;
  return [
    table,
    '',
    `${count} of ${lines.length} rows hold.`,
    'source: the figures of the lesson, mean of 7 runs on the machine of its author.',
    'here: the same Python programs on a 2-core Zen 5, minimum; (now …): in this run, minimum of 7.',
    'ours now: mean of 7 runs, compared with source; their minimum is compared with here and now.',
  ].join('\n');
}
