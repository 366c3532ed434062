// sort, argsort, searchsorted and the set functions, as people call them. How many different elements there are is a matter of values, so
// sets are computed when they are asked for.
import { UserError } from '../base/errors.js';
import { findUnknownOption } from '../base/nearest.js';
import { showValue } from '../base/show-value.js';
import { flatten, storedNode } from './create.js';
import type { DType, PartnerOf } from './dtypes.js';
import { arrayOf, nodeOf } from './handle.js';
import type { NDArray } from './ndarray.js';
import { Place } from './place.js';
import type { AxisArgument } from './reductions.js';
import { storedOf } from './run.js';
import * as nodes from './sort.js';
import type { SearchOptions, SortOptions } from './sort.js';
import { pickIndex } from './pick.js';
import { reshape } from './views.js';

/** The elements along an axis, by default the last, in order: NaN behind all numbers, −0 and 0 as equals; equal ones stay in their order. */
export function sort<D extends DType>(array: NDArray<D>, options?: AxisArgument<SortOptions>): NDArray<D> {
  return arrayOf(nodes.sort(nodeOf(array, 'sort'), options));
}

/** The places from which the elements along an axis would come, were they in order. */
export function argsort(array: NDArray, options?: AxisArgument<SortOptions>): NDArray<'int64'> {
  return arrayOf(nodes.argsort(nodeOf(array, 'argsort'), options));
}

/**
 * Where values would go into an array that is in order, so that it stays so: before its equals, or behind them with `side: 'right'`.
 *
 * @example
 * import { asarray, searchsorted } from 'heddle';
 * console.log(searchsorted(asarray([1, 2, 2, 3]), asarray([2, 5])).toArray()); // [ 1, 4 ]
 */
export function searchsorted<D extends DType, E extends PartnerOf<D>>(
  array: NDArray<D>,
  values: NDArray<E>,
  options: SearchOptions & { readonly sorter?: NDArray<'int64'> } = {},
): NDArray<'int64'> {
  const unknown = findUnknownOption(options, ['side', 'sorter']);
  if (unknown) throw new UserError('ARRAY011', `searchsorted has no option ${unknown.name}`, { fix: unknown.fix });
  const { side = 'left', sorter } = options;
  if (side !== 'left' && side !== 'right') {
    throw new UserError('ARRAY011', `searchsorted cannot look on the side ${showValue(side)}`, {
      fix: "write side: 'left', before what is equal, or side: 'right', behind it",
    });
  }
  const among = nodeOf(array, 'searchsorted');
  const inOrder = sorter === undefined ? among : pickIndex(among, [nodeOf(sorter, 'searchsorted')]);
  return arrayOf(nodes.searchSorted(inOrder, nodeOf(values, 'searchsorted'), side));
}

/** What is different in an array, and where: all of it in the order of the values. */
export interface Unique<D extends DType> {
  readonly values: NDArray<D>;
  /** Where in the flat array each value is for the first time. */
  readonly indices: NDArray<'int64'>;
  /** For each element the place of its value, in the shape of the array. */
  readonly inverseIndices: NDArray<'int64'>;
  readonly counts: NDArray<'int64'>;
}

/** The different elements, how often each is there, and where. Each NaN is different from all others, as the array standard has it. */
export function uniqueAll<D extends DType>(array: NDArray<D>): Unique<D> {
  const node = nodeOf(array, 'uniqueAll');
  const flat = flatten(node);
  const order = storedOf(nodes.argsort(reshape(flat, [flat.size])));
  const [elements, places] = [storedOf(flat), order.place.elements() as BigInt64Array];
  const data = elements.place.elements();
  const step = flat.size > 1 ? elements.strides[0]! : 1;
  const valueAt = (ordinal: number): number | bigint =>
    data[elements.offset + Number(places[order.offset + ordinal]) * step]!;
  const firsts: number[] = [];
  for (let i = 0; i < flat.size; i++) if (i === 0 || valueAt(i) !== valueAt(i - 1)) firsts.push(i);
  const list = (length: number, at: (i: number) => bigint): NDArray<'int64'> => {
    const place = new Place('int64', length);
    const result = place.elements() as BigInt64Array;
    for (let i = 0; i < length; i++) result[i] = at(i);
    return arrayOf<'int64'>(storedNode(place, [length]));
  };
  const indices = list(firsts.length, (i) => places[order.offset + firsts[i]!]!);
  const counts = list(firsts.length, (i) => BigInt((firsts[i + 1] ?? flat.size) - firsts[i]!));
  const inversePlace = new Place('int64', flat.size);
  const inverse = inversePlace.elements() as BigInt64Array;
  for (const [value, first] of firsts.entries()) {
    const end = firsts[value + 1] ?? flat.size;
    for (let i = first; i < end; i++) inverse[Number(places[order.offset + i])] = BigInt(value);
  }
  const inverseIndices = arrayOf<'int64'>(reshape(storedNode(inversePlace, [flat.size]), node.shape));
  const values = arrayOf<D>(flat).take(indices, 0);
  return { values, indices, inverseIndices, counts };
}

/** The different elements in order, and how often each is there. */
export function uniqueCounts<D extends DType>(array: NDArray<D>): Pick<Unique<D>, 'values' | 'counts'> {
  const { values, counts } = uniqueAll(array);
  return { values, counts };
}

/** The different elements in order, and for each element the place of its value among them. */
export function uniqueInverse<D extends DType>(array: NDArray<D>): Pick<Unique<D>, 'values' | 'inverseIndices'> {
  const { values, inverseIndices } = uniqueAll(array);
  return { values, inverseIndices };
}

/** The different elements in order. */
export function uniqueValues<D extends DType>(array: NDArray<D>): NDArray<D> {
  const sorted = nodes.sort(flatten(nodeOf(array, 'uniqueValues')));
  const { place, offset } = storedOf(sorted);
  const elements = place.elements();
  const kept = new Place(sorted.dtype, sorted.size);
  const target = kept.elements();
  let count = 0;
  for (let i = 0; i < sorted.size; i++) {
    const element = elements[offset + i]!;
    if (i === 0 || element !== elements[offset + i - 1]) target[count++] = element;
  }
  const whole = storedNode(kept, [sorted.size]);
  return arrayOf<D>(pickIndex(whole, [`0:${count}`]));
}
