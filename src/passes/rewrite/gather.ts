// Reductions as arithmetic: where each begins, how two parts are put together, and the tree of numerics.md, 7, built up leaf by leaf.
import { Builder, i64 } from '../../ir/build.js';
import { Constant, Value } from '../../ir/nodes.js';
import type {
  Buffer,
  Gathering,
  LoopReduction,
  Operand,
  Reduction,
  Region,
  Statement,
  For,
  Reduce,
} from '../../ir/nodes.js';
import { resultTypeOf } from '../../ir/nodes.js';
import type { OperationName } from '../../ir/operations.js';
import { elementOf, isFloat, lanesOf, withLanes } from '../../ir/types.js';
import type { ScalarType, Type } from '../../ir/types.js';
import { regionsOf, rewriteRegion } from '../../ir/walk.js';

/** Operators whose elements may come in any order, or in the order of the tree; those that keep an element want theirs one by one. */
const combining: Readonly<Record<string, OperationName>> = {
  add: 'add',
  mul: 'mul',
  min: 'min',
  max: 'max',
  and: 'and',
  or: 'or',
  count: 'add',
};

export const canCombine = ({ operator }: Gathering): boolean => operator in combining;

/** Whether the order of its elements shows in the result, so that it is the law's. */
export const isTree = ({ element, operator }: Gathering): boolean =>
  isFloat(element) && (operator === 'add' || operator === 'mul');

/** What changes nothing, bit for bit: adding −0 leaves every number as it is, +0 would not leave −0. */
export function identityOf(reduction: Gathering): Constant {
  const { operator } = reduction;
  const type = resultTypeOf(reduction);
  if (type === 'bool') return new Constant(type, operator === 'and');
  if (operator === 'min' || operator === 'max') return new Constant(type, extremeOf(type, operator === 'min'));
  const value = operator === 'mul' ? 1 : isFloat(type) ? -0 : 0;
  return new Constant(type, type === 'i64' ? BigInt(value) : value);
}

function extremeOf(type: ScalarType, isGreatest: boolean): number | bigint {
  if (type === 'i64') return isGreatest ? 2n ** 63n - 1n : -(2n ** 63n);
  if (type === 'i32') return isGreatest ? 2 ** 31 - 1 : -(2 ** 31);
  return isGreatest ? Infinity : -Infinity;
}

export const inLanes = ({ value, type }: Constant, lanes: number): Constant =>
  new Constant(withLanes(elementOf(type), lanes), value);

/** Two partial results, scalars or lanes. */
export function combine(b: Builder, reduction: Gathering, a: Operand, c: Operand): Value {
  return b.pure(combining[reduction.operator]!, a.type, [a, c], reduction.name);
}

/** A partial result and one element more, where the mask is on. */
export function give(
  b: Builder,
  reduction: Gathering,
  gathered: Operand,
  element: Operand,
  mask: Operand | undefined,
): Operand {
  const lanes = lanesOf(element.type);
  if (reduction.operator === 'count') {
    const counted = mask === undefined ? element : b.pure('and', element.type, [element, mask], 'counted');
    const one = b.pure('extendS', withLanes('bool', lanes), [counted], 'one');
    return b.pure('add', withLanes('i64', lanes), [gathered, one], reduction.name);
  }
  const more = combine(b, reduction, gathered, element);
  return mask === undefined ? more : b.pure('select', more.type, [mask, more, gathered], reduction.name);
}

/** The 16 partial results of a leaf, put together: p with p + 8, + 4, + 2, + 1. */
export function leafResult(b: Builder, reduction: Gathering, partials: Buffer): Operand {
  const type = resultTypeOf(reduction);
  let parts: Operand[] = Array.from({ length: 16 }, (_, p) => b.load(partials, [i64(p)], type, undefined, 'partial'));
  while (parts.length > 1) {
    const half = parts.length / 2;
    parts = parts.slice(0, half).map((part, p) => combine(b, reduction, part, parts[p + half]!));
  }
  return parts[0]!;
}

/** Enough for the leaves of any loop: a tree of 2⁵² leaves. */
export const stackLength = 64;

/**
 * Takes the next leaf, or the next subtree of a fixed number of leaves: neighbours of the same size are put together at once, as a binary
 * number is counted up. `count` is how many came before, `depth` how many wait on the stack; the result is how many wait then.
 */
export function pushLeaf(
  b: Builder,
  reduction: Gathering,
  stack: Buffer,
  { leaf, count, depth, label }: { leaf: Operand; count: Operand; depth: Operand; label: string },
): Value {
  const type: Type = resultTypeOf(reduction);
  const carried = [['sum', type, leaf] as const, ['bits', 'i64', count] as const, ['depth', 'i64', depth] as const];
  const [sum, , waiting] = b.loop(label, carried, [type, 'i64', 'i64'], (inner, [part, bits, top]) => {
    const low = inner.pure('and', 'i64', [bits!, i64(1)], 'low');
    const isDone = inner.pure('eq', 'i64', [low, i64(0)], 'isDone');
    const leave = new Builder(b.source);
    const go = new Builder(b.source);
    const below = go.pure('sub', 'i64', [top!, i64(1)], 'below');
    const left = go.load(stack, [below], type, undefined, 'left');
    const both = combine(go, reduction, left, part!);
    const rest = go.pure('shrU', 'i64', [bits!, i64(1)], 'bits');
    inner.add({
      kind: 'if',
      condition: isDone,
      results: [],
      consequent: leave.region({ kind: 'break', label, operands: [part!, bits!, top!] }),
      alternate: go.region({ kind: 'continue', label, operands: [both, rest, below] }),
      source: b.source,
    });
    return { kind: 'unreachable' };
  });
  b.store(stack, [waiting!], sum!);
  return b.pure('add', 'i64', [waiting!, i64(1)], 'depth');
}

/** What all leaves come to: the smaller subtrees on the right are put together first. The identity if there was none. */
export function drain(b: Builder, reduction: Gathering, stack: Buffer, depth: Operand, label: string): Operand {
  const type = resultTypeOf(reduction);
  const identity = identityOf(reduction);
  const [result] = b.for(
    label,
    { index: 'popped', count: depth, carried: [['sum', type, identity]] },
    (inner, index, [sum]) => {
      const last = inner.pure('sub', 'i64', [depth, i64(1)], 'last');
      const place = inner.pure('sub', 'i64', [last, index], 'place');
      const left = inner.load(stack, [place], type, undefined, 'left');
      return [combine(inner, reduction, left, sum!)];
    },
  );
  return result!;
}

/** Whether a statement inside the region's own statements gives to one of the reductions, where it cannot be seen at once. */
export const givesInside = ({ statements }: Region, reductions: readonly LoopReduction[]): boolean =>
  statements.some((statement) =>
    regionsOf(statement).some(
      (region) =>
        region.statements.some((inner) => inner.kind === 'reduce' && isOneOf(inner.reduction, reductions)) ||
        givesInside(region, reductions),
    ),
  );

const isOneOf = (reduction: Reduction | LoopReduction, reductions: readonly LoopReduction[]): boolean =>
  reductions.some((each) => each === reduction);

/** What a reduction begins with where its elements come one by one: those that keep an element begin with one that loses to all. */
export function firstOf(reduction: LoopReduction): Operand {
  if (canCombine(reduction)) return identityOf(reduction);
  const operator = reduction.operator === 'least' ? 'min' : 'max';
  return identityOf({ ...reduction, operator });
}

export function keep(b: Builder, { operator, element, name }: LoopReduction, before: Operand, value: Operand): Value {
  const isBetter = b.pure(operator === 'least' ? 'lt' : 'gt', element, [value, before], 'isBetter');
  return b.pure('select', element, [isBetter, value, before], name);
}

/** As `give`, for reductions that keep an element too. */
export function take(
  b: Builder,
  reduction: LoopReduction,
  gathered: Operand,
  value: Operand,
  mask: Operand | undefined,
): Operand {
  // A cell's count has been made already: what is left is to add it.
  if (reduction.operator === 'count' && value.type === 'i64') return combine(b, reduction, gathered, value);
  if (canCombine(reduction)) return give(b, reduction, gathered, value, mask);
  const kept = keep(b, reduction, gathered, value);
  return mask === undefined ? kept : b.pure('select', kept.type, [mask, kept, gathered], reduction.name);
}

/** A body whose elements are all given at its end, or at least not inside branches and loops: there they go to a cell of memory before. */
export function withCells(
  body: Region,
  reductions: readonly LoopReduction[],
  newClass: () => number,
): readonly Statement[] {
  if (!givesInside(body, reductions)) return body.statements;
  const b = new Builder();
  const cells = new Map<LoopReduction, Buffer>(
    reductions.map((reduction) => {
      const cell = b.allocate(`${reduction.name}.cell`, resultTypeOf(reduction), i64(1), newClass());
      b.store(cell, [i64(0)], firstOf(reduction));
      return [reduction, cell];
    }),
  );
  const given = rewriteRegion(body, (statement) => {
    const cell = statement.kind === 'reduce' ? cells.get(statement.reduction as LoopReduction) : undefined;
    if (statement.kind !== 'reduce' || cell === undefined) return [statement];
    const inner = new Builder(statement.source);
    const reduction = statement.reduction as LoopReduction;
    const before = inner.load(cell, [i64(0)], resultTypeOf(reduction));
    inner.store(cell, [i64(0)], take(inner, reduction, before, statement.value, statement.mask));
    return inner.statements;
  });
  b.add(...given.statements);
  for (const [reduction, cell] of cells) {
    const value = b.load(cell, [i64(0)], resultTypeOf(reduction));
    b.reduce(reduction, value);
  }
  return b.statements;
}

/** Whether a loop gives to reductions of what is around it. */
export function givesToOthers({ body, reductions }: For): boolean {
  const gives = ({ statements }: Region, own: readonly Reduce['reduction'][]): boolean =>
    statements.some((statement) => {
      if (statement.kind === 'reduce') return !own.includes(statement.reduction);
      const inside = statement.kind === 'for' ? [...own, ...statement.reductions] : own;
      return regionsOf(statement).some((region) => gives(region, inside));
    });
  return gives(body, reductions);
}

/** The lanes of a partial result, put together. */
export function fold(b: Builder, { operator, name }: Gathering, lanes: Operand): Value {
  const result = new Value(elementOf(lanes.type), name);
  const operation = operator === 'count' ? 'add' : (operator as 'add');
  b.add({ kind: 'fold', operation, operand: lanes, result, source: b.source });
  return result;
}

/** The region with elements given to other reductions. */
export function renameReductions(region: Region, names: ReadonlyMap<LoopReduction, LoopReduction>): Region {
  return rewriteRegion(region, (statement) =>
    statement.kind === 'reduce'
      ? [{ ...statement, reduction: names.get(statement.reduction as LoopReduction) ?? statement.reduction }]
      : [statement],
  );
}
