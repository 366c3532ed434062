// A WebAssembly module that the team can run: its bytes, put into the heap when the first job needs them there, and its entries, as each
// thread has instantiated them for itself.
import { compileModule } from '../../base/compile-module.js';
import { InternalError } from '../../base/errors.js';
import { allocate, openHeap, release } from '../../memory/heap.js';
import { header } from './layout.js';
import type { Control } from './layout.js';
import type { Kernel } from './run-units.js';
import { heapBytes } from './thread-memory.js';

/** Where a module lies in the heap, and a number that no other module of this heap has. */
export interface ModulePlace {
  readonly id: number;
  readonly address: number;
  readonly bytes: number;
}

/** Exported functions are numbered as they stand in the module, which is the same on every thread. */
function entryNames(module: WebAssembly.Module): string[] {
  return WebAssembly.Module.exports(module).flatMap(({ name, kind }) => (kind === 'function' ? [name] : []));
}

function instantiate(module: WebAssembly.Module): Kernel[] {
  const { exports } = new WebAssembly.Instance(module, { env: { memory: openHeap().memory } });
  return entryNames(module).map((name) => exports[name] as Kernel);
}

export class TeamModule {
  /** Bytes of the memory that a thread has to lend to a kernel of this module. */
  readonly scratchBytes: number;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #compiled: WebAssembly.Module | undefined;
  #names: readonly string[] | undefined;
  #kernels: readonly Kernel[] | undefined;
  #place: ModulePlace | undefined;
  #isReleased = false;

  constructor(bytes: Uint8Array, scratchBytes: number, compiled?: WebAssembly.Module) {
    this.#bytes = new Uint8Array(bytes);
    this.#compiled = compiled;
    this.scratchBytes = scratchBytes;
  }

  get #module(): WebAssembly.Module {
    return (this.#compiled ??= compileModule(this.#bytes));
  }

  /** The number of an exported function. */
  entry(nameOrNumber: string | number): number {
    if (this.#isReleased) throw new InternalError('TEAM005', 'a module was called that had been released');
    this.#names ??= entryNames(this.#module);
    const number = typeof nameOrNumber === 'string' ? this.#names.indexOf(nameOrNumber) : nameOrNumber;
    if (this.#names[number] === undefined) {
      throw new InternalError('TEAM005', `the module exports no function ${JSON.stringify(nameOrNumber)}`, {
        note: `its functions are ${this.#names.join(', ')}`,
      });
    }
    return number;
  }

  /** The kernel for this thread. */
  kernel(entry: number): Kernel {
    this.#kernels ??= instantiate(this.#module);
    return this.#kernels[entry]!;
  }

  /** Where team threads find it; puts it there the first time. */
  place({ words, at }: Control): ModulePlace {
    if (this.#place === undefined) {
      const bytes = this.#bytes.length;
      const address = allocate(bytes, 16);
      heapBytes(address, bytes).set(this.#bytes);
      this.#place = { id: Atomics.add(words, at + header.modules, 1) + 1, address, bytes };
    }
    return this.#place;
  }

  /** Gives its memory in the heap back. No job of it may run, or follow. Threads forget it as they meet others. */
  release(): void {
    this.#isReleased = true;
    if (this.#place !== undefined) release(this.#place.address);
    this.#place = undefined;
    this.#kernels = undefined;
  }
}

/** As many modules as a thread keeps ready; a program that makes more of them has the oldest instantiated again. */
const mostKept = 256;

/** The modules that a team thread has met. */
export class MetModules {
  readonly #kernels = new Map<number, readonly Kernel[]>();

  kernel({ id, address, bytes }: ModulePlace, entry: number): Kernel {
    let kernels = this.#kernels.get(id);
    if (kernels === undefined) {
      // Engines do not compile from shared memory; a slice is a copy.
      kernels = instantiate(compileModule(heapBytes(address, bytes).slice()));
      if (this.#kernels.size === mostKept) this.#kernels.delete(this.#kernels.keys().next().value!);
      this.#kernels.set(id, kernels);
    }
    return kernels[entry]!;
  }
}
