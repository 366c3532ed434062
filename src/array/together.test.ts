// Reductions and arrays that one pass gives together have the bits that each has by itself, and fewer kernels.
import { expect, test } from 'vitest';
import { arange, compute, NDArray, random } from './index.js';

const kernels = (array: NDArray): string => array.explain().split('\n')[0]!;

test('reductions of one shape over the same axes take one pass', () => {
  const x = random.generator(1).normal(0, 1, [20_000]).computeSync();
  const range = x.max().sub(x.min());
  expect(kernels(range)).toBe('2 kernels');
  expect(range.explain()).toContain('one pass gives these 2 reductions');
  expect(range.item()).toBe(x.max().item() - x.min().item());
  const moments = x.sum().add(x.square().sum()).mul(x.exp().sum());
  expect(kernels(moments)).toBe('2 kernels');
  expect(moments.item()).toBe((x.sum().item() + x.square().sum().item()) * x.exp().sum().item());
});

test('along an axis, too, and of random numbers that are never stored', () => {
  const draws = random.generator(2).uniform(-1, 1, [3, 5000]);
  const spread = draws.max(1).sub(draws.min(1));
  expect(kernels(spread)).toBe('2 kernels');
  const [high, low] = [draws.max(1).toTypedArray(), draws.min(1).toTypedArray()];
  expect([...spread.toTypedArray()]).toEqual([...high].map((x, i) => x - low[i]!));
});

test('a reduction that needs another one comes after it', () => {
  const x = random.generator(3).normal(5, 2, [10_000]).computeSync();
  const scaled = x.sub(x.mean()).div(x.std());
  const parts = x.sub(x.mean().computeSync()).div(x.std().computeSync());
  expect([...scaled.toTypedArray()]).toEqual([...parts.toTypedArray()]);
});

test('compute(a, b) writes arrays of one shape in one pass', async () => {
  const x = arange(10_000).astype('float64').computeSync();
  const [a, b, c] = await compute(x.mul(2), x.add(1), x.mul(x).sum());
  expect([a.get(7), b.get(-1), c.item()]).toEqual([14, 10_000, 333283335000]);
});

test('an array that is asked for twice is computed once', async () => {
  const x = arange(100).mul(3);
  const [a, b] = await compute(x, x);
  expect(a).toBe(b);
  expect(a.get(-1)).toBe(297);
});
