// Before   %i = toF64.i64 %index        (and nothing reads %i)
// After    –
// Why      Front ends compute what a variable would hold whether or not it is read, and a value that is never read can still keep a loop
//          from being vectorized.
// How      From the last statement to the first, so that what only an unused value reads goes too.
// Too cautious: draws stay, as they move their generator on; loops and branches stay, as they may not end; so does what a loop carries
//          without use.
import type { Kernel, Region, Statement, Value } from '../ir/nodes.js';
import { countUses, operandsOf, regionsOf } from '../ir/walk.js';
import type { Pass } from './pass.js';

const canGo = ({ kind }: Statement): boolean =>
  kind === 'pure' || kind === 'splat' || kind === 'fold' || kind === 'load';

function removeFrom(region: Region, uses: Map<Value, number>): Region {
  const kept: Statement[] = [];
  for (const statement of region.statements.toReversed()) {
    const isUnused = canGo(statement) && 'result' in statement && !uses.get(statement.result);
    if (!isUnused) kept.unshift(withoutUnused(statement, uses));
    else for (const operand of operandsOf(statement)) if ('name' in operand) uses.set(operand, uses.get(operand)! - 1);
  }
  return { statements: kept, terminator: region.terminator };
}

function withoutUnused(statement: Statement, uses: Map<Value, number>): Statement {
  if (regionsOf(statement).length === 0) return statement;
  if (statement.kind === 'if') {
    const alternate = removeFrom(statement.alternate, uses);
    return { ...statement, consequent: removeFrom(statement.consequent, uses), alternate };
  }
  return statement.kind === 'for' || statement.kind === 'loop'
    ? { ...statement, body: removeFrom(statement.body, uses) }
    : statement;
}

export const removeUnused: Pass = {
  name: 'remove-unused',
  run: (kernel: Kernel): Kernel => ({ ...kernel, body: removeFrom(kernel.body, countUses(kernel.body)) }),
};
