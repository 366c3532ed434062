// The quantile of the normal distribution, against values of another implementation of AS 241 (Python's statistics.NormalDist().inv_cdf).
import { expect, test } from 'vitest';
import { interpret } from '../interpret.js';
import { Value } from '../nodes.js';
import type { Kernel } from '../nodes.js';
import { routinesOf } from './index.js';

const [p, x] = [new Value('f64', 'p'), new Value('f64', 'x')];
const kernel: Kernel = {
  name: 'k',
  parameters: [p],
  buffers: [],
  dimensions: [],
  reductions: [],
  results: ['f64'],
  body: {
    statements: [{ kind: 'call', callee: 'normalQuantile', operands: [p], streams: [], results: [x], source: -1 }],
    terminator: { kind: 'return', operands: [x] },
  },
};
const quantile = (probability: number): number =>
  interpret({ routines: routinesOf('normalQuantile'), kernels: [kernel] }, 'k', { scalars: [probability], buffers: [] })
    .results[0] as number;

test.each([
  [0.3, -0.5244005127080407],
  [0.01, -2.3263478740408408],
  [1e-5, -4.2648907939228256],
  [1e-12, -7.034483825301132],
  [0.999, 3.090232306167813],
])('of %s', (probability, expected) => {
  expect(Math.abs(quantile(probability) - expected)).toBeLessThanOrEqual(2 ** -51 * Math.abs(expected));
});

test('is 0 in the middle, and the same on both sides of it', () => {
  expect(quantile(0.5)).toBe(0);
  for (const distance of [0.1, 0.43, 0.4999]) expect(quantile(0.5 + distance)).toBe(-quantile(1 - (0.5 + distance)));
  expect(quantile(2 ** -53)).toBeGreaterThan(-8.3);
  expect(quantile(2 ** -53)).toBeLessThan(-8.1);
});
