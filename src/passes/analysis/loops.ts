// What a loop hands on: to its next iteration by `yield` and `continue`, to the code behind it by `break`; and the same with positions
// left out.
import type { For, Loop, Operand, Pure, Region, Statement, Terminator, Value } from '../../ir/nodes.js';
import { regionsOf } from '../../ir/walk.js';

export interface HandedOn {
  readonly next: (readonly Operand[])[];
  readonly breaks: (readonly Operand[])[];
  /** Whether there are jumps other than at the end of its body. */
  readonly jumpsInside: boolean;
}

/** Everything that ends an iteration of the loop, or the loop. */
export function handedOnBy({ label, body }: For | Loop): HandedOn {
  const next: (readonly Operand[])[] = [];
  const breaks: (readonly Operand[])[] = [];
  const note = (terminator: Terminator): boolean => {
    const isOurs = (terminator.kind === 'break' || terminator.kind === 'continue') && terminator.label === label;
    if (isOurs) (terminator.kind === 'break' ? breaks : next).push(terminator.operands);
    return isOurs;
  };
  let jumpsInside = false;
  const walk = ({ statements }: Region): void => {
    for (const statement of statements) {
      for (const region of regionsOf(statement)) {
        walk(region);
        if (note(region.terminator)) jumpsInside = true;
      }
    }
  };
  walk(body);
  if (body.terminator.kind === 'yield') next.push(body.terminator.operands);
  else note(body.terminator);
  return { next, breaks, jumpsInside };
}

/** The body of the loop with what it hands on changed: to the next iteration, and by breaks. */
export function withHandedOn(
  { label, body }: For | Loop,
  change: {
    readonly next: (operands: readonly Operand[]) => readonly Operand[];
    readonly breaks: (operands: readonly Operand[]) => readonly Operand[];
  },
): Region {
  const terminate = (terminator: Terminator, isBody: boolean): Terminator => {
    if (isBody && terminator.kind === 'yield') return { ...terminator, operands: change.next(terminator.operands) };
    if ((terminator.kind !== 'break' && terminator.kind !== 'continue') || terminator.label !== label)
      return terminator;
    return {
      ...terminator,
      operands: (terminator.kind === 'break' ? change.breaks : change.next)(terminator.operands),
    };
  };
  const walk = ({ statements, terminator }: Region, isBody: boolean): Region => ({
    statements: statements.map((statement) => withRegions(statement, (region) => walk(region, false))),
    terminator: terminate(terminator, isBody),
  });
  return walk(body, true);
}

function withRegions(statement: Statement, change: (region: Region) => Region): Statement {
  if (statement.kind === 'if')
    return { ...statement, consequent: change(statement.consequent), alternate: change(statement.alternate) };
  return statement.kind === 'for' || statement.kind === 'loop'
    ? { ...statement, body: change(statement.body) }
    : statement;
}

/** The operations of a region and of those inside it, by what they assign. */
export function operationsIn({ statements }: Region, found = new Map<Value, Pure>()): Map<Value, Pure> {
  for (const statement of statements) {
    if (statement.kind === 'pure') found.set(statement.result, statement);
    for (const region of regionsOf(statement)) operationsIn(region, found);
  }
  return found;
}
