// Before   for @l %i < %n { %x = load a[%i]  %y: f64 = call @exp [%x] … }
// After    for @l %i < %n { %x = load a[%i]  …the operations of @exp, with %x for its parameter… }
// Why      A call keeps a loop from being vectorized, while the mathematical functions are straight-line operations that lanes have too.
// How      The routine's statements are copied, its parameters being the operands and its results what it returns. Only in loops over
//          ordinals, where lanes may come of it; elsewhere a call is as fast and shorter.
// Too cautious: functions with rare cases of their own (sin, cos, tan) stay calls; so does all that would make a kernel too long; routines
//          that are not of ir/math are not looked at, as front ends write short ones out themselves.
import { mathFunctions, routineOf } from '../ir/math/index.js';
import type { Call, Kernel, Region, Routine, Statement } from '../ir/nodes.js';
import { copyStatement, Substitution } from '../ir/substitute.js';
import { mapRegions, regionsOf, terminatorOperands } from '../ir/walk.js';
import type { Pass } from './pass.js';

/** Statements that a kernel may get longer by. */
const mostStatements = 3000;

const known = new Map<string, Routine | undefined>();

/** The routine of that name, if all it does is pure. */
function straightLine(name: string): Routine | undefined {
  if (!known.has(name)) {
    const routine = mathFunctions.some((each) => each.name === name) ? routineOf(name) : undefined;
    const isPure = routine?.body.statements.every(({ kind }) => kind === 'pure');
    known.set(name, isPure ? routine : undefined);
  }
  return known.get(name);
}

class Inlining {
  #left = mostStatements;
  /** For what stands behind a call: its results are the routine's operands. */
  readonly #substitution = new Substitution();

  region({ statements, terminator }: Region, isInLoop: boolean): Region {
    const after = statements.flatMap((statement): readonly Statement[] => {
      const now = this.#substitution.statement(statement);
      const routine = isInLoop && now.kind === 'call' ? straightLine(now.callee) : undefined;
      if (routine !== undefined && routine.body.statements.length <= this.#left)
        return this.#written(now as Call, routine);
      return [mapRegions(now, (region) => this.region(region, isInLoop || now.kind === 'for'))];
    });
    return { statements: after, terminator: this.#substitution.terminator(terminator) };
  }

  #written({ operands, results, source }: Call, { parameters, body }: Routine): readonly Statement[] {
    this.#left -= body.statements.length;
    const copying = new Substitution();
    for (const [index, parameter] of parameters.entries()) copying.replace(parameter, operands[index]!);
    const statements = body.statements.map((statement) => ({ ...copyStatement(statement, copying), source }));
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
