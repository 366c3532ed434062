// Functions of elements: each result against the plain function called for every element, on typed arrays and on arrays of all layouts; what
// fuses; and what is refused, with its place.
import fc from 'fast-check';
import { alloc, arange, asarray, NDArray, ones, random, vectorize, zeros } from 'heddle';
import type { DType } from 'heddle';
import * as heddleMath from 'heddle/math';
import { describe, expect, it } from 'vitest';

/** Booleans are taken for numbers by types only. */
type Two = (x: number, y: number) => number;

const half = 0.5;
const triangle = (n: number): number => (n <= 0 ? 0 : n + triangle(n - 1));
const clamped = (x: number, low: number): number => {
  if (x < low) return low;
  return x > 10 ? 10 : x;
};

/** With `Math` as heddle has it, so that both have the same bits. */
const plainOf = (f: Two): Two =>
  // oxlint-disable-next-line typescript/no-implied-eval
  new Function('Math', 'half', 'triangle', 'clamped', `return ${f.toString()}`)(
    {
      ...heddleMath,
      PI: Math.PI,
      floor: Math.floor,
      abs: Math.abs,
      sqrt: Math.sqrt,
      max: Math.max,
      min: Math.min,
      trunc: Math.trunc,
    },
    half,
    triangle,
    clamped,
  ) as Two;

const functions: Readonly<Record<string, Two>> = {
  arithmetic: (x, y) => (x + y) * (x - y) - x / (y * y + 1),
  'one of two ways': (x, y) => (x > y ? x - y : y * 2),
  'several returns': (x, y) => {
    if (x < 0) return -x;
    if (y > 3) {
      const z = x * y;
      return z + 1;
    }
    return 0;
  },
  'a loop': (x, y) => {
    let s = 0;
    for (let k = 0; k < y; k++) s = s * x + k;
    return s;
  },
  'a loop that is left': (x, y) => {
    let n = 0;
    let z = x / 10;
    while (z < 4 && n < 50) {
      z = z * z + y / 10;
      n++;
    }
    return n;
  },
  'a loop that returns': (x, y) => {
    for (let k = 0; k < 20; k++) if (k * k > x + y) return k;
    return -1;
  },
  mathematics: (x, y) => Math.exp(x / 5) + Math.sin(y) * Math.sqrt(Math.abs(x)) + Math.atan2(y, x),
  booleans: (x, y) => (x > y && y < 4) as unknown as number,
  constants: () => 7.5,
  globals: (x, y) => x * half + clamped(y, half),
  recursion: (x, y) => triangle(Math.min(20, Math.trunc(x || 0))) + y,
  bits: (x, y) => (x | 0) ^ (y << 2),
};
const globals = { globals: () => ({ half, triangle, clamped }) };

const values = [1, -2, 0.5, 3, 10, -7.25, 0, -0, 4, 5, 6, 1e3, 2, 9, -1, 8, NaN, Infinity, 3, 11];
const others = [2, 3, -1, 0, 4, 4, 0.25, 1, 5, 7, 3, 3, -4, 12, 1, 2, 1, 2, NaN, 6];

/** Each element of arrays of one shape, by the plain function. */
function each(f: Two, a: NDArray<'float64'>, b: NDArray<'float64'>): number[] {
  const y = b.toTypedArray();
  return Array.from(a.toTypedArray(), (value, index) => f(value, y[index]!));
}

describe.each(Object.entries(functions))('%s', (_, f) => {
  const plain = plainOf(f);
  const vectorized = vectorize(f, globals);
  const asNumbers = (wanted: readonly number[]): number[] => wanted.map(Number);
  const isBoolean = typeof plain(1, 2) === 'boolean';

  it('on typed arrays', () => {
    const wanted = values.map((x, index) => plain(x, others[index]!));
    const result = vectorized(Float64Array.from(values), Float64Array.from(others));
    expect([...result]).toEqual(asNumbers(wanted));
    expect(result).toBeInstanceOf(isBoolean ? Uint8Array : Float64Array);
    const single = vectorized(3, Int16Array.from(others));
    expect([...single]).toEqual(asNumbers([...Int16Array.from(others)].map((y) => plain(3, y))));
    expect(vectorized(new Float32Array(0), 2)).toHaveLength(0);
  });

  it('on scalars', () => {
    for (const [index, x] of values.entries()) expect(vectorized(x, others[index]!)).toBe(plain(x, others[index]!));
  });

  it('on arrays, among other work, and over axes', () => {
    const [a, b] = [asarray(values).reshape(4, 5), asarray(others).reshape(4, 5)];
    const result = vectorized(a, b);
    expect(result.dtype).toBe(isBoolean ? 'bool' : 'float64');
    expect([...result.flatten().toTypedArray()]).toEqual(asNumbers(each(plain, a, b)));
    const [c, d] = [a.T.at('::-1'), b.T.mul(2)];
    expect([...vectorized(c, d).flatten().toTypedArray()]).toEqual(asNumbers(each(plain, c, d)));
    const row = b.at(1);
    const wide = vectorized(a, row);
    expect([...wide.flatten().toTypedArray()]).toEqual(asNumbers(each(plain, a, row.broadcastTo([4, 5]))));
    const column = asarray([[1], [2]]);
    expect(vectorized(column, row).shape).toEqual([2, 5]);
    expect(vectorized(2, row).toArray()).toEqual(Array.from(row.toTypedArray(), (y) => plain(2, y)));
    expect(vectorized(asarray(3), 2).item()).toBe(plain(3, 2));
    expect(vectorized(zeros([0, 5]), row).toArray()).toEqual([]);
    const numeric = result.astype('float64');
    expect(numeric.at(':', '2:').max(0).toArray()).toEqual(
      [2, 3, 4].map((j) => [0, 1, 2, 3].map((i) => plain(a.get(i, j), b.get(i, j))).reduce((m, x) => Math.max(m, x))),
    );
  });
});

describe('dtypes', () => {
  const twice = vectorize((x: number) => x * 2 + 0.5);
  const dtypes: Exclude<DType, 'bool'>[] = [
    'int8',
    'int16',
    'int32',
    'int64',
    'uint8',
    'uint16',
    'uint32',
    'uint64',
    'float32',
  ];

  it.each(dtypes)('elements of %s are numbers', (dtype) => {
    const result = twice(asarray([1, 2, 100], { dtype }).at('::-1'));
    expect([result.dtype, result.toArray()]).toEqual(['float64', [200.5, 4.5, 2.5]]);
  });

  it('elements of bool are booleans', () => {
    const differ = vectorize((a: boolean, b: boolean) => a !== b);
    const flags = asarray([true, false, true]);
    const result = differ(flags, asarray([true, true, true]));
    expect([result.dtype, result.toArray()]).toEqual(['bool', [false, true, false]]);
    expect(differ(flags, true).toArray()).toEqual([false, true, false]);
  });

  it('bigints stay bigints', () => {
    const next = vectorize((x: bigint, y: bigint) => x * x + y);
    expect(next(BigInt64Array.of(3n, -4n), 1n)).toEqual(BigInt64Array.of(10n, 17n));
    expect(() => next(BigInt64Array.of(2n ** 62n), 1n)).toThrow(expect.objectContaining({ code: 'JIT014' }));
    expect(next(2n, 3n)).toBe(7n);
  });

  it('64 bits that are no exact number are refused, with the number', () => {
    const big = asarray([1n, 2n ** 60n]);
    expect(() => twice(big).computeSync()).toThrow(
      'the int64 element 1152921504606846976 cannot be given to a function',
    );
    expect(() => twice(big).sum().item()).toThrow(expect.objectContaining({ code: 'ARRAY013' }));
    const unsigned = asarray([2n ** 64n - 1n], { dtype: 'uint64' });
    expect(() => twice(unsigned).toArray()).toThrow('the uint64 element 18446744073709551615');
  });
});

describe('fusion', () => {
  const f = vectorize(function root(x: number, y: number) {
    return x > 0.5 ? Math.sqrt(x) : y;
  });

  it('one kernel with the work around it', () => {
    const a = arange(1000).astype('float64').div(1000).computeSync();
    const sum = f(a.mul(2), 3).add(1).sum();
    expect(sum.explain()).toMatch(/^1 kernel\n/);
    const wanted = zeros([1000]).computeSync();
    for (let i = 0; i < 1000; i++) wanted.set(i, (2 * a.get(i) > 0.5 ? Math.sqrt(2 * a.get(i)) : 3) + 1);
    expect(sum.item()).toBe(wanted.sum().item());
  });

  it('with draws, which keep their numbers', () => {
    const draw = (): NDArray<'float64'> => random.generator(5).uniform(0, 1, [3, 5000]);
    const fused = f(draw(), -1).sum(1);
    expect(fused.explain()).toMatch(/^1 kernel/);
    const stored = draw().computeSync();
    expect(fused.toArray()).toEqual(f(stored, -1).sum(1).toArray());
    expect(fused.explain()).toContain('nothing to compute');
  });

  it('in lanes', () => {
    const explained = f(ones([100]).computeSync(), 2).explain();
    expect(explained).toMatch(/^1 +root +100 × float64/m);
    const steps = vectorize((x: number) => (x > 0.5 ? x * 3 : x - 1));
    const out = steps(Float64Array.of(1, 0.25));
    expect(out).toEqual(Float64Array.of(3, -0.75));
    expect(steps.explain('passes')).toMatch(/mul\.f64x\d/);
  });

  it('of functions of functions, and of one that is used twice', () => {
    const g = vectorize((x: number) => x * x - 1);
    const a = arange(6).astype('float64').reshape(2, 3);
    const once = g(a);
    expect(f(once, g(once)).add(once).toArray()).toEqual(
      (a.toArray() as number[][]).map((row) =>
        row.map((x) => {
          const y = x * x - 1;
          return (y > 0.5 ? Math.sqrt(y) : y * y - 1) + y;
        }),
      ),
    );
    const both = vectorize((x: number) => g(x) + 1, { globals: () => ({ g }) });
    expect(both(asarray([1, 2, 3])).toArray()).toEqual([1, 4, 9]);
  });

  it('but not where few elements are needed for many', () => {
    const dear = vectorize((x: number) => {
      let s = x;
      for (let k = 0; k < 5; k++) s = Math.exp(Math.sin(s) / (1 + k)) - s / (2 + s * s) + (s > 3 ? s - 1 : s * s * s);
      return s;
    });
    const cheap = vectorize((x: number) => x * 2 + 1);
    const [row, table] = [arange(5).astype('float64'), ones([40, 5])];
    const sum = table.add(dear(row).mul(2));
    expect(sum.explain().split('\n')[0]).toBe('2 kernels');
    expect(sum.explain()).toContain('its elements are needed more than once');
    expect(sum.at(7).toArray()).toEqual(dear(row).mul(2).add(1).toArray());
    expect(table.add(cheap(row)).explain().split('\n')[0]).toBe('1 kernel');
    expect(ones([2, 5]).add(dear(row)).explain().split('\n')[0]).toBe('1 kernel');
  });

  it('as a value: what is assigned later is not seen', () => {
    const a = ones([4]);
    const result = f(a, 0);
    a.set(0, 100);
    expect(result.toArray()).toEqual([1, 1, 1, 1]);
  });
});

describe('out', () => {
  const add = vectorize((x: number, y: number) => x * 10 + y);

  it('is a typed array of any kind, and converts as a store does', () => {
    const out = new Uint8Array(3);
    expect(add(Float64Array.of(1, 2, 30), 1, { out })).toBe(out);
    expect([...out]).toEqual([11, 21, 301 % 256]);
    const heap = alloc.float32(3);
    expect(add(Float64Array.of(1, 2, 0.1), 0.1, { out: heap })).toBe(heap);
    expect([...heap]).toEqual([10.1, 20.1, 1.1].map(Math.fround));
    const flags = vectorize((x: number) => x > 1);
    expect(flags(Float64Array.of(1, 2), { out: new Float64Array(2) })).toEqual(Float64Array.of(0, 1));
  });

  it.each([
    ['ordinary memory', (n: number) => new Float64Array(n)],
    ['the heap', (n: number) => alloc.float64(n)],
  ])('may be one of the arguments, or overlap one, in %s', (_, make) => {
    const x = make(3);
    x.set([1, 2, 3]);
    expect([...add(x, x, { out: x })]).toEqual([11, 22, 33]);
    const whole = make(40);
    whole.set(Array.from({ length: 40 }, (_each, index) => index));
    add(whole.subarray(0, 39), 0, { out: whole.subarray(1) });
    expect([...whole]).toEqual([0, ...Array.from({ length: 39 }, (_each, index) => index * 10)]);
    const bytes = make(4);
    bytes.set([1, 2, 3, 4]);
    const singles = new Float32Array(bytes.buffer, bytes.byteOffset, 4);
    const wanted = [...bytes].map((each) => each * 10);
    add(bytes, 0, { out: singles });
    expect([...singles]).toEqual(wanted);
  });

  it('is an array', () => {
    const out = zeros([2, 3]);
    const before = out.add(1);
    expect(add(ones([2, 3]), asarray([1, 2, 3]), { out })).toBe(out);
    expect(out.toArray()).toEqual([
      [11, 12, 13],
      [11, 12, 13],
    ]);
    expect(before.sum().item()).toBe(6);
    expect(add(out, out, { out }).get(0, 0)).toBe(121);
    const single = zeros([3], { dtype: 'float32' });
    expect(() => add(ones([3]), 1, { out: single })).toThrow(expect.objectContaining({ code: 'ARRAY004' }));
    expect(() => add(ones([3]), 1, { out: zeros([2]) })).toThrow(expect.objectContaining({ code: 'ARRAY002' }));
  });
});

describe('refused', () => {
  const of = (f: (...args: never[]) => unknown) => vectorize(f as (x: number) => number);
  const error = (code: string, text: string): unknown =>
    expect.objectContaining({ code, message: expect.stringContaining(text) as string });

  it.each<[string, () => unknown, string, string]>([
    ['no function', () => vectorize('x => x' as never), 'JIT007', 'vectorize takes a function'],
    [
      'an option of NumPy',
      () => vectorize((x: number) => x, { otypes: 'd' } as object),
      'JIT009',
      '.astype on the result',
    ],
    [
      'an option of Numba',
      () => vectorize((x: number) => x, { target: 'parallel' } as object),
      'JIT009',
      'all threads work on large arrays',
    ],
    [
      'another option',
      () => vectorize((x: number) => x, { global: () => ({}) } as object),
      'JIT009',
      'did you mean globals',
    ],
    [
      'an option of a call',
      () => of((x: number) => x)(ones([2]), { into: 3 } as never),
      'JIT009',
      'has no option into',
    ],
    [
      'lengths',
      () => of((x: number, y: number) => x + y)(new Float64Array(3), new Float64Array(4) as never),
      'ARRAY002',
      'arrays of 3 and 4 elements',
    ],
    [
      'the length of out',
      () => of((x: number) => x)(new Float64Array(3), { out: new Float64Array(1) } as never),
      'ARRAY002',
      '3 and 1',
    ],
    ['shapes', () => of((x: number, y: number) => x + y)(ones([3]), ones([4]) as never), 'ARRAY002', '[3] and [4]'],
    [
      'both kinds of arrays',
      () => of((x: number, y: number) => x + y)(ones([3]), new Float64Array(3) as never),
      'JIT008',
      'argument 2 of',
    ],
    ['lists', () => of((x: number) => x)([1, 2] as never), 'JIT008', ''],
    [
      'lists beside arrays',
      () => of((x: number, y: number) => x + y)(ones([2]), [1, 2] as never),
      'JIT008',
      'asarray(values)',
    ],
    [
      'out of the other kind',
      () => of((x: number) => x)(new Float64Array(2), { out: ones([2]) } as never),
      'JIT009',
      'a typed array',
    ],
    ['out for a scalar', () => of((x: number) => x)(2, { out: new Float64Array(2) } as never), 'JIT009', 'left out'],
    ['draws', () => of((x: number) => x + Math.random())(ones([2])), 'JIT002', 'random.uniform(0, 1, x.shape)'],
    [
      'draws on typed arrays',
      () => of((x: number) => x + Math.random())(new Float64Array(2)),
      'JIT002',
      'a draw for each element',
    ],
    ['tuples', () => of((x: number) => [x, 1])(ones([2])), 'JIT002', 'a tuple of 2 for each element'],
    ['nothing', () => of((x: number) => void x)(ones([2])), 'JIT005', 'returns nothing'],
    ['elements of what is an element', () => of((x: number) => (x as unknown as number[])[0])(ones([2])), 'JIT002', ''],
    [
      'memory of its own',
      () => of((x: number) => new Float64Array([x, 1])[0])(ones([2])),
      'JIT002',
      'an array for each element',
    ],
    ['a missing argument', () => of((x: number, y: number) => x + y)(ones([2])), 'JIT008', 'without its argument y'],
    ['names from outside', () => of((x: number) => x * half)(ones([2])), 'JIT003', 'globals: () => ({ half })'],
  ])('%s', (_, run, code, text) => {
    expect(run).toThrow(error(code, text));
  });

  it('recursion without an end, by its elements', () => {
    const down = (n: number): number => (n === 0 ? 0 : 1 + down(n - 1));
    const f = vectorize((x: number) => down(x), { globals: () => ({ down }) });
    expect(f(asarray([3, 5])).toArray()).toEqual([3, 5]);
    expect(() => f(asarray([3, -1])).computeSync()).toThrow(error('JIT015', ''));
    expect(() => f(Float64Array.of(3, -1))).toThrow(error('JIT015', 'down calls itself'));
  });
});

describe('checks', () => {
  const big = vectorize((x: number) => Number(BigInt(x) * 1_099_511_627_776n));

  it('fail with the place in the text', () => {
    expect(big(asarray([1, 2])).toArray()).toEqual([2 ** 40, 2 ** 41]);
    for (const make of [
      (): unknown => big(asarray([1, 2 ** 30])).computeSync(),
      (): unknown =>
        big(asarray([[1], [2 ** 30]]))
          .add(asarray([1, 2]))
          .sum()
          .item(),
      (): unknown => big(Float64Array.of(1, 2 ** 30)),
      (): unknown => big(2 ** 30),
    ])
      expect(make).toThrow(/error\[JIT014\][^]*BigInt\(x\) \* 1_?099/);
  });

  it('of two functions in one kernel are told apart', () => {
    const whole = vectorize((x: number) => Number(BigInt(x)));
    const both = (x: number[]): NDArray => whole(asarray(x)).add(big(asarray(x)));
    expect(both([1]).toArray()).toEqual([1 + 2 ** 40]);
    expect(() => both([2 ** 30]).computeSync()).toThrow(/BigInt\(x\) \* 1_?099/);
    expect(() => both([0.5]).computeSync()).toThrow(/Number\(BigInt\(x\)\)\n/);
  });
});

it('tells what it has compiled', () => {
  const f = vectorize((x: number, y: number) => x - y);
  expect([f.signatures, f.explain()]).toEqual([[], expect.stringContaining('it has not been yet')]);
  expect(() => f.explain('source' as never)).toThrow(/explain has no view "source"/);
  f(1, 2);
  f(Float64Array.of(1), 2);
  f(ones([2, 2]), asarray([1], { dtype: 'int32' }));
  f(Float64Array.of(3), 2);
  expect(f.signatures).toEqual(['(number, number)', '(f64[], number)', '(array(float64), array(int32))']);
  expect(f.explain()).toContain(
    '; (array(float64), array(int32))\nkernel @function(%argument0: f64, %argument1: f64) -> (f64)',
  );
  expect(f.explain('wat')).toContain('(module');
  expect(f.plain(5, 3)).toBe(2);
  expect(f.length).toBe(2);
});

it('agrees with the plain function on random arrays', () => {
  const f = (x: number, y: number): number => {
    let s = x;
    for (let k = 0; k < 3; k++) s = s > y ? s - y * k : s * 0.5 + k;
    return x === y ? -1 : s;
  };
  const vectorized = vectorize(f);
  const number = fc.oneof(fc.double(), fc.integer({ min: -5, max: 5 }));
  fc.assert(
    fc.property(fc.array(fc.tuple(number, number), { maxLength: 40 }), (pairs) => {
      const [x, y] = [0, 1].map((k) => Float64Array.from(pairs, (pair) => pair[k]!)) as [Float64Array, Float64Array];
      const wanted = Float64Array.from(pairs, ([a, b]) => f(a, b));
      expect(vectorized(x, y)).toEqual(wanted);
      expect(vectorized(asarray(x), asarray(y)).toTypedArray()).toEqual(wanted);
      expect(vectorized(asarray(x).at('::-1'), asarray(y).at('::-1')).at('::-1').toTypedArray()).toEqual(wanted);
    }),
    { numRuns: 100 },
  );
});
