// Before   %m: i64 = for @l %i < %n (%v: i64 = 0) draws $h lanes %k { %u: f64 = draw $h  …  yield [%w] }
// After    %ms: i64x2 = for @l.lanes %i from 0 step 2 < %n (%vs: i64x2 = 0) draws $hs lanes %k { %us: f64x2 = draw $hs  …  yield [%ws] }
//          %sum: i64 = fold add %ms
//          %m: i64 = for @l.rest %i from %even step 1 < %n (%v: i64 = %sum) draws $h lanes %k continuing $hs { … }
// Why      Two iterations cost what one did. Rule 8 of docs/random.md gives neighbours generators of their own for that purpose.
// When     The loop owns its draws by lanes, what it carries are integers that iterations add to, and all else in it is pure arithmetic
//          of doubles. Then no iteration needs another's numbers, and integers may be summed in any order (numerics.md, 8).
// Too cautious: a loop that reads its counter, that draws on some ways only, or that carries other reductions stays scalar; and two lanes
//          are the width of the machine's registers in WebAssembly, not of the loop.
import { Constant, Stream, Value } from '../ir/nodes.js';
import type { Carried, For, Kernel, Operand, OwnedStream, Pure, Statement } from '../ir/nodes.js';
import type { OperationName } from '../ir/operations.js';
import { withLanes } from '../ir/types.js';
import type { ScalarType } from '../ir/types.js';
import { countUses, rewriteRegion } from '../ir/walk.js';
import type { Pass } from './pass.js';

const lanes = 2;

/** What 128-bit lanes of doubles can do in one instruction or two. */
const onDoubles: ReadonlySet<OperationName> = new Set<OperationName>([
  ...(['add', 'sub', 'mul', 'div', 'min', 'max', 'neg', 'abs', 'sqrt', 'floor', 'ceil', 'trunc', 'nearest'] as const),
  ...(['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'select'] as const),
]);
const onBools: ReadonlySet<OperationName> = new Set<OperationName>([
  'and',
  'or',
  'xor',
  'not',
  'eq',
  'ne',
  'toF64',
  'extendS',
  'select',
]);
const onIntegers: ReadonlySet<OperationName> = new Set<OperationName>(['add', 'select']);

function fitsLanes({ operation, over }: Pure): boolean {
  if (over === 'f64') return onDoubles.has(operation);
  if (over === 'bool') return onBools.has(operation);
  return over === 'i64' && onIntegers.has(operation);
}

/** Whether every carried value is an integer that an iteration adds a constant to, or not, and that nothing else reads. */
function carriesSumsOnly({ carried, body }: For): boolean {
  const { statements, terminator } = body;
  if (terminator.kind !== 'yield') return false;
  const integers = new Map(
    statements.flatMap((statement) =>
      statement.kind === 'pure' && statement.over === 'i64' ? [[statement.result, statement] as const] : [],
    ),
  );
  const isOwn = (operand: Operand): boolean =>
    operand instanceof Value && (integers.has(operand) || carried.some(({ value }) => value === operand));
  const isSum = (operand: Operand, value: Value): boolean => {
    if (operand === value) return true;
    const statement = operand instanceof Value ? integers.get(operand) : undefined;
    if (statement === undefined) return false;
    const { operation, operands } = statement;
    // What is added is a constant, or a condition as 0 or 1: no other integers are made in such a loop.
    if (operation === 'add') return isSum(operands[0]!, value) && !isOwn(operands[1]!);
    return operation === 'select' && operands.slice(1).every((side) => isSum(side, value));
  };
  return carried.every(({ value }, position) => value.type === 'i64' && isSum(terminator.operands[position]!, value));
}

/** Whether integers occur only on the way of the sums: a comparison of one would be of a lane's part of it. */
const readsSumsOnlyToSum = ({ body }: For): boolean =>
  body.statements.every(
    (statement) => statement.kind !== 'pure' || statement.over !== 'i64' || onIntegers.has(statement.operation),
  ) &&
  body.statements.every(
    (statement) =>
      statement.kind !== 'pure' || statement.over === 'i64' || !statement.operands.some(({ type }) => type === 'i64'),
  );

function isVectorizable(loop: For): loop is For & { owned: readonly [OwnedStream] } {
  const { step, index, body } = loop;
  const [owned] = loop.owned;
  if (loop.owned.length !== 1 || owned?.kind !== 'lanes' || owned.continues || step !== 1 || loop.carried.length === 0)
    return false;
  const fits = body.statements.every((statement) =>
    statement.kind === 'draw'
      ? statement.stream === owned.stream && statement.result.type === 'f64' && statement.mask === undefined
      : statement.kind === 'pure' && fitsLanes(statement),
  );
  return fits && !countUses(body).has(index) && carriesSumsOnly(loop) && readsSumsOnlyToSum(loop);
}

function vectorize(loop: For): readonly Statement[] {
  if (!isVectorizable(loop)) return [loop];
  const { label, count, carried, body, source } = loop;
  const [owned] = loop.owned;
  const before: Statement[] = [];
  const inLanes = new Map<Value, Operand>();
  const wide = (value: Value): Value => {
    const result = new Value(withLanes(value.type as ScalarType, lanes), value.name);
    inLanes.set(value, result);
    return result;
  };
  /** The operand in lanes; what comes from outside of the loop is spread once, before it. */
  const spread = (operand: Operand): Operand => {
    const type = withLanes(operand.type as ScalarType, lanes);
    if (operand instanceof Constant) return new Constant(type, operand.value);
    const known = inLanes.get(operand);
    if (known !== undefined) return known;
    const result = wide(operand);
    before.push({ kind: 'splat', operand, result, source });
    return result;
  };
  const pure = (
    operation: OperationName,
    over: ScalarType,
    operands: readonly Operand[],
    result: Value,
  ): Statement => ({
    kind: 'pure',
    operation,
    over,
    operands,
    result,
    source,
  });

  const stream = new Stream(owned.stream.name, lanes);
  const wideCarried = carried.map(({ value }): Carried => ({
    value: wide(value),
    initial: new Constant(withLanes('i64', lanes), 0n),
  }));
  const statements = body.statements.map((statement): Statement => {
    if (statement.kind === 'draw') return { ...statement, stream, result: wide(statement.result) };
    const { over, operands, result } = statement as Pure;
    const spreadOperands = operands.map(spread);
    return {
      ...(statement as Pure),
      over: withLanes(over as ScalarType, lanes),
      operands: spreadOperands,
      result: wide(result),
    };
  });
  const handedOn = 'operands' in body.terminator ? body.terminator.operands : [];
  const terminator = { kind: 'yield', operands: handedOn.map(spread) } as const;
  const sums = carried.map(({ value }) => new Value(withLanes('i64', lanes), value.name));

  const after: Statement[] = [];
  const begun = carried.map(({ value, initial }, position): Carried => {
    const [sum, total] = [new Value('i64', value.name), new Value('i64', value.name)];
    after.push({ kind: 'fold', operation: 'add', operand: sums[position]!, result: sum, source });
    after.push(pure('add', 'i64', [initial, sum], total));
    return { value, initial: total };
  });
  // The last ordinals, fewer than the lanes: from the count rounded down, which for a count below 0 is 0.
  const zero = new Constant('i64', 0n);
  const [isPositive, atLeastZero, rest] = [
    new Value('bool', 'isPositive'),
    new Value('i64', 'count'),
    new Value('i64', 'rest'),
  ];
  after.push(pure('gt', 'i64', [count, zero], isPositive));
  after.push(pure('select', 'i64', [isPositive, count, zero], atLeastZero));
  after.push(pure('and', 'i64', [atLeastZero, new Constant('i64', BigInt(-lanes))], rest));
  return [
    ...before,
    {
      ...loop,
      label: `${label}.lanes`,
      index: new Value('i64', loop.index.name),
      step: lanes,
      carried: wideCarried,
      owned: [{ ...owned, stream }],
      results: sums,
      body: { statements, terminator },
    },
    ...after,
    { ...loop, label: `${label}.rest`, start: rest, carried: begun, owned: [{ ...owned, continues: stream }] },
  ];
}

export const vectorizeDraws: Pass = {
  name: 'vectorize-draws',
  run: (kernel: Kernel): Kernel => ({
    ...kernel,
    body: rewriteRegion(kernel.body, (statement) => (statement.kind === 'for' ? vectorize(statement) : [statement])),
  }),
};
