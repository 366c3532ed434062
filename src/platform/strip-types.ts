// TypeScript → JavaScript, by writing blanks over the types: every line and column stays where it was, so that messages can show the
// person's own text. Node's own code does it where Node has that; else the optional peer @swc/wasm-typescript, which is the same code
// (Node's is made of it), so that a file that is read on one version of Node is read on the others.
import { codeFrame } from '../base/code-frame.js';
import { UserError } from '../base/errors.js';

type Strip = (source: string) => string;

const peer = '@swc/wasm-typescript';

/** What the peer throws: no Error, but this. */
interface Complaint {
  readonly code: string;
  readonly message: string;
  readonly startLine: number;
  readonly startColumn: number;
  readonly endLine: number;
  readonly endColumn: number;
}

interface Peer {
  readonly transformSync: (
    source: string,
    options: { readonly mode: 'strip-only'; readonly module: true },
  ) => { readonly code: string };
}

export const isTypeScript = (url: string): boolean => /\.m?ts$/.test(new URL(url).pathname);

let found: Strip | undefined;

/**
 * The JavaScript of a TypeScript module, as long as its text.
 *
 * @throws {UserError} TS001 where nothing can do it, TS002 for a text that is no TypeScript, or has more than types to take away
 */
export function stripTypes(source: string, url: string): string {
  const { fileURLToPath } = process.getBuiltinModule('node:url');
  const path = fileURLToPath(url);
  found ??= ownStripper() ?? peerStripper([import.meta.url, url, cwdUrl()]);
  if (found === undefined) {
    throw new UserError(
      'TS001',
      `${path} cannot be read: Node ${process.versions.node} does not know TypeScript, and ${peer} is not installed`,
      {
        note: 'types have to be taken away first; Node does it by itself from version 22.13 on',
        fix: `npm install --save-dev ${peer}`,
      },
    );
  }
  try {
    return found(source);
  } catch (error) {
    throw complaint(error, source, path);
  }
}

const cwdUrl = (): string => process.getBuiltinModule('node:url').pathToFileURL(`${process.cwd()}/`).href;

/** Node's own, which says on its first call that it is new: that is no news to whoever asked heddle. */
function ownStripper(): Strip | undefined {
  const { stripTypeScriptTypes } = process.getBuiltinModule('node:module') as { stripTypeScriptTypes?: Strip };
  if (stripTypeScriptTypes === undefined) return undefined;
  return (source) => {
    const emitWarning = Reflect.get(process, 'emitWarning');
    process.emitWarning = () => {};
    try {
      return stripTypeScriptTypes(source);
    } finally {
      process.emitWarning = emitWarning;
    }
  };
}

/** The peer, looked for from each of these places. */
function peerStripper(places: readonly (string | undefined)[]): Strip | undefined {
  const { createRequire } = process.getBuiltinModule('node:module');
  for (const place of places) {
    // A program that was bundled as CommonJS does not know where it lies.
    if (place === undefined) continue;
    try {
      const { transformSync } = createRequire(place)(peer) as Peer;
      return (source) => transformSync(source, { mode: 'strip-only', module: true }).code;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  return undefined;
}

function complaint(error: unknown, source: string, path: string): UserError {
  const { code, message, startLine, startColumn, endLine, endColumn } = error as Complaint;
  const lines = source.split('\n');
  const offsetOf = (line: number, column: number): number =>
    lines.slice(0, line - 1).reduce((sum, { length }) => sum + length + 1, 0) + column;
  // Node tells the place in the stack alone.
  const [, ownLine] = /^[^\n]*?:(\d+)\n/.exec((error as Error).stack ?? '') ?? [];
  const line = startLine ?? (ownLine === undefined ? undefined : Number(ownLine));
  const frame =
    line === undefined
      ? path
      : codeFrame({
          name: path,
          text: source,
          start: offsetOf(line, startColumn ?? lines[line - 1]!.search(/\S|$/)),
          end: endLine === undefined ? offsetOf(line, lines[line - 1]!.length) : offsetOf(endLine, endColumn),
        });
  const isUnsupported = /unsupported/i.test(code);
  return new UserError(
    'TS002',
    isUnsupported ? `this file has more than types to take away\n${frame}` : `this file is not TypeScript\n${frame}`,
    {
      note: message,
      fix: isUnsupported
        ? 'write it as JavaScript has it; enums, namespaces with values and parameter properties need a compiler'
        : 'mend the text at this place',
    },
  );
}
