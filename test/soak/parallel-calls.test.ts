// The soak of parallel calls: what goes on for hours must not hold more at the end than near its beginning. SOAK=1 (npm run soak) runs 10⁵
// of them, the suite 4,000.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

test.each([
  ['of the team', 'parallel-calls.js'],
  ['of compiled functions', 'jit-calls.js'],
])(
  'parallel calls %s of random sizes leave the heap, the team and the resident memory as they were',
  (_, name) => {
    const program = fileURLToPath(new URL(name, import.meta.url));
    const calls = process.env['SOAK'] ? 100_000 : 4000;
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', program, String(calls)], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ calls, after: { jobs: 0, deaths: 0 } });
  },
  600_000,
);
