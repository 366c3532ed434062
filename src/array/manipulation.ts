// The manipulation functions of the array standard, as people call them: nearly all are views, so that nothing is copied before it is used.
import { UserError } from '../base/errors.js';
import { showValue } from '../base/show-value.js';
import * as create from './create.js';
import { flatten } from './create.js';
import type { DType, IntegerDType } from './dtypes.js';
import { record } from './element-wise.js';
import type { Node } from './expressions.js';
import { arrayOf, nodeOf } from './handle.js';
import { slice, takeIndex } from './indexing.js';
import { broadcastShapes, showShape, toAxis, toShape } from './layout.js';
import type { NDArray } from './ndarray.js';
import { take as takeNode, takeAlong } from './pick.js';
import { storedOf } from './run.js';
import { toOptions } from './reductions.js';
import * as views from './views.js';

type Axes = number | readonly number[];

export const reshape = <D extends DType>(array: NDArray<D>, shape: readonly number[] | number): NDArray<D> =>
  arrayOf(views.reshape(nodeOf(array, 'reshape'), typeof shape === 'number' ? [shape] : shape));

export const permuteDims = <D extends DType>(array: NDArray<D>, axes: readonly number[]): NDArray<D> =>
  arrayOf(views.permuteDims(nodeOf(array, 'permuteDims'), axes));

export const squeeze = <D extends DType>(array: NDArray<D>, axis: Axes): NDArray<D> =>
  arrayOf(views.squeeze(nodeOf(array, 'squeeze'), axis));

/** A new axis of length 1, before the one that has that number in the result. */
export function expandDims<D extends DType>(
  array: NDArray<D>,
  options?: number | { readonly axis?: number },
): NDArray<D> {
  const { axis = 0 } = toOptions<{ axis?: number }>(options, 'expandDims', ['axis']);
  return arrayOf(views.expandDims(nodeOf(array, 'expandDims'), axis));
}

/** The other way round along some axes, or all. */
export function flip<D extends DType>(
  array: NDArray<D>,
  options?: Axes | null | { readonly axis?: Axes | null },
): NDArray<D> {
  const given = Array.isArray(options) ? { axis: options as readonly number[] } : (options as number);
  const { axis } = toOptions<{ axis?: Axes | null }>(given, 'flip', ['axis']);
  return arrayOf(views.flip(nodeOf(array, 'flip'), axis));
}

export const broadcastTo = <D extends DType>(array: NDArray<D>, shape: readonly number[] | number): NDArray<D> =>
  arrayOf(views.broadcastTo(nodeOf(array, 'broadcastTo'), toShape(shape, 'broadcastTo')));

/** Axes at other places, the others in their order. */
export function moveaxis<D extends DType>(array: NDArray<D>, source: Axes, destination: Axes): NDArray<D> {
  const node = nodeOf(array, 'moveaxis');
  const rank = node.shape.length;
  const list = (axes: Axes): number[] =>
    (typeof axes === 'number' ? [axes] : axes).map((axis) => toAxis(axis, rank, 'moveaxis'));
  const [from, to] = [list(source), list(destination)];
  if (from.length !== to.length || new Set(from).size < from.length || new Set(to).size < to.length) {
    throw new UserError('ARRAY003', `moveaxis cannot move the axes ${showShape(from)} to ${showShape(to)}`, {
      note: 'each axis is named once, and there are as many places as axes',
      fix: 'write one axis and its place: moveaxis(a, 0, -1)',
    });
  }
  const order: number[] = [];
  for (const [place, axis] of to.entries()) order[axis] = from[place]!;
  const others = node.shape.flatMap((_, axis) => (from.includes(axis) ? [] : [axis]));
  for (let axis = 0; axis < rank; axis++) order[axis] ??= others.shift()!;
  return arrayOf(views.permuteDims(node, order));
}

/** Each element several times: as often for all, or each as often as a list says; without an axis of the flat array. */
export function repeat<D extends DType>(
  array: NDArray<D>,
  repeats: number | NDArray<IntegerDType>,
  options?: number | null | { readonly axis?: number | null },
): NDArray<D> {
  const { axis = null } = toOptions<{ axis?: number | null }>(options, 'repeat', ['axis']);
  const given = nodeOf(array, 'repeat');
  const node = axis === null ? flatten(given) : given;
  const place = toAxis(axis ?? 0, node.shape.length, 'repeat');
  if (typeof repeats === 'number') {
    const count = toCount(repeats, 'repeat');
    const shape = node.shape.toSpliced(place + 1, 0, count);
    const repeated = views.broadcastTo(views.expandDims(node, place + 1), shape);
    return arrayOf(views.reshape(repeated, node.shape.with(place, node.shape[place]! * count)));
  }
  const counts = elementsOf(nodeOf(repeats, 'repeat')).map((count) => toCount(Number(count), 'repeat'));
  if (counts.length !== node.shape[place] && counts.length !== 1) {
    throw new UserError('ARRAY002', `repeat: ${counts.length} counts for an axis of ${node.shape[place]}`, {
      note: `the shape is ${showShape(node.shape)}, and each place of the axis has a count`,
      fix: 'give one count for all, or one for each place',
    });
  }
  const places = Array.from({ length: node.shape[place]! }, (_, i) =>
    Array.from({ length: counts[counts.length === 1 ? 0 : i]! }, () => BigInt(i)),
  ).flat();
  return arrayOf(takeNode(node, create.fromValues(BigInt64Array.from(places)), place));
}

function toCount(value: number, what: string): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new UserError('ARRAY001', `${what} cannot repeat ${showValue(value)} times`, {
    fix: 'give a whole number from 0 up',
  });
}

function elementsOf(node: Node): (number | bigint)[] {
  const { place, offset, strides } = storedOf(flatten(node));
  const elements = place.elements();
  return Array.from({ length: node.size }, (_, i) => elements[offset + i * (strides[0] ?? 1)]!);
}

/** The whole array several times along each axis; axes that it lacks come in front. */
export function tile<D extends DType>(array: NDArray<D>, repetitions: readonly number[] | number): NDArray<D> {
  const node = nodeOf(array, 'tile');
  const counts = (typeof repetitions === 'number' ? [repetitions] : repetitions).map((each) => toCount(each, 'tile'));
  const rank = Math.max(counts.length, node.shape.length);
  const lengths = [...Array.from({ length: rank - node.shape.length }, () => 1), ...node.shape];
  const times = [...Array.from({ length: rank - counts.length }, () => 1), ...counts];
  const apart = views.reshape(
    node,
    lengths.flatMap((length) => [1, length]),
  );
  const repeated = views.broadcastTo(
    apart,
    lengths.flatMap((length, axis) => [times[axis]!, length]),
  );
  return arrayOf(
    views.reshape(
      repeated,
      lengths.map((length, axis) => length * times[axis]!),
    ),
  );
}

/** Elements moved along an axis, or several; what goes over the end comes in at the start. Without an axis of the flat array. */
export function roll<D extends DType>(
  array: NDArray<D>,
  shift: Axes,
  options?: Axes | null | { readonly axis?: Axes | null },
): NDArray<D> {
  const given = Array.isArray(options) ? { axis: options as readonly number[] } : (options as number);
  const { axis = null } = toOptions<{ axis?: Axes | null }>(given, 'roll', ['axis']);
  const node = nodeOf(array, 'roll');
  if (axis === null) {
    const flat = rolled(flatten(node), typeof shift === 'number' ? shift : sizeOfShifts(shift), 0);
    return arrayOf(views.reshape(flat, node.shape));
  }
  const axes = typeof axis === 'number' ? [axis] : axis;
  const shifts = typeof shift === 'number' ? axes.map(() => shift) : shift;
  if (shifts.length !== axes.length) {
    throw new UserError('ARRAY003', `roll has ${shifts.length} shifts for ${axes.length} axes`, {
      fix: 'give one shift for all axes, or one for each',
    });
  }
  return arrayOf(
    axes.reduce<Node>((moved, each, i) => rolled(moved, shifts[i]!, toAxis(each, node.shape.length, 'roll')), node),
  );
}

const sizeOfShifts = (shifts: readonly number[]): number => shifts.reduce((sum, shift) => sum + shift, 0);

function rolled(node: Node, shift: number, axis: number): Node {
  if (!Number.isSafeInteger(shift)) {
    throw new UserError('ARRAY001', `roll cannot move by ${showValue(shift)}`, {
      fix: 'give a whole number of places',
    });
  }
  const length = node.shape[axis]!;
  const first = length === 0 ? 0 : ((-shift % length) + length) % length;
  if (first === 0) return node;
  const part = (from: number, to: number): Node =>
    takeIndex(node, [...node.shape.map(() => ':').slice(0, axis), slice(from, to)]);
  return create.concat([part(first, length), part(0, first)], axis);
}

/** The places along an axis as arrays of their own. */
export function unstack<D extends DType>(
  array: NDArray<D>,
  options?: number | { readonly axis?: number },
): NDArray<D>[] {
  const { axis = 0 } = toOptions<{ axis?: number }>(options, 'unstack', ['axis']);
  const node = nodeOf(array, 'unstack');
  const place = toAxis(axis, node.shape.length, 'unstack');
  const before = node.shape.map(() => ':').slice(0, place);
  return Array.from({ length: node.shape[place]! }, (_, i) => arrayOf<D>(takeIndex(node, [...before, i])));
}

/** Arrays of one axis as the coordinates of a grid, the first along columns (`xy`) or along rows (`ij`). */
export function meshgrid<D extends DType>(
  arrays: readonly NDArray<D>[],
  options: { readonly indexing?: 'xy' | 'ij' } = {},
): NDArray<D>[] {
  const { indexing = 'xy' } = toOptions<{ indexing?: 'xy' | 'ij' }>(options, 'meshgrid', ['indexing']);
  if (indexing !== 'xy' && indexing !== 'ij') {
    throw new UserError('ARRAY011', `meshgrid has no indexing ${showValue(indexing)}`, {
      fix: "write indexing: 'xy', or 'ij' for rows first",
    });
  }
  const nodes = arrays.map((array) => nodeOf(array, 'meshgrid'));
  const rank = nodes.length;
  const axisOf = (i: number): number => (indexing === 'xy' && rank > 1 && i < 2 ? 1 - i : i);
  const placed = nodes.map((node, i) => {
    const shape = Array.from({ length: rank }, (_, axis) => (axis === axisOf(i) ? node.size : 1));
    return views.reshape(node, shape);
  });
  const shape = broadcastShapes(
    placed.map((node) => node.shape),
    'meshgrid',
  );
  return placed.map((node) => arrayOf<D>(views.broadcastTo(node, shape)));
}

/** The places on an axis that an array of integers names, in its shape. */
export function take<D extends DType>(
  array: NDArray<D>,
  indices: NDArray<IntegerDType>,
  options?: number | { readonly axis?: number },
): NDArray<D> {
  const node = nodeOf(array, 'take');
  const { axis } = toOptions<{ axis?: number }>(options, 'take', ['axis']);
  const rank = node.shape.length;
  if (axis === undefined && rank !== 1) {
    throw new UserError('ARRAY003', `take needs an axis for the shape ${showShape(node.shape)}`, {
      fix: 'name it: take(a, places, 0)',
    });
  }
  return arrayOf(takeNode(node, nodeOf(indices, 'take'), toAxis(axis ?? 0, rank, 'take')));
}

/** For each element of `indices` the one at that place of an axis, all other places being its own. */
export function takeAlongAxis<D extends DType>(
  array: NDArray<D>,
  indices: NDArray<IntegerDType>,
  options?: number | { readonly axis?: number },
): NDArray<D> {
  const { axis = -1 } = toOptions<{ axis?: number }>(options, 'takeAlongAxis', ['axis']);
  return arrayOf(takeAlong(nodeOf(array, 'takeAlongAxis'), nodeOf(indices, 'takeAlongAxis'), axis));
}

export interface DiffOptions<D extends DType> {
  readonly axis?: number;
  /** How many times. */
  readonly n?: number;
  readonly prepend?: NDArray<D>;
  readonly append?: NDArray<D>;
}

/** Each element less the one before it. */
export function diff<D extends DType>(array: NDArray<D>, options?: number | DiffOptions<D>): NDArray<D> {
  const {
    axis = -1,
    n = 1,
    prepend,
    append,
  } = toOptions<DiffOptions<D>>(options, 'diff', ['axis', 'n', 'prepend', 'append']);
  const given = nodeOf(array, 'diff');
  const place = toAxis(axis, given.shape.length, 'diff');
  const parts = [prepend, array, append].flatMap((part) => (part === undefined ? [] : [nodeOf(part, 'diff')]));
  let node = parts.length === 1 ? given : create.concat(parts, place);
  for (let round = toCount(n, 'diff'); round > 0; round--) {
    const before = node.shape.map(() => ':').slice(0, place);
    const [later, earlier] = [takeIndex(node, [...before, '1:']), takeIndex(node, [...before, ':-1'])];
    node = node.dtype === 'bool' ? record('xor', later, earlier) : record('sub', later, earlier);
  }
  return arrayOf(node);
}
