// The text of the kernel language, cut into words with their places, and the errors that point at one of them.
import { UserError } from '../base/errors.js';

export interface Token {
  /** `end` at the end of a line, which ends a statement; `eof` at the end of the text. */
  readonly kind: 'name' | 'value' | 'stream' | 'label' | 'reduction' | 'source' | 'number' | 'sign' | 'end' | 'eof';
  /** Without the mark in front of names. */
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

const marks = { '%': 'value', $: 'stream', '@': 'label', '&': 'reduction', '!': 'source' } as const;

const pattern =
  /(?<space>[ \t\r]+|;[^\n]*)|(?<end>\n)|(?<number>-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|inf|nan)(?![\w.]))|(?<marked>[%$@&!][\w.]+)|(?<name>[A-Za-z_][\w.]*)|(?<sign>->|[()[\]{}<=:,])/y;

export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let lineStart = 0;
  pattern.lastIndex = 0;
  while (pattern.lastIndex < text.length) {
    const start = pattern.lastIndex;
    const column = start - lineStart + 1;
    const match = pattern.exec(text);
    if (match === null)
      throw syntaxError(
        text,
        { line, column, text: text[start]! },
        `${JSON.stringify(text[start])} means nothing here`,
      );
    const { space, end, number, marked, name, sign } = match.groups!;
    if (space !== undefined) continue;
    if (number !== undefined) tokens.push({ kind: 'number', text: number, line, column });
    else if (marked !== undefined)
      tokens.push({ kind: marks[marked[0] as keyof typeof marks], text: marked.slice(1), line, column });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name, line, column });
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign, line, column });
    else if (end !== undefined) {
      if (tokens.at(-1)?.kind !== 'end' && tokens.length > 0)
        tokens.push({ kind: 'end', text: 'the end of the line', line, column });
      line++;
      lineStart = pattern.lastIndex;
    }
  }
  const column = text.length - lineStart + 1;
  if (tokens.at(-1)?.kind !== 'end') tokens.push({ kind: 'end', text: 'the end of the line', line, column });
  return [...tokens, { kind: 'eof', text: 'the end of the text', line, column }];
}

/** IR001: text that is not in the kernel language, with the place. */
export function syntaxError(text: string, at: Pick<Token, 'line' | 'column' | 'text'>, what: string): UserError {
  const shown = text.split('\n')[at.line - 1] ?? '';
  const gutter = String(at.line);
  const underline = '^'.repeat(Math.max(1, Math.min(at.text.length, shown.length - at.column + 1)));
  const frame = `\n --> ${at.line}:${at.column}\n${gutter} | ${shown}\n${' '.repeat(gutter.length)} | ${' '.repeat(at.column - 1)}${underline}`;
  return new UserError('IR001', `${what}${frame}`);
}
