// The generator and its keys against published reference outputs, and against a second implementation with bigints.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { childKey, generatorOf, KeyStream, mix, rootKey } from './keys.js';
import { Xoshiro256 } from './xoshiro256.js';

const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotateLeft = (value: bigint, by: bigint): bigint => u64(value << by) | (value >> (64n - by));

/** The published algorithm, word for word in bigints. */
class ReferenceXoshiro {
  s: [bigint, bigint, bigint, bigint];
  constructor(...s: [bigint, bigint, bigint, bigint]) {
    this.s = s;
  }
  step(): { sum: bigint; plusPlus: bigint } {
    const s = this.s;
    const sum = u64(s[0] + s[3]);
    const plusPlus = u64(rotateLeft(sum, 23n) + s[0]);
    const t = u64(s[1] << 17n);
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotateLeft(s[3], 45n);
    return { sum, plusPlus };
  }
}

const doubleOf = (output: bigint): number =>
  new Float64Array(BigUint64Array.of((output >> 12n) | 0x3ff0000000000000n).buffer)[0]! - 1;

const state = fc
  .tuple(fc.bigInt(0n, u64(-1n)), fc.bigInt(0n, u64(-1n)), fc.bigInt(0n, u64(-1n)), fc.bigInt(0n, u64(-1n)))
  .filter((words) => words.some((word) => word !== 0n));

describe('xoshiro256', () => {
  it('gives the published outputs of xoshiro256++ from the state 1, 2, 3, 4', () => {
    const generator = Xoshiro256.fromState(1n, 2n, 3n, 4n);
    expect(Array.from({ length: 10 }, () => generator.raw())).toEqual([
      41943041n,
      58720359n,
      3588806011781223n,
      3591011842654386n,
      9228616714210784205n,
      9973669472204895162n,
      14011001112246962877n,
      12406186145184390807n,
      15849039046786891736n,
      10450023813501588000n,
    ]);
  });

  it('gives the published outputs of xoshiro256+ from the state 1, 2, 3, 4', () => {
    const generator = Xoshiro256.fromState(1n, 2n, 3n, 4n);
    const published = [
      5n,
      211106232532999n,
      211106635186183n,
      9223759065350669058n,
      9250833439874351877n,
      13862484359527728515n,
      2346507365006083650n,
      1168864526675804870n,
      34095955243042024n,
      3466914240207415127n,
    ];
    expect(published.map(() => generator.float64())).toEqual(published.map(doubleOf));
  });

  it('agrees with the algorithm in bigints, whatever the state and the mix of draws', () => {
    fc.assert(
      fc.property(state, fc.array(fc.constantFrom('float64', 'float32', 'raw'), { maxLength: 50 }), (words, draws) => {
        const generator = Xoshiro256.fromState(...words);
        const reference = new ReferenceXoshiro(...words);
        for (const draw of draws) {
          const { sum, plusPlus } = reference.step();
          if (draw === 'raw') expect(generator.raw()).toBe(plusPlus);
          else if (draw === 'float64') expect(generator.float64()).toBe(doubleOf(sum));
          else expect(generator.float32()).toBe(Number(sum >> 40n) * 2 ** -24);
        }
        expect([...generator.state()]).toEqual(reference.s);
      }),
    );
  });
});

describe('keys', () => {
  it('mixes as splitmix64 does: the published outputs from the seed 1234567', () => {
    const golden = 0x9e3779b97f4a7c15n;
    const outputs = [1n, 2n, 3n, 4n, 5n].map((i) => mix(1234567n + golden * i));
    expect(outputs).toEqual([
      6457827717110365317n,
      3203168211198807973n,
      9817491932198370423n,
      4593380528125082431n,
      16408922859458223821n,
    ]);
  });

  it('is child(K, n) = mix(mix(K) + G·(n + 1)), and a generator’s words follow from it', () => {
    const golden = 0x9e3779b97f4a7c15n;
    fc.assert(
      fc.property(fc.bigInt(0n, u64(-1n)), fc.bigInt(0n, u64(-1n)), (key, ordinal) => {
        const child = childKey(key, ordinal);
        expect(child).toBe(mix(u64(mix(key) + u64(golden * (ordinal + 1n)))));
        expect([...generatorOf(key, ordinal).state()]).toEqual(
          [1n, 2n, 3n, 4n].map((w) => mix(u64(child + golden * w))),
        );
      }),
    );
  });

  it('takes 42 and 42n for the same seed, negative ones modulo 2⁶⁴', () => {
    expect(rootKey(42)).toBe(rootKey(42n));
    expect(rootKey(-1)).toBe(2n ** 64n - 1n);
    expect(rootKey(2n ** 64n + 7n)).toBe(7n);
  });

  it.each([1.5, NaN, Infinity, 2 ** 53, '42', undefined])('refuses the seed %s', (seed) => {
    expect(() => rootKey(seed as number)).toThrow(/^error\[RANDOM001\]: a seed cannot be /);
  });

  it('hands out each child once, in order', () => {
    const stream = new KeyStream(rootKey(7));
    expect([stream.take(), stream.take(), stream.take()]).toEqual([0n, 1n, 2n].map((m) => childKey(7n, m)));
  });
});
