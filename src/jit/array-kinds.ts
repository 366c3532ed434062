// The kinds of typed arrays: what their elements are in the kernel language, and how signatures call them.
import type { StorageType } from '../ir/types.js';

export interface ArrayKind {
  /** Of the constructor. */
  readonly name: string;
  readonly storage: StorageType;
  readonly bytes: number;
  /** Whether its elements are bigints. */
  readonly isBig: boolean;
  /** As signatures have it. */
  readonly signature: string;
}

const kind = (name: string, storage: StorageType, bytes: number, isBig = false): ArrayKind => ({
  name,
  storage,
  bytes,
  isBig,
  signature: `${storage}[]`,
});

export const arrayKinds: readonly ArrayKind[] = [
  kind('Float64Array', 'f64', 8),
  kind('Float32Array', 'f32', 4),
  kind('Int8Array', 'i8', 1),
  kind('Uint8Array', 'u8', 1),
  kind('Uint8ClampedArray', 'u8c', 1),
  kind('Int16Array', 'i16', 2),
  kind('Uint16Array', 'u16', 2),
  kind('Int32Array', 'i32', 4),
  kind('Uint32Array', 'u32', 4),
  kind('BigInt64Array', 'i64', 8, true),
  kind('BigUint64Array', 'u64', 8, true),
];

/** Whether its elements are whole numbers, and no bigints. */
export const isIntegerKind = (of: ArrayKind | undefined): boolean =>
  of !== undefined && !of.isBig && of.storage !== 'f64' && of.storage !== 'f32';

const byName = new Map(arrayKinds.map((each) => [each.name, each]));

export const kindNamed = (name: string): ArrayKind | undefined => byName.get(name);

/** Of every typed array, the getter of their common prototype tells the kind, whatever its class is called. */
const { get: tag } = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype) as object,
  Symbol.toStringTag,
) as { get: (this: unknown) => string | undefined };

/** The kind of a typed array; undefined for anything else. */
export const kindOf = (value: unknown): ArrayKind | undefined => byName.get(tag.call(value) ?? '');
