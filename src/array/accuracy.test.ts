// How far sums are from the true ones where elements cancel: each of n elements goes through at most 256 additions of its partial result, four
// of these, and one for each doubling of the leaves, so the error stays below that many half units in the last place of Σ|x|, where adding
// one after the other may lose n of them.
import { describe, expect, test } from 'vitest';
import { generatorOf } from '../random/keys.js';
import { asarray, random } from './index.js';

/** Elements are multiples of this, so that integers hold their true sum. */
const grain = 2 ** -60;
const unit = 2 ** -53;

const exactly = (values: Float64Array): bigint => {
  let sum = 0n;
  for (const value of values) sum += BigInt(value / grain);
  return sum;
};

/** How far a sum is from the true one. */
const errorOf = (sum: number, truth: bigint): number => Math.abs(Number(BigInt(sum / grain) - truth) * grain);

/** Random numbers and their opposites, out of order, and a little that is left of them: |Σx| is about `left`, Σ|x| about n/2. */
function cancelling(n: number, left: number): Float64Array {
  const generator = generatorOf(BigInt(n), 7n);
  const round = (x: number): number => Math.round(x / 2 ** -50) * 2 ** -50;
  const half = Float64Array.from({ length: n / 2 }, () => round(generator.float64() * 2 - 1));
  const values = new Float64Array(n);
  const places = random.generator(n).permutation(n).toArray() as number[];
  for (const [i, value] of half.entries()) {
    values[places[i]!] = value;
    values[places[n / 2 + i]!] = -value;
  }
  values[places[0]!]! += Math.round(left / grain) * grain;
  return values;
}

const inOrder = (values: Float64Array): number => {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
};

describe.each([4096, 65_536, 1_048_576])('%i numbers that cancel', (n) => {
  const values = cancelling(n, 2 ** -20);
  const truth = exactly(values);
  const size = values.reduce((sum, value) => sum + Math.abs(value), 0);
  const depth = Math.min(256, n / 16) + 4 + Math.log2(Math.max(1, n / 4096));

  test('over the flat array', () => {
    const error = errorOf(asarray(values).sum().item(), truth);
    expect(error).toBeLessThanOrEqual(depth * unit * size);
    // Errors of both signs are about as many: their sum grows with the square root of how many there are, not with n.
    expect(error).toBeLessThanOrEqual(8 * Math.sqrt(depth) * unit * Math.sqrt(n));
  });

  test('down a column: in order within 4096, then the tree', () => {
    const table = asarray(values).reshape([n, 1]).broadcastTo([n, 4]).computeSync();
    const columns = table.sum(0).toArray() as number[];
    for (const sum of columns) {
      expect(errorOf(sum, truth)).toBeLessThanOrEqual((4096 + Math.log2(n / 4096)) * unit * size);
      expect(sum).toBe(columns[0]);
    }
  });

  test('means and running sums follow', () => {
    expect(errorOf(asarray(values).mean().item() * n, truth)).toBeLessThanOrEqual(2 * depth * unit * size);
    const last = asarray(values).cumulativeSum().get(-1);
    expect(errorOf(last, truth)).toBeLessThanOrEqual((4096 + n / 4096) * unit * size);
  });
});

test('what one after the other loses most of is kept', () => {
  // 2⁵³ + 1 + 1 + … is 2⁵³ for ever, if added in order.
  const n = 1_048_576;
  const values = new Float64Array(n).fill(1);
  values[0] = 2 ** 53;
  expect(inOrder(values)).toBe(2 ** 53);
  const lost = 2 ** 53 + n - 1 - asarray(values).sum().item();
  // Of the first partial result alone.
  expect(Math.abs(lost)).toBeLessThanOrEqual(256);
});

test('the variance of numbers far from zero keeps its digits', () => {
  const generator = generatorOf(3n, 1n);
  const values = Float64Array.from({ length: 100_000 }, () => 1e9 + generator.float64());
  const mean = inOrder(values.map((value) => value - 1e9)) / values.length;
  const expected = inOrder(values.map((value) => (value - 1e9 - mean) ** 2)) / values.length;
  expect(Math.abs(asarray(values).var().item() / expected - 1)).toBeLessThan(1e-10);
});
