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

/** Names that are declared at the top of a bundle that was not minified. */
const declaredNames = (text: string): Set<string> =>
  new Set([...text.matchAll(/^(?:var|let|const|class|(?:async )?function\*?) (\w+)/gm)].map((match) => match[1]!));

describe('a bundle for a page', () => {
  // The rest of measure/, workers and the compiler.
  const otherParts = ['CallTime', 'Comparison', 'MemoryUse', 'compare', 'jit', 'memit', 'startCandidateHost', 'time'];

  test.each(['heddle', 'heddle/measure'])('of timeit from %s holds what timing needs', async (name) => {
    const { used, text, imports } = await bundle(`import { timeit } from '${name}'; console.log(timeit);`);
    expect(used.toSorted()).toEqual([
      'dist/chunks/base.js',
      'dist/chunks/measure.js',
      'dist/platform/browser.js',
      'page.js',
    ]);
    expect(declaredNames(text)).toContain('timeit');
    expect(otherParts.filter((part) => declaredNames(text).has(part))).toEqual([]);
    expect(imports).toEqual([]);
    expect(text).not.toMatch(builtinModule);
  });

  test('of everything holds those other parts', async () => {
    const { text } = await bundle("export * from 'heddle'; export * from 'heddle/measure';");
    expect(otherParts.filter((part) => !declaredNames(text).has(part))).toEqual([]);
  });

  test('of timeit is small: 8 kB at most', async () => {
    for (const name of ['heddle', 'heddle/measure']) {
      const { text } = await bundle(`import { timeit } from '${name}'; console.log(timeit);`, { minify: true });
      expect(text.length).toBeLessThan(8_000);
    }
  });

  test('of heddle/measure reads nothing of the compiler', async () => {
    const { read } = await bundle("import { timeit } from 'heddle/measure'; console.log(timeit);");
    expect(read.toSorted()).toEqual([
      'dist/chunks/base.js',
      'dist/chunks/measure.js',
      'dist/measure/index.js',
      'dist/platform/browser.js',
      'page.js',
    ]);
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
