// Every pure operation over lanes of every element: random lanes with special values among them, against the interpreter.
import { describe, expect, it } from 'vitest';
import { expectSame, inKernel } from '../../../../test/support/lane-kernels.js';
import type { Elements } from '../../../../test/support/lane-kernels.js';
import { isOperation, signatureOf } from '../../../ir/operations.js';
import type { OperationName } from '../../../ir/operations.js';
import { elementOf, scalarTypes, withLanes } from '../../../ir/types.js';
import type { ScalarType } from '../../../ir/types.js';
import { Xoshiro256 } from '../../../random/xoshiro256.js';

const operations = (
  'add sub mul div rem min max neg abs sqrt floor ceil trunc nearest and or xor not shl shrS shrU eq ne lt le gt ge select ' +
  'toF64 toF32 toInt32 truncI64 extendS extendU wrap toI32 bitsOfF64 f64OfBits bitsOfF32 f32OfBits'
)
  .split(' ')
  .filter((name): name is OperationName => isOperation(name));

const counts = [1, 2, 4, 16];
const elementCount = 256;

const specialDoubles = [
  [0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 0.49999999999999994, NaN, Infinity, -Infinity, 2 ** 31, -(2 ** 31)],
  [2 ** 31 - 0.5, 2 ** 32, 2 ** 32 + 2, -(2 ** 32) - 1, 2 ** 51 + 0.5, 2 ** 52 + 1, 2 ** 53, -(2 ** 53) - 2, 2 ** 62],
  [2 ** 63, 2 ** 63 - 1024, -(2 ** 63), -(2 ** 63) - 2048, 2 ** 64, 2 ** 84 + 2 ** 40, 1e300, -1e300, 5e-324],
  [2 ** -1022, Number.MAX_VALUE, Number.MIN_VALUE, 3, -3, 7, 0.1, 4294967295, 4294967295.9, -4294967297.5],
].flat();
const specialIntegers = [
  [0n, 1n, -1n, 2n, 31n, 32n, 33n, 63n, 64n, 65n, 2n ** 31n, -(2n ** 31n), 2n ** 32n, 2n ** 32n - 1n],
  [2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 53n - 1n, 2n ** 62n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 63n - 513n],
].flat();

/** Random elements: every third a special value, and the others of all sizes. */
function elementsOf(type: ScalarType, random: Xoshiro256): Elements {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random.float64() * list.length)]!;
  const isSpecial = (): boolean => random.float64() < 0.35;
  const double = (): number =>
    isSpecial() ? pick(specialDoubles) : (random.float64() - 0.5) * 2 ** Math.floor(random.float64() * 140 - 60);
  const integer = (): bigint =>
    isSpecial() ? pick(specialIntegers) : BigInt.asIntN(64, random.raw()) >> BigInt(Math.floor(random.float64() * 64));
  const fill = <T>(make: () => T): T[] => Array.from({ length: elementCount }, make);
  switch (type) {
    case 'f64':
      return Float64Array.from(fill(double));
    case 'f32':
      return Float32Array.from(fill(double));
    case 'i64':
      return BigInt64Array.from(fill(integer));
    case 'i32':
      return Int32Array.from(fill(() => Number(BigInt.asIntN(32, integer()))));
    case 'bool':
      return Uint8Array.from(fill(() => (random.float64() < 0.5 ? 1 : 0)));
  }
}

const zerosOf = (type: ScalarType): Elements =>
  elementsOf(type, Xoshiro256.fromState(1n, 2n, 3n, 4n)).fill((type === 'i64' ? 0n : 0) as never);

const buffer = (name: string, type: ScalarType, access: string, alias: number): string =>
  `buffer ${name}: ${type}[${elementCount}] strides [1] ${access} alias ${alias}`;

/** Loads lanes of operands, computes, stores lanes of results, over the whole of the buffers. */
function kernelOf(operation: OperationName, element: ScalarType, count: number): string {
  const { operands, result } = signatureOf(operation, withLanes(element, count))!;
  const names = operands.map((_, index) => `in${index}`);
  return inKernel(
    '',
    '',
    [
      buffer('out', elementOf(result), 'write', 0),
      ...operands.map((type, index) => buffer(names[index]!, elementOf(type), 'read', index + 1)),
    ].join('\n'),
    `for @l %i from 0 step ${count} < ${elementCount} () {
      ${operands.map((type, index) => `%x${index}: ${type} = load in${index}[%i]`).join('\n')}
      %r = ${operation}.${withLanes(element, count)} ${operands.map((_, index) => `%x${index}`).join(' ')}
      store out[%i] %r
      yield []
    }
    return []`,
  );
}

describe('lanes compute as the interpreter does', () => {
  const random = Xoshiro256.fromState(5n, 6n, 7n, 8n);

  it.each(operations)('%s', (operation) => {
    const elements = scalarTypes.filter((element) => signatureOf(operation, element) !== undefined);
    expect(elements.length).toBeGreaterThan(0);
    for (const element of elements) {
      const { operands, result } = signatureOf(operation, element)!;
      for (const count of counts) {
        const inputs = operands.map((type) => elementsOf(elementOf(type), random));
        expectSame(kernelOf(operation, element, count), [], [zerosOf(elementOf(result)), ...inputs]);
      }
    }
  });

  it.each(['shl', 'shrS', 'shrU'] as const)('%s by one distance for all', (operation) => {
    for (const [type, count] of [
      ['i64', 2],
      ['i64', 8],
      ['i32', 2],
      ['i32', 16],
    ] as const) {
      const lanes = withLanes(type, count);
      for (const distance of [0, 1, 17, 31, 32, 33, 63, 64, -1]) {
        const text = inKernel(
          '',
          '',
          [buffer('out', type, 'write', 0), buffer('a', type, 'read', 1)].join('\n'),
          `%x: ${lanes} = load a[0]
          %r = ${operation}.${lanes} %x ${distance}
          store out[0] %r
          return []`,
        );
        expectSame(text, [], [zerosOf(type), elementsOf(type, random)]);
      }
    }
  });
});
