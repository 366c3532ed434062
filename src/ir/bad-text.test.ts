// Text that people give is wrong more often than not. Whatever is done to a program's text, the reader answers with a program or with the
// error IR001 and its place, soon; what the reader takes, the verifier can judge; and what the verifier judges legal prints and reads again.
import { expect, test } from 'vitest';
import { UserError } from '../base/errors.js';
import { RandomNumbers } from '../../test/support/random-numbers.js';
import { randomProgram } from '../../test/support/random-program.js';
import { printProgram } from './print.js';
import { readProgram } from './read.js';
import type { Program } from './nodes.js';
import { verify } from './verify.js';

/** The program, or undefined where the text is refused as it should be. */
function read(text: string): Program | undefined {
  try {
    return readProgram(text);
  } catch (error) {
    if (!(error instanceof UserError)) throw new Error(`not a UserError for:\n${text}`, { cause: error });
    expect(error.code).toBe('IR001');
    // The place is one of the text.
    const [, line, column] = /--> (\d+):(\d+)\n/.exec(error.message)!.map(Number);
    const lines = text.split('\n');
    expect(line).toBeLessThanOrEqual(lines.length);
    expect(column).toBeLessThanOrEqual(lines[line! - 1]!.length + 1);
    return undefined;
  }
}

/** True where the text is a program, legal or not. */
function expectAnswer(text: string): { isRead: boolean; isLegal: boolean } {
  const program = read(text);
  if (program === undefined) return { isRead: false, isLegal: false };
  let problems: string[];
  try {
    problems = verify(program);
  } catch (cause) {
    throw new Error(`verify throws for:\n${text}`, { cause });
  }
  for (const problem of problems) expect(problem).toMatch(/^(?:in @[\w.]+: |two )/);
  if (problems.length > 0) return { isRead: true, isLegal: false };
  const printed = printProgram(program);
  expect(printProgram(readProgram(printed))).toBe(printed);
  return { isRead: true, isLegal: true };
}

/** Cuts a text into words and what stands between them. */
const border = /(\s+|[()[\]{},:=<])/;

/** Words that are legal somewhere. */
const others = (
  'i32 i64 f32 f64 bool f64x2 i64x4 boolx2 f64x3 read write both alias strides nest reduction over partials into buffer body draws lanes each ' +
  'from continuing gathers parallel step mask site index length gen if else for loop call load store check stream draw splat ramp fold reduce ' +
  'allocate yield break continue return unreachable add.f64 select.i64 0 1 -1 16 1.5 nan -inf true 99999999999999999999 1e999 { } ( ) [ ] = : , < ->'
).split(' ');

const sortOf = (word: string): string => (/^-?\d/.test(word) ? 'number' : (/^[%$@&!]/.exec(word)?.[0] ?? 'name'));

function mutate(random: RandomNumbers, text: string): string {
  const tokens = text.split(border).filter((token) => token !== '');
  for (let times = random.pick([1, 1, 1, 2, 3]); times > 0; times--) {
    const at = random.integer(0, tokens.length - 1);
    const length = random.chance(0.2) ? random.integer(2, 12) : 1;
    switch (random.weighted({ delete: 3, duplicate: 2, swap: 2, replace: 3, borrow: 6, cut: 1, character: 1 })) {
      case 'delete':
        tokens.splice(at, length);
        break;
      case 'duplicate':
        tokens.splice(at, 0, ...tokens.slice(at, at + length));
        break;
      case 'swap': {
        const other = random.integer(0, tokens.length - 1);
        [tokens[at], tokens[other]] = [tokens[other]!, tokens[at]!];
        break;
      }
      case 'replace':
        tokens[at] = random.pick(others);
        break;
      case 'borrow':
        // A word of the same sort from elsewhere: known names and other types in the wrong place.
        tokens[at] = random.pick(tokens.filter((token) => sortOf(token) === sortOf(tokens[at]!)));
        break;
      case 'cut':
        tokens.splice(at);
        break;
      case 'character':
        tokens[at] = random.pick(['%', '"', 'é', '\u{1F600}', '\t', '\r', ';', '.', '%%', '\u0000', '\\', '1..2', '$']);
    }
    if (tokens.length === 0) return '';
  }
  return tokens.join('');
}

test('mutated programs are read, or refused with a place', () => {
  const [runs, seed] = [Number(process.env['FUZZ_RUNS'] ?? 4000), Number(process.env['FUZZ_SEED'] ?? 0)];
  const found = { refused: 0, illegal: 0, legal: 0 };
  let [random, text] = [new RandomNumbers(seed), ''];
  for (let run = 0; run < runs; run++) {
    if (run % 20 === 0) {
      random = new RandomNumbers(seed + run);
      text = printProgram(randomProgram(seed + run));
    }
    const { isRead, isLegal } = expectAnswer(mutate(random, text));
    found[isLegal ? 'legal' : isRead ? 'illegal' : 'refused']++;
  }
  // All three happen, or this test would say little.
  expect(Math.min(...Object.values(found))).toBeGreaterThan(runs / 500);
}, 3_600_000);

test('each operand of a statement is judged, wherever its type comes from', () => {
  const program = (line: string): string =>
    `kernel @k(%n: i64, %x: f64) {\n  buffer a: f64[%n] strides [1] both alias 0\n  body {\n    ${line}\n    return []\n  }\n}\n`;
  for (const line of [
    '%y: f64 = splat 1.0:f64',
    '%y: f64x2 = splat 1.0:f64x2',
    '%y: boolx2 = ramp true:bool',
    '%y: f64 = fold add 1.0:f64',
    '%y: boolx2 = fold add true:boolx2',
    '%y: f64x2 = load a[1:i64x4]',
    '%y: f64x64 = load a[%n] mask true:boolx2',
    'store a[] %x',
    'store a[1.5:f64] %x',
    'store a[0] 1:i32x2 mask true:bool',
    'check 1.0:f64 site 1 index 1.0:f64 length true:bool',
    'for @l %i from 0 step 0 < 1 () {\n yield []\n }',
    'for @l %i from 0 step 999999999999999 < 1 () draws $g lanes 1 {\n yield []\n }',
    '%y: f64x4 = for @l %i < 1 () gathers (&r: i32 argLeast partials 16 = 1.0:f64x2) {\n yield []\n }',
    'stream $g = gen 1 1:i64x64\n %y: f64x2 = draw $g',
    'call @nobody [1:i32]',
  ])
    expect(expectAnswer(program(line)), line).toEqual({ isRead: true, isLegal: false });
});

test.each([
  ['nested too deep', `kernel @k() {\n body {\n${'if true {\n'.repeat(100_000)}`],
  ['a long number', `kernel @k() -> (i64) {\n body {\n return [${'9'.repeat(200_000)}]\n}\n}\n`],
  ['a long name', `kernel @${'k'.repeat(1_000_000)}`],
  ['many lines', `${'\n'.repeat(1_000_000)}x`],
  ['a type of three parts', 'kernel @k(%x: f64x4x5) {\n'],
  ['nothing but marks', '%$@&!'],
  ['half a pair of surrogates', 'kernel @k(\uD800) {'],
])('%s is refused', (_, text) => expect(read(text)).toBeUndefined());

test('an empty text is a program without kernels', () => {
  expect(readProgram('')).toEqual({ routines: [], kernels: [] });
  expect(expectAnswer('; nothing but a comment')).toEqual({ isRead: true, isLegal: true });
});

test('code may lie in code to a depth that everything can walk', () => {
  const nested = (depth: number): string =>
    `kernel @k() {\n body {\n${'if true {\n'.repeat(depth)}${'yield []\n} else {\nyield []\n}\n'.repeat(depth)}return []\n}\n}\n`;
  expect(expectAnswer(nested(199))).toEqual({ isRead: true, isLegal: true });
  expect(() => readProgram(nested(200))).toThrow(/code inside of code is at most 200 deep/);
});
