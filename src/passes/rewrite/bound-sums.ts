// A loop that adds up whole doubles with known bounds → the same for so few iterations that the sum stays exact, and the loop as it was for
// more, with the question which of the two. Facts then know of the first that its sums are integers.
import { Constant, Value } from '../../ir/nodes.js';
import type { For, Kernel, Operand, Region, Statement } from '../../ir/nodes.js';
import { Builder, i64 } from '../../ir/build.js';
import { copyStatement, Substitution } from '../../ir/substitute.js';
import { mapRegions, regionsOf } from '../../ir/walk.js';
import { exactBound, isExactInteger } from '../analysis/facts.js';
import type { Fact } from '../analysis/facts.js';
import { countingOf } from '../analysis/origins.js';

type FactOf = (operand: Operand) => Fact;

/** Iterations that are worth a loop of their own, and statements that may be written twice. */
const fewestTrips = 2 ** 16;
const mostStatements = 60;

const largest = ({ low, high }: Fact): number => Math.max(Math.abs(low), Math.abs(high));

/** How many iterations keep a sum below 2⁵³; undefined where none is a sum of such numbers, or all are known to be anyway. */
function mostTrips(loop: For, factOf: FactOf): number | undefined {
  if (loop.step !== 1 || !(loop.start instanceof Constant && loop.start.value === 0n) || loop.owned.length > 0)
    return undefined;
  if (!loop.carried.some(({ value }) => value.type === 'f64' && !isExactInteger(factOf(value)))) return undefined;
  const trips = countingOf(loop).flatMap((counting, position) => {
    const { value, initial } = loop.carried[position]!;
    if (counting === undefined || value.type !== 'f64' || isExactInteger(factOf(value))) return [];
    const begins = [initial, ...counting.resets].map(factOf);
    if (!begins.every((fact) => isExactInteger(fact) && !fact.mayBeMinusZero)) return [];
    const steps = counting.additions.map(({ by, loops }) => {
      const fact = factOf(by);
      return loops.length === 0 && fact.isWhole && !fact.mayBeNaN ? largest(fact) : Infinity;
    });
    const step = steps.reduce((sum, each) => sum + each, 0);
    // One iteration less: what it hands on is asked for as well.
    return [Math.floor((exactBound - 1 - Math.max(...begins.map(largest))) / step) - 1];
  });
  const most = Math.min(...trips.filter((each) => each >= fewestTrips));
  return Number.isFinite(most) ? most : undefined;
}

const sizeOf = ({ statements }: Region): number =>
  statements.reduce((sum, each) => sum + 1 + regionsOf(each).reduce((inner, region) => inner + sizeOf(region), 0), 0);

function bounded(loop: For, most: number): readonly Statement[] {
  const b = new Builder(loop.source);
  const isShort = b.pure('le', 'i64', [loop.count, i64(most)], 'isShort');
  const count = b.pure('min', 'i64', [loop.count, i64(most)], 'count');
  const short = copyStatement({ ...loop, count }, new Substitution()) as For;
  const long = { ...loop, results: loop.results.map(({ type, name }) => new Value(type, name)) };
  b.add({
    kind: 'if',
    condition: isShort,
    results: loop.results,
    consequent: { statements: [short], terminator: { kind: 'yield', operands: short.results } },
    alternate: { statements: [long], terminator: { kind: 'yield', operands: long.results } },
    source: loop.source,
  });
  return b.statements;
}

/** The kernel itself where there is nothing of the kind. */
export function boundSums(kernel: Kernel, factOf: FactOf): Kernel {
  let isChanged = false;
  const walk = ({ statements, terminator }: Region): Region => ({
    statements: statements.flatMap((statement): readonly Statement[] => {
      const most = statement.kind === 'for' && !statement.isParallel ? mostTrips(statement, factOf) : undefined;
      if (most === undefined || sizeOf((statement as For).body) > mostStatements) return [mapRegions(statement, walk)];
      isChanged = true;
      return bounded(statement as For, most);
    }),
    terminator,
  });
  const body = walk(kernel.body);
  return isChanged ? { ...kernel, body } : kernel;
}
