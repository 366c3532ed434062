// How long does a random point take, on every rung that there is and beside what others make of the same machine?
// Hypothesis: plain JavaScript takes about as long as NumPy, because its loop is compiled and NumPy stores every step; storing the steps
// as NumPy does costs it three times that; hand-written SIMD WebAssembly takes a tenth, and C with vectors of 512 bits a quarter of that.
import { example } from './harness/paths.js';
import { makeRow } from './harness/bench.js';
import type { Bench } from './harness/bench.js';
import { median, spreadOf } from './harness/statistics.js';
import { holdContest, isNearPi } from './contest/contest.js';
import { compiledC, javascript, numpyTs, python } from './contest/programs.js';
import type { Entry } from './contest/programs.js';

const reference = 'plain';

export const pi: Bench = {
  name: 'pi',
  question: 'How long does one random point of π take, one way after the other?',
  async run(say) {
    say('building and looking for peers');
    // As many points as take some tens of milliseconds or more.
    const entries: Entry[] = [
      javascript(reference, example('pi/plain'), 'calcPi', 1e7),
      javascript('vectorized', example('pi/vectorized'), 'calcPi', 1e7),
      javascript('jit', example('pi/jit'), 'calcPi', 1e7),
      javascript('SIMD WebAssembly by hand', new URL('./wasm/pi.js', import.meta.url), 'calcPi', 1e8),
      compiledC(1e8),
      numpyTs(1e7),
      python('Python', 'python', 'pi-plain', 1e6),
      python('NumPy', 'numpy', 'pi-numpy', 1e7),
      python('Numba', 'numba', 'pi-numba', 1e7, ', one thread'),
      python('dask.array', 'dask', 'pi-dask', 1e7, ', all cores'),
    ];
    const programs = entries.flatMap((entry) => ('absent' in entry ? [] : [entry]));
    const results = await holdContest(programs, { accept: isNearPi, say, rounds: 5, tries: 3 });
    const perPoint = results.map(({ program, seconds }) => seconds.map((time) => (time / program.n) * 1e9));
    const plain = perPoint[results.findIndex(({ program }) => program.name === reference)]!;

    const isPlainThere = results.some(({ program, refused }) => program.name === reference && refused === null);
    const rows = entries.map((entry) => {
      const row = { name: 'pi', what: entry.name, unit: 'ns' };
      if ('absent' in entry) return makeRow({ ...row, note: entry.absent });
      const index = programs.indexOf(entry);
      const { refused } = results[index]!;
      const values = perPoint[index]!;
      if (refused !== null) return makeRow({ ...row, note: refused });
      return makeRow({
        ...row,
        value: median(values),
        spread: spreadOf(values),
        ...(isPlainThere && { against: reference, reference: median(plain) }),
      });
    });
    return { rows };
  },
};
