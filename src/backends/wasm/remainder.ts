// The remainder `rem` of doubles as a WebAssembly function, exact as docs/numerics.md, 4 asks: |x| and |y| are integers mx·2ᵈ and my of the
// same unit, and mx·2ᵈ mod my is taken in steps of 11 bits, as 53 bits of a remainder and 11 zeros fill an unsigned 64-bit integer.
import type { Instruction } from './encode/instructions.js';
import type { WasmFunction } from './encode/module.js';

const [x, y, mx, my, distance, exponent, shift] = [0, 1, 2, 3, 4, 5, 6];
const get = (local: number): Instruction => ['local.get', local];
const set = (local: number): Instruction => ['local.set', local];

const fractionBits = 52n;
const leadingBit = 1n << fractionBits;
const infinityBits = 0x7ffn << fractionBits;

const bitsOfSize = (float: number): Instruction[] => [get(float), ['f64.abs'], ['i64.reinterpret_f64']];

/** Takes the bits in a local apart: leaves the exponent on the stack, 1 for subnormal numbers, and the integer in the local. */
const split = (bits: number): Instruction[] => [
  get(bits),
  ['i64.const', fractionBits],
  ['i64.shr_u'],
  set(shift),
  get(bits),
  ['i64.const', leadingBit - 1n],
  ['i64.and'],
  set(bits),
  get(shift),
  ['i64.eqz'],
  ['if', 'i64'],
  ['i64.const', 1n],
  ['else'],
  get(bits),
  ['i64.const', leadingBit],
  ['i64.or'],
  set(bits),
  get(shift),
  ['end'],
];

/** (x f64, y f64) → f64 */
export const remainder: WasmFunction = {
  name: 'math.remainder',
  type: { parameters: ['f64', 'f64'], results: ['f64'] },
  locals: ['i64', 'i64', 'i64', 'i64', 'i64'],
  isExported: false,
  body: [
    ...[...bitsOfSize(x), set(mx), ...bitsOfSize(y), set(my)],
    // No remainder of an infinity or NaN, nor by 0 or NaN.
    ...[get(mx), ['i64.const', infinityBits], ['i64.ge_u'], get(my), ['i64.const', infinityBits], ['i64.gt_u']],
    ...[['i32.or'], get(my), ['i64.eqz'], ['i32.or'], ['if'], ['f64.const', NaN], ['return'], ['end']],
    ...[get(mx), get(my), ['i64.lt_u'], ['if'], get(x), ['return'], ['end']],
    ...[...split(mx), ...split(my), set(exponent), get(exponent), ['i64.sub'], set(distance)],
    ['loop'],
    // shift = min(distance, 11)
    ...[get(distance), ['i64.const', 11n], get(distance), ['i64.const', 11n], ['i64.lt_s'], ['select'], set(shift)],
    ...[get(mx), get(shift), ['i64.shl'], get(my), ['i64.rem_u'], set(mx)],
    ...[get(distance), get(shift), ['i64.sub'], set(distance), get(distance), ['i64.const', 0n], ['i64.gt_s'], ['br_if', 0]],
    ['end'],
    ...[get(mx), ['i64.eqz'], ['if'], ['f64.const', 0], get(x), ['f64.copysign'], ['return'], ['end']],
    // The leading bit goes to its place, as far as the exponent lets it.
    ...[get(mx), ['i64.clz'], ['i64.const', 63n - fractionBits], ['i64.sub'], set(shift)],
    ...[get(shift), get(exponent), ['i64.lt_s'], ['if', 'i64']],
    ...[get(mx), get(shift), ['i64.shl'], ['i64.const', leadingBit - 1n], ['i64.and']],
    ...[get(exponent), get(shift), ['i64.sub'], ['i64.const', fractionBits], ['i64.shl'], ['i64.or']],
    ['else'],
    ...[get(mx), get(exponent), ['i64.const', 1n], ['i64.sub'], ['i64.shl']],
    ['end'],
    ...[['f64.reinterpret_i64'], get(x), ['f64.copysign']],
  ] as Instruction[],
};
