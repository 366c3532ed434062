// Shapes, and where the elements of a shape lie: strides in elements, C order, broadcasting, axes counted from the end. Wrong ones are
// refused here, with the shapes in the message; no data is touched.
import { UserError } from '../base/errors.js';
import { showValue } from '../base/show-value.js';

/** The length of each axis; [] for a single number. */
export type Shape = readonly number[];

export const showShape = (shape: Shape): string => `[${shape.join(', ')}]`;

export const sizeOf = (shape: Shape): number => shape.reduce((size, length) => size * length, 1);

/** More elements than this could not be counted with 32-bit lanes, nor held. */
const mostElements = 2 ** 42;

/** A shape as people write one: a list of lengths, or one length. */
export function toShape(given: unknown, what: string): Shape {
  const list: unknown[] = Array.isArray(given) ? given : [given];
  for (const length of list) {
    if (typeof length !== 'number' || !Number.isSafeInteger(length) || length < 0) {
      const shown = Array.isArray(given) ? `[${list.map(showValue).join(', ')}]` : showValue(given);
      throw new UserError('ARRAY001', `${what} cannot have the shape ${shown}`, {
        note: `a length is a whole number from 0 up, and ${showValue(length)} is none`,
        fix: 'give a list of lengths, such as [2, 3], or one length',
      });
    }
  }
  const shape = list as number[];
  if (sizeOf(shape) > mostElements) {
    throw new UserError('ARRAY001', `${what} cannot have the shape ${showShape(shape)}`, {
      note: `it would have ${sizeOf(shape)} elements, and at most ${mostElements} can be counted`,
      fix: 'work in smaller pieces',
    });
  }
  return shape;
}

/** Strides of elements that follow each other, the last axis fastest. */
export function stridesOf(shape: Shape): number[] {
  const strides = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}

/** Do the elements follow each other in C order, without gaps? Strides of axes with one element do not matter. */
export function isContiguous(shape: Shape, strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] === 0) return true;
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}

export function isSameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  // A loop: this is asked for every operand of every expression.
  for (let axis = 0; axis < a.length; axis++) if (a[axis] !== b[axis]) return false;
  return true;
}

/** The shape that all can be stretched to: axes are matched from the last one, and those of length 1, or missing, are repeated. */
export function broadcastShapes(shapes: readonly Shape[], what: string): Shape {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    let common = 1;
    for (const shape of shapes) {
      const length = shape[axis - rank + shape.length] ?? 1;
      if (length === 1 || length === common) continue;
      if (common !== 1) throw cannotBroadcast(shapes, what, axis - rank, common, length);
      common = length;
    }
    return common;
  });
}

function cannotBroadcast(shapes: readonly Shape[], what: string, axis: number, a: number, b: number): UserError {
  const [first, second] = shapes as [Shape, Shape];
  let fix = 'make the lengths equal, or 1 where an axis is to be repeated';
  // The usual slip: a value for each row beside a table, which wants a column.
  if (shapes.length === 2) {
    const [small, large] = first.length < second.length ? [first, second] : [second, first];
    if (small.length === 1 && large.length === 2 && small[0] === large[0])
      fix = `one for each row? make it a column with .expandDims(1), of shape [${small[0]}, 1]`;
  }
  return new UserError('ARRAY002', `${what}: the shapes ${shapes.map(showShape).join(' and ')} do not fit together`, {
    note: `counted from the end, axis ${axis} has ${a} elements in one and ${b} in the other`,
    fix,
  });
}

/** The axis that a number from −rank to rank − 1 means. */
export function toAxis(axis: unknown, rank: number, what: string): number {
  if (typeof axis !== 'number' || !Number.isInteger(axis) || axis < -rank || axis >= rank) {
    const axes = rank === 0 ? 'a number has no axes' : `axes go from 0 to ${rank - 1}, or from -1 back to ${-rank}`;
    throw new UserError('ARRAY003', `${what} cannot have the axis ${showValue(axis)}`, {
      note: rank === 0 ? axes : `the array has ${rank} ${rank === 1 ? 'axis' : 'axes'}`,
      fix: rank === 0 ? 'leave the axis out' : axes,
    });
  }
  return axis < 0 ? axis + rank : axis;
}

/** Several axes, each once, in ascending order; undefined means all. */
export function toAxes(axes: unknown, rank: number, what: string): number[] {
  if (axes === undefined || axes === null) return Array.from({ length: rank }, (_, axis) => axis);
  const list = (Array.isArray(axes) ? axes : [axes]).map((axis) => toAxis(axis, rank, what));
  const repeated = list.find((axis, index) => list.indexOf(axis) !== index);
  if (repeated !== undefined) {
    throw new UserError('ARRAY003', `${what} cannot have the axes ${showShape(axes as number[])}`, {
      note: `axis ${repeated} is among them twice`,
      fix: 'name each axis once',
    });
  }
  return list.sort((a, b) => a - b);
}

/** Strides that give the same elements, in C order, another shape; undefined where only a copy can. */
export function reshapeStrides(shape: Shape, strides: readonly number[], target: Shape): number[] | undefined {
  const kept = shape.flatMap((length, axis) => (length === 1 ? [] : [{ length, stride: strides[axis]! }]));
  if (sizeOf(shape) === 0) return stridesOf(target);
  const result = target.map(() => 0);
  let [from, to] = [0, 0];
  while (from < kept.length) {
    let [fromEnd, toEnd] = [from + 1, to];
    let [fromSize, toSize] = [kept[from]!.length, 1];
    while (toSize !== fromSize) {
      if (toSize < fromSize) toSize *= target[toEnd++]!;
      else fromSize *= kept[fromEnd++]!.length;
    }
    // Axes of the source that go together have to follow each other.
    for (let axis = from; axis < fromEnd - 1; axis++)
      if (kept[axis]!.stride !== kept[axis + 1]!.stride * kept[axis + 1]!.length) return undefined;
    let stride = kept[fromEnd - 1]!.stride;
    for (let axis = toEnd - 1; axis >= to; axis--) {
      result[axis] = stride;
      stride *= target[axis]!;
    }
    [from, to] = [fromEnd, toEnd];
  }
  return result;
}
