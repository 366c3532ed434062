// What the benches of arrays share: where their built programs lie, and rows of times.
import { makeRow } from '../harness/bench.js';
import type { Row } from '../harness/bench.js';
import type { Result } from '../contest/contest.js';
import type { Entry } from '../contest/programs.js';
import { inRepository } from '../harness/paths.js';
import { median, spreadOf } from '../harness/statistics.js';

/** A module of the benches, as built. */
export const built = (name: string): URL => inRepository(`build/bench/${name}.js`);

/** Seconds of a result in another unit; an error where it was refused. */
export function timesOf(result: Result | undefined, perSecond: number): number[] {
  if (result === undefined || result.refused !== null)
    throw new Error(`${result?.program.name ?? 'a program'} ${result?.refused ?? 'did not run'}`);
  return result.seconds.map((time) => time * perSecond);
}

/** One row for each entry: its time, or why there is none. */
export function timeRows(
  name: string,
  unit: string,
  perSecond: number,
  entries: readonly Entry[],
  results: readonly Result[],
): Row[] {
  return entries.map((entry) => {
    const row = { name, what: entry.name, unit };
    if ('absent' in entry) return makeRow({ ...row, note: entry.absent });
    const { seconds, refused } = results.find(({ program }) => program === entry)!;
    if (refused !== null) return makeRow({ ...row, note: refused });
    const times = seconds.map((time) => time * perSecond);
    return makeRow({ ...row, value: median(times), spread: spreadOf(times) });
  });
}
