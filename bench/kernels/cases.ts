// The kernels of the bench: each with the class that is promised for it and why, and its data. Data come from a formula that other languages
// can follow to the last bit: the multiples of the golden ratio, without their whole parts. It is long because there are sixteen of them.
import { example } from '../harness/paths.js';

export type Numbers = Float64Array | Int32Array | Uint16Array | Uint8Array;

/** How arrays are made: in the heap, or as anyone makes them. */
export interface Arrays {
  readonly float64: (length: number) => Float64Array;
  readonly int32: (length: number) => Int32Array;
  readonly uint16: (length: number) => Uint16Array;
  readonly uint8: (length: number) => Uint8Array;
}

export interface Prepared {
  readonly args: readonly (number | Numbers)[];
  /** Before each call, so that all of them do the same; cheap beside the kernel. */
  readonly reset?: () => void;
  /** Where the answer is; without it the answer is what the kernel gives. */
  readonly answer?: readonly Numbers[];
}

/** vectorized: in lanes; divergent: in lanes that end at different times; serial: every step needs the one before; fastMath: sums in the tree. */
export type Kind = 'vectorized' | 'divergent' | 'serial' | 'fastMath';

export interface KernelCase {
  readonly name: string;
  readonly module: URL;
  readonly exported: string;
  /** The option of `jit`, where the kernel calls other functions of its module. */
  readonly globals?: (module: Readonly<Record<string, unknown>>) => () => object;
  readonly kind: Kind;
  /** Whether several threads gain from sharing it. */
  readonly isShared: boolean;
  /** Why it is of this class, and no other. */
  readonly because: string;
  /** In each turn of the bench: as many as take some ten milliseconds. */
  readonly calls: number;
  /** The task of bench/peers/kernels.py. */
  readonly numba?: string;
  readonly prepare: (arrays: Arrays) => Prepared;
}

const functions = new URL('./functions.js', import.meta.url);

const phi = 0.6180339887498949;
const spread = (i: number): number => (i * phi) % 1;

function filled<A extends Numbers>(array: A, element: (i: number) => number): A {
  for (let i = 0; i < array.length; i++) array[i] = element(i);
  return array;
}

const width = 512;
const height = 512;

export const cases: readonly KernelCase[] = [
  {
    name: 'Mandelbrot',
    module: example('kernels/mandelbrot'),
    exported: 'mandelbrot',
    kind: 'divergent',
    isShared: true,
    because: 'neighbors leave the disk after different numbers of steps; every pixel is for itself',
    calls: 3,
    numba: 'mandelbrot',
    prepare: ({ int32 }) => {
      const steps = int32(256 * 192);
      return { args: [steps, 256, 192, 200], answer: [steps] };
    },
  },
  {
    name: 'Black–Scholes',
    module: example('kernels/black-scholes'),
    exported: 'blackScholes',
    globals:
      ({ normalUpTo }) =>
      () => ({ normalUpTo }),
    kind: 'vectorized',
    isShared: true,
    because: 'every option is for itself, and exp and log have lanes',
    calls: 2,
    numba: 'black-scholes',
    prepare: ({ float64 }) => {
      const n = 100_000;
      const [calls, puts] = [float64(n), float64(n)];
      const price = filled(float64(n), (i) => 50 + 100 * spread(i));
      const strike = filled(float64(n), (i) => 50 + 100 * spread(3 * i + 1));
      const years = filled(float64(n), (i) => 0.1 + 2 * spread(7 * i));
      return { args: [calls, puts, price, strike, years, 0.03, 0.25], answer: [calls, puts] };
    },
  },
  {
    name: 'Jacobi',
    module: example('kernels/jacobi'),
    exported: 'jacobi',
    kind: 'vectorized',
    isShared: true,
    because: 'neighbors in memory are read from one array, and written to another',
    calls: 30,
    numba: 'jacobi',
    prepare: ({ float64 }) => {
      const grid = filled(float64(width * height), spread);
      const next = float64(width * height);
      return { args: [next, grid, width, height], answer: [next] };
    },
  },
  {
    name: 'histogram',
    module: example('kernels/histogram'),
    exported: 'histogram',
    kind: 'serial',
    isShared: true,
    because: 'two values may go to one bin, so no lanes; threads can count in bins of their own',
    calls: 5,
    numba: 'histogram',
    prepare: ({ float64, int32 }) => {
      const counts = int32(256);
      const values = filled(float64(1_000_000), spread);
      return { args: [counts, values, 0, 1], reset: () => counts.fill(0), answer: [counts] };
    },
  },
  {
    name: 'k-means step',
    module: example('kernels/k-means'),
    exported: 'kMeansStep',
    kind: 'vectorized',
    isShared: true,
    because: 'lanes and threads take points; the means after that are sums of doubles in order, on one thread',
    calls: 2,
    numba: 'k-means',
    prepare: ({ float64, int32 }) => {
      const [n, clusters, dimensions] = [100_000, 8, 3];
      const points = filled(float64(dimensions * n), spread);
      const first = Float64Array.from({ length: dimensions * clusters }, (_, i) => spread(11 * i));
      const [labels, sizes, centers] = [int32(n), int32(clusters), float64(first.length)];
      const args = [labels, sizes, centers, points, dimensions];
      return { args, reset: () => centers.set(first), answer: [labels, centers] };
    },
  },
  {
    name: 'Levenshtein',
    module: example('kernels/levenshtein'),
    exported: 'levenshtein',
    kind: 'serial',
    isShared: false,
    because: 'every cell needs the one to its left',
    calls: 2,
    numba: 'levenshtein',
    prepare: ({ uint16 }) => {
      const a = filled(uint16(2000), (i) => 26 * spread(i));
      const b = filled(uint16(2000), (i) => 26 * spread(i * i));
      return { args: [a, b] };
    },
  },
  {
    name: 'n-body',
    module: functions,
    exported: 'accelerate',
    kind: 'vectorized',
    isShared: true,
    because: 'lanes take bodies, as the sums over the others keep their order',
    calls: 5,
    prepare: ({ float64 }) => {
      const n = 1000;
      const found = [float64(n), float64(n), float64(n)];
      const given = [1, 2, 3, 4].map((step) => filled(float64(n), (i) => spread(i * step)));
      return { args: [...found, ...given, 1e-3], answer: found };
    },
  },
  {
    name: 'spectral norm',
    module: functions,
    exported: 'spectralProduct',
    kind: 'vectorized',
    isShared: true,
    because: 'lanes take rows, as the sum within a row keeps its order',
    calls: 5,
    prepare: ({ float64 }) => {
      const v = filled(float64(1500), spread);
      const result = float64(v.length);
      return { args: [result, v], answer: [result] };
    },
  },
  {
    name: 'prefix sum',
    module: functions,
    exported: 'prefixSum',
    kind: 'serial',
    isShared: false,
    because: 'every sum needs the one before, and sums of doubles keep their order',
    calls: 10,
    prepare: ({ float64 }) => {
      const values = filled(float64(1_000_000), spread);
      const sums = float64(values.length);
      return { args: [sums, values], answer: [sums] };
    },
  },
  {
    name: 'Floyd–Warshall',
    module: functions,
    exported: 'floydWarshall',
    kind: 'serial',
    isShared: false,
    because: 'reads and writes one array, where only arithmetic on places would say that rows k and i do not meet',
    calls: 1,
    prepare: ({ float64 }) => {
      const n = 250;
      const first = Float64Array.from({ length: n * n }, (_, i) => 1 + 100 * spread(i));
      const distances = float64(n * n);
      return { args: [distances, n], reset: () => distances.set(first), answer: [distances] };
    },
  },
  {
    name: 'matrix product',
    module: functions,
    exported: 'matrixProduct',
    kind: 'vectorized',
    isShared: true,
    because: 'lanes take columns, as the sum over k keeps its order',
    calls: 2,
    prepare: ({ float64 }) => {
      const n = 200;
      const a = filled(float64(n * n), spread);
      const b = filled(float64(n * n), (i) => spread(3 * i));
      const c = float64(n * n);
      return { args: [c, a, b, n], answer: [c] };
    },
  },
  {
    name: 'Game of Life',
    module: functions,
    exported: 'gameOfLife',
    kind: 'vectorized',
    isShared: true,
    because: 'neighbors in memory are read from one array, and written to another',
    calls: 10,
    prepare: ({ uint8 }) => {
      const cells = filled(uint8(width * height), (i) => (spread(i * i) < 0.3 ? 1 : 0));
      const next = uint8(width * height);
      return { args: [next, cells, width, height], answer: [next] };
    },
  },
  {
    name: 'Smith–Waterman',
    module: functions,
    exported: 'smithWaterman',
    kind: 'serial',
    isShared: false,
    because: 'every cell needs the one to its left',
    calls: 1,
    prepare: ({ uint8 }) => {
      const a = filled(uint8(1500), (i) => 4 * spread(i));
      const b = filled(uint8(1500), (i) => 4 * spread(i * i));
      return { args: [a, b, 2, -1, -2] };
    },
  },
  {
    name: 'logistic map',
    module: functions,
    exported: 'logisticMap',
    kind: 'vectorized',
    isShared: true,
    because: 'lanes take values of r; one value alone would be serial',
    calls: 2,
    prepare: ({ float64 }) => {
      const result = float64(10_000);
      return { args: [result, 500], answer: [result] };
    },
  },
  {
    name: 'dot product',
    module: functions,
    exported: 'dot',
    kind: 'fastMath',
    isShared: false,
    because: 'sixteen sums in place of one, in an order that is fixed',
    calls: 200,
    prepare: ({ float64 }) => {
      const a = filled(float64(100_000), spread);
      return { args: [a, filled(float64(a.length), (i) => spread(3 * i))] };
    },
  },
  {
    name: 'norm',
    module: functions,
    exported: 'norm',
    kind: 'fastMath',
    isShared: false,
    because: 'sixteen sums in place of one, in an order that is fixed',
    calls: 200,
    prepare: ({ float64 }) => ({ args: [filled(float64(100_000), spread)] }),
  },
];
