// The p-values of a run as the tables of docs/random-quality.md: what stands between the marks of the page is written anew, arrangement by
// arrangement, and the prose around them is left alone.
import type { Arrangement } from './arrangements.js';

export interface Row {
  readonly arrangement: string;
  readonly seed: bigint;
  readonly test: string;
  readonly number: number;
  readonly size: number;
  readonly p: number;
  readonly verdict: string;
}

const markOf = (name: string): [string, string] => [`<!-- ${name} -->`, `<!-- end of ${name} -->`];

/** The page with new tables for the arrangements that `rows` are of. */
export function writeReport(
  page: string,
  arrangements: readonly Arrangement[],
  rows: readonly Row[],
  seed: bigint,
): string {
  return arrangements.reduce((text, { name, tells }) => {
    const own = rows.filter(({ arrangement }) => arrangement === name);
    if (own.length === 0) return text;
    const [start, end] = markOf(name);
    const section = [start, '', ...sectionOf(name, tells, own, seed), '', end].join('\n');
    const [from, to] = [text.indexOf(start), text.indexOf(end)];
    return from < 0 ? `${text.trimEnd()}\n\n${section}\n` : text.slice(0, from) + section + text.slice(to + end.length);
  }, page);
}

function sectionOf(name: string, tells: string, rows: readonly Row[], seed: bigint): string[] {
  const first = rows.filter((row) => row.seed === seed);
  const weak = first.filter(({ verdict }) => verdict === 'WEAK');
  const failed = rows.filter(({ verdict }) => verdict === 'FAILED');
  const lines = [
    `### \`${name}\`: ${tells}`,
    '',
    `Seed ${seed}: ${first.length} p-values, ${weak.length} weak where ${(first.length / 100).toFixed(1)} are expected, ${failed.length} failed.`,
    '',
    '| test | n | p | verdict |',
    '| --- | --- | --- | --- |',
    ...first.map((row) => `| ${row.test} (-d ${row.number}) | ${row.size} | ${row.p.toFixed(8)} | ${row.verdict} |`),
  ];
  const again = rows.filter((row) => row.seed !== seed);
  if (again.length === 0) return lines;
  const weakTests = new Set([...weak, ...failed].map(({ test, size }) => `${test} ${size}`));
  return [
    ...lines,
    '',
    'The weak ones with other seeds:',
    '',
    '| test | n | seed | p | verdict |',
    '| --- | --- | --- | --- | --- |',
    ...again
      .filter(({ test, size }) => weakTests.has(`${test} ${size}`))
      .map(
        (row) =>
          `| ${row.test} (-d ${row.number}) | ${row.size} | ${row.seed} | ${row.p.toFixed(8)} | ${row.verdict} |`,
      ),
  ];
}
