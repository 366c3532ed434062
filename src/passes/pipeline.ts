// The passes, in the order in which they run, with a reason beside each whose place matters. No logic here.
import { closedForms } from './closed-forms.js';
import { computeInIntegers } from './compute-in-integers.js';
import { countInIntegers } from './count-in-integers.js';
import { hoistChecks } from './hoist-checks.js';
import { hoistInvariants } from './hoist-invariants.js';
import { ifConvert } from './if-convert.js';
import type { Pass } from './pass.js';
import { removeChecks } from './remove-checks.js';
import { removeUnused } from './remove-unused.js';
import { shareExpressions } from './share-expressions.js';
import { simplify } from './simplify.js';
import { vectorizeDraws } from './vectorize-draws.js';

export const pipeline: readonly Pass[] = [
  // First: what nobody reads would only be in the way.
  removeUnused,
  simplify,
  ifConvert,
  computeInIntegers,
  // Counters are recognised by the selects that if-convert leaves.
  countInIntegers,
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
  // Lanes can share the work of a counter, as sums of integers may be taken in any order; sums of doubles may not.
  vectorizeDraws,
];
