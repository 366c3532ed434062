// Rows as a table for a terminal or a log: columns as wide as their longest cell, or as the column allows, with words wrapped.
import type { Row } from './bench.js';

export interface Column<T> {
  readonly title: string;
  readonly align?: 'right';
  /** Characters at most; longer cells go on below. */
  readonly width?: number;
  readonly cell: (row: T) => string;
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** A column in which every cell is empty is left out. */
export function renderTable<T>(columns: readonly Column<T>[], rows: readonly T[]): string {
  const drawn = columns
    .map(({ title, align, width = Infinity, cell }) => {
      const cells = rows.map((row) => wrap(cell(row), width));
      return { align, cells: [[title], ...cells], isEmpty: cells.every((lines) => lines.join('') === '') };
    })
    .filter(({ isEmpty }) => !isEmpty)
    .map((column) => ({ ...column, width: Math.max(...column.cells.flat().map(({ length }) => length)) }));
  const lines: string[] = [];
  for (let row = 0; row <= rows.length; row++) {
    const height = Math.max(...drawn.map(({ cells }) => cells[row]!.length));
    for (let k = 0; k < height; k++) {
      const texts = drawn.map(({ cells, align, width }) => {
        const text = cells[row]![k] ?? '';
        return align === 'right' ? text.padStart(width) : text.padEnd(width);
      });
      lines.push(texts.join('  ').trimEnd());
    }
  }
  return lines.join('\n');
}

/** Three significant digits, without an exponent. */
export const formatNumber = (value: number): string => {
  const rounded = Number(value.toPrecision(3));
  return Math.abs(rounded) < 1e-6 ? String(rounded) : rounded.toLocaleString('en-US', { maximumSignificantDigits: 3 });
};

/** Seconds in the unit that suits them: `25.2 ms`. */
export function formatSeconds(seconds: number): string {
  const [scale, unit] =
    seconds >= 1 ? [1, 's'] : seconds >= 1e-3 ? [1e3, 'ms'] : seconds >= 1e-6 ? [1e6, 'µs'] : [1e9, 'ns'];
  return `${formatNumber(seconds * scale)} ${unit}`;
}

export const yesOrNo = (holds: boolean | null): string => (holds === null ? '' : holds ? 'yes' : 'no');

const columns: readonly Column<Row>[] = [
  { title: 'what', width: 62, cell: ({ what }) => what },
  {
    title: 'value',
    align: 'right',
    cell: ({ value, unit }) => (value === null ? '–' : `${formatNumber(value)} ${unit}`),
  },
  {
    title: 'low–high',
    align: 'right',
    cell: ({ spread }) => (spread === null ? '' : spread.map(formatNumber).join('–')),
  },
  {
    title: 'against',
    cell: ({ against, reference, unit }) =>
      against === null || reference === null ? '' : `${against}, ${formatNumber(reference)} ${unit}`,
  },
  { title: 'ratio', align: 'right', cell: ({ ratio }) => (ratio === null ? '' : `${formatNumber(ratio)}×`) },
  { title: 'budget', align: 'right', cell: ({ budget }) => budget ?? '' },
  { title: 'holds', cell: ({ holds }) => yesOrNo(holds) },
  { title: '', width: 60, cell: ({ note }) => note ?? '' },
];

export const rowsToText = (rows: readonly Row[]): string => renderTable(columns, rows);
