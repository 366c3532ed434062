// How modules are found and read where that differs from Node's own way: some have another text than the one in their file, and those of
// TypeScript are read without their types, and find each other as compilers find them. Said once, for hooks of the same thread and of
// the loader's own (node-module-hooks.ts).
import { isTypeScript, stripTypes } from './strip-types.js';

export interface LoadedModule {
  readonly format: string;
  readonly source: string | null;
  readonly shortCircuit?: boolean;
}

const replaced = new Map<string, string>();

/** From now on the ECMAScript module at `url` has that text. */
export function replaceText(url: string, source: string): void {
  replaced.set(url, source);
}

/** The text of a module that is not Node's to load; else undefined. */
export function textOf(url: string): LoadedModule | undefined {
  const source = replaced.get(url) ?? (url.startsWith('file:') && isTypeScript(url) ? readStripped(url) : undefined);
  return source === undefined ? undefined : { format: 'module', source, shortCircuit: true };
}

function readStripped(url: string): string {
  const { fileURLToPath } = process.getBuiltinModule('node:url');
  return stripTypes(process.getBuiltinModule('node:fs').readFileSync(fileURLToPath(url), 'utf8'), url);
}

/** What else `./other.js`, or `./other`, may mean in a module of TypeScript, when there is no such file. */
export function otherSpellings(specifier: string, parent: string | undefined): readonly string[] {
  if (!/^\.{0,2}\//.test(specifier) || parent === undefined || !parent.startsWith('file:') || !isTypeScript(parent))
    return [];
  if (/\.m?js$/.test(specifier)) return [specifier.replace(/js$/, 'ts')];
  return [`${specifier}.ts`, `${specifier}/index.ts`];
}

/** Whether Node found nothing there. */
export const isMissing = (error: unknown): boolean =>
  ['ERR_MODULE_NOT_FOUND', 'ERR_UNSUPPORTED_DIR_IMPORT'].includes((error as NodeJS.ErrnoException).code ?? '');
