/** The sum of 0, 1, … n − 1, in a plain loop. */
export function sumRange(n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += i;
  return sum;
}
