// Before   %m: i64 = for @l %i < %n (%v: i64 = %m0) { …  %w = add.i64 %v %more  yield [%w] }
// After    %m: i64 = for @l %i < %n () gathers (&m: i64 add partials 1 = %m0) { …  reduce &m %more  yield [] }
// Why      What a loop carries, each iteration waits for. Sums of integers, least and greatest numbers may be gathered in any order
//          (numerics.md, 8): then no iteration needs another, and they can run in lanes and on threads.
// How      A carried value is one where it flows, through additions (or `min`, or `max`), selects and branches that keep it, to what is
//          carried on, and nowhere else. What an iteration contributes is what the same code makes of the operation's identity.
// Too cautious: loops are left alone unless all that they carry can be gathered; so are loops that are left in the middle.
import type { For, Kernel, LoopReduction, Operand, Pure, Region, Statement } from '../ir/nodes.js';
import { copyRegion, Substitution } from '../ir/substitute.js';
import { countUses, operandsOf, regionsOf, rewriteCompound, terminatorOperands } from '../ir/walk.js';
import type { Pass } from './pass.js';
import { identityOf } from './rewrite/gather.js';
import { isLeftInside } from './rewrite/leaves.js';

type Operator = 'add' | 'min' | 'max';

/** Whether an operation hands on `chained`, put together with something else. */
function puts({ operation, over, operands }: Pure, chained: ReadonlySet<Operand>): Operator | undefined {
  const sides = operands.filter((operand) => chained.has(operand)).length;
  if (sides !== 1) return undefined;
  if (over === 'i64' && operation === 'add') return 'add';
  // Taken away, not taken from.
  if (over === 'i64' && operation === 'sub') return chained.has(operands[0]!) ? 'add' : undefined;
  if ((over === 'i64' || over === 'f64') && (operation === 'min' || operation === 'max')) return operation;
  return undefined;
}

/** Follows a carried value through a region; undefined where it goes a way that is not that of a reduction. */
class Follower {
  /** Values that are what has been gathered so far. */
  readonly chained = new Set<Operand>();
  operator: Operator | undefined;
  isBroken = false;

  follow(region: Region): void {
    for (const statement of region.statements) this.#statement(statement);
  }

  #statement(statement: Statement): void {
    const { chained } = this;
    switch (statement.kind) {
      case 'pure': {
        if (!statement.operands.some((operand) => chained.has(operand))) return;
        const { operation, operands, result } = statement;
        if (operation === 'select') {
          // Either way it must be handed on, or it would be forgotten.
          if (chained.has(operands[0]!) || !operands.slice(1).every((operand) => chained.has(operand)))
            this.isBroken = true;
          chained.add(result);
          return;
        }
        const operator = puts(statement, chained);
        if (operator === undefined || (this.operator ?? operator) !== operator) this.isBroken = true;
        this.operator = operator;
        chained.add(result);
        return;
      }
      case 'if': {
        if (chained.has(statement.condition)) this.isBroken = true;
        for (const region of regionsOf(statement)) this.follow(region);
        const { consequent, alternate } = statement;
        const branches = [consequent, alternate].filter(({ terminator }) => terminator.kind === 'yield');
        for (const [position, result] of statement.results.entries()) {
          const handed = branches.filter((branch) => chained.has(terminatorOperands(branch)[position]!));
          if (handed.length === 0) continue;
          if (handed.length !== branches.length) this.isBroken = true;
          chained.add(result);
        }
        return;
      }
      case 'for': {
        // The loop inside has been looked at before: it gathers into what this one carries.
        for (const [position, { operator, initial }] of statement.reductions.entries()) {
          if (!chained.has(initial)) continue;
          if (operator !== 'add' && operator !== 'min' && operator !== 'max' && operator !== 'count')
            this.isBroken = true;
          const same = operator === 'count' ? 'add' : (operator as Operator);
          if ((this.operator ?? same) !== same) this.isBroken = true;
          this.operator = same;
          chained.add(statement.results[statement.carried.length + position]!);
        }
        const others = [
          ...statement.carried.map(({ initial }) => initial),
          statement.start,
          statement.count,
          ...statement.owned.flatMap(({ key, base }) => [key, base]),
        ];
        if (others.some((operand) => chained.has(operand))) this.isBroken = true;
        if (readsAny(statement.body, chained)) this.isBroken = true;
        return;
      }
      default:
        if (operandsOf(statement).some((operand) => chained.has(operand))) this.isBroken = true;
        if (regionsOf(statement).some((region) => readsAny(region, chained))) this.isBroken = true;
    }
  }
}

const readsAny = (region: Region, values: ReadonlySet<Operand>): boolean =>
  [...countUses(region).keys()].some((value) => values.has(value));

function convert(loop: For): readonly Statement[] {
  const { carried, body, step } = loop;
  const { terminator } = body;
  if (carried.length === 0 || step !== 1 || terminator.kind !== 'yield') return [loop];
  if (isLeftInside(body)) return [loop];
  const operators = carried.map(({ value }, position): Operator | undefined => {
    if (value.type !== 'i64' && value.type !== 'f64') return undefined;
    const follower = new Follower();
    follower.chained.add(value);
    follower.follow(body);
    const handedOn = terminator.operands.filter((operand) => follower.chained.has(operand));
    const isOwn = handedOn.length === 1 && follower.chained.has(terminator.operands[position]!);
    return follower.isBroken || !isOwn ? undefined : (follower.operator ?? 'max');
  });
  if (operators.some((operator) => operator === undefined)) return [loop];
  const substitution = new Substitution();
  const reductions = carried.map(({ value, initial }, position): LoopReduction => {
    const element = value.type as 'i64' | 'f64';
    const reduction: LoopReduction = {
      name: value.name,
      element,
      operator: operators[position]!,
      partials: 1,
      initial,
    };
    substitution.replace(value, identityOf(reduction));
    return reduction;
  });
  const gathering = copyRegion(body, substitution);
  const contributions = terminatorOperands(gathering);
  const gives = reductions.map((reduction, position): Statement => ({
    kind: 'reduce',
    reduction,
    value: contributions[position]!,
    mask: undefined,
    source: loop.source,
  }));
  return [
    {
      ...loop,
      carried: [],
      // Results of what was carried come first, as before.
      reductions: [...reductions, ...loop.reductions],
      body: { statements: [...gathering.statements, ...gives], terminator: { kind: 'yield', operands: [] } },
    },
  ];
}

export const findReductions: Pass = {
  name: 'find-reductions',
  run: (kernel: Kernel): Kernel => ({
    ...kernel,
    body: rewriteCompound(kernel.body, (statement) => (statement.kind === 'for' ? convert(statement) : [statement])),
  }),
};
