// Places in an array that is in order, as a kernel: each element halves the part in which its place can be until nothing is left of it.
import { Builder, i64 } from '../ir/build.js';
import { Value } from '../ir/nodes.js';
import type { Buffer, Kernel } from '../ir/nodes.js';
import { dtypes, valueTypeOf } from './dtypes.js';
import type { DType } from './dtypes.js';
import { isBefore } from './insertion.js';
import { leaveUnless } from './loops.js';

/** Parameters: elements that are looked for, and those that are in order. Buffers: what is in order, what is looked for, places. */
export function searchKernel(dtype: DType, side: 'left' | 'right'): Kernel {
  const b = new Builder();
  const [count, n, index] = ['count', 'n', 'i'].map((name) => new Value('i64', name)) as [Value, Value, Value];
  const { storage } = dtypes[dtype];
  const strides = [i64(1)];
  const among: Buffer = { name: 'a', storage, shape: [n], strides, access: 'read', aliasClass: 0 };
  const values: Buffer = { name: 'v', storage, shape: [count], strides, access: 'read', aliasClass: 1 };
  const target: Buffer = { name: 'out', storage: 'i64', shape: [count], strides, access: 'write', aliasClass: 2 };
  const type = valueTypeOf(dtype);
  const value = b.load(values, [index], type);
  const start = [
    ['low', 'i64', i64(0)],
    ['high', 'i64', n],
  ] as const;
  const [place] = b.loop('halve', start, ['i64'], (inner, [low, high]) => {
    leaveUnless(inner, inner.pure('lt', 'i64', [low!, high!]), 'halve', [low!]);
    const middle = inner.pure('shrU', 'i64', [inner.pure('add', 'i64', [low!, high!]), i64(1)], 'middle');
    const element = inner.load(among, [middle], type);
    // To the left all elements before it are less than the value; to the right none behind it is greater.
    const goesOn =
      side === 'left'
        ? isBefore(inner, dtype, element, value)
        : inner.pure('not', 'bool', [isBefore(inner, dtype, value, element)]);
    const behind = inner.pure('add', 'i64', [middle, i64(1)]);
    const operands = [
      inner.pure('select', 'i64', [goesOn, behind, low!]),
      inner.pure('select', 'i64', [goesOn, high!, middle]),
    ];
    return { kind: 'yield', operands };
  });
  b.store(target, [index], place!);
  return {
    name: 'search',
    parameters: [count, n],
    buffers: [among, values, target],
    dimensions: [{ index, extent: count, owned: [] }],
    reductions: [],
    results: [],
    body: b.region({ kind: 'yield', operands: [] }),
  };
}
