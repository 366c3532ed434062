// The public names, frozen: adding or losing one is a decision that shows in this file.
import { readFileSync } from 'node:fs';
import * as heddle from 'heddle';
import * as measure from 'heddle/measure';
import { expect, it } from 'vitest';

it('heddle exports these names', () => {
  expect(Object.keys(heddle).toSorted()).toEqual([
    'HeddleError',
    'InternalError',
    'UnsupportedError',
    'UserError',
    'alloc',
    'compare',
    'configure',
    'jit',
    'memit',
    'time',
    'timeit',
    'version',
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

it('the version is that of package.json', () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  expect(heddle.version).toBe(manifest.version);
});
