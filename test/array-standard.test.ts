// The main namespace of the Python array API standard 2024.12 and its array object, as data: every name with a call that works, and what it
// gives. public-names.test.ts holds that there are no other names.
import { NDArray } from 'heddle';
import * as np from 'heddle/array';
import { describe, expect, test } from 'vitest';

const { asarray } = np;
const a = asarray([[3, -1], [0, 2.5]]); // prettier-ignore
const i = asarray([5n, -7n, 0n]);
const t = asarray([true, false]);

type Call = readonly [call: () => unknown, gives: unknown];

/** By the names of the standard; several calls where a keyword changes what is done. */
const calls: Readonly<Record<string, readonly Call[]>> = {
  // Constants.
  e: [[() => np.e, Math.E]],
  inf: [[() => np.inf, Infinity]],
  nan: [[() => np.nan, NaN]],
  newaxis: [[() => i.at(np.newaxis).shape, [1, 3]]],
  pi: [[() => np.pi, Math.PI]],
  // Creation functions.
  arange: [
    [() => np.arange(3), [0, 1, 2]],
    [() => np.arange(1, 2, 0.5), [1, 1.5]],
    [() => np.arange(3, { dtype: 'float32' }).dtype, 'float32'],
    [() => np.arange(1, 3, { dtype: 'int8' }), [1, 2]],
  ],
  asarray: [
    [() => np.asarray([[1], [2]]), [[1], [2]]],
    [() => np.asarray(Int8Array.of(1)).dtype, 'int8'],
  ],
  empty: [[() => np.empty([2, 0]).shape, [2, 0]]],
  empty_like: [[() => np.emptyLike(i).dtype, 'int64']],
  eye: [[() => np.eye(1, { dtype: 'int8' }).dtype, 'int8'], [() => np.eye(2, 3, { k: 1 }), [[0, 1, 0], [0, 0, 1]]]], // prettier-ignore
  full: [[() => np.full([2], 7n), [7, 7]]],
  full_like: [
    [() => np.fullLike(i, 4), [4, 4, 4]],
    [() => np.fullLike(i, 4, { dtype: 'float32' }).dtype, 'float32'],
  ],
  linspace: [
    [() => np.linspace(0, 1, 3), [0, 0.5, 1]],
    [() => np.linspace(0, 1, 2, { endpoint: false }), [0, 0.5]],
  ],
  meshgrid: [
    [() => np.meshgrid([np.arange(2), np.arange(3)]).map(({ shape }) => shape), [[3, 2], [3, 2]]], // prettier-ignore
    [() => np.meshgrid([np.arange(2), np.arange(3)], { indexing: 'ij' })[0]!.shape, [2, 3]],
  ],
  ones: [[() => np.ones([1, 2]), [[1, 1]]]],
  ones_like: [[() => np.onesLike(t), [true, true]]],
  tril: [[() => np.tril(a, { k: -1 }), [[0, 0], [0, 0]]]], // prettier-ignore
  triu: [[() => np.triu(a), [[3, -1], [0, 2.5]]]], // prettier-ignore
  zeros: [[() => np.zeros(2, { dtype: 'int16' }), [0, 0]]],
  zeros_like: [
    [() => np.zerosLike(a).shape, [2, 2]],
    [() => np.zerosLike(a, { dtype: 'bool' }).dtype, 'bool'],
  ],
  // Data types, and functions of them.
  bool: [[() => np.zeros(1, { dtype: np.bool }), [false]]],
  int8: [[() => np.ones(1, { dtype: np.int8 }).dtype, 'int8']],
  int16: [[() => np.ones(1, { dtype: np.int16 }).dtype, 'int16']],
  int32: [[() => np.ones(1, { dtype: np.int32 }).dtype, 'int32']],
  int64: [[() => np.ones(1, { dtype: np.int64 }).dtype, 'int64']],
  uint8: [[() => np.ones(1, { dtype: np.uint8 }).dtype, 'uint8']],
  uint16: [[() => np.ones(1, { dtype: np.uint16 }).dtype, 'uint16']],
  uint32: [[() => np.ones(1, { dtype: np.uint32 }).dtype, 'uint32']],
  uint64: [[() => np.ones(1, { dtype: np.uint64 }).dtype, 'uint64']],
  float32: [[() => np.ones(1, { dtype: np.float32 }).dtype, 'float32']],
  float64: [[() => np.ones(1, { dtype: np.float64 }).dtype, 'float64']],
  astype: [[() => np.astype(a, 'int32'), [[3, -1], [0, 2]]]], // prettier-ignore
  can_cast: [
    [() => np.canCast('int8', 'int16'), true],
    [() => np.canCast('float64', 'float32'), false],
  ],
  finfo: [[() => np.finfo('float64').eps, 2 ** -52]],
  iinfo: [[() => np.iinfo('int16').max, 32767n]],
  isdtype: [
    [() => np.isdtype('uint8', 'integral'), true],
    [() => np.isdtype('uint8', ['real floating', 'bool']), false],
  ],
  result_type: [
    [() => np.resultType('int8', asarray([1n])), 'int64'],
    [() => np.resultType('int8', 'int16', 3), 'int16'],
  ],
  // Element-wise functions.
  abs: [[() => np.abs(i), [5, 7, 0]]],
  acos: [[() => np.acos(asarray([1])), [0]]],
  acosh: [[() => np.acosh(asarray([1])), [0]]],
  add: [
    [() => np.add(i, i), [10, -14, 0]],
    [() => np.add(2, i), [7, -5, 2]],
  ],
  asin: [[() => np.asin(asarray([0])), [0]]],
  asinh: [[() => np.asinh(asarray([-0])), [-0]]],
  atan: [[() => np.atan(asarray([Infinity])), [Math.PI / 2]]],
  atan2: [[() => np.atan2(asarray([0]), asarray([-1])), [Math.PI]]],
  atanh: [[() => np.atanh(asarray([1])), [Infinity]]],
  bitwise_and: [[() => np.bitwiseAnd(i, 6), [4, 0, 0]]],
  bitwise_left_shift: [[() => np.bitwiseLeftShift(i, 1), [10, -14, 0]]],
  bitwise_invert: [[() => np.bitwiseInvert(i), [-6, 6, -1]]],
  bitwise_or: [[() => np.bitwiseOr(i, 2), [7, -5, 2]]],
  bitwise_right_shift: [[() => np.bitwiseRightShift(i, 1), [2, -4, 0]]],
  bitwise_xor: [[() => np.bitwiseXor(i, i), [0, 0, 0]]],
  ceil: [[() => np.ceil(asarray([-0.5, 1.2])), [-0, 2]]],
  clip: [
    [() => np.clip(i, -1, 1), [1, -1, 0]],
    [() => np.clip(i, null, asarray([1n, 2n, 3n])), [1, -7, 0]],
  ],
  copysign: [[() => np.copysign(asarray([1]), asarray([-0])), [-1]]],
  cos: [[() => np.cos(asarray([0])), [1]]],
  cosh: [[() => np.cosh(asarray([0])), [1]]],
  divide: [
    [() => np.divide(a, 2), [[1.5, -0.5], [0, 1.25]]], // prettier-ignore
    [() => np.divide(i, 2), [2.5, -3.5, 0]],
  ],
  equal: [[() => np.equal(i, 0), [false, false, true]]],
  exp: [[() => np.exp(asarray([0, -Infinity])), [1, 0]]],
  expm1: [[() => np.expm1(asarray([-0])), [-0]]],
  floor: [[() => np.floor(asarray([-0.5])), [-1]]],
  floor_divide: [[() => np.floorDivide(i, 2), [2, -4, 0]]],
  greater: [[() => np.greater(i, 0), [true, false, false]]],
  greater_equal: [[() => np.greaterEqual(i, 0), [true, false, true]]],
  hypot: [[() => np.hypot(asarray([3]), asarray([4])), [5]]],
  isfinite: [[() => np.isfinite(asarray([1, NaN, Infinity])), [true, false, false]]],
  isinf: [[() => np.isinf(asarray([1, NaN, Infinity])), [false, false, true]]],
  isnan: [[() => np.isnan(asarray([1, NaN, Infinity])), [false, true, false]]],
  less: [[() => np.less(i, 0), [false, true, false]]],
  less_equal: [[() => np.lessEqual(i, 0), [false, true, true]]],
  log: [[() => np.log(asarray([1, 0])), [0, -Infinity]]],
  log1p: [[() => np.log1p(asarray([-0])), [-0]]],
  log2: [[() => np.log2(asarray([8])), [3]]],
  log10: [[() => np.log10(asarray([1000])), [3]]],
  logaddexp: [[() => np.logaddexp(asarray([-Infinity]), asarray([2])), [2]]],
  logical_and: [[() => np.logicalAnd(t, true), [true, false]]],
  logical_not: [[() => np.logicalNot(t), [false, true]]],
  logical_or: [[() => np.logicalOr(t, true), [true, true]]],
  logical_xor: [[() => np.logicalXor(t, true), [false, true]]],
  maximum: [[() => np.maximum(i, 1), [5, 1, 1]]],
  minimum: [[() => np.minimum(i, 1), [1, -7, 0]]],
  multiply: [[() => np.multiply(i, 2), [10, -14, 0]]],
  negative: [[() => np.negative(i), [-5, 7, 0]]],
  nextafter: [[() => np.nextafter(asarray([0]), asarray([1])), [5e-324]]],
  not_equal: [[() => np.notEqual(i, 0), [true, true, false]]],
  positive: [[() => np.positive(i), [5, -7, 0]]],
  pow: [
    [() => np.pow(i, 3), [125, -343, 0]],
    [() => np.pow(i, asarray([0n, 1n, 2n])), [1, -7, 0]],
    [() => np.pow(asarray([2, 4]), 0.5), [Math.SQRT2, 2]],
  ],
  reciprocal: [[() => np.reciprocal(asarray([4])), [0.25]]],
  remainder: [[() => np.remainder(i, 3), [2, 2, 0]]],
  round: [[() => np.round(asarray([0.5, 1.5, -2.5])), [0, 2, -2]]],
  sign: [[() => np.sign(i), [1, -1, 0]]],
  signbit: [[() => np.signbit(asarray([-0, 0])), [true, false]]],
  sin: [[() => np.sin(asarray([-0])), [-0]]],
  sinh: [[() => np.sinh(asarray([0])), [0]]],
  square: [[() => np.square(i), [25, 49, 0]]],
  sqrt: [[() => np.sqrt(asarray([4])), [2]]],
  subtract: [[() => np.subtract(i, 1), [4, -8, -1]]],
  tan: [[() => np.tan(asarray([0])), [0]]],
  tanh: [[() => np.tanh(asarray([Infinity])), [1]]],
  trunc: [[() => np.trunc(asarray([-1.5])), [-1]]],
  // Indexing.
  take: [[() => np.take(a, asarray([1n]), 1), [[-1], [2.5]]]],
  take_along_axis: [[() => np.takeAlongAxis(a, asarray([[1n], [0n]]), 1), [[-1], [0]]]],
  // Linear algebra.
  matmul: [[() => np.matmul(a, a), [[9, -5.5], [0, 6.25]]]], // prettier-ignore
  matrix_transpose: [[() => np.matrixTranspose(a), [[3, 0], [-1, 2.5]]]], // prettier-ignore
  tensordot: [
    [() => np.tensordot(a, a, { axes: 2 }), 16.25],
    [() => np.tensordot(a, a).item(), 16.25],
  ],
  vecdot: [
    [() => np.vecdot(a, a), [10, 6.25]],
    [() => np.vecdot(a, a, { axis: -2 }), [9, 7.25]],
  ],
  // Manipulation.
  broadcast_arrays: [[() => np.broadcastArrays(a, asarray([1, 2])).map(({ shape }) => shape), [[2, 2], [2, 2]]]], // prettier-ignore
  broadcast_to: [[() => np.broadcastTo(i, [2, 3]), [[5, -7, 0], [5, -7, 0]]]], // prettier-ignore
  concat: [
    [() => np.concat([i, i], { axis: 0 }).size, 6],
    [() => np.concat([a, i.astype('float64')], null).size, 7],
  ],
  expand_dims: [[() => np.expandDims(i, { axis: -1 }), [[5], [-7], [0]]]],
  flip: [
    [() => np.flip(i), [0, -7, 5]],
    [() => np.flip(a, { axis: 1 }), [[-1, 3], [2.5, 0]]], // prettier-ignore
  ],
  moveaxis: [[() => np.moveaxis(np.ones([2, 3, 4]), 0, -1).shape, [3, 4, 2]]],
  permute_dims: [[() => np.permuteDims(np.ones([2, 3, 4]), [2, 0, 1]).shape, [4, 2, 3]]],
  repeat: [[() => np.repeat(i, 2), [5, 5, -7, -7, 0, 0]]],
  reshape: [[() => np.reshape(a, [4]), [3, -1, 0, 2.5]]],
  roll: [[() => np.roll(i, 1), [0, 5, -7]]],
  squeeze: [[() => np.squeeze(np.ones([1, 2]), 0), [1, 1]]],
  stack: [[() => np.stack([i, i], { axis: 1 }).shape, [3, 2]]],
  tile: [[() => np.tile(t, [2]), [true, false, true, false]]],
  unstack: [[() => np.unstack(a).map((row) => row.toArray()), [[3, -1], [0, 2.5]]]], // prettier-ignore
  // Searching.
  argmax: [[() => np.argmax(a), 0]],
  argmin: [[() => np.argmin(a, { axis: 0, keepdims: true }), [[1, 0]]]],
  count_nonzero: [[() => np.countNonzero(a, { axis: 1 }), [2, 1]]],
  nonzero: [[() => np.nonzero(i).map((places) => places.toArray()), [[0, 1]]]],
  searchsorted: [[() => np.searchsorted(asarray([1, 2, 3]), asarray([2]), { side: 'right' }), [2]]],
  where: [[() => np.where(t, asarray([1, 2]), 0), [1, 0]]],
  // Sets.
  unique_all: [[() => np.uniqueAll(asarray([2, 1, 2])).indices, [1, 0]]],
  unique_counts: [[() => np.uniqueCounts(asarray([2, 1, 2])).counts, [1, 2]]],
  unique_inverse: [[() => np.uniqueInverse(asarray([2, 1, 2])).inverseIndices, [1, 0, 1]]],
  unique_values: [[() => np.uniqueValues(asarray([2, 1, 2])), [1, 2]]],
  // Sorting.
  argsort: [[() => np.argsort(i, { descending: true }), [0, 2, 1]]],
  sort: [[() => np.sort(i), [-7, 0, 5]]],
  // Statistics.
  cumulative_prod: [
    [() => np.cumulativeProd(i), [5, -35, 0]],
    [() => np.cumulativeProd(i, { dtype: 'float64' }).dtype, 'float64'],
  ],
  cumulative_sum: [[() => np.cumulativeSum(i, { includeInitial: true }), [0, 5, -2, -2]]],
  max: [[() => np.max(a, { axis: 1, keepdims: true }), [[3], [2.5]]]],
  mean: [[() => np.mean(a), 1.125]],
  min: [[() => np.min(a, 0), [0, -1]]],
  prod: [[() => np.prod(asarray([2, 3])), 6]],
  std: [[() => np.std(asarray([1, 3]), { correction: 1 }), Math.SQRT2]],
  sum: [
    [() => np.sum(a), 4.5],
    [() => np.sum(asarray([100, 100], { dtype: 'int8' })).dtype, 'int64'],
    [() => np.sum(i, { dtype: 'float32', axis: 0 }).dtype, 'float32'],
  ],
  var: [[() => np.var(asarray([1, 3])), 1]],
  // Utilities.
  all: [[() => np.all(t), false]],
  any: [[() => np.any(t), true]],
  diff: [[() => np.diff(i), [-12, 7]]],
};

/** What the array object of the standard can do, by its names, and how that is written here. */
const object: Readonly<Record<string, Call>> = {
  dtype: [() => i.dtype, 'int64'],
  mT: [() => a.mT, [[3, 0], [-1, 2.5]]], // prettier-ignore
  ndim: [() => a.ndim, 2],
  shape: [() => a.shape, [2, 2]],
  size: [() => a.size, 4],
  T: [() => a.T, [[3, 0], [-1, 2.5]]], // prettier-ignore
  __abs__: [() => i.abs(), [5, 7, 0]],
  __add__: [() => i.add(i), [10, -14, 0]],
  __and__: [() => i.and(4), [4, 0, 0]],
  __bool__: [() => asarray(true).item(), true],
  __eq__: [() => i.eq(5), [true, false, false]],
  __float__: [() => Number(asarray(1.5)), 1.5],
  __floordiv__: [() => i.floorDiv(-2), [-3, 3, 0]],
  __ge__: [() => i.ge(0), [true, false, true]],
  __getitem__: [() => a.at(0, '::-1'), [-1, 3]],
  __gt__: [() => i.gt(0), [true, false, false]],
  __index__: [() => [10, 20, 30][asarray(1n).item()], 20],
  __int__: [() => asarray(7n).item(), 7],
  __invert__: [() => i.not(), [-6, 6, -1]],
  __le__: [() => i.le(0), [false, true, true]],
  __lshift__: [() => i.lshift(1), [10, -14, 0]],
  __lt__: [() => i.lt(0), [false, true, false]],
  __matmul__: [() => a.matmul(a), [[9, -5.5], [0, 6.25]]], // prettier-ignore
  __mod__: [() => i.mod(3), [2, 2, 0]],
  __mul__: [() => i.mul(2), [10, -14, 0]],
  __ne__: [() => i.ne(0), [true, true, false]],
  __neg__: [() => i.neg(), [-5, 7, 0]],
  __or__: [() => i.or(2), [7, -5, 2]],
  __pos__: [() => np.positive(i), [5, -7, 0]],
  __pow__: [() => i.pow(2), [25, 49, 0]],
  __rshift__: [() => i.rshift(1), [2, -4, 0]],
  __setitem__: [() => np.zeros(3).assignAt(['1:'], 2), [0, 2, 2]],
  __sub__: [() => i.sub(1), [4, -8, -1]],
  __truediv__: [() => i.div(2), [2.5, -3.5, 0]],
  __xor__: [() => i.xor(i), [0, 0, 0]],
  'integer array indexing': [() => a.at(asarray([0n, 1n]), asarray([1n, 0n])), [-1, 0]],
  'boolean array indexing': [() => i.at(i.lt(5)), [-7, 0]],
};

const camelCase = (name: string): string => name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
const plain = (value: unknown): unknown => (value instanceof NDArray ? value.toArray() : value);

test('every name of heddle/array has a call here', () => {
  expect(Object.keys(calls).map(camelCase).toSorted()).toEqual(Object.keys(np).toSorted());
});

describe('the main namespace', () => {
  test.each(Object.entries(calls))('%s', (_, list) => {
    for (const [call, gives] of list) expect(plain(call())).toStrictEqual(gives);
  });
});

describe('the array object', () => {
  test.each(Object.entries(object))('%s', (_, [call, gives]) => {
    expect(plain(call())).toStrictEqual(gives);
  });
});
