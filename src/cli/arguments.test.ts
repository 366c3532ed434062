// What the words of --args make, and which are refused.
import { describe, expect, test } from 'vitest';
import { guessArguments, makeArguments, readArguments } from './arguments.js';

const made = (text: string): unknown[] => makeArguments(readArguments(text));

describe('--args', () => {
  test('gives JSON as it is', () => {
    expect(made('[1e7, true, "text", null, [1], {"a": 1, "b": 2}, {}, {"other": 3}]')).toEqual([
      1e7,
      true,
      'text',
      null,
      [1],
      { a: 1, b: 2 },
      {},
      { other: 3 },
    ]);
  });

  test('has words for what JSON lacks', () => {
    expect(
      made('[{"bigint": "12345678901234567890"}, {"bigint": 3}, {"number": "NaN"}, {"number": "-Infinity"}]'),
    ).toEqual([12345678901234567890n, 3n, NaN, -Infinity]);
    expect(made('[{"float64": [1, 2.5]}, {"uint8": 2}, {"int32": {"range": 3}}, {"float32": {"zeros": 2}}]')).toEqual([
      Float64Array.of(1, 2.5),
      new Uint8Array(2),
      Int32Array.of(0, 1, 2),
      new Float32Array(2),
    ]);
    expect(made('[{"int64": ["9007199254740993"]}, {"uint64": {"range": 3}}]')).toEqual([
      BigInt64Array.of(9007199254740993n),
      BigUint64Array.of(0n, 1n, 2n),
    ]);
  });

  test('has numbers that look random, the same ones every time', () => {
    const text =
      '[{"float64": {"random": 1000, "from": -1, "to": 1}}, {"uint8Clamped": {"random": 1000}}, {"float64": {"random": 1000}}]';
    const [wide, small, unit] = made(text) as [Float64Array, Uint8ClampedArray, Float64Array];
    expect(made(text)).toEqual([wide, small, unit]);
    expect(Math.min(...wide)).toBeLessThan(-0.9);
    expect(Math.min(...wide)).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...wide)).toBeLessThan(1);
    expect([Math.min(...small), Math.max(...small)]).toEqual([0, 99]);
    expect(Math.min(...unit)).toBeGreaterThanOrEqual(0);
    expect(new Set(unit).size).toBe(1000);
  });

  test.each([
    ['1e7', "write an array with an element for each argument: --args '[1e7]'"],
    ['[1', 'write JSON'],
    ['[{"flaot64": [1]}]', 'did you mean "float64"?'],
    ['[{"float64": {"randm": 3}}]', '"zeros", "range" or "random"'],
    ['[{"float64": {"random": -1}}]', '"zeros", "range" or "random"'],
    ['[{"float64": {"random": 3, "zeros": 2}}]', '"zeros", "range" or "random"'],
    ['[{"bigint": 1.5}]', 'write {"bigint": "12345678901234567890"}'],
  ])('refuses %s', (text, advice) => {
    expect(() => made(text)).toThrow(advice);
    expect(() => made(text)).toThrow(/^error\[CLI009\]/);
  });
});

test('arguments are guessed from the types of parameters, if all are there', () => {
  expect(guessArguments('f(n: number, isSmall: boolean, k: bigint): number {')).toEqual([1000, true, 1000n]);
  expect(guessArguments('f(x: Float64Array, y: Uint8Array<ArrayBuffer>, n: number = (1 + 2)) {')).toEqual([
    new Float64Array(1000),
    new Uint8Array(1000),
    1000,
  ]);
  expect(guessArguments('f() {')).toEqual([]);
  expect(guessArguments('f(n) {')).toBeUndefined();
  expect(guessArguments('f(n: number, text: string) {')).toBeUndefined();
});
