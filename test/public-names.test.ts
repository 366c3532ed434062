// The public names, frozen: adding or losing one is a decision that shows in this file.
import { readFileSync } from 'node:fs';
import * as heddle from 'heddle';
import * as array from 'heddle/array';
import * as io from 'heddle/io';
import * as ir from 'heddle/ir';
import * as math from 'heddle/math';
import * as measure from 'heddle/measure';
import { expect, it } from 'vitest';

it('heddle exports these names', () => {
  expect(Object.keys(heddle).toSorted()).toEqual([
    'HeddleError',
    'InternalError',
    'NDArray',
    'UnsupportedError',
    'UserError',
    'alloc',
    'arange',
    'argsort',
    'asarray',
    'atan2',
    'broadcastArrays',
    'broadcastTo',
    'canCast',
    'clip',
    'compare',
    'compute',
    'concat',
    'configure',
    'copysign',
    'countingLoops',
    'diff',
    'empty',
    'emptyLike',
    'eye',
    'finfo',
    'full',
    'fullLike',
    'histogram',
    'hypot',
    'iinfo',
    'info',
    'isdtype',
    'jit',
    'linspace',
    'logaddexp',
    'matmul',
    'matrixTranspose',
    'maximum',
    'median',
    'memit',
    'meshgrid',
    'minimum',
    'moveaxis',
    'nanMax',
    'nanMean',
    'nanMin',
    'nanProd',
    'nanStd',
    'nanSum',
    'nanVar',
    'nextafter',
    'ones',
    'onesLike',
    'outer',
    'percentile',
    'prange',
    'quantile',
    'random',
    'repeat',
    'resultType',
    'roll',
    'scope',
    'searchsorted',
    'slice',
    'sort',
    'stack',
    'takeAlongAxis',
    'tensordot',
    'tile',
    'time',
    'timeit',
    'topLevelNames',
    'tril',
    'triu',
    'uniqueAll',
    'uniqueCounts',
    'uniqueInverse',
    'uniqueValues',
    'unstack',
    'vecdot',
    'vectorize',
    'version',
    'where',
    'zeros',
    'zerosLike',
  ]);
});

/** The main namespace of the array standard 2024.12, as its API specification lists it: constants, data types, then functions by section. */
const standard = `e inf nan newaxis pi
  bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64 complex64 complex128
  arange asarray empty empty_like eye from_dlpack full full_like linspace meshgrid ones ones_like tril triu zeros zeros_like
  astype can_cast finfo iinfo isdtype result_type
  abs acos acosh add asin asinh atan atan2 atanh bitwise_and bitwise_left_shift bitwise_invert bitwise_or bitwise_right_shift
  bitwise_xor ceil clip conj copysign cos cosh divide equal exp expm1 floor floor_divide greater greater_equal hypot imag isfinite
  isinf isnan less less_equal log log1p log2 log10 logaddexp logical_and logical_not logical_or logical_xor maximum minimum
  multiply negative nextafter not_equal positive pow real reciprocal remainder round sign signbit sin sinh square sqrt subtract
  tan tanh trunc
  take take_along_axis
  matmul matrix_transpose tensordot vecdot
  broadcast_arrays broadcast_to concat expand_dims flip moveaxis permute_dims repeat reshape roll squeeze stack tile unstack
  argmax argmin count_nonzero nonzero searchsorted where
  unique_all unique_counts unique_inverse unique_values
  argsort sort
  cumulative_prod cumulative_sum max mean min prod std sum var
  all any diff
  __array_namespace_info__`.split(/\s+/);

/** What is not there, and why. */
const missing: Readonly<Record<string, string>> = {
  complex64: 'complex numbers come later',
  complex128: 'complex numbers come later',
  conj: 'complex numbers come later',
  imag: 'complex numbers come later',
  real: 'complex numbers come later',
  from_dlpack: 'JavaScript has no such protocol; typed arrays go into asarray',
  __array_namespace_info__: 'there is one device',
};

it('heddle/array exports the main namespace of the array standard, and nothing else', () => {
  const camelCase = (name: string): string => name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  const there = standard.filter((name) => !Object.hasOwn(missing, name)).map(camelCase);
  expect(Object.keys(array).toSorted()).toEqual(there.toSorted());
});

it('heddle/io exports these names', () => {
  expect(Object.keys(io).toSorted()).toEqual(['load', 'save', 'toNpy', 'toNpz']);
});

it('heddle/ir exports these names', () => {
  expect(Object.keys(ir).toSorted()).toEqual([
    'explain',
    'explainSteps',
    'interpret',
    'printProgram',
    'readProgram',
    'verify',
  ]);
});

it('heddle/measure exports these names', () => {
  expect(Object.keys(measure).toSorted()).toEqual([
    'CallTime',
    'Comparison',
    'MemoryUse',
    'Timing',
    'compare',
    'comparisonColumns',
    'describeMachine',
    'formatSpeedup',
    'memit',
    'notes',
    'time',
    'timeit',
  ]);
});

it('heddle/math exports the names of Math, but for random, and exp2', () => {
  // Engines of later years have more.
  const later = new Set(['f16round', 'random', 'sumPrecise']);
  const names = Object.getOwnPropertyNames(Math).filter((name) => !later.has(name));
  expect(Object.keys(math).toSorted()).toEqual([...names, 'exp2'].toSorted());
});

it('the version is that of package.json', () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  expect(heddle.version).toBe(manifest.version);
});
