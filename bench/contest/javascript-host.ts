// The process in which a JavaScript contestant runs: `node javascript-host.js MODULE EXPORT` imports the function and calls it as
// f(n, seed) for each line of standard input. With `--spread` behind them the threads that the first call has started are kept on cores of
// their own: some systems leave threads that wake each other on one core for seconds, and then it is the system that is timed.
import { createInterface } from 'node:readline';
import { currentThreads, spreadThreads } from '../harness/cores.js';

const [module, name, manner] = process.argv.slice(2) as [string, string, string?];
const before = currentThreads();
let isSpread = manner !== '--spread';
const f = ((await import(module)) as Record<string, (n: number, seed: bigint) => number>)[name]!;

for await (const line of createInterface({ input: process.stdin })) {
  const [, n, seed] = line.split(' ') as [string, string, string];
  const start = performance.now();
  const answer = f(Number(n), BigInt(seed));
  const seconds = (performance.now() - start) / 1000;
  console.log(JSON.stringify({ seconds, answer }));
  if (!isSpread) {
    spreadThreads(before);
    isSpread = true;
  }
}
