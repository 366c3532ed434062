// `for (const i of prange(n))` → a parallel loop. What its iterations all change has to be gathered (gather.ts), and what they store has to
// go to elements of their own; else they would need each other, and the loop is refused with both places.
// Elements are an iteration's own where their place is the counter, give or take the same for all; or p·n + j with j below n: a row.
import type { AnyNode, ForOfStatement, Node, Statement as SyntaxStatement } from 'acorn';
import { codeFrame } from '../base/code-frame.js';
import { Constant, Value } from '../ir/nodes.js';
import type { For, LoopReduction, Operand } from '../ir/nodes.js';
import { isIntegerKind } from './array-kinds.js';
import { f64, i64, longestLife, lowerPart } from './code.js';
import type { Access, Block, Body, KernelCode } from './code.js';
import { Carrying } from './control.js';
import { afterReduction, giveAll, givingsOf, nothingGiven, reductionOf } from './gather.js';
import { countedLoop, drawing, forOf, giveEach, withDraws } from './counted-loops.js';
import type { Owning, Trips } from './counted-loops.js';
import { refuse, refuseYet } from './refuse.js';
import type { Declaration } from './resolve.js';
import { check, toNumber } from './scalars.js';
import { isScalar, leavesOf } from './things.js';
import type { GatheringOperator } from './things.js';
import { wholeNumber } from './walk.js';

type Call = Extract<AnyNode, { type: 'CallExpression' }>;

export function parallelLoop(body: Body, statement: ForOfStatement, call: Call, block: Block): void {
  const { kernel } = body;
  const trips = tripsOf(body, call, block);
  const begin = (inner: Block, index: Value): void =>
    giveEach(body, statement.left, trips.counterAt(inner, index), inner);
  drawing(body, statement.body, block, trips, (at, owned) => {
    // Inside of a parallel loop, and in a recursion, it is a loop like any other.
    if (kernel.accesses !== undefined || kernel.isInRoutine)
      return countedLoop(body, statement, statement.body, at, { trips, owned, begin });
    kernel.accesses = [];
    // A value that a name stands for here is the same in every iteration.
    const things = [...at.environment.values()].filter((thing) => thing !== undefined);
    kernel.ownFixed = new Set(
      things.flatMap((thing) => (!isScalar(thing) && thing.kind === 'array' ? [thing.length] : leavesOf(thing))),
    );
    const variables = gatheredBy(body, statement.body, at);
    const refused = variables.find(({ operator }) => operator === undefined);
    if (refused !== undefined) throw needsOthers(body, refused.variable, statement.body);
    gatheringLoop(body, statement, statement.body, at, {
      trips,
      owned,
      begin,
      isParallel: true,
      gathered: variables as readonly Gathered[],
    });
    const { accesses } = kernel;
    kernel.accesses = undefined;
    const bins = variables.length + owned.size === 0 ? binsAmong(kernel, accesses) : new Set<number>();
    if (!refuseShared(kernel, accesses, bins)) return;
    // Blocks of iterations get bins of their own where the passes see that it is worth it.
    kernel.wantsThreads = true;
    const loop = at.statements.pop() as For;
    at.statements.push({ ...loop, isParallel: false });
  });
}

/** Alias classes of arrays of integers in which iterations count, and which they touch in no other way. */
function binsAmong(kernel: KernelCode, accesses: readonly Access[]): ReadonlySet<number> {
  const classes = new Map<number, boolean>();
  for (const { array, node } of accesses) {
    const isCount =
      kernel.counting.has(node) && array.kind === 'array' && isIntegerKind(array.of) && array.of.storage !== 'u8c';
    const { aliasClass } = array.buffer;
    classes.set(aliasClass, (classes.get(aliasClass) ?? true) && isCount);
  }
  return new Set([...classes].flatMap(([aliasClass, isCounted]) => (isCounted ? [aliasClass] : [])));
}

/** The values that prange gives. */
function tripsOf(body: Body, call: Call, block: Block): Trips {
  const { kernel, source } = body;
  const given = call.arguments as AnyNode[];
  if (given.length === 0 || given.length > 3 || given.some(({ type }) => (type as string) === 'SpreadElement'))
    throw refuseYet(source, call, 'this call of prange', 'write prange(n) or prange(start, stop, step)');
  const numbers = given
    .slice(0, 2)
    .map((node) => toNumber(body, node, block, kernel.grammar.expression(body, node, block)));
  const step = given[2] === undefined ? 1 : wholeNumber(given[2]);
  if (step === undefined || step === 0 || Math.abs(step) > 2 ** 20)
    throw refuse(source, given[2]!, 'JIT019', 'prange counts in whole steps that are written there', {
      fix: 'write the step as a number: prange(0, n, 2)',
    });
  const [first, second] = numbers;
  const start = second === undefined ? i64(0n) : wholeOf(body, given[0]!, first!, block);
  const end = second ?? first!;
  const known = kernel.wholeOf(block, end)?.integer;
  const rounded = kernel.pure(block, step > 0 ? 'ceil' : 'floor', 'f64', [end], 'bound');
  const below = kernel.pure(block, 'min', 'f64', [rounded, f64(2 ** 62)], 'bound');
  const limited = kernel.pure(block, 'max', 'f64', [below, f64(-(2 ** 62))], 'bound');
  const whole = known ?? kernel.pure(block, 'truncI64', 'f64', [limited], 'bound');
  const distance = kernel.pure(block, 'sub', 'i64', step > 0 ? [whole, start] : [start, whole], 'trips');
  const isNumber = kernel.pure(block, 'eq', 'f64', [end, end], 'isNumber');
  let count: Operand = kernel.pure(block, 'select', 'i64', [isNumber, distance, i64(0n)], 'count');
  const size = Math.abs(step);
  if (size > 1) {
    const far = kernel.pure(block, 'min', 'f64', [kernel.pure(block, 'toF64', 'i64', [count]), f64(longestLife)]);
    const parts = kernel.pure(block, 'ceil', 'f64', [kernel.pure(block, 'div', 'f64', [far, f64(size)])], 'trips');
    count = kernel.pure(block, 'truncI64', 'f64', [parts], 'count');
  }
  return {
    count,
    counterAt: (inner, index) => {
      const way = size === 1 ? index : kernel.pure(inner, 'mul', 'i64', [index, i64(size)], 'i');
      const isIndex = step > 0 && start instanceof Constant && start.value === 0n;
      const place = isIndex ? way : kernel.pure(inner, step > 0 ? 'add' : 'sub', 'i64', [start, way], 'i');
      kernel.ownPlace = place;
      kernel.ownLeast = start instanceof Constant && step > 0 ? (start.value as bigint) : undefined;
      kernel.ownOrder = kernel.order;
      return kernel.fromWhole(inner, place, longestLife, 'i');
    },
  };
}

function wholeOf(body: Body, node: AnyNode, number: Operand, block: Block): Operand {
  const { kernel } = body;
  const known = kernel.wholeOf(block, number);
  if (known !== undefined) return known.integer;
  const integer = kernel.pure(block, 'truncI64', 'f64', [number], 'start');
  const site = kernel.site(() =>
    refuse(body.source, node, 'JIT019', 'prange begins at a whole number', {
      fix: 'round it: prange(Math.floor(x), n)',
    }),
  );
  check(block, kernel.pure(block, 'eq', 'f64', [kernel.pure(block, 'toF64', 'i64', [integer]), number]), site);
  return integer;
}

interface Gathered {
  readonly variable: Declaration;
  readonly operator: GatheringOperator;
}

/** The variables from outside that the code changes, with the operator by which it gathers them, if it does. */
export function gatheredBy(
  body: Body,
  code: Node,
  block: Block,
): { readonly variable: Declaration; readonly operator: GatheringOperator | undefined }[] {
  const changed = [...body.names.assignedIn(code)].filter((variable) => block.environment.get(variable) !== undefined);
  return changed.map((variable) => {
    const thing = block.environment.get(variable)!;
    const isElsewhere =
      body.names.assignmentsOf(variable, code).length === 0 || body.names.isCapturedIn(variable, code);
    const givings =
      isScalar(thing) && thing.type === 'f64' && !isElsewhere ? givingsOf(body, code, variable) : undefined;
    if (givings === undefined) return { variable, operator: undefined };
    const { operator } = givings.values().next().value!;
    for (const [node, giving] of givings) body.kernel.givings.set(node, giving);
    return { variable, operator };
  });
}

interface GatheringParts {
  readonly trips: Trips;
  readonly owned: Owning;
  readonly begin: (inner: Block, index: Value) => void;
  readonly isParallel: boolean;
  readonly gathered: readonly Gathered[];
}

/** A `for` whose reductions are the variables that it gathers; others it carries, if it is not parallel. */
export function gatheringLoop(
  body: Body,
  node: Node,
  code: AnyNode,
  block: Block,
  { trips, owned, begin, isParallel, gathered }: GatheringParts,
): void {
  const names = body.pendingNames.splice(0);
  const { kernel } = body;
  const initials = gathered.map(({ variable }) => block.environment.get(variable) as Operand);
  const reductions = gathered.map(({ variable, operator }, index) => reductionOf(variable, operator, initials[index]!));
  for (const { variable } of gathered) block.environment.set(variable, undefined);
  const carrying = new Carrying(body, block, [code]);
  const { carried, inner, values } = carrying;
  for (const { variable, operator } of gathered) inner.environment.set(variable, nothingGiven(operator));
  const index = new Value('i64', 'index');
  const label = kernel.newLabel();
  const give = (at: Block): void => {
    for (const [position, { variable }] of gathered.entries())
      giveAll(reductions[position]!, at.environment.get(variable)!, at);
  };
  body.loops.push({ label, names, isSwitch: false, values, beforeNext: give, isLeft: true, isParallel });
  withDraws(kernel, owned, () => {
    begin(inner, index);
    lowerPart(body, code as SyntaxStatement, inner);
  });
  body.loops.pop();
  if (inner.terminator === undefined) {
    give(inner);
    inner.end({ kind: 'yield', operands: values(inner, node) });
  }
  const results = carrying.finish(block);
  const sums = reductions.map(
    (reduction: LoopReduction) => new Value(reduction.operator === 'count' ? 'i64' : 'f64', reduction.name),
  );
  const parts = {
    label,
    index,
    count: trips.count,
    carried,
    owned: [...owned.values()],
    results: [...results, ...sums],
    body: inner.region(),
    source: kernel.places.loop(body.source, node),
  };
  block.statements.push(forOf(parts, reductions, isParallel));
  for (const [position, { variable }] of gathered.entries())
    block.environment.set(
      variable,
      afterReduction(body, reductions[position]!, sums[position]!, initials[position]!, block),
    );
}

/** A variable that an iteration leaves for the next one. */
function needsOthers(body: Body, variable: Declaration, code: Node): Error {
  const { source, names } = body;
  const [assignment] = names.assignmentsOf(variable, code);
  const use = names.usesOf(variable, code).find((node) => node !== assignment);
  const frame = use && `it is used here too\n${codeFrame(source.placeOf(use))}\n`;
  return refuse(
    source,
    assignment ?? code,
    'JIT017',
    `the iterations of prange need each other through ${variable.name}`,
    {
      note: `${frame ?? ''}they run at once, so none can find what another has left; what can be gathered: s += x, s *= x, n++, m = Math.min(m, x), if (x < m) m = x`,
      fix: `declare ${variable.name} inside the loop, gather it in one of these ways, or use a plain for loop`,
    },
  );
}

/**
 * Where in an array an iteration goes: a place that no other iteration has, the counter give or take the same for all; or places
 * p·w + j with j below w, where p is such a place again: rows, and rows of rows. Widths are listed from the inside.
 */
interface Form {
  readonly offset: Operand | undefined;
  readonly operation: 'add' | 'sub';
  readonly widths: readonly Operand[];
}

function formOf(kernel: KernelCode, given: Operand): Form | undefined {
  const place = bare(kernel, given);
  if (place === kernel.ownPlace) return { offset: undefined, operation: 'add', widths: [] };
  const { operation, operands = [] } = kernel.definitionOf(place) ?? {};
  if (operation === 'add' || operation === 'sub') {
    const [first, second] = operands as [Operand, Operand];
    const isFirst = bare(kernel, first) === kernel.ownPlace;
    const other = isFirst
      ? second
      : operation === 'add' && bare(kernel, second) === kernel.ownPlace
        ? first
        : undefined;
    if (other !== undefined && isFixed(kernel, other)) return { offset: bare(kernel, other), operation, widths: [] };
    if (operation === 'sub' && bare(kernel, second) === kernel.ownPlace && isFixed(kernel, first))
      return { offset: bare(kernel, first), operation, widths: [] };
  }
  return rowOf(kernel, place);
}

function rowOf(kernel: KernelCode, place: Operand): Form | undefined {
  const sum: Sum = { products: [], counters: [], constant: 0 };
  if (!addTerms(kernel, place, 1, sum) || sum.products.length !== 1 || sum.counters.length > 1) return undefined;
  const [[first, second]] = sum.products as [readonly [Operand, Operand]];
  for (const [outer, width] of [
    [first, second],
    [second, first],
  ] as const) {
    const form = isFixed(kernel, width) ? formOf(kernel, outer) : undefined;
    if (form !== undefined && isBelow(kernel, sum, width))
      return { ...form, widths: [bare(kernel, width), ...form.widths] };
  }
  return undefined;
}

/** A place as a sum of products, counters of loops inside, and a number. */
interface Sum {
  readonly products: (readonly [Operand, Operand])[];
  readonly counters: Operand[];
  constant: number;
}

function addTerms(kernel: KernelCode, given: Operand, sign: 1 | -1, sum: Sum): boolean {
  if (given instanceof Constant) {
    sum.constant += sign * Number(given.value);
    return true;
  }
  if (kernel.counters.has(given) && sign > 0) {
    sum.counters.push(given);
    return true;
  }
  const definition = kernel.definitionOf(given);
  if (definition === undefined) return false;
  const [first, second] = definition.operands as [Operand, Operand];
  switch (definition.operation) {
    case 'truncI64':
    case 'toF64':
      return addTerms(kernel, first, sign, sum);
    case 'add':
      return addTerms(kernel, first, sign, sum) && addTerms(kernel, second, sign, sum);
    case 'sub':
      return (
        second instanceof Constant && addTerms(kernel, first, sign, sum) && addTerms(kernel, second, -sign as -1, sum)
      );
    case 'mul':
      sum.products.push([first, second]);
      return sign > 0;
    default:
      return false;
  }
}

/** Whether what stands beside the product lies at 0, 1, … below the width. */
function isBelow(kernel: KernelCode, { counters: [counter], constant }: Sum, width: Operand): boolean {
  if (counter === undefined) return width instanceof Constant && constant >= 0 && constant < Number(width.value);
  const { start, end } = kernel.counters.get(counter)!;
  if (!(start instanceof Constant) || Number(start.value) + constant < 0) return false;
  return isAtMost(kernel, end, width, constant);
}

/** Whether `end + more` is surely at most `width`. */
function isAtMost(kernel: KernelCode, end: Operand, width: Operand, more: number): boolean {
  const [from, to] = [bare(kernel, end), bare(kernel, width)];
  if (from instanceof Constant && to instanceof Constant) return Number(from.value) + more <= Number(to.value);
  if (more <= 0 && isSame(from, to)) return true;
  const { operation, operands = [] } = kernel.definitionOf(from) ?? {};
  const [first, second] = operands as [Operand, Operand];
  if (operation === 'sub' && second instanceof Constant)
    return isAtMost(kernel, first, to, more - Number(second.value));
  if (operation === 'add' && second instanceof Constant)
    return isAtMost(kernel, first, to, more + Number(second.value));
  return operation === 'min' && [first, second].some((each) => isAtMost(kernel, each, to, more));
}

/** The same number before it was converted: places are whole. */
function bare(kernel: KernelCode, operand: Operand): Operand {
  const { operation, operands } = kernel.definitionOf(operand) ?? {};
  return operation === 'toF64' ? bare(kernel, operands![0]!) : operand;
}

/** Whether every iteration has the same. */
function isFixed(kernel: KernelCode, operand: Operand): boolean {
  if (kernel.isBefore(operand, kernel.ownPlace!) || kernel.ownFixed.has(operand)) return true;
  return kernel.definitionOf(operand)?.operands.every((each) => isFixed(kernel, each)) ?? false;
}

const isSame = (a: Operand, b: Operand): boolean =>
  a === b || (a instanceof Constant && b instanceof Constant && Object.is(Number(a.value), Number(b.value)));

const areSame = (a: Operand | undefined, b: Operand | undefined): boolean =>
  a === undefined || b === undefined ? a === b : isSame(a, b);

const isSameForm = (a: Form, b: Form): boolean =>
  a.operation === b.operation &&
  areSame(a.offset, b.offset) &&
  a.widths.length === b.widths.length &&
  a.widths.every((width, index) => isSame(width, b.widths[index]!));

/** Whether one place is the same element in both arrays, which overlap. */
const haveSameElements = (a: Access['array'], b: Access['array']): boolean =>
  a.buffer === b.buffer || (a.kind === 'array' && b.kind === 'array' && a.twin === b.twin);

/** Whether iterations share elements of `bins`; others they may not share. */
function refuseShared(kernel: KernelCode, accesses: readonly Access[], bins: ReadonlySet<number>): boolean {
  let isSharing = false;
  for (const store of accesses) {
    // What an iteration makes for itself is its own.
    if (store.kind !== 'store' || kernel.isMadeIn(store.array)) continue;
    const rivals = accesses.filter(({ array }) => array.buffer.aliasClass === store.array.buffer.aliasClass);
    // One axis on which every iteration goes where no other one does is enough.
    const apart = store.places.map((place, axis) => {
      const form = place && formOf(kernel, place);
      const rival = rivals.find(({ array, places }) => {
        const its = form && places[axis] && formOf(kernel, places[axis]);
        // Of two arrays that overlap one place may be two elements, and two places one.
        return !haveSameElements(array, store.array) || its === undefined || !isSameForm(form!, its);
      });
      return { rival, isSelf: form === undefined || rival === store };
    });
    if (apart.some(({ rival }) => rival === undefined)) continue;
    if (bins.has(store.array.buffer.aliasClass)) {
      isSharing = true;
      continue;
    }
    const { rival = store, isSelf } = apart.find(({ isSelf: self }) => !self) ?? { isSelf: true };
    const where = `${rival.kind === 'store' ? 'written' : 'read'} here\n${codeFrame(rival.source.placeOf(rival.node))}\n`;
    throw refuse(
      store.source,
      store.node,
      'JIT017',
      isSelf
        ? `two iterations of prange may write one element of ${store.array.name}`
        : `an iteration of prange may write what another one ${rival.kind === 'store' ? 'writes' : 'reads'}`,
      {
        note: `${isSelf ? '' : `it is ${where}`}${haveSameElements(rival.array, store.array) ? '' : `${store.array.name} and ${rival.array.name} lie over one another in this call\n`}iterations run at once, so each has to write elements of its own: at the place of its counter, or in its row, i * n + j with j < n; or count, in an array of integers: bins[k]++, and nothing else is gathered or drawn there`,
        fix: 'write at the place of the counter, or use a plain for loop',
      },
    );
  }
  return isSharing;
}
