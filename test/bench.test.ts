// What the benches' own programs count: the hand-written WebAssembly, and C where a compiler is found, against the reference that was
// written straight from docs/random.md; and the command's words and rows.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { allBudgets, budgetRow } from '../bench/budgets.js';
import { holdContest, isNearPi } from '../bench/contest/contest.js';
import type { Program } from '../bench/contest/contestant.js';
import { makeRow } from '../bench/harness/bench.js';
import { renderTable, rowsToText } from '../bench/harness/table.js';
import { Generator, countInside as countByReference } from '../bench/reference/pi-reference.js';
import { countInside as countByWebAssembly } from '../bench/wasm/pi.js';

const counts = [0, 1, 15, 16, 17, 4095, 4096, 4097, 10007];
const seeds = [0n, 42n, 2n ** 64n - 1n, 0x9e3779b97f4a7c15n];

const fromRoot = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

describe('the reference', () => {
  test('draws multiples of 2⁻⁵² in [0, 1)', () => {
    const generator = new Generator(42n, 0n);
    for (let k = 0; k < 1000; k++) {
      const u = generator.uniform();
      expect(u).toBeGreaterThanOrEqual(0);
      expect(u).toBeLessThan(1);
      expect(Number.isInteger(u * 2 ** 52)).toBe(true);
    }
  });

  test('goes on from a longer count as it did in a shorter one', () => {
    for (const n of [16, 4096]) {
      const more = countByReference(7n, n + 1) - countByReference(7n, n);
      expect([0, 1]).toContain(more);
    }
  });
});

describe('SIMD WebAssembly by hand', () => {
  test.each(counts)('counts what the reference counts, n = %i', (n) => {
    for (const seed of seeds) expect(countByWebAssembly(seed, n)).toBe(countByReference(seed, n));
  });

  test('for any seed and count', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.nat({ max: 9000 }), (seed, n) => {
        expect(countByWebAssembly(seed, n)).toBe(countByReference(seed, n));
      }),
      { numRuns: 20 },
    );
  });
});

const compiler = ['cc', 'gcc', 'clang'].find((file) => spawnSync(file, ['--version']).status === 0);

// Without a compiler there is nothing to test here.
describe.skipIf(compiler === undefined)('C', () => {
  const folder = mkdtempSync(join(tmpdir(), 'heddle-bench-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('counts what the reference counts', () => {
    const program = join(folder, 'pi');
    const flags = ['-O3', '-march=native', '-ffp-contract=off', '-std=gnu11', '-Wall', '-Wextra', '-Werror'];
    execFileSync(compiler!, [...flags, fromRoot('bench/c/pi.c'), '-o', program]);
    const cases = seeds.flatMap((seed) => counts.map((n) => ({ seed, n })));
    const requests = cases.map(({ seed, n }) => `pi ${n} ${seed}\n`).join('');
    const answers = execFileSync(program, { input: requests, encoding: 'utf8' }).trim().split('\n');
    const found = answers.map((line) => (JSON.parse(line) as { inside: number }).inside);
    expect(found).toEqual(cases.map(({ seed, n }) => countByReference(seed, n)));
  });
});

describe('a contest', () => {
  const program = (name: string, code: string): Program => {
    const args = ['--input-type=module', '--eval', code];
    return { name, file: process.execPath, args, task: 'pi', n: 1_000_000 };
  };
  const answering = (answer: string): string =>
    `for await (const _ of (await import('node:readline')).createInterface({ input: process.stdin })) console.log('{"seconds":1,"answer":${answer}}')`;

  test('refuses programs that fail, end or are wrong, each with its reason, and goes on with the others', async () => {
    const programs = [
      program('right', answering('3.1415')),
      program('wrong', answering('3')),
      program('throws', "console.error('no such package'); process.exit(1)"),
      program('ends', ''),
      { ...program('absent', ''), file: fromRoot('no-such-program') },
    ];
    const results = await holdContest(programs, { rounds: 2, tries: 2, warmUps: 1, accept: isNearPi, say: () => {} });
    expect(results.map(({ refused }) => refused)).toEqual([
      null,
      'gave a wrong answer: 3',
      'failed: no such package',
      'failed: ended without an answer',
      expect.stringMatching(/^failed: .*ENOENT/),
    ]);
    expect(results[0]!.seconds).toEqual([1, 1]);
  });
});

describe('rows', () => {
  test('a ratio is the value divided by its reference', () => {
    expect(makeRow({ name: 'a', what: 'b', unit: 'ns', value: 3, reference: 12 }).ratio).toBe(0.25);
    expect(makeRow({ name: 'a', what: 'b', unit: 'ns', value: 3 }).ratio).toBeNull();
  });

  test('a budget holds by its own rule', () => {
    expect(budgetRow('import', 'import', { value: 50 })).toMatchObject({ budget: '≤ 50 ms', holds: true });
    expect(budgetRow('import', 'import', { value: 51 }).holds).toBe(false);
    expect(budgetRow('memory', 'memory', { value: 150 })).toMatchObject({ budget: '≥ 150 MB', holds: true });
    expect(budgetRow('pi', 'arrayMemory', { value: 16 })).toMatchObject({ budget: '< 16 MB', holds: false });
  });

  test('the list of budgets has the row that measured one, and says of the others what is missing', () => {
    const measured = budgetRow('import', 'import', { value: 12 });
    const rows = allBudgets([measured]);
    expect(rows).toContain(measured);
    for (const row of rows) if (row !== measured) expect(row).toMatchObject({ value: null, holds: null });
    for (const { value, note } of rows) expect(value === null ? note : 'measured').toMatch(/./);
  });

  test('a table wraps long cells and leaves empty columns out', () => {
    const columns = [
      { title: 'a', width: 9, cell: (text: string) => text },
      { title: 'b', cell: () => '' },
      { title: 'c', align: 'right' as const, cell: () => '1' },
    ];
    expect(renderTable(columns, ['one two three'])).toBe('a        c\none two  1\nthree');
    expect(rowsToText([makeRow({ name: 'x', what: 'y', unit: 'ns', note: 'not built yet' })])).toContain(
      'not built yet',
    );
  });
});

describe('npm run bench', () => {
  const run = (...words: string[]) =>
    spawnSync(process.execPath, [fromRoot('build/bench/main.js'), ...words], { encoding: 'utf8' });

  test('--help lists the benches', () => {
    const { stdout, status } = run('--help');
    expect(status).toBe(0);
    for (const name of [
      'pi',
      'pi-jit',
      'sum-range',
      'kernels',
      'team-dispatch',
      'memory',
      'timeit',
      'import',
      'size',
      'seed',
      'readme',
    ])
      expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
  });

  test('an unknown name or option exits with 2 and says what there is', () => {
    const wrong = run('memry');
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toContain('did you mean memory?');
    expect(wrong.stderr).toContain('memory, timeit');
    expect(run('--fast').status).toBe(2);
    expect(run('pi', 'size').status).toBe(2);
  });

  test('--json prints rows, each with the same keys', () => {
    const { stdout, status } = run('size', '--json');
    expect(status).toBe(0);
    const rows = JSON.parse(stdout) as Record<string, unknown>[];
    expect(rows.length).toBeGreaterThan(1);
    for (const row of rows) {
      expect(Object.keys(row)).toEqual(
        expect.arrayContaining(['name', 'what', 'value', 'unit', 'reference', 'ratio', 'budget', 'holds']),
      );
    }
  });
});
