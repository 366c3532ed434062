// How long does the first call of a new function wait for its compiler?
// Hypothesis: of a process's very first call most is the engine's, which compiles heddle's own code when it is first run, about 1000
// functions of it; that and what its unoptimised code then takes are 20 to 40 ms. Each further function takes less than the one before,
// and soon a fifth. The engine's part in WebAssembly is small: it compiles modules when they are run, function by function.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { budgetRow } from './budgets.js';
import { makeRow } from './harness/bench.js';
import type { Bench } from './harness/bench.js';
import { root } from './harness/paths.js';
import { median, spreadOf } from './harness/statistics.js';
import { kinds } from './jit-compile/functions.js';
import type { Kind } from './jit-compile/functions.js';

/** Processes for each kind of function. */
const rounds = 7;
/** Functions of each kind that a process compiles after its first. */
const variants = 6;

interface Call {
  /** Milliseconds that passed, and of the processor, on all threads. */
  readonly wall: number;
  readonly processor: number;
}

/** What a fresh process runs: `[text, args]` of one function after the other come in, and what the first call of each has taken goes out. */
const program = `
  import { jit, prange } from 'heddle';
  const calls = JSON.parse(process.argv[1]).map(([text, args]) => {
    const f = new Function('prange', 'return ' + text)(prange);
    const given = args.map((arg) => (typeof arg === 'number' ? arg : new Float64Array(arg.length).fill(arg.value)));
    const before = process.cpuUsage();
    const begun = performance.now();
    jit(f)(...given);
    const wall = performance.now() - begun;
    const { user, system } = process.cpuUsage(before);
    return { wall, processor: (user + system) / 1000 };
  });
  console.log(JSON.stringify(calls));
`;

function measure(functions: readonly (readonly [text: string, args: Kind['args']])[]): Call[] {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', program, '--', JSON.stringify(functions)],
    { cwd: fileURLToPath(root), encoding: 'utf8' }, // a package may import itself by name
  );
  if (status !== 0) throw new Error(`compiling in a fresh process failed: ${stderr}`);
  return JSON.parse(stdout) as Call[];
}

const figuresOf = (calls: readonly Call[]) => {
  const walls = calls.map(({ wall }) => wall);
  return {
    value: median(walls),
    spread: spreadOf(walls),
    reference: median(calls.map(({ processor }) => processor)),
    against: 'processor time, all threads',
  };
};

export const jitCompile: Bench = {
  name: 'jit-compile',
  question: 'How long does the first call of a new function wait for its compiler?',
  run(say) {
    const first = kinds.map((): Call[] => []);
    const later = kinds.map((): Call[] => []);
    for (let round = 0; round < rounds; round++) {
      say(`round ${round + 1} of ${rounds}`);
      for (const [k, { text, args }] of kinds.entries()) {
        // The others follow in turn, so that what is measured of each has come at many places.
        const others = Array.from({ length: variants * kinds.length }, (_, index) => {
          const kind = kinds[(k + index) % kinds.length]!;
          return [kind.text(index + 1), kind.args] as const;
        });
        const [call, ...calls] = measure([[text(0), args], ...others]);
        first[k]!.push(call!);
        for (const [index, each] of calls.entries()) later[(k + index) % kinds.length]!.push(each);
      }
    }
    const rows = [
      budgetRow('jit-compile', 'veryFirstCall', figuresOf(first.flat())),
      budgetRow('jit-compile', 'newFunction', figuresOf(later.flat())),
      ...kinds.flatMap(({ what }, k) => [
        makeRow({ name: 'jit-compile', what: `${what}: the very first call`, unit: 'ms', ...figuresOf(first[k]!) }),
        makeRow({ name: 'jit-compile', what: `${what}: of a further function`, unit: 'ms', ...figuresOf(later[k]!) }),
      ]),
    ];
    return Promise.resolve({ rows });
  },
};
