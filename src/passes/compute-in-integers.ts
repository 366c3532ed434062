// Before   %m: f64 = for … (%v: f64 = 0.0) { %x = toF64.i64 %i  %y = add.f64 %x 1.0  %p = truncI64.f64 %y  %w = add.f64 %v 1.0  yield [%w] }
// After    %n: i64 = for … (%k: i64 = 0) { %p = add.i64 %i 1  %w = add.i64 %k 1  yield [%w] }   %m = toF64.i64 %n
// Why      All numbers of JavaScript are doubles, so front ends compute the places of elements, counts and whole numbers of arrays as
//          doubles. An integer that stays one is cheaper: a sum waits one cycle and not four, a choice needs no branch, the least of two
//          one instruction; it says what a check can be proved with; and sums of integers may be taken in any order (numerics.md, 8).
// How      Facts (analysis/forward.ts) say which doubles are whole and below 2⁵³ in magnitude (law of docs/numerics.md, 11): operations on
//          integers give the same numbers. Where an integer is made of such a double, or two of them are compared, the double is followed
//          back to the integers that it was made of, through + − · % floor(a / b) min max and what rounds. −0 becomes 0, which is what
//          truncation and comparisons make of it too.
//          What a loop carries and what branches hand on becomes an integer if it is never −0 and every way that it comes by hands on one;
//          that of all such values together, as they hand each other on; it is made a double where it begins, for those that read it so.
//          A value that is only ever moved on by 1 is such a number: no loop lives to count to 2⁵³.
//          So is a sum of whole numbers of known bounds, if so many stay below 2⁵³; where they may be more, the loop is written twice, and
//          their number decides when it begins.
// Too cautious: other whole numbers stay doubles unless they are truncated or compared, as the conversion at their end would only be another
//          one.
import { Constant, Value } from '../ir/nodes.js';
import type { Carried, For, If, Kernel, Loop, Operand, Pure, Region, Statement, Terminator } from '../ir/nodes.js';
import type { OperationName } from '../ir/operations.js';
import { Substitution } from '../ir/substitute.js';
import { mapRegions, operandsOf, regionsOf } from '../ir/walk.js';
import { isComparison } from './analysis/algebra.js';
import { isExactInteger } from './analysis/facts.js';
import type { Fact } from './analysis/facts.js';
import { ForwardWalk } from './analysis/forward.js';
import { originsIn } from './analysis/origins.js';
import type { Meeting, Origins } from './analysis/origins.js';
import type { Pass } from './pass.js';
import { boundSums } from './rewrite/bound-sums.js';

/** Knows of every value what holds of it where it is assigned. */
class Facts extends ForwardWalk {
  constructor(kernel: Kernel) {
    super();
    this.kernel(kernel);
  }

  protected override rewrite(): undefined {
    return undefined;
  }

  of(operand: Operand): Fact {
    return this.factOf(operand);
  }
}

const roundings: ReadonlySet<OperationName> = new Set<OperationName>(['floor', 'ceil', 'trunc', 'nearest']);
const alike: ReadonlySet<OperationName> = new Set<OperationName>(['add', 'sub', 'mul', 'rem', 'min', 'max']);

/** Which doubles can be had as integers. */
class Wholes {
  readonly #origins: Origins;
  readonly #facts: Facts;
  /** Values where ways meet that become integers. */
  readonly #met = new Set<Value>();
  /** For operations, the meeting values that they are made of; undefined of those that are no integers. */
  readonly #made = new Map<Value, ReadonlySet<Value> | undefined>();

  constructor(kernel: Kernel, facts: Facts) {
    this.#origins = originsIn(kernel.body);
    this.#facts = facts;
    this.#findMeetings();
  }

  #findMeetings(): void {
    const meetings = [...this.#origins].filter(
      (entry): entry is [Value, Meeting] => entry[1].kind === 'either' && entry[0].type === 'f64',
    );
    for (const [value] of meetings)
      if (this.#isExact(value) && !this.#facts.of(value).mayBeMinusZero) this.#met.add(value);
    const readers = new Map<Value, Value[]>();
    const reads = (reader: Value, value: Value): void => {
      const known = readers.get(value);
      if (known) known.push(reader);
      else readers.set(value, [reader]);
    };
    const lost: Value[] = [];
    for (const [value, { operands, carried }] of meetings) {
      if (carried) reads(carried, value);
      if (!this.#met.has(value)) lost.push(value);
      for (const operand of this.#met.has(value) ? operands : []) {
        const leaves = this.#leavesOf(operand);
        for (const leaf of leaves ?? []) reads(value, leaf);
        if (leaves === undefined && this.#met.delete(value)) lost.push(value);
      }
    }
    // Whoever is handed on what is no integer is none either.
    for (let value = lost.pop(); value !== undefined; value = lost.pop())
      for (const reader of readers.get(value) ?? []) if (this.#met.delete(reader)) lost.push(reader);
  }

  /** Whether the value, of a branch or a loop, becomes an integer. */
  isMet(value: Value): boolean {
    return this.#met.has(value);
  }

  /** Whether the operand can be had as an integer. */
  isWhole(operand: Operand): boolean {
    const leaves = this.#leavesOf(operand);
    return leaves !== undefined && [...leaves].every((leaf) => this.#met.has(leaf));
  }

  definitionOf(operand: Operand | undefined): Pure | undefined {
    const origin = operand instanceof Value ? this.#origins.get(operand) : undefined;
    return origin?.kind === 'pure' ? origin : undefined;
  }

  factOf(operand: Operand): Fact {
    return this.#facts.of(operand);
  }

  /** The doubles that have to be had as integers, for an operation to be one on integers; undefined where it is none. */
  integersOf({ operation, over, operands }: Pure): readonly Operand[] | undefined {
    if (operation === 'toF64') return over === 'f32' ? undefined : [];
    if (over !== 'f64') return undefined;
    if (operation === 'select') return operands.slice(1);
    if (alike.has(operation) || operation === 'neg') return operands;
    if (!roundings.has(operation)) return undefined;
    const division = this.definitionOf(operands[0]);
    if (division?.operation !== 'div') return operands;
    return operation === 'trunc' || (operation === 'floor' && this.factOf(division.operands[1]!).low > 0)
      ? division.operands
      : undefined;
  }

  #isExact(operand: Operand): boolean {
    return isExactInteger(this.#facts.of(operand));
  }

  #leavesOf(operand: Operand): ReadonlySet<Value> | undefined {
    if (operand instanceof Constant) return this.#isExact(operand) ? none : undefined;
    const origin = this.#origins.get(operand);
    if (origin?.kind === 'either') return new Set([operand]);
    if (!this.#made.has(operand)) this.#made.set(operand, origin && this.#leavesOfPure(origin));
    return this.#made.get(operand);
  }

  #leavesOfPure(statement: Pure): ReadonlySet<Value> | undefined {
    if (!this.#isExact(statement.result)) return undefined;
    const operands = this.integersOf(statement);
    const all = operands?.map((operand) => this.#leavesOf(operand));
    if (all === undefined || all.includes(undefined)) return undefined;
    return all.every((leaves) => leaves === none) ? none : new Set(all.flatMap((leaves) => [...leaves!]));
  }
}

const none: ReadonlySet<Value> = new Set();

interface Around {
  readonly label: string;
  /** Whether what it carries, and what it ends with, becomes an integer. */
  readonly carried: readonly boolean[];
  readonly results: readonly boolean[];
}

class ComputingInIntegers {
  readonly #wholes: Wholes;
  readonly #substitution = new Substitution();
  /** Integers that doubles are, as far as they have been written; a region takes its own out again. */
  readonly #integers = new Map<Value, Operand>();
  readonly #written: Value[] = [];
  readonly #around: Around[] = [];

  constructor(kernel: Kernel, facts: Facts) {
    this.#wholes = new Wholes(kernel, facts);
  }

  /** `isYielded`: which of the operands that it yields become integers. */
  region({ statements, terminator }: Region, isYielded: readonly boolean[], head: readonly Statement[] = []): Region {
    const mark = this.#written.length;
    const out: Statement[] = [...head];
    for (const statement of statements) this.#statement(this.#substitution.statement(statement), out);
    const after = this.#terminator(this.#substitution.terminator(terminator), isYielded, out);
    return this.#end(mark, { statements: out, terminator: after });
  }

  #end(mark: number, region: Region): Region {
    for (const value of this.#written.splice(mark)) this.#integers.delete(value);
    return region;
  }

  #terminator(terminator: Terminator, isYielded: readonly boolean[], out: Statement[]): Terminator {
    if (terminator.kind === 'yield')
      return { ...terminator, operands: this.#handOn(terminator.operands, isYielded, out) };
    if (terminator.kind !== 'break' && terminator.kind !== 'continue') return terminator;
    const around = this.#around.findLast(({ label }) => label === terminator.label)!;
    const positions = terminator.kind === 'break' ? around.results : around.carried;
    return { ...terminator, operands: this.#handOn(terminator.operands, positions, out) };
  }

  #handOn(operands: readonly Operand[], isInteger: readonly boolean[], out: Statement[]): readonly Operand[] {
    if (!isInteger.includes(true)) return operands;
    return operands.map((operand, position) => (isInteger[position] ? this.#integerOf(operand, out) : operand));
  }

  #statement(statement: Statement, out: Statement[]): void {
    switch (statement.kind) {
      case 'pure':
        return this.#pure(statement, out);
      case 'if':
        return this.#if(statement, out);
      case 'for':
      case 'loop':
        return this.#loop(statement, out);
      default:
        out.push(statement);
    }
  }

  #pure(statement: Pure, out: Statement[]): void {
    const { operation, over, operands, result, source } = statement;
    const [double] = operands;
    if (over === 'f64') {
      if (operation === 'truncI64' && this.#wholes.isWhole(double!))
        return this.#substitution.replace(result, this.#integerOf(double!, out));
      if (operation === 'toInt32' && this.#wholes.isWhole(double!)) {
        const integer = this.#integerOf(double!, out);
        out.push({ kind: 'pure', operation: 'wrap', over: 'i64', operands: [integer], result, source });
        return;
      }
      const isCompared = isComparison(operation) && operands.some((operand) => operand instanceof Value);
      if (isCompared && operands.every((operand) => this.#wholes.isWhole(operand))) {
        const integers = operands.map((operand) => this.#integerOf(operand, out));
        out.push({ ...statement, over: 'i64', operands: integers });
        return;
      }
    }
    out.push(statement);
  }

  #if(statement: If, out: Statement[]): void {
    const { results, consequent, alternate, source } = statement;
    const isMet = results.map((result) => this.#wholes.isMet(result));
    const [yes, no] = [this.region(consequent, isMet), this.region(alternate, isMet)];
    out.push({ ...statement, results: this.#integers64(results, isMet), consequent: yes, alternate: no });
    this.#asDoubles(results, isMet, out, source);
  }

  #loop(loop: For | Loop, out: Statement[]): void {
    const { carried, results, label, body, source } = loop;
    const isCarried = carried.map(({ value }) => this.#wholes.isMet(value));
    // Behind what it carries a counted loop has the results of its reductions.
    const isResult = results.map((result, position) =>
      loop.kind === 'for' ? (isCarried[position] ?? false) : this.#wholes.isMet(result),
    );
    const values = this.#integers64(
      carried.map(({ value }) => value),
      isCarried,
    );
    const inside = carried.map(({ initial }, position): Carried => ({
      value: values[position]!,
      initial: isCarried[position] ? this.#integerOf(initial, out) : initial,
    }));
    const mark = this.#written.length;
    const head: Statement[] = [];
    for (const [position, { value }] of carried.entries())
      if (isCarried[position]) this.#isDoubleOf(value, values[position]!, head, source);
    this.#around.push({ label, carried: isCarried, results: isResult });
    const region = this.#end(mark, this.region(body, isCarried, head));
    this.#around.pop();
    const after = this.#integers64(results, isResult);
    out.push({ ...loop, carried: inside, results: after, body: region });
    this.#asDoublesOf(results, after, isResult, out, source);
  }

  readonly #renamed = new Map<Value, Value>();

  #integers64(values: readonly Value[], isInteger: readonly boolean[]): readonly Value[] {
    if (!isInteger.includes(true)) return values;
    return values.map((value, position) => {
      if (!isInteger[position]) return value;
      const integer = this.#renamed.get(value) ?? new Value('i64', value.name);
      this.#renamed.set(value, integer);
      return integer;
    });
  }

  #asDoubles(values: readonly Value[], isInteger: readonly boolean[], out: Statement[], source: number): void {
    this.#asDoublesOf(values, this.#integers64(values, isInteger), isInteger, out, source);
  }

  #asDoublesOf(
    values: readonly Value[],
    integers: readonly Value[],
    isInteger: readonly boolean[],
    out: Statement[],
    source: number,
  ): void {
    for (const [position, value] of values.entries())
      if (isInteger[position]) this.#isDoubleOf(value, integers[position]!, out, source);
  }

  /** For those that read the value as a double, it is made one of the integer that it is now. */
  #isDoubleOf(value: Value, integer: Value, out: Statement[], source: number): void {
    out.push({ kind: 'pure', operation: 'toF64', over: 'i64', operands: [integer], result: value, source });
    this.#note(value, integer);
  }

  #note(value: Value, integer: Operand): void {
    this.#integers.set(value, integer);
    this.#written.push(value);
  }

  /** The integer that a double is; what has to be computed for it is written. */
  #integerOf(double: Operand, out: Statement[]): Operand {
    if (double instanceof Constant) return new Constant('i64', BigInt(Number(double.value)));
    const known = this.#integers.get(double);
    if (known !== undefined) return known;
    const integer = this.#write(this.#wholes.definitionOf(double)!, out);
    this.#note(double, integer);
    return integer;
  }

  #write(statement: Pure, out: Statement[]): Operand {
    const { operation, over, result, source } = statement;
    const make = (name: OperationName, type: 'i64' | 'i32' | 'bool', operands: readonly Operand[]): Value => {
      const value = new Value(isComparison(name) ? 'bool' : 'i64', result.name);
      out.push({ kind: 'pure', operation: name, over: type, operands, result: value, source });
      return value;
    };
    const operands = this.#substitution.operands(statement.operands);
    if (operation === 'toF64') return over === 'i64' ? operands[0]! : make('extendS', over as 'i32' | 'bool', operands);
    const given = this.#wholes.integersOf(statement)!;
    const integers = given.map((operand) => this.#integerOf(operand, out));
    const [a, b] = integers;
    if (operation === 'neg') return make('sub', 'i64', [zero, a!]);
    if (operation === 'select') return make('select', 'i64', [operands[0]!, a!, b!]);
    if (operation === 'min' || operation === 'max')
      return make('select', 'i64', [make(operation === 'min' ? 'lt' : 'gt', 'i64', [a!, b!]), a!, b!]);
    if (!roundings.has(operation)) return make(operation, 'i64', integers);
    if (b === undefined) return a!;
    // No quotient of such integers that is not whole is rounded to one that is.
    const quotient = make('div', 'i64', [a!, b]);
    if (operation === 'trunc' || this.#wholes.factOf(given[0]!).low >= 0) return quotient;
    const rest = make('sub', 'i64', [a!, make('mul', 'i64', [quotient, b])]);
    const isAbove = make('extendS', 'bool', [make('lt', 'i64', [rest, zero])]);
    return make('sub', 'i64', [quotient, isAbove]);
  }
}

const zero = new Constant('i64', 0n);

/** Without the operations that nobody reads any more: the doubles of what has become integers. What is read stands before what reads it. */
function withoutUnread(body: Region): Region {
  const read = new Set<Operand>();
  const visit = ({ statements, terminator }: Region): Region => {
    if ('operands' in terminator) for (const operand of terminator.operands) read.add(operand);
    const kept: Statement[] = [];
    for (const statement of statements.toReversed()) {
      if (statement.kind === 'pure' && !read.has(statement.result)) continue;
      const regions = new Map(
        regionsOf(statement)
          .toReversed()
          .map((region) => [region, visit(region)]),
      );
      for (const operand of operandsOf(statement)) read.add(operand);
      kept.push(mapRegions(statement, (region) => regions.get(region)!));
    }
    return { statements: kept.toReversed(), terminator };
  };
  return visit(body);
}

export const computeInIntegers: Pass = {
  name: 'compute-in-integers',
  run: (kernel: Kernel): Kernel => {
    const facts = new Facts(kernel);
    const bounded = boundSums(kernel, (operand) => facts.of(operand));
    const computing = new ComputingInIntegers(bounded, bounded === kernel ? facts : new Facts(bounded));
    return { ...bounded, body: withoutUnread(computing.region(bounded.body, [])) };
  },
};
