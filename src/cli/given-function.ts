// FILE and --fn NAME → the function, and what jit needs to be told of it: the values of names around it, which no closure tells, and where
// its text stands in the file, so that messages show the person's own lines.
import { topLevelNames } from 'heddle';
import type { JitOptions } from 'heddle';
import { HeddleError, UserError } from '../base/errors.js';
import { nearest } from '../base/nearest.js';
import { importGiven, readGivenModule } from '../platform/terminal.js';
import { unknownWord } from './command.js';

export type AnyFunction = (...args: never[]) => unknown;

/** A function that `jit` has made. */
export type Compiled = AnyFunction & { readonly plain: AnyFunction; readonly signatures: readonly string[] };

export const isCompiled = (value: unknown): value is Compiled =>
  typeof value === 'function' && 'plain' in value && 'signatures' in value;

export interface GivenFunction {
  readonly name: string;
  /** As it was exported; of a compiled one, that. */
  readonly value: AnyFunction;
  readonly options: Pick<Required<JitOptions>, 'locate' | 'globals'>;
  /** Names from around it that its text has, and those of functions that it has: what one would write as `globals`. */
  readonly captured: readonly string[];
  readonly exports: Readonly<Record<string, unknown>>;
  /** Its text in the file, types and all; undefined where it is not found there. */
  readonly text: string | undefined;
}

const extensions = ['.js', '.mjs', '.cjs', '.ts', '.mts'];

export const isModuleFile = (path: string): boolean => extensions.some((extension) => path.endsWith(extension));

/**
 * Imports the file, and finds the function.
 *
 * @param path what was written on the command line
 * @param change the module's text before it is imported, types taken away
 * @throws {UserError} CLI007 where there is no such file, CLI010 where it cannot be imported, CLI008 where it has no such function
 */
export async function loadFunction(
  path: string,
  name: string | undefined,
  change: (source: string) => string = (source) => source,
): Promise<GivenFunction> {
  if (!isModuleFile(path)) {
    throw new UserError('CLI007', `${path} is no module`, {
      note: `its name ends with none of ${extensions.join(', ')}`,
      fix: 'give a file of JavaScript or TypeScript that exports the function',
    });
  }
  const file = await readGivenModule(path);
  if ('reason' in file) throw new UserError('CLI007', `${path} cannot be read: ${file.reason}`);
  const { url, text, javascript } = file;
  const names = topLevelNames(javascript);
  const door = freshName('heddleNames', javascript);
  const changed = change(javascript);
  const source = names.length === 0 ? changed : `${changed}\nexport const ${door} = () => ({ ${names.join(', ')} });\n`;
  let exports: Record<string, unknown>;
  try {
    exports = await importGiven(url, source === javascript ? undefined : source);
  } catch (error) {
    throw importError(path, error);
  }
  const { [door]: globals, ...own } = exports as { [door: string]: unknown };
  const named = namedExports(own);
  const found = pick(path, named, name);
  const value = named[found] as AnyFunction;
  const plain = isCompiled(value) ? value.plain : value;
  const all = (globals ?? (() => ({}))) as () => Record<string, unknown>;
  const places = placesIn(path, text, javascript);
  const place = places(Function.prototype.toString.call(plain));
  return {
    name: found,
    value,
    options: { globals: all, locate: places },
    captured: namesUsed(plain, all()),
    exports: named,
    text: place && text.slice(place.start),
  };
}

/** What a module exports by name; of CommonJS, which may have put all of it in one object, what that has. */
function namedExports(exports: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { default: whole } = exports;
  const isCommonJs = Object.keys(exports).every((name) => name === 'default' || name === 'module.exports');
  return isCommonJs && typeof whole === 'object' && whole !== null ? { ...whole } : exports;
}

function freshName(wanted: string, text: string): string {
  let name = wanted;
  while (text.includes(name)) name += '$';
  return name;
}

/** Where a function's text stands; nowhere if taking types away, or the engine, has moved it. */
const placesIn =
  (file: string, text: string, javascript: string): NonNullable<JitOptions['locate']> =>
  (functionText) => {
    const start = javascript.indexOf(functionText);
    if (start < 0) return undefined;
    return { file, text: text.length === javascript.length ? text : javascript, start };
  };

/** Of the names at the top of a module those that a function's text has, and those of functions among them. */
function namesUsed(f: AnyFunction, values: Readonly<Record<string, unknown>>): string[] {
  const found = new Set<string>();
  const visit = (one: AnyFunction): void => {
    const words = new Set(Function.prototype.toString.call(one).match(/[\p{L}_$][\p{L}\d_$]*/gu));
    for (const [name, value] of Object.entries(values)) {
      if (!words.has(name) || found.has(name) || value === f || name === 'prange') continue;
      found.add(name);
      if (typeof value === 'function') visit(value as AnyFunction);
    }
  };
  visit(f);
  return [...found];
}

function pick(path: string, exports: Readonly<Record<string, unknown>>, name: string | undefined): string {
  const functions = Object.keys(exports).filter((key) => typeof exports[key] === 'function');
  if (name === undefined) {
    if (functions.length === 1) return functions[0]!;
    throw new UserError('CLI008', `which function of ${path}?`, {
      note: functions.length === 0 ? 'it exports none' : `it exports ${functions.join(', ')}`,
      fix: functions.length === 0 ? 'write export in front of one' : `write --fn ${functions[0]!}`,
    });
  }
  if (functions.includes(name)) return name;
  if (Object.hasOwn(exports, name))
    throw new UserError('CLI008', `${name} of ${path} is no function`, {
      fix: functions.length === 0 ? 'export a function' : `name one of ${functions.join(', ')}`,
    });
  if (nearest(name, functions) === undefined && functions.length === 0)
    throw new UserError('CLI008', `${path} exports no function`, { fix: `write export in front of ${name}` });
  throw unknownWord('CLI008', `${path} exports no function ${name}`, name, functions, `the file`);
}

function importError(path: string, error: unknown): Error {
  if (error instanceof HeddleError) return error;
  // What hooks of another thread throw comes without its class.
  const message = error instanceof Error ? error.message : String(error);
  const [, code, summary] = /^error\[(\w+)\]: ([\s\S]*)$/.exec(message) ?? [];
  if (code !== undefined) return new UserError(code, summary!, { cause: error });
  const name = error instanceof Error ? `${error.name}: ` : '';
  return new UserError('CLI010', `${path} could not be imported: ${name}${message}`, {
    fix: `mend it until it can be run by itself: node ${path}`,
    cause: error,
  });
}
