// Random functions, compiled against plain and against the interpreter, bit for bit, and their kernels printed and read again. What every
// pass leaves is legal, and what the last one leaves is interpreted as well.
// `npm run fuzz:jit` runs many more; FUZZ_RUNS says how many. What has failed once stands in src/jit/jit.test.ts as a row of its own.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { interpret, printProgram, readProgram, verify } from '../src/ir/index.js';
import { lowerFunction } from '../src/jit/lower.js';
import { parseFunction } from '../src/jit/parse.js';
import { pipeline } from '../src/passes/pipeline.js';
import { generatorOf } from '../src/random/keys.js';
import { makeExecutable } from '../src/runtime/executable.js';
import { edgeNumber, functionText } from './support/random-functions.js';

type Plain = (x: number, y: number, flag: boolean) => number | boolean;

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 300);
const callArguments = fc.array(fc.tuple(edgeNumber, edgeNumber, fc.boolean()), { minLength: 4, maxLength: 8 });

test(`${numRuns} random functions`, { timeout: 3_600_000 }, () => {
  let compiled = 0;
  fc.assert(
    fc.property(functionText, callArguments, (text, calls) => {
      // oxlint-disable-next-line typescript/no-implied-eval
      const plain = new Function(`return ${text}`)() as Plain;
      let kernel;
      try {
        ({ kernel } = lowerFunction(parseFunction(plain), ['number', 'number', 'boolean']));
      } catch (error) {
        // Two types by two ways are refused; nothing else that these functions do may be.
        expect((error as Error).message).toMatch(/^error\[JIT006\]/);
        return;
      }
      compiled++;
      const program = { routines: [], kernels: [kernel] };
      expect(verify(program)).toEqual([]);
      const printed = printProgram(program);
      expect(printProgram(readProgram(printed))).toBe(printed);
      let rewritten = kernel;
      for (const { name, run } of pipeline) {
        rewritten = run(rewritten);
        expect({ name, problems: verify({ routines: [], kernels: [rewritten] }) }).toEqual({ name, problems: [] });
      }
      const after = { routines: [], kernels: [rewritten] };
      const executable = makeExecutable(kernel);
      for (const args of calls) {
        const wanted = plain(...args);
        const environment = { scalars: args, buffers: [], openGenerator: generatorOf };
        expect(interpret(program, kernel.name, environment).results).toEqual([wanted]);
        expect(interpret(after, kernel.name, environment).results).toEqual([wanted]);
        expect(executable.call(args)).toEqual([wanted]);
      }
    }),
    { numRuns },
  );
  expect(compiled).toBeGreaterThan(numRuns / 2);
});
