// The interpreter for programs and inputs that people give: what the interpreter takes for granted is asked here, and what it can only call
// a bug of ours is told as what it is here, a mistake in the program.
import { InternalError, UserError } from '../base/errors.js';
import { nearest } from '../base/nearest.js';
import { showValue } from '../base/show-value.js';
import { interpret as interpretLegal } from '../ir/interpret.js';
import type { BufferData, Datum, OpenGenerator, Outcome } from '../ir/interpret.js';
import type { Kernel, Program } from '../ir/nodes.js';
import { elementOf, lanesOf, storageTypes } from '../ir/types.js';
import type { ScalarType, Type } from '../ir/types.js';
import { generatorOf } from '../random/keys.js';
import { expectLegal } from './explain.js';

/** What a kernel is run with. */
export interface Inputs {
  /** Those of its parameters, in order: bigint for i64, boolean for bool, number for the rest, an array of them for lanes. */
  readonly scalars?: readonly Datum[];
  /** The memory of its buffers, in order; stores go into it. */
  readonly buffers?: readonly BufferData[];
  /** Where draws come from; by default heddle's own generators, by the law of docs/random.md. */
  readonly openGenerator?: OpenGenerator;
}

/**
 * Runs a kernel of a program one scalar at a time: the results, or the record of the check that failed.
 *
 * @throws {UserError} IR004 for a program that is not legal, IR005 for a kernel that cannot be run with these inputs
 * @example
 * import { interpret, readProgram } from 'heddle/ir';
 * const program = readProgram('kernel @half(%x: f64) -> (f64) {\n  body {\n    %y = mul.f64 %x 0.5\n    return [%y]\n  }\n}');
 * console.log(interpret(program, 'half', { scalars: [7] }).results); // [ 3.5 ]
 */
export function interpret(program: Program, name: string, inputs: Inputs = {}): Outcome {
  expectLegal(program);
  const { scalars = [], buffers = [], openGenerator = generatorOf } = inputs;
  const kernel = program.kernels.find((candidate) => candidate.name === name);
  if (kernel === undefined) {
    const known = program.kernels.map((candidate) => candidate.name);
    const guess = nearest(name, known);
    throw new UserError('IR005', `there is no kernel @${name}`, {
      fix:
        guess === undefined
          ? `it has ${known.map((each) => `@${each}`).join(', ') || 'none'}`
          : `did you mean @${guess}?`,
    });
  }
  expectInputs(kernel, scalars, buffers);
  try {
    return interpretLegal(program, name, { scalars, buffers, openGenerator });
  } catch (error) {
    if (error instanceof InternalError && error.code === 'IR003')
      throw new UserError('IR005', `@${name} cannot be run with these inputs: ${error.summary}`, { cause: error });
    if (error instanceof RangeError)
      throw new UserError('IR005', `@${name} cannot be run with these inputs: ${error.message}`, { cause: error });
    throw error;
  }
}

function expectInputs(kernel: Kernel, scalars: readonly Datum[], buffers: readonly BufferData[]): void {
  const refuse = (what: string, fix: string): never => {
    throw new UserError('IR005', `@${kernel.name} cannot be run with these inputs: ${what}`, { fix });
  };
  const { parameters } = kernel;
  if (scalars.length !== parameters.length)
    refuse(
      `it has ${parameters.length} parameters, and was given ${scalars.length} scalars`,
      `give ${parameters.map(({ name, type }) => `%${name}: ${type}`).join(', ') || 'none'}`,
    );
  for (const [index, { name, type }] of parameters.entries()) {
    if (!fits(scalars[index]!, type))
      refuse(
        `%${name} cannot be ${showValue(scalars[index])}`,
        `give ${looks[elementOf(type)]}${lanesOf(type) > 1 ? `, ${lanesOf(type)} of them` : ''}`,
      );
  }
  if (buffers.length !== kernel.buffers.length)
    refuse(
      `it has ${kernel.buffers.length} buffers, and was given ${buffers.length}`,
      `give ${kernel.buffers.map(({ name, storage }) => `${name}: ${storage}`).join(', ') || 'none'}`,
    );
  for (const [index, { name, storage }] of kernel.buffers.entries()) {
    const { elements, offset } = buffers[index]!;
    const wanted = storageTypes[storage].byteLength === 8 && storage !== 'f64' ? 'bigint' : 'number';
    if (!Number.isSafeInteger(offset) || elements === undefined)
      refuse(
        `the buffer ${name} is not { elements, offset }`,
        'give the array that holds it, and the place of its element [0, 0, …]',
      );
    if (elements.length > 0 && typeof elements[0] !== wanted)
      refuse(`the elements of ${name}: ${storage} are ${typeof elements[0]}s`, `give an array of ${wanted}s`);
  }
}

const looks: Readonly<Record<ScalarType, string>> = {
  bool: 'a boolean',
  i32: 'an integer number of 32 bits, such as 1',
  i64: 'a bigint of 64 bits, such as 1n',
  f32: 'a number that float32 has, such as Math.fround(0.1)',
  f64: 'a number',
};

function fits(datum: Datum, type: Type): boolean {
  const lanes = lanesOf(type);
  if (lanes > 1)
    return (
      Array.isArray(datum) && datum.length === lanes && datum.every((lane) => fits(lane as Datum, elementOf(type)))
    );
  switch (elementOf(type)) {
    case 'bool':
      return typeof datum === 'boolean';
    case 'i32':
      return typeof datum === 'number' && Object.is(datum | 0, datum);
    case 'i64':
      return typeof datum === 'bigint' && BigInt.asIntN(64, datum) === datum;
    case 'f32':
      return typeof datum === 'number' && Object.is(Math.fround(datum), datum);
    case 'f64':
      return typeof datum === 'number';
  }
}
