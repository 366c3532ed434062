// Kernels as people write them, compiled against plain, bit for bit: in lanes and without, on one thread and on several, on arrays of the
// heap and on ordinary ones. The plain ones have the `Math` of heddle/math, and `Math.pow` for `**`. Sizes are 0, 1, some that no block
// and no register divides, and one that several threads share; inputs hold NaN, both zeros and infinities.
import { alloc, jit } from 'heddle';
import { describe, expect, test } from 'vitest';
import * as more from '../bench/kernels/functions.js';
import { blackScholes, normalUpTo } from '../examples/kernels/black-scholes.js';
import { histogram } from '../examples/kernels/histogram.js';
import { jacobi } from '../examples/kernels/jacobi.js';
import { kMeansStep } from '../examples/kernels/k-means.js';
import { levenshtein } from '../examples/kernels/levenshtein.js';
import { mandelbrot } from '../examples/kernels/mandelbrot.js';
import { kindOf } from '../src/jit/array-kinds.js';
import { aliasClassesOf, callMemory, LentArrays } from '../src/jit/arguments.js';
import type { HeapArray } from '../src/jit/arguments.js';
import { Globals } from '../src/jit/globals.js';
import { largestWhole, lowerFunction } from '../src/jit/lower.js';
import { parseFunction } from '../src/jit/parse.js';
import { wholeParametersOf } from '../src/jit/whole-parameters.js';
import * as heddleMath from '../src/math/index.js';
import { makeExecutable } from '../src/runtime/executable.js';
import type { Executable } from '../src/runtime/executable.js';
import { withoutPowers } from './support/random-functions.js';

type Argument = number | HeapArray;
type Kernel = (...args: never[]) => number | void;
type Call = (...args: Argument[]) => number | undefined;

/** The same function with `Math` of heddle/math, and what it calls. */
function withOurMath(f: Kernel, called: Readonly<Record<string, Kernel>>): Call {
  const names = Object.keys(called);
  const helpers = names.map((name) => `const ${name} = ${withoutPowers(`(${called[name]!.toString()})`)};`);
  const text = `${helpers.join('\n')}\nreturn ${withoutPowers(`(${f.toString()})`)}`;
  // oxlint-disable-next-line typescript/no-implied-eval
  return (new Function('Math', text) as (math: object) => Call)({ ...heddleMath });
}

const isArray = (arg: Argument): arg is HeapArray => typeof arg !== 'number';
const copied = (args: readonly Argument[]): Argument[] => args.map((arg) => (isArray(arg) ? arg.slice() : arg));

const allocators = {
  Float64Array: alloc.float64,
  Int32Array: alloc.int32,
  Uint16Array: alloc.uint16,
  Uint8Array: alloc.uint8,
};

/** Copies in heddle's heap. */
const inHeap = (args: readonly Argument[]): Argument[] =>
  args.map((arg) => {
    if (!isArray(arg)) return arg;
    const array = allocators[kindOf(arg)!.name as keyof typeof allocators](arg.length);
    (array as Float64Array).set(arg as Float64Array);
    return array;
  });

/** The kernel compiled with or without lanes, through the same doors as `jit`. */
function compileFor(f: Kernel, globals: () => object, simd: boolean, parallel: boolean): Call {
  const source = parseFunction(f);
  const wantsWhole = wholeParametersOf(source);
  const compiled = new Map<string, Executable>();
  return (...args) => {
    const arrays = args.filter(isArray);
    const classes = aliasClassesOf(arrays);
    const types = args.map((arg, index) => {
      if (isArray(arg)) return { of: kindOf(arg)!, aliasClass: classes[arrays.indexOf(arg)]! };
      const isWhole = Number.isInteger(arg) && Math.abs(arg) <= largestWhole && !Object.is(arg, -0);
      return wantsWhole[index] && isWhole ? 'whole' : 'number';
    });
    // Of the arrays only which overlap can differ here.
    const key = [...types.filter((type) => typeof type === 'string'), ...classes].join();
    let executable = compiled.get(key);
    if (executable === undefined) {
      const { kernel, routines } = lowerFunction(source, types, { globals: new Globals(globals) });
      compiled.set(key, (executable = makeExecutable(kernel, { routines, simd, parallel })));
    }
    const lent = new LentArrays(arrays, classes, [], callMemory);
    const scalars = args.map((arg) => (isArray(arg) ? BigInt(arg.length) : arg));
    const [result] = executable.call(scalars, lent.addresses, 2);
    lent.copyBack(arrays.map(() => true));
    lent.giveBack();
    return result as number | undefined;
  };
}

/** The first place where something differs, so that it can be read. */
function differenceOf(wanted: readonly Argument[], found: readonly Argument[]): string | undefined {
  for (const [index, array] of wanted.entries()) {
    if (!isArray(array)) continue;
    const other = found[index] as HeapArray;
    const place = array.findIndex((element, k) => !Object.is(element, other[k]));
    if (place >= 0) return `argument ${index}, element ${place} is ${other[place]}, not ${array[place]}`;
  }
  return undefined;
}

// Inputs.

const phi = 0.6180339887498949;
/** Numbers between 0 and 1, in no order. */
const spread = (n: number, step = 1): Float64Array => Float64Array.from({ length: n }, (_, i) => (i * step * phi) % 1);
const edges = [NaN, -0, 0, Infinity, -Infinity, 5e-324, 1.7e308, -1, 1, 2 ** 31, 0.1, -2.5];
const special = (n: number, step = 1): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => edges[(i * step + (i >> 4)) % edges.length]!);
const letters = (n: number, count: number, step: number): number[] =>
  Array.from({ length: n }, (_, i) => Math.floor(count * ((i * i * step * phi) % 1)));

interface Case {
  readonly f: Kernel;
  readonly calls?: Readonly<Record<string, Kernel>>;
  readonly inputs: readonly (readonly [title: string, args: readonly Argument[]])[];
}

const sizes = [0, 1, 2, 3, 7, 17, 100, 10_007];
const bySize = (make: (n: number) => readonly Argument[], ns = sizes): Case['inputs'] =>
  ns.map((n) => [`n = ${n}`, make(n)] as const);
const grids = [
  [0, 0],
  [1, 1],
  [2, 3],
  [3, 3],
  [5, 4],
  [19, 23],
  [131, 67],
] as const;
const byGrid = (make: (width: number, height: number) => readonly Argument[]): Case['inputs'] =>
  grids.map(([width, height]) => [`${width} × ${height}`, make(width, height)] as const);

const cases: Readonly<Record<string, Case>> = {
  mandelbrot: {
    f: mandelbrot,
    inputs: [
      ...byGrid((width, height) => [new Int32Array(width * height), width, height, 60]),
      ['no steps', [new Int32Array(35), 7, 5, 0]],
      ['a limit between two numbers', [new Int32Array(35), 7, 5, 20.5]],
      ['a limit of NaN', [new Int32Array(35).fill(1), 7, 5, NaN]],
      ['a height between two numbers', [new Int32Array(42), 7, 5.5, 30]],
      ['a width of −0', [new Int32Array(0), -0, 5, 30]],
    ],
  },
  blackScholes: {
    f: blackScholes,
    calls: { normalUpTo },
    inputs: [
      ...bySize((n) => [
        new Float64Array(n),
        new Float64Array(n),
        spread(n).map((u) => 50 + 100 * u),
        spread(n, 3).map((u) => 50 + 100 * u),
        spread(n, 7).map((u) => 0.1 + 2 * u),
        0.03,
        0.25,
      ]),
      ...([0.25, 0, -0, NaN, Infinity] as const).map(
        (volatility) =>
          [
            `special values, volatility ${Object.is(volatility, -0) ? '-0' : volatility}`,
            [
              new Float64Array(151),
              new Float64Array(151),
              special(151),
              special(151, 5),
              special(151, 7),
              0.03,
              volatility,
            ],
          ] as const,
      ),
    ],
  },
  jacobi: {
    f: jacobi,
    inputs: [
      ...byGrid((width, height) => [new Float64Array(width * height), spread(width * height), width, height]),
      ['special values', [new Float64Array(450), special(450), 30, 15]],
    ],
  },
  histogram: {
    f: histogram,
    inputs: [
      ...bySize((n) => [new Int32Array(10), spread(n), 0.1, 0.9]),
      ['special values', [Int32Array.of(5, 2 ** 31 - 1, -1), special(301), -3, 3]],
      ['no bins', [new Int32Array(0), special(30), 0, 1]],
      ['an empty range', [new Int32Array(4), special(30), 1, 1]],
      ['a range upside down', [new Int32Array(4), special(30), 2, -2]],
      ['a range of NaN', [new Int32Array(4), special(30), NaN, 1]],
    ],
  },
  kMeansStep: {
    f: kMeansStep,
    inputs: [
      ...bySize((n) => [new Int32Array(n), new Int32Array(5), spread(15, 11), spread(3 * n), 3]),
      ...bySize((n) => [new Int32Array(n), new Int32Array(3), spread(3, 11), spread(n), 1], [0, 1, 101]),
      ['special values', [new Int32Array(90), new Int32Array(4), spread(8, 11), special(180), 2]],
      ['special centers', [new Int32Array(90), new Int32Array(6), special(12), spread(180), 2]],
      ['no dimensions', [new Int32Array(9), new Int32Array(4), new Float64Array(0), new Float64Array(0), 0]],
    ],
  },
  levenshtein: {
    f: levenshtein,
    inputs: bySize(
      (n) => [Uint16Array.from(letters(n, 5, 1)), Uint16Array.from(letters((n * 3) >> 1, 5, 3))],
      [0, 1, 2, 3, 7, 17, 100],
    ),
  },
  accelerate: {
    f: more.accelerate,
    inputs: [
      ...bySize(
        (n) => [
          ...[0, 0, 0].map(() => new Float64Array(n)),
          ...[1, 3, 5].map((step) => spread(n, step)),
          spread(n, 7),
          1e-3,
        ],
        [0, 1, 2, 3, 7, 17, 301],
      ),
      [
        'special values',
        [...[0, 0, 0].map(() => new Float64Array(36)), ...[1, 5, 7].map((step) => special(36, step)), spread(36), 0],
      ],
    ],
  },
  spectralProduct: {
    f: more.spectralProduct,
    inputs: [
      ...bySize((n) => [new Float64Array(n), spread(n)], [0, 1, 2, 3, 7, 17, 301]),
      ['special values', [new Float64Array(40), special(40)]],
    ],
  },
  prefixSum: {
    f: more.prefixSum,
    inputs: [
      ...bySize((n) => [new Float64Array(n), spread(n).map((u) => u - 0.5)]),
      ['−0 alone', [new Float64Array(3), Float64Array.of(-0, -0, -0)]],
      ['special values', [new Float64Array(50), special(50)]],
    ],
  },
  floydWarshall: {
    f: more.floydWarshall,
    inputs: [
      ...bySize((n) => [spread(n * n, 3).map((u) => (u < 0.3 ? Infinity : 10 * u)), n], [0, 1, 2, 3, 7, 17, 50]),
      ['ways of less than nothing', [spread(19 * 19, 3).map((u) => u - 0.5), 19]],
      ['special values', [special(17 * 17), 17]],
    ],
  },
  matrixProduct: {
    f: more.matrixProduct,
    inputs: [
      ...bySize((n) => [new Float64Array(n * n), spread(n * n), spread(n * n, 3), n], [0, 1, 2, 3, 7, 17, 67]),
      ['special values', [new Float64Array(19 * 19), special(19 * 19), special(19 * 19, 5), 19]],
    ],
  },
  gameOfLife: {
    f: more.gameOfLife,
    inputs: [
      ...byGrid((width, height) => [
        new Uint8Array(width * height),
        Uint8Array.from(letters(width * height, 2, 1)),
        width,
        height,
      ]),
      ['cells of any value', [new Uint8Array(450), Uint8Array.from(letters(450, 256, 1)), 30, 15]],
    ],
  },
  smithWaterman: {
    f: more.smithWaterman,
    inputs: [
      ...bySize(
        (n) => [Uint8Array.from(letters(n, 4, 1)), Uint8Array.from(letters((n * 3) >> 1, 4, 3)), 2, -1, -2],
        [0, 1, 2, 3, 7, 17, 100],
      ),
      ...([0.5, NaN, -0, Infinity, 2 ** 31] as const).map(
        (match) =>
          [
            `a score of ${match}`,
            [Uint8Array.from(letters(20, 4, 1)), Uint8Array.from(letters(31, 4, 3)), match, -1, -2],
          ] as const,
      ),
    ],
  },
  logisticMap: {
    f: more.logisticMap,
    inputs: [
      ...bySize((n) => [new Float64Array(n), 50]),
      ['no steps', [new Float64Array(9), 0]],
      ['steps of NaN', [new Float64Array(9), NaN]],
      ['half a step', [new Float64Array(9), 0.5]],
    ],
  },
};

for (const [name, { f, calls = {}, inputs }] of Object.entries(cases)) {
  describe(name, () => {
    const plain = withOurMath(f, calls);
    // The names of imports are not those of the text where a toolchain has changed them; the arrow is changed with them.
    const globals = name === 'blackScholes' ? () => ({ normalUpTo }) : () => ({});
    const serial = jit(f as Kernel & Call, { globals }) as Call;
    const parallel = jit(f as Kernel & Call, { globals, parallel: true });
    const onThreads = [1, 2, 3].map(
      (threads) => [`on ${threads} thread${threads === 1 ? '' : 's'}`, parallel.with({ threads }) as Call] as const,
    );
    const ways: readonly (readonly [string, Call])[] = [
      ['on ordinary arrays', serial],
      ...onThreads,
      ['without lanes', compileFor(f, globals, false, false)],
      ['without lanes, on threads', compileFor(f, globals, false, true)],
    ];

    test.each(inputs)('%s', (_, args) => {
      const wanted = copied(args);
      const result = plain(...wanted);
      for (const [way, compiled] of ways) {
        const found = copied(args);
        const other = compiled(...found);
        expect({ way, same: Object.is(other, result), result: other }).toEqual({ way, same: true, result: other });
        expect(differenceOf(wanted, found), way).toBeUndefined();
      }
      for (const [way, compiled] of [['alone', serial] as const, ...onThreads]) {
        const found = inHeap(args);
        expect(Object.is(compiled(...found), result), `${way}, on arrays of the heap`).toBe(true);
        expect(differenceOf(wanted, found), `${way}, on arrays of the heap`).toBeUndefined();
      }
    });
  });
}

describe('arrays that overlap', () => {
  const onOneBuffer = (f: Kernel, make: () => Argument[]): void => {
    const wanted = make();
    (f as Call)(...wanted);
    for (const compiled of [
      jit(f as Kernel & Call),
      jit(f as Kernel & Call, { parallel: true }).with({ threads: 2 }),
    ]) {
      const found = make();
      (compiled as Call)(...found);
      expect(differenceOf(wanted, found)).toBeUndefined();
    }
  };
  const shifted = (by: number, n: number, width: number, height: number) => (): Argument[] => {
    const all = spread(n + by);
    return [all.subarray(by), all.subarray(0, n), width, height];
  };

  test.each([0, 1, 2, 16, 31])('jacobi writes %i elements behind what it reads', (by) =>
    onOneBuffer(jacobi, shifted(by, 450, 30, 15)),
  );

  test.each([0, 1, 3])('sums go to where the values are, %i elements on', (by) =>
    onOneBuffer(more.prefixSum, () => {
      const all = spread(100 + by);
      return [all.subarray(by), all.subarray(0, 100)];
    }),
  );

  test.each([0, 1, 8])('a product goes to where one factor is, %i elements on', (by) =>
    onOneBuffer(more.matrixProduct, () => {
      const all = spread(289 + by);
      return [all.subarray(by), all.subarray(0, 289), spread(289, 3), 17];
    }),
  );
});

describe('with fastMath', () => {
  /** docs/numerics.md, 7. */
  const inTree = (elements: readonly number[]): number => {
    const inPairs = (values: readonly number[]): number => {
      if (values.length === 1) return values[0]!;
      const left = 2 ** (Math.ceil(Math.log2(values.length)) - 1);
      return inPairs(values.slice(0, left)) + inPairs(values.slice(left));
    };
    const leaves: number[] = [];
    for (let first = 0; first < elements.length; first += 4096) {
      const partials: (number | undefined)[] = Array.from({ length: 16 });
      for (const [k, element] of elements.slice(first, first + 4096).entries())
        partials[k % 16] = k < 16 ? element : partials[k % 16]! + element;
      for (const half of [8, 4, 2, 1])
        for (let p = 0; p < half; p++) {
          const [a, b] = [partials[p], partials[p + half]];
          partials[p] = a === undefined ? b : b === undefined ? a : a + b;
        }
      leaves.push(partials[0]!);
    }
    return leaves.length === 0 ? 0 : 0 + inPairs(leaves);
  };

  const inputs = [
    ...[...sizes, 15, 16, 4095, 4096, 4097, 12_289].map((n) => [`n = ${n}`, spread(n), spread(n, 3)] as const),
    ['special values', special(40), special(40, 5)] as const,
    ['−0 alone', Float64Array.of(-0), Float64Array.of(1)] as const,
  ];

  test.each(inputs)('products and norms are sums in the tree, %s', (_, a, b) => {
    const products = inTree(Array.from(a, (x, i) => x * b[i]!));
    const squares = Math.sqrt(inTree(Array.from(a, (x) => x * x)));
    const [dot, norm] = [jit(more.dot, { fastMath: true }), jit(more.norm, { fastMath: true })];
    expect([dot(a, b), norm(a)]).toEqual([products, squares]);
    const [x, y] = inHeap([a, b]) as [Float64Array, Float64Array];
    expect([dot(x, y), norm(x)]).toEqual([products, squares]);
  });
});
