// compare with modules: each candidate in a fresh process of the built package. What it does with those that fail in every way we could
// think of, and that nothing is left of them afterwards.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { CompareProgress, Comparison } from 'heddle/measure';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { fixture, isAlive, isLinux, runModule, startNode, until } from './measure-child.js';

// Loaded by Node itself, as in a program: the test runner would give the built package the platform's source, beside which the program
// of the fresh processes is not built.
const { compare } = createRequire(import.meta.url)('heddle/measure') as typeof import('heddle/measure');

const candidates = fixture('candidates.js');
const quick = { loops: 1, runs: 2 } as const;
const refusals = ({ candidates: results }: Comparison): Record<string, string | null> =>
  Object.fromEntries(results.map(({ name, refused }) => [name, refused]));
const answers = ({ candidates: results }: Comparison): unknown[] => results.map(({ answer }) => answer);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'heddle-compare-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newFile = (): string => join(folder, `pids-${files++}`);
/** The number of the first process that has noted it in the file, and ended the line. */
function pidIn(file: string): number | undefined {
  const line = existsSync(file) ? /^(\d+)\n/.exec(readFileSync(file, 'utf8')) : null;
  return line === null ? undefined : Number(line[1]);
}

/** Candidates' processes that this process has started and that are still there. */
function childrenOfThisProcess(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const parent = Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[1]);
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return parent === process.pid && command.includes('candidate-process') && isAlive(pid);
      } catch {
        return false;
      }
    });
}

describe('candidates', () => {
  test('exports of one module: figures, answers, ratios, memory', async () => {
    const comparison = await compare(candidates, { pick: ['plain', 'alsoPlain'], args: [5], loops: 10, runs: 7 });
    expect(comparison.where).toBe('fresh processes');
    expect(String(comparison)).not.toContain('one process');
    expect(answers(comparison)).toEqual([15, 15]);
    for (const candidate of comparison.candidates) {
      expect(candidate).toMatchObject({ refused: null, random: false, timing: { loops: 10 } });
      expect(candidate.timing!.runs).toHaveLength(7);
      expect(candidate.speedup!.confidence).toBeCloseTo(0.984375);
      if (isLinux) expect(candidate.peakMemory).toBeGreaterThanOrEqual(0);
    }
    expect(comparison.candidates[0]!.speedup).toMatchObject({ median: 1, low: 1, high: 1 });
  });

  test('one module each: by its hash, else by the name, else the default export', async () => {
    const hashed = new URL('#given', candidates);
    const comparison = await compare(
      { anyName: hashed, plain: candidates, nothingOfThatName: candidates },
      { ...quick, args: [1], agree: false, reference: 'plain' },
    );
    expect(refusals(comparison)).toEqual({ anyName: null, plain: null, nothingOfThatName: null });
    const asked = await compare({ anyName: hashed, nothingOfThatName: candidates }, { ...quick, agree: () => true });
    expect(answers(asked)).toEqual([[], 'the default export']);
  });

  test('loops are chosen where none are given', async () => {
    const comparison = await compare(candidates, { pick: ['plain'], runs: 1 });
    expect(comparison.candidates[0]!.timing!.loops).toBeGreaterThan(10_000);
    expect(Math.log10(comparison.candidates[0]!.timing!.loops) % 1).toBe(0);
  });

  test('each runs in a process of its own, with our environment, what env adds, and no words', async () => {
    const comparison = await compare(candidates, {
      ...quick,
      pick: ['environment'],
      env: { HEDDLE_TEST_GREETING: 'hello' },
    });
    expect(answers(comparison)).toEqual([['hello', true, 2]]);
    expect(process.env['HEDDLE_TEST_GREETING']).toBeUndefined();
  });

  test('setup makes the arguments, before every run', async () => {
    const comparison = await compare(candidates, { ...quick, pick: ['given'], args: [4], setup: 'prepare' });
    expect(answers(comparison)).toEqual([[40, 'prepared']]);
    const failures = {
      prepareBadly: 'threw TypeError: setup returned no array of arguments',
      nowhere: /exports no nowhere/,
    };
    for (const [setup, reason] of Object.entries(failures)) {
      const failed = await compare(candidates, { ...quick, pick: ['plain'], setup });
      expect(refusals(failed)['plain']).toMatch(reason);
    }
  });

  test('arguments of any kind that can be copied arrive', async () => {
    const args = [new Float64Array([1, 2]), { a: [1n, new Map([[1, new Set(['x'])]])] }, undefined, NaN, -0];
    const comparison = await compare(candidates, { ...quick, pick: ['given'], args });
    expect(answers(comparison)).toEqual([args]);
    const sharedNumbers = new Float64Array(new SharedArrayBuffer(8)).fill(3);
    const shared = await compare(candidates, {
      ...quick,
      pick: ['given'],
      args: [sharedNumbers, sharedNumbers.buffer],
    });
    expect(answers(shared)).toEqual([[new Float64Array([3]), new Float64Array([3]).buffer]]);
  });

  test('those that change their arguments are named, unless setup makes new ones', async () => {
    const pick = ['sorts', 'sortsCopy'];
    const comparison = await compare(candidates, { ...quick, pick, args: [[3, 1, 2]] });
    expect(comparison.candidates.map(({ changedArguments }) => changedArguments)).toEqual([true, false]);
    expect(refusals(comparison)).toEqual({ sorts: null, sortsCopy: null });
    expect(String(comparison)).toContain('sorts: changes its arguments');
    const fresh = await compare(candidates, { ...quick, pick, args: [3], setup: 'makeNumbers' });
    expect(fresh.candidates.map(({ changedArguments }) => changedArguments)).toEqual([false, false]);
    expect(String(fresh)).not.toContain('changes its arguments');
  });

  test('may be TypeScript, and import TypeScript as compilers find it', async () => {
    const module = pathToFileURL(join(folder, 'typed.ts'));
    writeFileSync(
      module,
      "import { by, type Unused } from './by.js';\nexport const times = (n: number): number => (n as Unused) * by;\n",
    );
    writeFileSync(join(folder, 'by.ts'), 'export type Unused = number;\nexport const by: number = 6;\n');
    expect(answers(await compare(module, { ...quick, pick: ['times'], args: [7] }))).toEqual([42]);
    // What is changed has no types any more, and stands where it stood.
    const seen: string[] = [];
    const transform = (text: string): string => (seen.push(text), text.replace('* by', '+ by'));
    expect(answers(await compare(module, { ...quick, pick: ['times'], args: [7], transform }))).toEqual([13]);
    expect(seen[0]).not.toMatch(/number|Unused/);
    expect(seen[0]!.split('\n')[1]!.indexOf('=>')).toBe('export const times = (n: number): number '.length);
    writeFileSync(module, 'export enum Color { red }\n');
    expect(refusals(await compare(module, { ...quick, pick: ['times'] }))['times']).toMatch(/^error\[TS002\]/);
  });

  test('transform changes the text; its own imports still lead to its neighbours', async () => {
    const texts: string[] = [];
    const comparison = await compare(candidates, {
      ...quick,
      pick: ['plain', 'alsoPlain'],
      transform: (text) => {
        texts.push(text);
        return text.replaceAll('n + offset', 'n + 2 * offset');
      },
    });
    expect(answers(comparison)).toEqual([23, 23]);
    expect(texts).toEqual(Array.from({ length: 2 }, () => readFileSync(candidates, 'utf8')));
    const broken = await compare(candidates, { ...quick, pick: ['plain'], transform: () => 'this is no module' });
    expect(refusals(broken)['plain']).toMatch(/^threw SyntaxError/);
  });

  test('rounds go forwards and backwards, and progress tells where they are', async () => {
    const progress: CompareProgress[] = [];
    const pick = ['plain', 'throws', 'alsoPlain'];
    await compare(candidates, { pick, loops: 1, runs: 3, onProgress: (step) => progress.push(step) });
    expect(progress.map(({ candidate, step, run }) => `${candidate} ${step} ${run ?? ''}`.trim())).toEqual([
      'plain first call',
      'plain choosing loops',
      'throws first call',
      'alsoPlain first call',
      'alsoPlain choosing loops',
      'plain run 1',
      'alsoPlain run 1',
      'alsoPlain run 2',
      'plain run 2',
      'plain run 3',
      'alsoPlain run 3',
    ]);
  });

  test('what a candidate prints goes to standard error; what it sends goes nowhere', async () => {
    const { stdout, stderr, code } = await runModule(`
      import { compare } from 'heddle/measure';
      const { candidates } = await compare(new URL(${JSON.stringify(candidates.href)}), { pick: ['chatty'], loops: 1, runs: 2 });
      console.log(JSON.stringify(candidates.map(({ answer, refused }) => [answer, refused])));
    `);
    expect(stdout).toBe('[["undefined",null]]\n');
    expect(stderr.match(/a candidate speaks/g)).toHaveLength(1 + 1 + 2);
    expect(code).toBe(0);
  });

  test('a text given by -e is not run again, and other flags are passed on', async () => {
    const { stdout, stderr } = await runModule(
      `// A second copy of this program ends at once, so that a mistake cannot multiply.
      import { compare } from 'heddle/measure';
      if (process.env.HEDDLE_TEST_STARTED) { console.log('started again'); process.exit(9); }
      process.env.HEDDLE_TEST_STARTED = 'yes';
      const { candidates } = await compare(new URL(${JSON.stringify(candidates.href)}), { pick: ['flags'], loops: 1, runs: 1 });
      console.log(JSON.stringify(candidates.map(({ answer, refused }) => [answer, refused])));`,
      ['--stack-size=900', '--conditions', 'custom'],
    );
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual([[['--stack-size=900', '--conditions', 'custom'], null]]);
  });
});

describe('agree', () => {
  test('random candidates are timed and not compared, with shared memory too', async () => {
    const comparison = await compare(candidates, { ...quick, pick: ['plain', 'random', 'overwritesShared'] });
    expect(comparison.candidates.map(({ random }) => random)).toEqual([false, true, true]);
    expect(refusals(comparison)).toEqual({ plain: null, random: null, overwritesShared: null });
    expect(answers(comparison)).toEqual([13, 0, new Float64Array([1, 0])]);
  });

  test('tolerance, predicate and false', async () => {
    const pick = ['plain', 'wrong'];
    expect(refusals(await compare(candidates, { ...quick, pick }))['wrong']).toBe(
      'gave another answer than plain: -1, not 13',
    );
    for (const agree of [{ atol: 14 }, (answer: unknown) => typeof answer === 'number', false] as const) {
      expect(refusals(await compare(candidates, { ...quick, pick, agree }))).toEqual({ plain: null, wrong: null });
    }
  });
});

describe('refusals', () => {
  test('one for every way of failing; the others finish, with figures', async () => {
    const pick = (
      'plain throws rejects throwsSymbol throwsLater throwsAside exits killsItself disconnects ' +
      'wrong uncloneable compiledModule missing notFunction alsoPlain'
    ).split(' ');
    const comparison = await compare(candidates, { ...quick, pick });
    expect(refusals(comparison)).toEqual({
      plain: null,
      throws: 'threw RangeError: out of range',
      rejects: 'threw Error: rejected',
      throwsSymbol: 'threw Symbol(strange)',
      throwsLater: 'threw Error: tired',
      throwsAside: 'its process ended with exit code 1',
      exits: 'its process ended with exit code 3',
      killsItself: 'its process was ended by SIGKILL',
      disconnects: 'its process ended with exit code 0',
      wrong: 'gave another answer than plain: -1, not 13',
      uncloneable: expect.stringMatching(/^its answer cannot be copied to be compared \(.*could not be cloned/),
      compiledModule: expect.stringMatching(/^its answer cannot be copied .*\[object WebAssembly\.Module\]/),
      missing: expect.stringMatching(/exports no missing; it exports .*plain/),
      notFunction: expect.stringMatching(/^error\[MEASURE001\]: compare measures a function, and was given 42/),
      alsoPlain: null,
    });
    for (const { refused, timing, speedup } of comparison.candidates) {
      expect(timing === null).toBe(refused !== null);
      expect(speedup === null).toBe(refused !== null);
    }
    const printed = String(comparison);
    for (const name of pick) expect(printed).toContain(name);
  });

  test('answers that are too large to be sent, without a copy being made of them', async () => {
    const pick = ['plain', 'tooLarge', 'tooLargeInside', 'alsoPlain'];
    expect(refusals(await compare(candidates, { ...quick, pick }))).toEqual({
      plain: null,
      tooLarge: 'its answer is too large to be compared (2.2 GiB); give agree: false',
      tooLargeInside: 'its answer is too large to be compared (1.0 GiB); give agree: false',
      alsoPlain: null,
    });
    const timed = await compare(candidates, { ...quick, pick: ['tooLarge'], agree: false });
    expect(refusals(timed)).toEqual({ tooLarge: null });
  });

  test('modules that are not there, or fail when they are imported', async () => {
    const comparison = await compare(
      { good: new URL('#plain', candidates), broken: fixture('throws-at-import.js'), absent: fixture('nowhere.js') },
      quick,
    );
    expect(refusals(comparison)).toEqual({
      good: null,
      broken: 'threw SyntaxError: broken at import',
      absent: expect.stringMatching(/^threw Error: Cannot find module/),
    });
  });

  test.concurrent('those that hang are ended when one call takes longer than timeoutMs', async () => {
    const pick = ['plain', 'endless', 'neverSettles', 'endlessLater', 'alsoPlain'];
    const comparison = await compare(candidates, { ...quick, pick, timeoutMs: 2500, args: [] });
    const reason = 'one call took longer than 2.5 s';
    expect(refusals(comparison)).toEqual({
      plain: null,
      endless: reason,
      neverSettles: reason,
      endlessLater: reason,
      alsoPlain: null,
    });
  });

  test.concurrent('so are those that hang while they are imported, after five seconds more', async () => {
    const module = fixture('endless-at-import.js');
    const comparison = await compare(
      { good: new URL('#plain', candidates), stuck: module },
      { ...quick, timeoutMs: 500 },
    );
    expect(refusals(comparison)).toEqual({ good: null, stuck: 'loading its module took longer than 5.5 s' });
  });

  test.each([
    [2 ** 31, 1],
    [2 ** 31 - 1, 10],
    [1e6, 100_000],
    [Number.MAX_SAFE_INTEGER, 1],
  ])('a limit of %s ms and %s loops, beyond what a timer can wait, ends nobody', async (timeoutMs, loops) => {
    const comparison = await compare(candidates, { pick: ['plain'], loops, runs: 1, timeoutMs });
    expect(refusals(comparison)).toEqual({ plain: null });
  });
});

describe.runIf(isLinux)('nothing is left', () => {
  test('after a comparison that went well, nor after one with refusals', async () => {
    await compare(candidates, { ...quick, pick: ['plain', 'throws', 'killsItself'] });
    await until(() => childrenOfThisProcess().length === 0);
  });

  test.each(['endless', 'neverSettles'])('after an abort while %s goes on', async (name) => {
    const file = newFile();
    const controller = new AbortController();
    // Should the test fail, nothing goes on in the background of the others.
    onTestFinished(() => controller.abort());
    const comparing = compare(candidates, {
      pick: ['plain', name],
      args: [file],
      agree: false,
      loops: 1,
      signal: controller.signal,
    });
    const rejected = expect(comparing).rejects.toThrow('enough');
    const pid = await until(() => pidIn(file));
    expect(isAlive(pid)).toBe(true);
    controller.abort(new Error('enough'));
    await rejected;
    await until(() => !isAlive(pid) && childrenOfThisProcess().length === 0);
  });

  test('after an abort while a module is loaded', async () => {
    const controller = new AbortController();
    // Should the test fail, nothing goes on in the background of the others.
    onTestFinished(() => controller.abort());
    const comparing = compare({ stuck: fixture('endless-at-import.js') }, { signal: controller.signal });
    const rejected = expect(comparing).rejects.toThrow('enough');
    await until(() => childrenOfThisProcess().length === 1);
    controller.abort(new Error('enough'));
    await rejected;
    await until(() => childrenOfThisProcess().length === 0);
  });

  test('of candidates that are out, while the others go on', async () => {
    const controller = new AbortController();
    onTestFinished(() => controller.abort());
    let isRunning = false;
    const pick = ['plain', 'throws', 'throwsLater', 'wrong', 'uncloneable', 'missing'];
    const onProgress = ({ run }: CompareProgress): void => {
      isRunning = run !== undefined && run > 1;
    };
    const comparing = compare(candidates, { pick, loops: 1, runs: 1e9, onProgress, signal: controller.signal });
    const rejected = expect(comparing).rejects.toThrow('enough');
    await until(() => isRunning && childrenOfThisProcess().length === 1);
    controller.abort(new Error('enough'));
    await rejected;
  });

  test('after an error in whoever watches the progress', async () => {
    const onProgress = ({ step }: CompareProgress): void => {
      if (step === 'run') throw new Error('cannot show this');
    };
    await expect(compare(candidates, { ...quick, pick: ['plain'], onProgress })).rejects.toThrow('cannot show this');
    await until(() => childrenOfThisProcess().length === 0);
  });

  test('of our listeners for signals and exit', async () => {
    const count = (): number[] => ['SIGINT', 'SIGTERM', 'SIGHUP', 'exit'].map((event) => process.listenerCount(event));
    const before = count();
    await compare(candidates, { ...quick, pick: ['plain', 'exits'] });
    await until(() => JSON.stringify(count()) === JSON.stringify(before));
  });

  const start = (...words: string[]) => {
    const file = newFile();
    const running = startNode([fixture('endless-comparison.js').pathname, file, ...words]);
    return { file, running };
  };

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('of the children, when %s ends the program', async (signal) => {
    const { file, running } = start('');
    const pid = await until(() => pidIn(file));
    expect(isAlive(pid)).toBe(true);
    running.child.kill(signal);
    expect(await running.ended).toEqual({ code: null, signal });
    await until(() => !isAlive(pid));
    expect(running.stdout).toBe('');
  });

  test('of a candidate that answers after its program was killed, not even a word', async () => {
    const { file, running } = start('', 'outlivesParent');
    const pid = await until(() => pidIn(file));
    running.child.kill('SIGKILL');
    // The streams are the candidate's too, so they close when it has ended.
    expect(await running.ended).toEqual({ code: null, signal: 'SIGKILL' });
    await until(() => !isAlive(pid));
    expect([running.stdout, running.stderr]).toEqual(['', '']);
  });

  test('of the children, when the program ends by process.exit or by an uncaught error', async () => {
    for (const [ending, code] of [
      ['exits', 7],
      ['throws', 1],
    ] as const) {
      const { file, running } = start(ending);
      expect(await running.ended).toEqual({ code, signal: null });
      const pid = pidIn(file)!;
      await until(() => !isAlive(pid));
    }
  });

  test('of the children, when the program listens to the signal itself; it goes on', async () => {
    const { file, running } = start('listens');
    const pid = await until(() => pidIn(file));
    running.child.kill('SIGINT');
    expect(await running.ended).toEqual({ code: 0, signal: null });
    expect(running.stdout).toContain('the program decides');
    expect(running.stdout).toContain('its process was ended by SIGKILL');
    await until(() => !isAlive(pid));
  });
});
