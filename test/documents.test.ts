// The documents, executed: README, manual pages and the examples in docstrings run as they stand; links lead somewhere; and the table for
// people who come from Python says the truth about what works today.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import * as heddle from 'heddle';
import { describe, expect, test } from 'vitest';
import { readPage } from './support/markdown.js';
import type { Page } from './support/markdown.js';
import { findMissingLine, commentedOutput } from './support/output-shape.js';
import { pageProgram } from './support/page-programs.js';
import { expectSuccess, runCommand, testPage } from './support/page-tests.js';
import { compilePrograms, root } from './support/programs.js';
import type { Program } from './support/programs.js';

process.chdir(root);
const filesUnder = (folder: string, ending: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith(ending))
        .map((name) => join(folder, name))
        .toSorted()
    : [];

const executed = [
  'README.md',
  'docs/measure.md',
  'docs/ir.md',
  'docs/jit.md',
  'docs/kernels.md',
  'docs/arrays.md',
  'docs/coming-from-numpy.md',
  'docs/memory.md',
  'docs/math.md',
  'docs/coming-from-python.md',
].map(readPage);
const linked = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', ...filesUnder('docs', '.md')];

/** The code behind each `@example` of a file's docstrings, up to the next tag. */
function docstringExamples(path: string): Program[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.flatMap((line, index): Program[] => {
    if (!/^\s*\* @example\b/.test(line)) return [];
    const length = lines.slice(index + 1).findIndex((next) => /^\s*\*\/|^\s*\* @\w/.test(next));
    const code = lines
      .slice(index + 1, index + 1 + length)
      .map((text) => text.replace(/^\s*\* ?/, '').replace(/^```.*$/, ''));
    const name = `${path.replace(/\.ts$/, '').replaceAll(/[^\w-]+/g, '-')}-${index + 1}`;
    return [{ name, pieces: [{ code: code.join('\n'), document: path, line: index + 2 }] }];
  });
}

const pagePrograms = executed.map(pageProgram);
const examples = filesUnder('src', '.ts')
  .filter((path) => !path.endsWith('.test.ts'))
  .flatMap(docstringExamples);
const programs = [...pagePrograms.filter((program) => program !== undefined), ...examples];
const compiled = new Map((await compilePrograms('documents', programs)).map((built) => [built.program, built]));

for (const [index, page] of executed.entries())
  testPage(page, pagePrograms[index] && compiled.get(pagePrograms[index]));

describe('docstrings', () => {
  test('have examples', () => expect(examples.length).toBeGreaterThan(0));

  for (const example of examples) {
    const { document, line, code } = example.pieces[0]!;
    test.concurrent(`the example at ${document}:${line} runs and prints what it says`, async () => {
      const built = compiled.get(example)!;
      expect(built.typeErrors).toEqual([]);
      const outcome = await built.run();
      expectSuccess(outcome, `${document}:${line}`);
      expect(findMissingLine(commentedOutput(code), outcome.output), outcome.output).toBeUndefined();
    });
  }
});

describe('links', () => {
  for (const path of linked) {
    test(`of ${path} lead somewhere`, () => expect(deadLinks(readPage(path))).toEqual([]));
  }
});

function deadLinks(page: Page): string[] {
  return page.links.flatMap(({ target, line }) => {
    if (/^[a-z]+:/.test(target)) return [];
    const [file = '', anchor] = target.split('#');
    const path = file === '' ? page.path : normalize(join(dirname(page.path), decodeURIComponent(file)));
    if (!existsSync(path) || path.startsWith('..')) return [`${page.path}:${line}: there is no ${path}`];
    if (anchor === undefined || statSync(path).isDirectory() || !path.endsWith('.md')) return [];
    return readPage(path).headings.includes(anchor) ? [] : [`${page.path}:${line}: ${path} has no heading #${anchor}`];
  });
}

describe('docs/coming-from-python.md', () => {
  const page = executed.find(({ path }) => path === 'docs/coming-from-python.md')!;
  const [header, ...rows] = page.tables.find(([first]) => first!.cells[0] === '#')!;

  test('has a row for each block of the lesson it follows', () => {
    expect(header!.cells).toEqual(['#', 'there', 'here', 'command that shows it', 'page', 'works today']);
    expect(rows.map(({ cells }) => Number(cells[0]))).toEqual(Array.from({ length: 15 }, (_, i) => i + 1));
    for (const { cells } of rows) expect(cells.length).toBe(header!.cells.length);
  });

  for (const { cells, line } of rows) {
    const [number, , , command = '', link = '', works = ''] = cells;
    const where = `${page.path}:${line}`;
    const commands = [...command.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);

    test.concurrent(`row ${number} (${works}) is true`, async () => {
      expect(works, where).toMatch(/^(?:yes$|no: \S+ \S+)/);
      if (works === 'yes') {
        expect(commands.length, `${where}: needs a command that shows it`).toBeGreaterThan(0);
        expect(link, `${where}: needs a page`).toMatch(/^\[.+\]\(.+\)$/);
      }
      // A name that is missing must not have arrived in the meantime.
      for (const [, name] of works.split(' missing')[0]!.matchAll(/`(\w+)`/g))
        expect(Object.keys(heddle), where).not.toContain(name);
      for (const shown of commands) expect(await runCommand(shown, where), where).not.toBe('');
    });
  }
});
