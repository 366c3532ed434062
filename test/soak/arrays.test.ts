// Does a program that computes large arrays and drops them, and never frees one by itself, stay small? In a loop that awaits each array, and in
// one that never lets other work run. `npm run soak` runs 1,000 rounds (SOAK=1); without the heap's collections 13 would take a gigabyte.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { root } from '../support/programs.js';

const rounds = process.env['SOAK'] === '1' ? 1000 : 40;

const program = (compute: string): string => `
  import { full, ones } from 'heddle';
  const b = full([1e7], 1.0000001).computeSync();
  let a = ones([1e7]).computeSync();
  for (let round = 0; round < ${rounds}; round++) a = ${compute};
  const { maxRSS } = process.resourceUsage();
  console.log(JSON.stringify({ last: a.get(-1), peak: maxRSS * 1024 }));`;

test.each([
  ['await a.mul(b).compute()', 'await a.mul(b).compute()'],
  ['a.mul(b).computeSync(), and no await', 'a.mul(b).computeSync()'],
])(`${rounds} rounds of arrays of 80 MB, a = %s, stay under 1 GB`, { timeout: 900_000 }, async (_, compute) => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program(compute)], {
    cwd: root,
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  expect(errors).toBe('');
  expect(exitCode).toBe(0);
  const { last, peak } = JSON.parse(output) as { last: number; peak: number };
  let expected = 1;
  for (let round = 0; round < rounds; round++) expected *= 1.0000001;
  expect(last).toBe(expected);
  expect(peak).toBeLessThan(1e9);
});
