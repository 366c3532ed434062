// heddle pi, sum, sort: walks a ladder, every rung in a fresh process, and prints the table (or JSON) that says what each is worth.
import { compare, comparisonColumns, describeMachine, notes } from 'heddle/measure';
import type { CandidateResult, CompareProgress } from 'heddle/measure';
import { UserError } from '../base/errors.js';
import { formatCount, formatBytes, formatPlural } from '../base/format.js';
import { renderTable, wrapText } from '../base/text-table.js';
import type { Column } from '../base/text-table.js';
import {
  availableMemory,
  interruptSignal,
  outputWidth,
  printData,
  ProgressLine,
  readTextFile,
  setExitCode,
} from '../platform/terminal.js';
import { bold, splitNames, unknownWord } from './command.js';
import type { Command, Words } from './command.js';
import { standardErrorOfPi } from './ladders.js';
import type { Ladder, Rung } from './ladders.js';
import { parseCount, parseSeconds, parseSeed } from './numbers.js';

export function ladderCommand(ladder: Ladder): Command {
  const names = ladder.rungs.map(({ name }) => name);
  const noneYet = (has: (rung: Rung) => boolean): string => (ladder.rungs.some(has) ? '' : ' (none yet)');
  return {
    name: ladder.name,
    usage: '[N] [options]',
    summary: ladder.summary,
    details: `N is the number of ${ladder.item}s, ${formatCount(ladder.defaultCount)} by default; 1e9 and 10_000_000 are accepted.\nRungs: ${names.join(', ')}.`,
    options: {
      rungs: { type: 'string', value: 'a,b', help: 'only these rungs' },
      code: { type: 'boolean', help: `print the programs (heddle ${ladder.name} --code ${names[0]}: one of them)` },
      json: { type: 'boolean', help: 'the figures as JSON, in seconds and bytes' },
      seed: {
        type: 'string',
        value: 'S',
        help: `the same random numbers every time, on rungs that can be seeded${noneYet(({ isSeedable }) => isSeedable === true)}`,
      },
      threads: {
        type: 'string',
        value: 'K',
        help: `threads for the rungs that use more than one${noneYet(({ threads }) => threads === 'team')}`,
      },
      runs: { type: 'string', value: 'R', help: 'timed runs of each rung, 7 by default' },
      loops: { type: 'string', value: 'L', help: 'calls in each run, by default enough for 0.2 s' },
      timeout: { type: 'string', value: 'SECONDS', help: 'give up on a rung when one call of it takes longer' },
    },
    run: (words) => run(ladder, words),
  };
}

interface Walk {
  readonly n: number;
  readonly rungs: readonly Rung[];
  readonly seed: number | bigint | null;
  readonly threads: number | null;
  readonly timeoutMs: number | undefined;
  readonly runs: number | undefined;
  readonly loops: number | undefined;
}

async function run(ladder: Ladder, words: Words): Promise<void> {
  const { options, positionals } = words;
  if (options['code'] === true)
    return printCode(
      ladder,
      chooseRungs(ladder, [...positionals.filter((word) => !/^\d/.test(word)), ...splitNames(options['rungs'])]),
    );
  const walk = readWalk(ladder, words);
  const progress = new ProgressLine();
  let results: readonly CandidateResult[];
  try {
    results = await measure(ladder, walk, (step) => progress.show(describeProgress(step)));
  } finally {
    progress.clear();
  }
  const reports = walk.rungs.map((rung): RungReport => {
    const result = results.find(({ name }) => name === rung.name)!;
    return { rung, result, walk, ladder };
  });
  printData(options['json'] === true ? toJson(ladder, walk, reports) : toText(ladder, walk, reports, words.useColor));
  if (results.every(({ refused }) => refused !== null)) setExitCode(1);
}

function chooseRungs(ladder: Ladder, names: readonly string[]): readonly Rung[] {
  if (names.length === 0) return ladder.rungs;
  const known = ladder.rungs.map(({ name }) => name);
  for (const name of names) {
    if (!known.includes(name))
      throw unknownWord(
        'CLI005',
        `heddle ${ladder.name} has no rung ${JSON.stringify(name)}`,
        name,
        known,
        `heddle ${ladder.name} --help`,
      );
  }
  // In the ladder's own order, each once.
  return ladder.rungs.filter(({ name }) => names.includes(name));
}

function readWalk(ladder: Ladder, { positionals, options }: Words): Walk {
  const [count, ...more] = positionals;
  if (more.length > 0) {
    throw new UserError(
      'CLI006',
      `heddle ${ladder.name} takes one number, and was given ${positionals.length} words: ${positionals.join(' ')}`,
      {
        fix: `write heddle ${ladder.name} ${positionals.find((word) => /^\d/.test(word)) ?? '1e6'}`,
      },
    );
  }
  const text = (name: string): string | undefined => options[name] as string | undefined;
  const [seed, timeout] = [text('seed'), text('timeout')];
  const parseOption = (name: string): number | undefined => {
    const word = text(name);
    return word === undefined ? undefined : parseCount(word, `--${name}`);
  };
  return {
    n: count === undefined ? ladder.defaultCount : parseCount(count, `the number of ${ladder.item}s`),
    rungs: chooseRungs(ladder, splitNames(options['rungs'])),
    seed: seed === undefined ? null : parseSeed(seed),
    threads: parseOption('threads') ?? null,
    runs: parseOption('runs'),
    loops: parseOption('loops'),
    timeoutMs: timeout === undefined ? undefined : Math.ceil(parseSeconds(timeout, '--timeout') * 1000),
  };
}

// From dist/cli/ to the programs, as text and as compiled.
const sourceOf = (ladder: Ladder, rung: Rung): URL =>
  new URL(`../../examples/${ladder.name}/${rung.file}.ts`, import.meta.url);
const compiledOf = (ladder: Ladder, rung: Rung): URL =>
  new URL(`../examples/${ladder.name}/${rung.file}.js#${ladder.exportName}`, import.meta.url);

function printCode(ladder: Ladder, rungs: readonly Rung[]): void {
  printData(
    rungs
      .map(
        (rung) => `// ${rung.name}: as in Python, ${rung.asInPython}\n${readTextFile(sourceOf(ladder, rung)).trim()}`,
      )
      .join('\n\n'),
  );
}

async function measure(
  ladder: Ladder,
  walk: Walk,
  onProgress: (step: CompareProgress) => void,
): Promise<CandidateResult[]> {
  const { n, timeoutMs, threads, runs, loops } = walk;
  const tooLarge = new Map<string, string>();
  const free = availableMemory();
  for (const { name, bytesPerItem } of walk.rungs) {
    if (bytesPerItem * n <= free) continue;
    tooLarge.set(
      name,
      `needs ${formatBytes(bytesPerItem * n)} for its arrays, and this machine has ${formatBytes(free)} free`,
    );
  }
  const fitting = walk.rungs.filter(({ name }) => !tooLarge.has(name));
  const reference = fitting.some(({ name }) => name === ladder.reference) ? ladder.reference : undefined;
  const comparison =
    fitting.length === 0
      ? undefined
      : await compare(Object.fromEntries(fitting.map((rung) => [rung.name, compiledOf(ladder, rung)])), {
          args: walk.seed === null ? [n] : [n, walk.seed],
          agree: ladder.agree(n),
          onProgress,
          signal: interruptSignal(),
          ...(ladder.setup && { setup: ladder.setup }),
          ...(reference && { reference }),
          ...(timeoutMs && { timeoutMs }),
          ...(runs && { runs }),
          ...(loops && { loops }),
          ...(threads && { env: { HEDDLE_THREADS: String(threads) } }),
        });
  return walk.rungs.map(({ name }): CandidateResult => {
    const refused = tooLarge.get(name);
    if (refused !== undefined)
      return {
        name,
        answer: undefined,
        random: false,
        changedArguments: false,
        timing: null,
        peakMemory: null,
        speedup: null,
        refused,
      };
    const result = comparison!.candidates.find((candidate) => candidate.name === name)!;
    // Without its reference rung a ladder has no speed-ups to tell.
    return reference === undefined ? { ...result, speedup: null } : result;
  });
}

export function describeProgress({ candidate, step, run: number, runs }: CompareProgress): string {
  return step === 'run' ? `${candidate}: run ${number} of ${runs}` : `${candidate}: ${step}`;
}

/** All that there is to say of one rung. */
interface RungReport {
  readonly rung: Rung;
  readonly result: CandidateResult;
  readonly walk: Walk;
  readonly ladder: Ladder;
}

const threadsOf = ({ rung, walk }: RungReport): number =>
  rung.threads === 'team' ? (walk.threads ?? describeMachine().cores) : rung.threads;

function toJson(ladder: Ladder, walk: Walk, reports: readonly RungReport[]): string {
  const { n, seed } = walk;
  const rungs = reports.map((report) => {
    const { result, rung } = report;
    const { answer, timing, refused } = result;
    const failed = refused !== null;
    const value = failed || typeof answer !== 'number' ? null : answer;
    return {
      name: rung.name,
      ...(ladder.isEstimate
        ? { estimate: value, standardError: failed ? null : standardErrorOfPi(n) }
        : { answer: value }),
      mean: timing?.mean ?? null,
      std: timing?.std ?? null,
      median: timing?.median ?? null,
      min: timing?.min ?? null,
      runs: timing?.runs ?? [],
      loops: timing?.loops ?? null,
      firstCall: timing?.firstCall ?? null,
      peakMemory: failed ? null : result.peakMemory,
      speedup: result.speedup?.median ?? null,
      speedupInterval: result.speedup ? [result.speedup.low, result.speedup.high] : null,
      threads: threadsOf(report),
      seed: describeSeed(report),
      refused,
    };
  });
  const shownSeed = typeof seed === 'bigint' ? `${seed}n` : seed;
  return JSON.stringify({ n, seed: shownSeed, machine: describeMachine(), rungs }, null, 2);
}

/** What --seed came to on this rung; null where none was given or nothing is drawn. */
function describeSeed({ rung, walk }: RungReport): string | null {
  if (walk.seed === null || rung.isSeedable === null) return null;
  return rung.isSeedable ? String(walk.seed) : 'not seedable';
}

function toText(ladder: Ladder, walk: Walk, reports: readonly RungReport[], useColor: boolean): string {
  const [, time, min, first, memory, speedup] = comparisonColumns.map((column) => ({
    ...column,
    cell: ({ result }: RungReport) => column.cell(result),
  }));
  const columns: Column<RungReport>[] = [
    { title: 'rung', cell: ({ rung }) => rung.name },
    { title: 'as in Python', cell: ({ rung }) => rung.asInPython },
    ...(ladder.isEstimate ? [{ title: 'estimate ± std. error', cell: showEstimate }] : []),
    ...(reports.some((report) => describeSeed(report) !== null)
      ? [{ title: 'seed', cell: (report: RungReport) => describeSeed(report) ?? '–' }]
      : []),
    time!,
    min!,
    first!,
    memory!,
    speedup!,
    { title: 'threads', align: 'right', cell: (report) => String(threadsOf(report)) },
  ];
  const { cpu, cores, node } = describeMachine();
  const width = outputWidth();
  const table = renderTable(columns, reports, { width, styleHead: (line) => bold(line, useColor) });
  const runs = reports.find(({ result }) => result.timing)?.result.timing?.runs.length;
  const how = [
    `mean ± std. dev. of ${formatPlural(runs ?? 0, 'run')}, each rung in a fresh process`,
    'memory above the start',
  ];
  if (reports.some(({ result }) => result.speedup !== null)) how.push(`speed-up over ${ladder.reference}`);
  const legend = [
    `${formatPlural(walk.n, ladder.item)} · ${cpu}, ${formatPlural(cores, 'core')} · Node ${node}`,
    ...(runs === undefined ? [] : [how.join('; ')]),
    ...(walk.seed !== null && ladder.rungs.every(({ isSeedable }) => isSeedable === null)
      ? ['Nothing is drawn here, so the seed changes nothing.']
      : []),
  ];
  const remarks = notes(reports.map(({ result }) => result));
  const parts = [table, remarks.join('\n'), legend.join('\n')].filter((part) => part !== '');
  return [parts[0]!, ...parts.slice(1).map((part) => wrapText(part, width))].join('\n\n');
}

function showEstimate({ result, walk }: RungReport): string {
  const { answer, refused } = result;
  if (refused !== null || typeof answer !== 'number') return '–';
  const error = standardErrorOfPi(walk.n);
  // Two digits of the error are all that it is known to mean.
  const decimals = Math.max(1, 1 - Math.floor(Math.log10(error)));
  return `${answer.toFixed(decimals)} ± ${error.toFixed(decimals)}`;
}
