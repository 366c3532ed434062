// Why one may trust a compiled function: whatever it is called with, it does what the plain one does. Here arguments that programs of this kind
// often get wrong: arrays over a caller's own memory, at odd places, over one another, without elements, over memory that grows, shrinks or has
// gone; numbers at the edges of counting; the same function with other types, again and again. And long calls that leave their caller alone.
import { alloc, jit, prange } from 'heddle';
import { describe, expect, test } from 'vitest';

type Kind = new (buffer: ArrayBuffer, byteOffset?: number, length?: number) => Array;
type Array = Float64Array | Float32Array | Int32Array | Uint8Array | Int16Array | Uint8ClampedArray;
type Argument = number | boolean | bigint | Array | BigInt64Array;
type Plain = (...args: never[]) => unknown;
type Called = (...args: Argument[]) => unknown;

/** What a call gives; of what it throws only that it did, as JavaScript has other words for it. */
function outcomeOf(f: Called, args: readonly Argument[]): unknown {
  try {
    return f(...args);
  } catch {
    return 'thrown';
  }
}

interface Case {
  readonly plain: Called;
  readonly compiled: Called;
}
const caseOf = (plain: Plain, options: { parallel?: boolean } = {}): Case => ({
  plain: plain as unknown as Called,
  compiled: jit(plain as never, { globals: () => ({ prange }), ...options }),
});

/** Calls both with arguments made anew, over memory of their own, and compares results and every byte of memory. */
function expectSame({ plain, compiled }: Case, make: () => { args: Argument[]; memory: ArrayBufferLike }): void {
  const [theirs, ours] = [make(), make()];
  expect(outcomeOf(compiled, ours.args)).toEqual(outcomeOf(plain, theirs.args));
  expect(new Uint8Array(ours.memory)).toEqual(new Uint8Array(theirs.memory));
}

const kinds: readonly Kind[] = [Float64Array, Float32Array, Int32Array, Uint8Array, Int16Array, Uint8ClampedArray];

const sum = (x: Array): number => {
  let s = 0;
  for (let i = 0; i < x.length; i++) s += x[i]!;
  return s;
};
const scale = (x: Array): void => {
  for (let i = 0; i < x.length; i++) x[i] = x[i]! * 1.5 + i;
};
/** Each element of one from that of the other: over one another, what is written is read again, or is not. */
const copy = (x: Array, y: Array): number => {
  const n = Math.min(x.length, y.length);
  for (let i = 0; i < n; i++) y[i] = x[i]! + 1;
  return n;
};
const backwards = (x: Array, y: Array): number => {
  const n = Math.min(x.length, y.length);
  for (let i = n - 1; i >= 0; i--) y[i] = x[i]! + y[0]!;
  return n;
};
const both = (x: Array, y: Array): number => {
  let s = 0;
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    x[i] = i;
    s += y[i]!;
    y[i] = s;
    s -= x[i]!;
  }
  return s;
};

/** Bytes that are no pattern of any kind, and no NaN of whose bits engines may choose. */
function fill(memory: ArrayBufferLike): void {
  const bytes = new Uint8Array(memory);
  for (let i = 0; i < bytes.length; i++) bytes[i] = (i * 37 + 11) % 59;
}

describe('arrays over memory of the caller', () => {
  const cases = [sum, scale].flatMap((plain) => [caseOf(plain), caseOf(plain, { parallel: true })]);

  test.each(kinds)('of %o, at every place that they may begin at, of every small length', (kind) => {
    const size = new kind(new ArrayBuffer(8)).BYTES_PER_ELEMENT;
    for (const one of cases) {
      for (let offset = 0; offset < 3; offset++) {
        for (const length of [0, 1, 2, 3, 7, 33]) {
          expectSame(one, () => {
            const memory = new ArrayBuffer(512);
            fill(memory);
            return { memory, args: [new kind(memory, offset * size, length)] };
          });
        }
      }
    }
  });

  test('long enough for lanes and threads', () => {
    for (const one of cases) {
      expectSame(one, () => {
        const memory = new ArrayBuffer(8 * 20_001);
        const x = new Float64Array(memory, 8, 20_000);
        for (let i = 0; i < x.length; i++) x[i] = i / 3;
        return { memory, args: [x] };
      });
    }
  });
});

describe('two arrays over one piece of memory', () => {
  const cases = [copy, backwards, both].flatMap((plain) => [caseOf(plain), caseOf(plain, { parallel: true })]);
  const places = [
    [0, 0],
    [0, 1],
    [1, 0],
    [0, 2],
    [3, 1],
    [0, 40],
    [40, 0],
  ] as const;

  test.each(kinds)('of %o, however they lie over one another', (kind) => {
    const size = new kind(new ArrayBuffer(8)).BYTES_PER_ELEMENT;
    for (const one of cases) {
      for (const [first, second] of places) {
        for (const length of [0, 1, 5, 40]) {
          expectSame(one, () => {
            const memory = new ArrayBuffer(1024);
            fill(memory);
            return {
              memory,
              args: [new kind(memory, first * size, length), new kind(memory, second * size, length)],
            };
          });
        }
      }
    }
  });

  test('of different kinds', () => {
    for (const one of cases) {
      for (const offset of [0, 8, 16, 80]) {
        expectSame(one, () => {
          const memory = new ArrayBuffer(256);
          fill(memory);
          return { memory, args: [new Int32Array(memory, 0, 20), new Uint8Array(memory, offset, 20)] };
        });
      }
    }
  });

  test("in heddle's memory, and one there and one elsewhere", () => {
    for (const { plain, compiled } of cases) {
      const [ours, theirs] = [alloc.float64(5000), new Float64Array(5000)];
      const views = (x: Float64Array): Float64Array[] => [x.subarray(0, 4999), x.subarray(1), x.subarray(7, 4000)];
      for (const [a, b] of [
        [0, 1],
        [1, 0],
        [2, 0],
        [1, 1],
      ] as const) {
        for (let i = 0; i < 5000; i++) ours[i] = theirs[i] = i % 17;
        const results = [compiled(views(ours)[a]!, views(ours)[b]!), plain(views(theirs)[a]!, views(theirs)[b]!)];
        expect(results[0]).toEqual(results[1]);
        expect(ours).toEqual(theirs);
      }
      const [own, same] = [new Float64Array(100), new Float64Array(100)];
      compiled(ours.subarray(3, 103), own);
      plain(theirs.subarray(3, 103), same);
      expect(own).toEqual(same);
    }
  });

  test('in prange: the same elements are fine, any others are refused', () => {
    const compiled = jit(
      (x: Float64Array, y: Float64Array) => {
        for (const i of prange(x.length)) y[i] = x[i]! + 1;
      },
      { globals: () => ({ prange }) },
    );
    const x = new Float64Array(9001);
    compiled(x, x);
    expect(x.every((value) => value === 1)).toBe(true);
    compiled(x.subarray(0, 4000), x.subarray(4000, 8000));
    expect([x[3999], x[4000], x[7999], x[8000]]).toEqual([1, 2, 2, 1]);
    const message =
      /error\[JIT017\]: an iteration of prange may write what another one reads[\s\S]*y and x lie over one another/;
    expect(() => compiled(x.subarray(0, 9000), x.subarray(1))).toThrow(message);
    expect(() => compiled(x.subarray(1), x.subarray(0, 9000))).toThrow(message);
    expect(x[1]).toBe(1);
    // And the first again, which is compiled still.
    compiled(x, x);
    expect([x[0], x[4000]]).toEqual([2, 3]);
  });
});

describe('memory that changes', () => {
  // Newer than the library that we compile against.
  interface Resizable extends ArrayBuffer {
    resize(bytes: number): void;
  }
  const resizable = (bytes: number, most: number): Resizable =>
    new (ArrayBuffer as unknown as new (bytes: number, options: object) => Resizable)(bytes, { maxByteLength: most });
  const total = jit(sum);
  const grow = jit(scale);

  test('arrays over buffers that grow and shrink have the elements that they have now', () => {
    const memory = resizable(64, 4096);
    const x = new Float64Array(memory).fill(1);
    expect(total(x)).toBe(8);
    memory.resize(4096);
    expect([total(x), x.length]).toEqual([8, 512]);
    const same = x.slice();
    grow(x);
    scale(same);
    expect(x).toEqual(same);
    memory.resize(24);
    expect(total(x)).toBe(sum(x));
    const fixed = new Float64Array(memory, 8, 2);
    memory.resize(16);
    // It lies outside now, and has no elements.
    expect([total(fixed), fixed.length]).toEqual([0, 0]);
    grow(fixed);
    memory.resize(64);
    expect([total(fixed), fixed.length]).toEqual([sum(fixed), 2]);
  });

  test('arrays whose memory has gone have no elements', () => {
    const x = new Float64Array(8).fill(2);
    structuredClone(x.buffer, { transfer: [x.buffer] });
    expect([total(x), sum(x)]).toEqual([0, 0]);
    grow(x);
    const y = new Float64Array(3);
    expect([jit(copy)(x, y), jit(copy)(y, x), jit(copy)(x, x)]).toEqual([0, 0, 0]);
  });

  test('also where it goes while a call is under way', async () => {
    const x = new Float64Array(1000).fill(2);
    const counted = jit((x: Float64Array) => {
      for (let i = 0; i < x.length; i++) x[i]! += 1;
      return x.length;
    });
    const call = counted.async(x);
    structuredClone(x.buffer, { transfer: [x.buffer] });
    expect([await call, x.length]).toEqual([1000, 0]);
  });

  test("memory shared with others is read, and written only if it is heddle's", () => {
    const shared = new Float64Array(new SharedArrayBuffer(80)).fill(3);
    expect(total(shared)).toBe(30);
    expect(() => grow(shared)).toThrow(/error\[JIT013\]: .* writes to its argument 1/);
    expect(shared.every((value) => value === 3)).toBe(true);
    // One that writes on no way that is taken is refused as well: it was compiled to write.
    const maybe = jit((x: Float64Array, so: boolean) => {
      if (so) x[0] = 1;
      return x[0]!;
    });
    expect(() => maybe(shared, false)).toThrow('error[JIT013]');
    const ours = alloc.float64(10).fill(3);
    grow(ours);
    expect(ours[2]).toBe(3 * 1.5 + 2);
  });
});

describe('numbers at the edges', () => {
  const numbers = [
    0,
    1,
    2,
    -1,
    -3,
    2.5,
    0.1,
    -0,
    NaN,
    Infinity,
    -Infinity,
    2 ** 26,
    2 ** 26 + 1,
    2 ** 31,
    2 ** 32,
    2 ** 53,
    1e300,
  ];
  /** None of these goes round more than some thousand times, whatever it is given. */
  const programs: Readonly<Record<string, Plain>> = {
    'counting up': (n: number) => {
      let s = 0;
      for (let i = 0; i < n; i++) {
        s += i;
        if (i > 1000) return -s;
      }
      return s;
    },
    'counting up to and with': (n: number) => {
      let k = 0;
      for (let i = 1; i <= n; i++) if (++k > 1000) break;
      return k;
    },
    'counting down': (n: number) => {
      let k = 0;
      for (let i = n; i > 0; i--) if (++k > 1000) break;
      return k;
    },
    'counting in large steps': (n: number) => {
      let k = 0;
      for (let i = 0; i < n && k < 5000; i += 2 ** 20) k++;
      return k;
    },
    'a while loop': (n: number) => {
      let x = n;
      let k = 0;
      while (x > 0.5 && k < 5000) {
        x /= 1.5;
        k++;
      }
      return [x, k];
    },
    bits: (n: number) => [n | 0, n >>> 0, n >> 1, n << 1, n & 255, n ^ -1, ~n, Math.imul(n, 3), Math.clz32(n)],
    'rounding and rests': (n: number) => [n % 7, Math.floor(n), Math.trunc(n), Math.round(n), Math.sign(n), -n, n ** 2],
    'truth and kind': (n: number) => [!n, n ? 1 : 2, Number.isInteger(n), Number.isSafeInteger(n), isNaN(n), n === n],
    'elements that are there': (n: number) => {
      const x = new Float64Array(16);
      for (let i = 0; i < 16; i++) x[i] = i * i;
      const place = Math.abs(Math.trunc(n)) % 16;
      return place >= 0 ? x[place]! : -1;
    },
    'a length': (n: number) => {
      if (!(n < 100)) return -2;
      if (n <= -1) return -1;
      return new Float64Array(n).length;
    },
    'prange, where it counts': (n: number) => {
      if (n > 1000) return -1;
      let k = 0;
      for (const i of prange(n)) if (i >= 0) k++;
      return k;
    },
    'a sum in closed form': (n: number) => {
      if (n > 1e6) return -1;
      let s = 0;
      for (let i = 0; i < n; i++) s += i * i;
      return s;
    },
  };

  test.each(Object.entries(programs))('%s', (_, plain) => {
    for (const one of [caseOf(plain), caseOf(plain, { parallel: true })])
      for (const n of numbers) expect([n, outcomeOf(one.compiled, [n])]).toEqual([n, outcomeOf(one.plain, [n])]);
  });

  test('2³² iterations are as many', () => {
    // The plain loop takes seconds; its sum is one that doubles know.
    const count = jit((n: number) => {
      let k = 0;
      for (let i = 0; i < n; i++) k++;
      return k;
    });
    expect([count(2 ** 32), count(2 ** 32 + 0.5), count(2 ** 40)]).toEqual([2 ** 32, 2 ** 32 + 1, 2 ** 40]);
  });
});

test('the same function is compiled for each combination of types, and each keeps its own', () => {
  const at = jit((x: Array | BigInt64Array, i: number) => x[i]!);
  const calls: readonly (readonly [Array | BigInt64Array, number, number | bigint])[] = [
    [Float64Array.of(0.1, 0.2), 1, 0.2],
    [Float32Array.of(0.1, 0.2), 1, Math.fround(0.2)],
    [Int32Array.of(-1, 7), 0, -1],
    [Uint8Array.of(255, 7), 0, 255],
    [BigInt64Array.of(-5n, 7n), 0, -5n],
  ];
  for (let round = 0; round < 3; round++) for (const [x, i, value] of calls) expect(at(x as Array, i)).toBe(value);
  expect(at.signatures).toEqual([
    '(f64[], number)',
    '(f32[], number)',
    '(i32[], number)',
    '(u8[], number)',
    '(i64[], number)',
  ]);
  const double = jit((v: number | boolean | bigint) => (v as number) + (v as number)) as unknown as Called;
  for (let round = 0; round < 3; round++) {
    expect([double(2), double(2.5), double(true), double(3n), double(-0), double(2 ** 60), double(NaN)]).toEqual([
      4,
      5,
      2,
      6n,
      -0,
      2 ** 61,
      NaN,
    ]);
  }
});

describe('a long call', () => {
  const harmonic = jit(function harmonic(n: number) {
    let s = 0;
    for (let i = 1; i <= n; i++) s += 1 / i;
    return s;
  });

  test('leaves timers alone, and ends when it is aborted', async () => {
    const stop = new AbortController();
    let ticks = 0;
    const timer = setInterval(() => {
      if (++ticks === 10) stop.abort('enough');
    }, 10);
    // Longer than anybody waits, so that it ends by the signal alone.
    const reason = await harmonic
      .with({ signal: stop.signal })
      .async(1e14)
      .catch((error: unknown) => error);
    clearInterval(timer);
    expect(reason).toBe('enough');
    expect(ticks).toBeGreaterThanOrEqual(10);
  });

  test('of 10⁹ iterations gives its number, while timers run', async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 10);
    const value = await harmonic.async(1e9);
    clearInterval(timer);
    // As the plain function has it, which takes as long.
    expect(value).toBe(21.30048150234855);
    expect(ticks).toBeGreaterThan(5);
  });
});
