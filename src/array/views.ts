// The same elements in another order or shape: nothing is computed and nothing copied, only which place means which element changes.
import { UserError } from '../base/errors.js';
import { showValue } from '../base/show-value.js';
import { Node, view, wholeAccess } from './expressions.js';
import type { AxisMap } from './expressions.js';
import { isSameShape, showShape, sizeOf, toAxes, toAxis } from './layout.js';
import type { Shape } from './layout.js';

const nowhere: AxisMap = { offset: 0, axis: -1, step: 0 };

/** A new axis of length 1 before the one that has that number in the result. */
export function expandDims(node: Node, axis: number): Node {
  const rank = node.shape.length;
  const place = toAxis(axis, rank + 1, 'expandDims');
  const access = node.shape.map((_, a): AxisMap => ({ offset: 0, axis: a < place ? a : a + 1, step: 1 }));
  return view(node, node.shape.toSpliced(place, 0, 1), access);
}

/** Without axes of length 1: those named, or all. */
export function squeeze(node: Node, axis?: number | readonly number[]): Node {
  const axes = axis === undefined ? onesOf(node.shape) : toAxes(axis, node.shape.length, 'squeeze');
  const long = axes.find((each) => node.shape[each] !== 1);
  if (long !== undefined) {
    throw new UserError('ARRAY003', `squeeze cannot drop axis ${long} of the shape ${showShape(node.shape)}`, {
      note: `it has ${node.shape[long]} elements, and only axes of 1 can go`,
      fix: `choose among the axes ${showShape(onesOf(node.shape))}, or take one place of it: .at(…)`,
    });
  }
  let kept = 0;
  const access = node.shape.map((_, a): AxisMap => (axes.includes(a) ? nowhere : { offset: 0, axis: kept++, step: 1 }));
  return view(
    node,
    node.shape.filter((_, a) => !axes.includes(a)),
    access,
  );
}

const onesOf = (shape: Shape): number[] => shape.flatMap((length, axis) => (length === 1 ? [axis] : []));

/** Axis `axes[i]` of the array becomes axis i. */
export function permuteDims(node: Node, axes: readonly number[]): Node {
  const rank = node.shape.length;
  const order = axes.map((axis) => toAxis(axis, rank, 'permuteDims'));
  if (order.length !== rank || new Set(order).size !== rank) {
    throw new UserError('ARRAY003', `permuteDims cannot put the axes ${showShape(axes)} in order`, {
      note: `the shape is ${showShape(node.shape)}, and each of its ${rank} axes is named once`,
      fix: `name all axes, as in [${node.shape.map((_, axis) => rank - 1 - axis).join(', ')}] to turn them around`,
    });
  }
  const access = node.shape.map((_, axis): AxisMap => ({ offset: 0, axis: order.indexOf(axis), step: 1 }));
  return view(
    node,
    order.map((axis) => node.shape[axis]!),
    access,
  );
}

/** All axes turned around. */
export const transpose = (node: Node): Node =>
  permuteDims(
    node,
    node.shape.map((_, axis) => node.shape.length - 1 - axis),
  );

/** The last two axes exchanged. */
export function matrixTranspose(node: Node): Node {
  const rank = node.shape.length;
  if (rank < 2) {
    throw new UserError('ARRAY003', `a matrix has at least 2 axes, and the shape is ${showShape(node.shape)}`, {
      fix: 'use .expandDims(0) or .expandDims(1) to make a row or a column of it',
    });
  }
  return permuteDims(node, [...Array.from({ length: rank - 2 }, (_, axis) => axis), rank - 1, rank - 2]);
}

/** Elements backwards on some axes, by default on all. */
export function flip(node: Node, axis?: number | readonly number[] | null): Node {
  const axes = toAxes(axis, node.shape.length, 'flip');
  const access = node.shape.map((length, a): AxisMap =>
    axes.includes(a) ? { offset: Math.max(0, length - 1), axis: a, step: -1 } : { offset: 0, axis: a, step: 1 },
  );
  return view(node, node.shape, access);
}

/** Repeated along axes of length 1, and along new ones in front. */
export function broadcastTo(node: Node, shape: Shape, what = 'broadcastTo'): Node {
  if (isSameShape(node.shape, shape)) return node;
  const shift = shape.length - node.shape.length;
  const fits = shift >= 0 && node.shape.every((length, axis) => length === 1 || length === shape[axis + shift]);
  if (!fits) {
    throw new UserError(
      'ARRAY002',
      `${what}: the shape ${showShape(node.shape)} cannot be stretched to ${showShape(shape)}`,
      {
        note: 'matched from the last axis, lengths have to be equal, or 1 where an axis is to be repeated',
        fix: 'use .reshape or .expandDims so that the axes stand below each other',
      },
    );
  }
  const access = node.shape.map((length, axis): AxisMap =>
    length === shape[axis + shift] ? { offset: 0, axis: axis + shift, step: 1 } : nowhere,
  );
  return view(node, shape, access);
}

/** The elements in C order in another shape; one length may be −1, and follows from the others. */
export function reshape(node: Node, given: readonly number[]): Node {
  const open = given.indexOf(-1);
  const others = given.filter((_, axis) => axis !== open);
  const wrong = others.find((length) => !Number.isSafeInteger(length) || length < 0);
  const size = sizeOf(others);
  const missing = open < 0 ? 1 : node.size / size;
  const isOpenTwice = given.lastIndexOf(-1) !== open;
  if (wrong !== undefined || isOpenTwice || !Number.isInteger(missing) || size * missing !== node.size) {
    const shown = `[${given.map(showValue).join(', ')}]`;
    let note = `there are ${node.size} elements, and ${shown} has ${size}`;
    if (isOpenTwice) note = 'only one length can follow from the others';
    else if (wrong !== undefined) note = `a length is a whole number from 0 up, or -1 for what is left`;
    else if (open >= 0) note = `${node.size} elements do not go into rows of ${size}`;
    throw new UserError('ARRAY007', `reshape cannot bring the shape ${showShape(node.shape)} into ${shown}`, {
      note,
      fix: 'choose lengths whose product is the number of elements; -1 stands for what is left',
    });
  }
  const shape = given.map((length) => (length === -1 ? missing : length));
  if (isSameShape(shape, node.shape)) return node;
  // Axes of length 1 come and go without a change of order.
  const solid = (lengths: Shape): Shape => lengths.filter((length) => length !== 1);
  if (isSameShape(solid(shape), solid(node.shape))) return viewWithOnes(node, shape);
  return new Node(shape, node.dtype, { kind: 'reshape', source: node });
}

function viewWithOnes(node: Node, shape: Shape): Node {
  const places = shape.flatMap((length, axis) => (length === 1 ? [] : [axis]));
  let next = 0;
  const access = node.shape.map((length): AxisMap =>
    length === 1 ? nowhere : { offset: 0, axis: places[next++]!, step: 1 },
  );
  return view(node, shape, access);
}

/** Elements [i, i] of the last two axes, as the last axis of the result. */
export function diagonal(node: Node, offset = 0): Node {
  const rank = node.shape.length;
  if (rank < 2) matrixTranspose(node);
  const [rows, columns] = node.shape.slice(-2) as [number, number];
  const length = Math.max(0, offset >= 0 ? Math.min(rows, columns - offset) : Math.min(rows + offset, columns));
  const access = wholeAccess(node.shape).map((map, axis): AxisMap =>
    axis < rank - 2
      ? map
      : { offset: axis === rank - 2 ? Math.max(0, -offset) : Math.max(0, offset), axis: rank - 2, step: 1 },
  );
  return view(node, [...node.shape.slice(0, -2), length], access);
}

/** Does something along the last axis along another one: axes are put in order for it, and back again in what it gives. */
export function alongLast(node: Node, axis: number, work: (rows: Node) => Node): Node {
  const rank = node.shape.length;
  if (axis === rank - 1) return work(node);
  const axes = Array.from({ length: rank }, (_, each) => each);
  const result = work(permuteDims(node, [...axes.toSpliced(axis, 1), axis]));
  return permuteDims(result, axes.toSpliced(-1, 1).toSpliced(axis, 0, rank - 1));
}
