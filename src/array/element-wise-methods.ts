// The element-wise methods of arrays: each records one function of element-wise.ts.
import type { DType, FloatOf, PartnerOf, Promote } from './dtypes.js';
import { power, record, square } from './element-wise.js';
import type { ElementWise } from './element-wise.js';
import type { Node } from './expressions.js';
import { arrayOf, toOperand } from './handle.js';
import type { NDArray } from './ndarray.js';
import type { Plain } from './operands.js';

function unary<E extends DType>(array: unknown, name: ElementWise): NDArray<E> {
  return arrayOf<E>(record(name, toOperand(array)));
}

function binary<E extends DType>(array: unknown, name: ElementWise, other: unknown): NDArray<E> {
  return arrayOf<E>(record(name, toOperand(array), toOperand(other)));
}

/** What every array can do element by element. */
export abstract class ElementWiseMethods<D extends DType> {
  // Arithmetic. A number beside an array takes its dtype, or is refused.

  add(other: Plain): NDArray<D>;
  add<E extends PartnerOf<D>>(other: NDArray<E>): NDArray<Promote<D, E>>;
  add(other: unknown): NDArray {
    return binary(this, 'add', other);
  }

  sub(other: Plain): NDArray<D>;
  sub<E extends PartnerOf<D>>(other: NDArray<E>): NDArray<Promote<D, E>>;
  sub(other: unknown): NDArray {
    return binary(this, 'sub', other);
  }

  mul(other: Plain): NDArray<D>;
  mul<E extends PartnerOf<D>>(other: NDArray<E>): NDArray<Promote<D, E>>;
  mul(other: unknown): NDArray {
    return binary(this, 'mul', other);
  }

  /** The quotient as a float: integers are divided in float64. */
  div(other: Plain): NDArray<FloatOf<D>>;
  div<E extends PartnerOf<D>>(other: NDArray<E>): NDArray<FloatOf<Promote<D, E>>>;
  div(other: unknown): NDArray {
    return binary(this, 'div', other);
  }

  /** The quotient rounded down. */
  floorDiv(other: Plain): NDArray<D>;
  floorDiv<E extends PartnerOf<D>>(other: NDArray<E>): NDArray<Promote<D, E>>;
  floorDiv(other: unknown): NDArray {
    return binary(this, 'floorDiv', other);
  }

  /** What floorDiv leaves, with the sign of the divisor as in Python, and unlike JavaScript's `%`. */
  mod(other: Plain): NDArray<D>;
  mod<E extends PartnerOf<D>>(other: NDArray<E>): NDArray<Promote<D, E>>;
  mod(other: unknown): NDArray {
    return binary(this, 'mod', other);
  }

  /** Powers; of integers modulo the width of their dtype, and never with an exponent below 0. 1 to whatever power is 1, as in NumPy. */
  pow(exponent: Plain): NDArray<D>;
  pow<E extends PartnerOf<D>>(exponent: NDArray<E>): NDArray<Promote<D, E>>;
  pow(exponent: unknown): NDArray {
    return arrayOf(power(toOperand(this), toOperand(exponent)));
  }

  square(): NDArray<D> {
    return arrayOf(square(toOperand(this)));
  }

  neg(): NDArray<D> {
    return unary(this, 'neg');
  }

  abs(): NDArray<D> {
    return unary(this, 'abs');
  }

  sign(): NDArray<D> {
    return unary(this, 'sign');
  }

  sqrt(): NDArray<FloatOf<D>> {
    return unary(this, 'sqrt');
  }

  floor(): NDArray<D> {
    return unary(this, 'floor');
  }

  ceil(): NDArray<D> {
    return unary(this, 'ceil');
  }

  trunc(): NDArray<D> {
    return unary(this, 'trunc');
  }

  /** To the nearest whole number, halves to the even one. */
  round(): NDArray<D> {
    return unary(this, 'round');
  }

  // Mathematical functions (docs/math.md tells how exact they are); integers are taken as float64.

  exp(): NDArray<FloatOf<D>> {
    return unary(this, 'exp');
  }

  log(): NDArray<FloatOf<D>> {
    return unary(this, 'log');
  }

  log1p(): NDArray<FloatOf<D>> {
    return unary(this, 'log1p');
  }

  expm1(): NDArray<FloatOf<D>> {
    return unary(this, 'expm1');
  }

  log2(): NDArray<FloatOf<D>> {
    return unary(this, 'log2');
  }

  log10(): NDArray<FloatOf<D>> {
    return unary(this, 'log10');
  }

  exp2(): NDArray<FloatOf<D>> {
    return unary(this, 'exp2');
  }

  sin(): NDArray<FloatOf<D>> {
    return unary(this, 'sin');
  }

  cos(): NDArray<FloatOf<D>> {
    return unary(this, 'cos');
  }

  tan(): NDArray<FloatOf<D>> {
    return unary(this, 'tan');
  }

  asin(): NDArray<FloatOf<D>> {
    return unary(this, 'asin');
  }

  acos(): NDArray<FloatOf<D>> {
    return unary(this, 'acos');
  }

  atan(): NDArray<FloatOf<D>> {
    return unary(this, 'atan');
  }

  sinh(): NDArray<FloatOf<D>> {
    return unary(this, 'sinh');
  }

  cosh(): NDArray<FloatOf<D>> {
    return unary(this, 'cosh');
  }

  tanh(): NDArray<FloatOf<D>> {
    return unary(this, 'tanh');
  }

  asinh(): NDArray<FloatOf<D>> {
    return unary(this, 'asinh');
  }

  acosh(): NDArray<FloatOf<D>> {
    return unary(this, 'acosh');
  }

  atanh(): NDArray<FloatOf<D>> {
    return unary(this, 'atanh');
  }

  cbrt(): NDArray<FloatOf<D>> {
    return unary(this, 'cbrt');
  }

  // Comparisons and bits.

  eq(other: Plain): NDArray<'bool'>;
  eq<E extends PartnerOf<D>>(other: NDArray<E>): NDArray<'bool'>;
  eq(other: unknown): NDArray<'bool'> {
    return binary(this, 'eq', other);
  }

  ne(other: Plain): NDArray<'bool'>;
  ne<E extends PartnerOf<D>>(other: NDArray<E>): NDArray<'bool'>;
  ne(other: unknown): NDArray<'bool'> {
    return binary(this, 'ne', other);
  }

  lt(other: Plain): NDArray<'bool'>;
  lt<E extends PartnerOf<D>>(other: NDArray<E>): NDArray<'bool'>;
  lt(other: unknown): NDArray<'bool'> {
    return binary(this, 'lt', other);
  }

  le(other: Plain): NDArray<'bool'>;
  le<E extends PartnerOf<D>>(other: NDArray<E>): NDArray<'bool'>;
  le(other: unknown): NDArray<'bool'> {
    return binary(this, 'le', other);
  }

  gt(other: Plain): NDArray<'bool'>;
  gt<E extends PartnerOf<D>>(other: NDArray<E>): NDArray<'bool'>;
  gt(other: unknown): NDArray<'bool'> {
    return binary(this, 'gt', other);
  }

  ge(other: Plain): NDArray<'bool'>;
  ge<E extends PartnerOf<D>>(other: NDArray<E>): NDArray<'bool'>;
  ge(other: unknown): NDArray<'bool'> {
    return binary(this, 'ge', other);
  }

  /** Bit by bit; of bool arrays, whether both are true. */
  and(other: Plain): NDArray<D>;
  and<E extends PartnerOf<D>>(other: NDArray<E>): NDArray<Promote<D, E>>;
  and(other: unknown): NDArray {
    return binary(this, 'and', other);
  }

  or(other: Plain): NDArray<D>;
  or<E extends PartnerOf<D>>(other: NDArray<E>): NDArray<Promote<D, E>>;
  or(other: unknown): NDArray {
    return binary(this, 'or', other);
  }

  xor(other: Plain): NDArray<D>;
  xor<E extends PartnerOf<D>>(other: NDArray<E>): NDArray<Promote<D, E>>;
  xor(other: unknown): NDArray {
    return binary(this, 'xor', other);
  }

  not(): NDArray<D> {
    return unary(this, 'not');
  }

  /** Bits moved to the left. */
  lshift(distance: Plain): NDArray<D>;
  lshift<E extends PartnerOf<D>>(distance: NDArray<E>): NDArray<Promote<D, E>>;
  lshift(distance: unknown): NDArray {
    return binary(this, 'lshift', distance);
  }

  /** Bits moved to the right; of signed integers the sign moves in. */
  rshift(distance: Plain): NDArray<D>;
  rshift<E extends PartnerOf<D>>(distance: NDArray<E>): NDArray<Promote<D, E>>;
  rshift(distance: unknown): NDArray {
    return binary(this, 'rshift', distance);
  }

  /** The lesser of both, NaN where one is NaN. */
  minimum(other: Plain): NDArray<D>;
  minimum<E extends PartnerOf<D>>(other: NDArray<E>): NDArray<Promote<D, E>>;
  minimum(other: unknown): NDArray {
    return binary(this, 'minimum', other);
  }

  /** The greater of both, NaN where one is NaN. */
  maximum(other: Plain): NDArray<D>;
  maximum<E extends PartnerOf<D>>(other: NDArray<E>): NDArray<Promote<D, E>>;
  maximum(other: unknown): NDArray {
    return binary(this, 'maximum', other);
  }

  /** Everything below `min` as `min`, everything above `max` as `max`; undefined is no bound, and NaN stays. */
  clip(min?: NDArray<D> | Plain, max?: NDArray<D> | Plain): NDArray<D> {
    let node = toOperand(this);
    if (min !== undefined) node = record('maximum', node, toOperand(min));
    if (max !== undefined) node = record('minimum', node, toOperand(max));
    return arrayOf(node as Node);
  }

  isnan(): NDArray<'bool'> {
    return unary(this, 'isnan');
  }

  isfinite(): NDArray<'bool'> {
    return unary(this, 'isfinite');
  }

  isinf(): NDArray<'bool'> {
    return unary(this, 'isinf');
  }
}
