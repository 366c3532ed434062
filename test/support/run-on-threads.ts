// Runs a kernel as the runtime does, in the heap and with the team of threads sharing its parallel loops. From the built package, as workers
// load nothing else; so the program goes there as text.
import { readProgram } from '../../dist/ir/read.js';
import { allocate, openHeap, release } from '../../dist/memory/heap.js';
import { CheckFailure } from '../../dist/runtime/check-failure.js';
import { instantiate } from '../../dist/runtime/executable.js';
import { stopTeam } from '../../dist/runtime/team/index.js';
import type { BufferData, Datum, Outcome } from '../../src/ir/interpret.js';
import type { Scalar } from '../../src/ir/operations.js';

export { stopTeam };

/** A callable form of the first kernel of `text`, which has gone through the passes. */
export function instantiateText(text: string): ReturnType<typeof instantiate> {
  const program = readProgram(text);
  return instantiate(program, program.kernels[0]!);
}

/** Calls it over buffers that are copied into the heap and back. */
export function callOnThreads(
  executable: ReturnType<typeof instantiate>,
  scalars: readonly Datum[],
  buffers: readonly BufferData[],
  threads: number,
): Outcome {
  // Buffers that share their elements share them there.
  const places = new Map<BufferData['elements'], number>();
  const addresses = buffers.map(({ elements, offset }) => {
    const own = elements as Float64Array;
    let address = places.get(elements);
    if (address === undefined) {
      places.set(elements, (address = allocate(Math.max(1, own.byteLength))));
      openHeap().bytes.set(bytesOf(own), address);
    }
    return address + offset * own.BYTES_PER_ELEMENT;
  });
  try {
    return { results: executable.call(scalars as readonly Scalar[], addresses, threads), error: undefined };
  } catch (error) {
    if (!(error instanceof CheckFailure)) throw error;
    return { results: [], error: error.record };
  } finally {
    for (const [elements, address] of places) {
      const own = bytesOf(elements as Float64Array);
      own.set(openHeap().bytes.subarray(address, address + own.length));
      release(address);
    }
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
