// Before   for @l %i < %n () gathers (&m: i64 add partials 1 = 0) { … }
// After    for @l parallel %i < %n () gathers (&m: i64 add partials 1 = 0) { … }
// Why      Whoever asks for parallel loops wants threads for every loop that gives the same bits on them.
// When     Nothing is carried from one iteration to the next, what is gathered may come in any order or in that of blocks
//          (numerics.md, 8), draws are owned by the loop, and no iteration touches an element that another one writes.
// Too cautious: only the outermost such loop.
import type { For, Kernel, Region, Statement } from '../ir/nodes.js';
import type { Pass } from './pass.js';
import { noThreads, remark } from './remarks.js';
import { obstacleOf } from './rewrite/parallel.js';

function becomesParallel(loop: For): boolean {
  const obstacle = obstacleOf(loop);
  if (obstacle === 'form') return false;
  if (obstacle !== undefined) return noThreads(loop, obstacle);
  remark(loop, { kind: 'threads' });
  return true;
}

function mark(region: Region): Region {
  const statements = region.statements.map((statement): Statement => {
    switch (statement.kind) {
      case 'for':
        if (statement.isParallel) return statement;
        if (becomesParallel(statement)) return { ...statement, isParallel: true };
        return { ...statement, body: mark(statement.body) };
      case 'loop':
        return { ...statement, body: mark(statement.body) };
      case 'if':
        return { ...statement, consequent: mark(statement.consequent), alternate: mark(statement.alternate) };
      default:
        return statement;
    }
  });
  return { statements, terminator: region.terminator };
}

export const parallelize: Pass = {
  name: 'parallelize',
  run: (kernel: Kernel): Kernel => ({ ...kernel, body: mark(kernel.body) }),
};
