// Random kernels, compiled against interpreted, bit for bit: with the usual slices of long loops, and with slices so short that every loop is
// taken up in its outlined form. FUZZ_RUNS says how many; seeds that have failed once stand in `kept`.
import { expect, test } from 'vitest';
import { interpret, readProgram, verify } from '../src/ir/index.js';
import type { BufferData } from '../src/ir/interpret.js';
import { generatorOf } from '../src/random/keys.js';
import { dataLength, randomKernel } from './support/random-kernels.js';
import { runCompiled } from './support/run-compiled.js';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 200);
const firstSeed = Number(process.env['FUZZ_SEED'] ?? 1);
const kept: readonly number[] = [];

const makeBuffers = (): BufferData[] =>
  [3, 5, 7, 3, 3].map((factor) => ({
    elements: Float64Array.from({ length: dataLength }, (_, i) => (i * factor) % 11),
    offset: 0,
  }));

const elementsOf = (buffers: readonly BufferData[]): unknown => buffers.map(({ elements }) => elements);

function check(seed: number): boolean {
  const { text, scalars } = randomKernel(seed);
  const program = readProgram(text);
  expect(verify(program), text).toEqual([]);
  const kernel = program.kernels[0]!;
  const wanted = makeBuffers();
  const interpreted = interpret(program, 'k', { scalars, buffers: wanted, openGenerator: generatorOf });
  for (const budget of [undefined, 6]) {
    const buffers = makeBuffers();
    const message = `seed ${seed}, budget ${budget}\n${text}`;
    let outcome;
    try {
      outcome = runCompiled(program, kernel, scalars, buffers, { budget });
    } catch (cause) {
      throw new Error(message, { cause });
    }
    const { results, error } = outcome;
    expect({ results, error: error && { ...error, iteration: 0 } }, message).toEqual(interpreted);
    // After a failure nobody looks at what was written: parallel loops write it in any order.
    if (error === undefined) expect(elementsOf(buffers), message).toEqual(elementsOf(wanted));
  }
  return interpreted.error === undefined;
}

test(`${numRuns} random kernels`, { timeout: 3_600_000 }, () => {
  for (const seed of kept) check(seed);
  let succeeded = 0;
  for (let seed = firstSeed; seed < firstSeed + numRuns; seed++) if (check(seed)) succeeded++;
  expect(succeeded).toBeGreaterThan(numRuns / 3);
});
