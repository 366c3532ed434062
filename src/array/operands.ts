// What may stand beside an array: another array, or a JavaScript number, bigint or boolean, which takes the array's dtype or is refused.
// A result's dtype never depends on a value.
import type { Scalar } from '../ir/operations.js';
import { UserError } from '../base/errors.js';
import { showValue } from '../base/show-value.js';
import { dtypes, isFloatDType, isIntegerDType, promote, rangeOf, valueTypeOf } from './dtypes.js';
import type { DType } from './dtypes.js';
import { apply, Node, scalarNode } from './expressions.js';
import { broadcastShapes, isSameShape } from './layout.js';
import type { Shape } from './layout.js';

export type Plain = number | bigint | boolean;
export type Operand = Node | Plain;

/** The dtype of a JavaScript value that stands alone. */
export const dtypeOfPlain = (value: Plain): DType =>
  typeof value === 'boolean' ? 'bool' : typeof value === 'bigint' ? 'int64' : 'float64';

/** The value as an element of `dtype`, held as the kernel language holds it. */
export function toElement(value: unknown, dtype: DType, what: string): Scalar {
  const refuse = (note: string, fix: string): UserError =>
    new UserError('ARRAY005', `${what}: ${showValue(value)} cannot be an element of ${dtype}`, { note, fix });
  if (dtype === 'bool') {
    if (typeof value === 'boolean') return value;
    throw refuse(
      'the elements of a bool array are true and false',
      "write true or false, or .astype('int64') the array",
    );
  }
  if (typeof value === 'boolean')
    throw refuse('true and false are no numbers', 'write 1 or 0, or use .astype on the bool array');
  if (isFloatDType(dtype)) {
    if (typeof value === 'number') return dtype === 'float32' ? Math.fround(value) : value;
    if (typeof value === 'bigint') throw refuse('a float array takes numbers', `write Number(${value}n)`);
    throw refuse('an element is a number', 'give a number');
  }
  if (typeof value === 'number' && !Number.isInteger(value)) {
    throw refuse(
      'the result would need another dtype, and a dtype never depends on a value',
      "use .astype('float64') on the array first",
    );
  }
  if (typeof value !== 'number' && typeof value !== 'bigint') throw refuse('an element is a number', 'give a number');
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    throw refuse('beyond 2^53 a number no longer holds every integer', 'write a bigint, such as 9007199254740993n');
  const [least, greatest] = rangeOf(dtype);
  const integer = BigInt(value);
  if (integer < least || integer > greatest)
    throw refuse(`${dtype} goes from ${least} to ${greatest}`, 'use .astype with a wider dtype on the array first');
  return valueTypeOf(dtype) === 'i64' ? BigInt.asIntN(64, integer) : Number(integer);
}

export const cast = (node: Node, dtype: DType): Node =>
  node.dtype === dtype ? node : apply('cast', dtype, node.shape, [node]);

/** The operands as nodes of one dtype: that of the arrays among them, promoted. */
export function unify(operands: readonly Operand[], what: string): { dtype: DType; nodes: Node[] } {
  const dtype = commonDType(operands, what);
  const nodes = operands.map((operand) =>
    operand instanceof Node ? cast(operand, dtype) : scalarNode(dtype, toElement(operand, dtype, what)),
  );
  return { dtype, nodes };
}

export function commonDType(operands: readonly Operand[], what: string): DType {
  let common: DType | undefined;
  for (const operand of operands) {
    if (!(operand instanceof Node)) continue;
    const next: DType | undefined = common === undefined ? operand.dtype : promote(common, operand.dtype);
    if (next === undefined) throw noCommonDType(common!, operand.dtype, what);
    common = next;
  }
  return common ?? dtypeOfPlain(operands[0] as Plain);
}

function noCommonDType(a: DType, b: DType, what: string): UserError {
  const kinds = [dtypes[a].kind, dtypes[b].kind];
  let fix = "say which one is meant with .astype, such as .astype('float64')";
  if (kinds.includes('bool')) fix = `use .astype('${a === 'bool' ? b : a}') on the bool array`;
  else if (isIntegerDType(a) && isIntegerDType(b))
    fix = "use .astype('int64') on the uint64 array, or .astype('float64') on both";
  else fix = `use .astype('${isFloatDType(a) ? a : b}') on the ${isFloatDType(a) ? b : a} array`;
  return new UserError('ARRAY004', `${what}: there is no dtype for both ${a} and ${b}`, {
    note: 'the array standard promotes within integers and within floats, and leaves mixtures to you',
    fix,
  });
}

/** Refuses dtypes that a function is not for. */
export function expectDType(dtype: DType, isAllowed: (dtype: DType) => boolean, what: string, wants: string): void {
  if (isAllowed(dtype)) return;
  const fix =
    dtype === 'bool' && !wants.includes('bool') ? "use .astype('int64') first" : `use .astype to make ${wants} of it`;
  throw new UserError('ARRAY004', `${what} is not for arrays of ${dtype}`, { note: `it wants ${wants}`, fix });
}

/** The shape of an element-wise result. */
export const commonShape = (nodes: readonly Node[], what: string): Shape => {
  const { shape: first } = nodes[0]!;
  if (nodes.every(({ shape }) => shape.length === 0 || isSameShape(shape, first))) return first;
  return broadcastShapes(
    nodes.map(({ shape }) => shape),
    what,
  );
};
