// The numbered examples, run as a user runs them, each with a check of what it prints. Timings are not among what is checked.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findMissingLine } from './support/output-shape.js';
import { expectSuccess } from './support/page-tests.js';
import { readText, root, runNode } from './support/programs.js';

const expectLines = (output: string, sample: string): void =>
  expect(findMissingLine(sample, output), output).toBeUndefined();

/** What is true of each example's output. */
const checks: Readonly<Record<string, (output: string) => void>> = {
  '01-pi-picture': (svg) => {
    expect(svg, 'docs/lesson/figures/pi.svg has to be drawn again').toBe(readText('docs/lesson/figures/pi.svg'));
    const radius = Number(/<circle r="(\d+)"/.exec(svg)![1]);
    const pointsIn = (color: string): [number, number][] => {
      const path = new RegExp(`class="dots" stroke="var\\(--${color}\\)" d="([^"]*)"`).exec(svg)![1]!;
      return [...path.matchAll(/M(\S+) (\S+)h0/g)].map((match) => [Number(match[1]), Number(match[2])]);
    };
    const [inside, outside] = [pointsIn('in'), pointsIn('out')];
    for (const [x, y] of inside) expect(Math.hypot(x, y)).toBeLessThan(radius);
    for (const [x, y] of outside) {
      expect(Math.hypot(x, y)).toBeGreaterThanOrEqual(radius);
      expect(Math.max(Math.abs(x), Math.abs(y))).toBeLessThanOrEqual(radius);
    }
    const total = inside.length + outside.length;
    const [, shownInside, shownTotal, estimate] = /π ≈ 4 × ([\d,]+) \/ ([\d,]+) = ([\d.]+)/.exec(svg)!;
    expect([shownInside, shownTotal].map((shown) => Number(shown!.replace(',', '')))).toEqual([inside.length, total]);
    expect(Number(estimate)).toBeCloseTo((4 * inside.length) / total, 3);
    expect(svg).not.toContain('NaN');
  },

  '02-timeit': (output) => {
    expectLines(
      output,
      '226 µs ± 1.66 µs per loop (mean ± std. dev. of 5 runs, 1,000 loops each)\nfirst call 1750.8 µs',
    );
    const [, min, middle, max] = /min (\S+) µs, median (\S+) µs, max (\S+) µs/.exec(output)!.map(Number);
    expect([min, middle, max]).toEqual([min, middle, max].toSorted((a, b) => a! - b!));
    const runs = [.../each run: (.*)/.exec(output)![1]!.matchAll(/([\d.]+) µs/g)].map((match) => Number(match[1]));
    expect(runs.length).toBe(5);
    expect([Math.min(...runs), Math.max(...runs)]).toEqual([min, max]);
  },

  '03-compare': (output) => {
    const rows = [...output.matchAll(/^(first|second) .+×/gm)].map((match) => match[1]);
    expect(rows).toEqual(['first', 'second', 'first', 'second']);
    // Only the first of the two tables was measured in one process.
    expect(output.split('Measured in one process').length).toBe(2);
    expect(output.indexOf('Measured in one process')).toBeLessThan(output.lastIndexOf('name '));
    expect(output).not.toMatch(/another answer|threw/);
  },

  '04-memit': (output) => {
    expectLines(output, 'plain:      peak memory: 52.4 MiB, increment: 2.2 MiB');
    const [plain, vectorized] = [...output.matchAll(/increment: ([\d.]+) MiB/g)].map((match) => Number(match[1]));
    // Of 41 bytes a point the collector may have taken back the first 16 in time; 2 · 10⁶ points.
    expect(vectorized! - plain!, output).toBeGreaterThan(30);
    expect(vectorized!, output).toBeLessThan(120);
  },
};

const numbered = readdirSync(join(root, 'examples')).filter((name) => /^\d\d-.*\.ts$/.test(name));
/** Those that others import, and that do nothing by themselves. */
const isPart = (name: string): boolean => !readFileSync(join(root, 'examples', name), 'utf8').includes('console.log');

test('each numbered example is checked, and says what it shows', () => {
  const runnable = numbered.filter((name) => !isPart(name)).map((name) => name.replace(/\.ts$/, ''));
  expect(Object.keys(checks)).toEqual(runnable.toSorted());
  for (const name of numbered) expect(readText(`examples/${name}`)).toMatch(/^\/\/ \S/);
});

for (const [name, check] of Object.entries(checks)) {
  test.concurrent(name, async () => {
    const outcome = await runNode(`dist/examples/${name}.js`);
    expectSuccess(outcome, name);
    check(outcome.output);
  });
}
