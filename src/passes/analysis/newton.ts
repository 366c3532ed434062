// Polynomials in the number j of an iteration, with integers for coefficients that may be known only at run time, and the code that
// evaluates them. In Newton's form, Σ dₖ·C(j, k), the coefficients of what integers make are integers, no division is left over, and the
// sum over the iterations before j has the same coefficients, one place further on.
// All is modulo 2⁶⁴, as integers are.
import { Constant, Value } from '../../ir/nodes.js';
import type { Operand, Statement } from '../../ir/nodes.js';
import { computeScalar } from '../../ir/operations.js';
import type { OperationName } from '../../ir/operations.js';
import type { ScalarType } from '../../ir/types.js';

export const integerOf = (value: bigint): Constant => new Constant('i64', BigInt.asIntN(64, value));
export const doubleOf = (value: number): Constant => new Constant('f64', value);

const isInteger = (operand: Operand, value: bigint): boolean => operand instanceof Constant && operand.value === value;

/** Straight code that is being written; what is constant is computed now. */
export class Code {
  readonly statements: Statement[] = [];
  readonly #source: number;

  constructor(source: number) {
    this.#source = source;
  }

  pure(
    operation: OperationName,
    over: ScalarType,
    operands: readonly Operand[],
    type: ScalarType,
    name: string,
  ): Operand {
    if (operands.every((operand) => operand instanceof Constant))
      return new Constant(
        type,
        computeScalar(
          operation,
          over,
          operands.map(({ value }) => value),
        ),
      );
    const result = new Value(type, name);
    this.statements.push({ kind: 'pure', operation, over, operands, result, source: this.#source });
    return result;
  }

  add(a: Operand, b: Operand): Operand {
    if (isInteger(a, 0n)) return b;
    return isInteger(b, 0n) ? a : this.pure('add', 'i64', [a, b], 'i64', 'sum');
  }

  subtract(a: Operand, b: Operand): Operand {
    return isInteger(b, 0n) ? a : this.pure('sub', 'i64', [a, b], 'i64', 'difference');
  }

  multiply(a: Operand, b: Operand): Operand {
    if (isInteger(a, 0n) || isInteger(b, 1n)) return a;
    return isInteger(b, 0n) || isInteger(a, 1n) ? b : this.pure('mul', 'i64', [a, b], 'i64', 'product');
  }

  halve(a: Operand): Operand {
    return this.pure('shrS', 'i64', [a, integerOf(1n)], 'i64', 'half');
  }

  toDouble(a: Operand): Operand {
    return this.pure('toF64', 'i64', [a], 'f64', 'double');
  }

  compare(operation: OperationName, over: 'i64' | 'f64', a: Operand, b: Operand, name: string): Operand {
    return this.pure(operation, over, [a, b], 'bool', name);
  }

  /** Whether all hold. */
  every(conditions: readonly Operand[]): Operand {
    const open = conditions.filter((condition) => !(condition instanceof Constant && condition.value === true));
    if (open.length === 0) return new Constant('bool', true);
    return open.reduce((all, condition) => this.pure('and', 'bool', [all, condition], 'bool', 'isExact'));
  }
}

/** The highest degree there is code for. */
export const highestDegree = 4;

/** dₖ for k = 0, 1 …; the highest is not a constant 0, but for the polynomial 0 itself. */
export type Newton = readonly Operand[];

const zero = integerOf(0n);

function trim(coefficients: readonly Operand[]): Newton {
  const last = coefficients.findLastIndex((coefficient) => !isInteger(coefficient, 0n));
  return last < 0 ? [zero] : coefficients.slice(0, last + 1);
}

export function addNewton(code: Code, a: Newton, b: Newton, isSubtracted = false): Newton {
  const length = Math.max(a.length, b.length);
  return trim(
    Array.from({ length }, (_, k) => {
      const [x, y] = [a[k] ?? zero, b[k] ?? zero];
      return isSubtracted ? code.subtract(x, y) : code.add(x, y);
    }),
  );
}

function choose(n: number, k: number): number {
  let product = 1;
  for (let i = 0; i < k; i++) product = (product * (n - i)) / (i + 1);
  return product;
}

/** C(j, a)·C(j, b) = Σ C(k, a)·C(a, k − b)·C(j, k), for k from b to a + b. */
export const productOfBasis = (a: number, b: number): number[] =>
  Array.from({ length: a + b + 1 }, (_, k) => (k < b ? 0 : choose(k, a) * choose(a, k - b)));

/** undefined where the degree becomes too high. */
export function multiplyNewton(code: Code, a: Newton, b: Newton): Newton | undefined {
  const length = a.length + b.length - 1;
  if (length > highestDegree + 1) return undefined;
  const sums: Operand[] = Array.from({ length }, () => zero);
  for (const [i, x] of a.entries()) {
    for (const [k, y] of b.entries()) {
      const product = code.multiply(x, y);
      for (const [place, factor] of productOfBasis(i, k).entries())
        sums[place] = code.add(sums[place]!, code.multiply(product, integerOf(BigInt(factor))));
    }
  }
  return trim(sums);
}

/** `first` + the sum over the iterations before j; undefined where the degree becomes too high. */
export function sumNewton(first: Operand, terms: Newton): Newton | undefined {
  return terms.length > highestDegree ? undefined : trim([first, ...terms]);
}

/** 1/3 modulo 2⁶⁴: what times 3 is 1. */
const third = integerOf(0xaaaaaaaaaaaaaaabn);

/**
 * C(n, k) modulo 2⁶⁴ for k = 0 … degree and n ≥ 0, without dividing what has wrapped: factors are halved while they are whole, and 3, being
 * odd, has an inverse. C(n, 4) wants n ≤ 2³¹.
 */
function binomials(code: Code, n: Operand, degree: number): Operand[] {
  const one = integerOf(1n);
  // Of n and n − 1 one is even: n >> 1 is half of it, and (n − 1) | 1 is the other one.
  const pairs = (m: Operand): Operand =>
    code.multiply(code.halve(m), code.pure('or', 'i64', [code.subtract(m, one), one], 'i64', 'odd'));
  const list: Operand[] = [one, n];
  if (degree >= 2) list.push(pairs(n));
  const withoutTwo = code.subtract(n, integerOf(2n));
  if (degree >= 3) list.push(code.multiply(code.multiply(list[2]!, withoutTwo), third));
  if (degree >= 4) {
    // C(n, 2)·C(n − 2, 2) = 6·C(n, 4), and exactly one of the two is even, as their difference is 2n − 3.
    const [a, b] = [list[2]!, pairs(withoutTwo)];
    const bit = code.pure('and', 'i64', [a, one], 'i64', 'bit');
    const isEven = code.compare('eq', 'i64', bit, integerOf(0n), 'isEven');
    const products = [code.multiply(code.halve(a), b), code.multiply(a, code.halve(b))];
    list.push(code.multiply(code.pure('select', 'i64', [isEven, ...products], 'i64', 'half'), third));
  }
  return list;
}

/** The polynomials at n ≥ 0. */
export function evaluateNewton(code: Code, polynomials: readonly Newton[], n: Operand): Operand[] {
  const degree = Math.max(...polynomials.map(({ length }) => length - 1));
  const powers = binomials(code, n, degree);
  return polynomials.map((coefficients) =>
    coefficients.reduce(
      (sum, coefficient, k) => code.add(sum, code.multiply(coefficient, powers[k]!)),
      zero as Operand,
    ),
  );
}

/** Σ dₖ·C(n, k) for numbers of any size. */
export function evaluateExactly(coefficients: readonly bigint[], n: bigint): bigint {
  let [sum, binomial] = [0n, 1n];
  for (const [k, coefficient] of coefficients.entries()) {
    sum += coefficient * binomial;
    binomial = (binomial * (n - BigInt(k))) / BigInt(k + 1);
  }
  return sum;
}
