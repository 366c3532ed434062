// What a function is compiled for where an argument is an array with a shape: the dtype, how many axes, and how its elements lie, as far as
// that makes other code: one behind the other in C order; or, of each axis, whether a step leads nowhere, to the next element, to the one
// before, or anywhere. Lengths and all other strides are given to each call.
import type { ElementType, LentArray, Lying } from '../memory/lent-arrays.js';
import type { StorageType } from '../ir/types.js';

/** Of an axis: `s` is a stride that only the call knows. */
type StrideCode = '0' | '1' | '-' | 's';

export interface NdType {
  readonly dtype: ElementType;
  readonly rank: number;
  /** Of each axis; undefined where the elements lie in C order without gaps. */
  readonly strides: readonly StrideCode[] | undefined;
  /** As signatures have it. */
  readonly signature: string;
}

export const storageOf: Readonly<Record<ElementType, StorageType>> = {
  bool: 'bool',
  int8: 'i8',
  int16: 'i16',
  int32: 'i32',
  int64: 'i64',
  uint8: 'u8',
  uint16: 'u16',
  uint32: 'u32',
  uint64: 'u64',
  float32: 'f32',
  float64: 'f64',
};

export const isElementType = (value: unknown): value is ElementType =>
  typeof value === 'string' && Object.hasOwn(storageOf, value);

/** Axes of one element are stepped along by nobody, and where there are no elements nothing lies anywhere. */
function isInOrder(shape: readonly number[], strides: readonly number[]): boolean {
  if (shape.includes(0)) return true;
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] === 1) continue;
    if (strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}

const codeOf = (length: number, stride: number): StrideCode => {
  if (length === 1 || stride === 0) return '0';
  return stride === 1 ? '1' : stride === -1 ? '-' : 's';
};

const types = new Map<string, NdType>();

export function ndType(dtype: ElementType, shape: readonly number[], strides: readonly number[]): NdType {
  const codes = isInOrder(shape, strides) ? undefined : shape.map((length, axis) => codeOf(length, strides[axis]!));
  const key = `${dtype} ${codes === undefined ? shape.length : codes.join('')}`;
  let type = types.get(key);
  if (type === undefined) {
    const rank = shape.length;
    const layout = codes === undefined ? 'C' : `strides ${codes.join('')}`;
    type = { dtype, rank, strides: codes, signature: `array(${dtype}, ${rank}d${rank === 0 ? '' : `, ${layout}`})` };
    types.set(key, type);
  }
  return type;
}

const known = new WeakMap<Lying, { readonly shape: readonly number[]; readonly type: NdType }>();

export function typeOfLent({ shape, dtype }: LentArray, lying: Lying): NdType {
  const before = known.get(lying);
  if (before !== undefined && before.shape === shape) return before.type;
  const type = ndType(dtype, shape, lying.strides);
  known.set(lying, { shape, type });
  return type;
}

/** The numbers that a call gives for the array: its lengths, then the strides that its type leaves open. */
export function ndScalars(type: NdType, shape: readonly number[], strides: readonly number[]): bigint[] {
  const numbers = shape.map(BigInt);
  if (type.strides === undefined) {
    let stride = 1;
    const outer: bigint[] = [];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (axis < shape.length - 2) outer.unshift(BigInt(stride));
      stride *= shape[axis]!;
    }
    return [...numbers, ...outer];
  }
  for (const [axis, code] of type.strides.entries()) if (code === 's') numbers.push(BigInt(strides[axis]!));
  return numbers;
}
