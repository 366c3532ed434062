// What an array is made of until its numbers are needed: a graph of nodes, each with a shape and a dtype, whose definitions say how an
// element comes about. Once a node has been computed its definition is where the numbers lie, so that what it was made of can be freed.
import type { Scalar } from '../ir/operations.js';
import type { DType } from './dtypes.js';
import type { ElementOperation } from './element-operations.js';
import { sizeOf } from './layout.js';
import type { Shape } from './layout.js';
import type { Place } from './place.js';
import type { OwnKernels } from './step.js';

/** Which element of a source axis a place of the result means: `offset` + `step` times the index on `axis` of the result; −1 for none. */
export interface AxisMap {
  readonly offset: number;
  readonly axis: number;
  readonly step: number;
}

/** One for each axis of the source. */
export type Access = readonly AxisMap[];

export type ReduceOperator = 'add' | 'mul' | 'min' | 'max' | 'and' | 'or' | 'count' | 'argLeast' | 'argGreatest';

/** Elements of a place; the one at [0, 0, …] lies at `offset`. */
export interface Stored {
  readonly kind: 'stored';
  readonly place: Place;
  readonly strides: readonly number[];
  readonly offset: number;
}

export type Definition =
  | Stored
  | { readonly kind: 'scalar'; readonly value: Scalar }
  /** The index on the only axis. */
  | { readonly kind: 'iota' }
  /** A raw draw for each element: [0, 1) in floats, 64 bits in uint64 (docs/random.md, 14 and 15). */
  | { readonly kind: 'draw'; readonly key: bigint }
  | { readonly kind: 'apply'; readonly operation: ElementOperation; readonly operands: readonly Node[] }
  | { readonly kind: 'view'; readonly source: Node; readonly access: Access }
  /** The elements of the source in C order. */
  | { readonly kind: 'reshape'; readonly source: Node }
  /** Over the axes, in ascending order; the result has the other ones. */
  | {
      readonly kind: 'reduce';
      readonly operator: ReduceOperator;
      readonly source: Node;
      readonly axes: readonly number[];
    }
  /** Parts that follow each other on an axis. */
  | { readonly kind: 'concat'; readonly parts: readonly Node[]; readonly axis: number }
  /** What kernels of its own make of operands. */
  | { readonly kind: 'kernels'; readonly operands: readonly Node[]; readonly own: OwnKernels };

export function operandsOf(definition: Definition): readonly Node[] {
  switch (definition.kind) {
    case 'stored':
    case 'scalar':
    case 'iota':
    case 'draw':
      return [];
    case 'apply':
    case 'kernels':
      return definition.operands;
    case 'concat':
      return definition.parts;
    default:
      return [definition.source];
  }
}

/** Reductions over so few elements are written out where they are used. */
export const unrolledLength = 8;

/** How many elements the reduction puts together for each of its results. */
export const reducedLength = (source: Node, axes: readonly number[]): number =>
  axes.reduce((length, axis) => length * source.shape[axis]!, 1);

export class Node {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly size: number;
  /** How many nodes follow each other from here to the farthest leaf, and how many operations are written out for an element. */
  depth: number;
  weight: number;
  /** Does another expression, or another array, use this node, or did somebody get at its memory? Then it cannot be written over. */
  isHeld = false;
  /** Arrays that people hold of it. */
  handles = 0;
  #definition: Definition;

  constructor(shape: Shape, dtype: DType, definition: Definition) {
    this.shape = shape;
    this.dtype = dtype;
    this.size = sizeOf(shape);
    this.#definition = definition;
    if (definition.kind === 'stored') definition.place.holders++;
    const operands = operandsOf(definition);
    let [depth, weight] = [0, 1];
    for (const operand of operands) {
      operand.isHeld = true;
      depth = Math.max(depth, operand.depth + 1);
      weight += operand.weight;
    }
    this.depth = depth;
    this.weight = definition.kind === 'reduce' ? weightOfReduction(definition.source, definition.axes) : weight;
  }

  get definition(): Definition {
    return this.#definition;
  }

  /** Its numbers lie there now. */
  store(stored: Stored): void {
    this.#definition = stored;
    stored.place.holders++;
    [this.depth, this.weight] = [0, 1];
  }
}

function weightOfReduction(source: Node, axes: readonly number[]): number {
  const length = reducedLength(source, axes);
  return length > unrolledLength ? 1 : 1 + length * source.weight;
}

export const scalarNode = (dtype: DType, value: Scalar): Node => new Node([], dtype, { kind: 'scalar', value });

export const apply = (operation: ElementOperation, dtype: DType, shape: Shape, operands: readonly Node[]): Node =>
  new Node(shape, dtype, { kind: 'apply', operation, operands });

/** Every axis as it is. */
export const wholeAccess = (shape: Shape): Access => shape.map((_, axis) => ({ offset: 0, axis, step: 1 }));

/** The axes of a source as seen through a view of a view. */
export function composeAccess(outer: Access, inner: Access): Access {
  return inner.map(({ offset, axis, step }) => {
    if (axis < 0) return { offset, axis, step: 0 };
    const through = outer[axis]!;
    return { offset: offset + step * through.offset, axis: through.axis, step: step * through.step };
  });
}

export function view(source: Node, shape: Shape, access: Access): Node {
  const { definition } = source;
  if (definition.kind === 'view')
    return new Node(shape, source.dtype, {
      kind: 'view',
      source: definition.source,
      access: composeAccess(access, definition.access),
    });
  return new Node(shape, source.dtype, { kind: 'view', source, access });
}
