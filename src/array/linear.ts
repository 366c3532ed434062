// The linear algebra of the array standard's main namespace, as people call it.
import type { DType, PartnerOf, Promote } from './dtypes.js';
import { arrayOf, nodeOf } from './handle.js';
import * as nodes from './matmul.js';
import type { TensordotAxes } from './matmul.js';
import type { NDArray } from './ndarray.js';
import { toOptions } from './reductions.js';
import { matrixTranspose as transposeNode } from './views.js';

/**
 * The product of two matrices, or of stacks of them on the last two axes; one axis alone is a row on the left and a column on the right.
 *
 * @example
 * import { asarray, matmul } from 'heddle';
 * const a = asarray([[1, 2], [3, 4]]);
 * console.log(matmul(a, a).toArray()); // [ [ 7, 10 ], [ 15, 22 ] ]
 */
export function matmul<D extends DType, E extends PartnerOf<D>>(a: NDArray<D>, b: NDArray<E>): NDArray<Promote<D, E>> {
  return arrayOf(nodes.matmul(nodeOf(a, 'matmul'), nodeOf(b, 'matmul')));
}

/** Contracts the last axes of `a` with the first ones of `b`, by default two; or the axes that two lists name, in their order. */
export function tensordot<D extends DType, E extends PartnerOf<D>>(
  a: NDArray<D>,
  b: NDArray<E>,
  options: { readonly axes?: TensordotAxes } = {},
): NDArray<Promote<D, E>> {
  const { axes = 2 } = toOptions<{ axes?: TensordotAxes }>(options, 'tensordot', ['axes']);
  return arrayOf(nodes.tensordot(nodeOf(a, 'tensordot'), nodeOf(b, 'tensordot'), axes));
}

/** The sums of products along an axis, by default the last; the other axes broadcast. */
export function vecdot<D extends DType, E extends PartnerOf<D>>(
  a: NDArray<D>,
  b: NDArray<E>,
  options: { readonly axis?: number } | number = {},
): NDArray<Promote<D, E>> {
  const { axis = -1 } = toOptions<{ axis?: number }>(options, 'vecdot', ['axis']);
  return arrayOf(nodes.vecdot(nodeOf(a, 'vecdot'), nodeOf(b, 'vecdot'), axis));
}

/** All products of an element of `a` with an element of `b`: one row for each element of `a`. */
export function outer<D extends DType, E extends PartnerOf<D>>(a: NDArray<D>, b: NDArray<E>): NDArray<Promote<D, E>> {
  return arrayOf(nodes.outer(nodeOf(a, 'outer'), nodeOf(b, 'outer')));
}

/** The last two axes exchanged. */
export const matrixTranspose = <D extends DType>(array: NDArray<D>): NDArray<D> =>
  arrayOf(transposeNode(nodeOf(array, 'matrixTranspose')));
