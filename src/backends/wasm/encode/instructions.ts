// The instructions of WebAssembly that we emit: opcode, and what follows it in the binary. Names and numbers are those of the core
// specification (2.0, with threads' atomic access left out until it is needed).
// SIMD instructions have the prefix 0xfd, saturating truncation and bulk memory 0xfc.

/** What follows an opcode. `memory`: alignment and offset; `lane` one byte; `bytes` sixteen of them. */
export type ImmediateKind =
  | 'none'
  | 'block'
  | 'index'
  | 'i32'
  | 'i64'
  | 'f32'
  | 'f64'
  | 'memory'
  | 'lane'
  | 'memoryLane'
  | 'bytes'
  | 'twoIndices';

export interface InstructionFormat {
  readonly prefix: number;
  readonly opcode: number;
  readonly immediate: ImmediateKind;
}

type Row = readonly [names: string, first: number, immediate?: ImmediateKind, prefix?: number];

// Each row numbers its names one after the other, beginning with its first opcode; `_` leaves one out.
const rows: readonly Row[] = [
  ['unreachable nop', 0x00],
  ['block loop if', 0x02, 'block'],
  ['else', 0x05],
  ['end', 0x0b],
  ['br br_if', 0x0c, 'index'],
  ['return', 0x0f],
  ['call', 0x10, 'index'],
  ['drop select', 0x1a],
  ['local.get local.set local.tee', 0x20, 'index'],
  ['i32.load i64.load f32.load f64.load i32.load8_s i32.load8_u i32.load16_s i32.load16_u', 0x28, 'memory'],
  ['i64.load8_s i64.load8_u i64.load16_s i64.load16_u i64.load32_s i64.load32_u', 0x30, 'memory'],
  ['i32.store i64.store f32.store f64.store i32.store8 i32.store16 i64.store8 i64.store16 i64.store32', 0x36, 'memory'],
  ['i32.const', 0x41, 'i32'],
  ['i64.const', 0x42, 'i64'],
  ['f32.const', 0x43, 'f32'],
  ['f64.const', 0x44, 'f64'],
  ['i32.eqz i32.eq i32.ne i32.lt_s i32.lt_u i32.gt_s i32.gt_u i32.le_s i32.le_u i32.ge_s i32.ge_u', 0x45],
  ['i64.eqz i64.eq i64.ne i64.lt_s i64.lt_u i64.gt_s i64.gt_u i64.le_s i64.le_u i64.ge_s i64.ge_u', 0x50],
  ['f32.eq f32.ne f32.lt f32.gt f32.le f32.ge', 0x5b],
  ['f64.eq f64.ne f64.lt f64.gt f64.le f64.ge', 0x61],
  ['i32.clz i32.ctz i32.popcnt i32.add i32.sub i32.mul i32.div_s i32.div_u i32.rem_s i32.rem_u', 0x67],
  ['i32.and i32.or i32.xor i32.shl i32.shr_s i32.shr_u i32.rotl i32.rotr', 0x71],
  ['i64.clz i64.ctz i64.popcnt i64.add i64.sub i64.mul i64.div_s i64.div_u i64.rem_s i64.rem_u', 0x79],
  ['i64.and i64.or i64.xor i64.shl i64.shr_s i64.shr_u i64.rotl i64.rotr', 0x83],
  ['f32.abs f32.neg f32.ceil f32.floor f32.trunc f32.nearest f32.sqrt', 0x8b],
  ['f32.add f32.sub f32.mul f32.div f32.min f32.max f32.copysign', 0x92],
  ['f64.abs f64.neg f64.ceil f64.floor f64.trunc f64.nearest f64.sqrt', 0x99],
  ['f64.add f64.sub f64.mul f64.div f64.min f64.max f64.copysign', 0xa0],
  ['i32.wrap_i64 i32.trunc_f32_s i32.trunc_f32_u i32.trunc_f64_s i32.trunc_f64_u', 0xa7],
  ['i64.extend_i32_s i64.extend_i32_u i64.trunc_f32_s i64.trunc_f32_u i64.trunc_f64_s i64.trunc_f64_u', 0xac],
  ['f32.convert_i32_s f32.convert_i32_u f32.convert_i64_s f32.convert_i64_u f32.demote_f64', 0xb2],
  ['f64.convert_i32_s f64.convert_i32_u f64.convert_i64_s f64.convert_i64_u f64.promote_f32', 0xb7],
  ['i32.reinterpret_f32 i64.reinterpret_f64 f32.reinterpret_i32 f64.reinterpret_i64', 0xbc],
  ['i32.extend8_s i32.extend16_s i64.extend8_s i64.extend16_s i64.extend32_s', 0xc0],
  ['i32.trunc_sat_f32_s i32.trunc_sat_f32_u i32.trunc_sat_f64_s i32.trunc_sat_f64_u', 0, 'none', 0xfc],
  ['i64.trunc_sat_f32_s i64.trunc_sat_f32_u i64.trunc_sat_f64_s i64.trunc_sat_f64_u', 4, 'none', 0xfc],
  ['memory.copy', 10, 'twoIndices', 0xfc],
  ['memory.fill', 11, 'index', 0xfc],
  [
    'v128.load v128.load8x8_s v128.load8x8_u v128.load16x4_s v128.load16x4_u v128.load32x2_s v128.load32x2_u',
    0,
    'memory',
    0xfd,
  ],
  ['v128.load8_splat v128.load16_splat v128.load32_splat v128.load64_splat v128.store', 7, 'memory', 0xfd],
  ['v128.const i8x16.shuffle', 12, 'bytes', 0xfd],
  ['i8x16.swizzle i8x16.splat i16x8.splat i32x4.splat i64x2.splat f32x4.splat f64x2.splat', 14, 'none', 0xfd],
  [
    'i8x16.extract_lane_s i8x16.extract_lane_u i8x16.replace_lane i16x8.extract_lane_s i16x8.extract_lane_u',
    21,
    'lane',
    0xfd,
  ],
  ['i16x8.replace_lane i32x4.extract_lane i32x4.replace_lane i64x2.extract_lane i64x2.replace_lane', 26, 'lane', 0xfd],
  ['f32x4.extract_lane f32x4.replace_lane f64x2.extract_lane f64x2.replace_lane', 31, 'lane', 0xfd],
  [
    'i32x4.eq i32x4.ne i32x4.lt_s i32x4.lt_u i32x4.gt_s i32x4.gt_u i32x4.le_s i32x4.le_u i32x4.ge_s i32x4.ge_u',
    55,
    'none',
    0xfd,
  ],
  ['f32x4.eq f32x4.ne f32x4.lt f32x4.gt f32x4.le f32x4.ge', 65, 'none', 0xfd],
  ['f64x2.eq f64x2.ne f64x2.lt f64x2.gt f64x2.le f64x2.ge', 71, 'none', 0xfd],
  ['v128.not v128.and v128.andnot v128.or v128.xor v128.bitselect v128.any_true', 77, 'none', 0xfd],
  ['v128.load8_lane v128.load16_lane v128.load32_lane v128.load64_lane', 84, 'memoryLane', 0xfd],
  ['v128.store8_lane v128.store16_lane v128.store32_lane v128.store64_lane', 88, 'memoryLane', 0xfd],
  ['v128.load32_zero v128.load64_zero', 92, 'memory', 0xfd],
  ['f32x4.demote_f64x2_zero f64x2.promote_low_f32x4', 94, 'none', 0xfd],
  ['f32x4.ceil f32x4.floor f32x4.trunc f32x4.nearest', 103, 'none', 0xfd],
  ['f64x2.ceil f64x2.floor', 116, 'none', 0xfd],
  ['f64x2.trunc', 122, 'none', 0xfd],
  ['f64x2.nearest', 148, 'none', 0xfd],
  ['i16x8.extend_low_i8x16_s i16x8.extend_high_i8x16_s i16x8.extend_low_i8x16_u', 135, 'none', 0xfd],
  ['i32x4.abs i32x4.neg _ i32x4.all_true i32x4.bitmask', 160, 'none', 0xfd],
  [
    'i32x4.extend_low_i16x8_s i32x4.extend_high_i16x8_s i32x4.extend_low_i16x8_u i32x4.extend_high_i16x8_u',
    167,
    'none',
    0xfd,
  ],
  ['i32x4.shl i32x4.shr_s i32x4.shr_u i32x4.add', 171, 'none', 0xfd],
  ['i32x4.sub', 177, 'none', 0xfd],
  ['i32x4.mul i32x4.min_s i32x4.min_u i32x4.max_s i32x4.max_u', 181, 'none', 0xfd],
  ['i64x2.abs i64x2.neg _ i64x2.all_true i64x2.bitmask', 192, 'none', 0xfd],
  [
    'i64x2.extend_low_i32x4_s i64x2.extend_high_i32x4_s i64x2.extend_low_i32x4_u i64x2.extend_high_i32x4_u',
    199,
    'none',
    0xfd,
  ],
  ['i64x2.shl i64x2.shr_s i64x2.shr_u i64x2.add', 203, 'none', 0xfd],
  ['i64x2.sub', 209, 'none', 0xfd],
  ['i64x2.mul i64x2.eq i64x2.ne i64x2.lt_s i64x2.gt_s i64x2.le_s i64x2.ge_s', 213, 'none', 0xfd],
  [
    'f32x4.abs f32x4.neg _ f32x4.sqrt f32x4.add f32x4.sub f32x4.mul f32x4.div f32x4.min f32x4.max f32x4.pmin f32x4.pmax',
    224,
    'none',
    0xfd,
  ],
  [
    'f64x2.abs f64x2.neg _ f64x2.sqrt f64x2.add f64x2.sub f64x2.mul f64x2.div f64x2.min f64x2.max f64x2.pmin f64x2.pmax',
    236,
    'none',
    0xfd,
  ],
  ['i32x4.trunc_sat_f32x4_s i32x4.trunc_sat_f32x4_u f32x4.convert_i32x4_s f32x4.convert_i32x4_u', 248, 'none', 0xfd],
  [
    'i32x4.trunc_sat_f64x2_s_zero i32x4.trunc_sat_f64x2_u_zero f64x2.convert_low_i32x4_s f64x2.convert_low_i32x4_u',
    252,
    'none',
    0xfd,
  ],
];

/** Every instruction that we know, by its name in the text format. */
export const instructionFormats: ReadonlyMap<string, InstructionFormat> = new Map(
  rows.flatMap(([names, first, immediate = 'none', prefix = 0]) =>
    names
      .split(' ')
      .map((name, index) => [name, { prefix, opcode: first + index, immediate }] as const)
      .filter(([name]) => name !== '_'),
  ),
);

/** An instruction with what follows it: numbers as the text format orders them (for `memory`: offset, then alignment in bytes). */
export type Instruction = readonly [name: string, ...immediates: (number | bigint | string)[]];
