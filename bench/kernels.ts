// How do classic kernels run when they are compiled as they stand: in lanes, on two threads, on arrays that are copied, and beside Numba?
// Hypothesis: those whose iterations are for themselves gain what the lanes give, about 2; those whose lanes diverge somewhat less; those
// whose every step needs the one before run as the engine's own code does. Two threads take half the time where there is something to share
// out. Copying ordinary arrays eats the gain where little is done with each element.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { budgetRow } from './budgets.js';
import { holdContest } from './contest/contest.js';
import type { Result } from './contest/contest.js';
import { javascript, numbaKernel } from './contest/programs.js';
import type { Entry } from './contest/programs.js';
import { makeRow } from './harness/bench.js';
import type { Bench, Row } from './harness/bench.js';
import { median, spreadOf } from './harness/statistics.js';
import { formatNumber, formatSeconds, renderTable, yesOrNo } from './harness/table.js';
import { cases } from './kernels/cases.js';
import type { KernelCase } from './kernels/cases.js';
import type { Way } from './kernels/contestant.js';
import type { Look } from './kernels/look.js';

const name = 'kernels';

/** A line of the bench's own table. */
interface Line {
  readonly kernel: KernelCase;
  /** What the compiler has made of it. */
  readonly found: Look;
  readonly plain: number;
  readonly heap: Row;
  readonly ordinary: Row;
  readonly threads: Row | undefined;
  readonly numba: Row | undefined;
}

function contestantOf({ name: kernel, calls }: KernelCase, way: Way): Entry {
  const module = new URL(`./kernels/contestant.js?${new URLSearchParams({ kernel, way })}`, import.meta.url);
  const program = javascript(`${kernel}, ${way}`, module, 'run', calls);
  if (way !== 'parallel') return program;
  const environment = { ...process.env, HEDDLE_THREADS: '2' };
  return { ...program, args: [...program.args, '--spread'], environment };
}

/** How many times as fast, round by round: what drifts meets both. */
function speedup(slow: readonly number[], fast: readonly number[]): { value: number; spread: [number, number] } {
  const ratios = slow.map((seconds, round) => seconds / fast[round]!);
  return { value: median(ratios), spread: spreadOf(ratios) };
}

function lookAtAll(): Look[] {
  const script = fileURLToPath(new URL('./kernels/look.js', import.meta.url));
  const lines = execFileSync(process.execPath, [script], { encoding: 'utf8' }).trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Look);
}

/** Its class and why; and what the compiler has not found of what the class promises. */
function describeClass({ kind, because, isShared }: KernelCase, { hasLanes, isParallel }: Look): string {
  return [
    `${kind}: ${because}`,
    ...(kind !== 'serial' && !hasLanes ? ['as compiled its inner loop has no lanes'] : []),
    ...(isShared && !isParallel ? ['as compiled threads do not share it'] : []),
  ].join('; ');
}

async function measure(kernel: KernelCase, found: Look, say: (step: string) => void): Promise<Line> {
  const ways: readonly Way[] = ['plain', 'heap', 'ordinary', ...(kernel.isShared ? (['parallel'] as const) : [])];
  const entries = ways.map((way) => contestantOf(kernel, way));
  const peer = kernel.numba === undefined ? undefined : numbaKernel(kernel.numba, kernel.calls);
  const programs = [...entries, ...(peer ? [peer] : [])].flatMap((entry) => ('absent' in entry ? [] : [entry]));
  // Plain comes first. Ours is the same to the last bit where neither Math nor the order of a sum is another; the tests ask for that.
  let wanted: number | undefined;
  const accept = (answer: number): boolean => {
    wanted ??= answer;
    return Math.abs(answer - wanted) <= 1e-9 * Math.abs(wanted);
  };
  const results = await holdContest(programs, { accept, say, rounds: 7, tries: 2 });
  const failed = results.find(({ refused, program }) => refused !== null && program !== peer);
  if (failed) throw new Error(`${failed.program.name} ${failed.refused}`);
  const [plain, heap, ordinary, parallel] = results.map(({ seconds }) => seconds) as [
    number[],
    number[],
    number[],
    number[] | undefined,
  ];
  return {
    kernel,
    found,
    plain: median(plain) / kernel.calls,
    heap: budgetRow(name, `kernel ${kernel.name}`, {
      ...speedup(plain, heap),
      note: describeClass(kernel, found),
    }),
    ordinary: makeRow({
      name,
      what: `${kernel.name}, ordinary arrays: how many times as fast as plain JS`,
      unit: '×',
      ...speedup(plain, ordinary),
    }),
    threads:
      kernel.isShared && parallel !== undefined
        ? budgetRow(name, `threads of ${kernel.name}`, speedup(heap, parallel))
        : undefined,
    numba: peer && numbaRow(kernel, peer, results, heap),
  };
}

function numbaRow(kernel: KernelCase, peer: Entry, results: readonly Result[], heap: readonly number[]): Row {
  const row = { name, what: `${kernel.name}, heap arrays: how many times as fast as ${peer.name}`, unit: '×' };
  if ('absent' in peer) return makeRow({ ...row, note: peer.absent });
  const { seconds, refused } = results.find(({ program }) => program === peer)!;
  if (refused !== null) return makeRow({ ...row, note: refused });
  return makeRow({ ...row, ...speedup(seconds, heap) });
}

const times = (row: Row | undefined): string =>
  row === undefined || row.value === null ? '' : `${formatNumber(row.value)}×`;

function textOf(lines: readonly Line[]): string {
  const table = renderTable<Line>(
    [
      { title: 'kernel', cell: ({ kernel }) => kernel.name },
      { title: 'class', cell: ({ kernel }) => kernel.kind },
      { title: 'plain', align: 'right', cell: ({ plain }) => formatSeconds(plain) },
      { title: 'heap', align: 'right', cell: ({ heap }) => times(heap) },
      { title: 'asked', align: 'right', cell: ({ heap }) => heap.budget ?? '' },
      { title: 'holds', cell: ({ heap }) => yesOrNo(heap.holds) },
      { title: 'ordinary', align: 'right', cell: ({ ordinary }) => times(ordinary) },
      { title: '2 threads', align: 'right', cell: ({ threads }) => times(threads) },
      { title: 'holds', cell: ({ threads }) => yesOrNo(threads?.holds ?? null) },
      { title: 'Numba', align: 'right', cell: ({ numba }) => times(numba) },
      { title: 'because', width: 60, cell: ({ kernel, found }) => describeClass(kernel, found).replace(/^\w+: /, '') },
    ],
    lines,
  );
  const absent = lines.find(({ numba }) => numba !== undefined && numba.note !== null)?.numba?.note;
  return [
    table,
    '',
    'plain: a call of the plain function; heap, ordinary: how many times as fast as that the compiled one is, on arrays of the',
    'heap and on ordinary ones, which are copied; 2 threads: how many times as fast again, at least 1.8 asked; Numba: how many',
    `times as fast as Numba, one thread${absent ? ` (${absent})` : ''}`,
  ].join('\n');
}

export const kernels: Bench = {
  name,
  question: 'How many times as fast as plain JS are classic kernels, compiled as they stand, and on two threads?',
  async run(say) {
    const lines: Line[] = [];
    say('compiling all of them');
    const looks = lookAtAll();
    for (const [index, kernel] of cases.entries()) lines.push(await measure(kernel, looks[index]!, say));
    const rows = lines.flatMap(({ heap, ordinary, threads, numba }) =>
      [heap, ordinary, threads, numba].filter((row) => row !== undefined),
    );
    return { rows, text: textOf(lines) };
  },
};
