// When a reduction that keeps the last axis is worth the kernels of columns.ts, and the steps that call them: one for the leaves, and where
// columns have several of them one for each output that puts them together.
import { blockLength } from '../ir/nodes.js';
import type { Scalar } from '../ir/operations.js';
import { columnsKernel, cutColumns, leavesKernel, leavesUnits, levelsOf } from './columns.js';
import type { ColumnOutput, ColumnsForm } from './columns.js';
import type { DType } from './dtypes.js';
import type { Written } from './iteration.js';
import { namesOf } from './kernel-form.js';
import type { BufferForm, InstructionForm, ReductionForm } from './kernel-form.js';
import { sizeOf } from './layout.js';
import type { Place } from './place.js';
import type { Step, StepBuffer, StepScalar } from './step.js';

/** Less than that is done before a second kernel is compiled. */
const leastWork = 16_384;
const leastColumns = 4;

/** What is read, as forms and as the numbers of this time. */
interface Read {
  readonly scalars: readonly StepScalar[];
  readonly buffers: readonly StepBuffer[];
  readonly bufferForms: readonly BufferForm[];
  readonly forms: readonly InstructionForm[];
}

const scalar = (value: Scalar | number): StepScalar => ({ value: typeof value === 'number' ? BigInt(value) : value });

/** Extents and strides of the dimensions that are kept. */
function keptOf({ extents, isReduced, outputs }: Written) {
  const kept = extents.flatMap((_, d) => (isReduced[d] ? [] : [d]));
  return {
    lengths: kept.map((d) => extents[d]!),
    strides: outputs.map((output) => kept.map((d) => output.strides[d]!)),
  };
}

const rowsOf = ({ extents, isReduced }: Written): number => sizeOf(extents.filter((_, d) => isReduced[d]));

/** Do the results follow each other, so that a kernel may take them as one row? */
function isOneRow(lengths: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let d = lengths.length - 1; d >= 0; d--) {
    if (strides[d] !== expected) return false;
    expected *= lengths[d]!;
  }
  return true;
}

export function canTakeColumns(
  space: Written,
  targets: readonly Place[],
  reductions: readonly ReductionForm[],
): boolean {
  const { outer, extents, isReduced, instructions } = space;
  const last = extents.length - 1;
  if (outer > 0 || isReduced[last] !== false || !isReduced.includes(true)) return false;
  if (extents[last]! < leastColumns || sizeOf(extents) < leastWork) return false;
  const canCombine = reductions.every(
    ({ operator, partials }) => partials === 1 && operator !== 'argLeast' && operator !== 'argGreatest',
  );
  if (!canCombine) return false;
  const areNear = instructions.every((instruction) => {
    if (instruction.kind === 'draw') return false;
    if (instruction.kind !== 'load') return true;
    const stride = instruction.at.strides[last]!;
    // What is put together is written while more is read.
    return (stride === 0 || stride === 1) && !targets.includes(instruction.place);
  });
  if (!areNear) return false;
  const { lengths, strides } = keptOf(space);
  return rowsOf(space) <= blockLength || strides.every((each) => isOneRow(lengths, each));
}

export function columnSteps(
  space: Written,
  read: Read,
  targets: readonly Place[],
  reductions: readonly ReductionForm[],
  reason: string,
  room: (dtype: DType, length: number) => Place,
): Step[] {
  const { extents, isReduced, outputs, results } = space;
  const { lengths, strides } = keptOf(space);
  const size = sizeOf(lengths);
  const { leaves, tile, tiles, units } = cutColumns(sizeOf(lengths.slice(0, -1)), rowsOf(space), lengths.at(-1)!);
  // Several leaves have a row each before they are put together, laid out as the results are.
  const into = outputs.map((output, q): StepBuffer => {
    if (leaves === 1) return { place: targets[q]!, at: { offset: output.offset, strides: [] } };
    return { place: room(targets[q]!.dtype, leaves * size), at: { offset: 0, strides: [] } };
  });
  const columnOutputs = results.map((result, q): ColumnOutput => {
    const { operator, dtype } = reductions[q]!;
    return { result, operator, from: dtype, to: targets[q]!.dtype, isNear: strides[q]!.at(-1) === 1 };
  });
  const form: ColumnsForm = {
    dimensions: isReduced.map((reduced) => (reduced ? 'reduced' : 'kept')),
    buffers: read.bufferForms,
    instructions: read.forms,
    outputs: columnOutputs,
  };
  const outputScalars = columnOutputs.flatMap(({ isNear }, q) => [
    ...strides[q]!.slice(0, -1),
    size,
    ...(isNear ? [] : [strides[q]!.at(-1)!]),
  ]);
  const steps: Step[] = [
    {
      key: `columns ${JSON.stringify(form)}`,
      kernel: () => columnsKernel(form),
      outer: [],
      buffers: [...read.buffers, ...into],
      scalars: [...read.scalars, ...[units, leaves, tile, tiles, ...outputScalars].map(scalar)],
      work: sizeOf(extents),
      reason,
      does: () =>
        namesOf(
          read.forms,
          reductions.map(({ operator }) => operator),
        ),
    },
  ];
  if (leaves === 1) return steps;
  for (const [q, { operator, to }] of columnOutputs.entries()) {
    steps.push({
      key: `leaves ${operator} ${to}`,
      kernel: () => leavesKernel(operator, to),
      outer: [],
      buffers: [into[q]!, { place: targets[q]!, at: { offset: outputs[q]!.offset, strides: [] } }],
      scalars: [leavesUnits(size), size, leaves, levelsOf(leaves)].map(scalar),
      work: leaves * size,
      reason: 'it puts together what the kernel before has made of every 4096 rows',
      does: () => ['leaves'],
    });
  }
  return steps;
}
