// The body of a loop, for one iteration → the same for several neighbouring iterations at once, in lanes. What is the same in all of them
// stays scalar; a value that grows by the same step from lane to lane is known by its first, so that its neighbours in memory are loaded
// as such. Branches that lanes take differently become masks; what is drawn, loaded or stored under one is only where it is on.
// Which loop, how many lanes, and what becomes of elements that are given to reductions, is the caller's to say.
import { Builder, f64, i64 } from '../../ir/build.js';
import type { CarriedStart } from '../../ir/build.js';
import { Constant, Value } from '../../ir/nodes.js';
import type {
  Buffer,
  Call,
  For,
  If,
  Load,
  Loop,
  Operand,
  Pure,
  Reduce,
  Region,
  Statement,
  Store,
  Stream,
  Terminator,
} from '../../ir/nodes.js';
import { elementOf, lanesOf, withLanes } from '../../ir/types.js';
import type { ScalarType, Type } from '../../ir/types.js';
import { operandsOf, regionsOf, resultsOf, terminatorOperands } from '../../ir/walk.js';
import { handedOnBy } from '../analysis/loops.js';
import { isLeftInside } from './leaves.js';

/** Whether every statement of a body can run in lanes: this much is known before anything is written. It gives to those reductions alone. */
export function canWiden(
  region: Region,
  streams: readonly Stream[],
  reductions: readonly Reduce['reduction'][],
): boolean {
  if (region.terminator.kind === 'return') return false;
  return region.statements.every((statement) => {
    // What has lanes already cannot be given more.
    if ([...operandsOf(statement), ...resultsOf(statement)].some(({ type }) => lanesOf(type) > 1)) return false;
    switch (statement.kind) {
      case 'pure':
      case 'load':
      case 'store':
      case 'check':
        return true;
      case 'reduce':
        return reductions.includes(statement.reduction);
      case 'draw':
        return streams.includes(statement.stream);
      case 'if':
      case 'loop':
        return regionsOf(statement).every((inner) => canWiden(inner, streams, reductions));
      case 'for':
        return (
          statement.step === 1 &&
          statement.owned.length === 0 &&
          statement.reductions.length === 0 &&
          canWiden(statement.body, streams, reductions)
        );
      case 'call':
        return statement.streams.length === 0;
      default:
        return false;
    }
  });
}

/** A value in lanes: all lanes the same, each the one before plus `stride`, or any. */
type Wide =
  { readonly kind: 'same'; readonly scalar: Operand } | Ramp | { readonly kind: 'any'; readonly lanes: Operand };

interface Ramp {
  readonly kind: 'ramp';
  readonly first: Operand;
  readonly stride: bigint;
  /** No lane is larger in size; undefined where that is not known. */
  readonly bound: bigint | undefined;
  /** Where it has been written as lanes. */
  written: { readonly by: Builder; readonly lanes: Value } | undefined;
}

/** Up to this a double holds every integer. */
const exactIntegers = 2n ** 53n;
/** No loop lives to count so far: at a nanosecond an iteration it would take weeks. */
const mostIterations = 2n ** 50n;

/** How a region ended: in the lanes of the mask (undefined: all of those it began with) it came to its end; where it is dead, in none. */
interface Flow {
  readonly values: readonly Wide[];
  readonly mask: Operand | undefined;
  readonly isDead: boolean;
}

/** A loop around the code that is being written, whose lanes leave it and go on in it at times of their own. */
interface Frame {
  readonly label: string;
  readonly isCounted: boolean;
  /** Of what it carries, what is the same in all lanes. */
  readonly isSame: readonly boolean[];
  readonly b: Builder;
  /** Lanes that have ended this iteration early. */
  continued: Operand | undefined;
  /** What the next iteration begins with, in lanes; what has been handed on by lanes that left. */
  next: Operand[];
  /** The same, of what is the same in all of them. */
  same: readonly Operand[];
  results: Operand[];
  /** Of its results, those that count the iterations of each lane. */
  readonly isCount: readonly boolean[];
}

/** Thrown where a body turns out to be one that lanes cannot run together. */
export class CannotWiden extends Error {}

export interface WidenOptions {
  readonly lanes: number;
  /** A number for the alias class of a buffer that is begun. */
  readonly newClass: () => number;
  /** For each stream that the body draws from, the stream with lanes. */
  readonly streams: ReadonlyMap<Stream, Stream>;
  /** Takes the elements that the lanes give to a reduction. */
  readonly reduce: (b: Builder, statement: Reduce, value: Operand, mask: Operand | undefined) => void;
}

export class Widener {
  readonly #options: WidenOptions;
  readonly #known = new Map<Value, Wide>();
  #b: Builder;
  /** Around the code that is being written: what they assigned can be read. */
  readonly #around: Builder[] = [];
  readonly #frames: Frame[] = [];
  /** Around the code that is being written, branches that lanes take differently, in the innermost loop. */
  #branches = 0;
  readonly #definitions = new Map<Value, Pure>();

  constructor(b: Builder, options: WidenOptions) {
    this.#b = b;
    this.#options = options;
  }

  /** Says that a value of the body is `first`, `first` + 1, … */
  defineRamp(value: Value, first: Operand): void {
    this.#known.set(value, { kind: 'ramp', first, stride: 1n, bound: mostIterations, written: undefined });
  }

  /** Lanes in which the body is to run at all; undefined for all of them. Gives what the body yields. */
  body(region: Region, mask: Operand | undefined): Operand[] {
    return this.#region(region, mask).values.map((wide, index) =>
      this.#lanesOf(wide, elementOf(terminatorOperands(region)[index]!.type)),
    );
  }

  // Values.

  #wide(operand: Operand): Wide {
    if (operand instanceof Constant) return { kind: 'same', scalar: operand };
    return this.#known.get(operand) ?? { kind: 'same', scalar: operand };
  }

  #type(element: ScalarType): Type {
    return withLanes(element, this.#options.lanes);
  }

  #lanesOf(wide: Wide, element: ScalarType): Operand {
    if (wide.kind === 'any') return wide.lanes;
    if (wide.kind === 'same') {
      const { scalar } = wide;
      if (scalar instanceof Constant) return new Constant(this.#type(element), scalar.value);
      return this.#b.splat(scalar, this.#type(element), scalar.name);
    }
    const { written } = wide;
    if (written && (written.by === this.#b || this.#around.includes(written.by))) return written.lanes;
    const lanes = this.#rampLanes(wide.first, wide.stride, element);
    wide.written = { by: this.#b, lanes };
    return lanes;
  }

  #rampLanes(first: Operand, stride: bigint, element: ScalarType): Value {
    const name = first instanceof Value ? first.name : 'ramp';
    const type = this.#type(element);
    if (stride === 1n) return this.#b.ramp(first, type, name);
    const steps = this.#b.ramp(element === 'f64' ? f64(0) : i64(0), type, 'steps');
    const factor = new Constant(type, element === 'f64' ? Number(stride) : stride);
    const scaled = this.#b.pure('mul', type, [steps, factor], 'scaled');
    return this.#b.pure('add', type, [this.#b.splat(first, type, name), scaled], name);
  }

  #widen(operand: Operand): Operand {
    return this.#lanesOf(this.#wide(operand), elementOf(operand.type));
  }

  // Statements.

  #region({ statements, terminator }: Region, mask: Operand | undefined): Flow {
    let flow: Flow = { values: [], mask, isDead: false };
    for (const statement of statements) {
      flow = this.#flow(statement, flow.mask);
      if (flow.isDead) return flow;
    }
    switch (terminator.kind) {
      case 'yield':
        return { ...flow, values: terminator.operands.map((operand) => this.#wide(operand)) };
      case 'unreachable':
        return { ...flow, isDead: true };
      case 'return':
        throw new CannotWiden('a lane returns');
      default:
        this.#leave(terminator, flow.mask);
        return { ...flow, isDead: true };
    }
  }

  /** The statement, and which lanes come to what stands behind it. */
  #flow(statement: Statement, mask: Operand | undefined): Flow {
    if (statement.kind === 'if') return this.#if(statement, mask);
    this.#statement(statement, mask);
    return { values: [], mask, isDead: false };
  }

  #statement(statement: Statement, mask: Operand | undefined): void {
    switch (statement.kind) {
      case 'pure':
        this.#definitions.set(statement.result, statement);
        this.#known.set(statement.result, this.#pure(statement));
        return;
      case 'draw': {
        const stream = this.#options.streams.get(statement.stream)!;
        const type = this.#type(elementOf(statement.result.type));
        const lanes = this.#b.draw(stream, type, this.#masked(statement, mask), statement.result.name);
        this.#known.set(statement.result, { kind: 'any', lanes });
        return;
      }
      case 'load':
        this.#known.set(statement.result, this.#load(statement, mask));
        return;
      case 'store':
        return this.#store(statement, mask);
      case 'check': {
        const { condition, index, length, site, source } = statement;
        const known = this.#scalar(length);
        const isSame = [condition, index].every((operand) => this.#wide(operand).kind === 'same');
        if (isSame && mask === undefined) {
          const asked = { condition: this.#scalar(condition), index: this.#scalar(index), length: known };
          this.#b.add({ ...statement, ...asked });
          return;
        }
        const holds = this.#widen(condition);
        const asked = mask === undefined ? holds : this.#or(holds, this.#not(mask));
        this.#b.add({ kind: 'check', condition: asked, site, index: this.#widen(index), length: known, source });
        return;
      }
      case 'reduce':
        return this.#options.reduce(this.#b, statement, this.#widen(statement.value), this.#masked(statement, mask));
      case 'for':
        return this.#for(statement, mask);
      case 'loop':
        return this.#loop(statement, mask);
      case 'call':
        return this.#call(statement, mask);
      default:
        throw new CannotWiden(`a ${statement.kind} cannot run in lanes`);
    }
  }

  /** Both masks, where a statement brings its own. */
  #masked({ mask: own }: { readonly mask: Operand | undefined }, mask: Operand | undefined): Operand | undefined {
    if (own === undefined) return mask;
    const lanes = this.#widen(own);
    return mask === undefined ? lanes : this.#and(mask, lanes);
  }

  #and(a: Operand, b: Operand): Operand {
    return this.#b.pure('and', this.#type('bool'), [a, b], 'isOn');
  }

  #or(a: Operand, b: Operand): Operand {
    return this.#b.pure('or', this.#type('bool'), [a, b], 'isOn');
  }

  #not(a: Operand): Operand {
    return this.#b.pure('not', this.#type('bool'), [a], 'isOff');
  }

  /** The scalar of a value that is the same in all lanes. */
  #scalar(operand: Operand): Operand {
    return scalarOf(this.#wide(operand));
  }

  #pure(statement: Pure): Wide {
    const { operation, over, operands, result } = statement;
    const wides = operands.map((operand) => this.#wide(operand));
    if (wides.every(({ kind }) => kind === 'same')) {
      const scalars = operands.map((operand) => this.#scalar(operand));
      return { kind: 'same', scalar: this.#b.pure(operation, over, scalars, result.name) };
    }
    const ramp = this.#ramp(statement, wides);
    if (ramp !== undefined) return ramp;
    const lanes = operands.map((operand) => this.#widen(operand));
    return { kind: 'any', lanes: this.#b.pure(operation, this.#type(elementOf(over)), lanes, result.name) };
  }

  /** Sums, differences and multiples of ramps are ramps; so is the double of one, as long as it is exact. */
  #ramp({ operation, over, result }: Pure, wides: readonly Wide[]): Wide | undefined {
    const [a, b] = wides;
    const make = (first: Operand, stride: bigint, bound: bigint | undefined): Wide =>
      stride === 0n ? { kind: 'same', scalar: first } : { kind: 'ramp', first, stride, bound, written: undefined };
    const scalar = (...operands: Operand[]): Operand => this.#b.pure(operation, over, operands, result.name);
    if (over === 'i64' && operation === 'toF64' && a?.kind === 'ramp') {
      if (a.bound === undefined || a.bound > exactIntegers) return undefined;
      return make(scalar(a.first), a.stride, a.bound);
    }
    if (over !== 'i64' || a === undefined || b === undefined || a.kind === 'any' || b.kind === 'any') return undefined;
    const [first, second] = [a, b].map((wide) => (wide.kind === 'same' ? wide.scalar : wide.first)) as [
      Operand,
      Operand,
    ];
    const [strideA, strideB] = [a, b].map((wide) => (wide.kind === 'same' ? 0n : wide.stride)) as [bigint, bigint];
    const [boundA, boundB] = [a, b].map(boundOf);
    const isBounded = boundA !== undefined && boundB !== undefined;
    const sum = isBounded ? boundA + boundB : undefined;
    if (operation === 'add') return make(scalar(first, second), strideA + strideB, sum);
    if (operation === 'sub') return make(scalar(first, second), strideA - strideB, sum);
    const factor = [a, b].find((wide) => wide.kind === 'same' && wide.scalar instanceof Constant);
    if (operation !== 'mul' || factor === undefined) return undefined;
    const { value } = (factor as { scalar: Constant }).scalar;
    const stride = (factor === a ? strideB : strideA) * (value as bigint);
    return make(scalar(first, second), stride, isBounded ? boundA * boundB : undefined);
  }

  // Memory.

  /** The index as scalars where the last one counts up by one from lane to lane, and the others are the same in all. */
  #neighbours(index: readonly Operand[]): { readonly place: Operand[]; readonly isSame: boolean } | undefined {
    const wides = index.map((operand) => this.#wide(operand));
    const last = wides.at(-1);
    if (!wides.slice(0, -1).every(({ kind }) => kind === 'same')) return undefined;
    const place = wides.map((wide) =>
      wide.kind === 'same' ? wide.scalar : wide.kind === 'ramp' ? wide.first : i64(0),
    );
    if (last === undefined || last.kind === 'same') return { place, isSame: true };
    return last.kind === 'ramp' && last.stride === 1n ? { place, isSame: false } : undefined;
  }

  #load(statement: Load, mask: Operand | undefined): Wide {
    const { buffer, index, result } = statement;
    const both = this.#masked(statement, mask);
    const near = this.#neighbours(index);
    const element = elementOf(result.type);
    if (near?.isSame && both === undefined)
      return { kind: 'same', scalar: this.#b.load(buffer, near.place, element, undefined, result.name) };
    const place = near && !near.isSame ? near.place : index.map((operand) => this.#widen(operand));
    return { kind: 'any', lanes: this.#b.load(buffer, place, this.#type(element), both, result.name) };
  }

  #store(statement: Store, mask: Operand | undefined): void {
    const { buffer, index, value } = statement;
    const near = this.#neighbours(index);
    const place = near && !near.isSame ? near.place : index.map((operand) => this.#widen(operand));
    this.#b.store(buffer, place, this.#widen(value), this.#masked(statement, mask));
  }

  // Branches and loops.

  #if({ condition, results, consequent, alternate }: If, mask: Operand | undefined): Flow {
    const asked = this.#wide(condition);
    const leaves = [consequent, alternate].map(isLeftEarly);
    const stays = !leaves.includes(true);
    if (asked.kind === 'same' && stays) {
      this.#sameIf(asked.scalar, { results, consequent, alternate }, mask);
      return { values: [], mask, isDead: false };
    }
    const holds = this.#leavesTogether({ condition, results, consequent, alternate }, mask) ?? this.#widen(condition);
    const under = (own: Operand): Operand => (mask === undefined ? own : this.#and(mask, own));
    const side = (region: Region, own: () => Operand): Flow => {
      this.#branches++;
      const flow = this.#region(region, stays && !region.statements.some(isMasked) ? mask : under(own()));
      this.#branches--;
      return flow;
    };
    const yes = side(consequent, () => holds);
    const no = side(alternate, () => this.#not(holds));
    for (const [position, result] of results.entries()) {
      const element = elementOf(result.type);
      const sides = [yes, no]
        .filter(({ isDead }) => !isDead)
        .map(({ values }) => this.#lanesOf(values[position]!, element));
      if (sides.length === 0) break;
      const lanes =
        sides.length === 1 ? sides[0]! : this.#b.pure('select', this.#type(element), [holds, ...sides], result.name);
      this.#known.set(result, { kind: 'any', lanes });
    }
    if (stays) return { values: [], mask, isDead: yes.isDead && no.isDead };
    if (yes.isDead || no.isDead)
      return { values: [], mask: yes.isDead ? no.mask : yes.mask, isDead: yes.isDead && no.isDead };
    return { values: [], mask: this.#or(yes.mask!, no.mask!), isDead: false };
  }

  /**
   * Where a loop is left unless several conditions hold, of which some are the same in all lanes: those are asked first, and all lanes that are
   * still in the loop leave it by a branch. What is left to ask is given; undefined where there is nothing of the kind.
   */
  #leavesTogether(
    { condition, results, consequent, alternate }: Pick<If, 'condition' | 'results' | 'consequent' | 'alternate'>,
    mask: Operand | undefined,
  ): Operand | undefined {
    const frame = this.#frames.at(-1);
    const { terminator } = alternate;
    if (frame === undefined || frame.isCounted || frame.b !== this.#b || frame.continued !== undefined)
      return undefined;
    if (mask === undefined || this.#branches > 0 || terminator.kind !== 'break' || terminator.label !== frame.label)
      return undefined;
    const isPlain = results.length + consequent.statements.length + alternate.statements.length === 0;
    if (!isPlain || consequent.terminator.kind !== 'yield') return undefined;
    const parts = this.#conjuncts(condition);
    const [same, others] = [true, false].map((is) =>
      parts.filter((part) => (this.#wide(part).kind === 'same') === is),
    ) as [Operand[], Operand[]];
    if (same.length === 0 || others.length === 0) return undefined;
    for (const part of same) {
      const leave = new Builder(this.#b.source);
      const left = this.#within(leave, () => this.#choose(mask, terminator.operands, frame.results, frame.isCount));
      this.#b.add({
        kind: 'if',
        condition: this.#scalar(part),
        results: [],
        consequent: { statements: [], terminator: { kind: 'yield', operands: [] } },
        alternate: leave.region({ ...terminator, operands: left }),
        source: this.#b.source,
      });
    }
    return others.map((part) => this.#widen(part)).reduce((all, part) => this.#and(all, part));
  }

  /** Conditions that all have to hold. */
  #conjuncts(condition: Operand): Operand[] {
    const definition = condition instanceof Value ? this.#definitions.get(condition) : undefined;
    return definition?.operation === 'and' ? definition.operands.flatMap((each) => this.#conjuncts(each)) : [condition];
  }

  /** All lanes go the same way: it stays a branch. */
  #sameIf(
    condition: Operand,
    { results, consequent, alternate }: Pick<If, 'results' | 'consequent' | 'alternate'>,
    mask: Operand | undefined,
  ): void {
    const types = results.map(({ type }) => this.#type(elementOf(type)));
    const inside =
      (region: Region) =>
      (inner: Builder): Operand[] =>
        this.#within(inner, () =>
          this.#region(region, mask).values.map((wide, position) =>
            this.#lanesOf(wide, elementOf(results[position]!.type)),
          ),
        );
    const values = this.#b.if(condition, types, inside(consequent), inside(alternate));
    for (const [position, result] of results.entries())
      this.#known.set(result, { kind: 'any', lanes: values[position]! });
  }

  #within<T>(inner: Builder, write: () => T): T {
    const outer = this.#b;
    this.#around.push(outer);
    this.#b = inner;
    const result = write();
    this.#b = outer;
    this.#around.pop();
    return result;
  }

  /** A loop inside: its trip count is the same in all lanes, what it carries is not. */
  #for(loop: For, mask: Operand | undefined): void {
    const { label, index, carried, results, body } = loop;
    const start = this.#wide(loop.start);
    const count = this.#wide(loop.count);
    if (start.kind !== 'same' || count.kind !== 'same' || isLeftInside(body)) return this.#divergentFor(loop, mask);
    const initials = carried.map(({ value, initial }) => {
      const element = elementOf(value.type);
      return [value.name, this.#type(element), this.#lanesOf(this.#wide(initial), element)] as const;
    });
    const parts = { index: index.name, start: start.scalar, count: count.scalar, carried: initials };
    const values = this.#b.for(label, parts, (inner, place, wide) =>
      this.#within(inner, () => {
        this.#known.set(index, { kind: 'same', scalar: place });
        for (const [position, { value }] of carried.entries())
          this.#known.set(value, { kind: 'any', lanes: wide[position]! });
        return this.#region(body, mask).values.map((each, position) =>
          this.#lanesOf(each, elementOf(carried[position]!.value.type)),
        );
      }),
    );
    for (const [position, result] of results.entries())
      this.#known.set(result, { kind: 'any', lanes: values[position]! });
  }

  /** A routine knows no lanes: it is called for each that is on, and what they hand over goes through memory. */
  #call({ callee, operands, results, source }: Call, mask: Operand | undefined): void {
    const { lanes, newClass } = this.#options;
    const types = results.map(({ type }) => this.#type(elementOf(type)));
    const given = operands.map((operand) => this.#widen(operand));
    const each = (b: Builder): readonly Operand[] => {
      const buffer = (type: Type, name: string): Buffer =>
        b.allocate(`${callee}.${name}`, elementOf(type), i64(lanes), newClass());
      const isOn = mask && buffer('bool', 'isOn');
      if (isOn) b.store(isOn, [i64(0)], mask);
      const places = given.map((operand, position) => {
        const place = buffer(operand.type, `operand${position}`);
        b.store(place, [i64(0)], operand);
        return place;
      });
      const taken = results.map(({ type, name }) => buffer(type, name));
      b.for(`${callee}.lanes`, { index: 'lane', count: i64(lanes) }, (one, lane) => {
        const call = (inner: Builder): readonly Operand[] => {
          const values = places.map((place, position) => inner.load(place, [lane], operands[position]!.type));
          const now = results.map(({ type, name }) => new Value(type, name));
          inner.add({ kind: 'call', callee, operands: values, streams: [], results: now, source });
          for (const [position, value] of now.entries()) inner.store(taken[position]!, [lane], value);
          return [];
        };
        if (isOn) one.if(one.load(isOn, [lane], 'bool'), [], call);
        else call(one);
        return [];
      });
      return taken.map((place, position) => b.load(place, [i64(0)], types[position]!));
    };
    const b = this.#b;
    if (mask === undefined) return this.#end(results, each(b));
    // Rare ways are what is called, as a rule: most of the time no lane takes them.
    const any = new Value('bool', 'any');
    b.add({ kind: 'fold', operation: 'or', operand: mask, result: any, source });
    const none = (): Operand[] => types.map((type) => zeroOf(type));
    this.#end(results, b.if(any, types, each, none));
  }

  /** Lanes leave a loop, or end an iteration of it: what they hand on is kept for them. */
  #leave(terminator: Terminator & { kind: 'break' | 'continue' }, mask: Operand | undefined): void {
    const frame = this.#frames.at(-1);
    if (frame === undefined || frame.label !== terminator.label || frame.b !== this.#b || mask === undefined)
      throw new CannotWiden(`lanes leave @${terminator.label} from inside another loop`);
    const isBreak = terminator.kind === 'break';
    const target = isBreak && !frame.isCounted ? 'results' : 'next';
    frame[target] = this.#choose(mask, terminator.operands, frame[target], isBreak ? frame.isCount : []);
    if (!isBreak) frame.continued = frame.continued === undefined ? mask : this.#or(frame.continued, mask);
  }

  #moved(count: Operand, mask: Operand): Operand {
    const one = this.#b.pure('extendS', mask.type, [mask], 'one');
    return this.#b.pure('add', count.type, [count, one], 'count');
  }

  #choose(
    mask: Operand,
    operands: readonly Operand[],
    others: readonly Operand[],
    isKept: readonly boolean[],
  ): Operand[] {
    return operands.map((operand, position) => {
      if (isKept[position]) return others[position]!;
      const lanes = this.#widen(operand);
      return this.#b.pure('select', lanes.type, [mask, lanes, others[position]!], 'kept');
    });
  }

  /** One iteration of a loop in the lanes of the mask: the lanes that go on, and what each begins the next one with. */
  #iteration(frame: Frame, body: Region, mask: Operand): Operand {
    this.#frames.push(frame);
    const around = this.#branches;
    this.#branches = 0;
    const flow = this.#region(body, mask);
    this.#branches = around;
    this.#frames.pop();
    const { continued } = frame;
    if (flow.isDead) return continued ?? new Constant(this.#type('bool'), false);
    const on = flow.mask!;
    const { isSame } = frame;
    frame.same = flow.values.flatMap((wide, position) => (isSame[position] ? [scalarOf(wide)] : []));
    const varying = flow.values.filter((_, position) => !isSame[position]);
    frame.next = varying.map((wide, position) => {
      const before = frame.next[position]!;
      const now = this.#lanesOf(wide, elementOf(before.type));
      // Nobody asks what lanes carry on that have left for good; where a counted loop ends with what it carries, somebody does.
      if (!frame.isCounted && continued === undefined) return now;
      return this.#b.pure('select', before.type, [on, now, before], 'next');
    });
    return continued === undefined ? on : this.#or(on, continued);
  }

  #starts(carried: For['carried']): CarriedStart[] {
    return carried.map(({ value, initial }) => {
      const element = elementOf(value.type);
      return [value.name, this.#type(element), this.#lanesOf(this.#wide(initial), element)];
    });
  }

  #begin(carried: For['carried'], lanes: readonly Value[]): void {
    for (const [position, { value }] of carried.entries())
      this.#known.set(value, { kind: 'any', lanes: lanes[position]! });
  }

  #end(results: readonly Value[], lanes: readonly Operand[]): void {
    for (const [position, result] of results.entries())
      this.#known.set(result, { kind: 'any', lanes: lanes[position]! });
  }

  /** Round again as long as any lane wants to. What a lane that has left computes on is not looked at; its results are kept for it. */
  #loop(loop: Loop, mask: Operand | undefined): void {
    const { label, carried, results, body } = loop;
    const on = mask ?? new Constant(this.#type('bool'), true);
    const isSame = sameInAll(loop, (operand) => this.#wide(operand).kind === 'same');
    const counted = countedResults(loop, isSame);
    const kept = results.map(({ name, type }, position): CarriedStart => {
      const count = counted[position];
      const wide = this.#type(elementOf(type));
      return [name, wide, count ? this.#widen(count.initial) : zeroOf(wide)];
    });
    const [same, varying] = [carried.filter((_, index) => isSame[index]), carried.filter((_, index) => !isSame[index])];
    const scalars = same.map(({ value, initial }): CarriedStart => [value.name, value.type, this.#scalar(initial)]);
    const start: CarriedStart[] = [['isOn', this.#type('bool'), on], ...this.#starts(varying), ...kept, ...scalars];
    const types = kept.map(([, type]) => type);
    const left = this.#b.loop(label, start, types, (inner, [isOn, ...values]) =>
      this.#within(inner, () => {
        const now = values.splice(0, varying.length);
        const before = values.splice(0, kept.length);
        this.#begin(varying, now);
        for (const [index, { value }] of same.entries())
          this.#known.set(value, { kind: 'same', scalar: values[index]! });
        const frame: Frame = {
          label,
          isCounted: false,
          isSame,
          b: inner,
          continued: undefined,
          next: now,
          same: values,
          results: before,
          isCount: counted.map((count) => count !== undefined),
        };
        const again = this.#iteration(frame, body, isOn!);
        // A lane counts as long as it stays.
        frame.results = frame.results.map((result, position) =>
          frame.isCount[position] ? this.#moved(result, again) : result,
        );
        this.#breakUnless(inner, label, again, frame.results);
        return { kind: 'yield', operands: [again, ...frame.next, ...frame.results, ...frame.same] };
      }),
    );
    this.#end(results, left);
  }

  #breakUnless(b: Builder, label: string, mask: Operand, operands: readonly Operand[]): void {
    const any = new Value('bool', 'any');
    b.add({ kind: 'fold', operation: 'or', operand: mask, result: any, source: b.source });
    b.add({
      kind: 'if',
      condition: any,
      results: [],
      source: b.source,
      consequent: {
        statements: [],
        terminator: {
          kind: 'yield',
          operands: [],
        },
      },
      alternate: {
        statements: [],
        terminator: {
          kind: 'break',
          label,
          operands,
        },
      },
    });
  }

  /** A counted loop whose trips are not the same in all lanes, or that lanes leave. */
  #divergentFor({ label, index, start, count, carried, results, body }: For, mask: Operand | undefined): void {
    const wide = this.#type('i64');
    const on = mask ?? new Constant(this.#type('bool'), true);
    const counts = this.#widen(count);
    const first: CarriedStart[] = [
      ['isOn', this.#type('bool'), on],
      ['place', wide, this.#widen(start)],
      ...this.#starts(carried),
    ];
    const types = carried.map(({ value }) => this.#type(elementOf(value.type)));
    const left = this.#b.loop(label, first, types, (inner, [isOn, place, ...values]) =>
      this.#within(inner, () => {
        const isInside = inner.pure('lt', wide, [place!, counts], 'isInside');
        const runs = this.#and(isOn!, isInside);
        this.#breakUnless(inner, label, runs, values);
        this.#known.set(index, { kind: 'any', lanes: place! });
        this.#begin(carried, values);
        const frame: Frame = {
          label,
          isCounted: true,
          isSame: [],
          b: inner,
          continued: undefined,
          next: values,
          same: [],
          isCount: [],
          results: [],
        };
        const again = this.#iteration(frame, body, runs);
        const behind = inner.pure('add', wide, [place!, new Constant(wide, 1n)], 'place');
        return { kind: 'yield', operands: [again, behind, ...frame.next] };
      }),
    );
    this.#end(results, left);
  }
}

function zeroOf(type: Type): Constant {
  const element = elementOf(type);
  return new Constant(type, element === 'bool' ? false : element === 'i64' ? 0n : 0);
}

function scalarOf(wide: Wide): Operand {
  if (wide.kind !== 'same') throw new CannotWiden('not the same in all lanes');
  return wide.scalar;
}

/**
 * For each value that a loop carries, whether an iteration has the same in all lanes, whichever of them are still in it. `isSameBefore` says
 * that of values from before the loop.
 */
export function sameInAll({ carried, body, label }: Loop, isSameBefore: (operand: Operand) => boolean): boolean[] {
  if (body.terminator.kind !== 'yield' || continuesInside(body, label)) return carried.map(() => false);
  const isSame = carried.map(({ initial }) => isSameBefore(initial));
  const inside = new Set<Operand>([...carried.map(({ value }) => value), ...body.statements.flatMap(resultsOf)]);
  const { operands } = body.terminator;
  for (;;) {
    const same = new Set<Operand>(carried.filter((_, index) => isSame[index]).map(({ value }) => value));
    const is = (operand: Operand): boolean => (inside.has(operand) ? same.has(operand) : isSameBefore(operand));
    for (const statement of body.statements)
      if (statement.kind === 'pure' && statement.operands.every(is)) same.add(statement.result);
    const lost = isSame.findIndex((each, index) => each && !is(operands[index]!));
    if (lost < 0) return isSame;
    isSame[lost] = false;
  }
}

/**
 * For each result of a loop, the carried value that it is whichever way the loop is left, where that is the number of iterations so far: the
 * same for all lanes that are still in the loop, moved on by 1.
 */
function countedResults(loop: Loop, isSame: readonly boolean[]): (Loop['carried'][number] | undefined)[] {
  const { carried, results, body } = loop;
  const next = terminatorOperands(body);
  const counts = carried.filter(({ value }, position) => {
    const step = body.statements.find((statement) => statement.kind === 'pure' && statement.result === next[position]);
    if (!isSame[position] || value.type !== 'i64' || step?.kind !== 'pure' || step.operation !== 'add') return false;
    const [before, by] = step.operands;
    return before === value && by instanceof Constant && by.value === 1n;
  });
  if (counts.length === 0) return results.map(() => undefined);
  const { breaks } = handedOnBy(loop);
  return results.map((_, position) =>
    counts.find(({ value }) => breaks.every((operands) => operands[position] === value)),
  );
}

/** Whether an iteration of the loop ends early. */
const continuesInside = ({ statements }: Region, label: string): boolean =>
  statements.some((statement) =>
    regionsOf(statement).some(
      (region) =>
        (region.terminator.kind === 'continue' && region.terminator.label === label) || continuesInside(region, label),
    ),
  );

/** Whether a region of a branch is left by `break` or `continue` of a loop around it. */
const isLeftEarly = (region: Region): boolean =>
  isLeftInside({ ...region, terminator: { kind: 'yield', operands: [] } }) ||
  region.terminator.kind === 'break' ||
  region.terminator.kind === 'continue';

/** Whether a statement, or one inside it, does something that a mask must be able to stop: a loop might not end for a lane that is off. */
const isMasked = (statement: Statement): boolean =>
  ['draw', 'load', 'store', 'check', 'reduce', 'call', 'loop', 'for'].includes(statement.kind) ||
  regionsOf(statement).some(({ statements }) => statements.some(isMasked));

/** What no lane exceeds in size. */
function boundOf(wide: Wide): bigint | undefined {
  if (wide.kind === 'ramp') return wide.bound;
  if (wide.kind !== 'same' || !(wide.scalar instanceof Constant)) return undefined;
  const value = wide.scalar.value as bigint;
  return value < 0n ? -value : value;
}
