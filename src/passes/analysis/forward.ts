// A walk through a kernel in the order of execution that knows facts about every value where it stands: what branches have asked, what
// loops carry at every one of their iterations. Passes rewrite statements on the way; what a rewritten value is known to be helps behind.
// What a loop carries is found by walking its body until the facts hold for the next iteration too. They begin with what comes from
// outside and only ever widen, in a few steps, so that a walk of a nest costs a small multiple of its code.
// It stays whole because facts, their scopes and the walk are one state.
import { Constant, Value } from '../../ir/nodes.js';
import type { For, If, Kernel, Loop, Operand, Pure, Region, Statement, Terminator } from '../../ir/nodes.js';
import { Substitution } from '../../ir/substitute.js';
import { lanesOf } from '../../ir/types.js';
import { isComparison, mirrorComparison, negateComparison } from './algebra.js';
import {
  anyOf,
  constantFact,
  decideComparison,
  drawnFact,
  exactBound,
  extentFact,
  factOfOperation,
  factWhere,
  holdsWithin,
  isExactInteger,
  isInside,
  joinFacts,
  longestLife,
  shiftLimits,
  storedFact,
  widenFacts,
} from './facts.js';
import type { Fact } from './facts.js';
import { countingOf, unitOf } from './origins.js';
import type { Counting } from './origins.js';

/** How often a loop's body may be walked before nothing is taken to be known of what it carries. */
const mostWidenings = 8;
/** How often before that facts are only put together. */
const plainJoins = 3;
/** How deep conditions are taken apart. */
const deepestCondition = 8;
/** No call lives to do so many iterations: at a quarter of a nanosecond each they would take days. */
const mostIterations = 2 ** 50;

/** Of a condition that is asked, in the branch where it holds and in the other. */
const trueFact = constantFact(new Constant('bool', true));
const falseFact = constantFact(new Constant('bool', false));

/** What a loop's breaks and continues have handed on, position by position. */
interface LoopFacts {
  readonly label: string;
  breaks: Fact[] | undefined;
  continues: Fact[] | undefined;
}

export abstract class ForwardWalk {
  protected readonly substitution = new Substitution();
  /** Of constants, too, as far as they have been asked for. */
  readonly #facts = new Map<Operand, Fact>();
  /** The operation that assigns a value, as it was read or as it was rewritten. */
  readonly #definitions = new Map<Value, Pure>();
  /** Values that are the same number as another one, in another type. */
  readonly #converted = new Map<Value, Value[]>();
  /** What facts were before a branch said more, to be put back where it ends. */
  readonly #overwritten: [Value, Fact | undefined][] = [];
  readonly #loops: LoopFacts[] = [];
  /** What was found for a loop the last time that it was walked: loops inside loops are walked often. */
  readonly #found = new Map<Region, Fact[]>();
  readonly #countings = new Map<Region, readonly (Counting | undefined)[]>();
  /** Of what inner loops carry for a count of a loop around. */
  readonly #counted = new Map<Value, Fact>();
  /** What came of an operation the last time, and of which facts: most walks of a loop find again what the one before has found. */
  readonly #learned = new Map<Pure, { readonly from: readonly Fact[]; readonly fact: Fact }>();
  /** Whether the walk only gathers facts. */
  #isTrial = false;

  kernel(kernel: Kernel): Kernel {
    for (const { shape } of kernel.buffers)
      for (const extent of shape) if (extent instanceof Value) this.#facts.set(extent, extentFact);
    for (const { index, extent } of kernel.dimensions) this.#learnIndex(index, extent, 0);
    return { ...kernel, body: this.#region(kernel.body) };
  }

  // What passes say.

  /** What a statement without regions becomes; undefined for the statement itself. */
  protected abstract rewrite(statement: Statement): readonly Statement[] | undefined;

  /** A last look at a statement whose regions have been walked. */
  protected finish(statement: If | For | Loop): readonly Statement[] {
    return [statement];
  }

  /** A loop before it is walked: what it carries can be changed here. */
  protected begin<L extends For | Loop>(loop: L): L {
    return loop;
  }

  /** What takes the place of a statement whose way is known, with the terminator if the code ends there; undefined where it is not. */
  protected resolve(statement: If | For | Loop): Region | undefined {
    void statement;
    return undefined;
  }

  // What passes ask.

  protected factOf(operand: Operand): Fact {
    let fact = this.#facts.get(operand);
    if (fact !== undefined) return fact;
    if (operand instanceof Value) return anyOf(operand.type);
    this.#facts.set(operand, (fact = constantFact(operand)));
    return fact;
  }

  protected definitionOf(operand: Operand | undefined): Pure | undefined {
    return operand instanceof Value ? this.#definitions.get(operand) : undefined;
  }

  /** Whether a condition is known to be true, or false, here. */
  protected truthOf(operand: Operand, depth = 0): boolean | undefined {
    if (lanesOf(operand.type) > 1) return undefined;
    const { low, high } = this.factOf(operand);
    if (low === 1) return true;
    if (high === 0) return false;
    const definition = this.definitionOf(operand);
    if (definition === undefined || depth > deepestCondition) return undefined;
    const { operation, operands } = definition;
    if (isComparison(operation) && definition.over !== 'bool')
      return decideComparison(
        operation,
        operands,
        operands.map((each) => this.factOf(each)),
      );
    const truths = operands.map((each) => (each.type === 'bool' ? this.truthOf(each, depth + 1) : undefined));
    if (operation === 'not') return truths[0] === undefined ? undefined : !truths[0];
    if (operation !== 'and' && operation !== 'or') return undefined;
    const decisive = operation === 'or';
    if (truths.includes(decisive)) return decisive;
    return truths.includes(undefined) ? undefined : !decisive;
  }

  /** For all the code behind: `operand` is what `value` would be. */
  protected replace(value: Value, operand: Operand): void {
    this.substitution.replace(value, operand);
    this.#facts.set(value, this.factOf(operand));
    const definition = this.definitionOf(operand);
    if (definition) this.#definitions.set(value, definition);
  }

  /** A statement that a pass has put there: what it assigns is known from now on. */
  protected learn(statement: Statement): void {
    switch (statement.kind) {
      case 'pure': {
        const { operands, result } = statement;
        this.#definitions.set(result, statement);
        this.#noteConversion(statement);
        const facts: Fact[] = [];
        const learned = this.#learned.get(statement);
        // What a choice gives depends on its condition's definition, too, which may have been rewritten.
        let isKnown = learned !== undefined && statement.operation !== 'select';
        for (let index = 0; index < operands.length; index++) {
          const fact = this.factOf(operands[index]!);
          facts.push(fact);
          if (fact !== learned?.from[index]) isKnown = false;
        }
        if (isKnown) return void this.#facts.set(result, learned!.fact);
        const fact = this.#factOfPure(statement, facts);
        this.#facts.set(result, fact);
        this.#learned.set(statement, { from: facts, fact });
        return;
      }
      case 'draw': {
        const { result } = statement;
        if (result.type === 'f64' || result.type === 'f32') this.#facts.set(result, drawnFact);
        return;
      }
      case 'load': {
        const { buffer, result } = statement;
        if (lanesOf(result.type) === 1) this.#facts.set(result, storedFact(buffer.storage));
        return;
      }
      default:
    }
  }

  #noteConversion({ operation, over, operands, result }: Pure): void {
    const [operand] = operands;
    if (operation !== 'extendS' && (operation !== 'toF64' || (over !== 'i32' && over !== 'i64'))) return;
    if (!(operand instanceof Value) || over === 'bool' || lanesOf(over) > 1) return;
    const others = this.#converted.get(operand);
    if (others === undefined) this.#converted.set(operand, [result]);
    else if (!others.includes(result)) others.push(result);
  }

  #factOfPure(statement: Pure, facts: readonly Fact[]): Fact {
    const fact = factOfOperation(statement, facts);
    if (statement.operation !== 'select' || lanesOf(statement.over) > 1) return fact;
    // The lesser of two, written as a choice.
    const { operands } = statement;
    const condition = this.definitionOf(operands[0]);
    const isOf = (left: Operand, right: Operand): boolean =>
      condition!.operands[0] === left && condition!.operands[1] === right;
    if (condition === undefined || !['lt', 'le', 'gt', 'ge'].includes(condition.operation)) return fact;
    const isUpwards = condition.operation === 'lt' || condition.operation === 'le';
    const [, yes, no] = operands;
    if (isOf(yes!, no!) || isOf(no!, yes!)) {
      const isLesser = isOf(yes!, no!) === isUpwards;
      const over = condition.over;
      if (over !== 'i64' && over !== 'i32') return fact;
      return factOfOperation(
        { ...statement, operation: isLesser ? 'min' : 'max', operands: [yes!, no!] },
        facts.slice(1),
      );
    }
    return fact;
  }

  // The walk.

  #region(region: Region): Region {
    const mark = this.#overwritten.length;
    const statements: Statement[] = [];
    const terminator = this.#code(region, statements);
    this.#undo(mark);
    return this.#isTrial ? region : { statements, terminator };
  }

  /** Walks the region's code into `out`, and gives what ends it; what branches have said holds on. */
  #code({ statements, terminator }: Region, out: Statement[]): Terminator {
    for (const statement of statements) {
      const ended = this.#statement(statement, out);
      if (ended) return ended;
    }
    const after = this.substitution.terminator(terminator);
    this.#follow(after);
    return after;
  }

  /** Takes note of what `break` and `continue` hand on. */
  #follow(terminator: Terminator): void {
    if (terminator.kind !== 'break' && terminator.kind !== 'continue') return;
    const loop = this.#loops.findLast(({ label }) => label === terminator.label);
    if (loop === undefined) return;
    const facts = terminator.operands.map((operand) => this.factOf(operand));
    const which = terminator.kind === 'break' ? 'breaks' : 'continues';
    const before = loop[which];
    loop[which] = before ? joinAll(before, facts) : facts;
  }

  #statement(original: Statement, out: Statement[]): Terminator | undefined {
    const statement = this.substitution.statement(original);
    if (statement.kind === 'if' || statement.kind === 'for' || statement.kind === 'loop')
      return statement.kind === 'if' ? this.#if(statement, out) : this.#loop(statement, out);
    const rewritten = this.#isTrial ? undefined : this.rewrite(statement);
    this.#put(rewritten ?? [statement], out);
    // Behind a check, and behind one that has been found not to be needed, the condition holds.
    if (statement.kind === 'check') this.#assume(statement.condition, true);
    return undefined;
  }

  #splice(region: Region, results: readonly Value[], out: Statement[]): Terminator | undefined {
    const terminator = this.#code(region, out);
    if (terminator.kind !== 'yield') return terminator;
    for (const [index, result] of results.entries()) this.replace(result, terminator.operands[index]!);
    return undefined;
  }

  #if(statement: If, out: Statement[]): Terminator | undefined {
    const resolved = this.#isTrial ? undefined : this.resolve(statement);
    if (resolved) return this.#splice(resolved, statement.results, out);
    const { condition, results } = statement;
    const handedOn: Fact[][] = [];
    const walkBranch = (region: Region, truth: boolean): Region => {
      const mark = this.#overwritten.length;
      this.#assume(condition, truth);
      const inner: Statement[] = [];
      const terminator = this.#code(region, inner);
      if (terminator.kind === 'yield') handedOn.push(terminator.operands.map((operand) => this.factOf(operand)));
      this.#undo(mark);
      return this.#isTrial ? region : { statements: inner, terminator };
    };
    const consequent = walkBranch(statement.consequent, true);
    const alternate = walkBranch(statement.alternate, false);
    const [first, second] = handedOn;
    for (const [index, result] of results.entries()) {
      const facts = handedOn.map((each) => each[index]!);
      this.#facts.set(result, facts.length === 0 ? anyOf(result.type) : facts.reduce(joinFacts));
    }
    // Only one way goes on, so behind it the condition is known.
    if (first !== undefined && second === undefined) this.#assume(condition, consequent.terminator.kind === 'yield');
    if (!this.#isTrial) this.#put(this.finish({ ...statement, consequent, alternate }), out);
    return first === undefined ? { kind: 'unreachable' } : undefined;
  }

  #put(statements: readonly Statement[], out: Statement[]): void {
    for (const statement of statements) {
      this.learn(statement);
      out.push(statement);
    }
  }

  #loop(unchanged: For | Loop, out: Statement[]): Terminator | undefined {
    if (!this.#isTrial) {
      const resolved = this.resolve(unchanged);
      if (resolved) return this.#splice(resolved, unchanged.results, out);
    }
    const loop = this.#isTrial ? unchanged : this.begin(unchanged);
    const { carried } = loop;
    const initial = carried.map((each) => this.factOf(each.initial));
    const mark = this.#overwritten.length;
    if (loop.kind === 'for') this.#learnFor(loop);
    const found = this.#found.get(loop.body);
    const lasting = this.#lastingFacts(loop, initial);
    let facts = (found ?? initial.map((fact) => ({ ...fact, limits: [] }))).map(
      (fact, index) =>
        lasting[index] ??
        (holdsWithin(initial[index]!, fact) ? fact : { ...joinFacts(fact, initial[index]!), limits: [] }),
    );
    const wasTrial = this.#isTrial;
    // What holds whatever the body does needs no trial; nor does what the last trial of the loop around has found: this walk has its facts.
    const isFound = !wasTrial && facts.every((fact, index) => lasting[index] !== undefined || fact === found?.[index]);
    let scope: LoopFacts | undefined;
    for (let walks = 0; ; walks++) {
      if (isFound) break;
      this.#isTrial = true;
      scope = this.#enter(loop, facts);
      const { terminator } = this.#region(loop.body);
      this.#loops.pop();
      this.#isTrial = wasTrial;
      const next = this.#handedOn(terminator, scope)?.map((fact, index) =>
        lasting[index] === undefined ? (this.#grownFact(loop, index, initial[index]!) ?? fact) : fact,
      );
      const holds = (index: number): boolean =>
        lasting[index] !== undefined || holdsWithin(next![index]!, facts[index]!);
      if (next === undefined || next.every((_, index) => holds(index))) break;
      facts = facts.map((fact, index) => {
        const { type } = carried[index]!.value;
        if (holds(index)) return fact;
        // What is kept or chosen comes to hold soon, each value behind those that it is made of; what grows has to be widened.
        if (walks < plainJoins) return { ...joinFacts(fact, next[index]!), limits: [] };
        return walks < mostWidenings ? widenFacts(fact, next[index]!, type) : anyOf(type);
      });
    }
    this.#found.set(loop.body, facts);
    let walked = loop;
    if (!this.#isTrial) {
      scope = this.#enter(loop, facts);
      walked = { ...loop, body: this.#region(loop.body) };
      this.#loops.pop();
    }
    this.#undo(mark);
    const breaks = scope?.breaks;
    const results = loop.kind === 'for' ? (breaks ? joinAll(facts, breaks) : facts) : breaks;
    for (const [index, result] of loop.results.entries())
      this.#facts.set(result, results?.[index] ?? anyOf(result.type));
    if (!this.#isTrial) this.#put(this.finish(walked), out);
    return undefined;
  }

  /** Of whole numbers that iterations only ever move on by 1: how far they get in a loop's life, inner loops and all. */
  #lastingFacts(loop: For | Loop, initial: readonly Fact[]): (Fact | undefined)[] {
    return this.#countingsOf(loop).map((counting, index) => {
      const { value } = loop.carried[index]!;
      const known = this.#counted.get(value);
      if (known !== undefined) return known;
      const fact = initial[index]!;
      const units = counting?.additions.map(unitOf) ?? [undefined];
      if (counting === undefined || units.includes(undefined)) return undefined;
      const begins = counting.resets.every((reset) => reset instanceof Constant && isCountable(constantFact(reset)));
      if (!begins || !(value.type === 'i64' ? isInside(fact, exactBound) : isCountable(fact))) {
        for (const inner of counting.within) this.#counted.delete(inner);
        return undefined;
      }
      const first = this.#joinedWith(fact, counting.resets);
      const low = first.low - (units.includes(-1) ? longestLife : 0);
      const high = first.high + (units.includes(1) ? longestLife : 0);
      const lasting = { ...fact, low, high, limits: [] };
      for (const inner of counting.within) this.#counted.set(inner, lasting);
      return lasting;
    });
  }

  #countingsOf(loop: For | Loop): readonly (Counting | undefined)[] {
    let countings = this.#countings.get(loop.body);
    if (countings === undefined) this.#countings.set(loop.body, (countings = countingOf(loop)));
    return countings;
  }

  /** Of a sum of whole numbers with known bounds: how far as many iterations get as there are at the most; undefined where that is too far. */
  #grownFact(loop: For | Loop, index: number, fact: Fact): Fact | undefined {
    const counting = this.#countingsOf(loop)[index];
    if (counting === undefined) return undefined;
    const first = this.#joinedWith(fact, counting.resets);
    if (!isExactInteger(first) || first.mayBeMinusZero) return undefined;
    const trips = this.#mostTrips(loop);
    let [down, up] = [0, 0];
    for (const { by, isTaken, loops } of counting.additions) {
      const { low, high, isWhole, mayBeNaN } = this.factOf(by);
      if (!isWhole || mayBeNaN) return undefined;
      const times = Math.min(
        loops.reduce((product, inner) => product * this.#mostTrips(inner), trips),
        mostIterations,
      );
      if (times === 0) continue;
      up += times * Math.max(0, isTaken ? -low : high);
      down += times * Math.max(0, isTaken ? high : -low);
    }
    const grown = { ...first, low: first.low - down, high: first.high + up, limits: [] };
    return isInside(grown, exactBound) ? grown : undefined;
  }

  #joinedWith(fact: Fact, others: readonly Operand[]): Fact {
    return others.reduce<Fact>((all, operand) => joinFacts(all, this.factOf(operand)), { ...fact, limits: [] });
  }

  #mostTrips(loop: For | Loop): number {
    if (loop.kind === 'loop') return mostIterations;
    const distance = this.factOf(loop.count).high - this.factOf(loop.start).low;
    return distance < exactBound ? Math.max(0, Math.floor(distance / loop.step)) : mostIterations;
  }

  #enter({ label, carried }: For | Loop, facts: readonly Fact[]): LoopFacts {
    const scope: LoopFacts = { label, breaks: undefined, continues: undefined };
    this.#loops.push(scope);
    for (const [index, { value }] of carried.entries()) this.#facts.set(value, facts[index]!);
    return scope;
  }

  /** What the next iteration gets, by the body's end or by `continue`; undefined where there is never a next one. */
  #handedOn(terminator: Terminator, { continues }: LoopFacts): Fact[] | undefined {
    if (terminator.kind !== 'yield') return continues;
    const yielded = this.substitution.operands(terminator.operands).map((operand) => this.factOf(operand));
    return continues ? joinAll(continues, yielded) : yielded;
  }

  #learnFor({ index, start, count, step }: For): void {
    // Inside of it the loop runs.
    const { low } = this.factOf(start);
    if (count instanceof Value && Number.isFinite(low)) {
      this.#narrowTo(count, low + step, Infinity);
      this.#spread(count, this.factOf(count));
    }
    if (start instanceof Constant) {
      const first = Number(start.value);
      if (first >= 0 && first <= longestLife) return this.#learnIndex(index, count, first, first + step * longestLife);
    }
    const { high, limits } = this.factOf(count);
    const own = count instanceof Value ? [{ of: count, offset: -1 }] : [];
    this.#facts.set(index, {
      ...anyOf('i64'),
      low,
      high: Math.max(high - 1, low),
      limits: [...own, ...shiftLimits(limits, -1)],
    });
  }

  #learnIndex(index: Value, count: Operand, first: number, beyond = Infinity): void {
    const { high, limits } = this.factOf(count);
    const own = count instanceof Value ? [{ of: count, offset: -1 }] : [];
    const last = Math.max(Math.min(high, beyond) - 1, first);
    this.#facts.set(index, { ...anyOf('i64'), low: first, high: last, limits: [...own, ...shiftLimits(limits, -1)] });
  }

  // What branches say.

  #narrow(value: Value, fact: Fact): void {
    this.#overwritten.push([value, this.#facts.get(value)]);
    this.#facts.set(value, fact);
  }

  #undo(mark: number): void {
    while (this.#overwritten.length > mark) {
      const [value, fact] = this.#overwritten.pop()!;
      if (fact === undefined) this.#facts.delete(value);
      else this.#facts.set(value, fact);
    }
  }

  /** From here to where the mark is undone, the condition is as `truth` says. */
  #assume(condition: Operand, truth: boolean, depth = 0): void {
    if (!(condition instanceof Value) || condition.type !== 'bool' || depth > deepestCondition) return;
    this.#narrow(condition, truth ? trueFact : falseFact);
    const definition = this.definitionOf(condition);
    if (definition === undefined) return;
    const { operation, operands, over } = definition;
    if (operation === 'not') return this.#assume(operands[0]!, !truth, depth + 1);
    if (operation === (truth ? 'and' : 'or'))
      return operands.forEach((operand) => this.#assume(operand, truth, depth + 1));
    if (!isComparison(operation) || lanesOf(over) > 1 || over === 'bool') return;
    const isFloating = over === 'f64' || over === 'f32';
    const facts = operands.map((operand) => this.factOf(operand));
    // What is not less may be NaN.
    if (!truth && isFloating && operation !== 'ne' && facts.some(({ mayBeNaN }) => mayBeNaN)) return;
    const known = truth ? operation : negateComparison(operation);
    this.#compare(known, operands[0]!, facts[0]!, operands[1]!, facts[1]!, !isFloating);
    this.#compare(mirrorComparison(known), operands[1]!, facts[1]!, operands[0]!, facts[0]!, !isFloating);
  }

  #compare(operation: Pure['operation'], a: Operand, aFact: Fact, b: Operand, bFact: Fact, isInteger: boolean): void {
    if (!(a instanceof Value)) return;
    const known = factWhere(operation, aFact, b, bFact, isInteger);
    const fact = isInteger ? known : { ...known, limits: this.#limitsBelow(operation, known, b) };
    this.#narrow(a, fact);
    this.#spread(a, fact);
  }

  /** What a whole double lies below, where it is compared with one that an integer was made of. */
  #limitsBelow(operation: Pure['operation'], { isWhole, limits }: Fact, b: Operand): Fact['limits'] {
    const definition = this.definitionOf(b);
    const [of] = definition?.operands ?? [];
    if (!isWhole || (operation !== 'lt' && operation !== 'le') || definition?.operation !== 'toF64') return limits;
    const isExact = of instanceof Value && of.type === 'i64' && isInside(this.factOf(of), exactBound);
    return isExact ? [...limits, { of, offset: operation === 'lt' ? -1 : 0 }] : limits;
  }

  /** What is known of a number is known of it in other types too. */
  #spread(value: Value, fact: Fact): void {
    // Beyond 2⁵³ another integer may have become the same double.
    const low = fact.low > -exactBound ? Math.ceil(fact.low) : -Infinity;
    const high = fact.high < exactBound ? Math.floor(fact.high) : Infinity;
    let source: Value = value;
    for (let definition = this.definitionOf(source); ; definition = this.definitionOf(source)) {
      const [operand] = definition?.operands ?? [];
      const isConversion = operand instanceof Value && this.#converted.get(operand)?.includes(source);
      if (!isConversion) break;
      source = operand;
      this.#narrowTo(source, low, high);
    }
    this.#spreadFrom(source, value, low, high);
  }

  #spreadFrom(source: Value, known: Value, low: number, high: number): void {
    for (const other of this.#converted.get(source) ?? []) {
      if (other !== known) this.#narrowTo(other, low, high);
      this.#spreadFrom(other, known, low, high);
    }
  }

  #narrowTo(value: Value, low: number, high: number): void {
    const fact = this.factOf(value);
    if (low > fact.low || high < fact.high)
      this.#narrow(value, { ...fact, low: Math.max(fact.low, low), high: Math.min(fact.high, high) });
  }
}

/** Whole, never −0, and so small that counting from there all life long stays exact. */
const isCountable = (fact: Fact): boolean =>
  isExactInteger(fact) && !fact.mayBeMinusZero && isInside(fact, longestLife / 2);

const joinAll = (a: readonly Fact[], b: readonly Fact[]): Fact[] => a.map((fact, index) => joinFacts(fact, b[index]!));
