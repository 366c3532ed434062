// Before   for @l %i < %n { %p = add.i64 %i %k   … check (0 ≤ %p < %length) …   %x = load a[%p] }
// After    %isIn = (%k ≥ 0) and (%n − 1 + %k < %length) and …
//          if %isIn { for @l %i < %n { %p = add.i64 %i %k   %x = load a[%p] } } else { for … as it was }
// Why      One check before a loop costs nothing; one in each iteration costs time, and keeps the loop from being vectorized.
// How      A condition is taken apart into comparisons of integers that are constant multiples of counters and of values from outside of
//          the loop, added up. Such a sum is largest where each counter is at one of its ends, so what is asked for all iterations can
//          be asked once. Counters of loops inside the loop count too, so that one question does for a nest. The loop whose checks are
//          not needed stands beside the loop as it was: where the question is not answered with yes, that one runs and fails where it
//          always did. It never fails before the loop.
//          What such a check stood before is known to be there in every iteration: a load that a branch did only where it was wanted is done
//          always, and what the branch handed on is chosen, as lanes do.
// Exact    Nothing wraps in the question: values from outside are asked to be below 2⁵³, and factors and terms are few.
// Too cautious: loops and kernels that would grow too much; endless loops; products of counters and lengths.
import { Constant, Value } from '../ir/nodes.js';
import type { Check, For, If, Kernel, Load, Operand, Pure, Region, Statement } from '../ir/nodes.js';
import type { OperationName } from '../ir/operations.js';
import { copyStatement, Substitution } from '../ir/substitute.js';
import { innerValuesOf, regionsOf, resultsOf } from '../ir/walk.js';
import { operationsIn } from './analysis/loops.js';
import { Code, integerOf } from './analysis/newton.js';
import type { Pass } from './pass.js';
import { remark } from './remarks.js';

/** Statements of a loop that may be written twice, and of all loops of a kernel. */
const mostCopied = 400;
const mostCopiedInAll = 1200;
/** 8 terms of at most 2⁶ · 2⁵³, and a constant, stay below 2⁶³. */
const mostTerms = 8;
const largestFactor = 64n;
const largestTerm = 2n ** 53n;

/** constant + Σ factor · value. */
interface Sum {
  readonly constant: bigint;
  readonly factors: ReadonlyMap<Value, bigint>;
}

const plain = (constant: bigint): Sum => ({ constant, factors: new Map() });

function addSums(a: Sum, b: Sum, times = 1n): Sum {
  const factors = new Map(a.factors);
  for (const [value, factor] of b.factors) {
    const sum = (factors.get(value) ?? 0n) + times * factor;
    if (sum === 0n) factors.delete(value);
    else factors.set(value, sum);
  }
  return { constant: a.constant + times * b.constant, factors };
}

const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);

/** Whether the sum cannot wrap, if its values are below 2⁵³. */
const isSmall = ({ constant, factors }: Sum): boolean =>
  factors.size <= mostTerms &&
  magnitude(constant) <= largestTerm &&
  [...factors.values()].every((factor) => magnitude(factor) <= largestFactor);

/** A loop, what it assigns, and the counters in it, outer first. */
class Nest {
  readonly #definitions: ReadonlyMap<Value, Pure>;
  readonly #inside = new Set<Value>();
  readonly #counters = new Map<Value, For>();

  constructor(loop: For) {
    this.#definitions = operationsIn(loop.body);
    this.#note(loop);
  }

  #note(statement: Statement): void {
    if (statement.kind === 'for' && statement.start instanceof Constant) this.#counters.set(statement.index, statement);
    for (const value of innerValuesOf(statement)) this.#inside.add(value);
    for (const region of regionsOf(statement)) {
      for (const inner of region.statements) {
        for (const value of resultsOf(inner)) this.#inside.add(value);
        this.#note(inner);
      }
    }
  }

  /** The operand as a sum over counters and values from outside, if it is one. */
  #sumOf(operand: Operand): Sum | undefined {
    if (operand instanceof Constant) return typeof operand.value === 'bigint' ? plain(operand.value) : undefined;
    if (!this.#inside.has(operand) || this.#counters.has(operand))
      return operand.type === 'i64' ? { constant: 0n, factors: new Map([[operand, 1n]]) } : undefined;
    const definition = this.#definitions.get(operand);
    if (definition?.over !== 'i64') return undefined;
    const { operation, operands } = definition;
    if (!['add', 'sub', 'mul', 'shl'].includes(operation)) return undefined;
    const [a, b] = operands.map((each) => this.#sumOf(each));
    if (a === undefined || b === undefined) return undefined;
    const sum = combine(operation, a, b);
    return sum && isSmall(sum) ? sum : undefined;
  }

  /** A sum over values from outside alone that no iteration exceeds. */
  #greatest(sum: Sum): Sum | undefined {
    let greatest = sum;
    // The counter of an inner loop may end where an outer one says.
    for (const [counter, loop] of [...this.#counters].toReversed()) {
      const factor = greatest.factors.get(counter);
      if (factor === undefined) continue;
      const end = this.#sumOf(factor > 0n ? loop.count : loop.start);
      if (end === undefined) return undefined;
      const others = addSums(greatest, { constant: 0n, factors: new Map([[counter, factor]]) }, -1n);
      greatest = addSums(others, addSums(end, plain(factor > 0n ? -1n : 0n)), factor);
      if (!isSmall(greatest)) return undefined;
    }
    return greatest;
  }

  /** Sums that make the condition true in every iteration if none of them is above 0; undefined where that cannot be told. */
  question(condition: Operand): readonly Sum[] | undefined {
    if (condition instanceof Constant) return condition.value === true ? [] : undefined;
    const definition = this.#definitions.get(condition);
    if (definition === undefined) return undefined;
    const { operation, over, operands } = definition;
    if (operation === 'and' && over === 'bool') return all(operands.map((operand) => this.question(operand)));
    if (over !== 'i64' || !['lt', 'le', 'gt', 'ge'].includes(operation)) return undefined;
    const [left, right] = operands.map((operand) => this.#sumOf(operand));
    if (left === undefined || right === undefined) return undefined;
    const [lesser, greater] = operation === 'lt' || operation === 'le' ? [left, right] : [right, left];
    const difference = addSums(
      addSums(lesser, greater, -1n),
      plain(operation === 'lt' || operation === 'gt' ? 1n : 0n),
    );
    const greatest = this.#greatest(difference);
    return greatest && all([[greatest], this.#limits(left), this.#limits(right)]);
  }

  /** Comparisons of a place with what it has to lie below that the condition is made of. */
  boundsOf(condition: Operand): (readonly [place: Operand, length: Operand])[] {
    const definition = condition instanceof Value ? this.#definitions.get(condition) : undefined;
    if (definition?.operation === 'and') return definition.operands.flatMap((operand) => this.boundsOf(operand));
    const [place, length] = definition?.operands ?? [];
    return definition?.operation === 'lt' ? [[place!, length!]] : [];
  }

  /** Neither the sum nor what its counters are counted to wraps, if the counters stay below 2⁵³. */
  #limits(sum: Sum): readonly Sum[] | undefined {
    const counted = [...sum.factors.keys()].flatMap((value) => this.#counters.get(value) ?? []);
    return all(
      counted.map(({ start, count }) => {
        const end = this.#sumOf(count);
        const greatest = end && this.#greatest(end);
        const isNear = magnitude((start as Constant).value as bigint) <= largestTerm;
        return greatest && isNear ? all([[addSums(greatest, plain(-largestTerm))], this.#limits(end)]) : undefined;
      }),
    );
  }
}

/** The parts together, if there are all of them. */
const all = (parts: readonly (readonly Sum[] | undefined)[]): readonly Sum[] | undefined =>
  parts.every((part) => part !== undefined) ? parts.flat() : undefined;

function combine(operation: OperationName, a: Sum, b: Sum): Sum | undefined {
  if (operation === 'add') return addSums(a, b);
  if (operation === 'sub') return addSums(a, b, -1n);
  if (operation === 'shl')
    return b.factors.size === 0 && b.constant >= 0n && b.constant < 7n
      ? addSums(plain(0n), a, 2n ** b.constant)
      : undefined;
  const [sum, factor] = b.factors.size === 0 ? [a, b] : [b, a];
  return factor.factors.size === 0 ? addSums(plain(0n), sum, factor.constant) : undefined;
}

function countStatements({ statements }: Region): number {
  return statements.reduce(
    (sum, statement) => sum + 1 + regionsOf(statement).reduce((inner, region) => inner + countStatements(region), 0),
    0,
  );
}

function checksIn({ statements }: Region): Check[] {
  return statements.flatMap((statement) =>
    statement.kind === 'check' ? [statement] : regionsOf(statement).flatMap(checksIn),
  );
}

const continuesStream = ({ statements }: Region): boolean =>
  statements.some(
    (statement) =>
      (statement.kind === 'for' && statement.owned.some(({ continues }) => continues !== undefined)) ||
      regionsOf(statement).some(continuesStream),
  );

class HoistingChecks {
  #room = mostCopiedInAll;
  readonly #lengths: Lengths;

  constructor(kernel: Kernel) {
    this.#lengths = new Lengths(kernel);
  }

  region({ statements, terminator }: Region): Region {
    return { statements: statements.flatMap((statement) => this.#statement(statement)), terminator };
  }

  #statement(statement: Statement): readonly Statement[] {
    switch (statement.kind) {
      case 'if': {
        const [consequent, alternate] = [this.region(statement.consequent), this.region(statement.alternate)];
        return [{ ...statement, consequent, alternate }];
      }
      case 'loop':
        return [{ ...statement, body: this.region(statement.body) }];
      case 'for':
        return this.#twice(statement) ?? [{ ...statement, body: this.region(statement.body) }];
      default:
        return [statement];
    }
  }

  /** The loop with fewer checks, and the loop, and the question which of the two. */
  #twice(loop: For): readonly Statement[] | undefined {
    const checks = checksIn(loop.body);
    const size = checks.length === 0 ? 0 : countStatements(loop.body);
    if (checks.length === 0 || size > mostCopied || size > this.#room) return undefined;
    const nest = new Nest(loop);
    const questions = new Map(checks.map((check) => [check, nest.question(check.condition)]));
    const sums = distinct([...questions.values()].flatMap((each) => each ?? []));
    const isHoisted = (check: Check): boolean => questions.get(check) !== undefined;
    if (!checks.some(isHoisted)) return undefined;
    this.#room -= size;
    remark(loop, { kind: 'hoistedChecks', sites: checks.filter(isHoisted).map(({ site }) => site) });

    const code = new Code(loop.source);
    const answer = code.every([...isBelow(code, sums), ...sums.map((sum) => isAtMostZero(code, sum))]);
    const substitution = new Substitution();
    const places = this.#lengths.places(checks.filter(isHoisted), nest);
    const body = without(loop.body, { isHoisted, isThere: (load) => this.#lengths.isThere(load, places) });
    const fast = copyStatement({ ...loop, body }, substitution) as For;
    const slow = { ...loop, results: loop.results.map(({ type, name }) => new Value(type, name)) };
    return [
      ...code.statements,
      {
        kind: 'if',
        condition: answer,
        results: loop.results,
        consequent: {
          // What could not be asked here can perhaps be asked before an inner loop.
          statements: [{ ...fast, body: this.region(fast.body) }],
          terminator: { kind: 'yield', operands: fast.results },
        },
        alternate: { statements: [slow], terminator: { kind: 'yield', operands: slow.results } },
        source: loop.source,
      },
    ];
  }
}

/** Which values are lengths of which buffers: extents, and what front ends bound them with. */
class Lengths {
  readonly #extents = new Map<Operand, Operand>();

  constructor({ buffers, body }: Kernel) {
    for (const extent of buffers.flatMap(({ shape }) => shape)) this.#extents.set(extent, extent);
    for (const statement of body.statements) {
      if (statement.kind !== 'pure' || statement.operation !== 'min') continue;
      const extent = statement.operands.find((operand) => this.#extents.has(operand));
      if (extent) this.#extents.set(statement.result, extent);
    }
  }

  /** For each place that checks ask about, the extents that it lies below. */
  places(checks: readonly Check[], nest: Nest): ReadonlyMap<Operand, ReadonlySet<Operand>> {
    const places = new Map<Operand, Set<Operand>>();
    for (const { condition } of checks) {
      for (const [place, length] of nest.boundsOf(condition)) {
        const extent = this.#extents.get(length) ?? length;
        places.set(place, (places.get(place) ?? new Set()).add(extent));
      }
    }
    return places;
  }

  isThere({ buffer, index }: Load, places: ReadonlyMap<Operand, ReadonlySet<Operand>>): boolean {
    return index.every((place, dimension) => places.get(place)?.has(buffer.shape[dimension]!));
  }
}

interface Known {
  readonly isHoisted: (check: Check) => boolean;
  readonly isThere: (load: Load) => boolean;
}

/** Statements that are worth doing in vain, to have no branch. */
const mostInVain = 16;

function without({ statements, terminator }: Region, known: Known): Region {
  const kept = statements.flatMap((statement): readonly Statement[] => {
    if (statement.kind === 'check' && known.isHoisted(statement)) return [];
    if (statement.kind === 'if') {
      const [consequent, alternate] = [without(statement.consequent, known), without(statement.alternate, known)];
      return withoutBranch({ ...statement, consequent, alternate }, known);
    }
    return statement.kind === 'for' || statement.kind === 'loop'
      ? [{ ...statement, body: without(statement.body, known) }]
      : [statement];
  });
  return { statements: kept, terminator };
}

/** Both branches, and choices between what they hand on, if they only compute and load what is there. */
function withoutBranch(branch: If, { isThere }: Known): readonly Statement[] {
  const { condition, results, consequent, alternate, source } = branch;
  const [yes, no] = [consequent.terminator, alternate.terminator];
  const both = [...consequent.statements, ...alternate.statements];
  const isPlain = (statement: Statement): boolean =>
    statement.kind === 'pure' || (statement.kind === 'load' && statement.mask === undefined && isThere(statement));
  const isLoading = both.some(({ kind }) => kind === 'load');
  if (yes.kind !== 'yield' || no.kind !== 'yield' || !isLoading || both.length > mostInVain || !both.every(isPlain))
    return [branch];
  const choices = results.map((result, position): Statement => {
    const operands = [condition, yes.operands[position]!, no.operands[position]!];
    return { kind: 'pure', operation: 'select', over: result.type, operands, result, source };
  });
  return [...both, ...choices];
}

/** Many checks ask the same. */
function distinct(sums: readonly Sum[]): readonly Sum[] {
  const values = [...new Set(sums.flatMap(({ factors }) => [...factors.keys()]))];
  const keyOf = ({ constant, factors }: Sum): string =>
    [constant, ...values.map((value) => factors.get(value) ?? 0n)].join(' ');
  return [...new Map(sums.map((sum) => [keyOf(sum), sum])).values()];
}

/** That each value lies between −2⁵³ and 2⁵³. */
function isBelow(code: Code, sums: readonly Sum[]): Operand[] {
  const values = new Set(sums.flatMap(({ factors }) => [...factors.keys()]));
  return [...values].flatMap((value) => [
    code.compare('ge', 'i64', value, integerOf(-largestTerm), 'isSmall'),
    code.compare('le', 'i64', value, integerOf(largestTerm), 'isSmall'),
  ]);
}

function isAtMostZero(code: Code, { constant, factors }: Sum): Operand {
  const sum = [...factors].reduce(
    (so, [value, factor]) => code.add(so, code.multiply(value, integerOf(factor))),
    integerOf(constant) as Operand,
  );
  return code.compare('le', 'i64', sum, integerOf(0n), 'isIn');
}

export const hoistChecks: Pass = {
  name: 'hoist-checks',
  run: (kernel: Kernel): Kernel =>
    // A loop that goes on with another's generators has to find them where they were begun.
    continuesStream(kernel.body) ? kernel : { ...kernel, body: new HoistingChecks(kernel).region(kernel.body) },
};
