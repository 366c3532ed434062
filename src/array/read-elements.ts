// From stored elements to JavaScript values: one, all of them nested, or as a typed array. Integers of 64 bits come out as numbers while
// these are exact.
import { UserError } from '../base/errors.js';
import { typedArrays } from './dtypes.js';
import type { AnyTypedArray, DType } from './dtypes.js';
import type { Stored } from './expressions.js';
import { isContiguous, showShape, sizeOf } from './layout.js';
import type { Shape } from './layout.js';

export interface ReadOptions {
  /** Integers of 64 bits come as bigints. */
  readonly bigint?: boolean;
}

export type Element = number | boolean | bigint;

/** An element as a JavaScript value. */
export function toValue(raw: number | bigint, dtype: DType, wantsBigint: boolean): Element {
  if (dtype === 'bool') return raw !== 0;
  if (typeof raw === 'number') return raw;
  if (wantsBigint) return raw;
  const number = Number(raw);
  if (Number.isSafeInteger(number)) return number;
  throw new UserError('ARRAY013', `the ${dtype} element ${raw} cannot be given as a number`, {
    note: 'beyond 2^53 a number no longer holds every integer',
    fix: 'ask for bigints: { bigint: true }',
  });
}

/** Calls `visit` with the position in memory of each element, in C order. */
export function forEachPosition(
  shape: Shape,
  { strides, offset }: Stored,
  visit: (position: number, ordinal: number) => void,
): void {
  const place = shape.map(() => 0);
  const size = sizeOf(shape);
  let position = offset;
  for (let ordinal = 0; ordinal < size; ordinal++) {
    visit(position, ordinal);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      position += strides[axis]!;
      if (++place[axis]! < shape[axis]!) break;
      position -= strides[axis]! * shape[axis]!;
      place[axis] = 0;
    }
  }
}

/** The elements in C order, as an ordinary typed array of its own memory. */
export function copyElements(shape: Shape, dtype: DType, stored: Stored): AnyTypedArray {
  const size = sizeOf(shape);
  const copy = new typedArrays[dtype](size);
  const elements = stored.place.elements();
  if (isContiguous(shape, stored.strides)) copy.set(elements.subarray(stored.offset, stored.offset + size) as never);
  else
    forEachPosition(shape, stored, (position, ordinal) => {
      copy[ordinal] = elements[position]!;
    });
  return copy;
}

export type Nested = Element | Nested[];

export function nestElements(shape: Shape, dtype: DType, stored: Stored, wantsBigint: boolean): Nested {
  const elements = stored.place.elements();
  const nest = (axis: number, position: number): Nested => {
    if (axis === shape.length) return toValue(elements[position]!, dtype, wantsBigint);
    return Array.from({ length: shape[axis]! }, (_, i) => nest(axis + 1, position + i * stored.strides[axis]!));
  };
  return nest(0, stored.offset);
}

/** The element at [0, 0, …]. */
export const firstElement = (dtype: DType, { place, offset }: Stored, wantsBigint: boolean): Element =>
  toValue(place.elements()[offset]!, dtype, wantsBigint);

export function expectOneElement(shape: Shape, what: string): void {
  if (sizeOf(shape) === 1) return;
  throw new UserError('ARRAY008', `${what}: an array of the shape ${showShape(shape)} is not one number`, {
    note: `it has ${sizeOf(shape)} elements`,
    fix: 'take one with .get(…), put all together with .sum() or .mean(), or list them with .toArray()',
  });
}
