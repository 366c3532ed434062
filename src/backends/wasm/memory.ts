// Buffers: addresses of elements, loads and stores, and buffers of a function's own.
import { Constant, Value } from '../../ir/nodes.js';
import type { Allocate, Buffer, Load, Operand, Store } from '../../ir/nodes.js';
import { lanesOf, storageTypes } from '../../ir/types.js';
import type { StorageType } from '../../ir/types.js';
import { frameAlignment } from './frame.js';
import type { FunctionEmitter } from './function-emitter.js';
import type { ValueType } from './encode/module.js';
import { notYet, registersOf, zeroOf } from './registers.js';
import { ownBytesOf } from './suspension.js';

/** Loads and stores of the storage types; a bool is a byte of 0 or 1. */
const accessNames: Readonly<Record<StorageType, { load: string; store: string }>> = {
  bool: { load: 'i32.load8_u', store: 'i32.store8' },
  i8: { load: 'i32.load8_s', store: 'i32.store8' },
  u8: { load: 'i32.load8_u', store: 'i32.store8' },
  u8c: { load: 'i32.load8_u', store: 'i32.store8' },
  i16: { load: 'i32.load16_s', store: 'i32.store16' },
  u16: { load: 'i32.load16_u', store: 'i32.store16' },
  i32: { load: 'i32.load', store: 'i32.store' },
  u32: { load: 'i64.load32_u', store: 'i64.store32' },
  i64: { load: 'i64.load', store: 'i64.store' },
  u64: { load: 'i64.load', store: 'i64.store' },
  f32: { load: 'f32.load', store: 'f32.store' },
  f64: { load: 'f64.load', store: 'f64.store' },
};

/** Leaves an i64 operand modulo 2³², all that an address takes of it. */
function pushWrapped(f: FunctionEmitter, operand: Operand): void {
  if (operand instanceof Constant) return f.emit(['i32.const', Number(BigInt.asIntN(32, operand.value as bigint))]);
  const extended = f.takeWaiting(
    operand,
    ({ operation, over }) => over === 'i32' && (operation === 'extendS' || operation === 'extendU'),
  );
  if (extended) return f.push(extended.operands[0]!);
  f.push(operand);
  f.emit(['i32.wrap_i64']);
}

/** An index as a value and a constant beside it: `value + 3` and `value - 3` are found out. */
function splitIndex(f: FunctionEmitter, index: Operand): { value: Operand | undefined; constant: bigint } {
  if (index instanceof Constant) return { value: undefined, constant: index.value as bigint };
  const isSum = ({ operation, over, operands }: { operation: string; over: string; operands: readonly Operand[] }) =>
    over === 'i64' &&
    ((operation === 'add' && operands.some((operand) => operand instanceof Constant)) ||
      (operation === 'sub' && operands[1] instanceof Constant));
  const definition = f.definitionOf(index);
  if (definition === undefined || !isSum(definition)) return { value: index, constant: 0n };
  f.takeWaiting(index, () => true);
  const [a, b] = definition.operands as [Operand, Operand];
  if (b instanceof Constant)
    return { value: a, constant: definition.operation === 'sub' ? -(b.value as bigint) : (b.value as bigint) };
  return { value: b, constant: (a as Constant).value as bigint };
}

/**
 * Leaves the i32 address of an element, but for the constant that is returned and goes into the instruction: the buffer's address and
 * Σ index · stride · bytes, modulo 2³², as the heap has no more; index lanes count as 0. What of it a loop does not change is left to the
 * engine: computing it before the loop gained nothing with V8, in products of matrices, stencils of nine points and their forms in lanes.
 */
export function emitAddress(f: FunctionEmitter, buffer: Buffer, index: readonly Operand[]): number {
  const bytes = BigInt(storageTypes[buffer.storage].byteLength);
  f.push(f.parts.baseOf(buffer));
  let constant = 0n;
  let isPositive = true;
  for (const [dimension, place] of index.entries()) {
    if (lanesOf(place.type) > 1) continue;
    const stride = buffer.strides[dimension]!;
    if (!(stride instanceof Constant)) {
      isPositive = false;
      pushWrapped(f, place);
      pushWrapped(f, stride);
      f.emit(['i32.mul'], ['i32.const', Math.log2(Number(bytes))], ['i32.shl'], ['i32.add']);
      continue;
    }
    const distance = (stride.value as bigint) * bytes;
    const { value, constant: beside } = splitIndex(f, place);
    constant += beside * distance;
    if (value === undefined || distance === 0n) continue;
    isPositive &&= distance > 0n && value instanceof Value && f.parts.neverNegative.has(value);
    pushWrapped(f, value);
    const shift = Math.log2(Number(distance));
    if (Number.isInteger(shift)) {
      if (shift > 0) f.emit(['i32.const', shift], ['i32.shl']);
    } else f.emit(['i32.const', Number(BigInt.asIntN(32, distance))], ['i32.mul']);
    f.emit(['i32.add']);
  }
  // What an instruction adds is added to an address below 2³², not modulo 2³²: nothing before it may have gone below the buffer.
  if (isPositive && constant >= 0n && constant < 2n ** 31n) return Number(constant);
  if (constant !== 0n) f.emit(['i32.const', Number(BigInt.asIntN(32, constant))], ['i32.add']);
  return 0;
}

export function emitLoad(f: FunctionEmitter, statement: Load): void {
  const { buffer, index, mask, result } = statement;
  if (lanesOf(result.type) > 1) return f.lanes.load(statement);
  const [type] = registersOf(result.type) as [ValueType];
  if (mask !== undefined) {
    f.push(mask);
    f.emit(['if', type]);
  }
  const offset = emitAddress(f, buffer, index);
  f.emit([accessNames[buffer.storage].load, offset, storageTypes[buffer.storage].byteLength]);
  // Whatever the byte, a bool is true or false.
  if (buffer.storage === 'bool') f.emit(['i32.const', 0], ['i32.ne']);
  if (mask !== undefined) f.emit(['else'], zeroOf(type), ['end']);
  f.set(result);
}

export function emitStore(f: FunctionEmitter, statement: Store): void {
  const { buffer, index, value, mask } = statement;
  if (lanesOf(value.type) > 1) return f.lanes.store(statement);
  if (mask !== undefined) {
    f.push(mask);
    f.emit(['if']);
    emitStore(f, { ...statement, mask: undefined });
    return f.emit(['end']);
  }
  if (buffer.storage === 'u8c') {
    const clamped = f.newLocal('i32');
    f.push(value);
    f.emit(['local.tee', clamped], ['i32.const', 0], ['local.get', clamped], ['i32.const', 0], ['i32.gt_s']);
    f.emit(['select'], ['local.tee', clamped], ['i32.const', 255], ['local.get', clamped], ['i32.const', 255]);
    f.emit(['i32.lt_s'], ['select'], ['local.set', clamped]);
    const offset = emitAddress(f, buffer, index);
    return f.emit(['local.get', clamped], [accessNames.u8c.store, offset, 1]);
  }
  const offset = emitAddress(f, buffer, index);
  f.push(value);
  f.emit([accessNames[buffer.storage].store, offset, storageTypes[buffer.storage].byteLength]);
}

/** A small buffer lies in the frame. */
export function emitAllocate(f: FunctionEmitter, { buffer }: Allocate): void {
  const bytes = ownBytesOf(buffer);
  if (bytes === undefined) throw notYet('a buffer whose extents only the run knows, in a routine or a parallel loop,');
  const offset = f.family.frame.place(buffer, Math.max(frameAlignment, bytes));
  const base = f.parts.baseOf(buffer);
  f.emit(['local.get', f.frame], ['i32.const', offset], ['i32.add']);
  f.set(base);
  const address = f.local(base);
  f.emit(['local.get', address], ['i32.const', 0], ['i32.const', bytes], ['memory.fill', 0]);
}
