// scope: whatever memory arrays take while a function runs is freed when it ends, but for that of the arrays that it returns.
import { UserError } from '../base/errors.js';
import { showValue } from '../base/show-value.js';
import { toOperand } from './handle.js';
import { NDArray } from './ndarray.js';
import { Node } from './expressions.js';
import { collectPlaces } from './place.js';
import { storedOf } from './run.js';

function arraysIn(value: unknown): NDArray[] {
  if (value instanceof NDArray) return [value];
  if (Array.isArray(value)) return value.flatMap(arraysIn);
  const isPlain = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  return isPlain ? Object.values(value).flatMap(arraysIn) : [];
}

/**
 * Runs a function, and frees the memory of all arrays that it computes, but for those that it returns: one, or several in a list or an
 * object. Using another one afterwards throws ARRAY009.
 *
 * @throws {UserError} ARRAY011 for an async function, whose arrays would be freed while it still runs
 * @example
 * import { ones, scope } from 'heddle';
 * const total = scope(() => ones([1000, 1000]).computeSync().cumulativeSum(0).sum(1));
 * console.log(total.get(-1)); // 1000000
 */
export function scope<T>(run: () => T): T {
  if (typeof run !== 'function') {
    throw new UserError('ARRAY011', `scope runs a function, and was given ${showValue(run)}`, {
      fix: 'write scope(() => …)',
    });
  }
  const collected = collectPlaces(() => {
    const result = run();
    if (result instanceof Promise) {
      throw new UserError('ARRAY011', 'scope cannot wait for an async function', {
        note: 'its arrays would be freed while it still runs',
        fix: 'use scope around the synchronous parts, or `using` for single arrays',
      });
    }
    for (const array of arraysIn(result)) array.computeSync();
    return result;
  });
  const kept = new Set(
    arraysIn(collected.result).map((array) => {
      const node = toOperand(array);
      return node instanceof Node ? storedOf(node).place : undefined;
    }),
  );
  for (const place of collected.places) if (!kept.has(place)) place.dispose();
  return collected.result;
}
