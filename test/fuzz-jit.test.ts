// Random functions, compiled against plain and against the interpreter, bit for bit, and their kernels printed and read again. What every
// pass leaves is legal, and what the last one leaves is interpreted as well. The plain ones have the `Math` of heddle/math.
// `npm run fuzz:jit` runs many more; FUZZ_RUNS says how many. What has failed once stands in src/jit as a test of its own.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { interpret, printProgram, readProgram, verify } from '../src/ir/index.js';
import { arrayKinds, kindOf } from '../src/jit/array-kinds.js';
import { aliasClassesOf, callMemory, LentArrays } from '../src/jit/arguments.js';
import type { HeapArray } from '../src/jit/arguments.js';
import { lowerFunction } from '../src/jit/lower.js';
import { parseFunction } from '../src/jit/parse.js';
import * as heddleMath from '../src/math/index.js';
import { pipeline } from '../src/passes/pipeline.js';
import { generatorOf } from '../src/random/keys.js';
import { makeExecutable } from '../src/runtime/executable.js';
import { edgeNumber, functionText, withoutPowers } from './support/random-functions.js';

type Scalars = readonly [x: number, y: number, flag: boolean];
type Plain = (...args: [...Scalars, ...HeapArray[]]) => number | boolean;

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 800);
/** Of many functions some are verified after every pass, and all after the last. */
const thoroughEvery = numRuns > 1000 ? 16 : 1;
const callArguments = fc.array(
  fc.tuple(edgeNumber, edgeNumber, fc.boolean(), fc.array(edgeNumber, { minLength: 8, maxLength: 8 })),
  {
    minLength: 3,
    maxLength: 5,
  },
);

const makeArrays = (elements: readonly number[]): HeapArray[] => [
  Float64Array.from(elements),
  Int32Array.from(elements),
  Uint8ClampedArray.from(elements),
  Float32Array.from(elements),
];

test(`${numRuns} random functions`, { timeout: 3_600_000 }, () => {
  let compiled = 0;
  fc.assert(
    fc.property(functionText, callArguments, (text, calls) => {
      // oxlint-disable-next-line typescript/no-implied-eval
      const plain = new Function('Math', `return ${withoutPowers(text)}`)({ ...heddleMath, PI: Math.PI }) as Plain;
      // oxlint-disable-next-line typescript/no-implied-eval
      const source = parseFunction(new Function(`return ${text}`)() as Plain);
      const kinds = makeArrays([]).map((array, aliasClass) => ({ of: kindOf(array)!, aliasClass }));
      expect(arrayKinds).toContain(kinds[0]!.of);
      let lowered;
      try {
        lowered = lowerFunction(source, ['number', 'number', 'boolean', ...kinds]);
      } catch (error) {
        // Two types by two ways are refused; nothing else that these functions do may be.
        expect((error as Error).message).toMatch(/^error\[JIT006\]/);
        return;
      }
      const isThorough = compiled++ % thoroughEvery === 0;
      const { kernel, routines } = lowered;
      const program = { routines, kernels: [kernel] };
      expect(verify(program)).toEqual([]);
      if (isThorough) {
        const printed = printProgram(program);
        expect(printProgram(readProgram(printed))).toBe(printed);
      }
      let rewritten = kernel;
      for (const { name, run } of pipeline) {
        rewritten = run(rewritten);
        if (isThorough || run === pipeline.at(-1)!.run)
          expect({ name, problems: verify({ routines, kernels: [rewritten] }) }).toEqual({ name, problems: [] });
      }
      const after = { routines, kernels: [rewritten] };
      const executable = makeExecutable(kernel, { routines });
      for (const [x, y, flag, elements] of calls) {
        const wanted = makeArrays(elements);
        const result = plain(x, y, flag, ...wanted);
        const scalars = [x, y, flag, ...wanted.map(({ length }) => BigInt(length))];
        for (const each of [program, after]) {
          const arrays = makeArrays(elements);
          const buffers = arrays.map((array) => ({ elements: array as Float64Array, offset: 0 }));
          const environment = { scalars, buffers, openGenerator: generatorOf };
          expect([interpret(each, kernel.name, environment).results, arrays]).toEqual([[result], wanted]);
        }
        const arrays = makeArrays(elements);
        const lent = new LentArrays(arrays, aliasClassesOf(arrays), [], callMemory);
        const results = executable.call(scalars, lent.addresses);
        lent.copyBack(arrays.map(() => true));
        lent.giveBack();
        expect([results, arrays]).toEqual([[result], wanted]);
      }
    }),
    { numRuns },
  );
  expect(compiled).toBeGreaterThan(numRuns / 2);
});
