// Says which code blocks of a page make which programs.
//   ts                    the page's own program: all such blocks, in order, as one module
//   ts path/to/file.ts    a file beside that program; where the repository has a file of that path, word for word the same
//   './examples/…'        in the page's own program is the repository's file of that name
//   ts start, ts check    a challenge's stub and its check; ts inside :::solution is a solution; a program each: start + check, solution + check
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CodeBlock, Container, Page } from './markdown.js';
import { readText, root } from './programs.js';
import type { Piece, Program } from './programs.js';

export interface Challenge {
  readonly container: Container;
  readonly start: Program | undefined;
  readonly check: CodeBlock | undefined;
  readonly solutions: readonly { readonly program: Program; readonly blocks: readonly CodeBlock[] }[];
}

export const isTypeScript = ({ language }: CodeBlock): boolean => language === 'ts' || language === 'typescript';
export const isFileName = (info: string): boolean => /^[\w./-]+\.ts$/.test(info);

const toPiece = (page: Page, { text, line }: CodeBlock): Piece => ({ code: text, document: page.path, line: line + 1 });

/** The nearest container of a kind that a block, or container, stands in. */
export function enclosing(container: Container | undefined, kind: string): Container | undefined {
  return container === undefined || container.kind === kind ? container : enclosing(container.parent, kind);
}

/** `docs/lesson/02-plain.md` as a folder name: `docs-lesson-02-plain`. */
const slug = ({ path }: Page): string => path.replace(/\.md$/, '').replaceAll(/[^\w-]+/g, '-');

/** The blocks of the page's own program, in order; the n-th is its n-th piece. */
export const ownBlocks = ({ codeBlocks }: Page): CodeBlock[] =>
  codeBlocks.filter((block) => isTypeScript(block) && block.info === '' && !isSolution(block.container));

/** A solution of a challenge; that of a discussion only hides what it holds. */
const isSolution = (container: Container | undefined): boolean =>
  enclosing(enclosing(container, 'solution'), 'challenge') !== undefined;

/** The page's own program, or undefined if it has none. */
export function pageProgram(page: Page): Program | undefined {
  const blocks = ownBlocks(page);
  const files = page.codeBlocks.filter((block) => isTypeScript(block) && isFileName(block.info));
  if (blocks.length + files.length === 0) return undefined;
  const pieces = blocks.map((block) => toPiece(page, block));
  const used = pieces.flatMap(({ code }) =>
    [...code.matchAll(/'\.\/(examples\/[\w/-]+)\.js\b/g)].map((match) => `${match[1]}.ts`),
  );
  return {
    name: slug(page),
    pieces,
    modules: {
      ...Object.fromEntries(used.map((file) => [file, { code: readText(file), document: file, line: 1 }])),
      ...Object.fromEntries(files.map((block) => [block.info, toPiece(page, block)])),
    },
  };
}

export function challengesOf(page: Page): Challenge[] {
  return page.containers
    .filter(({ kind }) => kind === 'challenge')
    .map((container, index) => {
      const blocks = page.codeBlocks.filter((block) => enclosing(block.container, 'challenge') === container);
      const [start, check] = ['start', 'check'].map((info) => blocks.find((block) => block.info === info));
      const program = (name: string, code: readonly CodeBlock[]): Program => ({
        name: `${slug(page)}-challenge-${index + 1}-${name}`,
        pieces: [...code, ...(check === undefined ? [] : [check])].map((block) => toPiece(page, block)),
      });
      const solutions = page.containers.filter(
        ({ kind, parent }) => kind === 'solution' && enclosing(parent, 'challenge') === container,
      );
      return {
        container,
        check,
        start: start === undefined ? undefined : program('start', [start]),
        solutions: solutions.flatMap((solution, number) => {
          const code = blocks.filter((block) => isTypeScript(block) && block.container === solution);
          return code.length === 0 ? [] : [{ program: program(`solution-${number + 1}`, code), blocks: code }];
        }),
      };
    });
}

// Functions whose programs are files under examples/, so that a copy on a page can be held against them.
const rungFunctions = /^export function (?:calcPi|sumRange|sortNumbers)\b/m;
const rungFiles = ['pi', 'sum', 'sort'].flatMap((ladder) =>
  readdirSync(join(root, 'examples', ladder)).map((file) => `examples/${ladder}/${file}`),
);

/** Where room is short, a page may leave the sentence above the function to the file. */
const withoutDocstring = (text: string): string => text.replace(/^\/\*\*.*?\*\/\n/s, '').trim();

/** What is wrong with the page's quotations of files, a line each. */
export function misquotations(page: Page): string[] {
  return page.codeBlocks.filter(isTypeScript).flatMap(({ info, text, line }) => {
    const inRepository = isFileName(info) && existsSync(join(root, info));
    if (inRepository)
      return readText(info).trim() === text.trim() ? [] : [`${page.path}:${line}: differs from ${info}`];
    if (info === 'start' || !rungFunctions.test(text)) return [];
    const isQuoted = rungFiles.some((file) => text.includes(withoutDocstring(readText(file))));
    return isQuoted ? [] : [`${page.path}:${line}: no file under examples/ holds this program`];
  });
}
