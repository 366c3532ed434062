// Everything that code assigns for the code behind it or inside it: what else it reads, it finds.
import type { Buffer, For, Loop, Region, Value } from '../../ir/nodes.js';
import { innerValuesOf, regionsOf, resultsOf } from '../../ir/walk.js';

/** The addresses of buffers that begin there count among the values. */
export function assignedIn(loop: For | Loop, baseOf: (buffer: Buffer) => Value): ReadonlySet<Value> {
  const assigned = new Set<Value>(innerValuesOf(loop));
  const visit = ({ statements }: Region): void => {
    for (const statement of statements) {
      for (const value of resultsOf(statement)) assigned.add(value);
      for (const value of innerValuesOf(statement)) assigned.add(value);
      if (statement.kind === 'allocate') assigned.add(baseOf(statement.buffer));
      for (const inner of regionsOf(statement)) visit(inner);
    }
  };
  visit(loop.body);
  return assigned;
}
