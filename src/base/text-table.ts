// A table for a terminal. One that is wider than the terminal is cut into several below each other, each repeating the first column.

export interface Column<Row> {
  readonly title: string;
  readonly align?: 'left' | 'right';
  readonly cell: (row: Row) => string;
}

export interface TableLayout {
  /** Characters in a line; `Infinity` never cuts. */
  readonly width: number;
  /** Styles a line of titles, after it has been laid out. */
  readonly styleHead?: (line: string) => string;
}

const gap = '  ';

/** Lines without trailing spaces, joined by line feeds; cells hold one line each, in characters one column wide. */
export function renderTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[], layout: TableLayout): string {
  const { width, styleHead = (line) => line } = layout;
  const drawn = columns.map(({ title, align, cell }) => {
    const cells = rows.map(cell);
    const columnWidth = Math.max(...[title, ...cells].map(({ length }) => length));
    const pad = (text: string): string => {
      const space = ' '.repeat(columnWidth - text.length);
      return align === 'right' ? space + text : text + space;
    };
    return { width: columnWidth, title: pad(title), cells: cells.map(pad) };
  });
  const [first, ...rest] = drawn;
  if (first === undefined) return '';

  const parts: (typeof drawn)[] = [];
  let room = 0;
  for (const column of rest) {
    room -= gap.length + column.width;
    const part = parts.at(-1);
    if (part !== undefined && room >= 0) part.push(column);
    else {
      parts.push([first, column]);
      room = width - first.width - gap.length - column.width;
    }
  }
  if (parts.length === 0) parts.push([first]);

  const line = (texts: readonly string[]): string => texts.join(gap).trimEnd();
  return parts
    .map((part) =>
      [
        styleHead(line(part.map(({ title }) => title))),
        ...rows.map((_, row) => line(part.map(({ cells }) => cells[row]!))),
      ].join('\n'),
    )
    .join('\n\n');
}

/** Breaks each line of `text` at spaces so that none is longer than `width`, where its words allow; later parts keep its indentation. */
export function wrapText(text: string, width: number): string {
  return text
    .split('\n')
    .map((line) => wrapLine(line, width))
    .join('\n');
}

function wrapLine(line: string, width: number): string {
  if (line.length <= width) return line;
  const indentation = /^ */.exec(line)![0];
  const lines: string[] = [];
  let current = indentation;
  for (const word of line.trim().split(' ')) {
    if (current !== indentation && current.length + 1 + word.length > width) {
      lines.push(current);
      current = indentation;
    }
    current += current === indentation ? word : ` ${word}`;
  }
  return [...lines, current].join('\n');
}
