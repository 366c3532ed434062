// The element types of arrays, and what two of them give together: the type promotion table of the Python array API standard 2024.12, as
// data and as types. What the standard leaves open between kinds (integers with floats, bool with numbers) is refused, never guessed.
import type { ScalarType, StorageType } from '../ir/types.js';

interface Description {
  readonly kind: 'bool' | 'signed' | 'unsigned' | 'float';
  readonly bits: number;
  /** How an element lies in memory, and what the kernel language computes with. */
  readonly storage: StorageType;
  readonly value: ScalarType;
}

export const dtypes = {
  bool: { kind: 'bool', bits: 8, storage: 'bool', value: 'bool' },
  int8: { kind: 'signed', bits: 8, storage: 'i8', value: 'i32' },
  int16: { kind: 'signed', bits: 16, storage: 'i16', value: 'i32' },
  int32: { kind: 'signed', bits: 32, storage: 'i32', value: 'i32' },
  int64: { kind: 'signed', bits: 64, storage: 'i64', value: 'i64' },
  uint8: { kind: 'unsigned', bits: 8, storage: 'u8', value: 'i32' },
  uint16: { kind: 'unsigned', bits: 16, storage: 'u16', value: 'i32' },
  uint32: { kind: 'unsigned', bits: 32, storage: 'u32', value: 'i64' },
  uint64: { kind: 'unsigned', bits: 64, storage: 'u64', value: 'i64' },
  float32: { kind: 'float', bits: 32, storage: 'f32', value: 'f32' },
  float64: { kind: 'float', bits: 64, storage: 'f64', value: 'f64' },
} as const satisfies Record<string, Description>;

export type DType = keyof typeof dtypes;
export type FloatDType = 'float32' | 'float64';
export type SignedDType = 'int8' | 'int16' | 'int32' | 'int64';
export type UnsignedDType = 'uint8' | 'uint16' | 'uint32' | 'uint64';
export type IntegerDType = SignedDType | UnsignedDType;
export type NumericDType = IntegerDType | FloatDType;

export const dtypeNames = Object.keys(dtypes) as DType[];
export const isDType = (value: unknown): value is DType => typeof value === 'string' && Object.hasOwn(dtypes, value);
export const isFloatDType = (dtype: DType): dtype is FloatDType => dtypes[dtype].kind === 'float';
export const isIntegerDType = (dtype: DType): dtype is IntegerDType =>
  dtypes[dtype].kind === 'signed' || dtypes[dtype].kind === 'unsigned';
export const isNumericDType = (dtype: DType): dtype is NumericDType => dtype !== 'bool';
export const valueTypeOf = (dtype: DType): ScalarType => dtypes[dtype].value;
export const bytesOf = (dtype: DType): number => dtypes[dtype].bits / 8;

/** Each row: the dtype on the left with those along the top; what is missing has no common dtype. */
const promotions = {
  bool: { bool: 'bool' },
  int8: {
    int8: 'int8',
    int16: 'int16',
    int32: 'int32',
    int64: 'int64',
    uint8: 'int16',
    uint16: 'int32',
    uint32: 'int64',
  },
  int16: {
    int8: 'int16',
    int16: 'int16',
    int32: 'int32',
    int64: 'int64',
    uint8: 'int16',
    uint16: 'int32',
    uint32: 'int64',
  },
  int32: {
    int8: 'int32',
    int16: 'int32',
    int32: 'int32',
    int64: 'int64',
    uint8: 'int32',
    uint16: 'int32',
    uint32: 'int64',
  },
  int64: {
    int8: 'int64',
    int16: 'int64',
    int32: 'int64',
    int64: 'int64',
    uint8: 'int64',
    uint16: 'int64',
    uint32: 'int64',
  },
  uint8: {
    int8: 'int16',
    int16: 'int16',
    int32: 'int32',
    int64: 'int64',
    uint8: 'uint8',
    uint16: 'uint16',
    uint32: 'uint32',
    uint64: 'uint64',
  },
  uint16: {
    int8: 'int32',
    int16: 'int32',
    int32: 'int32',
    int64: 'int64',
    uint8: 'uint16',
    uint16: 'uint16',
    uint32: 'uint32',
    uint64: 'uint64',
  },
  uint32: {
    int8: 'int64',
    int16: 'int64',
    int32: 'int64',
    int64: 'int64',
    uint8: 'uint32',
    uint16: 'uint32',
    uint32: 'uint32',
    uint64: 'uint64',
  },
  uint64: { uint8: 'uint64', uint16: 'uint64', uint32: 'uint64', uint64: 'uint64' },
  float32: { float32: 'float32', float64: 'float64' },
  float64: { float32: 'float64', float64: 'float64' },
} as const satisfies Record<DType, Partial<Record<DType, DType>>>;

type Promotions = typeof promotions;

/** The dtypes that have a common one with D. */
export type PartnerOf<D extends DType> = D extends DType ? Extract<keyof Promotions[D], DType> : never;

/** What D and E give together. */
export type Promote<D extends DType, E extends DType> = D extends DType
  ? E extends keyof Promotions[D]
    ? Extract<Promotions[D][E], DType>
    : never
  : never;

/** The dtype that both can be held in; undefined where the standard knows none. */
export function promote(a: DType, b: DType): DType | undefined {
  return (promotions[a] as Partial<Record<DType, DType>>)[b];
}

/** What sums and products of D are gathered in: integers in 64 bits. */
export type SumDType<D extends DType> = D extends FloatDType ? D : D extends UnsignedDType ? 'uint64' : 'int64';

export function sumDType(dtype: DType): DType {
  if (isFloatDType(dtype)) return dtype;
  return dtypes[dtype].kind === 'unsigned' ? 'uint64' : 'int64';
}

/** What divisions, means and mathematical functions of D give. */
export type FloatOf<D extends DType> = D extends FloatDType ? D : 'float64';

export const floatOf = (dtype: DType): FloatDType => (isFloatDType(dtype) ? dtype : 'float64');

/** What one element of D is as a JavaScript value. */
export type Item<D extends DType> = D extends 'bool' ? boolean : number;

export const typedArrays = {
  bool: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  float32: Float32Array,
  float64: Float64Array,
} as const satisfies Record<DType, unknown>;

interface TypedArrays {
  bool: Uint8Array;
  int8: Int8Array;
  int16: Int16Array;
  int32: Int32Array;
  int64: BigInt64Array;
  uint8: Uint8Array;
  uint16: Uint16Array;
  uint32: Uint32Array;
  uint64: BigUint64Array;
  float32: Float32Array;
  float64: Float64Array;
}

/** The typed array whose elements are those of D. */
export type TypedArrayOf<D extends DType> = TypedArrays[D];
export type AnyTypedArray = TypedArrayOf<DType>;

/** The dtype of a typed array; undefined for what is none. Clamped bytes are uint8. */
export function dtypeOfTypedArray(value: unknown): DType | undefined {
  if (!ArrayBuffer.isView(value)) return undefined;
  const name = Object.prototype.toString.call(value).slice(8, -1);
  if (name === 'Uint8ClampedArray') return 'uint8';
  return dtypeNames.find((dtype) => dtype !== 'bool' && typedArrays[dtype].name === name);
}

/** The least and greatest of an integer dtype. */
export function rangeOf(dtype: IntegerDType): readonly [bigint, bigint] {
  const bits = BigInt(dtypes[dtype].bits);
  return dtypes[dtype].kind === 'signed' ? [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n] : [0n, 2n ** bits - 1n];
}
