// What is between scalars and lanes, and how masks go through code, against the interpreter: folds, ramps, splats and checks; masks of both
// widths that meet, that loops carry and branches hand on, in a function and out of it.
import { describe, expect, it } from 'vitest';
import { expectSame, inKernel } from '../../../../test/support/lane-kernels.js';
import type { Elements } from '../../../../test/support/lane-kernels.js';
import { foldOperations } from '../../../ir/nodes.js';
import { signatureOf } from '../../../ir/operations.js';
import type { Scalar } from '../../../ir/operations.js';
import { laneCounts, scalarTypes, withLanes } from '../../../ir/types.js';
import type { ScalarType } from '../../../ir/types.js';
import { Xoshiro256 } from '../../../random/xoshiro256.js';

const random = Xoshiro256.fromState(31n, 32n, 33n, 34n);
const bits = (): bigint => BigInt.asIntN(64, random.raw());
const pick = <T>(list: readonly T[]): T => list[Math.floor(random.float64() * list.length)]!;

function elementsOf(type: ScalarType, count: number, isSpecial: boolean): Elements {
  const fill = <T>(make: () => T): T[] => Array.from({ length: count }, make);
  const double = (): number =>
    isSpecial && random.float64() < 0.3 ? pick([0, -0, NaN, Infinity, -Infinity]) : random.float64() * 10 - 5;
  if (type === 'f64') return Float64Array.from(fill(double));
  if (type === 'f32') return Float32Array.from(fill(double));
  if (type === 'i64') return BigInt64Array.from(fill(bits));
  if (type === 'i32') return Int32Array.from(fill(() => Number(BigInt.asIntN(32, bits()))));
  // Mostly one of both, or `and` and `or` would always be the same.
  const odds = pick([0.02, 0.98]);
  return Uint8Array.from(fill(() => (random.float64() < odds ? 1 : 0)));
}

const buffer = (name: string, type: string, length: number, access: string, alias: number): string =>
  `buffer ${name}: ${type}[${length}] strides [1] ${access} alias ${alias}`;

describe('folds', () => {
  const cases = foldOperations.flatMap((operation) =>
    scalarTypes.filter((type) => signatureOf(operation, type)).map((type) => [operation, type] as const),
  );

  it.each(cases)('%s of %s', (operation, type) => {
    for (const count of laneCounts) {
      const text = inKernel(
        '',
        type,
        buffer('a', type, count, 'read', 0),
        `%x: ${withLanes(type, count)} = load a[0]
        %r: ${type} = fold ${operation} %x
        return [%r]`,
      );
      for (let round = 0; round < 8; round++) expectSame(text, [], [elementsOf(type, count, round % 2 === 1)]);
      if (type === 'f64') {
        for (const zero of [0, -0]) expectSame(text, [], [new Float64Array(count).fill(zero)]);
      }
      if (type === 'bool') {
        // Each lane decides.
        for (let lane = 0; lane < count; lane++) {
          const [one, others] = [new Uint8Array(count), new Uint8Array(count).fill(1)];
          one[lane] = 1;
          others[lane] = 0;
          expectSame(text, [], [one]);
          expectSame(text, [], [others]);
        }
      }
    }
  });

  it('of masks of either width', () => {
    for (const count of laneCounts) {
      for (const type of ['f32', 'f64']) {
        const text = inKernel(
          `%limit: ${type}`,
          'bool, bool',
          '',
          `%start: ${type}x${count} = ramp 0.0:${type}
          %limits: ${type}x${count} = splat %limit
          %isBelow = lt.${type}x${count} %start %limits
          %all: bool = fold and %isBelow
          %any: bool = fold or %isBelow
          return [%all, %any]`,
        );
        for (const limit of [0, 1, count - 1, count])
          expect(expectSame(text, [limit]).outcome.results).toEqual([limit === count, limit > 0]);
      }
    }
  });
});

describe('splats and ramps', () => {
  const scalars: readonly (readonly [ScalarType, readonly Scalar[]])[] = [
    ['f64', [0.1, -0, 2 ** 53, NaN]],
    ['f32', [Math.fround(0.1), -0, 2 ** 24, Infinity]],
    ['i64', [5n, -1n, 2n ** 63n - 1n]],
    ['i32', [5, -1, 2 ** 31 - 1]],
    ['bool', [true, false]],
  ];

  it.each(scalars)('of %s', (type, values) => {
    for (const count of laneCounts) {
      const ramp = type === 'bool' ? '' : `%b: ${type}x${count} = ramp %x\nstore ramped[0] %b`;
      const text = inKernel(
        `%x: ${type}`,
        '',
        [buffer('out', type, count, 'write', 0), buffer('ramped', type, count, 'write', 1)].join('\n'),
        `%a: ${type}x${count} = splat %x
        store out[0] %a
        ${ramp}
        return []`,
      );
      const zeros = (): Elements => elementsOf(type, count, false).fill((type === 'i64' ? 0n : 0) as never);
      for (const value of values) expectSame(text, [value], [zeros(), zeros()]);
    }
  });
});

describe('masks', () => {
  it.each(laneCounts)('of both widths meet, are chosen from, carried and handed on (%s lanes)', (count) => {
    const lanes = `x${count}`;
    const text = inKernel(
      '%n: i64, %which: i64',
      'i64, f64, f32',
      [
        buffer('doubles', 'f64', count, 'read', 0),
        buffer('floats', 'f32', count, 'read', 1),
        buffer('given', 'bool', count, 'read', 2),
        buffer('out', 'bool', 4 * count, 'write', 3),
      ].join('\n'),
      `%d: f64${lanes} = load doubles[0]
      %f: f32${lanes} = load floats[0]
      %g: bool${lanes} = load given[0]
      %wide = lt.f64${lanes} %d 0.0
      %narrow = lt.f32${lanes} %f 0.0
      %both = and.bool${lanes} %wide %narrow
      %odd = xor.bool${lanes} %narrow %g
      %same = eq.bool${lanes} %odd %wide
      %fixed = or.bool${lanes} %both false
      %chosen = select.bool${lanes} %narrow %wide %same
      %carried: bool${lanes}, %other: bool${lanes}, %count: i64 = for @l %i < %n (%m: bool${lanes} = %fixed, %k: bool${lanes} = true, %c: i64 = 0) {
        %isLast = eq.i64 %i %which
        if %isLast {
          break @l [%g, %narrow, %c]
        } else {
          yield []
        }
        %bit = and.i64 %i 1
        %isOdd = eq.i64 %bit 1
        %next: bool${lanes} = if %isOdd {
          yield [%wide]
        } else {
          %x = ne.bool${lanes} %m %narrow
          yield [%x]
        }
        %any: bool = fold or %k
        %step = extendS.bool %any
        %c2 = add.i64 %c %step
        %not = not.bool${lanes} %next
        yield [%next, %not, %c2]
      }
      store out[0] %chosen
      store out[${count}] %carried
      store out[${2 * count}] %other
      store out[${3 * count}] %same
      %asLong = extendS.bool${lanes} %narrow
      %doubled = add.i64${lanes} %asLong %asLong
      %sum: i64 = fold add %doubled
      %total = add.i64 %sum %count
      %ones = toF64.bool${lanes} %chosen
      %us = mul.f64${lanes} %ones %d
      %u: f64 = fold add %us
      %small = toF32.bool${lanes} %carried
      %vs = mul.f32${lanes} %small %f
      %v: f32 = fold add %vs
      return [%total, %u, %v]`,
    );
    for (const [n, which] of [
      [0n, -1n],
      [1n, -1n],
      [2n, -1n],
      [7n, -1n],
      [7n, 4n],
    ] as const) {
      const buffers = [
        elementsOf('f64', count, true),
        elementsOf('f32', count, true),
        Uint8Array.from({ length: count }, () => pick([0, 1, 7])),
        new Uint8Array(4 * count),
      ];
      // The loop in its place, and in functions that are called for a few iterations at a time.
      for (const budget of [undefined, 1]) expectSame(text, [n, which], buffers, budget);
    }
  });

  it.each([2, 4, 16])('go to routines and come back, and into parallel loops (%s lanes)', (count) => {
    const lanes = `x${count}`;
    const text = `routine @near(%x: f64${lanes}, %y: f32${lanes}, %wanted: bool${lanes}) -> (bool${lanes}, f32${lanes}) {
      %small = lt.f32${lanes} %y 1.0
      %both = and.bool${lanes} %small %wanted
      %half = mul.f32${lanes} %y 0.5
      return [%both, %half]
    }
    ${inKernel(
      '',
      '',
      [
        buffer('doubles', 'f64', count, 'read', 0),
        buffer('floats', 'f32', count, 'read', 1),
        buffer('out', 'bool', 8 * count, 'write', 2),
        buffer('halves', 'f32', 8 * count, 'write', 3),
      ].join('\n'),
      `%d: f64${lanes} = load doubles[0]
      %f: f32${lanes} = load floats[0]
      %narrow = gt.f32${lanes} %f 0.0
      %near: bool${lanes}, %half: f32${lanes} = call @near [%d, %f, %narrow]
      for @p parallel %i < 8 () {
        %at = mul.i64 %i ${count}
        %x = toF64.i64 %i
        %xs: f64${lanes} = splat %x
        %wide = lt.f64${lanes} %d %xs
        %m = xor.bool${lanes} %wide %near
        %m2: bool${lanes}, %h: f32${lanes} = call @near [%xs, %half, %m]
        store out[%at] %m2
        store halves[%at] %h mask %narrow
        yield []
      }
      return []`,
    )}`;
    const [doubles, floats] = [elementsOf('f64', count, true), elementsOf('f32', count, true)];
    expectSame(text, [], [doubles, floats, new Uint8Array(8 * count), new Float32Array(8 * count)]);
  });

  it.each([2, 4, 16])('as integers are added and subtracted (%s lanes)', (count) => {
    const lanes = `x${count}`;
    for (const [type, convert] of [
      ['i64', 'extendS'],
      ['i32', 'toI32'],
    ]) {
      const text = inKernel(
        '',
        '',
        [
          buffer('a', 'f64', count, 'read', 0),
          buffer('b', type!, count, 'read', 1),
          buffer('out', type!, 6 * count, 'write', 2),
        ].join('\n'),
        `%d: f64${lanes} = load a[0]
        %x: ${type}${lanes} = load b[0]
        %m = lt.f64${lanes} %d 0.0
        %k = ge.f64${lanes} %d 1.0
        %one = ${convert}.bool${lanes} %m
        %more = add.${type}${lanes} %x %one
        store out[0] %more
        %other = ${convert}.bool${lanes} %k
        %less = sub.${type}${lanes} %more %other
        store out[${count}] %less
        %third = ${convert}.bool${lanes} %m
        %front = add.${type}${lanes} %third %x
        store out[${2 * count}] %front
        %fourth = ${convert}.bool${lanes} %m
        %turned = sub.${type}${lanes} %fourth %x
        store out[${3 * count}] %turned
        %fifth = ${convert}.bool${lanes} %m
        %sixth = ${convert}.bool${lanes} %k
        %pair = add.${type}${lanes} %fifth %sixth
        store out[${4 * count}] %pair
        %twice = add.${type}${lanes} %fifth %x
        store out[${5 * count}] %twice
        return []`,
      );
      const zeros = elementsOf(type as ScalarType, 6 * count, false).fill((type === 'i64' ? 0n : 0) as never);
      expectSame(text, [], [elementsOf('f64', count, true), elementsOf(type as ScalarType, count, false), zeros]);
    }
  });
});

describe('checks of lanes', () => {
  it.each(laneCounts)('fail for the first lane that is off (%s lanes)', (count) => {
    const text = inKernel(
      '%from: i64, %length: i64',
      'i64',
      '',
      `%i: i64x${count} = ramp %from
      %lengths: i64x${count} = splat %length
      %isInside = lt.i64x${count} %i %lengths
      check %isInside site 4 index %i length %length
      %f = toF32.i32x${count} 3
      %isFew = lt.f32x${count} %f 3.5
      check %isFew site 5 index %i length %length
      return [1]`,
    );
    for (const length of [0n, 1n, BigInt(count) - 1n, BigInt(count)]) {
      const { outcome } = expectSame(text, [0n, length]);
      expect(outcome.error?.index).toBe(length === BigInt(count) ? undefined : length);
    }
  });
});

describe('masks of one lane', () => {
  it.each([true, false])('guard loads, stores and draws (%s)', (mask) => {
    const text = inKernel(
      '%m: bool, %i: i64',
      'f64, f64, i64, bool, f64',
      ['a: f64[4] strides [1] both', 'b: bool[4] strides [1] both', 'c: u8c[4] strides [1] write']
        .map((text, alias) => `buffer ${text} alias ${alias}`)
        .join('\n'),
      `%x: f64 = load a[%i] mask %m
      %y: bool = load b[%i] mask %m
      %v = add.f64 %x 1.5
      store a[%i] %v mask %m
      store b[%i] %m mask %m
      store c[%i] 300 mask %m
      stream $g = gen 5 %i
      %u: f64 = draw $g mask %m
      %w: i64 = draw $g mask %m
      %z: f64 = draw $g
      return [%x, %u, %w, %y, %z]`,
    );
    const buffers = [Float64Array.of(1, 2, 3, 4), Uint8Array.of(1, 0, 5, 0), new Uint8ClampedArray(4)];
    for (const at of mask ? [0n, 2n] : [-3n, 1n, 900n]) expectSame(text, [mask, at], buffers);
  });
});
