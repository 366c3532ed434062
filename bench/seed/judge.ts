// Holds a row's measured figures against those given for it, and says the result as one line of the report and as rows of data.
import { makeRow } from '../harness/bench.js';
import type { Row } from '../harness/bench.js';
import { describeMissing } from '../harness/missing.js';
import { formatNumber, formatSeconds } from '../harness/table.js';
import type { Measured } from './measure.js';
import type { Figure, SeedRow } from './rows.js';

export interface Line {
  readonly row: SeedRow;
  readonly source: string;
  readonly here: string;
  readonly ours: string;
  readonly holds: boolean;
  readonly data: readonly Row[];
}

const show = (kind: Figure['kind'], value: number): string =>
  kind === 'time' ? formatSeconds(value) : `+${formatNumber(value / 2 ** 20)} MiB`;

const listed = (texts: readonly string[]): string => texts.filter((text) => text !== '').join('; ') || '–';

/** Ours must beat the source by its mean, and what was measured here, then or now, by its minimum; with nothing missing. */
function beatsAll({ source, here, missing }: Figure, { ours, peer }: Measured): boolean {
  if (missing !== undefined || ours === undefined) return false;
  return ours.mean < (source ?? Infinity) && ours.min < Math.min(here ?? Infinity, peer ?? Infinity);
}

export function judgeFigures(row: SeedRow, measured: ReadonlyMap<Figure, Measured>): Line {
  const { figures } = row;
  const of = (figure: Figure): Measured => measured.get(figure) ?? {};
  const label = ({ what }: Figure): string => (what === undefined ? '' : `${what} `);
  const source = figures.map((figure) =>
    figure.source === null ? '' : label(figure) + show(figure.kind, figure.source),
  );
  const here = figures.map((figure) => {
    const { peer } = of(figure);
    const then = figure.here === null ? '' : show(figure.kind, figure.here);
    const now = peer === undefined ? '' : `(now ${show(figure.kind, peer)})`;
    const both = [then, now].filter((text) => text !== '').join(' ');
    return both === '' ? '' : label(figure) + both;
  });
  const ours = figures.map((figure) => {
    const { ours: found } = of(figure);
    if (found === undefined) return '';
    // In place of a missing part stands the nearest thing that there is.
    const manner = figure.missing === undefined ? '' : 'by hand ';
    return label(figure) + manner + show(figure.kind, found.mean);
  });
  const missing = new Set(figures.flatMap((figure) => (figure.missing ? [describeMissing(figure.missing)] : [])));
  return {
    row,
    source: listed(source),
    here: listed(here),
    ours: listed([...ours, ...missing]),
    holds: figures.every((figure) => beatsAll(figure, of(figure))),
    data: figures.map((figure) => toData(row, figure, of(figure))),
  };
}

function toData(row: SeedRow, figure: Figure, measured: Measured): Row {
  const { kind, what, source, here, missing } = figure;
  const { ours, peer } = measured;
  const scale = kind === 'time' ? 1 : 2 ** -20;
  const targets = [source, here, peer].filter((target) => typeof target === 'number');
  return makeRow({
    name: 'seed',
    what: `row ${row.number}: ${row.system}${what === undefined ? '' : ` (${what})`}`,
    unit: kind === 'time' ? 's' : 'MiB',
    value: ours === undefined ? null : ours.mean * scale,
    ...(peer !== undefined && { reference: peer * scale, against: 'Python now' }),
    ...(targets.length > 0 && {
      budget: `< ${show(kind, Math.min(...targets))}`,
      holds: beatsAll(figure, measured),
    }),
    note: missing === undefined ? null : describeMissing(missing),
  });
}
