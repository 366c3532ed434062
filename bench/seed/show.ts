// The rows that have no figure to beat: what heddle shows for them now, or what is missing.
import { readFileSync, readdirSync } from 'node:fs';
import { jit, memit, time, timeit } from 'heddle';
import { makeRow } from '../harness/bench.js';
import { describeMissing } from '../harness/missing.js';
import { example, inRepository } from '../harness/paths.js';
import { formatSeconds } from '../harness/table.js';
import type { Line } from './judge.js';
import type { SeedRow } from './rows.js';

interface Shown {
  readonly ours: string;
  readonly holds: boolean;
}

export async function judgeByShowing(row: SeedRow): Promise<Line> {
  const { source, here } = row.context ?? { source: '–', here: '–' };
  const missing = row.missing && { ours: describeMissing(row.missing), holds: false };
  const { ours, holds } = missing ?? (await shows[row.shown!]());
  const what = `row ${row.number}: ${row.system}`;
  return { row, source, here, ours, holds, data: [makeRow({ name: 'seed', what, unit: '', holds, note: ours })] };
}

const shows: Record<NonNullable<SeedRow['shown']>, () => Promise<Shown>> = {
  strict() {
    const shout = jit((n: number) => Number(String(n)));
    try {
      shout(1);
    } catch (error) {
      const [summary] = (error as Error).message.split('\n');
      return Promise.resolve({ ours: `jit refuses what it cannot compile: ${summary}`, holds: true });
    }
    return Promise.resolve({ ours: 'jit ran what it cannot compile', holds: false });
  },

  async timeit() {
    const { calcPi } = (await import(example('pi/plain').href)) as { calcPi: (n: number) => number };
    const line = String(await timeit(calcPi, { args: [1e6], loops: 10 }))
      .split('\n')
      .at(-1);
    const { wall } = await time(calcPi, { args: [1e6] });
    return { ours: `timeit: ${line}; time: Wall time: ${formatSeconds(wall)}`, holds: true };
  },

  async memit() {
    const use = await memit(() => new Float64Array(1e7).fill(1).length);
    return { ours: `memit of an array of 80 MB: ${String(use)}`, holds: true };
  },

  lesson() {
    const folder = inRepository('docs/lesson/');
    const pages = readdirSync(folder)
      .filter((file) => /^\d\d-.*\.md$/.test(file))
      .map((file) => readFileSync(new URL(file, folder), 'utf8'));
    const minutes = (field: string): number =>
      pages.reduce((sum, page) => sum + Number(new RegExp(`^${field}: *(\\d+)`, 'm').exec(page)?.[1] ?? 0), 0);
    const count = pages.length === 1 ? '1 page' : `${pages.length} pages`;
    const there = `${count} in docs/lesson, ${minutes('teaching')} min teaching, ${minutes('exercises')} min exercises`;
    const missing = describeMissing({ part: 'heddle lesson', command: 'lesson' });
    return Promise.resolve({ ours: `${there}; ${missing}`, holds: false });
  },
};
