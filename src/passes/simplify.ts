// Before   %a = mul.f64 %x 1.0   %b = add.i64 %n 2   %c = add.i64 %b 3   %d = toF64.i64 %i   %e = lt.f64 %d 9.0   if true { … } else { … }
// After    –                                         %c = add.i64 %n 5                       %e = lt.i64 %i 9     …
// Why      Front ends write what the source says, and other passes what is general; most of it is known before it runs.
// How      One walk in the order of execution, with facts about values (analysis/forward.ts). Operations on constants are computed;
//          operations that give back an operand are taken out; comparisons that facts decide, the branches that ask them, loops of no
//          or one iteration, and what a loop carries round unchanged are resolved; short loops of a known number of iterations are written
//          out, so that those around them have no loop inside. What is no longer read is left to remove-unused.
// Exact    Identities are those of IEEE 754 and of integers modulo 2⁶⁴: x + −0, x − 0, x·1, x / 2ᵏ = x·2⁻ᵏ, but not x + 0 unless x is
//          never −0; a comparison is only inverted where NaN cannot come. Doubles are compared as integers where those hold the same.
// Too cautious: nothing of doubles is reassociated or distributed; lanes get identities but no facts.
// It stays whole because the rules, however many, are one list; each of them is a few lines.
import { Constant, Value } from '../ir/nodes.js';
import type { For, If, Kernel, Loop, Operand, Pure, Region, Statement } from '../ir/nodes.js';
import { computeScalar, signatureOf } from '../ir/operations.js';
import type { OperationName, Scalar } from '../ir/operations.js';
import { copyRegion, Substitution } from '../ir/substitute.js';
import { elementOf, isFloat, lanesOf } from '../ir/types.js';
import type { Type } from '../ir/types.js';
import { regionsOf, terminatorOperands } from '../ir/walk.js';
import { isCommutative, isComparison, isSameOperand, mirrorComparison, negateComparison } from './analysis/algebra.js';
import { decideComparison, exactBound, factOfOperation, isExactInteger, isInside } from './analysis/facts.js';
import type { Fact } from './analysis/facts.js';
import { ForwardWalk } from './analysis/forward.js';
import { handedOnBy, withHandedOn } from './analysis/loops.js';
import type { Pass } from './pass.js';
import { simplified } from './settled.js';

type Operation = Pick<Pure, 'operation' | 'over' | 'operands'>;
/** What does the same as an operation with less: a value that is there already, or another operation. */
type Simpler = Operand | Operation | undefined;

const isRounding: ReadonlySet<OperationName> = new Set<OperationName>(['floor', 'ceil', 'trunc', 'nearest']);

/** A rule may make way for another one. */
const mostRules = 8;
/** Loops that are written out: their iterations, and the statements of all of them. */
const mostIterations = 8n;
const mostWrittenOut = 160;
/** How deep the operations on 64 bits may be of which 32 are wanted. */
const deepestBits = 3;

/** Operations that integers of 32 bits are better off with. */
const narrowing: ReadonlySet<OperationName> = new Set<OperationName>(['add', 'sub', 'mul', 'rem', 'and', 'or', 'xor']);
const ordered: ReadonlySet<OperationName> = new Set<OperationName>(['lt', 'le', 'gt', 'ge']);
const unnamed = new Value('i64', '');

const isNumber = (operand: Operand | undefined, value: Scalar): boolean =>
  operand instanceof Constant && Object.is(operand.value, value);
const operation = (name: OperationName, over: Type, ...operands: Operand[]): Operation => ({
  operation: name,
  over,
  operands,
});
const withOperation = (statement: Pure, simpler: Operation): Pure => ({ ...statement, ...simpler });
const integer = (type: Type, value: bigint): Constant =>
  new Constant(type, type === 'i32' ? Number(BigInt.asIntN(32, value)) : BigInt.asIntN(64, value));

/** k where the constant is 2ᵏ, k > 0. */
function powerOf(operand: Operand | undefined): bigint | undefined {
  if (!(operand instanceof Constant) || typeof operand.value !== 'bigint') return undefined;
  const { value } = operand;
  return value > 1n && (value & (value - 1n)) === 0n ? BigInt(value.toString(2).length - 1) : undefined;
}

/** 1/x where it is a power of two and loses nothing. */
function exactReciprocal(value: number): number | undefined {
  const reciprocal = 1 / value;
  const isPower = Number.isFinite(value) && Number.isFinite(reciprocal) && 1 / reciprocal === value;
  // Powers of two alone have the bits of 1 in their fraction.
  return isPower && Math.abs(value) === 2 ** Math.round(Math.log2(Math.abs(value))) ? reciprocal : undefined;
}

class Simplification extends ForwardWalk {
  /** Operations that a simpler one needs before it. */
  #before: Statement[] = [];

  #put(name: OperationName, over: Type, operands: readonly Operand[], as: string): Value {
    const result = new Value(signatureOf(name, over)!.result, as);
    const statement: Pure = { kind: 'pure', operation: name, over, operands, result, source: -1 };
    this.#before.push(statement);
    this.learn(statement);
    return result;
  }

  protected override rewrite(statement: Statement): readonly Statement[] | undefined {
    if (statement.kind === 'splat' && statement.operand instanceof Constant) {
      this.replace(statement.result, new Constant(statement.result.type, statement.operand.value));
      return [];
    }
    if (statement.kind === 'check' && isNumber(statement.condition, true)) return [];
    if (statement.kind !== 'pure') return undefined;
    let current = statement;
    const before: Statement[] = (this.#before = []);
    for (let rules = 0; rules < mostRules; rules++) {
      const simpler = this.#simplify(current);
      if (simpler === undefined) break;
      if (simpler instanceof Value || simpler instanceof Constant) {
        this.replace(statement.result, simpler);
        return before;
      }
      current = withOperation(statement, simpler);
    }
    const constant = this.#onlyValue(current);
    if (constant === undefined) return current === statement ? undefined : [...before, current];
    this.replace(statement.result, constant);
    return [];
  }

  /** The constant that an operation always gives, as facts know. */
  #onlyValue(statement: Pure): Constant | undefined {
    const { type } = statement.result;
    if (lanesOf(type) > 1) return undefined;
    this.learn(statement);
    const { low, high, mayBeNaN, mayBeMinusZero } = this.factOf(statement.result);
    if (low !== high || mayBeNaN || mayBeMinusZero || Math.abs(low) >= exactBound) return undefined;
    if (type === 'bool') return new Constant(type, low === 1);
    if (type === 'i64') return new Constant(type, BigInt(low));
    return new Constant(type, low + 0);
  }

  #simplify(statement: Pure): Simpler {
    const { operation: name, over, operands } = statement;
    const [a, b] = operands;
    if (operands.every((operand) => operand instanceof Constant)) {
      const folded = foldConstants(statement, operands);
      if (folded) return folded;
    }
    if (a instanceof Constant && b instanceof Value && operands.length === 2) {
      if (isCommutative(name)) return operation(name, over, b, a);
      if (isComparison(name)) return operation(mirrorComparison(name), over, b, a);
    }
    if (name === 'select') return this.#select(over, operands);
    if (isComparison(name)) return this.#compare(name, over, a!, b!);
    const element = elementOf(over);
    if (element === 'bool') return this.#ofBools(name, over, a!, b);
    return isFloat(element) ? this.#ofFloats(name, over, a!, b) : this.#ofIntegers(name, over, a!, b);
  }

  #isDefinedAs(operand: Operand | undefined, name: OperationName): Pure | undefined {
    const definition = this.definitionOf(operand);
    return definition?.operation === name ? definition : undefined;
  }

  #select(over: Type, [condition, yes, no]: readonly Operand[]): Simpler {
    if (isSameOperand(yes!, no!)) return yes;
    const truth = condition instanceof Constant ? condition.value === true : this.truthOf(condition!);
    if (truth !== undefined) return truth ? yes : no;
    if (over === 'i64')
      return this.#movedOn(condition!, yes!, no!) ?? this.#narrowed('select', [condition!, yes!, no!]);
    if (elementOf(over) !== 'bool') return undefined;
    if (isSameOperand(condition!, no!)) return operation('and', over, condition!, yes!);
    if (isSameOperand(condition!, yes!)) return operation('or', over, condition!, no!);
    if (isNumber(yes, true)) return isNumber(no, false) ? condition : operation('or', over, condition!, no!);
    if (isNumber(no, false)) return operation('and', over, condition!, yes!);
    return isNumber(yes, false) && isNumber(no, true) ? operation('not', over, condition!) : undefined;
  }

  /** To add a condition, as 0 or 1, is less work than to choose between two sums. */
  #movedOn(condition: Operand, yes: Operand, no: Operand): Simpler {
    const sum = this.definitionOf(yes);
    if (sum?.operation !== 'add' || sum.operands[0] !== no) return undefined;
    const [, by] = sum.operands;
    if (!(by instanceof Constant) || (by.value !== 1n && by.value !== -1n)) return undefined;
    const one = this.#put('extendS', 'bool', [condition], 'one');
    return operation(by.value === 1n ? 'add' : 'sub', 'i64', no, one);
  }

  /** Of integers that came from 32 bits, and stay there: twice as many fit into a register. */
  #narrowed(name: OperationName, operands: readonly Operand[]): Simpler {
    const condition = name === 'select' ? operands.slice(0, 1) : [];
    const narrow = operands.slice(condition.length).map((operand) => this.#of32Bits(operand));
    if (narrow.includes(undefined) || narrow.every((operand) => operand instanceof Constant)) return undefined;
    const given = [...condition, ...(narrow as Operand[])];
    if (isComparison(name)) return operation(name, 'i32', ...given);
    return operation('extendS', 'i32', this.#put(name, 'i32', given, name));
  }

  #staysIn32Bits(name: OperationName, operands: readonly Operand[]): boolean {
    const statement: Pure = { kind: 'pure', operation: name, over: 'i64', operands, result: unnamed, source: -1 };
    const facts = operands.map((operand) => this.factOf(operand));
    return isInside(factOfOperation(statement, facts), 2 ** 31);
  }

  /** The i32 that an i64 is. */
  #of32Bits(operand: Operand): Operand | undefined {
    if (operand instanceof Constant) {
      const { value } = operand;
      return BigInt.asIntN(32, BigInt(value)) === value ? new Constant('i32', Number(value)) : undefined;
    }
    const definition = this.#isDefinedAs(operand, 'extendS');
    return definition?.over === 'i32' ? definition.operands[0] : undefined;
  }

  /** The lowest 32 bits of an i64, where the operations that it is made of can be done on those alone. */
  #lowBits(operand: Operand, depth = 0): Operand | undefined {
    if (operand instanceof Constant) return new Constant('i32', Number(BigInt.asIntN(32, BigInt(operand.value))));
    const definition = this.definitionOf(operand);
    if (definition === undefined) return undefined;
    const { operation: name, over, operands } = definition;
    if ((name === 'extendS' || name === 'extendU') && over === 'i32') return operands[0];
    const isModular =
      name === 'add' || name === 'sub' || name === 'mul' || name === 'and' || name === 'or' || name === 'xor';
    if (!isModular || over !== 'i64' || depth === deepestBits) return undefined;
    const [a, b] = operands.map((each) => this.#lowBits(each, depth + 1));
    return a && b && this.#put(name, 'i32', [a, b], operand.name);
  }

  #compare(name: OperationName, over: Type, a: Operand, b: Operand): Simpler {
    const element = elementOf(over);
    if (element === 'bool') {
      if (!(b instanceof Constant)) return undefined;
      return (name === 'eq') === b.value ? a : operation('not', over, a);
    }
    if (lanesOf(over) > 1) return undefined;
    const decided = decideComparison(name, [a, b], [this.factOf(a), this.factOf(b)]);
    if (decided !== undefined) return new Constant('bool', decided);
    if (over === 'i64') return this.#narrowed(name, [a, b]);
    if (element !== 'f64') return undefined;
    const left = this.#wholeOf(a);
    if (left === undefined) return undefined;
    if (b instanceof Constant) {
      const limit = integerLimit(name, Number(b.value));
      return limit === undefined ? undefined : operation(name, 'i64', left, new Constant('i64', limit));
    }
    const right = this.#wholeOf(b);
    // Where one is exact the order is: what has been rounded lies beyond all that is exact.
    const isExact = [left, right].some((operand) => operand && isInside(this.factOf(operand), exactBound));
    return right && isExact ? operation(name, 'i64', left, right) : undefined;
  }

  /** The i64 that a double was made of. */
  #wholeOf(operand: Operand): Operand | undefined {
    const definition = this.#isDefinedAs(operand, 'toF64');
    return definition?.over === 'i64' ? definition.operands[0] : undefined;
  }

  #ofBools(name: OperationName, over: Type, a: Operand, b: Operand | undefined): Simpler {
    switch (name) {
      case 'not': {
        const definition = this.definitionOf(a);
        if (definition?.operation === 'not') return definition.operands[0];
        if (definition === undefined || !isComparison(definition.operation)) return undefined;
        const { operation: comparison, over: compared, operands } = definition;
        const mayBeNaN =
          isFloat(elementOf(compared)) &&
          (lanesOf(compared) > 1 || operands.some((operand) => this.factOf(operand).mayBeNaN));
        const isEquality = comparison === 'eq' || comparison === 'ne';
        return isEquality || !mayBeNaN ? operation(negateComparison(comparison), compared, ...operands) : undefined;
      }
      case 'and':
        if (isNumber(b, true) || isSameOperand(a, b!)) return a;
        if (isNumber(b, false) || this.#excludesNaN(a, b!)) return b;
        return this.#excludesNaN(b!, a) ? a : undefined;
      case 'or':
        if (isNumber(b, false) || isSameOperand(a, b!)) return a;
        return isNumber(b, true) ? b : undefined;
      case 'xor':
        if (isNumber(b, false)) return a;
        return isNumber(b, true) ? operation('not', over, a) : undefined;
      default:
        return undefined;
    }
  }

  /** Whether the first condition asks whether a double is NaN, and the other one is false of NaN. */
  #excludesNaN(question: Operand, other: Operand): boolean {
    const { operation: name, operands } = this.definitionOf(question) ?? {};
    const asked = name === 'eq' && operands![0] === operands![1] ? operands![0] : undefined;
    if (asked === undefined) return false;
    const definition = this.definitionOf(other);
    if (definition?.operation === 'and') return definition.operands.some((each) => this.#excludesNaN(question, each));
    return (
      definition !== undefined &&
      ordered.has(definition.operation) &&
      definition.operands.some((each) => each === asked)
    );
  }

  #ofFloats(name: OperationName, over: Type, a: Operand, b: Operand | undefined): Simpler {
    const inner = this.definitionOf(a);
    const facts = (operand: Operand): Fact | undefined => (lanesOf(over) === 1 ? this.factOf(operand) : undefined);
    switch (name) {
      case 'add': {
        if (isNumber(b, -0)) return a;
        if (isNumber(b, 0) && facts(a)?.mayBeMinusZero === false) return a;
        const [left, right] = [this.#isDefinedAs(a, 'neg'), this.#isDefinedAs(b, 'neg')];
        if (right) return operation('sub', over, a, right.operands[0]!);
        return left && operation('sub', over, b!, left.operands[0]!);
      }
      case 'sub': {
        if (isNumber(b, 0)) return a;
        const right = this.#isDefinedAs(b, 'neg');
        return right && operation('add', over, a, right.operands[0]!);
      }
      case 'mul':
        if (isNumber(b, 1)) return a;
        return isNumber(b, -1) ? operation('neg', over, a) : undefined;
      case 'div': {
        if (isNumber(b, 1)) return a;
        if (!(b instanceof Constant) || elementOf(over) !== 'f64') return undefined;
        const reciprocal = exactReciprocal(Number(b.value));
        return reciprocal === undefined ? undefined : operation('mul', over, a, new Constant(over, reciprocal));
      }
      case 'neg':
        return inner?.operation === 'neg' ? inner.operands[0] : undefined;
      case 'abs': {
        if (inner?.operation === 'abs') return a;
        if (inner?.operation === 'neg') return operation('abs', over, inner.operands[0]!);
        const fact = facts(a);
        return fact && fact.low >= 0 && !fact.mayBeMinusZero ? a : undefined;
      }
      case 'floor':
      case 'ceil':
      case 'trunc':
      case 'nearest':
        return facts(a)?.isWhole || (inner && isRounding.has(inner.operation)) ? a : undefined;
      case 'min':
      case 'max': {
        if (isSameOperand(a, b!)) return a;
        const [left, right] = [facts(a), facts(b!)];
        if (left === undefined || right === undefined) return undefined;
        // What is chosen may be NaN, as NaN wins; what is not chosen may not.
        if (isBeyond(name, left, right) && !right.mayBeNaN) return a;
        return isBeyond(name, right, left) && !left.mayBeNaN ? b : undefined;
      }
      case 'truncI64':
        return this.#truncated(a, inner);
      case 'toInt32': {
        if (inner?.operation !== 'toF64') return undefined;
        const [whole] = inner.operands;
        if (inner.over === 'i32') return whole;
        if (inner.over === 'bool') return operation('toI32', 'bool', whole!);
        return inner.over === 'i64' && isInside(this.factOf(whole!), exactBound)
          ? operation('wrap', 'i64', whole!)
          : undefined;
      }
      case 'toF32':
        return inner?.operation === 'toF64' && inner.over === 'f32' ? inner.operands[0] : undefined;
      case 'bitsOfF64':
        return inner?.operation === 'f64OfBits' ? inner.operands[0] : undefined;
      default:
        return undefined;
    }
  }

  #truncated(double: Operand, inner: Pure | undefined): Simpler {
    // Truncation drops what these do; the roundings that go elsewhere do not. Of what is known to be small, that is of use elsewhere.
    if (inner?.operation === 'trunc' && inner.over === 'f64' && !isInside(this.factOf(double), exactBound))
      return operation('truncI64', 'f64', inner.operands[0]!);
    if (inner?.operation !== 'toF64') return undefined;
    const [whole] = inner.operands;
    if (inner.over === 'i32' || inner.over === 'bool') return operation('extendS', inner.over, whole!);
    return inner.over === 'i64' && isInside(this.factOf(whole!), exactBound) ? whole : undefined;
  }

  #ofIntegers(name: OperationName, over: Type, a: Operand, b: Operand | undefined): Simpler {
    const zero = b instanceof Constant && Number(b.value) === 0;
    const one = b instanceof Constant && Number(b.value) === 1;
    const isSame = b !== undefined && isSameOperand(a, b);
    const inner = this.definitionOf(a);
    if (over === 'i64' && narrowing.has(name) && !(zero || one) && this.#staysIn32Bits(name, [a, b!])) {
      const narrow = this.#narrowed(name, [a, b!]);
      if (narrow !== undefined) return narrow;
    }
    const constant = b instanceof Constant && lanesOf(over) === 1 ? BigInt(b.value) : undefined;
    const innerConstant = inner?.operands[1] instanceof Constant ? BigInt(inner.operands[1].value) : undefined;
    switch (name) {
      case 'add':
        if (zero) return a;
        if (constant === undefined) return undefined;
        if (inner?.operation === 'add' && innerConstant !== undefined)
          return operation('add', over, inner.operands[0]!, integer(over, innerConstant + constant));
        if (inner?.operation === 'sub' && inner.operands[0] instanceof Constant)
          return operation('sub', over, integer(over, BigInt(inner.operands[0].value) + constant), inner.operands[1]!);
        return undefined;
      case 'sub': {
        if (zero) return a;
        if (isSame && lanesOf(over) === 1) return integer(over, 0n);
        if (constant !== undefined) return operation('add', over, a, integer(over, -constant));
        // c − (x + d) = (c − d) − x
        const right = this.#isDefinedAs(b, 'add');
        if (a instanceof Constant && lanesOf(over) === 1 && right?.operands[1] instanceof Constant)
          return operation(
            'sub',
            over,
            integer(over, BigInt(a.value) - BigInt(right.operands[1].value)),
            right.operands[0]!,
          );
        return undefined;
      }
      case 'mul': {
        if (one) return a;
        if (zero) return b;
        if (constant === undefined) return undefined;
        if (inner?.operation === 'mul' && innerConstant !== undefined)
          return operation('mul', over, inner.operands[0]!, integer(over, innerConstant * constant));
        const power = over === 'i64' ? powerOf(b) : undefined;
        return power === undefined ? undefined : operation('shl', over, a, new Constant('i64', power));
      }
      case 'and':
        if (isSame || (b instanceof Constant && Number(b.value) === -1)) return a;
        return zero ? b : undefined;
      case 'or':
        if (isSame || zero) return a;
        return b instanceof Constant && Number(b.value) === -1 ? b : undefined;
      case 'xor':
        if (zero) return a;
        return isSame && lanesOf(over) === 1 ? integer(over, 0n) : undefined;
      case 'shl':
      case 'shrS':
      case 'shrU':
        return zero ? a : undefined;
      case 'min':
      case 'max':
        return isSame ? a : undefined;
      case 'toF64':
        return this.#asDouble(over, inner);
      case 'wrap':
        if (inner?.operation === 'extendU' || (inner?.operation === 'extendS' && inner.over === 'i32'))
          return inner.operands[0];
        if (inner?.operation === 'extendS' && inner.over === 'bool')
          return operation('toI32', 'bool', inner.operands[0]!);
        return lanesOf(over) === 1 ? this.#lowBits(a) : undefined;
      case 'extendS': {
        const [whole] = inner?.operands ?? [];
        if (inner?.operation === 'wrap' && whole && isInside(this.factOf(whole), 2 ** 31)) return whole;
        return inner?.operation === 'toI32' ? operation('extendS', 'bool', whole!) : undefined;
      }
      case 'f64OfBits':
        return inner?.operation === 'bitsOfF64' ? inner.operands[0] : undefined;
      case 'f32OfBits':
        return inner?.operation === 'bitsOfF32' ? inner.operands[0] : undefined;
      default:
        return undefined;
    }
  }

  #asDouble(over: Type, inner: Pure | undefined): Simpler {
    const [whole] = inner?.operands ?? [];
    if (inner === undefined || whole === undefined || lanesOf(over) > 1) return undefined;
    if (inner.operation === 'extendS' || inner.operation === 'toI32') return operation('toF64', inner.over, whole);
    if (inner.operation !== 'truncI64') return undefined;
    const fact = this.factOf(whole);
    return isExactInteger(fact) && !fact.mayBeMinusZero ? whole : undefined;
  }

  // Branches and loops.

  protected override resolve(statement: If | For | Loop): Region | undefined {
    if (statement.kind === 'if') {
      const truth = this.truthOf(statement.condition);
      return truth === undefined ? undefined : truth ? statement.consequent : statement.alternate;
    }
    // A copy of the loop may begin a buffer of the same name, which is known until a region ends.
    if (begins(statement.body)) return undefined;
    if (statement.kind === 'loop') return this.#breaksAtOnce(statement) ? this.#once(statement) : undefined;
    const { start, step, count, owned, carried, results } = statement;
    if (owned.length > 0 || results.length > carried.length) return undefined;
    const room = this.factOf(count).high - this.factOf(start).low;
    if (room < step)
      return { statements: [], terminator: { kind: 'yield', operands: carried.map(({ initial }) => initial) } };
    if (!(start instanceof Constant) || !(count instanceof Constant)) return undefined;
    const steps = ((count.value as bigint) - (start.value as bigint)) / BigInt(step);
    if (steps > mostIterations || handedOnBy(statement).jumpsInside) return undefined;
    if (steps > 1n) return this.#oneAfterTheOther(statement, Number(steps));
    this.replace(statement.index, start);
    return this.#once(statement);
  }

  /** Each iteration written out, if that is not much. */
  #oneAfterTheOther({ body, index, start, step, carried, isParallel }: For, steps: number): Region | undefined {
    if (isParallel || step > 1 || body.terminator.kind !== 'yield') return undefined;
    if (steps * countStatements(body) > mostWrittenOut) return undefined;
    let handedOn: readonly Operand[] = carried.map(({ initial }) => initial);
    const statements: Statement[] = [];
    for (let iteration = 0; iteration < steps; iteration++) {
      const substitution = new Substitution();
      substitution.replace(index, new Constant('i64', ((start as Constant).value as bigint) + BigInt(iteration)));
      for (const [position, { value }] of carried.entries()) substitution.replace(value, handedOn[position]!);
      const copy = copyRegion(body, substitution);
      statements.push(...copy.statements);
      handedOn = terminatorOperands(copy);
    }
    return { statements, terminator: { kind: 'yield', operands: handedOn } };
  }

  /** The only iteration of a loop; its end is the loop's, whichever way it takes. */
  #once({ label, carried, body }: For | Loop): Region {
    for (const { value, initial } of carried) this.replace(value, initial);
    const { terminator, statements } = body;
    const isOwn = (terminator.kind === 'break' || terminator.kind === 'continue') && terminator.label === label;
    return { statements, terminator: isOwn ? { kind: 'yield', operands: terminator.operands } : terminator };
  }

  #breaksAtOnce(loop: Loop): boolean {
    const { terminator } = loop.body;
    const isBreak = terminator.kind === 'break' || terminator.kind === 'return';
    const leaves = isBreak || (terminator.kind === 'continue' && terminator.label !== loop.label);
    return leaves && !handedOnBy(loop).jumpsInside;
  }

  /** What a loop carries round as it came in needs no carrying. */
  protected override begin<L extends For | Loop>(loop: L): L {
    if (loop.carried.length === 0) return loop;
    const { next, breaks } = handedOnBy(loop);
    const isUnchanged = loop.carried.map(({ value, initial }, position) => {
      const isIt = (operands: readonly Operand[]): boolean => {
        const operand = this.substitution.operand(operands[position]!);
        return operand === value || isSameOperand(operand, initial);
      };
      // The results of a counted loop are what it carries.
      return next.every(isIt) && (loop.kind === 'loop' || breaks.every(isIt));
    });
    if (!isUnchanged.includes(true)) return loop;
    for (const [position, { value, initial }] of loop.carried.entries()) {
      if (!isUnchanged[position]) continue;
      this.replace(value, initial);
      if (loop.kind === 'for') this.replace(loop.results[position]!, initial);
    }
    const keep = <T>(items: readonly T[]): T[] => items.filter((_, position) => !isUnchanged[position]);
    const body = withHandedOn(loop, { next: keep, breaks: loop.kind === 'for' ? keep : (operands) => operands });
    const results = loop.kind === 'for' ? keep(loop.results) : loop.results;
    return { ...loop, carried: keep(loop.carried), results, body };
  }

  protected override finish(statement: If | For | Loop): readonly Statement[] {
    if (statement.kind !== 'if') return [statement];
    const { consequent, alternate, results } = statement;
    const [first, second] = [consequent.terminator, alternate.terminator];
    if (first.kind !== 'yield' || second.kind !== 'yield') return [statement];
    const isEqual = results.map((_, position) => isSameOperand(first.operands[position]!, second.operands[position]!));
    for (const [position, result] of results.entries())
      if (isEqual[position]) this.replace(result, first.operands[position]!);
    const keep = <T>(items: readonly T[]): T[] => items.filter((_, position) => !isEqual[position]);
    const isEmpty = isEqual.every(Boolean) && consequent.statements.length + alternate.statements.length === 0;
    if (isEmpty) return [];
    const ending = (region: Region, operands: readonly Operand[]): Region => ({
      ...region,
      terminator: { kind: 'yield', operands: keep(operands) },
    });
    return [
      {
        ...statement,
        results: keep(results),
        consequent: ending(consequent, first.operands),
        alternate: ending(alternate, second.operands),
      },
    ];
  }
}

const begins = ({ statements }: Region): boolean =>
  statements.some((statement) => statement.kind === 'allocate' || regionsOf(statement).some(begins));

const countStatements = ({ statements }: Region): number =>
  statements.reduce(
    (sum, statement) => sum + 1 + regionsOf(statement).reduce((inner, region) => inner + countStatements(region), 0),
    0,
  );

/** Whether every value of `chosen` is the one that `min` or `max` takes; of equal ones both are, but for −0 and 0. */
function isBeyond(name: 'min' | 'max', chosen: Fact, other: Fact): boolean {
  const [lesser, greater] = name === 'min' ? [chosen, other] : [other, chosen];
  return lesser.high < greater.low || (lesser.high === greater.low && lesser.high !== 0);
}

/** toF64(i) op c as i op limit; undefined where no integer stands for c. */
function integerLimit(name: OperationName, value: number): bigint | undefined {
  if (!(Math.abs(value) < exactBound)) return undefined;
  if (name === 'lt' || name === 'ge') return BigInt(Math.ceil(value));
  if (name === 'le' || name === 'gt') return BigInt(Math.floor(value));
  return Number.isInteger(value) ? BigInt(value) : undefined;
}

/** What the operation gives for constants. The bits of NaN are nobody's, and are not looked at here either. */
function foldConstants({ operation: name, over, result }: Pure, operands: readonly Constant[]): Constant | undefined {
  const values = operands.map(({ value }) => value);
  if (name === 'bitsOfF64' || name === 'bitsOfF32') if (Number.isNaN(values[0])) return undefined;
  const value = computeScalar(name, elementOf(over), values);
  const isOfBits = name === 'f64OfBits' || name === 'f32OfBits';
  return isOfBits && Number.isNaN(value) ? undefined : new Constant(result.type, value);
}

export const simplify: Pass = {
  name: 'simplify',
  run: (kernel: Kernel): Kernel =>
    simplified.has(kernel) ? kernel : simplified.add(new Simplification().kernel(kernel)),
};
