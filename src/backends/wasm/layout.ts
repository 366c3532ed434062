// Where a kernel's call finds its data: one record in the heap, of 64-bit slots, that caller and kernel both read from this page.
// Slots: the offset of the error record; the parameters; the buffers' offsets; the results. Offsets count bytes from the heap's base.
import type { Kernel } from '../../ir/nodes.js';

export const slotBytes = 8;
/** Of the error record: site + 1 (0: no error), iteration, index, length. */
export const errorRecordBytes = 4 * slotBytes;

export interface DescriptorLayout {
  /** Slot numbers; parameters, buffers and results follow one another from here. */
  readonly errorRecord: number;
  readonly parameters: number;
  readonly buffers: number;
  readonly results: number;
  readonly slots: number;
}

export function layoutOf({
  parameters,
  buffers,
  results,
}: Pick<Kernel, 'parameters' | 'buffers' | 'results'>): DescriptorLayout {
  const firstParameter = 1;
  const firstBuffer = firstParameter + parameters.length;
  const firstResult = firstBuffer + buffers.length;
  return {
    errorRecord: 0,
    parameters: firstParameter,
    buffers: firstBuffer,
    results: firstResult,
    slots: firstResult + results.length,
  };
}
