// jit reads a function's text, and gets it as some tool has left it: each tool's output of the same source has to compile to the same numbers,
// or to be refused with the reason. Under vitest the functions of this very file are such an output.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, transform } from 'esbuild';
import type { TransformOptions } from 'esbuild';
import { jit, UserError } from 'heddle';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageFolder } from './measure-child.js';

type Program = (n: number) => number;

const source = `
  export function harmonic(n: number): number {
    let sum: number = 0;
    for (let i = 1; i <= n; i++) sum += 1 / i;
    return sum;
  }

  export const collatz = (start: number): number => {
    let n = start;
    let steps = 0;
    while (n > 1) {
      const half = n / 2;
      n = half === Math.floor(half) ? half : 3 * n + 1;
      steps++;
    }
    return steps;
  };

  export default function root(n: number): number {
    let x = n;
    for (let round = 0; round < 20; round++) {
      if (x <= 0) return 0;
      x = (x + n / x) / 2;
    }
    return x;
  }
`;

let folder: string;
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'heddle-toolchains-')));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let written = 0;
async function load(text: string, extension: 'mjs' | 'cjs'): Promise<Program[]> {
  const file = join(folder, `output-${written++}.${extension}`);
  writeFileSync(file, text);
  const names = (
    extension === 'cjs'
      ? createRequire(import.meta.url)(file)
      : await import(/* @vite-ignore */ pathToFileURL(file).href)
  ) as { harmonic: Program; collatz: Program; default: Program };
  return [names.harmonic, names.collatz, names.default];
}

function compileWithTsc(target: string, module: string): string {
  const outDir = mkdtempSync(join(folder, 'tsc-'));
  writeFileSync(join(outDir, 'source.ts'), source);
  const flags = [
    '--target',
    target,
    '--module',
    module,
    '--moduleResolution',
    'bundler',
    '--outDir',
    outDir,
    '--types',
    '',
  ];
  const tsc = join(packageFolder, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '--ignoreConfig', ...flags, join(outDir, 'source.ts')], { timeout: 60_000 });
  return readFileSync(join(outDir, 'source.js'), 'utf8');
}

const compileWithEsbuild = async (options: TransformOptions): Promise<string> =>
  (await transform(source, { loader: 'ts', ...options })).code;

async function bundleWithEsbuild(): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: source, loader: 'ts' },
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
  });
  return outputFiles[0]!.text;
}

const tools: readonly (readonly [string, 'mjs' | 'cjs', () => string | Promise<string>])[] = [
  ['tsc, modules', 'mjs', () => compileWithTsc('es2022', 'esnext')],
  ['tsc, ES2017 and CommonJS', 'cjs', () => compileWithTsc('es2017', 'commonjs')],
  ['esbuild', 'mjs', () => compileWithEsbuild({ format: 'esm' })],
  ['esbuild, names kept', 'mjs', () => compileWithEsbuild({ format: 'esm', keepNames: true })],
  ['esbuild, minified', 'mjs', () => compileWithEsbuild({ format: 'esm', minify: true })],
  ['esbuild, ES2017 and CommonJS', 'cjs', () => compileWithEsbuild({ format: 'cjs', target: 'es2017' })],
  ['esbuild, bundled and minified', 'mjs', bundleWithEsbuild],
];

const inputs = [0, 1, 2, 7, 27, 1000, 2.5, NaN];

describe('functions compile as they leave', () => {
  test.each(tools)('%s', async (_, extension, compile) => {
    for (const plain of await load(await compile(), extension)) {
      const compiled = jit(plain);
      for (const n of inputs) expect([n, compiled(n)]).toEqual([n, plain(n)]);
    }
  });

  test('vitest', () => {
    const plain = (n: number): number => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += Math.sqrt(i);
      return sum;
    };
    const compiled = jit(plain);
    for (const n of inputs) expect([n, compiled(n)]).toEqual([n, plain(n)]);
  });
});

test("Istanbul's counters are refused, and the error shows them", async () => {
  // What istanbul-lib-instrument makes of the first function.
  const counted = `
    function cov_1a2b3c() { return { f: [0], s: [0, 0, 0, 0] }; }
    export function harmonic(n) {
      cov_1a2b3c().f[0]++;
      let sum = (cov_1a2b3c().s[0]++, 0);
      cov_1a2b3c().s[1]++;
      for (let i = (cov_1a2b3c().s[2]++, 1); i <= n; i++) { cov_1a2b3c().s[3]++; sum += 1 / i; }
      return sum;
    }`;
  const [plain] = await load(counted, 'mjs');
  expect(plain!(2)).toBe(1.5);
  let thrown: unknown;
  try {
    jit(plain!)(2);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(UserError);
  expect(String(thrown)).toContain('error[JIT003]: cov_1a2b3c is not known inside');
  expect(String(thrown)).toContain('cov_1a2b3c()');
});
