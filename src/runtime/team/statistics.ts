// What the team is doing, for people and for tests.
import { header, homeSlot, jobCount, life, slotAt, slotWord } from './layout.js';
import { currentTeam } from './threads.js';

export interface TeamStatistics {
  /** Threads that have been started and have not ended. */
  readonly threads: number;
  /** Of those: ready to run blocks. */
  readonly ready: number;
  readonly sleeping: number;
  readonly spinning: number;
  /** Jobs that hold a record. */
  readonly jobs: number;
  /** Threads that have ended without being asked to. */
  readonly deaths: number;
  /** How often a thread joined a job, and how many grains threads have run; the callers' own are not counted. */
  readonly joins: number;
  readonly grains: number;
  /** Bytes of the heap that threads hold for kernels to use. */
  readonly threadBytes: number;
}

export function teamStatistics(): TeamStatistics {
  const team = currentTeam();
  if (team === undefined) {
    return { threads: 0, ready: 0, sleeping: 0, spinning: 0, jobs: 0, deaths: 0, joins: 0, grains: 0, threadBytes: 0 };
  }
  const { control } = team;
  const { words, at } = control;
  const word = (index: number): number => Atomics.load(words, at + index);
  let [ready, joins, grains, threadBytes] = [0, 0, 0, 0];
  for (let slot = 0; slot < homeSlot; slot++) {
    const own = slotAt(control, slot);
    if (Atomics.load(words, own + slotWord.life) === life.ready) ready++;
    joins += words[own + slotWord.joins]!;
    grains += words[own + slotWord.grains]!;
    threadBytes += words[own + slotWord.bytes]!;
  }
  let jobs = 0;
  for (let job = 0; job < jobCount; job++) jobs += (word(header.used + (job >> 5)) >>> (job & 31)) & 1;
  return {
    threads: word(header.living),
    ready,
    sleeping: word(header.sleeping),
    spinning: word(header.spinning),
    jobs,
    deaths: word(header.deaths),
    joins,
    grains,
    threadBytes,
  };
}
