// timeit: how long one call takes. Prints the line that IPython users know, and then the figures that it is made of, which are there
// for a program to use: seconds a call, one entry a run.
import { timeit } from 'heddle';

function sumOfRoots(n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += Math.sqrt(i);
  return sum;
}

const timing = await timeit(sumOfRoots, { args: [100_000], runs: 5 });
console.log(timing);

const microseconds = (seconds: number): string => `${(seconds * 1e6).toFixed(1)} µs`;
console.log(`first call ${microseconds(timing.firstCall)}`);
console.log(`min ${microseconds(timing.min)}, median ${microseconds(timing.median)}, max ${microseconds(timing.max)}`);
console.log(`each run: ${timing.runs.map(microseconds).join(', ')}`);
