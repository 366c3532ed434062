// The soaks, short: what goes on for hours must not hold more at the end than near its beginning. `npm run soak` runs them in full.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

interface Measured {
  readonly jobs: number;
  readonly deaths: number;
  readonly threads: number;
  readonly joins: number;
  readonly threadBytes: number;
  readonly heap: number;
  readonly resident: number;
}

test('parallel calls of random sizes leave the heap, the team and the resident memory as they were', () => {
  const program = fileURLToPath(new URL('soak/parallel-calls.js', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', program, '4000'], {
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  const { before, after } = JSON.parse(stdout) as { before: Measured; after: Measured };
  expect(after).toMatchObject({ jobs: 0, deaths: 0, threads: before.threads, heap: before.heap });
  expect(after.joins).toBeGreaterThan(before.joins);
  expect(after.threadBytes).toBeLessThanOrEqual(4 * 65_536);
  // What engines keep for themselves moves by a few megabytes.
  expect(after.resident - before.resident).toBeLessThan(24 * 2 ** 20);
});
