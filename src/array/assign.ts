// Writing into an array. Arrays are values: whatever was recorded or taken from one before keeps the old numbers, so its elements are
// copied first where anybody still holds them, and written in place where nobody does.
import { UserError } from '../base/errors.js';
import { toStored } from './create.js';
import { promote } from './dtypes.js';
import type { DType } from './dtypes.js';
import { apply, Node, scalarNode } from './expressions.js';
import type { Stored } from './expressions.js';
import { takeIndex } from './indexing.js';
import { stridesOf } from './layout.js';
import { cast, toElement } from './operands.js';
import type { Operand } from './operands.js';
import { copyElements } from './read-elements.js';
import { Place } from './place.js';
import { Plan } from './plan.js';
import { runPlan, storedOf } from './run.js';
import { broadcastTo } from './views.js';

/** The value as what the array can hold: its dtype never changes by an assignment. */
export function toAssigned(value: Operand, dtype: DType, what: string): Node {
  if (!(value instanceof Node)) return scalarNode(dtype, toElement(value, dtype, what));
  if (promote(dtype, value.dtype) === dtype) return cast(value, dtype);
  throw new UserError('ARRAY004', `${what}: an array of ${dtype} cannot take elements of ${value.dtype}`, {
    note: 'an assignment leaves the dtype of an array as it is, and some of these numbers would not fit',
    fix: `say that they may change: .astype('${dtype}') on what is assigned`,
  });
}

/** Where the node's elements can be written without anybody else seeing it; a new node if they had to be copied. */
export function toWritable(node: Node): { node: Node; stored: Stored } {
  const stored = storedOf(node);
  // A place that repeats elements has one for several places of the array.
  const isRepeated = node.shape.some((length, axis) => length > 1 && stored.strides[axis] === 0);
  if (!node.isHeld && stored.place.holders === 1 && !stored.place.isPinned && !isRepeated) return { node, stored };
  const place = new Place(node.dtype, node.size);
  place.elements().set(copyElements(node.shape, node.dtype, stored) as never);
  const copy: Stored = { kind: 'stored', place, strides: stridesOf(node.shape), offset: 0 };
  return { node: new Node(node.shape, node.dtype, copy), stored: copy };
}

/** Writes `value` where the index leads to; gives the node that the array has from now on. */
export function writeAt(target: Node, index: readonly unknown[], value: Operand): Node {
  const assigned = toAssigned(value, target.dtype, 'assignAt');
  storedOf(target);
  // Looked at before anything is written or copied, so that a wrong index or shape changes nothing. Looking holds nothing for longer.
  const wasHeld = target.isHeld;
  const part = takeIndex(target, index);
  const source = broadcastTo(assigned, part.shape, 'assignAt');
  // An array that is assigned to a part of itself is read while it is written.
  target.isHeld = wasHeld || value === target;
  const { node, stored } = toWritable(target);
  const { definition } = part;
  if (definition.kind !== 'view' || part.size === 0) return node;
  let { offset } = stored;
  const strides = part.shape.map(() => 0);
  for (const [axis, map] of definition.access.entries()) {
    offset += stored.strides[axis]! * map.offset;
    if (map.axis >= 0) strides[map.axis]! += stored.strides[axis]! * map.step;
  }
  const plan = new Plan();
  plan.storeInto(source, { ...stored, strides, offset }, 'it is assigned');
  runPlan(plan, []);
  return node;
}

/** The value as all the elements of the array, in memory of their own. */
export function freshOf(target: Node, value: Node): Node {
  const assigned = broadcastTo(toAssigned(value, target.dtype, 'out'), target.shape, 'out');
  const isShared = assigned.isHeld || assigned.handles > 0;
  return isShared ? apply('cast', assigned.dtype, assigned.shape, [assigned]) : assigned;
}

/** Writes all elements, in the memory that the array has where nobody else holds it. */
export function writeAll(target: Node, value: Node): Node {
  const { definition } = target;
  const isFree = definition.kind === 'stored' && !target.isHeld && definition.place.holders === 1 && value !== target;
  if (!isFree) {
    const node = freshOf(target, value);
    storedOf(node);
    return node;
  }
  const assigned = broadcastTo(toAssigned(value, target.dtype, 'out'), target.shape, 'out');
  const plan = new Plan();
  plan.storeInto(assigned, definition, 'it goes into an array that is there');
  runPlan(plan, []);
  return target;
}

/** Writes one element. */
export function writeElement(target: Node, places: readonly number[], value: unknown): Node {
  const element = toElement(value, target.dtype, 'set');
  const { node, stored } = toWritable(target);
  const position = places.reduce((sum, place, axis) => sum + place * stored.strides[axis]!, stored.offset);
  stored.place.elements()[position] = toStored(element, node.dtype);
  return node;
}
