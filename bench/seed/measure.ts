// Measures the figures of the sixteen rows: our programs, and beside them the Python programs where they are installed.
import { compare } from 'heddle/measure';
import { example } from '../harness/paths.js';
import { mean } from '../harness/statistics.js';
import { holdContest, isNearPi } from '../contest/contest.js';
import type { Program } from '../contest/contestant.js';
import { javascript, python } from '../contest/programs.js';
import type { Figure } from './rows.js';

/** Seconds, or bytes above the start; undefined where there is nothing to measure. */
export interface Measured {
  readonly ours?: { readonly mean: number; readonly min: number };
  /** The smallest of the Python program's. */
  readonly peer?: number;
}

export async function measureFigures(
  figures: readonly Figure[],
  say: (step: string) => void,
): Promise<Map<Figure, Measured>> {
  const times = await measureTimes(
    figures.filter(({ kind }) => kind === 'time'),
    say,
  );
  const memory = new Map<Figure, Measured>();
  for (const figure of figures.filter(({ kind }) => kind === 'memory')) {
    say('memory');
    memory.set(figure, await measureMemory(figure, say));
  }
  return new Map([...times, ...memory]);
}

function ourProgram({ ours }: Figure): Program[] {
  if (ours === undefined) return [];
  const [rung, exported, n] = ours;
  return [javascript(rung, example(rung), exported, n)];
}

function peerProgram({ peer }: Figure): Program[] {
  if (peer === undefined) return [];
  const [needs, task, n] = peer;
  const entry = python(task, needs, task, n);
  return 'absent' in entry ? [] : [entry];
}

const isRight = (answer: number, program: Program): boolean =>
  program.task.startsWith('sum') ? answer === (program.n * (program.n - 1)) / 2 : isNearPi(answer, program);

async function measureTimes(figures: readonly Figure[], say: (step: string) => void): Promise<Map<Figure, Measured>> {
  const pairs = figures.map((figure) => ({ figure, ours: ourProgram(figure), peer: peerProgram(figure) }));
  const programs = pairs.flatMap(({ ours, peer }) => [...ours, ...peer]);
  const results = await holdContest(programs, { accept: isRight, say });
  const secondsOf = (program: Program | undefined): readonly number[] | undefined => {
    const result = results.find((one) => one.program === program);
    if (result === undefined) return undefined;
    if (result.refused !== null) throw new Error(`${result.program.name} ${result.refused}`);
    return result.seconds;
  };
  return new Map(
    pairs.map(({ figure, ours, peer }) => {
      const peerSeconds = secondsOf(peer[0]);
      const first = results.find(({ program }) => program === ours[0])?.first?.seconds;
      const seconds = figure.isFirstCall && first !== undefined ? [first] : secondsOf(ours[0]);
      const measured: Measured = {
        ...(seconds && { ours: { mean: mean(seconds), min: Math.min(...seconds) } }),
        ...(peerSeconds && { peer: Math.min(...peerSeconds) }),
      };
      return [figure, measured];
    }),
  );
}

async function measureMemory(figure: Figure, say: (step: string) => void): Promise<Measured> {
  const [peer] = await holdContest(peerProgram(figure), { rounds: 0, warmUps: 0, accept: isRight, say });
  const peerBytes = peer?.first?.memory;
  const bytes = figure.ours && (await measureFirstMemory(...figure.ours));
  return {
    ...(bytes !== undefined && { ours: { mean: bytes, min: bytes } }),
    ...(typeof peerBytes === 'number' && { peer: peerBytes }),
  };
}

/** Bytes above what was resident before, in the first call of a fresh process. */
async function measureFirstMemory(rung: string, exported: string, n: number): Promise<number> {
  const { candidates } = await compare(
    { [rung]: new URL(`#${exported}`, example(rung)) },
    // Only the first call counts; the one timed run is what compare cannot do without.
    { args: [n], agree: false, loops: 1, runs: 1 },
  );
  const { peakMemory, refused } = candidates[0]!;
  if (peakMemory === null) throw new Error(refused ?? 'this system does not tell how much memory a process holds');
  return peakMemory;
}
