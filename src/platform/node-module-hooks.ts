// Lets a module be imported with another text than the one in its file, while its own imports still resolve from where it lies.
import type * as NodeModule from 'node:module';

type LoadResult = { format: string; source: string | null; shortCircuit?: boolean };
type NextLoad<R> = (url: string, context: unknown) => R;
interface SynchronousHooks {
  registerHooks?: (hooks: {
    load: (url: string, context: unknown, nextLoad: NextLoad<LoadResult>) => LoadResult;
  }) => void;
}

// For engines without synchronous hooks (Node 20 to 22.14): the same hook, in the loader's own thread.
const asynchronousHook = `
  let replaced;
  export const initialize = (data) => { replaced = data; };
  export const load = async (url, context, nextLoad) =>
    url === replaced.url ? { format: 'module', source: replaced.source, shortCircuit: true } : nextLoad(url, context);
`;

/** From now on, importing `url` gives the ECMAScript module whose text is `source`. */
export function registerSource(url: string, source: string): void {
  const nodeModule = process.getBuiltinModule('node:module') as unknown as typeof NodeModule & SynchronousHooks;
  const { registerHooks } = nodeModule;
  if (registerHooks === undefined) {
    nodeModule.register(`data:text/javascript,${encodeURIComponent(asynchronousHook)}`, { data: { url, source } });
    return;
  }
  registerHooks({
    load: (candidate, context, nextLoad) =>
      candidate === url ? { format: 'module', source, shortCircuit: true } : nextLoad(candidate, context),
  });
}
