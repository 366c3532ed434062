// Arrays with a shape in one call with whatever else a call can have: generators, `verify`, `fallback`, `explain`, parallel loops.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { arange, asarray, full, ones, random, zeros } from '../src/array/index.js';
import type { Generator, NDArray } from '../src/array/index.js';
import { jit, prange } from '../src/jit/index.js';
import { configure } from '../src/platform/settings.js';

type Matrix = NDArray<'float64'>;

const notes: string[] = [];
beforeEach(() => configure({ warn: (message) => notes.push(message) }));
afterEach(() => {
  notes.length = 0;
  configure({ warn: true });
});

describe('generators and arrays', () => {
  const fillTyped = jit((x: Float64Array, rng: Generator) => {
    for (let i = 0; i < x.length; i++) x[i] = rng.normal();
  });
  const fill = jit((a: Matrix, rng: Generator, scale: number = 1) => {
    for (let i = 0; i < a.size; i++) a.set(i, scale * rng.normal());
    return a;
  });

  it('draw what they draw with typed arrays, call after call', () => {
    const [one, other] = [random.generator(3), random.generator(3)];
    const [x, a] = [new Float64Array(100), zeros([100])];
    const seen = new Set<number>();
    for (let call = 0; call < 4; call++) {
      fillTyped(x, one);
      expect(fill(a, other).toTypedArray()).toEqual(x);
      seen.add(x[0]!);
    }
    expect(seen.size).toBe(4);
    expect(fill.signatures).toEqual(['(array(float64, 1d, C), generator)']);
  });

  it('tell apart calls with defaults, with other layouts, and with one generator given twice', () => {
    const two = jit((a: Matrix, g: Generator, h: Generator) => {
      for (let i = 0; i < a.size; i++) a.set(i, i % 2 === 0 ? g.random() : h.random());
      return a;
    });
    const drawn = (g: Generator, h: Generator): unknown => two(zeros([6]), g, h).toArray();
    const [g, h] = [random.generator(1), random.generator(2)];
    const apart = drawn(g, h);
    // After a call like it, and the other way round.
    for (let round = 0; round < 2; round++) {
      const [same, again] = [random.generator(1), random.generator(1)];
      const fresh = jit(two.plain);
      expect(drawn(same, same)).toEqual(fresh(zeros([6]), again, again).toArray());
      expect(drawn(random.generator(1), random.generator(2))).toEqual(apart);
    }
    const doubled = fill(zeros([3]), random.generator(5), 2).toArray() as number[];
    expect(fill(zeros([3]), random.generator(5)).toArray()).toEqual(doubled.map((v) => v / 2));
    expect(fill(zeros([3]), random.generator(5), 2).toArray()).toEqual(doubled);
    const backwards = fill(zeros([3]).computeSync().flip(), random.generator(5), 2);
    expect(backwards.toArray()).toEqual(doubled);
    expect(() => fill(zeros([3]), random.generator(5), null as never)).toThrow(/arrays of heddle and generators/);
    expect(() => fill(zeros([3]), undefined as never)).toThrow(/cannot be undefined/);
  });

  it('go on with the generator of .with', () => {
    const noisy = jit((a: Matrix) => {
      for (let i = 0; i < a.size; i++) a.set(i, a.get(i) + Math.random());
      return a;
    });
    const row = (rng: Generator): unknown[] => {
      const own = noisy.with({ random: rng });
      return [1, 2, 3].map(() => own(ones([5])).toArray());
    };
    const first = row(random.generator(9));
    expect(row(random.generator(9))).toEqual(first);
    expect(new Set(first.map(String)).size).toBe(3);
    expect(
      noisy
        .with({ seed: 9 })(ones([5]))
        .toArray(),
    ).not.toEqual(first[0]);
  });

  it('draw in parallel loops over rows', () => {
    const rows = jit(
      (a: Matrix, rng: Generator) => {
        for (const i of prange(a.shape[0]!)) for (let j = 0; j < a.shape[1]!; j++) a.set(i, j, rng.uniform(1, 2));
        return a;
      },
      { globals: () => ({ prange }) },
    );
    const drawn = rows(zeros([50, 7]), random.generator(4)).toTypedArray();
    expect(rows(zeros([7, 50]).T, random.generator(4)).toTypedArray()).toEqual(drawn);
    expect([Math.min(...drawn) >= 1, Math.max(...drawn) < 2, new Set(drawn).size]).toEqual([true, true, 350]);
  });
});

describe('verify', () => {
  it('compares arrays that are given, made and given back, whatever their layout', () => {
    const f = jit(
      (a: Matrix, b: NDArray<'int32'>, x: Float64Array) => {
        const out = zeros([a.shape[0]!, a.shape[1]!], { dtype: 'bool' });
        for (let i = 0; i < a.shape[0]!; i++)
          for (let j = 0; j < a.shape[1]!; j++) {
            a.set(i, j, a.get(i, j) / 3 + b.get(j));
            out.set(i, j, a.get(i, j) > 1);
            x[i]! += a.get(i, j);
          }
        b.set(0, 7);
        return [out, a, x[0]!] as const;
      },
      { verify: true, globals: () => ({ zeros }) },
    );
    for (const make of [() => arange(6).astype('float64').reshape(2, 3), () => ones([3, 2]).computeSync().T]) {
      const [a, b, x] = [make(), asarray([1, 2, 3], { dtype: 'int32' }), new Float64Array(2)];
      const wanted = [a.get(1, 2) / 3 + 3, a.get(0, 0) / 3 + 1 > 1];
      const [out, same] = f(a, b, x);
      expect([same === a, a.get(1, 2), out.get(0, 0), b.get(0)]).toEqual([true, ...wanted, 7]);
    }
    expect(f.signatures.length).toBe(2);
    expect(notes).toEqual([]);
  });

  it('copies an array that is given twice once', () => {
    const f = jit(
      (a: Matrix, b: Matrix) => {
        for (let i = 1; i < a.size; i++) a.set(i, b.get(i - 1) + 1);
        return b.get(-1);
      },
      { verify: true },
    );
    const a = zeros([5]);
    expect([f(a, a), f(zeros([5]), ones([5]))]).toEqual([4, 1]);
  });

  it('tells which element differs, and which shape', () => {
    let rate = 2;
    const options = { globals: () => ({ rate, full }), verify: true };
    const scale = jit((a: Matrix) => {
      for (let i = 0; i < a.shape[0]!; i++) for (let j = 0; j < a.shape[1]!; j++) a.set(i, j, a.get(i, j) * rate);
    }, options);
    const make = jit((n: number) => full([n, rate], n), options);
    rate = 3;
    expect(() =>
      scale(
        asarray([
          [0, 0, 0],
          [0, 0, 5],
        ]),
      ),
    ).toThrow(
      expect.objectContaining({
        code: 'JIT020',
        message: expect.stringMatching(
          /gives 10 as element \[1, 2\] of its argument 1, where the plain function gives 15/,
        ),
      }),
    );
    expect(() => make(4)).toThrow(/gives an array of float64 and of the shape \[4, 2\] as its result.*shape \[4, 3\]/);
  });

  it('says that it does not compare an array and a typed array over its memory', () => {
    const f = jit(
      function shared(a: Matrix, x: Float64Array) {
        for (let i = 0; i < a.size; i++) x[i] = a.get(i) + 1;
        return a.get(0);
      },
      { verify: true },
    );
    const a = ones([3]);
    f(a, a.data());
    expect(notes).toEqual([expect.stringContaining('verify does not compare shared, which is given an array')]);
  });
});

it('what cannot be compiled runs as the plain function, on the same arrays', () => {
  const f = jit(
    function total(a: Matrix) {
      a.set(0, 10);
      return a.sum().item();
    },
    { fallback: true },
  );
  const a = ones([3]);
  expect([f(a), f(a), a.get(0)]).toEqual([12, 12, 10]);
  expect(notes).toEqual([expect.stringContaining('total runs as plain JavaScript')]);
});

it('explain says what became of a parallel loop over an array', () => {
  const smooth = jit(
    (a: Matrix, out: Matrix, k: number) => {
      for (const i of prange(1, a.shape[0]! - 1)) out.set(i, (a.get(i - 1) + a.get(i + 1)) / 2);
      return out.get(k);
    },
    { globals: () => ({ prange }) },
  );
  smooth(arange(100).astype('float64'), zeros([100]), 3);
  const said = smooth.explain().replaceAll(/\s*\n\s*\/\/ {2,}/g, ' ');
  expect(said).toContain('(array(float64, 1d, C), array(float64, 1d, C), number)');
  expect(said).toMatch(/\/\/ checks +k on axis 0 of out each time/);
  expect(said).toMatch(/\/\/ lanes +\d+ iterations at a time/);
  expect(said).toMatch(/\/\/ threads +all, in blocks/);
  expect(said).toMatch(/\/\/ checks .*i - 1 on axis 0 of a/);
});
