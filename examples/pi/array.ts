import { random } from 'heddle';

/** Whole arrays, as NumPy has them, but recorded: all of it becomes one loop, and no array is ever stored. */
export function calcPi(n: number, seed?: number | bigint): number {
  const points = random.generator(seed).uniform(-1, 1, [2, n]); // first every x, then every y
  return (4 * points.square().sum(0).lt(1).countNonzero().item()) / n;
}
