// Shows a place in a text the way compilers do: file and position, the line, and a mark under what is meant.

export interface Place {
  /** What the text is called, such as a file or a function's name; none for a text without one. */
  readonly name?: string;
  readonly text: string;
  /** Offsets of the first character and of the one behind the last. */
  readonly start: number;
  readonly end: number;
}

/** ` --> name:3:36`, the line, and `^^^` under it; a place that spans lines is marked to the end of its first. */
export function codeFrame({ name, text, start, end }: Place): string {
  const before = text.slice(0, start);
  const line = before.split('\n').length;
  const lineStart = before.lastIndexOf('\n') + 1;
  const lineEnd = text.indexOf('\n', start);
  const shown = text.slice(lineStart, lineEnd < 0 ? undefined : lineEnd);
  const column = start - lineStart;
  const length = Math.max(1, Math.min(end - start, shown.length - column));
  const gutter = String(line);
  const margin = ' '.repeat(gutter.length);
  const where = name === undefined ? '' : `${name}:`;
  return `${margin}--> ${where}${line}:${column + 1}\n${gutter} | ${shown}\n${margin} | ${' '.repeat(column)}${'^'.repeat(length)}`;
}
