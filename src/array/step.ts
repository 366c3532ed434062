// A step of a plan: one kernel with what it works on this time. Most steps are made by fusion; what cannot be written out for one element
// (sorts, products of matrices, running sums, picking) says here which steps of its own make it out of operands that are stored.
import type { Kernel } from '../ir/nodes.js';
import type { Scalar } from '../ir/operations.js';
import type { DType } from './dtypes.js';
import type { Stored } from './expressions.js';
import type { Affine } from './fuse.js';
import type { Shape } from './layout.js';
import type { Place } from './place.js';

/** A number that the outer dimensions move, or that stays. */
export interface StepScalar {
  readonly value: Scalar;
  readonly strides?: readonly number[];
}

export interface StepBuffer {
  readonly place: Place;
  readonly at: Affine;
}

export interface Step {
  /** Steps with the same key have the same kernel. */
  readonly key: string;
  readonly kernel: () => Kernel;
  /** Extents of the loop around the kernel; the strides of buffers and scalars are theirs. */
  readonly outer: readonly number[];
  /** What is written are the last ones. */
  readonly buffers: readonly StepBuffer[];
  readonly scalars: readonly StepScalar[];
  /** Iterations of its nest, or what comes near: how much work it is. */
  readonly work: number;
  /** Why this is a step of its own. */
  readonly reason: string;
  /** What it does to each element, for people, in order. */
  readonly does: () => readonly string[];
}

/** Why a step follows the one before, of a row of kernels that belong together. */
export const goesOn = 'it goes on with what the kernel before has made';

/** What an array needs that is made by kernels of its own. */
export interface OwnKernels {
  /** Why nothing can be fused into it. */
  readonly reason: string;
  /** Operands may lie as they like; otherwise their elements follow each other. */
  readonly takesStrides?: boolean;
  /** The steps, given where the operands lie; memory for what is in between comes from `room`. */
  steps(operands: readonly Stored[], target: Stored, room: (dtype: DType, length: number) => Stored): OwnStep[];
  /** The shape in which the elements lie, where it is larger than the array's: what is beyond is room that the kernels want. */
  readonly padded?: Shape;
}

/** A step whose kernel is called once, with whole numbers. */
export interface OwnStep {
  readonly key: string;
  readonly kernel: () => Kernel;
  readonly buffers: readonly Stored[];
  readonly scalars: readonly number[];
}

export function ownStep({ key, kernel, buffers, scalars }: OwnStep, reason: string): Step {
  return {
    key,
    kernel,
    outer: [],
    buffers: buffers.map(({ place, offset }) => ({ place, at: { offset, strides: [] } })),
    scalars: scalars.map((value) => ({ value: BigInt(value) })),
    work: Math.max(...buffers.map(({ place }) => place.length)),
    reason,
    does: () => [kernel().name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)],
  };
}
