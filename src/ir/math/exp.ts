// eˣ, 2ˣ and eˣ − 1. x = n·ln 2 + r with |r| ≤ ln 2 / 2, and eʳ from a polynomial; r is a pair of doubles, as n·ln 2 is.
// The reduction is that of fdlibm (Sun, 1993); the polynomials are minimax approximations of our own (Remez in 60 digits, coefficients rounded one
// after the other, each time fitting the rest again), with errors below 2⁻⁶² of the result.
import { bitsOf, f64, polynomial, roundingShift } from './text.js';

/** ln 2 in 42 bits, so that n·upper is exact, and the rest. */
const ln2Upper = 0.6931471805598903;
const ln2Lower = 5.497923018708371e-14;
/** ln 2 in 27 bits, so that its product with 26 bits is exact, and the rest. */
const ln2Half = 0.693147175014019;
const ln2Rest = 5.5459262969660605e-9;

/** x → r, what r lacks, n. */
export const expReduce = `
routine @exp.reduce(%x: f64) -> (f64, f64, i64) {
  %quotient = mul.f64 %x ${f64(Math.LOG2E)}
  %shifted = add.f64 %quotient ${f64(roundingShift)}
  %n = sub.f64 %shifted ${f64(roundingShift)}
  %bits = bitsOfF64.f64 %shifted
  %power = sub.i64 %bits ${bitsOf(roundingShift)}
  %upper = mul.f64 %n ${f64(ln2Upper)}
  %lower = mul.f64 %n ${f64(ln2Lower)}
  %rest = sub.f64 %x %upper
  %r = sub.f64 %rest %lower
  %grown = sub.f64 %rest %r
  %lost = sub.f64 %grown %lower
  return [%r, %lost, %power]
}`;

/** r → eʳ − 1 − r for |r| ≤ 0.3467. */
export const expTail = `
routine @exp.tail(%r: f64) -> (f64) {
  %r2 = mul.f64 %r %r
  ${polynomial(
    'p',
    '%r',
    [
      0.5, 0.16666666666666682, 0.041666666666666685, 0.008333333333317615, 0.0013888888888873318,
      0.0001984126989524248, 2.480158734906904e-5, 2.7557235804039688e-6, 2.755725198188148e-7, 2.5111757637319814e-8,
      2.0921706485976998e-9,
    ],
    '%r2',
  )}
  %tail = mul.f64 %r2 %p
  return [%tail]
}`;

/** e^(r + lost): 1 + r is summed exactly, so that all else is small against the result. */
export const expKernel = `
routine @exp.kernel(%r: f64, %lost: f64) -> (f64) {
  %tail: f64 = call @exp.tail [%r]
  %sum: f64, %sumLost: f64 = call @fastTwoSum [1.0:f64, %r]
  %correction = mul.f64 %lost %sum
  %small1 = add.f64 %tail %correction
  %small = add.f64 %small1 %sumLost
  %result = add.f64 %sum %small
  return [%result]
}`;

/** y·2ⁿ for |n| < 2000, rounded once where y is near 1: 2ⁿ in two factors, of which only the second can leave the range. */
export const expScale = `
routine @exp.scale(%y: f64, %n: i64) -> (f64) {
  %half = shrS.i64 %n 1
  %rest = sub.i64 %n %half
  %halfBiased = add.i64 %half 1023
  %restBiased = add.i64 %rest 1023
  %halfBits = shl.i64 %halfBiased 52
  %restBits = shl.i64 %restBiased 52
  %halfPower = f64OfBits.i64 %halfBits
  %restPower = f64OfBits.i64 %restBits
  %once = mul.f64 %y %halfPower
  %result = mul.f64 %once %restPower
  return [%result]
}`;

export const exp = `
routine @exp(%x: f64) -> (f64) {
  %r: f64, %lost: f64, %n: i64 = call @exp.reduce [%x]
  %y: f64 = call @exp.kernel [%r, %lost]
  %scaled: f64 = call @exp.scale [%y, %n]
  %isHuge = gt.f64 %x 709.79
  %isTiny = lt.f64 %x -745.14
  %notHuge = select.f64 %isHuge inf %scaled
  %result = select.f64 %isTiny 0.0 %notHuge
  return [%result]
}`;

export const exp2 = `
routine @exp2(%x: f64) -> (f64) {
  %shifted = add.f64 %x ${f64(roundingShift)}
  %n = sub.f64 %shifted ${f64(roundingShift)}
  %bits = bitsOfF64.f64 %shifted
  %power = sub.i64 %bits ${bitsOf(roundingShift)}
  %r = sub.f64 %x %n
  %r2 = mul.f64 %r %r
  ; 2^r = 1 + r·ln 2 + r²·p(r)
  ${polynomial(
    'p',
    '%r',
    [
      0.24022650695910072, 0.05550410866482163, 0.009618129107628035, 0.001333355814640347, 0.00015403530394092688,
      1.5252733845380441e-5, 1.3215486278988998e-6, 1.0178055268106246e-7, 7.055077661150542e-9, 4.4561129469934275e-10,
      2.549750086596792e-11,
    ],
    '%r2',
  )}
  %upper: f64, %lower: f64 = call @split [%r]
  %linear = mul.f64 %upper ${f64(ln2Half)}
  %rest1 = mul.f64 %upper ${f64(ln2Rest)}
  %rest2 = mul.f64 %lower ${f64(Math.LN2)}
  %rest = add.f64 %rest1 %rest2
  %sum: f64, %lost: f64 = call @fastTwoSum [1.0:f64, %linear]
  %tail1 = mul.f64 %r2 %p
  %tail = add.f64 %tail1 %rest
  %small = add.f64 %tail %lost
  %y = add.f64 %sum %small
  %scaled: f64 = call @exp.scale [%y, %power]
  %isHuge = ge.f64 %x 1024.0
  %isTiny = lt.f64 %x -1075.5
  %notHuge = select.f64 %isHuge inf %scaled
  %result = select.f64 %isTiny 0.0 %notHuge
  return [%result]
}`;

/**
 * eˣ − 1 = 2ⁿ·(sum + small), where sum = (1 − 2⁻ⁿ) + r is exact but for what `small` holds: nothing cancels, whatever n is.
 * For −50 < x < 710.
 */
export const expm1Parts = `
routine @expm1.parts(%x: f64) -> (f64, f64, i64) {
  %r: f64, %lost: f64, %n: i64 = call @exp.reduce [%x]
  %tail: f64 = call @exp.tail [%r]
  %biased = sub.i64 1023 %n
  %inverseBits = shl.i64 %biased 52
  %inverse = f64OfBits.i64 %inverseBits
  ; Beyond 2⁶⁰ the one that is taken away is nothing, and 2⁻ⁿ would leave the range.
  %isLarge = gt.i64 %n 60
  %one = select.f64 %isLarge 0.0 %inverse
  %distance = sub.f64 1.0 %one
  %taken = sub.f64 1.0 %distance
  %distanceLost = sub.f64 %taken %one
  %sum: f64, %sumLost: f64 = call @twoSum [%distance, %r]
  %lostMore = mul.f64 %lost %r
  %small1 = add.f64 %lost %lostMore
  %small2 = add.f64 %tail %small1
  %small3 = add.f64 %sumLost %small2
  %small = add.f64 %small3 %distanceLost
  return [%sum, %small, %n]
}`;

export const expm1 = `
routine @expm1(%x: f64) -> (f64) {
  ; Below −40 the result is −1.
  %isLow = lt.f64 %x -40.0
  %bounded = select.f64 %isLow -40.0 %x
  %sum: f64, %small: f64, %n: i64 = call @expm1.parts [%bounded]
  %y = add.f64 %sum %small
  %scaled: f64 = call @exp.scale [%y, %n]
  %isHuge = gt.f64 %x 709.79
  %notHuge = select.f64 %isHuge inf %scaled
  %isZero = eq.f64 %x 0.0
  %result = select.f64 %isZero %x %notHuge
  return [%result]
}`;
