// What is the same in all kernels that do the same to other arrays: operations, dtypes, and of strides whether they are 0, 1 or anything.
// Extents, other strides, offsets and numbers are parameters, so that a kernel is compiled once for each form.
import { Builder, i64 } from '../ir/build.js';
import { Stream, Value } from '../ir/nodes.js';
import type { Buffer, Dimension, Kernel, Operand, Reduction, ReductionOperator } from '../ir/nodes.js';
import { dtypes, valueTypeOf } from './dtypes.js';
import type { DType } from './dtypes.js';
import { isCall, nameOfCall } from './element-functions.js';
import { emitOperation } from './element-operations.js';
import type { ElementOperation } from './element-operations.js';

/** `0`: does not move; `1`: moves by one element; `s`: by a parameter. One for each dimension. */
export type StrideForm = '0' | '1' | 's';

export const formOf = (stride: number): StrideForm => (stride === 0 ? '0' : stride === 1 ? '1' : 's');

export interface BufferForm {
  readonly dtype: DType;
  readonly strides: readonly StrideForm[];
}

export type InstructionForm =
  | { readonly kind: 'load'; readonly buffer: number }
  | { readonly kind: 'scalar'; readonly dtype: DType }
  | { readonly kind: 'iota'; readonly strides: readonly StrideForm[] }
  | { readonly kind: 'draw'; readonly dtype: DType }
  | {
      readonly kind: 'apply';
      readonly operation: ElementOperation;
      readonly from: readonly DType[];
      readonly dtype: DType;
      readonly operands: readonly number[];
    };

export interface ReductionForm {
  readonly operator: ReductionOperator;
  readonly dtype: DType;
  readonly partials: 1 | 16;
}

export interface OutputForm {
  /** The instruction that gives its elements, or what is reduced to them. */
  readonly result: number;
  readonly reduction: ReductionForm | null;
  /** The output is one of the buffers that are read, each element by the iteration that writes it. */
  readonly inPlace: number | null;
}

export interface KernelForm {
  /** For each dimension, outer first: does each of its places have a result, or are they put together? */
  readonly dimensions: readonly ('kept' | 'reduced')[];
  /** What is written are the last ones, in the order of the outputs. */
  readonly buffers: readonly BufferForm[];
  readonly instructions: readonly InstructionForm[];
  readonly outputs: readonly OutputForm[];
}

type NewParameter = (name: string, dtype?: DType) => Value;

/** What kernels of a form declare, whatever loops they make of it. */
export interface FormParts {
  readonly parameters: Value[];
  readonly parameter: NewParameter;
  readonly extents: readonly Value[];
  readonly buffers: readonly Buffer[];
  /** For each buffer the dimensions along which it has elements. */
  readonly moving: readonly (readonly number[])[];
}

/** Parameters are, in this order: extents; for each buffer its strides that are `s`; for each instruction what it needs. */
export function partsOf(form: KernelForm): FormParts {
  const parameters: Value[] = [];
  const parameter = (name: string, dtype: DType = 'int64'): Value => {
    const value = new Value(valueTypeOf(dtype), name);
    parameters.push(value);
    return value;
  };
  const extents = form.dimensions.map((_, index) => parameter(`n${index}`));

  const firstOutput = form.buffers.length - form.outputs.length;
  const outputOf = (index: number): OutputForm | undefined => form.outputs[index - firstOutput];
  const nameOf = (index: number): string =>
    index < firstOutput ? `a${index}` : index === firstOutput ? 'out' : `out${index - firstOutput}`;
  const moving = form.buffers.map(({ strides }) => strides.flatMap((stride, d) => (stride === '0' ? [] : [d])));
  // A reduction's results have exactly the kept dimensions.
  const kept = form.dimensions.flatMap((kind, d) => (kind === 'kept' ? [d] : []));
  for (let index = firstOutput; index < moving.length; index++) moving[index] = kept;
  const buffers = form.buffers.map(({ dtype, strides }, index): Buffer => {
    const stride = (d: number): Operand =>
      strides[d] === 's' ? parameter(`${nameOf(index)}_s${d}`) : i64(Number(strides[d]));
    const output = outputOf(index);
    return {
      name: nameOf(index),
      storage: dtypes[dtype].storage,
      shape: moving[index]!.map((d) => extents[d]!),
      strides: moving[index]!.map(stride),
      access: output ? 'write' : 'read',
      aliasClass: output?.inPlace ?? index,
    };
  });
  return { parameters, parameter, extents, buffers, moving };
}

interface OwnedDraw {
  readonly stream: Stream;
  readonly key: Operand;
  readonly base: Operand;
}

/** Writes the instructions for the element at `indices`, and gives what each of them assigns; draws are added to `owned`. */
export function writeElement(
  b: Builder,
  form: KernelForm,
  { buffers, moving, parameter }: Pick<FormParts, 'buffers' | 'moving' | 'parameter'>,
  indices: readonly Operand[],
  owned: OwnedDraw[],
): Operand[] {
  const indexOf = (index: number): Operand[] => moving[index]!.map((d) => indices[d]!);
  const values: Operand[] = [];
  const iota = (strides: readonly StrideForm[]): Operand => {
    let value: Operand = parameter('offset');
    for (const [d, stride] of strides.entries()) {
      if (stride === '0') continue;
      const moved = stride === '1' ? indices[d]! : b.pure('mul', 'i64', [indices[d]!, parameter('step')]);
      value = b.pure('add', 'i64', [value, moved]);
    }
    return value;
  };
  for (const instruction of form.instructions) {
    switch (instruction.kind) {
      case 'load': {
        const { dtype } = form.buffers[instruction.buffer]!;
        values.push(b.load(buffers[instruction.buffer]!, indexOf(instruction.buffer), valueTypeOf(dtype)));
        break;
      }
      case 'scalar':
        values.push(parameter('c', instruction.dtype));
        break;
      case 'iota':
        values.push(iota(instruction.strides));
        break;
      case 'draw': {
        const stream = new Stream('rng');
        owned.push({ stream, key: parameter('key'), base: parameter('base') });
        values.push(b.draw(stream, valueTypeOf(instruction.dtype)));
        break;
      }
      case 'apply': {
        const { operation, from, dtype } = instruction;
        values.push(
          emitOperation(
            b,
            operation,
            from,
            dtype,
            instruction.operands.map((operand) => values[operand]!),
          ),
        );
      }
    }
  }
  return values;
}

export function kernelOf(form: KernelForm): Kernel {
  const parts = partsOf(form);
  const { parameters, extents, buffers, moving } = parts;
  const indices = form.dimensions.map((_, index) => new Value('i64', 'ijkl'[index]!));
  const b = new Builder();
  const owned: OwnedDraw[] = [];
  const values = writeElement(b, form, parts, indices, owned);
  const firstOutput = form.buffers.length - form.outputs.length;
  const indexOf = (index: number): Operand[] => moving[index]!.map((d) => indices[d]!);
  const reductions: Reduction[] = [];
  const over = form.dimensions.flatMap((kind, d) => (kind === 'reduced' ? [indices[d]!.name] : []));
  for (const [index, { result, reduction: reduced }] of form.outputs.entries()) {
    const value = values[result]!;
    const into = buffers[firstOutput + index]!;
    if (reduced === null) {
      b.store(into, indexOf(firstOutput + index), value);
      continue;
    }
    const { operator, dtype, partials } = reduced;
    const name = index === 0 ? 'r' : `r${index}`;
    const reduction: Reduction = { name, element: valueTypeOf(dtype), operator, partials, over, into };
    reductions.push(reduction);
    b.reduce(reduction, value);
  }
  const last = form.dimensions.length - 1;
  const dimensions = form.dimensions.map((_, d): Dimension => {
    const streams = owned.map(({ stream, key, base }) => ({
      stream,
      kind: 'lanes' as const,
      key,
      base,
      continues: undefined,
    }));
    return { index: indices[d]!, extent: extents[d]!, owned: d === last ? streams : [] };
  });
  const body = b.region({ kind: 'yield', operands: [] });
  return { name: 'array', parameters, buffers, dimensions, reductions, results: [], body };
}

/** What people call that which a kernel does to each element, and what it gathers. */
export const namesOf = (
  instructions: readonly InstructionForm[],
  operators: readonly ReductionOperator[],
): string[] => [
  ...instructions.flatMap((form) => {
    if (form.kind === 'apply') return [isCall(form.operation) ? nameOfCall(form.operation) : form.operation];
    return form.kind === 'draw' ? ['draw'] : [];
  }),
  ...operators.map((operator) => reductionNames[operator]),
];

export const reductionNames: Readonly<Record<ReductionOperator, string>> = {
  add: 'sum',
  mul: 'product',
  min: 'minimum',
  max: 'maximum',
  and: 'all',
  or: 'any',
  count: 'count',
  least: 'least',
  greatest: 'greatest',
  argLeast: 'argmin',
  argGreatest: 'argmax',
};
