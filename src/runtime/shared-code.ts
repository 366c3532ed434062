// A kernel's module as the team runs it: made known to the team when a call first wants other threads, and taken back once nobody can call the
// kernel any more.
import { publishModule, releaseModule } from './team/index.js';
import type { TeamModule } from './team/index.js';

/**
 * What a module's bytes are lent by: calls hold their SharedCode for as long as a job of theirs may run, so that the module outlives them all.
 * The module knows nothing of it.
 */
const unused = new FinalizationRegistry<TeamModule>(releaseModule);

export class SharedCode {
  readonly #bytes: Uint8Array;
  readonly #scratchBytes: number;
  readonly #compiled: WebAssembly.Module;
  #module: TeamModule | undefined;
  #running = 0;

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

  /** Asynchronous calls say when they begin and end, which keeps this alive in between. */
  begin(): void {
    this.#running++;
  }

  end(): void {
    this.#running--;
  }
}
