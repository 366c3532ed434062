// The scalar instructions of the pure operations: most are one instruction, named alike in both languages.
import type { OperationName } from '../../ir/operations.js';
import type { ScalarType } from '../../ir/types.js';
import type { Instruction } from './encode/instructions.js';

const floatNames: Partial<Record<OperationName, string>> = {
  add: 'add',
  sub: 'sub',
  mul: 'mul',
  div: 'div',
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
  and: 'and',
  or: 'or',
  xor: 'xor',
  shl: 'shl',
  shrS: 'shr_s',
  shrU: 'shr_u',
  eq: 'eq',
  ne: 'ne',
  lt: 'lt_s',
  le: 'le_s',
  gt: 'gt_s',
  ge: 'ge_s',
};

const boolNames: Partial<Record<OperationName, readonly Instruction[]>> = {
  and: [['i32.and']],
  or: [['i32.or']],
  xor: [['i32.xor']],
  not: [['i32.eqz']],
  eq: [['i32.eq']],
  ne: [['i32.ne']],
  toI32: [],
  toF64: [['f64.convert_i32_u']],
  toF32: [['f32.convert_i32_u']],
  extendS: [['i64.extend_i32_u']],
};

const conversions: Readonly<Record<string, readonly Instruction[]>> = {
  'toF64.i32': [['f64.convert_i32_s']],
  'toF64.i64': [['f64.convert_i64_s']],
  'toF64.f32': [['f64.promote_f32']],
  'toF32.f64': [['f32.demote_f64']],
  'toF32.i32': [['f32.convert_i32_s']],
  'truncI64.f64': [['i64.trunc_sat_f64_s']],
  'extendS.i32': [['i64.extend_i32_s']],
  'extendU.i32': [['i64.extend_i32_u']],
  'wrap.i64': [['i32.wrap_i64']],
  'bitsOfF64.f64': [['i64.reinterpret_f64']],
  'f64OfBits.i64': [['f64.reinterpret_i64']],
  'bitsOfF32.f32': [['i32.reinterpret_f32']],
  'f32OfBits.i32': [['f32.reinterpret_i32']],
};

/**
 * The instructions that take the operands from the stack and leave the result; undefined for those that take more than that: `select`,
 * which wants its condition last, `min`, `max`, `div` and `rem` of integers, `rem` and `toInt32`.
 */
export function pureInstructions(operation: OperationName, over: ScalarType): readonly Instruction[] | undefined {
  const converted = conversions[`${operation}.${over}`];
  if (converted !== undefined) return converted;
  if (over === 'bool') return boolNames[operation];
  const name = over === 'f32' || over === 'f64' ? floatNames[operation] : integerNames[operation];
  return name === undefined ? undefined : [[`${over}.${name}`]];
}
