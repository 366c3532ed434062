// What passes tell of the loops that they have met, and the words they have for it: done, or why not. A pass still only turns a kernel
// into a kernel; whoever wants to know listens while the passes run (runtime/loop-facts.ts), and nobody else pays. All the vocabulary is
// here, so that what explains it to people knows what there is to explain.
import type { For, Loop } from '../ir/nodes.js';

/** Why a loop is not run in lanes. */
export type NoLanes =
  /** It carries values from one iteration to the next. */
  | 'carries'
  /** Each iteration draws from a generator, and none of them in lanes. */
  | 'draws'
  /** What it gathers has to come in order: compare-and-keep, products, sums outside of the tree. */
  | 'ordered'
  /** It gives to what it gathers from inside of a branch or a loop. */
  | 'givesInside'
  /** It, or a loop inside, is left in the middle. */
  | 'leftEarly'
  /** Something in it has no form in lanes; what, its statements tell. */
  | 'statements'
  /** Iterations may touch elements of one another. */
  | 'sharedElements'
  /** The lanes would do more work than they save. */
  | 'cost';

/** Why a loop is not shared out to threads. */
export type NoThreads =
  | 'carries'
  /** What it gathers has no order that threads could keep. */
  | 'ordered'
  | 'leftEarly'
  /** It draws from a generator that the next iteration needs. */
  | 'draws'
  /** It gives to what a loop around gathers. */
  | 'givesToOthers'
  | 'sharedElements';

export type Remark =
  | { readonly kind: 'closedForm'; readonly isAlways: boolean }
  /** Checks, by their sites, that are asked once before the loop; where the answer is no, a copy that checks each time runs. */
  | { readonly kind: 'hoistedChecks'; readonly sites: readonly number[] }
  | { readonly kind: 'lanes'; readonly lanes: number }
  | { readonly kind: 'noLanes'; readonly why: NoLanes }
  /** Cut into blocks; of so many iterations where that is fixed. */
  | { readonly kind: 'blocks'; readonly length: number | undefined }
  | { readonly kind: 'threads' }
  | { readonly kind: 'noThreads'; readonly why: NoThreads };

export type Listener = (loop: For | Loop, remark: Remark) => void;

let listener: Listener | undefined;

/** Does the work, and hears what passes tell meanwhile. */
export function listening<T>(to: Listener, work: () => T): T {
  const before = listener;
  listener = to;
  try {
    return work();
  } finally {
    listener = before;
  }
}

export function remark(loop: For | Loop, what: Remark): void {
  listener?.(loop, what);
}

/** Says why, and gives how many lanes that makes. */
export function noLanes(loop: For, why: NoLanes): 1 {
  remark(loop, { kind: 'noLanes', why });
  return 1;
}

/** Says why, and that it is so. */
export function noThreads(loop: For, why: NoThreads): false {
  remark(loop, { kind: 'noThreads', why });
  return false;
}
