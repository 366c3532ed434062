// The element-wise functions of the array standard, as they are recorded: which dtypes they are for, what they give, and the shapes.
// On integers, division and the functions that have no integer results work in float64.
import { UserError } from '../base/errors.js';
import { floatOf, isFloatDType, isIntegerDType, isNumericDType } from './dtypes.js';
import type { DType } from './dtypes.js';
import type { ElementOperation } from './element-operations.js';
import { apply, Node, scalarNode } from './expressions.js';
import { cast, commonShape, expectDType, toElement, unify } from './operands.js';
import type { Operand } from './operands.js';
import { broadcastTo } from './views.js';

const isBool = (dtype: DType): boolean => dtype === 'bool';
const isAny = (): boolean => true;

interface Rule {
  readonly operation: ElementOperation;
  readonly isFor: (dtype: DType) => boolean;
  readonly wants: string;
  /** `same` as the operands, `bool`, or a float: integers are cast to float64 before. */
  readonly gives: 'same' | 'bool' | 'float';
}

type Over = Pick<Rule, 'isFor' | 'wants'>;
const numeric: Over = { isFor: isNumericDType, wants: 'numbers' };
const any: Over = { isFor: isAny, wants: 'anything' };
const bits: Over = { isFor: (dtype: DType) => isBool(dtype) || isIntegerDType(dtype), wants: 'integers or bool' };
const logical: Over = { isFor: isBool, wants: 'bool' };
const same = (operation: ElementOperation, over = numeric): Rule => ({ operation, ...over, gives: 'same' });
const claim = (operation: ElementOperation, over = numeric): Rule => ({ operation, ...over, gives: 'bool' });
const float = (operation: ElementOperation): Rule => ({ operation, ...numeric, gives: 'float' });

/** By the names that messages use, which are those of the methods. */
export const elementWise = {
  add: same('add'),
  sub: same('sub'),
  mul: same('mul'),
  div: float('div'),
  floorDiv: same('floorDiv'),
  mod: same('mod'),
  neg: same('neg'),
  positive: same('cast'),
  abs: same('abs'),
  sign: same('sign'),
  sqrt: float('sqrt'),
  floor: same('floor'),
  ceil: same('ceil'),
  trunc: same('trunc'),
  round: same('round'),
  minimum: same('min'),
  maximum: same('max'),
  eq: claim('eq', any),
  ne: claim('ne', any),
  lt: claim('lt', any),
  le: claim('le', any),
  gt: claim('gt', any),
  ge: claim('ge', any),
  and: same('and', bits),
  or: same('or', bits),
  xor: same('xor', bits),
  not: same('not', bits),
  lshift: same('shiftLeft', { isFor: isIntegerDType, wants: 'integers' }),
  rshift: same('shiftRight', { isFor: isIntegerDType, wants: 'integers' }),
  logicalAnd: same('and', logical),
  logicalOr: same('or', logical),
  logicalXor: same('xor', logical),
  logicalNot: same('not', logical),
  isnan: claim('isNan'),
  isfinite: claim('isFinite'),
  isinf: claim('isInfinite'),
  signbit: claim('signBit', { isFor: isFloatDType, wants: 'floats' }),
  exp: float('exp'),
  exp2: float('exp2'),
  expm1: float('expm1'),
  log: float('log'),
  log1p: float('log1p'),
  log2: float('log2'),
  log10: float('log10'),
  sin: float('sin'),
  cos: float('cos'),
  tan: float('tan'),
  asin: float('asin'),
  acos: float('acos'),
  atan: float('atan'),
  sinh: float('sinh'),
  cosh: float('cosh'),
  tanh: float('tanh'),
  asinh: float('asinh'),
  acosh: float('acosh'),
  atanh: float('atanh'),
  cbrt: float('cbrt'),
  atan2: float('atan2'),
  hypot: float('hypot'),
  copysign: same('copySign', { isFor: isFloatDType, wants: 'floats' }),
  nextafter: same('nextAfter', { isFor: isFloatDType, wants: 'floats' }),
} as const satisfies Record<string, Rule>;

export type ElementWise = keyof typeof elementWise;

/** Records an element-wise function of one operand or several. */
export function record(name: ElementWise, ...operands: readonly Operand[]): Node {
  const { operation, isFor, wants, gives }: Rule = elementWise[name];
  const prepared = gives === 'float' ? operands.map(toFloat) : operands;
  const { dtype, nodes } = unify(prepared, name);
  expectDType(dtype, isFor, name, wants);
  return apply(operation, gives === 'bool' ? 'bool' : dtype, commonShape(nodes, name), nodes);
}

const toFloat = (operand: Operand): Operand =>
  operand instanceof Node && isIntegerDType(operand.dtype) ? cast(operand, floatOf(operand.dtype)) : operand;

export function square(node: Operand): Node {
  return record('mul', node, node);
}

/** `a` where the condition is true, else `b`. */
export function where(condition: Node, a: Operand, b: Operand): Node {
  expectDType(condition.dtype, isBool, 'the condition of where', 'bool');
  const { dtype, nodes } = unify([a, b], 'where');
  const all = [condition, ...nodes];
  return apply('where', dtype, commonShape(all, 'where'), all);
}

/** Powers; x**2 is x·x (docs/numerics.md, 5), and of integers every other number as an exponent is written as products, too. */
export function power(base: Operand, exponent: Operand): Node {
  if (base instanceof Node && isIntegerDType(base.dtype) && !(exponent instanceof Node)) {
    const whole = toElement(exponent, 'int64', 'pow') as bigint;
    if (whole < 0n) throw negativePower(base.dtype, whole);
    return wholePower(base, whole);
  }
  if (Number(exponent instanceof Node ? NaN : exponent) === 2 && base instanceof Node) return square(base);
  const { dtype, nodes } = unify([base, exponent], 'pow');
  expectDType(dtype, isNumericDType, 'pow', 'numbers');
  return apply(isFloatDType(dtype) ? 'pow' : 'integerPower', dtype, commonShape(nodes, 'pow'), nodes);
}

function wholePower(base: Node, exponent: bigint): Node {
  if (exponent === 0n) return broadcastTo(scalarNode(base.dtype, toElement(1, base.dtype, 'pow')), base.shape);
  let [result, factor]: [Node | undefined, Node] = [undefined, base];
  for (let left = exponent; ; left >>= 1n) {
    if (left % 2n === 1n) result = result === undefined ? factor : record('mul', result, factor);
    if (left <= 1n) return exponent === 1n ? record('positive', base) : result!;
    factor = square(factor);
  }
}

export const negativePower = (dtype: string, exponent: bigint): UserError =>
  new UserError('ARRAY005', `pow: a power of ${dtype} with the exponent ${exponent} is no element of ${dtype}`, {
    note: 'it is a fraction, but for those of 1 and -1, and a result has the dtype of its operands',
    fix: "use .astype('float64') on the base first",
  });

/** log(exp(a) + exp(b)): what is greater, and a bit more. */
export function logAddExp(a: Operand, b: Operand): Node {
  const greater = record('maximum', ...[a, b].map(toFloat));
  const distance = record('abs', record('sub', a, b));
  const sum = record('add', greater, record('log1p', record('exp', record('neg', distance))));
  // Equal infinities have no distance.
  return where(record('eq', a, b), record('add', greater, Math.LN2), sum);
}
