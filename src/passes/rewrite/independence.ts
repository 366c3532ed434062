// Whether the iterations of a loop touch the same elements of memory only if they are the same iteration.
import type { For, Operand, Region, Statement } from '../../ir/nodes.js';
import { regionsOf } from '../../ir/walk.js';

type Access = Statement & { kind: 'load' | 'store' };

/** Too cautious: an element has the loop's own index as one of its coordinates, and all that touch its class name it alike. */
export function isIndependent({ isParallel, body, index }: For): boolean {
  if (isParallel) return true;
  const accesses: Access[] = [];
  const own = new Set<number>();
  let calls = false;
  const visit = ({ statements }: Region): void => {
    for (const statement of statements) {
      if (statement.kind === 'store' || statement.kind === 'load') accesses.push(statement);
      if (statement.kind === 'allocate') own.add(statement.buffer.aliasClass);
      // A routine touches no memory but its own; what it draws, the next iteration would have to wait for.
      if (statement.kind === 'call' && statement.streams.length > 0) calls = true;
      regionsOf(statement).forEach(visit);
    }
  };
  visit(body);
  if (calls) return false;
  return accesses.every((store) => {
    // What an iteration begins for itself, no other one sees.
    if (store.kind === 'load' || own.has(store.buffer.aliasClass)) return true;
    const place: readonly Operand[] = store.index;
    if (!place.includes(index)) return false;
    const rivals = accesses.filter(({ buffer }) => buffer.aliasClass === store.buffer.aliasClass);
    return rivals.every(
      (other) => other.buffer === store.buffer && other.index.every((operand, position) => operand === place[position]),
    );
  });
}
