// What does it cost to hand work to the team?
// Hypothesis: no more than the hardware and the engine ask for. A call that its caller can run alone costs what it takes to leave word of it;
// one that needs another thread costs one wake-up, or, while that thread spins, a few cache lines; a block in the queue costs an addition.
import { Worker } from 'node:worker_threads';
import { makeRow } from './harness/bench.js';
import type { Bench, Row } from './harness/bench.js';
import { median, spreadOf } from './harness/statistics.js';
import { currentThreads, spreadThreads } from './harness/cores.js';
import { echoBytes, echoWords } from './team/echo-words.js';
import { openDoors } from './team/doors.js';
import type { Job } from './team/doors.js';
import { measurePools } from './team/pools.js';

const rounds = 15;
const callsPerRound = 100;
const queued = 1e5;
/** Microseconds that a thread gets to fall asleep in, after it has said that it will. */
const toFallAsleep = 20;

const microseconds = (): number => performance.now() * 1000;

function spinFor(time: number): void {
  for (const end = microseconds() + time; microseconds() < end;);
}

/** The medians of so many rounds of calls, each call timed by itself after what has to come before it. */
function timeCalls(call: () => void, before: () => void): number {
  const times = Array.from({ length: callsPerRound }, () => {
    before();
    const begin = microseconds();
    call();
    return microseconds() - begin;
  });
  return median(times);
}

const inRounds = (...measures: readonly (() => number)[]): number[][] => {
  const found: number[][] = measures.map(() => []);
  for (let round = 0; round < rounds; round++) measures.forEach((measure, index) => found[index]!.push(measure()));
  return found;
};

/** A bare wake-up there and back. */
async function startEcho() {
  const words = new Int32Array(new SharedArrayBuffer(echoBytes));
  const worker = new Worker(new URL('./team/echo.js', import.meta.url), { workerData: words });
  await new Promise((resolve) => worker.once('online', resolve));
  return {
    call: (): void => {
      Atomics.store(words, echoWords.answer, 0);
      Atomics.store(words, echoWords.call, 1);
      Atomics.notify(words, echoWords.call);
      while (Atomics.load(words, echoWords.answer) === 0) Atomics.wait(words, echoWords.answer, 0);
    },
    settle: (): void => {
      while (Atomics.load(words, echoWords.isAsleep) === 0);
      spinFor(toFallAsleep);
    },
    end: () => worker.terminate(),
  };
}

const within = (values: readonly number[], most: number): Pick<Row, 'value' | 'spread' | 'holds'> => ({
  value: median(values),
  spread: spreadOf(values),
  holds: median(values) <= most,
});

export const teamDispatch: Bench = {
  name: 'team-dispatch',
  question: 'What does it cost to hand work to the team of threads, and to have it back?',
  async run(say) {
    const { team, memory, module } = await openDoors();
    const descriptor = memory.allocate(64);
    const run = (job: Omit<Job, 'module' | 'descriptor'>): void => {
      const { status } = team.runBlocks({ module, descriptor, ...job });
      if (status !== 0) throw new Error(`${job.entry} gave the status ${status}`);
    };
    const threads = Math.max(2, team.threadCount());
    const runNothing = (): void => run({ entry: 'nothing', blocks: threads, threads });
    const words = (): Int32Array => new Int32Array(memory.openHeap().memory.buffer, descriptor, 3);
    const meet = (): void => {
      words().fill(0);
      run({ entry: 'meet', blocks: 2, grain: 1, threads: 2 });
      const [arrivals, first, second] = words();
      if (arrivals !== 2 || first === second) throw new Error('one thread ran both blocks');
    };
    const settle = (): void => {
      const { ready } = team.teamStatistics();
      while (team.teamStatistics().sleeping < ready);
      spinFor(toFallAsleep);
    };

    say('warming up');
    const before = currentThreads();
    const echo = await startEcho();
    runNothing();
    while (team.teamStatistics().ready < threads - 1);
    for (let call = 0; call < 200; call++) {
      meet();
      runNothing();
      echo.settle();
      echo.call();
    }

    say('calls');
    const gather = spreadThreads(before);
    const [bare, empty, parked, spinning] = inRounds(
      () => timeCalls(echo.call, echo.settle),
      () => timeCalls(runNothing, settle),
      () => timeCalls(meet, settle),
      () => timeCalls(meet, () => {}),
    ) as [number[], number[], number[], number[]];
    gather?.();
    await echo.end();
    const nearness = parked.map((time, round) => time / bare[round]!);

    say('calls, with the other cores busy');
    const busy = Array.from({ length: threads - 1 }, () => new Worker(new URL('./team/busy.js', import.meta.url)));
    await Promise.all(busy.map((worker) => new Promise((resolve) => worker.once('online', resolve))));
    const [crowded] = inRounds(() => timeCalls(runNothing, () => {})) as [number[]];
    await Promise.all(busy.map((worker) => worker.terminate()));

    say('queued blocks');
    const runQueued = (): number => {
      const count = new BigInt64Array(memory.openHeap().memory.buffer, descriptor, 1);
      count[0] = 0n;
      const begin = microseconds();
      run({ entry: 'count', blocks: queued, grain: 1, threads });
      const time = (microseconds() - begin) / queued;
      if (count[0] !== BigInt(queued)) throw new Error(`${count[0]} of ${queued} blocks were run`);
      return time;
    };
    const [perBlock] = inRounds(runQueued) as [number[]];
    memory.release(descriptor);
    await team.stopTeam();
    const pool = await measurePools(threads, say);

    const name = 'team-dispatch';
    const unit = 'µs';
    return {
      rows: [
        makeRow({
          name,
          unit,
          what: `empty parallel call of ${threads} blocks, the team asleep`,
          ...within(empty, 15),
          budget: '≤ 15 µs',
        }),
        makeRow({
          name,
          unit,
          what: 'the same, with the other cores busy',
          ...within(crowded, 100),
          budget: '≤ 100 µs',
        }),
        makeRow({
          name,
          unit: '×',
          what: 'call in which each of two threads has to run a block, the other one asleep: its time, in times of a bare wake-up there and back',
          ...within(nearness, 1.5),
          budget: '≤ 1.5 ×',
          note: `${median(parked).toFixed(1)} µs, bare ${median(bare).toFixed(1)} µs${gather === null ? '; the system may have run both threads on one core' : ''}`,
        }),
        makeRow({ name, unit, what: 'the same, the other one spinning', ...within(spinning, 5), budget: '≤ 5 µs' }),
        makeRow({
          name,
          unit,
          what: `10⁵ queued blocks, ${threads} threads, one block at a time: a block`,
          ...within(perBlock, 0.5),
          budget: '≤ 0.5 µs',
          reference: pool === null ? null : pool.seconds * 1e6,
          against: pool === null ? null : `a task of ${pool.name}`,
          note: pool === null ? 'no pool package is installed under bench/peers' : null,
        }),
      ],
    };
  },
};
