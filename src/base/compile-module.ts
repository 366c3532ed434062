// Bytes → a WebAssembly module. Where a page's content security policy forbids that, engines say so in words of their own, by errors of
// several kinds; that even the smallest module is refused tells it on all of them.
import { UnsupportedError } from './errors.js';

/** The head of a module, and nothing else. */
const smallest = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

function isForbidden(): boolean {
  try {
    return WebAssembly.Module.exports(new WebAssembly.Module(smallest)).length > 0;
  } catch {
    return true;
  }
}

/** @throws {UnsupportedError} WASM004 where the page's content security policy forbids it */
export function compileModule(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes);
  } catch (error) {
    if (!isForbidden()) throw error;
    throw new UnsupportedError('WASM004', 'this page may not compile WebAssembly', {
      note: `its content security policy forbids it; the engine says: ${(error as Error).message}`,
      fix: "add 'wasm-unsafe-eval' to the policy: Content-Security-Policy: script-src 'self' 'wasm-unsafe-eval'",
      cause: error,
    });
  }
}
