// How much does heddle weigh, on a disk and in a page?
// Hypothesis: without dependencies and before the compiler exists, a small part of what is allowed.
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { budgetRow, budgets } from './budgets.js';
import { makeRow } from './harness/bench.js';
import type { Bench, Row } from './harness/bench.js';
import { inRepository, root } from './harness/paths.js';

export const size: Bench = {
  name: 'size',
  question: 'How much does heddle weigh, installed and in a page?',
  async run(say) {
    say('packing');
    const rows: Row[] = [installRow()];
    say('bundling');
    rows.push(...(await bundleRows()));
    return { rows };
  },
};

function installRow(): Row {
  // Without scripts: packing would build again, and take away the folder that this bench runs from.
  const packed = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: fileURLToPath(root),
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (packed.status !== 0) throw new Error(`npm pack failed: ${packed.stderr}`);
  const [{ unpackedSize, entryCount }] = JSON.parse(packed.stdout) as [{ unpackedSize: number; entryCount: number }];
  const dependencies = productionDependencies();
  const bytes = unpackedSize + dependencies.map(weigh).reduce((sum, part) => sum + part, 0);
  return budgetRow('size', 'install', {
    value: bytes / 1e6,
    reference: budgets.install.must.atMost,
    against: 'the budget',
    note: `${entryCount} files of its own, ${dependencies.length} dependencies`,
  });
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** The folders of all packages that an install of heddle brings along. */
function productionDependencies(): URL[] {
  const folders = new Map<string, URL>();
  const visit = (folder: URL): void => {
    const { dependencies = {} } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8')) as Manifest;
    for (const name of Object.keys(dependencies)) {
      const found = findPackage(name, folder);
      if (folders.has(found.href)) continue;
      folders.set(found.href, found);
      visit(found);
    }
  };
  visit(root);
  return [...folders.values()];
}

/** Where Node would find the package: in node_modules here or in a folder above. */
function findPackage(name: string, from: URL): URL {
  const folder = new URL(`node_modules/${name}/`, from);
  if (statSync(folder, { throwIfNoEntry: false }) !== undefined) return folder;
  const parent = new URL('../', from);
  if (parent.href === from.href) throw new Error(`${name} is not installed (npm ci)`);
  return findPackage(name, parent);
}

function weigh(folder: URL): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(`${parentPath}/${name}`).size, 0);
}

/** What a page may use of it, each alone. */
const parts = {
  'arrays alone, all of heddle/array': `export * from 'heddle/array';`,
  'compiled functions alone: jit, prange, random': `export { jit, prange, random } from 'heddle';`,
  'timing alone: timeit': `export { timeit } from 'heddle';`,
};

async function bundle(contents: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(inRepository('.')) },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    write: false,
  });
  return outputFiles[0]!.contents;
}

const zippedKilobytes = (bytes: Uint8Array): number => gzipSync(bytes, { level: 9 }).length / 1e3;

async function bundleRows(): Promise<Row[]> {
  const whole = await bundle(`export * from 'heddle';`);
  const partRows = Object.entries(parts).map(async ([what, contents]) =>
    makeRow({ name: 'size', what, unit: 'kB', value: zippedKilobytes(await bundle(contents)) }),
  );
  return [
    budgetRow('size', 'bundle', {
      value: zippedKilobytes(whole),
      reference: budgets.bundle.must.atMost,
      against: 'the budget',
      note: 'everything that heddle exports, for a page',
    }),
    makeRow({ name: 'size', what: 'the same before gzip', unit: 'kB', value: whole.length / 1e3 }),
    ...(await Promise.all(partRows)),
  ];
}
