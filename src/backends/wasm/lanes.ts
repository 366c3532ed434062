// The instructions of operations over two 64-bit lanes, a v128 each; a mask has all bits of a lane set or none.
import type { OperationName, Scalar } from '../../ir/operations.js';
import type { ScalarType } from '../../ir/types.js';
import type { Instruction } from './encode/instructions.js';
import { pureInstructions } from './pure.js';

/** Lanes that a v128 has of what we put into it. */
export const laneCount = 2;

const shapes: Partial<Record<ScalarType, string>> = { f64: 'f64x2', i64: 'i64x2' };

const maskInstructions: Partial<Record<OperationName, readonly Instruction[]>> = {
  and: [['v128.and']],
  or: [['v128.or']],
  xor: [['v128.xor']],
  ne: [['v128.xor']],
  not: [['v128.not']],
  eq: [['v128.xor'], ['v128.not']],
  // A lane that is on is −1 as an integer.
  extendS: [['i64x2.neg']],
};

/** As `pureInstructions`, for lanes: those that take the operands from the stack and leave the result, or undefined. */
export function laneInstructions(operation: OperationName, over: ScalarType): readonly Instruction[] | undefined {
  if (over === 'bool')
    return operation === 'toF64' ? [laneConstant('f64', 1), ['v128.and']] : maskInstructions[operation];
  // The bits of a lane are the same, whatever they stand for.
  if (operation === 'bitsOfF64' || operation === 'f64OfBits') return [];
  if (operation === 'and' || operation === 'or' || operation === 'xor') return [[`v128.${operation}`]];
  const shape = shapes[over];
  const scalar = pureInstructions(operation, over);
  const isOneForOne = scalar?.length === 1 && scalar[0]![0].startsWith(`${over}.`);
  // Lanes are shifted by a distance that they share, which no operation of ours has.
  if (shape === undefined || !isOneForOne || operation.startsWith('sh')) return undefined;
  return [[`${shape}.${scalar[0]![0].slice(over.length + 1)}`]];
}

/** The same number in both lanes. */
export function laneConstant(type: ScalarType, value: Scalar): Instruction {
  const lane = new DataView(new ArrayBuffer(8));
  if (type === 'f64') lane.setFloat64(0, Number(value), true);
  else lane.setBigInt64(0, type === 'bool' ? (value ? -1n : 0n) : BigInt(value), true);
  const bytes = Array.from({ length: 8 }, (_, index) => lane.getUint8(index));
  return ['v128.const', ...bytes, ...bytes];
}

/** Spreads the scalar on the stack. */
export function splatInstructions(type: ScalarType): readonly Instruction[] | undefined {
  if (type === 'bool') return [['i64.extend_i32_u'], ['i64x2.splat'], ['i64x2.neg']];
  const shape = shapes[type];
  return shape === undefined ? undefined : [[`${shape}.splat`]];
}

/** Puts the two lanes in local `local` together. */
export function foldInstructions(
  operation: OperationName,
  type: ScalarType,
  local: number,
): readonly Instruction[] | undefined {
  if (type === 'bool') return [['local.get', local], [operation === 'and' ? 'i64x2.all_true' : 'v128.any_true']];
  const shape = shapes[type];
  const together = pureInstructions(operation, type);
  if (shape === undefined || together === undefined) return undefined;
  return [
    ['local.get', local],
    [`${shape}.extract_lane`, 0],
    ['local.get', local],
    [`${shape}.extract_lane`, 1],
    ...together,
  ];
}
