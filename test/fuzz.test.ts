// Random programs of the kernel language, held against the interpreter: printed and read, before and after every pass, and compiled. Every
// program that ever failed is a file of test/fuzz-cases/, made small, and is tried again here; one that begins with `; wrong: STAGE: WORDS`
// still fails in that way, and whoever mends it takes that line away.
// `npm run fuzz` tries many more, from a seed that it prints, and writes what fails to that folder; FUZZ_RUNS and FUZZ_SEED say how many
// and from where. What the backend refuses is counted; the list of what it may refuse stands here, and can only become shorter.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { printProgram } from '../src/ir/print.js';
import { readProgram } from '../src/ir/read.js';
import type { Program } from '../src/ir/nodes.js';
import { pipeline } from '../src/passes/pipeline.js';
import { checkProgram, Disagreement } from './support/check-program.js';
import type { Checked } from './support/check-program.js';
import { randomProgram } from './support/random-program.js';
import { stopTeam } from './support/run-on-threads.js';
import { countStatements, shrinkProgram } from './support/shrink-program.js';

/** What the WebAssembly backend still refuses with WASM002: each has to happen among the programs below, or to go. */
const mayBeRefused: Readonly<Record<string, RegExp>> = {
  'lanes of parameters and results': /compile a (?:parameter|result) of lanes yet$/,
  reductions: /compile a reduction yet$/,
  'extents that only the run knows':
    /compile a buffer whose extents only the run knows, in a routine or a parallel loop, yet$/,
};

const isWanted = process.env['FUZZ_RUNS'] !== undefined;
const runs = Number(process.env['FUZZ_RUNS'] ?? 500);
const firstSeed = Number(process.env['FUZZ_SEED'] ?? (isWanted ? Math.floor(Math.random() * 2 ** 30) : 0));
/** What each program is run with. */
const inputSeeds = [1, 2];
/** Of many programs only some are looked at after every pass; what is wrong at the end is found all the same. */
const thoroughEvery = 16;
/** Different failures that one call of `npm run fuzz` makes small. */
const mostFailures = 12;

afterAll(() => stopTeam());

const folder = new URL('./fuzz-cases/', import.meta.url);

interface Case {
  readonly file: string;
  readonly text: string;
  readonly wrong: { readonly stage: string; readonly words: string } | undefined;
}

const cases: readonly Case[] = (existsSync(folder) ? readdirSync(folder) : [])
  .filter((file) => file.endsWith('.ir'))
  .toSorted()
  .map((file) => {
    const text = readFileSync(new URL(file, folder), 'utf8');
    const [, stage, words] = /^; wrong: ([^:]+): (.*)$/m.exec(text) ?? [];
    return { file, text, wrong: stage === undefined ? undefined : { stage, words: words! } };
  });

const isOf = (wrong: Case['wrong'], { stage, message }: Disagreement): boolean =>
  wrong !== undefined && wrong.stage === stage && message.includes(wrong.words);

const isKnown = (disagreement: Disagreement): boolean => cases.some(({ wrong }) => isOf(wrong, disagreement));

function check(program: Program, isLeftOut: typeof isKnown = isKnown, eachPass = true): Checked | Disagreement {
  try {
    return checkProgram(program, pipeline, inputSeeds, isLeftOut, eachPass);
  } catch (error) {
    if (error instanceof Disagreement) return error;
    throw error;
  }
}

/** How it fails, or undefined. */
function failureOf(program: Program, isLeftOut: typeof isKnown = isKnown): Disagreement | undefined {
  const found = check(program, isLeftOut);
  return found instanceof Disagreement ? found : undefined;
}

/** Names and numbers taken out: what two failures have in common. */
const kindOf = ({ stage, message }: Disagreement): string =>
  `${stage}: ${message.split('\n')[0]!.replaceAll(/%?[\w.@&$-]*\d[\w.]*/g, '…')}`;

test(`${runs} random programs from seed ${firstSeed} on`, { timeout: 24 * 3_600_000 }, async () => {
  const refused = new Map<string, number>();
  const failures = new Map<string, string>();
  let [compared, threaded, failedChecks, known] = [0, 0, 0, 0];
  for (let seed = firstSeed; seed < firstSeed + runs && failures.size < mostFailures; seed++) {
    // Threads come and go by messages.
    if (seed % 16 === 0) await nextTurn();
    const program = randomProgram(seed);
    const failure = check(program, isKnown, runs <= 1000 || seed % thoroughEvery === 0);
    if (!(failure instanceof Disagreement)) {
      const { refusals, failures: failed, known: left, onThreads } = failure;
      compared += 2 - refusals.length;
      threaded += Number(onThreads);
      failedChecks += failed;
      known += left.length;
      for (const message of refusals) {
        const form = Object.keys(mayBeRefused).find((name) => mayBeRefused[name]!.test(message));
        expect(form, `seed ${seed}: ${message}`).toBeDefined();
        refused.set(form!, (refused.get(form!) ?? 0) + 1);
      }
      continue;
    }
    const kind = kindOf(failure);
    if (failures.has(kind)) continue;
    const small = shrinkProgram(program, (candidate) => failureOf(candidate)?.stage === failure.stage);
    const left = failureOf(small)!;
    const text = `; seed ${seed}\n; ${left.message.replaceAll('\n', '\n; ')}\n${printProgram(small)}`;
    failures.set(
      kind,
      `seed ${seed}, ${countStatements(small)} of ${countStatements(program)} statements left\n${text}`,
    );
    if (isWanted) writeFileSync(new URL(`seed-${seed}.ir`, folder), text);
  }
  const told = [...refused].toSorted((a, b) => b[1] - a[1]).map(([form, count]) => `${count} ${form}`);
  console.log(
    `${runs} programs from seed ${firstSeed} on: ${compared} of ${2 * runs} compiled forms compared, ${threaded} on threads, ${failedChecks} runs failed a check, ` +
      `${known} known failures; refused: ${told.join(', ') || 'none'}`,
  );
  expect([...failures.values()].join('\n')).toBe('');
  // Programs that find nothing because they do nothing would not be noticed otherwise.
  expect(Math.min(failedChecks, threaded)).toBeGreaterThan(0);
  if (!isWanted) expect(Object.keys(mayBeRefused).filter((form) => !refused.has(form))).toEqual([]);
});

describe.each(cases)('fuzz-cases/$file', ({ text, wrong }) => {
  if (wrong === undefined) {
    test('is right', () => expect(failureOf(readProgram(text))?.message).toBeUndefined());
  } else {
    test(`is still wrong: ${wrong.stage}`, () => {
      const failure = failureOf(readProgram(text), (other) => isKnown(other) && !isOf(wrong, other));
      expect(failure?.stage, 'it is right now: take the line `; wrong:` away').toBe(wrong.stage);
      expect(failure!.message).toContain(wrong.words);
    });
  }
});
