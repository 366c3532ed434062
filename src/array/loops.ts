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
