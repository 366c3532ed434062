// Indexing with arrays: integers name places of an axis, booleans those where they are true. How many these are is a matter of values, so a
// mask is computed when it is used.
import { UserError } from '../base/errors.js';
import { isIntegerDType } from './dtypes.js';
import { Node } from './expressions.js';
import { takeIndex } from './indexing.js';
import { broadcastShapes, isSameShape, showShape, sizeOf, toAxis } from './layout.js';
import { cast, expectDType } from './operands.js';
import { Place } from './place.js';
import { forEachPosition } from './read-elements.js';
import { storedOf } from './run.js';
import { jointPlacesOf, takeAlongOf, takeOf } from './take.js';
import { broadcastTo, permuteDims, reshape } from './views.js';

/** The places on an axis that `positions` names, in its shape; negative ones count from the end. ARRAY006 when it is computed, where one is outside. */
export function take(source: Node, positions: Node, axis: number): Node {
  expectDType(positions.dtype, isIntegerDType, 'take by', 'integers');
  const flat = cast(reshape(positions, [positions.size]), 'int64');
  const shape = source.shape.with(axis, positions.size);
  const own = takeOf(source.dtype, source.shape, axis, positions.size);
  const taken = new Node(shape, source.dtype, { kind: 'kernels', operands: [source, flat], own });
  return reshape(taken, source.shape.toSpliced(axis, 1, ...positions.shape));
}

/** For each position the element at that place of the axis, all other places being its own; the other axes broadcast. */
export function takeAlong(source: Node, positions: Node, given: number): Node {
  expectDType(positions.dtype, isIntegerDType, 'takeAlongAxis by', 'integers');
  const rank = source.shape.length;
  const axis = toAxis(given, rank, 'takeAlongAxis');
  if (positions.shape.length !== rank) {
    throw new UserError(
      'ARRAY002',
      `takeAlongAxis: places of the shape ${showShape(positions.shape)} for the shape ${showShape(source.shape)}`,
      {
        note: 'both have the same number of axes, as the places of each row are its own',
        fix: 'use .expandDims on the places, or take for the same places in all rows',
      },
    );
  }
  const others = [source, positions].map(({ shape }) => shape.toSpliced(axis, 1));
  const outer = broadcastShapes(others, 'takeAlongAxis');
  const [length, count] = [source.shape[axis]!, positions.shape[axis]!];
  const stretch = (node: Node, along: number): Node => {
    const stretched = broadcastTo(node, outer.toSpliced(axis, 0, along));
    const order = Array.from({ length: rank }, (_, each) => each);
    return permuteDims(stretched, [...order.toSpliced(axis, 1), axis]);
  };
  const operands = [stretch(source, length), stretch(cast(positions, 'int64'), count)];
  const own = takeAlongOf(source.dtype, length, count);
  const rows = new Node([...outer, count], source.dtype, { kind: 'kernels', operands, own });
  const order = Array.from({ length: rank - 1 }, (_, each) => each);
  return permuteDims(rows, order.toSpliced(axis, 0, rank - 1));
}

/** For each axis the places of all elements that are not zero. */
export function nonzero(node: Node): Node[] {
  const flat = truePlaces(cast(node, 'bool'));
  let step = node.size;
  return node.shape.map((length) => {
    step = length === 0 ? 0 : step / length;
    const place = new Place('int64', flat.length);
    const elements = place.elements();
    for (const [index, position] of flat.entries()) elements[index] = BigInt(Math.floor(position / step) % length);
    return storedList(place);
  });
}

const storedList = (place: Place): Node =>
  new Node([place.length], 'int64', { kind: 'stored', place, strides: [1], offset: 0 });

/** Flat indices of the elements that are true. */
function truePlaces(mask: Node): number[] {
  const stored = storedOf(mask);
  const elements = stored.place.elements();
  const places: number[] = [];
  forEachPosition(mask.shape, stored, (position, ordinal) => {
    if (elements[position] !== 0) places.push(ordinal);
  });
  return places;
}

function positionsOf(mask: Node): Node {
  const places = truePlaces(mask);
  const place = new Place('int64', places.length);
  const elements = place.elements();
  for (const [index, position] of places.entries()) elements[index] = BigInt(position);
  return storedList(place);
}

/** `takeIndex`, where some of the indices may be arrays. */
export function pickIndex(node: Node, index: readonly unknown[]): Node {
  const arrays = index.filter((each) => each instanceof Node);
  const [by] = arrays;
  if (by === undefined) return takeIndex(node, index);
  if (by.dtype === 'bool' && index.length === 1 && by.shape.length > 1) {
    if (!isSameShape(by.shape, node.shape)) throw maskOfOtherShape(by, node);
    return take(reshape(node, [node.size]), positionsOf(by), 0);
  }
  // All else first; the axes that the arrays are for stay as they are, and are somewhere in the result.
  const [first, last] = [index.indexOf(by), index.lastIndexOf(arrays.at(-1))];
  const isApart = index.slice(first, last).some((each) => !(each instanceof Node) && typeof each !== 'number');
  if (isApart) {
    throw new UserError('ARRAY006', 'arrays in an index stand next to each other', {
      note: 'they name places together, one of each, and what stands between them would have to go somewhere else',
      fix: "take one axis after the other: a.at(rows).at(':', ':', columns)",
    });
  }
  const rest = takeIndex(
    node,
    index.map((each) => (each instanceof Node ? ':' : each)),
  );
  const isKept = (each: unknown): boolean => typeof each !== 'number';
  const before = index.slice(0, first);
  const skipped = before.includes('...')
    ? node.shape.length - index.filter((each) => each !== null && each !== '...').length
    : 0;
  const axis = before.filter((each) => isKept(each) && each !== '...').length + skipped;
  const lengths = rest.shape.slice(axis, axis + arrays.length);
  const places = arrays.map((array, at) => {
    if (array.dtype !== 'bool') return array;
    if (array.shape.length !== 1 || array.size !== lengths[at]) throw maskOfOtherShape(array, node);
    return positionsOf(array);
  });
  if (places.length === 1) return take(rest, places[0]!, axis);
  const merged = rest.shape.toSpliced(axis, lengths.length, sizeOf(lengths));
  return take(reshape(rest, merged), jointPlaces(places, lengths), axis);
}

/** Places on axes that follow each other, one array for each, as places on the one axis that they make together. */
function jointPlaces(arrays: readonly Node[], lengths: readonly number[]): Node {
  for (const array of arrays) expectDType(array.dtype, isIntegerDType, 'take by', 'integers');
  const shape = broadcastShapes(
    arrays.map((array) => array.shape),
    'at',
  );
  const operands = arrays.map((array) => broadcastTo(cast(array, 'int64'), shape));
  return new Node(shape, 'int64', { kind: 'kernels', operands, own: jointPlacesOf(lengths) });
}

const maskOfOtherShape = (mask: Node, node: Node): UserError =>
  new UserError(
    'ARRAY002',
    `a mask of the shape ${showShape(mask.shape)} does not fit the shape ${showShape(node.shape)}`,
    {
      note: 'a mask has the shape of the array, or one axis as long as the one it stands for',
      fix: 'make the mask of the array itself, as in a.at(a.gt(0))',
    },
  );
