// Arithmetic with pairs of doubles, a value and what its rounding lost: WebAssembly has no fused multiply-add, so products are taken apart.
// Sources: Knuth's and Dekker's exact sums; Dekker's product, over halves that a mask cuts off (T. J. Dekker, Numer. Math. 18, 1971).

/** a + b exactly, where |a| ≥ |b| or a = 0. */
export const fastTwoSum = `
routine @fastTwoSum(%a: f64, %b: f64) -> (f64, f64) {
  %sum = add.f64 %a %b
  %grown = sub.f64 %sum %a
  %lost = sub.f64 %b %grown
  return [%sum, %lost]
}`;

/** a + b exactly. */
export const twoSum = `
routine @twoSum(%a: f64, %b: f64) -> (f64, f64) {
  %sum = add.f64 %a %b
  %fromB = sub.f64 %sum %a
  %fromA = sub.f64 %sum %fromB
  %lostA = sub.f64 %a %fromA
  %lostB = sub.f64 %b %fromB
  %lost = add.f64 %lostA %lostB
  return [%sum, %lost]
}`;

/** a as a sum of its upper 26 bits and the other 27. */
export const split = `
routine @split(%a: f64) -> (f64, f64) {
  %bits = bitsOfF64.f64 %a
  %upperBits = and.i64 %bits ${-(2n ** 27n)}
  %upper = f64OfBits.i64 %upperBits
  %lower = sub.f64 %a %upper
  return [%upper, %lower]
}`;

/** a·b; what the rounding lost is right to 2⁻¹⁰⁶ of the product, and exact where one lower half has at most 26 bits. */
export const twoProduct = `
routine @twoProduct(%a: f64, %b: f64) -> (f64, f64) {
  %aUpper: f64, %aLower: f64 = call @split [%a]
  %bUpper: f64, %bLower: f64 = call @split [%b]
  %product = mul.f64 %a %b
  %upper = mul.f64 %aUpper %bUpper
  %cross1 = mul.f64 %aUpper %bLower
  %cross2 = mul.f64 %aLower %bUpper
  %lower = mul.f64 %aLower %bLower
  %lost1 = sub.f64 %upper %product
  %lost2 = add.f64 %lost1 %cross1
  %lost3 = add.f64 %lost2 %cross2
  %lost = add.f64 %lost3 %lower
  return [%product, %lost]
}`;

/** a², as twoProduct. */
export const twoSquare = `
routine @twoSquare(%a: f64) -> (f64, f64) {
  %upper: f64, %lower: f64 = call @split [%a]
  %square = mul.f64 %a %a
  %upper2 = mul.f64 %upper %upper
  %cross1 = mul.f64 %upper %lower
  %cross = add.f64 %cross1 %cross1
  %lower2 = mul.f64 %lower %lower
  %lost1 = sub.f64 %upper2 %square
  %lost2 = add.f64 %lost1 %cross
  %lost = add.f64 %lost2 %lower2
  return [%square, %lost]
}`;

/** (a + aLower)/(b + bLower) as a double and what it lacks, which is right to about 2⁻⁵⁰ of itself. */
export const quotientParts = `
routine @quotient.parts(%a: f64, %aLower: f64, %b: f64, %bLower: f64) -> (f64, f64) {
  %q = div.f64 %a %b
  %back: f64, %backLost: f64 = call @twoProduct [%q, %b]
  %rest1 = sub.f64 %a %back
  %rest2 = sub.f64 %rest1 %backLost
  %rest3 = add.f64 %rest2 %aLower
  %fromB = mul.f64 %q %bLower
  %rest = sub.f64 %rest3 %fromB
  %lower = div.f64 %rest %b
  return [%q, %lower]
}`;

/** The same, rounded once. */
export const quotient = `
routine @quotient(%a: f64, %aLower: f64, %b: f64, %bLower: f64) -> (f64) {
  %q: f64, %lower: f64 = call @quotient.parts [%a, %aLower, %b, %bLower]
  %result = add.f64 %q %lower
  return [%result]
}`;
