// Before   nest %i < %n  nest %j < %m  reduction &s: f64 add over [%j] partials 16 into out  body { … reduce &s %x  yield [] }
// After    for @i parallel %i < %n () {
//            %s: f64 = for @j %j < %m () gathers (&s: f64 add partials 16 = -0.0) { … reduce &s %x  yield [] }
//            store out[%i] %s
//          }
// Why      Everything behind this pass knows loops only. The dimensions that are kept come first, and the outermost loop is parallel.
// How      Dimensions that are reduced together become one loop over their flat ordinal, from which their indices are computed.
//          Reductions over different dimensions each have their own walk through the nest; only the first one stores.
// Too cautious: where a dimension is kept, threads share out the outermost one, however short it is; the indices of flattened dimensions
//          cost a division an iteration; and what a nest stores it may not load where its reductions run over different dimensions (the law of nests).
import { InternalError } from '../base/errors.js';
import { bool, Builder, i64 } from '../ir/build.js';
import { Constant, resultTypeOf, Stream, Value } from '../ir/nodes.js';
import type {
  Buffer,
  Dimension,
  Kernel,
  LoopReduction,
  Operand,
  Reduce,
  Reduction,
  Region,
  Statement,
} from '../ir/nodes.js';
import { copyRegion, Substitution } from '../ir/substitute.js';
import { isFloat } from '../ir/types.js';
import { regionsOf, rewriteRegion } from '../ir/walk.js';
import type { Pass } from './pass.js';
import { freeAliasClass } from './rewrite/alias-class.js';
import { identityOf } from './rewrite/gather.js';

type Write = (b: Builder) => void;

/** Reductions over the same dimensions, with the body that gives to them. */
interface Gathered {
  readonly reductions: readonly Reduction[];
  readonly body: Region;
  readonly kept: readonly Dimension[];
  readonly gathered: readonly Dimension[];
}

class NestWriter {
  readonly #kernel: Kernel;

  readonly #newClass: () => number;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#newClass = freeAliasClass(kernel);
  }

  kernel(): Kernel {
    const { reductions } = this.#kernel;
    const b = new Builder();
    const subsets = [...new Set(reductions.map(({ over }) => over.join()))];
    for (const [position, subset] of (subsets.length === 0 ? [''] : subsets).entries()) {
      const gathered = reductions.filter(({ over }) => over.join() === subset);
      // The nest is walked once for each subset; what it stores it stores the first time.
      const body = this.#bodyFor(gathered, position === 0);
      this.#nest(b, gathered, body);
    }
    return {
      ...this.#kernel,
      dimensions: [],
      reductions: [],
      body: b.region({ kind: 'return', operands: [] }),
    };
  }

  /** The nest's body with its elements for some reductions alone. */
  #bodyFor(gathered: readonly Reduction[], stores: boolean): Region {
    const { body, reductions } = this.#kernel;
    const others = reductions.filter((reduction) => !gathered.includes(reduction));
    if (stores && others.length === 0) return body;
    const written = new Set(storedIn(body));
    const isKept = (statement: Statement): boolean => {
      if (statement.kind === 'store') return stores || !written.has(statement.buffer.aliasClass);
      return statement.kind !== 'reduce' || !others.includes(statement.reduction as Reduction);
    };
    const kept = rewriteRegion(body, (statement) => (isKept(statement) ? [statement] : []));
    return stores ? kept : copyRegion(kept, new Substitution());
  }

  #nest(b: Builder, reductions: readonly Reduction[], body: Region): void {
    const over = reductions[0]?.over ?? [];
    const substitution = new Substitution();
    // Each walk has indices and streams of its own.
    const dimensions = this.#kernel.dimensions.map(({ index, extent, owned }): Dimension => {
      const own = new Value('i64', index.name);
      substitution.replace(index, own);
      const streams = owned.map((each) => {
        const stream = new Stream(each.stream.name, each.stream.lanes);
        substitution.replaceStream(each.stream, stream);
        return { ...each, stream };
      });
      return { index: own, extent, owned: streams };
    });
    const isReduced = (_: Dimension, position: number): boolean =>
      over.includes(this.#kernel.dimensions[position]!.index.name);
    const kept = dimensions.filter((dimension, position) => !isReduced(dimension, position));
    const gathered = dimensions.filter(isReduced);
    const own = copyRegion(body, substitution);
    const inside: Write =
      reductions.length === 0
        ? (inner) => inner.add(...own.statements)
        : (inner) => this.#gather(inner, { reductions, body: own, kept, gathered });
    this.#keep(b, kept, inside, true);
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
      kind: 'for',
      label: index.name,
      index,
      start: i64(0),
      step: 1,
      count: extent,
      carried: [],
      source: -1,
      owned,
      isParallel,
      reductions,
      results,
      body: inner.region({
        kind: 'yield',
        operands: [],
      }),
    });
    return results;
  }

  #gather(b: Builder, { reductions, body, kept, gathered }: Gathered): void {
    const loop = gathered.length === 1 ? gathered[0]! : this.#flatten(b, gathered);
    const places = gathered.length === 1 ? [] : this.#places(loop.index, gathered);
    const index = kept.map((dimension) => dimension.index);
    const finders = new Map<Reduction, Finder>();
    const ofLoop = new Map<Reduction, LoopReduction>();
    for (const reduction of reductions) {
      if (reduction.operator === 'argLeast' || reduction.operator === 'argGreatest')
        finders.set(reduction, new Finder(b, reduction, this.#newClass));
      else ofLoop.set(reduction, toLoop(reduction));
    }
    // A place is found by looking at one element after the other.
    const isParallel = kept.length === 0 && finders.size === 0;
    // Whether anything came at all, where the body alone does not tell.
    const came = new Map<Reduction, LoopReduction>();
    const numbers = new Map<Reduction, LoopReduction>();
    const flag = (of: string): LoopReduction => ({
      name: of,
      element: 'bool',
      operator: 'or',
      partials: 1,
      initial: bool(false),
    });
    for (const reduction of ofLoop.keys()) {
      // What keeps an element keeps NaN where there is no number.
      if (keepsElement(reduction) && isFloat(reduction.element))
        numbers.set(reduction, flag(`${reduction.name}.isNumber`));
      if (!hasNoIdentity(reduction) || givesAlways(body, reduction)) continue;
      came.set(reduction, flag(`${reduction.name}.came`));
    }
    const statements = rewriteRegion(body, (statement) => {
      if (statement.kind !== 'reduce') return [statement];
      const reduction = statement.reduction as Reduction;
      const finder = finders.get(reduction);
      if (finder !== undefined) return finder.look(statement, loop.index);
      // Of a loop inside the nest.
      if (!ofLoop.has(reduction)) return [statement];
      const given: Statement = { ...statement, reduction: ofLoop.get(reduction)! };
      const more = new Builder(statement.source);
      const [also, number] = [came.get(reduction), numbers.get(reduction)];
      if (also !== undefined) more.reduce(also, bool(true), statement.mask);
      if (number !== undefined) {
        const { value } = statement;
        more.reduce(number, more.pure('eq', reduction.element, [value, value], 'isNumber'), statement.mask);
      }
      return [given, ...more.statements];
    }).statements;
    const all = [...ofLoop.values(), ...came.values(), ...numbers.values()];
    const results = this.#loop(b, loop, isParallel, all, (inner) => inner.add(...places, ...statements));
    for (const [reduction, finder] of finders) b.store(reduction.into, index, finder.place(b));
    for (const [position, [reduction]] of [...ofLoop].entries()) {
      const value = results[position]!;
      if (!hasNoIdentity(reduction)) {
        b.store(reduction.into, index, value);
        continue;
      }
      const also = came.get(reduction);
      const hasCome =
        also === undefined ? b.pure('gt', 'i64', [loop.extent, i64(0)], 'hasCome') : results[all.indexOf(also)]!;
      const { element, name } = reduction;
      const number = numbers.get(reduction);
      const nan = new Constant(element, NaN);
      const least =
        number === undefined ? value : b.pure('select', element, [results[all.indexOf(number)]!, value, nan], name);
      b.store(reduction.into, index, b.pure('select', element, [hasCome, least, zeroOf(element)], name));
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
}

/** Classes that a region stores to, but for those of buffers that it begins itself. */
function storedIn(region: Region): number[] {
  const own = new Set<number>();
  const stored: number[] = [];
  const visit = ({ statements }: Region): void => {
    for (const statement of statements) {
      if (statement.kind === 'allocate') own.add(statement.buffer.aliasClass);
      if (statement.kind === 'store') stored.push(statement.buffer.aliasClass);
      regionsOf(statement).forEach(visit);
    }
  };
  visit(region);
  return stored.filter((aliasClass) => !own.has(aliasClass));
}

/**
 * Where the least or greatest element lies, in memory: a number is less and greater than NaN, and the first of equals is kept. An iteration
 * that gives several gives the best of them.
 */
class Finder {
  readonly #reduction: Reduction;
  readonly #best: Buffer;
  readonly #found: Buffer;

  constructor(b: Builder, reduction: Reduction, newClass: () => number) {
    this.#reduction = reduction;
    this.#best = b.allocate(`${reduction.name}.best`, reduction.element, i64(1), newClass());
    this.#found = b.allocate(`${reduction.name}.place`, 'i64', i64(1), newClass());
    b.store(this.#found, [i64(0)], i64(-1));
  }

  look({ value, mask, source }: Reduce, index: Operand): Statement[] {
    const { element, operator } = this.#reduction;
    const b = new Builder(source);
    const best = b.load(this.#best, [i64(0)], element);
    const place = b.load(this.#found, [i64(0)], 'i64');
    const isFirst = b.pure('lt', 'i64', [place, i64(0)], 'isFirst');
    const isBest = b.pure(operator === 'argLeast' ? 'lt' : 'gt', element, [value, best], 'isBest');
    const wasNaN = b.pure('ne', element, [best, best], 'wasNaN');
    const isNumber = b.pure('eq', element, [value, value], 'isNumber');
    const mends = b.pure('and', 'bool', [wasNaN, isNumber], 'mends');
    const wins = b.pure('or', 'bool', [isFirst, b.pure('or', 'bool', [isBest, mends], 'wins')], 'wins');
    const taken = mask === undefined ? wins : b.pure('and', 'bool', [wins, mask], 'taken');
    b.if(taken, [], (inner) => {
      inner.store(this.#best, [i64(0)], value);
      inner.store(this.#found, [i64(0)], index);
      return [];
    });
    return b.statements;
  }

  place(b: Builder): Value {
    return b.pure('max', 'i64', [b.load(this.#found, [i64(0)], 'i64'), i64(0)], 'place');
  }
}

const zeroOf = (element: Reduction['element']): Constant => new Constant(element, element === 'i64' ? 0n : 0);

const toLoop = (reduction: Reduction): LoopReduction => {
  const { name, element, operator, partials } = reduction;
  const like = operator === 'least' ? 'min' : operator === 'greatest' ? 'max' : operator;
  return { name, element, operator, partials, initial: identityOf({ ...reduction, operator: like }) };
};

/** Of no elements there is no least, and they sum up to +0, though +0 is not what changes nothing: zero in place of what the loop gives. */
const keepsElement = ({ operator }: Reduction): boolean => operator === 'least' || operator === 'greatest';

const hasNoIdentity = (reduction: Reduction): boolean =>
  keepsElement(reduction) || (reduction.operator === 'add' && isFloat(reduction.element));

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
