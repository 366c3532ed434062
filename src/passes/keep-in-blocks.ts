// Before   %m: f64, %at: i64 = for @l %i < %n (%v: f64 = %m0, %k: i64 = %at0) { …  %c = gt.f64 %x %v  %w = select.f64 %c %x %v
//                                                                              %j = select.i64 %c %i %k  yield [%w, %j] }
// After    allocate ms: f64[64], ats: i64[64]
//          for @l.blocks parallel %block < 64 { %mb, %atb = for @l %i from %first < %end (%v = %m0, %k = %at0) { … }  store ms[%block] %mb … }
//          %m, %at = for @l.kept %block < 64 (%v = %m0, %k = %at0) { …what is kept of ms[%block] and ats[%block]… }
// Why      Looking for the greatest, and for where it is, each iteration waits for the one before; blocks of them need not.
// Exact    What a block keeps of its own is what the loop keeps of it if it beats what was kept before, and of equals the first is kept in
//          either way: `gt` and `lt` are false of equals, of −0 and 0, and of NaN. So blocks are put together in order by the same question.
// When     Threads are asked for, and nothing but what is kept keeps iterations from running at once. Blocks are 64, whoever runs them.
// Too cautious: all that the loop carries has to be kept so.
import { Builder, i64 } from '../ir/build.js';
import { Constant, Value } from '../ir/nodes.js';
import type { For, Kernel, Operand, Pure, Region, Statement } from '../ir/nodes.js';
import { copyStatement, Substitution } from '../ir/substitute.js';
import { countUses, mapRegions, terminatorOperands } from '../ir/walk.js';
import type { Pass } from './pass.js';
import { freeAliasClass } from './rewrite/alias-class.js';
import { canBeParallel } from './rewrite/parallel.js';

const blocks = 64;
/** Iterations that are worth it. */
const fewestIterations = 2 ** 14;

/** What is kept together: one value that is compared with what comes, and what goes along with it. */
interface Keeping {
  /** Of what comes and what was kept. */
  readonly comparison: Pure['operation'];
  /** Whether what comes stands on the left. */
  readonly isLeft: boolean;
  readonly key: number;
  readonly positions: readonly number[];
}

/** The condition on which the loop takes a new value at a position, and the value. */
interface Choice {
  readonly condition: Operand;
  readonly taken: Operand;
}

function choiceOf(loop: For, position: number, assigning: ReadonlyMap<Operand, Statement>): Choice | undefined {
  const { value } = loop.carried[position]!;
  const next = terminatorOperands(loop.body)[position]!;
  const statement = assigning.get(next);
  if (statement?.kind === 'pure' && statement.operation === 'select') {
    const [condition, taken, kept] = statement.operands as [Operand, Operand, Operand];
    return kept === value ? { condition, taken } : undefined;
  }
  if (statement?.kind !== 'if' || statement.consequent.terminator.kind !== 'yield') return undefined;
  if (statement.alternate.terminator.kind !== 'yield') return undefined;
  const at = statement.results.indexOf(next as Value);
  const [taken, kept] = [statement.consequent, statement.alternate].map((region) => terminatorOperands(region)[at]!);
  return kept === value ? { condition: statement.condition, taken: taken! } : undefined;
}

/** What the loop keeps, if that is all that it carries. */
function keepingsOf(loop: For): readonly Keeping[] | undefined {
  const { carried, body } = loop;
  if (carried.length === 0 || body.terminator.kind !== 'yield') return undefined;
  const assigning = new Map<Operand, Statement>();
  for (const statement of body.statements) {
    if (statement.kind === 'pure') assigning.set(statement.result, statement);
    if (statement.kind === 'if') for (const result of statement.results) assigning.set(result, statement);
  }
  const uses = countUses(body);
  const groups = new Map<Operand, number[]>();
  for (const [position, { value }] of carried.entries()) {
    const choice = choiceOf(loop, position, assigning);
    if (choice === undefined || (value.type !== 'f64' && value.type !== 'i64')) return undefined;
    groups.set(choice.condition, [...(groups.get(choice.condition) ?? []), position]);
  }
  const keepings: Keeping[] = [];
  for (const [condition, positions] of groups) {
    const comparison = assigning.get(condition);
    if (comparison?.kind !== 'pure' || !['lt', 'gt'].includes(comparison.operation)) return undefined;
    const [left, right] = comparison.operands as [Operand, Operand];
    const key = positions.find((position) => {
      const { value } = carried[position]!;
      const { taken } = choiceOf(loop, position, assigning)!;
      return (left === value && right === taken) || (right === value && left === taken);
    });
    if (key === undefined) return undefined;
    // Nothing else looks at what is kept.
    const isOwn = positions.every((position) => uses.get(carried[position]!.value) === (position === key ? 2 : 1));
    if (!isOwn) return undefined;
    keepings.push({ comparison: comparison.operation, isLeft: right === carried[key]!.value, key, positions });
  }
  return keepings;
}

function inBlocks(loop: For, keepings: readonly Keeping[], newClass: () => number): readonly Statement[] {
  const { label, count, carried, results, source } = loop;
  const b = new Builder(source);
  const isWorth = b.pure('ge', 'i64', [count, i64(fewestIterations)], 'isWorth');
  const types = carried.map(({ value }) => value.type);
  const write = (inner: Builder): readonly Operand[] => {
    const kept = carried.map(({ value }) =>
      inner.allocate(`${label}.${value.name}`, value.type as 'f64' | 'i64', i64(blocks), newClass()),
    );
    const rounded = inner.pure('add', 'i64', [count, i64(blocks - 1)], 'rounded');
    const length = inner.pure('shrU', 'i64', [rounded, i64(Math.log2(blocks))], 'blockLength');
    inner.for(`${label}.blocks`, { index: 'block', count: i64(blocks), isParallel: true }, (each, block) => {
      const first = each.pure('mul', 'i64', [block, length], 'first');
      const left = each.pure('sub', 'i64', [count, first], 'left');
      const end = each.pure('add', 'i64', [first, each.pure('min', 'i64', [left, length], 'here')], 'end');
      const copy = copyStatement({ ...loop, start: first, count: end }, new Substitution()) as For;
      each.add(copy);
      for (const [position, result] of copy.results.entries()) each.store(kept[position]!, [block], result);
      return [];
    });
    const starts = carried.map(({ value, initial }) => [value.name, value.type, initial] as const);
    return inner.for(
      `${label}.kept`,
      { index: 'block', count: i64(blocks), carried: starts },
      (each, block, before) => {
        const now: Operand[] = [...before];
        const found = kept.map((buffer, position) => each.load(buffer, [block], types[position]!));
        for (const { comparison, isLeft, key, positions } of keepings) {
          const pair = [found[key]!, before[key]!];
          const isBetter = each.pure(comparison, types[key]!, isLeft ? pair : pair.toReversed(), 'isBetter');
          for (const position of positions)
            now[position] = each.pure(
              'select',
              types[position]!,
              [isBetter, found[position]!, before[position]!],
              'kept',
            );
        }
        return now;
      },
    );
  };
  const serial = { ...loop, results: results.map(({ type, name }) => new Value(type, name)) };
  const parallel = new Builder(source);
  const values = write(parallel);
  b.add({
    kind: 'if',
    condition: isWorth,
    results,
    consequent: { statements: parallel.statements, terminator: { kind: 'yield', operands: values } },
    alternate: { statements: [serial], terminator: { kind: 'yield', operands: serial.results } },
    source,
  });
  return b.statements;
}

/** Whether but for what it carries the loop could run on threads. */
const isFree = (loop: For): boolean =>
  loop.start instanceof Constant &&
  loop.start.value === 0n &&
  loop.reductions.length + loop.owned.length === 0 &&
  canBeParallel({ ...loop, carried: [], results: [] });

function keepIn(region: Region, newClass: () => number): Region {
  const statements = region.statements.flatMap((statement): readonly Statement[] => {
    if (statement.kind === 'for') {
      // Threads are had once, by the outermost loop.
      if (statement.isParallel || canBeParallel(statement)) return [statement];
      const keepings = isFree(statement) ? keepingsOf(statement) : undefined;
      if (keepings !== undefined) return inBlocks(statement, keepings, newClass);
    }
    return [mapRegions(statement, (inner) => keepIn(inner, newClass))];
  });
  return { statements, terminator: region.terminator };
}

export const keepInBlocks: Pass = {
  name: 'keep-in-blocks',
  run: (kernel: Kernel): Kernel => ({ ...kernel, body: keepIn(kernel.body, freeAliasClass(kernel)) }),
};
