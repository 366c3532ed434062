// Before   for @l %i < %n () gathers (&m: i64 add partials 1 = 0) { … }
// After    for @l parallel %i < %n () gathers (&m: i64 add partials 1 = 0) { … }
// Why      Whoever asks for parallel loops wants threads for every loop that gives the same bits on them.
// When     Nothing is carried from one iteration to the next, what is gathered may come in any order or in that of blocks
//          (numerics.md, 8), draws are owned by the loop, and no iteration touches an element that another one writes.
// Too cautious: only the outermost such loop.
import type { For, Kernel, Region, Statement } from '../ir/nodes.js';
import { regionsOf } from '../ir/walk.js';
import type { Pass } from './pass.js';
import { noThreads, remark } from './remarks.js';
import { givesToOthers, isTree } from './rewrite/gather.js';
import { isIndependent } from './rewrite/independence.js';
import { isLeftInside } from './rewrite/leaves.js';

function canBeParallel(loop: For): boolean {
  if (loop.step !== 1 || loop.owned.some(({ continues }) => continues !== undefined)) return false;
  if (loop.carried.length > 0) return noThreads(loop, 'carries');
  if (loop.reductions.some((reduction) => isTree(reduction) && reduction.partials !== 16))
    return noThreads(loop, 'ordered');
  if (isLeftInside(loop.body)) return noThreads(loop, 'leftEarly');
  if (drawsFromOutside(loop)) return noThreads(loop, 'draws');
  if (givesToOthers(loop)) return noThreads(loop, 'givesToOthers');
  if (!isIndependent(loop)) return noThreads(loop, 'sharedElements');
  remark(loop, { kind: 'threads' });
  return true;
}

/** A generator from outside the loop is moved on by each iteration: the next one needs it. */
function drawsFromOutside({ owned, body }: For): boolean {
  const own = new Set(owned.map(({ stream }) => stream));
  const visit = ({ statements }: Region): boolean =>
    statements.some((statement) => {
      if (statement.kind === 'stream') own.add(statement.stream);
      if (statement.kind === 'for') for (const { stream } of statement.owned) own.add(stream);
      if (statement.kind === 'draw' && !own.has(statement.stream)) return true;
      if (statement.kind === 'call' && !statement.streams.every((stream) => own.has(stream))) return true;
      return regionsOf(statement).some(visit);
    });
  return visit(body);
}

function mark(region: Region): Region {
  const statements = region.statements.map((statement): Statement => {
    switch (statement.kind) {
      case 'for':
        if (statement.isParallel) return statement;
        if (canBeParallel(statement)) return { ...statement, isParallel: true };
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
