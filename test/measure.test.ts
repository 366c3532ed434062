// timeit and time, seen from outside: in fresh processes of the built package, against the engine's own trace and the kernel's own account.
import { availableParallelism, release, totalmem, type } from 'node:os';
import { describe, expect, test } from 'vitest';
import { isLinux, runModule } from './measure-child.js';

describe('the timed loop', () => {
  // The engine says what it considers for inlining. Every function to be measured is called often enough to be optimised.
  const flags = ['--trace-turbo-inlining', '--no-concurrent-recompilation'];
  const functions = `
    function measuredWork() { let s = 0; for (let i = 0; i < 20; i++) s += i * i; return s; }
    function measuredWorkOfOne(n) { return Math.sqrt(n) + 1; }
    function measuredWorkOfTwo(n, m) { return n * m + 1; }
  `;
  const consideredIn = (trace: string): string[] => [
    ...new Set([...trace.matchAll(/^(?:Considering|Inlining) .*\b(measuredWork\w*)>/gm)].map((match) => match[1]!)),
  ];

  test('in a plain loop the engine inlines the function: the trace would show it', async () => {
    const { stdout } = await runModule(
      `${functions}
      let kept;
      function timeNaively(f, loops) { for (let i = 0; i < loops; i++) kept = f(); }
      for (let run = 0; run < 3; run++) timeNaively(measuredWork, 3e6);`,
      flags,
    );
    expect(consideredIn(stdout)).toEqual(['measuredWork']);
  });

  const measured = `
    const options = { loops: 2e6, runs: 2 };
    await timeit(measuredWork, options);
    await timeit(measuredWorkOfOne, { ...options, args: [3] });
    await timeit(measuredWorkOfTwo, { ...options, args: [3, 4] });
    console.log('measured all three');
  `;

  test('in timeit it does not, so that nothing is moved out of the loop or deleted', async () => {
    const { stdout } = await runModule(`import { timeit } from 'heddle/measure'; ${functions} ${measured}`, flags);
    expect(stdout).toContain('measured all three');
    expect(consideredIn(stdout)).toEqual([]);
  });

  test('nor when the engine has thrown away what it had learnt of the loop', async () => {
    const { stdout } = await runModule(
      `import { timeit } from 'heddle/measure';
      ${functions}
      await timeit(() => 1, { loops: 10, runs: 1 });
      for (let i = 0; i < 20; i++) { gc(); await new Promise(setImmediate); }
      ${measured}`,
      [...flags, '--expose-gc', '--stress-flush-code'],
    );
    expect(stdout).toContain('measured all three');
    expect(consideredIn(stdout)).toEqual([]);
  });
});

describe('time', () => {
  test.runIf(isLinux)('counts the CPU time of other threads, as much as the kernel does', async () => {
    // The other thread works until the kernel has charged this process 0.4 s; this thread sleeps meanwhile.
    const { stdout, stderr } = await runModule(`
      import { time } from 'heddle/measure';
      import { Worker } from 'node:worker_threads';
      import { readFileSync } from 'node:fs';
      const ticks = (path) => {
        const fields = readFileSync(path, 'utf8').split(') ').at(-1).split(' ');
        return Number(fields[11]) + Number(fields[12]);
      };
      const words = new Int32Array(new SharedArrayBuffer(4));
      const source = \`
        const { workerData: words, parentPort } = require('node:worker_threads');
        parentPort.postMessage('ready');
        Atomics.wait(words, 0, 0);
        const { user, system } = process.cpuUsage();
        for (;;) {
          const now = process.cpuUsage();
          if (now.user + now.system - user - system > 400_000) break;
        }
        Atomics.store(words, 0, 2);
        Atomics.notify(words, 0);
      \`;
      const worker = new Worker(source, { eval: true, workerData: words, execArgv: [] });
      await new Promise((resolve) => worker.once('message', resolve));
      const mine = '/proc/self/task/' + process.pid + '/stat';
      const before = [ticks('/proc/self/stat'), ticks(mine)];
      const call = await time(() => {
        Atomics.store(words, 0, 1);
        Atomics.notify(words, 0);
        Atomics.wait(words, 0, 1);
        return 'done';
      });
      const after = [ticks('/proc/self/stat'), ticks(mine)];
      console.log(JSON.stringify({ ...call, kernel: (after[0] - before[0]) / 100, mine: (after[1] - before[1]) / 100 }));
    `);
    expect(stderr).toBe('');
    const seen = JSON.parse(stdout) as Record<'user' | 'system' | 'total' | 'kernel' | 'mine', number>;
    expect(seen).toMatchObject({ value: 'done' });
    expect(seen.total).toBeGreaterThanOrEqual(0.39);
    expect(seen.total).toBeCloseTo(seen.user + seen.system, 12);
    // This thread did next to nothing of it.
    expect(seen.mine).toBeLessThan(0.2);
    // The kernel's ticks are hundredths of a second, and one more or less at either end.
    expect(Math.abs(seen.kernel - seen.total)).toBeLessThanOrEqual(0.05);
  });

  test('prints two lines', async () => {
    const { stdout } = await runModule(`
      import { time, timeit } from 'heddle';
      console.log(await time(() => 1));
      console.log(await timeit(() => 1, { loops: 10, runs: 2 }));
    `);
    const span = String.raw`\d\S* (?:s|ms|µs|ns)`;
    expect(stdout).toMatch(new RegExp(`^CPU times: user ${span}, sys: ${span}, total: ${span}\nWall time: ${span}\n`));
    expect(stdout).toMatch(
      new RegExp(`${span} ± ${span} per loop \\(mean ± std\\. dev\\. of 2 runs, 10 loops each\\)\n$`),
    );
  });
});

test('describeMachine says what Node says', async () => {
  const { stdout } = await runModule(`
    import { describeMachine } from 'heddle/measure';
    console.log(JSON.stringify(describeMachine()));
  `);
  expect(JSON.parse(stdout)).toEqual({
    cpu: expect.any(String),
    cores: availableParallelism(),
    memory: totalmem(),
    os: `${type()} ${release()}`,
    node: process.versions.node,
    v8: process.versions.v8,
    simd: expect.stringMatching(/^(?:simd128|relaxed-simd)$/),
  });
});

test('measuring keeps no process alive', async () => {
  const { code, signal } = await runModule(`
    import { compare, memit, time, timeit } from 'heddle';
    await timeit(() => 1, { loops: 1, runs: 1 });
    await time(() => 1);
    await memit(() => 1);
    await compare({ a: () => 1 }, { loops: 1, runs: 1 });
  `);
  expect({ code, signal }).toEqual({ code: 0, signal: null });
});
