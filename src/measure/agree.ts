// When two answers count as the same. Exact means Object.is on every number (NaN equals NaN, −0 does not equal 0), through arrays,
// typed arrays, maps and sets (in their order) and plain objects; a tolerance is NumPy's: |a − b| ≤ atol + rtol·|b|, and infinities
// equal only themselves. Both answers have been copied by structured cloning, which leaves few kinds of objects to tell apart.

export interface Tolerance {
  /** Relative to the reference; 0 by default. */
  rtol?: number;
  /** Absolute; 0 by default. */
  atol?: number;
}

/** `exact`, a tolerance, or `(answer, reference) => boolean`; false compares nothing. */
export type Agreement = 'exact' | Tolerance | ((answer: unknown, reference: unknown) => boolean) | false;

/** Whether `answer` is the same as `reference`, by the rule `exact` or a tolerance. */
export function isSameAnswer(answer: unknown, reference: unknown, rule: 'exact' | Tolerance): boolean {
  return findDifference(answer, reference, rule) === undefined;
}

/** Where two answers first differ, and what each has there. */
export interface Difference {
  /** As one would write it behind the answer's name: `[3]`, `.points[0].x`; empty for the whole. */
  readonly place: string;
  readonly answer: unknown;
  readonly reference: unknown;
}

/** Undefined where the answers are the same by the rule. */
export function findDifference(answer: unknown, reference: unknown, rule: 'exact' | Tolerance): Difference | undefined {
  return compareParts(answer, reference, rule, new Map());
}

/** @param path what each object around these two is being compared with, so that a cycle ends where it closes */
function compareParts(
  answer: unknown,
  reference: unknown,
  rule: 'exact' | Tolerance,
  path: Map<object, unknown>,
): Difference | undefined {
  if (Object.is(answer, reference)) return undefined;
  const different: Difference = { place: '', answer, reference };
  if (typeof answer === 'number' && typeof reference === 'number') {
    if (rule === 'exact' || !Number.isFinite(answer) || !Number.isFinite(reference)) return different;
    const { rtol = 0, atol = 0 } = rule;
    return Math.abs(answer - reference) <= atol + rtol * Math.abs(reference) ? undefined : different;
  }
  if (typeof answer !== 'object' || typeof reference !== 'object' || answer === null || reference === null)
    return different;
  if (Object.getPrototypeOf(answer) !== Object.getPrototypeOf(reference)) return different;
  if (path.has(answer)) return path.get(answer) === reference ? undefined : different;
  path.set(answer, reference);
  const found = compareObjects(answer, reference, (a, b) => compareParts(a, b, rule, path));
  path.delete(answer);
  return found;
}

function compareObjects(
  answer: object,
  reference: object,
  compare: (a: unknown, b: unknown) => Difference | undefined,
): Difference | undefined {
  const [parts, otherParts] = [listParts(answer), listParts(reference)];
  if (parts !== undefined && otherParts !== undefined) {
    if (parts.length !== otherParts.length) return { place: '', answer, reference };
    for (let i = 0; i < parts.length; i++) {
      const found = compare(parts[i], otherParts[i]);
      if (found !== undefined) return within(namePart(answer, i), found);
    }
    return undefined;
  }
  const [values, otherValues] = [answer, reference] as [Record<string, unknown>, Record<string, unknown>];
  for (const key of new Set([...Object.keys(values), ...Object.keys(otherValues)])) {
    const [value, otherValue] = [values[key], otherValues[key]];
    const isMissing = !Object.hasOwn(values, key) || !Object.hasOwn(otherValues, key);
    const found = isMissing ? { place: '', answer: value, reference: otherValue } : compare(value, otherValue);
    if (found !== undefined)
      return within(/^[\p{L}_$][\p{L}\d_$]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`, found);
  }
  return undefined;
}

const within = (place: string, inner: Difference): Difference => ({ ...inner, place: place + inner.place });

/** What an object is made of, where that is not the values of its keys. */
function listParts(value: object): ArrayLike<unknown> | undefined {
  if (Array.isArray(value)) return value;
  if (value instanceof DataView) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (ArrayBuffer.isView(value)) return value as unknown as ArrayLike<unknown>;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (value instanceof Map || value instanceof Set) return [...value];
  if (value instanceof Date) return [value.getTime()];
  if (value instanceof RegExp) return [String(value)];
  if (value instanceof Error) return [value.name, value.message, value.cause];
  if (isBoxed(value)) return [value.valueOf()];
  return undefined;
}

function isBoxed(value: object): boolean {
  return /^\[object (?:Number|String|Boolean|BigInt)\]$/.test(Object.prototype.toString.call(value));
}

/** The place of a part that `listParts` has at `index`. */
function namePart(value: object, index: number): string {
  if (value instanceof Error) return ['.name', '.message', '.cause'][index]!;
  if (value instanceof Date) return '.getTime()';
  if (value instanceof RegExp || isBoxed(value)) return '';
  return `[${index}]`;
}
