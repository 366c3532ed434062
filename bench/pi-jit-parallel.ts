// What do threads add to the compiled loop of π?
// Hypothesis: blocks of the loop need nothing of each other and hardly touch memory, so two threads take half the time of one; what is lost
// is the start of the second thread and the last blocks, when one waits for the other. Numba's thread of the same loop and the C program on
// one stand beside it.
import { budgetRow } from './budgets.js';
import { holdContest, isNearPi } from './contest/contest.js';
import { compiledC, javascript, python } from './contest/programs.js';
import type { Entry } from './contest/programs.js';
import { makeRow } from './harness/bench.js';
import type { Bench } from './harness/bench.js';
import { example } from './harness/paths.js';
import { median, spreadOf } from './harness/statistics.js';

const n = 1e8;
const firstCallN = 1e9;

export const piJitParallel: Bench = {
  name: 'pi-jit-parallel',
  question:
    'How much faster is the compiled loop of π on two threads than on one, and is its first call as fast as a later one?',
  async run(say) {
    const rung = example('pi/jit-parallel');
    const onThreads = (threads: number, count: number): Entry => {
      const name = `jit-parallel, ${threads} thread${threads === 1 ? '' : 's'}`;
      const program = javascript(name, rung, 'calcPi', count);
      const environment = { ...process.env, HEDDLE_THREADS: String(threads) };
      return { ...program, args: [...program.args, '--spread'], environment };
    };
    const entries = [
      onThreads(1, n),
      onThreads(2, n),
      compiledC(n),
      python('Numba', 'numba', 'pi-numba', n / 10, ', one thread'),
    ];
    const programs = entries.flatMap((entry) => ('absent' in entry ? [] : [entry]));
    const results = await holdContest(programs, { accept: isNearPi, say, rounds: 7, tries: 4 });
    const [one, two] = results;
    const refused = [one!, two!].find((result) => result.refused !== null);
    if (refused) throw new Error(`${refused.program.name} ${refused.refused}`);
    if (one!.first?.answer !== two!.first?.answer)
      throw new Error('one thread and two gave different answers for the same seed');
    const speedups = one!.seconds.map((time, round) => time / two!.seconds[round]!);
    const perPoint = entries.map((entry) => {
      const row = { name: 'pi-jit-parallel', what: entry.name, unit: 'ns' };
      if ('absent' in entry) return makeRow({ ...row, note: entry.absent });
      const { seconds, refused: why } = results[programs.indexOf(entry)]!;
      if (why !== null) return makeRow({ ...row, note: why });
      const values = seconds.map((time) => (time / entry.n) * 1e9);
      return makeRow({ ...row, value: median(values), spread: spreadOf(values) });
    });

    const long = await holdContest([onThreads(1, firstCallN) as (typeof programs)[number]], {
      accept: isNearPi,
      say,
      rounds: 3,
      warmUps: 0,
    });
    const { first, seconds } = long[0]!;
    const ratio = first!.seconds / median(seconds);
    return {
      rows: [
        budgetRow('pi-jit-parallel', 'jitThreads', { value: median(speedups), spread: spreadOf(speedups) }),
        makeRow({
          name: 'pi-jit-parallel',
          what: 'jit π at 10⁹: its first call, in times of a later one',
          unit: '×',
          value: ratio,
          budget: '≤ 1.1 ×',
          holds: ratio <= 1.1,
        }),
        ...perPoint,
      ],
    };
  },
};
