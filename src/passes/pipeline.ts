// The passes, in the order in which they run, with a reason beside each whose place matters. No logic here.
import { carryBits } from './carry-bits.js';
import { carryReductions } from './carry-reductions.js';
import { closedForms } from './closed-forms.js';
import { computeInIntegers } from './compute-in-integers.js';
import { convertByBits } from './convert-by-bits.js';
import { endIterationsOnce } from './end-iterations-once.js';
import { findReductions } from './find-reductions.js';
import { hoistChecks } from './hoist-checks.js';
import { hoistInvariants } from './hoist-invariants.js';
import { ifConvert } from './if-convert.js';
import { inlineCalls } from './inline-calls.js';
import { keepInBlocks } from './keep-in-blocks.js';
import { nestsToLoops } from './nests-to-loops.js';
import { parallelize } from './parallelize.js';
import type { Pass } from './pass.js';
import { privateBins } from './private-bins.js';
import { removeChecks } from './remove-checks.js';
import { removeUnused } from './remove-unused.js';
import { shareExpressions } from './share-expressions.js';
import { simplify } from './simplify.js';
import { splitIntoBlocks, splitIntoScalarBlocks } from './split-into-blocks.js';
import { vectorize } from './vectorize.js';

export const pipeline: readonly Pass[] = [
  // First: everything behind it knows loops only.
  nestsToLoops,
  // What nobody reads would only be in the way.
  removeUnused,
  simplify,
  // Branches that come to an end together can become choices.
  endIterationsOnce,
  ifConvert,
  // Integers of 32 bits are known to be small, which the next one asks for.
  carryBits,
  computeInIntegers,
  // Behind what counts the operations of branches; before all that looks for loops that lanes can take.
  inlineCalls,
  // Places and lengths are integers by now, which is what checks are proved with.
  removeChecks,
  shareExpressions,
  // A check that asks the same in each iteration leaves the loop as it is; of the others copies of the loop are made.
  hoistInvariants,
  hoistChecks,
  // Behind whatever makes of a loop one that only counts and adds up.
  closedForms,
  // Choices and conversions that the passes since have made; then what is no longer read.
  simplify,
  removeUnused,
  // Sums of integers may be taken in any order; sums of doubles become such sums where they count.
  findReductions,
  // Behind all that looks for integers; before lanes, which have no other way.
  convertByBits,
  // These three only where threads are asked for; loops that keep or count before those that need nothing of the kind.
  keepInBlocks,
  privateBins,
  parallelize,
  // Draws, sums in the tree and parallel loops; what is left are loops that lanes may take as they like.
  splitIntoBlocks,
  vectorize,
  // From here on there are no reductions.
  carryReductions,
  // Blocks and lanes have brought arithmetic of their own, and lanes of what does not change.
  simplify,
  shareExpressions,
  hoistInvariants,
  removeUnused,
];

const forThreads: ReadonlySet<Pass> = new Set([keepInBlocks, privateBins, parallelize]);

/** Those that run for a kernel: threads are asked for, or they are not; the machine has lanes, or it has none. */
export function passesFor({ parallel, simd }: { readonly parallel: boolean; readonly simd: boolean }): readonly Pass[] {
  const wanted = pipeline.filter((pass) => parallel || !forThreads.has(pass));
  if (simd) return wanted;
  return wanted
    .filter((pass) => pass !== vectorize)
    .map((pass) => (pass === splitIntoBlocks ? splitIntoScalarBlocks : pass));
}
