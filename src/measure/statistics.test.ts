// Summaries of timings: held against exact rational arithmetic (bigint) and against properties that define them.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mean, median, medianInterval, populationStd } from './statistics.js';

const seconds = fc.double({ min: 1e-9, max: 1e3, noNaN: true });
const sample = fc.array(seconds, { minLength: 1, maxLength: 40 });

/** A double as a whole number of 2⁻¹⁰⁷⁴, which it always is. */
function exactly(value: number): bigint {
  const bits = new BigUint64Array(new Float64Array([value]).buffer)[0]!;
  const exponent = (bits >> 52n) & 0x7ffn;
  const fraction = bits & ((1n << 52n) - 1n);
  return exponent === 0n ? fraction : ((1n << 52n) | fraction) << (exponent - 1n);
}

describe('mean and populationStd', () => {
  test.each([
    [[2], 2, 0],
    [[1, 3], 2, 1],
    [[2, 4, 4, 4, 5, 5, 7, 9], 5, 2],
    [[0.5, 0.5, 0.5], 0.5, 0],
  ])('of %j are %d and %d', (values, centre, spread) => {
    expect(mean(values)).toBe(centre);
    expect(populationStd(values)).toBe(spread);
  });

  test('the mean is the exact one, rounded', () => {
    fc.assert(
      fc.property(sample, (values) => {
        const sum = values.reduce((total, value) => total + exactly(value), 0n);
        const error = sum - exactly(mean(values)) * BigInt(values.length);
        const magnitude = error < 0n ? -error : error;
        // Two roundings, of the sum and of the quotient: two units in the last of 53 places, at most.
        expect(magnitude <= sum >> 51n).toBe(true);
      }),
    );
  });

  test('runs that took equally long have no spread to speak of', () => {
    fc.assert(
      fc.property(seconds, fc.integer({ min: 1, max: 1000 }), (value, count) => {
        const spread = populationStd(Array.from({ length: count }, () => value));
        expect(spread).toBeLessThanOrEqual(value * 2 ** -52);
      }),
    );
  });

  test('numbers of very different size keep their figures', () => {
    expect(mean([1e16, 1, -1e16, 1])).toBe(0.5);
  });

  test('shifting values leaves their spread, scaling scales it', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1 }), (values) => {
        const spread = populationStd(values);
        expect(populationStd(values.map((value) => value + 64))).toBeCloseTo(spread, 9);
        expect(populationStd(values.map((value) => value * 8))).toBeCloseTo(spread * 8, 8);
      }),
    );
  });
});

describe('median', () => {
  test.each([
    [[3], 3],
    [[1, 2], 1.5],
    [[9, 1, 5], 5],
    [[10, 9, 2, 1], 5.5],
  ])('of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  test('has as many values above as below, in whatever order they come, and leaves them in that order', () => {
    fc.assert(
      fc.property(sample, (values) => {
        const before = [...values];
        const centre = median(values);
        expect(values).toEqual(before);
        expect(median(values.toReversed())).toBe(centre);
        const half = values.length / 2;
        expect(values.filter((value) => value < centre).length).toBeLessThanOrEqual(half);
        expect(values.filter((value) => value > centre).length).toBeLessThanOrEqual(half);
      }),
    );
  });
});

/** How many of 2ⁿ equally likely outcomes have fewer than k heads. */
function outcomesBelow(n: number, k: number): bigint {
  let term = 1n;
  let total = 0n;
  for (let heads = 0; heads < k; heads++) {
    total += term;
    term = (term * BigInt(n - heads)) / BigInt(heads + 1);
  }
  return total;
}

/** P(the k-th smallest to the k-th largest of n values hold the median), in whole 2⁻ⁿ. */
const coverage = (n: number, k: number): bigint => (1n << BigInt(n)) - 2n * outcomesBelow(n, k);

describe('medianInterval', () => {
  const rankOf = (low: number): number => low; // The values are 1 … n, so a bound is its own rank.

  test.each([...Array.from({ length: 60 }, (_, index) => index + 1), 99, 100, 500, 1074, 1075, 2000, 5000])(
    '%i values: the narrowest pair whose exact binomial coverage reaches 95 %%, or all',
    (n) => {
      const values = Array.from({ length: n }, (_, index) => index + 1);
      const interval = medianInterval(values);
      const k = rankOf(interval.low);
      expect(interval.high).toBe(n + 1 - k);
      const reaches = (rank: number): boolean => coverage(n, rank) * 20n >= 19n << BigInt(n);
      expect(k === 1 || reaches(k)).toBe(true);
      // One rank further in would miss too often, or there is none.
      expect(k + 1 <= n / 2 + 0.5 && reaches(k + 1)).toBe(false);
      // Forty bits of the exact probability; its numerator alone can be beyond a double.
      const exact = Number((coverage(n, k) << 40n) >> BigInt(n)) / 2 ** 40;
      expect(interval.confidence).toBeCloseTo(exact, 9);
      expect(interval.confidence).toBeGreaterThanOrEqual(0);
    },
  );

  test.each([
    [1, 0],
    [2, 0.5],
    [5, 0.9375],
    [6, 0.96875],
    [7, 0.984375],
  ])('%i values reach %d', (n, confidence) => {
    expect(medianInterval(Array.from({ length: n }, () => 1)).confidence).toBeCloseTo(confidence, 12);
  });

  test('holds its median, does not mind the order, and scales with the values', () => {
    fc.assert(
      fc.property(sample, (values) => {
        const interval = medianInterval(values);
        expect(interval.low).toBeLessThanOrEqual(interval.median);
        expect(interval.high).toBeGreaterThanOrEqual(interval.median);
        expect(medianInterval(values.toReversed())).toEqual(interval);
        expect(medianInterval(values.map((value) => value * 4)).low).toBe(interval.low * 4);
      }),
    );
  });
});
