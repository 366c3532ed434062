// Reductions that keep the last axis against the law written out (docs/numerics.md, 7): each column from the first row of a leaf to the last,
// the leaves in a balanced tree.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arange, asarray, concat, NDArray, random, zeros } from './index.js';

/** What the tree makes of the results of leaves: the left part is the largest power of two below their number. */
function tree(leaves: readonly number[], combine: (a: number, b: number) => number): number {
  if (leaves.length === 1) return leaves[0]!;
  const left = 2 ** Math.floor(Math.log2(leaves.length - 1));
  return combine(tree(leaves.slice(0, left), combine), tree(leaves.slice(left), combine));
}

/** A column's elements in order within leaves of 4096. */
function fold(column: readonly number[], combine: (a: number, b: number) => number): number {
  const leaves: number[] = [];
  for (let first = 0; first < column.length; first += 4096)
    leaves.push(column.slice(first, first + 4096).reduce(combine));
  return tree(leaves, combine);
}

const add = (a: number, b: number): number => a + b;
const float = (combine: (a: number, b: number) => number) => (a: number, b: number) => Math.fround(combine(a, b));

/** The columns of an array of the shape [outer, rows, columns]. */
function columnsOf(array: NDArray): number[][] {
  const [outer, rows, columns] = array.shape as [number, number, number];
  const elements = Array.from(array.toTypedArray(), Number);
  return Array.from({ length: outer * columns }, (_, at) => {
    const [o, column] = [Math.floor(at / columns), at % columns];
    return Array.from({ length: rows }, (_row, row) => elements[(o * rows + row) * columns + column]!);
  });
}

const numbersOf = (array: NDArray): number[] => Array.from(array.toTypedArray(), Number);
const usesColumns = (array: NDArray): boolean => array.explain().includes('every 4096 rows');

const shapes = [
  [1, 4096, 4],
  [1, 4097, 5],
  [1, 5000, 33],
  [1, 8193, 4],
  [1, 40_000, 7],
  [1, 100, 1030],
  [3, 4100, 6],
  [7, 40, 300],
  [2, 2, 9000],
] as const;

describe.each(shapes)('of the shape [%i, %i, %i]', (...shape) => {
  const x = random
    .generator(shape[1])
    .normal(0, 1, [...shape])
    .mul(1e3)
    .computeSync();
  const columns = columnsOf(x);

  test('sums and products of doubles have the bits of the law', () => {
    expect(numbersOf(x.sum(1))).toEqual(columns.map((column) => fold(column, add)));
    const near = x.mul(1e-6).add(1).computeSync();
    expect(numbersOf(near.prod(1))).toEqual(columnsOf(near).map((column) => fold(column, (a, b) => a * b)));
  });

  test('and of floats', () => {
    const narrow = x.astype('float32').computeSync();
    expect(numbersOf(narrow.sum(1))).toEqual(columnsOf(narrow).map((column) => fold(column, float(add))));
  });

  test('what is computed for an element is part of the kernel', () => {
    const weights = arange(shape[2]).astype('float64').add(0.5).computeSync();
    const expected = columns.map((column, at) => {
      const weight = (at % shape[2]) + 0.5;
      return fold(
        column.map((value) => value * weight + 1),
        add,
      );
    });
    expect(numbersOf(x.mul(weights).add(1).sum(1))).toEqual(expected);
    expect(numbersOf(x.at(':', '::-1').sum(1))).toEqual(columns.map((column) => fold(column.toReversed(), add)));
  });

  test('least and greatest, counts, and whether any or all are true', () => {
    expect(numbersOf(x.min(1))).toEqual(columns.map((column) => column.reduce((a, b) => Math.min(a, b))));
    expect(numbersOf(x.max(1))).toEqual(columns.map((column) => column.reduce((a, b) => Math.max(a, b))));
    const limit = 3500;
    const large = x.gt(limit).computeSync();
    const counts = columns.map((column) => column.filter((value) => value > limit).length);
    expect(numbersOf(large.countNonzero(1))).toEqual(counts);
    expect(numbersOf(large.any(1))).toEqual(counts.map((count) => Number(count > 0)));
    expect(numbersOf(large.not().all(1))).toEqual(counts.map((count) => Number(count === 0)));
  });

  test('integers of every width', () => {
    for (const dtype of ['int8', 'uint8', 'int32', 'uint32', 'int64', 'uint64'] as const) {
      const integers = x.div(100).abs().clip(0, 100).astype(dtype).computeSync();
      const own = columnsOf(integers);
      expect(numbersOf(integers.sum(1))).toEqual(own.map((column) => column.reduce(add)));
      expect(numbersOf(integers.max(1))).toEqual(own.map((column) => Math.max(...column)));
      expect(integers.min(1).dtype).toBe(dtype);
    }
  });

  test('several of one pass are what each is by itself', () => {
    const sums = columns.map((column) => fold(column, add));
    const squares = columns.map((column) =>
      fold(
        column.map((value) => value * value),
        add,
      ),
    );
    const together = x.sum(1).mul(x.square().sum(1)).computeSync();
    expect(numbersOf(together)).toEqual(sums.map((sum, at) => sum * squares[at]!));
  });
});

test('leaves are put together by a kernel of their own where there are several', () => {
  expect(usesColumns(zeros([4096, 10]).computeSync().add(1).sum(0))).toBe(false);
  expect(usesColumns(zeros([4097, 10]).computeSync().add(1).sum(0))).toBe(true);
});

test('−0 survives, NaN and infinities go their way', () => {
  const rows = 10_000;
  const zero = zeros([rows, 8]).neg().computeSync();
  expect(zero.sum(0).toArray()).toEqual(Array.from({ length: 8 }, () => -0));
  const special = zeros([rows, 4]).computeSync();
  special.set(7000, 0, NaN).set(1, 1, Infinity).set(9999, 1, -Infinity).set(4096, 2, -Infinity).set(0, 3, -0);
  expect(special.sum(0).toArray()).toEqual([NaN, NaN, -Infinity, 0]);
  expect(special.max(0).toArray()).toEqual([NaN, Infinity, 0, 0]);
  expect(special.min(0).toArray()).toEqual([NaN, -Infinity, -Infinity, -0]);
});

test('two axes in front are flattened, and leaves cross from one to the other', () => {
  const x = random.generator(5).normal(0, 1, [30, 300, 6]).computeSync();
  const turned = random.generator(6).normal(0, 1, [3, 200, 4, 30, 5]).computeSync();
  expect(numbersOf(x.sum({ axis: [0, 1] }))).toEqual(
    columnsOf(x.reshape([1, 9000, 6])).map((column) => fold(column, add)),
  );
  const moved = turned.permuteDims([0, 2, 1, 3, 4]).computeSync().reshape([12, 6000, 5]);
  expect(numbersOf(turned.sum({ axis: [1, 3] }))).toEqual(columnsOf(moved).map((column) => fold(column, add)));
});

test('into a part of a larger array', () => {
  const x = random.generator(8).normal(0, 1, [9000, 5]).computeSync();
  const both = concat([x.sum({ axis: 0, keepdims: true }), x.max({ axis: 0, keepdims: true })]);
  expect(both.toArray()).toEqual([x.sum(0).toArray(), x.max(0).toArray()]);
  const beside = concat([x.sum({ axis: 0, keepdims: true }).T, x.max({ axis: 0, keepdims: true }).T], 1);
  expect(beside.toArray()).toEqual(both.T.toArray());
  const out = asarray([1, 2, 3, 4, 5]);
  x.sum(0).computeSync({ out });
  expect(out.toArray()).toEqual(x.sum(0).toArray());
});

test('any shape', () => {
  const length = fc.integer({ min: 1, max: 30 });
  fc.assert(
    fc.property(length, fc.integer({ min: 2, max: 9000 }), length, fc.boolean(), (outer, rows, columns, isTurned) => {
      fc.pre(outer * rows * columns < 300_000);
      const generator = random.generator(rows);
      const x = (
        isTurned
          ? generator.normal(0, 1, [columns, outer, rows]).permuteDims([1, 2, 0])
          : generator.normal(0, 1, [outer, rows, columns])
      ).computeSync();
      expect(numbersOf(x.sum(1))).toEqual(columnsOf(x).map((column) => fold(column, add)));
    }),
    { numRuns: 30 },
  );
});
