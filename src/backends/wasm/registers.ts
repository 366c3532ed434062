// How what functions hand each other is held: the registers of WebAssembly that a type takes, and how they are loaded and stored. Within a
// program masks may be held otherwise (lanes/mask-widths.ts); a value's own registers are those of `ModuleParts.registersOf`.
import { UnsupportedError } from '../../base/errors.js';
import type { Type } from '../../ir/types.js';
import type { Instruction } from './encode/instructions.js';
import type { ValueType } from './encode/module.js';
import { handedTypes, zeroRegister } from './lanes/index.js';

export const notYet = (what: string): UnsupportedError =>
  new UnsupportedError('WASM002', `the WebAssembly backend cannot compile ${what} yet`, {
    fix: 'interpret the program',
  });

/** Of a scalar one, of lanes as many as they fill. */
export const registersOf = (type: Type): readonly ValueType[] => handedTypes(type);

/** Of a register in a frame or a descriptor. */
export const registerBytes = (type: ValueType): number => (type === 'v128' ? 16 : 8);

export const bytesOfRegisters = (registers: readonly ValueType[]): number =>
  registers.reduce((sum, register) => sum + registerBytes(register), 0);

export const bytesOfType = (type: Type): number => bytesOfRegisters(registersOf(type));

const alignmentOf = (type: ValueType): number => (type === 'i32' || type === 'f32' ? 4 : 8);

export const loadRegister = (type: ValueType, offset: number): Instruction => [
  `${type}.load`,
  offset,
  alignmentOf(type),
];
export const storeRegister = (type: ValueType, offset: number): Instruction => [
  `${type}.store`,
  offset,
  alignmentOf(type),
];

/** Pushes a zero. */
export const zeroOf = (type: ValueType): Instruction =>
  type === 'v128' ? zeroRegister : [`${type}.const`, type === 'i64' ? 0n : 0];
