// Whether the iterations of a loop may run at once, on threads.
import type { For, Region } from '../../ir/nodes.js';
import { regionsOf } from '../../ir/walk.js';
import { givesToOthers, isTree } from './gather.js';
import { isIndependent } from './independence.js';
import { isLeftInside } from './leaves.js';

/** Whether the iterations of a loop may run at once; `besides`: but for what is done with buffers of those classes. */
export const canBeParallel = (loop: For, besides?: ReadonlySet<number>): boolean =>
  loop.step === 1 &&
  loop.carried.length === 0 &&
  loop.owned.every(({ continues }) => continues === undefined) &&
  loop.reductions.every((reduction) => !isTree(reduction) || reduction.partials === 16) &&
  !isLeftInside(loop.body) &&
  !drawsFromOutside(loop) &&
  !givesToOthers(loop) &&
  isIndependent(loop, besides);

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
