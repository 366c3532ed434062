// The list of errors is complete and true: every code that the source throws has its section in docs/errors.md, and every section's
// first program fails with that code at the marked line, while its second runs.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parsePage } from './support/markdown.js';
import type { CodeBlock } from './support/markdown.js';
import { compilePrograms, readText, root, runShell } from './support/programs.js';
import type { Program } from './support/programs.js';

const path = 'docs/errors.md';
const text = readText(path);

interface Section {
  readonly codes: readonly string[];
  readonly blocks: readonly CodeBlock[];
}

const sections: Section[] = text
  .split(/^(?=## )/m)
  .slice(1)
  .map((section) => {
    const offset = text.slice(0, text.indexOf(section)).split('\n').length - 1;
    const [heading] = section.split('\n');
    const codes = heading!.slice(3).split(':')[0]!.split(', ');
    const blocks = parsePage(path, section).codeBlocks.map((block) => ({ ...block, line: block.line + offset }));
    return { codes, blocks };
  });

function thrownCodes(): Map<string, string> {
  const codes = new Map<string, string>();
  for (const file of readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
    for (const [, code] of readFileSync(join(root, 'src', file), 'utf8').matchAll(/'([A-Z]{2,}\d{3})'/g))
      codes.set(code!, file);
  }
  return codes;
}

describe('docs/errors.md', () => {
  test('has a section for every code that is thrown, and for no other', () => {
    expect(sections.flatMap(({ codes }) => codes).toSorted()).toEqual([...thrownCodes().keys()].toSorted());
  });

  test('has a failing and a mended program for every error that a program in Node can make', () => {
    // Errors of pages are tested in a page; those of a machine without memory, those that are bugs of ours, and those of the kernel language's text, where they are thrown; what is told where a package is missing, in the packed package.
    const elsewhere = new Set([
      'MEASURE003',
      'MEASURE006',
      'MEASURE007',
      'IR001',
      'WASM002',
      'WASM004',
      'JIT010',
      'HEAP005',
      'TS001',
    ]);
    for (const { codes, blocks } of sections) {
      if (codes.length > 1 || elsewhere.has(codes[0]!)) continue;
      expect(blocks, codes[0]).toHaveLength(2);
      expect(blocks[0]!.text.match(/(?:\/\/|#) error: (\w+)/)?.[1], codes[0]).toBe(codes[0]);
    }
  });
});

const programs = sections.filter(({ blocks }) => blocks[0]?.language === 'ts');
const toProgram = (name: string, { text: code, line }: CodeBlock): Program => ({
  name,
  pieces: [{ code, document: path, line: line + 1 }],
});
const compiled = await compilePrograms(
  'errors',
  programs.flatMap(({ codes, blocks }) => [
    toProgram(`${codes[0]}-fails`, blocks[0]!),
    toProgram(`${codes[0]}-mended`, blocks[1]!),
  ]),
);

describe.each(programs.map(({ codes, blocks }, index) => ({ code: codes[0]!, blocks, index })))(
  '$code',
  ({ code, blocks, index }) => {
    const [failing, mended] = [compiled[2 * index]!, compiled[2 * index + 1]!];

    test('its programs type-check', () => expect([...failing.typeErrors, ...mended.typeErrors]).toEqual([]));

    test('the first fails at the marked line', async () => {
      const { exitCode, errors } = await failing.run();
      expect(exitCode).not.toBe(0);
      expect(errors).toContain(`error[${code}]: `);
      const lines = blocks[0]!.text.split('\n');
      const marked = lines.findIndex((line) => line.includes('// error: '));
      // Either the stack leads there, or the message shows the line itself.
      const line = lines[marked]!.replace(/ *\/\/ error: .*/, '').trim();
      const shown = [...errors.matchAll(/^ *\d+ \| (.*)$/gm)].map((match) => match[1]!.replace(/ *\/\/.*/, '').trim());
      const isShown = shown.some((frame) => withoutTypes(line).includes(frame.replace(/;$/, '')));
      const isInStack = errors.includes(`${path}:${blocks[0]!.line + 1 + marked}`);
      expect(isShown || isInStack, errors).toBe(true);
    });

    test('the second runs', async () => {
      const { exitCode, errors } = await mended.run();
      expect(exitCode, errors).toBe(0);
    });
  },
);

/** A line as a function's own text has it. */
function withoutTypes(line: string): string {
  return line.replaceAll(/: (?:number|bigint|Float64Array)(?= [{]|[,);]|$)| as number|(?<=[\])])!/g, '');
}

const commands = sections.filter(({ blocks }) => blocks[0]?.language === 'sh');

describe.each(commands.map(({ codes, blocks }) => ({ code: codes[0]!, blocks })))('$code', ({ code, blocks }) => {
  test('the first command fails, the second works', async () => {
    const [failing, mended] = await Promise.all(blocks.map((block) => runShell(block.text)));
    expect(failing!.exitCode).toBe(2);
    expect(failing!.errors).toContain(`error[${code}]: `);
    expect(mended!.exitCode, mended!.errors).toBe(0);
  });
});
