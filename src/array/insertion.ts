// Short rows in order, by insertion: each row takes its elements one after the other, and moves what is greater aside. For some ten elements
// nothing is faster, and threads share out the rows. The order is that of radix.ts.
import { Builder, i64 } from '../ir/build.js';
import { Value } from '../ir/nodes.js';
import type { Buffer, Kernel, Operand } from '../ir/nodes.js';
import { dtypes, valueTypeOf } from './dtypes.js';
import type { DType } from './dtypes.js';
import { inOrder } from './element-operations.js';
import { leaveUnless } from './loops.js';

/** Rows up to this length: beyond it, moving aside costs more than counting digits. */
export const longestInserted = 128;

/** Is `a` before `b`, as NumPy orders, with NaN behind all numbers? */
export function isBefore(b: Builder, dtype: DType, x: Operand, y: Operand): Operand {
  const type = valueTypeOf(dtype);
  if (dtype === 'bool')
    return b.pure(
      'lt',
      'i32',
      [x, y].map((each) => b.pure('toI32', 'bool', [each])),
    );
  const isLess = b.pure('lt', type, inOrder(b, dtype, [x, y]));
  if (dtypes[dtype].kind !== 'float') return isLess;
  const isNumber = b.pure('eq', type, [x, x]);
  const isNaN = b.pure('ne', type, [y, y]);
  return b.pure('or', 'bool', [isLess, b.pure('and', 'bool', [isNumber, isNaN])]);
}

/** Parameters: rows, elements of a row. Buffers: elements, and what comes out of them: the elements in order, or their places as int64. */
export function insertionKernel(dtype: DType, isDescending: boolean, gives: 'elements' | 'places'): Kernel {
  const b = new Builder();
  const [rows, n, row] = ['rows', 'n', 'row'].map((name) => new Value('i64', name)) as [Value, Value, Value];
  const type = valueTypeOf(dtype);
  const parts = { shape: [rows, n], strides: [n, i64(1)] };
  const source: Buffer = { name: 'a', storage: dtypes[dtype].storage, ...parts, access: 'read', aliasClass: 0 };
  const storage = gives === 'elements' ? source.storage : 'i64';
  const target: Buffer = { name: 'out', storage, ...parts, access: 'both', aliasClass: 1 };
  const targetType = gives === 'elements' ? type : 'i64';
  b.for('insert', { index: 'i', count: n }, (outer, place) => {
    const element = outer.load(source, [row, place], type);
    const [free] = outer.loop('aside', [['j', 'i64', place]], ['i64'], (inner, [to]) => {
      const before = inner.pure('sub', 'i64', [to!, i64(1)]);
      const isInside = inner.pure('ge', 'i64', [before, i64(0)]);
      leaveUnless(inner, isInside, 'aside', [to!]);
      const found = inner.load(target, [row, before], targetType);
      const other = gives === 'elements' ? found : inner.load(source, [row, found], type);
      const pair = isDescending ? ([other, element] as const) : ([element, other] as const);
      leaveUnless(inner, isBefore(inner, dtype, ...pair), 'aside', [to!]);
      inner.store(target, [row, to!], found);
      return { kind: 'yield', operands: [before] };
    });
    outer.store(target, [row, free!], gives === 'elements' ? element : place);
    return [];
  });
  return {
    name: 'insertion',
    parameters: [rows, n],
    buffers: [source, target],
    dimensions: [{ index: row, extent: rows, owned: [] }],
    reductions: [],
    results: [],
    body: b.region({ kind: 'yield', operands: [] }),
  };
}
