// The passes, in the order in which they run, with a reason beside each whose place matters. No logic here.
import { countInIntegers } from './count-in-integers.js';
import { ifConvert } from './if-convert.js';
import type { Pass } from './pass.js';
import { removeUnused } from './remove-unused.js';
import { vectorizeDraws } from './vectorize-draws.js';

export const pipeline: readonly Pass[] = [
  // First: what nobody reads would only be in the way.
  removeUnused,
  ifConvert,
  // Counters are recognised by the selects that if-convert leaves.
  countInIntegers,
  // Lanes can share the work of a counter, as sums of integers may be taken in any order; sums of doubles may not.
  vectorizeDraws,
];
