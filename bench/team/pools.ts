// What packages with pools of threads take for a task that does nothing: the best of those that are installed under bench/peers.
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { inRepository } from '../harness/paths.js';

interface Pool {
  readonly run: () => Promise<unknown>;
  readonly end: () => Promise<unknown>;
}

interface Runner {
  run(task: null): Promise<unknown>;
  destroy(): Promise<unknown>;
}

type Constructor = new (options: object) => Runner;

/** Several tasks at a time go to each thread: the fastest that each of them could be set to. */
const start: Readonly<Record<string, (exported: Record<string, unknown>, threads: number) => Pool>> = {
  piscina: (exported, threads) => runner(exported['default'] as Constructor, threads),
  tinypool: (exported, threads) => runner(exported['default'] as Constructor, threads),
};

function runner(Runner: Constructor, threads: number): Pool {
  const pool = new Runner({
    filename: fileURLToPath(inRepository('bench/peers/empty-task.mjs')),
    minThreads: threads,
    maxThreads: threads,
    concurrentTasksPerWorker: 64,
  });
  return { run: () => pool.run(null), end: () => pool.destroy() };
}

async function measure(pool: Pool): Promise<number> {
  const [rounds, tasks] = [4, 10_000];
  let best = Infinity;
  // Some of their threads do not keep the process alive while their ends are awaited.
  const hold = setInterval(() => {}, 1e6);
  try {
    for (let round = 0; round < rounds; round++) {
      const begin = performance.now();
      await Promise.all(Array.from({ length: tasks }, () => pool.run()));
      best = Math.min(best, (performance.now() - begin) / 1000 / tasks);
    }
  } finally {
    await pool.end();
    clearInterval(hold);
  }
  return best;
}

/** Seconds a task of the best package, and its name; null where none is installed. */
export async function measurePools(
  threads: number,
  say: (step: string) => void,
): Promise<{ name: string; seconds: number } | null> {
  const fromPeers = createRequire(inRepository('bench/peers/package.json'));
  const measured: { name: string; seconds: number }[] = [];
  for (const [name, make] of Object.entries(start)) {
    let exported: Record<string, unknown>;
    try {
      exported = (await import(pathToFileURL(fromPeers.resolve(name)).href)) as Record<string, unknown>;
    } catch {
      // Peers are optional.
      continue;
    }
    say(name);
    measured.push({ name, seconds: await measure(make(exported, threads)) });
  }
  return measured.sort((a, b) => a.seconds - b.seconds)[0] ?? null;
}
