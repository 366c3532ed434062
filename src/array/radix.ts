// The kernels of a sort by digits, least significant first, of rows whose elements follow each other. A pass takes three: each part of a row
// counts its digits, the counts become the places where each part's elements of each digit go, and each part moves its elements there in
// order, so that a pass, and with it the sort, is stable. What is moved are the elements as they are: a digit is taken of a key that
// orders as NumPy does, NaN last, and −0 and 0 as equals, which keep their order.
import { Builder, f64, i64 } from '../ir/build.js';
import { Constant, Value } from '../ir/nodes.js';
import type { Buffer, Dimension, Kernel, Operand } from '../ir/nodes.js';
import { castElement } from './cast-elements.js';
import { dtypes, valueTypeOf } from './dtypes.js';
import type { DType } from './dtypes.js';
import { splitOrdinal } from './loops.js';

/** 256 places to write to at once stay in the nearest cache, 2048 do not. */
export const digitBits = 8;
const radix = 2 ** digitBits;

/** How many digits an element has: one pass for each. */
export const digitsOf = (dtype: DType): number => Math.ceil(dtypes[dtype].bits / digitBits);

/** Elements of a part: a row has at most 64, which are enough for many threads, and few enough to count. */
export const partLength = (length: number): number => Math.max(4096, Math.ceil(length / 64));
export const partsOf = (length: number): number => Math.ceil(length / partLength(length));
/** Counts of a row. */
export const countsOf = (length: number): number => partsOf(length) * radix;

const i32 = (value: number): Constant => new Constant('i32', value);

/** A number without sign, of i32 or i64, whose order is that of the elements. */
function orderedBits(b: Builder, dtype: DType, element: Operand): Operand {
  if (dtype === 'bool') return b.pure('toI32', 'bool', [element]);
  if (dtypes[dtype].kind === 'float') {
    const isWide = dtype === 'float64';
    const [type, bits] = isWide ? (['f64', 'i64'] as const) : (['f32', 'i32'] as const);
    const constant = (value: bigint): Constant => (isWide ? i64(value) : i32(Number(value)));
    // −0 + 0 is 0.
    const plain = b.pure('add', type, [element, isWide ? f64(0) : new Constant('f32', 0)]);
    const raw = b.pure(isWide ? 'bitsOfF64' : 'bitsOfF32', type, [plain]);
    const signs = b.pure('shrS', bits, [raw, constant(isWide ? 63n : 31n)]);
    const turned = b.pure('or', bits, [signs, constant(isWide ? -(2n ** 63n) : -(2n ** 31n))]);
    const key = b.pure('xor', bits, [raw, turned]);
    return b.pure('select', bits, [b.pure('ne', type, [plain, plain]), constant(-1n), key]);
  }
  if (dtypes[dtype].kind === 'unsigned') return element;
  if (dtype === 'int64') return b.pure('xor', 'i64', [element, i64(-(2n ** 63n))]);
  return b.pure('xor', 'i32', [element, i32(dtype === 'int32' ? -(2 ** 31) : 2 ** (dtypes[dtype].bits - 1))]);
}

/** The digit that begins at the bit `shift`, as a place among the counts. */
function digitOf(b: Builder, dtype: DType, element: Operand, shift: Value, isDescending: boolean): Operand {
  const key = orderedBits(b, dtype, element);
  const isWide = key.type === 'i64';
  const distance = isWide ? shift : b.pure('wrap', 'i64', [shift]);
  const type = isWide ? 'i64' : 'i32';
  const constant = (value: number): Constant => (isWide ? i64(value) : i32(value));
  const low = b.pure('shrU', type, [key, distance]);
  // What is greater comes first where all bits are turned over.
  const turned = isDescending ? b.pure('xor', type, [low, constant(-1)]) : low;
  const digit = b.pure('and', type, [turned, constant(radix - 1)]);
  return isWide ? digit : b.pure('extendU', 'i32', [digit]);
}

interface Parts {
  readonly parameters: readonly Value[];
  readonly dimension: Dimension;
  readonly buffer: (name: string, dtype: DType, access: Buffer['access'], aliasClass: number) => Buffer;
  readonly counts: Buffer;
  readonly shift: Value;
  readonly row: Operand;
  readonly part: Operand;
  /** Where the part begins in its row, and how many elements it has. */
  readonly first: Operand;
  readonly count: Operand;
}

/** All parts of all rows as one dimension, so that threads share out many parts of one row as well as many rows of one part. */
function partsIn(b: Builder): Parts {
  const names = ['all', 'rows', 'n', 'parts', 'length', 'shift'];
  const parameters = names.map((name) => new Value('i64', name));
  const [all, rows, n, parts, length, shift] = parameters as [Value, Value, Value, Value, Value, Value];
  const index = new Value('i64', 'p');
  const [row, part] = splitOrdinal(b, index, parts);
  const first = b.pure('mul', 'i64', [part, length], 'first');
  const count = b.pure('min', 'i64', [length, b.pure('sub', 'i64', [n, first])], 'count');
  return {
    parameters,
    dimension: { index, extent: all, owned: [] },
    buffer: (name, dtype, access, aliasClass) => ({
      name,
      storage: dtypes[dtype].storage,
      shape: [rows, n],
      strides: [n, i64(1)],
      access,
      aliasClass,
    }),
    counts: {
      name: 'counts',
      storage: 'i32',
      shape: [all, i64(radix)],
      strides: [i64(radix), i64(1)],
      access: 'both',
      aliasClass: 0,
    },
    shift,
    row,
    part: index,
    first,
    count,
  };
}

/** Parameters: parts of all rows, rows, elements of a row, parts of a row, elements of a part, first bit of the digit. Buffers: elements, counts. */
export function countDigitsKernel(dtype: DType, isDescending: boolean): Kernel {
  const b = new Builder();
  const { parameters, dimension, buffer, counts, shift, row, part, first, count } = partsIn(b);
  const source = buffer('a', dtype, 'read', 1);
  b.for('clear', { index: 'd', count: i64(radix) }, (inner, digit) => {
    inner.store(counts, [part, digit], i32(0));
    return [];
  });
  b.for('count', { index: 'i', count }, (inner, place) => {
    const element = inner.load(source, [row, inner.pure('add', 'i64', [first, place])], valueTypeOf(dtype));
    const digit = digitOf(inner, dtype, element, shift, isDescending);
    const before = inner.load(counts, [part, digit], 'i32');
    inner.store(counts, [part, digit], inner.pure('add', 'i32', [before, i32(1)]));
    return [];
  });
  const body = b.region({ kind: 'yield', operands: [] });
  return {
    name: 'countDigits',
    parameters,
    buffers: [source, counts],
    dimensions: [dimension],
    reductions: [],
    results: [],
    body,
  };
}

/** Parameters: rows, parts of a row. Buffer: counts, which become places. */
export function placeDigitsKernel(): Kernel {
  const b = new Builder();
  const [rows, parts] = [new Value('i64', 'rows'), new Value('i64', 'parts')];
  const row = new Value('i64', 'row');
  const stride = new Value('i64', 'rowStride');
  const counts: Buffer = {
    name: 'counts',
    storage: 'i32',
    shape: [rows, parts, i64(radix)],
    strides: [stride, i64(radix), i64(1)],
    access: 'both',
    aliasClass: 0,
  };
  b.for('digit', { index: 'd', count: i64(radix), carried: [['total', 'i32', i32(0)]] }, (outer, digit, [before]) =>
    outer.for('part', { index: 'p', count: parts, carried: [['next', 'i32', before!]] }, (inner, part, [place]) => {
      const here = inner.load(counts, [row, part, digit], 'i32');
      inner.store(counts, [row, part, digit], place!);
      return [inner.pure('add', 'i32', [place!, here])];
    }),
  );
  return {
    name: 'placeDigits',
    parameters: [rows, parts, stride],
    buffers: [counts],
    dimensions: [{ index: row, extent: rows, owned: [] }],
    reductions: [],
    results: [],
    body: b.region({ kind: 'yield', operands: [] }),
  };
}

/**
 * What else moves with the elements: nothing, or where each has come from. The first pass makes these places up, and the last one writes them
 * as int64, without the elements.
 */
export interface Moved {
  readonly elements: boolean;
  readonly origins: { readonly read: boolean; readonly write: 'int32' | 'int64' } | null;
}

/** Parameters as for counting. Buffers: places, elements, origins (if they are read), then elements and origins as they are written. */
export function moveDigitsKernel(dtype: DType, isDescending: boolean, moved: Moved): Kernel {
  const b = new Builder();
  const { parameters, dimension, buffer, counts, shift, row, part, first, count } = partsIn(b);
  const source = buffer('a', dtype, 'read', 1);
  const buffers = [counts, source];
  const { elements, origins } = moved;
  const add = (made: Buffer): Buffer => (buffers.push(made), made);
  const originsBefore = origins?.read ? add(buffer('origins', 'int32', 'read', 2)) : undefined;
  const target = elements ? add(buffer('out', dtype, 'write', 3)) : undefined;
  const originsAfter = origins ? add(buffer('outOrigins', origins.write, 'write', 4)) : undefined;
  b.for('move', { index: 'i', count }, (inner, offset) => {
    const from = inner.pure('add', 'i64', [first, offset]);
    const element = inner.load(source, [row, from], valueTypeOf(dtype));
    const digit = digitOf(inner, dtype, element, shift, isDescending);
    const place = inner.load(counts, [part, digit], 'i32');
    inner.store(counts, [part, digit], inner.pure('add', 'i32', [place, i32(1)]));
    const to = inner.pure('extendU', 'i32', [place]);
    if (target) inner.store(target, [row, to], element);
    if (originsAfter) {
      const origin = originsBefore ? inner.load(originsBefore, [row, from], 'i32') : inner.pure('wrap', 'i64', [from]);
      inner.store(
        originsAfter,
        [row, to],
        castElement(inner, 'int32', originsAfter.storage === 'i64' ? 'int64' : 'int32', origin),
      );
    }
    return [];
  });
  const body = b.region({ kind: 'yield', operands: [] });
  return { name: 'moveDigits', parameters, buffers, dimensions: [dimension], reductions: [], results: [], body };
}
