// How long code may run, as far as its text tells: what has a bound is emitted in its place, the rest can be taken up again in a function
// of its own (loops.ts). A unit is about one instruction; `Infinity` stands for a number that only the run knows.
import { Constant } from '../../ir/nodes.js';
import type { For, Loop, Region, Statement } from '../../ir/nodes.js';
import { regionsOf } from '../../ir/walk.js';

/** Basic iterations, of some sixteen units, that code does before it lets its driver have a look. */
export const usualBudget = 65_536;
const unitsAnIteration = 16;
/** A loop of so many iterations is never taken up again: it takes less than a millisecond even in code that was not optimised. */
const tinyShare = 1 / 4;
/** What a call counts whose length nobody knows; routines look after their own long loops. */
const unknownCallUnits = 256 * unitsAnIteration;
const knownCallUnits = 16;

export class Work {
  /** Basic iterations of a slice. */
  readonly budget: number;
  readonly #tinyUnits: number;
  readonly #isUnbounded: (callee: string) => boolean;
  readonly #units = new Map<Region, { readonly all: number; readonly own: number }>();

  constructor(isUnbounded: (callee: string) => boolean, budget: number) {
    this.budget = budget;
    this.#tinyUnits = budget * tinyShare * unitsAnIteration;
    this.#isUnbounded = isUnbounded;
  }

  /** Whether the loop needs no function of its own. */
  isTiny(loop: For | Loop): boolean {
    return loop.kind === 'for' && !loop.isParallel && this.#loopUnits(loop) <= this.#tinyUnits;
  }

  /** Whether the length of each iteration is known: then the loop is cut into slices by counting iterations alone. */
  isLeaf({ body }: For | Loop): boolean {
    return this.#regionUnits(body).all < Infinity;
  }

  /** What an iteration takes of the budget, without the loops inside that count for themselves. */
  weightOf({ body }: For | Loop): number {
    return Math.max(1, Math.ceil(this.#regionUnits(body).own / unitsAnIteration));
  }

  /** Iterations of a leaf that one slice does; a power of two, and so a multiple of every step. */
  sliceOf(loop: For | Loop): number {
    return Math.max(64, 2 ** Math.floor(Math.log2(this.budget / this.weightOf(loop))));
  }

  /** Whether a region counts itself, or calls what does. */
  hasUnknownLength(region: Region): boolean {
    return this.#regionUnits(region).all === Infinity;
  }

  #loopUnits({ start, count, step, body }: For): number {
    if (!(start instanceof Constant) || !(count instanceof Constant)) return Infinity;
    const trips = Math.max(0, (Number(count.value) - Number(start.value)) / step);
    return trips * (this.#regionUnits(body).all + 1);
  }

  #regionUnits(region: Region): { readonly all: number; readonly own: number } {
    let units = this.#units.get(region);
    if (units === undefined) {
      let [all, own] = [1, 1];
      for (const statement of region.statements) {
        const [statementAll, statementOwn] = this.#statementUnits(statement);
        all += statementAll;
        own += statementOwn;
      }
      units = { all, own };
      this.#units.set(region, units);
    }
    return units;
  }

  #statementUnits(statement: Statement): [all: number, own: number] {
    switch (statement.kind) {
      case 'if': {
        const branches = regionsOf(statement).map((region) => this.#regionUnits(region));
        return [Math.max(...branches.map(({ all }) => all)), Math.max(...branches.map(({ own }) => own))];
      }
      case 'for': {
        const units = this.#loopUnits(statement);
        return units <= this.#tinyUnits ? [units, units] : [Infinity, 1];
      }
      case 'loop':
        return [Infinity, 1];
      case 'call':
        return this.#isUnbounded(statement.callee) ? [Infinity, unknownCallUnits] : [knownCallUnits, knownCallUnits];
      default:
        return [1, 1];
    }
  }
}
