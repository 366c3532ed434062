// The compiled sum, called so often in a row that the clock can tell how long a call takes.
import { example } from '../harness/paths.js';

export const calls = 100_000;

const { sumRange } = (await import(example('sum/jit').href)) as {
  readonly sumRange: (n: number) => number;
};

/** What the last of the calls gives. */
export function sumRangeOften(n: number): number {
  let sum = 0;
  for (let k = 0; k < calls; k++) sum = sumRange(n);
  return sum;
}
