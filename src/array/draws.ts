// Random arrays as expressions: raw draws (docs/random.md, 14 and 15) and the distributions of rule 2 made of them element by element, so
// that a random array fuses into whatever uses it.
import { UserError } from '../base/errors.js';
import { showValue } from '../base/show-value.js';
import type { FloatDType } from './dtypes.js';
import { record } from './element-wise.js';
import { apply, Node, scalarNode } from './expressions.js';
import type { Shape } from './layout.js';

export const rawDraw = (shape: Shape, dtype: FloatDType | 'uint64', key: bigint): Node =>
  new Node(shape, dtype, { kind: 'draw', key });

const bytes = new DataView(new ArrayBuffer(8));

/** The largest float below a finite one. */
export function largestBelow(value: number, dtype: FloatDType): number {
  if (value === 0) return dtype === 'float32' ? -(2 ** -149) : -Number.MIN_VALUE;
  if (dtype === 'float32') {
    bytes.setFloat32(0, value);
    bytes.setInt32(0, bytes.getInt32(0) + (value > 0 ? -1 : 1));
    return bytes.getFloat32(0);
  }
  bytes.setFloat64(0, value);
  bytes.setBigInt64(0, bytes.getBigInt64(0) + (value > 0 ? -1n : 1n));
  return bytes.getFloat64(0);
}

/** @throws {UserError} RANDOM002 unless low < high and their distance is finite */
export function checkUniform(low: number, high: number): void {
  if (typeof low === 'number' && typeof high === 'number' && low < high && Number.isFinite(high - low)) return;
  throw new UserError('RANDOM002', `there are no uniform numbers from ${showValue(low)} to ${showValue(high)}`, {
    note: 'the second bound has to lie above the first, and their distance to be finite',
    fix: low > high ? `exchange them: uniform(${high}, ${low})` : 'give two numbers, such as uniform(-1, 1)',
  });
}

/** One number of [low, high) out of u of [0, 1). */
export function scaleUniform(low: number, high: number, u: number): number {
  return Math.min(low + (high - low) * u, largestBelow(high, 'float64'));
}

export function uniformNode(low: number, high: number, shape: Shape, key: bigint, dtype: FloatDType = 'float64'): Node {
  checkUniform(low, high);
  const round = dtype === 'float32' ? Math.fround : (x: number): number => x;
  const [a, b] = [round(low), round(high)];
  const u = rawDraw(shape, dtype, key);
  const width = round(b - a);
  const scaled = width === 1 ? u : record('mul', u, width);
  const values = a === 0 ? scaled : record('add', scaled, a);
  // Where even the greatest draw stays below b, nothing needs to be capped: rounding never turns an order around.
  const greatest = 1 - (dtype === 'float32' ? 2 ** -24 : 2 ** -52);
  return round(a + round(width * greatest)) < b ? values : record('minimum', values, largestBelow(b, dtype));
}

/** @throws {UserError} RANDOM002 unless low < high are whole numbers at most 2³² apart */
export function checkIntegers(low: number, high: number): void {
  const isRange = Number.isSafeInteger(low) && Number.isSafeInteger(high) && low < high && high - low <= 2 ** 32;
  if (isRange) return;
  throw new UserError('RANDOM002', `there are no random integers from ${showValue(low)} to ${showValue(high)}`, {
    note: 'bounds are whole numbers, the second one is left out, and they are at most 2^32 apart',
    fix:
      low > high
        ? `exchange them: integers(${high}, ${low})`
        : 'give two whole numbers, such as integers(1, 7) for a die',
  });
}

export const scaleIntegers = (low: number, high: number, u: number): number => low + Math.floor(u * (high - low));

export function integersNode(low: number, high: number, shape: Shape, key: bigint): Node {
  checkIntegers(low, high);
  const scaled = record('floor', record('mul', rawDraw(shape, 'float64', key), high - low));
  const whole = apply('cast', 'int64', shape, [scaled]);
  return low === 0 ? whole : apply('add', 'int64', shape, [whole, scalarNode('int64', BigInt(low))]);
}

export function checkNormal(mean: number, deviation: number): void {
  if (Number.isFinite(mean) && Number.isFinite(deviation) && deviation >= 0) return;
  throw new UserError(
    'RANDOM002',
    `there are no normal numbers of mean ${showValue(mean)} and deviation ${showValue(deviation)}`,
    {
      note: 'both are finite numbers, and a deviation is not below 0',
      fix: 'leave them out for mean 0 and deviation 1',
    },
  );
}

/** Normal numbers out of u: the quantile of u + 2⁻⁵³, which is never 0 or 1. */
function toNormal(u: Node, mean: number, deviation: number): Node {
  const standard = apply('normalQuantile', 'float64', u.shape, [record('add', u, 2 ** -53)]);
  const scaled = deviation === 1 ? standard : record('mul', standard, deviation);
  return mean === 0 ? scaled : record('add', scaled, mean);
}

const toExponential = (u: Node, scale: number): Node => {
  const standard = record('sub', 0, record('log', record('sub', 1, u)));
  return scale === 1 ? standard : record('mul', standard, scale);
};

/** `from` is a key for an array, or u for one number. */
export function normalNode(mean: number, deviation: number, shape: Shape, from: bigint | number): Node {
  checkNormal(mean, deviation);
  return toNormal(uniformOf(shape, from), mean, deviation);
}

export function exponentialNode(scale: number, shape: Shape, from: bigint | number): Node {
  checkExponential(scale);
  return toExponential(uniformOf(shape, from), scale);
}

const uniformOf = (shape: Shape, from: bigint | number): Node =>
  typeof from === 'bigint' ? rawDraw(shape, 'float64', from) : scalarNode('float64', from);

export function checkExponential(scale: number): void {
  if (Number.isFinite(scale) && scale >= 0) return;
  throw new UserError('RANDOM002', `there are no exponential numbers of scale ${showValue(scale)}`, {
    note: 'the scale is their mean, a finite number not below 0',
    fix: 'leave it out for a mean of 1',
  });
}
