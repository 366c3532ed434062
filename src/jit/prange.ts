// prange: the loop whose iterations may run at once. In a plain program it counts like any loop; compiled, it is a parallel one
// (parallel.ts), known by this function's identity or name.
import { UserError } from '../base/errors.js';
import { showValue } from '../base/show-value.js';

/** An iterator that is its own: a generator would make plain programs 1.7 times slower. */
class Counting implements IterableIterator<number> {
  #next: number;
  readonly #stop: number;
  readonly #step: number;

  constructor(start: number, stop: number, step: number) {
    this.#next = start;
    this.#stop = stop;
    this.#step = step;
  }

  next(): IteratorResult<number> {
    const value = this.#next;
    if (!(this.#step > 0 ? value < this.#stop : value > this.#stop)) return { done: true, value: undefined };
    this.#next = value + this.#step;
    return { done: false, value };
  }

  [Symbol.iterator](): this {
    return this;
  }
}

/**
 * The numbers 0, 1, … below `stop`, or start, start + step, … before `stop`, for a loop whose iterations need nothing of each other: compiled
 * by `jit`, it runs on all threads. Sums and products of such a loop are put together in a fixed tree (docs/numerics.md, 7), so they may
 * differ in their last bits from those of a plain loop, and are the same on any number of threads. In a plain program it just counts.
 *
 * @throws {UserError} JIT019 for a start or a step that is no whole number, or a step of 0
 * @example
 * import { jit, prange } from 'heddle';
 * const norm = jit((x: Float64Array) => { let s = 0; for (const i of prange(x.length)) s += x[i]! * x[i]!; return Math.sqrt(s); });
 * console.log(norm(Float64Array.of(3, 4))); // 5
 */
export function prange(stop: number): IterableIterator<number>;
export function prange(start: number, stop: number, step?: number): IterableIterator<number>;
export function prange(first: number, stop?: number, step = 1): IterableIterator<number> {
  const start = stop === undefined ? 0 : first;
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(step) || step === 0) {
    const wrong = Number.isSafeInteger(start) ? `in steps of ${showValue(step)}` : `from ${showValue(start)}`;
    throw new UserError('JIT019', `prange cannot count ${wrong}`, {
      fix: 'begin at a whole number, and count in whole steps other than 0: prange(0, n, 2)',
    });
  }
  return new Counting(start, stop === undefined ? first : stop, step);
}
