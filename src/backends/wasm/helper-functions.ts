// Functions of WebAssembly for operations that no instruction does: the exact remainder, division of integers that never traps, and ECMAScript's
// ToInt32 of large numbers.
import type { Instruction } from './encode/instructions.js';
import type { WasmFunction } from './encode/module.js';

const get = (local: number): Instruction => ['local.get', local];
const set = (local: number): Instruction => ['local.set', local];

const signBit = -(2n ** 63n);
const magnitudeBits = 2n ** 63n - 1n;
const fractionBits = 2n ** 52n - 1n;
const hiddenBit = 2n ** 52n;
const infinityBits = 0x7ffn << 52n;

/** Of the bits in `bits`: a significand of 53 bits into `significand`, and its biased exponent into `exponent`, subnormals too. */
const takeApart = (bits: number, significand: number, exponent: number): Instruction[] => [
  get(bits),
  ['i64.const', fractionBits],
  ['i64.and'],
  set(significand),
  get(bits),
  ['i64.const', 52n],
  ['i64.shr_u'],
  ['i32.wrap_i64'],
  ['local.tee', exponent],
  ['if'],
  get(significand),
  ['i64.const', hiddenBit],
  ['i64.or'],
  set(significand),
  ['else'],
  // 1 − shift, where the shift brings the highest bit to its place.
  ['i32.const', 12],
  get(significand),
  ['i64.clz'],
  ['i32.wrap_i64'],
  ['i32.sub'],
  set(exponent),
  get(significand),
  ['i32.const', 1],
  get(exponent),
  ['i32.sub'],
  ['i64.extend_i32_u'],
  ['i64.shl'],
  set(significand),
  ['end'],
];

/**
 * x rem y, exactly, with x's sign. Integers below 2⁵³ take one division. Otherwise the significand of x is brought down to the exponent of
 * y, eleven bits at a time, as many as it has room for: each time what is left of a division is all that matters.
 */
export const remainderFunction: WasmFunction = (() => {
  const [x, y, a, b, p, q, ex, ey, distance] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  const isSmallInteger = (value: number, integer: number): Instruction[] => [
    get(value),
    ['i64.trunc_sat_f64_s'],
    ['local.tee', integer],
    ['f64.convert_i64_s'],
    get(value),
    ['f64.eq'],
    get(value),
    ['f64.abs'],
    ['f64.const', 2 ** 53],
    ['f64.lt'],
    ['i32.and'],
  ];
  const body: Instruction[] = [
    ...isSmallInteger(x, a),
    ...isSmallInteger(y, b),
    ['i32.and'],
    get(b),
    ['i64.eqz'],
    ['i32.eqz'],
    ['i32.and'],
    ['if'],
    get(a),
    get(b),
    ['i64.rem_s'],
    ['f64.convert_i64_s'],
    get(x),
    ['f64.copysign'],
    ['return'],
    ['end'],
    get(x),
    ['i64.reinterpret_f64'],
    ['i64.const', magnitudeBits],
    ['i64.and'],
    set(a),
    get(y),
    ['i64.reinterpret_f64'],
    ['i64.const', magnitudeBits],
    ['i64.and'],
    set(b),
    // NaN for x infinite or NaN, y zero or NaN.
    get(a),
    ['i64.const', infinityBits],
    ['i64.ge_u'],
    get(b),
    ['i64.eqz'],
    ['i32.or'],
    get(b),
    ['i64.const', infinityBits],
    ['i64.gt_u'],
    ['i32.or'],
    ['if'],
    ['f64.const', Number.NaN],
    ['return'],
    ['end'],
    get(a),
    get(b),
    ['i64.lt_u'],
    ['if'],
    get(x),
    ['return'],
    ['end'],
    ...takeApart(a, p, ex),
    ...takeApart(b, q, ey),
    get(ex),
    get(ey),
    ['i32.sub'],
    set(distance),
    get(p),
    get(q),
    ['i64.rem_u'],
    set(p),
    ['block'],
    ['loop'],
    get(distance),
    ['i32.eqz'],
    ['br_if', 1],
    get(p),
    ['i64.eqz'],
    ['br_if', 1],
    // ex = min(distance, 11) bits of room.
    get(distance),
    ['i32.const', 11],
    get(distance),
    ['i32.const', 11],
    ['i32.lt_u'],
    ['select'],
    set(ex),
    get(p),
    get(ex),
    ['i64.extend_i32_u'],
    ['i64.shl'],
    get(q),
    ['i64.rem_u'],
    set(p),
    get(distance),
    get(ex),
    ['i32.sub'],
    set(distance),
    ['br', 0],
    ['end'],
    ['end'],
    get(p),
    ['i64.eqz'],
    ['if'],
    ['f64.const', 0],
    get(x),
    ['f64.copysign'],
    ['return'],
    ['end'],
    // The highest bit to its place, and the exponent with it.
    get(p),
    ['i64.clz'],
    ['i64.const', 11n],
    ['i64.sub'],
    set(a),
    get(p),
    get(a),
    ['i64.shl'],
    set(p),
    get(ey),
    get(a),
    ['i32.wrap_i64'],
    ['i32.sub'],
    ['local.tee', ey],
    ['i32.const', 0],
    ['i32.gt_s'],
    ['if', 'i64'],
    get(p),
    ['i64.const', hiddenBit],
    ['i64.sub'],
    get(ey),
    ['i64.extend_i32_u'],
    ['i64.const', 52n],
    ['i64.shl'],
    ['i64.or'],
    ['else'],
    get(p),
    ['i32.const', 1],
    get(ey),
    ['i32.sub'],
    ['i64.extend_i32_u'],
    ['i64.shr_u'],
    ['end'],
    get(x),
    ['i64.reinterpret_f64'],
    ['i64.const', signBit],
    ['i64.and'],
    ['i64.or'],
    ['f64.reinterpret_i64'],
  ];
  return {
    name: 'math.remainder',
    type: { parameters: ['f64', 'f64'], results: ['f64'] },
    locals: ['i64', 'i64', 'i64', 'i64', 'i32', 'i32', 'i32'],
    isExported: false,
    body,
  };
})();

/** Quotient or remainder of integers: the instructions trap by 0, and division traps where its result wraps. */
function integerDivision(type: 'i32' | 'i64', operation: 'div' | 'rem'): WasmFunction {
  const [x, y] = [0, 1];
  const one: Instruction = type === 'i32' ? ['i32.const', 1] : ['i64.const', 1n];
  const zero: Instruction = type === 'i32' ? ['i32.const', 0] : ['i64.const', 0n];
  // By −1 the quotient is the negative, whose bits −1 keeps, as 0 clears them; every remainder is 0.
  const rare: Instruction[] = operation === 'div' ? [zero, get(x), [`${type}.sub`], get(y), [`${type}.and`]] : [zero];
  const isRare: Instruction[] = [get(y), one, [`${type}.add`], one, [`${type}.le_u`]];
  return {
    name: `${type}.${operation}`,
    type: { parameters: [type, type], results: [type] },
    locals: [],
    body: [...isRare, ['if', type], ...rare, ['else'], get(x), get(y), [`${type}.${operation}_s`], ['end']],
    isExported: false,
  };
}

export const integerDivisions = {
  i32: { div: integerDivision('i32', 'div'), rem: integerDivision('i32', 'rem') },
  i64: { div: integerDivision('i64', 'div'), rem: integerDivision('i64', 'rem') },
} as const;

/** ToInt32 of any double; of one of at least 2⁶³, of an infinity or NaN, its significand, shifted, modulo 2³². */
export const toInt32Function: WasmFunction = (() => {
  const [x, bits, shift] = [0, 1, 2];
  return {
    name: 'math.toInt32',
    type: { parameters: ['f64'], results: ['i32'] },
    locals: ['i64', 'i64'],
    isExported: false,
    body: [
      get(x),
      ['f64.abs'],
      ['f64.const', 2 ** 63],
      ['f64.lt'],
      ['if'],
      get(x),
      ['i64.trunc_sat_f64_s'],
      ['i32.wrap_i64'],
      ['return'],
      ['end'],
      get(x),
      ['i64.reinterpret_f64'],
      ['local.tee', bits],
      ['i64.const', 52n],
      ['i64.shr_u'],
      ['i64.const', 0x7ffn],
      ['i64.and'],
      // The weight of the significand's lowest bit: from 11 on here, and from 32 on nothing is left below 2³².
      ['i64.const', 1075n],
      ['i64.sub'],
      ['local.tee', shift],
      ['i64.const', 31n],
      ['i64.gt_u'],
      ['if'],
      ['i32.const', 0],
      ['return'],
      ['end'],
      get(bits),
      ['i64.const', fractionBits],
      ['i64.and'],
      ['i64.const', hiddenBit],
      ['i64.or'],
      get(shift),
      ['i64.shl'],
      set(shift),
      ['i64.const', 0n],
      get(shift),
      ['i64.sub'],
      get(shift),
      get(bits),
      ['i64.const', 0n],
      ['i64.lt_s'],
      ['select'],
      ['i32.wrap_i64'],
    ],
  };
})();
