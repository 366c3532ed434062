// Sine, cosine and tangent. x = n·π/2 + r with |r| ≤ π/4, r a pair of doubles; then sin r and cos r from polynomials, and n modulo 4 says which of
// them, with which sign. Up to 2¹⁶ n·π/2 is taken away in three parts, straight-line code that lanes can run. Beyond, the argument is rare:
// `large` routines multiply it with as many bits of 2/π as it needs (Payne and Hanek, ACM SIGNUM 18, 1983), 192 of a string of 1216, which selects
// find, as the kernel language has no tables. The parts by n are those of fdlibm (Sun, 1993) with other cuts; the polynomials are ours (see exp.ts).
import { f64, polynomial, roundingShift } from './text.js';

/** Arguments from here on are rare. */
const largest = 65_536;

/** π/2 in 37 and 36 bits, so that their products with n are exact, and the rest. */
const halfPi1 = 1.5707963267923333;
const halfPi2 = 2.5633441515839558e-12;
const halfPi3 = 1.0562999066987428e-23;
const halfPi = 1.5707963267948966;
const halfPiLower = 6.123233995736766e-17;

export const trigIsLarge = `
routine @trig.isLarge(%x: f64) -> (bool) {
  %size = abs.f64 %x
  %isLarge = ge.f64 %size ${f64(largest)}
  %isFinite = lt.f64 %size inf
  %result = and.bool %isLarge %isFinite
  return [%result]
}`;

/** x → r, what r lacks, and an integer that is n modulo 4. */
export const trigReduce = `
routine @trig.reduce(%x: f64) -> (f64, f64, i64) {
  %quotient = mul.f64 %x ${f64(2 / Math.PI)}
  %shifted = add.f64 %quotient ${f64(roundingShift)}
  %n = sub.f64 %shifted ${f64(roundingShift)}
  %quadrant = bitsOfF64.f64 %shifted
  %part1 = mul.f64 %n ${f64(halfPi1)}
  %part2 = mul.f64 %n ${f64(halfPi2)}
  %part3 = mul.f64 %n ${f64(halfPi3)}
  ; The first difference is exact, and so is the second wherever part2 is the larger.
  %rest1 = sub.f64 %x %part1
  %rest2 = sub.f64 %rest1 %part2
  %taken = sub.f64 %rest1 %rest2
  %kept = sub.f64 %part2 %taken
  %rest3 = add.f64 %part3 %kept
  %r = sub.f64 %rest2 %rest3
  %grown = sub.f64 %rest2 %r
  %lost = sub.f64 %grown %rest3
  return [%r, %lost, %quadrant]
}`;

/** The bits of 2/π behind the point, from the first one (computed in 1400 bits). */
const inversePiWords = [
  '-6703182060581546711',
  '-277156292786332224',
  '-2638381946312093631',
  '-121206125134887583',
  '-5249950069107600672',
  '452944820249399836',
  '-135693905287338178',
  '-1692731182770600828',
  '-1613291254968254911',
  '4148332274289687028',
  '-7168499653074671557',
  '2303758334597371919',
  '-1211730484530615009',
  '7869616827067468215',
  '5712322887342352941',
  '8441921394348257659',
  '4397547296490951402',
  '7780917995555872008',
  '6197850593633725355',
];

/** Lines that give %word0 … %word3, the four words from number %first on: all move up by 8 words or not, then by 4, by 2, by 1. */
function chooseWords(): string {
  const lines: string[] = [];
  let words: readonly string[] = inversePiWords;
  for (const step of [8, 4, 2, 1]) {
    lines.push(`%bit${step} = and.i64 %first ${step}`, `%is${step} = ne.i64 %bit${step} 0`);
    // Four words, and as many as later steps move on.
    words = Array.from({ length: 4 + step - 1 }, (_, place) => {
      const name = step === 1 ? `%word${place}` : `%words${step}.${place}`;
      lines.push(`${name} = select.i64 %is${step} ${words[place + step]} ${words[place]}`);
      return name;
    });
  }
  return lines.join('\n  ');
}

/** a·b as 128 bits, both unsigned: the upper 64. */
export const mulUpper = `
routine @mulUpper(%a: i64, %b: i64) -> (i64) {
  %aUpper = shrU.i64 %a 32
  %bUpper = shrU.i64 %b 32
  %aLower = and.i64 %a 4294967295
  %bLower = and.i64 %b 4294967295
  %low = mul.i64 %aLower %bLower
  %cross1 = mul.i64 %aUpper %bLower
  %cross2 = mul.i64 %aLower %bUpper
  %high = mul.i64 %aUpper %bUpper
  %carry = shrU.i64 %low 32
  %middle = add.i64 %cross1 %carry
  %middleLower = and.i64 %middle 4294967295
  %middle2 = add.i64 %middleLower %cross2
  %middleUpper = shrU.i64 %middle 32
  %middle2Upper = shrU.i64 %middle2 32
  %high2 = add.i64 %high %middleUpper
  %result = add.i64 %high2 %middle2Upper
  return [%result]
}`;

/**
 * trig.reduce for |x| ≥ 2¹⁶, finite. |x| = M·2ᵉ with a whole M; the 192 bits of 2/π from the weight 2¹⁻ᵉ downwards give |x|·2/π modulo 4 to 2⁻¹³⁷, and no
 * double comes nearer to a multiple of π/2 than 2⁻⁶².
 */
export const trigReduceLarge = `
routine @trig.reduceLarge(%x: f64) -> (f64, f64, i64) {
  %xBits = bitsOfF64.f64 %x
  %size = abs.f64 %x
  %bits = bitsOfF64.f64 %size
  %biased = shrU.i64 %bits 52
  %fractionBits = and.i64 %bits 4503599627370495
  %mantissa = or.i64 %fractionBits 4503599627370496
  ; Bits of weight 2^(2 − e) and above, e = biased − 1075, only add multiples of 4. Bit number 0 has weight 2⁻¹, so the piece begins with number
  ; e − 2: from −38, before the first one, to 969.
  %offset = sub.i64 %biased 1077
  %isBefore = lt.i64 %offset 0
  %before = sub.i64 0 %offset
  %shift1 = select.i64 %isBefore 0 %offset
  %first = shrU.i64 %shift1 6
  %distance = and.i64 %shift1 63
  ${chooseWords()}
  ; Shifted to the left by 0 … 63, and where the piece begins before the point to the right by 1 … 38.
  %back = sub.i64 63 %distance
  %next1 = shrU.i64 %word1 1
  %next2 = shrU.i64 %word2 1
  %next3 = shrU.i64 %word3 1
  %in0 = shrU.i64 %next1 %back
  %in1 = shrU.i64 %next2 %back
  %in2 = shrU.i64 %next3 %back
  %out0 = shl.i64 %word0 %distance
  %out1 = shl.i64 %word1 %distance
  %out2 = shl.i64 %word2 %distance
  %left0 = or.i64 %out0 %in0
  %left1 = or.i64 %out1 %in1
  %left2 = or.i64 %out2 %in2
  %right = select.i64 %isBefore %before 1
  %forth = sub.i64 64 %right
  %down0 = shrU.i64 %word0 %right
  %down1 = shrU.i64 %word1 %right
  %down2 = shrU.i64 %word2 %right
  %over1 = shl.i64 %word0 %forth
  %over2 = shl.i64 %word1 %forth
  %right1 = or.i64 %down1 %over1
  %right2 = or.i64 %down2 %over2
  %w0 = select.i64 %isBefore %down0 %left0
  %w1 = select.i64 %isBefore %right1 %left1
  %w2 = select.i64 %isBefore %right2 %left2
  ; M·w modulo 2¹⁹², its upper two words.
  %high0 = mul.i64 %mantissa %w0
  %high1: i64 = call @mulUpper [%mantissa, %w1]
  %low1 = mul.i64 %mantissa %w1
  %high2: i64 = call @mulUpper [%mantissa, %w2]
  %p1 = add.i64 %low1 %high2
  ; A carry: the sum is below an addend, as unsigned numbers.
  %flippedSum = xor.i64 %p1 -9223372036854775808
  %flippedAddend = xor.i64 %high2 -9223372036854775808
  %isCarried = lt.i64 %flippedSum %flippedAddend
  %carry = select.i64 %isCarried 1 0
  %p0a = add.i64 %high0 %high1
  %p0 = add.i64 %p0a %carry
  ; The upper two bits are the quadrant, rounded to the nearest; what is left is signed, in units of 2⁻⁶⁴ and 2⁻¹²⁸.
  %rounded = add.i64 %p0 2305843009213693952
  %quadrant = shrU.i64 %rounded 62
  %upper1 = shl.i64 %p0 2
  %upper2 = shrU.i64 %p1 62
  %upper = or.i64 %upper1 %upper2
  %lower = shl.i64 %p1 2
  %a = shrS.i64 %upper 32
  %b = and.i64 %upper 4294967295
  %c = shrU.i64 %lower 11
  %af = toF64.i64 %a
  %bf = toF64.i64 %b
  %cf = toF64.i64 %c
  %a1 = mul.f64 %af ${f64(2 ** -32)}
  %b1 = mul.f64 %bf ${f64(2 ** -64)}
  %c1 = mul.f64 %cf ${f64(2 ** -117)}
  %ab: f64, %abLost: f64 = call @fastTwoSum [%a1, %b1]
  %small = add.f64 %abLost %c1
  %fraction: f64, %fractionLower: f64 = call @fastTwoSum [%ab, %small]
  ; times π/2
  %product: f64, %productLost: f64 = call @twoProduct [%fraction, ${f64(halfPi)}:f64]
  %cross1 = mul.f64 %fraction ${f64(halfPiLower)}
  %cross2 = mul.f64 %fractionLower ${f64(halfPi)}
  %cross = add.f64 %cross1 %cross2
  %productLower = add.f64 %productLost %cross
  %r: f64, %lost: f64 = call @fastTwoSum [%product, %productLower]
  ; sin(−x) = −sin x
  %isNegative = lt.i64 %xBits 0
  %minusR = neg.f64 %r
  %minusLost = neg.f64 %lost
  %minusQuadrant = sub.i64 0 %quadrant
  %signedR = select.f64 %isNegative %minusR %r
  %signedLost = select.f64 %isNegative %minusLost %lost
  %signedQuadrant = select.i64 %isNegative %minusQuadrant %quadrant
  return [%signedR, %signedLost, %signedQuadrant]
}`;

/** sin(r + lost) as a sum: r, and what to add to it. */
export const sinKernel = `
routine @sin.kernel(%r: f64, %lost: f64, %r2: f64) -> (f64) {
  ${polynomial(
    'p',
    '%r2',
    [
      -0.16666666666666632, 0.008333333333322488, -0.00019841269829855163, 2.755731370572447e-6, -2.5050759992898205e-8,
      1.5896892378373117e-10,
    ],
  )}
  %r3 = mul.f64 %r2 %r
  %series = mul.f64 %r3 %p
  %half = mul.f64 0.5 %r2
  %damped = mul.f64 %half %lost
  %correction = sub.f64 %lost %damped
  %small = add.f64 %series %correction
  return [%small]
}`;

/** cos(r + lost) as a sum: a number near one, and what to add to it. */
export const cosKernel = `
routine @cos.kernel(%r: f64, %lost: f64, %r2: f64) -> (f64, f64) {
  ${polynomial(
    'p',
    '%r2',
    [
      0.0416666666666666, -0.001388888888887448, 2.480158728967719e-5, -2.7557314402796595e-7, 2.0875729517274676e-9,
      -1.1359945671842936e-11,
    ],
  )}
  %half = mul.f64 0.5 %r2
  %near = sub.f64 1.0 %half
  %taken = sub.f64 1.0 %near
  %nearLost = sub.f64 %taken %half
  %r4 = mul.f64 %r2 %r2
  %series = mul.f64 %r4 %p
  %cross = mul.f64 %r %lost
  %series2 = sub.f64 %series %cross
  %small = add.f64 %nearLost %series2
  return [%near, %small]
}`;

/** sin(r + lost + quadrant·π/2) */
export const trigWave = `
routine @trig.wave(%r: f64, %lost: f64, %quadrant: i64) -> (f64) {
  %r2 = mul.f64 %r %r
  %sinSmall: f64 = call @sin.kernel [%r, %lost, %r2]
  %near: f64, %cosSmall: f64 = call @cos.kernel [%r, %lost, %r2]
  %odd = and.i64 %quadrant 1
  %isOdd = eq.i64 %odd 1
  %large = select.f64 %isOdd %near %r
  %small = select.f64 %isOdd %cosSmall %sinSmall
  %size = add.f64 %large %small
  %half = and.i64 %quadrant 2
  %sign = shl.i64 %half 62
  %sizeBits = bitsOfF64.f64 %size
  %bits = xor.i64 %sizeBits %sign
  %result = f64OfBits.i64 %bits
  return [%result]
}`;

/** A function whose rare arguments have a routine of their own, which gives what straight-line code for all would give. */
const withLarge = (name: string): string => `
routine @${name}(%x: f64) -> (f64) {
  %isLarge: bool = call @trig.isLarge [%x]
  %result: f64 = if %isLarge {
    %large: f64 = call @${name}.large [%x]
    yield [%large]
  } else {
    %usual: f64 = call @${name}.usual [%x]
    yield [%usual]
  }
  return [%result]
}`;

export const sin = withLarge('sin');
export const sinUsual = `
routine @sin.usual(%x: f64) -> (f64) {
  %r: f64, %lost: f64, %quadrant: i64 = call @trig.reduce [%x]
  %y: f64 = call @trig.wave [%r, %lost, %quadrant]
  ; Keeps −0.
  %isZero = eq.f64 %x 0.0
  %result = select.f64 %isZero %x %y
  return [%result]
}`;
export const sinLarge = `
routine @sin.large(%x: f64) -> (f64) {
  %r: f64, %lost: f64, %quadrant: i64 = call @trig.reduceLarge [%x]
  %result: f64 = call @trig.wave [%r, %lost, %quadrant]
  return [%result]
}`;

const cosBy = (kind: string, reduce: string): string => `
routine @cos.${kind}(%x: f64) -> (f64) {
  %r: f64, %lost: f64, %quadrant: i64 = call @trig.${reduce} [%x]
  %next = add.i64 %quadrant 1
  %result: f64 = call @trig.wave [%r, %lost, %next]
  return [%result]
}`;
export const cos = withLarge('cos');
export const cosUsual = cosBy('usual', 'reduce');
export const cosLarge = cosBy('large', 'reduceLarge');

/** sin/cos in odd quadrants −cos/sin: both as pairs of doubles, and a quotient that is corrected by what it lacks. */
export const tanKernel = `
routine @tan.kernel(%r: f64, %lost: f64, %quadrant: i64) -> (f64) {
  %r2 = mul.f64 %r %r
  %sinSmall: f64 = call @sin.kernel [%r, %lost, %r2]
  %near: f64, %cosSmall: f64 = call @cos.kernel [%r, %lost, %r2]
  %sin: f64, %sinLower: f64 = call @fastTwoSum [%r, %sinSmall]
  %cos: f64, %cosLower: f64 = call @fastTwoSum [%near, %cosSmall]
  %odd = and.i64 %quadrant 1
  %isOdd = eq.i64 %odd 1
  %minusCos = neg.f64 %cos
  %minusCosLower = neg.f64 %cosLower
  %a = select.f64 %isOdd %minusCos %sin
  %aLower = select.f64 %isOdd %minusCosLower %sinLower
  %b = select.f64 %isOdd %sin %cos
  %bLower = select.f64 %isOdd %sinLower %cosLower
  %result: f64 = call @quotient [%a, %aLower, %b, %bLower]
  return [%result]
}`;
export const tan = withLarge('tan');
export const tanUsual = `
routine @tan.usual(%x: f64) -> (f64) {
  %r: f64, %lost: f64, %quadrant: i64 = call @trig.reduce [%x]
  %y: f64 = call @tan.kernel [%r, %lost, %quadrant]
  ; Keeps −0, and what is so small that the parts of its products would leave the range.
  %size = abs.f64 %x
  %isSmall = lt.f64 %size ${f64(2 ** -40)}
  %result = select.f64 %isSmall %x %y
  return [%result]
}`;
export const tanLarge = `
routine @tan.large(%x: f64) -> (f64) {
  %r: f64, %lost: f64, %quadrant: i64 = call @trig.reduceLarge [%x]
  %result: f64 = call @tan.kernel [%r, %lost, %quadrant]
  return [%result]
}`;
