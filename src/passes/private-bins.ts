// Before   for @l %i < %n () { …  %b: i32 = load bins[%p]  %c = add.i32 %b 1  store bins[%p] %c … }
// After    if %isWorth {
//            allocate own: i32[64 · %length]
//            for @l.bins parallel %block < 64 { for @l %i from %first < %end { …  %b = load own[%block · %length + %p] … } }
//            for @l.sums %k < %length { …bins[%k] and what each block has counted in own[… + %k], added up… }
//          } else { for @l %i < %n () { … } }
// Why      Two iterations may count in one bin, so that they cannot run at once, but sums of integers are the same in any order.
// Exact    Integers wrap the same way in any order. Doubles have to be whole, not −0, and below 2⁵², which is asked of every bin; what is added
//          to them is a small whole number, and no loop lives to add it up to 2⁵².
// How      The loop is cut into 64 blocks, whoever runs them; each begins with bins of zeros. It is worth it where iterations are many, and
//          many more than bins.
// When     Threads are asked for, and but for the bins the iterations could run at once.
// Too cautious: loops that gather or draw besides are left alone.
import { Builder, i64 } from '../ir/build.js';
import { Constant } from '../ir/nodes.js';
import type { Buffer, For, Kernel, Load, Operand, Region, Statement, Store } from '../ir/nodes.js';
import { copyStatement, Substitution } from '../ir/substitute.js';
import { storageTypes } from '../ir/types.js';
import { mapRegions, rewriteRegion } from '../ir/walk.js';
import type { Pass } from './pass.js';
import { freeAliasClass } from './rewrite/alias-class.js';
import { binsOf, canHaveBins } from './rewrite/bins.js';
import { canBeParallel } from './rewrite/parallel.js';

const blocks = 64;
/** Iterations that are worth it, and how many more of them than bins in all blocks there have to be. */
const fewestIterations = 2 ** 16;
const iterationsABin = 2;
/** Doubles from which on sums may be rounded. */
const largestCount = 2 ** 52;

const zeroOf = ({ storage }: Buffer): Constant => {
  const type = storageTypes[storage].value;
  return new Constant(type, type === 'i64' ? 0n : 0);
};

class Privatization {
  readonly #loop: For;
  readonly #bins: readonly Buffer[];
  readonly #newClass: () => number;

  constructor(loop: For, bins: readonly Buffer[], newClass: () => number) {
    this.#loop = loop;
    this.#bins = bins;
    this.#newClass = newClass;
  }

  statements(): readonly Statement[] {
    const loop = this.#loop;
    const b = new Builder(loop.source);
    const all = (parts: readonly Operand[]): Operand =>
      parts.reduce((every, part) => b.pure('and', 'bool', [every, part], 'isWorth'));
    const room = b.pure('shrU', 'i64', [loop.count, i64(Math.log2(blocks * iterationsABin))], 'room');
    const isWorth = all([
      b.pure('ge', 'i64', [loop.count, i64(fewestIterations)], 'isLong'),
      ...this.#bins.map(({ shape }) => b.pure('le', 'i64', [shape[0]!, room], 'isSmall')),
    ]);
    const doubles = this.#bins.filter(({ storage }) => storage === 'f64');
    const isExact = doubles.length === 0 ? isWorth : this.#areWhole(b, doubles, isWorth);
    b.if(
      isExact,
      [],
      (inner) => {
        this.#inBlocks(inner);
        return [];
      },
      (inner) => {
        const serial = copyStatement({ ...loop, isParallel: false }, new Substitution());
        inner.add(serial);
        return [];
      },
    );
    return b.statements;
  }

  /** Whether it is worth it, and all bins hold numbers that sums of them do not round. */
  #areWhole(b: Builder, doubles: readonly Buffer[], isWorth: Operand): Operand {
    const [are] = b.if(
      isWorth,
      ['bool'],
      (asked) => [
        doubles.reduce<Operand>(
          (so, buffer) => {
            const parts = { index: 'bin', count: buffer.shape[0]!, carried: [['areWhole', 'bool', so] as const] };
            const [result] = asked.for(`${this.#loop.label}.whole`, parts, (each, bin, [before]) => {
              const x = each.load(buffer, [bin], 'f64');
              const isWhole = each.pure('eq', 'f64', [each.pure('trunc', 'f64', [x]), x]);
              const isSmall = each.pure('le', 'f64', [each.pure('abs', 'f64', [x]), new Constant('f64', largestCount)]);
              const isNot = each.pure('ne', 'i64', [each.pure('bitsOfF64', 'f64', [x]), i64(-(2n ** 63n))]);
              return [
                [isSmall, isNot].reduce(
                  (so2, part) => each.pure('and', 'bool', [so2, part]),
                  each.pure('and', 'bool', [before!, isWhole]),
                ),
              ];
            });
            return result!;
          },
          new Constant('bool', true),
        ),
      ],
      () => [new Constant('bool', false)],
    );
    return are!;
  }

  #inBlocks(b: Builder): void {
    const loop = this.#loop;
    const { label, count } = loop;
    const own = new Map<Buffer, Buffer>(
      this.#bins.map((buffer) => {
        const size = b.pure('mul', 'i64', [buffer.shape[0]!, i64(blocks)], 'size');
        return [buffer, b.allocate(`${label}.own`, buffer.storage, size, this.#newClass())];
      }),
    );
    const rounded = b.pure('add', 'i64', [count, i64(blocks - 1)], 'rounded');
    const length = b.pure('shrU', 'i64', [rounded, i64(Math.log2(blocks))], 'blockLength');
    b.for(`${label}.bins`, { index: 'block', count: i64(blocks), isParallel: true }, (inner, block) => {
      const first = inner.pure('mul', 'i64', [block, length], 'first');
      const left = inner.pure('sub', 'i64', [count, first], 'left');
      const here = inner.pure('min', 'i64', [left, length], 'here');
      const end = inner.pure('add', 'i64', [first, here], 'end');
      const begins = new Map(
        [...own.keys()].map((buffer) => [buffer, inner.pure('mul', 'i64', [block, buffer.shape[0]!], 'begin')]),
      );
      const change = (statement: Statement): readonly Statement[] => {
        const buffer = statement.kind === 'load' || statement.kind === 'store' ? own.get(statement.buffer) : undefined;
        if (buffer === undefined) return [statement];
        const access = statement as Load | Store;
        const moved = new Builder(access.source);
        const place = moved.pure('add', 'i64', [begins.get(access.buffer)!, access.index[0]!], 'place');
        moved.add({ ...access, buffer, index: [place] });
        return moved.statements;
      };
      inner.add({ ...loop, start: first, count: end, isParallel: false, body: rewriteRegion(loop.body, change) });
      return [];
    });
    for (const [buffer, mine] of own) this.#addUp(b, buffer, mine);
  }

  /** What the blocks have counted, to what was in the bins before. */
  #addUp(b: Builder, buffer: Buffer, own: Buffer): void {
    const { label } = this.#loop;
    const zero = zeroOf(buffer);
    const [length] = buffer.shape as [Operand];
    b.for(`${label}.sums`, { index: 'bin', count: length }, (inner, bin) => {
      const parts = { index: 'block', count: i64(blocks), carried: [['sum', zero.type, zero] as const] };
      const [sum] = inner.for(`${label}.sum`, parts, (each, block, [before]) => {
        const begin = each.pure('mul', 'i64', [block, length], 'begin');
        const counted = each.load(own, [each.pure('add', 'i64', [begin, bin], 'place')], zero.type);
        return [each.pure('add', zero.type, [before!, counted], 'sum')];
      });
      const first = inner.load(buffer, [bin], zero.type);
      inner.store(buffer, [bin], inner.pure('add', zero.type, [first, sum!], 'sum'));
      return [];
    });
  }
}

/** The bins in which iterations count, where nothing else keeps them from running at once. */
function sharedBins(loop: For): readonly Buffer[] {
  const bins = canHaveBins(loop) ? binsOf(loop) : [];
  const classes = new Set(bins.map(({ aliasClass }) => aliasClass));
  return bins.length > 0 && canBeParallel(loop, classes) ? bins : [];
}

function privatize(region: Region, newClass: () => number): Region {
  const statements = region.statements.flatMap((statement): readonly Statement[] => {
    switch (statement.kind) {
      case 'if':
      case 'loop':
        return [mapRegions(statement, (inner) => privatize(inner, newClass))];
      case 'for': {
        // Threads are had once, by the outermost loop.
        if (statement.isParallel || canBeParallel(statement)) return [statement];
        const bins = sharedBins(statement);
        if (bins.length > 0) return new Privatization(statement, bins, newClass).statements();
        return [mapRegions(statement, (inner) => privatize(inner, newClass))];
      }
      default:
        return [statement];
    }
  });
  return { statements, terminator: region.terminator };
}

export const privateBins: Pass = {
  name: 'private-bins',
  run: (kernel: Kernel): Kernel => ({ ...kernel, body: privatize(kernel.body, freeAliasClass(kernel)) }),
};
