// Streams of lanes against the interpreter: what is drawn, under which masks, and where the generators stand afterwards.
import { describe, expect, it } from 'vitest';
import { expectSame, inKernel } from '../../../../test/support/lane-kernels.js';
import { generatorOf } from '../../../random/keys.js';
import { Xoshiro256 } from '../../../random/xoshiro256.js';
import { readProgram } from '../../../ir/read.js';
import { planLanes } from './plan.js';

const counts = [2, 4, 8, 16];
const rounds = 12;

const zeros = (element: string, count: number): Float64Array | Float32Array | BigInt64Array =>
  element === 'f64' ? new Float64Array(count) : element === 'f32' ? new Float32Array(count) : new BigInt64Array(count);

describe('streams of lanes', () => {
  it.each(counts.flatMap((count) => ['f64', 'f32', 'i64'].map((element) => [count, element] as const)))(
    '%s generators give %s, under masks and without',
    (count, element) => {
      const random = Xoshiro256.fromState(21n, 22n, 23n, BigInt(count));
      const draws = rounds * count;
      const text = inKernel(
        '%key: i64',
        '',
        `buffer ordinals: i64[${count}] strides [1] read alias 0
         buffer masks: bool[${draws}] strides [1] read alias 1
         buffer masked: ${element}[${draws}] strides [1] write alias 2
         buffer all: ${element}[${draws}] strides [1] write alias 3`,
        `%ordinals: i64x${count} = load ordinals[0]
        stream $g = gen %key %ordinals
        %first: ${element}x${count} = draw $g
        store all[0] %first
        for @rounds %i from 0 step 1 < ${rounds} () {
          %at = mul.i64 %i ${count}
          %mask: boolx${count} = load masks[%at]
          %some: ${element}x${count} = draw $g mask %mask
          store masked[%at] %some
          %every: ${element}x${count} = draw $g
          store all[%at] %every
          yield []
        }
        return []`,
      );
      const ordinals = BigInt64Array.from({ length: count }, (_, lane) => (lane === 1 ? -1n : BigInt(lane * lane)));
      const masks = Uint8Array.from({ length: draws }, () => (random.float64() < 0.5 ? 1 : 0));
      const { buffers } = expectSame(text, [-5n], [ordinals, masks, zeros(element, draws), zeros(element, draws)]);
      expect(new Set(Array.from(buffers[3]! as Float64Array)).size).toBeGreaterThan(draws / 2);
    },
  );

  it.each(counts.flatMap((count) => ['lanes', 'each'].map((kind) => [count, kind] as const)))(
    'loops of %s ordinals an iteration own their draws (%s), and rests continue them',
    (count, kind) => {
      const loop = (name: string, lanes: string): string => `%u${name}: f64${lanes} = draw $${name}
          %rare${name} = lt.f64${lanes} %u${name} 0.25
          %v${name}: i64${lanes} = draw $${name} mask %rare${name}
          %f${name}: f32${lanes} = draw $${name}
          store us[%${name}] %u${name}
          store vs[%${name}] %v${name}
          store fs[%${name}] %f${name}
          yield []`;
      const text = inKernel(
        '%n: i64, %key: i64',
        '',
        `buffer us: f64[4200] strides [1] write alias 0
         buffer vs: i64[4200] strides [1] write alias 1
         buffer fs: f32[4200] strides [1] write alias 2`,
        `%even = and.i64 %n -${count}
        for @lanes %a from 0 step ${count} < %n () draws $a ${kind} %key {
          ${loop('a', `x${count}`)}
        }
        for @rest %b from %even step 2 < %n () draws $b ${kind} %key continuing $a {
          ${loop('b', 'x2')}
        }
        return []`,
      );
      for (const n of [0n, 2n, 50n, 4096n, 4150n]) {
        const buffers = [new Float64Array(4200), new BigInt64Array(4200), new Float32Array(4200)];
        const { buffers: after } = expectSame(text, [n, 99n], buffers);
        expect((after[0]! as Float64Array).filter((u) => u !== 0).length).toBeGreaterThanOrEqual(Number(n) - 2);
      }
    },
  );

  it('start every lane as the generator of its ordinal', () => {
    const text = inKernel(
      '',
      '',
      'buffer out: f64[4] strides [1] write alias 0',
      `%ordinals: i64x4 = ramp 40:i64
      stream $g = gen 7 %ordinals
      %u: f64x4 = draw $g
      store out[0] %u
      return []`,
    );
    const { buffers } = expectSame(text, [], [new Float64Array(4)]);
    const expected = [40n, 41n, 42n, 43n].map((ordinal) => generatorOf(7n, ordinal).float64());
    expect(buffers[0]).toEqual(Float64Array.from(expected));
  });
});

describe('draws that are scaled and shifted', () => {
  const chain = (count: number, mask: string, scaled: string, shifted: string): string =>
    inKernel(
      '',
      '',
      `buffer out: f64[${count}] strides [1] write alias 0
       buffer masks: bool[${count}] strides [1] read alias 1`,
      `%ordinals: i64x${count} = ramp 1:i64
      %mask: boolx${count} = load masks[0]
      stream $g = gen 3 %ordinals
      %u: f64x${count} = draw $g${mask}
      ${scaled}
      %x = ${shifted}
      store out[0] %x
      return []`,
    );
  const isKept = (text: string): boolean => {
    const program = readProgram(text);
    return planLanes(program.kernels).chains.scaled.size === 1;
  };

  it.each([
    ['%m = mul.f64x4 %u 2.0', 'sub.f64x4 %m 1.0', true],
    ['%m = mul.f64x4 2.0 %u', 'sub.f64x4 %m 1.0', true],
    ['%m = mul.f64x4 %u 2.0', 'add.f64x4 %m -1.0', true],
    ['%m = mul.f64x4 %u 2.0', 'add.f64x4 -1.0 %m', true],
    ['%m = mul.f64x4 %u 0.125', 'sub.f64x4 %m 0.5', true],
    ['%m = mul.f64x4 %u 1024.0', 'sub.f64x4 %m -0.0', true],
    ['%m = mul.f64x4 %u 4.0', 'sub.f64x4 %m 2.718281828459045', false],
    ['', 'sub.f64x4 %u 0.5', true],
    ['', 'add.f64x4 %u 3.0', true],
    // 1 + 0.1 is no double.
    ['', 'sub.f64x4 %u 0.1', false],
    ['%m = mul.f64x4 %u 3.0', 'sub.f64x4 %m 1.0', false],
    ['%m = mul.f64x4 %u -2.0', 'sub.f64x4 %m 1.0', false],
    ['%m = mul.f64x4 %u 2.0', 'sub.f64x4 1.0 %m', false],
    ['%m = mul.f64x4 %u 2.0', 'sub.f64x4 %m nan', false],
    ['%m = mul.f64x4 %u 2.0', 'sub.f64x4 %u %m', false],
    ['%m = mul.f64x4 %u %u', 'sub.f64x4 %m 1.0', false],
    ['%m = mul.f64x4 %u 0.0', 'sub.f64x4 %m 1.0', false],
    ['%m = mul.f64x4 %u 1e300', 'sub.f64x4 %m 1.0', false],
  ])('%s; %s', (scaled, shifted, kept) => {
    for (const mask of ['', ' mask %mask']) {
      const text = chain(4, mask, scaled, shifted);
      expect(isKept(text)).toBe(kept);
      expectSame(text, [], [new Float64Array(4), Uint8Array.of(1, 0, 0, 1)]);
    }
  });

  it('are the same double for every pattern of bits at the ends and the middle of the range, and random ones', () => {
    // The emitted arithmetic in JavaScript: the bits of a draw under the exponent of 2ᵏ, less 2ᵏ + c, against 2ᵏ·u − c.
    const view = new DataView(new ArrayBuffer(8));
    const fromBits = (fraction: bigint, exponent: number): number => {
      view.setBigUint64(0, (BigInt(1023 + exponent) << 52n) | fraction);
      return view.getFloat64(0);
    };
    const random = Xoshiro256.fromState(1n, 1n, 2n, 3n);
    const last = 2n ** 52n - 1n;
    const fractions = [0n, 1n, 2n, 3n, last, last - 1n, last - 2n, 2n ** 51n, 2n ** 51n - 1n, 2n ** 51n + 1n];
    for (let round = 0; round < 2000; round++) fractions.push(BigInt.asUintN(52, random.raw()));
    for (const [exponent, term] of [
      [1, 1],
      [1, -1],
      [0, 0.5],
      [3, 4],
      [-4, 0.03125],
      [10, -0],
      [10, 0],
      [2, 1e10],
      [1, 2 ** -51],
      [500, 2 ** 480],
    ] as const) {
      const subtracted = 2 ** exponent + term;
      expect(BigInt(2 ** 60 * subtracted) - BigInt(2 ** 60 * 2 ** exponent)).toBe(BigInt(2 ** 60 * term));
      for (const fraction of fractions) {
        const u = fromBits(fraction, 0) - 1;
        expect(Object.is(fromBits(fraction, exponent) - subtracted, 2 ** exponent * u - term)).toBe(true);
      }
    }
  });
});
