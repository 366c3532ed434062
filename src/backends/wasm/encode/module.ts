// A WebAssembly module as data, and its binary form. This folder knows the specification and nothing of kernels.
import { InternalError } from '../../../base/errors.js';
import { ByteWriter } from './bytes.js';
import { instructionFormats } from './instructions.js';
import type { Instruction } from './instructions.js';

export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128';

export interface FunctionType {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

export interface WasmFunction {
  readonly name: string;
  readonly type: FunctionType;
  readonly locals: readonly ValueType[];
  /** Without the final `end`. */
  readonly body: readonly Instruction[];
  readonly isExported: boolean;
}

export interface MemoryLimits {
  readonly initialPages: number;
  readonly maximumPages: number | undefined;
  readonly isShared: boolean;
}

export interface WasmModule {
  /** The memory, imported as `env.memory`, if the module has one. */
  readonly memory: MemoryLimits | undefined;
  readonly functions: readonly WasmFunction[];
}

const typeCodes: Readonly<Record<ValueType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };

const signatureKey = ({ parameters, results }: FunctionType): string => `${parameters.join()}>${results.join()}`;

export function encodeModule({ memory, functions }: WasmModule): Uint8Array<ArrayBuffer> {
  const types = new Map(functions.map(({ type }) => [signatureKey(type), type]));
  const keys = [...types.keys()];
  const out = new ByteWriter();
  out.all([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  out.section(1, keys, (inner) =>
    inner.vector([...types.values()], ({ parameters, results }) => {
      inner.byte(0x60);
      for (const list of [parameters, results]) inner.vector(list, (type) => inner.byte(typeCodes[type]));
    }),
  );
  const memories = memory === undefined ? [] : [memory];
  out.section(2, memories, (inner) =>
    inner.vector(memories, ({ initialPages, maximumPages, isShared }) => {
      inner.name('env');
      inner.name('memory');
      inner.byte(0x02);
      inner.byte((maximumPages === undefined ? 0 : 1) | (isShared ? 2 : 0));
      inner.unsigned(initialPages);
      if (maximumPages !== undefined) inner.unsigned(maximumPages);
    }),
  );
  out.section(3, functions, (inner) =>
    inner.vector(functions, ({ type }) => inner.unsigned(keys.indexOf(signatureKey(type)))),
  );
  const exported = functions.flatMap(({ name, isExported }, index) => (isExported ? [{ name, index }] : []));
  out.section(7, exported, (inner) =>
    inner.vector(exported, ({ name, index }) => {
      inner.name(name);
      inner.byte(0x00);
      inner.unsigned(index);
    }),
  );
  out.section(10, functions, (inner) => inner.vector(functions, (f) => inner.sized((code) => encodeFunction(code, f))));
  return out.bytes();
}

function encodeFunction(out: ByteWriter, { locals, body }: WasmFunction): void {
  // Neighbours of one type are declared together.
  const groups: { type: ValueType; count: number }[] = [];
  for (const type of locals) {
    const last = groups.at(-1);
    if (last?.type === type) last.count++;
    else groups.push({ type, count: 1 });
  }
  out.vector(groups, ({ type, count }) => {
    out.unsigned(count);
    out.byte(typeCodes[type]);
  });
  for (let index = 0; index < body.length; index++) encodeInstruction(out, body[index]!);
  out.byte(0x0b);
}

function encodeInstruction(out: ByteWriter, instruction: Instruction): void {
  const format = instructionFormats.get(instruction[0]);
  if (format === undefined) throw new InternalError('WASM001', `there is no WebAssembly instruction ${instruction[0]}`);
  const { prefix, opcode, immediate } = format;
  if (prefix === 0) out.byte(opcode);
  else {
    out.byte(prefix);
    out.unsigned(opcode);
  }
  switch (immediate) {
    case 'none':
      return;
    case 'block': {
      const type = instruction[1];
      return out.byte(type === undefined ? 0x40 : typeCodes[type as ValueType]);
    }
    case 'index': {
      const index = instruction[1];
      return out.unsigned(typeof index === 'number' ? index : numberIn(instruction, 1));
    }
    case 'twoIndices':
      out.unsigned(numberIn(instruction, 1));
      return out.unsigned(numberIn(instruction, 2));
    case 'i32':
    case 'i64':
      return out.signed(instruction[1] as number | bigint);
    case 'f32':
      return out.float32(numberIn(instruction, 1));
    case 'f64':
      return out.float64(numberIn(instruction, 1));
    case 'memory':
      return encodePlace(out, instruction);
    case 'lane':
      return out.byte(numberIn(instruction, 1));
    case 'memoryLane':
      encodePlace(out, instruction);
      return out.byte(numberIn(instruction, 3));
    case 'bytes':
      return out.all(instruction.slice(1) as number[]);
  }
}

const numberIn = (instruction: Instruction, index: number): number => Number(instruction[index] ?? 0);

function encodePlace(out: ByteWriter, instruction: Instruction): void {
  out.unsigned(Math.log2(numberIn(instruction, 2)));
  out.unsigned(numberIn(instruction, 1));
}
