// The hyperbolic functions, from eˣ − 1 as the sum that @expm1.parts gives, and their inverses, from log(1 + x) of a pair of doubles.
// The forms are fdlibm's (Sun, 1993) where nothing is said; tanh and the inverses carry the rest of their arguments along, for their bounds.
import { f64 } from './text.js';

/** eᵃ − 1 for 0 ≤ a < 60 as a double and its rest. */
export const expm1Pair = `
routine @expm1.pair(%a: f64) -> (f64, f64) {
  %sum: f64, %small: f64, %n: i64 = call @expm1.parts [%a]
  %upper: f64, %lower: f64 = call @fastTwoSum [%sum, %small]
  %biased = add.i64 %n 1023
  %powerBits = shl.i64 %biased 52
  %power = f64OfBits.i64 %powerBits
  %scaledUpper = mul.f64 %upper %power
  %scaledLower = mul.f64 %lower %power
  return [%scaledUpper, %scaledLower]
}`;

/** eᵃ/2 for a ≥ 40, which may be infinite */
export const halfExp = `
routine @exp.half(%a: f64) -> (f64) {
  %isHuge = gt.f64 %a 711.0
  %bounded = select.f64 %isHuge 711.0 %a
  %r: f64, %lost: f64, %n: i64 = call @exp.reduce [%bounded]
  %y: f64 = call @exp.kernel [%r, %lost]
  %less = sub.i64 %n 1
  %result: f64 = call @exp.scale [%y, %less]
  return [%result]
}`;

export const sinh = `
routine @sinh(%x: f64) -> (f64) {
  %size = abs.f64 %x
  %isLarge = gt.f64 %size 40.0
  %large: f64 = call @exp.half [%size]
  %bounded = select.f64 %isLarge 40.0 %size
  ; (e + e/(e + 1))/2 with e = eᵃ − 1
  %e: f64, %eLower: f64 = call @expm1.pair [%bounded]
  %next = add.f64 %e 1.0
  %share = div.f64 %e %next
  %twice1 = add.f64 %share %eLower
  %twice = add.f64 %e %twice1
  %small = mul.f64 %twice 0.5
  %y = select.f64 %isLarge %large %small
  %minus = neg.f64 %y
  %isBelow = lt.f64 %x 0.0
  %signed = select.f64 %isBelow %minus %y
  ; Keeps −0 and subnormal numbers.
  %isTiny = lt.f64 %size ${f64(2 ** -30)}
  %result = select.f64 %isTiny %x %signed
  return [%result]
}`;

export const cosh = `
routine @cosh(%x: f64) -> (f64) {
  %size = abs.f64 %x
  %isLarge = gt.f64 %size 40.0
  %large: f64 = call @exp.half [%size]
  %bounded = select.f64 %isLarge 40.0 %size
  ; 1 + e²/(2·(e + 1)) with e = eᵃ − 1
  %e: f64, %eLower: f64 = call @expm1.pair [%bounded]
  %next: f64, %nextLost: f64 = call @twoSum [%e, 1.0:f64]
  %divisor = add.f64 %next %next
  %share = div.f64 %e %divisor
  %grown = mul.f64 %share %e
  %small = add.f64 1.0 %grown
  %inverse = div.f64 0.5 %next
  %half = mul.f64 0.5 %next
  %nextLower = add.f64 %nextLost %eLower
  %halfLower = mul.f64 0.5 %nextLower
  %rest = add.f64 %inverse %halfLower
  %middle = add.f64 %half %rest
  %isMiddle = gt.f64 %size 0.34
  %near = select.f64 %isMiddle %middle %small
  %result = select.f64 %isLarge %large %near
  return [%result]
}`;

/** e/(e + 2) with e = e²ᵃ − 1, all in pairs; 1 from 20 on */
export const tanh = `
routine @tanh(%x: f64) -> (f64) {
  %size = abs.f64 %x
  %isLarge = gt.f64 %size 20.0
  %bounded = select.f64 %isLarge 20.0 %size
  %twice = add.f64 %bounded %bounded
  %e: f64, %eLower: f64 = call @expm1.pair [%twice]
  %divisor: f64, %lost: f64 = call @twoSum [%e, 2.0:f64]
  %divisorLower = add.f64 %lost %eLower
  %y1: f64 = call @quotient [%e, %eLower, %divisor, %divisorLower]
  %y = select.f64 %isLarge 1.0 %y1
  %minus = neg.f64 %y
  %isBelow = lt.f64 %x 0.0
  %signed = select.f64 %isBelow %minus %y
  %isTiny = lt.f64 %size ${f64(2 ** -30)}
  %result = select.f64 %isTiny %x %signed
  return [%result]
}`;

/** |x| + x²/(1 + √(1 + x²)), and log(1 + x) of it; above 2²⁸ log |x| + ln 2 */
export const asinh = `
routine @asinh(%x: f64) -> (f64) {
  %size = abs.f64 %x
  %isLarge = gt.f64 %size ${f64(2 ** 28)}
  %bounded = select.f64 %isLarge 1.0 %size
  %square = mul.f64 %bounded %bounded
  %next = add.f64 1.0 %square
  %root = sqrt.f64 %next
  %divisor = add.f64 1.0 %root
  %share = div.f64 %square %divisor
  %argument: f64, %lost: f64 = call @fastTwoSum [%bounded, %share]
  %near: f64 = call @log1p.pair [%argument, %lost]
  %far: f64 = call @log.twice [%size]
  %y = select.f64 %isLarge %far %near
  %minus = neg.f64 %y
  %isBelow = lt.f64 %x 0.0
  %signed = select.f64 %isBelow %minus %y
  %isTiny = lt.f64 %size ${f64(2 ** -30)}
  %isNan = ne.f64 %x %x
  %isOwn = or.bool %isTiny %isNan
  %result = select.f64 %isOwn %x %signed
  return [%result]
}`;

/** t + √(t·(t + 2)) with t = x − 1, and log(1 + x) of it; above 2²⁸ log x + ln 2 */
export const acosh = `
routine @acosh(%x: f64) -> (f64) {
  %isLarge = gt.f64 %x ${f64(2 ** 28)}
  %bounded = select.f64 %isLarge 2.0 %x
  %t = sub.f64 %bounded 1.0
  %more = add.f64 %t 2.0
  %product: f64, %productLost: f64 = call @twoProduct [%t, %more]
  %root = sqrt.f64 %product
  %back: f64, %backLost: f64 = call @twoSquare [%root]
  %rest1 = sub.f64 %product %back
  %rest2 = sub.f64 %rest1 %backLost
  %rest = add.f64 %rest2 %productLost
  %isOne = eq.f64 %root 0.0
  %twice = add.f64 %root %root
  %divisor = select.f64 %isOne 1.0 %twice
  %rootLower = div.f64 %rest %divisor
  %argument: f64, %lost: f64 = call @fastTwoSum [%root, %t]
  %lower = add.f64 %lost %rootLower
  %near: f64 = call @log1p.pair [%argument, %lower]
  %far: f64 = call @log.twice [%x]
  %y = select.f64 %isLarge %far %near
  %isIn = ge.f64 %x 1.0
  %result = select.f64 %isIn %y nan
  return [%result]
}`;

/** log(1 + 2a/(1 − a))/2 */
export const atanh = `
routine @atanh(%x: f64) -> (f64) {
  %size = abs.f64 %x
  %minus = neg.f64 %size
  %distance: f64, %lost: f64 = call @fastTwoSum [1.0:f64, %minus]
  %twice = add.f64 %size %size
  %argument: f64, %lower: f64 = call @quotient.parts [%twice, 0.0:f64, %distance, %lost]
  %log: f64 = call @log1p.pair [%argument, %lower]
  %y = mul.f64 %log 0.5
  %isIn = lt.f64 %size 1.0
  %isOne = eq.f64 %size 1.0
  %end = select.f64 %isOne inf nan
  %ended = select.f64 %isIn %y %end
  %negative = neg.f64 %ended
  %isBelow = lt.f64 %x 0.0
  %signed = select.f64 %isBelow %negative %ended
  %isTiny = lt.f64 %size ${f64(2 ** -30)}
  %result = select.f64 %isTiny %x %signed
  return [%result]
}`;
