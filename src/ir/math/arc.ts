// The inverse trigonometric functions. Arc tangents: c = 0, ½, 1, 1.5 or ∞ is chosen near the argument, and atan t = atan c + atan u with
// u = (t − c)/(1 + c·t), |u| ≤ 0.4376, from a polynomial in u² (the points are those of fdlibm's s_atan.c, Sun 1993). Arc sines: a polynomial up to ½,
// and from there asin x = π/2 − 2·asin √((1 − x)/2). The polynomials are ours (see exp.ts), with errors below 2⁻⁵⁸ of the result.
import { f64, polynomial } from './text.js';

const halfPi = 1.5707963267948966;
const halfPiLower = 6.123233995736766e-17;
/** atan of ½, 1 and 1.5, and what these doubles lack. */
const arcs = {
  half: [0.4636476090008061, 2.2698777452961687e-17],
  one: [0.7853981633974483, 3.061616997868383e-17],
  oneAndHalf: [0.982793723247329, 1.3903311031230998e-17],
} as const;

/** u → u² and (atan u − u)/u³ for |u| ≤ 0.4376 */
export const atanSeries = `
routine @atan.series(%u: f64) -> (f64, f64) {
  %u2 = mul.f64 %u %u
  ${polynomial(
    'p',
    '%u2',
    [
      -0.33333333333333326, 0.19999999999995943, -0.14285714285101356, 0.11111111068133346, -0.0909090738533345,
      0.07692265336575038, -0.06665970671660461, 0.05874555508042339, -0.05202911821709693, 0.044423950906285425,
      -0.032097251591630356, 0.013845438163968507,
    ],
  )}
  return [%u2, %p]
}`;

export const atan = `
routine @atan(%x: f64) -> (f64) {
  %t = abs.f64 %x
  %is1 = ge.f64 %t 0.4375
  %is2 = ge.f64 %t 0.6875
  %is3 = ge.f64 %t 1.1875
  %is4 = ge.f64 %t 2.4375
  %c1 = select.f64 %is1 0.5 0.0
  %c2 = select.f64 %is2 1.0 %c1
  %c = select.f64 %is3 1.5 %c2
  %known1 = select.f64 %is1 ${f64(arcs.half[0])} 0.0
  %known2 = select.f64 %is2 ${f64(arcs.one[0])} %known1
  %known3 = select.f64 %is3 ${f64(arcs.oneAndHalf[0])} %known2
  %known = select.f64 %is4 ${f64(halfPi)} %known3
  %lower1 = select.f64 %is1 ${f64(arcs.half[1])} 0.0
  %lower2 = select.f64 %is2 ${f64(arcs.one[1])} %lower1
  %lower3 = select.f64 %is3 ${f64(arcs.oneAndHalf[1])} %lower2
  %knownLower = select.f64 %is4 ${f64(halfPiLower)} %lower3
  %above = sub.f64 %t %c
  %product = mul.f64 %t %c
  %below = add.f64 1.0 %product
  %a = select.f64 %is4 -1.0 %above
  %b = select.f64 %is4 %t %below
  %u = div.f64 %a %b
  %u2: f64, %p: f64 = call @atan.series [%u]
  %u3 = mul.f64 %u2 %u
  %series = mul.f64 %u3 %p
  %small = add.f64 %series %knownLower
  %sum: f64, %lost: f64 = call @fastTwoSum [%known, %u]
  %small2 = add.f64 %small %lost
  %size = add.f64 %sum %small2
  %minus = neg.f64 %size
  %isBelow = lt.f64 %x 0.0
  %signed = select.f64 %isBelow %minus %size
  %isZero = eq.f64 %x 0.0
  %result = select.f64 %isZero %x %signed
  return [%result]
}`;

/**
 * The smaller of |x| and |y| over the larger, as in atan, but with quotient and divisor as pairs; then π/2 minus it where y is the larger, and π minus
 * that where x is negative. Numbers of extreme size are scaled by a power of two.
 */
export const atan2 = `
routine @atan2(%y: f64, %x: f64) -> (f64) {
  %sizeX = abs.f64 %x
  %sizeY = abs.f64 %y
  %isSteep = gt.f64 %sizeY %sizeX
  %large1 = select.f64 %isSteep %sizeY %sizeX
  %small1 = select.f64 %isSteep %sizeX %sizeY
  ; ∞ stands to ∞ as 1 to 1, and to all else as 1 to 0; so does 0 stand to 0.
  %isInfinite = eq.f64 %large1 inf
  %areInfinite = eq.f64 %small1 inf
  %isNothing = eq.f64 %large1 0.0
  %large2 = select.f64 %isInfinite 1.0 %large1
  %one = select.f64 %areInfinite 1.0 0.0
  %small2 = select.f64 %isInfinite %one %small1
  %large3 = select.f64 %isNothing 1.0 %large2
  %isHuge = gt.f64 %large3 ${f64(2 ** 500)}
  %isTiny = lt.f64 %large3 ${f64(2 ** -500)}
  %scale1 = select.f64 %isHuge ${f64(2 ** -600)} 1.0
  %scale = select.f64 %isTiny ${f64(2 ** 600)} %scale1
  %large = mul.f64 %large3 %scale
  %small = mul.f64 %small2 %scale
  ; The point c, 0, ½ or 1.
  %limit1 = mul.f64 %large 0.4375
  %limit2 = mul.f64 %large 0.6875
  %is1 = ge.f64 %small %limit1
  %is2 = ge.f64 %small %limit2
  %c1 = select.f64 %is1 0.5 0.0
  %c = select.f64 %is2 1.0 %c1
  %known1 = select.f64 %is1 ${f64(arcs.half[0])} 0.0
  %known = select.f64 %is2 ${f64(arcs.one[0])} %known1
  %lower1 = select.f64 %is1 ${f64(arcs.half[1])} 0.0
  %knownLower = select.f64 %is2 ${f64(arcs.one[1])} %lower1
  %cLarge = mul.f64 %c %large
  %a = sub.f64 %small %cLarge
  %cSmall = mul.f64 %c %small
  %b: f64, %bLower: f64 = call @fastTwoSum [%large, %cSmall]
  %u: f64, %uLower: f64 = call @quotient.parts [%a, 0.0:f64, %b, %bLower]
  %u2: f64, %p: f64 = call @atan.series [%u]
  %u3 = mul.f64 %u2 %u
  %series1 = mul.f64 %u3 %p
  %damped = mul.f64 %u2 %uLower
  %series2 = sub.f64 %uLower %damped
  %series = add.f64 %series1 %series2
  ; base ± (known + u + series), base being 0, π/2 or π
  %xBits = bitsOfF64.f64 %x
  %isLeft = lt.i64 %xBits 0
  %base1 = select.f64 %isLeft ${f64(Math.PI)} 0.0
  %base = select.f64 %isSteep ${f64(halfPi)} %base1
  %baseLower1 = select.f64 %isLeft ${f64(2 * halfPiLower)} 0.0
  %baseLower = select.f64 %isSteep ${f64(halfPiLower)} %baseLower1
  %isMinus = ne.bool %isSteep %isLeft
  %sign = select.f64 %isMinus -1.0 1.0
  %signedKnown = mul.f64 %sign %known
  %signedU = mul.f64 %sign %u
  %sum1: f64, %lost1: f64 = call @fastTwoSum [%base, %signedKnown]
  %sum: f64, %lost2: f64 = call @fastTwoSum [%sum1, %signedU]
  %rest1 = add.f64 %series %knownLower
  %rest2 = mul.f64 %sign %rest1
  %rest3 = add.f64 %rest2 %baseLower
  %lost = add.f64 %lost1 %lost2
  %rest = add.f64 %rest3 %lost
  %angle = add.f64 %sum %rest
  ; Where the quotient is below 2⁻⁶⁰ and the base 0, it is the angle; its parts may be too small for doubles.
  %limit3 = mul.f64 %large ${f64(2 ** -60)}
  %isFlat1 = lt.f64 %small %limit3
  %isBased = ne.f64 %base 0.0
  %isFree = not.bool %isBased
  %isFlat = and.bool %isFlat1 %isFree
  %direct = div.f64 %small2 %large3
  %size = select.f64 %isFlat %direct %angle
  %yBits = bitsOfF64.f64 %y
  %isDown = lt.i64 %yBits 0
  %minus = neg.f64 %size
  %signed = select.f64 %isDown %minus %size
  %isNanX = ne.f64 %x %x
  %isNanY = ne.f64 %y %y
  %isNan = or.bool %isNanX %isNanY
  %result = select.f64 %isNan nan %signed
  return [%result]
}`;

/** z = x² → (asin x − x)/x for |x| ≤ ½ */
export const asinSeries = `
routine @asin.series(%z: f64) -> (f64) {
  ${polynomial(
    'p',
    '%z',
    [
      0.16666666666666718, 0.07499999999980106, 0.044642857166948345, 0.030381943035934212, 0.022372206560035905,
      0.017351752024028506, 0.013979251642422271, 0.011411009722444283, 0.010715935698613371, 0.003938078265375267,
      0.021167540869818827, -0.020264486362506818, 0.03218555279100772,
    ],
  )}
  %result = mul.f64 %z %p
  return [%result]
}`;

/** |x| → whether it is at most ½; the root r that the series is taken of; what r lacks; and asin r − r. */
export const asinParts = `
routine @asin.parts(%size: f64) -> (bool, f64, f64, f64) {
  %isNear = le.f64 %size 0.5
  %square = mul.f64 %size %size
  %distance = sub.f64 1.0 %size
  %half = mul.f64 0.5 %distance
  %z = select.f64 %isNear %square %half
  %series: f64 = call @asin.series [%z]
  %root = sqrt.f64 %half
  %back: f64, %backLost: f64 = call @twoSquare [%root]
  %rest1 = sub.f64 %half %back
  %rest = sub.f64 %rest1 %backLost
  %twice = add.f64 %root %root
  %isNothing = eq.f64 %root 0.0
  %divisor = select.f64 %isNothing 1.0 %twice
  %rootLower1 = div.f64 %rest %divisor
  %r = select.f64 %isNear %size %root
  %lost = select.f64 %isNear 0.0 %rootLower1
  %tail = mul.f64 %r %series
  return [%isNear, %r, %lost, %tail]
}`;

export const asin = `
routine @asin(%x: f64) -> (f64) {
  %size = abs.f64 %x
  %isNear: bool, %r: f64, %lost: f64, %tail: f64 = call @asin.parts [%size]
  %near = add.f64 %r %tail
  ; π/2 − 2·(r + lost + tail)
  %twiceR = add.f64 %r %r
  %minusTwiceR = neg.f64 %twiceR
  %upper: f64, %upperLost: f64 = call @fastTwoSum [${f64(halfPi)}:f64, %minusTwiceR]
  %small1 = add.f64 %lost %tail
  %small2 = add.f64 %small1 %small1
  %small3 = sub.f64 ${f64(halfPiLower)} %small2
  %small = add.f64 %upperLost %small3
  %far = add.f64 %upper %small
  %y = select.f64 %isNear %near %far
  %minus = neg.f64 %y
  %isBelow = lt.f64 %x 0.0
  %signed = select.f64 %isBelow %minus %y
  %isZero = eq.f64 %x 0.0
  %result = select.f64 %isZero %x %signed
  return [%result]
}`;

export const acos = `
routine @acos(%x: f64) -> (f64) {
  %size = abs.f64 %x
  %isNear: bool, %r: f64, %lost: f64, %tail: f64 = call @asin.parts [%size]
  %small = add.f64 %lost %tail
  %isBelow = lt.f64 %x 0.0
  ; Near 0 it is π/2 − asin x; far from it 2·asin r, and for negative x π minus that.
  %scale = select.f64 %isNear 1.0 2.0
  %scaledR = mul.f64 %r %scale
  %scaledSmall = mul.f64 %small %scale
  %isMinus = ne.bool %isNear %isBelow
  %sign = select.f64 %isMinus -1.0 1.0
  %base1 = select.f64 %isBelow ${f64(Math.PI)} 0.0
  %base = select.f64 %isNear ${f64(halfPi)} %base1
  %baseLower1 = select.f64 %isBelow ${f64(2 * halfPiLower)} 0.0
  %baseLower = select.f64 %isNear ${f64(halfPiLower)} %baseLower1
  %signedR = mul.f64 %sign %scaledR
  %signedSmall = mul.f64 %sign %scaledSmall
  %sum: f64, %lost1: f64 = call @fastTwoSum [%base, %signedR]
  %rest1 = add.f64 %signedSmall %baseLower
  %rest = add.f64 %rest1 %lost1
  %result = add.f64 %sum %rest
  return [%result]
}`;
