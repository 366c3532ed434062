// A function to be measured: npx heddle measure examples/bifurcation.ts --args '[1000, 1000]'
import { prange } from 'heddle';

const start: number = 0.5;

/** Where x → r·x·(1 − x) has come to after so many steps: the mean over `count` values of r from 3.5 to 4. */
export function logistic(count: number, steps: number): number {
  let sum = 0;
  for (const i of prange(count)) {
    const r = 3.5 + (0.5 * i) / count;
    let x = start;
    for (let step = 0; step < steps; step++) x = r * x * (1 - x);
    sum += x;
  }
  return sum / count;
}
