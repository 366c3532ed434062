// Before   %m2: f64 = if %c { %m1 = add.f64 %m 1.0  yield [%m1] } else { yield [%m] }
// After    %m1 = add.f64 %m 1.0
//          %m2 = select.f64 %c %m1 %m
// Why      A branch that goes this way or that at random costs more than the few operations that it spares; and lanes cannot branch.
// How      Both branches are computed, and the results chosen. Pure operations neither fail nor have effects, so computing one in vain
//          changes nothing.
// Too cautious: a branch that loads, checks or draws stays, though a mask could do; so does one of many operations, though they may be
//          cheap. What leaves by break, continue or return stays a branch.
import { Value } from '../ir/nodes.js';
import type { If, Kernel, Region, Statement } from '../ir/nodes.js';
import { lanesOf, withLanes } from '../ir/types.js';
import { rewriteCompound } from '../ir/walk.js';
import type { Pass } from './pass.js';

/** Operations that are worth computing in vain: about what a branch costs that is guessed wrong every second time. */
const mostOperations = 16;

const isPure = ({ statements, terminator }: Region): boolean =>
  terminator.kind === 'yield' && statements.every(({ kind }) => kind === 'pure');

function convert(statement: If): readonly Statement[] {
  const { condition, consequent, alternate, results, source } = statement;
  const operations = consequent.statements.length + alternate.statements.length;
  if (!isPure(consequent) || !isPure(alternate) || operations > mostOperations) return [statement];
  if (consequent.terminator.kind !== 'yield' || alternate.terminator.kind !== 'yield') return [statement];
  const [yes, no] = [consequent.terminator.operands, alternate.terminator.operands];
  const selects = results.flatMap((result, index): Statement[] => {
    const over = result.type;
    const mask = lanesOf(over) === 1 ? undefined : new Value(withLanes('bool', lanesOf(over)), 'mask');
    const operands = [mask ?? condition, yes[index]!, no[index]!];
    const select: Statement = { kind: 'pure', operation: 'select', over, operands, result, source };
    return mask === undefined ? [select] : [{ kind: 'splat', operand: condition, result: mask, source }, select];
  });
  return [...consequent.statements, ...alternate.statements, ...selects];
}

export const ifConvert: Pass = {
  name: 'if-convert',
  run: (kernel: Kernel): Kernel => ({
    ...kernel,
    body: rewriteCompound(kernel.body, (statement) => (statement.kind === 'if' ? convert(statement) : [statement])),
  }),
};
