// The passes, in the order in which they run, with a reason beside each whose place matters. No logic here.
import { carryReductions } from './carry-reductions.js';
import { countInIntegers } from './count-in-integers.js';
import { findReductions } from './find-reductions.js';
import { ifConvert } from './if-convert.js';
import { nestsToLoops } from './nests-to-loops.js';
import { parallelize } from './parallelize.js';
import type { Pass } from './pass.js';
import { removeUnused } from './remove-unused.js';
import { splitIntoBlocks } from './split-into-blocks.js';
import { vectorize } from './vectorize.js';

export const pipeline: readonly Pass[] = [
  // First: everything behind it knows loops only.
  nestsToLoops,
  // What nobody reads would only be in the way.
  removeUnused,
  ifConvert,
  // Counters are recognised by the selects that if-convert leaves.
  countInIntegers,
  // Sums of integers may be taken in any order; sums of doubles become such sums where they count.
  findReductions,
  // Only where threads are asked for.
  parallelize,
  // Draws, sums in the tree and parallel loops; what is left are loops that lanes may take as they like.
  splitIntoBlocks,
  vectorize,
  // Last: from here on there are no reductions.
  carryReductions,
];

/** Those that run for a kernel: threads are asked for, or they are not. */
export const passesFor = ({ parallel }: { readonly parallel: boolean }): readonly Pass[] =>
  pipeline.filter((pass) => parallel || pass !== parallelize);
