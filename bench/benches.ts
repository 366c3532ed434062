// The benches, in the order in which `npm run bench` runs them. A new one is a file beside this one and a line here.
import { arrayPi } from './array-pi.js';
import { axpy } from './axpy.js';
import { firstCall } from './first-call.js';
import { importing } from './import.js';
import { jitCompile } from './jit-compile.js';
import { kernels } from './kernels.js';
import { matmul } from './matmul.js';
import { memory } from './memory.js';
import { normalizeRows } from './normalize-rows.js';
import { pi } from './pi.js';
import { piJit } from './pi-jit.js';
import { piJitParallel } from './pi-jit-parallel.js';
import { readme } from './readme.js';
import { seed } from './seed.js';
import { size } from './size.js';
import { smallCall } from './small-call.js';
import { sort } from './sort.js';
import { sum } from './sum.js';
import { sumRange } from './sum-range.js';
import { teamDispatch } from './team-dispatch.js';
import { timeit } from './timeit.js';
import type { Bench } from './harness/bench.js';

export const benches: readonly Bench[] = [
  pi,
  piJit,
  piJitParallel,
  arrayPi,
  axpy,
  sum,
  sumRange,
  kernels,
  sort,
  matmul,
  normalizeRows,
  smallCall,
  firstCall,
  jitCompile,
  teamDispatch,
  memory,
  timeit,
  importing,
  size,
  seed,
  readme,
];
