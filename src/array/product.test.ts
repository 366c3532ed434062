// Products of matrices of all lengths around those of tiles, units and sections, held against sums in order over the contracted axis.
import { describe, expect, test } from 'vitest';
import { generatorOf } from '../random/keys.js';
import { asarray, matmul, NDArray, random, tensordot, zeros } from './index.js';
import type { DType } from './index.js';

const generator = generatorOf(7n, 1n);

/** In order: −0 changes nothing, so that a sum of −0 stays one. */
function inOrder(a: readonly number[], b: readonly number[], round: (x: number) => number): number {
  return a.reduce((total, x, k) => round(total + round(x * b[k]!)), -0);
}

const lists = (array: NDArray): number[][] => array.toArray() as number[][];

describe('matmul', () => {
  const sizes = [
    [1, 1, 1],
    [4, 256, 4],
    [5, 257, 9],
    [65, 3, 257],
    [129, 513, 17],
    [3, 1000, 1],
  ] as const;

  test.each(sizes.flatMap((size) => (['float64', 'float32'] as const).map((dtype) => [...size, dtype] as const)))(
    '[%i, %i] by %i columns of %s, bit by bit',
    (rows, length, columns, dtype) => {
      const a = random.generator(1).normal(0, 1, [rows, length]).astype(dtype);
      const b = random.generator(2).normal(0, 1, [length, columns]).astype(dtype);
      const [left, right] = [lists(a), lists(b.T)];
      const round = dtype === 'float32' ? Math.fround : (x: number): number => x;
      expect(lists(matmul(a, b))).toEqual(left.map((row) => right.map((column) => inOrder(row, column, round))));
    },
  );

  test('gives what it gives whatever way the factors lie in memory', () => {
    const a = random.generator(3).uniform(-1, 1, [70, 300]).computeSync();
    const b = random.generator(4).uniform(-1, 1, [300, 90]).computeSync();
    const straight = matmul(a, b).toArray();
    expect(matmul(a.T.mul(1).computeSync().T, b.flip(1).computeSync().at(':', '::-1')).toArray()).toEqual(straight);
    expect(matmul(b.T, a.T).T.toArray()).toEqual(straight);
  });

  test('repeats stacks', () => {
    const a = random.generator(5).integers(-9, 9, [2, 1, 3, 4]);
    const b = random.generator(6).integers(-9, 9, [5, 4, 2]);
    const whole = matmul(a, b);
    expect(whole.shape).toEqual([2, 5, 3, 2]);
    const [i, j] = [Math.floor(generator.float64() * 2), Math.floor(generator.float64() * 5)];
    expect(whole.at(i, j).toArray()).toEqual(matmul(a.at(i, 0), b.at(j)).toArray());
  });

  test('of nothing is nothing', () => {
    expect(matmul(zeros([2, 0]), zeros([0, 3])).toArray()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(matmul(zeros([0, 2]), zeros([2, 3])).shape).toEqual([0, 3]);
  });

  test('keeps −0, and spreads NaN no farther than its row', () => {
    const product = matmul(asarray([[-0], [NaN], [1]]), asarray([[1, 2]]));
    expect(product.toArray()).toEqual([
      [-0, -0],
      [NaN, NaN],
      [1, 2],
    ]);
  });

  test('can be worked on: its result need not lie without gaps', () => {
    const a = random.generator(8).uniform(0, 1, [7, 7]).computeSync();
    const product = matmul(a, a).computeSync();
    expect([...product.data()]).toEqual([...product.add(0).toTypedArray()]);
    expect(product.sum().item()).toBeCloseTo(
      lists(product)
        .flat()
        .reduce((x, y) => x + y),
      10,
    );
  });

  test.each(['int8', 'uint8', 'uint16', 'uint32', 'int64', 'uint64'] as const)('wraps %s', (dtype: DType) => {
    const a = random.generator(9).integers(0, 100, [9, 300]).astype(dtype);
    const exact = matmul(a.astype('int64' as never), a.astype('int64' as never).T);
    expect(matmul(a, a.T as never).toArray()).toEqual(exact.astype(dtype).toArray());
  });
});

test('tensordot of no axes is every product', () => {
  expect(tensordot(asarray([1, 2]), asarray([[3, 4]]), { axes: 0 }).toArray()).toEqual([[[3, 4]], [[6, 8]]]);
});
