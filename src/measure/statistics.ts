// Summaries of a handful of timings: the usual ones, and an interval for a ratio that assumes nothing about how the noise is shaped.

export function mean(values: readonly number[]): number {
  return exactSum(values) / values.length;
}

/**
 * The sum, rounded only once, so that equal runs have no spread. Source: Shewchuk, "Adaptive Precision Floating-Point Arithmetic", 1997:
 * `parts` are numbers whose figures do not overlap and whose sum is exact.
 */
function exactSum(values: readonly number[]): number {
  const parts: number[] = [];
  for (let value of values) {
    let count = 0;
    for (let part of parts) {
      if (Math.abs(value) < Math.abs(part)) [value, part] = [part, value];
      const high = value + part;
      const low = part - (high - value);
      if (low !== 0) parts[count++] = low;
      value = high;
    }
    parts.length = count;
    parts.push(value);
  }
  return parts.reduceRight((sum, part) => sum + part, 0);
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
  // As a logarithm, because 0.5 ** n is 0 from n = 1075 on.
  let logTerm = -n * Math.LN2;
  let missed = 2 * Math.exp(logTerm);
  while (k < n / 2) {
    logTerm += Math.log((n - k + 1) / k); // of P(Binomial(n, ½) = k)
    const missedMore = missed + 2 * Math.exp(logTerm);
    if (missedMore > 0.05) break;
    missed = missedMore;
    k++;
  }
  const confidence = Math.max(0, 1 - missed);
  return { median: median(sorted), low: sorted[k - 1]!, high: sorted[n - k]!, confidence };
}
