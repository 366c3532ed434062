// The process in which a JavaScript contestant runs: `node javascript-host.js MODULE EXPORT` imports the function and calls it as
// f(n, seed) for each line of standard input.
import { createInterface } from 'node:readline';

const [module, name] = process.argv.slice(2) as [string, string];
const f = ((await import(module)) as Record<string, (n: number, seed: bigint) => number>)[name]!;

for await (const line of createInterface({ input: process.stdin })) {
  const [, n, seed] = line.split(' ') as [string, string, string];
  const start = performance.now();
  const answer = f(Number(n), BigInt(seed));
  const seconds = (performance.now() - start) / 1000;
  console.log(JSON.stringify({ seconds, answer }));
}
