// Values that are read only once, by a statement of the region that assigns them: they can be computed where they are read, and need no
// local. Nothing else is asked of a pure operation, as it has no effects and its operands never change.
import { Value } from '../../ir/nodes.js';
import type { Operand, Region, Statement } from '../../ir/nodes.js';
import { operandsOf, regionsOf, terminatorOperands } from '../../ir/walk.js';

/** For each value the region that reads it, or undefined where it is read more than once, or in a way that may happen more than once. */
export type SoleUses = ReadonlyMap<Value, Region | undefined>;

/** Operands whose code may stand in several places, or inside of a loop. */
function manifoldOperands(statement: Statement): readonly (Operand | undefined)[] {
  switch (statement.kind) {
    case 'load':
    case 'store':
      return statement.buffer.strides;
    case 'allocate':
      return [...statement.buffer.shape, ...statement.buffer.strides];
    case 'for':
      return [...statement.owned.flatMap(({ key, base }) => [key, base]), statement.count, statement.start];
    default:
      return [];
  }
}

export function soleUsesOf(body: Region): SoleUses {
  const uses = new Map<Value, Region | undefined>();
  const use = (operand: Operand | undefined, region: Region | undefined): void => {
    if (operand instanceof Value) uses.set(operand, uses.has(operand) ? undefined : region);
  };
  const visit = (region: Region): void => {
    for (const statement of region.statements) {
      for (const operand of operandsOf(statement)) use(operand, region);
      for (const operand of manifoldOperands(statement)) use(operand, undefined);
      for (const inner of regionsOf(statement)) visit(inner);
    }
    for (const operand of terminatorOperands(region)) use(operand, region);
  };
  visit(body);
  return uses;
}
