// The team with real threads, from the built package: who runs what, how calls fail and stop, what happens when a thread dies, and that
// nothing of it keeps a process alive.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, test } from 'vitest';
import { openHeap } from '../dist/memory/heap.js';
import { checkThreads, openTeam } from '../dist/runtime/team/threads.js';
import { describeData, kernels, publish, readRecord, recordBytes, team } from './fixtures/team-kernels.js';
import type { DescribedData } from './fixtures/team-kernels.js';
import type { JobOutcome } from '../dist/runtime/team/index.js';

/** Every worker that this process starts. */
const workers: Worker[] = [];
const onWorker = (worker: Worker): void => void workers.push(worker);
process.on('worker', onWorker);
afterAll(async () => {
  process.off('worker', onWorker);
  await team.stopTeam();
});

const { runBlocks, runBlocksAsync, teamStatistics } = team;
const endless = Number.MAX_SAFE_INTEGER;
/** A job that is far from its end in minutes. */
const endlessJob = (data: DescribedData) => ({ ...jobOf(data, 'count', endless), grain: 1 }) as const;

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await nextTurn();
}

async function haveThreads(count: number): Promise<void> {
  runBlocks({ module: kernels, entry: 'nothing', descriptor: 0, blocks: count + 1, threads: count + 1 });
  await until(() => teamStatistics().ready >= count);
}

const jobOf = (data: DescribedData, entry: string, blocks: number) =>
  ({ module: kernels, entry, descriptor: data.descriptor, blocks }) as const;

/** Runs a program that finds `team`, `kernels` and `describeData`. */
function runProgram(program: string, ...flags: string[]) {
  const fixtures = new URL('fixtures/team-kernels.js', import.meta.url).href;
  const text = `
    const { team, kernels, describeData } = await import(${JSON.stringify(fixtures)});
    ${program}`;
  const args = [...flags, '--input-type=module', '--eval', text];
  return spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 30_000 });
}

describe('blocks', () => {
  test.each([1, 2, 3, 7])('are each run once, by at most %i threads', async (threads) => {
    await haveThreads(threads - 1);
    for (const grain of [undefined, 1, 7, 1e6]) {
      for (const blocks of [0, 1, 2, 63, 10_000]) {
        const data = describeData(blocks, endless);
        const job = { ...jobOf(data, 'mark', blocks), threads, grain };
        expect(runBlocks(job)).toEqual({ status: 0 });
        expect(await runBlocksAsync(job)).toEqual({ status: 0 });
        expect(data.bytes().every((count) => count === 2)).toBe(true);
        data.release();
      }
    }
  });

  test.each([2, 3, 5])('are run by %i threads where each of them has to wait for the others', async (threads) => {
    await haveThreads(threads);
    for (const run of [runBlocks, runBlocksAsync]) {
      const data = describeData(8 + 4 * threads, threads);
      expect(await run({ ...jobOf(data, 'meet', threads), threads, grain: 1 })).toEqual({ status: 0 });
      const [arrivals, , ...scratch] = data.words();
      expect(arrivals).toBe(threads);
      expect(new Set(scratch).size).toBe(threads);
      data.release();
    }
  });

  test('may be more than 32 bits count', async () => {
    const data = describeData(8);
    const blocks = 3 * 2 ** 33 + 5;
    expect(runBlocks({ ...jobOf(data, 'count', blocks), threads: 2 })).toEqual({ status: 0 });
    expect(await runBlocksAsync(jobOf(data, 'count', blocks))).toEqual({ status: 0 });
    expect(data.count()).toBe(BigInt(2 * blocks));
    data.release();
  });

  test('have scratch memory of their thread alone, of the size that their module asks for', async () => {
    for (const bytes of [1, 5000, 100, 70_000]) {
      const module = publish(bytes);
      const data = describeData(8, bytes);
      const job = { ...jobOf(data, 'scratch', 100), module, threads: 3, grain: 1 };
      expect(runBlocks(job)).toEqual({ status: 0 });
      expect(await runBlocksAsync(job)).toEqual({ status: 0 });
      expect(data.count()).toBe(BigInt(200 * bytes));
      data.release();
      team.releaseModule(module);
      expect(() => runBlocks(job)).toThrow('TEAM005');
    }
  });

  test('of one thread may have scratch memory that outlasts the job', async () => {
    const [data, scratch] = [describeData(8, 8), describeData(8)];
    const job = { ...jobOf(data, 'scratch', 77), threads: 1, grain: 1, scratch: scratch.descriptor + 64 };
    expect(runBlocks(job)).toEqual({ status: 0 });
    expect(scratch.bytes()).toEqual(Array(8).fill(76));
    expect(await runBlocksAsync({ ...job, blocks: 12 })).toEqual({ status: 0 });
    expect(scratch.bytes()).toEqual(Array(8).fill(11));
  });

  test('go on being run by calls while other jobs hold all threads', async () => {
    const [held, data] = [describeData(8), describeData(8)];
    const stop = new AbortController();
    const holding = runBlocksAsync(endlessJob(held), stop);
    await until(() => held.count() > 0n);
    for (let call = 0; call < 100; call++) expect(runBlocks(jobOf(data, 'count', 10)).status).toBe(0);
    // The threads take turns, so that an asynchronous job comes to its end, too.
    expect(await runBlocksAsync(jobOf(data, 'count', 10))).toEqual({ status: 0 });
    stop.abort();
    expect((await holding).status).toBe(-1);
    expect(data.count()).toBe(1010n);
  });

  test('of many asynchronous jobs at once, more than there are records for', async () => {
    const data = describeData(8);
    const jobs = Array.from({ length: 500 }, (_, blocks) => runBlocksAsync(jobOf(data, 'count', blocks)));
    expect((await Promise.all(jobs)).every(({ status }) => status === 0)).toBe(true);
    expect(data.count()).toBe(BigInt((500 * 499) / 2));
    expect(teamStatistics().jobs).toBe(0);
  });

  test('can be asked for from other threads, at the same time', async () => {
    const workerData = { memory: openHeap().memory, address: team.teamAddress(), calls: 300 };
    const callers = [1, 2].map(() => new Worker(new URL('fixtures/team-caller.js', import.meta.url), { workerData }));
    const answers = Promise.all(callers.map(async (caller) => (await once(caller, 'message'))[0] as unknown));
    const answered = { yet: false };
    void answers.finally(() => (answered.yet = true));
    const data = describeData(8);
    let calls = 0;
    while (!answered.yet) {
      expect(runBlocks({ ...jobOf(data, 'count', 100), threads: 3 }).status).toBe(0);
      calls++;
      await nextTurn();
    }
    const blocks = BigInt((300 * 301) / 2);
    expect(await answers).toEqual([1, 2].map(() => ({ expected: blocks, found: blocks })));
    expect(data.count()).toBe(BigInt(100 * calls));
  });
});

describe('a kernel that fails', () => {
  test('is told of by its lowest failing block, whichever threads run which blocks in whichever order', async () => {
    await haveThreads(4);
    for (let round = 0; round < 200; round++) {
      const lowest = (round * 37) % 500;
      const data = describeData(1000, lowest);
      const job = { ...jobOf(data, 'mark', 1000), threads: 4, grain: 1 + (round % 3), recordBytes };
      const outcome = round % 2 === 0 ? runBlocks(job) : await runBlocksAsync(job);
      const { status, failedBlocks } = outcome;
      expect(status).toBe(1);
      expect(readRecord(outcome)).toEqual([1n, BigInt(lowest)]);
      expect(failedBlocks!.first).toBeLessThanOrEqual(lowest);
      expect(failedBlocks!.end).toBeGreaterThan(lowest);
      // All below have been run.
      expect(
        data
          .bytes()
          .slice(0, lowest)
          .every((count) => count === 1),
      ).toBe(true);
      data.release();
    }
  });

  test('has its status passed on', async () => {
    const data = describeData(8, 7);
    const job = { ...jobOf(data, 'status', 10), grain: 1 };
    for (const threads of [1, 2]) {
      expect(runBlocks({ ...job, threads })).toEqual({ status: 7, failedBlocks: { first: 0, end: 1 } });
      expect(await runBlocksAsync({ ...job, threads })).toMatchObject({ status: 7, failedBlocks: { first: 0 } });
    }
  });

  test('by a trap gives the trap as the cause, and the team goes on', async () => {
    await haveThreads(2);
    const { deaths } = teamStatistics();
    for (const threads of [1, 3]) {
      const data = describeData(8, 400);
      const job = { ...jobOf(data, 'trapAt', 1000), threads, grain: 10 };
      for (const { status, failedBlocks, cause } of [runBlocks(job), await runBlocksAsync(job)]) {
        expect(status).toBe(-1);
        expect(failedBlocks).toEqual({ first: 400, end: 410 });
        expect(cause).toMatchObject({ code: 'TEAM002', message: expect.stringContaining('unreachable') });
      }
    }
    expect(teamStatistics().deaths).toBe(deaths);
    expect(runBlocks(jobOf(describeData(8), 'count', 100)).status).toBe(0);
  });

  test('or an entry that is not there, or a record too long, is a bug of ours', () => {
    const data = describeData(8);
    expect(() => runBlocks(jobOf(data, 'cuont', 1))).toThrow('its functions are nothing, count, mark');
    expect(() => runBlocks({ ...jobOf(data, 'count', 1), recordBytes: 1000 })).toThrow('at most 128');
    expect(() => runBlocks({ ...jobOf(data, 'count', 1), scratch: 64 })).toThrow('several threads');
  });
});

describe('stopping', () => {
  test('a deadline stops a call, with one thread and with many', () => {
    const data = describeData(8);
    for (const threads of [1, 3]) {
      const { status, cause } = runBlocks({ ...endlessJob(data), threads, deadline: 5 });
      expect([status, cause]).toEqual([-1, expect.objectContaining({ code: 'TEAM003' })]);
      expect(runBlocks({ ...jobOf(data, 'count', 10), threads, deadline: 1e9 })).toEqual({ status: 0 });
    }
  });

  test('a signal stops an asynchronous job; timers run meanwhile', async () => {
    const data = describeData(8);
    const stop = new AbortController();
    const running = runBlocksAsync(endlessJob(data), stop);
    let ticks = 0;
    const timer = setInterval(() => {
      if (++ticks >= 3 && data.count() > 0n) stop.abort('enough');
    }, 1);
    expect(await running).toEqual({ status: -1, cause: 'enough' });
    clearInterval(timer);
    const before = data.count();
    expect(await runBlocksAsync(jobOf(data, 'count', 1), stop)).toEqual({ status: -1, cause: 'enough' });
    expect(data.count()).toBe(before);
    expect(teamStatistics().jobs).toBe(0);
  });

  test('reaches kernels in the middle of a block, where they look at a stop word', async () => {
    await haveThreads(3);
    const lengthy = (data: DescribedData) =>
      ({ ...jobOf(data, 'untilStopped', 2), grain: 1, stop: data.stop }) as const;
    const data = describeData(8);
    const stop = new AbortController();
    const running = runBlocksAsync({ ...lengthy(data), threads: 2 }, stop);
    await until(() => data.words()[0] === 2);
    stop.abort('enough');
    expect(await running).toEqual({ status: -1, cause: 'enough' });

    // Whoever else has written the word is not the team's affair; the status is passed on.
    expect(runBlocks({ ...lengthy(data), threads: 1 })).toEqual({ status: 3 });
    expect(runBlocks({ ...lengthy(data), threads: 2 })).toEqual({ status: 3 });
    const other = describeData(8);
    const waiting = runBlocksAsync({ ...lengthy(other), threads: 1 });
    await until(() => other.isSet());
    Atomics.store(new Int32Array(openHeap().memory.buffer, other.stop.word, 1), 0, 1);
    expect(await waiting).toEqual({ status: 3 });

    // A caller who has nothing left to do, and waits for the others, has an eye on its deadline.
    const arrivals = describeData(12, 1);
    runBlocks({ ...jobOf(arrivals, 'meet', 1), threads: 1 });
    const callersScratch = arrivals.words()[2]!;
    let outcome: JobOutcome;
    do {
      outcome = runBlocks({ ...lengthy(describeData(8, callersScratch)), threads: 2, deadline: 30 });
    } while (outcome.status === 0);
    expect(outcome).toMatchObject({ status: -1, cause: { code: 'TEAM003' } });
  });

  test('a signal that comes too late changes nothing', async () => {
    const data = describeData(8);
    const stop = new AbortController();
    expect(await runBlocksAsync(jobOf(data, 'count', 10), stop)).toEqual({ status: 0 });
    stop.abort();
    expect(data.count()).toBe(10n);
  });
});

describe('a thread that is killed', () => {
  test('fails what it was doing, and is replaced', async () => {
    await until(() => teamStatistics().ready === teamStatistics().threads);
    const threads = Math.max(2, teamStatistics().ready);
    await haveThreads(threads);
    const [data, other] = [describeData(8), describeData(8)];
    const { deaths } = teamStatistics();
    // All of them are at work, and all are killed; more work waits for those that come after them.
    const running = runBlocksAsync({ ...jobOf(data, 'untilStopped', threads), threads, grain: 1 });
    await until(() => data.words()[0] === threads);
    const waiting = runBlocksAsync(jobOf(other, 'count', 1000));
    await Promise.all(workers.map((worker) => worker.terminate()));
    expect(await running).toMatchObject({ status: -1, cause: { code: 'TEAM001' } });
    expect(await waiting).toMatchObject({ status: 0 });
    expect(other.count()).toBe(1000n);
    expect(teamStatistics().deaths).toBe(deaths + threads);
    await haveThreads(2);
    const data2 = describeData(16, 2);
    expect(runBlocks({ ...jobOf(data2, 'meet', 2), threads: 2, grain: 1 })).toEqual({ status: 0 });
  });

  test('is missed by a home whose event loop stands still', async () => {
    await haveThreads(1);
    const data = describeData(8);
    const running = runBlocksAsync({ ...jobOf(data, 'forever', 1), threads: 1 });
    await until(() => data.isSet());
    const { deaths } = teamStatistics();
    checkThreads(openTeam());
    expect(teamStatistics().deaths).toBe(deaths);
    const ended = Promise.all(workers.map((worker) => worker.terminate()));
    // What a call does that waits for its threads. No event can come in between.
    while (teamStatistics().deaths === deaths) checkThreads(openTeam());
    expect(await running).toMatchObject({ status: -1, cause: { code: 'TEAM001' } });
    await ended;
  });
});

describe('a process', () => {
  test('that uses no team has no threads', () => {
    const { stdout } = runProgram(`
      const data = describeData(8);
      const job = { module: kernels, entry: 'count', descriptor: data.descriptor, blocks: 1000 };
      console.log(team.runBlocks({ ...job, threads: 1 }).status, team.runBlocks({ ...job, blocks: 1, threads: 4 }).status);
      console.log(team.teamStatistics().threads, data.count());`);
    expect(stdout).toBe('0 0\n0 1001n\n');
  });

  test('ends when its program ends, with idle threads, threads that are starting, and threads at work', () => {
    for (const rest of [
      '',
      'while (team.teamStatistics().sleeping < 2);',
      `while (team.teamStatistics().ready < 2);
       void team.runBlocksAsync({ ...job, entry: 'forever' });
       while (!data.isSet());
       process.exit();`,
    ]) {
      const { status, signal, stdout, stderr } = runProgram(`
        const data = describeData(8);
        const job = { module: kernels, entry: 'count', descriptor: data.descriptor, blocks: 1000, threads: 3 };
        console.log(team.runBlocks(job).status);
        ${rest}`);
      expect([status, signal, stdout, stderr]).toEqual([0, null, '0\n', '']);
    }
  });

  const waiting = `
    const data = describeData(8);
    const job = { module: kernels, entry: 'count', descriptor: data.descriptor, blocks: 1000 };
    const stop = new AbortController();
    team.runBlocksAsync({ ...job, blocks: 2 ** 53 - 1, grain: 1, descriptor: describeData(8).descriptor }, stop)
      .then(({ cause }) => console.log(cause, team.teamStatistics().jobs));
    team.runBlocksAsync(job).then(({ status }) => {
      console.log(status, data.count());
      stop.abort('stopped');
    });`;

  test('lives as long as an asynchronous job, and no longer', () => {
    const { status, stdout, stderr } = runProgram(waiting);
    expect([status, stdout, stderr]).toEqual([0, '0 1000n\nstopped 0\n', '']);
  });

  test('does the same where Atomics.waitAsync is missing', () => {
    const without = fileURLToPath(new URL('fixtures/without-wait-async.js', import.meta.url));
    const { status, stdout, stderr } = runProgram(waiting, `--import=${without}`);
    expect([status, stdout, stderr]).toEqual([0, '0 1000n\nstopped 0\n', '']);
  });

  test('that may start no threads runs calls on its own one, says so once, and refuses asynchronous jobs', () => {
    const { status, stdout, stderr } = runProgram(
      `
      const data = describeData(8);
      const job = { module: kernels, entry: 'count', descriptor: data.descriptor, blocks: 1000, threads: 3 };
      for (let call = 0; call < 3; call++) console.log(team.runBlocks(job).status, data.count());
      const { status, cause } = await team.runBlocksAsync(job);
      console.log(status, cause.code, data.count());`,
      '--no-warnings',
      // The name that it has had since Node 23.5, where there is that.
      process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission',
      '--allow-fs-read=*',
    );
    expect([status, stdout]).toEqual([0, '0 1000n\n0 2000n\n0 3000n\n-1 TEAM004 3000n\n']);
    expect(stderr.match(/no thread could be started/g)).toHaveLength(1);
  });

  test('can stop its team, and start it again', async () => {
    await haveThreads(2);
    const data = describeData(8);
    const running = runBlocksAsync(jobOf(data, 'count', 10_000));
    const stopped = team.stopTeam();
    const late = runBlocksAsync(jobOf(data, 'count', 10_000));
    await stopped;
    expect([await running, await late]).toEqual([{ status: 0 }, { status: 0 }]);
    await team.stopTeam();
    expect(teamStatistics()).toMatchObject({ threads: 0, ready: 0, sleeping: 0, spinning: 0, jobs: 0, threadBytes: 0 });
    expect(runBlocks({ ...jobOf(data, 'count', 10), threads: 2 }).status).toBe(0);
    expect(data.count()).toBe(20_010n);
  });
});
