// Arrays with a shape in compiled functions, each function against its plain self: the same numbers in the result, in the array that was given
// and in every other one that was taken from it before; the same refusals, with the same codes.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arange, asarray, full, fullLike, NDArray, ones, zeros, zerosLike } from '../array/index.js';
import type { DType } from '../array/index.js';
import { jit } from './jit.js';
import type { JitArgument, Jitted, JitResult } from './jit.js';
import { prange } from './prange.js';

type Matrix = NDArray<'float64'>;

/** Fresh arrays of many layouts, all of the shape [4, 5]. */
const layouts: Readonly<Record<string, () => Matrix>> = {
  'C order': () => arange(20).astype('float64').reshape(4, 5),
  'not computed': () => arange(20).astype('float64').reshape(4, 5).mul(0.5),
  transposed: () => arange(20).astype('float64').reshape(5, 4).computeSync().T,
  'a part of rows': () => arange(80).astype('float64').reshape(8, 10).computeSync().at('2:6', '3:8'),
  'every other place': () => arange(80).astype('float64').reshape(8, 10).computeSync().at('::2', '::2'),
  'backwards on both axes': () => arange(20).astype('float64').reshape(4, 5).computeSync().flip(),
  'backwards on the first': () => arange(20).astype('float64').reshape(4, 5).computeSync().flip(0),
  'backwards, every other': () => arange(80).astype('float64').reshape(8, 10).computeSync().at('::-2', '::-2'),
  'one row for all': () => arange(5).astype('float64').computeSync().broadcastTo([4, 5]),
  'one column for all': () => arange(4).astype('float64').reshape(4, 1).computeSync().broadcastTo([4, 5]),
  'one number for all': () => asarray(2.5).broadcastTo([4, 5]),
  'three axes, one of them picked': () => arange(60).astype('float64').reshape(4, 3, 5).computeSync().at(':', 1),
};

const outcome = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

const numbers = (value: unknown): unknown => {
  if (value instanceof NDArray) return [value.dtype, value.toArray()];
  return Array.isArray(value) ? value.map(numbers) : value;
};

/** Runs both on arrays of their own, and compares what they return and what the arrays hold then. */
function agrees<A extends JitArgument[], R extends JitResult>(
  plain: (...args: A) => R,
  compiled: Jitted<A, R>,
  makeArgs: () => readonly [...NoInfer<A>],
): void {
  const [ours, theirs] = [makeArgs(), makeArgs()];
  const wanted = outcome(() => numbers(plain(...theirs)));
  expect(outcome(() => numbers(compiled(...ours)))).toEqual(wanted);
  if (typeof wanted !== 'string') expect(ours.map(numbers)).toEqual(theirs.map(numbers));
}

const readers: Readonly<Record<string, (a: Matrix) => number>> = {
  'in rows': (a) => {
    let s = 0;
    for (let i = 0; i < a.shape[0]!; i++) for (let j = 0; j < a.shape[1]!; j++) s = s * 1.1 + a.get(i, j);
    return s;
  },
  'in columns, taken apart': (a) => {
    const [n, m] = a.shape as [number, number];
    let s = 0;
    for (let j = 0; j < m; j++) for (let i = 0; i < n; i++) s = s * 1.1 + a.get(i, j);
    return s;
  },
  'from the end': (a) => {
    let s = a.get(-1, -1) * 100 + a.get(0, -2);
    for (let i = 1; i <= 4; i++) s = s * 1.1 + a.get(-i, i - 3);
    return s;
  },
  'by places that are computed': (a) => {
    let s = 0;
    for (let k = 0; k < a.size; k++)
      s = s * 1.1 + a.get(Math.floor(k / 5), k % 5) + a.get(3 - Math.floor(k / 5), 4 - (k % 5));
    return s;
  },
  'what it is': (a) => a.ndim * 1000 + a.size + a.shape[0]! * a.shape[1]! + a.shape.length,
  maxima: (a) => {
    let m = -Infinity;
    for (let i = 0; i < a.shape[0]!; i++) for (let j = 0; j < a.shape[1]!; j++) m = Math.max(m, a.get(i, j));
    return m;
  },
};

describe.each(Object.entries(layouts))('%s', (_, make) => {
  it.each(Object.entries(readers))('is read %s', (_name, plain) => {
    agrees(plain, jit(plain), () => [make()]);
  });

  it('is written', () => {
    const plain = (a: Matrix, x: number): Matrix => {
      for (let i = 0; i < a.shape[0]!; i++)
        for (let j = 0; j < a.shape[1]!; j++) a.set(i, -j - 1, a.get(i, j) * x + i - 10 * j);
      return a;
    };
    const compiled = jit(plain);
    agrees(plain, compiled, () => [make(), 0.3]);
    // What it returns is the very array.
    const a = make();
    expect(compiled(a, 2)).toBe(a);
  });

  it('keeps its old numbers for whoever has taken them', () => {
    const plain = (a: Matrix): void => void a.set(1, 2, -1).set(-1, -1, -2);
    for (const run of [plain, jit(plain)]) {
      const a = make();
      const before = a.toArray();
      const [part, sum, again] = [a.at(1), a.mul(2), a.at('...')];
      run(a);
      expect([part.toArray(), sum.div(2).toArray(), again.toArray()]).toEqual([
        (before as number[][])[1],
        before,
        before,
      ]);
      expect([a.get(1, 2), a.get(3, 4), a.get(0, 0)]).toEqual([-1, -2, (before as number[][])[0]![0]]);
    }
  });

  it('is written by a parallel loop', () => {
    const plain = (a: Matrix): number => {
      let m = -Infinity;
      for (const i of prange(a.shape[0]!)) {
        for (let j = 0; j < a.shape[1]!; j++) a.set(i, j, a.get(i, j) + a.get(i, -1) * i);
        m = Math.max(m, a.get(i, 0));
      }
      return m;
    };
    agrees(plain, jit(plain), () => [make()]);
    expect(jit(plain).with({ threads: 2 })(make())).toBe(plain(make()));
  });
});

describe('arrays of other numbers of axes', () => {
  it('none', () => {
    const plain = (a: NDArray<'float64'>, x: number): number => a.set(a.get() + x).get() + a.item() + a.ndim;
    agrees(plain, jit(plain), () => [asarray(2), 0.5]);
  });

  it('one', () => {
    const plain = (a: NDArray<'float64'>): number => {
      let s = 0;
      for (const x of a) s = s * 1.5 + (x as number);
      for (let i = a.shape[0]! - 1; i >= 0; i--) a.set(i, s - a.get(i));
      return s + a.get(-1);
    };
    const compiled = jit(plain);
    agrees(plain, compiled, () => [arange(9).astype('float64')]);
    agrees(plain, compiled, () => [arange(9).astype('float64').computeSync().flip()]);
    agrees(plain, compiled, () => [arange(30).astype('float64').computeSync().at('1::3')]);
  });

  it('four', () => {
    const plain = (a: NDArray<'float64'>): number => {
      const [n, m, k, l] = a.shape as [number, number, number, number];
      let s = 0;
      for (let i = 0; i < n; i++)
        for (let j = 0; j < m; j++)
          for (let g = 0; g < k; g++)
            for (let h = 0; h < l; h++) {
              s = s * 1.01 + a.get(i, j, g, h);
              a.set(i, j, g, h, s);
            }
      return s;
    };
    const compiled = jit(plain);
    const make = (): NDArray<'float64'> => arange(120).astype('float64').reshape(2, 3, 4, 5);
    agrees(plain, compiled, () => [make()]);
    agrees(plain, compiled, () => [make().computeSync().permuteDims([2, 0, 3, 1])]);
    agrees(plain, compiled, () => [make().computeSync().at(':', '::2', '::-1', '1:4')]);
  });

  it.each([[[0, 5]], [[4, 0]], [[0, 0]]])('of the shape %j, with nothing in it', (shape) => {
    const plain = (a: Matrix): number => {
      let s = 0;
      for (let i = 0; i < a.shape[0]!; i++) for (let j = 0; j < a.shape[1]!; j++) s += a.get(i, j);
      for (let i = 0; i < a.shape[0]!; i++) for (let j = 0; j < a.shape[1]!; j++) a.set(i, j, s);
      return s + a.size + a.shape[0]! * 10;
    };
    agrees(plain, jit(plain), () => [zeros(shape)]);
    agrees(plain, jit(plain), () => [zeros(shape).T]);
    const reads = (a: Matrix, i: number): number => a.get(i, 0);
    agrees(reads, jit(reads), () => [zeros(shape), 0]);
  });
});

describe('dtypes', () => {
  const ints: DType[] = ['int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64'];
  const floats: DType[] = ['float32', 'float64'];

  it.each([...ints, ...floats])('%s is read and written as numbers', (dtype) => {
    const plain = (a: NDArray, x: number): number => {
      let s = 0;
      for (let i = 0; i < a.size; i++) s += (a.get(i) as number) * (i + 1);
      a.set(1, (a.get(0) as number) + 1);
      a.set(-1, x);
      return s + (a.get(1) as number);
    };
    const compiled = jit(plain);
    for (const x of [0, 1, -1, -0, 0.5, 127, 128, 255, 256, -128, -129, 40_000, 65_535, 65_536, 2 ** 31, 2 ** 32 - 1])
      agrees(plain, compiled, () => [asarray([1, 2, 3], { dtype }), x]);
    for (const x of [
      2 ** 32,
      -(2 ** 31),
      -(2 ** 31) - 1,
      2 ** 53 - 1,
      2 ** 53,
      -(2 ** 53),
      2 ** 63,
      1e300,
      NaN,
      Infinity,
    ])
      agrees(plain, compiled, () => [asarray([1, 2, 3], { dtype }), x]);
  });

  it.each([...ints, ...floats, 'bool' as const])('%s takes what it takes from bigints and booleans', (dtype) => {
    const bigs = (a: NDArray, x: bigint): number => {
      a.set(0, x);
      return Number(a.get(0));
    };
    const ofBigs = jit(bigs as (a: NDArray, x: bigint) => void as never) as never as Jitted<[NDArray, bigint], number>;
    const make = (): NDArray => zeros([2], { dtype });
    for (const x of [
      0n,
      1n,
      -1n,
      127n,
      128n,
      -128n,
      -129n,
      255n,
      65_535n,
      2n ** 32n - 1n,
      2n ** 32n,
      2n ** 53n,
      2n ** 62n,
    ])
      agrees(bigs, ofBigs, () => [make(), x]);
    const flags = (a: NDArray, x: boolean): boolean => {
      a.set(0, x);
      return a.get(0) === true;
    };
    for (const x of [true, false]) agrees(flags, jit(flags), () => [make(), x]);
  });

  it('bool is read and written as booleans', () => {
    const plain = (a: NDArray<'bool'>): number => {
      let count = 0;
      for (let i = 0; i < a.shape[0]!; i++) {
        if (a.get(i)) count++;
        a.set(i, !a.get(i) && i !== 2);
      }
      return count;
    };
    agrees(plain, jit(plain), () => [asarray([true, false, false, true, true])]);
    const numeric = (a: NDArray<'bool'>): void => void a.set(0, 1);
    agrees(numeric, jit(numeric), () => [asarray([true])]);
  });

  it('64 bits come as numbers while these are exact', () => {
    const plain = (a: NDArray<'int64'>): number => a.get(0);
    const compiled = jit(plain);
    for (const x of [2n ** 53n - 1n, 2n ** 53n, -(2n ** 53n) + 1n, -(2n ** 53n), 2n ** 63n - 1n])
      agrees(plain, compiled, () => [asarray([x])]);
    const unsigned = jit((a: NDArray<'uint64'>) => a.get(0));
    expect(unsigned(asarray([2n ** 53n - 1n], { dtype: 'uint64' }))).toBe(2 ** 53 - 1);
    expect(() => unsigned(asarray([2n ** 64n - 1n], { dtype: 'uint64' }))).toThrow(
      'the uint64 element 18446744073709551615',
    );
  });
});

describe('two arrays', () => {
  const shift = (a: Matrix, b: Matrix): void => {
    for (let i = 0; i < a.shape[0]! - 1; i++) for (let j = 0; j < a.shape[1]!; j++) a.set(i + 1, j, b.get(i, j) + 1);
  };

  it('of which one is a part of the other keep apart', () => {
    const compiled = jit(shift);
    for (const run of [shift, compiled]) {
      const a = arange(20).astype('float64').reshape(4, 5).computeSync();
      const b = a.at('::-1');
      run(a, b);
      expect(b.get(0, 0)).toBe(15);
      expect(a.toArray()).toEqual([
        [0, 1, 2, 3, 4],
        [16, 17, 18, 19, 20],
        [11, 12, 13, 14, 15],
        [6, 7, 8, 9, 10],
      ]);
    }
  });

  it('that are one are one', () => {
    const compiled = jit(shift);
    for (const run of [shift, compiled]) {
      const a = zeros([4, 3]);
      run(a, a);
      expect(a.toArray()).toEqual([0, 1, 2, 3].map((row) => [row, row, row]));
    }
  });

  it('see what typed arrays over their elements are written', () => {
    const plain = (d: Float64Array, a: NDArray<'float64'>): number => {
      let s = 0;
      for (let i = 0; i + 1 < d.length; i++) {
        d[i + 1] = d[i]! + a.get(i);
        s = s * 2 + a.get(i + 1);
      }
      return s;
    };
    const compiled = jit(plain);
    const make = (): [Float64Array, NDArray<'float64'>] => {
      const a = ones([8]);
      return [a.data(), a];
    };
    agrees(plain, compiled, make);
    agrees(plain, compiled, () => [new Float64Array(8).fill(1), ones([8])]);
    const back = (a: NDArray<'float64'>, d: Float64Array): number => {
      a.set(0, 7);
      return d[0]!;
    };
    agrees(back, jit(back), () => make().toReversed() as [NDArray<'float64'>, Float64Array]);
  });
});

describe('refused', () => {
  const plainly = (f: (a: Matrix, i: number) => unknown): unknown => outcome(() => f(ones([2, 3]), 0));
  const wrong: Readonly<Record<string, [f: (a: Matrix, i: number) => number, code: string, text: string]>> = {
    'a place behind the end': [
      (a) => a.get(0, 3),
      'ARRAY006',
      'there is no place 3 on axis 1 of a, which has 3 elements there',
    ],
    'a place before the beginning': [(a, i) => a.get(i - 3, 0), 'ARRAY006', 'there is no place -3 on axis 0 of a'],
    'a place between two': [(a, i) => a.get(i + 0.5, 0), 'ARRAY006', 'there is no place 0.5 on axis 0'],
    'a place that is no number': [(a, i) => a.get(0, NaN * i), 'ARRAY006', 'there is no place NaN'],
    'too few places': [(a) => a.get(0), 'ARRAY006', 'get is given 1 places, and a has 2 axes'],
    'too many places': [(a) => a.get(0, 0, 0), 'ARRAY006', 'write a.get(i, j)'],
    'no value': [(a) => a.set(0, 1).size, 'ARRAY006', 'write a.set(i, j, value)'],
    'a boolean as a number': [(a) => a.set(0, 1, true).size, 'ARRAY005', 'a boolean cannot be an element of float64'],
  };

  it.each(Object.entries(wrong))('%s, as in plain code', (_, [f, code, text]) => {
    expect(plainly(f)).toBe(code);
    expect(() => jit(f)(ones([2, 3]), 0)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(text) }),
    );
  });

  it('tells the place in the text', () => {
    const f = jit((a: Matrix, i: number) => a.get(i, i * 2));
    expect(() => f(ones([2, 3]), 5)).toThrow(/a\.get\(i, i \* 2\)\n\s+\| +\^/);
  });

  it.each<[string, (a: Matrix) => unknown, string]>([
    ['brackets', (a) => (a as unknown as number[])[0], 'write a.get(i, j), and a.set(i, j, value)'],
    ['arithmetic', (a) => (a as unknown as number) + 1, 'use an element of it: a.get(i, j)'],
    ['methods that make arrays', (a) => a.sum().item(), 'the method sum of an array of float64 cannot be compiled yet'],
    ['a boolean for a place', (a) => a.get(true as unknown as number, 0), 'true is no place in an array'],
    ['a fraction for a place', (a) => a.get(0.5, 0), '0.5 is no place in an array'],
  ])('%s', (_, f, text) => {
    expect(() => jit(f as (a: Matrix) => number)(ones([2, 3]))).toThrow(text);
  });

  it('an array that was disposed of', () => {
    const f = jit((a: Matrix) => a.get(0, 0));
    const a = ones([2, 3]).computeSync();
    a.dispose();
    expect(() => f(a)).toThrow(expect.objectContaining({ code: 'ARRAY009' }));
  });

  it('iterations that write one element', () => {
    const column = jit((a: Matrix) => {
      for (const i of prange(a.shape[0]!)) a.set(0, 1, i);
    });
    expect(() => column(zeros([4, 3]))).toThrow('two iterations of prange may write one element of a');
    const behind = jit((a: Matrix) => {
      for (const i of prange(1, a.shape[0]!)) a.set(i, 0, a.get(i - 1, 0));
    });
    expect(() => behind(zeros([4, 3]))).toThrow('an iteration of prange may write what another one reads');
    // Place -1 is the last one.
    const around = jit((a: NDArray<'float64'>) => {
      for (const i of prange(-1, a.shape[0]! - 1)) a.set(i, i);
    });
    expect(() => around(zeros([4]))).toThrow('two iterations of prange may write one element of a');
  });

  it('iterations that write what another typed array sees', () => {
    const f = jit((x: Float64Array, y: Float64Array) => {
      for (const i of prange(y.length)) y[i] = x[i]!;
    });
    const x = new Float64Array(8);
    expect(() => f(x, x.subarray(1))).toThrow('an iteration of prange may write what another one reads');
  });
});

describe('arrays that are made inside', () => {
  const globals = { globals: () => ({ zeros, ones, full, zerosLike, fullLike }) };

  it.each<[string, (n: number, a: NDArray<'float32'>) => JitResult]>([
    ['zeros', (n) => zeros([n, 3])],
    ['one length', (n) => zeros(n)],
    ['no axes', () => full([], 7)],
    ['a dtype', (n) => zeros([n], { dtype: 'int16' })],
    ['ones', (n) => ones([2, n, 2])],
    ['ones of booleans', (n) => ones([n], { dtype: 'bool' })],
    ['full', (n) => full([n, n], n / 3)],
    ['full of integers', (n) => full([n], 3, { dtype: 'uint8' })],
    ['full of booleans', (n) => full([n], true)],
    ['like another', (_, a) => zerosLike(a)],
    ['like another, full', (n, a) => fullLike(a, n + 0.1)],
    ['of its shape', (_, a) => ones(a.shape)],
    ['of its dtype', (n, a) => ones([n], { dtype: a.dtype })],
    [
      'filled by a loop',
      (n, a) => {
        const [rows, columns] = a.shape as [number, number];
        const out = zeros([columns, rows, n]);
        for (let i = 0; i < rows; i++)
          for (let j = 0; j < columns; j++) for (let k = 0; k < n; k++) out.set(j, i, k, a.get(i, j) + k);
        return out;
      },
    ],
    [
      'two of them, and a number, and an argument, and a typed array',
      (n, a) => {
        const sums = zeros(a.shape[0]!);
        const size = a.size * 2;
        const half = ones([size], { dtype: 'float32' });
        const typed = new Float64Array(n);
        for (let i = 0; i < a.shape[0]!; i++) {
          for (let j = 0; j < a.shape[1]!; j++) sums.set(i, sums.get(i) + a.get(i, j));
          half.set(i, 1 / 3);
          if (i < n) typed[i] = i + 0.5;
        }
        return [sums, n * 2, a, half, typed];
      },
    ],
    [
      'only for itself',
      (n, a) => {
        const table = zeros([n, a.shape[1]!]);
        const flags = full([n], false);
        for (let i = 0; i < n; i++) {
          flags.set(i, i % 2 === 0);
          for (let j = 0; j < a.shape[1]!; j++) table.set(i, j, a.get(0, j) * i);
        }
        let s = 0;
        for (let i = 0; i < n; i++) if (flags.get(i)) s += table.get(i, -1);
        return s;
      },
    ],
    [
      'of a computed length, only for itself',
      (n) => {
        let length = 1;
        while (length < n) length *= 2;
        const a = ones([length]);
        let s = 0;
        for (let i = 0; i < length; i++) s += a.get(i);
        return s;
      },
    ],
  ])('%s', (_, plain) => {
    const compiled = jit(plain, globals);
    const make = (): NDArray<'float32'> => arange(8).astype('float32').reshape(2, 4);
    for (const n of [3, 0, 5]) agrees(plain, compiled, () => [n, make()]);
    agrees(plain, compiled, () => [2, make().computeSync().T]);
  });

  it.each<[string, (n: number) => unknown, string]>([
    ['a length below 0', (n) => zeros([n, -1]), 'ARRAY001'],
    ['half a length', (n) => zeros(n / 2), 'ARRAY001'],
    ['a value that does not fit', (n) => full([n], 300, { dtype: 'uint8' }), 'ARRAY005'],
  ])('%s is refused as in plain code', (_, f, code) => {
    expect(outcome(() => f(3))).toBe(code);
    expect(outcome(() => jit(f as (n: number) => number, globals)(3))).toBe(code);
    const inside = (n: number): number => {
      let k = n;
      k += 0;
      return zeros([k - 10]).size;
    };
    expect(outcome(() => jit(inside, globals)(3))).toBe('ARRAY001');
  });

  it('are known by what globals give, and by no name alone', () => {
    const f = (n: number): NDArray => zeros([n]);
    expect(() => jit(f)(3)).toThrow('globals: () => ({');
  });

  it('belong to whoever called', () => {
    const make = jit((n: number) => full([n], n), globals);
    const [a, b] = [make(3), make(3)];
    a.set(0, 5);
    expect([a.toArray(), b.toArray()]).toEqual([
      [5, 3, 3],
      [3, 3, 3],
    ]);
  });

  it('are made whatever a generator of random numbers gives', () => {
    const points = jit((n: number) => {
      const out = zeros([n, 2]);
      for (let i = 0; i < n; i++) for (let j = 0; j < 2; j++) out.set(i, j, Math.random());
      return out;
    }, globals);
    const seeded = points.with({ seed: 42 });
    expect(seeded(10).toArray()).toEqual(seeded(10).toArray());
    expect(seeded(10).lt(1).all().item()).toBe(true);
  });
});

describe('in helper functions, tuples and names of their own', () => {
  const column = (a: Matrix, j: number): number => {
    let s = 0;
    for (let i = 0; i < a.shape[0]!; i++) s += a.get(i, j);
    return s;
  };
  const swap = (a: Matrix, i: number, k: number): void => {
    for (let j = 0; j < a.shape[1]!; j++) {
      const x = a.get(i, j);
      a.set(i, j, a.get(k, j)).set(k, j, x);
    }
  };
  it.each<[string, (a: Matrix, b: Matrix) => number]>([
    ['helpers', (a) => column(a, 0) * 10 + column(a, -1)],
    [
      'helpers that write',
      (a, b) => {
        swap(a, 0, -1);
        swap(b, 1, 2);
        return column(a, 1) - column(b, 2);
      },
    ],
    [
      'tuples',
      (a, b) => {
        const pair = [a, b] as const;
        pair[0].set(0, 0, 5);
        const [one, two] = pair;
        return one.get(0, 0) * 100 + two.get(1, 1) + pair[1].get(-1, -1);
      },
    ],
    [
      'names',
      (a, b) => {
        let [one, two] = [a, b];
        [one, two] = [two, one];
        one.set(1, 1, two.get(2, 2) * 2);
        return b.get(1, 1) + one.size;
      },
    ],
    [
      'loops up to the size',
      (a, b) => {
        let s = 0;
        for (let k = 0; k < a.size; k++) s = s * 0.9 + a.get((k / 5) | 0, k % 5) * b.ndim;
        return s;
      },
    ],
  ])('%s', (_, plain) => {
    const compiled = jit(plain, { globals: () => ({ column, swap }) });
    for (const make of Object.values(layouts)) agrees(plain, compiled, () => [make(), layouts['transposed']!()]);
  });
});

describe('elements that are neighbors are walked in lanes', () => {
  const scale = (a: Matrix, b: Matrix): void => {
    for (let i = 1; i < a.shape[0]! - 1; i++)
      for (let j = 1; j < a.shape[1]! - 1; j++)
        b.set(i, j, (a.get(i - 1, j) + a.get(i + 1, j) + a.get(i, j - 1)) * 0.5);
  };

  it.each([
    ['in C order', ones([9, 9]), zeros([9, 9])],
    ['of parts', ones([9, 20]).computeSync().at(':', '3:12'), zeros([9, 9])],
  ])('%s, and no place that is never negative costs a choice', (_, a, b) => {
    const compiled = jit(scale);
    compiled(a, b);
    const code = compiled.explain('passes');
    expect(code).toMatch(/f64x\d+ = load a/);
    expect(code).not.toContain('select');
  });
});

describe('signatures', () => {
  it('tell dtype, axes and layout', () => {
    const f = jit((a: NDArray, b: NDArray) => (a.get(0, 0) as number) + (b.get(0) as number));
    f(ones([2, 3]), ones([3]));
    f(ones([4, 7]), ones([1]));
    f(ones([2, 3]).computeSync().T, ones([6], { dtype: 'float32' }).computeSync().at('::2'));
    expect(f.signatures).toEqual([
      '(array(float64, 2d, C), array(float64, 1d, C))',
      '(array(float64, 2d, strides 1s), array(float32, 1d, strides s))',
    ]);
  });
});

it('random layouts, dtypes and places agree with plain code', { timeout: 120_000 }, () => {
  const plain = (a: NDArray, b: NDArray, k: number): number => {
    const [n, m] = a.shape as [number, number];
    let s = 0;
    for (let i = 0; i < n; i++)
      for (let j = 0; j < m; j++) {
        const x = a.get(i, j) as number;
        const y = b.get(n - 1 - i, j - m) as number;
        s = s / 2 + x - y;
        if ((i + j) % 3 === k) a.set(i, -1 - j, y);
        if (x > y) b.set(i, j, x % 7);
      }
    return s;
  };
  const compiled = jit(plain);
  const dtype = fc.constantFrom<DType>('int8', 'uint8', 'int32', 'uint32', 'int64', 'uint64', 'float32', 'float64');
  const view = fc.record({
    dtype,
    steps: fc.tuple(step(), step()),
    isTransposed: fc.boolean(),
    keeps: fc.integer({ min: 0, max: 2 }),
  });
  fc.assert(
    fc.property(view, view, fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 }), (one, two, n, m) => {
      const make = (each: typeof one): { array: NDArray; kept: NDArray | undefined } => {
        const [s, t] = each.steps;
        const [rows, columns] = each.isTransposed ? [m, n] : [n, m];
        const whole = arange(rows * Math.abs(s) * columns * Math.abs(t))
          .mod(100)
          .astype(each.dtype)
          .reshape(rows * Math.abs(s), columns * Math.abs(t))
          .computeSync();
        const part = whole.at(`::${s}`, `::${t}`);
        const array = each.isTransposed ? part.T : part;
        if (each.keeps === 2) array.computeSync();
        return { array, kept: each.keeps === 1 ? array.at('::-1') : undefined };
      };
      const run = (f: typeof plain) => {
        const [a, b] = [make(one), make(two)];
        const result = outcome(() => f(a.array, b.array, n % 3));
        return [result, ...[a, b].flatMap(({ array, kept }) => [array, kept]).map((each) => each?.toArray())];
      };
      expect(run(compiled)).toEqual(run(plain));
    }),
    { numRuns: 80 },
  );
  // So that the loop above does not run on a single layout.
  expect(compiled.signatures.length).toBeGreaterThan(20);
});

function step() {
  return fc.constantFrom(1, 2, 3, -1, -2);
}
