// The array rung of π in a process whose team has its threads already, and nothing to do: what is measured above that is what the work takes.
// The team is that of the built package, and is started from where it lies, so that nothing else of the package has been used.
import { threadsOf } from './team.js';
import { example } from '../harness/paths.js';

await threadsOf();

interface Rung {
  readonly calcPi: (n: number, seed?: number | bigint) => number;
}

export const { calcPi } = (await import(example('pi/array').href)) as Rung;
