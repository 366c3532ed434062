// What a page pays for `import { timeit } from 'heddle/measure'`: only what timing needs, nothing of Node, and none of the rooms that make,
// run or schedule kernels.
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { packageFolder } from './measure-child.js';

/** Bundles a program's text for a page, as its author would, and says what went in and what came out. */
async function bundle(text: string, options: { minify?: boolean } = {}) {
  const { metafile, outputFiles } = await build({
    stdin: { contents: text, resolveDir: packageFolder, sourcefile: 'page.js' },
    bundle: true,
    platform: 'browser',
    format: 'esm',
    write: false,
    metafile: true,
    logLevel: 'silent',
    ...options,
  });
  const [output] = Object.values(metafile.outputs);
  // Files of which something is left; what the bundler only read and dropped costs nobody anything.
  const used = Object.entries(output!.inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : []));
  return { used, read: Object.keys(metafile.inputs), text: outputFiles[0]!.text, imports: output!.imports };
}

/** How Node's own modules are named where they are imported. */
const builtinModule = /['"`]node:/;

const room = (path: string): string => /^dist\/(\w+)\//.exec(path)?.[1] ?? path;

describe('a bundle for a page', () => {
  test('of timeit holds what timing needs', async () => {
    const { used, read, text, imports } = await bundle("import { timeit } from 'heddle/measure'; console.log(timeit);");
    expect(new Set(read.map(room))).toEqual(new Set(['base', 'measure', 'platform', 'page.js']));
    expect(used.toSorted()).toEqual([
      'dist/base/errors.js',
      'dist/base/format.js',
      'dist/base/nearest.js',
      'dist/base/show-value.js',
      'dist/measure/abort.js',
      'dist/measure/loops.js',
      'dist/measure/options.js',
      'dist/measure/statistics.js',
      'dist/measure/timeit.js',
      'dist/platform/browser.js',
      'page.js',
    ]);
    expect(imports).toEqual([]);
    expect(text).not.toMatch(builtinModule);
  });

  test('of timeit is small: 8 kB at most', async () => {
    const { text } = await bundle("import { timeit } from 'heddle/measure'; console.log(timeit);", { minify: true });
    expect(text.length).toBeLessThan(8_000);
  });

  test('of all of heddle/measure, and of heddle, needs nothing of Node', async () => {
    for (const name of ['heddle', 'heddle/measure']) {
      const { text, imports, read } = await bundle(`export * from '${name}';`);
      expect(imports).toEqual([]);
      expect(text).not.toMatch(builtinModule);
      expect(read.filter((path) => path.includes('platform/node'))).toEqual([]);
    }
  });

  test('of nothing but an import is empty: no module does anything by itself', async () => {
    for (const name of ['heddle', 'heddle/measure']) {
      expect((await bundle(`import '${name}';`)).used).toEqual([]);
    }
  });
});
