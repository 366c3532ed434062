// The pure operations that change what lanes hold: between 4 and 8 bytes, between integers and floats, from masks, and the same bits as
// another type. WebAssembly has no lanes for 64-bit integers ↔ doubles; these are computed exactly with the arithmetic of doubles.
import type { OperationName } from '../../../ir/operations.js';
import type { ScalarType } from '../../../ir/types.js';
import type { Instruction } from '../encode/instructions.js';
import { eachRegister, extend, laneConstant, lowerHalves, narrow, registersFor, upperHalf } from './registers.js';
import type { Code, Lanes } from './registers.js';

/** A v128 local that is free until the statement ends. */
export type Temporary = () => number;

/** Two lanes of 8 bytes each from four of 4, by an instruction for the lower two. */
function widened({ count, registers }: Lanes, instruction: string): Code[] {
  return Array.from({ length: registersFor(count, 8) }, (_, index) => {
    const register = registers[index >> 1]!;
    const lanes: Code = index % 2 === 0 ? register : [...register, ...register, upperHalf];
    return [...lanes, [instruction]];
  });
}

/** Four lanes of 4 bytes from two registers of two lanes, by code that leaves them in the lower half. */
function narrowed({ registers }: Lanes, code: (register: Code) => Code): Code[] {
  return Array.from({ length: Math.ceil(registers.length / 2) }, (_, index) => {
    const first = code(registers[2 * index]!);
    const second = registers[2 * index + 1];
    return second === undefined ? first : [...first, ...code(second), lowerHalves];
  });
}

/**
 * Doubles of 64-bit integers x = h·2³² + l: the bits of 2⁸⁴ + (h + 2³¹)·2³² and of 2⁵² + l are made of halves of x; the first minus
 * (2⁸⁴ + 2⁶³ + 2⁵²) is h·2³² − 2⁵² exactly, a multiple of 2³² below 2⁶⁴; and adding the second rounds once, to the double nearest to x.
 */
const doublesOfIntegers = (x: Code): Code => [
  ...x,
  ['i32.const', 32],
  ['i64x2.shr_u'],
  laneConstant('i64', 0x4530000080000000n),
  ['v128.xor'],
  laneConstant('f64', 2 ** 84 + 2 ** 63 + 2 ** 52),
  ['f64x2.sub'],
  ...x,
  laneConstant('i64', 0xffffffffn),
  ['v128.and'],
  laneConstant('i64', 0x4330000000000000n),
  ['v128.or'],
  ['f64x2.add'],
];

/** t − ⌊t / 2³²⌋·2³² of the whole numbers in a local: no step rounds, as all are multiples of what t is a multiple of, and small enough. */
const modulo32Bits = (whole: number): Code => [
  ['local.get', whole],
  ['local.get', whole],
  laneConstant('f64', 2 ** -32),
  ['f64x2.mul'],
  ['f64x2.floor'],
  laneConstant('f64', 2 ** 32),
  ['f64x2.mul'],
  ['f64x2.sub'],
];

/** Modulo 2³², as the lower two lanes: infinities less themselves are NaN, which gives 0. */
const toInt32 = (x: Code, whole: number): Code => [
  ...x,
  ['f64x2.trunc'],
  ['local.set', whole],
  ...modulo32Bits(whole),
  ['i32x4.trunc_sat_f64x2_u_zero'],
];

/**
 * Towards zero, in halves: h = ⌊t / 2³²⌋ is the lower part of the bits of h + 1.5·2⁵², and l = t − h·2³² of those of l + 2⁵². Beyond 64
 * bits the nearest integer is put in their place, and 0 in that of NaN.
 */
function truncateToInt64(x: Code, [value, whole, high]: readonly [number, number, number]): Code {
  const get = (local: number): Instruction => ['local.get', local];
  return [
    ...x,
    ['local.tee', value],
    ['f64x2.trunc'],
    ['local.set', whole],
    get(whole),
    laneConstant('f64', 2 ** -32),
    ['f64x2.mul'],
    ['f64x2.floor'],
    ['local.set', high],
    // The least of all, where x is below it.
    laneConstant('i64', -(2n ** 63n)),
    // The greatest of all, where x is above it.
    laneConstant('i64', 2n ** 63n - 1n),
    get(high),
    laneConstant('f64', 1.5 * 2 ** 52),
    ['f64x2.add'],
    ['i32.const', 32],
    ['i64x2.shl'],
    get(whole),
    get(high),
    laneConstant('f64', 2 ** 32),
    ['f64x2.mul'],
    ['f64x2.sub'],
    laneConstant('f64', 2 ** 52),
    ['f64x2.add'],
    laneConstant('f64', 2 ** 52),
    ['v128.xor'],
    ['v128.or'],
    get(value),
    laneConstant('f64', 2 ** 63),
    ['f64x2.ge'],
    ['v128.bitselect'],
    get(value),
    laneConstant('f64', -(2 ** 63)),
    ['f64x2.lt'],
    ['v128.bitselect'],
    get(value),
    get(value),
    ['f64x2.eq'],
    ['v128.and'],
  ];
}

/** 1 where the mask is on: it picks the bits of 1. */
const onesOf = (mask: Lanes, element: 'f32' | 'f64'): Code[] =>
  eachRegister([mask], (register) => [...register, laneConstant(element, 1), ['v128.and']]);

const negated = (mask: Lanes, shape: string): Code[] =>
  eachRegister([mask], (register) => [...register, [`${shape}.neg`]]);

const each = (x: Lanes, code: Code): Code[] => eachRegister([x], (register) => [...register, ...code]);

type Conversion = (x: Lanes, temporary: Temporary) => readonly Code[];

const same: Conversion = ({ registers }) => registers;

/** Masks come as wide as what is made of them. */
const conversions: Readonly<Record<string, Conversion>> = {
  'toF64.i32': (x) => widened(x, 'f64x2.convert_low_i32x4_s'),
  'toF64.i64': (x) => eachRegister([x], doublesOfIntegers),
  'toF64.f32': (x) => widened(x, 'f64x2.promote_low_f32x4'),
  'toF64.bool': (x) => onesOf(x, 'f64'),
  'toF32.f64': (x) => narrowed(x, (register) => [...register, ['f32x4.demote_f64x2_zero']]),
  'toF32.i32': (x) => each(x, [['f32x4.convert_i32x4_s']]),
  'toF32.bool': (x) => onesOf(x, 'f32'),
  'toInt32.f64': (x, temporary) => {
    const whole = temporary();
    return narrowed(x, (register) => toInt32(register, whole));
  },
  'truncI64.f64': (x, temporary) => {
    const locals = [temporary(), temporary(), temporary()] as const;
    return eachRegister([x], (register) => truncateToInt64(register, locals));
  },
  'extendS.i32': (x) => extend(x, 's'),
  'extendU.i32': (x) => extend(x, 'u'),
  'extendS.bool': (x) => negated(x, 'i64x2'),
  'toI32.bool': (x) => negated(x, 'i32x4'),
  'wrap.i64': ({ registers }) => narrow(registers, 8),
  'bitsOfF64.f64': same,
  'f64OfBits.i64': same,
  'bitsOfF32.f32': same,
  'f32OfBits.i32': same,
};

export const conversionOf = (operation: OperationName, over: ScalarType): Conversion | undefined =>
  conversions[`${operation}.${over}`];
