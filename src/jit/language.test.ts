// The language of design.md, 4, against the plain function: typed arrays, operators, statements, functions, tuples, bigints. `Math` is that of
// heddle/math in the oracle. Long, as it is a list of programs.
import { describe, expect, it } from 'vitest';
import * as heddleMath from '../math/index.js';
import { alloc } from '../memory/lifetime.js';
import { jit } from './jit.js';
import type { HeapArray } from './arguments.js';

type Argument = number | boolean | bigint | HeapArray;
type AnyPlain = (...args: never[]) => unknown;

/** The plain function with our `Math`, and `**` by our pow, which is right for the forms that stand in these tests. */
function oracle(f: AnyPlain): (...args: Argument[]) => unknown {
  const text = String(f).replaceAll(/([\w.]+|\([^()]*\)) ?\*\* ?([\w.]+|\([^()]*\))/g, 'Math.pow($1, $2)');
  // oxlint-disable-next-line typescript/no-implied-eval
  return new Function('Math', `return ${text}`)({ ...heddleMath, random: Math.random }) as never;
}

const copyOf = (arg: Argument): Argument => (typeof arg === 'object' ? arg.slice() : arg);

function expectSame(f: AnyPlain, ...calls: Argument[][]): void {
  const plain = oracle(f);
  const fast = jit(f as never) as unknown as (...args: Argument[]) => unknown;
  for (const args of calls) {
    const [theirs, ours] = [args.map(copyOf), args.map(copyOf)];
    const wanted = plain(...theirs);
    const got = fast(...ours);
    expect({ args, got }).toEqual({ args, got: wanted });
    expect(ours).toEqual(theirs);
    if (typeof wanted === 'object' && wanted !== null)
      expect(Object.prototype.toString.call(got)).toBe(Object.prototype.toString.call(wanted));
  }
}

const doubles = Float64Array.of(1, -2.5, NaN, Infinity, 3e9, -0, 300, 0.5, -1, 2 ** 53, 254.5, 255.5, -4294967297);

describe('typed arrays', () => {
  it('are read and summed', () => {
    expectSame(
      (x: Float64Array) => {
        let s = 0;
        for (let i = 0; i < x.length; i++) s += x[i]! * 2;
        return s;
      },
      [doubles],
      [new Float64Array(0)],
      [Float64Array.of(1, 2, 3)],
    );
  });

  it.each([
    Float64Array,
    Float32Array,
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
  ])('of %o store what JavaScript stores', (Kind) => {
    expectSame(
      (x: Float64Array, out: Float64Array) => {
        for (let i = 0; i < x.length; i++) out[i] = x[i]!;
        let s = 0;
        for (const v of out) s += v;
        return s;
      },
      [doubles, new Kind(doubles.length)],
    );
    expectSame(
      (out: Float64Array, k: number) => {
        for (let i = 0; i < out.length; i++) {
          out[i]! += k;
          out[i]!++;
          --out[i]!;
        }
      },
      [Kind.from([1, 2, 3, 100]), 1.5],
      [Kind.from([1, 2, 3, 100]), -1e10],
    );
  });

  it('of bigints', () => {
    expectSame(
      (x: BigInt64Array, out: BigUint64Array) => {
        let s = 0n;
        for (let i = 0; i < x.length; i++) {
          out[i] = x[i]! * 3n + 1n;
          s += x[i]!;
        }
        return s;
      },
      [BigInt64Array.of(1n, -5n, 2n ** 62n, -(2n ** 61n)), new BigUint64Array(4)],
    );
  });

  it('that are the caller’s own, over odd places, and over one another', () => {
    const shift = (x: Float64Array, y: Float64Array): number => {
      let s = 0;
      for (let i = 0; i < x.length; i++) {
        x[i] = y[i]! + 1;
        s += x[i]!;
      }
      return s;
    };
    const make = (): Float64Array => Float64Array.from({ length: 20 }, (_, i) => i);
    for (const [a, b] of [
      [0, 1],
      [1, 0],
      [0, 0],
      [3, 12],
    ] as const) {
      const [theirs, ours, inHeap] = [make(), make(), alloc.float64(20)];
      inHeap.set(make());
      const fast = jit(shift);
      const wanted = shift(theirs.subarray(a, a + 8), theirs.subarray(b, b + 8));
      expect(fast(ours.subarray(a, a + 8), ours.subarray(b, b + 8))).toBe(wanted);
      expect(fast(inHeap.subarray(a, a + 8), inHeap.subarray(b, b + 8))).toBe(wanted);
      expect([ours, new Float64Array(inHeap)]).toEqual([theirs, theirs]);
      // Apart from one another, with the same function.
      expect(fast(make(), make())).toBe(shift(make(), make()));
    }
    // Two kinds over one piece of memory, at an odd place.
    const both = (b: Uint8Array, w: Uint32Array): number => {
      b[3] = 255;
      w[1] = 7;
      return w[0]! + b[7]!;
    };
    const [theirs, ours] = [new Uint8Array(64), new Uint8Array(64)];
    const call = (f: typeof both, bytes: Uint8Array): number =>
      f(bytes.subarray(1, 40), new Uint32Array(bytes.buffer, 4, 2));
    expect(call(jit(both), ours)).toBe(call(both, theirs));
    expect(ours).toEqual(theirs);
  });

  it('are left as they were when a call fails, if they are ordinary', () => {
    const fill = jit((x: Float64Array, n: number) => {
      for (let i = 0; i < n; i++) x[i] = 1;
    });
    const x = new Float64Array(4);
    expect(() => fill(x, 5)).toThrow('error[JIT011]: x[4] is outside of x, which has 4 elements');
    expect(x).toEqual(new Float64Array(4));
    fill(x, 4);
    expect(x).toEqual(Float64Array.of(1, 1, 1, 1));
  });

  it('over shared memory of others are read, and not written', () => {
    const shared = new Float64Array(new SharedArrayBuffer(32)).fill(2);
    expect(jit((x: Float64Array) => x[3]!)(shared)).toBe(2);
    expect(() => jit((x: Float64Array) => void (x[3] = 1))(shared)).toThrow('error[JIT013]');
  });

  it('cannot be read or written outside, or between elements', () => {
    const at = jit((x: Int32Array, i: number) => x[i]!);
    const x = Int32Array.of(5, 6, 7);
    expect([at(x, 0), at(x, 2), at(x, -0)]).toEqual([5, 7, 5]);
    expect(() => at(x, 3)).toThrow('x[3] is outside of x, which has 3 elements');
    expect(() => at(x, -1)).toThrow('x[-1] is outside');
    expect(() => at(x, 0.5)).toThrow('x[0.5] is no element of x');
    expect(() => at(x, NaN)).toThrow('x[NaN] is no element');
    expect(() => at(x, Infinity)).toThrow('x[Infinity]');
    expect(() => at(x, 1e300)).toThrow('x[1e+300]');
    expect(() => at(new Int32Array(0), 0)).toThrow('which has 0 elements');
    expect(() => jit((y: Int32Array) => y[0.5]!)(x)).toThrow('error[JIT012]: 0.5 cannot index an array');
    expect(() => jit((y: Int32Array) => y[true as never]!)(x)).toThrow('error[JIT012]: a boolean cannot index');
  });

  it('are indexed by sums and products', () => {
    expectSame(
      (a: Float64Array, b: Float64Array, out: Float64Array, n: number) => {
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) {
            let s = 0;
            for (let k = 0; k < n; k++) s += a[i * n + k]! * b[k * n + j]!;
            out[i * n + j] = s;
          }
        }
      },
      [Float64Array.of(1, 2, 3, 4), Float64Array.of(5, 6, 7, 8), new Float64Array(4), 2],
      [new Float64Array(0), new Float64Array(0), new Float64Array(0), 0],
      [new Float64Array(0), new Float64Array(0), new Float64Array(0), -2.5],
    );
    expectSame(
      (x: Float64Array) => {
        let s = 0;
        for (let i = 0; i < x.length; i++) for (let j = i + 1; j < x.length; j += 2) s += x[j]! - x[i]!;
        for (let i = x.length - 1; i >= 0; i -= 3) s = s * 2 + x[i]!;
        return s;
      },
      [Float64Array.from({ length: 17 }, (_, i) => Math.sqrt(i))],
    );
  });

  it('may be called anything', () => {
    // oxlint-disable-next-line typescript/no-implied-eval
    const odd = new Function(
      '$',
      'ä',
      'result0',
      'const out = new Float64Array(2); out[0] = $[0] + ä[0] + result0[0]; return out;',
    );
    const [a, b, c] = [Float64Array.of(1), Float64Array.of(2), Float64Array.of(4)] as const;
    expect((jit(odd as never) as unknown as (...args: Float64Array[]) => Float64Array)(a, b, c)).toEqual(
      Float64Array.of(7, 0),
    );
  });

  it('can be made, returned, and given back', () => {
    expectSame((n: number) => new Float64Array(n), [3], [0], [2.5]);
    expectSame(
      (x: Float64Array, k: number) => {
        const out = new Float64Array(x.length);
        const small = new Int16Array([1, k, 70_000]);
        for (let i = 0; i < x.length; i++) out[i] = x[i]! * k + small[i % 3]!;
        return out;
      },
      [doubles, 2],
    );
    expectSame(
      (n: number) => {
        const sieve = new Uint8Array(n + 1);
        let count = 0;
        for (let i = 2; i <= n; i++) {
          if (sieve[i]) continue;
          count++;
          for (let j = i * i; j <= n; j += i) sieve[j] = 1;
        }
        return count;
      },
      [100],
      [1000],
      [1],
    );
    const same = jit((x: Float64Array) => x);
    const x = new Float64Array(2);
    expect(same(x)).toBe(x);
    expect(() => jit((n: number) => new Float64Array(n))(-1)).toThrow('error[JIT016]');
    expect(() => jit((n: number) => new Float64Array(n).length)(-1)).toThrow(
      'error[JIT016]: an array cannot have -1 elements',
    );
    expect(jit((n: number) => new Float64Array(n).length)(3.7)).toBe(3);
  });
});

describe('operators', () => {
  const pairs: Argument[][] = [
    0,
    -0,
    1,
    -1,
    5.5,
    -7,
    2 ** 31,
    -(2 ** 31),
    2 ** 32 + 3,
    1e20,
    NaN,
    Infinity,
    0.1,
  ].flatMap((a) => [0, 3, -2, 31, 33, 0.5, NaN, -Infinity].map((b) => [a, b]));

  it('are JavaScript’s', () => {
    expectSame((a: number, b: number) => [a % b, a | b, a & b, a ^ b, a << b, a >> b, a >>> b, ~a], ...pairs);
    expectSame((a: number, b: number) => [a ** b, a ** 2, a ** 0.5, Math.pow(a, 3)], ...pairs);
    expectSame(
      (a: number, b: number) => {
        let x = a;
        x |= b;
        x ^= 5;
        x <<= 2;
        x >>>= 1;
        x %= 7;
        return x;
      },
      ...pairs,
    );
  });

  it('of Math', () => {
    expectSame(
      (a: number, b: number) => [
        Math.sin(a),
        Math.cos(a),
        Math.tan(a),
        Math.exp(a),
        Math.log(a),
        Math.atan2(a, b),
        Math.cbrt(a),
        Math.hypot(a, b, 2),
        Math.hypot(),
        Math.sinh(a),
        Math.tanh(b),
        Math.log1p(a),
        Math.expm1(b),
      ],
      ...pairs,
    );
    expectSame(
      (a: number, b: number) => [
        Math.round(a),
        Math.sign(a),
        Math.fround(a),
        Math.fround(Math.fround(a) * Math.fround(b)),
        Math.imul(a, b),
        Math.clz32(a),
        Math.min(a, b, 2, 1),
        Math.max(),
      ],
      ...pairs,
    );
    expectSame(
      (a: number) => [
        Number.isInteger(a),
        Number.isFinite(a),
        Number.isNaN(a),
        Number.isSafeInteger(a),
        isNaN(a),
        Boolean(a),
        Number(a > 1),
      ],
      ...pairs,
    );
  });

  it('round to float32 where fround stands around each', () => {
    expectSame(
      (x: Float32Array, y: Float32Array, out: Float32Array) => {
        for (let i = 0; i < x.length; i++) out[i] = Math.fround(Math.fround(x[i]! * y[i]!) + x[i]!) / y[i]!;
      },
      [Float32Array.of(0.1, 3, 1e30, -7), Float32Array.of(0.3, 7, 1e20, 3), new Float32Array(4)],
    );
    expect(
      (() => {
        const f = jit((x: Float32Array, y: Float32Array) => {
          for (let i = 0; i < x.length; i++) y[i] = x[i]! * y[i]!;
        });
        f(new Float32Array(3), new Float32Array(3));
        return f.explain('ir');
      })(),
    ).toContain('mul.f32');
  });
});

describe('statements', () => {
  const few: Argument[][] = [-2, 0, 1, 2, 3, 4, 7, NaN, 2.5].map((n) => [n]);

  it('switch', () => {
    expectSame(
      (n: number) => {
        switch (n) {
          case 0:
            return 10;
          case 1:
          case 2:
            return 20;
          default:
            return 30;
        }
      },
      ...few,
    );
    // Which falls through: TypeScript would rather not.
    // oxlint-disable-next-line typescript/no-implied-eval
    const falling = new Function(
      'n',
      `let s = 0;
      switch (n) {
        case 0: s += 1;
        case 1: s += 2; if (n === 1) break; s += 100;
        default: s += 4;
        case 3: { s += 8; break; }
        case 4: s += 16;
      }
      return s;`,
    ) as AnyPlain;
    expectSame(falling, ...few);
    expectSame(
      (n: number) => {
        let s = 0;
        for (let i = 0; i < 8; i++) {
          switch (i % 4) {
            case 0:
              continue;
            case 1:
              s += i;
              break;
            case 2:
              if (i > n) return s;
              s -= 2;
          }
          s *= 2;
        }
        return s;
      },
      ...few,
    );
  });

  it('labels, and returns from loops', () => {
    expectSame(
      (n: number) => {
        let s = 0;
        outer: for (let i = 0; i < 10; i++) {
          for (let j = 0; j < 10; j++) {
            if (j === n) continue outer;
            if (i * j > 20) break outer;
            s += i * 10 + j;
          }
          s += 1000;
        }
        out: while (true) {
          do {
            s++;
            if (s % 3 === 0) break out;
          } while (s > 0);
        }
        return s;
      },
      ...few,
    );
    expectSame(
      (x: Float64Array, v: number) => {
        for (let i = 0; i < x.length; i++) if (x[i] === v) return i;
        return -1;
      },
      [doubles, 300],
      [doubles, 5],
    );
  });

  it('for…of, tuples and destructuring', () => {
    expectSame(
      (x: Float64Array) => {
        let [low, high] = [Infinity, -Infinity];
        for (const v of x) {
          if (v < low) low = v;
          if (v > high) high = v;
        }
        [low, high] = [high, low];
        const pair = [low, high] as const;
        return [pair[0] - pair[1], pair[1], pair.length];
      },
      [doubles],
      [new Float64Array(0)],
    );
    expectSame(
      (n: number) => {
        let t = [0, 1];
        for (let i = 0; i < n; i++) t = [t[1]!, t[0]! + t[1]!];
        let u;
        if (n > 2) u = [n, true] as const;
        else u = [1, false] as const;
        return [t, u] as never;
      },
      ...few,
    );
  });

  it('functions that return nothing', () => {
    expectSame(
      (x: Float64Array) => {
        if (x.length === 0) return;
        x[0] = 5;
      },
      [Float64Array.of(1)],
      [new Float64Array(0)],
    );
  });

  it('default parameters', () => {
    const scale = jit((x: number, k: number = 3) => x * k);
    expect([scale(2), scale(2, 5)]).toEqual([6, 10]);
  });
});

describe('functions', () => {
  const few: Argument[][] = [-2, 0, 1, 5, 10].map((n) => [n]);

  it('inside are written out', () => {
    expectSame(
      (n: number) => {
        const square = (x: number): number => x * x;
        function clamp(x: number, low: number, high: number): number {
          if (x < low) return low;
          if (x > high) return high;
          return x;
        }
        const first = (x: number): number => {
          for (let i = 0; i < 100; i++) if (square(i) > x) return i;
          return -1;
        };
        return square(n) + clamp(n, 0, 7) * 1000 + first(n);
      },
      ...few,
    );
  });

  it('inside see variables, and change them', () => {
    expectSame(
      (n: number) => {
        let count = 0;
        const add = (by: number): void => {
          count += by;
        };
        const early = (by: number): void => {
          if (by > 2) return;
          count += 100;
        };
        for (let i = 0; i < n; i++) {
          add(i);
          early(i);
        }
        return count;
      },
      ...few,
    );
  });

  it('inside take arrays and give tuples', () => {
    expectSame(
      (x: Float64Array, n: number) => {
        const at = (a: Float64Array, i: number, j: number): number => a[i * n + j]!;
        const both = (a: number, b: number): [number, number] => [a + b, a - b];
        let s = 0;
        for (let i = 0; i < n; i++) {
          const [p, m] = both(at(x, i, 0), at(x, i, 1));
          s += p * m;
        }
        return s;
      },
      [Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), 3],
    );
  });

  it('that call themselves', () => {
    expectSame(
      (n: number) => {
        const fib = (k: number): number => (k < 2 ? k : fib(k - 1) + fib(k - 2));
        return fib(n);
      },
      ...few,
    );
    expectSame(
      (n: number) => {
        const sum = (k: number, s: number): number => {
          if (k <= 0) return s;
          return sum(k - 1, s + k);
        };
        return sum(n * 100, 0);
      },
      ...few,
    );
    function ackermann(m: number, n: number): number {
      if (m === 0) return n + 1;
      if (n === 0) return ackermann(m - 1, 1);
      return ackermann(m - 1, ackermann(m, n - 1));
    }
    expect(jit(ackermann)(2, 3)).toBe(9);
    function gcd(a: number, b: number): number {
      return b === 0 ? a : gcd(b, a % b);
    }
    expect(jit(gcd)(1071, 462)).toBe(21);
    expectSame((n: number) => {
      const isEven = (k: number): boolean => (k === 0 ? true : isOdd(k - 1));
      const isOdd = (k: number): boolean => (k === 0 ? false : isEven(k - 1));
      return isEven(Math.abs(n));
    });
    function deep(n: number): number {
      return n === 0 ? 0 : 1 + deep(n - 1);
    }
    expect(jit(deep)(1000)).toBe(1000);
    const many = jit(function count(n: number, s: number): number {
      return n === 0 ? s : count(n - 1, s + 1);
    });
    expect(many(1e6, 0)).toBe(1e6);
    expect(() => jit(deep)(1e6)).toThrow('error[JIT015]: deep calls itself more than');
  });

  it('and values from outside are given by globals', () => {
    const rate = 0.5;
    const twice = (x: number): number => 2 * x * rate;
    const { sqrt } = Math;
    const fast = jit((x: number) => twice(x) + sqrt(rate) + (x > 1 ? 1 : 0), {
      globals: () => ({ rate, twice, sqrt }),
    });
    expect(fast(3)).toBe(6 * 0.5 + Math.sqrt(0.5) + 1);
    const inner = jit(twice, { globals: () => ({ rate }) });
    expect(jit((x: number) => inner(x) + 1, { globals: () => ({ inner, rate }) })(4)).toBe(5);
    expect(() => jit((x: number) => x * rate)(1)).toThrow('globals: () => ({ rate })');
    expect(() => jit((x: number) => twice(x))(1)).toThrow('error[JIT003]: twice is not known inside');
    expect(() => jit((x: number) => x, { globals: 3 as never })).toThrow('error[JIT018]');
    // As minifiers leave it: the key keeps its name, and the value has another.
    // oxlint-disable-next-line typescript/no-implied-eval
    const [f, globals] = new Function('var a=7;return [function(b){return b*a},function(){return{rate:a}}]')() as [
      (x: number) => number,
      () => object,
    ];
    expect(jit(f, { globals })(3)).toBe(21);
  });
});

describe('bigints', () => {
  const pairs: Argument[][] = [0n, 1n, -1n, 7n, -13n, 2n ** 31n, -(2n ** 30n)].flatMap((a) =>
    [1n, -1n, 3n, -7n, 2n ** 20n].map((b) => [a, b]),
  );

  it('are whole numbers', () => {
    expectSame(
      (a: bigint, b: bigint) =>
        [a + b, a - b, a * b, a / b, a % b, a & b, a | b, a ^ b, -a, ~a, a << 5n, a >> 3n] as never,
      ...pairs,
    );
    expectSame(
      (a: bigint, b: bigint) => [a < b, a === b, a >= b, !a, a ? 1 : 2, Number(a) / 2, BigInt(Number(b))] as never,
      ...pairs,
    );
    expectSame(
      (n: bigint) => {
        let s = 0n;
        for (let i = 0n; i < n; i++) s += i * i;
        for (let i = 10n; i >= n; i--) s -= i;
        return s;
      },
      ...[-3n, 0n, 5n, 1000n].map((n) => [n]),
    );
  });

  it('fail where they leave 64 bits', () => {
    const add = jit((a: bigint, b: bigint) => a + b);
    expect(add(2n ** 63n - 2n, 1n)).toBe(2n ** 63n - 1n);
    expect(() => add(2n ** 63n - 1n, 1n)).toThrow('error[JIT014]: 9223372036854775807n + 1n is beyond 64 bits');
    expect(() => jit((a: bigint, b: bigint) => a - b)(-(2n ** 63n), 1n)).toThrow('beyond 64 bits');
    const multiply = jit((a: bigint, b: bigint) => a * b);
    for (const [a, b] of [
      [2n ** 31n, 2n ** 31n],
      [-(2n ** 32n), 2n ** 31n],
      [3037000499n, 3037000499n],
      [2n ** 63n - 1n, -1n],
      [0n, 2n ** 63n - 1n],
    ] as const)
      expect(multiply(a, b)).toBe(a * b);
    for (const [a, b] of [
      [2n ** 32n, 2n ** 31n],
      [3037000500n, 3037000500n],
      [-(2n ** 63n), -1n],
      [2n ** 62n, 4n],
    ] as const)
      expect(() => multiply(a, b)).toThrow('error[JIT014]');
    expect(() => jit((a: bigint, b: bigint) => a / b)(1n, 0n)).toThrow('1n / 0n is a division by zero');
    expect(() => jit((a: bigint, b: bigint) => a / b)(-(2n ** 63n), -1n)).toThrow('beyond 64 bits');
    expect(() => add(2n ** 64n, 1n)).toThrow('error[JIT014]: argument 1');
    expect(() => jit((x: number) => BigInt(x))(0.5)).toThrow('error[JIT014]');
  });

  it('wrap where that is said', () => {
    expectSame(
      (s: BigUint64Array) => {
        // splitmix64
        s[0]! += 0x9e3779b97f4a7c15n;
        let z = BigInt.asIntN(64, s[0]!);
        z = BigInt.asIntN(64, (z ^ (BigInt.asUintN(64, z) >> 30n)) * 0xbf58476d1ce4e5b9n);
        z = BigInt.asIntN(64, (z ^ (BigInt.asUintN(64, z) >> 27n)) * 0x94d049bb133111ebn);
        s[1] = z ^ (BigInt.asUintN(64, z) >> 31n);
        return Number(BigInt.asUintN(64, z) >> 11n);
      },
      [BigUint64Array.of(5n, 0n)],
    );
    expectSame((a: bigint) => [BigInt.asIntN(32, a * a), BigInt.asUintN(8, a)] as never, [12345678n], [-3n]);
  });
});
