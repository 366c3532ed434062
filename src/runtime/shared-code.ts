// A kernel's module as the team runs it: made known to the team when a call first wants other threads, and taken back once nobody can call the
// kernel any more.
import { publishModule, releaseModule } from './team/index.js';
import type { TeamModule } from './team/index.js';

/** Tells when a SharedCode is garbage; its module, which knows nothing of it, can go then. */
const unused = new FinalizationRegistry<TeamModule>(releaseModule);

/** How many asynchronous calls each runs now: whoever is in here is not garbage, even if the program has dropped the function. */
const running = new Map<SharedCode, number>();

export class SharedCode {
  readonly #bytes: Uint8Array;
  readonly #scratchBytes: number;
  readonly #compiled: WebAssembly.Module;
  #module: TeamModule | undefined;

  constructor(bytes: Uint8Array, scratchBytes: number, compiled: WebAssembly.Module) {
    this.#bytes = bytes;
    this.#scratchBytes = scratchBytes;
    this.#compiled = compiled;
  }

  get module(): TeamModule {
    if (this.#module === undefined) {
      this.#module = publishModule(this.#bytes, this.#scratchBytes, this.#compiled);
      unused.register(this, this.#module);
    }
    return this.#module;
  }

  /** An asynchronous call begins. Finalizers do not run inside direct ones, which need not say so. */
  begin(): void {
    running.set(this, (running.get(this) ?? 0) + 1);
  }

  end(): void {
    const others = running.get(this)! - 1;
    if (others === 0) running.delete(this);
    else running.set(this, others);
  }
}
