// Parallel loops and memory that a kernel asks for: run by the test's runtime (test/support/run-compiled.ts), which shares iterations out
// from behind, against the interpreter, which runs everything in order.
import { describe, expect, it } from 'vitest';
import { expectSame, inKernel } from '../../../test/support/lane-kernels.js';
import { runCompiled, testPages } from '../../../test/support/run-compiled.js';
import { readProgram } from '../../ir/read.js';
import { compileKernel } from './compile.js';
import { requestAgain, requestMemory, requestSection, statusStopped } from './layout.js';

const outHead = 'buffer out: f64[100] strides [1] both alias 0';

describe('parallel loops', () => {
  const squares = inKernel(
    '%n: i64, %x: f64, %flag: bool',
    'f64, i64',
    outHead,
    `%before = add.f64 %x 1.0
    %k = add.i64 %n 3
    for @p parallel %i from 1 step 1 < %n () {
      %f = toF64.i64 %i
      %g = select.f64 %flag %f %before
      %h = mul.f64 %g %before
      store out[%i] %h
      yield []
    }
    %after = mul.f64 %before %before
    return [%after, %k]`,
  );

  it.each([
    [0n, 0],
    [1n, 0],
    // A single iteration is done on the spot.
    [2n, 0],
    [3n, 1],
    [100n, 1],
  ])('of %s ordinals are asked for %s times', (n, asked) => {
    const { requests } = expectSame(squares, [n, 2.5, true], [new Float64Array(100)]);
    expect(requests[requestSection] ?? 0).toBe(asked);
  });

  it('do several ordinals an iteration, as long as all of the step fits', () => {
    const text = inKernel(
      '%n: i64',
      '',
      outHead,
      `for @p parallel %i from 4 step 4 < %n () {
        %j = mul.i64 %i 3
        %f = toF64.i64 %j
        store out[%i] %f
        yield []
      }
      return []`,
    );
    for (const n of [4n, 7n, 8n, 12n, 51n, 100n]) expectSame(text, [n], [new Float64Array(100)]);
  });

  it('stand inside loops and branches, which go on where they were', () => {
    const text = inKernel(
      '%n: i64, %key: i64, %stop: i64',
      'f64, i64, f64',
      outHead,
      `stream $g = gen %key 1
      %total: f64, %last: i64 = for @steps %t < %n (%sum: f64 = 0.5, %odd: i64 = 0) {
        %u: f64 = draw $g
        %bit = and.i64 %t 1
        %isOdd = eq.i64 %bit 1
        %isStop = eq.i64 %t %stop
        if %isStop {
          break @steps [%u, -7]
        } else {
          yield []
        }
        %scale: f64, %sign: i64 = if %isOdd {
          %a = mul.f64 %u 3.0
          for @p parallel %i < 20 () {
            %f = toF64.i64 %i
            %v = mul.f64 %f %a
            store out[%i] %v
            yield []
          }
          %b: f64 = load out[7]
          %isHuge = gt.f64 %b 1e9
          if %isHuge {
            continue @steps [%sum, 99]
          } else {
            yield []
          }
          yield [%b, 1]
        } else {
          for @q parallel %j < %n () {
            %w: f64 = load out[%j]
            %x = add.f64 %w %sum
            store out[%j] %x
            yield []
          }
          %c: f64 = loop @inner (%round: i64 = 0, %y: f64 = %u) {
            %isDone = ge.i64 %round 3
            if %isDone {
              break @inner [%y]
            } else {
              yield []
            }
            for @r parallel %m from 30 step 1 < 40 () {
              store out[%m] %y
              yield []
            }
            %z: f64 = load out[35]
            %z2 = mul.f64 %z 1.5
            %next = add.i64 %round 1
            yield [%next, %z2]
          }
          yield [%c, -1]
        }
        %d: f64 = draw $g
        %e = mul.f64 %scale %d
        %sum2 = add.f64 %sum %e
        yield [%sum2, %sign]
      }
      %more: f64 = draw $g
      return [%total, %last, %more]`,
    );
    for (const budget of [undefined, 2]) {
      for (const [n, stop] of [
        [9n, 100n],
        [9n, 5n],
        [1n, 5n],
        [0n, 5n],
      ])
        expectSame(text, [n!, 12n, stop!], [new Float64Array(100)], budget);
    }
  });

  it('ask to be called again where many rounds need no other thread', () => {
    const text = inKernel(
      '%n: i64',
      'f64',
      outHead,
      `%last: f64 = for @t %t < %n (%x: f64 = 1.5) {
        for @p parallel %i from 5 step 1 < 6 () {
          store out[%i] %x
          yield []
        }
        %y: f64 = load out[5]
        %z = mul.f64 %y 1.25
        yield [%z]
      }
      return [%last]`,
    );
    const { requests } = expectSame(text, [50n], [new Float64Array(100)], 4);
    expect(requests).toEqual({ [requestAgain]: 10 });
  });

  it('have loops inside that are taken up where they are long, and draw', () => {
    const text = inKernel(
      '%n: i64, %key: i64, %limit: f64',
      '',
      outHead,
      `for @p parallel %i < 12 () draws $h each %key {
        %s: f64 = for @l %j < %n (%a: f64 = %limit) {
          %u: f64 = draw $h
          %b: f64 = loop @w (%x: f64 = %u) {
            %isSmall = lt.f64 %x 0.1
            if %isSmall {
              break @w [%x]
            } else {
              yield []
            }
            %y = mul.f64 %x 0.75
            yield [%y]
          }
          %c = add.f64 %a %b
          yield [%c]
        }
        %v: f64 = draw $h
        %r = add.f64 %s %v
        store out[%i] %r
        yield []
      }
      return []`,
    );
    for (const n of [0n, 3n, 100n])
      for (const budget of [undefined, 5]) expectSame(text, [n, 8n, 0.25], [new Float64Array(100)], budget);
  });

  it('report the lowest of the iterations that fail', () => {
    const text = inKernel(
      '%n: i64, %from: i64',
      'f64',
      outHead,
      `for @p parallel %i from 2 step 1 < %n () {
        %isFine: bool = for @l %j < 3 (%ok: bool = true) {
          %below = lt.i64 %i %from
          check %below site 7 index %i length %j
          yield [%below]
        }
        store out[%i] 1.0
        yield []
      }
      return [1.0]`,
    );
    const { outcome } = expectSame(text, [90n, 40n], [new Float64Array(100)], 1);
    expect(outcome.error).toEqual({ site: 7, iteration: 38, index: 40n, length: 0n });
    expect(expectSame(text, [40n, 40n], [new Float64Array(100)]).outcome.error).toBeUndefined();
    // On the spot.
    expect(expectSame(text, [3n, 2n], [new Float64Array(100)]).outcome.error?.index).toBe(2n);
  });

  it('hand on lanes and masks', () => {
    const text = inKernel(
      '%x: f64, %n: i64',
      'f64',
      'buffer out: f64[100] strides [1] both alias 0',
      `%xs: f64x4 = ramp %x
      %mask = gt.f64x4 %xs 2.0:f64x4
      %ks: i32x4 = ramp 5:i32
      for @p parallel %i < %n () {
        %f = toF64.i64 %i
        %fs: f64x4 = splat %f
        %ys = mul.f64x4 %xs %fs
        %zs = select.f64x4 %mask %ys %xs
        %ls = toF64.i32x4 %ks
        %sums = add.f64x4 %zs %ls
        %at = mul.i64 %i 4
        store out[%at] %sums
        yield []
      }
      %total: f64 = fold add %xs
      return [%total]`,
    );
    for (const n of [1n, 25n]) expectSame(text, [0.5, n], [new Float64Array(100)]);
  });

  it('run in their place where something moves on from iteration to iteration', () => {
    const text = inKernel(
      '%n: i64, %key: i64',
      'f64',
      outHead,
      `stream $g = gen %key 0
      for @p parallel %i < %n () {
        %u: f64 = draw $g
        store out[%i] %u
        yield []
      }
      for @q parallel %j < %n () draws $h lanes %key {
        %v: f64 = draw $h
        %w: f64 = load out[%j]
        %x = add.f64 %v %w
        store out[%j] %x
        yield []
      }
      %last: f64 = draw $g
      return [%last]`,
    );
    const { requests } = expectSame(text, [100n, 5n], [new Float64Array(100)]);
    expect(requests).toEqual({});
  });

  it('find out between requests that the call is to end', () => {
    const text = inKernel(
      '%n: i64',
      '',
      outHead,
      `for @t %t < %n () {
        for @p parallel %i < 10 () {
          store out[%i] 1.0
          yield []
        }
        %s: i64 = for @l %j < 100000 (%a: i64 = 0) {
          %b = add.i64 %a %t
          yield [%b]
        }
        yield []
      }
      return []`,
    );
    const program = readProgram(text);
    const buffers = [{ elements: new Float64Array(100), offset: 0 }];
    const outcome = runCompiled(program, program.kernels[0]!, [1000n], buffers, { stopAfter: 3 });
    expect(outcome.status).toBe(statusStopped);
    expect(outcome.requests[requestSection]).toBe(4);
  });
});

describe('long loops where no memory is shared', () => {
  const text = inKernel(
    '%n: i64, %key: i64',
    'f64, f64, i64',
    outHead,
    `stream $g = gen %key 1
    %isMany = gt.i64 %n 10
    %sum: f64 = if %isMany {
      %s: f64 = for @l %i < %n (%a: f64 = 0.5) {
        %u: f64 = draw $g
        %b = add.f64 %a %u
        yield [%b]
      }
      yield [%s]
    } else {
      yield [0.25]
    }
    %scaled = mul.f64 %sum 3.0
    %rounds: i64 = loop @inner (%round: i64 = 0) {
      %isDone = ge.i64 %round %n
      if %isDone {
        break @inner [%round]
      } else {
        yield []
      }
      %next = add.i64 %round 1
      yield [%next]
    }
    store out[0] %scaled
    %last: f64 = draw $g
    return [%scaled, %last, %rounds]`,
  );

  it('come back to the caller after every slice, and nothing else shows that', () => {
    // This compares them with the same in shared memory, and with the interpreter.
    for (const n of [0n, 10n, 11n, 1000n]) expectSame(text, [n, 7n], [new Float64Array(100)], 64);
    const program = readProgram(text);
    const run = (isShared: boolean, stopAfter?: number) => {
      const buffers = [{ elements: new Float64Array(100), offset: 0 }];
      return runCompiled(program, program.kernels[0]!, [1000n, 7n], buffers, { budget: 64, isShared, stopAfter });
    };
    expect(run(true).requests).toEqual({});
    expect(run(false).requests[requestAgain]).toBeGreaterThan(20);
    expect(run(false, 3)).toMatchObject({ status: statusStopped, requests: { [requestAgain]: 4 } });
  });
});

describe('buffers of a kernel', () => {
  it('lie in memory that it asks for, and are zero each time', () => {
    const text = inKernel(
      '%n: i64, %m: i64',
      'f64, f64',
      outHead,
      `allocate a: f64[%n, %m] strides [%m, 1] both alias 5
      for @p parallel %i < %n () {
        for @l %k < %m () {
          %ik = mul.i64 %i %k
          %f = toF64.i64 %ik
          store a[%i, %k] %f
          yield []
        }
        yield []
      }
      %total: f64 = for @rows %row < %n (%s: f64 = 0.0) {
        allocate b: i32[%m] strides [1] both alias 6
        %z: i32 = load b[2]
        %clean = toF64.i32 %z
        store b[2] 17
        %t: f64 = for @columns %j < %m (%u: f64 = %s) {
          %v: f64 = load a[%row, %j]
          %w = add.f64 %u %v
          yield [%w]
        }
        %x = add.f64 %t %clean
        yield [%x]
      }
      %corner: f64 = load a[2, 3]
      return [%total, %corner]`,
    );
    const { requests } = expectSame(text, [6n, 5n], [new Float64Array(100)]);
    expect(requests[requestMemory]).toBe(7);
    expectSame(text, [6n, 5n], [new Float64Array(100)], 2);
  });

  it('lie in scratch memory if they are small, in sections too', () => {
    const text = inKernel(
      '%n: i64',
      'f64',
      outHead,
      `allocate table: f64[16] strides [1] both alias 5
      for @fill %k < 16 () {
        %f = toF64.i64 %k
        store table[%k] %f
        yield []
      }
      for @p parallel %i < %n () {
        allocate mine: u8[9] strides [1] both alias 6
        %zero: i32 = load mine[8]
        store mine[8] 200
        %low = and.i64 %i 15
        %v: f64 = load table[%low]
        %z = toF64.i32 %zero
        %w = add.f64 %v %z
        store out[%i] %w
        yield []
      }
      %last: f64 = load table[15]
      return [%last]`,
    );
    const { requests } = expectSame(text, [50n], [new Float64Array(100)]);
    expect(requests).toEqual({ [requestSection]: 1 });
  });

  it('cannot be of a size that only the run knows in a parallel loop', () => {
    const program = readProgram(
      inKernel(
        '%n: i64',
        '',
        '',
        'for @p parallel %i < %n () {\nallocate a: f64[%n] strides [1] both alias 0\nyield []\n}\nreturn []',
      ),
    );
    expect(() => compileKernel(program, program.kernels[0]!, testPages)).toThrow(
      'WASM002]: the WebAssembly backend cannot compile a buffer whose extents only the run knows, in a routine or a parallel loop, yet',
    );
  });
});
