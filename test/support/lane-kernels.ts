// Runs a kernel twice, interpreted and compiled to WebAssembly, on copies of the same buffers, and expects the same of both, bit for
// bit: results, buffers, failed checks.
import { expect } from 'vitest';
import { interpret } from '../../src/ir/interpret.js';
import type { Outcome } from '../../src/ir/interpret.js';
import type { Scalar } from '../../src/ir/operations.js';
import { readProgram } from '../../src/ir/read.js';
import { assertLegal } from '../../src/ir/verify.js';
import { generatorOf } from '../../src/random/keys.js';
import { runCompiled } from './run-compiled.js';

export type Elements =
  | Float64Array
  | Float32Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** A buffer's elements, and which of them is [0, 0, …]. */
export interface BufferContents {
  readonly elements: Elements;
  readonly offset: number;
}

/** Many instances are made, and each takes all of its memory. */
const pages = 16;

export const inKernel = (parameters: string, results: string, head: string, body: string): string =>
  `kernel @k(${parameters}) -> (${results}) {\n${head}\n  body {\n${body}\n  }\n}\n`;

export interface Comparison {
  readonly outcome: Outcome;
  /** As they are afterwards; none after a failure, when nobody looks at them. */
  readonly buffers: readonly Elements[];
  /** How often the kernel asked for something, by kind. */
  readonly requests: Readonly<Record<number, number>>;
}

/** Reads the text, and runs its first kernel both ways; the buffers lie at the end of memory, the first one last. */
export function expectSame(
  text: string,
  scalars: readonly Scalar[],
  buffers: readonly (Elements | BufferContents)[] = [],
  budget?: number,
): Comparison {
  const program = readProgram(text);
  assertLegal(program, 'reading');
  const kernel = program.kernels[0]!;
  const copies = (): BufferContents[] =>
    buffers.map((buffer) =>
      'offset' in buffer
        ? { elements: buffer.elements.slice(), offset: buffer.offset }
        : { elements: buffer.slice(), offset: 0 },
    );
  const [before, after] = [copies(), copies()];
  const interpreted = interpret(program, kernel.name, {
    scalars,
    buffers: before,
    openGenerator: generatorOf,
  });
  const { results, error, requests } = runCompiled(program, kernel, scalars, after, {
    isAtEnd: true,
    pages,
    budget,
  });
  const pausing = copies();
  const { results: again, error: failed } = runCompiled(program, kernel, scalars, pausing, {
    pages,
    budget,
    isShared: false,
  });
  expect([again, failed]).toEqual([results, error]);
  if (error === undefined) expect(pausing).toEqual(after);
  // The interpreter knows nothing of how the iterations of parallel loops are counted.
  expect({ results, error: error && { ...error, iteration: 0 } }).toEqual(interpreted);
  if (error !== undefined) return { outcome: { results, error }, buffers: [], requests };
  for (const [index, { elements }] of after.entries()) expect(elements).toEqual(before[index]!.elements);
  return { outcome: interpreted, buffers: after.map(({ elements }) => elements), requests };
}
