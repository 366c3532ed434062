// src/ → the JavaScript of dist/, joined into few files: opening a file costs an import more than most of what is in it
// (docs/decisions/0004-few-files.md). One file stays for each address that somebody outside knows: the public names, the command, both
// platforms, the programs of processes and workers. What several of them use lies once in dist/chunks/, so that a class is the same class
// by whichever name it was reached. Names stay as written, comments go. tsc checks the types and writes the declarations.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, defineConfig } from 'rolldown';
import type { Plugin } from 'rolldown';

interface Manifest {
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
  readonly imports: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const manifest = JSON.parse(read('package.json')) as Manifest;

/** What package.json points to: everything that the package's users, Node and bundlers reach by a name. */
const named = [
  ...Object.values(manifest.exports).map((target) => (typeof target === 'string' ? target : target.default)),
  ...Object.values(manifest.bin),
  ...Object.values(manifest.imports).flatMap((targets) => Object.values(targets)),
].flatMap((path) => /^(?:\.\/)?dist\/(.+)\.js$/.exec(path)?.[1] ?? []);

/** The programs of processes and workers: platform/ spells out where they lie (docs/decisions/0002-worker-paths.md). */
const programs = readdirSync(new URL('src/platform/', import.meta.url))
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .flatMap((name) => [...read(`src/platform/${name}`).matchAll(/new URL\('\.\.\/([^']+)\.js', import\.meta\.url\)/g)])
  .map((match) => match[1]!);

const external = [/^node:/];
const transform = { target: 'es2022', define: { checksPrograms: 'false' } };

/** The program of a team's thread as a text, for where its file cannot be found: platform/node-team-program.ts and its twin for pages. */
const teamPrograms: Plugin = {
  name: 'team-programs',
  async load(id) {
    const platform = /\/platform\/(node|browser)-team-program\.ts$/.exec(id)?.[1];
    if (platform === undefined) return null;
    const { output } = await build({
      cwd: fileURLToPath(new URL('.', import.meta.url)),
      input: 'src/runtime/team/worker.ts',
      platform: 'neutral',
      transform,
      resolve: { alias: { '#platform': fileURLToPath(new URL(`src/platform/${platform}.ts`, import.meta.url)) } },
      external,
      write: false,
      output: { format: platform === 'node' ? 'cjs' : 'iife', minify: true },
    });
    // No const, which would be written out wherever it is used.
    return { code: `export const teamProgram = () => ${JSON.stringify(output[0].code)};`, moduleType: 'js' };
  },
};
/** The program of a way that the command measures. */
const ways = ['cli/way'];

/** What tests and benches of ours reach inside the package; package.json exports none of it. */
const inner = [
  'memory/lifetime',
  'ir/read',
  'memory/allocator',
  'memory/heap',
  'runtime/check-failure',
  'runtime/executable',
  'runtime/team/index',
  'runtime/team/threads',
].filter((name) => existsSync(new URL(`src/${name}.ts`, import.meta.url)));

export default defineConfig({
  cwd: fileURLToPath(new URL('.', import.meta.url)),
  input: Object.fromEntries([...named, ...programs, ...ways, ...inner].map((name) => [name, `src/${name}.ts`])),
  platform: 'neutral',
  transform,
  plugins: [teamPrograms],
  external: [
    ...external,
    // Chosen between Node's and a browser's by package.json when the program is loaded or bundled.
    ...Object.keys(manifest.imports),
    ...Object.keys(manifest.dependencies),
    // The command uses the public names, as any program does.
    /^heddle(?:\/|$)/,
  ],
  output: {
    dir: 'dist',
    cleanDir: true,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name].js',
    minify: false,
    minifyInternalExports: false,
    // Bundlers read these: what has no effects, and which import they are to leave alone.
    comments: { annotation: true, legal: false, jsdoc: false },
    codeSplitting: {
      // A bundler drops a file of which nothing is used, and is less sure of parts of a file: who imports timeit from heddle gets no compiler.
      groups: [
        { name: 'base', test: /\/src\/(?:base\/|platform\/simd\.ts)/ },
        { name: 'measure', test: /\/src\/measure\/(?!candidate-process\.ts)/ },
        // What the threads of a team share: their program loads this and no compiler.
        { name: 'memory', test: /\/src\/(?:memory\/|platform\/settings\.ts|runtime\/team\/(?!worker\.ts))/ },
        // What heddle/math needs of the compiler; the interpreter is heddle/ir's alone.
        { name: 'kernels', test: /\/src\/(?:ir\/(?!interpret\.ts)|backends\/)/ },
        { name: 'compiler', test: /\/src\/(?:passes|random)\/|\/src\/runtime\/(?:check-failure|executable)\.ts/ },
        { name: 'jit', test: /\/src\/jit\// },
        { name: 'array', test: /\/src\/array\// },
      ],
    },
  },
});
