// Is a long run as fast the first time as later?
// Hypothesis: yes, whatever the loops. The engine compiles a function better only between two calls of it, so compiled loops come back to
// their drivers every 2¹⁶ basic iterations, inner loops too where they turn out to be long; what runs in unoptimised code is a few
// milliseconds of the first call.
import { jit } from 'heddle';
import { makeRow } from './harness/bench.js';
import type { Bench, Row } from './harness/bench.js';
import { median, spreadOf } from './harness/statistics.js';

interface LongProgram {
  readonly what: string;
  readonly argument: number;
  /** The body of a function of `n`. */
  readonly body: string;
}

const programs: readonly LongProgram[] = [
  {
    what: 'a counted loop of 4·10⁸',
    argument: 4e8,
    body: 'let s = 0; for (let i = 0; i < n; i++) s = s * 0.999999 + i; return s;',
  },
  {
    what: 'the recurrence x = r·x·(1 − x), 6·10⁸ times',
    argument: 6e8,
    body: 'let x = 0.3; for (let i = 0; i < n; i++) x = 3.7 * x * (1 - x); return x;',
  },
  {
    what: 'a while loop of 5·10⁸ rounds',
    argument: 5e8,
    body: 'let k = 0; let s = 0; while (k < n) { s = s * 0.5 + k; k += 1; } return s;',
  },
  {
    what: 'a nest of 1000 × 1000 × 300',
    argument: 1000,
    body: 'let s = 0; for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) for (let k = 0; k < 300; k++) s = s * 0.999 + i * j - k; return s;',
  },
  {
    what: 'a nest of 10⁴ × 10⁵',
    argument: 1e4,
    body: 'let s = 0; for (let i = 0; i < n; i++) for (let j = 0; j < n * 10; j++) s += i * j * 0.5; return s;',
  },
  {
    what: 'a long while loop in a loop of 3 in a while loop',
    argument: 1e8,
    body: 'let t = 0; let s = 0; while (t < 2) { for (let i = 0; i < 3; i++) { let k = 0; while (k < n) { s = s * 0.5 + k; k += 1; } } t += 1; } return s;',
  },
];

const rounds = 3;
const laterCalls = 3;

/** Another name makes another module: the engine keeps the code of those that it has seen. */
function makeFunction(body: string, name: string): (n: number) => number {
  // oxlint-disable-next-line typescript/no-implied-eval
  return new Function(`return function ${name}(n) { ${body} }`)() as (n: number) => number;
}

function measureProgram({ what, argument, body }: LongProgram, number: number): Row {
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const compiled = jit(makeFunction(body, `long${number}round${round}`));
    const times = Array.from({ length: 1 + laterCalls }, () => {
      const begun = performance.now();
      compiled(argument);
      return performance.now() - begun;
    });
    ratios.push(times[0]! / median(times.slice(1)));
  }
  return makeRow({
    name: 'first-call',
    what: `${what}: the first call, in times of a later one`,
    unit: '×',
    value: median(ratios),
    spread: spreadOf(ratios),
    budget: '≤ 1.1 ×',
    holds: median(ratios) <= 1.1,
  });
}

export const firstCall: Bench = {
  name: 'first-call',
  question: 'Is a long run as fast the first time as later?',
  run(say) {
    const rows = programs.map((program, number) => {
      say(program.what);
      return measureProgram(program, number);
    });
    return Promise.resolve({ rows });
  },
};
