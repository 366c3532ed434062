// Before   %m: i64 = for @l %i < %n () gathers (&m: bool count partials 1 = %m0) { … reduce &m %c  yield [] }
// After    %m: i64 = for @l %i < %n (%v: i64 = %m0) { … %one = extendS.bool %c  %w = add.i64 %v %one  yield [%w] }
// Why      Machines know no reductions: what is left of them after the loops have been split and put in lanes is carried again.
// How      Elements that are given inside branches and loops are put together in a cell of memory first.
// Too cautious: a sum in the tree stays what it is: it is split into blocks before, and carried it would be taken in another order.
import { Builder, i64 } from '../ir/build.js';
import { Constant, resultTypeOf, Value } from '../ir/nodes.js';
import type { For, Kernel, LoopReduction, Operand, Statement } from '../ir/nodes.js';
import { lanesOf, withLanes } from '../ir/types.js';
import { rewriteCompound, rewriteRegion } from '../ir/walk.js';
import type { Pass } from './pass.js';
import { freeAliasClass } from './rewrite/alias-class.js';
import { isTree, take, withCells } from './rewrite/gather.js';
import { isLeftInside } from './rewrite/leaves.js';

function carry(loop: For, newClass: () => number): readonly Statement[] {
  const { reductions, body, carried, results } = loop;
  if (reductions.length === 0 || reductions.some(isTree)) return [loop];
  if (loop.step > 1 || isLeftInside(body)) return throughMemory(loop, newClass);
  const inner = new Builder(loop.source);
  const added = reductions.map((reduction) => ({
    value: new Value(resultTypeOf(reduction), reduction.name),
    initial: reduction.initial,
  }));
  const gathered: Operand[] = added.map(({ value }) => value);
  for (const statement of withCells(body, reductions, newClass)) {
    if (statement.kind !== 'reduce') {
      inner.add(statement);
      continue;
    }
    const position = reductions.indexOf(statement.reduction as LoopReduction);
    if (position < 0) inner.add(statement);
    else gathered[position] = take(inner, reductions[position]!, gathered[position]!, statement.value, statement.mask);
  }
  const before = 'operands' in body.terminator ? body.terminator.operands : [];
  return [
    {
      ...loop,
      isParallel: false,
      carried: [...carried, ...added],
      reductions: [],
      results,
      body: inner.region({ kind: 'yield', operands: [...before, ...gathered] }),
    },
  ];
}

/** Where iterations end in several ways, or several are done at once, what they give is put together in memory, element by element. */
function throughMemory(loop: For, newClass: () => number): readonly Statement[] {
  const { reductions, carried, results, body, source } = loop;
  const b = new Builder(source);
  const cells = new Map(
    reductions.map((reduction) => {
      const cell = b.allocate(`${loop.label}.${reduction.name}`, resultTypeOf(reduction), i64(1), newClass());
      b.store(cell, [i64(0)], reduction.initial);
      return [reduction, cell] as const;
    }),
  );
  const give = (statement: Statement): readonly Statement[] => {
    const reduction = statement.kind === 'reduce' ? (statement.reduction as LoopReduction) : undefined;
    const cell = reduction && cells.get(reduction);
    if (statement.kind !== 'reduce' || cell === undefined) return [statement];
    const inner = new Builder(source);
    const one = (to: Builder, value: Operand, mask: Operand | undefined): void => {
      const before = to.load(cell, [i64(0)], resultTypeOf(reduction!));
      to.store(cell, [i64(0)], take(to, reduction!, before, value, mask));
    };
    const lanes = lanesOf(statement.value.type);
    if (lanes === 1) one(inner, statement.value, statement.mask);
    else {
      const values = inner.allocate(`${reduction!.name}.values`, reduction!.element, i64(lanes), newClass());
      const isOn = inner.allocate(`${reduction!.name}.isOn`, 'bool', i64(lanes), newClass());
      inner.store(values, [i64(0)], statement.value);
      inner.store(isOn, [i64(0)], statement.mask ?? new Constant(withLanes('bool', lanes), true));
      inner.for(`${loop.label}.${reduction!.name}.lanes`, { index: 'lane', count: i64(lanes) }, (each, lane) => {
        one(each, each.load(values, [lane], reduction!.element), each.load(isOn, [lane], 'bool'));
        return [];
      });
    }
    return inner.statements;
  };
  b.add({
    ...loop,
    isParallel: false,
    reductions: [],
    results: results.slice(0, carried.length),
    body: rewriteRegion(body, give),
  });
  for (const [position, cell] of [...cells.values()].entries()) {
    const result = results[carried.length + position]!;
    b.add({ kind: 'load', buffer: cell, index: [i64(0)], mask: undefined, result, source });
  }
  return b.statements;
}

export const carryReductions: Pass = {
  name: 'carry-reductions',
  run: (kernel: Kernel): Kernel => {
    const newClass = freeAliasClass(kernel);
    return {
      ...kernel,
      body: rewriteCompound(kernel.body, (statement) =>
        statement.kind === 'for' ? carry(statement, newClass) : [statement],
      ),
    };
  },
};
