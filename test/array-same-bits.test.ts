// Arrays have the same bits on any number of threads: sums along every axis, draws, products, sorts and running sums are computed in processes
// with teams of one, two and five, and what they print has to agree.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { root } from './support/programs.js';

const run = promisify(execFile);

const program = `
  import { createHash } from 'node:crypto';
  import { arange, compute, histogram, matmul, median, random } from 'heddle';
  const g = random.generator(42);
  const x = g.normal(0, 1, [50_003, 9]);
  const wide = g.uniform(-1, 1, [37, 20_011]);
  const stored = g.exponential(2, [13, 4099, 5]).computeSync();
  const points = g.uniform(-1, 1, [2, 300_001]);
  const left = g.normal(0, 1, [130, 517]);
  const results = {
    all: x.sum(), rows: x.sum(1), columns: x.sum(0), products: x.mul(0.01).add(1).prod(0), mean: x.mean(0), deviation: x.std(0),
    wide: wide.sum(0), wideRows: wide.exp().sum(1), least: wide.min(0), place: wide.argmax(1),
    middle: stored.sum(1), outer: stored.sum({ axis: [0, 1] }), apart: stored.sum({ axis: [0, 2] }),
    pi: points.square().sum(0).lt(1).countNonzero(), scaled: stored.sub(stored.mean(1).expandDims(1)),
    product: matmul(left, left.T), floats: matmul(left.astype('float32'), left.T.astype('float32')),
    running: x.flatten().cumulativeSum(), sorted: x.flatten().sort(), order: wide.argsort(1), middleOf: median(x, 0),
    counts: histogram(x, { bins: 50 }).counts, order2: g.permutation(100_000), powers: arange(100_000).pow(arange(100_000).mod(7)),
  };
  await compute(...Object.values(results));
  for (const [name, array] of Object.entries(results)) {
    const bytes = new Uint8Array(array.toTypedArray().buffer);
    console.log(name, array.shape.join('x'), createHash('sha256').update(bytes).digest('hex').slice(0, 16));
  }`;

test('the bits of arrays do not depend on how many threads compute them', { timeout: 300_000 }, async () => {
  const on = async (threads: number): Promise<string> => {
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: root,
      env: { ...process.env, HEDDLE_THREADS: String(threads), NODE_OPTIONS: '' },
    });
    return stdout;
  };
  const alone = await on(1);
  expect(alone.trim().split('\n')).toHaveLength(24);
  for (const threads of [2, 5]) expect(await on(threads)).toBe(alone);
});
