// The promise that results do not depend on how they are computed: the same seed gives the same bits on any number of threads, with lanes
// and without, from the interpreter, and for counts that no block divides.
import { jit } from 'heddle';
import { describe, expect, test } from 'vitest';
import { interpret } from '../src/ir/index.js';
import { printKernel } from '../src/ir/print.js';
import { readProgram } from '../src/ir/read.js';
import { generatorOf, rootKey } from '../src/random/keys.js';
import { makeExecutable } from '../src/runtime/executable.js';

const calcPi = (n: number): number => {
  let m = 0;
  for (let i = 0; i < n; i++) {
    const x = 2 * Math.random() - 1;
    const y = 2 * Math.random() - 1;
    if (x ** 2 + y ** 2 < 1) m++;
  }
  return (4 * m) / n;
};

const counts = [0, 1, 2, 15, 17, 4095, 4096, 4097, 10_019, 100_003];
const seed = 42;

describe('π of the same seed', () => {
  const serial = jit(calcPi, { seed });
  const parallel = jit(calcPi, { seed, parallel: true });
  const wanted = counts.map((n) => serial(n));

  test.each([1, 2, 3, 7])('on %i threads', (threads) => {
    const on = parallel.with({ threads });
    expect(counts.map((n) => on(n))).toEqual(wanted);
  });

  test('with lanes, without, and from the interpreter', () => {
    const text = serial.explain('ir').replace(/^;.*$/m, '');
    const program = readProgram(text);
    const [kernel] = program.kernels;
    const key = rootKey(seed);
    for (const simd of [true, false]) {
      for (const isParallel of [true, false]) {
        const executable = makeExecutable(kernel!, { simd, parallel: isParallel });
        if (!simd) expect(printKernel(executable.kernel)).not.toContain('f64x');
        expect(counts.map((n) => executable.call([n, key])[0])).toEqual(wanted);
      }
    }
    const interpreted = counts
      .slice(0, 9)
      .map((n) => interpret(program, kernel!.name, { scalars: [n, key], buffers: [], openGenerator: generatorOf }));
    expect(interpreted.map(({ results }) => results[0])).toEqual(wanted.slice(0, 9));
  });
});
