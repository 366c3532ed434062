// What the short reader makes of the mathematical texts is what the reader of the kernel language makes of them.
import { expect, test } from 'vitest';
import { printProgram } from '../print.js';
import { readProgram } from '../read.js';
import { readLines } from './read-lines.js';
import { texts } from './texts.js';

test.each([...texts])('%s is read the same by both', (_, text) => {
  const expected = readProgram(text);
  const read = readLines(text);
  const hasRegions = expected.routines[0]!.body.statements.some(({ kind }) => kind === 'if' || kind === 'loop');
  expect(read === undefined).toBe(hasRegions);
  if (read !== undefined) {
    expect(printProgram({ routines: [read], kernels: [] })).toBe(printProgram(expected));
    expect(read).toEqual(expected.routines[0]);
  }
});

test('most are lines alone', () => {
  const read = [...texts.values()].filter((text) => readLines(text) !== undefined);
  expect(read.length).toBeGreaterThan(texts.size * 0.8);
});
