// Assigning to elements that arrays name: places by integers, or those where a mask is true. Where these are in the flat array is found by
// picking the same places of an array that counts, so that an index means here what it means when it is read.
import { freshOf, toAssigned, toWritable } from './assign.js';
import { arange, copyOf } from './create.js';
import { where } from './element-wise.js';
import { Node } from './expressions.js';
import { isContiguous, isSameShape } from './layout.js';
import type { Operand } from './operands.js';
import { pickIndex } from './pick.js';
import { copyElements } from './read-elements.js';
import { storedOf } from './run.js';
import { broadcastTo, reshape } from './views.js';

/** Writes `value` to the elements that the index picks, the last one where several go to one place; gives the node that the array has from now on. */
export function writePicked(target: Node, index: readonly unknown[], value: Operand): Node {
  const assigned = toAssigned(value, target.dtype, 'assignAt');
  const [mask] = index;
  const isWhole = index.length === 1 && mask instanceof Node && mask.dtype === 'bool';
  if (isWhole && assigned.size === 1 && isSameShape(mask.shape, target.shape)) {
    const node = freshOf(target, where(mask, reshape(assigned, []), target));
    storedOf(node);
    return node;
  }
  const ordinals = reshape(arange(target.size, undefined, 1, 'int64'), target.shape);
  const picked = pickIndex(ordinals, index);
  const source = broadcastTo(assigned, picked.shape, 'assignAt');
  // All is read before anything is written, as what is assigned may be made of the array itself.
  const places = copyElements(picked.shape, 'int64', storedOf(picked)) as BigInt64Array;
  const elements = copyElements(source.shape, source.dtype, storedOf(source));
  const isInOrder = isContiguous(target.shape, storedOf(target).strides);
  const { node, stored } = toWritable(isInOrder ? target : copyOf(target));
  const into = stored.place.elements();
  for (const [at, place] of places.entries()) into[stored.offset + Number(place)] = elements[at]!;
  return node;
}
