// Kernels as front ends call them: scalars in, results out, buffers by their addresses in the heap, failed checks as errors.
import { describe, expect, it } from 'vitest';
import type { Scalar } from '../ir/operations.js';
import { readProgram } from '../ir/read.js';
import { borrowCallMemory, openHeap, returnCallMemory } from '../memory/heap.js';
import { CheckFailure, recursionSite } from './check-failure.js';
import { instantiate } from './executable.js';
import type { Executable } from './executable.js';

/** The call of the program's first kernel. */
function compiled(text: string): (...args: Parameters<Executable['call']>) => Scalar[] {
  const program = readProgram(text);
  const executable = instantiate(program, program.kernels[0]!);
  return (...args) => executable.call(...args);
}

/** Doubles in the heap while `use` runs. */
function withDoubles<T>(length: number, use: (doubles: Float64Array, address: number) => T): T {
  const address = borrowCallMemory(8 * length);
  try {
    return use(new Float64Array(openHeap().memory.buffer, address, length).fill(0), address);
  } finally {
    returnCallMemory(8 * length);
  }
}

function failureOf(call: () => unknown): CheckFailure {
  try {
    call();
  } catch (error) {
    if (error instanceof CheckFailure) return error;
    throw error;
  }
  throw new Error('nothing failed');
}

describe('an executable', () => {
  it('works on buffers where they lie, backwards too', () => {
    const call = compiled(`kernel @scale(%n: i64, %stride: i64, %by: f64) -> (f64) {
      buffer x: f64[%n] strides [%stride] read alias 0
      buffer y: f64[%n] strides [1] write alias 1
      body {
        %last: f64 = for @l %i < %n (%before: f64 = 0.0) {
          %v: f64 = load x[%i]
          %w = mul.f64 %v %by
          store y[%i] %w
          yield [%w]
        }
        return [%last]
      }
    }`);
    withDoubles(10, (x, xAddress) =>
      withDoubles(5, (y, yAddress) => {
        x.set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        expect(call([5n, 2n, 10], [xAddress, yAddress])).toEqual([90]);
        expect([...y]).toEqual([10, 30, 50, 70, 90]);
        expect(call([5n, -1n, 1], [xAddress + 9 * 8, yAddress])).toEqual([6]);
        expect([...y]).toEqual([10, 9, 8, 7, 6]);
        expect(() => call([5n, 1n, 1], [xAddress])).toThrow(
          'error[RUN002]: the kernel @scale has 2 buffers, and was given 1',
        );
      }),
    );
  });

  it('shares out parallel loops and lends memory, and takes it back', () => {
    const call = compiled(`kernel @sum(%n: i64) -> (f64) {
      body {
        allocate squares: f64[%n] strides [1] both alias 0
        for @p parallel %i < %n () {
          %f = toF64.i64 %i
          %g = mul.f64 %f %f
          store squares[%i] %g
          yield []
        }
        %s: f64 = for @l %j < %n (%a: f64 = 0.0) {
          %v: f64 = load squares[%j]
          %b = add.f64 %a %v
          yield [%b]
        }
        return [%s]
      }
    }`);
    const next = borrowCallMemory(16);
    returnCallMemory(16);
    for (const n of [0, 1, 2, 1000, 100_000]) expect(call([BigInt(n)])).toEqual([((n - 1) * n * (2 * n - 1)) / 6]);
    expect(borrowCallMemory(16)).toBe(next);
    returnCallMemory(16);
  });

  it('throws what a failed check leaves, of the lowest iteration', () => {
    const call = compiled(`kernel @k(%n: i64, %limit: i64) -> () {
      body {
        for @p parallel %i < %n () {
          %isFine = lt.i64 %i %limit
          check %isFine site 12 index %i length %limit
          yield []
        }
        return []
      }
    }`);
    expect(call([1000n, 1000n])).toEqual([]);
    const failure = failureOf(() => call([1000n, 700n]));
    expect(failure.record).toEqual({ site: 12, iteration: 700, index: 700n, length: 700n });
    expect(failure.message).toBe('error[RUN001]: the kernel @k failed its check 12: 700 of 700');
  });

  it('throws where routines call themselves without end, however full the stack is', () => {
    const call = compiled(`routine @down(%n: i64) -> (i64) {
        %less = sub.i64 %n 1
        %r: i64 = call @down [%less]
        return [%r]
      }
      kernel @k(%n: i64) -> (i64) {
        body {
          %r: i64 = call @down [%n]
          return [%r]
        }
      }`);
    const { record, message } = failureOf(() => call([5n]));
    expect(record).toMatchObject({ site: recursionSite, iteration: 0 });
    expect(message).toBe(`error[RUN001]: the kernel @k calls itself more than ${record.length} deep`);
    const deeper = (depth: number): CheckFailure => {
      try {
        return deeper(depth + 1);
      } catch (error) {
        if (error instanceof RangeError && depth > 50) return failureOf(() => call([5n]));
        throw error;
      }
    };
    expect(deeper(0).record).toMatchObject({ site: recursionSite, length: record.length });
  });
});
