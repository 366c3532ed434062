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
  return isSame(answer, reference, rule, new Map());
}

/** @param path what each object around these two is being compared with, so that a cycle ends where it closes */
function isSame(answer: unknown, reference: unknown, rule: 'exact' | Tolerance, path: Map<object, unknown>): boolean {
  if (Object.is(answer, reference)) return true;
  if (typeof answer === 'number' && typeof reference === 'number') {
    if (rule === 'exact' || !Number.isFinite(answer) || !Number.isFinite(reference)) return false;
    const { rtol = 0, atol = 0 } = rule;
    return Math.abs(answer - reference) <= atol + rtol * Math.abs(reference);
  }
  if (typeof answer !== 'object' || typeof reference !== 'object' || answer === null || reference === null)
    return false;
  if (Object.getPrototypeOf(answer) !== Object.getPrototypeOf(reference)) return false;
  if (path.has(answer)) return path.get(answer) === reference;
  path.set(answer, reference);
  const areSame = haveSameParts(answer, reference, (a, b) => isSame(a, b, rule, path));
  path.delete(answer);
  return areSame;
}

function haveSameParts(answer: object, reference: object, same: (a: unknown, b: unknown) => boolean): boolean {
  const [parts, otherParts] = [listParts(answer), listParts(reference)];
  if (parts !== undefined && otherParts !== undefined) {
    if (parts.length !== otherParts.length) return false;
    for (let i = 0; i < parts.length; i++) if (!same(parts[i], otherParts[i])) return false;
    return true;
  }
  const keys = Object.keys(answer);
  if (keys.length !== Object.keys(reference).length) return false;
  return keys.every(
    (key) =>
      Object.hasOwn(reference, key) &&
      same((answer as Record<string, unknown>)[key], (reference as Record<string, unknown>)[key]),
  );
}

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
  if (/^\[object (?:Number|String|Boolean|BigInt)\]$/.test(Object.prototype.toString.call(value)))
    return [value.valueOf()];
  return undefined;
}
