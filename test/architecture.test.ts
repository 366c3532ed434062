// The table of doors: which room of src/ may import which, and why not the others. ARCHITECTURE.md tells it in prose; this file is the law.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

interface Room {
  readonly holds: string;
  /** Rooms that its files may import, besides their own. */
  readonly imports: readonly string[];
  /** Why nothing else. */
  readonly because: string;
}

const rooms: Readonly<Record<string, Room>> = {
  base: { holds: 'errors, small pure helpers', imports: [], because: 'everything else stands on it' },
  platform: {
    holds: 'the only code that knows Node from a browser',
    imports: ['base'],
    because: 'every room runs on it, so it can know none of them',
  },
  measure: {
    holds: 'timing, memory, comparison, reports',
    imports: ['base', 'platform'],
    because: 'a measuring tool that loads what it measures would measure itself',
  },
  ir: {
    holds: 'the kernel language: nodes, text, verifier, interpreter',
    imports: ['base'],
    because: 'it knows neither where a kernel came from nor where it will run',
  },
  passes: {
    holds: 'kernel → kernel, one pass a file; pipeline.ts lists them',
    imports: ['base', 'ir'],
    because: 'a pass knows the language and nothing of where code comes from or runs',
  },
  backends: {
    holds: 'kernels → code; encode/ inside knows only the binary format',
    imports: ['base', 'ir'],
    because: 'a backend is given a program and gives code back, and nothing runs here',
  },
  memory: {
    holds: 'the shared heap',
    imports: ['base', 'platform'],
    because: 'it holds bytes for others, and asks nobody what they mean',
  },
  runtime: {
    holds: 'compiles a kernel once and calls it',
    imports: ['base', 'platform', 'memory', 'ir', 'passes', 'backends', 'random'],
    because: 'it runs kernels whoever has made them',
  },
  jit: {
    holds: 'functions → kernels',
    imports: ['base', 'ir', 'runtime', 'memory', 'random', 'acorn'],
    because: 'a front end only makes kernels, and knows no other front end',
  },
  array: {
    holds: 'array expressions → kernels',
    imports: ['base', 'ir', 'runtime', 'memory', 'random'],
    because: 'a front end only makes kernels, and knows no other front end',
  },
  io: {
    holds: 'arrays in files: .npy and .npz',
    imports: ['base', 'platform', 'array'],
    because: 'it turns arrays into bytes and back, and asks a platform for files',
  },
  math: {
    holds: 'the mathematical functions for plain programs',
    imports: ['base', 'ir', 'backends'],
    because: 'it compiles texts of the kernel language, and needs neither heap nor threads for that',
  },
  random: {
    holds: 'generators, streams, keys: the law of docs/random.md',
    imports: ['base'],
    because: 'a draw follows from keys and ordinals alone, never from where it runs',
  },
  cli: {
    holds: 'the commands',
    imports: ['base', 'platform/terminal', 'heddle', 'heddle/ir', 'heddle/measure'],
    because: 'it uses heddle as any program does, by its public names (docs/decisions/0001-command-line-doors.md)',
  },
};

/** Files directly under src/: the public names, which may import everything and are imported by name only. */
const entryPoints: Readonly<Record<string, string>> = {
  'index.ts': 'heddle',
  'array-entry.ts': 'heddle/array',
  'ir-entry.ts': 'heddle/ir',
  'vectorize.ts': 'heddle',
  'version.ts': 'heddle',
};

const root = fileURLToPath(new URL('../', import.meta.url));
const sourceFolder = join(root, 'src');

interface Import {
  readonly file: string;
  readonly line: number;
  readonly specifier: string;
}

function filesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts') && !path.includes('node_modules/'))
    .map((path) => join(root, folder, path));
}

/** Every import, re-export and dynamic import of a file, comments and docstring examples left out. */
function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8').replaceAll(/^\s*(?:\/\/|\*|\/\*\*).*$/gm, '');
  const pattern = /(?:(?<=[\s}])from\s*|\bimport\s*\(?\s*(?:\/\*.*?\*\/\s*)?)'([^']+)'/g;
  return [...text.matchAll(pattern)].map((match) => ({
    file,
    line: text.slice(0, match.index).split('\n').length,
    specifier: match[1]!,
  }));
}

const isTest = (file: string): boolean => file.endsWith('.test.ts');

/** What an import leads to, in the words of the table: a room, `platform/terminal`, a public name, or another package's name. */
function destination({ file, specifier }: Import): string {
  if (specifier === '#platform' || specifier === '#platform/threads') return 'platform';
  if (!specifier.startsWith('.')) return specifier;
  const target = relative(sourceFolder, join(dirname(file), specifier)).replace(/\.[jt]s$/, '');
  if (target === 'platform/terminal') return target;
  return target.includes('/') ? target.split('/')[0]! : `src/${target}`;
}

function roomOf(file: string): string {
  const path = relative(sourceFolder, file);
  return path.includes('/') ? path.split('/')[0]! : '';
}

/** Says what is wrong with an import, or null. */
function fault(imported: Import): string | null {
  const room = roomOf(imported.file);
  const where = `${relative(root, imported.file)}:${imported.line}`;
  const to = destination(imported);
  if (room === '') return null;
  const rules = rooms[room];
  if (rules === undefined) return `${where}: the room ${room}/ is not in the table of doors`;
  const isNode = to.startsWith('node:');
  if (isNode)
    return room === 'platform' ? null : `${where}: ${room}/ may not import ${to}, because only platform/ knows Node`;
  if (to === room || (room === 'platform' && to === 'platform/terminal') || rules.imports.includes(to)) return null;
  return `${where}: ${room}/ may not import ${to}, because ${rules.because}`;
}

describe('the table of doors', () => {
  const sources = filesUnder('src').filter((file) => !isTest(file));

  it('names every room there is, and no other', () => {
    const found = readdirSync(sourceFolder, { withFileTypes: true });
    expect(found.filter((entry) => entry.isDirectory()).map(({ name }) => name)).toEqual(Object.keys(rooms).toSorted());
    for (const { name } of found.filter((entry) => entry.name.endsWith('.ts')))
      expect(Object.keys(entryPoints)).toContain(name);
  });

  it('holds for every import in src/', () => {
    expect(sources.flatMap(importsOf).flatMap((imported) => fault(imported) ?? [])).toEqual([]);
  });

  it('would catch a door that is not there', () => {
    const from = (path: string, specifier: string): string | null =>
      fault({ file: join(sourceFolder, path), line: 1, specifier });
    expect(from('base/format.ts', '../measure/index.js')).toContain('base/ may not import measure');
    expect(from('measure/timeit.ts', '../cli/main.js')).toContain('measure/ may not import cli');
    expect(from('measure/timeit.ts', 'node:fs')).toContain('only platform/ knows Node');
    expect(from('cli/main.ts', '../measure/timeit.js')).toContain('by its public names');
    expect(from('cli/main.ts', '../index.js')).toContain('cli/ may not import src/index');
    expect(from('measure/timeit.ts', '../platform/terminal.js')).toContain('may not import platform/terminal');
    expect(from('nowhere/a.ts', '../base/format.js')).toContain('not in the table');
    expect(from('platform/node.ts', 'node:fs')).toBeNull();
  });

  it('keeps what only a platform knows inside platform/', () => {
    const names = /(?<![-\w])(?:process\.|navigator\b|new Worker\b|window\b|document\.|require\()/;
    const found = sources
      .filter((file) => roomOf(file) !== 'platform')
      .flatMap((file) =>
        readFileSync(file, 'utf8')
          .split('\n')
          .flatMap((line, index) =>
            names.test(line.replace(/\/\/.*|^\s*\*.*/, ''))
              ? `${relative(root, file)}:${index + 1}: ${line.trim()}`
              : [],
          ),
      );
    expect(found).toEqual([]);
  });

  it('is not walked around by examples and benches, which use the public names', () => {
    const outside = [...filesUnder('examples'), ...filesUnder('bench')].flatMap(importsOf);
    const reaching = outside.filter(({ specifier }) => /\/(?:src|dist)\//.test(specifier));
    expect(reaching).toEqual([]);
  });

  it('has one implementation of the platform for Node and one for browsers, with the same names', async () => {
    const exported = (name: string): string[] =>
      [...readFileSync(join(sourceFolder, 'platform', name), 'utf8').matchAll(/^export (?:const |\{ )(\w+)/gm)]
        .map((match) => match[1]!)
        .toSorted();
    expect(exported('node.ts')).toEqual(exported('browser.ts'));
    expect(exported('node.ts').length).toBeGreaterThan(5);
    expect(exported('node-threads.ts')).toEqual(exported('browser-threads.ts'));
    expect(exported('node-threads.ts')).toEqual(['startTeamThread']);
  });
});

describe('files', () => {
  it('open by saying what they are for', () => {
    const silent = [...filesUnder('src'), ...filesUnder('bench'), ...filesUnder('test')]
      .filter((file) => !file.includes('/fixtures/'))
      .filter((file) => !/^(?:#!.*\n)?(?:\/\/|\/\*\*)/.test(readFileSync(file, 'utf8')));
    expect(silent.map((file) => relative(root, file))).toEqual([]);
  });

  it('are named in kebab-case', () => {
    const odd = filesUnder('src').filter((file) => !/\/[a-z0-9]+(?:-[a-z0-9]+)*(?:\.test)?\.ts$/.test(file));
    expect(odd).toEqual([]);
  });
});
