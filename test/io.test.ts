// .npy and .npz, there and back, and with NumPy at the other end where it is installed.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { arange, asarray, HeddleError, random, zeros } from 'heddle';
import type { DType, NDArray } from 'heddle';
import { load, save, toNpy, toNpz } from 'heddle/io';
import { describe, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'heddle-io-'));
const path = (name: string): string => join(folder, name);
const dtypes = 'bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64'.split(' ') as DType[];
const sample = (dtype: DType): NDArray => {
  const numbers = arange(-6, 6).reshape([2, 3, 2]);
  if (dtype.startsWith('u')) return numbers.abs().astype(dtype);
  return dtype.startsWith('f') ? numbers.astype('float64').mul(1.5).astype(dtype) : numbers.astype(dtype);
};
const same = (a: NDArray, b: NDArray): void => {
  expect([a.dtype, a.shape]).toEqual([b.dtype, b.shape]);
  expect([...a.toTypedArray()]).toEqual([...b.toTypedArray()]);
};

describe('there and back', () => {
  test.each(dtypes)('%s', async (dtype) => {
    await save(path(`${dtype}.npy`), sample(dtype));
    same(await load(path(`${dtype}.npy`)), sample(dtype));
  });

  test('views, nothing, and single numbers', async () => {
    for (const array of [sample('int16').T, zeros([0, 3]), asarray(7), asarray([NaN, -0])])
      same(await load(toNpy(array)), array);
  });

  test('several by their names', async () => {
    const [x, y] = [random.generator(1).uniform(0, 1, [1000]), sample('bool')];
    await save(path('several.npz'), { x, y });
    const loaded = await load(path('several.npz') as `${string}.npz`);
    expect(Object.keys(loaded)).toEqual(['x', 'y']);
    same(loaded['x']!, x);
    same(loaded['y']!, y);
  });

  test('the same arrays give the same bytes', () => {
    expect(toNpz({ x: arange(3) })).toEqual(toNpz({ x: arange(3) }));
  });
});

/** The header that NumPy writes, by hand: what is not little-endian and in C order. */
function npy(descr: string, isFortran: boolean, shape: string, elements: Uint8Array): Uint8Array {
  const text = `{'descr': ${descr}, 'fortran_order': ${isFortran ? 'True' : 'False'}, 'shape': ${shape}, }`.padEnd(117);
  const head = [0x93, ...Buffer.from('NUMPY')];
  return Uint8Array.from([...head, 1, 0, 118, 0, ...new TextEncoder().encode(`${text}\n`), ...elements]);
}

describe('other layouts', () => {
  test('big-endian numbers', async () => {
    const array = await load(npy("'>i2'", false, '(2,)', Uint8Array.of(1, 2, 255, 254)));
    expect([array.dtype, array.toArray()]).toEqual(['int16', [258, -2]]);
  });

  test("Fortran's order", async () => {
    const array = await load(npy("'|u1'", true, '(2, 3)', Uint8Array.of(1, 2, 3, 4, 5, 6)));
    expect(array.toArray()).toEqual([
      [1, 3, 5],
      [2, 4, 6],
    ]);
  });
});

const hasNumPy = spawnSync('python3', ['-c', 'import numpy']).status === 0;
const python = (script: string): string => execFileSync('python3', ['-c', script], { cwd: folder, encoding: 'utf8' });

// Not tests that are skipped: what NumPy reads and writes is what the others of this file hold to.
if (hasNumPy) {
  describe('with NumPy', () => {
    test.each(dtypes)('%s', async (dtype) => {
      await save(path(`to-${dtype}.npy`), sample(dtype));
      python(
        `import numpy as np; a = np.load('to-${dtype}.npy'); assert a.dtype == '${dtype}'; np.save('from-${dtype}.npy', a)`,
      );
      same(await load(path(`from-${dtype}.npy`)), sample(dtype));
      expect(readFileSync(path(`from-${dtype}.npy`))).toEqual(readFileSync(path(`to-${dtype}.npy`)));
    });

    test('archives, compressed or not, in both directions', async () => {
      await save(path('ours.npz'), { a: sample('float64'), b: sample('int8') });
      python(
        `import numpy as np; f = np.load('ours.npz'); np.savez_compressed('small.npz', **f); np.savez('plain.npz', **f)`,
      );
      for (const name of ['small', 'plain']) {
        const loaded = await load(path(`${name}.npz`), 'npz');
        same(loaded['a']!, sample('float64'));
        same(loaded['b']!, sample('int8'));
      }
    });
  });
}

describe('what is wrong', () => {
  const any = (value: unknown): never => value as never;
  writeFileSync(path('text.npy'), 'hello, world');
  test.each<[string, RegExp, RegExp, () => Promise<unknown>]>([
    ['IO001', /text\.npy is no \.npy file/, /np\.save/, () => load(path('text.npy'))],
    ['IO001', /this is no \.npy file/, /'npz'/, () => load(toNpz({ a: arange(2) }))],
    ['IO001', /no \.npz file/, /'npy'/, () => load(toNpy(arange(2)), 'npz')],
    ['IO001', /can be read/, /anew/, () => load(toNpy(arange(100)).subarray(0, 200))],
    ['IO001', /can be read/, /anew/, () => load(toNpz({ a: arange(100) }).subarray(0, 300), 'npz')],
    ['IO001', /cannot write one array to .*npz/, /\{ x \}/, () => save(path('a.npz'), arange(3))],
    ['IO001', /cannot write arrays by names/, /npz/, () => save(path('a.npy'), { a: arange(3) })],
    ['IO001', /save was given 3/, /by their names/, () => save(path('a.npy'), any(3))],
    ['IO002', /dtype '<c16'/, /astype/, () => load(npy("'<c16'", false, '(1,)', new Uint8Array(16)))],
    ['IO002', /dtype \[\('x'/, /astype/, () => load(npy("[('x', '<f8')]", false, '(1,)', new Uint8Array(8)))],
    ['IO003', /nowhere\.npy could not be read/, /path/, () => load(path('nowhere.npy'))],
    ['IO003', /could not be written/, /path/, () => save(path('no/where.npy'), arange(3))],
  ])('%s: %s', async (code, message, fix, wrong) => {
    const error = await wrong().then(
      () => undefined,
      (reason: unknown) => reason as HeddleError,
    );
    expect(error).toBeInstanceOf(HeddleError);
    expect(error!.summary).toMatch(message);
    expect(error!.fix).toMatch(fix);
    expect(error!.code).toBe(code);
  });
});
