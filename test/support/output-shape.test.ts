// What counts as the same output, and what does not.
import { expect, test } from 'vitest';
import { commentedOutput, findMissingLine } from './output-shape.js';

const timing = '15.2 ms ± 310 µs per loop (mean ± std. dev. of 7 runs, 10 loops each)';

test.each([
  ['other figures and units', timing, '1.02 s ± 9 ns per loop (mean ± std. dev. of 7 runs, 1 loop each)'],
  ['a time beyond a minute', 'a  5 ms ± 3 µs', 'a  1min 5s ± 2h 3min'],
  ['more lines around', timing, `before\n${timing}\nafter`],
  ['an interval or none', 'a  5 ms  0.544× (0.326–0.7)', 'a  70 µs  1×'],
  ['a thousandfold speed-up', 'a  2×', 'a  10,171× (9,760–16,145)'],
  ['another machine', '10 points · AMD EPYC, 2 cores · Node 20.20.2', '10 points · M3, 8 cores · Node 24.0.0'],
])('takes %s as the same', (_, sample, output) => {
  expect(findMissingLine(sample, output)).toBeUndefined();
});

test.each([
  ['other runs', timing, timing.replace('7 runs', '5 runs')],
  ['other words', timing, timing.replace('mean', 'median')],
  ['another whole number', '100000', '10000'],
  ['another order', 'one\ntwo', 'two\none'],
  ['a line that is not there', 'one\ntwo', 'one'],
  ['another name', 'a  5 ms', 'b  5 ms'],
])('does not take %s as the same', (_, sample, output) => {
  expect(findMissingLine(sample, output)).toBeDefined();
});

test('reads what comments say is printed, but not what they only describe', () => {
  const code = 'console.log(a); // 1\nconsole.log(b); // about 2 …\nlet c = 3; // 3\n  console.log(`${c}`); // 3';
  expect(commentedOutput(code)).toBe('1\n3');
});
