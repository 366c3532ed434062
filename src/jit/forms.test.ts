// The forms of the language, one program each, against the plain function: what is easily forgotten, as no bench or example has it.
import { describe, expect, it } from 'vitest';
import { jit } from './jit.js';
import type { HeapArray } from './arguments.js';

type Argument = number | boolean | bigint | HeapArray | undefined;

const copyOf = (arg: Argument): Argument => (typeof arg === 'object' ? arg.slice() : arg);

/** Programs are texts, which no tool has rewritten. */
const fromText = (text: string): ((...args: Argument[]) => unknown) =>
  // oxlint-disable-next-line typescript/no-implied-eval
  new Function(`return ${text}`)() as never;

function expectSame(text: string, ...calls: Argument[][]): void {
  const plain = fromText(text);
  const fast = jit(plain as never) as unknown as (...args: Argument[]) => unknown;
  for (const args of calls) {
    const [theirs, ours] = [args.map(copyOf), args.map(copyOf)];
    const wanted = plain(...theirs);
    expect({ args, got: fast(...ours) }).toEqual({ args, got: wanted });
    expect(ours).toEqual(theirs);
  }
}

const x = Float64Array.of(1, -2, 3, 6, 0, 1);

const programs: Readonly<Record<string, readonly [text: string, ...calls: Argument[][]][]>> = {
  'labels and jumps': [
    [
      '(n) => { let s = 0; outer: for (let i = 0; i < n; i++) { for (let j = 0; j < n; j++) { if (j > i) continue outer; if (i * j > 20) break outer; s += i * j; } } return s; }',
      [10],
      [0],
      [3.5],
    ],
    ['(n) => { let s = 0; a: { s = 1; if (n > 2) break a; s = 2; } return s; }', [1], [5]],
    ['(n) => { let s = 0; a: if (n > 2) { s = 1; if (n > 3) break a; s = 2; } else s = 9; return s; }', [1], [3], [5]],
    ['(n) => { a: { b: { if (n < 1) break b; if (n < 2) break a; return 3; } return 4; } return 5; }', [0], [1], [2]],
    [
      '(n) => { let s = 0; a: switch (n) { case 1: s = 1; for (;;) break a; case 2: s += 4; break; default: s = 7; } return s; }',
      [1],
      [2],
      [5],
    ],
    [
      '(n) => { let s = 0; for (let i = 0; i < n; i++) a: { if (i % 2) break a; if (i === 6) break; if (i === 2) continue; s += i; } return s; }',
      [9],
      [5],
    ],
    [
      '(n) => { let i = 0, s = 0; a: while (true) { i++; while (true) { if (i > n) break a; s += i; continue a; } } return s; }',
      [5],
    ],
    [
      '(n) => { let i = 0; a: do { i++; do { if (i > 3) break a; i++; } while (i % 2); } while (i < n); return i; }',
      [9],
    ],
    ['(n) => { let i = 0; do { i += 2; if (i === 4) continue; debugger; } while (i < n); return i; }', [5], [0]],
    ['(n) => { let s = 0; for (let i = 0; i < n; i++) { if (i % 3 === 0) i++; s += i; } return s; }', [10]],
    ['(n) => { let s = 0; for (let i = 0, j = n; i < j; i++, j--) s += i * j; return s; }', [9]],
    ['(n) => { let s = 0; while (n--) s += n; return s; }', [5]],
    ['(n) => { let b; if ((b = n * 2) > 5) return b; return 0; }', [3], [1]],
  ],
  'variables that get their value inside': [
    ['(n) => { let v; do { v = n; n = n / 2; } while (v > 3); return v; }', [40], [2]],
    ['(n) => { let v; while (true) { v = n * 2; if (v > 10) break; n++; } return v; }', [1], [20]],
    [
      '(n) => { let v, w; for (;;) { v = n; if (n > 5) { w = true; break; } if (n < 0) { w = false; break; } n += 3; } return [v, w]; }',
      [1],
      [-1],
    ],
    ['(n) => { let v; switch (n) { case 1: v = 5; case 2: v = 6; break; default: v = 7; } return v; }', [1], [2], [3]],
    ['(n) => { let v; a: { if (n > 1) { v = 1; break a; } v = 2; } return v; }', [1], [2]],
    ['(n) => { let v = undefined; v = n; return v; }', [2]],
    ['(x) => { let i = 0, v, s = 0; while ((v = x[i++]) !== 0) s += v; return s; }', [x]],
  ],
  switch: [
    ['(n) => { switch (n) { default: return 9; case 1: return 1; case 2: return 2; } }', [0], [1], [2]],
    ['(n) => { switch (n) { case 1: return 1; default: n += 5; case 2: return n; } }', [0], [1], [2]],
    [
      '(n) => { let s = 0; switch (n) { case 0: s += 1; case 1: s += 10; break; default: s += 100; case 2: s += 1000; } return s; }',
      [0],
      [1],
      [2],
      [3],
      [NaN],
      [-0],
    ],
    ['(n) => { switch (true) { case n < 0: return -1; case n > 0: return 1; default: return 0; } }', [-3], [0], [2]],
    ['(n) => { switch (n) { case 1n: return 1; case 2n: return 2; } return 3; }', [1n], [2n], [7n]],
    [
      '(n) => { let c = 0; const g = (v) => { c++; return v; }; switch (n) { case g(1): c += 10; break; case g(2): c += 20; break; case g(3): c += 30; } return c; }',
      [1],
      [2],
      [3],
      [4],
    ],
  ],
  'tuples and patterns': [
    ['(a, b, c) => { [a, b, c] = [c, a, b]; return a * 100 + b * 10 + c; }', [1, 2, 3]],
    ['(a) => { const [p, [q, r]] = [a, [a + 1, a + 2]]; return p + q * r; }', [3]],
    ['(a) => { const [, q] = [a, a + 1]; return q; }', [3]],
    ['(a) => { const [p, q = a * 2] = [a]; return p + q; }', [3]],
    ['(a) => { const [p, q = 4] = [a, 1]; return p + q; }', [3]],
    ['(a) => { const [p, ...r] = [a, 2, 3]; return p + r.length + r[1]; }', [3]],
    ['(x) => { const [a, b] = x; return a - b; }', [x]],
    ['(x) => { [x[0], x[1]] = [x[1], x[0]]; return x[0]; }', [x]],
    ['(x, i, j) => { for (let k = 0; k < 3; k++, i++, j--) [x[i], x[j]] = [x[j], x[i]]; return x[1]; }', [x, 0, 5]],
    ['(n) => { let s = 0; for (const v of [n, 2, 3]) s += v * v; return s; }', [1]],
    ['(n) => { let k = 0, s = 0; for (const v of [k++, n]) s += v; return 10 * k + s; }', [1]],
    ['(n) => { const f = ([a, b], c) => a * b + c; return f([n, 3], 4); }', [1]],
    ['(n) => [n, [n + 1, n > 2], 3n]', [1]],
    ['(n) => { let p = [n, 1]; for (let i = 0; i < 5; i++) p = [p[0] + p[1], p[0]]; return p; }', [1]],
  ],
  'parameters and functions': [
    ['(a, b = 3) => a * b', [2], [2, 5], [2, undefined]],
    ['(a = 1, b) => a * b', [undefined, 5], [3, 5]],
    ['(a, b = a + 1, c = a * b) => c', [2], [2, 5], [2, undefined, 3], [2, undefined, undefined]],
    ['(x, y = x.length) => { x[0] = y; return x[0]; }', [x], [x, undefined], [x, 3]],
    ['(n) => ((v) => v * 2)(n) + (function (w) { return w; })(1)', [5]],
    ['(n) => { const s = (() => { let t = 0; for (let i = 0; i < n; i++) t += i; return t; })(); return s; }', [5]],
    ['(n) => { const sqrt = Math.sqrt, m = Math.max; return sqrt(n) + m(n, 3); }', [4]],
    ['(n) => { return h(n) + h(2); function h(v) { return v * n; } }', [3]],
    ['(n) => { let c = 0; const add = () => { c += n; }; add(); add(); return c; }', [3]],
    ['(a) => { debugger; return a?.length ?? 3; }', [x]],
  ],
  recursion: [
    ['(n) => { const f = (k) => (k <= 1n ? 1n : k * f(k - 1n)); return f(n); }', [10n], [0n]],
    ['function even(n) { return n === 0 || (n !== 1 && even(n - 2)); }', [10], [7]],
    [
      '(n) => { const even = (k) => (k === 0 ? true : odd(k - 1)); const odd = (k) => (k === 0 ? false : even(k - 1)); return even(n); }',
      [10],
      [7],
    ],
    ['(n) => { const f = (k) => { if (k > 0) return !f(k - 1); return k === 0; }; return f(n); }', [3], [4]],
    [
      '(n) => { const f = (k) => { if (k === 0) return [0, 1]; const [a, b] = f(k - 1); return [b, a + b]; }; return f(n); }',
      [10],
    ],
    ['(n, m) => { const f = (k) => (k <= 0 ? m : f(k - 1) + f(k - 2) * m); return f(n); }', [10, 3]],
    ['(n) => { const f = (k, by = 2) => (k <= 0 ? 0 : k + f(k - by) + f(k - by, by)); return f(n); }', [9]],
    [
      '(n) => { const hanoi = (k, a, b, c) => (k === 0 ? 0 : hanoi(k - 1, a, c, b) + 1 + hanoi(k - 1, c, b, a)); return hanoi(n, 1, 2, 3); }',
      [6],
    ],
  ],
  arrays: [
    ['(n) => new Float32Array(n).fill(0.1)', [3], [0]],
    ['(n) => { const b = new Uint8Array(n); b.fill(300); return b; }', [3]],
    ['(y) => { y.fill(2); return y[0]; }', [x]],
    ['(y) => y.slice()', [x], [Int8Array.of(1, 2)], [BigInt64Array.of(5n)]],
    ['(y) => new Int32Array(y)', [Float64Array.of(1.5, -2.5, 5e9)], [x]],
    ['(y) => { const c = new Uint8ClampedArray(y); return c[1] + c.length; }', [Float64Array.of(1.5, 254.5)]],
    ['(y, z) => { z.set(y); return z; }', [Float64Array.of(1.5, 300), new Uint8Array(3)]],
    ['(y) => y.at(-1) + y.at(0) + y.at(1.7)', [x]],
    ['(y, i) => y.at(i)', [x, -6], [x, 5], [x, 2.5], [x, NaN], [x, -0.5]],
    ['() => Float64Array.of(1, 2, 3)'],
    ['(n) => { const b = Int16Array.of(n, 70000); return b[0] + b[1]; }', [3]],
    ['(y) => y.byteLength + y.BYTES_PER_ELEMENT', [x], [new Uint16Array(3)]],
    ['(y) => { let s = 0; for (const [i, v] of y.entries()) s += i * v; return s; }', [x]],
    ['(y) => { let s = 0; for (const i of y.keys()) { if (i === 3) continue; s += i * y[i]; } return s; }', [x]],
    [
      '(y) => { y[0] ||= 5; y[4] ||= 7; y[1] &&= 8; y[4] &&= 9; y[2] ??= 1; return [(y[3] &&= 0), (y[3] ||= 4)]; }',
      [x],
    ],
    [
      '(y) => { let i = 0; y[i++] += 5; y[i] -= y[i - 1]; y[i++] *= 2; y[i] /= 4; y[i] %= 2; y[++i] **= 2; y[i] <<= 3; y[i] ^= 5; return i; }',
      [x],
    ],
    [
      '(n) => { let s = 0; for (let i = 0; i < n; i++) { const b = new Float64Array(i + 1).fill(i); s += b[i] + b[0]; } return s; }',
      [4],
    ],
  ],
  'questions that types answer': [
    ['(a) => (a === undefined ? 1 : a !== null ? 2 : 3)', [1], [true]],
    ['(a) => [a == null, a != undefined, void 0 === a, null == undefined, null === undefined]', [1]],
    ["(a) => (typeof a === 'number' ? a * 2 : typeof a === 'bigint' ? a * 2n : a ? 3 : 4)", [1], [1n], [true]],
    ["(a) => { if (typeof a !== 'object') return a; let s = 0; for (const v of a) s += v; return s; }", [3], [x]],
    ['(a, b) => Object.is(a, b)', [NaN, NaN], [0, -0], [-0, -0], [1, 1], [1, 2], [1, true], [2n, 2n]],
  ],
};

describe.each(Object.entries(programs))('%s', (_, rows) => {
  it.each(rows)('%s', (text, ...calls) => expectSame(text, ...(calls.length > 0 ? calls : [[]])));
});

describe('arrays of all kinds', () => {
  const kinds = [Float64Array, Float32Array, Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array];
  it.each([...kinds, Int32Array, Uint32Array])('%s', (kind) => {
    const text =
      '(x, v) => { x[0] = v; x[1] += v; x[2]++; --x[3]; x[1] *= 1.5; x[2] |= 5; x[3] >>>= 1; x[0] -= 0.25; x[1] ||= 7; return x[0] + x[1] * x[2] - x[3] + (x[3] = v); }';
    const values = [3, -1.5, 300, 70_000, 5e9, NaN, -0.5, 254.5, -Infinity];
    expectSame(text, ...values.map((value): Argument[] => [new kind([1, 2, 3, 4]), value]));
  });

  it.each([BigInt64Array, BigUint64Array])('%s', (kind) => {
    const text = '(x, v) => { x[0] = v; x[1] += v; x[2]++; --x[3]; x[1] *= 3n; x[2] |= 5n; return x[0] + x[2]; }';
    expectSame(text, ...[5n, 1000n].map((value): Argument[] => [new kind([1n, 2n, 3n, 4n]), value]));
  });
});

describe('what is refused says what to do', () => {
  it.each([
    ['(n) => { const r = []; for (let i = 0; i < n; i++) r.push(i); return r.length; }', 'x[n++] = v'],
    ['(n) => new Array(n).length', 'use a typed array'],
    ['(n) => { console.log(n); return n; }', 'print what the function returns'],
    ['(n) => (Date.now() > 0 ? n : 0)', 'take the time outside'],
    ['(n) => { const M = Math; return M.sqrt(n); }', 'write its functions where they are called'],
    ['(n) => [1, 2].map((v) => v * n)[0]', 'write it as a loop'],
    ['(n) => new Float64Array(n).map((v) => v * 2)', 'write it as a loop'],
    ['(n) => { let s = 0; for (const k in new Float64Array(n)) s++; return s; }', 'count positions'],
    ['(n) => { const f = (g, v) => g(v); return f((v) => v + 1, n); }', 'give it a name by const'],
    ['(n) => { const x = n > 2 ? new Float64Array(1) : new Float64Array(2); return x.length; }', 'x[i] : y[i]'],
    [
      '(n) => { let x = new Float64Array(1); if (n > 2) x = new Float64Array(2); return x.length; }',
      'make it before they part',
    ],
    [
      '(n) => { const a = new Float64Array(1), b = new Float64Array(2); let x = a; if (n > 2) x = b; return x.length; }',
      'write the code',
    ],
    [
      '(n) => { let x; if (n > 2) { x = new Float64Array(3); x[0] = 4; } else return 0; return x[0]; }',
      'make it before they part',
    ],
    [
      '(n) => { let x; while (true) { x = new Float64Array(3); if (n > 3) break; n++; } return x[0]; }',
      'make it before they part',
    ],
    ['(n) => n.toFixed(2).length', 'do it outside'],
    ['(n) => (0 in new Float64Array(n) ? 1 : 0)', 'compare the position'],
    ['(n) => ({ n })', 'a tuple: [x, y]'],
    ['function (n) { return this === undefined ? n : 0; }', 'make what it holds a parameter'],
    ['(n) => new Float64Array(n).fill(1, 2).length', 'for (let i = a; i < b; i++) x[i] = v'],
    [
      '(n) => { const x = new Float64Array(n); let s = 0; for (const v of x.keys()) s += Math.random(); return s; }',
      'loop over positions',
    ],
    ['(a, b) => a + b', 'give the parameter a default'],
  ])('%s', (text, fix) => {
    const fast = jit(fromText(text) as never) as unknown as (...args: Argument[]) => unknown;
    let message = '';
    try {
      fast(5, undefined);
    } catch (error) {
      ({ message } = error as Error);
    }
    expect(message).toMatch(/^error\[JIT\d+\]: /);
    expect(message).toContain(fix);
  });

  it('places that an array does not have', () => {
    const f = (text: string): (() => unknown) => jit(fromText(text) as never);
    expect(f('() => new Float64Array(3).at(-4)')).toThrow('error[JIT011]');
    expect(f('() => { const [a, b] = new Float64Array(1); return a + b; }')).toThrow('error[JIT011]');
    expect(f('() => { const y = new Float64Array(1); y.set(new Float64Array(2)); return y[0]; }')).toThrow(
      'error[JIT011]',
    );
  });
});
