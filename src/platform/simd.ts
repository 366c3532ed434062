// Asks the engine which WebAssembly SIMD it accepts, by offering it the smallest module that needs each.

// (module (func (result v128) i32.const 0 i8x16.splat))
const simdModule = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11,
];
// The same followed by i8x16.relaxed_swizzle of that value with itself.
const relaxedModule = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 0, 253, 15, 65, 0, 253, 15,
  253, 128, 2, 11,
];

export function detectSimd(): 'none' | 'simd128' | 'relaxed-simd' {
  if (WebAssembly.validate(new Uint8Array(relaxedModule))) return 'relaxed-simd';
  return WebAssembly.validate(new Uint8Array(simdModule)) ? 'simd128' : 'none';
}
