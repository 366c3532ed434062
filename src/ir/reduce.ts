// How reductions put their elements together: the fixed tree of docs/numerics.md, 7, so that the result never depends on who gathered
// what. A leaf is 4096 ordinals; in it the elements of one partial follow each other, partials and leaves are combined in pairs.
import type { Gathering, ReductionOperator } from './nodes.js';
import { computeScalar } from './operations.js';
import type { Scalar } from './operations.js';
import type { ScalarType } from './types.js';

const leafLength = 4096;

/** What has been gathered so far: nothing yet, or a value and the ordinal that it comes from. */
export interface Gathered {
  readonly value: Scalar;
  readonly ordinal: number;
}

/** Puts two together, the earlier one first. */
export function combine(operator: ReductionOperator, element: ScalarType, a: Gathered, b: Gathered): Gathered {
  switch (operator) {
    case 'count':
      return { value: (a.value as bigint) + (b.value as bigint), ordinal: a.ordinal };
    case 'least':
    case 'argLeast':
      return keeps(element, 'lt', a, b) ? b : a;
    case 'greatest':
    case 'argGreatest':
      return keeps(element, 'gt', a, b) ? b : a;
    default:
      return { value: computeScalar(operator, element, [a.value, b.value]), ordinal: a.ordinal };
  }
}

// `if (v < m) m = v` in the order of ordinals: NaN never wins over a number, and the first of equals stays.
function keeps(element: ScalarType, comparison: 'lt' | 'gt', a: Gathered, b: Gathered): boolean {
  const isNaN = ({ value }: Gathered): boolean => value !== value;
  if (isNaN(a) !== isNaN(b)) return isNaN(a);
  if (computeScalar(comparison, element, [b.value, a.value])) return true;
  return !computeScalar(comparison, element, [a.value, b.value]) && b.ordinal < a.ordinal;
}

const pair = (reduction: Gathering, a: Gathered | undefined, b: Gathered | undefined): Gathered | undefined =>
  a === undefined || b === undefined ? (a ?? b) : combine(reduction.operator, reduction.element, a, b);

/** The elements of one result, given in the order of their ordinals. */
export class ReductionTree {
  readonly #reduction: Gathering;
  /** For each leaf its partials. */
  readonly #leaves: (Gathered | undefined)[][] = [];

  constructor(reduction: Gathering) {
    this.#reduction = reduction;
  }

  /** Takes the element of the iteration `ordinal`, as `elementOfIteration` has put it together. */
  give(ordinal: number, value: Scalar): void {
    const leaf = (this.#leaves[Math.floor(ordinal / leafLength)] ??= []);
    const partial = ordinal % this.#reduction.partials;
    leaf[partial] = pair(this.#reduction, leaf[partial], { value, ordinal });
  }

  /** What has been gathered; undefined if nothing was given. */
  result(): Gathered | undefined {
    return this.#tree(0, this.#leaves.length);
  }

  #tree(start: number, count: number): Gathered | undefined {
    if (count === 0) return undefined;
    if (count === 1) return this.#leaf(this.#leaves[start] ?? []);
    let left = 1;
    while (left * 2 < count) left *= 2;
    return pair(this.#reduction, this.#tree(start, left), this.#tree(start + left, count - left));
  }

  #leaf(partials: (Gathered | undefined)[]): Gathered | undefined {
    const left = Array.from({ length: this.#reduction.partials }, (_, index) => partials[index]);
    for (let half = left.length / 2; half >= 1; half /= 2) {
      for (let index = 0; index < half; index++) left[index] = pair(this.#reduction, left[index], left[index + half]);
    }
    return left[0];
  }
}

/** What an iteration that has given `before` so far contributes when it gives one more; `count` counts bools. */
export function giveMore(reduction: Gathering, before: Scalar | undefined, element: Scalar): Scalar {
  const { operator } = reduction;
  if (operator === 'count') return ((before as bigint | undefined) ?? 0n) + (element === true ? 1n : 0n);
  if (before === undefined) return element;
  return combine(operator, reduction.element, { value: before, ordinal: 0 }, { value: element, ordinal: 1 }).value;
}

/** The value before a loop, and what its iterations have gathered. */
export function combineLast({ operator, element }: Gathering, initial: Scalar, gathered: Scalar): Scalar {
  if (operator === 'least') return computeScalar('lt', element, [gathered, initial]) ? gathered : initial;
  if (operator === 'greatest') return computeScalar('gt', element, [gathered, initial]) ? gathered : initial;
  return combine(operator, element, { value: initial, ordinal: -1 }, { value: gathered, ordinal: 0 }).value;
}

/** What a reduction without elements gives; those that keep an element have none, and give zero. */
export function identityOf({ operator, element }: Gathering): Scalar {
  const isBig = element === 'i64';
  switch (operator) {
    case 'and':
      return true;
    case 'or':
      return false;
    case 'mul':
      return isBig ? 1n : 1;
    case 'count':
    case 'argLeast':
    case 'argGreatest':
      return 0n;
    case 'min':
      return element === 'i64' ? 2n ** 63n - 1n : element === 'i32' ? 2 ** 31 - 1 : Infinity;
    case 'max':
      return element === 'i64' ? -(2n ** 63n) : element === 'i32' ? -(2 ** 31) : -Infinity;
    default:
      return isBig ? 0n : 0;
  }
}
