// The types of the kernel language: scalars, and lanes of 2 to 64 equal scalars. A lane type is written `f64x4`; lanes of bool are masks.
// Buffers hold storage types, which are more: a u8 is loaded as i32, a u32 as i64.

export const scalarTypes = ['i32', 'i64', 'f32', 'f64', 'bool'] as const;
export type ScalarType = (typeof scalarTypes)[number];
export type Type = ScalarType | `${ScalarType}x${number}`;

export const laneCounts: readonly number[] = [2, 4, 8, 16, 32, 64];

/** Compilers ask for them more often than for anything else. */
const elements = new Map<Type, ScalarType>();
const counts = new Map<Type, number>();

export function elementOf(type: Type): ScalarType {
  let element = elements.get(type);
  if (element === undefined) elements.set(type, (element = type.split('x')[0] as ScalarType));
  return element;
}

/** 1 for a scalar. */
export function lanesOf(type: Type): number {
  let count = counts.get(type);
  if (count === undefined) counts.set(type, (count = Number(type.split('x')[1] ?? 1)));
  return count;
}

export function withLanes(element: ScalarType, count: number): Type {
  return count === 1 ? element : `${element}x${count}`;
}

/** The type that `text` names, or undefined. */
export function parseType(text: string): Type | undefined {
  const [element, count, ...more] = text.split('x');
  if (!scalarTypes.includes(element as ScalarType) || more.length > 0) return undefined;
  if (count === undefined) return text as Type;
  return laneCounts.includes(Number(count)) && String(Number(count)) === count ? (text as Type) : undefined;
}

export const isFloat = (type: ScalarType): boolean => type === 'f32' || type === 'f64';
export const isInteger = (type: ScalarType): boolean => type === 'i32' || type === 'i64';

/** What a buffer's elements are, as they lie in memory: bytes each, and the scalar that loading gives and storing takes. */
export const storageTypes = {
  bool: { byteLength: 1, value: 'bool' },
  i8: { byteLength: 1, value: 'i32' },
  u8: { byteLength: 1, value: 'i32' },
  /** Stored clamped to 0 … 255, as Uint8ClampedArray does with integers. */
  u8c: { byteLength: 1, value: 'i32' },
  i16: { byteLength: 2, value: 'i32' },
  u16: { byteLength: 2, value: 'i32' },
  i32: { byteLength: 4, value: 'i32' },
  u32: { byteLength: 4, value: 'i64' },
  i64: { byteLength: 8, value: 'i64' },
  u64: { byteLength: 8, value: 'i64' },
  f32: { byteLength: 4, value: 'f32' },
  f64: { byteLength: 8, value: 'f64' },
} as const satisfies Record<string, { byteLength: number; value: ScalarType }>;

export type StorageType = keyof typeof storageTypes;

export const isStorageType = (text: string): text is StorageType => Object.hasOwn(storageTypes, text);

/** The typed array whose elements lie as a storage type's do in memory; a bool is a byte. */
export const arrayOf = {
  bool: Uint8Array,
  i8: Int8Array,
  u8: Uint8Array,
  u8c: Uint8ClampedArray,
  i16: Int16Array,
  u16: Uint16Array,
  i32: Int32Array,
  u32: Uint32Array,
  i64: BigInt64Array,
  u64: BigUint64Array,
  f32: Float32Array,
  f64: Float64Array,
} as const satisfies Record<StorageType, unknown>;
