// The slice: random arrays, fused or stored, give the same numbers, those of docs/random.md and docs/numerics.md.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ReductionTree } from '../ir/reduce.js';
import { childKey, generatorOf } from '../random/keys.js';
import { arange, asarray, NDArray, random } from './index.js';

const key = childKey(42n, 0n);

/** Rule 15, element by element. */
function drawAt(shape: readonly number[], flat: number): number {
  const last = shape.at(-1)!;
  const [row, column] = last < 4096 ? [0, flat] : [Math.floor(flat / last), flat % last];
  const block = row * Math.ceil(last / 4096) + Math.floor(column / 4096);
  const generator = generatorOf(key, BigInt(16 * block + (column % 16)));
  let u = 0;
  for (let step = 0; step <= Math.floor((column % 4096) / 16); step++) u = generator.float64();
  return u;
}

const draws = (shape: readonly number[]): NDArray<'float64'> => random.generator(42).uniform(0, 1, shape);

/** Sums by the tree of rule 7. */
function treeSum(elements: readonly number[], partials: 1 | 16): number {
  const tree = new ReductionTree({ name: 'r', element: 'f64', operator: 'add', partials });
  for (const [ordinal, element] of elements.entries()) tree.give(ordinal, element);
  return (tree.result()?.value as number | undefined) ?? 0;
}

describe('random arrays', () => {
  test.each([
    { shape: [5] },
    { shape: [3, 50] },
    { shape: [4096] },
    { shape: [2, 4100] },
    { shape: [2, 2, 4097] },
    { shape: [2, 8192] },
    { shape: [9, 1000] },
    { shape: [] },
  ])('follow rule 15: $shape', ({ shape }) => {
    const stored = draws(shape).toTypedArray();
    for (let flat = 0; flat < stored.length; flat += stored.length > 100 ? 97 : 1)
      expect(stored[flat]).toBe(drawAt(shape.length === 0 ? [1] : shape, flat));
  });

  test('π: fused into one kernel, which stores one number, and equal to the stored steps', () => {
    const n = 8000;
    const points = random.generator(42).uniform(-1, 1, [2, n]);
    const count = points.square().sum(0).lt(1).countNonzero();
    expect(count.explain().split('\n').at(-1)).toMatch(
      /^1 +draw, mul, add, lt, count +int64 +this array is asked for$/,
    );
    const explanation = count.explain('ir');
    expect(explanation).toMatch(/^1 kernel\n/);
    expect(explanation).toContain('buffer out: i64[] strides []');
    expect(explanation).not.toContain('load');
    expect(explanation.match(/draws \$rng/g)).toHaveLength(2);
    const [x, y] = points.toArray() as number[][];
    const inside = x!.filter((each, index) => each * each + y![index]! * y![index]! < 1).length;
    expect(count.item()).toBe(inside);
    expect(points.computeSync().square().sum(0).lt(1).countNonzero().item()).toBe(inside);
    expect((4 * count.item()) / n).toBeCloseTo(Math.PI, 1);
  });

  test('rows are in step for every length', () => {
    const points = draws([2, 5000]);
    const whole = points.toArray() as number[][];
    expect(draws([2, 5000]).at(0).toArray()).toEqual(whole[0]);
    expect(draws([2, 5000]).at(1).toArray()).toEqual(whole[1]);
    expect(draws([2, 5000]).at(1).sum().item()).toBe(treeSum(whole[1]!, 16));
  });

  test('are values: computed twice, sliced, reversed, they have the same numbers', () => {
    const bound = fc.option(fc.integer({ min: -6000, max: 6000 }), { nil: '' as const });
    const step = fc.constantFrom(1, -1, 3, -2);
    const shapes = fc.constantFrom([2, 5000], [9000], [3, 100], [2, 2, 4100], [4, 4096]);
    fc.assert(
      fc.property(shapes, bound, bound, step, fc.boolean(), (shape, from, to, by, isFlipped) => {
        const text = `${from}:${to}:${by}` as const;
        const look = (array: NDArray<'float64'>): NDArray<'float64'> => {
          const part = array.at('...', text);
          return isFlipped ? part.flip(0) : part;
        };
        const recorded = draws(shape);
        const stored = draws(shape).computeSync();
        expect(look(recorded).toArray()).toEqual(look(stored).toArray());
        expect(look(recorded).sum().item()).toBe(look(stored).sum().item());
        expect(look(recorded).T.add(1).toArray()).toEqual(look(stored).T.add(1).toArray());
        expect(look(recorded).sum(0).toArray()).toEqual(look(stored).sum(0).toArray());
      }),
      { numRuns: 25 },
    );
  });

  test('two places of one random array in one expression are one array', () => {
    const x = draws([5000]);
    const stored = x.toTypedArray();
    const y = draws([5000]);
    const gaps = y.at('1:').sub(y.at(':-1')).toTypedArray();
    for (let i = 0; i < gaps.length; i++) expect(gaps[i]).toBe(stored[i + 1]! - stored[i]!);
    expect(
      draws([5000])
        .sub(draws([5000]))
        .any()
        .item(),
    ).toBe(false);
  });

  test('uniform numbers stay below their bound', () => {
    // Without the cap, 1 − 2⁻⁵² of the way from 0.9999999999999998 to 1 rounds to 1.
    const close = random
      .generator(1)
      .uniform(1 - 2 ** -52, 1, [1000])
      .max()
      .item();
    expect(close).toBeLessThan(1);
    expect(random.generator(1).uniform(-3, -2, [1000]).max().item()).toBeLessThan(-2);
    const dice = random.generator(7).integers(1, 7, [1000]);
    expect([dice.dtype, dice.min().item(), dice.max().item()]).toEqual(['int64', 1, 6]);
  });

  test('normal and exponential numbers: quantiles of their draws', () => {
    const u = draws([2, 5000]).toTypedArray();
    const normal = random.generator(42).normal(0, 1, [2, 5000]).toTypedArray();
    // Φ(x) by its series, which is good to 10⁻¹⁴ in the middle.
    const phi = (x: number): number => {
      let [term, sum] = [x, x];
      for (let k = 1; k < 200; k++) sum += term *= (x * x) / (2 * k + 1);
      return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
    };
    for (let i = 0; i < u.length; i += 7) expect(phi(normal[i]!)).toBeCloseTo(u[i]!, 13);
    const exponential = random.generator(42).exponential(3, [2, 5000]).toTypedArray();
    for (let i = 0; i < u.length; i += 7) expect(exponential[i]).toBeCloseTo(-3 * Math.log(1 - u[i]!), 12);
    expect(Math.abs(random.generator(42).normal())).toBeLessThan(6);
    expect(random.generator(42).exponential()).toBeGreaterThan(0);
  });

  test('seeds, streams and single numbers', () => {
    const g = random.generator(42);
    const first = g.uniform(0, 1, [4]).toArray();
    expect(g.uniform(0, 1, [4]).toArray()).not.toEqual(first);
    expect(random.generator(42n).uniform(0, 1, [4]).toArray()).toEqual(first);
    expect(random.uniform(0, 1, [4]).toArray()).not.toEqual(random.uniform(0, 1, [4]).toArray());
    const [a, b] = random.generator(42).spawn(2);
    expect(a!.uniform(0, 1, 3).toArray()).not.toEqual(b!.uniform(0, 1, 3).toArray());
    // A single number takes no ordinal.
    const single = random.generator(42);
    expect(single.uniform()).toBe(generatorOf(42n, 2n ** 64n - 1n).float64());
    expect(single.uniform(0, 1, [4]).toArray()).toEqual(first);
  });
});

describe('sums', () => {
  const wild = (n: number): number[] => Array.from({ length: n }, (_, i) => Math.sin(i * i) * 10 ** (i % 13));

  test('over the last axis, or all: 16 partials, leaves of 4096', () => {
    for (const n of [0, 1, 5, 8, 16, 17, 4096, 4097, 9000, 13_000]) {
      expect(asarray(wild(n)).sum().item()).toBe(treeSum(wild(n), 16));
    }
    expect(asarray(wild(12_000)).reshape([3, 4000]).sum().item()).toBe(treeSum(wild(12_000), 16));
    const rows = asarray(wild(12_000)).reshape([3, 4000]).sum(1).toArray();
    expect(rows).toEqual([0, 1, 2].map((row) => treeSum(wild(12_000).slice(row * 4000, (row + 1) * 4000), 16)));
  });

  test('over other axes: in order within a leaf', () => {
    for (const rows of [2, 5, 8, 9, 20, 5000]) {
      const table = wild(rows * 3);
      const columns = [0, 1, 2].map((c) => Array.from({ length: rows }, (_, r) => table[r * 3 + c]!));
      const sums = asarray(table).reshape([rows, 3]).sum(0).toArray();
      expect(sums).toEqual(columns.map((column) => treeSum(column, 1)));
    }
  });

  test('over several axes: flattened in C order, with 16 partials if the last is among them', () => {
    const table = wild(5 * 7 * 11);
    const at = (i: number, j: number, k: number): number => table[(i * 7 + j) * 11 + k]!;
    const range = (n: number): number[] => [...Array(n).keys()];
    const array = asarray(table).reshape([5, 7, 11]);
    expect(array.sum({ axis: [0, 2] }).toArray()).toEqual(
      range(7).map((j) =>
        treeSum(
          range(5).flatMap((i) => range(11).map((k) => at(i, j, k))),
          16,
        ),
      ),
    );
    expect(array.sum({ axis: [0, 1], keepdims: true }).toArray()).toEqual([
      [
        range(11).map((k) =>
          treeSum(
            range(5).flatMap((i) => range(7).map((j) => at(i, j, k))),
            1,
          ),
        ),
      ],
    ]);
    // An axis of one element still tells the partials apart.
    expect(
      array
        .expandDims(3)
        .sum({ axis: [0, 3] })
        .toArray(),
    ).toEqual(
      range(7).map((j) =>
        range(11).map((k) =>
          treeSum(
            range(5).map((i) => at(i, j, k)),
            16,
          ),
        ),
      ),
    );
  });

  test('reductions that are written out give what their kernels give', () => {
    const table = asarray(wild(400)).reshape([100, 4]);
    const fused = table.sum(1).mul(1).toArray();
    expect(fused).toEqual((table.toArray() as number[][]).map((row) => treeSum(row, 16)));
    expect(table.prod(1).toArray()).toEqual((table.toArray() as number[][]).map(([a, b, c, d]) => a! * c! * (b! * d!)));
  });

  test('running sums: in leaves of 4096, each after what the one before has come to', () => {
    const n = 9000;
    const elements = wild(n);
    const expected: number[] = [];
    for (let i = 0, prefix = 0, offset = 0; i < n; i++) {
      prefix = i % 4096 === 0 ? elements[i]! : prefix + elements[i]!;
      expected.push(i < 4096 ? prefix : offset + prefix);
      if (i % 4096 === 4095) offset = expected[i]!;
    }
    expect(asarray(elements).cumulativeSum().toArray()).toEqual(expected);
    expect(asarray(elements).expandDims(1).cumulativeSum(0).flatten().toArray()).toEqual(expected);
    expect(asarray([-0]).cumulativeSum().toArray()).toEqual([-0]);
    expect(asarray([1, 2]).cumulativeSum({ includeInitial: true }).toArray()).toEqual([0, 1, 3]);
    expect(asarray([]).cumulativeSum().toArray()).toEqual([]);
    expect(asarray(elements).add(1).cumulativeSum().mul(2).at('-1:').size).toBe(1);
  });

  test('of nothing: 0, 1, true, false', () => {
    const none = asarray([]);
    expect([none.sum().item(), none.prod().item(), none.all().item(), none.any().item()]).toEqual([0, 1, true, false]);
    expect(asarray([[], []]).sum(1).toArray()).toEqual([0, 0]);
    expect(asarray([[], []]).sum(0).toArray()).toEqual([]);
    expect(none.countNonzero().item()).toBe(0);
  });
});

test('deep expressions are cut', () => {
  let a = arange(3).astype('float64');
  for (let i = 0; i < 5000; i++) a = a.add(1);
  expect(a.toArray()).toEqual([5000, 5001, 5002]);
  let b = asarray([1]);
  for (let i = 0; i < 60; i++) b = b.add(b);
  expect(b.item()).toBe(2 ** 60);
});

test('more axes than a kernel has', () => {
  const shape = [2, 3, 2, 3, 2, 3];
  const order = [5, 3, 1, 0, 2, 4];
  const a = arange(216).reshape(shape);
  const turned = a.permuteDims(order);
  const expected = (i: readonly number[]): number => {
    const place: number[] = [];
    for (const [axis, from] of order.entries()) place[from] = i[axis]!;
    return place.reduce((flat, p, axis) => flat * shape[axis]! + p, 0);
  };
  const copy = turned.add(0).toTypedArray();
  let flat = 0;
  for (let i = 0; i < 216; i++) {
    const place: number[] = [];
    let rest = i;
    for (const length of turned.shape.toReversed()) {
      place.unshift(rest % length);
      rest = Math.floor(rest / length);
    }
    expect(Number(copy[flat++])).toBe(expected(place));
  }
  expect(turned.sum().item()).toBe((215 * 216) / 2);
  expect(turned.sum({ axis: [0, 2, 4] }).toArray()).toEqual(
    turned
      .add(0)
      .sum({ axis: [0, 2, 4] })
      .toArray(),
  );
});
