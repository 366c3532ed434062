// Arrays are values: what was recorded or taken from one keeps its numbers, whatever is assigned later; and what they look like.
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { reclaim } from '../memory/heap.js';
import {
  arange,
  asarray,
  concat,
  eye,
  full,
  linspace,
  NDArray,
  ones,
  random,
  scope,
  slice,
  stack,
  where,
  zeros,
} from './index.js';

describe('assignment', () => {
  test('changes the array and nothing that was taken from it before', () => {
    const a = asarray([1, 2, 3]);
    const [view, recorded, data, same] = [a.at('1:'), a.mul(10), a.data(), asarray(a)];
    const other = a.astype('float64');
    a.assignAt([0], 100).set(1, 200);
    expect(a.toArray()).toEqual([100, 200, 3]);
    expect(view.toArray()).toEqual([2, 3]);
    expect(recorded.toArray()).toEqual([10, 20, 30]);
    expect([...data]).toEqual([1, 2, 3]);
    expect(other.toArray()).toEqual([1, 2, 3]);
    // asarray gives an array itself.
    expect(same).toBe(a);
    a.assign(7);
    expect(a.toArray()).toEqual([7, 7, 7]);
    a.assign(a.add(asarray([0, 1, 2])));
    expect(a.toArray()).toEqual([7, 8, 9]);
  });

  test('writes one element of an array that repeats its own', () => {
    // Nobody else holds the sorted numbers, and each lies there once for three places.
    const rows = arange(10_000).sort().broadcastTo([3, 10_000]).computeSync();
    rows.set(1, 0, 99);
    expect([rows.get(0, 0), rows.get(1, 0), rows.get(2, 0)]).toEqual([0, 99, 0]);
  });

  test('of parts, from parts of itself', () => {
    const a = arange(6).reshape([2, 3]);
    a.assignAt([':', slice(null, null, -1)], a);
    expect(a.toArray()).toEqual([
      [2, 1, 0],
      [5, 4, 3],
    ]);
    a.assignAt([0], a.at(1).mul(2));
    expect(a.toArray()).toEqual([
      [10, 8, 6],
      [5, 4, 3],
    ]);
    a.assignAt(['...', 0], 0).assignAt([1, -1], -1);
    expect(a.toArray()).toEqual([
      [0, 8, 6],
      [0, 4, -1],
    ]);
    const view = a.at(0);
    view.assignAt([0], 99);
    expect(view.get(0)).toBe(99);
    expect(a.get(0, 0)).toBe(0);
  });

  test('stays in place where nobody else holds the numbers', () => {
    const a = zeros([1000]).computeSync();
    for (let i = 0; i < 1000; i++) a.set(i, i);
    a.assignAt(['::2'], -1);
    expect(a.at('::2').sum().item()).toBe(-500);
    expect(a.at('1::2').sum().item()).toBe(250_000);
  });

  test('of every dtype', () => {
    for (const dtype of ['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64'] as const) {
      const a = zeros([3], { dtype });
      a.set(1, 5).assignAt([2], 7n);
      expect(a.add(1).toArray(), dtype).toEqual([1, 6, 8]);
    }
    expect(zeros([2], { dtype: 'bool' }).set(0, true).toArray()).toEqual([true, false]);
    expect(zeros([2], { dtype: 'float32' }).set(0, 0.1).get(0)).toBe(Math.fround(0.1));
  });
});

test('compute into an array that is there', () => {
  const a = asarray([1, 2, 3]).computeSync();
  const out = zeros([3]).computeSync();
  expect(a.mul(2).computeSync({ out })).toBe(out);
  expect(out.toArray()).toEqual([2, 4, 6]);
  const old = out.at('::-1');
  a.add(1).computeSync({ out });
  expect(old.toArray()).toEqual([6, 4, 2]);
  expect(out.toArray()).toEqual([2, 3, 4]);
  // Its own old elements go into it.
  out.add(out.at('::-1')).computeSync({ out });
  expect(out.toArray()).toEqual([6, 6, 6]);
  expect(() => ones([4]).computeSync({ out })).toThrow('ARRAY002');
  expect(() => a.computeSync({ out: arange(3) })).toThrow('ARRAY004');
  const plain = zeros([3]).computeSync();
  expect(a.computeSync({ out: plain }).set(0, 9).toArray()).toEqual([9, 2, 3]);
  expect(a.toArray()).toEqual([1, 2, 3]);
});

test('scope frees what it does not return', () => {
  let inner: NDArray | undefined;
  const { kept, list } = scope(() => {
    inner = ones([10]).computeSync();
    const mine = inner.add(1);
    return { kept: mine, list: [scope(() => mine.mul(2).computeSync())] };
  });
  expect(kept.sum().item()).toBe(20);
  expect(list[0]!.sum().item()).toBe(40);
  expect(() => inner!.toArray()).toThrow('ARRAY009');
  expect(() => scope(async () => ones(3))).toThrow('ARRAY011');
});

describe('assignment to what arrays pick', () => {
  test('where a mask is true', () => {
    const a = asarray([1, -2, 3, -4]);
    const [before, mask] = [a.at(':'), a.lt(0)];
    expect(a.assignAt([mask], 0).toArray()).toEqual([1, 0, 3, 0]);
    expect(a.assignAt([mask], asarray([7, 8])).toArray()).toEqual([1, 7, 3, 8]);
    expect(before.toArray()).toEqual([1, -2, 3, -4]);
    expect(mask.toArray()).toEqual([false, true, false, true]);
    const table = arange(6).reshape([2, 3]).T;
    table.assignAt([table.gt(2)], asarray([10n, 20n, 30n]));
    expect(table.toArray()).toEqual([[0, 10], [1, 20], [2, 30]]); // prettier-ignore
    table.assignAt([asarray([true, false, true]), 0], -1);
    expect(table.toArray()).toEqual([[-1, 10], [1, 20], [-1, 30]]); // prettier-ignore
  });

  test('at places, the last of several', () => {
    const a = zeros([3, 4]);
    a.assignAt([asarray([0n, -1n]), asarray([1n, 2n])], asarray([5, 6]));
    a.assignAt([1, asarray([0n, 0n, 3n])], asarray([1, 2, 3]));
    expect(a.toArray()).toEqual([[0, 5, 0, 0], [2, 0, 0, 3], [0, 0, 6, 0]]); // prettier-ignore
    a.assignAt(['1:', asarray([3n])], 9);
    expect(a.at(':', 3).toArray()).toEqual([0, 9, 9]);
    a.assignAt([asarray([0n, 1n, 2n])], a.at('::-1'));
    expect(a.at(':', 3).toArray()).toEqual([9, 9, 0]);
  });

  test('and a wrong index or shape changes nothing', () => {
    const a = arange(4);
    expect(() => a.assignAt([asarray([4n])], 1)).toThrow('ARRAY006');
    expect(() => a.assignAt([a.gt(1)], asarray([1n, 2n, 3n]))).toThrow(
      'assignAt: the shape [3] cannot be stretched to [2]',
    );
    expect(() => a.assignAt([a.gt(1)], 0.5)).toThrow('ARRAY005');
    expect(a.toArray()).toEqual([0, 1, 2, 3]);
  });
});

test('naive loops do not run out of memory', () => {
  let a = random.generator(1).uniform(0, 1, [1_000_000]);
  for (let i = 0; i < 1000; i++) a = a.mul(0.999).computeSync();
  expect(a.max().item()).toBeLessThan(0.4);
}, 120_000);

describe('creation', () => {
  test('dtypes and numbers', () => {
    const shown = (a: NDArray): unknown => [a.dtype, a.toArray()];
    expect(shown(zeros([2]))).toEqual(['float64', [0, 0]]);
    expect(shown(ones(2, { dtype: 'int8' }))).toEqual(['int8', [1, 1]]);
    expect(shown(full([1, 2], true))).toEqual(['bool', [[true, true]]]);
    expect(shown(full([2], 3n))).toEqual(['int64', [3, 3]]);
    expect(shown(arange(4))).toEqual(['int64', [0, 1, 2, 3]]);
    expect(shown(arange(5, 0, -2))).toEqual(['int64', [5, 3, 1]]);
    expect(shown(arange(0, 1, 0.25))).toEqual(['float64', [0, 0.25, 0.5, 0.75]]);
    expect(shown(arange(3, 1))).toEqual(['int64', []]);
    expect(shown(linspace(0, 1, 5))).toEqual(['float64', [0, 0.25, 0.5, 0.75, 1]]);
    expect(shown(linspace(0, 1, 4, { endpoint: false }))).toEqual(['float64', [0, 0.25, 0.5, 0.75]]);
    expect(shown(linspace(3, 9, 1))).toEqual(['float64', [3]]);
    expect(shown(eye(2, 3, { k: 1, dtype: 'int32' }))).toEqual(['int32', [[0, 1, 0], [0, 0, 1]]]); // prettier-ignore
    expect(shown(asarray([[1n, 2n]]))).toEqual(['int64', [[1, 2]]]);
    expect(shown(asarray(Uint8ClampedArray.of(1, 255)))).toEqual(['uint8', [1, 255]]);
    expect(shown(asarray([1, 0], { dtype: 'uint16' }))).toEqual(['uint16', [1, 0]]);
    expect(shown(asarray(2.5))).toEqual(['float64', 2.5]);
    expect(asarray([[], []]).shape).toEqual([2, 0]);
    expect(shown(where(asarray([true, false]), 1, asarray([5, 6])))).toEqual(['float64', [1, 6]]);
    expect(concat([ones(2), zeros(1)]).toArray()).toEqual([1, 1, 0]);
    expect(concat([eye(2), ones([1, 2])], null).size).toBe(6);
    expect(stack([arange(2), arange(2)], 1).toArray()).toEqual([[0, 0], [1, 1]]); // prettier-ignore
  });

  test('typed arrays are copied in, and copied out', () => {
    const source = Float64Array.of(1, 2);
    const a = asarray(source);
    source[0] = 9;
    expect(a.toArray()).toEqual([1, 2]);
    const out = a.toTypedArray();
    out[0] = 9;
    expect(a.toArray()).toEqual([1, 2]);
    expect(out.buffer).toBeInstanceOf(ArrayBuffer);
    expect(a.data()).toBeInstanceOf(Float64Array);
    expect([...arange(6).reshape([2, 3]).T.data()]).toEqual([0n, 3n, 1n, 4n, 2n, 5n]);
  });
});

describe('reading', () => {
  test('integers of 64 bits are numbers while they are exact', () => {
    const big = asarray([2n ** 60n, 1n]);
    expect(big.get(1)).toBe(1);
    expect(() => big.toArray()).toThrow('ARRAY013');
    expect(big.toArray({ bigint: true })).toEqual([2n ** 60n, 1n]);
    expect(asarray(new BigUint64Array([2n ** 64n - 1n])).item({ bigint: true })).toBe(2n ** 64n - 1n);
  });

  test('iterates over the first axis', () => {
    expect([...arange(3)]).toEqual([0, 1, 2]);
    const rows = [...arange(4).reshape([2, 2])] as NDArray[];
    expect(rows.map((row) => row.toArray())).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });

  test('a zero-dimensional array is its number to JavaScript', () => {
    const three = asarray([1, 2]).sum();
    expect(Number(three) + 1).toBe(4);
    expect(String(three)).toBe('3.0');
    expect((three as never as number) * 2).toBe(6);
  });
});

describe('lifetime', () => {
  test('dispose, once or twice, and using', () => {
    const a = ones([5]).computeSync();
    a.dispose();
    a.dispose();
    expect(() => a.add(1)).toThrow('ARRAY009');
    expect(inspect(a)).toBe('array(disposed, shape=[5])');
    let inner: NDArray;
    {
      using b = ones([5]).computeSync();
      inner = b;
    }
    expect(() => inner.toArray()).toThrow('ARRAY009');
  });

  test('a view keeps what it shows', () => {
    const a = arange(5).computeSync();
    const view = a.at('1:3').computeSync();
    a.dispose();
    expect(view.toArray()).toEqual([1, 2]);
  });

  test('results handed out stay when the array is disposed of', () => {
    const a = ones([5]).computeSync();
    const data = a.data();
    a.dispose();
    for (let i = 0; i < 50; i++) zeros([5]).computeSync();
    expect([...data]).toEqual([1, 1, 1, 1, 1]);
  });
});

describe('short arrays lie together', () => {
  const made = (first: number, length: number): NDArray<'float64'> =>
    arange(first, first + length)
      .astype('float64')
      .computeSync();
  const expected = (first: number, length: number): number[] => Array.from({ length }, (_, index) => first + index);

  test('and each has its own numbers, whatever becomes of the others', () => {
    const arrays = Array.from({ length: 300 }, (_, index) => made(index, index % 40));
    for (const [index, array] of arrays.entries()) if (index % 3 === 0) array.dispose();
    const later = Array.from({ length: 300 }, (_, index) => made(-index, index % 40));
    for (const [index, array] of arrays.entries())
      if (index % 3 !== 0) expect(array.toArray()).toEqual(expected(index, index % 40));
    for (const [index, array] of later.entries()) expect(array.toArray()).toEqual(expected(-index, index % 40));
  });

  test('data() of one keeps its numbers when all are disposed of, and garbage', () => {
    const handOut = (): Float64Array[] =>
      Array.from({ length: 100 }, (_, index) => {
        const array = made(index, 10);
        const data = array.data();
        array.dispose();
        return data;
      });
    const kept = handOut();
    reclaim();
    for (let index = 0; index < 1000; index++) made(0, 10);
    for (const [index, data] of kept.entries()) expect([...data]).toEqual(expected(index, 10));
  });
});

describe('as text', () => {
  test.each<[NDArray, string, string]>([
    [asarray([1, 2.5, -3]), '[ 1.   2.5 -3. ]', 'array([ 1. ,  2.5, -3. ])'],
    [arange(3), '[0 1 2]', 'array([0, 1, 2])'],
    [
      asarray([
        [1, 2],
        [3, 4],
      ]),
      '[[1. 2.]\n [3. 4.]]',
      'array([[1., 2.],\n       [3., 4.]])',
    ],
    [asarray([1e10, 2.5]), '[1.0e+10 2.5e+00]', 'array([1.0e+10, 2.5e+00])'],
    [asarray([NaN, Infinity, 1]), '[nan inf  1.]', 'array([nan, inf,  1.])'],
    [asarray([true, false]), '[ true false]', 'array([ true, false])'],
    [asarray([1, 2], { dtype: 'int8' }), '[1 2]', 'array([1, 2], dtype=int8)'],
    [asarray([0.1], { dtype: 'float32' }), '[0.1]', 'array([0.1], dtype=float32)'],
    [asarray([1 / 3]), '[0.33333333]', 'array([0.33333333])'],
    [asarray([]), '[]', 'array([], dtype=float64)'],
    [asarray(3), '3.0', 'array(3.)'],
  ])('%#', (array, plain, full) => {
    expect(String(array)).toBe(plain);
    expect(inspect(array)).toBe(full);
  });

  test('large ones show their edges, and compute no more', () => {
    expect(String(arange(2000))).toBe('[0 1 2 ... 1997 1998 1999]'.replaceAll(/(?<=[[ ])(\d)(?= )/g, '   $1'));
    expect(inspect(random.generator(1).uniform(0, 1, [1e9])).length).toBeLessThan(120);
    expect(inspect(ones([2000, 3000])).split('\n')).toHaveLength(7);
  });
});
