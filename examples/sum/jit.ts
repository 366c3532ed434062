import { jit } from 'heddle';

/** The plain loop, unchanged but for `jit(…)`. */
export const sumRange = jit((n: number): number => {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += i;
  return sum;
});
