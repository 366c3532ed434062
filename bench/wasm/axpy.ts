// Assembles axpy.wat and calls it on n doubles, filled as those of bench/arrays/programs.ts.
import { readFileSync } from 'node:fs';
import wabt from 'wabt';
import { inRepository } from '../harness/paths.js';

const assembler = await wabt();
const text = assembler.parseWat('axpy.wat', readFileSync(inRepository('bench/wasm/axpy.wat'), 'utf8'), { simd: true });
const module = new WebAssembly.Module(text.toBinary({}).buffer as Uint8Array<ArrayBuffer>);
text.destroy();

interface Exports {
  readonly memory: WebAssembly.Memory;
  multiplyAdd(a: number, b: number, c: number, out: number, n: number): void;
}
const exports = new WebAssembly.Instance(module).exports as unknown as Exports;

let filled = 0;

export function axpy(n: number): number {
  const bytes = 8 * n;
  if (filled !== n) {
    exports.memory.grow(Math.ceil((4 * bytes) / 65_536));
    const all = new Float64Array(exports.memory.buffer, 0, 3 * n);
    for (let i = 0; i < n; i++) {
      all[i] = i / n;
      all[n + i] = 2 - i / n;
      all[2 * n + i] = 1;
    }
    filled = n;
  }
  exports.multiplyAdd(0, bytes, 2 * bytes, 3 * bytes, n);
  return new Float64Array(exports.memory.buffer, 3 * bytes, n)[n / 2]!;
}
