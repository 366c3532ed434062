// Facts against what operations give: nothing may happen that a fact rules out.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Constant, Value } from '../../ir/nodes.js';
import type { Pure } from '../../ir/nodes.js';
import { computeScalar, signatureOf } from '../../ir/operations.js';
import type { OperationName, Scalar } from '../../ir/operations.js';
import type { ScalarType } from '../../ir/types.js';
import { constantFact, decideComparison, factOfOperation, factWhere, joinFacts, widenFacts } from './facts.js';
import type { Fact } from './facts.js';

const doubles = fc.oneof(
  fc.constantFrom(
    0,
    -0,
    1,
    -1,
    0.5,
    -0.5,
    2,
    3,
    NaN,
    Infinity,
    -Infinity,
    2 ** 53,
    -(2 ** 53),
    2 ** 53 - 1,
    5e-324,
    1e308,
  ),
  fc.integer({ min: -20, max: 20 }),
  fc.double(),
);
const longs = fc.oneof(
  fc.bigInt(-20n, 70n),
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
  fc
    .tuple(fc.constantFrom(31n, 32n, 52n, 53n, 62n), fc.bigInt(-2n, 2n), fc.constantFrom(1n, -1n))
    .map(([power, offset, sign]) => sign * (2n ** power + offset)),
);
const valuesOf: Partial<Record<ScalarType, fc.Arbitrary<Scalar>>> = {
  f64: doubles,
  i64: longs,
  i32: fc.oneof(fc.integer(), fc.integer({ min: -5, max: 40 })),
  bool: fc.boolean(),
};
const operations: Partial<Record<ScalarType, string>> = {
  f64: 'add sub mul div rem min max neg abs sqrt floor ceil trunc nearest select truncI64 toInt32 toF32 eq ne lt le gt ge',
  i64: 'add sub mul div rem min max and or xor shl shrS shrU select toF64 wrap eq ne lt le gt ge',
  i32: 'add sub mul div rem min max and or xor shl shrS shrU select toF64 toF32 extendS extendU eq ne lt le gt ge',
  bool: 'and or xor not select toF64 toI32 extendS eq ne',
};

function expectWithin(value: Scalar, fact: Fact, what: string): void {
  const number = Number(value);
  if (Number.isNaN(number)) return expect({ what, ...fact }).toMatchObject({ mayBeNaN: true });
  const isWhole = Math.trunc(number) === number;
  const isAllowed =
    fact.low <= number &&
    number <= fact.high &&
    (isWhole || !fact.isWhole) &&
    (fact.mayBeMinusZero || !Object.is(number, -0));
  if (!isAllowed) expect.fail(`${what} gives ${String(value)}, which ${JSON.stringify(fact)} rules out`);
}

const rows = Object.entries(operations).flatMap(([type, names]) =>
  names.split(' ').map((name) => ({ name: name as OperationName, type: type as ScalarType })),
);

describe('facts', () => {
  it.each(rows)('of $name over $type hold', ({ name, type }) => {
    const signature = signatureOf(name, type)!;
    // Each operand is one of two values, and the fact knows no more than that; some operands are constants.
    const operand = (operandType: ScalarType): fc.Arbitrary<{ values: Scalar[]; isConstant: boolean }> => {
      const value = valuesOf[operandType]!;
      return fc.record({ values: fc.tuple(value, value), isConstant: fc.boolean() });
    };
    fc.assert(
      fc.property(fc.tuple(...signature.operands.map((each) => operand(each as ScalarType))), (operands) => {
        const choices = operands.map(({ values, isConstant }) => (isConstant ? values.slice(0, 1) : values));
        const nodes = operands.map(({ values, isConstant }, index) => {
          const operandType = signature.operands[index]!;
          return isConstant ? new Constant(operandType, values[0]!) : new Value(operandType, 'v');
        });
        const facts = choices.map((values, index) =>
          values.map((value) => constantFact(new Constant(signature.operands[index]!, value))).reduce(joinFacts),
        );
        const result = new Value(signature.result, 'r');
        const statement: Pure = { kind: 'pure', operation: name, over: type, operands: nodes, result, source: -1 };
        const fact = factOfOperation(statement, facts);
        const combinations = choices.reduce<Scalar[][]>(
          (so, values) => so.flatMap((each) => values.map((value) => [...each, value])),
          [[]],
        );
        for (const scalars of combinations)
          expectWithin(computeScalar(name, type, scalars), fact, `${name} of ${scalars.join(', ')}`);
      }),
      { numRuns: 400 },
    );
  });

  it.each(rows.filter(({ name }) => ['eq', 'ne', 'lt', 'le', 'gt', 'ge'].includes(name)))(
    'where $name over $type is true hold',
    ({ name, type }) => {
      const value = valuesOf[type]!;
      fc.assert(
        fc.property(value, value, value, value, (a, otherA, b, otherB) => {
          const constant = (scalar: Scalar): Constant => new Constant(type, scalar);
          const [aFact, bFact] = [
            joinFacts(constantFact(constant(a)), constantFact(constant(otherA))),
            joinFacts(constantFact(constant(b)), constantFact(constant(otherB))),
          ];
          const operands = [new Value(type, 'a'), new Value(type, 'b')];
          const isTrue = computeScalar(name, type, [a, b]) as boolean;
          const decided = decideComparison(name, operands, [aFact, bFact]);
          if (decided !== undefined) expect(isTrue).toBe(decided);
          if (!isTrue) return;
          expectWithin(
            a,
            factWhere(name, aFact, operands[1]!, bFact, type !== 'f64'),
            `${String(a)} ${name} ${String(b)}`,
          );
        }),
        { numRuns: 500 },
      );
    },
  );

  it('only widen', () => {
    fc.assert(
      fc.property(doubles, doubles, (a, b) => {
        const [before, after] = [a, b].map((value) => constantFact(new Constant('f64', value)));
        const wide = widenFacts(before!, after!, 'f64');
        for (const value of [a, b]) expectWithin(value, wide, 'a widened fact');
      }),
    );
  });
});
