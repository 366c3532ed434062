// Which flags of this process a candidate's process gets too. That no candidate runs its caller's text is tested in test/compare.test.ts.
import { expect, test } from 'vitest';
import { flagsForCandidates } from './node-flags.js';

test.each([
  [[], []],
  [
    ['--import', 'tsx', '--conditions=custom', '--stack-size=900'],
    ['--import', 'tsx', '--conditions=custom', '--stack-size=900'],
  ],
  [['-e', 'work()'], []],
  [['--eval', 'work()', '--no-warnings'], ['--no-warnings']],
  [['--no-warnings', '--eval=work()'], ['--no-warnings']],
  [['-p', '-e', 'work()'], []],
  [
    ['-pe', 'work()', '-r', './hook.cjs'],
    ['-r', './hook.cjs'],
  ],
  [['--input-type=module', '-e', 'work()'], []],
  [['--input-type', 'module', '--expose-gc'], ['--expose-gc']],
  [['--inspect'], []],
  [['--inspect-brk=127.0.0.1:9229', '--enable-source-maps'], ['--enable-source-maps']],
  [['--inspect-port', '9230', '--enable-source-maps'], ['--enable-source-maps']],
  [['--watch', '--watch-path', 'src', '--test'], []],
])('of %j these: %j', (given, fit) => {
  expect(flagsForCandidates(given)).toEqual(fit);
});
