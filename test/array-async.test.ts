// compute() does not block the thread that calls, and what happens to arrays meanwhile changes nothing of what it computes.
import { asarray, compute, matmul, ones, random, sort } from 'heddle';
import { expect, test } from 'vitest';

const n = 3e6;

test('the event loop turns while an array is computed, and the numbers are those of computeSync', async () => {
  const make = () => random.generator(7).normal(0, 1, [n]).exp().cumulativeSum();
  const expected = make().computeSync().get(-1);
  let turns = 0;
  const ticking = setInterval(() => turns++, 1);
  const array = make();
  expect(await array.compute()).toBe(array);
  clearInterval(ticking);
  expect(turns).toBeGreaterThan(0);
  expect(array.get(-1)).toBe(expected);
});

test('arrays that are disposed of or assigned to meanwhile are used as they were', async () => {
  const a = ones([n]).computeSync();
  const b = ones([n]).computeSync();
  const sum = a.add(b).mul(a).sum();
  const pending = sum.compute();
  a.dispose();
  b.assign(5);
  await pending;
  expect(sum.item()).toBe(2 * n);
  expect(() => a.sum()).toThrow(/disposed/);
  expect(b.get(0)).toBe(5);
});

test('compute(a, b) gives them back computed', async () => {
  const x = random.generator(1).uniform(0, 1, [n]);
  const [sorted, least] = await compute(sort(x), x.min());
  expect(sorted.get(0)).toBe(least.item());
  expect(sorted.explain()).toMatch(/nothing to compute/);
});

test('compute({ out }) puts the numbers into an array that is there', async () => {
  const out = ones([n]).computeSync();
  const before = out.at('0:2');
  expect(await ones([n]).add(1).compute({ out })).toBe(out);
  expect(out.get(-1)).toBe(2);
  expect(before.toArray()).toEqual([1, 1]);
});

test('two computations of one array at once agree', async () => {
  const a = random.generator(2).uniform(0, 1, [300, 300]);
  const product = matmul(a, a);
  await Promise.all([product.compute(), product.compute(), product.sum().compute()]);
  expect(product.get(3, 4)).toBe(
    a
      .at(3)
      .mul(a.at(':', 4))
      .toTypedArray()
      .reduce((x, y) => x + y),
  );
});

test('a signal ends it', async () => {
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(ones([n]).sum().compute({ signal })).rejects.toThrow('enough');
});

test('what is wrong in the values rejects', async () => {
  const picked = ones([n]).at(asarray(new BigInt64Array(100_000).fill(-5_000_000n)));
  await expect(picked.compute()).rejects.toThrow(/no place -5000000 on an axis of 3000000/);
});
