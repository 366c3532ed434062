// The programs of examples/kernels/, run as a user runs them, each with a check of what it prints.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { expectSuccess } from './support/page-tests.js';
import { readText, root, runNode } from './support/programs.js';

const checks: Readonly<Record<string, (lines: readonly string[]) => void>> = {
  'black-scholes': (lines) => {
    // Hull, Options, Futures, and Other Derivatives: a call for 4.76 and a put for 0.81.
    expect(lines[0]).toBe('share at 42, strike 40: call 4.7594, put 0.8086');
    // Who buys the call and sells the put pays what the share is worth, but for the strike, which is paid later.
    for (const line of lines) {
      const [price, strike, call, put] = /at (\S+), strike (\S+): call (\S+), put (\S+)/
        .exec(line)!
        .slice(1)
        .map(Number);
      const years = price === 42 ? 0.5 : 1;
      expect(call! - put!).toBeCloseTo(price! - strike! * Math.exp(-0.1 * years), 3);
    }
  },

  histogram: (lines) => {
    const counts = lines.map((line) => Number(/\d+$/.exec(line)![0]));
    expect(counts.length).toBe(16);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(100_000);
    expect(Math.max(...counts)).toBe(Math.max(counts[7]!, counts[8]!));
  },

  jacobi: (lines) => {
    expect(lines[0]).toMatch(/^@+$/);
    const middle = Number(/in the middle (\S+) degrees/.exec(lines.at(-1)!)![1]);
    expect(middle).toBeGreaterThan(25);
    expect(middle).toBeLessThan(60);
  },

  'k-means': (lines) => {
    for (const [k, [x, y]] of [
      [0, 0],
      [4, 3],
      [8, 0],
    ].entries()) {
      const found = /^(\d+) points around \((\S+), (\S+)\)$/.exec(lines[k]!)!.slice(1).map(Number);
      expect(found[0]).toBe(1000);
      expect(found[1]).toBeCloseTo(x!, 1);
      expect(found[2]).toBeCloseTo(y!, 1);
    }
  },

  levenshtein: (lines) =>
    expect(lines).toEqual(['kitten → sitting: 3', 'loom → bloom: 1', 'warp → weft: 3', '(nothing) → heddle: 6']),

  mandelbrot: (lines) => {
    const picture = lines.slice(0, -1);
    expect(picture.length).toBe(24);
    // The set is its own mirror image.
    expect(picture.toReversed()).toEqual(picture);
    const inside = picture.join('').split('@').length - 1;
    expect(lines.at(-1)).toBe(`${inside} of 1728 points never left`);
  },
};

test('each example is checked, and says what it shows and how it is run', () => {
  const files = readdirSync(join(root, 'examples/kernels')).map((name) => name.replace(/\.ts$/, ''));
  expect(files.toSorted()).toEqual(Object.keys(checks).toSorted());
  for (const name of files) {
    const header = readText(`examples/kernels/${name}.ts`).split('\nimport')[0]!;
    expect(header).toMatch(/^\/\/ \S/);
    expect(header).toContain(`// node dist/examples/kernels/${name}.js `);
  }
});

for (const [name, check] of Object.entries(checks)) {
  test.concurrent(name, async () => {
    const outcome = await runNode(`dist/examples/kernels/${name}.js`);
    expectSuccess(outcome, name);
    check(outcome.output.trimEnd().split('\n'));
  });
}
