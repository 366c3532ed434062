// The text of the kernel language, cut into words with their places, and the errors that point at one of them.
import { codeFrame } from '../base/code-frame.js';
import { UserError } from '../base/errors.js';

export interface Token {
  /** `end` at the end of a line, which ends a statement; `eof` at the end of the text. */
  readonly kind: 'name' | 'value' | 'stream' | 'label' | 'reduction' | 'source' | 'number' | 'sign' | 'end' | 'eof';
  /** Without the mark in front of names. */
  readonly text: string;
  /** The offset of its first character in the text. */
  readonly start: number;
}

const marks = { '%': 'value', $: 'stream', '@': 'label', '&': 'reduction', '!': 'source' } as const;

const pattern =
  /(?<space>[ \t\r]+|;[^\n]*)|(?<end>\n)|(?<number>-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|inf|nan)(?![\w.]))|(?<marked>[%$@&!][\w.]+)|(?<name>[A-Za-z_][\w.]*)|(?<sign>->|[()[\]{}<=:,])/y;

/** A text, and what it is called where a place in it is shown. */
export interface SourceText {
  readonly text: string;
  readonly name?: string | undefined;
}

export function tokenize(source: SourceText): Token[] {
  const { text } = source;
  const tokens: Token[] = [];
  const endLine = (start: number): void => {
    if (tokens.at(-1)?.kind !== 'end') tokens.push({ kind: 'end', text: 'the end of the line', start });
  };
  pattern.lastIndex = 0;
  while (pattern.lastIndex < text.length) {
    const start = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null)
      throw syntaxError(source, { start, text: text[start]! }, `${JSON.stringify(text[start])} means nothing here`);
    const { space, end, number, marked, name, sign } = match.groups!;
    if (space !== undefined) continue;
    if (number !== undefined) tokens.push({ kind: 'number', text: number, start });
    else if (marked !== undefined)
      tokens.push({ kind: marks[marked[0] as keyof typeof marks], text: marked.slice(1), start });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name, start });
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign, start });
    else if (end !== undefined && tokens.length > 0) endLine(start);
  }
  endLine(text.length);
  return [...tokens, { kind: 'eof', text: 'the end of the text', start: text.length }];
}

/** IR001: text that is not in the kernel language, with the place. */
export function syntaxError({ text, name }: SourceText, at: Pick<Token, 'start' | 'text'>, what: string): UserError {
  const place = { text, start: at.start, end: at.start + at.text.length };
  const frame = codeFrame(name === undefined ? place : { name, ...place });
  return new UserError('IR001', `${what}\n${frame}`);
}
