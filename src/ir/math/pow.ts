// x to the power of y, with JavaScript's special cases (docs/numerics.md, 5). 2^(y·log₂ x) with log₂ x as a pair of doubles, right to about
// 2⁻⁶⁸: x = m·2ⁿ with m from √¾ to √3, c = 1 or 1.5 so that s = (m − c)/(m + c) is below 0.102, and log₂(m/c) = 2/ln 2·(s + s³/3 + s⁵/5 + …).
// The two points c and the order of the sums are those of fdlibm's e_pow.c (Sun, 1993); the polynomial is ours (see exp.ts).
import { bitsOf, f64, polynomial, roundingShift } from './text.js';

/** 2/(3·ln 2). */
const scaleUpper = 0.9617966939259756;
const scaleLower = 5.0577616648125907e-17;
/** log₂ 1.5, of 24 bits so that n + it is exact, and the rest. */
const point = 0.5849624872207642;
const pointLower = 1.350039202129749e-8;
const ln2Lower = 2.3190468138462996e-17;

/** log₂ x for positive finite x. */
export const powLog2 = `
routine @pow.log2(%x: f64) -> (f64, f64) {
  %m: f64, %n: f64 = call @log.split [%x, ${bitsOf(Math.sqrt(0.75))}:i64]
  %isHigh = gt.f64 %m ${f64(Math.sqrt(1.5))}
  %c = select.f64 %isHigh 1.5 1.0
  %known = select.f64 %isHigh ${f64(point)} 0.0
  %knownLower = select.f64 %isHigh ${f64(pointLower)} 0.0
  ; s = (m − c)/(m + c), with what the division and the sum below it lost.
  %difference = sub.f64 %m %c
  %sum: f64, %sumLost: f64 = call @twoSum [%m, %c]
  %s = div.f64 %difference %sum
  %back: f64, %backLost: f64 = call @twoProduct [%s, %sum]
  %rest1 = sub.f64 %difference %back
  %rest2 = sub.f64 %rest1 %backLost
  %fromSum = mul.f64 %s %sumLost
  %rest = sub.f64 %rest2 %fromSum
  %sLower = div.f64 %rest %sum
  ; s² with its rest, and 3 + s² + s⁴·p(s²).
  %s2: f64, %s2Lost: f64 = call @twoSquare [%s]
  %cross = mul.f64 %s %sLower
  %twice = add.f64 %cross %cross
  %s2Lower = add.f64 %s2Lost %twice
  %s4 = mul.f64 %s2 %s2
  ${polynomial(
    'p',
    '%s2',
    [
      0.6, 0.4285714285714495, 0.3333333333285847, 0.27272727194993285, 0.2307697256144783, 0.19991817881526197,
      0.18236304018012012,
    ],
    '%s4',
  )}
  %high = mul.f64 %s4 %p
  %series: f64, %seriesLost: f64 = call @fastTwoSum [3.0:f64, %s2]
  %seriesLower1 = add.f64 %s2Lower %high
  %seriesLower = add.f64 %seriesLost %seriesLower1
  ; times s, times 2/(3·ln 2)
  %product: f64, %productLost: f64 = call @twoProduct [%s, %series]
  %cross1 = mul.f64 %s %seriesLower
  %cross2 = mul.f64 %sLower %series
  %cross3 = add.f64 %cross1 %cross2
  %productLower = add.f64 %productLost %cross3
  %scaled: f64, %scaledLost: f64 = call @twoProduct [%product, ${f64(scaleUpper)}:f64]
  %cross4 = mul.f64 %product ${f64(scaleLower)}
  %cross5 = mul.f64 %productLower ${f64(scaleUpper)}
  %cross6 = add.f64 %cross4 %cross5
  %scaledLower = add.f64 %scaledLost %cross6
  ; n + log₂ c is exact, and nothing or larger than the rest.
  %whole = add.f64 %n %known
  %upper: f64, %upperLost: f64 = call @fastTwoSum [%whole, %scaled]
  %lower1 = add.f64 %scaledLower %knownLower
  %lower2 = add.f64 %upperLost %lower1
  %result: f64, %lower: f64 = call @fastTwoSum [%upper, %lower2]
  return [%result, %lower]
}`;

/** 2^(upper + lower) for |upper| < 1200. */
export const powExp2 = `
routine @pow.exp2(%upper: f64, %lower: f64) -> (f64) {
  %shifted = add.f64 %upper ${f64(roundingShift)}
  %n = sub.f64 %shifted ${f64(roundingShift)}
  %bits = bitsOfF64.f64 %shifted
  %power = sub.i64 %bits ${bitsOf(roundingShift)}
  ; What is left of upper is small, so that lower may reach into its bits.
  %left = sub.f64 %upper %n
  %fraction: f64, %rest: f64 = call @fastTwoSum [%left, %lower]
  %r: f64, %rLost: f64 = call @twoProduct [%fraction, ${f64(Math.LN2)}:f64]
  %more1 = mul.f64 %fraction ${f64(ln2Lower)}
  %more2 = mul.f64 %rest ${f64(Math.LN2)}
  %more = add.f64 %more1 %more2
  %rLower = add.f64 %rLost %more
  %y: f64 = call @exp.kernel [%r, %rLower]
  %result: f64 = call @exp.scale [%y, %power]
  return [%result]
}`;

export const pow = `
routine @pow(%x: f64, %y: f64) -> (f64) {
  %size = abs.f64 %x
  %log: f64, %logLower: f64 = call @pow.log2 [%size]
  ; An exponent beyond 2⁶⁵ gives 0 or infinity for every base but 1, and one at that limit does as well.
  %isHighY = gt.f64 %y ${f64(2 ** 65)}
  %isLowY = lt.f64 %y ${f64(-(2 ** 65))}
  %y1 = select.f64 %isHighY ${f64(2 ** 65)} %y
  %y2 = select.f64 %isLowY ${f64(-(2 ** 65))} %y1
  %product: f64, %productLost: f64 = call @twoProduct [%y2, %log]
  %cross = mul.f64 %y2 %logLower
  %lower1 = add.f64 %productLost %cross
  %isHuge = gt.f64 %product 1100.0
  %isTiny = lt.f64 %product -1100.0
  %isOut = or.bool %isHuge %isTiny
  %upper1 = select.f64 %isHuge 1100.0 %product
  %upper = select.f64 %isTiny -1100.0 %upper1
  %lower = select.f64 %isOut 0.0 %lower1
  %power: f64 = call @pow.exp2 [%upper, %lower]

  ; Bases 0 and ∞, exponent ±∞: 0 or ∞, by whether the base is below one and whether the exponent is negative.
  %isZero = eq.f64 %size 0.0
  %isInfinite = eq.f64 %size inf
  %isEndX = or.bool %isZero %isInfinite
  %ySize = abs.f64 %y
  %isEndY = eq.f64 %ySize inf
  %isEnd = or.bool %isEndX %isEndY
  %isBelow = lt.f64 %size 1.0
  %isDown = lt.f64 %y 0.0
  %isInfinityThere = eq.bool %isBelow %isDown
  %end = select.f64 %isInfinityThere inf 0.0
  %size1 = select.f64 %isEnd %end %power

  ; A negative base: odd exponents keep its sign, and only integers have a result.
  %whole = trunc.f64 %y
  %isInteger = eq.f64 %whole %y
  %halfY = mul.f64 %y 0.5
  %wholeHalf = trunc.f64 %halfY
  %isHalfBroken = ne.f64 %wholeHalf %halfY
  %isOdd = and.bool %isInteger %isHalfBroken
  %bits = bitsOfF64.f64 %x
  %isNegative = lt.i64 %bits 0
  %isFlipped = and.bool %isNegative %isOdd
  %minus = neg.f64 %size1
  %signed = select.f64 %isFlipped %minus %size1
  %isFraction = not.bool %isInteger
  %isBelowZero = lt.f64 %x 0.0
  %isNone1 = and.bool %isBelowZero %isFraction
  %isFinite = lt.f64 %size inf
  %isNone2 = and.bool %isNone1 %isFinite

  ; NaN, and JavaScript's own: (±1) ** ±∞ is NaN. x ** 2 is x·x, and x ** 0 is 1 for every x.
  %isOne = eq.f64 %size 1.0
  %isNone3 = and.bool %isOne %isEndY
  %isNanX = ne.f64 %x %x
  %isNanY = ne.f64 %y %y
  %isNan = or.bool %isNanX %isNanY
  %isNone4 = or.bool %isNone2 %isNone3
  %isNone = or.bool %isNone4 %isNan
  %some = select.f64 %isNone nan %signed
  %square = mul.f64 %x %x
  %isSquare = eq.f64 %y 2.0
  %orSquare = select.f64 %isSquare %square %some
  %isNothing = eq.f64 %y 0.0
  %result = select.f64 %isNothing 1.0 %orSquare
  return [%result]
}`;
