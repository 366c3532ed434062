// What element-wise operations become in the kernel language, for every dtype. Small integers are computed in i32 and wrapped to their
// width after each operation, uint32 in i64 the same way; uint64 is held as i64, so comparisons turn its top bit over first.
// NumPy's answers where the standard leaves some open: floor and mod of floats as its divmod gives them, integers divided by 0 give 0.
import { bool, f64, i64 } from '../ir/build.js';
import type { Builder } from '../ir/build.js';
import { Constant } from '../ir/nodes.js';
import type { Operand, Value } from '../ir/nodes.js';
import type { OperationName } from '../ir/operations.js';
import { castElement, wrapElement } from './cast-elements.js';
import { dtypes, isFloatDType, isIntegerDType, valueTypeOf } from './dtypes.js';
import type { DType } from './dtypes.js';
import { emitCall, isCall } from './element-functions.js';
import type { CallOperation } from './element-functions.js';
import { emitMath } from './math-operations.js';

/** Writes one operation on elements of `dtype`; a cast also needs to know what it leads to. */
type Emit = (b: Builder, dtype: DType, operands: readonly Operand[], to: DType) => Operand;

/** A constant of the value type that elements of `dtype` have. */
export function constantOf(dtype: DType, value: number): Constant {
  const type = valueTypeOf(dtype);
  return new Constant(type, type === 'i64' ? BigInt(value) : type === 'bool' ? value !== 0 : value);
}

const topBit = i64(-(2n ** 63n));

/** Operands of a comparison: those of uint64 with their top bit turned over, which orders them as signed numbers. */
export function inOrder(b: Builder, dtype: DType, operands: readonly Operand[]): readonly Operand[] {
  return dtype === 'uint64' ? operands.map((operand) => b.pure('xor', 'i64', [operand, topBit])) : operands;
}

const plain =
  (operation: OperationName): Emit =>
  (b, dtype, operands) =>
    wrapElement(b, dtype, b.pure(operation, valueTypeOf(dtype), operands));

const compare =
  (operation: OperationName): Emit =>
  (b, dtype, operands) => {
    if (dtype === 'bool') {
      const numbers = operands.map((operand) => b.pure('toI32', 'bool', [operand]));
      return b.pure(operation, 'i32', numbers);
    }
    return b.pure(operation, valueTypeOf(dtype), inOrder(b, dtype, operands));
  };

/** On floats as the operation says; integers are whole already. */
const toWhole =
  (operation: OperationName): Emit =>
  (b, dtype, operands) =>
    isFloatDType(dtype) ? b.pure(operation, valueTypeOf(dtype), operands) : operands[0]!;

const extreme =
  (operation: 'min' | 'max'): Emit =>
  (b, dtype, [x, y]) => {
    if (dtype !== 'uint64') return b.pure(operation, valueTypeOf(dtype), [x!, y!]);
    const isLess = b.pure('lt', 'i64', inOrder(b, dtype, [x!, y!]));
    return b.pure('select', 'i64', [isLess, ...(operation === 'min' ? [x!, y!] : [y!, x!])]);
  };

const negate: Emit = (b, dtype, operands) =>
  isFloatDType(dtype)
    ? b.pure('neg', valueTypeOf(dtype), operands)
    : wrapElement(b, dtype, b.pure('sub', valueTypeOf(dtype), [constantOf(dtype, 0), operands[0]!]));

const absolute: Emit = (b, dtype, operands) => {
  const type = valueTypeOf(dtype);
  if (isFloatDType(dtype)) return b.pure('abs', type, operands);
  if (dtypes[dtype].kind === 'unsigned') return operands[0]!;
  const isNegative = b.pure('lt', type, [operands[0]!, constantOf(dtype, 0)]);
  return b.pure('select', type, [isNegative, negate(b, dtype, operands, dtype), operands[0]!]);
};

const signOf: Emit = (b, dtype, [x]) => {
  const type = valueTypeOf(dtype);
  const zero = constantOf(dtype, 0);
  const one = constantOf(dtype, 1);
  if (dtypes[dtype].kind === 'unsigned') return b.pure('select', type, [b.pure('ne', type, [x!, zero]), one, zero]);
  const down = b.pure('select', type, [b.pure('lt', type, [x!, zero]), constantOf(dtype, -1), zero]);
  const either = b.pure('select', type, [b.pure('gt', type, [x!, zero]), one, down]);
  return isFloatDType(dtype) ? b.pure('select', type, [b.pure('ne', type, [x!, x!]), x!, either]) : either;
};

/** The size of x with the sign of y. */
const copySign: Emit = (b, dtype, [x, y]) => {
  const [type, bits, toBits, fromBits] =
    dtype === 'float32'
      ? (['f32', 'i32', 'bitsOfF32', 'f32OfBits'] as const)
      : (['f64', 'i64', 'bitsOfF64', 'f64OfBits'] as const);
  const sign = bits === 'i32' ? new Constant('i32', -(2 ** 31)) : topBit;
  const rest = bits === 'i32' ? new Constant('i32', 2 ** 31 - 1) : i64(2n ** 63n - 1n);
  const size = b.pure('and', bits, [b.pure(toBits, type, [x!]), rest]);
  const signBit = b.pure('and', bits, [b.pure(toBits, type, [y!]), sign]);
  return b.pure(fromBits, bits, [b.pure('or', bits, [size, signBit])]);
};

/** The float next to x in the direction of y. */
const nextAfter: Emit = (b, dtype, [x, y]) => {
  const isWide = dtype === 'float64';
  const [type, bits] = isWide ? (['f64', 'i64'] as const) : (['f32', 'i32'] as const);
  const whole = (value: number): Constant => (isWide ? i64(value) : new Constant('i32', value));
  const raw = b.pure(isWide ? 'bitsOfF64' : 'bitsOfF32', type, [x!]);
  // Bits count up away from zero on both sides.
  const isAway = b.pure('eq', 'i32', [
    b.pure('toI32', 'bool', [b.pure('lt', type, [x!, y!])]),
    b.pure('toI32', 'bool', [b.pure('gt', type, [x!, constantOf(dtype, 0)])]),
  ]);
  const moved = b.pure('add', bits, [raw, b.pure('select', bits, [isAway, whole(1), whole(-1)])]);
  const next = b.pure(isWide ? 'f64OfBits' : 'f32OfBits', bits, [moved]);
  const least = b.pure(isWide ? 'f64OfBits' : 'f32OfBits', bits, [whole(1)]);
  const isZero = b.pure('eq', type, [x!, constantOf(dtype, 0)]);
  const beside = b.pure('select', type, [isZero, copySign(b, dtype, [least, y!], dtype), next]);
  const sum = b.pure('add', type, [x!, y!]);
  const known = b.pure('select', type, [b.pure('eq', type, [x!, y!]), y!, beside]);
  return b.pure('select', type, [bothOrdered(b, type, x!, y!), known, sum]);
};

/** Neither is NaN: infinities of both signs also add up to it. */
const bothOrdered = (b: Builder, type: 'f32' | 'f64', x: Operand, y: Operand): Operand =>
  b.pure('and', 'bool', [b.pure('eq', type, [x, x]), b.pure('eq', type, [y, y])]);

const isNegativeBit: Emit = (b, dtype, [x]) => {
  const one = copySign(b, dtype, [constantOf(dtype, 1), x!], dtype);
  return b.pure('lt', valueTypeOf(dtype), [one, constantOf(dtype, 0)]);
};

/** Quotient rounded down and remainder with the divisor's sign, of floats: what Python's divmod gives. */
function divideFloats(b: Builder, dtype: DType, x: Operand, y: Operand): { quotient: Operand; remainder: Operand } {
  const type = valueTypeOf(dtype);
  const zero = constantOf(dtype, 0);
  const rest = b.pure('rem', type, [x, y]);
  const exact = b.pure('div', type, [b.pure('sub', type, [x, rest]), y]);
  const isOver = b.pure('ne', type, [rest, zero]);
  const differs = b.pure('xor', 'bool', [b.pure('lt', type, [y, zero]), b.pure('lt', type, [rest, zero])]);
  const isBeyond = b.pure('and', 'bool', [isOver, differs]);
  const down = b.pure('select', type, [isBeyond, b.pure('sub', type, [exact, constantOf(dtype, 1)]), exact]);
  const moved = b.pure('select', type, [isBeyond, b.pure('add', type, [rest, y]), rest]);
  const remainder = b.pure('select', type, [isOver, moved, copySign(b, dtype, [zero, y], dtype)]);
  const floor = b.pure('floor', type, [down]);
  const isShort = b.pure('gt', type, [b.pure('sub', type, [down, floor]), constantOf(dtype, 0.5)]);
  const whole = b.pure('select', type, [isShort, b.pure('add', type, [floor, constantOf(dtype, 1)]), floor]);
  const plainQuotient = b.pure('div', type, [x, y]);
  const quotient = b.pure('select', type, [
    b.pure('ne', type, [down, zero]),
    whole,
    copySign(b, dtype, [zero, plainQuotient], dtype),
  ]);
  const byZero = b.pure('eq', type, [y, zero]);
  const isNaN = b.pure('ne', type, [rest, rest]);
  return {
    quotient: b.pure('select', type, [byZero, plainQuotient, quotient]),
    remainder: b.pure('select', type, [isNaN, rest, remainder]),
  };
}

/** The same of integers: what the kernel language gives is cut off towards zero, and by 0 it is 0. */
function divideIntegers(b: Builder, dtype: DType, x: Operand, y: Operand): { quotient: Operand; remainder: Operand } {
  const type = valueTypeOf(dtype);
  if (dtype === 'uint64') return divideUnsigned(b, x, y);
  const quotient = b.pure('div', type, [x, y]);
  const rest = b.pure('rem', type, [x, y]);
  if (dtypes[dtype].kind === 'unsigned') return { quotient, remainder: rest };
  const zero = constantOf(dtype, 0);
  const isOver = b.pure('ne', type, [rest, zero]);
  const differs = b.pure('xor', 'bool', [b.pure('lt', type, [rest, zero]), b.pure('lt', type, [y, zero])]);
  const isBeyond = b.pure('and', 'bool', [isOver, differs]);
  const down = b.pure('select', type, [isBeyond, b.pure('sub', type, [quotient, constantOf(dtype, 1)]), quotient]);
  return {
    quotient: wrapElement(b, dtype, down),
    remainder: b.pure('select', type, [isBeyond, b.pure('add', type, [rest, y]), rest]),
  };
}

/**
 * Of uint64, which the kernel language takes as signed: half of the dividend is no longer negative, and twice its quotient is one too few at
 * most. A divisor from 2^63 up goes once or not at all.
 */
function divideUnsigned(b: Builder, x: Operand, y: Operand): { quotient: Operand; remainder: Operand } {
  const zero = i64(0);
  const isLess = (a: Operand, c: Operand): Value => b.pure('lt', 'i64', inOrder(b, 'uint64', [a, c]));
  const isLarge = b.pure('lt', 'i64', [y, zero]);
  const half = b.pure('div', 'i64', [b.pure('shrU', 'i64', [x, i64(1)]), y]);
  const about = b.pure('select', 'i64', [isLarge, zero, b.pure('shl', 'i64', [half, i64(1)])]);
  const left = b.pure('sub', 'i64', [x, b.pure('mul', 'i64', [about, y])]);
  const isShort = b.pure('not', 'bool', [isLess(left, y)]);
  const quotient = b.pure('select', 'i64', [isShort, b.pure('add', 'i64', [about, i64(1)]), about]);
  const rest = b.pure('select', 'i64', [isShort, b.pure('sub', 'i64', [left, y]), left]);
  const byZero = b.pure('eq', 'i64', [y, zero]);
  const unlessByZero = (value: Operand): Value => b.pure('select', 'i64', [byZero, zero, value]);
  return { quotient: unlessByZero(quotient), remainder: unlessByZero(rest) };
}

const divided =
  (part: 'quotient' | 'remainder'): Emit =>
  (b, dtype, [x, y]) =>
    (isFloatDType(dtype) ? divideFloats : divideIntegers)(b, dtype, x!, y!)[part];

/** Shifts by the width or more give what is left then: zeros, or the sign. */
const shift =
  (direction: 'left' | 'right'): Emit =>
  (b, dtype, [x, y]) => {
    const type = valueTypeOf(dtype);
    const isRightOfSigned = direction === 'right' && dtypes[dtype].kind === 'signed';
    const operation = direction === 'left' ? 'shl' : isRightOfSigned ? 'shrS' : 'shrU';
    const shifted = wrapElement(b, dtype, b.pure(operation, type, [x!, y!]));
    const isFar = b.pure('gt', type, [y!, constantOf(dtype, dtypes[dtype].bits - 1)]);
    const beyond = isRightOfSigned
      ? b.pure('shrS', type, [x!, constantOf(dtype, dtypes[dtype].bits - 1)])
      : constantOf(dtype, 0);
    return b.pure('select', type, [isFar, beyond, shifted]);
  };

/**
 * An int64 that orders as the element does, with NaN beyond all numbers on the side of the winner, and −0 equal to 0: arg-min and arg-max
 * of the kernel language compare and keep, so NaN would lose, but in NumPy it wins.
 */
const orderKey =
  (nan: bigint): Emit =>
  (b, dtype, [x]) => {
    if (!isFloatDType(dtype)) return inOrder(b, dtype, [castElement(b, dtype, 'int64', x!)])[0]!;
    const wide = b.pure('add', 'f64', [castElement(b, dtype, 'float64', x!), f64(0)]);
    const bits = b.pure('bitsOfF64', 'f64', [wide]);
    const turned = b.pure('xor', 'i64', [bits, i64(2n ** 63n - 1n)]);
    const key = b.pure('select', 'i64', [b.pure('lt', 'i64', [bits, i64(0)]), turned, bits]);
    return b.pure('select', 'i64', [b.pure('ne', 'f64', [wide, wide]), i64(nan), key]);
  };

const isFinite: Emit = (b, dtype, [x]) => {
  if (!isFloatDType(dtype)) return bool(true);
  const type = valueTypeOf(dtype);
  return b.pure('lt', type, [b.pure('abs', type, [x!]), constantOf(dtype, Infinity)]);
};

const isInfinite: Emit = (b, dtype, [x]) => {
  if (!isFloatDType(dtype)) return bool(false);
  const type = valueTypeOf(dtype);
  return b.pure('eq', type, [b.pure('abs', type, [x!]), constantOf(dtype, Infinity)]);
};

/** The check of `integerPower`, of those that kernels of arrays make. */
export const negativePowerSite = 1;

/** Powers by squaring, modulo the width as products are. */
const integerPower: Emit = (b, dtype, [x, y]) => {
  const type = valueTypeOf(dtype);
  const exponent = castElement(b, dtype, 'int64', y!);
  const isNegative = b.pure('lt', 'i64', [exponent, i64(0)]);
  if (dtypes[dtype].kind === 'signed') {
    const condition = b.pure('not', 'bool', [isNegative]);
    const bits = i64(dtypes[dtype].bits);
    b.add({ kind: 'check', condition, site: negativePowerSite, index: exponent, length: bits, source: -1 });
  }
  // As many rounds as the exponent has digits, which the exponent of the double next to it tells; those from 2^63 up have them all.
  const double = b.pure('bitsOfF64', 'f64', [b.pure('toF64', 'i64', [exponent])]);
  const biased = b.pure('and', 'i64', [b.pure('shrU', 'i64', [double, i64(52)]), i64(0x7ff)]);
  const digits = b.pure('max', 'i64', [b.pure('sub', 'i64', [biased, i64(1022)]), i64(0)]);
  const count = b.pure('select', 'i64', [isNegative, i64(64), digits], 'digits');
  const carried = [
    ['power', type, constantOf(dtype, 1)],
    ['square', type, x!],
    ['left', 'i64', exponent],
  ] as const;
  const [power] = b.for('squaring', { index: 'digit', count, carried }, (inner, _, values) => {
    const [before, square, left] = values as [Operand, Operand, Operand];
    const isOdd = inner.pure('ne', 'i64', [inner.pure('and', 'i64', [left, i64(1)]), i64(0)]);
    const more = inner.pure('select', type, [isOdd, inner.pure('mul', type, [before, square]), before]);
    return [more, inner.pure('mul', type, [square, square]), inner.pure('shrU', 'i64', [left, i64(1)])];
  });
  return wrapElement(b, dtype, power!);
};

const notBits: Emit = (b, dtype, operands) => {
  if (dtype === 'bool') return b.pure('not', 'bool', operands);
  return wrapElement(b, dtype, b.pure('xor', valueTypeOf(dtype), [operands[0]!, constantOf(dtype, -1)]));
};

/** A mathematical function, in float64; of float32 arrays its result is rounded once more. */
const mathematical =
  (name: string): Emit =>
  (b, dtype, operands) => {
    const wide = operands.map((operand) => castElement(b, dtype, 'float64', operand));
    return castElement(b, 'float64', dtype, emitMath(b, name, wide));
  };

/** As the array standard has it, and unlike JavaScript: 1 to whatever power is 1, and so is −1 to an infinite one. */
const power: Emit = (b, dtype, [x, y], to) => {
  const type = valueTypeOf(dtype);
  const one = constantOf(dtype, 1);
  const isInfinitePower = b.pure('eq', type, [b.pure('abs', type, [y!]), constantOf(dtype, Infinity)]);
  const isMinusOne = b.pure('eq', type, [x!, constantOf(dtype, -1)]);
  const isTurning = b.pure('and', 'bool', [isMinusOne, isInfinitePower]);
  const isOne = b.pure('or', 'bool', [b.pure('eq', type, [x!, one]), isTurning]);
  return b.pure('select', type, [isOne, one, mathematical('pow')(b, dtype, [x!, y!], to)]);
};

const operations = {
  add: plain('add'),
  sub: plain('sub'),
  mul: plain('mul'),
  div: plain('div'),
  floorDiv: divided('quotient'),
  mod: divided('remainder'),
  neg: negate,
  abs: absolute,
  sign: signOf,
  sqrt: plain('sqrt'),
  floor: toWhole('floor'),
  ceil: toWhole('ceil'),
  trunc: toWhole('trunc'),
  round: toWhole('nearest'),
  min: extreme('min'),
  max: extreme('max'),
  eq: plain('eq'),
  ne: plain('ne'),
  lt: compare('lt'),
  le: compare('le'),
  gt: compare('gt'),
  ge: compare('ge'),
  and: plain('and'),
  or: plain('or'),
  xor: plain('xor'),
  not: notBits,
  shiftLeft: shift('left'),
  shiftRight: shift('right'),
  where: (b, dtype, operands) => b.pure('select', valueTypeOf(dtype), operands),
  cast: (b, dtype, operands, to) => castElement(b, dtype, to, operands[0]!),
  isNan: (b, dtype, [x]) => (isFloatDType(dtype) ? b.pure('ne', valueTypeOf(dtype), [x!, x!]) : bool(false)),
  isFinite,
  isInfinite,
  signBit: isNegativeBit,
  copySign,
  nextAfter,
  greatestKey: orderKey(2n ** 63n - 1n),
  leastKey: orderKey(-(2n ** 63n)),
  exp: mathematical('exp'),
  exp2: mathematical('exp2'),
  expm1: mathematical('expm1'),
  log: mathematical('log'),
  log1p: mathematical('log1p'),
  log2: mathematical('log2'),
  log10: mathematical('log10'),
  sin: mathematical('sin'),
  cos: mathematical('cos'),
  tan: mathematical('tan'),
  asin: mathematical('asin'),
  acos: mathematical('acos'),
  atan: mathematical('atan'),
  sinh: mathematical('sinh'),
  cosh: mathematical('cosh'),
  tanh: mathematical('tanh'),
  asinh: mathematical('asinh'),
  acosh: mathematical('acosh'),
  atanh: mathematical('atanh'),
  cbrt: mathematical('cbrt'),
  atan2: mathematical('atan2'),
  hypot: mathematical('hypot'),
  pow: power,
  integerPower,
  normalQuantile: mathematical('normalQuantile'),
} as const satisfies Record<string, Emit>;

/** One of these, or a function of a person's own. */
export type ElementOperation = keyof typeof operations | CallOperation;

/** The dtype of what the operation works on; the first operand of `where` is its condition. */
const dtypeOperand = (operation: ElementOperation, from: readonly DType[]): DType =>
  operation === 'where' ? from[1]! : from[0]!;

/** Writes an operation on operands of the dtypes `from`, which gives an element of `to`. */
export function emitOperation(
  b: Builder,
  operation: ElementOperation,
  from: readonly DType[],
  to: DType,
  operands: readonly Operand[],
): Operand {
  if (isCall(operation)) return emitCall(b, operation, from, operands);
  return operations[operation](b, dtypeOperand(operation, from), operands, to);
}

export const isIntegerOrBool = (dtype: DType): boolean => dtype === 'bool' || isIntegerDType(dtype);
