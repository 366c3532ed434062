// heddle measure FILE --fn NAME --args '[1e7]': a function as it is, and as jit makes it, each in a fresh process; the table that says what
// each way is worth, and one line of advice.
import { compare, comparisonColumns, describeMachine, formatSpeedup, notes } from 'heddle/measure';
import type { Agreement, CandidateResult, Comparison } from 'heddle/measure';
import { UserError } from '../base/errors.js';
import { formatPlural } from '../base/format.js';
import { renderTable, wrapText } from '../base/text-table.js';
import type { Column } from '../base/text-table.js';
import { interruptSignal, outputWidth, printData, ProgressLine, setExitCode } from '../platform/terminal.js';
import { makeArguments, readArguments } from './arguments.js';
import { bold, splitNames, unknownWord } from './command.js';
import type { Command, Words } from './command.js';
import { isCompiled, loadFunction } from './given-function.js';
import type { GivenFunction } from './given-function.js';
import { describeProgress } from './ladder-command.js';
import { parseCount, parseSeconds, parseSeed } from './numbers.js';
import type { WayName, WayWords } from './way.js';

const wayNames: readonly WayName[] = ['plain', 'jit', 'jit-parallel'];

export const measureCommand: Command = {
  name: 'measure',
  usage: 'FILE --fn NAME [options]',
  summary: 'whether a function of yours is worth compiling',
  details: [
    'Calls a function that FILE exports as it is, compiled, and compiled for all threads, each in a fresh process; says what each way is worth, and which to take. FILE is JavaScript or TypeScript.',
    '',
    `--args is JSON: an array with an element for each argument, such as '[1e7]'. {"float64": [1, 2, 3]} in it is a typed array, {"float64": {"random": 1e6}} one of random numbers ("zeros" and "range" are others); so for every kind that alloc has. {"bigint": "10"} is a bigint.`,
  ].join('\n'),
  options: {
    fn: { type: 'string', value: 'NAME', help: 'the exported function; not needed where there is only one' },
    args: { type: 'string', value: 'JSON', help: 'what it is called with, by default nothing' },
    'args-from': {
      type: 'string',
      value: 'NAME',
      help: 'an export of FILE that gives the array of arguments; a function is called with what --args says',
    },
    ways: { type: 'string', value: 'a,b', help: `only these of ${wayNames.join(', ')}` },
    agree: {
      type: 'string',
      value: 'RULE',
      help: 'when answers count as the same: exact, none, or how far they may lie apart relative to their size (1e-9 by default)',
    },
    json: { type: 'boolean', help: 'the figures as JSON, in seconds and bytes' },
    seed: { type: 'string', value: 'S', help: 'the same random numbers every time, in compiled ways' },
    threads: { type: 'string', value: 'K', help: 'threads for jit-parallel' },
    runs: { type: 'string', value: 'R', help: 'timed runs of each way, 7 by default' },
    loops: { type: 'string', value: 'L', help: 'calls in each run, by default enough for 0.2 s' },
    timeout: { type: 'string', value: 'SECONDS', help: 'give up on a way when one call of it takes longer' },
  },
  run,
};

/** What was asked for. */
interface Wish {
  readonly file: string;
  readonly given: GivenFunction;
  readonly args: readonly unknown[];
  /** As it was written. */
  readonly argsText: string;
  readonly argsFrom: string | undefined;
  readonly ways: readonly WayName[];
  readonly agree: Agreement;
  readonly seed: number | bigint | undefined;
  readonly threads: number | undefined;
  readonly runs: number | undefined;
  readonly loops: number | undefined;
  readonly timeoutMs: number | undefined;
}

/** A way, and what came of it. */
interface Measured {
  readonly way: WayName;
  readonly wish: Wish;
  readonly result: CandidateResult;
}

async function run(words: Words): Promise<void> {
  const wish = await readWish(words);
  const progress = new ProgressLine();
  let results: readonly CandidateResult[];
  try {
    const measuredWays = await measure(wish, progress);
    // Without the plain function there is nothing that others could be faster than.
    results = wish.ways.includes('plain') ? measuredWays : measuredWays.map((one) => ({ ...one, speedup: null }));
  } finally {
    progress.clear();
  }
  const measured = results.map((result): Measured => ({ way: result.name as WayName, wish, result }));
  const advice = adviseOn(measured);
  printData(words.options['json'] === true ? toJson(measured, advice) : toText(measured, advice, words.useColor));
  if (measured.find(({ way }) => way === 'plain')?.result.refused) setExitCode(1);
}

async function readWish({ positionals, options }: Words): Promise<Wish> {
  const [file, ...more] = positionals;
  if (file === undefined)
    throw new UserError('CLI007', 'heddle measure needs a file', {
      fix: "write heddle measure FILE --fn NAME --args '[1e7]'",
    });
  if (more.length > 0)
    throw new UserError(
      'CLI006',
      `heddle measure takes one file, and was given ${positionals.length} words: ${positionals.join(' ')}`,
      {
        fix: `write heddle measure ${file} --fn ${more[0]!}`,
      },
    );
  const text = (name: string): string | undefined => options[name] as string | undefined;
  const number = <T>(name: string, parse: (word: string, what: string) => T): T | undefined => {
    const word = text(name);
    return word === undefined ? undefined : parse(word, `--${name}`);
  };
  const argsText = text('args') ?? '[]';
  const args = readArguments(argsText);
  makeArguments(args);
  const ways = waysOf(splitNames(text('ways')));
  const agree = agreementOf(text('agree') ?? '1e-9');
  const seed = text('seed') === undefined ? undefined : parseSeed(text('seed')!);
  const [threads, runs, loops] = ['threads', 'runs', 'loops'].map((name) => number(name, parseCount));
  const timeout = number('timeout', parseSeconds);
  const given = await loadFunction(file, text('fn'));
  const argsFrom = text('args-from');
  if (argsFrom !== undefined && !Object.hasOwn(given.exports, argsFrom))
    throw unknownWord(
      'CLI009',
      `${file} exports no ${argsFrom} to take arguments from`,
      argsFrom,
      Object.keys(given.exports).filter((name) => name !== given.name),
      'the file',
    );
  return {
    file,
    given,
    args,
    argsText,
    argsFrom,
    // What its module has compiled has the options that its module gave it.
    ways: isCompiled(given.value) ? ways.filter((way) => way !== 'jit-parallel') : ways,
    agree,
    seed,
    threads,
    runs,
    loops,
    timeoutMs: timeout && Math.ceil(timeout * 1000),
  };
}

function waysOf(names: readonly string[]): readonly WayName[] {
  for (const name of names) {
    if (!(wayNames as readonly string[]).includes(name))
      throw unknownWord(
        'CLI005',
        `heddle measure has no way ${JSON.stringify(name)}`,
        name,
        wayNames,
        'heddle measure --help',
      );
  }
  return names.length === 0 ? wayNames : wayNames.filter((way) => names.includes(way));
}

function agreementOf(word: string): Agreement {
  if (word === 'exact') return 'exact';
  if (word === 'none') return false;
  const rtol = Number(word);
  if (word.trim() !== '' && rtol >= 0 && Number.isFinite(rtol)) return { rtol, atol: rtol / 1000 };
  throw new UserError('CLI004', `--agree cannot be ${word}`, { fix: 'write exact, none, or a number such as 1e-9' });
}

const wayUrl = ({ file, given, argsFrom, seed }: Wish, way: WayName, name: 'run' | 'check'): URL => {
  const url = new URL('./way.js', import.meta.url);
  const words: WayWords = {
    file,
    fn: given.name,
    way,
    ...(argsFrom !== undefined && { argsFrom }),
    ...(seed !== undefined && { seed: String(seed) }),
  };
  for (const [word, value] of Object.entries(words)) url.searchParams.set(word, value as string);
  url.hash = name;
  return url;
};

async function measure(wish: Wish, progress: ProgressLine): Promise<readonly CandidateResult[]> {
  const { args, agree, threads, runs, loops, timeoutMs } = wish;
  const signal = interruptSignal();
  const compareWays = (
    ways: readonly WayName[],
    name: 'run' | 'check',
    rule: Agreement,
    times = {},
  ): Promise<Comparison> =>
    compare(Object.fromEntries(ways.map((way) => [way, wayUrl(wish, way, name)])), {
      args,
      setup: 'argumentsOf',
      agree: rule,
      signal,
      onProgress: (step) => progress.show(name === 'run' ? describeProgress(step) : `${step.candidate}: answer`),
      ...(timeoutMs && { timeoutMs }),
      ...(threads && { env: { HEDDLE_THREADS: String(threads) } }),
      ...times,
    });
  const times = { ...(runs && { runs }), ...(loops && { loops }) };
  // What a function leaves in its arrays is part of its answer; but only the function itself is timed.
  const hasArrays = wish.argsFrom !== undefined || makeArguments(args).some((arg) => ArrayBuffer.isView(arg));
  if (!hasArrays || agree === false) return (await compareWays(wish.ways, 'run', agree, times)).candidates;
  const { candidates: checked } = await compareWays(wish.ways, 'check', agree, { loops: 1, runs: 1 });
  const sound = checked.filter(({ refused }) => refused === null).map(({ name }) => name as WayName);
  const timed = sound.length === 0 ? [] : (await compareWays(sound, 'run', false, times)).candidates;
  return checked.map((one) => {
    const result = timed.find(({ name }) => name === one.name);
    return result === undefined
      ? { ...one, timing: null, speedup: null }
      : { ...result, random: one.random, answer: (one.answer as readonly unknown[])[0] };
  });
}

// Advice.

interface Advice {
  readonly fastest: WayName | null;
  readonly text: string;
}

function adviseOn(measured: readonly Measured[]): Advice {
  const plain = measured.find(({ way }) => way === 'plain');
  if (plain === undefined) return { fastest: null, text: 'nothing to advise: the plain function was not measured' };
  if (plain.result.refused !== null)
    return { fastest: null, text: 'nothing to advise: the plain function gave no figures' };
  const others = measured.filter(({ way }) => way !== 'plain');
  const better = others
    .filter(({ result: { speedup } }) => speedup !== null && speedup.low > 1)
    .toSorted((a, b) => b.result.speedup!.median - a.result.speedup!.median);
  const [first] = better;
  if (first === undefined) {
    const isRefused = others.length > 0 && others.every(({ result }) => result.refused !== null);
    const isUncompiled = isRefused && others.every(({ result }) => result.refused!.startsWith('error[JIT'));
    const why = isUncompiled
      ? 'it cannot be compiled'
      : isRefused
        ? 'no other way gave an answer that could be used'
        : 'no other way is faster by more than these figures vary';
    return { fastest: 'plain', text: `leave it as it is: ${why}` };
  }
  // Where two cannot be told apart, the one that needs fewer threads.
  const simpler = better.find(({ way, result }) => way === 'jit' && result.speedup!.high >= first.result.speedup!.low);
  const best = simpler ?? first;
  const code = codeOf(best.way, best.wish);
  return {
    fastest: best.way,
    text: `${best.way}: ${formatSpeedup(best.result.speedup!)} as fast as plain, by ${code}`,
  };
}

/** How one writes a way. */
function codeOf(way: WayName, { given }: Wish): string {
  if (way === 'plain') return 'as it is';
  if (isCompiled(given.value)) return 'as its module has compiled it';
  const parts = [
    ...(way === 'jit-parallel' ? ['parallel: true'] : []),
    ...(given.captured.length > 0 ? [`globals: () => ({ ${given.captured.join(', ')} })`] : []),
  ];
  return parts.length === 0 ? `jit(${given.name})` : `jit(${given.name}, { ${parts.join(', ')} })`;
}

// What is printed.

const threadsOf = ({ way, wish }: Measured): number =>
  way === 'jit-parallel' ? (wish.threads ?? describeMachine().cores) : 1;

function toJson(measured: readonly Measured[], { fastest, text }: Advice): string {
  const [{ wish }] = measured as [Measured];
  const ways = measured.map((one) => {
    const { result, way } = one;
    const { answer, timing, refused, speedup } = result;
    const isShort = ['number', 'boolean', 'string'].includes(typeof answer);
    return {
      name: way,
      code: codeOf(way, wish),
      answer: typeof answer === 'bigint' ? `${answer}n` : isShort && refused === null ? answer : null,
      mean: timing?.mean ?? null,
      std: timing?.std ?? null,
      median: timing?.median ?? null,
      min: timing?.min ?? null,
      runs: timing?.runs ?? [],
      loops: timing?.loops ?? null,
      firstCall: timing?.firstCall ?? null,
      peakMemory: refused === null ? result.peakMemory : null,
      speedup: speedup?.median ?? null,
      speedupInterval: speedup ? [speedup.low, speedup.high] : null,
      threads: threadsOf(one),
      random: result.random,
      refused,
    };
  });
  const { file, given, args } = wish;
  return JSON.stringify(
    { file, fn: given.name, args, machine: describeMachine(), ways, fastest, advice: text },
    null,
    2,
  );
}

function toText(measured: readonly Measured[], { text }: Advice, useColor: boolean): string {
  const [{ wish }] = measured as [Measured];
  const [, ...figures] = comparisonColumns.map((column) => ({
    ...column,
    cell: ({ result }: Measured) => column.cell(result),
  }));
  const columns: Column<Measured>[] = [
    { title: 'way', cell: ({ way }) => way },
    ...figures,
    { title: 'threads', align: 'right', cell: (one) => String(threadsOf(one)) },
  ];
  const width = outputWidth();
  const table = renderTable(columns, measured, { width, styleHead: (line) => bold(line, useColor) });
  const { cpu, cores, node } = describeMachine();
  const runs = measured.find(({ result }) => result.timing)?.result.timing?.runs.length;
  const from = wish.argsFrom === undefined ? wish.argsText.slice(1, -1).trim() : `…${wish.argsFrom}`;
  const what = `${wish.given.name}(${from.length > 60 ? `${from.slice(0, 59)}…` : from}) of ${wish.file}`;
  const isCompared = measured.some(({ result }) => result.speedup !== null && result.name !== 'plain');
  const how = [
    `mean ± std. dev. of ${formatPlural(runs ?? 0, 'run')}, each way in a fresh process`,
    'memory above the start',
    ...(isCompared ? ['speed-up over plain'] : []),
  ];
  const legend = [
    `${what} · ${cpu}, ${formatPlural(cores, 'core')} · Node ${node}`,
    ...(runs === undefined ? [] : [how.join('; ')]),
  ];
  const parts = [
    table,
    // Lines of code are not broken.
    ...refusals(measured),
    wrapText(remarks(measured).join('\n'), width),
    wrapText(legend.join('\n'), width),
    // In one piece, to be copied, and to be the last line.
    text,
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** Why ways were refused. */
const refusals = (measured: readonly Measured[]): string[] =>
  saidOnce(measured.flatMap(({ way, result: { refused } }) => (refused === null ? [] : [[way, refused]])));

/** What else there is to say of them. */
const remarks = (measured: readonly Measured[]): string[] =>
  saidOnce(
    measured.flatMap(({ way, result }) =>
      notes([{ ...result, refused: null }]).map((note) => [way, note.slice(way.length + 2)] as const),
    ),
  );

/** What is true of several ways, once for all of them. */
function saidOnce(said: readonly (readonly [way: string, text: string])[]): string[] {
  const ways = new Map<string, string[]>();
  for (const [way, text] of said) ways.set(text, [...(ways.get(text) ?? []), way]);
  return [...ways].map(([text, names]) => `${names.join(', ')}: ${text}`);
}
