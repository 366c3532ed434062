// Several programs timed side by side: first each warms up, then in every round each has its turn, and every second round backwards, so
// that a machine that slows down or speeds up meets them all alike. A turn may be several tries in a row, of which the fastest counts:
// after a pause the first try of a program that needs much memory pays for getting that back from the system.
import { enter } from './contestant.js';
import type { Answer, Contestant, Program } from './contestant.js';

export interface Result {
  readonly program: Program;
  /** The very first answer, with whatever had to be compiled for it. */
  readonly first: Answer | null;
  /** Seconds of each round; not to be used where `refused` says why. */
  readonly seconds: readonly number[];
  /** Why it has no result that counts, or null. */
  readonly refused: string | null;
}

export interface ContestOptions {
  readonly rounds?: number;
  /** In each round; 1 by default. */
  readonly tries?: number;
  /** Requests after the first that are not counted. */
  readonly warmUps?: number;
  /** Whether an answer is right. */
  readonly accept: (answer: number, program: Program) => boolean;
  readonly say: (step: string) => void;
}

export async function holdContest(programs: readonly Program[], options: ContestOptions): Promise<Result[]> {
  const { rounds = 7, tries = 1, warmUps = 2, accept, say } = options;
  const field = programs.map((program) => ({
    program,
    contestant: null as Contestant | null,
    first: null as Answer | null,
    seconds: [] as number[],
    refused: null as string | null,
  }));

  const ask = async (entry: (typeof field)[number]): Promise<Answer | null> => {
    if (entry.refused !== null) return null;
    try {
      entry.contestant ??= enter(entry.program);
      const reply = await entry.contestant.ask();
      if (accept(reply.answer, entry.program)) return reply;
      entry.refused = `gave a wrong answer: ${reply.answer}`;
    } catch (error) {
      entry.refused = `failed: ${(error as Error).message}`;
    }
    return null;
  };

  try {
    for (const entry of field) {
      say(`${entry.program.name}: warming up`);
      entry.first = await ask(entry);
      for (let k = 0; k < warmUps; k++) await ask(entry);
    }
    for (let round = 0; round < rounds; round++) {
      for (const entry of round % 2 === 0 ? field : field.toReversed()) {
        say(`round ${round + 1} of ${rounds}: ${entry.program.name}`);
        const turn: number[] = [];
        for (let k = 0; k < tries; k++) turn.push((await ask(entry))?.seconds ?? Infinity);
        entry.seconds.push(Math.min(...turn));
      }
    }
  } finally {
    for (const { contestant } of field) contestant?.end();
  }
  return field.map(({ program, first, seconds, refused }) => ({ program, first, seconds, refused }));
}

/** Whether an estimate of π from n points is within six standard errors, 4·√(p(1−p)/n) with p = π/4. */
export const isNearPi = (answer: number, { n }: Program): boolean =>
  Math.abs(answer - Math.PI) < 6 * Math.sqrt((Math.PI * (4 - Math.PI)) / n);
