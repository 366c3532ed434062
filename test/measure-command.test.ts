// `heddle measure` and `heddle explain` of functions in files, as people run them: in a folder of their own, in JavaScript and TypeScript.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageFolder } from './measure-child.js';

const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const quick = ['--runs', '2', '--loops', '1'];

interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

interface Way {
  readonly name: string;
  readonly answer: unknown;
  readonly refused: string | null;
  readonly runs: number[];
  readonly speedup: number | null;
  readonly random: boolean;
  readonly threads: number;
  readonly code: string;
}

interface Measured {
  readonly file: string;
  readonly fn: string;
  readonly args: unknown;
  readonly ways: Way[];
  readonly fastest: string | null;
  readonly advice: string;
}

let folder: string;

const files: Readonly<Record<string, string>> = {
  'package.json': '{ "type": "module" }',
  'constants.ts': 'export const rate: number = 3.9;\nexport type Count = number;\n',
  'functions.ts': `import { prange } from 'heddle';
import { rate, type Count } from './constants.js';

const start: number = 0.5;
let calls = 0;

/** Not exported: jit is told of it all the same. */
function step(x: number): number {
  return rate * x * (1 - x);
}

export function logistic(n: Count): number {
  let x = start;
  for (let i = 0; i < n; i++) x = step(x);
  return x;
}

export function total(x: Float64Array): number {
  let s = 0;
  for (const i of prange(x.length)) s += x[i]!;
  return s;
}

export const fill = (x: Float64Array, value: number): void => {
  for (let i = 0; i < x.length; i++) x[i] = value * i;
};

export function spell(n: number): number {
  let text = '';
  for (let i = 0; i < n; i++) text += 'x';
  return text.length;
}

export function vowels(text: string): number {
  let n = 0;
  for (const letter of text) if ('aeiou'.includes(letter)) n++;
  return n;
}

export function counted(n: number): number {
  calls++;
  return n + calls;
}

export function drawn(n: number): number {
  let s = 0;
  for (let i = 0; i < n; i++) if (Math.random() < 0.5) s++;
  return s;
}

export function fails(n: number): number {
  if (n > 3) throw new RangeError('more than three');
  return n;
}

export function outside(x: Float64Array): number {
  return x[x.length]!;
}

export const inputs = (n: number): [Float64Array] => [Float64Array.from({ length: n }, (_, i) => i)];
export const fixed = [Float64Array.of(1, 2, 3)];
`,
  'one.js': "import { jit } from 'heddle';\nexport const twice = jit((x) => 2 * x);\n",
  'common.cjs': 'module.exports = { half: (x) => x / 2 };\n',
  'wrong.ts': 'export enum Color { red }\n',
  'broken.ts': "import { nothing } from './constants.js';\nexport const f = (x: number): number => x + nothing;\n",
};

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'heddle-measure-')));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(packageFolder, join(folder, 'node_modules/heddle'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function heddle(...words: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: '', COLUMNS: '', NODE_OPTIONS: '' };
    const child = execFile(process.execPath, [main, ...words], { cwd: folder, env }, (_, stdout, stderr) =>
      resolve({ stdout, stderr, code: child.exitCode }),
    );
  });
}

async function measure(fn: string, args: string, ...more: string[]): Promise<Measured> {
  const { stdout, stderr, code } = await heddle(
    'measure',
    'functions.ts',
    '--fn',
    fn,
    '--args',
    args,
    ...quick,
    '--json',
    ...more,
  );
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return JSON.parse(stdout) as Measured;
}

describe('heddle measure', () => {
  it('compares three ways, checks their answers, and advises', async () => {
    const measured = await measure('logistic', '[1e4]');
    expect(measured).toMatchObject({ file: 'functions.ts', fn: 'logistic', args: [1e4] });
    expect(measured.ways.map(({ name, code }) => [name, code])).toEqual([
      ['plain', 'as it is'],
      ['jit', 'jit(logistic, { globals: () => ({ start, step, rate }) })'],
      ['jit-parallel', 'jit(logistic, { parallel: true, globals: () => ({ start, step, rate }) })'],
    ]);
    let x = 0.5;
    for (let i = 0; i < 1e4; i++) x = 3.9 * x * (1 - x);
    for (const { answer, refused, runs } of measured.ways) expect([answer, refused, runs.length]).toEqual([x, null, 2]);
    expect(measured.ways[0]!.speedup).toBe(1);
    expect(['plain', 'jit', 'jit-parallel']).toContain(measured.fastest);
    expect(measured.advice).toMatch(
      measured.fastest === 'plain' ? /^leave it as it is: / : /^jit.*× .*as fast as plain, by jit\(/,
    );
  });

  it('prints the same as a table, with the advice in the last line', async () => {
    const { stdout, code } = await heddle('measure', 'functions.ts', '--fn', 'logistic', '--args', '[100]', ...quick);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^way +mean ± std +min +first call +peak memory +speed-up +threads\nplain +/);
    expect(stdout).toContain('\nlogistic(100) of functions.ts · ');
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^(?:leave it as it is: |jit)/);
  });

  it('shows the line of the file where the compiler refuses, and advises to leave it', async () => {
    const { stdout, stderr, code } = await heddle(
      'measure',
      'functions.ts',
      '--fn',
      'spell',
      '--args',
      '[100]',
      ...quick,
    );
    expect([stderr, code]).toEqual(['', 0]);
    expect(stdout).toMatch(
      /\njit, jit-parallel: error\[JIT002\].*\n +--> functions\.ts:29:14\n29 \| {3}let text = '';\n {3}\| +\^\^\n/,
    );
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('leave it as it is: it cannot be compiled');
    const { ways, fastest, advice } = await measure('vowels', '["banana"]');
    expect([fastest, advice]).toEqual(['plain', 'leave it as it is: it cannot be compiled']);
    expect(ways[0]!.answer).toBe(3);
    expect(ways[1]!.refused).toMatch(
      /JIT008.*"banana"\n +--> functions\.ts:34:24\n34 \| export function vowels\(text: string\)/,
    );
  });

  it('times a plain program of prange without its iterator, and compares to a billionth', async () => {
    const { ways } = await measure('total', '[{"float64": {"random": 1e5}}]');
    for (const { refused } of ways) expect(refused).toBeNull();
    expect(ways[1]!.answer).toBeCloseTo(ways[0]!.answer as number, 6);
    expect(ways[1]!.answer).toBe(ways[2]!.answer);
    const exact = await measure('total', '[{"float64": {"random": 1e5}}]', '--agree', 'exact');
    expect(exact.ways[1]!.refused).toMatch(/^gave another answer than plain: /);
    expect(exact.fastest).toBe('plain');
  });

  it('compares what functions write into their arrays', async () => {
    for (const { refused, answer } of (await measure('fill', '[{"float64": 100}, 3]')).ways)
      expect([refused, answer]).toEqual([null, null]);
  });

  it('takes arguments from an export', async () => {
    const made = await measure('total', '[1000]', '--args-from', 'inputs', '--ways', 'plain,jit');
    expect(made.ways.map(({ name, answer }) => [name, answer])).toEqual([
      ['plain', 499500],
      ['jit', 499500],
    ]);
    const fixed = await measure('total', '[]', '--args-from', 'fixed');
    expect(fixed.ways.map(({ answer }) => answer)).toEqual([6, 6, 6]);
  });

  it('does not compare what is drawn, unless it is seeded', async () => {
    const [plain, jit] = (await measure('drawn', '[1e5]')).ways;
    expect([plain!.random, jit!.random]).toEqual([true, true]);
    const seeded = (await measure('drawn', '[1e5]', '--seed', '42')).ways;
    expect(seeded.map(({ random }) => random)).toEqual([true, false, false]);
    expect(seeded[1]!.answer).toBe(seeded[2]!.answer);
  });

  it('does not compile a function that changes a variable of its module', async () => {
    const { ways } = await measure('counted', '[1]');
    expect(ways[1]!.refused).toMatch(/functions\.ts:41:3\n41 \| {3}calls\+\+;/);
  });

  it('ends with 1 where the function itself fails', async () => {
    const { stdout, code } = await heddle(
      'measure',
      'functions.ts',
      '--fn',
      'fails',
      '--args',
      '[4]',
      ...quick,
      '--json',
    );
    const { ways, advice, fastest } = JSON.parse(stdout) as Measured;
    expect(ways[0]!.refused).toBe('threw RangeError: more than three');
    expect([code, fastest, advice]).toEqual([1, null, 'nothing to advise: the plain function gave no figures']);
  });

  it('measures what a module has compiled itself, and CommonJS', async () => {
    const one = JSON.parse((await heddle('measure', 'one.js', '--args', '[4]', ...quick, '--json')).stdout) as Measured;
    expect(one.ways.map(({ name, answer, code }) => [name, answer, code])).toEqual([
      ['plain', 8, 'as it is'],
      ['jit', 8, 'as its module has compiled it'],
    ]);
    const common = JSON.parse(
      (await heddle('measure', 'common.cjs', '--args', '[4]', ...quick, '--json')).stdout,
    ) as Measured;
    expect(common.ways.map(({ answer }) => answer)).toEqual([2, 2, 2]);
  });
});

describe('heddle explain', () => {
  it("shows the file's own text with what became of each loop", async () => {
    const { stdout, stderr, code } = await heddle('explain', 'functions.ts', '--fn', 'logistic', '--args', '[100]');
    expect([stderr, code]).toEqual(['', 0]);
    expect(stdout).toBe(`// logistic(number)
export function logistic(n: Count): number {
  let x = start;
  // lanes    no: an iteration needs the x of the one before
  // threads  one: for the same reason
  for (let i = 0; i < n; i++) x = step(x);
  return x;
}
`);
  });

  it('has the other views, and JSON', async () => {
    const ir = await heddle('explain', 'functions.ts', '--fn', 'total', '--view', 'ir');
    expect(ir.stdout).toMatch(/^; \(f64\[\]\)\nkernel @total\(/);
    expect((await heddle('explain', 'functions.ts', '--fn', 'total', '--view', 'wat')).stdout).toContain('(module');
    const json = JSON.parse((await heddle('explain', 'functions.ts', '--fn', 'total', '--json')).stdout) as object;
    expect(json).toMatchObject({
      file: 'functions.ts',
      fn: 'total',
      view: 'source',
      signatures: ['(f64[])'],
      ended: null,
    });
    const parallel = await heddle('explain', 'functions.ts', '--fn', 'fill', '--parallel');
    expect(parallel.stdout).toContain('// threads  all, in blocks\n');
  });

  it('tells why a function cannot be compiled, and how the call ended', async () => {
    const refused = await heddle('explain', 'functions.ts', '--fn', 'spell');
    expect([refused.stdout, refused.code]).toEqual(['', 1]);
    expect(refused.stderr).toMatch(/^error\[JIT002\].*\n +--> functions\.ts:29:14\n/);
    const outside = await heddle('explain', 'functions.ts', '--fn', 'outside', '--args', '[{"float64": 3}]');
    expect(outside.stdout).toContain('// checks   x[x.length] each time');
    expect(outside.stderr).toMatch(
      /the call that it was compiled for ended with\nerror\[JIT011\].*\n +--> functions\.ts:57:12/,
    );
  });
});

describe('mistakes', () => {
  it.each([
    [['measure'], 'CLI007', "write heddle measure FILE --fn NAME --args '[1e7]'"],
    [['measure', 'nope.ts'], 'CLI007', 'there is no such file'],
    [['measure', 'functions.txt'], 'CLI007', 'give a file of JavaScript or TypeScript'],
    [['measure', 'functions.ts', 'logistic'], 'CLI006', 'write heddle measure functions.ts --fn logistic'],
    [['measure', 'functions.ts'], 'CLI008', 'write --fn '],
    [['measure', 'functions.ts', '--fn', 'logisitc'], 'CLI008', 'did you mean logistic?'],
    [['measure', 'functions.ts', '--fn', 'fixed'], 'CLI008', 'is no function'],
    [['measure', 'constants.ts'], 'CLI008', 'write export in front of one'],
    [['measure', 'functions.ts', '--fn', 'total', '--args', '7'], 'CLI009', "--args '[7]'"],
    [['measure', 'functions.ts', '--fn', 'total', '--args-from', 'input'], 'CLI009', 'did you mean inputs?'],
    [['measure', 'functions.ts', '--fn', 'total', '--ways', 'jti'], 'CLI005', 'did you mean jit?'],
    [['measure', 'functions.ts', '--fn', 'total', '--agree', 'about'], 'CLI004', 'write exact, none, or a number'],
    [['measure', 'functions.ts', '--arg', '[1]'], 'CLI002', 'did you mean --args?'],
    [['measure', 'broken.ts'], 'CLI010', 'could not be imported: SyntaxError'],
    [['measure', 'wrong.ts'], 'TS002', 'enums, namespaces with values'],
    [['explain', 'functions.ts', '--fn', 'total', '--view', 'wta'], 'CLI005', 'did you mean wat?'],
    [['explain', 'functions.ts', '--fn', 'vowels'], 'CLI009', "--args '[1000]'"],
    [['explain', 'program.ir', '--fn', 'total'], 'CLI006', 'write heddle explain program.ir'],
  ])('heddle %j', async (words, errorCode, advice) => {
    const { code, stdout, stderr } = await heddle(...words);
    expect(stderr).toMatch(new RegExp(`^error\\[${errorCode}\\]: `));
    expect(stderr).toContain(advice);
    expect(stderr).not.toContain('    at ');
    expect([stdout, code]).toEqual(['', 2]);
  });
});
