// When two answers count as the same. Exact means Object.is on every number (NaN equals NaN, −0 does not equal 0), through arrays,
// typed arrays, maps, sets and plain objects; a tolerance is NumPy's: |a − b| ≤ atol + rtol·|b|.

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
  if (Object.is(answer, reference)) return true;
  if (typeof answer === 'number' && typeof reference === 'number') {
    if (rule === 'exact') return false;
    const { rtol = 0, atol = 0 } = rule;
    return Math.abs(answer - reference) <= atol + rtol * Math.abs(reference);
  }
  if (typeof answer !== 'object' || typeof reference !== 'object' || answer === null || reference === null)
    return false;
  if (Object.getPrototypeOf(answer) !== Object.getPrototypeOf(reference)) return false;
  const same = (a: unknown, b: unknown): boolean => isSameAnswer(a, b, rule);
  if (isList(answer) && isList(reference)) {
    if (answer.length !== reference.length) return false;
    for (let i = 0; i < answer.length; i++) if (!same(answer[i], reference[i])) return false;
    return true;
  }
  if (answer instanceof Map || answer instanceof Set) return same([...answer], [...(reference as Set<unknown>)]);
  if (answer instanceof Date) return answer.getTime() === (reference as Date).getTime();
  if (answer instanceof ArrayBuffer) return same(new Uint8Array(answer), new Uint8Array(reference as ArrayBuffer));
  const keys = Object.keys(answer);
  if (keys.length !== Object.keys(reference).length) return false;
  return keys.every(
    (key) =>
      Object.hasOwn(reference, key) &&
      same((answer as Record<string, unknown>)[key], (reference as Record<string, unknown>)[key]),
  );
}

function isList(value: object): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}
