// What does timeit add to each loop of what it times?
// Hypothesis: a call that the engine may not inline, so a few nanoseconds over a bare loop of about one; a function that takes a
// microsecond is measured to within a percent.
import { timeit as measure } from 'heddle/measure';
import { makeRow } from './harness/bench.js';
import type { Bench } from './harness/bench.js';
import { median, spreadOf } from './harness/statistics.js';

const loops = 10_000_000;
const rounds = 7;

const kept = { value: 0 };

function timeBareLoop(): number {
  const start = performance.now();
  let last = 0;
  for (let i = 0; i < loops; i++) last = i;
  kept.value = last;
  return (performance.now() - start) / 1000 / loops;
}

async function timeCall(f: (x?: number) => unknown, args: [] | [number]): Promise<number> {
  const { min } = await measure(f as (...all: number[]) => unknown, { args, loops, runs: 1 });
  return min;
}

export const timeit: Bench = {
  name: 'timeit',
  question: 'What does timeit add to each loop?',
  async run(say) {
    const empty = (): void => {};
    const bare: number[] = [];
    const cases = [
      { what: 'an empty function, timed: a loop of it', args: [] as [], nanoseconds: [] as number[] },
      { what: 'the same with an argument', args: [1] as [number], nanoseconds: [] as number[] },
    ];
    // The first round, in which the engine compiles all of this, is not counted.
    for (let round = -1; round < rounds; round++) {
      say(`round ${round + 1} of ${rounds}`);
      const bareLoop = timeBareLoop() * 1e9;
      for (const { args, nanoseconds } of cases) {
        const call = (await timeCall(empty, args)) * 1e9;
        if (round >= 0) nanoseconds.push(call);
      }
      if (round >= 0) bare.push(bareLoop);
    }
    const rows = cases.map(({ what, nanoseconds }) =>
      makeRow({
        name: 'timeit',
        what,
        unit: 'ns',
        value: median(nanoseconds),
        spread: spreadOf(nanoseconds),
        reference: median(bare),
        against: 'a bare loop',
      }),
    );
    return { rows };
  },
};
