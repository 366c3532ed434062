// Before   %m: f64 = for … (%v: f64 = 0.0) { …  %more = add.f64 %v 1.0  %w = select.f64 %c %more %v  yield [%w] }
// After    %n: i64 = for … (%v: i64 = 0) { …  %more = extendS.bool %c  %w = add.i64 %v %more  yield [%w] }
//          %m = toF64.i64 %n
// Why      A sum of doubles waits four cycles for each addition, and may not be taken in another order; a sum of integers waits one, and
//          may (numerics.md, 8 and 11). Choosing between integers is one instruction; between doubles it is a branch.
// Exact    The value begins as a whole number below 2⁵² and not as −0, and an iteration adds 1 or nothing. A double holds every such
//          number up to 2⁵³, which no loop lives to count to: that would be 2⁵² iterations, weeks at the fastest.
// Too cautious: larger steps are left alone, as they would need a guard; so is a counter that anything else reads on the way.
import { Constant, Value } from '../ir/nodes.js';
import type { For, Kernel, Operand, Pure, Statement } from '../ir/nodes.js';
import { countUses, rewriteCompound } from '../ir/walk.js';
import type { Pass } from './pass.js';

const isOne = (operand: Operand): boolean => operand instanceof Constant && operand.value === 1;

const isCountable = (operand: Operand): boolean =>
  operand instanceof Constant &&
  operand.type === 'f64' &&
  Number.isInteger(operand.value) &&
  !Object.is(operand.value, -0) &&
  Number(operand.value) >= 0 &&
  Number(operand.value) < 2 ** 52;

/** The statements on the way from a carried value to what the next iteration gets, if all they do is to add 1 or not; else undefined. */
function findCounter(loop: For, position: number): ReadonlySet<Pure> | undefined {
  const { value, initial } = loop.carried[position]!;
  const { terminator, statements } = loop.body;
  if (!isCountable(initial) || terminator.kind !== 'yield') return undefined;
  // A branch or a loop inside could hand the value on by other ways.
  if (!statements.every(({ kind }) => kind === 'pure' || kind === 'draw')) return undefined;
  const assigning = new Map(
    statements.flatMap((statement) => (statement.kind === 'pure' ? [[statement.result, statement] as const] : [])),
  );
  const found = new Set<Pure>();
  const usesFound = new Map<Value, number>();
  const isOnTheWay = (operand: Operand): boolean => {
    if (!(operand instanceof Value)) return false;
    usesFound.set(operand, (usesFound.get(operand) ?? 0) + 1);
    if (operand === value) return true;
    const statement = assigning.get(operand);
    if (statement === undefined) return false;
    if (found.has(statement)) return true;
    found.add(statement);
    const { operation, over, operands } = statement;
    if (over !== 'f64') return false;
    // Added once at the most: the other way round of a select, and what is added to, must be the value as it came in.
    if (operation === 'add') return isOne(operands[1]!) && operands[0] === value && isOnTheWay(operands[0]);
    return operation === 'select' && operands.slice(1).every(isOnTheWay);
  };
  if (!isOnTheWay(terminator.operands[position]!)) return undefined;
  const uses = countUses(loop.body);
  const isReadElsewhere = [...usesFound].some(([used, count]) => uses.get(used) !== count);
  return isReadElsewhere ? undefined : found;
}

function convert(loop: For): readonly Statement[] {
  const counters = loop.carried.map((_, position) => findCounter(loop, position));
  if (counters.every((counter) => counter === undefined)) return [loop];

  const renamed = new Map<Value, Value>();
  const asInteger = (value: Value): Value => {
    const integer = renamed.get(value) ?? new Value('i64', value.name);
    renamed.set(value, integer);
    return integer;
  };
  const replace = (operand: Operand): Operand =>
    operand instanceof Value ? (renamed.get(operand) ?? operand) : new Constant('i64', BigInt(Number(operand.value)));

  const carried = loop.carried.map(({ value, initial }, position) =>
    counters[position] ? { value: asInteger(value), initial: replace(initial) } : { value, initial },
  );
  const onTheWay = new Set(counters.flatMap((counter) => [...(counter ?? [])]));
  const values = new Set(loop.carried.flatMap(({ value }, position) => (counters[position] ? [value] : [])));
  const additions = new Map(
    [...onTheWay].filter(({ operation }) => operation === 'add').map((statement) => [statement.result, statement]),
  );
  const isIncreased = (operand: Operand): boolean => operand instanceof Value && additions.has(operand);
  const isAsItCame = (operand: Operand): boolean => operand instanceof Value && values.has(operand);
  const spared = new Set<Statement>();
  const rewrite = (statement: Statement): Statement[] => {
    if (statement.kind !== 'pure' || !onTheWay.has(statement)) return [statement];
    const { operation, operands, result, source } = statement;
    const [condition, yes, no] = operands;
    if (operation !== 'select')
      return [{ ...statement, over: 'i64', operands: operands.map(replace), result: asInteger(result) }];
    if (!isIncreased(yes!) || !isAsItCame(no!)) {
      return [
        { ...statement, over: 'i64', operands: [condition!, replace(yes!), replace(no!)], result: asInteger(result) },
      ];
    }
    // To add the condition, as 0 or 1, is less work than to choose between two sums.
    spared.add(additions.get(yes as Value)!);
    const one = new Value('i64', 'one');
    return [
      { kind: 'pure', operation: 'extendS', over: 'bool', operands: [condition!], result: one, source },
      { kind: 'pure', operation: 'add', over: 'i64', operands: [replace(no!), one], result: asInteger(result), source },
    ];
  };
  const rewritten = loop.body.statements.map((statement) => ({ statement, statements: rewrite(statement) }));
  const statements = rewritten.flatMap((each) => (spared.has(each.statement) ? [] : each.statements));
  const { terminator } = loop.body;
  const handedOn = 'operands' in terminator ? terminator.operands : [];
  const operands = handedOn.map((operand, position) => (counters[position] ? replace(operand) : operand));
  const results = loop.results.map((result, position) => (counters[position] ? new Value('i64', result.name) : result));
  const conversions = loop.results.flatMap((result, position): Statement[] =>
    counters[position]
      ? [{ kind: 'pure', operation: 'toF64', over: 'i64', operands: [results[position]!], result, source: loop.source }]
      : [],
  );
  return [{ ...loop, carried, results, body: { statements, terminator: { kind: 'yield', operands } } }, ...conversions];
}

export const countInIntegers: Pass = {
  name: 'count-in-integers',
  run: (kernel: Kernel): Kernel => ({
    ...kernel,
    body: rewriteCompound(kernel.body, (statement) => (statement.kind === 'for' ? convert(statement) : [statement])),
  }),
};
