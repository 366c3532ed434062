// Tables as text: alignment, and the cut into several below each other where the terminal is narrow.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderTable, wrapText } from './text-table.js';
import type { Column } from './text-table.js';

interface Rung {
  readonly name: string;
  readonly time: string;
  readonly memory: string;
}

const columns: readonly Column<Rung>[] = [
  { title: 'rung', cell: ({ name }) => name },
  { title: 'mean ± std', align: 'right', cell: ({ time }) => time },
  { title: 'peak memory', align: 'right', cell: ({ memory }) => memory },
];
const rungs: readonly Rung[] = [
  { name: 'plain', time: '152 ms ± 3.1 ms', memory: '+0.4 MiB' },
  { name: 'vectorized', time: '1.2 s ± 12 ms', memory: '+412.3 MiB' },
];

describe('renderTable', () => {
  test('pads every cell to its column', () => {
    expect(renderTable(columns, rungs, { width: Infinity })).toBe(
      [
        'rung             mean ± std  peak memory',
        'plain       152 ms ± 3.1 ms     +0.4 MiB',
        'vectorized    1.2 s ± 12 ms   +412.3 MiB',
      ].join('\n'),
    );
  });

  test('a table that fits exactly is not cut', () => {
    expect(renderTable(columns, rungs, { width: 40 })).toBe(renderTable(columns, rungs, { width: Infinity }));
  });

  test('a wider one is cut, and each part begins with the first column', () => {
    expect(renderTable(columns, rungs, { width: 39 })).toBe(
      [
        'rung             mean ± std',
        'plain       152 ms ± 3.1 ms',
        'vectorized    1.2 s ± 12 ms',
        '',
        'rung        peak memory',
        'plain          +0.4 MiB',
        'vectorized   +412.3 MiB',
      ].join('\n'),
    );
  });

  test('only the line of titles is styled, after it has been laid out', () => {
    const table = renderTable(columns, rungs, { width: 39, styleHead: (line) => `<${line}>` });
    expect(table.split('\n').filter((line) => line.startsWith('<'))).toEqual([
      '<rung             mean ± std>',
      '<rung        peak memory>',
    ]);
  });

  test('no columns are no text, one column is a list, no rows leave the titles', () => {
    expect(renderTable([], rungs, { width: 60 })).toBe('');
    expect(renderTable(columns.slice(0, 1), rungs, { width: 60 })).toBe('rung\nplain\nvectorized');
    expect(renderTable(columns, [], { width: 60 })).toBe('rung  mean ± std  peak memory');
  });

  const cell = fc.string({ unit: fc.constantFrom('a', '7', 'µ', '±', '–'), maxLength: 24 });
  const table = fc.integer({ min: 1, max: 8 }).chain((count) =>
    fc.tuple(
      fc.array(fc.tuple(cell, fc.constantFrom('left' as const, 'right' as const)), {
        minLength: count,
        maxLength: count,
      }),
      fc.array(fc.array(cell, { minLength: count, maxLength: count }), { maxLength: 5 }),
    ),
  );
  const toColumns = (heads: readonly (readonly [string, 'left' | 'right'])[]): Column<readonly string[]>[] =>
    heads.map(([title, align], index) => ({ title, align, cell: (row) => row[index]! }));

  test('at 60 columns no line is longer, unless its one column and the first do not fit', () => {
    fc.assert(
      fc.property(table, ([heads, rows]) => {
        const widths = heads.map(([title], index) => Math.max(title.length, ...rows.map((row) => row[index]!.length)));
        const [first = 0, ...rest] = widths;
        const allowed = Math.max(60, ...rest.map((width) => first + 2 + width));
        for (const line of renderTable(toColumns(heads), rows, { width: 60 }).split('\n')) {
          expect(line.length).toBeLessThanOrEqual(allowed);
          expect(line).toBe(line.trimEnd());
        }
      }),
    );
  });

  test('cutting loses no cell and repeats none but the first column', () => {
    fc.assert(
      fc.property(table, fc.integer({ min: 1, max: 80 }), ([heads, rows], width) => {
        const letters = (text: string): string => text.replaceAll(/\s/g, '').split('').toSorted().join('');
        const whole = [...heads.map(([title]) => title), ...rows.flat()].join('');
        const shown = renderTable(toColumns(heads), rows, { width });
        const parts = shown.split('\n').length === 1 ? 1 : shown.split('\n\n').length;
        const firstColumn = [heads[0]![0], ...rows.map((row) => row[0]!)].join('');
        // Cells may be empty, so a part's own lines can be: parts are only counted where none is.
        fc.pre(rows.every((row) => row[0] !== '') && heads[0]![0] !== '');
        expect(letters(shown)).toBe(letters(whole + firstColumn.repeat(parts - 1)));
      }),
    );
  });
});

describe('wrapText', () => {
  test('breaks at spaces and keeps the indentation', () => {
    expect(wrapText('short\n  note: one two three four', 16)).toBe('short\n  note: one two\n  three four');
  });

  test('no line is longer than the width, unless a word is; no word is lost', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z±]{1,20}$/)), fc.integer({ min: 1, max: 60 }), (words, width) => {
        const wrapped = wrapText(words.join(' '), width);
        expect(wrapped.split(/\s/).filter((word) => word !== '')).toEqual(words);
        for (const line of wrapped.split('\n')) {
          if (line.length > width) expect(line).not.toContain(' ');
        }
      }),
    );
  });
});
