// compute(a, b, …): several arrays in one plan, so that what they have in common is computed once.
import { nodeOf } from './handle.js';
import type { NDArray } from './ndarray.js';
import { computeNodesAsync } from './run.js';

/**
 * Computes and stores several arrays together, on the team's threads; this thread goes on meanwhile.
 *
 * @example
 * import { compute, random } from 'heddle';
 * const x = random.generator(1).uniform(0, 1, [1e6]);
 * const [least, greatest] = await compute(x.min(), x.max());
 * console.log(least.item() < greatest.item()); // true
 */
export async function compute<A extends readonly NDArray[]>(...arrays: A): Promise<A> {
  await computeNodesAsync(arrays.map((array) => nodeOf(array, 'compute')));
  return arrays;
}
