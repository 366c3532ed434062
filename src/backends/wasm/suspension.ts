// Where the body of a kernel stops to have something done for it: at parallel loops, which the runtime shares out, at memory that only the
// runtime can lend, and at every start of an iteration around one of these. Everything else of the body is code that runs through; but where
// memory is not shared, and so no other thread could stop it, its long loops return after every slice.
import { Constant } from '../../ir/nodes.js';
import type { Allocate, For, Kernel, Loop, Region, Statement, Stream } from '../../ir/nodes.js';
import { storageTypes } from '../../ir/types.js';
import { regionsOf } from '../../ir/walk.js';

/** Buffers of more bytes, and those whose extents only the run knows, are the runtime's; smaller ones lie in scratch memory. */
const largestOwnBytes = 65_536;

/** Bytes of a buffer that lies in scratch memory, or undefined. */
export function ownBytesOf({ shape, storage }: Allocate['buffer']): number | undefined {
  let bytes: number = storageTypes[storage].byteLength;
  for (const extent of shape) {
    if (!(extent instanceof Constant)) return undefined;
    bytes *= Math.max(0, Number(extent.value));
  }
  return bytes <= largestOwnBytes ? bytes : undefined;
}

/** Streams that a loop draws from, or hands on, and does not begin. */
export function freeStreams(loop: For | Loop): Set<Stream> {
  const own = new Set<Stream>();
  const used = new Set<Stream>();
  if (loop.kind === 'for') for (const { stream } of loop.owned) own.add(stream);
  const visit = (region: Region): void => {
    for (const statement of region.statements) {
      if (statement.kind === 'stream') own.add(statement.stream);
      if (statement.kind === 'for') for (const { stream } of statement.owned) own.add(stream);
      if (statement.kind === 'draw') used.add(statement.stream);
      if (statement.kind === 'call') for (const stream of statement.streams) used.add(stream);
      for (const inner of regionsOf(statement)) visit(inner);
    }
  };
  visit(loop.body);
  for (const stream of own) used.delete(stream);
  return used;
}

export class SuspensionPlan {
  readonly #points = new Map<Statement, number>();
  readonly #paused = new Set<Statement>();
  readonly #asking = new Map<Statement, boolean>();
  readonly #mayPause: (loop: For | Loop) => boolean;

  /** Of the loops that ask for nothing, those that `mayPause` return to the caller after every slice. */
  constructor({ body }: Pick<Kernel, 'body'>, mayPause: (loop: For | Loop) => boolean = () => false) {
    this.#mayPause = mayPause;
    this.#count(body);
  }

  /** Whether it is a loop that is driven from the body, and comes back from there after every slice. */
  isPaused(loop: For | Loop): boolean {
    return this.#paused.has(loop);
  }

  /** How many points lie in a statement, or are it. */
  pointsOf(statement: Statement): number {
    return this.#points.get(statement) ?? 0;
  }

  pointsIn({ statements }: Region): number {
    return statements.reduce((sum, statement) => sum + this.pointsOf(statement), 0);
  }

  /** Whether the iterations of a loop are another entry of the module, which the runtime calls from wherever it likes. */
  isSection(loop: For): boolean {
    // Generators of a block go on from one iteration to another, and so do those from outside.
    return loop.isParallel && loop.owned.every(({ kind }) => kind !== 'lanes') && freeStreams(loop).size === 0;
  }

  #count(region: Region): number {
    let sum = 0;
    for (const statement of region.statements) {
      const points = this.#countStatement(statement);
      if (points > 0) this.#points.set(statement, points);
      sum += points;
    }
    return sum;
  }

  #countStatement(statement: Statement): number {
    if (statement.kind === 'allocate') return ownBytesOf(statement.buffer) === undefined ? 1 : 0;
    if (statement.kind === 'for' && this.isSection(statement)) return 1;
    if (statement.kind === 'for' || statement.kind === 'loop') {
      if (this.#asks(statement)) return this.#countInside(statement) + 1;
      if (!this.#mayPause(statement)) return 0;
      this.#paused.add(statement);
      return 1;
    }
    return this.#countInside(statement);
  }

  #countInside(statement: Statement): number {
    return regionsOf(statement).reduce((sum, region) => sum + this.#count(region), 0);
  }

  /** Whether there is something in a loop, besides loops, that the runtime has to do. */
  #asks(loop: For | Loop): boolean {
    let asks = this.#asking.get(loop);
    if (asks === undefined) {
      asks = loop.body.statements.some((statement) => this.#isOrHoldsRequest(statement));
      this.#asking.set(loop, asks);
    }
    return asks;
  }

  #isOrHoldsRequest(statement: Statement): boolean {
    if (statement.kind === 'allocate') return ownBytesOf(statement.buffer) === undefined;
    if (statement.kind === 'for' && this.isSection(statement)) return true;
    if (statement.kind === 'for' || statement.kind === 'loop') return this.#asks(statement);
    return regionsOf(statement).some(({ statements }) => statements.some((inner) => this.#isOrHoldsRequest(inner)));
  }
}
