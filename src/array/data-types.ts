// The data types of the array standard as values, what can be asked about them, and its constants.
import { UserError } from '../base/errors.js';
import { showValue } from '../base/show-value.js';
import { toDType } from './create.js';
import { dtypes, isFloatDType, isIntegerDType, rangeOf } from './dtypes.js';
import type { DType, FloatDType, IntegerDType } from './dtypes.js';
import type { NDArray } from './ndarray.js';

export const bool = 'bool';
export const int8 = 'int8';
export const int16 = 'int16';
export const int32 = 'int32';
export const int64 = 'int64';
export const uint8 = 'uint8';
export const uint16 = 'uint16';
export const uint32 = 'uint32';
export const uint64 = 'uint64';
export const float32 = 'float32';
export const float64 = 'float64';

export const e = Math.E;
export const pi = Math.PI;
export const inf = Infinity;
export const nan = NaN;
/** In an index, a new axis. */
export const newaxis = null;

const kinds = {
  bool: (dtype: DType) => dtype === 'bool',
  'signed integer': (dtype: DType) => dtypes[dtype].kind === 'signed',
  'unsigned integer': (dtype: DType) => dtypes[dtype].kind === 'unsigned',
  integral: isIntegerDType,
  'real floating': isFloatDType,
  numeric: (dtype: DType) => dtype !== 'bool',
} as const;

export type Kind = keyof typeof kinds;

/** Is the dtype of that kind, or that dtype; or of one among several? */
export function isdtype(dtype: DType, kind: Kind | DType | readonly (Kind | DType)[]): boolean {
  const found = toDType(dtype, 'isdtype');
  const list: readonly unknown[] = Array.isArray(kind) ? kind : [kind];
  return list.some((each) => {
    if (typeof each === 'string' && each !== 'bool' && Object.hasOwn(kinds, each)) return kinds[each as Kind](found);
    return toDType(each, 'isdtype') === found;
  });
}

const dtypeOf = (of: DType | NDArray, what: string): DType => toDType(typeof of === 'object' ? of.dtype : of, what);

export interface FloatLimits {
  readonly bits: number;
  /** The distance from 1 to the next number. */
  readonly eps: number;
  readonly max: number;
  readonly min: number;
  /** The least number above 0 that has all its digits. */
  readonly smallestNormal: number;
  readonly dtype: FloatDType;
}

/** What floats of a dtype can hold. */
export function finfo(of: DType | NDArray): FloatLimits {
  const dtype = dtypeOf(of, 'finfo');
  if (dtype === 'float64') {
    const max = Number.MAX_VALUE;
    return { bits: 64, eps: Number.EPSILON, max, min: -max, smallestNormal: 2 ** -1022, dtype };
  }
  if (dtype === 'float32') {
    const max = (2 - 2 ** -23) * 2 ** 127;
    return { bits: 32, eps: 2 ** -23, max, min: -max, smallestNormal: 2 ** -126, dtype };
  }
  throw new UserError('ARRAY004', `finfo is not for ${showValue(dtype)}`, {
    note: 'it wants floats',
    fix: 'use iinfo for integers',
  });
}

export interface IntegerLimits {
  readonly bits: number;
  readonly max: bigint;
  readonly min: bigint;
  readonly dtype: IntegerDType;
}

/** What integers of a dtype can hold. */
export function iinfo(of: DType | NDArray): IntegerLimits {
  const dtype = dtypeOf(of, 'iinfo');
  if (!isIntegerDType(dtype)) {
    throw new UserError('ARRAY004', `iinfo is not for ${showValue(dtype)}`, {
      note: 'it wants integers',
      fix: 'use finfo for floats',
    });
  }
  const [min, max] = rangeOf(dtype);
  return { bits: dtypes[dtype].bits, max, min, dtype };
}

/** The elements in another dtype. */
export const astype = <D extends DType>(array: NDArray, dtype: D): NDArray<D> => array.astype(dtype);
