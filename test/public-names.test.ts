// The public names, frozen: adding or losing one is a decision that shows in this file.
import { readFileSync } from 'node:fs';
import * as heddle from 'heddle';
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
    'broadcastArrays',
    'canCast',
    'compare',
    'compute',
    'concat',
    'configure',
    'eye',
    'full',
    'fullLike',
    'info',
    'jit',
    'linspace',
    'matmul',
    'matrixTranspose',
    'memit',
    'ones',
    'onesLike',
    'outer',
    'prange',
    'random',
    'resultType',
    'scope',
    'searchsorted',
    'slice',
    'sort',
    'stack',
    'tensordot',
    'time',
    'timeit',
    'tril',
    'triu',
    'uniqueAll',
    'uniqueCounts',
    'uniqueInverse',
    'uniqueValues',
    'vecdot',
    'version',
    'where',
    'zeros',
    'zerosLike',
  ]);
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
