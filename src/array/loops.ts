// What hand-written kernels say often: a loop that is left where a condition no longer holds.
import type { Builder } from '../ir/build.js';
import type { Operand } from '../ir/nodes.js';

/** Leaves the loop of that label, with these results, where the condition is false. */
export function leaveUnless(b: Builder, condition: Operand, label: string, results: readonly Operand[]): void {
  b.add({
    kind: 'if',
    condition,
    results: [],
    consequent: { statements: [], terminator: { kind: 'yield', operands: [] } },
    alternate: { statements: [], terminator: { kind: 'break', label, operands: results } },
    source: b.source,
  });
}

/** The ordinal of a group of `length`, and the place in it: of an ordinal of two dimensions, as threads share out one only. */
export function splitOrdinal(b: Builder, ordinal: Operand, length: Operand): [group: Operand, place: Operand] {
  // Exact: ordinals are below 2⁵³, and the quotient of two is never rounded up to a whole number.
  const quotient = b.pure('div', 'f64', [b.pure('toF64', 'i64', [ordinal]), b.pure('toF64', 'i64', [length])]);
  const group = b.pure('truncI64', 'f64', [quotient], 'group');
  return [group, b.pure('sub', 'i64', [ordinal, b.pure('mul', 'i64', [group, length])], 'place')];
}
