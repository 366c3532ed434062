// prange and fastMath: sums in the tree of docs/numerics.md, 7, whatever runs them; everything else as the plain loop; races refused.
import { describe, expect, it } from 'vitest';
import { generatorOf, rootKey } from '../random/keys.js';
import { jit } from './jit.js';
import { prange } from './prange.js';

/** The tree, written out from the law. */
function tree(values: readonly number[], join: (a: number, b: number) => number): number | undefined {
  const leaf = (part: readonly number[]): number => {
    const partials: (number | undefined)[] = Array.from({ length: 16 }, () => undefined);
    for (const [index, value] of part.entries()) {
      const before = partials[index % 16];
      partials[index % 16] = before === undefined ? value : join(before, value);
    }
    for (const distance of [8, 4, 2, 1])
      for (let p = 0; p < distance; p++) {
        const [a, b] = [partials[p], partials[p + distance]];
        partials[p] = a === undefined ? b : b === undefined ? a : join(a, b);
      }
    return partials[0]!;
  };
  const leaves = (from: number, to: number): number => {
    if (to - from === 1) return leaf(values.slice(from * 4096, to * 4096));
    let left = 1;
    while (2 * left < to - from) left *= 2;
    return join(leaves(from, from + left), leaves(from + left, to));
  };
  return values.length === 0 ? undefined : leaves(0, Math.ceil(values.length / 4096));
}

const lengths = [0, 1, 2, 15, 16, 17, 100, 4096, 4097, 12_345];

describe('prange', () => {
  it('counts in a plain program as a loop does', () => {
    expect([...prange(4)]).toEqual([0, 1, 2, 3]);
    expect([...prange(2.5)]).toEqual([0, 1, 2]);
    expect([...prange(NaN)]).toEqual([]);
    expect([...prange(3, 10, 3)]).toEqual([3, 6, 9]);
    expect([...prange(5, 0, -2)]).toEqual([5, 3, 1]);
    expect(() => prange(0.5, 3)).toThrow('error[JIT019]: prange cannot count from 0.5');
    expect(() => prange(0, 3, 0)).toThrow('error[JIT019]: prange cannot count in steps of 0');
  });

  it.each(lengths)('sums %i numbers in the tree', (n) => {
    const x = Float64Array.from({ length: n }, (_, i) => Math.sin(i) * 10 ** (i % 13));
    const sum = jit((a: Float64Array) => {
      let s = 0.1;
      for (const i of prange(a.length)) s += a[i]!;
      return s;
    });
    const expected = tree([...x], (a, b) => a + b);
    expect(sum(x)).toBe(expected === undefined ? 0.1 : 0.1 + expected);
    const fast = jit(
      (a: Float64Array) => {
        let s = 0.1;
        for (let i = 0; i < a.length; i++) s += a[i]!;
        return s;
      },
      { fastMath: true },
    );
    expect(fast(x)).toBe(sum(x));
  });

  it('with fastMath counts beside the sum; where something else is handed on, goes in program order', () => {
    const both = (n: number): number[] => {
      let [s, m, most] = [0, 0, 0];
      for (let i = 0; i < n; i++) {
        s += 1 / (i + 1);
        if (i % 3 === 0) m++;
        most = Math.max(most, i % 100);
      }
      return [s, m, most];
    };
    const [s, m, most] = jit(both, { fastMath: true })(10_000) as [number, number, number];
    const terms = Array.from({ length: 10_000 }, (_, i) => 1 / (i + 1));
    expect([s, m, most]).toEqual([tree(terms, (a, b) => a + b), 3334, 99]);
    const handed = (n: number): number => {
      let [s, last] = [0, 0];
      for (let i = 0; i < n; i++) {
        s += 1 / (i + 1 + last);
        last = i & 1;
      }
      return s;
    };
    expect(jit(handed, { fastMath: true })(10_000)).toBe(handed(10_000));
  });

  it('takes what an iteration adds together first, and leaves out those that add nothing', () => {
    const f = jit((n: number) => {
      let s = 0;
      let p = 1;
      let count = 0;
      for (const i of prange(n)) {
        if (i % 3 === 0) continue;
        s += 1 / (i + 1);
        if (i % 2 === 0) s -= Math.sqrt(i);
        p *= 1 + 1 / (i * i + 1);
        if (i % 5 === 0) count++;
      }
      return [s, p, count];
    });
    const [sums, products]: number[][] = [[], []];
    let count = 0;
    // An iteration that gives nothing has its ordinal all the same; the tree here knows no gaps, so they are in partials of their own.
    const n = 16;
    for (let i = 0; i < n; i++) {
      if (i % 3 === 0) continue;
      let s = 1 / (i + 1);
      if (i % 2 === 0) s += -Math.sqrt(i);
      sums![i] = s;
      products![i] = 1 + 1 / (i * i + 1);
      if (i % 5 === 0) count++;
    }
    const fold = (parts: (number | undefined)[], join: (a: number, b: number) => number): number => {
      const all = Array.from({ length: 16 }, (_, i) => parts[i]);
      for (const d of [8, 4, 2, 1])
        for (let i = 0; i < d; i++) {
          const [a, b] = [all[i], all[i + d]];
          all[i] = a === undefined ? b : b === undefined ? a : join(a, b);
        }
      return all[0]!;
    };
    expect(f(n)).toEqual([0 + fold(sums!, (a, b) => a + b), fold(products!, (a, b) => a * b), count]);
    expect(f(0)).toEqual([0, 1, 0]);
  });

  it('gives plain results for counts, least, greatest and stores', () => {
    const plain = (x: Float64Array, out: Float64Array, n: number): number[] => {
      let [count, low, high, kept, most] = [0, Infinity, -Infinity, 1e9, -1e9];
      for (const i of prange(n)) {
        const v = x[i]! * 2;
        out[i] = v;
        if (v > 1) count++;
        low = Math.min(low, v);
        high = Math.max(v, high);
        if (v < kept) kept = v;
        if (most < v) most = v;
      }
      return [count, low, high, kept, most];
    };
    for (const n of lengths) {
      const x = Float64Array.from({ length: n }, (_, i) => Math.sin(i * i) * 3);
      const [theirs, ours] = [new Float64Array(n), new Float64Array(n)];
      expect(jit(plain)(x, ours, n)).toEqual(plain(x, theirs, n));
      expect(ours).toEqual(theirs);
    }
    const x = Float64Array.of(1, NaN, -2);
    expect(jit(plain)(x, x.slice(), 3)).toEqual(plain(x, x.slice(), 3));
  });

  it('writes rows, and counts from and in steps', () => {
    const plain = (m: Float64Array, n: number): void => {
      for (const i of prange(n)) for (let j = 0; j < n; j++) m[i * n + j] = i * 100 + j;
      for (const i of prange(1, n, 2)) m[i] = -m[i]!;
      for (const i of prange(n - 1, 0, -1)) m[i - 1]! += 0.5;
    };
    const [theirs, ours] = [new Float64Array(49), new Float64Array(49)];
    plain(theirs, 7);
    jit(plain)(ours, 7);
    expect(ours).toEqual(theirs);
  });

  it('has private variables and arrays', () => {
    const plain = (out: Float64Array, n: number): void => {
      let t;
      for (const i of prange(n)) {
        t = i * 2;
        const small = new Float64Array(3);
        for (let k = 0; k < 3; k++) small[k] = t + k;
        out[i] = small[0]! * small[2]!;
      }
    };
    const [theirs, ours] = [new Float64Array(50), new Float64Array(50)];
    plain(theirs, 50);
    jit(plain)(ours, 50);
    expect(ours).toEqual(theirs);
  });

  it('is a loop like any other inside of another one', () => {
    const f = jit((x: Float64Array) => {
      const sum = (k: number): number => {
        let s = 0;
        for (const j of prange(x.length)) s += x[j]! * k;
        return s;
      };
      let t = sum(1);
      for (const i of prange(3)) t += sum(i);
      return t + sum(2);
    });
    expect(f(Float64Array.of(1, 2, 4))).toBe(7 + 0 + 7 + 14 + 14);
  });

  it('draws as a counted loop does', () => {
    const f = jit(
      (n: number) => {
        let m = 0;
        for (const i of prange(n)) {
          let x = Math.random();
          while (x > 0.5) x = Math.random();
          m += i < 0 ? 0 : x;
        }
        return m;
      },
      { seed: 5 },
    );
    const key = generatorOf(rootKey(5), 0n).raw();
    const values = Array.from({ length: 20 }, (_, i) => {
      const generator = generatorOf(key, BigInt(i));
      let x = generator.float64();
      while (x > 0.5) x = generator.float64();
      return x;
    });
    expect(f(20)).toBe(0 + tree(values, (a, b) => a + b)!);
  });

  const outside = 1;
  const refused: [string, (...args: never[]) => unknown, string][] = [
    [
      'a carried value',
      (x: Float64Array) => {
        let p = outside;
        for (const i of prange(x.length)) {
          x[i] = p;
          p = x[i] * 2;
        }
        return p;
      },
      'need each other through p',
    ],
    [
      'a sum that is read',
      (x: Float64Array) => {
        let s = 0;
        for (const i of prange(x.length)) {
          s += x[i]!;
          if (s > 3) x[i] = 0;
        }
        return s;
      },
      'need each other through s',
    ],
    [
      'two ways of gathering',
      (x: Float64Array) => {
        let s = 0;
        for (const i of prange(x.length)) {
          s += x[i]!;
          s *= 2;
        }
        return s;
      },
      'need each other through s',
    ],
    [
      'one element for all',
      (x: Float64Array) => {
        for (const i of prange(x.length)) x[0] = i;
      },
      'two iterations of prange may write one element of x',
    ],
    [
      'a neighbour',
      (x: Float64Array) => {
        for (const i of prange(1, x.length)) x[i] = x[i - 1]!;
      },
      'may write what another one reads',
    ],
    [
      'a place that varies',
      (x: Float64Array) => {
        for (const i of prange(x.length)) x[x[i]!] = i;
      },
      'two iterations of prange may write',
    ],
    [
      'rows that are too long',
      (x: Float64Array, n: number) => {
        for (const i of prange(n)) for (let j = 0; j <= n; j++) x[i * n + j] = i;
      },
      'two iterations of prange may write',
    ],
    [
      'break',
      (x: Float64Array) => {
        for (const i of prange(x.length)) if (x[i]! > 0) break;
      },
      'a break out of prange',
    ],
    [
      'return',
      (x: Float64Array) => {
        for (const i of prange(x.length)) if (x[i]! > 0) return i;
        return 0;
      },
      'a return inside prange',
    ],
    [
      'a helper that adds',
      (x: Float64Array) => {
        let s = 0;
        const add = (v: number): void => {
          s += v;
        };
        for (const i of prange(x.length)) add(x[i]!);
        return s;
      },
      'need each other through s',
    ],
  ];
  it.each(refused)('refuses %s', (_, f, message) => {
    const fast = jit(f as never, { globals: () => ({ outside, prange }) }) as unknown as (
      x: Float64Array,
      n: number,
    ) => unknown;
    let shown = '';
    try {
      fast(new Float64Array(4), 2);
    } catch (error) {
      shown = (error as Error).message;
    }
    expect(shown).toContain('error[JIT017]: ');
    expect(shown).toContain(message);
    expect(shown).toContain('\n  = fix: ');
  });

  type Out = (out: Float64Array, n: number) => void;
  const rows: Record<string, Out> = {
    'the inside of a grid': (out, n) => {
      for (const row of prange(1, 9))
        for (let column = 1; column < n - 1; column++) {
          const place = row * n + column;
          out[place] = place;
        }
    },
    'a part of each row, further on': (out, n) => {
      for (const i of prange(10)) for (let j = 0; j < n - 1; j++) out[i * n + j + 1] = i - j;
    },
    'three of each': (out) => {
      for (const i of prange(33)) {
        out[3 * i] = i;
        out[3 * i + 1] = -i;
        out[i * 3 + 2] = 1;
      }
    },
    'rows of rows': (out) => {
      for (const i of prange(4))
        for (let j = 0; j < 5; j++) for (let k = 0; k < 5; k++) out[(i * 5 + j) * 5 + k] = i + j * k;
    },
  };
  it.each(Object.entries(rows))('iterations may write rows of their own: %s', (_, f) => {
    const [wanted, found] = [new Float64Array(100), new Float64Array(100)];
    f(wanted, 10);
    const compiled = jit(f);
    compiled(found, 10);
    expect(found).toEqual(wanted);
    expect(compiled.explain('passes')).toContain(' parallel ');
  });

  const shared: Record<string, Out> = {
    'rows that differ in width': (out) => {
      for (const i of prange(3)) {
        const width = out[i]!;
        for (let j = 0; j < width; j++) out[i * width + j] = i;
      }
    },
    'the next row, too': (out, n) => {
      for (const i of prange(9)) for (let j = 0; j < n; j++) out[i * n + j + 1] = 1;
    },
    'the row before is read': (out, n) => {
      for (const i of prange(1, 10)) for (let j = 0; j < n; j++) out[i * n + j] = out[(i - 1) * n + j]!;
    },
    'four of three': (out) => {
      for (const i of prange(33)) for (let k = 0; k < 4; k++) out[i * 3 + k] = k;
    },
  };
  it.each(Object.entries(shared))('iterations may not write rows of others: %s', (_, f) => {
    expect(() => jit(f)(new Float64Array(100), 10)).toThrow(/^error\[JIT017\]/);
  });
});

describe('parallel: true', () => {
  /** Thrice: once is too short for threads, once right, and once on other bins. */
  const sizes = [1000, 70_000, 140_001];
  const spread = (i: number): number => (i * 0.618_033_988_749_894_9) % 1;

  it.each(sizes)('counts %i values in bins of blocks', (n) => {
    const histogram = (bins: Int32Array, bytes: Uint8Array, sums: Float64Array, x: Float64Array): void => {
      for (let i = 0; i < x.length; i++) {
        const k = Math.floor(x[i]! * bins.length);
        bins[k]!++;
        if (k % 2 === 0) bytes[k]! -= 3;
        sums[k]! += 2;
      }
    };
    const x = Float64Array.from({ length: n }, (_, i) => spread(i));
    for (const first of [0, -0, 0.5, -7, 2 ** 52, NaN]) {
      const make = (): [Int32Array, Uint8Array, Float64Array, Float64Array] => [
        Int32Array.from({ length: 50 }, (_, k) => (k === 3 ? 2 ** 31 - 1 : k)),
        new Uint8Array(50).fill(7),
        new Float64Array(50).fill(first, 0, 20),
        x,
      ];
      const [ours, theirs] = [make(), make()];
      jit(histogram, { parallel: true })(...ours);
      histogram(...theirs);
      expect(ours).toEqual(theirs);
    }
  });

  it.each(sizes)('counts %i values with prange, too', (n) => {
    const histogram = (bins: Uint32Array, own: Int32Array, x: Float64Array): void => {
      for (const i of prange(x.length)) {
        bins[Math.floor(x[i]! * bins.length)]! += 3;
        own[i]!++;
      }
    };
    const x = Float64Array.from({ length: n }, (_, i) => spread(i));
    const [ours, theirs] = [1, 2].map(() => [new Uint32Array(40).fill(2 ** 32 - 5), new Int32Array(n), x] as const);
    const fast = jit(histogram, { globals: () => ({ prange }) });
    fast(...ours!);
    histogram(...theirs!);
    expect(ours).toEqual(theirs);
    if (n > 1000) expect(fast.explain('passes')).toContain('.bins.blocks parallel');
  });

  it.each(sizes)('finds the greatest of %i values, and the first place of it', (n) => {
    const greatest = (x: Float64Array, first: number): readonly [number, number, number] => {
      let m = first;
      let at = -1;
      let least = Infinity;
      for (let i = 0; i < x.length; i++) {
        if (x[i]! > m) {
          m = x[i]!;
          at = i;
        }
        if (x[i]! < least) least = x[i]!;
      }
      return [m, at, least];
    };
    const fast = jit(greatest, { parallel: true });
    const arrays = [
      Float64Array.from({ length: n }, (_, i) => spread(i)),
      Float64Array.from({ length: n }, (_, i) => (i % 1000) - 999),
      Float64Array.from({ length: n }, (_, i) => (i % 3 === 0 ? NaN : i % 3 === 1 ? -0 : 0)),
    ];
    for (const x of arrays)
      for (const first of [-Infinity, -0, 0, NaN, 5]) expect(fast(x, first)).toEqual(greatest(x, first));
  });

  it('adds up integers exactly, few and many', () => {
    const sum = (x: Int32Array): number => {
      let s = 1;
      for (let i = 0; i < x.length; i++) s += x[i]!;
      return s;
    };
    const fast = jit(sum, { parallel: true });
    // Beyond four million of them the sums of doubles are rounded.
    for (const n of [0, 3, 70_000, 4_194_302, 4_300_000]) {
      const x = new Int32Array(n).fill(2 ** 31 - 1, 0, n).fill(-5, 0, 7);
      expect(fast(x)).toBe(sum(x));
    }
  });

  it('counts through branches that draw', () => {
    const walk = jit(
      (n: number) => {
        let inside = 0;
        for (let i = 0; i < n; i++) if (Math.random() < 0.5 && Math.random() < 0.5) inside++;
        return inside;
      },
      { parallel: true, seed: 7 },
    );
    expect(walk(100_000)).toBe(walk.with({ threads: 1 })(100_000));
    expect(Math.abs(walk(100_000) - 25_000)).toBeLessThan(1000);
  });
});
