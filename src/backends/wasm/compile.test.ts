// Compiled kernels against the interpreter: the same results and the same memory, bit for bit.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interpret } from '../../ir/interpret.js';
import type { BufferData, Datum, Outcome } from '../../ir/interpret.js';
import { readProgram } from '../../ir/read.js';
import { assertLegal } from '../../ir/verify.js';
import { generatorOf } from '../../random/keys.js';
import { runCompiled, testPages } from '../../../test/support/run-compiled.js';
import { compileKernel } from './compile.js';

type Typed = Float64Array | Float32Array | Int32Array | Uint8Array | Uint32Array | BigInt64Array;

function expectSame(text: string, name: string, scalars: readonly Datum[], buffers: readonly Typed[] = []): Outcome {
  const program = readProgram(text);
  assertLegal(program, 'reading');
  const kernel = program.kernels.find((candidate) => candidate.name === name)!;
  const asData = (copies: readonly Typed[]): BufferData[] => copies.map((elements) => ({ elements, offset: 0 }));
  const [before, after] = [buffers.map((buffer) => buffer.slice()), buffers.map((buffer) => buffer.slice())];
  const interpreted = interpret(program, name, { scalars, buffers: asData(before), openGenerator: generatorOf });
  const { results, error } = runCompiled(program, kernel, scalars, asData(after));
  // The interpreter knows nothing of how parallel loops are counted.
  expect({ results, error: error && { ...error, iteration: 0 } }).toEqual(interpreted);
  expect(after).toEqual(before);
  return { results, error };
}

const inKernel = (parameters: string, results: string, body: string, head = ''): string =>
  `kernel @k(${parameters}) -> (${results}) {\n${head}\n  body {\n${body}\n  }\n}\n`;

describe('compiled kernels', () => {
  it('compute every scalar operation as the interpreter does', () => {
    const rows: [operations: string, type: string, result: string, values: fc.Arbitrary<Datum>][] = [
      ['add sub mul div min max', 'f64', 'f64', fc.double()],
      ['add sub mul div min max', 'f32', 'f32', fc.float()],
      ['add sub mul and or xor shl shrS shrU', 'i32', 'i32', fc.integer()],
      ['add sub mul and or xor shl shrS shrU', 'i64', 'i64', fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)],
      ['eq ne lt le gt ge', 'f64', 'bool', fc.oneof(fc.double(), fc.constantFrom(0, -0, NaN))],
      ['eq ne lt le gt ge', 'f32', 'bool', fc.float()],
      ['eq ne lt le gt ge', 'i32', 'bool', fc.integer()],
      ['eq ne lt le gt ge', 'i64', 'bool', fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)],
      ['and or xor eq ne', 'bool', 'bool', fc.boolean()],
    ];
    for (const [operations, type, result, values] of rows) {
      for (const operation of operations.split(' ')) {
        const text = inKernel(`%a: ${type}, %b: ${type}`, result, `%r = ${operation}.${type} %a %b\nreturn [%r]`);
        fc.assert(
          fc.property(values, values, (a, b) => void expectSame(text, 'k', [a, b])),
          { numRuns: 20 },
        );
      }
    }
  });

  it('compute every operation of one operand as the interpreter does', () => {
    const special = fc.oneof(
      fc.double(),
      fc.constantFrom(0.5, 1.5, -0.5, 0, -0, NaN, Infinity, 2 ** 63, -(2 ** 63), 2 ** 52 + 0.5),
    );
    const rows: [operation: string, result: string, values: fc.Arbitrary<Datum>][] = [
      ...['neg', 'abs', 'sqrt', 'floor', 'ceil', 'trunc', 'nearest'].map(
        (name): [string, string, fc.Arbitrary<Datum>] => [`${name}.f64`, 'f64', special],
      ),
      ...['neg', 'abs', 'sqrt', 'floor', 'ceil', 'trunc', 'nearest'].map(
        (name): [string, string, fc.Arbitrary<Datum>] => [`${name}.f32`, 'f32', fc.float()],
      ),
      ['toF32.f64', 'f32', special],
      ['truncI64.f64', 'i64', special],
      ['bitsOfF64.f64', 'i64', fc.double({ noNaN: true })],
      ['f64OfBits.i64', 'f64', fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)],
      ['toF64.i64', 'f64', fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)],
      ['toF64.i32', 'f64', fc.integer()],
      ['toF64.f32', 'f64', fc.float()],
      ['toF64.bool', 'f64', fc.boolean()],
      ['toI32.bool', 'i32', fc.boolean()],
      ['extendS.i32', 'i64', fc.integer()],
      ['extendU.i32', 'i64', fc.integer()],
      ['extendS.bool', 'i64', fc.boolean()],
      ['wrap.i64', 'i32', fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)],
      ['not.bool', 'bool', fc.boolean()],
    ];
    for (const [operation, result, values] of rows) {
      const text = inKernel(`%a: ${operation.split('.')[1]}`, result, `%r = ${operation} %a\nreturn [%r]`);
      fc.assert(
        fc.property(values, (a) => void expectSame(text, 'k', [a])),
        { numRuns: 30 },
      );
    }
  });

  it('loop, branch, break, continue and return', () => {
    const collatz = inKernel(
      '%n: i64, %limit: i64',
      'i64, bool',
      `%steps: i64, %ok: bool = loop @again (%value: i64 = %n, %count: i64 = 0) {
        %isOne = eq.i64 %value 1
        if %isOne {
          break @again [%count, true]
        } else {
          yield []
        }
        %isLong = ge.i64 %count %limit
        if %isLong {
          return [-1, false]
        } else {
          yield []
        }
        %next = add.i64 %count 1
        %bit = and.i64 %value 1
        %isOdd = eq.i64 %bit 1
        if %isOdd {
          %triple = mul.i64 %value 3
          %up = add.i64 %triple 1
          continue @again [%up, %next]
        } else {
          yield []
        }
        %half = shrS.i64 %value 1
        yield [%half, %next]
      }
      return [%steps, %ok]`,
    );
    expect(expectSame(collatz, 'k', [27n, 1000n]).results).toEqual([111n, true]);
    expect(expectSame(collatz, 'k', [27n, 50n]).results).toEqual([-1n, false]);
  });

  const fibonacci = inKernel(
    '%n: i64, %stop: i64',
    'f64, f64',
    `%a: f64, %b: f64 = for @steps %i < %n (%x: f64 = 0.0, %y: f64 = 1.0) {
      %isEnough = eq.i64 %i %stop
      if %isEnough {
        break @steps [%y, %x]
      } else {
        yield []
      }
      %z = add.f64 %x %y
      %isThird = eq.i64 %i 3
      if %isThird {
        continue @steps [%z, %y]
      } else {
        yield []
      }
      yield [%y, %z]
    }
    return [%a, %b]`,
  );

  it.each([
    [0n, -1n],
    [1n, -1n],
    [30n, -1n],
    [30n, 12n],
    [-5n, -1n],
    [70_000n, 66_000n],
    [140_000n, -1n],
  ])('carry values through outlined loops of %s iterations, broken off at %s', (n, stop) => {
    expectSame(fibonacci, 'k', [n, stop]);
  });

  it('return from inside an outlined loop, and nest loops', () => {
    const text = inKernel(
      '%n: i64, %target: f64',
      'f64, i64',
      `%total: f64 = for @rows %i < %n (%s: f64 = 0.0) {
        %sum: f64 = for @columns %j < %i (%t: f64 = %s) {
          %ij = mul.i64 %i %j
          %term = toF64.i64 %ij
          %u = add.f64 %t %term
          %isThere = eq.f64 %u %target
          if %isThere {
            return [%u, %ij]
          } else {
            yield []
          }
          yield [%u]
        }
        yield [%sum]
      }
      return [%total, -1]`,
    );
    expectSame(text, 'k', [30n, -1]);
    expect(expectSame(text, 'k', [30n, 11]).results).toEqual([11, 6n]);
  });

  it.each([0n, 3n, 65_535n, 65_536n, 65_537n, 200_000n])(
    'carry values through outlined endless loops of %s rounds',
    (n) => {
      const text = inKernel(
        '%n: i64, %limit: f64',
        'f64, i64',
        `%s: f64, %k: i64 = loop @l (%a: f64 = 0.0, %i: i64 = 0) {
        %isDone = ge.i64 %i %n
        if %isDone {
          break @l [%a, %i]
        } else {
          yield []
        }
        %isHigh = gt.f64 %a %limit
        if %isHigh {
          return [%a, -1]
        } else {
          yield []
        }
        %x = toF64.i64 %i
        %b = add.f64 %a %x
        %next = add.i64 %i 1
        %odd = and.i64 %i 1
        %isOdd = eq.i64 %odd 1
        if %isOdd {
          continue @l [%b, %next]
        } else {
          yield []
        }
        %c = mul.f64 %b 0.5
        yield [%c, %next]
      }
      return [%s, %k]`,
      );
      expectSame(text, 'k', [n, Infinity]);
      expectSame(text, 'k', [n, 70_000]);
    },
  );

  it('load and store what lies in memory, by strides', () => {
    const text = inKernel(
      '%rows: i64, %columns: i64',
      'f64',
      `%s: f64 = for @i %i < %rows (%a: f64 = 0.0) {
        %t: f64 = for @j %j < %columns (%b: f64 = %a) {
          %v: f32 = load m[%j, %i]
          %w = toF64.f32 %v
          %u: i32 = load bytes[%j]
          %x = toF64.i32 %u
          %y = mul.f64 %w %x
          %z = add.f64 %b %y
          yield [%z]
        }
        store out[%i] %t
        %isBig = gt.f64 %t 100.0
        store flags[%i] %isBig
        yield [%t]
      }
      return [%s]`,
      'buffer m: f32[%columns, %rows] strides [1, %columns] read alias 0\nbuffer bytes: u8[%columns] strides [1] read alias 1\nbuffer out: f64[%rows] strides [1] write alias 2\nbuffer flags: bool[%rows] strides [1] write alias 3',
    );
    const m = Float32Array.from({ length: 12 }, (_, i) => Math.fround(Math.sin(i) * 50));
    expectSame(text, 'k', [3n, 4n], [m, Uint8Array.of(200, 1, 0, 255), new Float64Array(3), new Uint8Array(3)]);
  });

  it('report a failed check, also from an outlined loop', () => {
    const text = inKernel(
      '%n: i64, %length: i64',
      'i64',
      `%isSmall = lt.i64 %n 100
      check %isSmall site 2 index %n length 100
      %r: i64 = for @l %i < %n (%s: i64 = 5) {
        %isInside = lt.i64 %i %length
        check %isInside site 3 index %i length %length
        %t = add.i64 %s 1
        yield [%t]
      }
      return [%r]`,
    );
    expect(expectSame(text, 'k', [10n, 20n]).results).toEqual([15n]);
    expect(expectSame(text, 'k', [10n, 4n]).error).toEqual({ site: 3, iteration: 0, index: 4n, length: 4n });
    expect(expectSame(text, 'k', [100n, 4n]).error).toMatchObject({ site: 2 });
  });

  describe('draw the same numbers', () => {
    it.each(['lanes', 'each'])('in loops that own their draws (%s)', (kind) => {
      const text = inKernel(
        '%n: i64, %key: i64',
        'f64, f32, i64, f64',
        `stream $g = gen %key 0
        %k: i64 = draw $g
        %s: f64, %f: f32, %x: i64 = for @l %i < %n (%a: f64 = 0.0, %b: f32 = 0.0, %c: i64 = 0) draws $h ${kind} %k {
          %u: f64 = draw $h
          %a2 = add.f64 %a %u
          %isLarge = gt.f64 %u 0.7
          %b2: f32, %c2: i64 = if %isLarge {
            %v: f32 = draw $h
            %w: i64 = draw $h
            %b3 = add.f32 %b %v
            %c3 = xor.i64 %c %w
            yield [%b3, %c3]
          } else {
            yield [%b, %c]
          }
          yield [%a2, %b2, %c2]
        }
        %after: f64 = draw $g
        return [%s, %f, %x, %after]`,
      );
      for (const n of [0n, 1n, 17n, 4096n, 5003n]) expectSame(text, 'k', [n, 42n]);
    });

    it('inside a loop from a generator that was opened outside', () => {
      const text = inKernel(
        '%n: i64, %key: i64',
        'f64',
        `stream $g = gen %key 3
        %s: f64 = for @l %i < %n (%a: f64 = 0.0) {
          %odd = and.i64 %i 1
          %isOdd = eq.i64 %odd 1
          %b: f64 = if %isOdd {
            %u: f64 = draw $g
            yield [%u]
          } else {
            yield [%a]
          }
          %v: f64 = draw $g
          %c = add.f64 %b %v
          yield [%c]
        }
        return [%s]`,
      );
      expectSame(text, 'k', [100n, 7n]);
    });
  });

  it('say what the backend cannot compile yet', () => {
    const program = readProgram('kernel @k(%n: i64) {\n  nest %i < %n\n  body {\n    yield []\n  }\n}\n');
    expect(() => compileKernel(program, program.kernels[0]!, testPages)).toThrow(
      'error[WASM002]: the WebAssembly backend cannot compile a nest yet',
    );
  });
});
