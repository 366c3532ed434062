// Before   %m: i64 = for @l parallel %i < %n () gathers (&m: bool count partials 16 = 0) draws $h lanes %k { … reduce &m %inside … }
// After    allocate m: i64[%blocks] …
//          for @l.blocks parallel %block < %blocks () {
//            %ms: i64x2 = for @l.lanes %i from %first step 2 < %even (…) draws $hs lanes %k { … in lanes … }
//            %m: i64 = for @l.rows %i from %even step 1 < %end (…) draws $h lanes %k continuing $hs { … as before … }
//            store m[%block] %m
//          }
//          for @l.combine … (the blocks' results, in order or in the tree)
// Why      A block is what a thread takes at once, and within it draws and sums of doubles are arranged in 16 lanes by law (docs/random.md,
//          8; docs/numerics.md, 7): neighbours need nothing of each other, so that a few of them run at once.
// When     A loop is parallel, or owns draws by lanes, or gathers sums of doubles in the tree; and its iterations need nothing of each
//          other: it carries nothing, and unless it is parallel it writes nothing.
// How      With lanes or a tree a block is a leaf, 4096 iterations; else as many as make some ten thousand operations, fewer where there
//          would be few blocks. Neither depends on threads.
// Too cautious: beside what keeps an element (`least`, `greatest`) nothing runs in lanes, as they would change the order.
// It stays whole because the same loop is written here in several ways, over the same parts.
import { Builder, i64 } from '../ir/build.js';
import { blockLength, Constant, logicalLanes, resultTypeOf, Stream, Value } from '../ir/nodes.js';
import type { Buffer, For, Kernel, LoopReduction, Operand, OwnedStream, Region, Statement } from '../ir/nodes.js';
import { withLanes } from '../ir/types.js';
import { mapRegions, regionsOf, rewriteRegion } from '../ir/walk.js';
import type { Pass } from './pass.js';
import { noLanes, remark } from './remarks.js';
import { freeAliasClass } from './rewrite/alias-class.js';
import { isLeftInside } from './rewrite/leaves.js';
import {
  canCombine,
  combine,
  drain,
  firstOf,
  fold,
  give,
  givesInside,
  givesToOthers,
  identityOf,
  inLanes,
  isTree,
  keep,
  leafResult,
  pushLeaf,
  renameReductions,
  stackLength,
  take,
  withCells,
} from './rewrite/gather.js';
import { CannotWiden, canWiden, Widener } from './rewrite/widen.js';

/** Lanes at once where a loop draws: neighbours need nothing of each other, so that pairs one after the other keep the machine busy. */
const drawLanes = 2;
/** Statements of a body whose sums of 16 lanes still fit into registers. */
const lightStatements = 8;
/** Operations that a block should come to, and the fewest that are worth handing to a thread. */
const blockOperations = 65_536;
const fewestOperations = 4_096;
/** Blocks that there should be, where iterations are dear. */
const manyBlocks = 256;

const writes = ({ statements }: Region): boolean =>
  statements.some(({ kind }) => kind === 'store') || statements.some((statement) => regionsOf(statement).some(writes));

/** Operations of an iteration; of a loop inside, whose trips nobody knows, as if it had a hundred. */
const costOf = ({ statements }: Region): number =>
  statements.reduce((sum, statement) => {
    const inner = regionsOf(statement).reduce((most, region) => most + costOf(region), 0);
    return sum + 1 + (statement.kind === 'for' || statement.kind === 'loop' ? 100 * inner : inner);
  }, 0);

/** Whether its iterations may come in any order. */
const isAnyOrder = (loop: For): boolean =>
  !givesToOthers(loop) &&
  loop.reductions.every((reduction) => canCombine(reduction) && !(isTree(reduction) && reduction.partials === 1)) &&
  (loop.isParallel || !writes(loop.body));

function isSplittable(loop: For): boolean {
  const { step, carried, owned, reductions, body, isParallel, start } = loop;
  if (step !== 1 || carried.length > 0 || !(start instanceof Constant && start.value === 0n)) return false;
  if (owned.some(({ continues }) => continues)) return false;
  if (isLeftInside(body)) return false;
  if (isParallel || reductions.some(isTree)) return true;
  return owned.some(({ kind }) => kind === 'lanes') && isAnyOrder(loop);
}

/** The value that the last statement assigns becomes one that the code behind the loop reads. */
function renameLast(b: Builder, value: Value, result: Value): void {
  const last = b.statements.pop() as Statement & { kind: 'pure' };
  b.add({ ...last, result });
  value.name = result.name;
}

interface LeafInLanes {
  readonly first: Operand;
  readonly start: Operand;
  readonly partials: ReadonlyMap<LoopReduction, Buffer>;
  readonly streams: ReadonlyMap<Stream, Stream>;
  readonly isWhole: boolean;
  readonly step: number;
  readonly lanes: number;
}

class Splitter {
  readonly #loop: For;
  readonly #newClass: () => number;
  readonly #isScalar: boolean;
  readonly #trees: readonly LoopReduction[];

  constructor(loop: For, newClass: () => number, isScalar: boolean) {
    this.#loop = loop;
    this.#isScalar = isScalar;
    this.#newClass = newClass;
    this.#trees = loop.reductions.filter(isTree);
  }

  statements(): readonly Statement[] {
    const loop = this.#loop;
    const b = new Builder(loop.source);
    const count = b.pure('max', 'i64', [loop.count, i64(0)], 'count');
    const inLeaves = this.#trees.length > 0 || loop.owned.some(({ kind }) => kind === 'lanes');
    const length = inLeaves ? i64(blockLength) : this.#blockLength(b, count);
    remark(loop, { kind: 'blocks', length: inLeaves ? blockLength : undefined });
    const blocks = this.#blocks(b, count, length, inLeaves);
    const block = (inner: Builder, index: Value): Operand[] => {
      const first = inner.pure('mul', 'i64', [index, length], 'first');
      const left = inner.pure('sub', 'i64', [count, first], 'left');
      const here = inner.pure('min', 'i64', [left, length], 'here');
      return inLeaves ? this.#leaf(inner, first, here) : this.#row(inner, first, here);
    };
    const gathered = loop.isParallel ? this.#parallel(b, blocks, block) : this.#serial(b, blocks, block);
    for (const [position, reduction] of loop.reductions.entries()) {
      const operands = [reduction.initial, gathered[position]!] as const;
      const value = canCombine(reduction)
        ? combine(b, reduction, operands[0], operands[1])
        : keep(b, reduction, operands[0], operands[1]);
      renameLast(b, value, loop.results[position]!);
    }
    return b.statements;
  }

  #blockLength(b: Builder, count: Value): Operand {
    const cost = Math.max(1, costOf(this.#loop.body));
    const most = 2 ** Math.max(0, Math.round(Math.log2(blockOperations / cost)));
    const fewest = 2 ** Math.max(0, Math.ceil(Math.log2(fewestOperations / cost)));
    if (most <= fewest) return i64(fewest);
    const fair = b.pure('shrU', 'i64', [count, i64(Math.log2(manyBlocks))], 'fair');
    const enough = b.pure('max', 'i64', [fair, i64(fewest)], 'enough');
    return b.pure('min', 'i64', [enough, i64(most)], 'blockLength');
  }

  /** How many blocks of that length there are. */
  #blocks(b: Builder, count: Value, length: Operand, inLeaves: boolean): Operand {
    if (inLeaves || length instanceof Constant) {
      const { value } = length as Constant;
      const bits = i64(Math.log2(Number(value)));
      const rounded = b.pure('add', 'i64', [count, i64(Number(value) - 1)], 'rounded');
      return b.pure('shrU', 'i64', [rounded, bits], 'blocks');
    }
    const [countF, lengthF] = [count, length].map((operand) => b.pure('toF64', 'i64', [operand], 'double')) as [
      Value,
      Value,
    ];
    const ratio = b.pure('div', 'f64', [countF, lengthF], 'ratio');
    return b.pure('truncI64', 'f64', [b.pure('ceil', 'f64', [ratio], 'ratio')], 'blocks');
  }

  // The blocks together.

  #parallel(b: Builder, blocks: Operand, block: (b: Builder, index: Value) => Operand[]): Operand[] {
    const { label, reductions } = this.#loop;
    const results = reductions.map((reduction) =>
      b.allocate(`${label}.${reduction.name}`, resultTypeOf(reduction), blocks, this.#newClass()),
    );
    b.for(`${label}.blocks`, { index: 'block', count: blocks, isParallel: true }, (inner, index) => {
      for (const [position, value] of block(inner, index).entries()) inner.store(results[position]!, [index], value);
      return [];
    });
    if (reductions.length === 0) return [];
    return this.#serial(b, blocks, (inner, index) =>
      results.map((buffer, position) => inner.load(buffer, [index], resultTypeOf(reductions[position]!))),
    );
  }

  /** One block after the other: what each gathers is put together at once. */
  #serial(b: Builder, blocks: Operand, block: (b: Builder, index: Value) => Operand[]): Operand[] {
    const { label, reductions } = this.#loop;
    const stacks = new Map(
      this.#trees.map((reduction) => [
        reduction,
        b.allocate(`${label}.${reduction.name}.tree`, resultTypeOf(reduction), i64(stackLength), this.#newClass()),
      ]),
    );
    const carried = reductions.map((reduction) =>
      stacks.has(reduction)
        ? (['depth', 'i64', i64(0)] as const)
        : ([reduction.name, resultTypeOf(reduction), firstOf(reduction)] as const),
    );
    const name = this.#loop.isParallel ? `${label}.combine` : `${label}.blocks`;
    const results = b.for(name, { index: 'block', count: blocks, carried }, (inner, index, values) =>
      block(inner, index).map((value, position) => {
        const reduction = reductions[position]!;
        const stack = stacks.get(reduction);
        const before = values[position]!;
        if (stack !== undefined) {
          const parts = { leaf: value, count: index, depth: before, label: `${label}.${reduction.name}.carry` };
          return pushLeaf(inner, reduction, stack, parts);
        }
        return canCombine(reduction) ? combine(inner, reduction, before, value) : keep(inner, reduction, before, value);
      }),
    );
    return results.map((result, position) => {
      const reduction = reductions[position]!;
      const stack = stacks.get(reduction);
      return stack === undefined ? result : drain(b, reduction, stack, result, `${label}.${reduction.name}.drain`);
    });
  }

  // One block.

  /** Iterations one after the other; what they gather stays with them, for a later pass to see to. */
  #row(b: Builder, first: Operand, here: Operand): Operand[] {
    const { label, body, index, owned, reductions } = this.#loop;
    const end = b.pure('add', 'i64', [first, here], 'end');
    const results = reductions.map((reduction) => new Value(resultTypeOf(reduction), reduction.name));
    // Reached only where each iteration has a generator of its own.
    const opening = new Builder(b.source);
    for (const { stream, key, base } of owned)
      opening.openStream(stream, key, opening.pure('add', 'i64', [base, index], 'ordinal'));
    const inner = reductions.map((reduction): LoopReduction => ({ ...reduction, initial: firstOf(reduction) }));
    const renamed = renameReductions(body, new Map(reductions.map((reduction, i) => [reduction, inner[i]!])));
    b.add({
      ...this.#loop,
      label: `${label}.rows`,
      start: first,
      count: end,
      owned: [],
      reductions: inner,
      results,
      body: { ...renamed, statements: [...opening.statements, ...renamed.statements] },
    });
    return results;
  }

  /** 4096 iterations, or the fewer that are left: their elements go to 16 partial results, ordinal mod 16. */
  #leaf(b: Builder, first: Operand, here: Operand): Operand[] {
    const { owned, body, reductions } = this.#loop;
    // Products of lanes have no fold; the tree's are put together in memory.
    const canFold = reductions.every((reduction) => reduction.operator !== 'mul' || isTree(reduction));
    const streams = owned.map(({ stream }) => stream);
    if (
      !this.#isScalar &&
      isAnyOrder(this.#loop) &&
      canFold &&
      !givesInside(body, reductions) &&
      canWiden(body, streams, reductions)
    ) {
      // Partial sums of 16 lanes side by side stay in registers where little is computed; else they go through memory.
      const isLight = owned.length === 0 && body.statements.length <= lightStatements;
      try {
        const attempt = new Builder(b.source);
        const results = this.#wideLeaf(attempt, first, here, isLight ? logicalLanes : drawLanes);
        b.add(...attempt.statements);
        remark(this.#loop, { kind: 'lanes', lanes: isLight ? logicalLanes : drawLanes });
        return results;
      } catch (error) {
        if (!(error instanceof CannotWiden)) throw error;
      }
    }
    if (!isAnyOrder(this.#loop) || !canFold) noLanes(this.#loop, 'ordered');
    else noLanes(this.#loop, givesInside(body, reductions) ? 'givesInside' : 'statements');
    const partials = this.#beginPartials(b);
    const end = b.pure('add', 'i64', [first, here], 'end');
    const begun = this.#loop.reductions.map(firstOf);
    const results = this.#orderedRows(b, { start: first, end, owned, begun }, partials);
    return this.#leafResults(b, partials, results);
  }

  /** For each sum in the tree its 16 partial results, in memory. */
  #beginPartials(b: Builder): ReadonlyMap<LoopReduction, Buffer> {
    return new Map(
      this.#trees
        .filter(({ partials }) => partials > 1)
        .map((reduction) => {
          const name = `${this.#loop.label}.${reduction.name}.leaf`;
          const buffer = b.allocate(name, resultTypeOf(reduction), i64(logicalLanes), this.#newClass());
          const identity = identityOf(reduction);
          b.store(buffer, [i64(0)], inLanes(identity, logicalLanes));
          return [reduction, buffer] as const;
        }),
    );
  }

  #leafResults(b: Builder, partials: ReadonlyMap<LoopReduction, Buffer>, results: readonly Operand[]): Operand[] {
    return this.#loop.reductions.map((reduction, position) => {
      const buffer = partials.get(reduction);
      return buffer === undefined ? results[position]! : leafResult(b, reduction, buffer);
    });
  }

  /**
   * As many iterations as fill the lanes, then the rest one by one. All 16 partial results are had in two halves, one after the other, as the
   * machine has no registers for all of them and what they are given.
   */
  #wideLeaf(b: Builder, first: Operand, here: Operand, lanes: number): Operand[] {
    const { owned, reductions } = this.#loop;
    const partials = this.#beginPartials(b);
    const streams = new Map(owned.map(({ stream }) => [stream, new Stream(stream.name, lanes)]));
    const even = b.pure('and', 'i64', [here, i64(-lanes)], 'even');
    const start = b.pure('add', 'i64', [first, even], 'rest');
    const isWhole = lanes === logicalLanes;
    const halves = isWhole ? [0, lanes / 2] : [0];
    const parts = { first, start, partials, streams, isWhole, step: lanes, lanes: lanes / halves.length };
    const gathered = halves.map((from) => this.#lanes(b, from, parts));
    const begun = reductions.map((reduction, position) =>
      partials.has(reduction)
        ? identityOf(reduction)
        : gathered
            .map((values) => fold(b, reduction, values[position]!))
            .reduce((all, value) => combine(b, reduction, all, value)),
    );
    const narrowOwned = owned.map((each) => ({ ...each, continues: streams.get(each.stream)! }));
    const end = b.pure('add', 'i64', [first, here], 'end');
    const results = this.#orderedRows(b, { start, end, owned: narrowOwned, begun }, partials);
    return this.#leafResults(b, partials, results);
  }

  /** The loop in lanes, of each step those from `from` on: what it has gathered, where that is not in memory. */
  #lanes(
    b: Builder,
    from: number,
    { first, start, partials, streams, isWhole, step, lanes }: LeafInLanes,
  ): readonly (Operand | undefined)[] {
    const { label, owned, body, index, reductions } = this.#loop;
    // Where not all partial results are in lanes, those of each step are fetched from memory.
    const isInMemory = (reduction: LoopReduction): boolean => !isWhole && partials.has(reduction);
    const inRegisters = reductions.filter((reduction) => !isInMemory(reduction));
    const carried = inRegisters.map(
      (reduction) =>
        [reduction.name, withLanes(resultTypeOf(reduction), lanes), inLanes(identityOf(reduction), lanes)] as const,
    );
    const wideOwned = owned.map((each) => ({ ...each, stream: streams.get(each.stream)! }));
    const loop = { index: index.name, start: first, step, count: start, carried, owned: wideOwned };
    const wide = b.for(`${label}.lanes`, loop, (inner, ordinal, values) => {
      const place = from === 0 ? ordinal : inner.pure('add', 'i64', [ordinal, i64(from)], ordinal.name);
      const partial = inner.pure('and', 'i64', [place, i64(logicalLanes - 1)], 'partial');
      const before = reductions.map((reduction) =>
        isInMemory(reduction)
          ? inner.load(partials.get(reduction)!, [partial], withLanes(resultTypeOf(reduction), lanes))
          : values[inRegisters.indexOf(reduction)]!,
      );
      const contributions = new Contributions(this.#loop, before, lanes);
      const widener = new Widener(inner, {
        lanes,
        streams,
        newClass: this.#newClass,
        reduce: (at, { reduction }, value, on) => {
          if (at !== inner) throw new CannotWiden('an element is given inside a branch');
          contributions.give(at, reduction as LoopReduction, value, on);
        },
      });
      widener.defineRamp(index, place);
      widener.body(body, undefined);
      const after = contributions.end(inner);
      for (const [position, reduction] of reductions.entries())
        if (isInMemory(reduction)) inner.store(partials.get(reduction)!, [partial], after[position]!);
      return inRegisters.map((reduction) => after[reductions.indexOf(reduction)]!);
    });
    return reductions.map((reduction) => {
      const value = wide[inRegisters.indexOf(reduction)];
      const buffer = partials.get(reduction);
      if (buffer !== undefined && value !== undefined) b.store(buffer, [i64(from)], value);
      return buffer === undefined ? value : undefined;
    });
  }

  /** Iterations in program order, one by one: elements of sums in the tree go to their partial result in memory, others are carried. */
  #orderedRows(
    b: Builder,
    {
      start,
      end,
      owned,
      begun,
    }: { start: Operand; end: Operand; owned: readonly OwnedStream[]; begun: readonly Operand[] },
    partials: ReadonlyMap<LoopReduction, Buffer>,
  ): Operand[] {
    const { label, body, index, reductions } = this.#loop;
    const others = reductions.filter((reduction) => !partials.has(reduction));
    const carried = others.map((reduction) => ({
      value: new Value(resultTypeOf(reduction), reduction.name),
      initial: begun[reductions.indexOf(reduction)]!,
    }));
    const results = carried.map(({ value }) => new Value(value.type, value.name));
    const inner = new Builder(b.source);
    const partial =
      partials.size === 0 ? undefined : inner.pure('and', 'i64', [index, i64(logicalLanes - 1)], 'partial');
    const before = reductions.map((reduction) => {
      const buffer = partials.get(reduction);
      if (buffer !== undefined) return inner.load(buffer, [partial!], resultTypeOf(reduction));
      return carried[others.indexOf(reduction)]!.value;
    });
    const contributions = new Contributions(this.#loop, before, 1);
    for (const statement of withCells(body, reductions, this.#newClass)) {
      const reduction = statement.kind === 'reduce' ? (statement.reduction as LoopReduction) : undefined;
      if (statement.kind !== 'reduce' || !reductions.includes(reduction!)) inner.add(statement);
      else contributions.give(inner, reduction!, statement.value, statement.mask);
    }
    const after = contributions.end(inner);
    for (const [reduction, buffer] of partials) inner.store(buffer, [partial!], after[reductions.indexOf(reduction)]!);
    const handedOn = others.map((reduction) => after[reductions.indexOf(reduction)]!);
    b.add({
      ...this.#loop,
      label: `${label}.rows`,
      start,
      count: end,
      carried,
      owned,
      isParallel: false,
      reductions: [],
      results,
      body: inner.region({
        kind: 'yield',
        operands: handedOn,
      }),
    });
    return reductions.map((reduction) => results[others.indexOf(reduction)]!);
  }
}

/** Puts together what an iteration gives, and adds it, one element, to what was gathered before. */
class Contributions {
  readonly #loop: For;
  readonly #gathered: Operand[];
  /** Of reductions to which an iteration gives several times, what it has given so far. */
  readonly #given = new Map<LoopReduction, Operand>();

  constructor(loop: For, before: readonly Operand[], lanes: number) {
    this.#loop = loop;
    this.#gathered = [...before];
    for (const reduction of loop.reductions) {
      const times = loop.body.statements.filter(
        (statement) => statement.kind === 'reduce' && statement.reduction === reduction,
      );
      if (times.length > 1 && isTree(reduction)) this.#given.set(reduction, inLanes(identityOf(reduction), lanes));
    }
  }

  give(b: Builder, reduction: LoopReduction, value: Operand, mask: Operand | undefined): void {
    const position = this.#loop.reductions.indexOf(reduction);
    const given = this.#given.get(reduction);
    if (given !== undefined) this.#given.set(reduction, give(b, reduction, given, value, mask));
    else this.#gathered[position] = take(b, reduction, this.#gathered[position]!, value, mask);
  }

  end(b: Builder): Operand[] {
    for (const [reduction, given] of this.#given) {
      const position = this.#loop.reductions.indexOf(reduction);
      this.#gathered[position] = combine(b, reduction, this.#gathered[position]!, given);
    }
    return this.#gathered;
  }
}

/** The region with its parallel loops made serial ones: threads are had once, by the loop around. */
const withoutParallel = (region: Region): Region =>
  rewriteRegion(region, (statement) => [statement.kind === 'for' ? { ...statement, isParallel: false } : statement]);

function splitIn(region: Region, newClass: () => number, isScalar: boolean): Region {
  const statements = region.statements.flatMap((statement): readonly Statement[] => {
    switch (statement.kind) {
      case 'if':
      case 'loop':
        return [mapRegions(statement, (inner) => splitIn(inner, newClass, isScalar))];
      case 'for': {
        // What a loop around gathers wants its elements in order.
        const isParallel = statement.isParallel && !givesToOthers(statement);
        const inside = isParallel ? withoutParallel(statement.body) : statement.body;
        const body = splitIn(inside, newClass, isScalar);
        const isSame = body === statement.body && isParallel === statement.isParallel;
        const loop = isSame ? statement : { ...statement, isParallel, body };
        return isSplittable(loop) ? new Splitter(loop, newClass, isScalar).statements() : [loop];
      }
      default:
        return [statement];
    }
  });
  const isSame =
    statements.length === region.statements.length && statements.every((each, at) => each === region.statements[at]);
  return isSame ? region : { statements, terminator: region.terminator };
}

const splitting = (isScalar: boolean): Pass => ({
  name: 'split-into-blocks',
  run: (kernel: Kernel): Kernel => ({ ...kernel, body: splitIn(kernel.body, freeAliasClass(kernel), isScalar) }),
});

export const splitIntoBlocks = splitting(false);
/** The same for machines without lanes: the same bits, as blocks and partial results are the law's. */
export const splitIntoScalarBlocks = splitting(true);
