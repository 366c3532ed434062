// The package as npm packs it, in a project that has nothing else but what it depends on: TypeScript's two ways to find its types, `require`,
// and the bundlers' builds for pages and servers. Nothing is fetched: the tarball is unpacked to where npm would put it.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import * as nodeModule from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { build as buildWithEsbuild } from 'esbuild';
import { build as buildWithVite } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import webpack from 'webpack';
import { packageFolder } from './measure-child.js';

const limit = 60_000;
const peer = '@swc/wasm-typescript';
let project: string;

/** Runs Node in the project; what it prints on either stream. */
function node(...words: string[]): string {
  const env = { ...process.env, NODE_OPTIONS: '', NODE_NO_WARNINGS: '' };
  return execFileSync(process.execPath, words, { cwd: project, encoding: 'utf8', timeout: limit, env, stdio: 'pipe' });
}

const write = (name: string, text: string): string => {
  const path = join(project, name);
  writeFileSync(path, text);
  return path;
};

const program = `
  import { HeddleError, jit, UserError } from 'heddle';
  import { hypot } from 'heddle/math';
  import { Timing, timeit } from 'heddle/measure';

  const sum = jit((n) => { let s = 0; for (let i = 1; i <= n; i++) s += 1 / i; return s; });
  let thrown;
  try { await timeit(0); } catch (error) { thrown = error; }
  const timing = await timeit(() => sum(10), { loops: 1, runs: 1 });
  console.log(JSON.stringify([
    sum(1e6), hypot(3, 4), timing instanceof Timing, thrown instanceof UserError && thrown instanceof HeddleError,
  ]));
`;
/** Threads run it, or it is refused: an asynchronous call, and loops that are shared out. */
const threaded = `
  import { configure, jit } from 'heddle';

  const notes = [];
  configure({ threads: 2, warn: (note) => notes.push(note) });
  const pi = jit((n) => {
    let m = 0;
    for (let i = 0; i < n; i++) {
      const x = 2 * Math.random() - 1;
      const y = 2 * Math.random() - 1;
      if (x ** 2 + y ** 2 < 1) m++;
    }
    return (4 * m) / n;
  }, { seed: 42, parallel: true });
  const now = pi(1e6);
  console.log(JSON.stringify([now, (await pi.async(1e6)) === now, notes]));
`;
const printedByThreads = JSON.stringify([3.140636, true, []]);

const printed = JSON.stringify([14.392726722864989, 5, true, true]);

beforeAll(() => {
  project = realpathSync(mkdtempSync(join(tmpdir(), 'heddle-package-')));
  mkdirSync(join(project, 'node_modules/heddle'), { recursive: true });
  // Without scripts: packing would build again, and take away the folder that other tests run from.
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', project], {
    cwd: packageFolder,
    timeout: limit,
    stdio: 'pipe',
  });
  const tarball = readdirSync(project).find((name) => name.endsWith('.tgz'))!;
  execFileSync('tar', ['-xzf', join(project, tarball), '--strip-components=1', '-C', 'node_modules/heddle'], {
    cwd: project,
    timeout: limit,
  });
  symlinkSync(realpathSync(join(packageFolder, 'node_modules/acorn')), join(project, 'node_modules/acorn'));
  write('package.json', JSON.stringify({ name: 'empty', private: true, type: 'module' }));
}, limit);

afterAll(() => rmSync(project, { recursive: true, force: true }));

describe('the packed package', () => {
  test('is found by Node, and its classes are the same by every name', () => {
    write('program.js', program);
    expect(node('program.js').trim()).toBe(printed);
  });

  test('starts its threads', () => {
    write('threaded.js', threaded);
    expect(node('threaded.js').trim()).toBe(printedByThreads);
  });

  test('is found by require, and gives the very same names as import', () => {
    write(
      'program.cjs',
      `const heddle = require('heddle');
       const { timeit } = require('heddle/measure');
       import('heddle').then((imported) => {
         const same = Object.keys(imported).filter((name) => imported[name] === heddle[name]);
         console.log(same.length === Object.keys(imported).length, heddle.timeit === timeit, heddle.jit((x) => x + 1)(1));
       });`,
    );
    expect(node('program.cjs').trim()).toBe('true true 2');
  });

  test.each([
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ])('has types for modules of %s, found as %s finds them', (module, moduleResolution) => {
    const typed = `
      import { jit, type Jitted } from 'heddle';
      import { exp2 } from 'heddle/math';
      import { timeit, type Timing } from 'heddle/measure';

      const twice: Jitted<[number], number> = jit((x: number) => x * 2);
      const timing: Timing = await timeit(() => twice(exp2(2)));
      export const mean: number = timing.mean;
      // @ts-expect-error: a compiled function has the arguments of the plain one
      twice('1');
      // @ts-expect-error: no string can be compiled
      jit((text: string) => text);
    `;
    write('typed.ts', typed);
    const options = { module, moduleResolution, target: 'es2022', lib: ['es2023', 'dom'], strict: true, noEmit: true };
    write('tsconfig.json', JSON.stringify({ compilerOptions: { ...options, types: [] }, files: ['typed.ts'] }));
    const tsc = join(packageFolder, 'node_modules/typescript/bin/tsc');
    expect(node(tsc, '-p', 'tsconfig.json')).toBe('');
    // It does look: a name that is not there is an error.
    write('typed.ts', `${typed}\nimport { nothing } from 'heddle';\nconsole.log(nothing);`);
    expect(() => node(tsc, '-p', 'tsconfig.json')).toThrow(/Command failed/);
  });

  /** What a program prints where nothing but its bundle is. */
  function deployed(bundle: string): string {
    const elsewhere = join(mkdtempSync(join(project, 'deployed-')), basename(bundle));
    renameSync(bundle, elsewhere);
    renameSync(join(project, 'node_modules'), join(project, 'put-away'));
    try {
      return node(elsewhere).trim();
    } finally {
      renameSync(join(project, 'put-away'), join(project, 'node_modules'));
    }
  }

  /** CommonJS has no await at the top of a program. */
  const insideFunction = (text: string): string => `${text.replace(/\n {2}const /, '\n(async () => {$&')}\n})();`;

  test.each(['esm', 'cjs'] as const)('is bundled by esbuild for a server into one file, as %s', async (format) => {
    for (const [text, output] of [
      [program, printed],
      [threaded, printedByThreads],
    ] as const) {
      const outfile = join(project, format === 'esm' ? 'server.mjs' : 'server.cjs');
      await buildWithEsbuild({
        stdin: { contents: insideFunction(text), resolveDir: project },
        outfile,
        bundle: true,
        minify: true,
        platform: 'node',
        format,
        logLevel: 'silent',
      });
      expect(deployed(outfile)).toBe(output);
    }
  });

  test.each(['esm', 'cjs'] as const)('says in a bundle, as %s, what compare lacks for modules', async (format) => {
    const outfile = join(project, format === 'esm' ? 'compare.mjs' : 'compare.cjs');
    const contents = `
      import { compare } from 'heddle';
      compare(new URL('data:text/javascript,export const one = () => 1'), { pick: ['one'] }).then((all) => console.log(String(all)));
    `;
    const options = { bundle: true, platform: 'node', format, logLevel: 'silent' } as const;
    await buildWithEsbuild({ stdin: { contents, resolveDir: project }, outfile, ...options });
    expect(deployed(outfile)).toMatch(/error\[MEASURE007\][\s\S]*--external:heddle/);
  });

  test.each(['module', 'commonjs'])('is bundled by webpack for a server into one file, as %s', async (type) => {
    const isModule = type === 'module';
    const filename = isModule ? 'webpacked.mjs' : 'webpacked.cjs';
    await new Promise<void>((resolve, reject) => {
      webpack(
        {
          mode: 'production',
          optimization: { minimize: false },
          target: 'node20.19',
          context: project,
          entry: write('threaded-in-function.js', insideFunction(threaded)),
          experiments: { outputModule: isModule },
          output: { path: project, filename, ...(isModule && { module: true, chunkFormat: 'module' }) },
        },
        (error, stats) => {
          if (error || stats?.hasErrors() !== false) reject(error ?? new Error(stats?.toString()));
          else resolve();
        },
      );
    });
    expect(deployed(join(project, filename))).toBe(printedByThreads);
  });

  test('is bundled by Vite for a server', async () => {
    await buildWithVite({
      configFile: false,
      root: project,
      logLevel: 'silent',
      ssr: { noExternal: true },
      build: {
        ssr: true,
        outDir: join(project, 'vite-server'),
        rollupOptions: { input: write('threaded.js', threaded), output: { entryFileNames: 'server.mjs' } },
      },
    });
    expect(deployed(join(project, 'vite-server/server.mjs'))).toBe(printedByThreads);
  });

  test('is bundled by esbuild for a page', async () => {
    const { outputFiles } = await buildWithEsbuild({
      stdin: { contents: program, resolveDir: project },
      bundle: true,
      minify: true,
      format: 'esm',
      write: false,
      logLevel: 'silent',
    });
    // The page's platform needs nothing that Node lacks until it starts workers.
    const page = write('page-bundle.mjs', outputFiles[0]!.text);
    expect(outputFiles[0]!.text).not.toMatch(/["'`]node:/);
    expect(node(page).trim()).toBe(printed);
  });

  describe('measures functions in TypeScript files', () => {
    const heddle = (
      ...words: string[]
    ): { readonly output: string; readonly errors: string; readonly code: number | null } => {
      const env = { ...process.env, NODE_OPTIONS: '', NO_COLOR: '', COLUMNS: '' };
      const command = join(project, 'node_modules/heddle/dist/cli/main.js');
      const ended = spawnSync(process.execPath, [command, ...words], {
        cwd: project,
        encoding: 'utf8',
        timeout: limit,
        env,
      });
      return { output: ended.stdout, errors: ended.stderr, code: ended.status };
    };
    const hasOwn = 'stripTypeScriptTypes' in nodeModule;
    const installPeer = (): void => {
      mkdirSync(join(project, 'node_modules/@swc'), { recursive: true });
      cpSync(realpathSync(join(packageFolder, 'node_modules', peer)), join(project, 'node_modules', peer), {
        recursive: true,
      });
    };

    beforeAll(() => {
      write('constants.ts', 'export const start: number = 0.5;\n');
      write(
        'logistic.ts',
        `import { prange } from 'heddle';
import { start } from './constants.js';

/** The mean of x → r·x·(1 − x) over many r, after many steps. */
export function logistic(count: number, steps: number): number {
  let sum = 0;
  for (const i of prange(count)) {
    const r = 3.5 + (0.5 * i) / count;
    let x: number = start;
    for (let step = 0; step < steps; step++) x = r * x * (1 - x);
    sum += x;
  }
  return sum / count;
}
`,
      );
      write(
        'vowels.ts',
        `export function vowels(text: string): number {
  let n = 0;
  for (const letter of text) if ('aeiou'.includes(letter)) n++;
  return n;
}
`,
      );
    });

    test('or names the package that reads them', () => {
      const { output, errors, code } = heddle(
        'measure',
        'logistic.ts',
        '--args',
        '[100, 100]',
        '--runs',
        '2',
        '--loops',
        '1',
      );
      if (hasOwn) expect([code, errors]).toEqual([0, '']);
      else {
        expect(errors).toMatch(/^error\[TS001\]: .*logistic\.ts cannot be read: /);
        expect(errors).toContain(`\n  = fix: npm install --save-dev ${peer}\n`);
        expect([code, output]).toEqual([2, '']);
      }
    });

    test('which are much faster in the advised way', () => {
      if (!hasOwn) installPeer();
      const { output, errors, code } = heddle(
        'measure',
        'logistic.ts',
        '--fn',
        'logistic',
        '--args',
        '[20000, 1000]',
        '--json',
        '--runs',
        '6',
      );
      expect([code, errors]).toEqual([0, '']);
      const { ways, fastest, advice } = JSON.parse(output) as {
        ways: { name: string; speedup: number; refused: string | null }[];
        fastest: string;
        advice: string;
      };
      for (const { refused } of ways) expect(refused).toBeNull();
      // Some sixteen times as fast on two threads, both measured in turn: half of what one thread gains would do.
      expect(ways.find(({ name }) => name === fastest)!.speedup).toBeGreaterThan(2);
      expect(advice).toMatch(
        /^jit(?:-parallel)?: .*× .*as fast as plain, by jit\(logistic, \{.* globals: \(\) => \(\{ start \}\) \}\)$/,
      );
    });

    test('which no compiler helps', () => {
      if (!hasOwn) installPeer();
      const { output, code } = heddle(
        'measure',
        'vowels.ts',
        '--fn',
        'vowels',
        '--args',
        '["banana"]',
        '--runs',
        '2',
        '--loops',
        '100',
      );
      expect(output).toMatch(
        /jit, jit-parallel: error\[JIT008\].*\n +--> vowels\.ts:1:24\n1 \| export function vowels\(text: string\): number \{\n/,
      );
      expect(output.trimEnd().split('\n').at(-1)).toBe('leave it as it is: it cannot be compiled');
      expect(code).toBe(0);
    });
  });

  test('is bundled by Vite for a page, its workers with it', async () => {
    const built = await buildWithVite({
      configFile: false,
      root: project,
      logLevel: 'silent',
      build: {
        write: false,
        target: 'es2022',
        rollupOptions: {
          input: write('page.js', `${program}\nimport { compare } from 'heddle';\nglobalThis.compare = compare;`),
        },
      },
    });
    if (!('output' in built)) throw new Error('Vite gave something else than one build');
    const entry = built.output.find((file) => file.type === 'chunk' && file.isEntry)!;
    const worker = built.output.find(({ fileName }) => /candidate-process.*\.js$/.test(fileName))!;
    expect('code' in entry && entry.code).toContain(worker.fileName.replace(/^.*\//, ''));
    expect(built.output.map(({ fileName }) => fileName).filter((name) => name.includes('node'))).toEqual([]);
  });
});
