// The nodes of the kernel language: a kernel is a nest of parallel dimensions around a structured body in single-assignment form. A
// value is assigned once; what changes in a loop or differs between branches is handed on by name (`yield`, `continue`, `break`), so a
// pass never has to ask which assignment reaches a use. The text form is in print.ts and read.ts, what is legal in verify.ts.
import type { OperationName, Scalar } from './operations.js';
import type { ScalarType, StorageType, Type } from './types.js';

/** Assigned once, by a statement, a parameter or a region's start; identity is what counts, the name is for people. */
export class Value {
  readonly type: Type;
  name: string;

  constructor(type: Type, name: string) {
    this.type = type;
    this.name = name;
  }
}

/** A number written in the code; of a lane type, the same in every lane. */
export class Constant {
  readonly type: Type;
  readonly value: Scalar;

  constructor(type: Type, value: Scalar) {
    this.type = type;
    this.value = value;
  }
}

export type Operand = Value | Constant;

/** A generator of random numbers, or one a lane: a state that draws move on (docs/random.md). Not a value: it cannot be copied. */
export class Stream {
  name: string;
  readonly lanes: number;

  constructor(name: string, lanes = 1) {
    this.name = name;
    this.lanes = lanes;
  }
}

/** Rule 8 of docs/random.md: iterations of a block, and the generators that they share. */
export const blockLength = 4096;
export const logicalLanes = 16;

/** How a loop that owns its draws gives each iteration o its generator: rule 8 (16 lanes a block of 4096) or rule 9 (each its own). */
export interface OwnedStream {
  readonly stream: Stream;
  readonly kind: 'lanes' | 'each';
  /** An i64; the loop's key k. */
  readonly key: Operand;
  /** An i64 added to the ordinal of each generator: rows of a random array follow each other (rule 15); a multiple of 16 for `lanes`. */
  readonly base: Operand;
  /** The stream of an earlier loop with the same kind and key, where this one goes on: its generators stand where that one left them. */
  readonly continues: Stream | undefined;
}

/** Elements of one storage type; the address of [i, j, …] is base + Σ index·stride elements. */
export interface Buffer {
  readonly name: string;
  readonly storage: StorageType;
  /** Extents, i64, one a dimension. */
  readonly shape: readonly Operand[];
  /** In elements, i64, one a dimension; negative and zero are allowed. */
  readonly strides: readonly Operand[];
  readonly access: 'read' | 'write' | 'both';
  /** Buffers of different classes never overlap; of one class they may, at run time. */
  readonly aliasClass: number;
}

/** Where in the user's source a statement comes from: a number whose meaning its front end keeps; −1 for none. */
export type SourceId = number;

interface Sourced {
  readonly source: SourceId;
}

export interface Pure extends Sourced {
  readonly kind: 'pure';
  readonly operation: OperationName;
  /** T of the operation. */
  readonly over: Type;
  readonly operands: readonly Operand[];
  readonly result: Value;
}

export interface Load extends Sourced {
  readonly kind: 'load';
  readonly buffer: Buffer;
  readonly index: readonly Operand[];
  /** Lanes that are off are not read, and give zero. */
  readonly mask: Operand | undefined;
  readonly result: Value;
}

export interface Store extends Sourced {
  readonly kind: 'store';
  readonly buffer: Buffer;
  readonly index: readonly Operand[];
  readonly value: Operand;
  readonly mask: Operand | undefined;
}

/** Fails the kernel where `condition` is false: (site, iteration, index, length) go into the error record. */
export interface Check extends Sourced {
  readonly kind: 'check';
  readonly condition: Operand;
  readonly site: number;
  readonly index: Operand;
  readonly length: Operand;
}

/** Starts gen(key, ordinal), or with lanes of ordinals one generator each. */
export interface OpenStream extends Sourced {
  readonly kind: 'stream';
  readonly stream: Stream;
  readonly key: Operand;
  readonly ordinal: Operand;
}

/** One step of a stream: `f64` and `f32` give [0, 1), `i64` the raw bits. Lanes that are masked off do not step, and give zero. */
export interface Draw extends Sourced {
  readonly kind: 'draw';
  readonly stream: Stream;
  readonly mask: Operand | undefined;
  readonly result: Value;
}

/** The same scalar in every lane. */
export interface Splat extends Sourced {
  readonly kind: 'splat';
  readonly operand: Operand;
  readonly result: Value;
}

/** Lane p gets operand + p. */
export interface Ramp extends Sourced {
  readonly kind: 'ramp';
  readonly operand: Operand;
  readonly result: Value;
}

/** Begins a buffer of the kernel's own, in C order and filled with zeros; it lives until the region around ends. */
export interface Allocate extends Sourced {
  readonly kind: 'allocate';
  readonly buffer: Buffer;
}

export const foldOperations = ['add', 'min', 'max', 'and', 'or'] as const;

/** The lanes put together, first to last. */
export interface Fold extends Sourced {
  readonly kind: 'fold';
  readonly operation: (typeof foldOperations)[number];
  readonly operand: Operand;
  readonly result: Value;
}

export interface If extends Sourced {
  readonly kind: 'if';
  readonly condition: Operand;
  readonly results: readonly Value[];
  readonly consequent: Region;
  readonly alternate: Region;
}

/** A value that a loop carries: `value` inside it, `initial` before the first iteration. */
export interface Carried {
  readonly value: Value;
  readonly initial: Operand;
}

/**
 * Iterations o = start, start + step, … in order, as long as o + step ≤ count; the results are what the last one yields, or `break` gives.
 * With a step above 1 an iteration does the work of that many ordinals, in lanes: a stream that it owns has as many.
 * Iterations of a parallel loop may run in any order, and at once: it carries nothing, and what they gather are reductions.
 */
export interface For extends Sourced {
  readonly kind: 'for';
  readonly label: string;
  /** The ordinal, i64. */
  readonly index: Value;
  /** i64. */
  readonly start: Operand;
  readonly step: number;
  /** i64. */
  readonly count: Operand;
  readonly carried: readonly Carried[];
  readonly owned: readonly OwnedStream[];
  readonly isParallel: boolean;
  readonly reductions: readonly LoopReduction[];
  /** What it carries at its end, then what its reductions have gathered. */
  readonly results: readonly Value[];
  readonly body: Region;
}

/** Repeats until `break`; `continue` begins the next round. */
export interface Loop extends Sourced {
  readonly kind: 'loop';
  readonly label: string;
  readonly carried: readonly Carried[];
  readonly results: readonly Value[];
  readonly body: Region;
}

export interface Call extends Sourced {
  readonly kind: 'call';
  readonly callee: string;
  readonly operands: readonly Operand[];
  /** Streams that the routine may draw from. */
  readonly streams: readonly Stream[];
  readonly results: readonly Value[];
}

/** Gives one element to a reduction of the kernel, or of a loop around, unless the mask is off. */
export interface Reduce extends Sourced {
  readonly kind: 'reduce';
  readonly reduction: Reduction | LoopReduction;
  readonly value: Operand;
  readonly mask: Operand | undefined;
}

export type Statement =
  Pure | Splat | Ramp | Fold | Load | Store | Allocate | Check | OpenStream | Draw | If | For | Loop | Call | Reduce;
export type StatementKind = Statement['kind'];

export type Terminator =
  /** Ends a branch with its results, or an iteration with the values for the next. */
  | { readonly kind: 'yield'; readonly operands: readonly Operand[] }
  /** Leaves the loop of that label with its results. */
  | { readonly kind: 'break'; readonly label: string; readonly operands: readonly Operand[] }
  /** Ends the iteration of the loop of that label with the values for the next. */
  | { readonly kind: 'continue'; readonly label: string; readonly operands: readonly Operand[] }
  | { readonly kind: 'return'; readonly operands: readonly Operand[] }
  /** Never reached; to get here is a bug of ours. */
  | { readonly kind: 'unreachable' };

export interface Region {
  readonly statements: readonly Statement[];
  readonly terminator: Terminator;
}

/** One parallel dimension: its iterations may run in any order, and at once. */
export interface Dimension {
  /** i64, 0 … extent − 1. */
  readonly index: Value;
  readonly extent: Operand;
  readonly owned: readonly OwnedStream[];
}

/** `least` and `greatest` are compare-and-keep (`if (v < m) m = v`), unlike `min` and `max`; the last two give an ordinal (numerics.md, 3). */
export const reductionOperators = [
  'add',
  'mul',
  'min',
  'max',
  'and',
  'or',
  'count',
  'least',
  'greatest',
  'argLeast',
  'argGreatest',
] as const;
export type ReductionOperator = (typeof reductionOperators)[number];

/** What reductions of a nest and of a loop have in common. */
export interface Gathering {
  readonly name: string;
  /** Of what an iteration gives; `count` counts bools. */
  readonly element: ScalarType;
  readonly operator: ReductionOperator;
  /** Partial results of a leaf in the tree of numerics.md, 7: 16, or 1 where the last axis is not among the dimensions. */
  readonly partials: 1 | 16;
}

/** What the iterations of a loop gather; an iteration contributes one element, what it gives in program order. */
export interface LoopReduction extends Gathering {
  /** The value before the loop, combined last; untouched where no iteration contributes. */
  readonly initial: Operand;
}

/** What is gathered over some dimensions: one result for each point of the others. */
export interface Reduction extends Gathering {
  /** Names of the dimensions that it runs over, outer first; its ordinal is their flat index. */
  readonly over: readonly string[];
  /** Where results go, indexed by the other dimensions. */
  readonly into: Buffer;
}

export function resultTypeOf({ element, operator }: Pick<Reduction, 'element' | 'operator'>): ScalarType {
  return operator === 'count' || operator === 'argLeast' || operator === 'argGreatest' ? 'i64' : element;
}

/** A routine: called by kernels and routines; the mathematical functions are routines. */
export interface Routine {
  readonly name: string;
  readonly parameters: readonly Value[];
  /** The caller's streams that it may draw from. */
  readonly streams: readonly Stream[];
  readonly results: readonly Type[];
  readonly body: Region;
}

export interface Kernel {
  readonly name: string;
  readonly parameters: readonly Value[];
  readonly buffers: readonly Buffer[];
  readonly dimensions: readonly Dimension[];
  readonly reductions: readonly Reduction[];
  /** Of `return`; only without dimensions. */
  readonly results: readonly Type[];
  readonly body: Region;
}

/** What is compiled together, and can be stored and sent: plain data. */
export interface Program {
  readonly routines: readonly Routine[];
  readonly kernels: readonly Kernel[];
}
