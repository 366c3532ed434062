// Code that a pass has gone through already, and that nothing but removals has changed since: passes that the pipeline runs more than once
// leave it alone. Code is known by its region, as passes that change nothing give back the one that they were given.
import type { Kernel, Region } from '../ir/nodes.js';

export class Settled {
  readonly #bodies = new WeakSet<Region>();

  has({ body }: Kernel): boolean {
    return this.#bodies.has(body);
  }

  add<K extends Kernel>(kernel: K): K {
    this.#bodies.add(kernel.body);
    return kernel;
  }
}

/** What simplify has gone through: it finds nothing more where only what nobody reads has been taken out. */
export const simplified = new Settled();
