// The tasks of the benches with numpy-ts, a NumPy for TypeScript whose arrays lie in WebAssembly memory. Inputs are made once for each n.
import * as np from 'numpy-ts';

// By default its arrays may take 256 MB, and those of 10⁷ points do not fit.
np.configureWasm({ maxMemory: 2 ** 30 });

const inputs = new Map();

function once(name, make) {
  if (!inputs.has(name)) inputs.set(name, make());
  return inputs.get(name);
}

export function calcPi(n) {
  const points = np.random.uniform(-1, 1, [2, n]);
  const inside = np.less(np.sum(np.square(points), 0), 1);
  return (4 * Number(np.count_nonzero(inside))) / n;
}

export function axpy(n) {
  const [a, b, c] = once(`axpy ${n}`, () => {
    const rising = np.divide(np.arange(n), n);
    return [rising, np.subtract(np.full([n], 2), rising), np.ones([n])];
  });
  return np.add(np.multiply(a, b), c).get([n / 2]);
}

const numbers = (n) => once(`numbers ${n}`, () => np.random.uniform(-1, 1, [n]));

export const sum = (n) => Number(np.sum(numbers(n)));
export const sortArray = (n) => np.sort(numbers(n)).get([n / 2]);

export function matmulDoubles(n) {
  const [a, b] = once(`matrices ${n}`, () => [1, 2].map(() => np.random.uniform(-1, 1, [n, n])));
  return np.matmul(a, b).get([n - 1, n - 1]);
}

export function normalizeRows(n) {
  const x = once(`rows ${n}`, () => np.random.uniform(-1, 1, [n, n]));
  const squares = np.square(x);
  const length = np.sqrt(np.sum(squares, 1, true));
  // Its memory is full before the collector looks for large arrays that are dropped.
  squares.dispose();
  const unit = np.divide(x, length);
  const answer = Number(np.sum(np.square(unit.slice('-1'))));
  unit.dispose();
  return answer;
}

export function smallCalls(n) {
  const [a, b] = once('small', () => [np.add(np.arange(10), 0.0), np.ones([10])]);
  let last = a;
  for (let i = 0; i < n; i++) last = np.multiply(a, b);
  return Number(last.get([9]));
}
