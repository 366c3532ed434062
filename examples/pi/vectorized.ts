/** The same program, a whole array at a time, as NumPy runs it: simple steps, each of which stores all of its results. */
export function calcPi(n: number): number {
  const points = new Float64Array(2 * n); // first every x, then every y
  for (let i = 0; i < 2 * n; i++) points[i] = 2 * Math.random() - 1;
  const squares = new Float64Array(2 * n);
  for (let i = 0; i < 2 * n; i++) squares[i] = points[i]! ** 2;
  const sums = new Float64Array(n);
  for (let i = 0; i < n; i++) sums[i] = squares[i]! + squares[n + i]!;
  const inside = new Uint8Array(n);
  for (let i = 0; i < n; i++) inside[i] = sums[i]! < 1 ? 1 : 0;
  let m = 0;
  for (let i = 0; i < n; i++) m += inside[i]!;
  return (4 * m) / n;
}
