// memit against the operating system. Every case runs in a fresh process of the built package; when the call is over that process waits,
// and we read from outside, in /proc/<pid>/status, what the kernel has counted.
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { isLinux, packageFolder, runModule, startNode, statusBytes, until } from './measure-child.js';

const MiB = 2 ** 20;

interface Seen {
  /** What memit said. */
  readonly peak: number;
  readonly increment: number;
  /** Whatever else the program had to tell. */
  readonly extra: number;
  /** What the kernel said, asked by us. */
  readonly kernelPeak: number;
  readonly kernelNow: number;
}

/** @param body the text of the function to measure, and `extra`, a number that it may set */
async function memitInFreshProcess(body: string): Promise<Seen> {
  const text = `
    import { memit } from 'heddle/measure';
    import { Worker } from 'node:worker_threads';
    let extra = 0;
    const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
    const { peak, increment } = await memit(${body});
    process.stdout.write(JSON.stringify({ peak, increment, extra }) + '\\n');
    process.stdin.resume();
  `;
  const running = startNode(['--expose-gc', '--input-type=module', '-e', text]);
  await until(() => running.stdout.includes('\n') || running.child.exitCode !== null);
  if (running.child.exitCode !== null) throw new Error(running.stderr);
  const kernel = { kernelPeak: statusBytes(running.pid, 'VmHWM'), kernelNow: statusBytes(running.pid, 'VmRSS') };
  running.child.stdin!.end();
  expect(await running.ended).toEqual({ code: 0, signal: null });
  return { ...(JSON.parse(running.stdout) as Omit<Seen, keyof typeof kernel>), ...kernel };
}

/** The kernel counts pages per thread and settles the account now and then; and the engine compiles and collects beside us. */
const slack = 6 * MiB;

function expectIncrement({ increment, peak, kernelPeak }: Seen, bytes: number, overhead = 0): void {
  expect(increment).toBeGreaterThanOrEqual(bytes - slack);
  expect(increment).toBeLessThanOrEqual(bytes + overhead + slack);
  expect(Math.abs(kernelPeak - peak)).toBeLessThanOrEqual(slack);
}

describe.runIf(isLinux)('memit counts', () => {
  test.concurrent.each([
    ['typed arrays', '() => new Float64Array(8 * 2 ** 20).fill(1)'],
    ['shared memory', '() => new Uint8Array(new SharedArrayBuffer(64 * 2 ** 20)).fill(1)'],
    ['WebAssembly memory', '() => new Uint8Array(new WebAssembly.Memory({ initial: 1024 }).buffer).fill(1)'],
    [
      'shared WebAssembly memory',
      '() => new Uint8Array(new WebAssembly.Memory({ initial: 1024, maximum: 65536, shared: true }).buffer).fill(1)',
    ],
    [
      'several of them, held at the same time',
      `() => [
        new Float64Array(2 * 2 ** 20).fill(1),
        new Uint8Array(new SharedArrayBuffer(16 * 2 ** 20)).fill(1),
        new Uint8Array(new WebAssembly.Memory({ initial: 512 }).buffer).fill(1),
      ]`,
    ],
    [
      'what an asynchronous function takes',
      'async () => { await nextTurn(); return new Uint8Array(64 * 2 ** 20).fill(1); }',
    ],
  ])('%s: 64 MiB', async (_, body) => {
    expectIncrement(await memitInFreshProcess(body), 64 * MiB);
  });

  test('ordinary objects: at least what the engine says that they take', async () => {
    const seen = await memitInFreshProcess(`() => {
      const before = process.memoryUsage().heapUsed;
      const objects = Array.from({ length: 1e6 }, (_, i) => ({ i, half: i + 0.5 }));
      extra = process.memoryUsage().heapUsed - before;
      return objects;
    }`);
    expect(seen.extra).toBeGreaterThan(32 * MiB);
    // Copying young objects to the old space takes room on the way.
    expectIncrement(seen, seen.extra, seen.extra);
  });

  test('what another thread takes', async () => {
    const seen = await memitInFreshProcess(`() => new Promise((resolve) => {
      const source = 'const { parentPort } = require("node:worker_threads");' +
        'globalThis.held = new Uint8Array(64 * 2 ** 20).fill(1); parentPort.postMessage(held[5]);';
      const worker = new Worker(source, { eval: true, execArgv: [] });
      worker.once('message', (first) => worker.terminate().then(() => resolve(first)));
    })`);
    // A thread has an engine of its own.
    expectIncrement(seen, 64 * MiB, 32 * MiB);
  });

  test('what was freed before the end', async () => {
    const seen = await memitInFreshProcess(`async () => {
      let array = new Float64Array(8 * 2 ** 20).fill(1);
      const full = process.memoryUsage.rss();
      extra = array[7];
      array = undefined;
      while (process.memoryUsage.rss() > full - 48 * 2 ** 20) { gc(); await nextTurn(); }
    }`);
    expectIncrement(seen, 64 * MiB);
    expect(seen.kernelNow).toBeLessThan(seen.peak - 40 * MiB);
  });

  test.concurrent.each([
    ['typed arrays', '() => new Float64Array(64 * 2 ** 20)'],
    ['shared memory', '() => new SharedArrayBuffer(512 * 2 ** 20)'],
    ['WebAssembly memory', '() => new WebAssembly.Memory({ initial: 8192, maximum: 65536 })'],
  ])('no pages that are reserved and never touched: 512 MiB of %s', async (_, body) => {
    expectIncrement(await memitInFreshProcess(body), 0);
  });

  test('nothing that was there before', async () => {
    const text = `
      import { memit } from 'heddle/measure';
      const before = new Float64Array(8 * 2 ** 20).fill(1);
      let dropped = new Float64Array(8 * 2 ** 20).fill(1);
      dropped = undefined;
      const { increment, value } = await memit(() => before[3]);
      console.log(JSON.stringify({ increment, value }));
    `;
    const { stdout } = await runModule(text);
    const { increment, value } = JSON.parse(stdout) as { increment: number; value: number };
    expect(value).toBe(1);
    expect(increment).toBeLessThan(slack);
  });

  test.each([1, 50])(
    'no garbage that was there before, in %s pieces, not even when it goes during the call',
    async (pieces) => {
      const text = `
      import { memit } from 'heddle/measure';
      let garbage = Array.from({ length: ${pieces} }, () => new Float64Array(8 * 2 ** 20 / ${pieces}).fill(1));
      garbage = undefined;
      const { increment } = await memit(async () => {
        // Twice, because memory is given back on another thread, which the second waits for.
        gc();
        gc();
        return new Float64Array(8 * 2 ** 20).fill(1);
      });
      console.log(increment);
    `;
      const { stdout } = await runModule(text, ['--expose-gc']);
      expect(Number(stdout)).toBeGreaterThan(64 * MiB - slack);
      expect(Number(stdout)).toBeLessThan(64 * MiB + slack);
    },
  );

  test('for each of two that overlap: the second does not make the first forget', async () => {
    const text = `
      import { memit } from 'heddle/measure';
      const drop = async (full) => { while (process.memoryUsage.rss() > full - 48 * 2 ** 20) { gc(); await new Promise(setImmediate); } };
      let inner;
      const outer = await memit(async () => {
        let array = new Float64Array(8 * 2 ** 20).fill(1);
        const full = process.memoryUsage.rss();
        array = undefined;
        await drop(full);
        inner = await memit(() => new Float64Array(2 * 2 ** 20).fill(1)[0]);
      });
      console.log(JSON.stringify([outer.increment, inner.increment]));
    `;
    const { stdout } = await runModule(text, ['--expose-gc']);
    const [outer, inner] = JSON.parse(stdout) as [number, number];
    expect(outer).toBeGreaterThan(64 * MiB - slack);
    expect(inner).toBeGreaterThan(16 * MiB - slack);
    expect(inner).toBeLessThan(16 * MiB + slack);
  });
});

/** Shuts the way to the kernel's count, as on a system without one. */
const withoutKernel = `
  import fs from 'node:fs';
  import { syncBuiltinESMExports } from 'node:module';
  const write = fs.writeFileSync;
  fs.writeFileSync = (path, ...rest) => {
    if (String(path).endsWith('clear_refs')) throw new Error('EACCES');
    return write(path, ...rest);
  };
  syncBuiltinESMExports();
  const { memit } = await import('heddle/measure');
`;

describe('where the kernel does not count', () => {
  test('a thread samples, and finds what is held and what the all-time peak passed', async () => {
    const { stdout, code } = await runModule(`${withoutKernel}
      const { increment } = await memit(() => new Float64Array(8 * 2 ** 20).fill(1));
      console.log(increment);
    `);
    expect(code).toBe(0);
    expect(Number(stdout)).toBeGreaterThan(64 * MiB - slack);
    expect(Number(stdout)).toBeLessThan(64 * MiB + slack);
  });

  /** Lets the program see the sampler's words, or put another thread in its place; and a way to give memory back for certain. */
  const withSampler = (source: string): string => `${withoutKernel}
    const threads = process.getBuiltinModule('node:worker_threads');
    const { Worker } = threads;
    let words;
    threads.Worker = class extends Worker {
      constructor(text, options) {
        super(${source}, options);
        words = new Int32Array(options.workerData);
      }
    };
    const drop = async (full, bytes) => {
      while (process.memoryUsage.rss() > full - bytes) { gc(); await new Promise(setImmediate); }
    };
  `;

  test.runIf(isLinux)('sampling alone finds what is gone before the end and below an earlier peak', async () => {
    const { stdout, stderr } = await runModule(
      `${withSampler('text')}
      let earlier = new Float64Array(32 * 2 ** 20).fill(1);
      const highest = process.memoryUsage.rss();
      earlier = undefined;
      await drop(highest, 240 * 2 ** 20);
      const { increment, peak } = await memit(async () => {
        let array = new Float64Array(8 * 2 ** 20).fill(1);
        const full = process.memoryUsage.rss();
        // Held until it has been seen, however long that takes.
        while (Atomics.load(words, 1) * 1024 < full - 4 * 2 ** 20) await new Promise(setImmediate);
        array = undefined;
        await drop(full, 56 * 2 ** 20);
      });
      console.log(JSON.stringify([increment, highest - peak]));
    `,
      ['--expose-gc'],
    );
    expect(stderr).toBe('');
    const [increment, below] = JSON.parse(stdout) as [number, number];
    expect(increment).toBeGreaterThan(64 * MiB - slack);
    expect(increment).toBeLessThan(64 * MiB + slack);
    expect(below).toBeGreaterThan(100 * MiB);
  });

  test.runIf(isLinux)('the all-time peak alone finds what no sample has seen', async () => {
    // A thread that never looks, as if the peak fell between two looks.
    const blind = `"const { workerData, parentPort } = require('node:worker_threads'); parentPort.postMessage('ready');" +
      'Atomics.wait(new Int32Array(workerData), 0, 0);'`;
    const { stdout, stderr } = await runModule(
      `${withSampler(blind)}
      const { increment } = await memit(async () => {
        let array = new Float64Array(8 * 2 ** 20).fill(1);
        const full = process.memoryUsage.rss();
        array = undefined;
        await drop(full, 56 * 2 ** 20);
      });
      console.log(increment, words[1]);
    `,
      ['--expose-gc'],
    );
    expect(stderr).toBe('');
    const [increment, sampled] = stdout.split(' ').map(Number) as [number, number];
    expect(sampled).toBe(0);
    expect(increment).toBeGreaterThan(64 * MiB - slack);
    expect(increment).toBeLessThan(64 * MiB + slack);
  });

  test.runIf(isLinux)('the thread is gone after the call, also after one that throws or rejects', async () => {
    const { stdout, code } = await runModule(`${withoutKernel}
      const threads = () => fs.readdirSync('/proc/self/task').length;
      // The first call starts what stays, such as the threads that compile.
      await memit(() => 1);
      const before = threads();
      const seen = [];
      for (const f of [() => 1, () => { throw new Error('thrown'); }, () => Promise.reject(new Error('rejected'))]) {
        await memit(f).catch(({ message }) => seen.push(message));
      }
      while (threads() > before) await new Promise(setImmediate);
      console.log(seen.join());
    `);
    expect(stdout.trim()).toBe('thrown,rejected');
    expect(code).toBe(0);
  });
});

test.runIf(isLinux)('the kernel and the sampling thread agree', async () => {
  // Neither is among the names of the built package.
  const { outputFiles } = await build({
    entryPoints: ['src/platform/node-memory.ts'],
    absWorkingDir: packageFolder,
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
  });
  const watches = `data:text/javascript;base64,${Buffer.from(outputFiles[0]!.contents).toString('base64')}`;
  const { stdout } = await runModule(`
    const { watchByKernel, watchBySampling } = await import('${watches}');
    const byKernel = watchByKernel();
    const bySampling = await watchBySampling();
    const held = new Float64Array(8 * 2 ** 20).fill(1);
    console.log(JSON.stringify([byKernel, bySampling].map((watch) => [watch.stop(), watch.stop()])));
    console.log(held[0]);
  `);
  const [[byKernel, again], [bySampling, alsoAgain]] = JSON.parse(stdout.split('\n')[0]!) as [number[], number[]] as [
    [number, number],
    [number, number],
  ];
  expect(byKernel).toBeGreaterThan(64 * MiB);
  expect(Math.abs(byKernel - bySampling)).toBeLessThan(slack);
  expect([again, alsoAgain]).toEqual([byKernel, bySampling]);
});
