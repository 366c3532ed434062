// Sorting where NumPy need not be asked: long rows against a comparison, what is equal, and random order as docs/random.md has it.
import { describe, expect, test } from 'vitest';
import { generatorOf, KeyStream } from '../random/keys.js';
import {
  asarray,
  NDArray,
  random,
  searchsorted,
  uniqueAll,
  uniqueCounts,
  uniqueInverse,
  uniqueValues,
} from './index.js';
import type { DType } from './index.js';

/** NaN behind all numbers, −0 and 0 alike: where NumPy puts an element. */
const rank = (x: number): number => (Number.isNaN(x) ? Infinity : x === Infinity ? Number.MAX_VALUE : x);

function stablePlaces(values: readonly number[], isDescending: boolean): number[] {
  const sign = isDescending ? -1 : 1;
  return [...values.keys()].sort((i, j) => {
    const [a, b] = [rank(values[i]!), rank(values[j]!)];
    return a === b ? i - j : sign * (a < b ? -1 : 1);
  });
}

const numbersIn = (rows: NDArray): number[][] => (rows.toArray() as unknown[][]).map((row) => row.map(Number));

const dtypes: readonly DType[] = ['int8', 'uint16', 'int32', 'uint32', 'int64', 'uint64', 'float32', 'float64', 'bool'];

describe.each(dtypes)('%s', (dtype) => {
  // Around the longest row that is sorted by insertion, and beyond the shortest that has several parts.
  test.each([1, 2, 127, 128, 129, 1000, 9001])('rows of %i come into order, stable, up and down', (length) => {
    const wide = random
      .generator(length)
      .integers(dtype.startsWith('int') || dtype.startsWith('f') ? -99 : 0, 100, [2, length]);
    const numbers = wide.astype(dtype);
    const rows = numbersIn(numbers);
    for (const descending of [false, true]) {
      const places = rows.map((row) => stablePlaces(row, descending));
      expect(numbers.argsort({ descending }).toArray()).toEqual(places);
      expect(numbersIn(numbers.sort({ descending }))).toEqual(
        rows.map((row, i) => places[i]!.map((place) => row[place]!)),
      );
    }
  });
});

test.each([10, 500])('of %i elements NaN come last, and −0 and 0 stay as they are', (length) => {
  const some = [0, -0, NaN, Infinity, -Infinity, 1, -1, 5e-324, -5e-324];
  const generator = generatorOf(3n, BigInt(length));
  const values = Array.from({ length }, () => some[Math.floor(generator.float64() * some.length)]!);
  for (const dtype of ['float64', 'float32'] as const) {
    const rounded = values.map((x) => (dtype === 'float32' ? Math.fround(x) : x));
    const places = stablePlaces(rounded, false);
    const sorted = asarray(rounded).astype(dtype).sort().toArray();
    expect(sorted).toEqual(places.map((place) => rounded[place]!));
  }
});

test('unsigned numbers of 64 bits are in order beyond 2^63', () => {
  const values = [2n ** 63n, 1n, 2n ** 64n - 1n, 0n, 2n ** 63n - 1n];
  const array = asarray(values, { dtype: 'uint64' });
  expect(array.sort().toArray({ bigint: true })).toEqual([0n, 1n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n]);
  expect(searchsorted(array.sort(), asarray([2n ** 63n], { dtype: 'uint64' })).toArray()).toEqual([3]);
});

test('the sets of an array', () => {
  const array = asarray([
    [3, 1],
    [NaN, 1],
    [NaN, 3],
  ]);
  expect(uniqueValues(array).toArray()).toEqual([1, 3, NaN, NaN]);
  expect(uniqueCounts(array).counts.toArray()).toEqual([2, 2, 1, 1]);
  const { values, inverseIndices } = uniqueInverse(array);
  expect(inverseIndices.shape).toEqual([3, 2]);
  expect(values.at(inverseIndices.flatten()).toArray()).toEqual(array.flatten().toArray());
  expect(uniqueAll(array).indices.toArray()).toEqual([1, 0, 2, 4]);
  expect(uniqueValues(asarray([])).shape).toEqual([0]);
});

describe('random order', () => {
  test('a permutation is the stable order of raw draws of 64 bits', () => {
    const key = new KeyStream(42n).take();
    const draws = Array.from({ length: 100 }, (_, i) => i);
    // Rule 15: element j is draw floor(j / 16) of the lane j mod 16.
    const lanes = Array.from({ length: 16 }, (_, lane) => generatorOf(key, BigInt(lane)));
    const raw = draws.map((j) => lanes[j % 16]!.raw());
    const expected = draws.sort((i, j) => (raw[i]! < raw[j]! ? -1 : raw[i]! > raw[j]! ? 1 : i - j));
    expect(random.generator(42).permutation(100).toArray()).toEqual(expected);
  });

  test('every place comes once', () => {
    const order = random.generator(1).permutation(5000);
    expect(order.sort().toArray()).toEqual(Array.from({ length: 5000 }, (_, i) => i));
    const rows = asarray([[1, 2], [3, 4], [5, 6]]); // prettier-ignore
    expect(random.generator(7).permutation(rows).sort(0).toArray()).toEqual(rows.toArray());
  });

  test('shuffle changes the array, and not what was taken from it', () => {
    const array = asarray(Float64Array.from({ length: 50 }, (_, i) => i));
    const before = array.at(':');
    expect(random.generator(2).shuffle(array)).toBe(array);
    expect(array.toArray()).not.toEqual(before.toArray());
    expect(array.sort().toArray()).toEqual(before.toArray());
  });

  test('choice picks what there is, each as likely as it should be', () => {
    const generator = random.generator(3);
    expect(
      generator
        .choice(asarray([10, 20, 30]), [100])
        .sub(20)
        .abs()
        .max()
        .item(),
    ).toBe(10);
    expect([0, 1, 2]).toContain(generator.choice(3));
    const once = generator.choice(asarray([5, 6, 7, 8]), [4], { replace: false });
    expect(once.sort().toArray()).toEqual([5, 6, 7, 8]);
    const n = 200_000;
    const p = [0.5, 0, 0.2, 0.3];
    const { counts } = uniqueCounts(generator.choice(4, [n], { p: asarray(p) }));
    const found = [counts.get(0), 0, counts.get(1), counts.get(2)];
    for (const [i, likely] of p.entries())
      expect(Math.abs(found[i]! / n - likely)).toBeLessThan(6 * Math.sqrt((likely * (1 - likely)) / n) + 1e-12);
  });
});
