// Assembles pi.wat and calls it.
import { readFileSync } from 'node:fs';
import wabt from 'wabt';
import { inRepository } from '../harness/paths.js';

const assembler = await wabt();
const text = assembler.parseWat('pi.wat', readFileSync(inRepository('bench/wasm/pi.wat'), 'utf8'));
const module = new WebAssembly.Module(text.toBinary({}).buffer as Uint8Array<ArrayBuffer>);
text.destroy();

const exports = new WebAssembly.Instance(module).exports as unknown as { count(seed: bigint, n: number): number };

/** The points inside the circle, of n. */
export const countInside = (seed: bigint, n: number): number => exports.count(seed, n);

export const calcPi = (n: number, seed: bigint): number => (4 * countInside(seed, n)) / n;
