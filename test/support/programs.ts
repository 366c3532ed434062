// Turns pieces of documents into programs, and runs them: each becomes a folder under build/documents, where 'heddle' means this package;
// one tsc compiles and type-checks them all; node runs them. Whatever goes wrong is told with the lines of the document it came from.
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));
export const readText = (path: string): string => readFileSync(join(root, path), 'utf8');

/** A stretch of code, and where it stands. */
export interface Piece {
  readonly code: string;
  readonly document: string;
  /** Of the first line of code, counted from 1. */
  readonly line: number;
}

export interface Program {
  /** The name of its folder. */
  readonly name: string;
  /** Run one after the other, as one module. */
  readonly pieces: readonly Piece[];
  /** Files beside it, which it may import: path → piece. */
  readonly modules?: Readonly<Record<string, Piece>>;
}

export interface Outcome {
  /** Null if it was killed. */
  readonly exitCode: number | null;
  readonly output: string;
  readonly errors: string;
}

export interface CompiledProgram {
  readonly program: Program;
  /** What tsc said about it, a line each. */
  readonly typeErrors: readonly string[];
  /** Its outcome; `output` is split by piece. */
  run(): Promise<Outcome & { readonly outputs: readonly string[] }>;
}

// Printed before each piece, so that its output can be told from the next one's.
const marker = '\u001E';

/** Writes all programs to build/documents/<group>, and compiles them with one call of tsc. */
export async function compilePrograms(group: string, programs: readonly Program[]): Promise<CompiledProgram[]> {
  const folder = join(root, 'build/documents', group);
  rmSync(folder, { recursive: true, force: true });
  const origins = new Map<string, string[]>();
  const write = (path: string, pieces: readonly Piece[], between: string): void => {
    const lines: string[] = [];
    const origin: string[] = [];
    for (const { code, document, line } of pieces) {
      if (between !== '') {
        lines.push(between);
        origin.push(`${document}:${line}`);
      }
      for (const [index, text] of code.split('\n').entries()) {
        lines.push(text);
        origin.push(`${document}:${line + index}`);
      }
    }
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${lines.join('\n')}\n`);
    origins.set(path, origin);
  };
  for (const { name, pieces, modules = {} } of programs) {
    write(`${name}/main.ts`, pieces, `process.stdout.write('${JSON.stringify(marker).slice(1, -1)}');`);
    for (const [path, piece] of Object.entries(modules)) write(`${name}/${path}`, [piece], '');
  }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: relative(folder, join(root, 'tsconfig.base.json')),
      compilerOptions: {
        rootDir: '.',
        declaration: false,
        inlineSourceMap: true,
        // A stub has parameters that nobody reads yet, and a page may show a value without using it.
        noUnusedLocals: false,
        noUnusedParameters: false,
      },
      include: ['**/*.ts'],
    }),
  );

  const compiler = await runNode('node_modules/typescript/bin/tsc', '-p', folder, '--pretty', 'false');
  const typeErrors = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of compiler.output.split('\n')) {
    const [, file, row, message] = /^(\S+?)\((\d+),\d+\): (error .*)$/.exec(line) ?? [];
    if (file !== undefined) {
      const path = relative(folder, join(root, file));
      const name = programs.find((program) => path.startsWith(`${program.name}/`))?.name ?? '';
      current = typeErrors.get(name) ?? [];
      typeErrors.set(name, current);
      current.push(`${origins.get(path)?.[Number(row) - 1] ?? file}: ${message}`);
    } else if (line.startsWith(' ')) current.push(line);
    else if (line !== '') throw new Error(`tsc says: ${line}`);
  }
  const strayErrors = typeErrors.get('');
  if (strayErrors !== undefined) throw new Error(strayErrors.join('\n'));

  // As a stack trace shows it: file:///…/build/documents/group/name/main.ts:12:5
  const placeInPrograms = new RegExp(
    `(?:file://)?${folder.replaceAll(/[.+]/g, '\\$&')}/(\\S+?\\.ts):(\\d+)(?::\\d+)?`,
    'g',
  );
  return programs.map((program) => ({
    program,
    typeErrors: typeErrors.get(program.name) ?? [],
    run: async () => {
      const outcome = await spawn(process.execPath, ['--enable-source-maps', join(folder, program.name, 'main.js')]);
      const errors = outcome.errors.replaceAll(placeInPrograms, (place: string, path: string, row: string) => {
        return origins.get(path)?.[Number(row) - 1] ?? place;
      });
      const outputs = outcome.output.split(marker).slice(1);
      return { ...outcome, errors, outputs, output: outputs.join('') };
    },
  }));
}

// Documents time things, and `timeit` spends 0.2 s or more on each of seven runs to be sure. Nothing here asserts a time, so programs get
// a clock that goes fifty times as fast: the same steps, the same output, soon over.
const fastClock = `const now = performance.now.bind(performance); performance.now = () => 50 * now();`;
const environment: NodeJS.ProcessEnv = {
  ...process.env,
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(fastClock)}`,
  NO_COLOR: '1',
};
// Set by vitest; what the programs print must not depend on who starts them.
for (const name of ['NODE_ENV', 'FORCE_COLOR', 'VITEST', 'TEST', 'DEV']) delete environment[name];

/** Runs a script of this repository with node, from the root. */
export const runNode = (script: string, ...args: readonly string[]): Promise<Outcome> =>
  spawn(process.execPath, [script, ...args]);

/** Runs a line of shell from the root; `npx heddle` is the command line as built. */
export function runShell(line: string): Promise<Outcome> {
  const npx = `npx() { shift; "${process.execPath}" "${join(root, 'dist/cli/main.js')}" "$@"; }`;
  return spawn('sh', ['-c', `${npx}\n${line}`]);
}

function spawn(command: string, args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const options = { cwd: root, env: environment, timeout: 50_000, maxBuffer: 2 ** 26 };
    const child = execFile(command, args, options, (error, output, errors) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
      resolve({ exitCode, output, errors: exitCode === null ? `${errors}\n${error?.message ?? ''}` : errors });
    });
    child.stdin?.end();
  });
}
