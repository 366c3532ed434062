// Several refusals of one function, told at once: a statement that cannot be lowered is left out, and the next one is tried. What follows from a
// refusal is none: variables of such a statement have no value that anybody knows, and what comes of reading them is not told; nor is what
// goes wrong around a statement in which something has been refused. The kernel is thrown away in any case.
import { UnsupportedError, UserError } from '../base/errors.js';
import type { HeddleError } from '../base/errors.js';
import type { Declaration } from './resolve.js';

/** A place where a variable is read whose value was lost with a statement before. */
export class Consequence extends Error {}

const mostShown = 5;

export class Refusals {
  readonly #found = new Map<string, HeddleError>();
  readonly #lost = new Set<Declaration>();
  readonly #lostNames = new Set<string>();
  #count = 0;
  /** Whether the first refusal is thrown: so it is where nobody asks for all of them. */
  #isAtOnce = true;

  /** As `work()`; what it refuses is kept, and the variables that it would have changed are lost. */
  attempt(work: () => void, changed: () => Iterable<Declaration>): void {
    if (this.#isAtOnce) return work();
    const before = this.#count;
    try {
      work();
    } catch (error) {
      this.#take(error, before);
      for (const variable of changed()) this.#lost.add(variable);
    }
  }

  /** As `work()`, which the first refusal ends: another way will be tried, or the same one again to tell them all. */
  atOnce(work: () => void): void {
    this.#withAtOnce(true, work);
  }

  /** A name that is nobody's because of what was refused. */
  loseName(name: string): void {
    this.#lostNames.add(name);
  }

  isNameLost(name: string): boolean {
    return this.#lostNames.has(name);
  }

  /** Whether nobody knows what a variable would hold here. */
  isLost(variable: Declaration): boolean {
    return this.#lost.has(variable);
  }

  /** As `work()`, of all of a function; throws what was refused in it. */
  together<T>(work: () => T): T {
    let result: T | undefined;
    this.#withAtOnce(false, () =>
      this.attempt(
        () => (result = work()),
        () => [],
      ),
    );
    const [first, ...others] = this.#found.values();
    if (first === undefined) return result as T;
    const shown = others.slice(0, mostShown - 1).map(({ message }) => message);
    const rest = others.length - shown.length;
    if (rest > 0) shown.push(`(and ${rest} more like these)`);
    first.message = [first.message, ...shown].join('\n\n');
    throw first;
  }

  #withAtOnce(isAtOnce: boolean, work: () => void): void {
    const before = this.#isAtOnce;
    this.#isAtOnce = isAtOnce;
    try {
      work();
    } finally {
      this.#isAtOnce = before;
    }
  }

  #take(error: unknown, before: number): void {
    // What is too deep for the engine is too deep for all that follows.
    if (error instanceof RangeError) throw error;
    const isRefusal = error instanceof UserError || error instanceof UnsupportedError;
    if (!isRefusal && !(error instanceof Consequence) && this.#count === 0) throw error;
    const isFirst = this.#count === before;
    this.#count++;
    if (isRefusal && isFirst && !this.#found.has(error.message)) this.#found.set(error.message, error);
  }
}
