// explain(): what it says of loops is what the passes have done with them, on the right lines of the person's own text.
import { describe, expect, test } from 'vitest';
import { alloc } from '../memory/lifetime.js';
import { jit } from './jit.js';
import type { JitArgument, JitOptions, JitResult, Jitted } from './jit.js';

type Any = Jitted<JitArgument[], JitResult>;

/** A function whose text is exactly this one: toolchains change what they are given. */
function compiled(text: string, args: readonly JitArgument[], options: JitOptions = {}): Any {
  // oxlint-disable-next-line typescript/no-implied-eval
  const f = (Function('globals', `return (${text})`) as () => (...args: JitArgument[]) => JitResult)();
  const fast = jit(f, options);
  fast(...args);
  return fast;
}

/** The comments above each loop of the text, by the loop's line. */
function commentsOf(explanation: string): Map<string, Record<string, string>> {
  const found = new Map<string, Record<string, string>>();
  let rows: [string, string][] = [];
  for (const line of explanation.split('\n')) {
    // The title.
    if (/^\/\/ \w*\(.*\)$/.test(line)) continue;
    const [, label, text] = /^\s*\/\/ (\w*) *(.*)$/.exec(line) ?? [];
    if (label === undefined) {
      if (rows.length > 0) found.set(line.trim(), Object.fromEntries(rows));
      rows = [];
    } else if (label === '') rows.at(-1)![1] += ` ${text}`;
    else rows.push([label, text!]);
  }
  return found;
}

const comments = (fast: Any): Record<string, string>[] => [...commentsOf(fast.explain()).values()];
const heap = (n: number): Float64Array => alloc.float64(n);

describe('says of lanes', () => {
  test('how many there are', () => {
    const fast = compiled('(x, y) => { for (let i = 0; i < x.length; i++) y[i] = x[i] * 2; }', [heap(9), heap(9)]);
    const [{ lanes }] = comments(fast) as [{ lanes: string }];
    const [, count] = /^(\d+) iterations at a time$/.exec(lanes)!;
    expect(fast.explain('passes')).toContain(`mul.f64x${count} `);
  });

  test.each([
    [
      '(n) => { let x = 0.5; for (let i = 0; i < n; i++) x = 3.9 * x * (1 - x); return x; }',
      'no: an iteration needs the x of the one before',
    ],
    [
      '(n) => { let s = 0; for (let i = 1; i < n; i++) s += 1 / i; return s; }',
      'no: a sum of doubles, s, depends on its order; prange, or the option fastMath, gives it a fixed one',
    ],
    [
      '(n) => { let s = 1; for (let i = 1; i < n; i++) s *= 1 + 1 / i; return s; }',
      'no: a product of doubles, s, depends on its order; prange, or the option fastMath, gives it a fixed one',
    ],
    [
      '(n) => { let i = n; while (i > 1.5) i /= 2; return i; }',
      'no: each iteration has to tell first whether there is another',
    ],
  ])('why there are none: %s', (text, why) => {
    const fast = compiled(text, [100]);
    expect(comments(fast)[0]).toMatchObject({ lanes: why, threads: 'one: for the same reason' });
    expect(fast.explain('passes')).not.toMatch(/f64x\d/);
  });

  test('that the loop around has them', () => {
    const text = `(n, x) => {
      for (let i = 0; i < x.length; i++) {
        let s = 0;
        for (let k = 1; k < n; k++) s += x[i] / k;
        x[i] = s;
      }
    }`;
    const [outer, inner] = comments(compiled(text, [9, heap(9)]));
    const [, count] = /^(\d+) iterations at a time$/.exec(outer!['lanes']!)!;
    expect(inner!['lanes']).toBe(`those of the loop around it: it runs for ${count} iterations of that at a time`);
  });

  test('and does not offer what is there already', () => {
    const text = '(n) => { let s = 0; for (let i = 1; i < n; i++) s += 1 / i; return s; }';
    expect(comments(compiled(text, [100], { fastMath: true }))[0]!['lanes']).toMatch(/^\d+ iterations at a time$/);
  });
});

describe('says of threads', () => {
  const text = '(x, y) => { for (let i = 0; i < x.length; i++) y[i] = x[i] * 2; }';

  test('that they are there for the asking', () => {
    const fast = compiled(text, [heap(9), heap(9)]);
    expect(comments(fast)[0]!['threads']).toMatch(/^one, as nothing else was asked for; the option parallel/);
    expect(fast.explain('passes')).not.toContain(' parallel ');
    const asked = compiled(text, [heap(9), heap(9)], { parallel: true });
    expect(comments(asked)[0]!['threads']).toBe('all, in blocks');
    expect(asked.explain('passes')).toContain(' parallel ');
  });

  test('that prange asks for them', () => {
    const sum = '(x) => { let s = 0; for (const i of prange(x.length)) s += x[i]; return s; }';
    expect(comments(compiled(sum, [heap(9)]))[0]!['threads']).toBe('all, in blocks of 4,096 iterations');
  });

  test('why they cannot be had', () => {
    const scatter = '(x, at) => { for (let i = 0; i < x.length; i++) x[at[i]] = i; }';
    expect(comments(compiled(scatter, [heap(9), alloc.int32(9)], { parallel: true }))[0]).toMatchObject({
      lanes: 'no: an iteration may touch elements that another one writes',
      threads: 'one: for the same reason',
    });
  });
});

describe('says of checks', () => {
  test('which are left, which are asked once, and which are proved', () => {
    const text = '(x, y, at) => { for (let i = 0; i < x.length; i++) y[at[i]] = x[i]; }';
    const fast = compiled(text, [heap(9), heap(9), alloc.int32(9)]);
    expect(comments(fast)[0]!['checks']).toBe(
      'y[at[i]] each time; at[i] once, before the loop; x[i] never: always inside',
    );
  });

  test('of the loop that they stand in, and of code outside of loops', () => {
    const text = `(x, n) => {
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) x[j] += i;
      }
      return x[n];
    }`;
    const fast = compiled(text, [heap(9), 3]);
    const [, outer, inner] = comments(fast);
    expect(outer).toHaveProperty('lanes');
    expect(outer).not.toHaveProperty('checks');
    expect(inner!['checks']).toBe('x[j] once, before the loop');
    expect(fast.explain()).toContain('// checks   x[n] each time');
  });
});

describe('says of draws', () => {
  test.each([
    [
      '(n) => { let m = 0; for (let i = 0; i < n; i++) if (Math.random() < 0.5) m++; return m; }',
      'from 16 generators for each block of 4,096',
    ],
    [
      '(n) => { let m = 0; for (let i = 0; i < n; i++) { let x = 1;\nwhile (x > 0.1) x = Math.random(); m += x; } return m; }',
      'each iteration from a generator of its own',
    ],
  ])('where they come from: %s', (text, where) => {
    const fast = compiled(text, [100]);
    expect(comments(fast)[0]!['draws']).toContain(where);
    expect(fast.explain()).not.toContain('// draws    outside');
  });

  test('outside of loops', () => {
    expect(compiled('() => Math.random() + 1', []).explain()).toContain('// draws    outside of loops');
    expect(compiled('(x) => x + 1', [1]).explain()).not.toContain('draws');
  });
});

describe('says of a loop', () => {
  test('that it has a closed form', () => {
    const fast = compiled('(n) => { let s = 0; for (let i = 0; i < n; i++) s += i; return s; }', [10]);
    expect(comments(fast)[0]!['closed']).toMatch(/^computed at once from the number of iterations/);
  });

  test('that it is gone', () => {
    const fast = compiled('(n) => { let s = 0; for (let i = 0; i < n; i++) s += Math.sqrt(i); return n; }', [10]);
    expect(comments(fast)[0]).toHaveProperty('gone');
    expect(fast.explain('passes')).not.toContain('sqrt');
  });

  test('that it stands in a recursion', () => {
    const text = `function f(n) {
      let s = 0;
      for (let i = 0; i < n; i++) s += f(i) / 2;
      return s + 1;
    }`;
    expect(comments(compiled(text, [4]))[0]!['lanes']).toBe('no: it stands in a function that calls itself');
  });

  test('of a helper, under the text of that', () => {
    const { helper } = {
      helper: (x: number): number => {
        let y = x;
        for (let k = 0; k < 9; k++) y = y * y - 1;
        return y;
      },
    };
    const fast = compiled('(n) => { let s = 0; for (let i = 0; i < n; i++) s += helper(i / n); return s; }', [10], {
      globals: () => ({ helper }),
    });
    const [own, its] = fast.explain().split('\n\n// helper, which it calls\n');
    expect(own).toContain('// lanes    no: a sum of doubles, s');
    expect(its).toContain('// lanes    no: an iteration needs the y of the one before');
  });
});

describe('the text', () => {
  test('is the one in the file, where that is known', () => {
    const text = '(n       ) => { let s = 0;\n  for (let i = 0; i < n; i++) s += i;\n  return s; }';
    const file = `// A file.\nexport const f =\n  ${text.replace('       ', ': Count').replace('s += i', 's += i')};\n`;
    const start = file.indexOf('(n');
    const fast = compiled(text, [3], {
      locate: (found) => (found === text ? { file: 'f.ts', text: file, start } : undefined),
    });
    expect(fast.explain()).toContain('(n: Count) => { let s = 0;');
    const wrong = (): Any =>
      compiled(text.replace('s += i', 's += m'), [3], { locate: () => ({ file: 'f.ts', text: file, start }) });
    expect(wrong).toThrow(/ --> f\.ts:4:36\n4 \| .*s \+= i/);
  });

  test('names loops that share a line', () => {
    const text = '(n, x) => { for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) x[j] += i; }';
    const explanation = compiled(text, [3, heap(9)]).explain();
    expect(explanation).toMatch(
      /\/\/ for \(let i = 0; i < n; i\+\+\)\n\/\/ lanes [^]*\n\/\/ for \(let j = 0; j < n; j\+\+\)\n\/\/ lanes /,
    );
  });

  test('is no wider than 120 columns where the code is not', () => {
    const text = `(n, x) => {
      ${'    '.repeat(10)}let s = 0;
      ${'    '.repeat(10)}for (let i = 0; i < n; i++) if (Math.random() < x[i] && x[2 * i] > x[i * i]) s += x[i] / n;
      ${'    '.repeat(10)}return s; }`;
    for (const line of compiled(text, [3, heap(9)])
      .explain()
      .split('\n'))
      expect(line.length, line).toBeLessThanOrEqual(150);
    const flat = compiled(text.replaceAll('    ', ''), [3, heap(9)]).explain();
    for (const line of flat.split('\n')) expect(line.length, line).toBeLessThanOrEqual(120);
  });

  test('comes once for each combination of types; before the first call there is none', () => {
    const fast = compiled('(a, b) => a + b', [1, 2]);
    fast(true, 2);
    expect(fast.explain().match(/^\/\/ .*$/gm)).toEqual(['// (number, number)', '// (boolean, number)']);
    expect(jit((x: number) => x).explain()).toMatch(/^\/\/ .* is compiled when it is called/);
  });

  test('tells which part of the time went into copying, where anything was copied', () => {
    const text = '(x) => { let s = 0; for (let i = 0; i < x.length; i++) s += x[i]; return s; }';
    const copies = compiled(text, [new Float64Array(1e5)]);
    copies(new Float64Array(1e5));
    expect(copies.explain()).toMatch(/^\/\/ copying {2}\d+ % of the time of its calls went into copying arrays/m);
    expect(compiled(text, [heap(1e5)]).explain()).not.toContain('copying');
  });

  test('of another view is refused', () => {
    const fast = compiled('(x) => x', [1]);
    expect(() => fast.explain('pases' as 'passes')).toThrow(/^error\[JIT009\].*\n.*did you mean 'passes'\?/);
    expect(() => fast.explain(3 as never)).toThrow('JIT009');
  });
});
