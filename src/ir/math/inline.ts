// Routines without the calls of others: their bodies stand where they were called, with the operands in the place of the parameters. And the
// lane form of a straight-line routine: the same statements over lane types.
import { InternalError } from '../../base/errors.js';
import { Constant, Value } from '../nodes.js';
import type { Carried, Operand, Region, Routine, Statement } from '../nodes.js';
import { terminatorOperands } from '../walk.js';
import { lanesOf, withLanes } from '../types.js';
import type { ScalarType, Type } from '../types.js';

/** A copy with values of its own. What is inlined ends with its one `return`. */
export function inlineCalls(
  routine: Routine,
  isInlined: (name: string) => boolean,
  routineNamed: (name: string) => Routine,
): Routine {
  const copy = ({ statements, terminator }: Region, operands: Map<Value, Operand>, prefix: string): Region => {
    const now = (operand: Operand): Operand =>
      operand instanceof Value ? (operands.get(operand) ?? operand) : operand;
    const fresh = (value: Value): Value => {
      const own = new Value(value.type, prefix + value.name);
      operands.set(value, own);
      return own;
    };
    const region = (inner: Region): Region => copy(inner, operands, prefix);
    const copyStatement = (statement: Statement): readonly Statement[] => {
      switch (statement.kind) {
        case 'pure':
          return [{ ...statement, operands: statement.operands.map(now), result: fresh(statement.result) }];
        case 'call': {
          const given = statement.operands.map(now);
          if (!isInlined(statement.callee))
            return [{ ...statement, operands: given, results: statement.results.map(fresh) }];
          const callee = routineNamed(statement.callee);
          const parameters = new Map<Value, Operand>(callee.parameters.map((value, index) => [value, given[index]!]));
          const body = copy(callee.body, parameters, `${statement.callee}.`);
          for (const [index, operand] of terminatorOperands(body).entries())
            operands.set(statement.results[index]!, operand);
          return body.statements;
        }
        case 'if': {
          const condition = now(statement.condition);
          const [consequent, alternate] = [region(statement.consequent), region(statement.alternate)];
          return [{ ...statement, condition, consequent, alternate, results: statement.results.map(fresh) }];
        }
        case 'loop': {
          const initials = statement.carried.map(({ initial }) => now(initial));
          const carried = statement.carried.map(({ value }, index): Carried => ({
            value: fresh(value),
            initial: initials[index]!,
          }));
          const body = region(statement.body);
          return [{ ...statement, carried, body, results: statement.results.map(fresh) }];
        }
        default:
          throw new InternalError('IR003', `a mathematical routine has a statement ${statement.kind}`);
      }
    };
    const copied = statements.flatMap(copyStatement);
    if (!('operands' in terminator)) return { statements: copied, terminator };
    return { statements: copied, terminator: { ...terminator, operands: terminator.operands.map(now) } };
  };
  const operands = new Map<Value, Operand>();
  const parameters = routine.parameters.map((value) => {
    const own = new Value(value.type, value.name);
    operands.set(value, own);
    return own;
  });
  return { ...routine, parameters, body: copy(routine.body, operands, '') };
}

/**
 * The routine over lanes, for one whose body is pure operations alone.
 *
 * @throws {InternalError} IR003 for another statement
 */
export function inLanes(routine: Routine, count: number): Routine {
  const wide = (type: Type): Type => withLanes(type as ScalarType, count);
  const values = new Map<Value, Value>();
  const fresh = (value: Value): Value => {
    const own = new Value(wide(value.type), value.name);
    values.set(value, own);
    return own;
  };
  const now = (operand: Operand): Operand =>
    operand instanceof Value ? values.get(operand)! : new Constant(wide(operand.type), operand.value);
  const parameters = routine.parameters.map(fresh);
  const statements = routine.body.statements.map((statement): Statement => {
    if (statement.kind !== 'pure' || lanesOf(statement.over) > 1)
      throw new InternalError('IR003', `@${routine.name} has no lane form: it has a statement ${statement.kind}`);
    const operands = statement.operands.map(now);
    return { ...statement, over: wide(statement.over), operands, result: fresh(statement.result) };
  });
  const operands = terminatorOperands(routine.body).map(now);
  return {
    ...routine,
    parameters,
    results: routine.results.map(wide),
    body: { statements, terminator: { kind: 'return', operands } },
  };
}
