// Summaries of a handful of timings: the usual ones, and an interval for a ratio that assumes nothing about how the noise is shaped.

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Standard deviation of the population, as NumPy's `std` and IPython's `%timeit` have it. */
export function populationStd(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** A median, and the interval that holds the true one with probability `confidence`. */
export interface Interval {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly confidence: number;
}

/**
 * The median of `values` with a distribution-free interval: the narrowest pair of order statistics (k-th smallest, k-th largest) that
 * holds the true median with probability ≥ 0.95; where there are too few values for that, all of them, and the probability they reach.
 * Source: the sign test; P(the k-th pair misses) = 2·P(Binomial(n, ½) < k).
 */
export function medianInterval(values: readonly number[]): Interval {
  const sorted = values.toSorted((a, b) => a - b);
  const n = sorted.length;
  let k = 1;
  let missed = 2 * 0.5 ** n;
  let term = 0.5 ** n;
  while (k < n / 2) {
    term *= (n - k + 1) / k; // P(Binomial(n, ½) = k)
    if (missed + 2 * term > 0.05) break;
    missed += 2 * term;
    k++;
  }
  const confidence = Math.max(0, 1 - missed);
  return { median: median(sorted), low: sorted[k - 1]!, high: sorted[n - k]!, confidence };
}
