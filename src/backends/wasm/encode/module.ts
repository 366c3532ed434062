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
  for (const instruction of body) encodeInstruction(out, instruction);
  out.byte(0x0b);
}

function encodeInstruction(out: ByteWriter, [name, ...immediates]: Instruction): void {
  const format = instructionFormats.get(name);
  if (format === undefined) throw new InternalError('WASM001', `there is no WebAssembly instruction ${name}`);
  const { prefix, opcode, immediate } = format;
  if (prefix === 0) out.byte(opcode);
  else {
    out.byte(prefix);
    out.unsigned(opcode);
  }
  const number = (index: number): number => Number(immediates[index] ?? 0);
  const memory = (): void => {
    out.unsigned(Math.log2(number(1)));
    out.unsigned(number(0));
  };
  switch (immediate) {
    case 'none':
      return;
    case 'block': {
      const [type] = immediates;
      return out.byte(type === undefined ? 0x40 : typeCodes[type as ValueType]);
    }
    case 'index':
      return out.unsigned(number(0));
    case 'twoIndices':
      out.unsigned(number(0));
      return out.unsigned(number(1));
    case 'i32':
    case 'i64':
      return out.signed(immediates[0] as number | bigint);
    case 'f32':
      return out.float32(number(0));
    case 'f64':
      return out.float64(number(0));
    case 'memory':
      return memory();
    case 'lane':
      return out.byte(number(0));
    case 'memoryLane':
      memory();
      return out.byte(number(2));
    case 'bytes':
      return out.all(immediates.map(Number));
  }
}
