// What the README shows of the ladder is the ladder that there is: a row for each rung, in its order.
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { readText, root } from './support/programs.js';

test('README has a table with a row for each rung', () => {
  const code = execFileSync(process.execPath, ['dist/cli/main.js', 'pi', '--code'], { cwd: root, encoding: 'utf8' });
  const rungs = [...code.matchAll(/^\/\/ (\S+): as in Python, (.*)$/gm)].map((match) => [match[1], match[2]]);
  const rows = [...readText('README.md').matchAll(/^\| `(\S+)` +\| ([^|]*?) +\|/gm)].map((match) => [
    match[1],
    match[2],
  ]);
  expect(rungs.length).toBeGreaterThan(2);
  expect(rows).toEqual(rungs);
});
