// The soaks, short: what goes on for hours must not hold more at the end than near its beginning. `npm run soak` runs them in full.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

test('parallel calls of random sizes leave the heap, the team and the resident memory as they were', () => {
  const program = fileURLToPath(new URL('soak/parallel-calls.js', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', program, '4000'], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ calls: 4000, after: { jobs: 0, deaths: 0 } });
});
