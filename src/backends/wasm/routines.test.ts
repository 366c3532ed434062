// Calls of routines, recursion, and code that is larger than what a function of WebAssembly may have, against the interpreter.
import { describe, expect, it } from 'vitest';
import { expectSame, inKernel } from '../../../test/support/lane-kernels.js';
import { runCompiled, testPages } from '../../../test/support/run-compiled.js';
import { interpret } from '../../ir/interpret.js';
import { readProgram } from '../../ir/read.js';
import { compileKernel, deepestCall } from './compile.js';
import { encodeModule } from './encode/module.js';
import { recursionSite } from './layout.js';

const kernel = (parameters: string, results: string, body: string): string => inKernel(parameters, results, '', body);

describe('routines', () => {
  it('give several results, lanes and masks among them', () => {
    const text = `routine @both(%x: f64, %xs: f64x4, %m: boolx4) -> (f64, f64x4, boolx4, bool) {
        %y = mul.f64 %x 2.0
        %ys = select.f64x4 %m %xs 0.5:f64x4
        %n = lt.f64x4 %ys %xs
        %p = gt.f64 %y 3.0
        return [%y, %ys, %n, %p]
      }
      ${kernel(
        '%x: f64',
        'f64, f64, bool, bool',
        `%xs: f64x4 = ramp %x
        %m = gt.f64x4 %xs 2.0:f64x4
        %y: f64, %ys: f64x4, %n: boolx4, %p: bool = call @both [%x, %xs, %m]
        %s: f64 = fold add %ys
        %any: bool = fold or %n
        return [%y, %s, %any, %p]`,
      )}`;
    for (const x of [0, 1, 2.5]) expectSame(text, [x]);
  });

  it('move the streams of their callers on', () => {
    const text = `routine @roll(%sides: f64) draws [$g] -> (f64) {
        %u: f64 = draw $g
        %v = mul.f64 %u %sides
        %isSmall = lt.f64 %v 2.0
        if %isSmall {
          return [%v]
        } else {
          yield []
        }
        %w: f64 = for @l %i < 3 (%a: f64 = %v) {
          %x: f64 = draw $g
          %b = add.f64 %a %x
          yield [%b]
        }
        return [%w]
      }
      routine @twice(%sides: f64) draws [$a, $b] -> (f64) {
        %p: f64 = call @roll [%sides] draws [$a]
        %q: f64 = call @roll [%p] draws [$b]
        %r: f64 = draw $b
        %s = add.f64 %q %r
        return [%s]
      }
      ${kernel(
        '%key: i64, %n: i64',
        'f64, f64, f64',
        `stream $g = gen %key 0
        stream $h = gen %key 1
        %t: f64 = for @l %i < %n (%a: f64 = 0.0) {
          %x: f64 = call @twice [6.0:f64] draws [$g, $h]
          %y: f64 = draw $g
          %b = add.f64 %a %x
          %c = sub.f64 %b %y
          yield [%c]
        }
        %u: f64 = draw $g
        %v: f64 = draw $h
        return [%t, %u, %v]`,
      )}`;
    for (const n of [0n, 1n, 200n]) for (const budget of [undefined, 3]) expectSame(text, [9n, n], [], budget);
  });

  it('return from the middle of long loops, and are left by a failed check', () => {
    const text = `routine @find(%x: f64, %n: i64) -> (f64, i64) {
        for @rows %i < %n () {
          for @columns %j < %n () {
            %ij = mul.i64 %i %j
            %f = toF64.i64 %ij
            %isThere = eq.f64 %f %x
            if %isThere {
              return [%f, %i]
            } else {
              yield []
            }
            %isFine = ne.i64 %ij 77
            check %isFine site 4 index %ij length %n
            yield []
          }
          yield []
        }
        return [-1.0, -1]
      }
      ${kernel('%x: f64, %n: i64', 'f64, i64', '%a: f64, %b: i64 = call @find [%x, %n]\nreturn [%a, %b]')}`;
    for (const budget of [undefined, 4]) {
      for (const x of [0, 12, 35, 1e9]) expectSame(text, [x, 7n], [], budget);
      expect(expectSame(text, [1e9, 50n], [], budget).outcome.error).toMatchObject({ site: 4, index: 77n });
    }
  });

  const ackermann = `routine @ackermann(%m: i64, %n: i64) -> (i64) {
      %isZero = eq.i64 %m 0
      if %isZero {
        %r = add.i64 %n 1
        return [%r]
      } else {
        yield []
      }
      %less = sub.i64 %m 1
      %atZero = eq.i64 %n 0
      if %atZero {
        %s: i64 = call @ackermann [%less, 1:i64]
        return [%s]
      } else {
        yield []
      }
      %fewer = sub.i64 %n 1
      %t: i64 = call @ackermann [%m, %fewer]
      %u: i64 = call @ackermann [%less, %t]
      return [%u]
    }
    ${kernel('%m: i64, %n: i64', 'i64', '%r: i64 = call @ackermann [%m, %n]\nreturn [%r]')}`;

  it('call themselves', () => {
    expect(expectSame(ackermann, [2n, 5n]).outcome.results).toEqual([13n]);
    expect(expectSame(ackermann, [3n, 3n]).outcome.results).toEqual([61n]);
  });

  it('call one another with frames of their own', () => {
    const text = `routine @even(%n: i64, %key: i64) -> (f64) {
        %isDone = le.i64 %n 0
        if %isDone {
          return [0.0]
        } else {
          yield []
        }
        stream $g = gen %key %n
        allocate own: f64[4] strides [1] both alias 0
        %u: f64 = draw $g
        %at = and.i64 %n 3
        store own[%at] %u
        %less = sub.i64 %n 1
        %r: f64 = call @odd [%less, %key]
        %kept: f64 = load own[%at]
        %v: f64 = draw $g
        %s: f64 = for @l %i < %n (%a: f64 = %kept) {
          %b = mul.f64 %a %v
          yield [%b]
        }
        %t = add.f64 %r %s
        return [%t]
      }
      routine @odd(%n: i64, %key: i64) -> (f64) {
        %r: f64 = call @even [%n, %key]
        %s = mul.f64 %r -1.0
        return [%s]
      }
      ${kernel(
        '%n: i64, %key: i64',
        'f64',
        `%r: f64 = for @l %i < 3 (%a: f64 = 0.0) {
          %b: f64 = call @odd [%n, %key]
          %c = add.f64 %a %b
          yield [%c]
        }
        return [%r]`,
      )}`;
    for (const budget of [undefined, 3]) expectSame(text, [20n, 4n], [], budget);
  });

  it('fail where they call themselves without end, and not before', () => {
    const text = `routine @deep(%n: i64) -> (i64) {
        %isDone = le.i64 %n 1
        if %isDone {
          return [0]
        } else {
          yield []
        }
        %less = sub.i64 %n 1
        %r: i64 = call @deep [%less]
        %s = add.i64 %r 1
        return [%s]
      }
      ${kernel('%n: i64', 'i64', '%r: i64 = call @deep [%n]\nreturn [%r]')}`;
    const program = readProgram(text);
    const run = (n: number) => runCompiled(program, program.kernels[0]!, [BigInt(n)]);
    const { error } = run(1e9);
    expect(error?.site).toBe(recursionSite);
    const limit = Number(error!.length);
    expect(limit).toBeGreaterThan(1000);
    expect(limit).toBeLessThanOrEqual(deepestCall);
    expect(run(limit).results).toEqual([BigInt(limit - 1)]);
    expect(run(limit + 1).error).toMatchObject({ site: recursionSite, index: BigInt(limit + 1) });
  });
});

describe('large kernels', () => {
  const compiledBytes = (text: string): number => {
    const program = readProgram(text);
    const bytes = encodeModule(compileKernel(program, program.kernels[0]!, testPages).module);
    expect(WebAssembly.validate(bytes)).toBe(true);
    return bytes.length;
  };

  it('may have loops that read thousands of values from around them', () => {
    const count = 3000;
    const values = Array.from({ length: count }, (_, i) => `%v${i} = mul.f64 %x ${i}.5`).join('\n');
    const sums = Array.from({ length: count }, (_, i) => `%s${i + 1} = add.f64 %s${i} %v${i}`).join('\n');
    const text = kernel(
      '%x: f64, %n: i64',
      'f64',
      `${values}\n%r: f64 = for @l %i < %n (%s0: f64 = 0.0) {\n${sums}\nyield [%s${count}]\n}\n%q = add.f64 %r %v7\nreturn [%q]`,
    );
    expectSame(text, [1.25, 3n]);
  });

  it('may compute a long chain, of which each step is read once', () => {
    const count = 5000;
    const steps = Array.from({ length: count }, (_, i) => `%s${i + 1} = sub.f64 %x %s${i}`).join('\n');
    expectSame(kernel('%x: f64', 'f64', `%s0 = add.f64 %x 1.0\n${steps}\nreturn [%s${count}]`), [0.5]);
  });

  it('grow with the depth of a nest, and not with its power', () => {
    const nest = (depth: number): string => {
      let body = '%y = add.f64 %x0 1.0\nyield [%y]';
      for (let level = depth - 1; level >= 0; level--) {
        const outer = level === 0 ? '%x' : `%x${level - 1}`;
        const inner = level === depth - 1 ? body.replace('%x0', `%x${level}`) : `${body}\nyield [%r${level + 1}]`;
        body = `%r${level}: f64 = for @l${level} %i${level} < %n (%x${level}: f64 = ${outer}) {\n${inner}\n}`;
      }
      return kernel('%x: f64, %n: i64', 'f64', `${body}\nreturn [%r0]`);
    };
    for (const depth of [2, 3, 5]) expectSame(nest(depth), [0, 3n], [], 2);
    expect(compiledBytes(nest(12))).toBeLessThan(6 * compiledBytes(nest(6)));
  });

  it('interpret as they are compiled where a value lives through everything', () => {
    // Values share locals by where they are mentioned: one that is read first and last must keep its own.
    const body = Array.from(
      { length: 40 },
      (_, i) => `%a${i}: f64 = for @l${i} %i${i} < 3 (%c${i}: f64 = %first) {
        %t${i} = mul.f64 %c${i} 1.5
        %isBig${i} = gt.f64 %t${i} 100.0
        if %isBig${i} {
          break @l${i} [%first]
        } else {
          yield []
        }
        %u${i} = add.f64 %t${i} %${i === 0 ? 'x' : `a${i - 1}`}
        yield [%u${i}]
      }`,
    ).join('\n');
    const text = kernel('%x: f64', 'f64', `%first = add.f64 %x 3.0\n${body}\n%r = add.f64 %a39 %first\nreturn [%r]`);
    const { outcome } = expectSame(text, [2], [], 1);
    const program = readProgram(text);
    expect(outcome.results).toEqual(interpret(program, 'k', { scalars: [2], buffers: [] }).results);
  });
});
