// The lesson, executed: its pages have the parts that a lesson has, their code runs, and each challenge can be failed and solved.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readPage } from './support/markdown.js';
import { challengesOf, enclosing, pageProgram } from './support/page-programs.js';
import { expectSample, expectSuccess, testPage } from './support/page-tests.js';
import { compilePrograms, root } from './support/programs.js';

process.chdir(root);
const names = readdirSync('docs/lesson').filter((name) => name.endsWith('.md'));
const pages = names.toSorted().map((name) => {
  const page = readPage(join('docs/lesson', name));
  return { page, program: pageProgram(page), challenges: challengesOf(page) };
});
const programs = pages.flatMap(({ program, challenges }) => [
  ...(program ? [program] : []),
  ...challenges.flatMap(({ start, solutions }) => [
    ...(start ? [start] : []),
    ...solutions.map((solution) => solution.program),
  ]),
]);
const compiled = new Map((await compilePrograms('lesson', programs)).map((built) => [built.program, built]));

test('pages are numbered without a gap', () => {
  expect(names.toSorted().map((name) => name.slice(0, 3))).toEqual(
    names.map((_, i) => `${String(i + 1).padStart(2, '0')}-`),
  );
});

for (const { page, program, challenges } of pages) {
  testPage(page, program && compiled.get(program));

  describe(page.path, () => {
    const { frontMatter, containers } = page;

    test('says what it teaches and how long that takes', () => {
      expect(Object.keys(frontMatter)).toEqual([
        'title',
        'teaching',
        'exercises',
        'questions',
        'objectives',
        'keypoints',
      ]);
      for (const list of ['questions', 'objectives', 'keypoints'])
        expect(frontMatter[list]!.length, list).toBeGreaterThan(0);
      for (const minutes of ['teaching', 'exercises']) expect(frontMatter[minutes]).toMatch(/^\d+$/);
      expect(page.headings[0]).toBe((frontMatter['title'] as string).toLowerCase().replaceAll(' ', '-'));
      // Nobody reads technical prose, and tries it out, at more than this many words a minute.
      expect(page.wordCount / Number(frontMatter['teaching'])).toBeLessThan(150);
      expect(Number(frontMatter['exercises']) > 0).toBe(challenges.length > 0);
    });

    test('has blocks of the known kinds, in their places', () => {
      for (const { kind, title, line, parent } of containers) {
        const where = `${page.path}:${line}`;
        expect(['challenge', 'hint', 'solution', 'discussion', 'callout'], where).toContain(kind);
        if (kind !== 'hint' && kind !== 'solution') expect(title, `${where}: :::${kind} needs a title`).not.toBe('');
        else expect(enclosing(parent, 'challenge') ?? enclosing(parent, 'discussion'), where).toBeDefined();
      }
      for (const { container } of challenges) {
        expect(containers.some(({ kind, parent }) => kind === 'solution' && parent === container)).toBe(true);
      }
    });

    for (const { container, start, check, solutions } of challenges) {
      if (start === undefined && check === undefined) continue;
      describe(`challenge "${container.title}"`, () => {
        test('has a start, a check and a solution, which all type-check', () => {
          expect([start, check].includes(undefined)).toBe(false);
          expect(solutions.length).toBeGreaterThan(0);
          expect(compiled.get(start!)!.typeErrors).toEqual([]);
          for (const solution of solutions) expect(compiled.get(solution.program)!.typeErrors).toEqual([]);
        });

        test.concurrent('begins with a start that fails the check, for a reason that the check names', async () => {
          const { exitCode, errors } = await compiled.get(start!)!.run();
          expect(exitCode).toBe(1);
          const reasons = errorPatterns(check!.text);
          expect(reasons.length).toBeGreaterThan(0);
          expect(
            reasons.some((reason) => reason.test(errors)),
            errors,
          ).toBe(true);
        });

        for (const [index, solution] of solutions.entries()) {
          test.concurrent(`is solved by solution ${index + 1}`, async () => {
            const outcome = await compiled.get(solution.program)!.run();
            expectSuccess(outcome, solution.program.name);
            for (const [piece, block] of solution.blocks.entries()) expectSample(page, block, outcome.outputs[piece]!);
          });
        }
      });
    }
  });
}

/** The messages of the errors that a check throws, each as a pattern with anything where a value is filled in. */
function errorPatterns(check: string): RegExp[] {
  const messages = [...check.matchAll(/new Error\(\s*(['"`])(.*?)\1\s*,?\s*\)/gs)].map((match) => match[2]!);
  const escape = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return messages.map(
    (message) =>
      new RegExp(
        message
          .split(/\$\{[^}]*\}/)
          .map(escape)
          .join('.*'),
      ),
  );
}
