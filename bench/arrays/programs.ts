// What the benches of arrays time: each function makes its input when it is first called with that n, works on it, and answers with one
// number by which the others can check it.
import { arange, matmul, ones, random, sort } from 'heddle';
import type { NDArray } from 'heddle';

const inputs = new Map<string, unknown>();

/** What `make` gives, made once. */
function once<T>(name: string, make: () => T): T {
  if (!inputs.has(name)) inputs.set(name, make());
  return inputs.get(name) as T;
}

/** a·b + c into an array that is there. */
export function axpy(n: number): number {
  const [a, b, c, out] = once(`axpy ${n}`, () => {
    const rising = arange(n).astype('float64').div(n).computeSync();
    return [rising, rising.neg().add(2).computeSync(), ones(n).computeSync(), ones(n).computeSync()] as const;
  });
  a.mul(b).add(c).computeSync({ out });
  return out.get(n / 2);
}

const numbers = (n: number): NDArray<'float64'> =>
  once(`numbers ${n}`, () => random.generator(1).uniform(-1, 1, [n]).computeSync());
const plainNumbers = (n: number): Float64Array => once(`plain numbers ${n}`, () => numbers(n).toTypedArray());

/** The sum of n doubles in memory. */
export const sum = (n: number): number => numbers(n).sum().item();

export function sumPlain(n: number): number {
  const data = plainNumbers(n);
  let total = 0;
  for (let i = 0; i < data.length; i++) total += data[i]!;
  return total;
}

/** n random doubles into order, in an array of their own; the one in the middle. */
export function sortArray(n: number): number {
  const sorted = sort(numbers(n)).computeSync();
  const middle = sorted.get(n / 2);
  sorted.dispose();
  return middle;
}

export const sortBuiltin = (n: number): number => plainNumbers(n).slice().sort()[n / 2]!;

function product(n: number, dtype: 'float64' | 'float32'): number {
  const [a, b] = once(`matrices ${n} ${dtype}`, () =>
    [1, 2].map((seed) => random.generator(seed).uniform(-1, 1, [n, n]).astype(dtype).computeSync()),
  );
  const result = matmul(a!, b!).computeSync();
  const corner = result.get(-1, -1);
  result.dispose();
  return corner;
}

export const matmulDoubles = (n: number): number => product(n, 'float64');
export const matmulFloats = (n: number): number => product(n, 'float32');

/** n rows of n doubles, each divided by its length; what the squares of the last row sum up to. */
export function normalizeRows(n: number): number {
  const x = once(`rows ${n}`, () => random.generator(1).uniform(-1, 1, [n, n]).computeSync());
  const unit = x.div(x.square().sum({ axis: 1, keepdims: true }).sqrt()).computeSync();
  const row = unit.at(-1).square().sum().item();
  unit.dispose();
  return row;
}

export function normalizeRowsPlain(n: number): number {
  const x = once(`plain rows ${n}`, () => random.generator(1).uniform(-1, 1, [n, n]).toTypedArray());
  const unit = new Float64Array(n * n);
  let last = 0;
  for (let i = 0; i < n; i++) {
    let squares = 0;
    for (let j = 0; j < n; j++) squares += x[i * n + j]! ** 2;
    const length = Math.sqrt(squares);
    last = 0;
    for (let j = 0; j < n; j++) {
      unit[i * n + j] = x[i * n + j]! / length;
      last += unit[i * n + j]! ** 2;
    }
  }
  return last;
}

/** n products of ten elements with ten, each computed. */
export function smallCalls(n: number): number {
  const [a, b] = once('small', () => [arange(10).astype('float64').computeSync(), ones(10).computeSync()]);
  let last = a;
  for (let i = 0; i < n; i++) last = a.mul(b).computeSync();
  return last.get(9);
}
