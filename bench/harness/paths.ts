// Where things lie in the repository, whether a bench runs as TypeScript from bench/ (in tests) or compiled from build/bench/.
import { existsSync, readFileSync } from 'node:fs';

function findRoot(start: URL): URL {
  const manifest = new URL('package.json', start);
  if (existsSync(manifest) && (JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string }).name === 'heddle') {
    return start;
  }
  const parent = new URL('../', start);
  if (parent.href === start.href) throw new Error(`no package.json of heddle above ${import.meta.url}`);
  return findRoot(parent);
}

/** The folder of heddle's package.json. */
export const root = findRoot(new URL('./', import.meta.url));

/** A file or folder of the repository, by its path from the root. */
export const inRepository = (path: string): URL => new URL(path, root);

/** The compiled program of a rung: examples/pi/plain.ts is `pi/plain`. */
export const example = (rung: string): URL => inRepository(`dist/examples/${rung}.js`);

/** The package's command, as an argument of `node`. */
export const command = inRepository('dist/cli/main.js');
