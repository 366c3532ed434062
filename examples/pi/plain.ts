/** π by Monte Carlo: the share of random points of a square that fall inside its circle is π/4. */
export function calcPi(n: number): number {
  let m = 0;
  for (let i = 0; i < n; i++) {
    const x = 2 * Math.random() - 1;
    const y = 2 * Math.random() - 1;
    if (x ** 2 + y ** 2 < 1) m++;
  }
  return (4 * m) / n;
}
