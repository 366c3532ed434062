// How values are held: the locals of WebAssembly that a type takes, and how they are loaded and stored.
import { UnsupportedError } from '../../base/errors.js';
import { elementOf, lanesOf } from '../../ir/types.js';
import type { Type } from '../../ir/types.js';
import type { Instruction } from './encode/instructions.js';
import type { ValueType } from './encode/module.js';
import { laneCount } from './lanes.js';

export const notYet = (what: string): UnsupportedError =>
  new UnsupportedError('WASM002', `the WebAssembly backend cannot compile ${what} yet`, {
    fix: 'interpret the program',
  });

/** Of a scalar its own; of two 64-bit lanes a v128. */
export function registersOf(type: Type): readonly ValueType[] {
  const element = elementOf(type);
  if (lanesOf(type) === 1) return element === 'bool' ? ['i32'] : [element];
  if (lanesOf(type) === laneCount && element !== 'i32' && element !== 'f32') return ['v128'];
  throw notYet(`lanes of ${type}`);
}

/** Of a register in a frame or a descriptor. */
export const registerBytes = (type: ValueType): number => (type === 'v128' ? 16 : 8);

export const bytesOfType = (type: Type): number =>
  registersOf(type).reduce((sum, register) => sum + registerBytes(register), 0);

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
