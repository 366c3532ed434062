// Cube root, hypotenuse, and the functions without error: sign, round and the remainder.
// Sources: the cube root's first guess and its one step of Newton's on 23 bits are those of FreeBSD's s_cbrt.c (B. D. Evans, after fdlibm), with a
// polynomial of our own; the hypotenuse is the root of an exact sum of squares.
import { f64, polynomial } from './text.js';

/** x = t³ within 9 % by dividing the exponent, then 23 bits of t, then all. */
export const cbrt = `
routine @cbrt(%x: f64) -> (f64) {
  %size = abs.f64 %x
  %isSubnormal = lt.f64 %size ${f64(2 ** -1022)}
  %up = mul.f64 %size ${f64(2 ** 54)}
  %a = select.f64 %isSubnormal %up %size
  %back = select.f64 %isSubnormal ${f64(2 ** -18)} 1.0
  ; A third of the upper 32 bits: times ⌈2³²/3⌉, without the lower half.
  %bits = bitsOfF64.f64 %a
  %high = shrU.i64 %bits 32
  %product = mul.i64 %high 1431655766
  %third = shrU.i64 %product 32
  %biased = add.i64 %third 715094163
  %guessBits = shl.i64 %biased 32
  %guess = f64OfBits.i64 %guessBits
  %guess2 = mul.f64 %guess %guess
  %relative = div.f64 %guess %a
  %r = mul.f64 %guess2 %relative
  ; r^(−1/3), to 2⁻²⁴
  ${polynomial(
    'p',
    '%r',
    [1.872834265978902, -1.8726337185699067, 1.603119601339172, -0.746344994418144, 0.1430248365797014],
  )}
  %better = mul.f64 %guess %p
  ; Rounded to 23 bits, its square is exact.
  %betterBits = bitsOfF64.f64 %better
  %halfUp = add.i64 %betterBits 536870912
  %tBits = and.i64 %halfUp ${-(2n ** 30n)}
  %t = f64OfBits.i64 %tBits
  %t2 = mul.f64 %t %t
  %q = div.f64 %a %t2
  %twice = add.f64 %t %t
  %divisor = add.f64 %twice %q
  %difference = sub.f64 %q %t
  %step = div.f64 %difference %divisor
  %move = mul.f64 %t %step
  %root = add.f64 %t %move
  %y = mul.f64 %root %back
  %minus = neg.f64 %y
  %isBelow = lt.f64 %x 0.0
  %signed = select.f64 %isBelow %minus %y
  ; 0, −0, infinities and NaN are their own roots.
  %isFinite = lt.f64 %size inf
  %isSome = gt.f64 %size 0.0
  %isUsual = and.bool %isFinite %isSome
  %result = select.f64 %isUsual %signed %x
  return [%result]
}`;

export const hypot = `
routine @hypot(%x: f64, %y: f64) -> (f64) {
  %sizeX = abs.f64 %x
  %sizeY = abs.f64 %y
  %isSteep = gt.f64 %sizeY %sizeX
  %large1 = select.f64 %isSteep %sizeY %sizeX
  %small1 = select.f64 %isSteep %sizeX %sizeY
  %isHuge = gt.f64 %large1 ${f64(2 ** 500)}
  %isTiny = lt.f64 %large1 ${f64(2 ** -400)}
  %scale1 = select.f64 %isHuge ${f64(2 ** -600)} 1.0
  %scale = select.f64 %isTiny ${f64(2 ** 600)} %scale1
  %back1 = select.f64 %isHuge ${f64(2 ** 600)} 1.0
  %back = select.f64 %isTiny ${f64(2 ** -600)} %back1
  %large = mul.f64 %large1 %scale
  %small = mul.f64 %small1 %scale
  %a: f64, %aLower: f64 = call @twoSquare [%large]
  %b: f64, %bLower: f64 = call @twoSquare [%small]
  %sum: f64, %lost: f64 = call @fastTwoSum [%a, %b]
  %lower1 = add.f64 %aLower %bLower
  %lower = add.f64 %lower1 %lost
  %whole = add.f64 %sum %lower
  %root = sqrt.f64 %whole
  %scaled = mul.f64 %root %back
  ; An infinite side is longer than one that is not a number.
  %isInfiniteX = eq.f64 %sizeX inf
  %isInfiniteY = eq.f64 %sizeY inf
  %isInfinite = or.bool %isInfiniteX %isInfiniteY
  %isNanX = ne.f64 %x %x
  %isNanY = ne.f64 %y %y
  %isNan = or.bool %isNanX %isNanY
  %some = select.f64 %isNan nan %scaled
  %result = select.f64 %isInfinite inf %some
  return [%result]
}`;

/** −1 or 1, and 0, −0 and NaN as they are */
export const sign = `
routine @sign(%x: f64) -> (f64) {
  %isAbove = gt.f64 %x 0.0
  %isBelow = lt.f64 %x 0.0
  %notAbove = select.f64 %isBelow -1.0 %x
  %result = select.f64 %isAbove 1.0 %notAbove
  return [%result]
}`;

/** The nearest integer, halves upwards; the sign is that of x also where the result is 0. */
export const round = `
routine @round(%x: f64) -> (f64) {
  %below = floor.f64 %x
  %fraction = sub.f64 %x %below
  %isUp = ge.f64 %fraction 0.5
  %above = add.f64 %below 1.0
  %rounded = select.f64 %isUp %above %below
  %bits = bitsOfF64.f64 %x
  %sign = and.i64 %bits ${-(2n ** 63n)}
  %roundedBits = bitsOfF64.f64 %rounded
  %signedBits = or.i64 %roundedBits %sign
  %result = f64OfBits.i64 %signedBits
  return [%result]
}`;

/** Whether the quotient is too large for the straight-line code, both numbers being finite and the divisor not 0. */
export const remIsLarge = `
routine @rem.isLarge(%x: f64, %y: f64) -> (bool) {
  %a = abs.f64 %x
  %b = abs.f64 %y
  %q = div.f64 %a %b
  %isMany = ge.f64 %q ${f64(2 ** 26)}
  %isHuge = ge.f64 %a ${f64(2 ** 1022)}
  %isEither = or.bool %isMany %isHuge
  %isFinite = lt.f64 %a inf
  %isSome = gt.f64 %b 0.0
  %isFiniteToo = lt.f64 %b inf
  %isUsual1 = and.bool %isFinite %isSome
  %isUsual = and.bool %isUsual1 %isFiniteToo
  %result = and.bool %isEither %isUsual
  return [%result]
}`;

export const rem = `
routine @rem(%x: f64, %y: f64) -> (f64) {
  %isLarge: bool = call @rem.isLarge [%x, %y]
  %result: f64 = if %isLarge {
    %large: f64 = call @rem.large [%x, %y]
    yield [%large]
  } else {
    %usual: f64 = call @rem.usual [%x, %y]
    yield [%usual]
  }
  return [%result]
}`;

/** x − q·y with q below 2²⁶, whose product with y is exact as a pair. The quotient may have been rounded up to q: then y is given back. */
export const remUsual = `
routine @rem.usual(%x: f64, %y: f64) -> (f64) {
  %a = abs.f64 %x
  %b = abs.f64 %y
  %ratio = div.f64 %a %b
  %q = trunc.f64 %ratio
  %product = mul.f64 %q %b
  %upper: f64, %lower: f64 = call @split [%b]
  %productUpper = mul.f64 %q %upper
  %productLower = mul.f64 %q %lower
  %lost1 = sub.f64 %productUpper %product
  %lost = add.f64 %lost1 %productLower
  %rest1 = sub.f64 %a %product
  %rest = sub.f64 %rest1 %lost
  %isBelow = lt.f64 %rest 0.0
  %mended = add.f64 %rest %b
  %size = select.f64 %isBelow %mended %rest
  %sizeBits = bitsOfF64.f64 %size
  %bits = bitsOfF64.f64 %x
  %sign = and.i64 %bits ${-(2n ** 63n)}
  %signedBits = or.i64 %sizeBits %sign
  %signed = f64OfBits.i64 %signedBits
  ; A finite number is its own remainder by infinity.
  %isInfinite = eq.f64 %b inf
  %isFinite = lt.f64 %a inf
  %isWhole = and.bool %isInfinite %isFinite
  %result = select.f64 %isWhole %x %signed
  return [%result]
}`;

/** The whole mantissas divided in steps of ten bits of the quotient, scalar only: the number of steps depends on the numbers. */
export const remLarge = `
routine @rem.large(%x: f64, %y: f64) -> (f64) {
  %a = abs.f64 %x
  %b = abs.f64 %y
  %aMantissa: i64, %aPower: i64 = call @rem.mantissa [%a]
  %bMantissa: i64, %bPower: i64 = call @rem.mantissa [%b]
  %first: i64 = call @rem.step [%aMantissa, %bMantissa]
  %distance = sub.i64 %aPower %bPower
  %rest: i64 = loop @steps (%r: i64 = %first, %left: i64 = %distance) {
    %isDone = le.i64 %left 0
    if %isDone {
      break @steps [%r]
    } else {
      yield []
    }
    %isShort = lt.i64 %left 10
    %bits = select.i64 %isShort %left 10
    %moved = shl.i64 %r %bits
    %next: i64 = call @rem.step [%moved, %bMantissa]
    %fewer = sub.i64 %left %bits
    yield [%next, %fewer]
  }
  %whole = toF64.i64 %rest
  %power = sub.i64 %bPower 1075
  %size: f64 = call @exp.scale [%whole, %power]
  %sizeBits = bitsOfF64.f64 %size
  %xBits = bitsOfF64.f64 %x
  %sign = and.i64 %xBits ${-(2n ** 63n)}
  %signedBits = or.i64 %sizeBits %sign
  %result = f64OfBits.i64 %signedBits
  return [%result]
}`;

/** A positive finite number as m·2^(p − 1075) */
export const remMantissa = `
routine @rem.mantissa(%a: f64) -> (i64, i64) {
  %bits = bitsOfF64.f64 %a
  %biased = shrU.i64 %bits 52
  %fraction = and.i64 %bits ${2n ** 52n - 1n}
  %full = or.i64 %fraction ${2n ** 52n}
  %isSubnormal = eq.i64 %biased 0
  %mantissa = select.i64 %isSubnormal %fraction %full
  %power = select.i64 %isSubnormal 1 %biased
  return [%mantissa, %power]
}`;

/** m modulo d for 0 ≤ m < 2⁶³, 0 < d < 2⁵³: the quotient of doubles is off by at most one where it is below 2⁵³ */
export const remStep = `
routine @rem.step(%m: i64, %d: i64) -> (i64) {
  %mf = toF64.i64 %m
  %df = toF64.i64 %d
  %qf = div.f64 %mf %df
  %q = truncI64.f64 %qf
  %product = mul.i64 %q %d
  %rest = sub.i64 %m %product
  %isBelow = lt.i64 %rest 0
  %more = add.i64 %rest %d
  %rest2 = select.i64 %isBelow %more %rest
  %isAbove = ge.i64 %rest2 %d
  %less = sub.i64 %rest2 %d
  %result = select.i64 %isAbove %less %rest2
  return [%result]
}`;
