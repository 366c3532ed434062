// An iteration space made small: axes of one element go, neighbors that every operand walks in one line become one, and outer ones are left
// to a loop around the kernel where a nest has no room for them or where random rows ask for it.
import { drawBlock, rowLengthOf } from './fuse.js';
import type { Affine, DrawLeaf, Instruction } from './fuse.js';

/** Dimensions of a nest. */
const mostDimensions = 4;

export interface Space {
  readonly extents: readonly number[];
  readonly isReduced: readonly boolean[];
  readonly instructions: readonly Instruction[];
  /** What is written: one place for each. */
  readonly outputs: readonly Affine[];
  /** So many of the outer dimensions are not the kernel's. */
  readonly outer: number;
}

/** A space, and the instructions that give the elements of each output. */
export type Written = Space & { readonly results: readonly number[] };

function affinesOf(instructions: readonly Instruction[], outputs: readonly Affine[]): Affine[] {
  return [
    ...outputs,
    ...instructions.flatMap((instruction) => {
      if (instruction.kind === 'draw') return [instruction.row, instruction.column];
      return 'at' in instruction ? [instruction.at] : [];
    }),
  ];
}

/** Keeps of each affine function the strides of some dimensions. */
function keepDimensions(instructions: readonly Instruction[], outputs: readonly Affine[], kept: readonly number[]) {
  const keep = ({ offset, strides }: Affine): Affine => ({ offset, strides: kept.map((d) => strides[d]!) });
  return {
    outputs: outputs.map(keep),
    instructions: instructions.map((instruction): Instruction => {
      if (instruction.kind === 'draw')
        return { ...instruction, row: keep(instruction.row), column: keep(instruction.column) };
      return 'at' in instruction ? { ...instruction, at: keep(instruction.at) } : instruction;
    }),
  };
}

/**
 * Drops and joins dimensions. With `wantsReducedLast` the last one is one that is reduced, if need be of one element: the 16 partials of a
 * sum are told apart by it.
 */
export function collapse(
  shape: readonly number[],
  reduced: readonly boolean[],
  instructions: readonly Instruction[],
  outputs: readonly Affine[],
  wantsReducedLast: boolean,
): Space {
  const affines = affinesOf(instructions, outputs);
  const extents: number[] = [];
  const isReduced: boolean[] = [];
  const kept: number[] = [];
  for (const [d, extent] of shape.entries()) {
    if (extent === 1) continue;
    const before = kept.length - 1;
    const joins = (outer: number): boolean =>
      reduced[outer] === reduced[d] && affines.every(({ strides }) => strides[outer] === strides[d]! * extent);
    if (before >= 0 && joins(kept[before]!)) {
      extents[before]! *= extent;
      kept[before] = d;
    } else {
      extents.push(extent);
      isReduced.push(reduced[d]!);
      kept.push(d);
    }
  }
  const hasReduced = isReduced.includes(true);
  const addsReduced = reduced.includes(true) && (!hasReduced || (wantsReducedLast && isReduced.at(-1) !== true));
  let { outputs: newOutputs, instructions: newInstructions } = keepDimensions(instructions, outputs, kept);
  if (addsReduced || extents.length === 0) {
    extents.push(1);
    isReduced.push(addsReduced);
    const padded = keepDimensions(newInstructions, newOutputs, [...kept.keys(), kept.length]);
    const fill = ({ offset, strides }: Affine): Affine => ({ offset, strides: strides.map((stride) => stride ?? 0) });
    newOutputs = padded.outputs.map(fill);
    newInstructions = padded.instructions.map((instruction): Instruction => {
      if (instruction.kind === 'draw')
        return { ...instruction, row: fill(instruction.row), column: fill(instruction.column) };
      return 'at' in instruction ? { ...instruction, at: fill(instruction.at) } : instruction;
    });
  }
  return { extents, isReduced, instructions: newInstructions, outputs: newOutputs, outer: 0 };
}

/** Rows in a loop around the kernel have to be worth a call each. */
const mostShortRows = 8;

/**
 * How many outer dimensions have to be left to a loop around the kernel: undefined where even that does not make a nest of it. Draws want
 * one dimension, walked at stride 1 from the start of a block (docs/random.md, 16).
 */
export function outerDimensions({ extents, isReduced, instructions }: Space): number | undefined {
  const draws = instructions.filter((instruction) => instruction.kind === 'draw');
  const rank = extents.length;
  const outer = draws.length > 0 ? rank - 1 : Math.max(0, rank - mostDimensions);
  if (isReduced.slice(0, outer).includes(true)) return undefined;
  if (draws.length === 0) return outer;
  const calls = extents.slice(0, outer).reduce((product, extent) => product * extent, 1);
  const isWorthIt = calls <= mostShortRows || extents[rank - 1]! >= drawBlock;
  return isWorthIt && draws.every((draw) => isInStep(draw, rank - 1)) ? outer : undefined;
}

function isInStep({ row, column }: DrawLeaf, last: number): boolean {
  const beginsBlock = (distance: number): boolean => distance % drawBlock === 0;
  return (
    row.strides[last] === 0 &&
    column.strides[last] === 1 &&
    beginsBlock(column.offset) &&
    column.strides.slice(0, last).every(beginsBlock)
  );
}

/** The rows and columns of a random array that a space touches: the first, and one past the last. */
export function touched({ row, column }: DrawLeaf, extents: readonly number[]) {
  const range = ({ offset, strides }: Affine): [number, number] => {
    let [low, high] = [offset, offset];
    for (const [d, stride] of strides.entries()) {
      const span = stride * (extents[d]! - 1);
      if (span < 0) low += span;
      else high += span;
    }
    return [low, high + 1];
  };
  const [firstRow, endRow] = range(row);
  const [firstColumn, endColumn] = range(column);
  return { firstRow, endRow, firstColumn: firstColumn - (firstColumn % drawBlock), endColumn };
}

/** The base of the generators of a row (docs/random.md, 15): 16 for each block before it, as an affine function of the outer dimensions. */
export function baseOf(draw: DrawLeaf): Affine {
  const blocks = Math.ceil(rowLengthOf(draw.node) / drawBlock);
  const { row, column } = draw;
  return {
    offset: 16 * (row.offset * blocks + column.offset / drawBlock),
    strides: row.strides.map((stride, d) => 16 * (stride * blocks + Math.floor(column.strides[d]! / drawBlock))),
  };
}
