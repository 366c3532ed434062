// Products that contract an axis, recorded: of matrices and stacks of them by the kernels of product.ts, everything else brought into that form
// by views. vecdot is an element-wise product and a sum, and fuses as these do (docs/numerics.md, 7).
import { UserError } from '../base/errors.js';
import { showValue } from '../base/show-value.js';
import { full } from './create.js';
import { isNumericDType } from './dtypes.js';
import type { DType } from './dtypes.js';
import { record } from './element-wise.js';
import { Node } from './expressions.js';
import type { Stored } from './expressions.js';
import { broadcastShapes, isSameShape, showShape, sizeOf, toAxis } from './layout.js';
import type { Shape } from './layout.js';
import { cast, expectDType, unify } from './operands.js';
import {
  packKernel,
  paddedColumns,
  paddedRows,
  panelDType,
  productKernel,
  tileColumns,
  tileRows,
  unitsOf,
} from './product.js';
import { sum } from './reductions.js';
import type { OwnKernels, OwnStep } from './step.js';
import { broadcastTo, expandDims, permuteDims, reshape, squeeze } from './views.js';

function shapesDoNotFit(what: string, a: Node, b: Node, note: string, fix: string): UserError {
  return new UserError(
    'ARRAY002',
    `${what}: the shapes ${showShape(a.shape)} and ${showShape(b.shape)} do not fit together`,
    { note, fix },
  );
}

/** The product of two matrices, or of stacks of them on the last two axes; one axis alone is a row on the left and a column on the right. */
export function matmul(left: Node, right: Node, what = 'matmul'): Node {
  for (const node of [left, right]) {
    expectDType(node.dtype, isNumericDType, what, 'numbers');
    if (node.shape.length > 0) continue;
    throw new UserError('ARRAY003', `${what} is not for zero-dimensional arrays`, {
      note: `the shapes are ${showShape(left.shape)} and ${showShape(right.shape)}`,
      fix: 'multiply by a number with .mul(…)',
    });
  }
  const { dtype, nodes } = unify([left, right], what);
  const [isRow, isColumn] = [left.shape.length === 1, right.shape.length === 1];
  const a = isRow ? expandDims(nodes[0]!, 0) : nodes[0]!;
  const b = isColumn ? expandDims(nodes[1]!, 1) : nodes[1]!;
  if (a.shape.at(-1) !== b.shape.at(-2)) {
    const isTurned = b.shape.length > 1 && a.shape.at(-1) === b.shape.at(-1) && !isColumn;
    throw shapesDoNotFit(
      what,
      left,
      right,
      `rows of ${a.shape.at(-1)} meet columns of ${b.shape.at(-2)}, and both have to be equally long`,
      isTurned ? 'turn the second one: a.matmul(b.mT)' : 'turn one of them with .mT, or use .reshape',
    );
  }
  const product = productOf(dtype, a, b, what);
  const rank = product.shape.length;
  const unit = [...(isRow ? [rank - 2] : []), ...(isColumn ? [rank - 1] : [])];
  return unit.length === 0 ? product : squeeze(product, unit);
}

function productOf(dtype: DType, a: Node, b: Node, what: string): Node {
  const [batchA, batchB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const batch = broadcastShapes([batchA, batchB], what);
  const [rows, contracted, columns] = [a.shape.at(-2)!, a.shape.at(-1)!, b.shape.at(-1)!];
  const shape = [...batch, rows, columns];
  if (contracted === 0) return full(shape, 0, dtype);
  // One matrix for all stays one; a stack that is to be repeated in part is stored repeated.
  const stack = (node: Node, own: Shape): Node =>
    sizeOf(own) === 1
      ? reshape(node, node.shape.slice(-2))
      : isSameShape(own, batch)
        ? node
        : broadcastTo(node, [...batch, ...node.shape.slice(-2)]);
  const factors = [stack(a, batchA), stack(b, batchB)];
  const own = productKernels(dtype, sizeOf(batch), rows, contracted, columns, factors);
  const padded = [...batch, paddedRows(rows), paddedColumns(columns, dtype)];
  return new Node(shape, dtype, { kind: 'kernels', operands: factors, own: { ...own, padded } });
}

function productKernels(
  dtype: DType,
  matrices: number,
  rows: number,
  contracted: number,
  columns: number,
  factors: readonly Node[],
): OwnKernels {
  const width = tileColumns(dtype);
  const [panelsDown, panelsAcross] = [paddedRows(rows) / tileRows, paddedColumns(columns, dtype) / width];
  const [unitsDown, unitsAcross] = unitsOf(rows, columns, dtype);
  const units = unitsDown * unitsAcross;
  const [isOneLeft, isOneRight] = factors.map((factor) => factor.shape.length === 2);

  /** Lines of a factor, which are its rows or its columns, as panels. */
  function pack(
    from: Stored,
    lines: number,
    panelWidth: number,
    panels: number,
    isOne: boolean,
    axes: [number, number],
    into: Stored,
  ): OwnStep {
    const all = panels * (isOne ? 1 : matrices);
    const [line, step] = axes.map((axis) => from.strides.at(axis)!) as [number, number];
    // Those of stacks follow each other.
    const matrix = isOne ? 0 : from.strides.at(-3)!;
    return {
      key: `pack ${dtype} ${panelWidth}`,
      kernel: () => packKernel(dtype, panelWidth),
      buffers: [from, into],
      scalars: [all, panels, lines, contracted, matrix, line, step, all * contracted],
    };
  }

  return {
    reason: 'a product of matrices has kernels of its own',
    takesStrides: isOneLeft! && isOneRight!,
    steps: ([left, right], target, room) => {
      const panel = panelDType(dtype);
      const count = (isOne: boolean): number => (isOne ? 1 : matrices) * contracted;
      const leftPanels = room(panel, count(isOneLeft!) * panelsDown * tileRows);
      const rightPanels = room(panel, count(isOneRight!) * panelsAcross * width);
      return [
        pack(left!, rows, tileRows, panelsDown, isOneLeft!, [-2, -1], leftPanels),
        pack(right!, columns, width, panelsAcross, isOneRight!, [-1, -2], rightPanels),
        {
          key: `product ${dtype}`,
          kernel: () => productKernel(dtype),
          buffers: [leftPanels, rightPanels, target],
          scalars: [
            units * matrices,
            units,
            unitsAcross,
            panelsDown,
            panelsAcross,
            isOneLeft! ? 0 : panelsDown,
            isOneRight! ? 0 : panelsAcross,
            contracted,
            matrices * panelsDown * tileRows,
            panelsAcross * width,
          ],
        },
      ];
    },
  };
}

export type TensordotAxes = number | readonly [readonly number[], readonly number[]];

/** Contracts the last axes of `a` with the first ones of `b`, or the axes that two lists name, in their order. */
export function tensordot(a: Node, b: Node, axes: TensordotAxes): Node {
  const [ofA, ofB] = contractedAxes(a, b, axes);
  const lengths = (node: Node, list: readonly number[]): number[] => list.map((axis) => node.shape[axis]!);
  if (!isSameShape(lengths(a, ofA), lengths(b, ofB))) {
    const note = `axes of ${showShape(lengths(a, ofA))} meet axes of ${showShape(lengths(b, ofB))}`;
    throw shapesDoNotFit('tensordot', a, b, note, 'name the axes that belong together: { axes: [[0], [1]] }');
  }
  const others = (node: Node, list: readonly number[]): number[] =>
    node.shape.flatMap((_, axis) => (list.includes(axis) ? [] : [axis]));
  const [restA, restB] = [others(a, ofA), others(b, ofB)];
  const size = sizeOf(lengths(a, ofA));
  const left = reshape(permuteDims(a, [...restA, ...ofA]), [sizeOf(lengths(a, restA)), size]);
  const right = reshape(permuteDims(b, [...ofB, ...restB]), [size, sizeOf(lengths(b, restB))]);
  return reshape(matmul(left, right, 'tensordot'), [...lengths(a, restA), ...lengths(b, restB)]);
}

function contractedAxes(a: Node, b: Node, axes: TensordotAxes): [number[], number[]] {
  const refuse = (note: string): UserError =>
    new UserError('ARRAY003', `tensordot cannot contract the axes ${showValue(axes)}`, {
      note,
      fix: 'give a count, such as 1, or the axes of both: [[0, 1], [1, 2]]',
    });
  if (typeof axes === 'number') {
    const most = Math.min(a.shape.length, b.shape.length);
    if (!Number.isInteger(axes) || axes < 0 || axes > most) throw refuse(`a count is a whole number from 0 to ${most}`);
    const count = Array.from({ length: axes }, (_, axis) => axis);
    return [count.map((axis) => a.shape.length - axes + axis), count];
  }
  if (!Array.isArray(axes) || axes.length !== 2 || axes[0].length !== axes[1].length)
    throw refuse('two lists of the same length say which axes meet');
  const [ofA, ofB] = [
    axes[0].map((axis) => toAxis(axis, a.shape.length, 'tensordot')),
    axes[1].map((axis) => toAxis(axis, b.shape.length, 'tensordot')),
  ];
  if (new Set(ofA).size < ofA.length || new Set(ofB).size < ofB.length) throw refuse('an axis is named once');
  return [ofA, ofB];
}

/** The sums of products along an axis that both have, counted from the end. */
export function vecdot(a: Node, b: Node, axis: number): Node {
  for (const node of [a, b]) expectDType(node.dtype, isNumericDType, 'vecdot', 'numbers');
  const place = (node: Node): number => toAxis(axis, node.shape.length, 'vecdot') - node.shape.length;
  const [ofA, ofB] = [place(a), place(b)];
  if (ofA !== ofB || a.shape.at(ofA) !== b.shape.at(ofB)) {
    const note = `along axis ${axis} there are ${a.shape.at(ofA)} and ${b.shape.at(ofB)} elements`;
    throw shapesDoNotFit('vecdot', a, b, note, 'choose an axis, counted from the end, that is equally long in both');
  }
  const products = record('mul', a, b);
  // Sums of integers have 64 bits; a product keeps the dtype of its factors.
  return cast(sum(products, ofA), products.dtype);
}

/** All products of an element of one with an element of the other. */
export const outer = (a: Node, b: Node): Node => record('mul', reshape(a, [a.size, 1]), reshape(b, [1, b.size]));
