// The functions of heddle/math whose results IEEE 754 does not fix: each is compiled to WebAssembly from its text in ir/math when it is first called,
// so a plain program gets the very bits that a compiled one gets.
// Every function is written out, with a variable of its own: engines optimise a call by where it stands, and one factory for all would be one place.
import { compileModule } from '../base/compile-module.js';
import { compileRoutines, encodeModule } from '../backends/wasm/index.js';
import { routinesOf } from '../ir/math/index.js';

type Unary = (x: number) => number;
type Binary = (x: number, y: number) => number;

function compile(name: string): (...operands: number[]) => number {
  const bytes = encodeModule(compileRoutines(routinesOf(name)));
  return new WebAssembly.Instance(compileModule(bytes)).exports[name] as (...operands: number[]) => number;
}

let acosCompiled: Unary | undefined;
/** The arc cosine, from 0 to π, within 2 ulp. */
export function acos(x: number): number {
  return (acosCompiled ??= compile('acos'))(x);
}

let acoshCompiled: Unary | undefined;
/** The inverse of the hyperbolic cosine, within 2 ulp. */
export function acosh(x: number): number {
  return (acoshCompiled ??= compile('acosh'))(x);
}

let asinCompiled: Unary | undefined;
/** The arc sine, from −π/2 to π/2, within 2 ulp. */
export function asin(x: number): number {
  return (asinCompiled ??= compile('asin'))(x);
}

let asinhCompiled: Unary | undefined;
/** The inverse of the hyperbolic sine, within 2 ulp. */
export function asinh(x: number): number {
  return (asinhCompiled ??= compile('asinh'))(x);
}

let atanCompiled: Unary | undefined;
/** The arc tangent, from −π/2 to π/2, within 1 ulp. */
export function atan(x: number): number {
  return (atanCompiled ??= compile('atan'))(x);
}

let atanhCompiled: Unary | undefined;
/** The inverse of the hyperbolic tangent, within 2 ulp. */
export function atanh(x: number): number {
  return (atanhCompiled ??= compile('atanh'))(x);
}

let cbrtCompiled: Unary | undefined;
/** The cube root, within 1 ulp; exact for cubes. */
export function cbrt(x: number): number {
  return (cbrtCompiled ??= compile('cbrt'))(x);
}

let cosCompiled: Unary | undefined;
/** The cosine of an angle in radians, within 1 ulp for every double. */
export function cos(x: number): number {
  return (cosCompiled ??= compile('cos'))(x);
}

let coshCompiled: Unary | undefined;
/** The hyperbolic cosine, within 2 ulp. */
export function cosh(x: number): number {
  return (coshCompiled ??= compile('cosh'))(x);
}

let expCompiled: Unary | undefined;
/** eˣ, within 1 ulp. */
export function exp(x: number): number {
  return (expCompiled ??= compile('exp'))(x);
}

let exp2Compiled: Unary | undefined;
/** 2ˣ, within 1 ulp; exact for integers. `Math` has no such function. */
export function exp2(x: number): number {
  return (exp2Compiled ??= compile('exp2'))(x);
}

let expm1Compiled: Unary | undefined;
/** eˣ − 1, within 1 ulp also near 0. */
export function expm1(x: number): number {
  return (expm1Compiled ??= compile('expm1'))(x);
}

let logCompiled: Unary | undefined;
/** The natural logarithm, within 1 ulp. */
export function log(x: number): number {
  return (logCompiled ??= compile('log'))(x);
}

let log10Compiled: Unary | undefined;
/** The decimal logarithm, within 1 ulp; exact for powers of ten. */
export function log10(x: number): number {
  return (log10Compiled ??= compile('log10'))(x);
}

let log1pCompiled: Unary | undefined;
/** log(1 + x), within 1 ulp also near 0. */
export function log1p(x: number): number {
  return (log1pCompiled ??= compile('log1p'))(x);
}

let log2Compiled: Unary | undefined;
/** The binary logarithm, within 1 ulp; exact for powers of two. */
export function log2(x: number): number {
  return (log2Compiled ??= compile('log2'))(x);
}

let sinCompiled: Unary | undefined;
/** The sine of an angle in radians, within 1 ulp for every double. */
export function sin(x: number): number {
  return (sinCompiled ??= compile('sin'))(x);
}

let sinhCompiled: Unary | undefined;
/** The hyperbolic sine, within 2 ulp. */
export function sinh(x: number): number {
  return (sinhCompiled ??= compile('sinh'))(x);
}

let tanCompiled: Unary | undefined;
/** The tangent of an angle in radians, within 1 ulp for every double. */
export function tan(x: number): number {
  return (tanCompiled ??= compile('tan'))(x);
}

let tanhCompiled: Unary | undefined;
/** The hyperbolic tangent, within 1 ulp. */
export function tanh(x: number): number {
  return (tanhCompiled ??= compile('tanh'))(x);
}

let atan2Compiled: Binary | undefined;
/** The angle of the point (x, y), from −π to π, within 1 ulp. */
export function atan2(y: number, x: number): number {
  return (atan2Compiled ??= compile('atan2'))(y, x);
}

let powCompiled: Binary | undefined;
/** x to the power of y, with the special cases of JavaScript's `**`, within 1 ulp; exact where the result is a double, and x·x where y is 2. */
export function pow(x: number, y: number): number {
  return (powCompiled ??= compile('pow'))(x, y);
}

let hypotCompiled: Binary | undefined;
/**
 * The length of a vector: of two components √(x² + y²) without overflow, within 1 ulp and exact where it is a double. Further components are taken in one
 * after the other: `hypot(x, y, z)` is `hypot(hypot(x, y), z)`.
 */
export function hypot(x = 0, y = 0, ...more: number[]): number {
  hypotCompiled ??= compile('hypot');
  let length = hypotCompiled(x, y);
  for (const component of more) length = hypotCompiled(length, component);
  return length;
}
