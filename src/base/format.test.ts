// Times and numbers as text. The rows were printed by IPython 8.5 (`_format_time`) and by CPython's `%.{p}g`, which is C's; they are kept
// here so that the suite needs neither. Where CPython is found, random numbers are printed by both and compared.
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatBytes, formatCount, formatMebibytes, formatPlural, formatSignificant, formatTime } from './format.js';

const timesOfIPython: readonly (readonly [seconds: number, shown: string])[] = [
  [0.0, '0 ns'],
  [1e-12, '0.001 ns'],
  [4.2e-10, '0.42 ns'],
  [1e-9, '1 ns'],
  [1.5e-9, '1.5 ns'],
  [9.99e-9, '9.99 ns'],
  [9.995e-9, '9.99 ns'],
  [1.23e-8, '12.3 ns'],
  [1.234e-7, '123 ns'],
  [9.99e-7, '999 ns'],
  [9.994e-7, '999 ns'],
  [9.995e-7, '999 ns'],
  [9.999e-7, '1e+03 ns'],
  [1e-6, '1 µs'],
  [1.005e-6, '1 µs'],
  [1.52e-5, '15.2 µs'],
  [0.00031, '310 µs'],
  [0.0009994, '999 µs'],
  [0.0009995, '1e+03 µs'],
  [0.0009999, '1e+03 µs'],
  [0.0009999999999999998, '1 ms'],
  [0.001, '1 ms'],
  [0.00123456, '1.23 ms'],
  [0.0152, '15.2 ms'],
  [0.1, '100 ms'],
  [0.9994, '999 ms'],
  [0.9996, '1e+03 ms'],
  [0.9999999999999999, '1e+03 ms'],
  [1.0, '1 s'],
  [1.125, '1.12 s'],
  [2.5, '2.5 s'],
  [9.995, '9.99 s'],
  [12.25, '12.2 s'],
  [12.35, '12.3 s'],
  [59.94, '59.9 s'],
  [59.95, '60 s'],
  [59.99, '60 s'],
  [59.99999999999999, '60 s'],
  [60.0, '1min'],
  [60.4, '1min'],
  [61.0, '1min 1s'],
  [89.9, '1min 29s'],
  [119.999, '1min 59s'],
  [120.0, '2min'],
  [600, '10min'],
  [3599.9, '59min 59s'],
  [3600.0, '1h'],
  [3600.5, '1h'],
  [3660.0, '1h 1min'],
  [3661.0, '1h 1min 1s'],
  [7325.0, '2h 2min 5s'],
  [86399.9, '23h 59min 59s'],
  [86400.0, '1d'],
  [86401.0, '1d 1s'],
  [90061.0, '1d 1h 1min 1s'],
  [172800.0, '2d'],
  [1000000.0, '11d 13h 46min 40s'],
  [31557600.0, '365d 6h'],
];

const timesWithDigits: readonly (readonly [seconds: number, digits: number, shown: string])[] = [
  [0.00123456789, 1, '1 ms'],
  [0.00123456789, 2, '1.2 ms'],
  [0.00123456789, 4, '1.235 ms'],
  [0.00123456789, 6, '1.23457 ms'],
  [1.25e-5, 1, '1e+01 µs'],
  [1.25e-5, 2, '12 µs'],
  [1.25e-5, 4, '12.5 µs'],
  [1.25e-5, 6, '12.5 µs'],
  [2.5, 1, '2 s'],
  [2.5, 2, '2.5 s'],
  [2.5, 4, '2.5 s'],
  [2.5, 6, '2.5 s'],
  [0.98765, 1, '1e+03 ms'],
  [0.98765, 2, '9.9e+02 ms'],
  [0.98765, 4, '987.6 ms'],
  [0.98765, 6, '987.65 ms'],
];

const numbersOfC: readonly (readonly [value: number, digits: number, shown: string])[] = [
  [0.0, 1, '0'],
  [0.0, 3, '0'],
  [-0.0, 3, '-0'],
  [0.125, 1, '0.1'],
  [0.125, 2, '0.12'],
  [0.125, 3, '0.125'],
  [2.5, 1, '2'],
  [2.5, 2, '2.5'],
  [3.5, 1, '4'],
  [0.5, 1, '0.5'],
  [12.25, 3, '12.2'],
  [12.75, 3, '12.8'],
  [100000.0, 3, '1e+05'],
  [100000.0, 6, '100000'],
  [99950.0, 3, '1e+05'],
  [99950.0, 4, '9.995e+04'],
  [999.5, 3, '1e+03'],
  [1000.5, 4, '1000'],
  [9.5, 1, '1e+01'],
  [8.5, 1, '8'],
  [0.0001, 3, '0.0001'],
  [1e-5, 3, '1e-05'],
  [0.00012345, 3, '0.000123'],
  [9.9996e-5, 4, '0.0001'],
  [123456789.0, 3, '1.23e+08'],
  [123456789.0, 8, '1.2345679e+08'],
  [123456789.0, 9, '123456789'],
  [123456789.0, 10, '123456789'],
  [-2.5, 1, '-2'],
  [-1234.5, 4, '-1234'],
  [-1234.5, 5, '-1234.5'],
  [1e100, 3, '1e+100'],
  [5e-324, 3, '4.94e-324'],
  [5e-324, 17, '4.9406564584124654e-324'],
  [1.7976931348623157e308, 3, '1.8e+308'],
  [1.7976931348623157e308, 17, '1.7976931348623157e+308'],
  [0.1, 3, '0.1'],
  [0.1, 17, '0.10000000000000001'],
  [0.3333333333333333, 3, '0.333'],
  [0.3333333333333333, 10, '0.3333333333'],
  [0.3333333333333333, 17, '0.33333333333333331'],
  [9.5367431640625e-7, 3, '9.54e-07'],
  [9.5367431640625e-7, 14, '9.5367431640625e-07'],
  [9.5367431640625e-7, 17, '9.5367431640625e-07'],
  [9.5367431640625e-7, 21, '9.5367431640625e-07'],
  [1e21, 3, '1e+21'],
  [1e21, 21, '1e+21'],
  [1.5e300, 1, '2e+300'],
  [1.5e300, 2, '1.5e+300'],
  [45.80290206755945, 3, '45.8'],
  [-6.761590856756512e-10, 15, '-6.76159085675651e-10'],
  [-4347.417461016426, 7, '-4347.417'],
  [0.5111634075281963, 13, '0.5111634075282'],
  [-378.8889249139558, 1, '-4e+02'],
  [-2.4656614831537294e-6, 8, '-2.4656615e-06'],
  [4307834228.386792, 1, '4e+09'],
  [4.080380503978481e-12, 1, '4e-12'],
  [-29895.959761161, 14, '-29895.959761161'],
  [4.603688653410596, 15, '4.6036886534106'],
  [-18.56221638381712, 12, '-18.5622163838'],
  [17553.549827816176, 15, '17553.5498278162'],
  [-17224989699.0256, 14, '-17224989699.026'],
  [2.895678766104482e-8, 10, '2.895678766e-08'],
  [684730.7791166168, 17, '684730.77911661682'],
  [-1.53184213913665, 7, '-1.531842'],
  [-6.604269704919746e-6, 16, '-6.604269704919746e-06'],
  [-136.7899502441595, 2, '-1.4e+02'],
  [-6.695135408972959e-7, 13, '-6.695135408973e-07'],
  [-8991.756108062911, 12, '-8991.75610806'],
  [-1.189110334275024e-10, 17, '-1.189110334275024e-10'],
  [4815293.4642813355, 17, '4815293.4642813355'],
  [-0.000780807541763639, 1, '-0.0008'],
  [-1.1058468076421467e-11, 13, '-1.105846807642e-11'],
  [1.1124055037541893e-8, 8, '1.1124055e-08'],
  [3108532.096462569, 8, '3108532.1'],
  [-2.140523087718573, 12, '-2.14052308772'],
  [-6825278566.54452, 1, '-7e+09'],
  [-6422817.511282331, 17, '-6422817.5112823313'],
  [2.807235223787207, 7, '2.807235'],
  [-62124423629.61191, 16, '-62124423629.61191'],
  [-47.861247362630635, 7, '-47.86125'],
  [-0.4347130656594972, 12, '-0.434713065659'],
  [-0.00020224139695168298, 11, '-0.00020224139695'],
  [-249.18645648665571, 8, '-249.18646'],
  [16.525338437952247, 6, '16.5253'],
  [14539001.24899965, 9, '14539001.2'],
  [159175409.04567876, 3, '1.59e+08'],
  [682141024.2904352, 15, '682141024.290435'],
  [1257438.7617154396, 9, '1257438.76'],
  [24.5, 2, '24'],
  [55144.5, 5, '55144'],
  [271.5, 3, '272'],
  [77.5, 2, '78'],
  [92.5, 2, '92'],
  [576789.5, 6, '576790'],
  [620611.5, 6, '620612'],
  [1387.5, 4, '1388'],
  [451.5, 3, '452'],
  [5233.5, 4, '5234'],
  [9.5, 1, '1e+01'],
  [12.5, 2, '12'],
  [60.5, 2, '60'],
  [30.5, 2, '30'],
  [9924.5, 4, '9924'],
  [38.5, 2, '38'],
  [61760.5, 5, '61760'],
  [791875.5, 6, '791876'],
  [161640.5, 6, '161640'],
  [231788.5, 6, '231788'],
];

describe('formatTime', () => {
  test.each(timesOfIPython)('%s s is %s, as in IPython', (seconds, shown) => {
    expect(formatTime(seconds)).toBe(shown);
  });

  test.each(timesWithDigits)('%s s with %s digits is %s, as in IPython', (seconds, digits, shown) => {
    expect(formatTime(seconds, digits)).toBe(shown);
  });

  test('what is below zero or not finite is shown too, in the unit of its size', () => {
    expect(formatTime(-0.0125)).toBe('-12.5 ms');
    expect(formatTime(-61)).toBe('-1min 1s');
    expect(formatTime(Infinity)).toBe('Infinity s');
    expect(formatTime(NaN)).toBe('NaN s');
  });

  test('a span of a minute or more is told in whole units that add up to it', () => {
    const secondsIn: Record<string, number> = { d: 86_400, h: 3600, min: 60, s: 1 };
    fc.assert(
      fc.property(
        fc.integer({ min: 60, max: 1e9 }),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        (whole, fraction) => {
          const parts = formatTime(whole + fraction).split(' ');
          const total = parts.reduce((sum, part) => {
            const [, count, unit] = /^([1-9]\d*)(d|h|min|s)$/.exec(part)!;
            return sum + Number(count) * secondsIn[unit!]!;
          }, 0);
          expect(total).toBe(whole);
        },
      ),
    );
  });
});

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const digitCount = fc.integer({ min: 1, max: 17 });

describe('formatSignificant', () => {
  test.each(numbersOfC)('%s with %s digits is %s, as in C', (value, digits, shown) => {
    expect(formatSignificant(value, digits)).toBe(shown);
  });

  test('17 digits tell every number apart', () => {
    fc.assert(
      fc.property(finite, (value) => {
        expect(Number(formatSignificant(value, 17))).toBe(value);
      }),
    );
  });

  test('is within half a unit of the last digit', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-300, max: 1e300, noNaN: true }),
        fc.integer({ min: 1, max: 14 }),
        (value, digits) => {
          const shown = Number(formatSignificant(value, digits));
          expect(Math.abs(shown - value) / value).toBeLessThanOrEqual(0.5 * 10 ** (1 - digits) * (1 + 1e-9));
        },
      ),
    );
  });

  test('has no trailing zeros, at most the digits that were asked for, and rounds its own output to itself', () => {
    fc.assert(
      fc.property(finite, digitCount, (value, digits) => {
        const shown = formatSignificant(value, digits);
        const [mantissa] = shown.replace('-', '').split('e') as [string];
        expect(mantissa).not.toMatch(/\.\d*0$|\.$/);
        const figures = mantissa.replace('.', '').replace(/^0+/, '');
        expect(figures.length).toBeLessThanOrEqual(digits);
        // At the ends of the range of doubles, and beyond 15 figures, not every decimal has a double of its own.
        if (digits <= 15 && 1e-300 < Math.abs(value) && Math.abs(value) < 1e300)
          expect(formatSignificant(Number(shown), digits)).toBe(shown);
      }),
    );
  });

  test('a minus sign is all that tells a number from its negative', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }), digitCount, (value, digits) => {
        expect(formatSignificant(-value, digits)).toBe(`-${formatSignificant(value, digits)}`);
      }),
    );
  });

  const python = ['/usr/bin/python3', 'python3'].find((command) => spawnSync(command, ['-c', '']).status === 0);
  test.skipIf(python === undefined)('prints random numbers, ties among them, as CPython prints them', () => {
    const tie = fc.tuple(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.integer({ min: 0, max: 10 }));
    const value = fc.oneof(
      finite,
      tie.map(([odd, shift]) => odd / 2 ** shift),
    );
    const cases = fc.sample(fc.tuple(value, fc.integer({ min: 1, max: 20 })), 3000);
    const program = 'import json,sys\nprint(json.dumps(["%.*g" % (p, float(v)) for v, p in json.load(sys.stdin)]))';
    const input = JSON.stringify(
      cases.map(([number, digits]) => [Object.is(number, -0) ? '-0' : String(number), digits]),
    );
    const { stdout } = spawnSync(python!, ['-c', program], { input, encoding: 'utf8' });
    expect(cases.map(([number, digits]) => formatSignificant(number, digits))).toEqual(JSON.parse(stdout));
  });
});

describe('counts and bytes', () => {
  test.each([
    [0, '0'],
    [7, '7'],
    [999, '999'],
    [1000, '1,000'],
    [123_456, '123,456'],
    [1_234_567, '1,234,567'],
    [-1000, '-1,000'],
    [-123, '-123'],
    [2n ** 64n, '18,446,744,073,709,551,616'],
  ])('formatCount(%s) is %s', (count, shown) => {
    expect(formatCount(count)).toBe(shown);
  });

  test('formatCount puts commas where the locale en-US has them', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (n) => {
        expect(formatCount(n)).toBe(n.toLocaleString('en-US'));
      }),
    );
  });

  test.each([
    [0, 'run', '0 runs'],
    [1, 'run', '1 run'],
    [2, 'run', '2 runs'],
    [1000, 'loop', '1,000 loops'],
  ])('formatPlural(%s, %s) is %s', (count, noun, shown) => {
    expect(formatPlural(count, noun)).toBe(shown);
  });

  test.each([
    [0, '0.0 MiB'],
    [2 ** 20, '1.0 MiB'],
    [8e6, '7.6 MiB'],
    [432_327_884, '412.3 MiB'],
    [3 * 2 ** 30, '3072.0 MiB'],
  ])('formatMebibytes(%s) is %s', (bytes, shown) => {
    expect(formatMebibytes(bytes)).toBe(shown);
  });

  test.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [3584, '3.5 KiB'],
    [432_327_884, '412.3 MiB'],
    [41_016_937_677, '38.2 GiB'],
    [-2048, '-2.0 KiB'],
    [2 ** 61, '2048.0 PiB'],
  ])('formatBytes(%s) is %s', (bytes, shown) => {
    expect(formatBytes(bytes)).toBe(shown);
  });
});
