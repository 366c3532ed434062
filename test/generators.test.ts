// Draws from generators in compiled functions, by docs/random.md written out: each oracle opens the generators that the law names, and draws
// from them itself. That threads and lanes change nothing is in draws-same-bits.test.ts.
import { describe, expect, it } from 'vitest';
import { normalNode } from '../src/array/draws.js';
import { arrayOf } from '../src/array/handle.js';
import { random } from '../src/array/index.js';
import type { Generator } from '../src/array/index.js';
import { prange } from '../src/jit/index.js';
import { jit } from '../src/jit/jit.js';
import * as heddleMath from '../src/math/index.js';
import { childKey, generatorOf, rootKey } from '../src/random/keys.js';
import type { Xoshiro256 } from '../src/random/xoshiro256.js';

/** The generator of the `ordinal`-th call that is given a stream of that seed. */
const ofCall = (seed: number, ordinal = 0): Xoshiro256 => generatorOf(childKey(rootKey(seed), BigInt(ordinal)), 0n);

const standardNormal = (u: number): number => arrayOf<'float64'>(normalNode(0, 1, [], u)).item();

describe('a generator as an argument', () => {
  const two = jit((rng: Generator) => [rng.random(), rng.uniform()] as const);

  it('gives each call its next key', () => {
    const rng = random.generator(7);
    for (const call of [0, 1, 2]) {
      const generator = ofCall(7, call);
      expect(two(rng)).toEqual([generator.float64(), generator.float64()]);
    }
    expect(two.signatures).toEqual(['(generator)']);
    // Arrays and children take keys of the same row.
    rng.spawn(1);
    expect(two(rng)[0]).toBe(ofCall(7, 4).float64());
  });

  it('draws nothing else: single numbers outside go on by themselves', () => {
    const [a, b] = [random.generator(3), random.generator(3)];
    two(a);
    expect(a.random()).toBe(b.random());
  });

  it('gives numbers by the formulas of rule 2', () => {
    const f = jit((rng: Generator, low: number, high: number, scale: number) => [
      rng.uniform(-1, 1),
      rng.uniform(low, high),
      rng.normal(),
      rng.normal(low, scale),
      rng.exponential(),
      rng.exponential(scale),
      rng.integers(-3, 3),
      rng.integers(low, high),
      rng.uniform(low),
    ]);
    for (let seed = 0; seed < 20; seed++) {
      const g = ofCall(seed);
      const u = (): number => g.float64();
      const standard = (): number => -heddleMath.log(1 - u());
      expect(f(random.generator(seed), -7, 12, 2.5)).toEqual([
        -1 + 2 * u(),
        -7 + 19 * u(),
        standardNormal(u()),
        standardNormal(u()) * 2.5 + -7,
        standard(),
        standard() * 2.5,
        -3 + Math.floor(6 * u()),
        -7 + Math.floor(19 * u()),
        -7 + 8 * u(),
      ]);
    }
  });

  it('never gives the end of a range', () => {
    const f = jit((rng: Generator, low: number, high: number) => {
      let most = -Infinity;
      for (let i = 0; i < 200; i++) most = Math.max(most, rng.uniform(low, high));
      return most;
    });
    const last = (high: number): number => {
      const bits = new BigInt64Array(Float64Array.of(high).buffer);
      bits[0]! += high > 0 ? -1n : 1n;
      return new Float64Array(bits.buffer)[0]!;
    };
    for (const [low, high] of [
      [1, 1 + 2 ** -52],
      [-1 - 2 ** -51, -1],
      [2 ** 60, 2 ** 60 + 512],
    ] as const)
      expect(f(random.generator(1), low, high)).toBe(last(high));
    expect(f(random.generator(1), -Number.MIN_VALUE, 0)).toBe(-Number.MIN_VALUE);
    expect(jit((rng: Generator) => rng.uniform(-5e-324, 0))(random.generator(1))).toBe(-Number.MIN_VALUE);
  });

  it('may be one of several, each drawn from apart', () => {
    const f = jit((a: Generator, n: number, b: Generator) => {
      let s = a.random();
      for (let i = 0; i < n; i++) s += b.random();
      return s + a.random();
    });
    const oracle = (seedA: number, seedB: number, n: number): number => {
      const [a, b] = [ofCall(seedA), ofCall(seedB)];
      let s = a.float64();
      const key = b.raw();
      for (let i = 0; i < n; i++) s += generatorOf(key, BigInt(i)).float64();
      return s + a.float64();
    };
    expect(f(random.generator(1), 9, random.generator(2))).toBe(oracle(1, 2, 9));
    // The same one twice is one generator, which takes one key.
    const rng = random.generator(5);
    const g = ofCall(5);
    let s = g.float64();
    const key = g.raw();
    for (let i = 0; i < 9; i++) s += generatorOf(key, BigInt(i)).float64();
    expect(f(rng, 9, rng)).toBe(s + g.float64());
    expect(f(rng, 0, rng)).toBeGreaterThan(0);
    expect(two(rng)[0]).toBe(ofCall(5, 2).float64());
    expect(f.signatures).toEqual(['(generator, number, generator)']);
    // And after it two different ones again.
    expect(f(random.generator(1), 9, random.generator(2))).toBe(oracle(1, 2, 9));
  });

  it('keeps its draws in a loop that another generator is drawn from', () => {
    const f = jit((a: Generator, b: Generator, n: number) => {
      let s = 0;
      for (let i = 0; i < n; i++) {
        s += a.random();
        for (let j = 0; j < 3; j++) s += a.random() + 8 * b.random();
      }
      return s;
    });
    // The outer loop draws from both: it owns them, with a generator for each iteration, as it has a loop inside.
    const [a, b] = [ofCall(1), ofCall(2)];
    const [keyA, keyB] = [a.raw(), b.raw()];
    let s = 0;
    for (let i = 0; i < 6; i++) {
      const [ownA, ownB] = [generatorOf(keyA, BigInt(i)), generatorOf(keyB, BigInt(i))];
      s += ownA.float64();
      for (let j = 0; j < 3; j++) s += ownA.float64() + 8 * ownB.float64();
    }
    expect(f(random.generator(1), random.generator(2), 6)).toBe(s);
  });

  it('is owned by the first loop that draws from it, whatever loops around draw from others', () => {
    const f = jit((a: Generator, b: Generator, n: number) => {
      let s = 0;
      let t = b.random();
      for (let i = 0; i < n; i++) s += a.random();
      for (let i = 0; i < n; i++) t += b.random();
      return s + 8 * t;
    });
    const [a, b] = [ofCall(1), ofCall(2)];
    let t = b.float64();
    let s = 0;
    const keyA = a.raw();
    for (let i = 0; i < 6; i++) s += generatorOf(keyA, BigInt(i)).float64();
    const keyB = b.raw();
    for (let i = 0; i < 6; i++) t += generatorOf(keyB, BigInt(i)).float64();
    expect(f(random.generator(1), random.generator(2), 6)).toBe(s + 8 * t);
  });

  it('goes through helpers, inside and outside, consts, defaults and recursion', () => {
    const die = (rng: Generator, sides: number): number => rng.integers(1, sides + 1);
    const f = jit(
      (first: Generator, second: Generator, n: number) => {
        const g = second;
        const roll = (by: Generator = first): number => die(by, 6) + g.random();
        const fall = (by: Generator, depth: number): number => (depth === 0 ? 0 : by.random() + fall(by, depth - 1));
        let s = 0;
        while (s < n) s += roll() + roll(g);
        return s + fall(first, 3) + fall(g, 2);
      },
      { globals: () => ({ die }) },
    );
    const [a, b] = [ofCall(11), ofCall(12)];
    const six = (g: Xoshiro256): number => 1 + Math.floor(g.float64() * 6);
    const fall = (g: Xoshiro256, depth: number): number => (depth === 0 ? 0 : g.float64() + fall(g, depth - 1));
    let s = 0;
    while (s < 40) {
      const first = six(a) + b.float64();
      s += first + (six(b) + b.float64());
    }
    expect(f(random.generator(11), random.generator(12), 40)).toBe(s + fall(a, 3) + fall(b, 2));
  });

  it('gives places of elements', () => {
    const f = jit((rng: Generator, x: Int32Array, n: number) => {
      for (let i = 0; i < n; i++) x[rng.integers(0, x.length)]!++;
      return x[rng.integers(1, 4)]!;
    });
    const x = new Int32Array(5);
    f(random.generator(0), x, 1000);
    expect(x.reduce((sum, count) => sum + count)).toBe(1000);
    expect(Math.min(...x)).toBeGreaterThan(100);
  });

  it('draws beside the call’s own', () => {
    const f = jit((rng: Generator) => [Math.random(), rng.random(), random.uniform(0, 2)], { seed: 4 });
    const own = generatorOf(rootKey(4), 0n);
    const rng = ofCall(9);
    expect(f(random.generator(9))).toEqual([own.float64(), rng.float64(), 2 * own.float64()]);
  });
});

describe('the option random', () => {
  const plain = (): number => Math.random();

  it('gives every call the next key, whether the call draws or not', () => {
    const rng = random.generator(21);
    const f = jit(plain, { random: rng });
    expect(f()).toBe(ofCall(21, 0).float64());
    expect(f()).toBe(ofCall(21, 1).float64());
    jit((n: number) => n, { random: rng })(3);
    expect(f()).toBe(ofCall(21, 3).float64());
  });

  it('is a setting of .with too, where a seed and a generator take each other’s place', () => {
    const f = jit(plain, { seed: 1 });
    expect(f.with({ random: random.generator(2) })()).toBe(ofCall(2).float64());
    expect(f.with({ random: random.generator(2) }).with({ seed: 1 })()).toBe(f());
    expect(f.with({ threads: 1 })()).toBe(f());
  });

  it('comes before the arguments', () => {
    const rng = random.generator(3);
    const f = jit((g: Generator) => [Math.random(), g.random()], { random: rng });
    expect(f(rng)).toEqual([ofCall(3, 0).float64(), ofCall(3, 1).float64()]);
  });

  it('is a generator, and no seed stands beside it', () => {
    const rng = random.generator(1);
    expect(() => jit(plain, { random: 42 as never })).toThrow('write seed: 42');
    expect(() => jit(plain, { random: {} as never })).toThrow('error[JIT009]: the option random cannot be an object');
    expect(() => jit(plain, { random: rng, seed: 1 })).toThrow('error[JIT009]: jit cannot be given both');
    expect(() => jit(plain).with({ random: rng, seed: 1 })).toThrow('error[JIT009]: jit cannot be given both');
  });
});

describe('the module-level random', () => {
  const expected = (): number[] => {
    const own = generatorOf(rootKey(5), 0n);
    const [a, b] = [own.float64(), own.float64()];
    return [-1 + 2 * a, standardNormal(b)];
  };

  it('is known as a member of a module, by its name, and by what globals give', () => {
    // Vitest makes a member of a module of the import.
    expect(jit(() => [random.uniform(-1, 1), random.normal()], { seed: 5 })()).toEqual(expected());
    // oxlint-disable-next-line typescript/no-implied-eval
    const named = new Function('return [random.uniform(-1, 1), random.normal()]') as () => number[];
    expect(jit(named, { seed: 5 })()).toEqual(expected());
    // oxlint-disable-next-line typescript/no-implied-eval
    const renamed = new Function('const g = q; return [g.uniform(-1, 1), (0, q.normal)()]') as () => number[];
    const q = random;
    expect(jit(renamed, { seed: 5, globals: () => ({ q }) })()).toEqual(expected());
  });

  it('can be given as an argument, which takes a key of the process’s own stream', () => {
    const f = jit((rng: Generator) => rng.random());
    expect(f(random as never)).not.toBe(f(random as never));
  });
});

describe('loops that draw', () => {
  it('own one generator’s draws when it is their first, and another’s by their length', () => {
    // The inner loop is in no loop that draws from b; from a it is, and short.
    const f = jit((a: Generator, b: Generator, n: number, m: number) => {
      let s = 0;
      for (let i = 0; i < n; i++) {
        const g = i % 2 === 0 ? 1 : 2;
        s += a.random() * g;
        const inner = (by: Generator, count: number): number => {
          let t = 0;
          for (let j = 0; j < count; j++) t += by.random();
          return t;
        };
        s += inner(a, m);
      }
      for (let j = 0; j < m; j++) s += b.random();
      return s;
    });
    const oracle = (n: number, m: number): number => {
      const [a, b] = [ofCall(1), ofCall(2)];
      let s = 0;
      const key = a.raw();
      for (let i = 0; i < n; i++) {
        const own = generatorOf(key, BigInt(i));
        s += own.float64() * (i % 2 === 0 ? 1 : 2);
        s += inLoop(own, m, m >= 4096);
      }
      return s + addTo(0, b, m);
    };
    const lanes = (key: bigint, count: number): number[] => {
      const values = Array.from<number>({ length: count });
      for (let block = 0; block * 4096 < count; block++)
        for (let lane = 0; lane < 16; lane++) {
          const g = generatorOf(key, BigInt(16 * block + lane));
          for (let o = block * 4096 + lane; o < Math.min(count, (block + 1) * 4096); o += 16) values[o] = g.float64();
        }
      return values;
    };
    const inLoop = (g: Xoshiro256, count: number, owns: boolean): number => {
      const values = owns ? lanes(g.raw(), count) : Array.from({ length: count }, () => g.float64());
      return values.reduce((sum, value) => sum + value, 0);
    };
    const addTo = (sum: number, g: Xoshiro256, count: number): number => sum + inLoop(g, count, true);
    for (const m of [0, 5, 4095, 4096, 5000]) {
      const wanted = oracle(3, m);
      const got = f(random.generator(1), random.generator(2), 3, m);
      // The last loop adds to s one by one.
      expect(Math.abs(got - wanted)).toBeLessThan(1e-9 * Math.max(1, wanted));
    }
  });

  it('of prange inside of a loop that draws go on with its generator, in order', () => {
    const f = jit(
      (n: number, m: number) => {
        let s = 0;
        for (let i = 0; i < n; i++) {
          let t = 0;
          for (const j of prange(m)) t += j < 0 ? 0 : Math.random();
          s += t;
        }
        return s;
      },
      { seed: 6, globals: () => ({ prange }) },
    );
    const key = generatorOf(rootKey(6), 0n).raw();
    let s = 0;
    for (let i = 0; i < 4; i++) {
      const own = generatorOf(key, BigInt(i));
      let t = 0;
      for (let j = 0; j < 3; j++) t += own.float64();
      s += t;
    }
    expect(f(4, 3)).toBe(s);
  });
});

describe('what is refused', () => {
  const message = (f: (...args: never[]) => unknown, ...args: unknown[]): string => {
    try {
      (jit(f as never) as unknown as (...given: unknown[]) => unknown)(...args);
    } catch (error) {
      return (error as Error).message;
    }
    return 'nothing';
  };
  const rng = random.generator(1);

  it.each<[string, (...args: never[]) => unknown, string, string]>([
    ['a draw of an array', (g: Generator) => void g.uniform(0, 1, [3]), 'JIT002', 'a draw of an array'],
    ['a shuffle', (g: Generator) => void g.shuffle(0 as never), 'JIT002', 'shuffle of a generator'],
    ['a choice', (g: Generator) => g.choice(3), 'JIT002', 'rng.integers(0, x.length)'],
    ['a new generator', () => random.generator(3).random(), 'JIT002', 'that the text does not tell'],
    ['a generator made inside', () => void random.generator(3), 'JIT002', 'make it outside, and give it'],
    ['a generator as a number', (g: Generator) => (g as never) + 1, 'JIT002', 'a generator in the place of a number'],
    ['a generator as a result', (g: Generator) => g, 'JIT002', 'returning a generator'],
    // oxlint-disable-next-line typescript/unbound-method
    ['a method as a value', (g: Generator) => (g.uniform as never) + 1, 'JIT002', 'the property uniform'],
    ['a generator that is chosen', (g: Generator) => (g ? g : g).random(), 'JIT002', 'that the text does not tell'],
    [
      'a generator that is assigned',
      (g: Generator) => {
        let h = g;
        h = g;
        return h.random();
      },
      'JIT002',
      'a generator that the text does not tell',
    ],
    [
      'a generator out of a tuple',
      (g: Generator) => {
        const [h] = [g];
        return h.random();
      },
      'JIT002',
      'a generator that the text does not tell',
    ],
    ['an empty range', (g: Generator) => g.uniform(1, 1), 'RANDOM002', 'uniform numbers from 1 to 1'],
    [
      'a range that is too wide',
      (g: Generator) => g.integers(0, 2 ** 33),
      'RANDOM002',
      'integers from 0 to 8589934592',
    ],
    ['half integers', (g: Generator) => g.integers(0.5, 3), 'RANDOM002', 'integers from 0.5 to 3'],
    ['one bound', (g: Generator) => g.integers(6, ...([] as unknown as [number])), 'JIT002', 'spread'],
    ['a negative deviation', (g: Generator) => g.normal(0, -1), 'RANDOM002', 'mean 0 and deviation -1'],
    ['no scale', (g: Generator) => g.exponential(NaN), 'RANDOM002', 'of scale NaN'],
    ['a generator around the function', () => rng.random(), 'JIT003', 'rng is not known inside'],
  ])('%s', (_, f, code, text) => {
    const shown = message(f, rng);
    expect(shown).toContain(`error[${code}]: `);
    expect(shown).toContain(text);
    expect(shown).toContain('\n  = fix: ');
  });

  it('bounds of a call that are none, with their values', () => {
    expect(message((g: Generator, a: number, b: number) => g.uniform(a, b), rng, 3, 2)).toContain(
      'error[RANDOM002]: there are no uniform numbers from 3 to 2',
    );
    expect(message((g: Generator, a: number, b: number) => g.uniform(a, b), rng, -1e308, 1e308)).toContain('RANDOM002');
    expect(message((g: Generator, a: number) => g.integers(a, 9), rng, 0.5)).toContain('integers from 0.5 to 9');
    expect(message((g: Generator, a: number) => g.normal(a), rng, Infinity)).toContain('of mean Infinity');
    expect(message((g: Generator, a: number) => g.exponential(a), rng, -2)).toContain('of scale -2');
  });

  it('something else where a generator is drawn from', () => {
    expect(message((g: Generator) => g.random(), 3)).toContain('error[JIT006]: this is a number, and no generator');
    expect(message((g: Generator) => g.random(), new Float64Array(2))).toContain('this is a Float64Array, and no');
    expect(() => jit(() => rng.random(), { globals: () => ({ rng }) })()).toThrow('jit(f, { random: rng })');
    expect(message((n: number, g: Generator) => n + g.random(), 3)).toContain('error[JIT008]');
  });
});
