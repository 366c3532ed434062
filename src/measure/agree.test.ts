// When answers count as the same, and that what is copied for the comparison is out of everyone's reach.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSameAnswer } from './agree.js';
import { copyData } from './copy-data.js';

const cycle = (label: string): unknown => {
  const node: Record<string, unknown> = { label };
  node['self'] = [node];
  return node;
};
const shared = { x: 1 };
const viewOf = (bytes: number[]): DataView => new DataView(new Uint8Array(bytes).buffer);

describe('exact', () => {
  test.each<[string, unknown, unknown]>([
    ['NaN', NaN, NaN],
    ['infinities', -Infinity, -Infinity],
    ['strings', 'a', 'a'],
    ['bigints', 2n ** 70n, 2n ** 70n],
    ['null', null, null],
    ['undefined', undefined, undefined],
    ['arrays', [1, [NaN, 'b']], [1, [NaN, 'b']]],
    ['typed arrays', new Float32Array([1, NaN]), new Float32Array([1, NaN])],
    ['typed arrays of different buffers', new Int8Array(new ArrayBuffer(8), 4, 2), new Int8Array(2)],
    ['bigint arrays', new BigInt64Array([1n]), new BigInt64Array([1n])],
    ['nested objects', { a: { b: [1, { c: 2 }] } }, { a: { b: [1, { c: 2 }] } }],
    ['objects with keys in another order', { a: 1, b: 2 }, { b: 2, a: 1 }],
    ['maps', new Map([[1, { a: 2 }]]), new Map([[1, { a: 2 }]])],
    ['sets', new Set(['a']), new Set(['a'])],
    ['dates', new Date(5), new Date(5)],
    ['invalid dates', new Date(NaN), new Date(NaN)],
    ['buffers', new Uint8Array([1, 2]).buffer, new Uint8Array([1, 2]).buffer],
    ['data views', viewOf([1, 2]), viewOf([1, 2])],
    ['regular expressions', /a/g, /a/g],
    ['errors', new RangeError('x'), new RangeError('x')],
    ['boxed numbers', Object(-0), Object(-0)],
    ['cycles', cycle('a'), cycle('a')],
    ['one part twice, or two equal parts', [shared, shared], [{ x: 1 }, { x: 1 }]],
  ])('%s are the same', (_, a, b) => {
    expect(isSameAnswer(a, b, 'exact')).toBe(true);
    expect(isSameAnswer(b, a, 'exact')).toBe(true);
  });

  test.each<[string, unknown, unknown]>([
    ['−0 and 0', -0, 0],
    ['−0 and 0 inside', [new Float64Array([-0])], [new Float64Array([0])]],
    ['neighbouring doubles', 1, 1 + Number.EPSILON],
    ['number and string', 1, '1'],
    ['number and bigint', 1, 1n],
    ['null and undefined', null, undefined],
    ['null and object', null, {}],
    ['array and typed array', [1], new Float64Array([1])],
    ['element types', new Float32Array([1]), new Float64Array([1])],
    ['lengths', [1, 2], [1]],
    ['a missing key', { a: 1, b: undefined }, { a: 1 }],
    ['another key', { a: undefined }, { b: undefined }],
    ['nested values', { a: { b: [1] } }, { a: { b: [2] } }],
    ['map values', new Map([[1, 2]]), new Map([[1, 3]])],
    ['map keys', new Map([[1, 2]]), new Map([[2, 2]])],
    ['set members', new Set([1]), new Set([2])],
    ['map and set', new Map(), new Set()],
    ['dates', new Date(5), new Date(6)],
    ['buffers', new Uint8Array([1, 2]).buffer, new Uint8Array([1, 3]).buffer],
    ['data views', viewOf([1]), viewOf([2])],
    ['regular expressions', /a/, /b/],
    ['messages of errors', new Error('a'), new Error('b')],
    ['kinds of errors', new Error('a'), new RangeError('a')],
    ['boxed numbers', Object(1), Object(2)],
    ['cycles', cycle('a'), cycle('b')],
    ['a cycle and none', cycle('a'), { label: 'a', self: [{ label: 'a', self: [] }] }],
  ])('different %s are not', (_, a, b) => {
    expect(isSameAnswer(a, b, 'exact')).toBe(false);
    expect(isSameAnswer(b, a, 'exact')).toBe(false);
  });

  test('whatever cloning can copy is the same as its copy', () => {
    const anything = fc.anything({
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withBigInt: true,
      withSparseArray: true,
    });
    fc.assert(
      fc.property(anything, (value) => {
        const copy = copyData(value);
        expect(isSameAnswer(copyData(value), copy, 'exact')).toBe(true);
      }),
    );
  });

  test('numbers are the same exactly where Object.is says so', () => {
    fc.assert(
      fc.property(fc.double(), fc.double(), (a, b) => {
        expect(isSameAnswer([a], [b], 'exact')).toBe(Object.is(a, b));
        expect(isSameAnswer(new Float64Array([a]), new Float64Array([a]), 'exact')).toBe(true);
      }),
    );
  });
});

describe('a tolerance', () => {
  test.each([
    [1.05, 1, { rtol: 0.1 }, true],
    [1.2, 1, { rtol: 0.1 }, false],
    // Relative to the reference, the second: 0.1 of 100 is 10, of 89 it is not 11.
    [90, 100, { rtol: 0.1 }, true],
    [100, 90, { rtol: 0.1 }, false],
    [0.5, 0, { rtol: 1 }, false],
    [0.5, 0, { atol: 0.5 }, true],
    [0.51, 0, { atol: 0.5 }, false],
    [112, 100, { rtol: 0.1, atol: 2 }, true],
    [-0, 0, {}, true],
    [1, 1 + Number.EPSILON, {}, false],
    [NaN, NaN, {}, true],
    [NaN, 1, { atol: Infinity }, false],
    [Infinity, Infinity, {}, true],
    [Infinity, -Infinity, { rtol: 1 }, false],
    // Otherwise everything would be near infinity: |1 − ∞| ≤ 0.1 · ∞.
    [1, Infinity, { rtol: 0.1 }, false],
    [Infinity, 1, { atol: Infinity }, false],
  ])('%d is as good as %d within %j: %s', (answer, reference, tolerance, expected) => {
    expect(isSameAnswer(answer, reference, tolerance)).toBe(expected);
    expect(isSameAnswer({ a: [answer] }, { a: [reference] }, tolerance)).toBe(expected);
    expect(isSameAnswer(new Float64Array([answer]), new Float64Array([reference]), tolerance)).toBe(expected);
  });

  test('is for numbers only', () => {
    expect(isSameAnswer('a', 'b', { atol: Infinity })).toBe(false);
    expect(isSameAnswer([1, 2], [1], { atol: Infinity })).toBe(false);
  });
});

describe('copies', () => {
  test('share no memory, not even shared memory', () => {
    const block = new SharedArrayBuffer(32);
    const numbers = new Float64Array(block, 8, 2).fill(1);
    const view = new DataView(block, 8, 8);
    const value = { numbers, block, view, list: [numbers], map: new Map([['n', numbers]]), set: new Set([numbers]) };
    const copy = copyData(value) as typeof value;
    numbers.fill(2);
    expect(copy.numbers).toEqual(new Float64Array([1, 1]));
    expect(copy.numbers.buffer).not.toBeInstanceOf(SharedArrayBuffer);
    expect(copy.block).toBeInstanceOf(ArrayBuffer);
    expect(new Float64Array(copy.block)).toEqual(new Float64Array([0, 1, 1, 0]));
    expect(copy.view.getFloat64(0, true)).toBe(1);
    // What was one object is one object still.
    expect(copy.list[0]).toBe(copy.numbers);
    expect(copy.map.get('n')).toBe(copy.numbers);
    expect([...copy.set]).toEqual([copy.numbers]);
  });

  test('keep cycles, and what an error was caused by', () => {
    const node: { self?: unknown; memory: Uint8Array } = { memory: new Uint8Array(new SharedArrayBuffer(1)) };
    node.self = node;
    const copy = copyData(node) as typeof node;
    expect(copy.self).toBe(copy);
    const cause = { memory: node.memory };
    expect((copyData(new Error('x', { cause })) as Error).cause).toEqual({ memory: new Uint8Array(1) });
  });

  test.each<[string, unknown]>([
    ['functions', () => 1],
    ['promises', Promise.resolve(1)],
    ['symbols', [Symbol('s')]],
    ['compiled modules', new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))],
    ['blobs, deep inside', { a: [new Map([[1, new Blob(['x'])]])] }],
  ])('cannot be had of %s', (_, value) => {
    expect(() => copyData(value)).toThrow(/could not be cloned|cannot be sent/);
  });
});
