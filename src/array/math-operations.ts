// Mathematical functions in kernels of arrays: routines whose text is straight-line are written out, so that lanes run them; the others, which
// tell rare arguments from usual ones, are called.
import type { Builder } from '../ir/build.js';
import { routineOf, routinesOf } from '../ir/math/index.js';
import { Value } from '../ir/nodes.js';
import type { Kernel, Operand, Region, Routine } from '../ir/nodes.js';
import { regionsOf } from '../ir/walk.js';
import { routinesFor } from './element-functions.js';

/** Writes the function `name` of doubles. */
export function emitMath(b: Builder, name: string, operands: readonly Operand[]): Operand {
  const { parameters, body } = routineOf(name);
  if (body.terminator.kind !== 'return' || !body.statements.every(({ kind }) => kind === 'pure')) {
    const result = new Value('f64', name);
    b.add({ kind: 'call', callee: name, operands, streams: [], results: [result], source: b.source });
    return result;
  }
  const values = new Map<Operand, Operand>(parameters.map((parameter, index) => [parameter, operands[index]!]));
  const valueOf = (operand: Operand): Operand => values.get(operand) ?? operand;
  for (const statement of body.statements) {
    if (statement.kind === 'pure')
      values.set(statement.result, b.pure(statement.operation, statement.over, statement.operands.map(valueOf), name));
  }
  return valueOf(body.terminator.operands[0]!);
}

/** The routines that a kernel calls, and those that they call. */
export function calledBy({ body }: Kernel): Routine[] {
  const names = new Set<string>();
  const visit = ({ statements }: Region): void => {
    for (const statement of statements) {
      if (statement.kind === 'call') names.add(statement.callee);
      for (const inner of regionsOf(statement)) visit(inner);
    }
  };
  visit(body);
  return [...new Set([...names].flatMap((name) => routinesFor(name) ?? routinesOf(name)))];
}
