// The values that a loop uses but does not assign: what a function that is made of the loop has to be given.
import { Value } from '../../ir/nodes.js';
import type { For, Loop, Operand, Region } from '../../ir/nodes.js';
import { innerValuesOf, operandsOf, regionsOf, resultsOf, terminatorOperands } from '../../ir/walk.js';

/** Each once, in the order of their first use; where the loop starts, its count, and the first values it carries are not among them. */
export function freeValues(loop: For | Loop): Value[] {
  const free = new Set<Value>();
  const own = new Set<Value>(innerValuesOf(loop));
  const use = (operand: Operand): void => {
    if (operand instanceof Value && !own.has(operand)) free.add(operand);
  };
  const visit = (region: Region): void => {
    for (const statement of region.statements) {
      for (const operand of operandsOf(statement)) use(operand);
      for (const value of innerValuesOf(statement)) own.add(value);
      for (const inner of regionsOf(statement)) visit(inner);
      for (const result of resultsOf(statement)) own.add(result);
    }
    for (const operand of terminatorOperands(region)) use(operand);
  };
  if (loop.kind === 'for') for (const { key, base } of loop.owned) [key, base].forEach(use);
  visit(loop.body);
  return [...free];
}
