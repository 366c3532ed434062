// Before   %x = toF64.i64 %i   %y = add.f64 %x 1.0   %p = truncI64.f64 %y   %c = lt.f64 %y %z      (%z = toF64.i64 %n)
// After    %p = add.i64 %i 1                                                %c = lt.i64 %p %n
// Why      All numbers of JavaScript are doubles, so front ends compute the places of elements as doubles and then make integers of
//          them. An integer that stays one is cheaper, and says what a check can be proved with: place and length are both integers.
// How      Where an integer is made of a double, or two doubles are compared, the double is followed back to the integers that it was
//          made of, through + − · and what rounds. Each double on the way has to be whole and below 2⁵³ in magnitude, as facts know (law
//          of docs/numerics.md, 11): then the same operation on integers gives the same number. −0 becomes 0, which is what truncation
//          and comparisons make of it too.
//          A double that a loop carries, that begins whole and is only ever moved on by 1, becomes an integer that it carries (no loop
//          lives to leave 2⁵³), and is made a double at the beginning of each iteration for those that read it as such.
// Too cautious: what is neither truncated nor compared stays a double, as the conversion at its end would only be another one.
import { Constant, Value } from '../ir/nodes.js';
import type { For, Kernel, Loop, Operand, Statement } from '../ir/nodes.js';
import type { OperationName } from '../ir/operations.js';
import { isComparison } from './analysis/algebra.js';
import { exactBound, isExactInteger, isInside, longestLife } from './analysis/facts.js';
import { ForwardWalk } from './analysis/forward.js';
import { operationsIn, stepOf, stepsOf, withHandedOn } from './analysis/loops.js';
import type { Pass } from './pass.js';

/** Operations that a double may be followed back through. */
const longestWay = 12;

class ComputingInIntegers extends ForwardWalk {
  protected override rewrite(statement: Statement): readonly Statement[] | undefined {
    if (statement.kind !== 'pure' || statement.over !== 'f64') return undefined;
    const { operation, operands, result, source } = statement;
    const made: Statement[] = [];
    const search: Search = { made, left: longestWay, source };
    if (operation === 'truncI64') {
      const integer = this.#integerOf(operands[0]!, search);
      if (integer === undefined) return undefined;
      for (const each of made) this.learn(each);
      this.replace(result, integer);
      return made;
    }
    if (operation === 'toInt32') {
      const integer = this.#integerOf(operands[0]!, search);
      return (
        integer && [...made, { kind: 'pure', operation: 'wrap', over: 'i64', operands: [integer], result, source }]
      );
    }
    if (!isComparison(operation) || operands.every((operand) => operand instanceof Constant)) return undefined;
    const [left, right] = operands.map((operand) => this.#integerOf(operand, search));
    return left && right && [...made, { ...statement, over: 'i64', operands: [left, right] }];
  }

  /** The integer that a double is; what has to be computed for it is put into the search. */
  #integerOf(double: Operand, search: Search): Operand | undefined {
    if (double instanceof Constant) {
      const value = Number(double.value);
      return Number.isInteger(value) && Math.abs(value) < exactBound ? new Constant('i64', BigInt(value)) : undefined;
    }
    const definition = this.definitionOf(double);
    if (definition === undefined || --search.left < 0 || !isExactInteger(this.factOf(double))) return undefined;
    const { operation, over, operands } = definition;
    if (operation === 'toF64') {
      if (over === 'i64') return operands[0];
      return over === 'f32' ? undefined : this.#make(search, 'extendS', over as 'i32' | 'bool', operands, double.name);
    }
    if (over !== 'f64') return undefined;
    switch (operation) {
      case 'floor':
      case 'ceil':
      case 'trunc':
      case 'nearest':
        return this.#integerOf(operands[0]!, search);
      case 'add':
      case 'sub':
      case 'mul': {
        const integers = operands.map((operand) => this.#integerOf(operand, search));
        if (!integers.every((integer) => integer !== undefined)) return undefined;
        return this.#make(search, operation, 'i64', integers, double.name);
      }
      case 'neg': {
        const integer = this.#integerOf(operands[0]!, search);
        return integer && this.#make(search, 'sub', 'i64', [new Constant('i64', 0n), integer], double.name);
      }
      case 'min':
      case 'max': {
        const [a, b] = operands.map((operand) => this.#integerOf(operand, search));
        if (a === undefined || b === undefined) return undefined;
        const isFirst = this.#make(search, operation === 'min' ? 'lt' : 'gt', 'i64', [a, b], 'isFirst');
        return this.#make(search, 'select', 'i64', [isFirst, a, b], double.name);
      }
      case 'select': {
        const [a, b] = operands.slice(1).map((operand) => this.#integerOf(operand, search));
        return a && b && this.#make(search, 'select', 'i64', [operands[0]!, a, b], double.name);
      }
      default:
        return undefined;
    }
  }

  #make(
    { made, source }: Search,
    operation: OperationName,
    over: 'i64' | 'i32' | 'bool',
    operands: readonly Operand[],
    name: string,
  ): Value {
    const result = new Value(isComparison(operation) ? 'bool' : 'i64', name);
    made.push({ kind: 'pure', operation, over, operands, result, source });
    return result;
  }

  /** Counters that an endless loop carries as doubles it carries as integers. */
  protected override begin<L extends For | Loop>(loop: L): L {
    if (loop.kind === 'for' || loop.carried.every(({ value }) => value.type !== 'f64')) return loop;
    const steps = stepsOf(loop);
    const beginnings = loop.carried.map(({ value, initial }, position) =>
      value.type === 'f64' && steps[position] ? this.#beginning(initial) : undefined,
    );
    if (beginnings.every((beginning) => beginning === undefined)) return loop;
    const { source } = loop;
    const head: Statement[] = [];
    const integers = loop.carried.map(({ value }, position) => beginnings[position] && new Value('i64', value.name));
    const moved = integers.map((integer, position) => {
      const { value } = loop.carried[position]!;
      if (integer === undefined) return undefined;
      head.push({ kind: 'pure', operation: 'toF64', over: 'i64', operands: [integer], result: value, source });
      return new Map(
        steps[position]!.map((step) => {
          if (step === 0) return [step, integer] as const;
          const result = new Value('i64', value.name);
          const by = new Constant('i64', BigInt(step));
          head.push({ kind: 'pure', operation: 'add', over: 'i64', operands: [integer, by], result, source });
          return [step, result] as const;
        }),
      );
    });
    const assigning = operationsIn(loop.body);
    const next = (operands: readonly Operand[]): readonly Operand[] =>
      operands.map((operand, position) => {
        const { value } = loop.carried[position]!;
        return moved[position]?.get(stepOf(operand, value, assigning)!) ?? operand;
      });
    const { statements, terminator } = withHandedOn(loop, { next, breaks: (operands) => operands });
    const carried = loop.carried.map(({ value, initial }, position) => ({
      value: integers[position] ?? value,
      initial: beginnings[position] ?? initial,
    }));
    return { ...loop, carried, body: { statements: [...head, ...statements], terminator } };
  }

  /** The integer that a counter begins with, so far from 2⁵³ that no loop lives to get there. */
  #beginning(initial: Operand): Operand | undefined {
    const fact = this.factOf(initial);
    if (!isExactInteger(fact) || fact.mayBeMinusZero || !isInside(fact, longestLife)) return undefined;
    if (initial instanceof Constant) return new Constant('i64', BigInt(Number(initial.value)));
    const definition = this.definitionOf(initial);
    return definition?.operation === 'toF64' && definition.over === 'i64' ? definition.operands[0] : undefined;
  }
}

interface Search {
  /** The operations on integers, in their order. */
  readonly made: Statement[];
  /** How far the search may still go. */
  left: number;
  readonly source: number;
}

export const computeInIntegers: Pass = {
  name: 'compute-in-integers',
  run: (kernel: Kernel): Kernel => new ComputingInIntegers().kernel(kernel),
};
