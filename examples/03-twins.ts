// The same function twice, for 03-compare.ts. Both go through `total`: as long as an engine has seen only one function arrive there, it
// writes that one straight into the loop; when a second comes along, every call goes through a pointer.
function total(n: number, term: (i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += term(i);
  return sum;
}

export const first = (n: number): number => total(n, (i) => i * i);
export const second = (n: number): number => total(n, (i) => i * i);
