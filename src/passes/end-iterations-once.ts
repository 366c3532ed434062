// Before   for … { if %c { continue @l [%v] } else { yield [] }  %w = …  yield [%w] }
// After    for … { %x = if %c { yield [%v] } else { %w = …  yield [%w] }  yield [%x] }
// Why      A body that ends in one place can be put in lanes, shared out, and asked what it carries.
// How      What stands behind a branch that may end the iteration moves into the other branch.
// Too cautious: where both branches may go on, what stands behind would have to be written twice: such a body stays.
import { Value } from '../ir/nodes.js';
import type { For, If, Kernel, Loop, Region } from '../ir/nodes.js';
import { copyRegion, Substitution } from '../ir/substitute.js';
import type { Type } from '../ir/types.js';
import { regionsOf, rewriteCompound, terminatorOperands } from '../ir/walk.js';
import type { Pass } from './pass.js';

/** Whether the loop of that label is continued inside; loops inside cannot be looked into, as their values are not handed on so. */
const continues = ({ statements, terminator }: Region, label: string): boolean =>
  (terminator.kind === 'continue' && terminator.label === label) ||
  statements.some((statement) => regionsOf(statement).some((region) => continues(region, label)));

/** Whether control can come to the end of the region and go on behind it. */
const goesOn = ({ terminator }: Region): boolean => terminator.kind === 'yield';

/** What stands behind a branch. */
type Rest = Region;

/** The region with every `continue` of the loop made the yield of a branch; undefined where that cannot be. */
function restructure(region: Region, label: string, types: readonly Type[]): Region | undefined {
  const place = region.statements.findIndex((statement) =>
    regionsOf(statement).some((inner) => continues(inner, label)),
  );
  if (place < 0) {
    const { terminator } = region;
    const isOwn = terminator.kind === 'continue' && terminator.label === label;
    return isOwn ? { ...region, terminator: { kind: 'yield', operands: terminator.operands } } : region;
  }
  const branch = region.statements[place]!;
  if (branch.kind !== 'if' || (goesOn(branch.consequent) && goesOn(branch.alternate))) return undefined;
  const rest = { statements: region.statements.slice(place + 1), terminator: region.terminator };
  const [consequent, alternate] = [branch.consequent, branch.alternate].map((side) =>
    restructure(goesOn(side) ? goOn(side, branch, rest) : side, label, types),
  );
  if (consequent === undefined || alternate === undefined) return undefined;
  const results = types.map((type) => new Value(type, 'next'));
  return {
    statements: [...region.statements.slice(0, place), { ...branch, results, consequent, alternate }],
    terminator: { kind: 'yield', operands: results },
  };
}

/** A branch, and at its end what stood behind both; what the branch handed on is known there by its own names. */
function goOn(side: Region, { results }: If, rest: Rest): Region {
  const substitution = new Substitution();
  for (const [position, operand] of terminatorOperands(side).entries())
    substitution.replace(results[position]!, operand);
  const { statements, terminator } = copyRegion(rest, substitution);
  return { statements: [...side.statements, ...statements], terminator };
}

function convert(loop: For | Loop): For | Loop {
  if (!continues(loop.body, loop.label)) return loop;
  const types = loop.carried.map(({ value }) => value.type);
  const body = restructure(loop.body, loop.label, types);
  return body === undefined ? loop : { ...loop, body };
}

export const endIterationsOnce: Pass = {
  name: 'end-iterations-once',
  run: (kernel: Kernel): Kernel => ({
    ...kernel,
    body: rewriteCompound(kernel.body, (statement) => [statement.kind === 'if' ? statement : convert(statement)]),
  }),
};
