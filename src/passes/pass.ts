// What a pass is: a legal kernel in, a legal kernel out that gives the same bits.
import type { Kernel } from '../ir/nodes.js';

export interface Pass {
  /** What it makes true; also the name of its file and of its folder of tests. */
  readonly name: string;
  readonly run: (kernel: Kernel) => Kernel;
}
