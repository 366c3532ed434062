// What a random program is run with: numbers for its parameters and memory for its buffers, from a seed and their names alone, so that a
// program keeps its inputs while it is made smaller. A parameter %n12 is 12. Buffers of one alias class overlap.
import type { BufferData, Datum, Environment } from '../../src/ir/interpret.js';
import { Constant } from '../../src/ir/nodes.js';
import type { Buffer, Kernel, Operand } from '../../src/ir/nodes.js';
import { arrayOf, elementOf, lanesOf, storageTypes } from '../../src/ir/types.js';
import type { StorageType } from '../../src/ir/types.js';
import { generatorOf } from '../../src/random/keys.js';
import { RandomNumbers, randomScalar } from './random-numbers.js';

export interface Inputs extends Environment {
  readonly buffers: readonly BufferData[];
}

/** FNV-1a. */
function hash(seed: number, name: string): number {
  let state = 0x811c9dc5 ^ seed;
  for (const character of name) state = Math.imul(state ^ character.codePointAt(0)!, 0x01000193);
  return Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
}

const knownValue = (name: string): bigint | undefined => {
  const digits = /^n(\d+)$/.exec(name)?.[1];
  return digits === undefined ? undefined : BigInt(digits);
};

export function inputsFor(kernel: Kernel, seed: number): Inputs {
  const scalars = kernel.parameters.map(({ name, type }): Datum => {
    const known = knownValue(name);
    if (known !== undefined) return known;
    const random = new RandomNumbers(hash(seed, name));
    const lanes = lanesOf(type);
    return lanes === 1
      ? randomScalar(random, elementOf(type))
      : Array.from({ length: lanes }, () => randomScalar(random, elementOf(type)));
  });
  return { scalars, buffers: memoryFor(kernel.buffers, seed), openGenerator: generatorOf };
}

const numberOf = (operand: Operand): number =>
  operand instanceof Constant ? Number(operand.value) : Number(knownValue(operand.name)!);

function memoryFor(buffers: readonly Buffer[], seed: number): BufferData[] {
  const spans = buffers.map((buffer) => {
    const extents = buffer.shape.map(numberOf);
    const strides = buffer.strides.map(numberOf);
    const reach = (sign: number): number =>
      extents.reduce((sum, extent, dimension) => {
        const distance = Math.max(0, extent - 1) * strides[dimension]!;
        return distance * sign > 0 ? sum + Math.abs(distance) : sum;
      }, 0);
    return { buffer, before: reach(-1), after: reach(1) };
  });
  const classes = new Map<number, BufferData['elements']>();
  return spans.map(({ buffer, before }) => {
    const { aliasClass, name, storage } = buffer;
    const members = spans.filter((span) => span.buffer.aliasClass === aliasClass);
    const shiftOf = (other: string): number => (members.length === 1 ? 0 : (hash(seed, other) >>> 8) % 5);
    let elements = classes.get(aliasClass);
    if (elements === undefined) {
      const start = Math.max(...members.map((span) => span.before));
      const end = Math.max(...members.map((span) => shiftOf(span.buffer.name) + span.after));
      elements = randomElements(storage, start + end + 1, new RandomNumbers(hash(seed, `class of ${name}`)));
      classes.set(aliasClass, elements);
    }
    const start = Math.max(...members.map((span) => span.before));
    return { elements, offset: (members.length === 1 ? before : start) + shiftOf(name) };
  });
}

function randomElements(storage: StorageType, length: number, random: RandomNumbers): BufferData['elements'] {
  const elements: { [index: number]: number | bigint; readonly length: number } = new arrayOf[storage](length);
  const { value } = storageTypes[storage];
  for (let index = 0; index < length; index++) {
    const scalar = storage === 'u32' ? randomScalar(random, 'i32') : randomScalar(random, value);
    elements[index] = typeof scalar === 'boolean' ? Number(scalar) : scalar;
  }
  return elements;
}

/** The same inputs, with memory of their own: buffers that share it share it again. */
export function copyInputs({ scalars, buffers, openGenerator }: Inputs): Inputs {
  const copies = new Map<BufferData['elements'], BufferData['elements']>();
  return {
    scalars,
    ...(openGenerator === undefined ? {} : { openGenerator }),
    buffers: buffers.map(({ elements, offset }) => {
      let copy = copies.get(elements);
      if (copy === undefined) copies.set(elements, (copy = (elements as Float64Array).slice()));
      return { elements: copy, offset };
    }),
  };
}
