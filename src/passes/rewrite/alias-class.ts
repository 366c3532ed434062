// Numbers for the alias classes of buffers that a pass begins: none that the kernel has.
import type { Kernel, Region } from '../../ir/nodes.js';
import { regionsOf } from '../../ir/walk.js';

export function freeAliasClass(kernel: Kernel): () => number {
  let next = kernel.buffers.reduce((most, { aliasClass }) => Math.max(most, aliasClass + 1), 0);
  const visit = ({ statements }: Region): void => {
    for (const statement of statements) {
      if (statement.kind === 'allocate') next = Math.max(next, statement.buffer.aliasClass + 1);
      regionsOf(statement).forEach(visit);
    }
  };
  visit(kernel.body);
  return () => next++;
}
