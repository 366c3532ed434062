// Before   %m: i64 = for @l %i < %n () gathers (&m: bool count partials 1 = %m0) { … reduce &m %c  yield [] }
// After    %m: i64 = for @l %i < %n (%v: i64 = %m0) { … %one = extendS.bool %c  %w = add.i64 %v %one  yield [%w] }
// Why      Machines know no reductions: what is left of them after the loops have been split and put in lanes is carried again.
// How      Elements that are given inside branches and loops are put together in a cell of memory first.
// Too cautious: a sum in the tree stays what it is: it is split into blocks before, and carried it would be taken in another order.
import { Builder } from '../ir/build.js';
import { resultTypeOf, Value } from '../ir/nodes.js';
import type { For, Kernel, LoopReduction, Operand, Statement } from '../ir/nodes.js';
import { rewriteRegion } from '../ir/walk.js';
import type { Pass } from './pass.js';
import { freeAliasClass } from './rewrite/alias-class.js';
import { isTree, take, withCells } from './rewrite/gather.js';

function carry(loop: For, newClass: () => number): readonly Statement[] {
  const { reductions, body, carried, results } = loop;
  if (reductions.length === 0 || reductions.some(isTree)) return [loop];
  const inner = new Builder(loop.source);
  const added = reductions.map((reduction) => ({
    value: new Value(resultTypeOf(reduction), reduction.name),
    initial: reduction.initial,
  }));
  const gathered: Operand[] = added.map(({ value }) => value);
  for (const statement of withCells(body, reductions, newClass)) {
    if (statement.kind !== 'reduce') {
      inner.add(statement);
      continue;
    }
    const position = reductions.indexOf(statement.reduction as LoopReduction);
    if (position < 0) inner.add(statement);
    else gathered[position] = take(inner, reductions[position]!, gathered[position]!, statement.value, statement.mask);
  }
  const before = 'operands' in body.terminator ? body.terminator.operands : [];
  return [
    {
      ...loop,
      isParallel: false,
      carried: [...carried, ...added],
      reductions: [],
      results,
      body: inner.region({ kind: 'yield', operands: [...before, ...gathered] }),
    },
  ];
}

export const carryReductions: Pass = {
  name: 'carry-reductions',
  run: (kernel: Kernel): Kernel => {
    const newClass = freeAliasClass(kernel);
    return {
      ...kernel,
      body: rewriteRegion(kernel.body, (statement) =>
        statement.kind === 'for' ? carry(statement, newClass) : [statement],
      ),
    };
  },
};
