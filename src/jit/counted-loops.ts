// Counted loops, once it is known how often they run: their bodies, what they carry, and the streams that their iterations draw from.
import type { AnyNode, Node, Statement as SyntaxStatement } from 'acorn';
import { Constant, Stream, Value } from '../ir/nodes.js';
import type { For, LoopReduction, Operand, OwnedStream } from '../ir/nodes.js';
import { i64, lowerPart } from './code.js';
import type { Block, Body, KernelCode } from './code.js';
import { Carrying, either } from './control.js';
import { hasLoop } from './effects.js';
import { takeApart, write } from './expressions.js';
import { drawnIn } from './generators.js';
import { refuseYet } from './refuse.js';
import type { GeneratorThing, Thing } from './things.js';

/** How often a counted loop runs, and its counter. */
export interface Trips {
  /** i64. */
  readonly count: Operand;
  /** The counter of iteration `index`, as the body reads it. */
  readonly counterAt: (block: Block, index: Value) => Operand;
}

/** The streams that a loop owns, by the generators whose place they take inside it. */
export type Owning = ReadonlyMap<GeneratorThing, OwnedStream>;

/**
 * A counted loop, with the streams that its iterations own (docs/random.md, 7): it does if it is in no other counted loop that draws, or if it
 * is long; else draws go on with what is around. Where its length is known only at run time, both ways are written.
 */
export function drawing(
  body: Body,
  code: AnyNode,
  block: Block,
  { count }: Pick<Trips, 'count'>,
  writeLoop: (block: Block, owned: Owning) => void,
): void {
  const { kernel } = body;
  const drawn = drawnIn(body, code, block.environment);
  if (drawn.length === 0) return writeLoop(block, new Map());
  if (kernel.isInRoutine)
    throw refuseYet(
      body.source,
      code,
      'a counted loop that draws, in a function that calls itself,',
      'draw outside of the loop, or write the recursion as a loop',
    );
  const around = kernel.drawnAround;
  // Each generator apart: a loop may be the first that draws from one, and stand in another that draws from the other.
  const outermost = drawn.filter((generator) => !around.has(generator));
  const own = (at: Block, generators: readonly GeneratorThing[]): void => {
    const kind = hasLoop(body, code) ? 'each' : 'lanes';
    const owned = generators.map((generator): [GeneratorThing, OwnedStream] => {
      const key = new Value('i64', 'key');
      const stream = kernel.streams.get(generator)!;
      at.statements.push({ kind: 'draw', stream, mask: undefined, result: key, source: -1 });
      return [generator, { stream: new Stream('draws'), kind, key, base: i64(0n), continues: undefined }];
    });
    writeLoop(at, new Map(owned));
  };
  kernel.drawnAround = new Set([...around, ...drawn]);
  if (outermost.length === drawn.length) own(block, drawn);
  else if (count instanceof Constant) own(block, (count.value as bigint) >= ownsFrom ? drawn : outermost);
  else {
    const names = [...body.pendingNames];
    const isLong = kernel.pure(block, 'ge', 'i64', [count, i64(ownsFrom)], 'isLong');
    const long = (at: Block): void => own(at, drawn);
    either(body, code, block, isLong, long, (at) => {
      body.pendingNames = names;
      own(at, outermost);
    });
  }
  kernel.drawnAround = around;
}

/** Writes the body of a loop, whose draws come from what it owns. */
export function withDraws(kernel: KernelCode, owned: Owning, lower: () => void): void {
  const around = kernel.streams;
  const inside = [...owned].map(([generator, { stream }]) => [generator, stream] as const);
  kernel.streams = new Map([...around, ...inside]);
  lower();
  kernel.streams = around;
}

/** A loop of so many iterations owns its draws wherever it stands. */
const ownsFrom = 4096n;

export interface CountedParts {
  readonly trips: Trips;
  readonly owned: Owning;
  /** Gives the body what it counts with. */
  readonly begin: (inner: Block, index: Value) => void;
}

/** A `for` of the kernel language. */
export function countedLoop(
  body: Body,
  node: Node,
  code: AnyNode,
  block: Block,
  { trips, owned, begin }: CountedParts,
): void {
  const names = body.pendingNames.splice(0);
  const { kernel } = body;
  const carrying = new Carrying(body, block, [code]);
  const { carried, inner, values } = carrying;
  const label = kernel.newLabel();
  const index = new Value('i64', 'index');
  withDraws(kernel, owned, () => {
    begin(inner, index);
    body.loops.push({ label, names, isSwitch: false, values, beforeNext: () => {}, isLeft: true });
    lowerPart(body, code as SyntaxStatement, inner);
    body.loops.pop();
  });
  if (inner.terminator === undefined) inner.end({ kind: 'yield', operands: values(inner, node) });
  const results = carrying.finish(block);
  const source = kernel.places.loop(body.source, node);
  const streams = [...owned.values()];
  block.statements.push(
    forOf({ label, index, count: trips.count, carried, owned: streams, results, body: inner.region(), source }),
  );
}

type ForParts = Pick<For, 'label' | 'index' | 'count' | 'carried' | 'owned' | 'results' | 'body' | 'source'>;

export const forOf = (parts: ForParts, reductions: readonly LoopReduction[] = [], isParallel = false): For => ({
  kind: 'for',
  start: i64(0n),
  step: 1,
  isParallel,
  reductions,
  ...parts,
});

/** What a `for … of` gives its name. */
export function giveEach(body: Body, left: AnyNode, element: Thing, block: Block): void {
  const isNew = left.type === 'VariableDeclaration';
  const pattern = (isNew ? left.declarations[0]!.id : left) as AnyNode;
  const give = (identifier: AnyNode & { name: string }, thing: Thing): void => {
    if (isNew) block.environment.set(body.names.declarationOf(identifier)!, thing);
    else write(body, identifier, thing, block);
  };
  takeApart(body, pattern, element, give, block);
}
