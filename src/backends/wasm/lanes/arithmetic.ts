// The pure operations that keep the width of lanes, register by register: arithmetic, comparisons, shifts, masks and `select`.
// What SIMD lacks goes through scalars, a lane after the other: `rem`, and shifts by distances that differ or are not known.
import { Constant } from '../../../ir/nodes.js';
import type { Operand } from '../../../ir/nodes.js';
import type { OperationName } from '../../../ir/operations.js';
import { isFloat } from '../../../ir/types.js';
import type { ScalarType } from '../../../ir/types.js';
import {
  assemble,
  eachRegister,
  eachRegisterThen,
  extractLane,
  integerShape,
  laneBytesOf,
  shapeOf,
} from './registers.js';
import type { Code, LaneBytes, Lanes } from './registers.js';

const floatNames: Partial<Record<OperationName, string>> = {
  add: 'add',
  sub: 'sub',
  mul: 'mul',
  div: 'div',
  // Those of WebAssembly are Math.min and Math.max: NaN wins, and −0 is below +0.
  min: 'min',
  max: 'max',
  neg: 'neg',
  abs: 'abs',
  sqrt: 'sqrt',
  floor: 'floor',
  ceil: 'ceil',
  trunc: 'trunc',
  nearest: 'nearest',
  eq: 'eq',
  ne: 'ne',
  lt: 'lt',
  le: 'le',
  gt: 'gt',
  ge: 'ge',
};

const integerNames: Partial<Record<OperationName, string>> = {
  add: 'add',
  sub: 'sub',
  mul: 'mul',
  eq: 'eq',
  ne: 'ne',
  lt: 'lt_s',
  le: 'le_s',
  gt: 'gt_s',
  ge: 'ge_s',
};

const bitNames: Partial<Record<OperationName, string>> = { and: 'v128.and', or: 'v128.or', xor: 'v128.xor' };

/** Of masks, whatever their width. */
const maskCode: Partial<Record<OperationName, Code>> = {
  and: [['v128.and']],
  or: [['v128.or']],
  xor: [['v128.xor']],
  ne: [['v128.xor']],
  not: [['v128.not']],
  eq: [['v128.xor'], ['v128.not']],
};

/** The instructions that take the operands' registers from the stack and leave the result's; undefined where it takes more. */
function registerCode(operation: OperationName, over: ScalarType): Code | undefined {
  if (over === 'bool') return maskCode[operation];
  const bits = bitNames[operation];
  if (bits !== undefined) return [[bits]];
  const name = (isFloat(over) ? floatNames : integerNames)[operation];
  if (name !== undefined) return [[`${shapeOf(over)}.${name}`]];
  return over === 'i32' && (operation === 'min' || operation === 'max') ? [[`i32x4.${operation}_s`]] : undefined;
}

const shiftNames: Partial<Record<OperationName, string>> = { shl: 'shl', shrS: 'shr_s', shrU: 'shr_u' };

/** Shifts by constants take one instruction: distances count modulo the width in both languages. */
function shift(name: string, x: Lanes, distances: Lanes, distance: Operand): Code[] {
  const shape = integerShape(x.bytes);
  if (distance instanceof Constant) {
    const by = Number(BigInt.asUintN(6, BigInt(distance.value)));
    return eachRegister([x], (register) => [...register, ['i32.const', by], [`${shape}.${name}`]]);
  }
  const scalar = x.bytes === 8 ? 'i64' : 'i32';
  const shifted = Array.from({ length: x.count }, (_, lane): Code => [
    ...extractLane(x, shape, lane),
    ...extractLane(distances, shape, lane),
    [`${scalar}.${name}`],
  ]);
  return assemble(shape, x.bytes, shifted);
}

/** Of `min` and `max` of 64-bit integers: the first where it is less, or greater. */
const chosen = (comparison: string, a: Code, b: Code): Code => [
  ...a,
  ...b,
  ...a,
  ...b,
  [`i64x2.${comparison}`],
  ['v128.bitselect'],
];

/** The condition, as wide as what it chooses between, and the two. */
export const selectCode = ([condition, a, b]: readonly Lanes[]): Code[] =>
  eachRegisterThen([a!, b!, condition!], [['v128.bitselect']]);

/** The width of the operands of an operation that keeps it, given that of its result. */
export const operandBytes = (over: ScalarType, resultBytes: LaneBytes): LaneBytes =>
  over === 'bool' ? resultBytes : laneBytesOf(over);

/** For each lane a call of the function that computes the remainder of doubles, which is exact: that of floats is a float. */
export function remainders(over: 'f32' | 'f64', x: Lanes, y: Lanes, remainder: number): Code[] {
  const shape = shapeOf(over);
  const asDouble: Code = over === 'f32' ? [['f64.promote_f32']] : [];
  const scalars = Array.from({ length: x.count }, (_, lane): Code => [
    ...extractLane(x, shape, lane),
    ...asDouble,
    ...extractLane(y, shape, lane),
    ...asDouble,
    ['call', remainder],
    ...(over === 'f32' ? [['f32.demote_f64'] as const] : []),
  ]);
  return assemble(shape, x.bytes, scalars);
}

/** For each lane a call of a function of two integers. */
export function laneCalls(over: 'i32' | 'i64', x: Lanes, y: Lanes, index: number): Code[] {
  const shape = shapeOf(over);
  const scalars = Array.from({ length: x.count }, (_, lane): Code => [
    ...extractLane(x, shape, lane),
    ...extractLane(y, shape, lane),
    ['call', index],
  ]);
  return assemble(shape, x.bytes, scalars);
}

/** The registers of an operation other than `rem` and `select`, or undefined if it does not keep the width of its lanes. */
export function arithmetic(
  operation: OperationName,
  over: ScalarType,
  operands: readonly Operand[],
  lanes: readonly Lanes[],
): Code[] | undefined {
  const code = registerCode(operation, over);
  if (code !== undefined) return eachRegisterThen(lanes, code);
  const name = shiftNames[operation];
  if (name !== undefined) return shift(name, lanes[0]!, lanes[1]!, operands[1]!);
  if (operation === 'min' || operation === 'max')
    return eachRegister(lanes, (a, b) => chosen(operation === 'min' ? 'lt_s' : 'gt_s', a, b));
  return undefined;
}

/** Of lanes that fold in any order: the code that puts two registers on the stack together. */
export function combining(operation: OperationName, over: ScalarType, a: Code, b: Code): Code {
  const code = registerCode(operation, over);
  if (code !== undefined) return [...a, ...b, ...code];
  return chosen(operation === 'min' ? 'lt_s' : 'gt_s', a, b);
}
