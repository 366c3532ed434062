// What a command-line program needs of Node: its arguments, its streams, its files. Only the command line uses it.
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { importModule, readModuleText } from './node.js';

export { parseArgs };

export const programArguments = (): readonly string[] => process.argv.slice(2);

export const printData = (text: string): void => void process.stdout.write(`${text}\n`);

export const printMessage = (text: string): void => void process.stderr.write(`${text}\n`);

export const environmentVariable = (name: string): string | undefined => process.env[name];

/** Characters in a line of the terminal that shows standard output; elsewhere what COLUMNS says, or else Infinity. */
export function outputWidth(): number {
  const said = Number(process.env['COLUMNS']) || Infinity;
  return process.stdout.isTTY ? process.stdout.columns || Math.min(said, 80) : said;
}

export const outputIsTerminal = (): boolean => process.stdout.isTTY;

export const setExitCode = (code: number): void => {
  process.exitCode = code;
};

/** Bytes that could be allocated now without swapping, as the operating system, or the container's limit, has it. */
export function availableMemory(): number {
  return process.availableMemory();
}

/** Aborted, with an `Interruption` as its reason, when the user or the system asks this program to end. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => controller.abort(new Interruption(128 + constants.signals[name])));
  }
  return controller.signal;
}

export class Interruption extends Error {
  /** As shells have it: 128 and the signal's number. */
  readonly exitCode: number;

  constructor(exitCode: number) {
    super('interrupted');
    this.exitCode = exitCode;
  }
}

/** The text of a file that a person names, or the reason why there is none. */
export function readGivenFile(path: string): { readonly text: string } | { readonly reason: string } {
  try {
    return { text: readFileSync(path, 'utf8') };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: 'there is no such file',
      EISDIR: 'it is a folder',
      EACCES: 'it may not be read',
    };
    return { reason: reasons[code ?? ''] ?? (error as Error).message };
  }
}

/** A module that a person names. */
export interface GivenModule {
  readonly url: string;
  readonly text: string;
  /** The text without the types of TypeScript. */
  readonly javascript: string;
}

/** @throws {UserError} TS001, TS002 for TypeScript that cannot be read */
export async function readGivenModule(path: string): Promise<GivenModule | { readonly reason: string }> {
  const file = readGivenFile(path);
  if ('reason' in file) return file;
  const url = pathToFileURL(path).href;
  return { url, text: file.text, javascript: await readModuleText(url) };
}

/** Imports a module, with another text than the one in its file if one is given. */
export const importGiven = importModule;

export const readTextFile = (url: URL): string => readFileSync(fileURLToPath(url), 'utf8');

/** A reader that closes its end (`heddle pi | head -1`) has seen enough: we end quietly. */
export function endQuietlyWhenReaderLeaves(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    printMessage(`the output could not be written: ${error.message}`);
    process.exit(1);
  });
}

/** One line on standard error that is written over again and again; in anything but a terminal nothing is shown. */
export class ProgressLine {
  readonly #isShown = process.stderr.isTTY && process.env['TERM'] !== 'dumb';

  show(text: string): void {
    if (!this.#isShown) return;
    const room = (process.stderr.columns || 80) - 1;
    process.stderr.write(`\r\u001B[K${text.length > room ? `${text.slice(0, room - 1)}…` : text}`);
  }

  clear(): void {
    if (this.#isShown) process.stderr.write('\r\u001B[K');
  }
}
