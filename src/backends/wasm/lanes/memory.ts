// Loads and stores of lanes. Neighbours, forwards or backwards, move a register or a part of one at a time; what is narrower in memory is
// widened or cut there; other strides, index lanes and masks with lanes off go lane by lane, and touch no memory of lanes that are off.
// In lane by lane code an element comes straight into its lane, and stays zero above its bytes until all lanes are there.
import type { Instruction } from '../encode/instructions.js';
import { storageTypes } from '../../../ir/types.js';
import type { StorageType } from '../../../ir/types.js';
import {
  extend,
  integerShape,
  isHalf,
  lanesIn,
  lowerHalves,
  narrow,
  registerOf,
  registersFor,
  reversed,
  zeroRegister,
} from './registers.js';
import type { Code, LaneBytes, Lanes } from './registers.js';

/** Where the lanes' elements are. */
export type Place =
  /** Lane p's is `step` bytes behind lane p − 1's; lane 0's is `offset` bytes behind the address in an i32 local. */
  | { readonly kind: 'steps'; readonly address: number; readonly offset: number; readonly step: number }
  /** The same with the step in an i32 local. */
  | { readonly kind: 'variable'; readonly address: number; readonly offset: number; readonly step: number }
  /** Addresses in lanes of 8 bytes, in v128 locals. */
  | { readonly kind: 'each'; readonly addresses: readonly number[] };

/** The first of neighbours: bytes behind the address in a local. */
export interface Lowest {
  readonly address: number;
  readonly offset: number;
}

const get = (local: number): Instruction => ['local.get', local];

const signed: Partial<Record<StorageType, 's'>> = { i8: 's', i16: 's' };

const widths = { 1: 8, 2: 16, 4: 32, 8: 64 } as const;
const bitsOf = (storage: StorageType): 8 | 16 | 32 | 64 => widths[storageTypes[storage].byteLength];

const added = (distance: number): Code => (distance === 0 ? [] : [['i32.const', distance], ['i32.add']]);

/** Pushes the address of a lane's element; it wraps around, as that of a lane that is off may lie anywhere. */
function laneAddress(place: Place, lane: number): Code {
  switch (place.kind) {
    case 'steps':
      return [get(place.address), ...added(place.offset + place.step * lane)];
    case 'variable': {
      const steps: Code = lane === 0 ? [] : [get(place.step), ['i32.const', lane], ['i32.mul'], ['i32.add']];
      return [get(place.address), ...added(place.offset), ...steps];
    }
    case 'each':
      return [get(place.addresses[lane >> 1]!), ['i32x4.extract_lane', 2 * (lane & 1)]];
  }
}

/** Moves an element of `storage` into or out of lane `lane` of a register whose lanes have `bytes`. */
function moveLane(direction: 'load' | 'store', storage: StorageType, bytes: LaneBytes, lane: number): Instruction {
  const { byteLength } = storageTypes[storage];
  const inRegister = lane % lanesIn(bytes);
  return [`v128.${direction}${bitsOf(storage)}_lane`, 0, byteLength, (inRegister * bytes) / byteLength];
}

// Loads.

/** Elements with zeros above them → values. */
function valuesOf(storage: StorageType, bytes: LaneBytes, register: Code): Code {
  const shape = integerShape(bytes);
  if (storage === 'bool') return [...register, zeroRegister, [`${shape}.ne`]];
  if (signed[storage] === undefined) return register;
  const unused = 32 - bitsOf(storage);
  return [...register, ['i32.const', unused], [`${shape}.shl`], ['i32.const', unused], [`${shape}.shr_s`]];
}

/** Loads of lane after lane, without those that are off. */
export function loadLanes(storage: StorageType, count: number, bytes: LaneBytes, place: Place): Code[] {
  const isFull = storageTypes[storage].byteLength >= 4;
  return Array.from({ length: registersFor(count, bytes) }, (_, register) => {
    const first = register * lanesIn(bytes);
    const lanes = Array.from({ length: Math.min(lanesIn(bytes), count) }, (__, lane) => first + lane);
    const begin: Code = isFull
      ? [...laneAddress(place, first), [`v128.load${bitsOf(storage)}_zero`, 0, storageTypes[storage].byteLength]]
      : [zeroRegister];
    const rest = isFull ? lanes.slice(1) : lanes;
    // An address is pushed before the register that it is loaded into.
    const code = [
      ...rest.toReversed().flatMap((lane) => laneAddress(place, lane)),
      ...begin,
      ...rest.map((lane) => moveLane('load', storage, bytes, lane)),
    ];
    return valuesOf(storage, bytes, code);
  });
}

/** Loads each lane that is on into the registers in the locals, which begin as zeros. */
export function loadGuarded(
  storage: StorageType,
  count: number,
  bytes: LaneBytes,
  place: Place,
  bits: LaneBits,
  locals: readonly number[],
): { code: Code; registers: Code[] } {
  const code: Instruction[] = locals.flatMap((local): Instruction[] => [zeroRegister, ['local.set', local]]);
  for (let lane = 0; lane < count; lane++) {
    const local = locals[Math.floor(lane / lanesIn(bytes))]!;
    code.push(...isOn(bits, lane), ['if'], ...laneAddress(place, lane), get(local));
    code.push(moveLane('load', storage, bytes, lane), ['local.set', local], ['end']);
  }
  return { code, registers: locals.map((local) => valuesOf(storage, bytes, [get(local)])) };
}

/** Bytes beside each other → registers, each of as many lanes as fit. */
export function loadNeighbours(
  storage: StorageType,
  count: number,
  bytes: LaneBytes,
  { address, offset: first }: Lowest,
): Code[] {
  const { byteLength } = storageTypes[storage];
  const load = (name: string, offset: number): Code => [get(address), [name, first + offset, byteLength]];
  if (storage === 'bool') {
    const words = loadNarrow(load, 1, count, 'u').map((register): Code => valuesOf('bool', 4, register));
    return bytes === 4 ? words : extend({ count, bytes: 4, registers: words }, 's');
  }
  if (byteLength === 8 || storage === 'f32' || storage === 'i32') {
    if (isHalf({ count, bytes })) return [load('v128.load64_zero', 0)];
    return Array.from({ length: registersFor(count, bytes) }, (_, register) => load('v128.load', 16 * register));
  }
  if (storage === 'u32')
    return Array.from({ length: registersFor(count, 8) }, (_, register) => load('v128.load32x2_u', 8 * register));
  return loadNarrow(load, byteLength as 1 | 2, count, signed[storage] ?? 'u');
}

/** Elements of 1 or 2 bytes to lanes of 4. */
function loadNarrow(
  load: (name: string, offset: number) => Code,
  byteLength: 1 | 2,
  count: number,
  sign: 's' | 'u',
): Code[] {
  const low: Code = [[`i32x4.extend_low_i16x8_${sign}`]];
  const high: Code = [[`i32x4.extend_high_i16x8_${sign}`]];
  if (byteLength === 2) {
    if (count === 2) return [[...load('v128.load32_zero', 0), ...low]];
    return Array.from({ length: count / 4 }, (_, register) => load(`v128.load16x4_${sign}`, 8 * register));
  }
  const fromBytes: Instruction = [`i16x8.extend_low_i8x16_${sign}`];
  if (count === 2) return [[...load('i32.load16_u', 0), ['i32x4.splat'], fromBytes, ...low]];
  if (count === 4) return [[...load('v128.load32_zero', 0), fromBytes, ...low]];
  return Array.from({ length: count / 4 }, (_, register) => [
    ...load(`v128.load8x8_${sign}`, 8 * (register >> 1)),
    ...(register % 2 === 0 ? low : high),
  ]);
}

/** Registers of the same lanes from last to first. */
export function reverseLanes({ count, bytes, registers }: Lanes): Code[] {
  const isHalfUsed = isHalf({ count, bytes });
  return registers.toReversed().map((register) => {
    // Two lanes of 4 bytes: those of a whole register would come from its unused half.
    const whole: Code = isHalfUsed ? [...register, ...register, lowerHalves] : register;
    return [...whole, ...whole, reversed(bytes)];
  });
}

/** The same element in every lane, or undefined for those that no instruction spreads. */
export function loadSpread(
  storage: StorageType,
  count: number,
  bytes: LaneBytes,
  { address, offset }: Lowest,
): Code[] | undefined {
  const { byteLength } = storageTypes[storage];
  if (byteLength !== bytes) return undefined;
  const code: Code = [get(address), [`v128.load${bitsOf(storage)}_splat`, offset, byteLength]];
  return Array.from({ length: registersFor(count, bytes) }, () => code);
}

// Masks.

/** The lanes of a mask as bits, in an i32 local for each of its registers. */
export interface LaneBits {
  readonly count: number;
  readonly inRegister: number;
  readonly locals: readonly number[];
}

/** Pushes the bits of a register. */
export function bitsOfRegister({ count, bytes }: Pick<Lanes, 'count' | 'bytes'>, register: Code): Code {
  const bits: Code = [...register, [`${integerShape(bytes)}.bitmask`]];
  return isHalf({ count, bytes }) ? [...bits, ['i32.const', 3], ['i32.and']] : bits;
}

export function areAllOn({ count, inRegister, locals }: LaneBits): Code {
  const together = locals.flatMap((local, index): Instruction[] =>
    index === 0 ? [get(local)] : [get(local), ['i32.and']],
  );
  return [...together, ['i32.const', 2 ** Math.min(count, inRegister) - 1], ['i32.eq']];
}

/** Pushes other than 0 where the lane is on. */
export const isOn = ({ inRegister, locals }: LaneBits, lane: number): Code => [
  get(locals[Math.floor(lane / inRegister)]!),
  ['i32.const', 1 << (lane % inRegister)],
  ['i32.and'],
];

// Stores.

/** What a store cuts from is what has to be stored: clamped, or of a mask 0 or 1. */
export function storable(storage: StorageType, { bytes, registers }: Lanes): Code[] {
  if (storage === 'bool') {
    const one = registerOf('i64', bytes, [1n]);
    return registers.map((register) => [...register, one, ['v128.and']]);
  }
  if (storage !== 'u8c') return [...registers];
  const [zero, most] = [registerOf('i32', 4, [0]), registerOf('i32', 4, [255])];
  return registers.map((register) => [...register, zero, ['i32x4.max_s'], most, ['i32x4.min_s']]);
}

/** Beside each other, from storable lanes. */
export function storeNeighbours(
  storage: StorageType,
  { count, bytes, registers }: Lanes,
  { address, offset }: Lowest,
): Code {
  const { byteLength } = storageTypes[storage];
  let [cut, width]: [readonly Code[], number] = [registers, bytes];
  for (; width > byteLength; width /= 2) cut = narrow(cut, width);
  const total = count * byteLength;
  if (total >= 16)
    return cut.flatMap((register, index) => [
      get(address),
      ...register,
      ['v128.store', offset + 16 * index, byteLength] as const,
    ]);
  return [get(address), ...cut[0]!, [`v128.store${8 * total}_lane`, offset, byteLength, 0]];
}

/** Lane after lane, first to last, so that of lanes in the same place the last stays; of those that are on, if `bits` are given. */
export function storeLanes(
  storage: StorageType,
  count: number,
  bytes: LaneBytes,
  place: Place,
  locals: readonly number[],
  bits: LaneBits | undefined,
): Code {
  const code: Instruction[] = [];
  for (let lane = 0; lane < count; lane++) {
    const store = [
      ...laneAddress(place, lane),
      get(locals[Math.floor(lane / lanesIn(bytes))]!),
      moveLane('store', storage, bytes, lane),
    ];
    code.push(...(bits === undefined ? store : [...isOn(bits, lane), ['if'] as const, ...store, ['end'] as const]));
  }
  return code;
}
