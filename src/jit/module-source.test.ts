// Modules' texts: loops over prange become loops that count, with the same iterations on the same lines; names at the top are found.
import { describe, expect, test } from 'vitest';
import { countingLoops, topLevelNames } from './module-source.js';
import { prange } from './prange.js';

/** What the module's function `run` gives, with `prange` in place of its import. */
function runModule(text: string): unknown {
  const body = text.replace(/^import .*$/m, (line) => ' '.repeat(line.length)).replaceAll('export ', '');
  // oxlint-disable-next-line typescript/no-implied-eval
  return (Function('prange', 'p', 'heddle', `${body}\nreturn run();`) as (...given: unknown[]) => unknown)(
    prange,
    prange,
    {
      prange,
    },
  );
}

const cases: Readonly<Record<string, string>> = {
  'counts up': `import { prange } from 'heddle';
    export function run() { const seen = []; for (const i of prange(4)) seen.push(i); return seen; }`,
  'from, to, and in steps': `import { prange as p } from 'heddle';
    export function run() {
      const seen = [];
      for (const i of p(2, 9, 3)) seen.push(i);
      for (const i of p(5, -1, -2)) { seen.push(i); }
      return seen;
    }`,
  'with an end that is no whole number, or none': `import { prange } from 'heddle';
    export function run() {
      const seen = [];
      for (const i of prange(2.5)) seen.push(i);
      for (const i of prange(NaN)) seen.push(i);
      for (const i of prange(-3)) seen.push(i);
      return seen;
    }`,
  'nested, over lines, with labels': `import * as heddle from 'heddle';
    export function run() {
      const seen = [];
      outer: for (const i of heddle.prange(3))
        for (let j of heddle.prange(
          i, // a comment
          3,
        )) {
          if (j === 2) continue outer;
          j += 10;
          seen.push([i, j]);
        }
      return seen;
    }`,
  'captured by functions': `import { prange } from 'heddle';
    export function run() { const made = []; for (const i of prange(3)) made.push(() => i); return made.map((f) => f()); }`,
  'with a start that is known only when it runs': `import { prange } from 'heddle';
    export function run() { const seen = []; const from = 2; for (const i of prange(from, from + 2)) seen.push(i); return seen; }`,
};

describe('countingLoops', () => {
  test.each(Object.entries(cases))('%s', (_, text) => {
    const counting = countingLoops(text);
    expect(counting).not.toMatch(/ of /);
    expect(counting.split('\n').length).toBe(text.split('\n').length);
    expect(runModule(counting)).toEqual(runModule(text));
  });

  test('refuses what prange refuses', () => {
    const text = `import { prange } from 'heddle';
      export function run() { const from = 0.5; for (const i of prange(from, 3)); }`;
    expect(() => runModule(text)).toThrow('JIT019');
    expect(() => runModule(countingLoops(text))).toThrow('JIT019');
  });

  test.each([
    ["import { prange } from 'elsewhere';\nfor (const i of prange(3)) i;"],
    ["import { prange } from 'heddle';\nfor (const i of prange(0, 3, step)) i;"],
    ["import { prange } from 'heddle';\nfor (const i of [1, 2]) i;"],
    ["const { prange } = require('heddle');\nfor (const i of prange(3)) i;"],
    ["import { prange } from 'heddle'; not JavaScript"],
  ])('leaves %j as it is', (text) => expect(countingLoops(text)).toBe(text));
});

test('topLevelNames are those whose values never change', () => {
  const text = `
    import fs, { a, b as c } from 'somewhere';
    import * as space from 'elsewhere';
    const one = 1, [two] = [2];
    let three = 3;
    export const four = () => { const inner = 1; return inner; };
    export default function five() { six = 7; }
    function six() {}
    class Seven {}
    export { one as eight };`;
  expect(topLevelNames(text)).toEqual(['fs', 'a', 'c', 'space', 'one', 'four', 'five']);
  expect(topLevelNames('const one = 1; module.exports = { one };')).toEqual([]);
  expect(topLevelNames('export const')).toEqual([]);
});
