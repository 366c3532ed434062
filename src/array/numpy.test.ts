// NumPy is the oracle where it is installed: random shapes, dtypes, views and axes go through every function, here and there, and values,
// shapes and dtypes have to agree, bit for bit but for sums and what is made of them, which NumPy adds up in another order. Where it is not
// installed, answers that are stored beside this file take its place. It stays whole: it is one table of functions, and what goes through it.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { generatorOf } from '../random/keys.js';
import { dtypeNames, dtypes, isFloatDType, isIntegerDType } from './dtypes.js';
import type { AnyTypedArray, DType } from './dtypes.js';
import * as np from '../array-entry.js';
import {
  asarray,
  concat,
  histogram,
  median,
  nanMax,
  nanMean,
  nanMin,
  nanProd,
  nanStd,
  nanSum,
  nanVar,
  NDArray,
  outer,
  percentile,
  quantile,
  searchsorted,
  stack,
  tensordot,
  tril,
  triu,
  uniqueAll,
  uniqueValues,
  vecdot,
  where,
} from './index.js';

interface Function {
  readonly python: string;
  readonly run: (a: NDArray, b: NDArray, axis: number) => NDArray;
  readonly for: readonly DType[];
  readonly isBinary?: boolean;
  /** Relative, where NumPy rounds elsewhere. */
  readonly tolerance?: number;
}

const floats: readonly DType[] = ['float32', 'float64'];
const integers = dtypeNames.filter(isIntegerDType);
const numbers = [...integers, ...floats];
const any = dtypeNames;
// Where the dtype says little about what is done.
const someIntegers: readonly DType[] = ['int8', 'uint32', 'uint64'];
const someNumbers: readonly DType[] = [...someIntegers, ...floats];
const some: readonly DType[] = ['bool', 'int16', 'float64'];

const unary = (names: string, of: readonly DType[]): [string, Function][] =>
  names.split(' ').map((name) => {
    const python =
      { abs: 'np.abs(a)', round: 'np.rint(a)', square: 'np.square(a)', neg: 'np.negative(a)' }[name] ?? `np.${name}(a)`;
    return [name, { python, run: (a) => (a as never as Record<string, () => NDArray>)[name]!(), for: of }];
  });
const binary = (pairs: string, of: readonly DType[]): [string, Function][] =>
  pairs.split(' ').map((pair) => {
    const [name, python] = pair.split(':') as [string, string];
    const run = (a: NDArray, b: NDArray): NDArray => (a as never as Record<string, (b: NDArray) => NDArray>)[name]!(b);
    return [name, { python: `np.${python}(a, b)`, run, for: of, isBinary: true }];
  });
type Axes = number | { axis?: number | number[]; keepdims?: boolean; correction?: number };
const method = (
  name: string,
  python: string,
  axis: Axes | undefined,
  of: readonly DType[],
  tolerance?: number,
): [string, Function] => [
  `${name}(${JSON.stringify(axis) ?? ''})`,
  {
    python,
    run: (a) => (a as never as Record<string, (axis?: Axes) => NDArray>)[name]!(axis),
    for: of,
    ...(tolerance === undefined ? {} : { tolerance }),
  },
];

const sumTolerance = 1e-5;

type Row = [
  name: string,
  python: string,
  run: (a: NDArray, b: NDArray, axis: number) => NDArray,
  of: readonly DType[],
  isBinary?: boolean,
  tolerance?: number,
];
const toFunction = ([name, python, run, of, isBinary = false, tolerance]: Row): [string, Function] => [
  name,
  { python, run, for: of, isBinary, ...(tolerance === undefined ? {} : { tolerance }) },
];
/** NaN in some places. */
const holes = (a: NDArray, b: NDArray): NDArray => a.mul(where(b.gt(0), asarray(1), asarray(NaN)));

const functions = new Map<string, Function>([
  ...unary('abs sign square neg floor ceil trunc', numbers),
  ...unary('round sqrt', floats),
  ...binary('add:add sub:subtract mul:multiply', numbers),
  ...binary('floorDiv:floor_divide mod:remainder', numbers),
  ...binary('div:true_divide', floats),
  ...binary('eq:equal ne:not_equal lt:less le:less_equal gt:greater ge:greater_equal', any),
  ...binary('and:bitwise_and or:bitwise_or xor:bitwise_xor', ['bool', ...integers]),
  ...unary('exp exp2 expm1 sin cos tan sinh tanh asinh cbrt', floats).map(([name, f]): [string, Function] => {
    const python = { asinh: 'np.arcsinh(a)' }[name] ?? f.python;
    return [
      name,
      {
        ...f,
        python: python.replace('(a)', '(a / 8)'),
        run: (a, b, axis) => f.run(a.div(8), b, axis),
        tolerance: 1e-6,
      },
    ];
  }),
  ...unary('log log1p log2 log10', floats).map(([name, f]): [string, Function] => [
    name,
    { ...f, python: `np.${name}(np.abs(a))`, run: (a, b, axis) => f.run(a.abs(), b, axis), tolerance: 1e-6 },
  ]),
  [
    'pow',
    {
      python: 'np.abs(a) ** (b / 4)',
      run: (a, b) => a.abs().pow(b.div(4)),
      for: ['float64'],
      isBinary: true,
      tolerance: 1e-12,
    },
  ],
  ...unary('not', ['bool', ...integers]).map(([name, f]): [string, Function] => [
    name,
    { ...f, python: 'np.invert(a)' },
  ]),
  method('sum', 'np.sum(a)', undefined, floats, sumTolerance),
  method('sum', 'np.sum(a, axis=0)', 0, integers),
  method('sum', 'np.sum(a, axis=-1)', -1, floats, sumTolerance),
  method('sum', 'np.sum(a, axis=(0, 2), keepdims=True)', { axis: [0, 2], keepdims: true }, integers),
  method('prod', 'np.prod(a, axis=1)', 1, integers),
  method('min', 'np.min(a)', undefined, numbers),
  method('max', 'np.max(a, axis=1)', 1, numbers),
  method('min', 'np.min(a, axis=(0, 1))', { axis: [0, 1] }, numbers),
  method('argmax', 'np.argmax(a)', undefined, numbers),
  method('argmin', 'np.argmin(a, axis=1)', 1, numbers),
  method('argmax', 'np.argmax(a, axis=-1, keepdims=True)', { axis: -1, keepdims: true }, numbers),
  method('all', 'np.all(a, axis=0)', 0, any),
  method('any', 'np.any(a)', undefined, any),
  method('countNonzero', 'np.count_nonzero(a, axis=2)', 2, any),
  method('mean', 'np.mean(a, axis=1)', 1, floats, sumTolerance),
  method('mean', 'np.mean(a)', undefined, integers, sumTolerance),
  method('var', 'np.var(a, axis=0)', 0, floats, 1e-3),
  method('std', 'np.std(a, ddof=1)', { correction: 1 }, ['float64'], 1e-6),
  method('cumulativeSum', 'np.cumsum(a, axis=1)', 1, integers),
  method('cumulativeSum', 'np.cumsum(a, axis=-1)', -1, floats, sumTolerance),
  method('cumulativeProd', 'np.cumprod(a, axis=0)', 0, integers),
  ['take', { python: 'a[:, [0, -1, 0]]', run: (a) => a.at(':', asarray([0n, -1n, 0n])), for: any }],
  [
    'take of the last axis',
    { python: 'np.take(a, [-1, 0], axis=2)', run: (a) => a.take(asarray([-1n, 0n]), 2), for: any },
  ],
  ['mask', { python: 'a[a > b]', run: (a, b) => a.at(a.gt(b.broadcastTo(a.shape))), for: any, isBinary: true }],
  [
    'mask of an axis',
    {
      python: 'a[..., a[0, 0] != 0]',
      run: (a) => a.at('...', a.at(0, 0).ne(a.dtype === 'bool' ? false : 0)),
      for: any,
    },
  ],
  [
    'two arrays of places',
    {
      python: 'a[[0, -1, 0], [[0], [-1]]]',
      run: (a) => a.at(asarray([0n, -1n, 0n]), asarray([[0n], [-1n]])),
      for: any,
    },
  ],
  [
    'three of them',
    { python: 'a[[0, -1], [0, 0], [0, -1]]', run: (a) => a.at(...[[0n, -1n], [0n, 0n], [0n, -1n]].map((places) => asarray(places))), for: any }, // prettier-ignore
  ],
  [
    'behind an axis that is kept, around a number',
    { python: 'a[::-1, 0, [-1, 0, 0]]', run: (a) => a.at('::-1', 0, asarray([-1n, 0n, 0n])), for: any },
  ],
  [
    'a mask beside places',
    {
      python: 'a[np.arange(a.shape[0]) % 2 == 0, -1]',
      run: (a) => a.at(np.arange(a.shape[0]!).mod(2).eq(0), -1),
      for: any,
    },
  ],
  ['nonzero', { python: 'np.stack(np.nonzero(a))', run: (a) => stack(a.nonzero()), for: any }],
  method('flip', 'np.flip(a)', undefined, any),
  method('flip', 'np.flip(a, axis=1)', 1, any),
  ['permuteDims', { python: 'np.transpose(a, (1, 2, 0))', run: (a) => a.permuteDims([1, 2, 0]), for: any }],
  ['reshape', { python: 'np.reshape(a, (-1, a.shape[0]))', run: (a) => a.reshape([-1, a.shape[0]!]), for: any }],
  ['T', { python: 'a.T', run: (a) => a.T, for: any }],
  ['mT', { python: 'np.swapaxes(a, -1, -2)', run: (a) => a.mT, for: any }],
  ['expandDims', { python: 'np.expand_dims(a, 1)', run: (a) => a.expandDims(1), for: any }],
  ['at', { python: 'a[0, ..., ::-1]', run: (a) => a.at(0, '...', '::-1'), for: any }],
  ['at null', { python: 'a[-1:, None, 1:]', run: (a) => a.at('-1:', null, '1:'), for: any }],
  ['concat', { python: 'np.concatenate([a, a[::-1]], axis=1)', run: (a) => concat([a, a.flip(0)], 1), for: any }],
  ['stack', { python: 'np.stack([a, a], axis=-1)', run: (a) => stack([a, a], -1), for: any }],
  ['tril', { python: 'np.tril(a)', run: (a) => tril(a), for: numbers }],
  ['triu', { python: 'np.triu(a, 1)', run: (a) => triu(a, 1), for: numbers }],
  ['where', { python: 'np.where(a < b, a, b)', run: (a, b) => where(a.lt(b), a, b), for: numbers, isBinary: true }],
  ...[integers, floats].flatMap((of): [string, Function][] => {
    const about = of === floats ? 'floats' : 'integers';
    const near = of === floats ? { tolerance: sumTolerance } : {};
    return [
      [
        `matmul of ${about}`,
        { python: 'np.matmul(a, np.swapaxes(a, -1, -2))', run: (a) => a.matmul(a.mT), for: of, ...near },
      ],
      [
        `matmul of ${about}, one matrix for all`,
        { python: 'np.matmul(a, a[0].T)', run: (a) => a.matmul(a.at(0).T), for: of, ...near },
      ],
      [
        `matmul of ${about}, by a row`,
        { python: 'np.matmul(a, a[0, 0])', run: (a) => a.matmul(a.at(0, 0)), for: of, ...near },
      ],
      [
        `matmul of ${about}, two rows`,
        { python: 'np.matmul(a[0, 0], a[-1, -1])', run: (a) => a.at(0, 0).matmul(a.at(-1, -1)), for: of, ...near },
      ],
      [
        `tensordot of ${about}`,
        {
          python: 'np.tensordot(a, a, axes=([0, 2], [0, 2]))',
          run: (a) =>
            tensordot(a, a, {
              axes: [
                [0, 2],
                [0, 2],
              ],
            }),
          for: of,
          ...near,
        },
      ],
      [
        `vecdot of ${about}`,
        { python: 'np.sum(a * a, axis=-2).astype(a.dtype)', run: (a) => vecdot(a, a, { axis: -2 }), for: of, ...near },
      ],
      [`outer of ${about}`, { python: 'np.outer(a[0], a[:, 0])', run: (a) => outer(a.at(0), a.at(':', 0)), for: of }],
    ];
  }),
  // With one call each, and elements that NumPy orders and rounds alike.
  ...(
    [
      ['pow of integers', 'np.power(a, b % 8)', (a, b) => a.pow(b.mod(8)), integers, true],
      ['pow of integers by a number', 'np.power(a, 5)', (a) => a.pow(5), integers],
      ['minimum', 'np.minimum(a, b)', (a, b) => a.minimum(b), integers, true],
      ['maximum', 'np.maximum(a, b)', (a, b) => a.maximum(b), integers, true],
      ['maximum of floats', 'np.maximum(a, b)', (a, b) => a.maximum(b), floats, true, 1e-15],
      ['clip', 'np.clip(a, 1, 3)', (a) => a.clip(1, 3), numbers],
      ['clip from below', 'np.clip(a, 2, None)', (a) => a.clip(2), numbers],
      ['lshift', 'np.left_shift(a, 3)', (a) => a.lshift(3), integers],
      ['rshift', 'np.right_shift(a, 2)', (a) => a.rshift(2), integers],
      ['isnan', 'np.isnan(a)', (a) => a.isnan(), numbers],
      ['isfinite', 'np.isfinite(a)', (a) => a.isfinite(), numbers],
      ['isinf', 'np.isinf(a)', (a) => a.isinf(), numbers],
      ['signbit', 'np.signbit(a)', (a) => np.signbit(a), floats],
      ['copysign', 'np.copysign(a, b)', (a, b) => np.copysign(a, b), floats, true],
      ['nextafter', 'np.nextafter(a, b)', (a, b) => np.nextafter(a, b), floats, true],
      ['atan2', 'np.arctan2(a, b)', (a, b) => np.atan2(a, b), floats, true, 1e-6],
      ['hypot', 'np.hypot(a, b)', (a, b) => np.hypot(a, b), floats, true, 1e-6],
      ['logaddexp', 'np.logaddexp(a / 8, b / 8)', (a, b) => np.logaddexp(a.div(8), b.div(8)), floats, true, 1e-6],
      ['asin', 'np.arcsin(a / 128)', (a) => a.div(128).asin(), floats, false, 1e-6],
      ['acos', 'np.arccos(a / 128)', (a) => a.div(128).acos(), floats, false, 1e-6],
      ['atan', 'np.arctan(a)', (a) => a.atan(), floats, false, 1e-6],
      ['acosh', 'np.arccosh(np.abs(a) + 1)', (a) => a.abs().add(1).acosh(), floats, false, 1e-6],
      ['atanh', 'np.arctanh(a / 129)', (a) => a.div(129).atanh(), floats, false, 1e-6],
      ['positive', 'np.positive(a)', (a) => np.positive(a), numbers],
      ['bitwiseLeftShift', 'np.left_shift(a, b % 5)', (a, b) => np.bitwiseLeftShift(a, b.mod(5)), integers, true],
      ['bitwiseRightShift', 'np.right_shift(a, b % 5)', (a, b) => np.bitwiseRightShift(a, b.mod(5)), integers, true],
      ['logicalOr', 'np.logical_or(a, b)', (a, b) => np.logicalOr(a, b), ['bool'], true],
      ['logicalXor', 'np.logical_xor(a, b)', (a, b) => np.logicalXor(a, b), ['bool'], true],
      ['matrixTranspose', 'np.swapaxes(a, -1, -2)', (a) => np.matrixTranspose(a), any],
      ['broadcastTo', 'np.broadcast_to(a, (2,) + a.shape)', (a) => np.broadcastTo(a, [2, ...a.shape]), any],
      ['broadcastArrays', 'np.stack(np.broadcast_arrays(a, b))', (a, b) => stack(np.broadcastArrays(a, b)), any, true],
      [
        'uniqueCounts',
        'np.unique(a.ravel(), return_counts=True, equal_nan=False)[1]',
        (a) => np.uniqueCounts(a).counts,
        any,
      ],
      [
        'uniqueInverse',
        'np.unique(a.ravel(), return_inverse=True, equal_nan=False)[1].reshape(a.shape)',
        (a) => np.uniqueInverse(a).inverseIndices,
        // Which NaN is which NumPy leaves to its sort.
        ['bool', ...integers],
      ],
      ['onesLike', 'np.ones_like(a)', (a) => np.onesLike(a), any],
      ['zerosLike', 'np.zeros_like(a)', (a) => np.zerosLike(a), any],
      ['fullLike', 'np.full_like(a, 1)', (a) => np.fullLike(a, a.dtype === 'bool' ? true : 1), any],
      ['linspace', 'np.linspace(-1, 2, a.size)', (a) => np.linspace(-1, 2, a.size), ['float64'], false, 1e-15],
      ['arange', 'np.arange(-3, a.size, 7)', (a) => np.arange(-3, a.size, 7), ['int64']],
      ['eye', 'np.eye(a.shape[0], a.shape[1], -1)', (a) => np.eye(a.shape[0]!, a.shape[1], { k: -1 }), ['float64']],
      ['reciprocal', 'np.reciprocal(a)', (a) => np.reciprocal(a), floats],
      ['logicalAnd', 'np.logical_and(a, b)', (a, b) => np.logicalAnd(a, b), ['bool'], true],
      ['logicalNot', 'np.logical_not(a)', (a) => np.logicalNot(a), ['bool']],
      ['repeat', 'np.repeat(a, 3)', (a) => np.repeat(a, 3), any],
      ['repeat(1)', 'np.repeat(a, 2, axis=1)', (a) => np.repeat(a, 2, 1), any],
      [
        'repeat by counts',
        'np.repeat(a, np.arange(a.shape[0]), axis=0)',
        (a) => np.repeat(a, np.arange(a.shape[0]!) as NDArray<'int64'>, 0),
        any,
      ],
      ['tile', 'np.tile(a, (2, 1, 1, 3))', (a) => np.tile(a, [2, 1, 1, 3]), any],
      ['tile of few axes', 'np.tile(a, 2)', (a) => np.tile(a, 2), any],
      ['roll', 'np.roll(a, 5)', (a) => np.roll(a, 5), any],
      ['roll(1)', 'np.roll(a, -1, axis=1)', (a) => np.roll(a, -1, 1), any],
      ['roll of two axes', 'np.roll(a, (1, 7), axis=(0, -1))', (a) => np.roll(a, [1, 7], { axis: [0, -1] }), any],
      ['moveaxis', 'np.moveaxis(a, 0, -1)', (a) => np.moveaxis(a, 0, -1), any],
      ['moveaxis of two', 'np.moveaxis(a, [0, 1], [-1, 0])', (a) => np.moveaxis(a, [0, 1], [-1, 0]), any],
      ['unstack', 'np.stack([x for x in np.moveaxis(a, 1, 0)])', (a) => stack(np.unstack(a, 1)), any],
      [
        'meshgrid',
        'np.stack(np.meshgrid(a[0, 0], a[0, :, 0], a[:, 0, 0]))',
        (a) => stack(np.meshgrid([a.at(0, 0), a.at(0, ':', 0), a.at(':', 0, 0)])),
        any,
      ],
      [
        'meshgrid ij',
        "np.stack(np.meshgrid(a[0, 0], a[0, :, 0], indexing='ij'))",
        (a) => stack(np.meshgrid([a.at(0, 0), a.at(0, ':', 0)], { indexing: 'ij' })),
        any,
      ],
      ['diff', 'np.diff(a)', (a) => np.diff(a), numbers],
      ['diff of bool', 'np.diff(a, axis=0)', (a) => np.diff(a, 0), ['bool']],
      ['diff twice', 'np.diff(a, n=2, axis=2, prepend=a)', (a) => np.diff(a, { n: 2, axis: 2, prepend: a }), integers],
      [
        'takeAlongAxis',
        'np.take_along_axis(a, np.argsort(a, axis=1, kind="stable"), axis=1)',
        (a) => np.takeAlongAxis(a, a.argsort(1), 1),
        any,
      ],
      [
        'take by a table',
        'np.take(a, [[0, -1], [1, 1]], axis=2)',
        (a) =>
          np.take(
            a,
            asarray([
              [0n, -1n],
              [1n, 1n],
            ]),
            2,
          ),
        any,
      ],
      ['quantile', 'np.quantile(a, 0.3)', (a) => quantile(a, 0.3), ['float64'], false, 1e-12],
      [
        'quantile(1)',
        'np.quantile(a, [0, 0.25, 1], axis=1, keepdims=True)',
        (a) => quantile(a, [0, 0.25, 1], { axis: 1, keepdims: true }),
        ['float64', 'int32', 'uint8'],
        false,
        1e-12,
      ],
      ...(['lower', 'higher', 'nearest', 'midpoint'] as const).map((method): Row => [
        `percentile, ${method}`,
        `np.percentile(a, 37.5, axis=(0, 2), method='${method}').astype(float)`,
        (a) => percentile(a, 37.5, { axis: [0, 2], method }),
        ['float64', 'int64'],
        false,
        1e-12,
      ]),
      ['median', 'np.median(a, axis=2)', (a) => median(a, 2), ['float64', 'int16'], false, 1e-12],
      ['median of all', 'np.median(a)', (a) => median(a), floats],
      [
        'nanSum',
        'np.nansum(a * np.where(b > 0, 1, np.nan), axis=1)',
        (a, b) => nanSum(holes(a, b), 1),
        ['float64'],
        true,
        1e-9,
      ],
      [
        'nanProd',
        'np.nanprod(a / 99 * np.where(b > 0, 1, np.nan), axis=1)',
        (a, b) => nanProd(holes(a.div(99), b), 1),
        ['float64'],
        true,
        1e-9,
      ],
      [
        'nanMean',
        'np.nanmean(a * np.where(b > 0, 1, np.nan), axis=0)',
        (a, b) => nanMean(holes(a, b), 0),
        ['float64'],
        true,
        1e-9,
      ],
      [
        'nanVar',
        'np.nanvar(a * np.where(b > 0, 1, np.nan), axis=2)',
        (a, b) => nanVar(holes(a, b), 2),
        ['float64'],
        true,
        1e-9,
      ],
      [
        'nanStd',
        'np.nanstd(a * np.where(b > 0, 1, np.nan), ddof=1)',
        (a, b) => nanStd(holes(a, b), { correction: 1 }),
        ['float64'],
        true,
        1e-9,
      ],
      [
        'nanMin',
        'np.nanmin(a * np.where(b > 0, 1, np.nan), axis=1)',
        (a, b) => nanMin(holes(a, b), 1),
        ['float64'],
        true,
        1e-9,
      ],
      [
        'nanMax',
        'np.nanmax(a * np.where(b > 0, 1, np.nan), axis=1, keepdims=True)',
        (a, b) => nanMax(holes(a, b), { axis: 1, keepdims: true }),
        ['float64'],
        true,
        1e-9,
      ],
      [
        'histogram',
        'np.histogram(a, bins=7)[0]',
        (a) => histogram(a, { bins: 7 }).counts,
        [...integers, 'float64'],
        false,
        1e-12,
      ],
      [
        'histogram edges',
        'np.histogram(a, bins=5, range=(-1, 2))[1]',
        (a) => histogram(a, { bins: 5, range: [-1, 2] }).edges,
        ['float64', ...integers],
      ],
      [
        'histogram by edges',
        'np.histogram(a, bins=[-5, 0, 0, 3, 100])[0]',
        (a) => histogram(a, { bins: [-5, 0, 0, 3, 100] }).counts,
        numbers,
      ],
    ] satisfies Row[]
  ).map(toFunction),
  // Along any axis.
  ...(
    [
      ['sum', 'np.sum(a, axis=axis)', (a, _, axis) => a.sum(axis), someIntegers],
      ['sum of floats', 'np.sum(a, axis=axis)', (a, _, axis) => a.sum(axis), floats, false, sumTolerance],
      ['prod', 'np.prod(a, axis=axis)', (a, _, axis) => a.prod(axis), someIntegers],
      ['prod of floats', 'np.prod(a / 99, axis=axis)', (a, _, axis) => a.div(99).prod(axis), ['float64'], false, 1e-9],
      ['min', 'np.min(a, axis=axis)', (a, _, axis) => a.min(axis), someIntegers],
      ['max', 'np.max(a, axis=axis)', (a, _, axis) => a.max(axis), someIntegers],
      ['min of floats', 'np.min(a, axis=axis)', (a, _, axis) => a.min(axis), floats, false, 1e-15],
      ['max of floats', 'np.max(a, axis=axis)', (a, _, axis) => a.max(axis), floats, false, 1e-15],
      ['argmin', 'np.argmin(a, axis=axis)', (a, _, axis) => a.argmin(axis), someNumbers],
      ['argmax', 'np.argmax(a, axis=axis)', (a, _, axis) => a.argmax(axis), someNumbers],
      ['all', 'np.all(a, axis=axis)', (a, _, axis) => a.all(axis), some],
      ['any', 'np.any(a, axis=axis)', (a, _, axis) => a.any(axis), some],
      ['countNonzero', 'np.count_nonzero(a, axis=axis)', (a, _, axis) => a.countNonzero(axis), some],
      ['mean', 'np.mean(a, axis=axis)', (a, _, axis) => a.mean(axis), floats, false, sumTolerance],
      ['var', 'np.var(a, axis=axis)', (a, _, axis) => a.var(axis), ['float64'], false, 1e-6],
      [
        'std',
        'np.std(a, axis=axis, ddof=0.5)',
        (a, _, axis) => a.std({ axis, correction: 0.5 }),
        ['float64'],
        false,
        1e-6,
      ],
      ['cumulativeSum', 'np.cumsum(a, axis=axis)', (a, _, axis) => a.cumulativeSum(axis), someIntegers],
      [
        'cumulativeSum from nothing',
        'np.concatenate([np.zeros_like(np.cumsum(np.take(a, [0], axis=axis), axis=axis)), np.cumsum(a, axis=axis)], axis=axis)',
        (a, _, axis) => a.cumulativeSum({ axis, includeInitial: true }),
        someIntegers,
      ],
      ['cumulativeProd', 'np.cumprod(a, axis=axis)', (a, _, axis) => a.cumulativeProd(axis), someIntegers],
      ['sort', "np.sort(a, axis=axis, kind='stable')", (a, _, axis) => a.sort(axis), some],
      ['argsort', "np.argsort(a, axis=axis, kind='stable')", (a, _, axis) => a.argsort(axis), some],
      ['flip', 'np.flip(a, axis=axis)', (a, _, axis) => a.flip(axis), some],
      ['expandDims', 'np.expand_dims(a, axis)', (a, _, axis) => a.expandDims(axis), some],
      ['squeeze', 'np.squeeze(np.expand_dims(a, axis), axis)', (a, _, axis) => a.expandDims(axis).squeeze(axis), some],
      ['concat', 'np.concatenate([a, a, a], axis=axis)', (a, _, axis) => concat([a, a, a], axis), some],
      ['stack', 'np.stack([a, a], axis=axis)', (a, _, axis) => stack([a, a], axis), some],
      ['unstack', 'np.stack(list(np.moveaxis(a, axis, 0)))', (a, _, axis) => stack(np.unstack(a, axis)), some],
      ['moveaxis', 'np.moveaxis(a, axis, 1)', (a, _, axis) => np.moveaxis(a, axis, 1), some],
      ['roll', 'np.roll(a, -3, axis=axis)', (a, _, axis) => np.roll(a, -3, axis), some],
      ['repeat', 'np.repeat(a, 2, axis=axis)', (a, _, axis) => np.repeat(a, 2, axis), some],
      ['diff', 'np.diff(a, axis=axis)', (a, _, axis) => np.diff(a, axis), someIntegers],
      ['take', 'np.take(a, [0, -1, 0], axis=axis)', (a, _, axis) => a.take(asarray([0n, -1n, 0n]), axis), some],
      [
        'takeAlongAxis',
        'np.take_along_axis(a, np.argmax(a, axis=axis, keepdims=True), axis=axis)',
        (a, _, axis) => np.takeAlongAxis(a, a.argmax({ axis, keepdims: true }), axis),
        someNumbers,
      ],
      ['median', 'np.median(a, axis=axis)', (a, _, axis) => median(a, axis), ['float64', 'int32'], false, 1e-12],
      [
        'quantile',
        'np.quantile(a, [0.1, 0.9], axis=axis)',
        (a, _, axis) => quantile(a, [0.1, 0.9], { axis }),
        ['float64'],
        false,
        1e-12,
      ],
      [
        'vecdot',
        'np.sum(a * a, axis=axis, dtype=a.dtype)',
        (a, _, axis) => vecdot(a, a, { axis: axis < 0 ? axis : axis - 3 }),
        someIntegers,
      ],
    ] satisfies Row[]
  ).map(([name, ...rest]) => toFunction([`${name}, any axis`, ...rest])),
  ['sort', { python: "np.sort(a, kind='stable')", run: (a) => a.sort(), for: any }],
  ['sort(1)', { python: "np.sort(a, axis=1, kind='stable')", run: (a) => a.sort(1), for: any }],
  ['sort, flat', { python: "np.sort(a, axis=None, kind='stable')", run: (a) => a.flatten().sort(), for: any }],
  ['argsort', { python: "np.argsort(a, kind='stable')", run: (a) => a.argsort(), for: any }],
  [
    'argsort(0)',
    { python: "np.argsort(a, axis=0, kind='stable')", run: (a) => a.argsort({ axis: 0, stable: true }), for: any },
  ],
  ['argsort, flat', { python: "np.argsort(a, axis=None, kind='stable')", run: (a) => a.flatten().argsort(), for: any }],
  [
    'argsort descending',
    {
      python: "np.flip(a.shape[0] - 1 - np.argsort(np.flip(a, 0), axis=0, kind='stable'), 0)",
      run: (a) => a.argsort({ axis: 0, descending: true }),
      for: any,
    },
  ],
  [
    'argsort descending, flat',
    {
      python: "np.flip(a.size - 1 - np.argsort(np.flip(a.ravel()), kind='stable'))",
      run: (a) => a.flatten().argsort({ descending: true }),
      for: any,
    },
  ],
  ...(['left', 'right'] as const).map((side): [string, Function] => [
    `searchsorted ${side}`,
    {
      python: `np.searchsorted(np.sort(a.ravel()), b, '${side}')`,
      run: (a, b) => searchsorted(a.flatten().sort(), b, { side }),
      for: any,
      isBinary: true,
    },
  ]),
  ['uniqueValues', { python: 'np.unique(a.ravel(), equal_nan=False)', run: (a) => uniqueValues(a), for: any }],
  [
    'uniqueAll',
    {
      python:
        'np.concatenate(np.unique(a.ravel(), return_index=True, return_inverse=True, return_counts=True, equal_nan=False)[1:], axis=None)',
      run: (a) => {
        const { indices, inverseIndices, counts } = uniqueAll(a);
        return concat([indices, inverseIndices.flatten(), counts]);
      },
      for: any,
    },
  ],
  ...dtypeNames.map((to): [string, Function] => [
    `astype ${to}`,
    {
      python: `a.astype('${to}')`,
      run: (a) => a.astype(to),
      for: isFloatDType(to) || to === 'bool' ? any : ['bool', ...integers],
    },
  ]),
]);

// Inputs are the same in every run: a failure is found again.
let generator = generatorOf(2024n, 12n);
const choose = <T>(from: readonly T[]): T => from[Math.floor(generator.float64() * from.length)]!;

const special: Record<'float' | 'signed' | 'unsigned' | 'bool', readonly number[]> = {
  float: [0, -0, NaN, Infinity, -Infinity, 0.5, -0.5, 1.5, 2.5, 1e300, 5e-324, 3, -7],
  signed: [0, 1, -1, 2, 3, -7, 100, -128, 127],
  unsigned: [0, 1, 2, 3, 100, 255],
  bool: [0, 1],
};

function fill(array: AnyTypedArray, dtype: DType, isTame: boolean): void {
  const { kind, bits } = dtypes[dtype];
  for (let i = 0; i < array.length; i++) {
    const isSpecial = !isTame && generator.float64() < 0.3;
    const wide = (generator.float64() - (kind === 'unsigned' ? 0 : 0.5)) * 2 ** (isTame ? 8 : Math.min(bits - 1, 52));
    const value =
      isSpecial || kind === 'bool' ? choose(special[kind]) : kind === 'float' ? wide / 1e4 : Math.trunc(wide);
    array[i] = typeof array[0] === 'bigint' ? BigInt(value) : value;
  }
}

const kinds = { bool: Uint8Array, int8: Int8Array, int16: Int16Array, int32: Int32Array, int64: BigInt64Array, uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array, uint64: BigUint64Array, float32: Float32Array, float64: Float64Array }; // prettier-ignore

interface Input {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly bytes: string;
  /** Axes, as both sides write it. */
  readonly view: string;
  readonly array: NDArray;
}

const views: Record<string, (a: NDArray) => NDArray> = {
  a: (a) => a,
  'a[:, ::-1]': (a) => a.at(':', '::-1'),
  'a[::2, :, 1:]': (a) => a.at('::2', ':', '1:'),
  'a.transpose(2, 0, 1)': (a) => a.permuteDims([2, 0, 1]),
  'a * a.dtype.type(1)': (a) => (a.dtype === 'bool' ? a.and(true) : a.mul(1)),
};

function makeInput(dtype: DType, shape: readonly number[], isTame: boolean, view: string): Input {
  const elements = new kinds[dtype](shape.reduce((a, b) => a * b, 1));
  fill(elements, dtype, isTame);
  const plain: NDArray = asarray(elements, { dtype }).reshape(shape);
  const bytes = Buffer.from(elements.buffer).toString('base64');
  return { dtype, shape, bytes, view: dtype === 'bool' && view.includes('*') ? 'a' : view, array: views[view]!(plain) };
}

interface Case {
  readonly name: string;
  readonly a: Input;
  readonly b: Input;
  /** From −3 to 2, for functions that ask for one. */
  readonly axis: number;
}

const chooseAxis = (): number => Math.floor(generator.float64() * 6) - 3;

const script = `
import sys, json, base64, warnings
import numpy as np
np.seterr(all='ignore'); warnings.simplefilter('ignore')
def read(i):
    a = np.frombuffer(base64.b64decode(i['bytes']), dtype=i['dtype']).reshape(i['shape'])
    return eval(i['view'], {'a': a, 'np': np})
out = []
for c in json.load(sys.stdin):
    r = np.asarray(eval(c['python'], {'np': np, 'a': read(c['a']), 'b': read(c['b']), 'axis': c['axis']}))
    out.append({'dtype': str(r.dtype), 'shape': r.shape, 'bytes': base64.b64encode(np.ascontiguousarray(r).tobytes()).decode()})
json.dump(out, sys.stdout)
`;

const hasNumPy = spawnSync('python3', ['-c', 'import numpy']).status === 0;

const cases: Case[] = [...functions].flatMap(([name, f]) =>
  f.for.flatMap((dtype) =>
    Object.keys(views).map((view): Case => {
      const shape = [
        2 + Math.floor(generator.float64() * 4),
        2 + Math.floor(generator.float64() * 10),
        3 + Math.floor(generator.float64() * 29),
      ];
      // Sums of infinities and of what cancels say nothing about the order of adding.
      const isTame = f.tolerance !== undefined;
      const stretched = shape.map((length) => (generator.float64() < 0.3 ? 1 : length));
      const other = f.isBinary && view === 'a' ? stretched : shape;
      const [a, b] = [makeInput(dtype, shape, isTame, view), makeInput(dtype, other, isTame, view)];
      return { name, a, b, axis: chooseAxis() };
    }),
  ),
);

interface Answer {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly bytes: string;
}

function askNumPy(asked: readonly Case[]): Answer[] {
  const plain = ({ dtype, shape, bytes, view }: Input): unknown => ({ dtype, shape, bytes, view });
  const input = JSON.stringify(
    asked.map(({ name, a, b, axis }) => ({ python: functions.get(name)!.python, a: plain(a), b: plain(b), axis })),
  );
  return JSON.parse(
    execFileSync('python3', ['-c', script], { input, maxBuffer: 2 ** 29, encoding: 'utf8' }),
  ) as Answer[];
}

function expectAgreement({ name, a, b, axis }: Case, expected: Answer): void {
  const { run, tolerance } = functions.get(name)!;
  const about = `${name} of ${a.dtype} ${a.view}, [${a.shape.join(', ')}] and [${b.shape.join(', ')}], axis ${axis}`;
  const result = run(a.array, b.array, axis);
  expect(result.shape, about).toEqual(expected.shape);
  expect(result.dtype, about).toBe(expected.dtype);
  const wanted = new kinds[expected.dtype](Uint8Array.from(Buffer.from(expected.bytes, 'base64')).buffer);
  const found = result.toTypedArray();
  expect(found.length, about).toBe(wanted.length);
  for (let i = 0; i < wanted.length; i++) {
    const [x, y] = [found[i]!, wanted[i]!];
    if (Object.is(x, y)) continue;
    const isNear =
      tolerance !== undefined && Math.abs(Number(x) - Number(y)) <= tolerance * Math.max(1, Math.abs(Number(y)));
    if (!isNear) expect(`${about} at ${i}: ${x}`).toBe(`${about} at ${i}: ${y}`);
  }
}

// Not a test that is skipped: the stored answers below are for machines without it.
if (hasNumPy) {
  describe('as NumPy does', () => {
    const answers = askNumPy(cases);
    test.each([...functions.keys()])('%s', (name) => {
      for (const [index, each] of cases.entries()) if (each.name === name) expectAgreement(each, answers[index]!);
    });
  });
}

// Where it is not installed: what it has answered to a few small arrays, which REFRESH=1 asks for again.
const small: Case[] = [...functions].flatMap(([name, f]) =>
  f.for
    .filter((dtype, index) => index === 0 || index === f.for.length - 1 || dtype === 'int16')
    .map((dtype): Case => {
      // Of its own, so that a new function leaves the answers for the others as they are.
      generator = generatorOf(BigInt(`0x${Buffer.from(`${name} ${dtype}`).toString('hex')}`), 1n);
      const make = (): Input => makeInput(dtype, [2, 3, 4], f.tolerance !== undefined, 'a');
      return { name, a: make(), b: make(), axis: chooseAxis() };
    }),
);
const stored = new URL('numpy-answers.json', import.meta.url);
const asText = ({ dtype, shape, bytes }: Answer): string => `${dtype} ${shape.join('×')} ${bytes}`;

function readAnswer(text: string): Answer {
  const [dtype, shape, bytes] = text.split(' ') as [DType, string, string];
  return { dtype, shape: shape === '' ? [] : shape.split('×').map(Number), bytes };
}

describe('as NumPy has answered', () => {
  if (process.env['REFRESH']) {
    const answers = askNumPy(small).map(asText);
    const named = small.map(({ name, a }, index) => [`${name} of ${a.dtype}`, answers[index]!] as const);
    writeFileSync(stored, `${JSON.stringify(Object.fromEntries(named), null, 2)}\n`);
  }
  const answers = JSON.parse(readFileSync(stored, 'utf8')) as Record<string, string>;
  test.each([...functions.keys()])('%s', (name) => {
    for (const each of small)
      if (each.name === name) expectAgreement(each, readAnswer(answers[`${name} of ${each.a.dtype}`]!));
  });
});
