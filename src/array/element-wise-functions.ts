// The element-wise functions of the array standard, by its names in camelCase. Each takes what its method takes: arrays, and beside an array
// numbers, which take its dtype.
import type { DType, FloatOf, PartnerOf, Promote } from './dtypes.js';
import { logAddExp, power, record, square as squareNode } from './element-wise.js';
import type { ElementWise } from './element-wise.js';
import { arrayOf, nodeOf, toOperand } from './handle.js';
import type { NDArray } from './ndarray.js';
import type { Plain } from './operands.js';

type Same = <D extends DType>(x: NDArray<D>) => NDArray<D>;
type Float = <D extends DType>(x: NDArray<D>) => NDArray<FloatOf<D>>;
type Claim = (x: NDArray) => NDArray<'bool'>;

interface Binary {
  <D extends DType, E extends PartnerOf<D>>(a: NDArray<D>, b: NDArray<E>): NDArray<Promote<D, E>>;
  <D extends DType>(a: NDArray<D>, b: Plain): NDArray<D>;
  <D extends DType>(a: Plain, b: NDArray<D>): NDArray<D>;
}
interface FloatBinary {
  <D extends DType, E extends PartnerOf<D>>(a: NDArray<D>, b: NDArray<E>): NDArray<FloatOf<Promote<D, E>>>;
  <D extends DType>(a: NDArray<D>, b: Plain): NDArray<FloatOf<D>>;
  <D extends DType>(a: Plain, b: NDArray<D>): NDArray<FloatOf<D>>;
}
interface Comparison {
  <D extends DType>(a: NDArray<D>, b: NDArray<PartnerOf<D>> | Plain): NDArray<'bool'>;
  (a: Plain, b: NDArray): NDArray<'bool'>;
}

const unary = (name: ElementWise) => (x: NDArray) => arrayOf(record(name, nodeOf(x, name)));
const same = (name: ElementWise): Same => unary(name) as Same;
const float = (name: ElementWise): Float => unary(name) as Float;
const claim = (name: ElementWise): Claim => unary(name) as Claim;

/** At least one operand is an array. */
function two(what: string, a: unknown, b: unknown): ReturnType<typeof toOperand>[] {
  const operands = [toOperand(a), toOperand(b)];
  if (operands.every((operand) => typeof operand !== 'object')) nodeOf(a, what);
  return operands;
}

const pair = (name: ElementWise) => (a: unknown, b: unknown) => arrayOf(record(name, ...two(name, a, b)));
const binary: (name: ElementWise) => Binary = pair;
const comparison = (name: ElementWise): Comparison => pair(name) as Comparison;

export const abs = same('abs');
export const negative = same('neg');
export const positive = same('positive');
export const sign = same('sign');
export const floor = same('floor');
export const ceil = same('ceil');
export const trunc = same('trunc');
export const round = same('round');
export const bitwiseInvert = same('not');
export const square: Same = (x) => arrayOf(squareNode(nodeOf(x, 'square')));
export const reciprocal: Float = (x) => arrayOf(record('div', 1, nodeOf(x, 'reciprocal')));
export const sqrt = float('sqrt');
export const exp = float('exp');
export const expm1 = float('expm1');
export const log = float('log');
export const log1p = float('log1p');
export const log2 = float('log2');
export const log10 = float('log10');
export const sin = float('sin');
export const cos = float('cos');
export const tan = float('tan');
export const asin = float('asin');
export const acos = float('acos');
export const atan = float('atan');
export const sinh = float('sinh');
export const cosh = float('cosh');
export const tanh = float('tanh');
export const asinh = float('asinh');
export const acosh = float('acosh');
export const atanh = float('atanh');
export const isnan = claim('isnan');
export const isfinite = claim('isfinite');
export const isinf = claim('isinf');
export const signbit = claim('signbit');

export const add = binary('add');
export const subtract = binary('sub');
export const multiply = binary('mul');
export const divide = pair('div') as FloatBinary;
export const floorDivide = binary('floorDiv');
export const remainder = binary('mod');
export const pow = ((a: unknown, b: unknown) => {
  const [base, exponent] = two('pow', a, b) as [ReturnType<typeof toOperand>, ReturnType<typeof toOperand>];
  return arrayOf(power(base, exponent));
}) as Binary;
export const minimum = binary('minimum');
export const maximum = binary('maximum');
export const bitwiseAnd = binary('and');
export const bitwiseOr = binary('or');
export const bitwiseXor = binary('xor');
export const bitwiseLeftShift = binary('lshift');
export const bitwiseRightShift = binary('rshift');
export const logicalAnd = binary('logicalAnd');
export const logicalOr = binary('logicalOr');
export const logicalXor = binary('logicalXor');
export const logicalNot = same('logicalNot');
export const atan2 = pair('atan2') as FloatBinary;
export const hypot = pair('hypot') as FloatBinary;
export const copysign = binary('copysign');
export const nextafter = binary('nextafter');
/** log(exp(a) + exp(b)), without leaving the range of floats on the way. */
export const logaddexp = ((a: unknown, b: unknown) => {
  const [x, y] = two('logaddexp', a, b) as [ReturnType<typeof toOperand>, ReturnType<typeof toOperand>];
  return arrayOf(logAddExp(x, y));
}) as FloatBinary;

export const equal = comparison('eq');
export const notEqual = comparison('ne');
export const less = comparison('lt');
export const lessEqual = comparison('le');
export const greater = comparison('gt');
export const greaterEqual = comparison('ge');

/** Everything below `min` as `min`, everything above `max` as `max`; undefined or null is no bound, and NaN stays. */
export function clip<D extends DType>(
  x: NDArray<D>,
  min?: NDArray<D> | Plain | null,
  max?: NDArray<D> | Plain | null,
): NDArray<D> {
  let node = nodeOf(x, 'clip');
  if (min !== undefined && min !== null) node = record('maximum', node, toOperand(min));
  if (max !== undefined && max !== null) node = record('minimum', node, toOperand(max));
  return arrayOf(node);
}
