// Elements picked by their places on an axis, as a kernel: each place is checked, and may be counted from the end.
import { Builder, i64 } from '../ir/build.js';
import { Value } from '../ir/nodes.js';
import type { Buffer, Kernel, Operand } from '../ir/nodes.js';
import { dtypes, valueTypeOf } from './dtypes.js';
import type { DType } from './dtypes.js';
import { sizeOf } from './layout.js';
import type { Shape } from './layout.js';
import type { OwnKernels } from './step.js';

/** Elements of a source of that shape, picked by so many places on an axis. */
export const takeOf = (dtype: DType, shape: Shape, axis: number, count: number): OwnKernels => ({
  reason: 'its elements are picked one by one',
  steps: ([elements, places], target) => {
    const [outer, inner] = [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis + 1))];
    const length = shape[axis]!;
    return [
      {
        key: `take ${dtype} ${outer < count ? 'by place' : 'by row'}`,
        kernel: () => takeKernel(dtype, outer < count),
        buffers: [elements!, places!, target],
        scalars: [outer, count, inner, length, length * inner, count * inner],
      },
    ];
  },
});

/** Of each row the elements at the places that its row of places names. */
export const takeAlongOf = (dtype: DType, length: number, count: number): OwnKernels => ({
  reason: 'its elements are picked one by one',
  steps: ([elements, places], target) => {
    const rows = target.place.length / count;
    return [
      {
        key: `take along ${dtype} ${rows < count ? 'by place' : 'by row'}`,
        kernel: () => takeAlongKernel(dtype, rows < count),
        buffers: [elements!, places!, target],
        scalars: [rows, count, length],
      },
    ];
  },
});

/** Of several arrays of places, one for each of some axes that follow each other, the places on the one axis that these make together. */
export const jointPlacesOf = (lengths: readonly number[]): OwnKernels => ({
  reason: 'its places are looked up one by one',
  steps: (arrays, target) => [
    {
      key: `places on ${lengths.length} axes`,
      kernel: () => jointPlacesKernel(lengths.length),
      buffers: [...arrays, target],
      scalars: [target.place.length, ...lengths],
    },
  ],
});

/** Parameters: places, and the length of each axis. Buffers: places on each axis, results. */
function jointPlacesKernel(axes: number): Kernel {
  const count = new Value('i64', 'count');
  const lengths = Array.from({ length: axes }, (_, axis) => new Value('i64', `n${axis}`));
  const list = (name: string, access: 'read' | 'write', aliasClass: number): Buffer => {
    return { name, storage: 'i64', shape: [count], strides: [i64(1)], access, aliasClass };
  };
  const sources = lengths.map((_, axis) => list(`a${axis}`, 'read', axis));
  const target = list('out', 'write', axes);
  const index = new Value('i64', 'i');
  const b = new Builder();
  const place = lengths.reduce<Operand>((outer, length, axis) => {
    const own = placeFrom(b, b.load(sources[axis]!, [index], 'i64'), length);
    return axis === 0 ? own : b.pure('add', 'i64', [b.pure('mul', 'i64', [outer, length]), own]);
  }, i64(0));
  b.store(target, [index], place);
  return {
    name: 'places',
    parameters: [count, ...lengths],
    buffers: [...sources, target],
    dimensions: [{ index, extent: count, owned: [] }],
    reductions: [],
    results: [],
    body: b.region({ kind: 'yield', operands: [] }),
  };
}

/** The place that a number means, which may be counted from the end; checked. */
function placeFrom(b: Builder, given: Operand, length: Operand): Operand {
  const isBehind = b.pure('lt', 'i64', [given, i64(0)]);
  const place = b.pure('select', 'i64', [isBehind, b.pure('add', 'i64', [given, length]), given]);
  const isInside = b.pure('and', 'bool', [b.pure('ge', 'i64', [place, i64(0)]), b.pure('lt', 'i64', [place, length])]);
  b.add({ kind: 'check', condition: isInside, site: 0, index: given, length, source: -1 });
  return place;
}

/** Parameters: rows, places of a row, elements of a row. Buffers: elements, places, results. Threads share out the outer dimension. */
function takeAlongKernel(dtype: DType, isByPlace: boolean): Kernel {
  const [rows, count, length] = ['rows', 'count', 'n'].map((name) => new Value('i64', name)) as [Value, Value, Value];
  const [row, column] = [new Value('i64', 'i'), new Value('i64', 'j')];
  const { storage } = dtypes[dtype];
  const rowsOf = (
    name: string,
    of: Operand,
    aliasClass: number,
  ): Pick<Buffer, 'name' | 'shape' | 'strides' | 'aliasClass'> => ({
    name,
    shape: [rows, of],
    strides: [of, i64(1)],
    aliasClass,
  });
  const source: Buffer = { ...rowsOf('a', length, 0), storage, access: 'read' };
  const places: Buffer = { ...rowsOf('places', count, 1), storage: 'i64', access: 'read' };
  const target: Buffer = { ...rowsOf('out', count, 2), storage, access: 'write' };
  const b = new Builder();
  const place = placeFrom(b, b.load(places, [row, column], 'i64'), length);
  b.store(target, [row, column], b.load(source, [row, place], valueTypeOf(dtype)));
  const dimensions = [
    { index: row, extent: rows, owned: [] },
    { index: column, extent: count, owned: [] },
  ];
  return {
    name: 'takeAlong',
    parameters: [rows, count, length],
    buffers: [source, places, target],
    dimensions: isByPlace ? dimensions.toReversed() : dimensions,
    reductions: [],
    results: [],
    body: b.region({ kind: 'yield', operands: [] }),
  };
}

/** Parameters: how many outer places, places that are picked, inner places, and places that there are. Buffers: elements, places, results. */
function takeKernel(dtype: DType, isByPlace: boolean): Kernel {
  const parameters = ['outer', 'count', 'inner', 'n'].map((name) => new Value('i64', name));
  const [outer, count, inner, length] = parameters as [Value, Value, Value, Value];
  const b = new Builder();
  const indices = ['i', 'j', 'k'].map((name) => new Value('i64', name));
  const [i, j, k] = indices as [Value, Value, Value];
  const { storage } = dtypes[dtype];
  const rowStride = new Value('i64', 'row');
  const outRowStride = new Value('i64', 'outRow');
  parameters.push(rowStride, outRowStride);
  const elements = (
    name: string,
    shape: readonly Operand[],
    stride: Operand,
    access: 'read' | 'write',
    aliasClass: number,
  ): Buffer => {
    return { name, storage, shape, strides: [stride, inner, i64(1)], access, aliasClass };
  };
  const source = elements('a', [outer, length, inner], rowStride, 'read', 0);
  const target = elements('out', [outer, count, inner], outRowStride, 'write', 2);
  const places: Buffer = {
    name: 'places',
    storage: 'i64',
    shape: [count],
    strides: [i64(1)],
    access: 'read',
    aliasClass: 1,
  };
  const place = placeFrom(b, b.load(places, [j], 'i64'), length);
  b.store(target, [i, j, k], b.load(source, [i, place, k], valueTypeOf(dtype)));
  const extents = [outer, count, inner];
  return {
    name: 'take',
    parameters,
    buffers: [source, places, target],
    dimensions: (isByPlace ? [1, 0, 2] : [0, 1, 2]).map((d) => ({
      index: indices[d]!,
      extent: extents[d]!,
      owned: [],
    })),
    reductions: [],
    results: [],
    body: b.region({ kind: 'yield', operands: [] }),
  };
}
