// Values that are read only once, by a statement of the region that assigns them: they can be computed where they are read, and need no
// local. Nothing else is asked of a pure operation, as it has no effects and its operands never change.
import { Value } from '../../ir/nodes.js';
import type { For, Loop, Operand, Region, Statement } from '../../ir/nodes.js';
import { innerValuesOf, operandsOf, regionsOf, resultsOf, terminatorOperands } from '../../ir/walk.js';

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

const reads = new WeakMap<Region, ReadonlySet<Value>>();

/** Values from before a loop that its body reads, if it can be left, or fail, before its end; else none. */
export function readsOf(loop: For | Loop): ReadonlySet<Value> {
  const known = reads.get(loop.body);
  if (known !== undefined) return known;
  const [read, own] = [new Set<Value>(), new Set<Value>(innerValuesOf(loop))];
  const read1 = (operand: Operand): void => {
    if (operand instanceof Value) read.add(operand);
  };
  const visit = (region: Region): void => {
    for (const statement of region.statements) {
      operandsOf(statement).forEach(read1);
      for (const value of [...resultsOf(statement), ...innerValuesOf(statement)]) own.add(value);
      regionsOf(statement).forEach(visit);
    }
    terminatorOperands(region).forEach(read1);
  };
  if (isLeftEarly(loop.body)) visit(loop.body);
  const free = new Set([...read].filter((value) => !own.has(value)));
  reads.set(loop.body, free);
  return free;
}

/** Whether anything leaves the region before its end. */
const isLeftEarly = ({ statements }: Region): boolean =>
  statements.some(
    (statement) =>
      statement.kind === 'check' ||
      regionsOf(statement).some(
        (region) => region.terminator.kind === 'break' || region.terminator.kind === 'return' || isLeftEarly(region),
      ),
  );

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
