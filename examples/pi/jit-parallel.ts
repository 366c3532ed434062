import { jit } from 'heddle';

/** The plain loop again, on every thread: as no point needs another one, and a count may be taken in any order. */
const compiled = jit(
  (n: number): number => {
    let m = 0;
    for (let i = 0; i < n; i++) {
      const x = 2 * Math.random() - 1;
      const y = 2 * Math.random() - 1;
      if (x ** 2 + y ** 2 < 1) m++;
    }
    return (4 * m) / n;
  },
  { parallel: true },
);

/** With a seed, the same points every time, on however many threads. */
export function calcPi(n: number, seed?: number | bigint): number {
  return seed === undefined ? compiled(n) : compiled.with({ seed })(n);
}
