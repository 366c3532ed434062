// Running sums and products along rows, as a kernel: one row after the other in parallel, each in leaves of 4096 as docs/numerics.md, 7, has it:
// an element is what all leaves before have come to, put together with what its own leaf has so far.
import { Builder, i64 } from '../ir/build.js';
import { blockLength, Value } from '../ir/nodes.js';
import type { Buffer, Kernel } from '../ir/nodes.js';
import { dtypes, valueTypeOf } from './dtypes.js';
import type { DType } from './dtypes.js';
import { constantOf, emitOperation } from './element-operations.js';
import type { OwnKernels } from './step.js';

/** Running sums or products of rows of that length. */
export const scanOf = (operator: 'add' | 'mul', dtype: DType, length: number): OwnKernels => ({
  reason: 'each of its elements needs those before it',
  steps: ([rows], target) => [
    {
      key: `scan ${operator} ${dtype}`,
      kernel: () => scanKernel(operator, dtype),
      buffers: [rows!, target],
      scalars: [target.place.length / length, length],
    },
  ],
});

/** Parameters: rows, elements of a row. Buffers: rows of elements that follow each other, and the same for the results. */
function scanKernel(operator: 'add' | 'mul', dtype: DType): Kernel {
  const type = valueTypeOf(dtype);
  const [rows, length] = [new Value('i64', 'rows'), new Value('i64', 'n')];
  const buffer = (name: string, access: 'read' | 'write', aliasClass: number): Buffer => {
    return {
      name,
      storage: dtypes[dtype].storage,
      shape: [rows, length],
      strides: [length, i64(1)],
      access,
      aliasClass,
    };
  };
  const [source, target] = [buffer('a', 'read', 0), buffer('out', 'write', 1)];
  const row = new Value('i64', 'i');
  const nothing = constantOf(dtype, 0);
  const b = new Builder();
  const rounded = b.pure('add', 'i64', [length, i64(blockLength - 1)]);
  const leaves = b.pure('shrS', 'i64', [rounded, i64(Math.log2(blockLength))], 'leaves');
  b.for('leaf', { index: 'l', count: leaves, carried: [['offset', type, nothing]] }, (inLeaf, leaf, [offset]) => {
    const start = inLeaf.pure('mul', 'i64', [leaf, i64(blockLength)], 'start');
    const left = inLeaf.pure('sub', 'i64', [length, start], 'left');
    const count = inLeaf.pure('min', 'i64', [left, i64(blockLength)], 'count');
    const isFirstLeaf = inLeaf.pure('eq', 'i64', [leaf, i64(0)], 'isFirstLeaf');
    const carried = [
      ['prefix', type, nothing],
      ['last', type, nothing],
    ] as const;
    const [, last] = inLeaf.for('element', { index: 'j', count, carried }, (inner, place, [before]) => {
      const position = inner.pure('add', 'i64', [start, place]);
      const element = inner.load(source, [row, position], type);
      const more = emitOperation(inner, operator, [dtype, dtype], dtype, [before!, element]);
      // The first one as it is, so that −0 stays.
      const isFirst = inner.pure('eq', 'i64', [place, i64(0)]);
      const prefix = inner.pure('select', type, [isFirst, element, more]);
      const whole = emitOperation(inner, operator, [dtype, dtype], dtype, [offset!, prefix]);
      const result = inner.pure('select', type, [isFirstLeaf, prefix, whole]);
      inner.store(target, [row, position], result);
      return [prefix, result];
    });
    return [last!];
  });
  return {
    name: 'scan',
    parameters: [rows, length],
    buffers: [source, target],
    dimensions: [{ index: row, extent: rows, owned: [] }],
    reductions: [],
    results: [],
    body: b.region({ kind: 'yield', operands: [] }),
  };
}
