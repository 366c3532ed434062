// Whether the iterations of a loop may run at once, on threads.
import type { For, Region } from '../../ir/nodes.js';
import { regionsOf } from '../../ir/walk.js';
import type { NoThreads } from '../remarks.js';
import { givesToOthers, isTree } from './gather.js';
import { isIndependent } from './independence.js';
import { isLeftInside } from './leaves.js';

/**
 * Why the iterations of a loop may not run at once; undefined where they may, and `form` where the loop is one that passes have made.
 * `besides`: but for what is done with buffers of those classes.
 */
export function obstacleOf(loop: For, besides?: ReadonlySet<number>): NoThreads | 'form' | undefined {
  if (loop.step !== 1 || loop.owned.some(({ continues }) => continues !== undefined)) return 'form';
  if (loop.carried.length > 0) return 'carries';
  if (loop.reductions.some((reduction) => isTree(reduction) && reduction.partials !== 16)) return 'ordered';
  if (isLeftInside(loop.body)) return 'leftEarly';
  if (drawsFromOutside(loop)) return 'draws';
  if (givesToOthers(loop)) return 'givesToOthers';
  return isIndependent(loop, besides) ? undefined : 'sharedElements';
}

export const canBeParallel = (loop: For, besides?: ReadonlySet<number>): boolean =>
  obstacleOf(loop, besides) === undefined;

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
