// Arrays as people use them.
import { expect, test } from 'vitest';
import { random, arange, asarray, linspace } from './index.js';

test('pi', () => {
  const n = 5000;
  const pts = random.generator(42).uniform(-1, 1, [2, n]);
  const count = pts.square().sum(0).lt(1).countNonzero();
  console.log(count.explain());
  console.log((4 * count.item()) / n);
  const x = pts.computeSync();
  console.log(x);
  console.log((4 * x.square().sum(0).lt(1).countNonzero().item()) / n);
  console.log(
    String(linspace(0, 1, 5)),
    arange(10).reshape([2, 5]).T.sum(1).toArray(),
    asarray([
      [1, 2],
      [3, 4.5],
    ]),
  );
});
