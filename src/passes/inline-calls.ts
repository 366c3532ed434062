// Before   for @l %i < %n { %x = load a[%i]  %y: f64 = call @exp [%x] … }
// After    for @l %i < %n { %x = load a[%i]  …the operations of @exp, with %x for its parameter… }
// Why      A call keeps a loop from being vectorized, while the mathematical functions are straight-line operations that lanes have too.
// How      The routine's statements are copied, its parameters being the operands and its results what it returns. Only in loops over
//          ordinals, where lanes may come of it; elsewhere a call is as fast and shorter.
//          Rare arguments that a function hands to another routine (large ones of sin, cos, tan) are a branch with a call in it.
// Too cautious: what would make a kernel too long stays a call; routines that are not of ir/math are not looked at, as front ends write short
//          ones out themselves.
import { mathFunctions, routineOf } from '../ir/math/index.js';
import type { Call, Kernel, Region, Routine, Statement } from '../ir/nodes.js';
import { copyStatement, Substitution } from '../ir/substitute.js';
import { mapRegions, regionsOf, terminatorOperands } from '../ir/walk.js';
import type { Pass } from './pass.js';

/** Statements that a kernel may get longer by. */
const mostStatements = 3000;

const known = new Map<string, Routine | undefined>();

/** The routine of that name, if it is of pure operations, and branches in which rare arguments are handed to another one. */
function straightLine(name: string): Routine | undefined {
  if (!known.has(name)) {
    const routine = mathFunctions.some((each) => each.name === name) ? routineOf(name) : undefined;
    known.set(name, routine !== undefined && routine.body.statements.every(isStraight) ? routine : undefined);
  }
  return known.get(name);
}

const isStraight = (statement: Statement): boolean =>
  statement.kind === 'pure' ||
  (statement.kind === 'if' &&
    [statement.consequent, statement.alternate].every(
      ({ statements, terminator }) =>
        terminator.kind === 'yield' && statements.every(({ kind }) => kind === 'pure' || kind === 'call'),
    ));

const lengthOf = ({ statements }: Region): number =>
  statements.reduce(
    (sum, statement) => sum + 1 + regionsOf(statement).reduce((inner, region) => inner + lengthOf(region), 0),
    0,
  );

class Inlining {
  #left = mostStatements;
  /** For what stands behind a call: its results are the routine's operands. */
  readonly #substitution = new Substitution();

  region({ statements, terminator }: Region, isInLoop: boolean): Region {
    const after = statements.flatMap((statement): readonly Statement[] => {
      const now = this.#substitution.statement(statement);
      const routine = isInLoop && now.kind === 'call' ? straightLine(now.callee) : undefined;
      if (routine !== undefined && lengthOf(routine.body) <= this.#left) return this.#written(now as Call, routine);
      return [mapRegions(now, (region) => this.region(region, isInLoop || now.kind === 'for'))];
    });
    return { statements: after, terminator: this.#substitution.terminator(terminator) };
  }

  #written({ operands, results, source }: Call, { parameters, body }: Routine): readonly Statement[] {
    this.#left -= lengthOf(body);
    const copying = new Substitution();
    for (const [index, parameter] of parameters.entries()) copying.replace(parameter, operands[index]!);
    const copied = body.statements.map((statement) => copyStatement(statement, copying));
    const sourced = ({ statements, terminator }: Region): Region => ({
      statements: statements.map((statement) => mapRegions({ ...statement, source }, sourced)),
      terminator,
    });
    const { statements } = sourced({ ...body, statements: copied });
    for (const [index, operand] of terminatorOperands(body).entries())
      this.#substitution.replace(results[index]!, copying.operand(operand));
    return statements;
  }
}

const hasCall = ({ statements }: Region): boolean =>
  statements.some((statement) => statement.kind === 'call' || regionsOf(statement).some(hasCall));

export const inlineCalls: Pass = {
  name: 'inline-calls',
  run: (kernel: Kernel): Kernel =>
    hasCall(kernel.body) ? { ...kernel, body: new Inlining().region(kernel.body, false) } : kernel,
};
