// An expression, flattened into the operations for one element: views become affine functions of the indices of an iteration space, and
// what cannot be written out for an element (a large reduction, a concatenation) is cut off and becomes a load of what another kernel stores.
import type { Scalar } from '../ir/operations.js';
import { identityOf } from '../ir/reduce.js';
import { valueTypeOf } from './dtypes.js';
import type { DType } from './dtypes.js';
import type { ElementOperation } from './element-operations.js';
import { composeAccess, reducedLength, unrolledLength } from './expressions.js';
import type { Access, Node, ReduceOperator, Stored } from './expressions.js';
import { reshapeStrides, stridesOf } from './layout.js';
import type { Shape } from './layout.js';
import type { Place } from './place.js';

/** A number that each index of the iteration space moves by its stride. */
export interface Affine {
  readonly offset: number;
  readonly strides: readonly number[];
}

/** A raw draw: of which row of its array, and which column, for each place of the space (docs/random.md, 15). */
export interface DrawLeaf {
  readonly kind: 'draw';
  readonly node: Node;
  readonly key: bigint;
  readonly dtype: DType;
  readonly row: Affine;
  readonly column: Affine;
}

export type Instruction =
  | { readonly kind: 'load'; readonly place: Place; readonly dtype: DType; readonly at: Affine }
  | { readonly kind: 'scalar'; readonly dtype: DType; readonly value: Scalar }
  | { readonly kind: 'iota'; readonly dtype: DType; readonly at: Affine }
  | DrawLeaf
  | {
      readonly kind: 'apply';
      readonly operation: ElementOperation;
      readonly from: readonly DType[];
      readonly dtype: DType;
      readonly operands: readonly number[];
    };

/** What has been stored of a random array instead of being drawn again: columns from `firstColumn` on of some rows. */
export interface DrawWindow {
  readonly place: Place;
  readonly firstRow: number;
  readonly firstColumn: number;
  readonly columns: number;
}

export const drawBlock = 4096;

/** Length of the rows that begin blocks of their own; the whole array is one where its last axis is short, or made of whole blocks. */
export function rowLengthOf(node: Node): number {
  const last = node.shape.at(-1) ?? 1;
  return last < drawBlock || last % drawBlock === 0 ? node.size : last;
}

/** Beyond so many operations for an element, reductions are no longer written out. */
const mostWeight = 400;

export const isWrittenOut = (operator: ReduceOperator, source: Node, axes: readonly number[]): boolean =>
  reducedLength(source, axes) <= unrolledLength &&
  operator !== 'argLeast' &&
  operator !== 'argGreatest' &&
  source.weight * unrolledLength <= mostWeight;

/** What is repeated for so many elements, and takes so many operations, is dearer to compute for each of them than to read. */
const fewestRepeats = 4;
const fewestOperations = 32;

const isBetterStored = (operand: Node, node: Node): boolean =>
  operand.weight >= fewestOperations && operand.size > 0 && operand.size * fewestRepeats <= node.size;

/** What a fusion asks of the plan that it is a part of. */
export interface Storing {
  /** Where the elements of a node are, or will be when the kernel runs. */
  find(node: Node): Stored | undefined;
  /** Stores a node, as it lies already where that is possible, or with its elements following each other in C order. */
  cut(node: Node, isContiguous: boolean): Stored;
}

const noAccess: Access = [];

/** The place of an operand that is stretched to the shape of `node`. */
function broadcastAccess(node: Node, operand: Node, access: Access): Access {
  if (operand.shape.length === 0) return noAccess;
  const shift = node.shape.length - operand.shape.length;
  const isStretched = (axis: number): boolean => operand.shape[axis] === 1 && node.shape[axis + shift] !== 1;
  if (shift === 0 && operand.shape.every((_, axis) => !isStretched(axis))) return access;
  return operand.shape.map((_, axis) => (isStretched(axis) ? { offset: 0, axis: -1, step: 0 } : access[axis + shift]!));
}

export class Fusion {
  readonly instructions: Instruction[] = [];
  readonly #rank: number;
  readonly #storing: Storing;
  readonly #windows: ReadonlyMap<Node, DrawWindow>;
  readonly #known = new Map<string, number>();
  readonly #done = new Map<Node, { access: Access; shape: Shape; index: number }[]>();
  readonly #placeNumbers = new Map<unknown, number>();

  constructor(rank: number, storing: Storing, windows: ReadonlyMap<Node, DrawWindow>) {
    this.#rank = rank;
    this.#storing = storing;
    this.#windows = windows;
  }

  /** The number of the instruction that gives the element of `node` which `access` leads to. */
  build(node: Node, access: Access): number {
    return this.#once(node, access, node.shape, () => this.#build(node, access));
  }

  #once(node: Node, access: Access, shape: Shape, make: () => number): number {
    let done = this.#done.get(node);
    if (done === undefined) this.#done.set(node, (done = []));
    const before = done.find((each) => each.access === access && each.shape === shape);
    if (before !== undefined) return before.index;
    const index = make();
    done.push({ access, shape, index });
    return index;
  }

  #build(node: Node, access: Access): number {
    const { definition, dtype } = node;
    const stored = this.#storing.find(node);
    if (stored !== undefined) return this.#load(stored, dtype, access);
    switch (definition.kind) {
      case 'scalar':
        return this.#add({ kind: 'scalar', dtype, value: definition.value });
      case 'iota':
        return this.#add({ kind: 'iota', dtype, at: this.#affine([1], 0, access) });
      case 'draw':
        return this.#draw(node, definition.key, stridesOf(node.shape), access);
      case 'apply': {
        const operands = definition.operands.map((operand) => {
          const part = broadcastAccess(node, operand, access);
          return isBetterStored(operand, node)
            ? this.#load(this.#storing.cut(operand, false), operand.dtype, part)
            : this.build(operand, part);
        });
        const from = definition.operands.map((operand) => operand.dtype);
        return this.#add({ kind: 'apply', operation: definition.operation, from, dtype, operands });
      }
      case 'view':
        return this.build(definition.source, composeAccess(access, definition.access));
      case 'reshape':
        return this.#buildReshaped(definition.source, node.shape, access);
      case 'reduce':
        if (isWrittenOut(definition.operator, definition.source, definition.axes))
          return this.#writeOut(node, definition.operator, definition.source, definition.axes, access);
    }
    return this.#load(this.#storing.cut(node, false), dtype, access);
  }

  /** The element of `node`, seen in another shape of the same size. */
  #buildReshaped(node: Node, shape: Shape, access: Access): number {
    return this.#once(node, access, shape, () => {
      const { dtype } = node;
      // What is stored in between is no longer what it was made of.
      const definition = this.#storing.find(node) ?? node.definition;
      if (definition.kind === 'scalar') return this.build(node, []);
      if (definition.kind === 'draw' && rowLengthOf(node) === node.size)
        return this.#draw(node, definition.key, stridesOf(shape), access);
      if (definition.kind === 'reshape') return this.#buildReshaped(definition.source, shape, access);
      if (definition.kind === 'apply' && definition.operands.every(({ size }) => size === 1 || size === node.size)) {
        const operands = definition.operands.map((operand) =>
          operand.size === 1
            ? this.build(
                operand,
                operand.shape.map(() => ({ offset: 0, axis: -1, step: 0 })),
              )
            : this.#buildReshaped(operand, shape, access),
        );
        const from = definition.operands.map((operand) => operand.dtype);
        return this.#add({ kind: 'apply', operation: definition.operation, from, dtype, operands });
      }
      const stored = this.#storing.cut(node, false);
      const strides = reshapeStrides(node.shape, stored.strides, shape);
      if (strides !== undefined) return this.#load({ ...stored, strides }, dtype, access);
      return this.#load(this.#storing.cut(node, true), dtype, access, stridesOf(shape));
    });
  }

  #writeOut(node: Node, operator: ReduceOperator, source: Node, axes: readonly number[], access: Access): number {
    const { dtype } = node;
    const length = reducedLength(source, axes);
    const elements = Array.from({ length }, (_, ordinal) => {
      const fixed = new Map<number, number>();
      let rest = ordinal;
      for (const axis of axes.toReversed()) {
        fixed.set(axis, rest % source.shape[axis]!);
        rest = Math.floor(rest / source.shape[axis]!);
      }
      let kept = 0;
      const inner = source.shape.map((_length, axis) => {
        const offset = fixed.get(axis);
        return offset === undefined ? access[kept++]! : { offset, axis: -1, step: 0 };
      });
      const element = this.build(source, inner);
      return operator === 'count' ? this.#apply('cast', [source.dtype], dtype, [element]) : element;
    });
    const operation = operator === 'count' ? 'add' : (operator as ElementOperation);
    const combine = (a: number, b: number): number => this.#apply(operation, [dtype, dtype], dtype, [a, b]);
    if (elements.length === 0) {
      const value = identityOf({ name: '', operator, element: valueTypeOf(dtype), partials: 1 });
      return this.#add({ kind: 'scalar', dtype, value });
    }
    // The tree of docs/numerics.md, 7: over other axes than the last one in order, over that one by halves.
    if (axes.at(-1) !== source.shape.length - 1) return elements.reduce(combine);
    const partials: (number | undefined)[] = [...elements];
    for (let half = unrolledLength / 2; half >= 1; half /= 2) {
      for (let index = 0; index < half; index++) {
        const other = partials[index + half];
        if (other !== undefined) partials[index] = combine(partials[index]!, other);
        partials[index + half] = undefined;
      }
    }
    return partials[0]!;
  }

  #apply(operation: ElementOperation, from: readonly DType[], dtype: DType, operands: readonly number[]): number {
    return this.#add({ kind: 'apply', operation, from, dtype, operands });
  }

  #load(stored: Stored, dtype: DType, access: Access, strides = stored.strides): number {
    stored.place.assertAlive();
    return this.#add({ kind: 'load', place: stored.place, dtype, at: this.#affine(strides, stored.offset, access) });
  }

  #draw(node: Node, key: bigint, strides: readonly number[], access: Access): number {
    const rowLength = rowLengthOf(node);
    const isOneRow = rowLength === node.size;
    const last = strides.length - 1;
    const rowStrides = strides.map((stride, axis) => (isOneRow || axis === last ? 0 : stride / rowLength));
    const columnStrides = strides.map((stride, axis) => (isOneRow || axis === last ? stride : 0));
    const row = this.#affine(rowStrides, 0, access);
    const column = this.#affine(columnStrides, 0, access);
    const part = this.#windows.get(node);
    if (part === undefined) return this.#add({ kind: 'draw', node, key, dtype: node.dtype, row, column });
    const { place, firstRow, firstColumn, columns } = part;
    const offset = (row.offset - firstRow) * columns + column.offset - firstColumn;
    const at = { offset, strides: row.strides.map((stride, axis) => stride * columns + column.strides[axis]!) };
    return this.#add({ kind: 'load', place, dtype: node.dtype, at });
  }

  #affine(strides: readonly number[], start: number, access: Access): Affine {
    let offset = start;
    const result = Array.from({ length: this.#rank }, () => 0);
    for (const [sourceAxis, map] of access.entries()) {
      offset += strides[sourceAxis]! * map.offset;
      if (map.axis >= 0) result[map.axis]! += strides[sourceAxis]! * map.step;
    }
    return { offset, strides: result };
  }

  /** Adds an instruction, unless there is one that gives the same. */
  #add(instruction: Instruction): number {
    const key = this.#keyOf(instruction);
    const before = this.#known.get(key);
    if (before !== undefined) return before;
    const index = this.instructions.push(instruction) - 1;
    this.#known.set(key, index);
    return index;
  }

  #keyOf(instruction: Instruction): string {
    const affine = ({ offset, strides }: Affine): string => `${offset}+${strides.join(',')}`;
    switch (instruction.kind) {
      case 'load':
        return `load ${this.#number(instruction.place)} ${affine(instruction.at)}`;
      case 'scalar':
        return `${instruction.dtype} ${Object.is(instruction.value, -0) ? '-0' : String(instruction.value)}`;
      case 'iota':
        return `iota ${affine(instruction.at)}`;
      case 'draw':
        return `draw ${this.#number(instruction.node)} ${affine(instruction.row)} ${affine(instruction.column)}`;
      case 'apply':
        return `${instruction.operation} ${instruction.dtype} ${instruction.operands.join(',')}`;
    }
  }

  #number(thing: unknown): number {
    let number = this.#placeNumbers.get(thing);
    if (number === undefined) this.#placeNumbers.set(thing, (number = this.#placeNumbers.size));
    return number;
  }
}
