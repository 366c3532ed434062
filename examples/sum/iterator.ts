/** `sum(range(n))`: asks an iterator for one number after the other. */
export function sumRange(n: number): number {
  let sum = 0;
  for (const i of range(n)) sum += i;
  return sum;
}

function* range(n: number): Generator<number> {
  for (let i = 0; i < n; i++) yield i;
}
