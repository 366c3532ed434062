// Histograms: each element looks for its bin among the edges, and each part of the array counts in bins of its own, which are added up.
import { UserError } from '../base/errors.js';
import { findUnknownOption } from '../base/nearest.js';
import { showValue } from '../base/show-value.js';
import { Builder, i64 } from '../ir/build.js';
import { Constant, Value } from '../ir/nodes.js';
import type { Buffer, Kernel } from '../ir/nodes.js';
import { flatten, full, fromValues, linspace } from './create.js';
import { isNumericDType } from './dtypes.js';
import { Node } from './expressions.js';
import { arrayOf, nodeOf } from './handle.js';
import { leaveUnless } from './loops.js';
import type { NDArray } from './ndarray.js';
import { cast, expectDType } from './operands.js';
import { partLength, partsOf } from './radix.js';
import { max, min, sum } from './reductions.js';
import { storedOf } from './run.js';
import type { OwnKernels } from './step.js';
import { showShape } from './layout.js';

const one = new Constant('i64', 1n);

/** Parameters: parts, elements, elements of a part, bins. Buffers: elements, edges (one more than bins, in order), counts of each part. */
function histogramKernel(): Kernel {
  const names = ['parts', 'n', 'length', 'bins', 'edgeCount'];
  const parameters = names.map((name) => new Value('i64', name));
  const [parts, n, length, bins, edgeCount] = parameters as [Value, Value, Value, Value, Value];
  const part = new Value('i64', 'p');
  const strides = [i64(1)];
  const source: Buffer = { name: 'a', storage: 'f64', shape: [n], strides, access: 'read', aliasClass: 0 };
  const edges: Buffer = { name: 'edges', storage: 'f64', shape: [edgeCount], strides, access: 'read', aliasClass: 1 };
  const counts: Buffer = {
    name: 'counts',
    storage: 'i64',
    shape: [parts, bins],
    strides: [bins, i64(1)],
    access: 'both',
    aliasClass: 2,
  };
  const b = new Builder();
  const first = b.pure('mul', 'i64', [part, length], 'first');
  const count = b.pure('min', 'i64', [length, b.pure('sub', 'i64', [n, first])], 'count');
  const least = b.load(edges, [i64(0)], 'f64');
  const greatest = b.load(edges, [bins], 'f64');
  b.for('clear', { index: 'b', count: bins }, (inner, bin) => {
    inner.store(counts, [part, bin], i64(0));
    return [];
  });
  b.for('count', { index: 'i', count }, (inner, offset) => {
    const element = inner.load(source, [inner.pure('add', 'i64', [first, offset])], 'f64');
    const isInside = inner.pure('and', 'bool', [
      inner.pure('ge', 'f64', [element, least]),
      inner.pure('le', 'f64', [element, greatest]),
    ]);
    const start = [
      ['low', 'i64', i64(0)],
      ['high', 'i64', bins],
    ] as const;
    // The last bin whose lower edge is not above the element; the greatest edge belongs to the last bin.
    const [bin] = inner.loop('halve', start, ['i64'], (half, [low, high]) => {
      const next = half.pure('add', 'i64', [low!, one]);
      leaveUnless(half, half.pure('lt', 'i64', [next, high!]), 'halve', [low!]);
      const middle = half.pure('shrU', 'i64', [half.pure('add', 'i64', [low!, high!]), one], 'middle');
      const isBelow = half.pure('lt', 'f64', [element, half.load(edges, [middle], 'f64')]);
      const operands = [
        half.pure('select', 'i64', [isBelow, low!, middle]),
        half.pure('select', 'i64', [isBelow, middle, high!]),
      ];
      return { kind: 'yield', operands };
    });
    const before = inner.load(counts, [part, bin!], 'i64');
    const more = inner.pure('extendS', 'bool', [isInside]);
    inner.store(counts, [part, bin!], inner.pure('add', 'i64', [before, more]));
    return [];
  });
  return {
    name: 'histogram',
    parameters,
    buffers: [source, edges, counts],
    dimensions: [{ index: part, extent: parts, owned: [] }],
    reductions: [],
    results: [],
    body: b.region({ kind: 'yield', operands: [] }),
  };
}

export interface HistogramOptions {
  /** How many bins of equal width, 10 by default; or their edges, in order, one more than bins. */
  readonly bins?: number | readonly number[] | NDArray;
  /** From where to where bins of equal width go; by default from the least to the greatest element. */
  readonly range?: readonly [number, number];
}

/** How many elements fall into each bin, and the bins' edges. A bin has its lower edge, and the last one has both. */
export function histogram(
  array: NDArray,
  options: HistogramOptions = {},
): { readonly counts: NDArray<'int64'>; readonly edges: NDArray<'float64'> } {
  const unknown = findUnknownOption(options, ['bins', 'range']);
  if (unknown) throw new UserError('ARRAY011', `histogram has no option ${unknown.name}`, { fix: unknown.fix });
  const given = nodeOf(array, 'histogram');
  expectDType(given.dtype, isNumericDType, 'histogram', 'numbers');
  const node = cast(flatten(given), 'float64');
  const edges = edgesOf(node, options);
  const bins = edges.size - 1;
  if (node.size === 0) return { counts: arrayOf(full([bins], 0, 'int64')), edges: arrayOf(edges) };
  const [length, parts] = [partLength(node.size), partsOf(node.size)];
  const own: OwnKernels = {
    reason: 'its bins are counted part by part',
    steps: (stored, target) => [
      {
        key: 'histogram',
        kernel: histogramKernel,
        buffers: [...stored, target],
        scalars: [parts, node.size, length, bins, bins + 1],
      },
    ],
  };
  const counts = new Node([parts, bins], 'int64', { kind: 'kernels', operands: [node, edges], own });
  return { counts: arrayOf(sum(counts, 0)), edges: arrayOf(edges) };
}

function edgesOf(node: Node, { bins = 10, range }: HistogramOptions): Node {
  if (typeof bins !== 'number') {
    const edges = Array.isArray(bins) ? fromValues(bins) : nodeOf(bins, 'histogram');
    return checkEdges(cast(edges, 'float64'));
  }
  if (!Number.isSafeInteger(bins) || bins < 1) {
    throw new UserError('ARRAY001', `histogram cannot have ${showValue(bins)} bins`, {
      fix: 'give a count, such as 10',
    });
  }
  const [low, high] = range ?? extentOf(node);
  if (!(Number.isFinite(low) && Number.isFinite(high) && low <= high)) {
    throw new UserError('ARRAY001', `there are no bins from ${showValue(low)} to ${showValue(high)}`, {
      note:
        range === undefined
          ? 'these are the least and the greatest element'
          : 'the range is finite, and its end is not below its start',
      fix: range === undefined ? 'give a range: { range: [0, 1] }' : 'give two numbers in order, such as [0, 1]',
    });
  }
  // As NumPy does: bins of some width around a single number.
  const edges = low === high ? linspace(low - 0.5, high + 0.5, bins + 1) : linspace(low, high, bins + 1);
  storedOf(edges);
  return edges;
}

function extentOf(node: Node): [number, number] {
  if (node.size === 0) return [0, 1];
  const value = (of: Node): number => {
    const { place, offset } = storedOf(of);
    return Number(place.elements()[offset]);
  };
  return [value(min(node)), value(max(node))];
}

function checkEdges(edges: Node): Node {
  const { place, offset, strides } = storedOf(edges);
  const elements = place.elements();
  const isInOrder = Array.from({ length: Math.max(0, edges.size - 1) }, (_, i) => offset + i * (strides[0] ?? 1)).every(
    (at) => elements[at]! <= elements[at + (strides[0] ?? 1)]!,
  );
  if (edges.shape.length === 1 && edges.size >= 2 && isInOrder) return edges;
  throw new UserError('ARRAY001', `edges of the shape ${showShape(edges.shape)} are none of a histogram`, {
    note: 'edges are at least two numbers on one axis, none of them below the one before',
    fix: 'sort them first, or give a count of bins',
  });
}
