import { jit } from 'heddle';

/** The plain loop, unchanged but for `jit(…)`: compiled to WebAssembly when it is first called. */
const compiled = jit((n: number): number => {
  let m = 0;
  for (let i = 0; i < n; i++) {
    const x = 2 * Math.random() - 1;
    const y = 2 * Math.random() - 1;
    if (x ** 2 + y ** 2 < 1) m++;
  }
  return (4 * m) / n;
});

/** With a seed, the same points every time. */
export function calcPi(n: number, seed?: number | bigint): number {
  return seed === undefined ? compiled(n) : compiled.with({ seed })(n);
}
