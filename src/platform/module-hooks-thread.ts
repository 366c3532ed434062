// The program of the loader's own thread, in versions of Node that have no hooks in the thread that imports (20 to 22.14).
import { isMissing, otherSpellings, replaceText, textOf } from './module-texts.js';
import type { LoadedModule } from './module-texts.js';

/** A text that takes the place of a file's. */
export interface Given {
  readonly url: string;
  readonly source: string;
}

type Next<R> = (what: string, context: unknown) => Promise<R>;

export function initialize(given: Given | undefined): void {
  if (given) replaceText(given.url, given.source);
}

export async function resolve(
  specifier: string,
  context: { readonly parentURL?: string },
  next: Next<{ url: string }>,
): Promise<{ url: string }> {
  try {
    return await next(specifier, context);
  } catch (error) {
    if (!isMissing(error)) throw error;
    for (const other of otherSpellings(specifier, context.parentURL)) {
      const found = await next(other, context).catch(() => undefined);
      if (found) return found;
    }
    throw error;
  }
}

export async function load(url: string, context: unknown, next: Next<LoadedModule>): Promise<LoadedModule> {
  return textOf(url) ?? (await next(url, context));
}
