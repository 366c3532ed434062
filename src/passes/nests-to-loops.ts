// Before   nest %i < %n  nest %j < %m  reduction &s: f64 add over [%j] partials 16 into out  body { … reduce &s %x  yield [] }
// After    for @i parallel %i < %n () {
//            %s: f64 = for @j %j < %m () gathers (&s: f64 add partials 16 = -0.0) { … reduce &s %x  yield [] }
//            store out[%i] %s
//          }
// Why      Everything behind this pass knows loops only. The dimensions that are kept come first, and the outermost loop is parallel.
// How      Dimensions that are reduced together become one loop over their flat ordinal, from which their indices are computed.
// Too cautious: several reductions have to run over the same dimensions; where a dimension is kept, threads share out the outermost one,
//          however short it is; and the indices of flattened dimensions cost a division an iteration.
import { InternalError } from '../base/errors.js';
import { bool, Builder, i64 } from '../ir/build.js';
import { Constant, resultTypeOf, Value } from '../ir/nodes.js';
import type { Dimension, Kernel, LoopReduction, Operand, Reduction, Region, Statement } from '../ir/nodes.js';
import { isFloat } from '../ir/types.js';
import { rewriteRegion } from '../ir/walk.js';
import type { Pass } from './pass.js';
import { identityOf } from './rewrite/gather.js';

type Write = (b: Builder) => void;

class NestWriter {
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  kernel(): Kernel {
    const { dimensions, reductions } = this.#kernel;
    const [over] = reductions.map((reduction) => reduction.over);
    if (reductions.some((reduction) => reduction.over.join() !== over!.join())) {
      throw new InternalError('PASS001', `the reductions of @${this.#kernel.name} run over different dimensions`);
    }
    const isReduced = ({ index }: Dimension): boolean => over?.includes(index.name) ?? false;
    const kept = dimensions.filter((dimension) => !isReduced(dimension));
    const gathered = dimensions.filter(isReduced);
    const b = new Builder();
    const inside: Write =
      reductions.length === 0
        ? (inner) => inner.add(...this.#kernel.body.statements)
        : (inner) => this.#gather(inner, kept, gathered);
    this.#keep(b, kept, inside, true);
    return {
      ...this.#kernel,
      dimensions: [],
      reductions: [],
      body: b.region({ kind: 'return', operands: [] }),
    };
  }

  /** Loops over dimensions around what is written inside. */
  #keep(b: Builder, [outer, ...rest]: readonly Dimension[], inside: Write, isParallel: boolean): void {
    if (outer === undefined) return inside(b);
    this.#loop(b, outer, isParallel, [], (inner) => this.#keep(inner, rest, inside, false));
  }

  /** One loop whose index is the dimension's own. */
  #loop(
    b: Builder,
    { index, extent, owned }: Dimension,
    isParallel: boolean,
    reductions: readonly LoopReduction[],
    inside: Write,
  ): Value[] {
    const inner = new Builder();
    inside(inner);
    const results = reductions.map((reduction) => new Value(resultTypeOf(reduction), reduction.name));
    b.add({
      ...{ kind: 'for', label: index.name, index, start: i64(0), step: 1, count: extent, carried: [], source: -1 },
      ...{ owned, isParallel, reductions, results, body: inner.region({ kind: 'yield', operands: [] }) },
    });
    return results;
  }

  #gather(b: Builder, kept: readonly Dimension[], gathered: readonly Dimension[]): void {
    const { reductions, body } = this.#kernel;
    const isParallel = kept.length === 0;
    const loop = gathered.length === 1 ? gathered[0]! : this.#flatten(b, gathered);
    const places = gathered.length === 1 ? [] : this.#places(loop.index, gathered);
    const ofLoop = new Map<Reduction, LoopReduction>();
    const arguments_: Reduction[] = [];
    for (const reduction of reductions) {
      if (reduction.operator === 'argLeast' || reduction.operator === 'argGreatest') arguments_.push(reduction);
      else ofLoop.set(reduction, toLoop(reduction));
    }
    if (arguments_.length > 0) return this.#find(b, kept, loop, [...places, ...body.statements]);
    // Whether anything came at all, where the body alone does not tell.
    const came = new Map<Reduction, LoopReduction>();
    for (const reduction of ofLoop.keys()) {
      if (!hasNoIdentity(reduction) || givesAlways(body, reduction)) continue;
      const { name } = reduction;
      came.set(reduction, { name: `${name}.came`, element: 'bool', operator: 'or', partials: 1, initial: bool(false) });
    }
    const statements = rewriteRegion(body, (statement) => {
      if (statement.kind !== 'reduce') return [statement];
      const reduction = statement.reduction as Reduction;
      const given: Statement = { ...statement, reduction: ofLoop.get(reduction)! };
      const also = came.get(reduction);
      return also === undefined ? [given] : [given, { ...statement, reduction: also, value: bool(true) }];
    }).statements;
    const all = [...ofLoop.values(), ...came.values()];
    const results = this.#loop(b, loop, isParallel, all, (inner) => inner.add(...places, ...statements));
    const index = kept.map((dimension) => dimension.index);
    for (const [position, [reduction]] of [...ofLoop].entries()) {
      const value = results[position]!;
      if (!hasNoIdentity(reduction)) {
        b.store(reduction.into, index, value);
        continue;
      }
      const also = came.get(reduction);
      const hasCome =
        also === undefined ? b.pure('gt', 'i64', [loop.extent, i64(0)], 'hasCome') : results[all.indexOf(also)]!;
      const zero = zeroOf(reduction.element);
      b.store(reduction.into, index, b.pure('select', reduction.element, [hasCome, value, zero], reduction.name));
    }
  }

  /** One dimension in place of several: its index counts through them in C order. */
  #flatten(b: Builder, gathered: readonly Dimension[]): Dimension {
    if (gathered.some(({ owned }) => owned.length > 0))
      throw new InternalError('PASS001', `@${this.#kernel.name} draws in dimensions that are reduced together`);
    const extent = gathered
      .map((dimension) => b.pure('max', 'i64', [dimension.extent, i64(0)], 'extent') as Operand)
      .reduce((product, each) => b.pure('mul', 'i64', [product, each], 'extent'));
    return { index: new Value('i64', 'ordinal'), extent, owned: [] };
  }

  /** The dimensions' own indices, from the flat one. */
  #places(ordinal: Value, gathered: readonly Dimension[]): Statement[] {
    const b = new Builder();
    let rest: Operand = ordinal;
    for (const { index, extent } of gathered.slice(1).toReversed()) {
      const { quotient, remainder } = divide(b, rest, extent);
      rest = quotient;
      b.add({ kind: 'pure', operation: 'add', over: 'i64', operands: [remainder, i64(0)], result: index, source: -1 });
    }
    const { index } = gathered[0]!;
    b.add({ kind: 'pure', operation: 'add', over: 'i64', operands: [rest, i64(0)], result: index, source: -1 });
    return b.statements;
  }

  /** Where the least or greatest element lies: a number is less and greater than NaN, and the first of equals is kept. */
  #find(b: Builder, kept: readonly Dimension[], loop: Dimension, statements: readonly Statement[]): void {
    const { reductions } = this.#kernel;
    const [reduction] = reductions;
    if (reductions.length > 1 || statements.some(({ kind, ...rest }) => kind !== 'reduce' && 'body' in rest))
      throw new InternalError('PASS001', `@${this.#kernel.name} looks for several places at once`);
    const { element, operator, into } = reduction!;
    const start = [
      ['best', element, zeroOf(element)],
      ['place', 'i64', i64(-1)],
    ] as const;
    const inner = new Builder();
    const carried = start.map(([name, type, initial]) => ({ value: new Value(type, name), initial }));
    const results = carried.map(({ value }) => new Value(value.type, value.name));
    let [best, place]: Operand[] = carried.map(({ value }) => value);
    for (const statement of statements) {
      if (statement.kind !== 'reduce') {
        inner.add(statement);
        continue;
      }
      const { value } = statement;
      const isFirst = inner.pure('lt', 'i64', [place!, i64(0)], 'isFirst');
      const isBest = inner.pure(operator === 'argLeast' ? 'lt' : 'gt', element, [value, best!], 'isBest');
      const wasNaN = inner.pure('ne', element, [best!, best!], 'wasNaN');
      const isNumber = inner.pure('eq', element, [value, value], 'isNumber');
      const mends = inner.pure('and', 'bool', [wasNaN, isNumber], 'mends');
      const wins = inner.pure('or', 'bool', [isBest, mends], 'wins');
      const always = inner.pure('or', 'bool', [isFirst, wins], 'wins');
      const taken =
        statement.mask === undefined ? always : inner.pure('and', 'bool', [always, statement.mask], 'taken');
      best = inner.pure('select', element, [taken, value, best!], 'best');
      place = inner.pure('select', 'i64', [taken, loop.index, place!], 'place');
    }
    b.add({
      ...{ kind: 'for', label: loop.index.name, index: loop.index, start: i64(0), step: 1, count: loop.extent },
      ...{ carried, owned: loop.owned, isParallel: false, reductions: [], results, source: -1 },
      body: inner.region({ kind: 'yield', operands: [best!, place!] }),
    });
    const found = b.pure('max', 'i64', [results[1]!, i64(0)], 'place');
    b.store(
      into,
      kept.map(({ index }) => index),
      found,
    );
  }
}

const zeroOf = (element: Reduction['element']): Constant => new Constant(element, element === 'i64' ? 0n : 0);

const toLoop = (reduction: Reduction): LoopReduction => {
  const { name, element, operator, partials } = reduction;
  const like = operator === 'least' ? 'min' : operator === 'greatest' ? 'max' : operator;
  return { name, element, operator, partials, initial: identityOf({ ...reduction, operator: like }) };
};

/** Of no elements there is no least, and they sum up to +0, though +0 is not what changes nothing: zero in place of what the loop gives. */
const hasNoIdentity = ({ operator, element }: Reduction): boolean =>
  operator === 'least' || operator === 'greatest' || (operator === 'add' && isFloat(element));

/** Whether every iteration gives it an element. */
const givesAlways = ({ statements }: Region, reduction: Reduction): boolean =>
  statements.some(
    (statement) => statement.kind === 'reduce' && statement.reduction === reduction && statement.mask === undefined,
  );

/** Of integers from 0 to 2⁵³; the divisor is at least 1, or there is nothing to divide. */
function divide(b: Builder, dividend: Operand, divisor: Operand): { quotient: Value; remainder: Value } {
  const [a, c] = [dividend, divisor].map((operand) => b.pure('toF64', 'i64', [operand], 'double')) as [Value, Value];
  const about = b.pure('truncI64', 'f64', [b.pure('div', 'f64', [a, c], 'ratio')], 'about');
  // The quotient of doubles may have been rounded up to the next integer.
  const left = b.pure('sub', 'i64', [dividend, b.pure('mul', 'i64', [about, divisor], 'product')], 'left');
  const isOver = b.pure('lt', 'i64', [left, i64(0)], 'isOver');
  const quotient = b.pure('sub', 'i64', [about, b.pure('extendS', 'bool', [isOver], 'one')], 'quotient');
  const mended = b.pure('add', 'i64', [left, divisor], 'mended');
  return { quotient, remainder: b.pure('select', 'i64', [isOver, mended, left], 'remainder') };
}

export const nestsToLoops: Pass = {
  name: 'nests-to-loops',
  run: (kernel: Kernel): Kernel => (kernel.dimensions.length === 0 ? kernel : new NestWriter(kernel).kernel()),
};
