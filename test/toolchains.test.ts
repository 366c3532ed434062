// jit reads a function's text, and gets it as some tool has left it: each tool's output of the same source (fixtures/toolchains) has to compile
// to the same numbers, or to be refused with the reason and the line to paste. vitest is such a tool itself.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transform as transformWithSwc } from '@swc/core';
import type { Options as SwcOptions } from '@swc/core';
import { build as bundleWithEsbuild, transform as transformWithEsbuild } from 'esbuild';
import type { BuildOptions, TransformOptions } from 'esbuild';
import { jit, UserError } from 'heddle';
import { createInstrumenter } from 'istanbul-lib-instrument';
import { minify } from 'terser';
import type { MinifyOptions } from 'terser';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import webpack from 'webpack';
import type { Configuration } from 'webpack';
import * as leftByVitest from './fixtures/toolchains/source.js';
import { fixture, packageFolder } from './measure-child.js';

type Program = (n: number, more?: number) => number;
type Names = typeof leftByVitest;

const files = ['source', 'outside'] as const;
const sourceFolder = fileURLToPath(fixture('toolchains'));
const textOf = (name: string): string => readFileSync(join(sourceFolder, `${name}.ts`), 'utf8');

let folder: string;
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'heddle-toolchains-')));
  mkdirSync(join(folder, 'node_modules'));
  mkdirSync(join(folder, 'dist'));
  symlinkSync(packageFolder, join(folder, 'node_modules/heddle'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Kind = 'module' | 'commonjs';
/** What a tool has made, in a folder of its own. */
interface Output {
  readonly folder: string;
  readonly kind: Kind;
}

function newFolder(kind: Kind = 'module'): Output {
  // vitest would translate what it imports once more, but for what lies in a folder of that name (vitest.config.ts).
  const made = mkdtempSync(join(folder, 'dist', 'output-'));
  writeFileSync(join(made, 'package.json'), JSON.stringify({ type: kind }));
  return { folder: made, kind };
}

async function load({ folder: made, kind }: Output): Promise<Names> {
  const file = join(made, 'source.js');
  if (kind === 'commonjs') return createRequire(import.meta.url)(file) as Names;
  return (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Names;
}

/** One file after the other. */
async function eachFile(kind: Kind, compile: (text: string, name: string) => Promise<string>): Promise<Output> {
  const output = newFolder(kind);
  for (const name of files) writeFileSync(join(output.folder, `${name}.js`), await compile(textOf(name), name));
  return output;
}

function tsc(target: string, module: string): Output {
  const output = newFolder(module === 'commonjs' ? 'commonjs' : 'module');
  const words = ['--target', target, '--module', module, '--moduleResolution', 'bundler', '--outDir', output.folder];
  const program = join(packageFolder, 'node_modules/typescript/bin/tsc');
  const from = join(sourceFolder, 'source.ts');
  const flags = ['--ignoreConfig', '--noCheck', '--types', '', '--rootDir', sourceFolder];
  execFileSync(process.execPath, [program, ...flags, ...words, from], { timeout: 60_000 });
  return output;
}

const esbuild = (options: TransformOptions = {}): Promise<Output> =>
  eachFile(
    options.format === 'cjs' ? 'commonjs' : 'module',
    async (text) => (await transformWithEsbuild(text, { loader: 'ts', format: 'esm', ...options })).code,
  );

async function esbuildBundle(options: BuildOptions): Promise<Output> {
  const output = newFolder();
  await bundleWithEsbuild({
    entryPoints: [join(sourceFolder, 'source.ts')],
    outfile: join(output.folder, 'source.js'),
    bundle: true,
    format: 'esm',
    external: ['heddle'],
    ...options,
  });
  return output;
}

const swc = ({ jsc, ...options }: SwcOptions, target: 'es5' | 'es2017' | 'es2022' = 'es2022'): Promise<Output> =>
  eachFile(options.module?.type === 'commonjs' ? 'commonjs' : 'module', async (text) => {
    const all = {
      ...options,
      configFile: false,
      swcrc: false,
      jsc: { ...jsc, parser: { syntax: 'typescript' }, target },
    };
    return (await transformWithSwc(text, all as SwcOptions)).code;
  });

const withoutTypes = async (text: string): Promise<string> =>
  (await transformWithEsbuild(text, { loader: 'ts', format: 'esm' })).code;

const terser = (options: MinifyOptions): Promise<Output> =>
  eachFile('module', async (text) => (await minify(await withoutTypes(text), { module: true, ...options })).code!);

async function webpackBundle(options: Configuration): Promise<Output> {
  const [input, output] = [await esbuild(), newFolder()];
  await new Promise<void>((resolve, reject) => {
    webpack(
      {
        context: input.folder,
        entry: './source.js',
        experiments: { outputModule: true },
        externals: { heddle: 'module heddle' },
        output: { path: output.folder, filename: 'source.js', library: { type: 'module' } },
        ...options,
      },
      (error, stats) => {
        if (error || stats?.hasErrors() !== false) reject(error ?? new Error(stats?.toString()));
        else resolve();
      },
    );
  });
  return output;
}

const istanbul = (): Promise<Output> =>
  eachFile('module', async (text, name) =>
    createInstrumenter({ esModules: true }).instrumentSync(await withoutTypes(text), `/${name}.js`),
  );

/** Each tool, and whether it keeps names as they are written. */
const tools: readonly (readonly [string, { keepsNames: boolean }, () => Output | Promise<Output>])[] = [
  ['tsc, modules', { keepsNames: true }, () => tsc('es2022', 'esnext')],
  ['tsc, ES2017 and CommonJS', { keepsNames: true }, () => tsc('es2017', 'commonjs')],
  ['esbuild', { keepsNames: true }, () => esbuild()],
  ['esbuild, names kept', { keepsNames: true }, () => esbuild({ keepNames: true })],
  ['esbuild, minified', { keepsNames: false }, () => esbuild({ minify: true })],
  ['esbuild, ES2017 and CommonJS', { keepsNames: true }, () => esbuild({ format: 'cjs', target: 'es2017' })],
  ['esbuild, bundled', { keepsNames: true }, () => esbuildBundle({})],
  ['esbuild, bundled and minified', { keepsNames: false }, () => esbuildBundle({ minify: true })],
  ['SWC', { keepsNames: true }, () => swc({})],
  ['SWC, ES2017 and CommonJS', { keepsNames: true }, () => swc({ module: { type: 'commonjs' } }, 'es2017')],
  [
    'SWC, minified',
    { keepsNames: false },
    () => swc({ minify: true, jsc: { minify: { compress: true, mangle: true } } }),
  ],
  ['terser', { keepsNames: false }, () => terser({})],
  [
    'terser, at its hardest',
    { keepsNames: false },
    () => terser({ compress: { passes: 3, unsafe: true }, toplevel: true }),
  ],
  [
    'webpack, each module by itself',
    { keepsNames: true },
    () => webpackBundle({ mode: 'development', devtool: false, optimization: { concatenateModules: false } }),
  ],
  ['webpack, for development', { keepsNames: true }, () => webpackBundle({ mode: 'development' })],
  ['webpack, for production', { keepsNames: false }, () => webpackBundle({ mode: 'production' })],
  ['Istanbul', { keepsNames: true }, istanbul],
  ['vitest', { keepsNames: true }, () => ({ folder: '', kind: 'module' })],
];

const inputs = [0, 1, 2, 7, 27, 1000, 2.5, NaN];

function expectSame(compiled: Program, plain: Program): void {
  for (const n of inputs) expect([n, compiled(n)]).toEqual([n, plain(n)]);
}

function messageOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as Error).message;
  }
  return 'nothing was thrown';
}

describe.each(tools)('%s', (tool, { keepsNames }, compile) => {
  let names: Names;
  beforeAll(async () => {
    names = tool === 'vitest' ? leftByVitest : await load(await compile());
  });

  test('functions, arrows, methods and defaults compile', () => {
    const { harmonic, collatz, holder, helped, filled, each, called } = names;
    // Node gives a CommonJS module's default export as one of its names.
    for (const plain of [harmonic, collatz, names.default, holder.digits, helped, filled, each, called])
      expectSame(jit(plain), plain);
    for (const n of inputs) expect(jit(holder.digits)(n, 2)).toBe(holder.digits(n, 2));
  });

  test('names from outside are found with globals', () => {
    const { captured, inlined, parallel } = names;
    for (const compiled of [captured, inlined, parallel]) expectSame(compiled, compiled.plain);
  });

  test('without globals they are found, or refused with the line to paste', () => {
    const { parallelByName, lacking } = names;
    const message = messageOf(() => lacking(2));
    if (keepsNames) {
      expectSame(parallelByName, parallelByName.plain);
      expect(message).toMatch(/error\[JIT003\]: (?:_outside\.)?rate is not known inside/);
      expect(message).toMatch(/globals: \(\) => \(\{ (?:rate|rate: _outside\.rate) \}\) \}\)(?:\n.*renamed.*)?$/);
      return;
    }
    expect(messageOf(() => parallelByName(3))).toMatch(
      /error\[JIT003\]: \w\w? is not known inside[\s\S]*a minifier has renamed[\s\S]*globals: \(\) => \(\{ prange \}\) \}\)$/,
    );
    // A bundler that knows the value may have written it there.
    if (message !== 'nothing was thrown')
      expect(message).toMatch(/error\[JIT003\]: (\w+) is not known inside[\s\S]*a build may have renamed it to \1: /);
  });
});

describe('what is refused', () => {
  test("esbuild's keepNames where it minifies: its helper has a name that tells nothing", async () => {
    const { helped, harmonic } = await load(await esbuildBundle({ minify: true, keepNames: true }));
    expectSame(jit(harmonic), harmonic);
    const message = messageOf(() => jit(helped)(2));
    expect(message).toMatch(/error\[JIT003\]: \w+ is not known inside helped/);
    expect(message).toContain('keepNames');
    expect(message).toContain('globals: () => ({ helper })');
  });

  test('ES5, which writes defaults and for…of with what is not numbers', async () => {
    const { holder, each, harmonic } = await load(await swc({}, 'es5'));
    expectSame(jit(harmonic), harmonic);
    const digits = expect(() => jit(holder.digits)(2));
    digits.toThrow(/error\[JIT002\]: arguments cannot be compiled yet[\s\S]*build for ES2017 or later/);
    expect(() => jit(each)(2)).toThrow(/error\[JIT002\]: try cannot be compiled yet/);
  });
});

test("Istanbul's counters are left out, with one note, also where it wrote them of old", async () => {
  const output = newFolder();
  writeFileSync(
    join(output.folder, 'source.js'),
    `const cov_1a2b3c = { f: [0], s: [0, 0, 0, 0], b: [[0, 0]] };
    export function harmonic(n, first = (cov_1a2b3c.b[0][0]++, 1)) {
      cov_1a2b3c.f[0]++;
      let sum = (cov_1a2b3c.s[0]++, 0);
      cov_1a2b3c.s[1]++;
      for (let i = (cov_1a2b3c.s[2]++, first); i <= n; i++) { cov_1a2b3c.s[3]++; sum += 1 / i; }
      return sum;
    }
    export const counters = cov_1a2b3c;`,
  );
  const { harmonic, counters } = (await load(output)) as unknown as { harmonic: Program; counters: { f: number[] } };
  const compiled = jit(harmonic);
  expect(compiled(3)).toBe(1 + 1 / 2 + 1 / 3);
  expect(counters.f).toEqual([0]);
  expect(compiled.explain('ir')).not.toContain('cov');
});

test('the note is one for all functions of a process', async () => {
  const { folder: made } = await istanbul();
  const program = `
    import { jit } from 'heddle';
    import { collatz, harmonic } from ${JSON.stringify(pathToFileURL(join(made, 'source.js')).href)};
    console.log(jit(harmonic)(2), jit(collatz)(2));`;
  const { stdout, stderr } = runNode(program);
  expect(stdout.trim()).toBe('1.5 1');
  expect(stderr.match(/coverage counters/g)).toHaveLength(1);
});

function runNode(program: string): { stdout: string; stderr: string } {
  const file = join(newFolder().folder, 'program.js');
  writeFileSync(file, program);
  const errors = join(folder, 'errors.txt');
  const words = [
    '-e',
    `require('node:child_process').execFileSync(process.execPath, [process.argv[1]], { stdio: ['ignore', 1, require('node:fs').openSync(process.argv[2], 'w')] })`,
  ];
  const stdout = execFileSync(process.execPath, [...words, file, errors], { encoding: 'utf8', timeout: 60_000 });
  return { stdout, stderr: readFileSync(errors, 'utf8') };
}
