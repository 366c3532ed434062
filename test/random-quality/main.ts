// npm run test:random: feeds our draws, in the arrangements of arrangements.ts, to dieharder (Brown, Eddelbuettel and Bauer; Debian's
// package of that name), which nobody here wrote, and prints or writes down its p-values. Not part of CI: it takes minutes to hours.
//   npm run test:random                                    every arrangement, the chosen tests
//   npm run test:random -- lanes blocks --seed 7           two of them, with another seed
//   npm run test:random -- --tests 0,15,102:3 --seed 7     these tests (with -n 3 for the last one)
//   npm run test:random -- --tests all                     everything that dieharder -a runs and does not call suspect
//   npm run test:random -- --report docs/random-quality.md the report, with weak ones run again
//   npm run test:random -- --raw lanes | dieharder -g 200 -a     the words themselves, for any other battery
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { arrangements } from './arrangements.js';
import type { Arrangement } from './arrangements.js';
import { writeReport } from './report.js';
import type { Row } from './report.js';

interface BatteryTest {
  readonly number: number;
  /** dieharder's -n, where the test has a size. */
  readonly size?: number;
}

const numbered = (...numbers: number[]): BatteryTest[] => numbers.map((number) => ({ number }));
const sized = (number: number, ...sizes: number[]): BatteryTest[] => sizes.map((size) => ({ number, size }));

/** Those that end soon on one core; dieharder itself calls 5, 6, 7 suspect and 14 not to be used. */
const chosenTests: readonly BatteryTest[] = [
  ...numbered(0, 1, 2, 3, 4, 8, 9, 10, 11, 12, 13, 15, 16, 100, 101, 102),
  ...sized(200, 2, 6),
  ...sized(201, 3),
  ...sized(202, 4),
  ...sized(203, 1, 16),
  ...numbered(204, 205, 206, 207, 208, 209),
];

/** What `dieharder -a` runs, without the suspect ones. */
const allTests: readonly BatteryTest[] = [
  ...numbered(0, 1, 2, 3, 4, 8, 9, 10, 11, 12, 13, 15, 16, 17, 100, 101, 102),
  ...sized(200, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
  ...sized(201, 2, 3, 4, 5),
  ...sized(202, 2, 3, 4, 5),
  ...sized(203, ...Array.from({ length: 33 }, (_, size) => size)),
  ...numbered(204, 205, 206, 207, 208, 209),
];

function parseTests(text: string): readonly BatteryTest[] {
  if (text === 'all') return allTests;
  return text.split(',').map((word) => {
    const [number, size] = word.split(':').map(Number);
    return { number: number!, ...(size === undefined ? {} : { size }) };
  });
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '42' },
    tests: { type: 'string' },
    report: { type: 'string' },
    raw: { type: 'boolean', default: false },
    again: { type: 'string', default: '3' },
  },
});
const tests = options.tests === undefined ? chosenTests : parseTests(options.tests);
const seed = BigInt(options.seed);
for (const name of positionals) {
  if (!arrangements.some((arrangement) => arrangement.name === name))
    throw new Error(`there is no arrangement ${name}; they are ${arrangements.map((each) => each.name).join(', ')}`);
}
const chosen = positionals.length === 0 ? arrangements : arrangements.filter(({ name }) => positionals.includes(name));

/** Writes chunks until the reader has had enough. */
async function feed(chunks: Generator<Uint8Array, never>, sink: NodeJS.WritableStream): Promise<void> {
  let isOpen = true;
  const closed = new Promise<void>((resolve) => {
    const end = (): void => {
      isOpen = false;
      resolve();
    };
    sink.on('error', end);
    sink.on('close', end);
  });
  for (const chunk of chunks) {
    if (!isOpen) return;
    // The chunk's memory is used again for the next one.
    await Promise.race([closed, new Promise<void>((resolve) => void sink.write(chunk, () => resolve()))]);
  }
}

const line = /^\s*(?<name>[\w.]+)\s*\|\s*(?<size>\d+)\|\s*\d+\|\s*\d+\|(?<p>[\d.e-]+)\|\s*(?<verdict>\w+)/;

async function runTest(arrangement: Arrangement, test: BatteryTest, key: bigint): Promise<Row[]> {
  const size = test.size === undefined ? [] : ['-n', String(test.size)];
  const words = ['-g', '200', '-d', String(test.number), ...size];
  const child = spawn('dieharder', words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const started = performance.now();
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve());
  });
  await Promise.all([feed(arrangement.chunks(key), child.stdin), ended]);
  const seconds = (performance.now() - started) / 1000;
  const rows = output.split('\n').flatMap((text): Row[] => {
    const found = line.exec(text)?.groups;
    if (found === undefined) return [];
    const { name, size: n, p, verdict } = found;
    return [
      {
        arrangement: arrangement.name,
        seed: key,
        test: name!,
        number: test.number,
        size: Number(n),
        p: Number(p),
        verdict: verdict!,
      },
    ];
  });
  if (rows.length === 0) throw new Error(`dieharder ${words.join(' ')} said nothing that could be read:\n${output}`);
  for (const row of rows)
    console.log(
      [
        row.arrangement,
        row.test,
        row.size,
        row.p.toFixed(8),
        row.verdict,
        `seed ${key}`,
        `${seconds.toFixed(1)} s`,
      ].join('\t'),
    );
  return rows;
}

if (options.raw) {
  await feed(chosen[0]!.chunks(seed), process.stdout);
} else {
  if (spawnSync('dieharder', ['-l']).error) throw new Error('dieharder is not installed: apt-get install dieharder');
  const rows: Row[] = [];
  for (const arrangement of chosen) {
    for (const test of tests) {
      const found = await runTest(arrangement, test, seed);
      rows.push(...found);
      // What is weak by chance is not weak with other seeds.
      if (found.every(({ verdict }) => verdict === 'PASSED')) continue;
      for (let again = 1n; again <= BigInt(options.again); again++)
        rows.push(...(await runTest(arrangement, test, seed + 1000n * again)));
    }
    if (options.report !== undefined) {
      const before = existsSync(options.report) ? readFileSync(options.report, 'utf8') : '';
      writeFileSync(options.report, writeReport(before, arrangements, rows, seed));
    }
  }
  const failed = rows.filter(({ verdict }) => verdict === 'FAILED');
  const weak = rows.filter(({ verdict, seed: key }) => verdict === 'WEAK' && key === seed);
  const first = rows.filter(({ seed: key }) => key === seed).length;
  console.log(
    `${first} p-values: ${weak.length} weak (${(first / 100).toFixed(1)} expected by chance), ${failed.length} failed`,
  );
  if (failed.length > 0) process.exitCode = 1;
}
