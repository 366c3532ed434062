// Before   for @l %i < %length { %isIn = lt.i64 %i %length   check %isIn site 3 index %i length %length   … }
// After    for @l %i < %length { … }
// Why      A check costs a comparison and a branch in each iteration, and keeps a loop from being vectorized.
// How      Facts (analysis/forward.ts) know the bounds of integers, and of counters that they stay below what they are counted to; what
//          an `if` asks, and an earlier check, is known behind it. A check whose condition they prove goes.
// Too cautious: a counter is known to lie below its end and no other value: a check against another array's length is for hoist-checks.
import type { Kernel, Region, Statement } from '../ir/nodes.js';
import { regionsOf } from '../ir/walk.js';
import { ForwardWalk } from './analysis/forward.js';
import type { Pass } from './pass.js';

class RemovingChecks extends ForwardWalk {
  protected override rewrite(statement: Statement): readonly Statement[] | undefined {
    return statement.kind === 'check' && this.truthOf(statement.condition) === true ? [] : undefined;
  }
}

const hasChecks = ({ statements }: Region): boolean =>
  statements.some((statement) => statement.kind === 'check' || regionsOf(statement).some(hasChecks));

export const removeChecks: Pass = {
  name: 'remove-checks',
  run: (kernel: Kernel): Kernel => (hasChecks(kernel.body) ? new RemovingChecks().kernel(kernel) : kernel),
};
