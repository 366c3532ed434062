// What asynchronous calls work on is theirs until they settle: nothing of heddle's may write what they use, or read what they write.
import { alloc, jit } from 'heddle';
import { afterAll, describe, expect, test } from 'vitest';
import { stopTeam } from './support/run-on-threads.js';

afterAll(stopTeam);

const fill = jit(function fill(x: Float64Array, value: number, rounds: number) {
  for (let k = 0; k < rounds; k++) for (let i = 0; i < x.length; i++) x[i] = value + k;
});
const sum = jit(function sum(x: Float64Array) {
  let s = 0;
  for (const v of x) s += v;
  return s;
});

const codeOf = async (work: () => unknown): Promise<unknown> => {
  try {
    await work();
  } catch (error) {
    return (error as { code?: string }).code;
  }
  return undefined;
};

describe.each([
  ['heddle’s memory', () => alloc.float64(1000)],
  ['ordinary memory', () => new Float64Array(1000)],
])('an array in %s that an asynchronous call writes', (_, make) => {
  test('is read and written by nobody else until it settles', async () => {
    const x = make();
    const promise = fill.async(x, 1, 100);
    expect(await codeOf(() => sum(x))).toBe('HEAP006');
    expect(await codeOf(() => fill(x, 2, 1))).toBe('HEAP006');
    expect(await codeOf(() => fill.async(x.subarray(999), 2, 1))).toBe('HEAP006');
    expect(await codeOf(() => sum.async(x.subarray(0, 1)))).toBe('HEAP006');
    await promise;
    expect(sum(x)).toBe(1000 * 100);
    fill(x, 2, 1);
    expect(sum(x)).toBe(2000);
  });

  test('is free again when the call has failed', async () => {
    const x = make();
    const controller = new AbortController();
    const promise = fill.with({ signal: controller.signal }).async(x, 1, 1e9);
    controller.abort('enough');
    await expect(promise).rejects.toBe('enough');
    fill(x, 3, 1);
    expect(sum(x)).toBe(3000);
  });

  test('leaves others alone', async () => {
    const [x, y] = [make(), make()];
    const promise = fill.async(x, 1, 100);
    fill(y, 2, 1);
    expect(sum(y)).toBe(2000);
    fill(y.subarray(3), 3, 1);
    await Promise.all([promise, sum.async(y)]);
  });
});

test('an array that asynchronous calls read can be read, and in heddle’s memory not written', async () => {
  const x = alloc.float64(100_000).fill(1);
  const promises = [sum.async(x), sum.async(x)];
  expect(sum(x)).toBe(100_000);
  expect(await codeOf(() => fill(x, 2, 1))).toBe('HEAP006');
  expect(await Promise.all(promises)).toEqual([100_000, 100_000]);
  // What is ordinary was copied when the call was made.
  const ordinary = new Float64Array(100).fill(1);
  const promise = sum.async(ordinary);
  fill(ordinary, 5, 1);
  expect(await promise).toBe(100);
});

test('the message names both sides', async () => {
  const x = alloc.float64(10);
  const promise = fill.async(x, 1, 100);
  let message = '';
  try {
    sum(x);
  } catch (error) {
    ({ message } = error as Error);
  }
  expect(message).toBe(
    'error[HEAP006]: sum cannot have argument 1 before an asynchronous call has settled\n' +
      '  = note: fill writes this memory as its argument 1, and here it is read: which of the two comes first would be chance\n' +
      '  = fix: await the promise of that call first, or give one of the two a copy: x.slice()',
  );
  await promise;
});
