// The vectorized π with numpy-ts, a NumPy for TypeScript whose arrays lie in WebAssembly memory.
import * as np from 'numpy-ts';

// By default its arrays may take 256 MB, and those of 10⁷ points do not fit.
np.configureWasm({ maxMemory: 2 ** 30 });

export function calcPi(n) {
  const points = np.random.uniform(-1, 1, [2, n]);
  const inside = np.less(np.sum(np.square(points), 0), 1);
  return (4 * Number(np.count_nonzero(inside))) / n;
}
