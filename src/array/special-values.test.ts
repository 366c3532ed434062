// The special cases that the Python array API standard 2024.12 lists for each function of real floats, in both dtypes and in lanes as well as
// in single elements: a row is a function, its operands, and what it gives. An approximation of π is one.
import { describe, expect, test } from 'vitest';
import * as np from '../array-entry.js';
import { asarray } from './index.js';
import type { NDArray } from './index.js';

const inf = Infinity;
const { PI } = Math;

type Row = readonly [gives: number, ...operands: readonly number[]];

/** The same for ±: an odd function. */
const odd = (...rows: readonly (readonly [number, number])[]): Row[] =>
  rows.flatMap(([gives, x]): Row[] => [
    [gives, x],
    [-gives, -x],
  ]);
/** The same for +x and −x. */
const even = (...rows: readonly (readonly [number, number])[]): Row[] =>
  rows.flatMap(([gives, x]): Row[] => [
    [gives, x],
    [gives, -x],
  ]);
const nan = (...xs: readonly number[]): Row[] => xs.map((x): Row => [NaN, x]);

const logarithm: Row[] = [...nan(NaN, -1, -inf), [-inf, 0], [-inf, -0], [0, 1], [inf, inf]];
const whole: Row[] = [...nan(NaN), ...odd([0, 0], [inf, inf], [3, 3])];

const functions: Readonly<Record<string, readonly Row[]>> = {
  abs: [...nan(NaN), ...even([0, 0], [inf, inf])],
  acos: [...nan(NaN, 1.5, -1.5), [0, 1]],
  acosh: [...nan(NaN, 0.5, -inf), [0, 1], [inf, inf]],
  add: [
    [NaN, NaN, 1],
    [NaN, 1, NaN],
    [NaN, inf, -inf],
    [NaN, -inf, inf],
    [inf, inf, inf],
    [-inf, -inf, -inf],
    [inf, inf, 1],
    [-inf, 1, -inf],
    [-0, -0, -0],
    [0, -0, 0],
    [0, 0, -0],
    [0, 0, 0],
    [2, 0, 2],
    [0, 2, -2],
  ],
  asin: [...nan(NaN, 1.5, -1.5), ...odd([0, 0])],
  asinh: [...nan(NaN), ...odd([0, 0], [inf, inf])],
  atan: [...nan(NaN), ...odd([0, 0], [PI / 2, inf])],
  atan2: [
    [NaN, NaN, 1],
    [NaN, 1, NaN],
    [PI / 2, 1, 0],
    [PI / 2, 1, -0],
    [0, 0, 1],
    [0, 0, 0],
    [PI, 0, -0],
    [PI, 0, -1],
    [-0, -0, 1],
    [-0, -0, 0],
    [-PI, -0, -0],
    [-PI, -0, -1],
    [-PI / 2, -1, 0],
    [-PI / 2, -1, -0],
    [0, 1, inf],
    [PI, 1, -inf],
    [-0, -1, inf],
    [-PI, -1, -inf],
    [PI / 2, inf, 1],
    [-PI / 2, -inf, 1],
    [PI / 4, inf, inf],
    [(3 * PI) / 4, inf, -inf],
    [-PI / 4, -inf, inf],
    [(-3 * PI) / 4, -inf, -inf],
  ],
  atanh: [...nan(NaN, 1.5, -1.5), ...odd([inf, 1], [0, 0])],
  ceil: [...whole, [-0, -0.5]],
  copysign: [
    [-1, 1, -0],
    [1, -1, 0],
    [NaN, NaN, 1],
  ],
  cos: [...nan(NaN, inf, -inf), ...even([1, 0])],
  cosh: [...nan(NaN), ...even([1, 0], [inf, inf])],
  divide: [
    [NaN, NaN, 1],
    [NaN, 1, NaN],
    [NaN, inf, -inf],
    [NaN, 0, -0],
    [0, 0, 1],
    [-0, -0, 1],
    [-0, 0, -1],
    [0, -0, -1],
    [inf, 1, 0],
    [-inf, 1, -0],
    [-inf, -1, 0],
    [inf, -1, -0],
    [inf, inf, 1],
    [-inf, inf, -1],
    [0, 1, inf],
    [-0, 1, -inf],
    [-0, -1, inf],
    [0, -1, -inf],
  ],
  exp: [...nan(NaN), [1, 0], [1, -0], [inf, inf], [0, -inf]],
  expm1: [...nan(NaN), [0, 0], [-0, -0], [inf, inf], [-1, -inf]],
  floor: [...whole, [0, 0.5], [-1, -0.5]],
  floorDivide: [
    [NaN, NaN, 1],
    [NaN, 1, NaN],
    [NaN, inf, inf],
    [NaN, 0, 0],
    [0, 0, 1],
    [-0, -0, 1],
    [-0, 0, -1],
    [0, -0, -1],
    [inf, 1, 0],
    [-inf, 1, -0],
    [-inf, -1, 0],
    [inf, -1, -0],
    [0, 1, inf],
    [-1, 1, -inf],
    [-1, -1, inf],
    [0, -1, -inf],
  ],
  hypot: [
    [inf, inf, NaN],
    [inf, -inf, 1],
    [inf, NaN, inf],
    [inf, NaN, -inf],
    [NaN, NaN, 1],
    [NaN, 1, NaN],
    [3, 0, -3],
    [3, 3, -0],
  ],
  log: logarithm,
  log10: logarithm,
  log2: logarithm,
  log1p: [...nan(NaN, -2), [-inf, -1], [-0, -0], [0, 0], [inf, inf]],
  logaddexp: [
    [NaN, NaN, 1],
    [NaN, 1, NaN],
    [inf, inf, 1],
    [inf, 1, inf],
    [-inf, -inf, -inf],
  ],
  maximum: [
    [NaN, NaN, 1],
    [NaN, 1, NaN],
  ],
  minimum: [
    [NaN, NaN, 1],
    [NaN, 1, NaN],
  ],
  multiply: [
    [NaN, NaN, 1],
    [NaN, inf, 0],
    [NaN, -0, inf],
    [inf, inf, inf],
    [-inf, inf, -inf],
    [inf, -inf, -2],
    [-0, -1, 0],
  ],
  nextafter: [
    [NaN, NaN, 1],
    [NaN, 1, NaN],
    [-0, 0, -0],
    [0, -0, 0],
    [2, 2, 2],
  ],
  pow: [
    [NaN, 2, NaN],
    [1, 2, 0],
    [1, 2, -0],
    [1, NaN, 0],
    [1, NaN, -0],
    [NaN, NaN, 1],
    [inf, 2, inf],
    [inf, -2, inf],
    [0, 2, -inf],
    [0, -2, -inf],
    [1, 1, inf],
    [1, 1, -inf],
    [1, -1, inf],
    [1, -1, -inf],
    [1, 1, 7.5],
    [0, 0.5, inf],
    [0, -0.5, inf],
    [inf, 0.5, -inf],
    [inf, -0.5, -inf],
    [inf, inf, 0.5],
    [0, inf, -0.5],
    [-inf, -inf, 3],
    [inf, -inf, 4],
    [inf, -inf, 2.5],
    [-0, -inf, -3],
    [0, -inf, -4],
    [0, 0, 2],
    [inf, 0, -2],
    [-0, -0, 3],
    [0, -0, 4],
    [0, -0, 0.5],
    [-inf, -0, -3],
    [inf, -0, -4],
    [NaN, -2, 0.5],
    [1, 1, NaN],
  ],
  remainder: [
    [NaN, NaN, 1],
    [NaN, 1, NaN],
    [NaN, inf, 1],
    [NaN, -inf, inf],
    [NaN, 0, 0],
    [NaN, 1, 0],
    [NaN, 1, -0],
    [0, 0, 1],
    [0, -0, 1],
    [-0, 0, -1],
    [-0, -0, -1],
    [1, 1, inf],
    [-inf, 1, -inf],
    [inf, -1, inf],
    [-1, -1, -inf],
  ],
  round: [...whole, [0, 0.5], [2, 1.5], [-2, -2.5]],
  sign: [...nan(NaN), [0, 0], [1, inf], [-1, -inf]],
  sin: [...nan(NaN, inf, -inf), ...odd([0, 0])],
  sinh: [...nan(NaN), ...odd([0, 0], [inf, inf])],
  sqrt: [...nan(NaN, -1), ...odd([0, 0]), [inf, inf]],
  subtract: [
    [NaN, inf, inf],
    [0, 1, 1],
    [-0, -0, 0],
  ],
  tan: [...nan(NaN, inf, -inf), ...odd([0, 0])],
  tanh: [...nan(NaN), ...odd([0, 0], [1, inf])],
  trunc: [...whole, [0, 0.5], [-0, -0.5]],
};

const isPi = (value: number): boolean => Number.isFinite(value) && !Number.isInteger(value * 2);

describe.each(['float64', 'float32'] as const)('%s', (dtype) => {
  test.each(Object.entries(functions))('%s', (name, rows) => {
    const f = (np as unknown as Record<string, (...operands: NDArray[]) => NDArray>)[name]!;
    const column = (index: number): number[] => rows.map((row) => row[index + 1]!);
    const operands = Array.from({ length: rows[0]!.length - 1 }, (_, index) => column(index));
    // Of many elements lanes take most; of one there are none.
    const many = f(
      ...operands.map((values) => asarray(Array.from({ length: 7 }, () => values).flat()).astype(dtype)),
    ).toArray() as number[];
    for (const [at, [gives, ...given]] of rows.entries()) {
      const one = f(...given.map((value) => asarray([value]).astype(dtype))).get(0) as number;
      for (const found of [one, many[at]!, many[3 * rows.length + at]!]) {
        const about = `${name}(${given.map((value) => (Object.is(value, -0) ? '-0' : value)).join(', ')})`;
        if (isPi(gives)) expect(found, about).toBeCloseTo(gives, 6);
        else expect(found, about).toBe(gives);
      }
    }
  });
});

test('statistics of NaN, and of nothing', () => {
  const x = asarray([1, NaN, 3]);
  for (const f of [np.max, np.min, np.sum, np.prod, np.mean, np.std, np.var]) expect(f(x).item()).toBeNaN();
  const empty = asarray([]);
  expect([np.sum(empty).item(), np.prod(empty).item()]).toEqual([0, 1]);
  for (const f of [np.mean, np.std, np.var]) expect(f(empty).item()).toBeNaN();
  // N − correction is 0.
  for (const f of [np.std, np.var]) expect(f(asarray([2]), { correction: 1 }).item()).toBeNaN();
  expect([np.all(asarray([NaN, inf])).item(), np.any(asarray([NaN])).item(), np.all(empty).item()]).toEqual([
    true,
    true,
    true,
  ]);
  expect(np.any(empty).item()).toBe(false);
  expect(np.clip(asarray([NaN, 5, -5]), -1, 1).toArray()).toEqual([NaN, 1, -1]);
});
