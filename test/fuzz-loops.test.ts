// Random loops over whole arrays, bit for bit in every setting that promises it: without lanes and with them, on one thread and on three. What
// they are held against is the plain function; where draws come from heddle's generator, or sums are put together in the tree (`prange` and
// `fastMath`), it is the interpreter. Beside test/fuzz-jit.test.ts, whose functions have all of the language in short loops.
// `npm run fuzz:jit` runs many more; FUZZ_RUNS says how many.
import fc from 'fast-check';
import { jit, prange } from 'heddle';
import type { Jitted } from 'heddle';
import { describe, expect, test } from 'vitest';
import { interpret } from '../src/ir/index.js';
import { arrayKinds, kindOf } from '../src/jit/array-kinds.js';
import { aliasClassesOf, callMemory, LentArrays } from '../src/jit/arguments.js';
import { lowerFunction } from '../src/jit/lower.js';
import type { Lowered } from '../src/jit/lower.js';
import { parseFunction } from '../src/jit/parse.js';
import * as heddleMath from '../src/math/index.js';
import { generatorOf, rootKey } from '../src/random/keys.js';
import { makeExecutable } from '../src/runtime/executable.js';
import { edgeNumber } from './support/random-functions.js';
import { loopText, room } from './support/random-loops.js';

type Arrays = [Float64Array, Float64Array, Int32Array, Uint8Array];
type Plain = (n: number, x: number, ...arrays: Arrays) => number[];

const runs = Number(process.env['FUZZ_RUNS'] ?? 200);
const seed = 7;

const kinds = {
  plain: { draws: false, prange: false, fastMath: false, share: 0.4 },
  draws: { draws: true, prange: false, fastMath: false, share: 0.2 },
  prange: { draws: false, prange: true, fastMath: false, share: 0.2 },
  'prange that draws': { draws: true, prange: true, fastMath: false, share: 0.1 },
  fastMath: { draws: false, prange: false, fastMath: true, share: 0.1 },
} as const;

/** Around the blocks of 4096 and the lanes of 16, and mostly small. */
const counts = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 40 }) },
  { weight: 1, arbitrary: fc.constantFrom(4095, 4096, 4097, 4301, 8200) },
);

const inputs = fc.record({
  n: counts,
  x: edgeNumber,
  seed: fc.integer(),
  edges: fc.array(edgeNumber, { minLength: 4, maxLength: 4 }),
});

/** Elements from a seed, some of them from the edges of numbers. */
function makeArrays(n: number, from: number, edges: readonly number[]): Arrays {
  let state = from | 0;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 8) / 2 ** 24;
  };
  const double = (): number => (next() < 0.05 ? edges[Math.floor(next() * edges.length)]! : next() * 8 - 4);
  const length = n + room;
  return [
    Float64Array.from({ length }, double),
    Float64Array.from({ length }, double),
    Int32Array.from({ length }, () => (next() < 0.05 ? next() * 2 ** 32 : next() * 40)),
    Uint8Array.from({ length }, () => next() * 256),
  ];
}

const outcomeOf = (results: readonly unknown[], arrays: Arrays): { results: readonly unknown[]; arrays: Arrays } => ({
  results,
  arrays,
});

/** The first number that differs; undefined where all are the same. */
function difference(one: ReturnType<typeof outcomeOf>, other: ReturnType<typeof outcomeOf>): string | undefined {
  const at = one.results.findIndex((value, index) => !Object.is(value, other.results[index]));
  if (at >= 0) return `result ${at}: ${String(one.results[at])} and ${String(other.results[at])}`;
  for (const [which, array] of one.arrays.entries()) {
    const against = other.arrays[which]!;
    for (let index = 0; index < array.length; index++) {
      if (!Object.is(array[index], against[index]))
        return `array ${which}, element ${index}: ${array[index]} and ${against[index]}`;
    }
  }
  return undefined;
}

function scalarsOf(lowered: Lowered, n: number, x: number, arrays: Arrays): (number | bigint)[] {
  const lengths = arrays.map(({ length }) => BigInt(length));
  return [n, x, ...lengths, ...(lowered.hasKey ? [rootKey(seed)] : [])];
}

describe.each(Object.entries(kinds))('%s', (name, { draws, prange: isPrange, fastMath, share }) => {
  const numRuns = Math.ceil(runs * share);

  test(`${numRuns} random loops`, { timeout: 36_000_000 }, () => {
    let compiled = 0;
    fc.assert(
      fc.property(
        loopText({ draws, prange: isPrange }),
        fc.array(inputs, { minLength: 2, maxLength: 3 }),
        (text, calls) => {
          // oxlint-disable-next-line typescript/no-implied-eval
          const make = (math: object): Plain => new Function('Math', 'prange', `return ${text}`)(math, prange) as Plain;
          const plain = make({ ...heddleMath, PI: Math.PI });
          const types = makeArrays(0, 0, [0]).map((array, aliasClass) => ({ of: kindOf(array)!, aliasClass }));
          expect(arrayKinds).toContain(types[0]!.of);
          let lowered: Lowered;
          try {
            lowered = lowerFunction(parseFunction(make(Math)), ['number', 'number', ...types], { fastMath });
          } catch (error) {
            // Two iterations that may write one element are refused, and nothing else that these loops do.
            expect(isPrange).toBe(true);
            expect((error as Error).message).toMatch(/^error\[JIT017\]/);
            return;
          }
          compiled++;
          const { kernel, routines } = lowered;
          const scalar = makeExecutable(kernel, { routines, simd: false });
          const options = { seed, fastMath };
          const serial = jit(make(Math), options) as unknown as Jitted<[number, number, ...Arrays], number[]>;
          const shared = jit(make(Math), { ...options, parallel: true }) as typeof serial;
          for (const { n, x, seed: from, edges } of calls) {
            const fresh = (): Arrays => makeArrays(n, from, edges);
            const interpreted = (): ReturnType<typeof outcomeOf> => {
              const arrays = fresh();
              const environment = {
                scalars: scalarsOf(lowered, n, x, arrays),
                buffers: arrays.map((array) => ({ elements: array as Float64Array, offset: 0 })),
                openGenerator: generatorOf,
              };
              const { results } = interpret({ routines, kernels: [kernel] }, kernel.name, environment);
              return outcomeOf(results, arrays);
            };
            const called = (f: (...args: [number, number, ...Arrays]) => number[]): ReturnType<typeof outcomeOf> => {
              const arrays = fresh();
              return outcomeOf(f(n, x, ...arrays), arrays);
            };
            const withoutLanes = (): ReturnType<typeof outcomeOf> => {
              const arrays = fresh();
              const lent = new LentArrays(arrays, aliasClassesOf(arrays), [], callMemory);
              try {
                const results = scalar.call(scalarsOf(lowered, n, x, arrays), lent.addresses);
                lent.copyBack(arrays.map(() => true));
                return outcomeOf(results, arrays);
              } finally {
                lent.giveBack();
              }
            };
            const isFromPlain = !draws && !isPrange && !fastMath;
            const wanted = isFromPlain ? called(plain) : interpreted();
            const ways: Record<string, () => ReturnType<typeof outcomeOf>> = {
              'without lanes': withoutLanes,
              'with lanes': () => called(serial),
              'on one thread': () => called(shared.with({ threads: 1 })),
              'on three threads': () => called(shared.with({ threads: 3 })),
            };
            if (isFromPlain && n < 100) ways['interpreted'] = interpreted;
            for (const [way, run] of Object.entries(ways)) {
              const found = difference(run(), wanted);
              if (found !== undefined) throw new Error(`${way}, n = ${n}, x = ${x}: ${found}`);
            }
          }
        },
      ),
      { numRuns },
    );
    expect(compiled, name).toBeGreaterThan(numRuns / 4);
  });
});
