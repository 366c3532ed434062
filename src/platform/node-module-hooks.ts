// Lets a module be imported with another text than the one in its file, while its own imports still resolve from where it lies; and
// modules of TypeScript (module-texts.ts).
import type * as NodeModule from 'node:module';
import type { Given } from './module-hooks-thread.js';
import { isMissing, otherSpellings, replaceText, textOf } from './module-texts.js';
import type { LoadedModule } from './module-texts.js';

type Next<R> = (what: string, context: unknown) => R;
interface SynchronousHooks {
  registerHooks?: (hooks: {
    resolve: (specifier: string, context: { parentURL?: string }, next: Next<{ url: string }>) => { url: string };
    load: (url: string, context: unknown, next: Next<LoadedModule>) => LoadedModule;
  }) => void;
}

let isRegistered = false;

/** From now on modules of TypeScript can be imported, and importing `given.url` gives the ECMAScript module whose text is `given.source`. */
export function registerTexts(given?: Given): void {
  const nodeModule = process.getBuiltinModule('node:module') as unknown as typeof NodeModule & SynchronousHooks;
  const { registerHooks } = nodeModule;
  if (given !== undefined) replaceText(given.url, given.source);
  if (registerHooks === undefined) {
    // The thread has memory of its own, and is told each text.
    if (given === undefined && isRegistered) return;
    isRegistered = true;
    nodeModule.register(new URL('../platform/module-hooks-thread.js', import.meta.url), { data: given });
    return;
  }
  if (isRegistered) return;
  isRegistered = true;
  registerHooks({
    resolve: (specifier, context, next) => {
      try {
        return next(specifier, context);
      } catch (error) {
        if (!isMissing(error)) throw error;
        for (const other of otherSpellings(specifier, context.parentURL)) {
          try {
            return next(other, context);
          } catch {
            // Nor is there this one.
          }
        }
        throw error;
      }
    },
    load: (url, context, next) => textOf(url) ?? next(url, context),
  });
}
