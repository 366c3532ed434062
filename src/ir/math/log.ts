// Natural, binary and decimal logarithm, and log(1 + x). x = m·2ⁿ with m from √½ to √2, and log m = 2·artanh(s), s = (m − 1)/(m + 1), from a
// polynomial in s². Sources: fdlibm's e_log.c and s_log1p.c (Sun, 1993) for the order of the sums, FreeBSD's e_log2.c for the split products; the
// polynomial is our own minimax approximation (see exp.ts), with an error below 2⁻⁵⁹ of the result.
import { bitsOf, f64, polynomial, roundingShift } from './text.js';

/** ln 2 in 32 bits, so that its product with n is exact, and the rest. */
const ln2Upper = 0.6931471803691238;
const ln2Lower = 1.9082149292705877e-10;

/** x → m and n with x = m·2ⁿ, m from the double with the bits `least` up to twice that; x is positive and finite. */
export const logSplit = `
routine @log.split(%x: f64, %least: i64) -> (f64, f64) {
  %isSubnormal = lt.f64 %x ${f64(2 ** -1022)}
  %up = mul.f64 %x ${f64(2 ** 54)}
  %normal = select.f64 %isSubnormal %up %x
  %bits = bitsOfF64.f64 %normal
  %above = sub.i64 %bits %least
  %power = shrS.i64 %above 52
  %powerBits = shl.i64 %power 52
  %mBits = sub.i64 %bits %powerBits
  %m = f64OfBits.i64 %mBits
  %shiftedBits = add.i64 %power ${bitsOf(roundingShift)}
  %shifted = f64OfBits.i64 %shiftedBits
  %bias = select.f64 %isSubnormal ${f64(roundingShift + 54)} ${f64(roundingShift)}
  %n = sub.f64 %shifted %bias
  return [%m, %n]
}`;

/** f → f²/2 and t with log(1 + f) = f − (f²/2 − t). */
export const logKernel = `
routine @log.kernel(%f: f64) -> (f64, f64) {
  %divisor = add.f64 2.0 %f
  %s = div.f64 %f %divisor
  %s2 = mul.f64 %s %s
  ${polynomial(
    'p',
    '%s2',
    [
      0.6666666666666715, 0.39999999999519176, 0.2857142872226133, 0.22222200419879787, 0.1818347674529267,
      0.1531612422671464, 0.1477655023442479,
    ],
  )}
  %series = mul.f64 %s2 %p
  %halfF = mul.f64 0.5 %f
  %half = mul.f64 %halfF %f
  %both = add.f64 %half %series
  %t = mul.f64 %s %both
  return [%half, %t]
}`;

/** n·ln 2 + f − (half − t): n·ln 2 is 0 or more than f, so that nothing is lost but at the end. */
export const logSum = `
routine @log.sum(%n: f64, %f: f64, %half: f64, %t: f64) -> (f64) {
  %upper = mul.f64 %n ${f64(ln2Upper)}
  %lower = mul.f64 %n ${f64(ln2Lower)}
  %sum: f64, %lost: f64 = call @fastTwoSum [%upper, %f]
  %small1 = add.f64 %t %lower
  %small2 = sub.f64 %small1 %half
  %small = add.f64 %lost %small2
  %result = add.f64 %sum %small
  return [%result]
}`;

/** What a logarithm gives outside of 0 < x < ∞, whatever was computed there. */
export const logEnds = `
routine @log.ends(%x: f64, %computed: f64) -> (f64) {
  %isZero = eq.f64 %x 0.0
  %none = select.f64 %isZero -inf nan
  %isFinite = lt.f64 %x inf
  %some = select.f64 %isFinite %computed %x
  %isPositive = gt.f64 %x 0.0
  %result = select.f64 %isPositive %some %none
  return [%result]
}`;

export const log = `
routine @log(%x: f64) -> (f64) {
  %m: f64, %n: f64 = call @log.split [%x, ${bitsOf(Math.SQRT1_2)}:i64]
  %f = sub.f64 %m 1.0
  %half: f64, %t: f64 = call @log.kernel [%f]
  %computed: f64 = call @log.sum [%n, %f, %half, %t]
  %result: f64 = call @log.ends [%x, %computed]
  return [%result]
}`;

/** log(1 + x + lower) where lower is small against x, and 1 + x finite and positive. */
export const log1pPair = `
routine @log1p.pair(%x: f64, %lower: f64) -> (f64) {
  %sum: f64, %sumLost: f64 = call @twoSum [1.0:f64, %x]
  %m: f64, %n: f64 = call @log.split [%sum, ${bitsOf(Math.SQRT1_2)}:i64]
  ; Where 1 + x is m itself, f is x, without the rounding of the sum.
  %isNear = eq.f64 %n 0.0
  %far = sub.f64 %m 1.0
  %f = select.f64 %isNear %x %far
  %kept = select.f64 %isNear 0.0 %sumLost
  %lost = add.f64 %kept %lower
  %correction = div.f64 %lost %sum
  %half: f64, %t: f64 = call @log.kernel [%f]
  %corrected = add.f64 %t %correction
  %result: f64 = call @log.sum [%n, %f, %half, %corrected]
  return [%result]
}`;

export const log1p = `
routine @log1p(%x: f64) -> (f64) {
  %computed: f64 = call @log1p.pair [%x, 0.0:f64]
  %sum = add.f64 1.0 %x
  %ended: f64 = call @log.ends [%sum, %computed]
  ; Keeps −0.
  %isZero = eq.f64 %x 0.0
  %result = select.f64 %isZero %x %ended
  return [%result]
}`;

/** log(2·x), where 2·x may be beyond all doubles */
export const logTwice = `
routine @log.twice(%x: f64) -> (f64) {
  %m: f64, %n: f64 = call @log.split [%x, ${bitsOf(Math.SQRT1_2)}:i64]
  %f = sub.f64 %m 1.0
  %half: f64, %t: f64 = call @log.kernel [%f]
  %next = add.f64 %n 1.0
  %computed: f64 = call @log.sum [%next, %f, %half, %t]
  %result: f64 = call @log.ends [%x, %computed]
  return [%result]
}`;

interface Base {
  /** 1/ln(base), of 27 bits, and the rest. */
  readonly scaleUpper: number;
  readonly scaleLower: number;
  /** log 2 to that base, of 42 bits, and the rest. */
  readonly twoUpper: number;
  readonly twoLower: number;
}

/** log(1 + f) as a number of 26 bits and the rest, times 1/ln(base) as another such pair; what n adds is exact but for its rest. */
const toBase = (name: string, { scaleUpper, scaleLower, twoUpper, twoLower }: Base): string => `
routine @${name}(%x: f64) -> (f64) {
  %m: f64, %n: f64 = call @log.split [%x, ${bitsOf(Math.SQRT1_2)}:i64]
  %f = sub.f64 %m 1.0
  %half: f64, %t: f64 = call @log.kernel [%f]
  %near = sub.f64 %f %half
  %upper: f64, %unused: f64 = call @split [%near]
  %rest1 = sub.f64 %f %upper
  %rest2 = sub.f64 %rest1 %half
  %rest = add.f64 %rest2 %t
  %product = mul.f64 %upper ${f64(scaleUpper)}
  %whole = add.f64 %rest %upper
  %small1 = mul.f64 %whole ${f64(scaleLower)}
  %small2 = mul.f64 %rest ${f64(scaleUpper)}
  %small3 = add.f64 %small1 %small2
  %power = mul.f64 %n ${f64(twoUpper)}
  %powerRest = mul.f64 %n ${f64(twoLower)}
  %sum: f64, %lost: f64 = call @fastTwoSum [%power, %product]
  %small4 = add.f64 %small3 %powerRest
  %small = add.f64 %small4 %lost
  %computed = add.f64 %sum %small
  %result: f64 = call @log.ends [%x, %computed]
  return [%result]
}`;

export const log2 = toBase('log2', {
  scaleUpper: 1.4426950365304947,
  scaleLower: 4.3584687174185184e-9,
  twoUpper: 1,
  twoLower: 0,
});

export const log10 = toBase('log10', {
  scaleUpper: 0.434294480830431,
  scaleLower: 1.0728208431540585e-9,
  twoUpper: 0.30102999566395283,
  twoLower: 2.8363394551044964e-14,
});
