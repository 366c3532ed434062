// An entry or routine and the functions outlined from its loops: they run one inside the other, share a frame, and hand each other their
// values through it.
import type { For, Kernel, Loop, Stream } from '../../ir/nodes.js';
import { Value } from '../../ir/nodes.js';
import type { Type } from '../../ir/types.js';
import type { Frame } from './frame.js';
import type { LateConstant } from './module-parts.js';
import type { SoleUses } from './uses.js';

/** Inside the module only: what outlined loops return beside the statuses of layout.ts. */
export const statusReturned = 4;
/** The slice is over, the loop is not. */
export const statusSlice = 5;
const firstExitStatus = 16;

/** A way out of an outlined loop: `break` or `continue`, of itself or of a loop around. */
export interface Exit {
  readonly loop: For | Loop;
  readonly kind: 'break' | 'continue';
  readonly status: number;
  /** What is handed on to the loop's own values, and lies in the frame from the offset on as they are held, one behind the other. */
  readonly offset: number;
}

/** What a way out assigns. */
export const valuesOfExit = ({ loop, kind }: Pick<Exit, 'loop' | 'kind'>): readonly Value[] =>
  kind === 'break' ? loop.results : loop.carried.map(({ value }) => value);

/** A loop as a function of its own, and what has to be done around a call of it. */
export interface Outlined {
  readonly index: number;
  /** What it finds in the frame, besides what it carries. */
  readonly captured: ReadonlySet<Value>;
  /** Streams whose states it finds in memory. */
  readonly streams: readonly Stream[];
  readonly exits: ReadonlySet<Exit>;
  readonly returns: boolean;
}

export class Family {
  readonly kind: 'kernel' | 'section' | 'routine';
  readonly name: string;
  /** Whose parameters and buffers lie in the descriptor. */
  readonly kernel: Kernel | undefined;
  readonly frame: Frame;
  readonly isFramed: boolean;
  readonly results: readonly Type[];
  readonly uses: SoleUses;
  /** Of a section: what is assigned in it; everything else is to be found in the descriptor. */
  readonly own: ReadonlySet<Value> | undefined;
  /** Of a section: what it finds there. */
  readonly captured = new Set<Value>();
  /** The addresses of a routine's streams. */
  readonly pointers: ReadonlyMap<Stream, Value>;
  readonly outlined = new Map<For | Loop, Outlined>();
  readonly #exits = new Map<For | Loop, Partial<Record<Exit['kind'], Exit>>>();
  #nextStatus = firstExitStatus;
  /** Constants that stand for the size of the frame. */
  readonly frameSizes: LateConstant[] = [];

  constructor(
    facts: Pick<Family, 'kind' | 'name' | 'kernel' | 'frame' | 'isFramed' | 'results' | 'uses' | 'own'>,
    streams: readonly Stream[] = [],
  ) {
    this.kind = facts.kind;
    this.name = facts.name;
    this.kernel = facts.kernel;
    this.frame = facts.frame;
    this.isFramed = facts.isFramed;
    this.results = facts.results;
    this.uses = facts.uses;
    this.own = facts.own;
    this.pointers = new Map(streams.map((stream) => [stream, new Value('i32', stream.name)]));
  }

  /** `bytesOf` tells what a value takes in the frame. */
  exitOf(loop: For | Loop, kind: Exit['kind'], bytesOf: (value: Value) => number): Exit {
    let exits = this.#exits.get(loop);
    if (exits === undefined) this.#exits.set(loop, (exits = {}));
    const known = exits[kind];
    if (known) return known;
    const bytes = valuesOfExit({ loop, kind }).reduce((sum, value) => sum + bytesOf(value), 0);
    const exit: Exit = {
      loop,
      kind,
      status: this.#nextStatus++,
      offset: this.frame.place({}, bytes),
    };
    exits[kind] = exit;
    return exit;
  }

  /** The frame's size is known when all of its functions are written. */
  close(): void {
    for (const constant of this.frameSizes) constant[1] = this.frame.end;
  }
}
