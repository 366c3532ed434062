// Loops that get closed forms, against the plain loops, bit for bit: near the limits of the guards, and beyond them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lowerFunction } from '../jit/lower.js';
import { parseFunction } from '../jit/parse.js';
import { printKernel } from '../ir/print.js';
import { makeExecutable } from '../runtime/executable.js';
import type { Executable } from '../runtime/executable.js';

type Plain = (...args: number[]) => number;

function compile(text: string): { plain: Plain; executable: Executable; code: string } {
  // oxlint-disable-next-line typescript/no-implied-eval
  const plain = new Function(`return ${text}`)() as Plain;
  const { kernel } = lowerFunction(
    parseFunction(plain),
    Array.from({ length: plain.length }, () => 'number' as const),
  );
  const executable = makeExecutable(kernel);
  return { plain, executable, code: printKernel(executable.kernel) };
}

/** Whether there is a way around the loop: all of them stand in branches. */
const isClosed = (code: string): boolean => !/^ {4}(?:%.* = )?(?:for|loop) /m.test(code);

const counts = fc.oneof(
  fc.integer({ min: -3, max: 60 }),
  fc.integer({ min: 0, max: 20_000 }),
  fc.double({ min: -5, max: 1000, noNaN: true }),
  fc.constantFrom(NaN, -Infinity, -0, -1e300, -(2 ** 53), -(2 ** 63)),
);
const nearLimits = fc
  .tuple(
    fc.constantFrom(0, 2 ** 26, 2 ** 32, 2 ** 50, 2 ** 51, 2 ** 52, 2 ** 53 - 40_000),
    fc.integer({ min: -40, max: 40 }),
    fc.constantFrom(1, -1),
  )
  .map(([power, offset, sign]) => sign * (power + offset));
const values = fc.oneof(
  nearLimits,
  fc.integer({ min: -1000, max: 1000 }),
  fc.constantFrom(NaN, Infinity, -Infinity, -0, 0.5, -2.5, 1e300, 2 ** 53, -(2 ** 53), 2 ** 63, 5e-324),
);

/** Every loop here has a closed form. All are functions of a count n and two more numbers, a and b. */
const loops = [
  'let s = 0; for (let i = 0; i < n; i++) s += i; return s;',
  'let s = 0; for (let i = 1; i <= n; i++) s += i; return s;',
  'let s = 0; for (let i = 7; i > -n; i--) s -= i; return s;',
  'let s = 0; for (let i = 0; i < n; i++) s += 2 * i + 1; return s;',
  'let s = 0; for (let i = 0; i < n; i++) s += i * i; return s;',
  'let s = 5; for (let i = 0; i < n; i++) s = s + i * i * i - 3 * i; return s;',
  'let s = 0, t = 1; for (let i = 0; i < n; i++) { s += i; t -= i * 4; } return s + t * 0.5;',
  'let s = 0, t = 0; for (let i = 0; i < n; i++) { t += s; s += i; } return t;',
  'let s = 0, t = 0; for (let i = 0; i < n; i++) { s += i; t += s; } return t;',
  'let m = 0; for (let i = 0; i < n; i++) m++; return m;',
  'let s = 0; for (let i = 0; i < n; i += 1) s += i; return s;',
  'let s = 0; for (let i = 0; i < n; i += 3) s += i; return s;',
  'let s = 0; for (let i = n; i > 0; i -= 2) s += i; return s;',
  'let s = 0; for (let i = n; i >= 0; i--) s += i; return s;',
  'let s = 0; let i = 0; while (i < n) { s += i; i++; } return s + i;',
  'let s = 0; let i = 0; do { s += i; i += 2; } while (i < n); return s * 3 + i;',
  // What comes from outside may be anything.
  'let s = a; for (let i = 0; i < n; i++) s += i; return s;',
  'let s = a; for (let i = 0; i < n; i++) s -= i; return s;',
  'let s = a; for (let i = 0; i < n; i++) s += i * -1; return s;',
  'let s = a; for (let i = 0; i < n; i++) s += b; return s;',
  'let s = a; for (let i = 0; i < n; i++) s += i * b; return s;',
  'let s = a; for (let i = 0; i < n; i++) s += (i + b) * (i - b); return s;',
  'let s = 0; for (let i = a; i < a + n; i++) s += i; return s;',
  'let s = b; for (let i = a; i < a + n; i += 2) s += i - a; return s;',
  'let s = b; for (let i = a; i > a - n; i--) s += 1; return s;',
  'let s = 0; for (let i = a; a - n <= i; i -= 3) s += i; return s;',
];

describe('closed forms', () => {
  it.each(loops)('%s', (body) => {
    const { plain, executable, code } = compile(`(n, a, b) => { ${body} }`);
    expect(isClosed(code)).toBe(true);
    fc.assert(
      fc.property(counts, values, values, (n, a, b) => {
        // A counter that stands still counts for ever, in either of them.
        fc.pre(!body.includes('i = a') || (Math.abs(a) + Math.abs(n) < 2 ** 53 - 10 && Math.abs(n) < 1e6));
        fc.pre(!body.includes('i = n') || Math.abs(n) < 1e6);
        fc.pre(!body.includes('> -n') || Math.abs(n) < 1e6);
        expect(executable.call([n, a, b])).toEqual([plain(n, a, b)]);
      }),
      { numRuns: 300 },
    );
  });

  it('begin where doubles end, and stop there exactly', () => {
    // 0 + 1 + … + 31 = 496 and 32 more are 528: 500 below 2⁵³ there is room for the first only.
    const { plain, executable, code } = compile(
      `(n) => { let s = ${2 ** 53 - 500}; for (let i = 0; i < n; i++) s += i; return s; }`,
    );
    expect(code).toContain('le.i64 %count 32');
    for (let n = 0; n < 200; n++) expect(executable.call([n])).toEqual([plain(n)]);
    const down = compile(`(n) => { let s = ${500 - 2 ** 53}; for (let i = 0; i < n; i++) s -= i; return s; }`);
    expect(down.code).toContain('le.i64 %count 32');
    for (let n = 0; n < 200; n++) expect(down.executable.call([n])).toEqual([down.plain(n)]);
  });

  it('sum up to where the sum is 2⁵³ less 2²⁶, and no further', () => {
    const { code, executable } = compile('(n) => { let s = 0; for (let i = 0; i < n; i++) s += i; return s; }');
    expect(code).toContain(`le.i64 %count ${2 ** 27}`);
    expect(executable.call([2 ** 27])).toEqual([2 ** 53 - 2 ** 26]);
    expect(executable.call([1e7])).toEqual([49_999_995_000_000]);
  });

  it.each([
    ['a sum of halves', 'let s = 0; for (let i = 0; i < n; i++) s += i * 0.5; return s;'],
    ['a sum that begins as −0', 'let s = -0; for (let i = 0; i < n; i++) s += i; return s;'],
    ['a product', 'let s = 1; for (let i = 0; i < n; i++) s *= 2; return s;'],
    ['a fourth power', 'let s = 0; for (let i = 0; i < n; i++) s += i * i * i * i; return s;'],
    ['a sum over sums times sums', 'let s = 1, t = 1; for (let i = 0; i < n; i++) { s += t; t += s; } return s;'],
    [
      'a counter that may go the wrong way',
      'let s = 0; for (let i = 0; i < n; i -= 1) { s += i; if (s < -9) break; } return s;',
    ],
  ])('are not for %s', (_, body) => {
    const { plain, executable, code } = compile(`(n, a, b) => { ${body} }`);
    expect(isClosed(code)).toBe(false);
    for (const n of [NaN, -1, 0, 1, 2, 30, 31.5]) expect(executable.call([n, 1, 2])).toEqual([plain(n, 1, 2)]);
  });

  it('nest', () => {
    const { plain, executable } = compile(
      '(n) => { let s = 0; for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) s += j; return s; }',
    );
    for (const n of [0, 1, 2, 3, 50, 300.5]) expect(executable.call([n])).toEqual([plain(n)]);
  });
});
