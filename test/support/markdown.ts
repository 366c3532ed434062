// Turns a Markdown page into what the suite checks of it: front matter, fenced code with the ::: containers around it, links, headings
// and tables. Knows no more Markdown than our own pages use, and refuses what it cannot read, with the line.
import { readFileSync } from 'node:fs';

/** A `:::kind Title` block. One that holds others is opened with more colons than they are. */
export interface Container {
  readonly kind: string;
  readonly title: string;
  readonly line: number;
  readonly parent: Container | undefined;
}

/** A fenced block: ```` ```language info ````. */
export interface CodeBlock {
  readonly language: string;
  readonly info: string;
  readonly text: string;
  /** The line of the opening fence, counted from 1; the code begins on the next. */
  readonly line: number;
  readonly container: Container | undefined;
  /** Whether nothing but blank lines stands between the fence before and this one. */
  readonly followsCode: boolean;
}

export interface TableRow {
  readonly line: number;
  readonly cells: readonly string[];
}

export interface Page {
  readonly path: string;
  readonly frontMatter: Readonly<Record<string, string | readonly string[]>>;
  readonly codeBlocks: readonly CodeBlock[];
  readonly containers: readonly Container[];
  readonly links: readonly { readonly target: string; readonly line: number }[];
  /** As anchors: `What the line means` is `what-the-line-means`. */
  readonly headings: readonly string[];
  /** Each with its header row first; the line of dashes is left out. */
  readonly tables: readonly (readonly TableRow[])[];
  /** Words outside front matter and code. */
  readonly wordCount: number;
}

export const readPage = (path: string): Page => parsePage(path, readFileSync(path, 'utf8'));

export function parsePage(path: string, text: string): Page {
  const lines = text.split('\n');
  const refuse = (line: number, why: string): never => {
    throw new Error(`${path}:${line}: ${why}`);
  };

  const codeBlocks: CodeBlock[] = [];
  const containers: Container[] = [];
  const open: { container: Container; colons: number }[] = [];
  const links: { target: string; line: number }[] = [];
  const headings: string[] = [];
  const tables: TableRow[][] = [];
  let wordCount = 0;
  let followsCode = false;

  const front = lines[0] === '---' ? lines.indexOf('---', 1) : 0;
  if (front === -1) refuse(1, 'the front matter has no end');
  const frontMatter = parseFrontMatter(lines.slice(1, Math.max(1, front)), (line, why) => refuse(line + 2, why));

  for (let index = front === 0 ? 0 : front + 1; index < lines.length; index++) {
    const line = lines[index]!;
    const number = index + 1;
    const container = open.at(-1)?.container;

    const fence = /^(`{3,})(\S*)\s*(.*)$/.exec(line);
    if (fence !== null) {
      const [, ticks, language, info] = fence as unknown as [string, string, string, string];
      const end = lines.indexOf(ticks, index + 1);
      if (end === -1) refuse(number, 'this fence is never closed');
      const code = lines.slice(index + 1, end).join('\n');
      codeBlocks.push({ language, info: info.trim(), text: code, line: number, container, followsCode });
      index = end;
      followsCode = true;
      continue;
    }
    if (line.trim() !== '') followsCode = false;

    const colons = /^(:{3,})\s*(\S*)\s*(.*)$/.exec(line);
    if (colons !== null) {
      const [, mark, kind, title] = colons as unknown as [string, string, string, string];
      const innermost = open.at(-1);
      if (kind !== '') {
        if (innermost !== undefined && innermost.colons <= mark.length)
          refuse(number, `a block inside :::${innermost.container.kind} needs fewer colons than it`);
        const opened = { kind, title, line: number, parent: container };
        containers.push(opened);
        open.push({ container: opened, colons: mark.length });
      } else {
        if (innermost === undefined) refuse(number, 'these colons close nothing');
        else if (innermost.colons !== mark.length)
          refuse(number, `:::${innermost.container.kind} of line ${innermost.container.line} is still open`);
        open.pop();
      }
      continue;
    }

    const withoutCode = line.replaceAll(/`[^`]*`/g, 'code');
    for (const [, target] of withoutCode.matchAll(/\]\(([^)\s]+)[^)]*\)/g))
      links.push({ target: target!, line: number });
    for (const [, target] of withoutCode.matchAll(/<img[^>]* src="([^"]+)"/g))
      links.push({ target: target!, line: number });
    const heading = /^#{1,6} (.*)$/.exec(line);
    if (heading !== null) headings.push(toAnchor(heading[1]!));
    if (line.startsWith('|')) {
      if (!(lines[index - 1] ?? '').startsWith('|')) tables.push([]);
      if (!/^\|[\s:|-]+\|$/.test(line)) tables.at(-1)!.push({ line: number, cells: splitCells(line) });
    }
    wordCount += withoutCode.split(/\s+/).filter((word) => /\w/.test(word)).length;
  }
  if (open.length > 0) refuse(open[0]!.container.line, `:::${open[0]!.container.kind} is never closed`);
  return { path, frontMatter, codeBlocks, containers, links, headings, tables, wordCount };
}

/** The part of YAML that our pages use: `key: text`, and `key:` with a list of `  - text` below it. */
function parseFrontMatter(
  lines: readonly string[],
  refuse: (line: number, why: string) => never,
): Record<string, string | string[]> {
  const result: Record<string, string | string[]> = {};
  let list: string[] | undefined;
  for (const [index, line] of lines.entries()) {
    const [, item] = /^ {2}- (.+)$/.exec(line) ?? [];
    const [, key, value] = /^(\w+):(?: (.+))?$/.exec(line) ?? [];
    const text = item ?? value;
    // Plain YAML text ends at ' #', and must neither hold ': ' nor begin with a character that means something else.
    if (text !== undefined && /: | #|^[`"'[\]{}>|*&!%@#?-]/.test(text)) refuse(index, `YAML would misread: ${text}`);
    if (item !== undefined && list !== undefined) list.push(item);
    else if (key !== undefined && value !== undefined) result[key] = value;
    else if (key !== undefined) result[key] = list = [];
    else refuse(index, `the front matter holds "key: text" and lists, not: ${line}`);
    if (value !== undefined && item === undefined) list = undefined;
  }
  return result;
}

/** A bar written `\|` belongs to the text of its cell. */
const splitCells = (line: string): string[] =>
  line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));

const toAnchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
