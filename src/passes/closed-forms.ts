// Before   %s: f64 = for @l %i < %n (%v: f64 = 0.0) { %x = toF64.i64 %i   %w = add.f64 %v %x   yield [%w] }
// After    %isExact = and (ge.i64 %n 0) (le.i64 %n 134217728)
//          %s: f64 = if %isExact { … toF64.i64 (n·(n − 1)/2) } else { for … as it was }
// Why      A sum over a counter is a polynomial in the number of iterations, which costs the same for 10 and for 10⁷ of them.
// When     All that a loop does is to count and to add up what is made of the counter by + − · and integers. So `for` loops, and loops
//          that ask a counter in doubles, of any whole step, at their beginning or end.
// Exact    Doubles that are whole, below 2⁵³ and never −0 are integers, and their sums and products are those of integers; so the guard
//          asks whether everything that the loop would compute stays there. Where all but the number of iterations is constant the guard is
//          the exact number of iterations; else it is a bound computed in doubles from magnitudes, each operation of which is monotone:
//          what would reach 2⁵³ does so rounded too. Sums of integers wrap, in the closed form as in the loop, and need no guard.
// Too cautious: sums of halves and quarters would be exact too; a loop that does anything besides is left alone; so is one that hands on
//          what it last computed.
// It stays whole because polynomials, the number of iterations and the guard are found together, over one loop.
import { Constant, Value } from '../ir/nodes.js';
import type { Carried, For, If, Kernel, Loop, Operand, Pure, Statement } from '../ir/nodes.js';
import type { OperationName } from '../ir/operations.js';
import { innerValuesOf, resultsOf, rewriteCompound } from '../ir/walk.js';
import { isComparison, mirrorComparison, negateComparison } from './analysis/algebra.js';
import {
  addNewton,
  Code,
  doubleOf,
  evaluateExactly,
  evaluateNewton,
  highestDegree,
  integerOf,
  multiplyNewton,
  productOfBasis,
  sumNewton,
} from './analysis/newton.js';
import type { Newton } from './analysis/newton.js';
import type { Pass } from './pass.js';
import { remark } from './remarks.js';

const largestDouble = 2n ** 53n;
/** Counters and their ends lie within this where the number of iterations is computed with a division of doubles, to be exact. */
const largestEnd = 2 ** 51;

/** How large something can be, for n iterations. */
type Magnitude =
  | { readonly kind: 'count' }
  | { readonly kind: 'of'; readonly operand: Operand }
  | { readonly kind: 'add' | 'mul'; readonly parts: readonly Magnitude[] };

/** A value of the loop in iteration j. */
interface Polynomial {
  readonly newton: Newton;
  /** Newton's coefficients of a bound of all that it is made of; undefined where only the run tells. */
  readonly bound: readonly bigint[] | undefined;
  readonly magnitude: Magnitude;
  /** Whether doubles have been made or used, so that it is right only below the bound. */
  readonly isOfDoubles: boolean;
  readonly mayBeMinusZero: boolean;
}

/** A loop taken apart: straight code, and perhaps one way out in its midst. */
interface Shape {
  readonly definitions: ReadonlyMap<Value, Pure>;
  readonly next: readonly Operand[];
  /** Where the loop is left, what is asked, whether it is left if that is true, and with what. */
  readonly exit:
    { readonly condition: Operand; readonly leavesIfTrue: boolean; readonly results: readonly Operand[] } | undefined;
}

function shapeOf(loop: For | Loop): Shape | undefined {
  const { statements, terminator } = loop.body;
  if (terminator.kind !== 'yield') return undefined;
  if (loop.kind === 'for' && (loop.owned.length > 0 || loop.step !== 1 || loop.results.length > loop.carried.length))
    return undefined;
  const definitions = new Map<Value, Pure>();
  let exit: Shape['exit'];
  for (const statement of statements) {
    if (statement.kind === 'pure') definitions.set(statement.result, statement);
    else if (statement.kind === 'if' && loop.kind === 'loop' && exit === undefined) {
      exit = exitOf(statement, loop);
      if (exit === undefined) return undefined;
    } else return undefined;
  }
  if ((loop.kind === 'loop') !== (exit !== undefined)) return undefined;
  return { definitions, next: terminator.operands, exit };
}

function exitOf({ condition, results, consequent, alternate }: If, { label }: Loop): Shape['exit'] {
  if (results.length + consequent.statements.length + alternate.statements.length > 0) return undefined;
  for (const [leaving, staying, leavesIfTrue] of [
    [consequent, alternate, true],
    [alternate, consequent, false],
  ] as const) {
    const { terminator } = leaving;
    if (terminator.kind === 'break' && terminator.label === label && staying.terminator.kind === 'yield')
      return { condition, leavesIfTrue, results: terminator.operands };
  }
  return undefined;
}

class ClosedForm {
  readonly #loop: For | Loop;
  readonly #shape: Shape;
  /** Before the loop, whether or not its sums can be had in closed form. */
  readonly #code: Code;
  readonly #polynomials = new Map<Value, Polynomial | undefined>();
  readonly #inside: ReadonlySet<Value>;
  /** What has to hold besides bounds: that doubles from outside are integers. */
  readonly #conditions: Operand[] = [];
  readonly #asIntegers = new Map<Value, Operand>();
  /** What the way out asks. */
  #counter: Polynomial | undefined;

  constructor(loop: For | Loop, shape: Shape) {
    this.#loop = loop;
    this.#shape = shape;
    this.#code = new Code(loop.source);
    this.#inside = new Set([...innerValuesOf(loop), ...loop.body.statements.flatMap(resultsOf)]);
  }

  run(): readonly Statement[] | undefined {
    const loop = this.#loop;
    const carried = loop.carried.map(({ value }) => this.#polynomialOf(value));
    const finals = this.#shape.exit ? this.#shape.exit.results.map((operand) => this.#polynomialOf(operand)) : carried;
    if (loop.results.length === 0 || !finals.every(isClosed) || !carried.every(isDefined)) return undefined;
    const count = this.#count();
    if (count === undefined) return undefined;
    const guards = this.#guards(count, [...new Set([...carried, ...finals, this.#counter].filter(isDefined))]);
    if (guards === undefined) return undefined;
    const isExact = this.#code.every([...guards, ...this.#conditions]);
    if (isExact instanceof Constant && isExact.value === false) return undefined;

    remark(loop, { kind: 'closedForm', isAlways: isExact instanceof Constant });
    const closed = new Code(loop.source);
    const trips = guards.length === 0 ? notNegative(closed, count) : count;
    const values = evaluateNewton(
      closed,
      finals.map((polynomial) => polynomial!.newton),
      trips,
    );
    const results = loop.results.map(({ type }, position) =>
      type === 'f64' ? closed.toDouble(values[position]!) : values[position]!,
    );
    const looped = loop.results.map(({ type, name }) => new Value(type, name));
    return [
      ...this.#code.statements,
      {
        kind: 'if',
        // Where it is a constant, simplify takes the loop out.
        condition: isExact,
        results: loop.results,
        consequent: { statements: closed.statements, terminator: { kind: 'yield', operands: results } },
        alternate: { statements: [{ ...loop, results: looped }], terminator: { kind: 'yield', operands: looped } },
        source: loop.source,
      },
    ];
  }

  // Polynomials.

  #polynomialOf(operand: Operand): Polynomial | undefined {
    if (operand instanceof Constant) return constantPolynomial(operand);
    if (this.#polynomials.has(operand)) return this.#polynomials.get(operand);
    // While it is being found out it is not known: what is made of itself in another way than by adding has no closed form here.
    this.#polynomials.set(operand, undefined);
    const found = this.#find(operand);
    this.#polynomials.set(operand, found);
    return found;
  }

  #find(value: Value): Polynomial | undefined {
    if (!this.#inside.has(value)) return this.#fromOutside(value);
    const loop = this.#loop;
    if (loop.kind === 'for' && value === loop.index) return this.#index(loop);
    const position = loop.carried.findIndex((each) => each.value === value);
    if (position >= 0) return this.#sum(loop.carried[position]!, this.#shape.next[position]!);
    const definition = this.#shape.definitions.get(value);
    return definition && this.#computed(definition);
  }

  #fromOutside(value: Value): Polynomial | undefined {
    const magnitude: Magnitude = { kind: 'of', operand: value };
    const rest = { bound: undefined, magnitude, mayBeMinusZero: false };
    if (value.type === 'i64') return { newton: [value], isOfDoubles: false, ...rest };
    return value.type === 'f64' ? { newton: [this.#asInteger(value)], isOfDoubles: true, ...rest } : undefined;
  }

  /** A double from outside as the integer that it has to be; one that is −0, not whole or not finite becomes another double again. */
  #asInteger(value: Value): Operand {
    const known = this.#asIntegers.get(value);
    if (known) return known;
    const code = this.#code;
    const integer = code.pure('truncI64', 'f64', [value], 'i64', value.name);
    const bits = (double: Operand): Operand => code.pure('bitsOfF64', 'f64', [double], 'i64', 'bits');
    this.#conditions.push(code.compare('eq', 'i64', bits(code.toDouble(integer)), bits(value), 'isWhole'));
    this.#asIntegers.set(value, integer);
    return integer;
  }

  #index({ start }: For): Polynomial | undefined {
    const first = this.#polynomialOf(start);
    return (
      first && {
        newton: [first.newton[0]!, integerOf(1n)],
        bound: first.bound && [first.bound[0]!, 1n],
        magnitude: { kind: 'add', parts: [first.magnitude, { kind: 'count' }] },
        isOfDoubles: false,
        mayBeMinusZero: false,
      }
    );
  }

  /** A carried value that an iteration adds to, and does nothing else with. */
  #sum({ value, initial }: Carried, next: Operand): Polynomial | undefined {
    const first = this.#polynomialOf(initial);
    const steps = this.#steps(next, value);
    if (first === undefined || steps === undefined) return undefined;
    // A sum is −0 only where it begins as that.
    if (first.mayBeMinusZero) return undefined;
    let [newton, bound]: [Newton, readonly bigint[] | undefined] = [[integerOf(0n)], [0n]];
    for (const { polynomial, isSubtracted } of steps) {
      newton = addNewton(this.#code, newton, polynomial.newton, isSubtracted);
      bound = bound && polynomial.bound && addBounds(bound, polynomial.bound);
    }
    const sum = sumNewton(first.newton[0]!, newton);
    if (sum === undefined) return undefined;
    const added: Magnitude = { kind: 'add', parts: steps.map(({ polynomial }) => polynomial.magnitude) };
    return {
      newton: sum,
      bound: bound && first.bound && [first.bound[0]!, ...bound],
      magnitude: { kind: 'add', parts: [first.magnitude, { kind: 'mul', parts: [{ kind: 'count' }, added] }] },
      isOfDoubles: value.type === 'f64' || steps.some(({ polynomial }) => polynomial.isOfDoubles),
      mayBeMinusZero: false,
    };
  }

  /** What is added to `value` on the way to `operand`; undefined if it is more than that. */
  #steps(operand: Operand, value: Value): { polynomial: Polynomial; isSubtracted: boolean }[] | undefined {
    if (operand === value) return [];
    const definition = operand instanceof Value ? this.#shape.definitions.get(operand) : undefined;
    if (definition === undefined || (definition.over !== 'f64' && definition.over !== 'i64')) return undefined;
    const { operation, operands } = definition;
    if (operation !== 'add' && operation !== 'sub') return undefined;
    for (const [side, other] of operation === 'add'
      ? [
          [0, 1],
          [1, 0],
        ]
      : [[0, 1]]) {
      const before = this.#steps(operands[side!]!, value);
      if (before === undefined) continue;
      const polynomial = this.#polynomialOf(operands[other!]!);
      return polynomial && [...before, { polynomial, isSubtracted: operation === 'sub' }];
    }
    return undefined;
  }

  #computed({ operation, over, operands }: Pure): Polynomial | undefined {
    if (over !== 'f64' && over !== 'i64') return undefined;
    const parts = operands.map((operand) => this.#polynomialOf(operand));
    if (!parts.every(isDefined)) return undefined;
    const [a, b] = parts;
    const isOfDoubles = over === 'f64' || operation === 'toF64' || parts.some((part) => part.isOfDoubles);
    switch (operation) {
      case 'toF64':
        return { ...a!, isOfDoubles, mayBeMinusZero: false };
      case 'floor':
      case 'ceil':
      case 'trunc':
      case 'nearest':
      case 'truncI64':
        // Of a whole number itself.
        return a;
      case 'add':
      case 'sub':
        return {
          newton: addNewton(this.#code, a!.newton, b!.newton, operation === 'sub'),
          bound: a!.bound && b!.bound && addBounds(a!.bound, b!.bound),
          magnitude: { kind: 'add', parts: [a!.magnitude, b!.magnitude] },
          isOfDoubles,
          mayBeMinusZero: over === 'f64' && a!.mayBeMinusZero,
        };
      case 'neg':
        return {
          ...a!,
          newton: addNewton(this.#code, [integerOf(0n)], a!.newton, true),
          isOfDoubles,
          mayBeMinusZero: true,
        };
      case 'mul':
        return this.#product(a!, b!, isOfDoubles, over === 'f64');
      case 'shl': {
        const distance = operands[1] instanceof Constant ? Number(operands[1].value) : -1;
        if (distance < 0 || distance > 30) return undefined;
        return this.#product(a!, constantPolynomial(integerOf(2n ** BigInt(distance)))!, isOfDoubles, false);
      }
      default:
        return undefined;
    }
  }

  #product(a: Polynomial, b: Polynomial, isOfDoubles: boolean, mayBeMinusZero: boolean): Polynomial | undefined {
    const newton = multiplyNewton(this.#code, a.newton, b.newton);
    return (
      newton && {
        newton,
        bound: a.bound && b.bound && multiplyBounds(a.bound, b.bound),
        magnitude: { kind: 'mul', parts: [a.magnitude, b.magnitude] },
        isOfDoubles,
        mayBeMinusZero,
      }
    );
  }

  // How often.

  /** The number of iterations, as far as the conditions and guards hold; undefined where nothing tells it. */
  #count(): Operand | undefined {
    const loop = this.#loop;
    if (loop.kind === 'for') {
      if (!(loop.start instanceof Constant)) return undefined;
      if (loop.start.value === 0n) return loop.count;
      const runs = this.#code.compare('gt', 'i64', loop.count, loop.start, 'runs');
      return choose(this.#code, runs, this.#code.subtract(loop.count, loop.start), integerOf(0n));
    }
    const { condition, leavesIfTrue } = this.#shape.exit!;
    const asked = condition instanceof Value ? this.#shape.definitions.get(condition) : undefined;
    if (asked === undefined || !isComparison(asked.operation)) return undefined;
    if (asked.over !== 'f64' && asked.over !== 'i64') return undefined;
    // Under the guard neither side is NaN, so that what is not less is greater or equal.
    const goesOn = leavesIfTrue ? negateComparison(asked.operation) : asked.operation;
    const [left, right] = asked.operands as [Operand, Operand];
    return this.#isFixed(right)
      ? this.#tripsUntil(goesOn, left, right)
      : this.#isFixed(left)
        ? this.#tripsUntil(mirrorComparison(goesOn), right, left)
        : undefined;
  }

  #isFixed(operand: Operand): boolean {
    return operand instanceof Constant || !this.#inside.has(operand);
  }

  /** How long a counter goes on that is compared with an end. */
  #tripsUntil(goesOn: OperationName, counter: Operand, end: Operand): Operand | undefined {
    const polynomial = this.#polynomialOf(counter);
    const step = polynomial?.newton.length === 2 ? polynomial.newton[1] : undefined;
    if (!(step instanceof Constant)) return undefined;
    this.#counter = polynomial;
    const code = this.#code;
    const by = step.value as bigint;
    const isUp = by > 0n;
    const size = isUp ? by : -by;
    const beyond = this.#firstBeyond(goesOn, end, isUp, size);
    if (beyond === undefined) return undefined;
    const first = polynomial!.newton[0]!;
    this.#isWithin(code.toDouble(first));
    const distance = isUp ? code.subtract(beyond, first) : code.subtract(first, beyond);
    if (goesOn === 'ne') return distance;
    const positive = notNegative(code, distance);
    if (size === 1n) return positive;
    // Both are below 2⁵³, and so is what is missing to a whole quotient larger than what rounding loses.
    const quotient = code.pure('div', 'f64', [code.toDouble(positive), doubleOf(Number(size))], 'f64', 'quotient');
    return code.pure('truncI64', 'f64', [code.pure('ceil', 'f64', [quotient], 'f64', 'trips')], 'i64', 'trips');
  }

  /** The first whole number, on the counter's way, at which the loop ends. */
  #firstBeyond(goesOn: OperationName, end: Operand, isUp: boolean, size: bigint): Operand | undefined {
    const code = this.#code;
    if (goesOn === 'ne') {
      if (size !== 1n) return undefined;
      const beyond = end.type === 'i64' ? end : this.#polynomialOf(end)?.newton[0];
      if (beyond) this.#isWithin(code.toDouble(beyond));
      return beyond;
    }
    if (isUp !== (goesOn === 'lt' || goesOn === 'le') || goesOn === 'eq') return undefined;
    const isInclusive = goesOn === 'le' || goesOn === 'ge';
    let whole = end;
    if (end.type === 'f64') {
      this.#isWithin(end);
      const rounded = code.pure(isUp !== isInclusive ? 'ceil' : 'floor', 'f64', [end], 'f64', 'end');
      whole = code.pure('truncI64', 'f64', [rounded], 'i64', 'end');
    } else this.#isWithin(code.toDouble(end));
    if (!isInclusive) return whole;
    return isUp ? code.add(whole, integerOf(1n)) : code.subtract(whole, integerOf(1n));
  }

  #isWithin(double: Operand): void {
    const size = this.#code.pure('abs', 'f64', [double], 'f64', 'size');
    this.#conditions.push(this.#code.compare('lt', 'f64', size, doubleOf(largestEnd), 'isWithin'));
  }

  // Guards.

  /** What makes everything that the loop computes exact; undefined where nothing does. */
  #guards(count: Operand, polynomials: readonly Polynomial[]): Operand[] | undefined {
    const code = this.#code;
    const ofDoubles = polynomials.filter(({ isOfDoubles }) => isOfDoubles);
    const degree = Math.max(...polynomials.map(({ newton }) => newton.length - 1));
    const isCounted = this.#loop.kind === 'for';
    if (ofDoubles.length === 0 && degree < highestDegree && isCounted) return [];
    // A counter that is compared may not wrap, whatever it is.
    const asked = isCounted ? ofDoubles : polynomials;
    const most = this.#mostTrips(asked);
    let limit = degree < highestDegree ? largestDouble : 2n ** 31n;
    const bounds: Operand[] = [];
    if (most !== undefined) limit = most < limit ? most : limit;
    else {
      const trips = code.toDouble(count);
      const evaluated = new Map<Magnitude, Operand>();
      for (const { magnitude } of asked) {
        const size = this.#magnitude(magnitude, trips, evaluated);
        bounds.push(code.compare('lt', 'f64', size, doubleOf(2 ** 53), 'isExact'));
      }
    }
    if (limit < 1n) return undefined;
    return [
      code.compare('ge', 'i64', count, integerOf(0n), 'runs'),
      code.compare('le', 'i64', count, integerOf(limit), 'isExact'),
      ...bounds,
    ];
  }

  /** How many iterations keep all within 2⁵³, if constants tell; every bound grows with their number. */
  #mostTrips(polynomials: readonly Polynomial[]): bigint | undefined {
    if (!polynomials.every(({ bound }) => bound !== undefined)) return undefined;
    const isExact = (n: bigint): boolean =>
      polynomials.every(({ bound }) => evaluateExactly(bound!, n) <= largestDouble);
    let [least, most] = [-1n, largestDouble];
    while (least < most) {
      const middle = (least + most + 1n) >> 1n;
      if (isExact(middle)) least = middle;
      else most = middle - 1n;
    }
    return least;
  }

  #magnitude(magnitude: Magnitude, trips: Operand, evaluated: Map<Magnitude, Operand>): Operand {
    if (magnitude.kind === 'count') return trips;
    const known = evaluated.get(magnitude);
    if (known) return known;
    const code = this.#code;
    const size = ((): Operand => {
      if (magnitude.kind === 'of') {
        const { operand } = magnitude;
        return code.pure('abs', 'f64', [operand.type === 'i64' ? code.toDouble(operand) : operand], 'f64', 'size');
      }
      const sizes = magnitude.parts.map((part) => this.#magnitude(part, trips, evaluated));
      const { kind } = magnitude;
      return sizes.length === 0
        ? doubleOf(0)
        : sizes.reduce((all, each) => code.pure(kind, 'f64', [all, each], 'f64', 'size'));
    })();
    evaluated.set(magnitude, size);
    return size;
  }
}

const isDefined = <T>(value: T | undefined): value is T => value !== undefined;
const isClosed = (polynomial: Polynomial | undefined): boolean =>
  polynomial !== undefined && !polynomial.mayBeMinusZero;

/** The count, or 0 where it is below that. */
function notNegative(code: Code, count: Operand): Operand {
  const zero = integerOf(0n);
  return choose(code, code.compare('gt', 'i64', count, zero, 'isPositive'), count, zero);
}

function choose(code: Code, condition: Operand, yes: Operand, no: Operand): Operand {
  if (condition instanceof Constant) return condition.value === true ? yes : no;
  return code.pure('select', 'i64', [condition, yes, no], 'i64', 'count');
}

function constantPolynomial(constant: Constant): Polynomial | undefined {
  const { type, value } = constant;
  if (type === 'f64' && (!Number.isSafeInteger(value) || Object.is(value, -0))) return undefined;
  if (type !== 'f64' && type !== 'i64') return undefined;
  const integer = BigInt(value);
  return {
    newton: [integerOf(integer)],
    bound: [integer < 0n ? -integer : integer],
    magnitude: { kind: 'of', operand: constant },
    isOfDoubles: type === 'f64',
    mayBeMinusZero: false,
  };
}

const addBounds = (a: readonly bigint[], b: readonly bigint[]): readonly bigint[] =>
  Array.from({ length: Math.max(a.length, b.length) }, (_, k) => (a[k] ?? 0n) + (b[k] ?? 0n));

/** What a factor that is always 0 hides can do no harm: it is finite, and what comes of it is 0. */
function multiplyBounds(a: readonly bigint[], b: readonly bigint[]): readonly bigint[] {
  const bound: bigint[] = Array.from({ length: a.length + b.length - 1 }, () => 0n);
  for (const [i, x] of a.entries())
    for (const [k, y] of b.entries())
      for (const [place, factor] of productOfBasis(i, k).entries()) bound[place]! += BigInt(factor) * x * y;
  return bound;
}

export const closedForms: Pass = {
  name: 'closed-forms',
  run: (kernel: Kernel): Kernel => ({
    ...kernel,
    body: rewriteCompound(kernel.body, (statement) => {
      if (statement.kind === 'if') return [statement];
      const shape = shapeOf(statement);
      return (shape && new ClosedForm(statement, shape).run()) ?? [statement];
    }),
  }),
};
