// Our binary encoder against another implementation: whatever we print as text, wabt assembles to the very bytes that we encode.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import loadWabt from 'wabt';
import { ByteWriter } from './bytes.js';
import { instructionFormats } from './instructions.js';
import type { Instruction } from './instructions.js';
import { encodeModule } from './module.js';
import type { WasmFunction, WasmModule } from './module.js';
import { printWat } from './wat.js';

const wabt = await loadWabt();

function assemble(text: string): Uint8Array {
  const module = wabt.parseWat('test.wat', text, {
    simd: true,
    threads: true,
    bulk_memory: true,
    sat_float_to_int: true,
  });
  try {
    return module.toBinary({ canonicalize_lebs: true }).buffer;
  } finally {
    module.destroy();
  }
}

const moduleOf = (functions: readonly WasmFunction[], memory: WasmModule['memory']): WasmModule => ({
  memory,
  functions,
});
const oneFunction = (body: readonly Instruction[]): WasmFunction => ({
  name: 'f',
  type: { parameters: ['i32'], results: [] },
  locals: ['i64', 'i64', 'v128', 'f64'],
  body,
  isExported: true,
});
const memory = { initialPages: 1, maximumPages: 65536, isShared: true };

/** An instance of every instruction that is right in itself, if not where it stands: binary and text do not ask for more. */
function instanceOf(name: string): Instruction {
  const bytes = Array.from({ length: 16 }, (_, i) => i);
  const width = /(8|16|32|64)_(?:splat|lane|zero)/.exec(name)?.[1];
  const align = width
    ? Number(width) / 8
    : name.startsWith('v128')
      ? /x\d_[su]$/.test(name)
        ? 8
        : 16
      : Number(/(8|16|32)(?:_[su])?$/.exec(name)?.[1] ?? name.slice(1, 3)) / 8;
  switch (instructionFormats.get(name)!.immediate) {
    case 'none':
    case 'block':
    case 'twoIndices':
      return name === 'memory.copy' ? [name, 0, 0] : [name];
    case 'index':
      return [name, name === 'local.get' ? 3 : 0];
    case 'i32':
      return [name, -123456789];
    case 'i64':
      return [name, -(2n ** 63n)];
    case 'f32':
      return [name, 1.5];
    case 'f64':
      return [name, -1.2345e-300];
    case 'memory':
      return [name, 300, align];
    case 'lane':
      return [name, 1];
    case 'memoryLane':
      return [name, 7, align, 1];
    case 'bytes':
      return [name, ...bytes];
  }
}

describe('the encoder', () => {
  it('agrees with wabt on every instruction', () => {
    for (const name of instructionFormats.keys()) {
      // Structure is tested below.
      if (['block', 'loop', 'if', 'else', 'end'].includes(name)) continue;
      const module = moduleOf([oneFunction([instanceOf(name)])], memory);
      expect([...encodeModule(module)], name).toEqual([...assemble(printWat(module))]);
    }
    expect(instructionFormats.size).toBeGreaterThan(250);
  });

  it('agrees on blocks, calls, exports, several types and memories', () => {
    const square: WasmFunction = {
      name: 'square',
      type: { parameters: ['f64'], results: ['f64'] },
      locals: [],
      body: [['local.get', 0], ['local.get', 0], ['f64.mul']],
      isExported: false,
    };
    const branches = oneFunction([
      ['block'],
      ['loop'],
      ['local.get', 0],
      ['br_if', 1],
      ['local.get', 0],
      ['if', 'f64'],
      ['f64.const', Infinity],
      ['else'],
      ['f64.const', -0],
      ['end'],
      ['call', 0],
      ['local.set', 4],
      ['br', 0],
      ['end'],
      ['end'],
    ]);
    const main = { ...branches, name: 'main' };
    for (const limits of [
      memory,
      { initialPages: 3, maximumPages: undefined, isShared: false },
      { initialPages: 0, maximumPages: 10, isShared: false },
    ]) {
      const module = moduleOf([square, { ...main, type: { parameters: ['i32'], results: [] } }], limits);
      const bytes = encodeModule(module);
      expect([...bytes]).toEqual([...assemble(printWat(module))]);
      expect(WebAssembly.validate(bytes)).toBe(true);
    }
  });

  it('refuses an instruction that does not exist', () => {
    expect(() => encodeModule(moduleOf([oneFunction([['i32.frobnicate']])], memory))).toThrow('error[WASM001]');
  });
});

describe('LEB128', () => {
  const written = (write: (out: ByteWriter) => void): number[] => {
    const out = new ByteWriter();
    write(out);
    return [...out.bytes()];
  };

  it('signed integers read back as they were', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), fc.bigInt(-(2n ** 31n), 2n ** 31n - 1n)),
        (value) => {
          let [read, shift] = [0n, 0n];
          const bytes = written((out) => out.signed(value));
          for (const byte of bytes) {
            read |= BigInt(byte & 127) << shift;
            shift += 7n;
          }
          expect(BigInt.asIntN(Number(shift), read)).toBe(value);
          expect(bytes.length).toBeLessThanOrEqual(10);
          if (BigInt.asIntN(32, value) === value) expect(written((out) => out.signed(Number(value)))).toEqual(bytes);
        },
      ),
    );
  });

  it('unsigned integers are those of the specification', () => {
    expect(written((out) => out.unsigned(624485))).toEqual([0xe5, 0x8e, 0x26]);
    expect(written((out) => out.unsigned(2 ** 32 - 1))).toEqual([0xff, 0xff, 0xff, 0xff, 0x0f]);
    expect(written((out) => out.signed(-123456))).toEqual([0xc0, 0xbb, 0x78]);
  });
});
