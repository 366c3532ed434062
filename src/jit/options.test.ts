// Options: those of other compilers, the plain function where something cannot be compiled, and the comparison with it.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { alloc } from '../memory/lifetime.js';
import { configure } from '../platform/settings.js';
import { jit } from './jit.js';
import { prange } from './prange.js';

const notes: string[] = [];
beforeEach(() => configure({ warn: (message) => notes.push(message) }));
afterEach(() => {
  notes.length = 0;
  configure({ warn: true });
});

const messageOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing';
};

describe('options', () => {
  it.each([
    ['nogil', 'there is no lock'],
    ['nopython', 'what cannot be is refused'],
    ['forceobj', 'fallback: true'],
    ['cache', 'nothing is stored between them'],
    ['boundscheck', 'always fails'],
    ['error_model', 'gives what JavaScript gives'],
    ['inline', 'always written out'],
    ['rng', 'write random: rng'],
    ['num_threads', 'is called threads'],
    ['fastmath', 'did you mean fastMath?'],
    ['parralel', 'did you mean parallel?'],
    ['verfy', 'did you mean verify?'],
    ['constructor', 'its options are globals, parallel'],
  ])('that jit does not have: %s', (name, fix) => {
    const shown = messageOf(() => jit((n: number) => n, { [name]: true }));
    expect(shown).toContain(`error[JIT009]: jit has no option ${name}`);
    expect(shown).toContain(fix);
  });

  it('that it has, with values that they cannot have', () => {
    expect(messageOf(() => jit((n: number) => n, { parallel: 'auto' as never }))).toContain(
      'the option parallel cannot be "auto"\n  = fix: write parallel: true: loops run on all threads',
    );
    expect(messageOf(() => jit((n: number) => n, { parallel: 4 as never }))).toContain(
      'write parallel: true, threads: 4',
    );
    expect(messageOf(() => jit((n: number) => n, { fastMath: { nnan: true } as never }))).toContain('and nothing else');
    expect(messageOf(() => jit((n: number) => n, { verify: 1 as never }))).toContain('write verify: true');
  });

  it('that are compiled in cannot change with a call', () => {
    expect(messageOf(() => jit((n: number) => n).with({ verify: true } as never))).toContain(
      '.with has no option verify\n  = note: it changes what the function is compiled to\n  = fix: give it to jit: jit(f, { verify: … })',
    );
    expect(messageOf(() => jit((n: number) => n).with({ thread: 2 } as never))).toContain('did you mean threads?');
  });
});

describe('fallback', () => {
  it('runs the plain function where it cannot be compiled, and says so once', () => {
    const name = (n: number): number => `${n}`.length;
    const f = jit(name, { fallback: true });
    expect([f(1), f(10), f(100)]).toEqual([1, 2, 3]);
    expect(f.signatures).toEqual([]);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain('heddle: name runs as plain JavaScript, as it cannot be compiled: error[JIT002]: ');
    expect(notes[0]).toContain('--> name:1:');
  });

  it('compiles what can be, type by type', () => {
    const twice = (a: number): number => a * 2;
    const f = jit(twice, { fallback: true }) as unknown as ((a: number | string) => number) & { signatures: string[] };
    expect([f('3'), f(4), f('5')]).toEqual([6, 8, 10]);
    expect(f.signatures).toEqual(['(number)']);
    expect(notes).toHaveLength(2);
  });

  it('is also for functions without a source, and for asynchronous calls', async () => {
    const f = jit(Math.max.bind(null), { fallback: true });
    expect(f(3, 4)).toBe(4);
    expect(await f.async(5, 4)).toBe(5);
    expect(notes).toHaveLength(1);
  });

  it('is also for memory that a compiled function may not write to', () => {
    const f = jit((x: Float64Array) => void (x[0] = 5), { fallback: true });
    const [ordinary, shared] = [new Float64Array(2), new Float64Array(new SharedArrayBuffer(16))];
    f(ordinary);
    f(shared);
    expect([ordinary[0], shared[0]]).toEqual([5, 5]);
    expect(notes.map((note) => /JIT\d+/.exec(note)![0])).toEqual(['JIT013']);
  });

  it('does not hide what fails while it runs', () => {
    const f = jit((x: Float64Array, i: number) => x[i]!, { fallback: true });
    expect(() => f(new Float64Array(2), 5)).toThrow('error[JIT011]');
    expect(notes).toEqual([]);
  });
});

describe('verify', () => {
  it('finds nothing where nothing is wrong, and leaves the arguments as the call does', () => {
    const f = jit(
      (x: Float64Array, y: Int32Array, n: number) => {
        for (let i = 0; i < n; i++) {
          x[i]! += y[i]! / 3;
          y[i]!++;
        }
        return [x, n > 2, x[0]!] as const;
      },
      { verify: true },
    );
    const [x, y] = [alloc.float64(4).fill(1), Int32Array.of(1, 2, 3, 4)];
    expect(f(x, y, 4)[2]).toBe(1 + 1 / 3);
    expect([...y]).toEqual([2, 3, 4, 5]);
    expect(notes).toEqual([]);
  });

  it('copies overlapping arrays together', () => {
    const f = jit(
      (a: Float64Array, b: Float64Array) => {
        for (let i = 0; i < a.length; i++) a[i] = b[i]! + 1;
        return b[b.length - 1]!;
      },
      { verify: true },
    );
    const memory = new Float64Array(9);
    expect(f(memory.subarray(2, 8), memory.subarray(1, 7))).toBe(5);
    const inHeap = alloc.float64(9);
    expect(f(inHeap.subarray(2, 8), inHeap.subarray(1, 7))).toBe(5);
  });

  it('tells what differs, and where', () => {
    let rate = 2;
    const scaled = (x: Float64Array, y: Float64Array): number => {
      for (let i = 0; i < x.length; i++) y[i] = x[i]! * rate;
      return 1;
    };
    const f = jit(scaled, { globals: () => ({ rate }), verify: true });
    const g = jit((n: number) => [n, n * rate], { globals: () => ({ rate }), verify: true });
    rate = 3;
    const x = Float64Array.of(0, 5);
    const shown = messageOf(() => f(x, new Float64Array(2)));
    expect(shown).toContain(
      'error[JIT020]: scaled, compiled, gives 10 as element 1 of its argument 2, where the plain function gives 15',
    );
    expect(shown).toContain('compared bit for bit');
    // Until a call agrees, each is compared.
    expect(messageOf(() => f(x, new Float64Array(2)))).toContain('JIT020');
    rate = 2;
    f(x, new Float64Array(2));
    rate = 3;
    f(x, new Float64Array(2));
    expect(messageOf(() => g(4))).toContain('gives 8 as element 1 of its result, where the plain function gives 12');
  });

  it('tells of a plain function that throws', () => {
    let isBroken = false;
    const check = (n: number): number => (isBroken ? (null as never as number[])[n]! : n);
    const f = jit((n: number) => check(n), { globals: () => ({ check: (n: number) => n }), verify: true });
    isBroken = true;
    expect(messageOf(() => f(3))).toContain('compiled, returns 3, where the plain function throws TypeError');
  });

  it('allows for rounding where the law does', () => {
    const f = jit(
      (x: Float64Array) => {
        let s = 0;
        for (const i of prange(x.length)) s += x[i]! / 3;
        return s + Math.sin(1) ** 3.3;
      },
      { verify: true, globals: () => ({ prange }) },
    );
    const x = Float64Array.from({ length: 50_000 }, (_, i) => 1 / (i + 1));
    const compiled = f(x);
    expect(compiled).not.toBeNaN();
    let rate = 1;
    const g = jit((n: number) => Math.sin(n) * rate, { verify: true, globals: () => ({ rate }) });
    rate = 1 + 1e-8;
    expect(messageOf(() => g(1))).toContain('numbers were compared to 1e-9 of their size');
    rate = 1 + 1e-11;
    expect(g(1)).toBeGreaterThan(0.84);
  });

  it('does not compare random numbers, and says so', () => {
    const dice = (): number => Math.floor(6 * Math.random());
    expect(jit(dice, { verify: true })()).toBeLessThan(6);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain('verify does not compare dice, which draws random numbers');
  });
});
