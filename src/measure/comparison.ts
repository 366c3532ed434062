// What a comparison found, and its table.
import { formatCount, formatMebibytes, formatSignificant, formatTime } from '../base/format.js';
import { Printable } from '../base/printable.js';
import { renderTable } from '../base/text-table.js';
import type { Column } from '../base/text-table.js';
import type { Interval } from './statistics.js';
import type { Timing } from './timeit.js';

/** One candidate's results. Where `refused` is a reason, it gave no result that could be used, and the figures are null. */
export interface CandidateResult {
  readonly name: string;
  /** What its first call returned; undefined with `agree: false`. */
  readonly answer: unknown;
  /** Its own two first answers differ, so they were not compared with the others'. */
  readonly random: boolean;
  /** Its first call changed its arguments, and there was no `setup` to make new ones: later calls had other input. */
  readonly changedArguments: boolean;
  readonly timing: Timing | null;
  /** Bytes that its first call needed above what was resident before; null where it is not known. */
  readonly peakMemory: number | null;
  /** How many times as fast as the reference, round by round. */
  readonly speedup: Interval | null;
  /** Why there are no figures, or null: it threw, hung, ended, or gave another answer. */
  readonly refused: string | null;
}

/** A comparison's results, in the order in which the candidates were given. Prints as a table. */
export class Comparison extends Printable {
  readonly candidates: readonly CandidateResult[];
  /** `fresh processes`, or `this process`, where candidates can spoil each other's optimised code. */
  readonly where: 'fresh processes' | 'this process';

  constructor(candidates: readonly CandidateResult[], where: Comparison['where']) {
    super();
    this.candidates = candidates;
    this.where = where;
  }

  toString(): string {
    const table = renderTable(comparisonColumns, this.candidates, { width: Infinity });
    const lines = [table, ...notes(this.candidates)];
    if (this.where === 'this process') {
      lines.push(
        'Measured in one process, where candidates can spoil each other’s optimised code; give a module’s URL for a fresh process each.',
      );
    }
    return lines.join('\n');
  }
}

/** `2.41×`, and with an interval `2.41× (2.38–2.45)`; where the ends print alike, only one number. */
export function formatSpeedup({ median, low, high }: Interval): string {
  // 1.23e+03× is no figure to read.
  const show = (ratio: number): string =>
    ratio < 999.5 ? formatSignificant(ratio, 3) : formatCount(Math.round(ratio));
  const [shown, from, to] = [show(median), show(low), show(high)];
  return from === to ? `${shown}×` : `${shown}× (${from}–${to})`;
}

const showTiming = (timing: Timing | null, show: (timing: Timing) => string): string => (timing ? show(timing) : '–');

/** The columns that every table of candidates has, in order; a front end may put its own among them. */
export const comparisonColumns = [
  { title: 'name', cell: (result) => result.name },
  {
    title: 'mean ± std',
    align: 'right',
    cell: ({ timing }) => showTiming(timing, ({ mean, std }) => `${formatTime(mean)} ± ${formatTime(std)}`),
  },
  { title: 'min', align: 'right', cell: ({ timing }) => showTiming(timing, ({ min }) => formatTime(min)) },
  {
    title: 'first call',
    align: 'right',
    cell: ({ timing }) => showTiming(timing, ({ firstCall }) => formatTime(firstCall)),
  },
  {
    title: 'peak memory',
    align: 'right',
    cell: (result) =>
      result.peakMemory === null || result.refused !== null ? '–' : `+${formatMebibytes(result.peakMemory)}`,
  },
  { title: 'speed-up', align: 'right', cell: (result) => (result.speedup ? formatSpeedup(result.speedup) : '–') },
] satisfies readonly Column<CandidateResult>[];

/** What a table cannot hold: why candidates were refused, and which runs were not steady. A line each, or more where a reason has more. */
export function notes(candidates: readonly CandidateResult[]): string[] {
  return candidates.flatMap(({ name, refused, random, changedArguments, timing }) => {
    const lines: string[] = [];
    if (refused !== null) lines.push(`${name}: ${refused.replaceAll('\n', '\n  ')}`);
    if (random) lines.push(`${name}: gives another answer each time, so its answer was not compared`);
    if (changedArguments) {
      lines.push(`${name}: changes its arguments, so later calls had other input than the first; give setup`);
    }
    if (timing?.note) lines.push(`${name}: ${timing.note}`);
    return lines;
  });
}
