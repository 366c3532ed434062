// The command `heddle`, run as a person runs it: its figures, its tables, its answers to mistakes, and what it leaves behind when it is stopped.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

// Enough for every figure to exist; what they are is not this file's question.
const quick = ['--runs', '2', '--loops', '1'];

const main = new URL('../dist/cli/main.js', import.meta.url).pathname;

interface Outcome {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

function heddle(words: readonly string[], environment: Record<string, string> = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: '', FORCE_COLOR: '', ...environment };
    const child = execFile(process.execPath, [main, ...words], { env, maxBuffer: 2 ** 26 }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode, signal: child.signalCode, stdout, stderr }),
    );
  });
}

interface Ladder {
  n: number;
  seed: number | string | null;
  machine: Record<string, unknown>;
  rungs: Record<string, unknown>[];
}

async function ladder(...words: string[]): Promise<Ladder> {
  const { stdout, stderr, code } = await heddle([...words, '--json']);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return JSON.parse(stdout) as Ladder;
}

describe('heddle pi --json', () => {
  it('gives every figure of every rung', async () => {
    const { n, seed, machine, rungs } = await ladder('pi', '1_000_00', '--runs', '3');
    expect(n).toBe(100_000);
    expect(seed).toBeNull();
    expect(Object.keys(machine)).toEqual(['cpu', 'cores', 'memory', 'os', 'node', 'v8', 'simd']);
    expect(rungs.map(({ name }) => name)).toEqual(['plain', 'vectorized', 'jit', 'jit-parallel', 'array']);
    for (const rung of rungs) {
      const standardError = Math.sqrt((Math.PI * (4 - Math.PI)) / n);
      expect(rung['standardError']).toBeCloseTo(standardError, 12);
      expect(Math.abs((rung['estimate'] as number) - Math.PI)).toBeLessThan(5 * standardError);
      const runs = rung['runs'] as number[];
      expect(runs).toHaveLength(3);
      expect(rung['min']).toBe(Math.min(...runs));
      expect(rung['median']).toBe(runs.toSorted((a, b) => a - b)[1]);
      expect(Math.log10(rung['loops'] as number) % 1).toBe(0);
      for (const figure of ['mean', 'std', 'firstCall', 'peakMemory', 'speedup']) {
        expect(rung[figure], figure).toBeTypeOf('number');
      }
      if (rung['name'] === 'jit-parallel' || rung['name'] === 'array') expect(rung['threads']).toBeGreaterThan(0);
      else expect(rung['threads']).toBe(1);
      expect(rung['refused']).toBeNull();
    }
    expect(rungs[0]!['speedup']).toBe(1);
  });

  it('shows that storing every step of 10⁷ points costs more than 150 MB', async () => {
    const { rungs } = await ladder('pi', '1e7', ...quick);
    const [plain, vectorized] = rungs.map((rung) => rung['peakMemory'] as number);
    expect(vectorized! - plain!).toBeGreaterThan(150e6);
    const { stdout } = await heddle(['pi', '1e7', '--rungs', 'vectorized', ...quick]);
    const shown = /\+([\d.]+) MiB/.exec(stdout);
    expect(Number(shown![1]) * 2 ** 20).toBeGreaterThan(150e6);
  });

  it('measures only the rungs that are asked for, in the order of the ladder', async () => {
    const { rungs } = await ladder('pi', '1000', '--rungs', 'vectorized', ...quick);
    expect(rungs.map(({ name, speedup }) => [name, speedup])).toEqual([['vectorized', null]]);
    const both = await ladder('pi', '1000', '--rungs', 'vectorized,plain,plain', ...quick);
    expect(both.rungs.map(({ name }) => name)).toEqual(['plain', 'vectorized']);
  });

  it('says of a rung that draws from Math.random that it cannot be seeded', async () => {
    const { seed, rungs } = await ladder('pi', '1000', '--seed', '-5', '--rungs', 'plain', ...quick);
    expect(seed).toBe(-5);
    expect(rungs[0]!['seed']).toBe('not seedable');
    const { stdout } = await heddle(['pi', '1000', '--seed', '18446744073709551616n', '--rungs', 'plain', ...quick]);
    expect(stdout).toContain('not seedable');
  });

  it('draws the same points again on a rung that can be seeded', async () => {
    const estimates = await Promise.all(
      ['42', '42', '43'].map(async (seed) => {
        const { rungs } = await ladder('pi', '1_000_003', '--seed', seed, '--rungs', 'jit', ...quick);
        expect(rungs[0]!['seed']).toBe(seed);
        return rungs[0]!['estimate'];
      }),
    );
    expect(estimates[1]).toBe(estimates[0]);
    expect(estimates[2]).not.toBe(estimates[0]);
  });

  it('reports a rung that takes too long, and ends with 1 when there is no other', async () => {
    const { code, stdout } = await heddle(['pi', '1e10', '--rungs', 'plain', '--timeout', '0.2', '--json']);
    expect(code).toBe(1);
    const [rung] = (JSON.parse(stdout) as Ladder).rungs;
    expect(rung).toMatchObject({ refused: 'one call took longer than 200 ms', estimate: null, mean: null, runs: [] });
  });

  it('spares the machine arrays that it has no memory for', async () => {
    const { code, stdout } = await heddle(['pi', '1e15', '--rungs', 'vectorized']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/vectorized: needs 36.4 PiB for its arrays, and this machine has [\d.]+ [MGT]iB free/);
  });
});

describe('heddle sum and heddle sort', () => {
  it('sum agrees on the sum', async () => {
    const { rungs } = await ladder('sum', '1e5', ...quick);
    expect(rungs.map(({ name, answer, refused }) => [name, answer, refused])).toEqual([
      ['iterator', 4999950000, null],
      ['plain', 4999950000, null],
      ['jit', 4999950000, null],
      ['array', 4999950000, null],
    ]);
  });

  it('sort sorts', async () => {
    const { rungs } = await ladder('sort', '1e4', ...quick);
    expect(rungs.map(({ name, refused }) => [name, refused])).toEqual([
      ['builtin', null],
      ['array', null],
    ]);
  });
});

describe('the programs', () => {
  it('are printed as they lie in the repository, at most 20 lines each', async () => {
    for (const name of ['pi', 'sum', 'sort']) {
      const { stdout, code } = await heddle([name, '--code']);
      expect(code).toBe(0);
      const folder = new URL(`../examples/${name}/`, import.meta.url);
      const files = readdirSync(folder);
      expect(stdout.match(/^\/\/ [\w-]+: as in Python/gm)).toHaveLength(files.length);
      for (const file of files) {
        const program = readFileSync(new URL(file, folder), 'utf8').trim();
        expect(program.split('\n').length, file).toBeLessThanOrEqual(20);
        expect(stdout).toContain(program);
      }
    }
  });

  it('are printed one at a time on request', async () => {
    const { stdout } = await heddle(['pi', '--code', 'plain']);
    expect(stdout.match(/function calcPi/g)).toHaveLength(1);
    expect(stdout).not.toContain('Float64Array');
  });
});

describe('mistakes', () => {
  const accepted = 'give a whole number from 1 to 9007199254740991, such as 1000000, 1_000_000 or 1e6';
  it.each([
    [['pu'], 'CLI001', 'did you mean pi?'],
    [['measurre-everything'], 'CLI001', 'one of pi, sum, sort'],
    [['--json'], 'CLI001', 'put options behind it: heddle pi --json'],
    [['pi', '--seeed', '4'], 'CLI002', 'did you mean --seed?'],
    [['pi', '-j'], 'CLI002', '--json'],
    [['pi', '--seed'], 'CLI003', 'write --seed S'],
    [['pi', '--seed', '--json'], 'CLI003', 'write --seed S'],
    [['pi', '--json=yes'], 'CLI003', 'write --json alone'],
    [['pi', '-5'], 'CLI004', accepted],
    [['pi', 'abc'], 'CLI004', accepted],
    [['pi', '1e400'], 'CLI004', accepted],
    [['pi', '0'], 'CLI004', accepted],
    [['pi', '1.5'], 'CLI004', accepted],
    [['pi', '1e17'], 'CLI004', accepted],
    [['pi', ''], 'CLI004', accepted],
    [['pi', '0x10'], 'CLI004', accepted],
    [['pi', '1__0'], 'CLI004', accepted],
    [['pi', '--threads', '0'], 'CLI004', accepted],
    [['pi', '--timeout', '-1'], 'CLI004', 'give seconds above 0'],
    [['pi', '--seed', '1.5'], 'CLI004', 'give a whole number up to'],
    [['pi', '--rungs', 'plian'], 'CLI005', 'did you mean plain?'],
    [['pi', '--rungs', ''], 'CLI003', 'write --rungs a,b'],
    [['pi', '--code', 'jat'], 'CLI005', 'did you mean jit?'],
    [['pi', '--code', 'nonesuch'], 'CLI005', 'one of plain, vectorized, jit'],
    [['pi', '1', '2'], 'CLI006', 'write heddle pi 1'],
  ])('heddle %j', async (words, errorCode, advice) => {
    const { code, stdout, stderr } = await heddle(words);
    expect(stderr).toMatch(new RegExp(`^error\\[${errorCode}\\]: `));
    expect(stderr).toContain(advice);
    expect(stderr).not.toContain('    at ');
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });
});

describe('what a person sees', () => {
  it('is plain text where output is not a terminal', async () => {
    const { stdout, stderr } = await heddle(['pi', '1000', ...quick]);
    expect(stdout).not.toContain('\u001B');
    expect(stderr).toBe('');
  });

  it('fits 60 columns', async () => {
    for (const words of [
      ['pi', '1000', ...quick],
      ['pi', '1000', '--seed', '1', ...quick],
      ['--help'],
      ['pi', '--help'],
    ]) {
      const { stdout } = await heddle(words, { COLUMNS: '60' });
      for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(60);
    }
  });

  it('is bold in a terminal, with progress on standard error, and neither with --no-color or NO_COLOR', async () => {
    const inTerminal = (words: string, environment: Record<string, string> = {}): Promise<string> =>
      new Promise((resolve, reject) => {
        const command = `stty cols 60; '${process.execPath}' '${main}' ${words}`;
        const env = { ...process.env, TERM: 'xterm', NO_COLOR: '', ...environment };
        execFile('script', ['-qec', command, '/dev/null'], { env }, (error, stdout) =>
          error ? reject(error) : resolve(stdout),
        );
      });
    const bold = '\u001B[1m';
    const shown = await inTerminal('pi 1000 --rungs plain --runs 2');
    expect(shown).toContain(bold);
    expect(shown).toContain('plain: run 2 of 2');
    // The progress line is wiped before the table begins.
    expect(shown).toMatch(/run 2 of 2\r\u001B\[K\u001B\[1mrung/);
    const plainTexts = await Promise.all([
      inTerminal('pi 1000 --rungs plain --runs 2 --no-color'),
      inTerminal('pi 1000 --rungs plain --runs 2', { NO_COLOR: '1' }),
    ]);
    for (const text of plainTexts) expect(text).not.toContain(bold);
  });

  it('ends quietly when the reader has seen enough', async () => {
    const { stdout, stderr } = await new Promise<{ stdout: string; stderr: string }>((resolve) => {
      execFile('sh', ['-c', `'${process.execPath}' '${main}' pi --code | head -1`], (_, stdout, stderr) =>
        resolve({ stdout, stderr }),
      );
    });
    expect(stdout).toBe('// plain: as in Python, a loop\n');
    expect(stderr).toBe('');
  });

  it('helps with a command in either order of words', async () => {
    expect(await heddle(['help', 'pi'])).toEqual(await heddle(['pi', '--help']));
  });

  it('says what cannot be written', async () => {
    const { stderr, code } = await new Promise<Pick<Outcome, 'stderr' | 'code'>>((resolve) => {
      const child = execFile('sh', ['-c', `'${process.execPath}' '${main}' --help > /dev/full`], (_, _stdout, text) =>
        resolve({ stderr: text, code: child.exitCode }),
      );
    });
    expect(stderr).toMatch(/^the output could not be written: .*ENOSPC.*\n$/);
    expect(code).toBe(1);
  });

  it('tells its version', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect((await heddle(['--version'])).stdout).toBe(`${version}\n`);
  });
});

describe('stopping', () => {
  const childrenOf = (pid: number): number[] => {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return text === '' ? [] : text.split(' ').map(Number);
  };
  const isRunning = (pid: number): boolean => {
    try {
      // A zombie that waits for its parent to look has ended.
      return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    } catch {
      return false;
    }
  };
  const until = async (isTrue: () => boolean): Promise<void> => {
    while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 10));
  };

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends the processes of the rungs too', async (signal, exitCode) => {
    // 10¹² points take hours: only being killed can end the rung's process.
    const child = spawn(process.execPath, [main, 'pi', '1e12', '--rungs', 'plain'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (text) => (stderr += String(text)));
    const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
    await until(() => childrenOf(child.pid!).length === 1);
    const [rung] = childrenOf(child.pid!);
    child.kill(signal);
    expect(await ended).toBe(exitCode);
    await until(() => !isRunning(rung!));
    expect(stderr).toBe('interrupted\n');
  });
});

describe('heddle explain', () => {
  it('prints the program after the passes, then its WebAssembly; the same as JSON', async () => {
    const { stdout, stderr, code } = await heddle(['explain', 'examples/dot.ir']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^; as it was given\nkernel @dot\(%n: i64\) -> \(f64\) \{\n/);
    expect(stdout).toMatch(/\n; after [\w-]+\nkernel @dot/);
    expect(stdout).toMatch(/\n;; @dot in WebAssembly\n\(module\n/);
    const json = await heddle(['explain', '--json', 'examples/dot.ir']);
    const { passes, modules } = JSON.parse(json.stdout) as {
      passes: { program: string }[];
      modules: { wat: string }[];
    };
    expect(stdout.trimEnd().endsWith(modules[0]!.wat.trimEnd())).toBe(true);
    expect(stdout).toContain(passes.at(-1)!.program);
  });

  it('answers mistakes with their place', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'heddle-'));
    const write = (name: string, text: string): string => {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    };
    const body = (line: string): string =>
      `kernel @k(%x: f64, %n: i64) {\n  body {\n    ${line}\n    return []\n  }\n}\n`;
    const wrong = write('wrong #1.ir', body('%y = add.f64 %x %z'));
    const illegal = write('illegal.ir', body('%y = add.f64 %x %n'));
    const rows: [words: string[], message: RegExp][] = [
      [[wrong], /^error\[IR001\]: there is no value z here\n +--> .*wrong #1\.ir:3:21\n3 \| +%y = add\.f64 %x %z\n/],
      [[illegal], /^error\[IR004\]: the program is not legal: in @k: operand 1 of add\.f64 is i64, not f64\n/],
      [[], /^error\[CLI007\]: heddle explain needs a file\n/],
      [[join(folder, 'none.ir')], /^error\[CLI007\]: .*none\.ir cannot be read: there is no such file\n/],
      [[write('plain.txt', '')], /^error\[CLI007\]: heddle explain cannot read .*plain\.txt\n/],
      [[wrong, illegal], /^error\[CLI006\]: heddle explain takes one file/],
      [[wrong, '--jsn'], /^error\[CLI002\].*\n.*did you mean --json\?/],
    ];
    for (const [words, message] of rows) {
      const { stdout, stderr, code } = await heddle(['explain', ...words]);
      expect(stderr).toMatch(message);
      expect([stdout, code]).toEqual(['', 2]);
    }
    rmSync(folder, { recursive: true });
    expect((await heddle(['explian'])).stderr).toContain('did you mean explain?');
  });
});

describe('heddle info', () => {
  it('tells what heddle finds here', async () => {
    const { stdout, code } = await heddle(['info', '--json']);
    expect(code).toBe(0);
    const found = JSON.parse(stdout) as Record<string, unknown>;
    expect(Object.keys(found)).toEqual(['version', 'machine', 'cores', 'threads', 'isShared', 'heap']);
    expect(found['cores']).toBe(found['threads']);
    expect(found['isShared']).toBe(true);
  });

  it('and what the environment says', async () => {
    const environment = { HEDDLE_THREADS: '3', HEDDLE_MAX_MEMORY: '64 MiB' };
    const { stdout } = await heddle(['info'], environment);
    expect(stdout).toMatch(/^heddle +\d+\.\d+\.\d+\nengine +Node \d/);
    expect(stdout).toContain('\nthreads        3, as HEDDLE_THREADS says\n');
    expect(stdout).toContain('\nheap           grows to 64.0 MiB, as HEDDLE_MAX_MEMORY says, and never shrinks\n');
    const { heap } = JSON.parse((await heddle(['info', '--json'], environment)).stdout) as { heap: unknown };
    expect(heap).toMatchObject({ wanted: 2 ** 26, maximum: 2 ** 26 });
    const wrong = await heddle(['info'], { HEDDLE_THREADS: 'many' });
    expect([wrong.code, wrong.stderr]).toEqual([
      2,
      expect.stringContaining('error[CONFIG001]: HEDDLE_THREADS cannot be'),
    ]);
  });
});
