// `for (const i of prange(n))` → a parallel loop. What its iterations all change has to be gathered (gather.ts), and what they store has to
// go to elements of their own; else they would need each other, and the loop is refused with both places.
// Elements are an iteration's own where their place is the counter, give or take the same for all; or i·n + j with j below n: a row.
import type { AnyNode, ForOfStatement, Node, Statement as SyntaxStatement } from 'acorn';
import { codeFrame } from '../base/code-frame.js';
import { Constant, Value } from '../ir/nodes.js';
import type { LoopReduction, Operand } from '../ir/nodes.js';
import { f64, i64, longestLife, lowerPart } from './code.js';
import type { Access, Block, Body, KernelCode } from './code.js';
import { Carrying } from './control.js';
import { afterReduction, giveAll, givingsOf, nothingGiven, reductionOf } from './gather.js';
import { countedLoop, drawing, forOf, giveEach } from './counted-loops.js';
import type { Owning, Trips } from './counted-loops.js';
import { refuse, refuseYet } from './refuse.js';
import type { Declaration } from './resolve.js';
import { check, toNumber } from './scalars.js';
import { isScalar } from './things.js';
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
    refuseShared(kernel, accesses);
  });
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
  const around = kernel.stream;
  if (owned.length > 0) kernel.stream = owned[0]!.stream;
  begin(inner, index);
  const give = (at: Block): void => {
    for (const [position, { variable }] of gathered.entries())
      giveAll(reductions[position]!, at.environment.get(variable)!, at);
  };
  body.loops.push({ label, names, isSwitch: false, values, beforeNext: give, isLeft: true, isParallel });
  lowerPart(body, code as SyntaxStatement, inner);
  body.loops.pop();
  kernel.stream = around;
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
    owned,
    results: [...results, ...sums],
    body: inner.region(),
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

/** Where in an array an iteration goes: a place that no other iteration has, or a row that none has. */
type Form = { readonly offset: Operand | undefined; readonly operation: 'add' | 'sub' } | { readonly row: Operand };

function formOf(kernel: KernelCode, place: Operand): Form | undefined {
  const own = kernel.ownPlace;
  if (place === own) return { offset: undefined, operation: 'add' };
  const definition = kernel.definitionOf(place);
  if (definition === undefined) return undefined;
  const { operation, operands } = definition;
  if (operation === 'add' || operation === 'sub') {
    const other = operands.find((operand) => operand !== own);
    const isShifted = operands.includes(own!) && other !== undefined && kernel.isBefore(other, own!);
    if (isShifted) return { offset: other, operation };
  }
  if (operation !== 'truncI64') return undefined;
  const sum = kernel.definitionOf(operands[0]!);
  if (sum?.operation !== 'add') return undefined;
  for (const [product, column] of [sum.operands, sum.operands.toReversed()] as [Operand, Operand][]) {
    const factors = kernel.definitionOf(product);
    if (factors?.operation !== 'mul') continue;
    const counter = factors.operands.find((operand) => {
      const made = kernel.definitionOf(operand);
      return made?.operation === 'toF64' && made.operands[0] === own;
    });
    const width = factors.operands.find((operand) => operand !== counter);
    const range = kernel.counters.get(column);
    if (counter === undefined || width === undefined || range === undefined) continue;
    if (isSame(range.end, width) && range.start instanceof Constant && (range.start.value as bigint) >= 0n)
      return { row: width };
  }
  return undefined;
}

const isSame = (a: Operand, b: Operand): boolean =>
  a === b || (a instanceof Constant && b instanceof Constant && Object.is(a.value, b.value));

function isSameForm(a: Form, b: Form): boolean {
  if ('row' in a || 'row' in b) return 'row' in a && 'row' in b && isSame(a.row, b.row);
  if (a.offset === undefined || b.offset === undefined) return a.offset === b.offset;
  return a.operation === b.operation && isSame(a.offset, b.offset);
}

function refuseShared(kernel: KernelCode, accesses: readonly Access[]): void {
  for (const store of accesses) {
    // What an iteration makes for itself is its own.
    if (store.kind !== 'store' || kernel.isMadeIn(store.array)) continue;
    const form = formOf(kernel, store.place);
    const rivals = accesses.filter(({ array }) => array.buffer.aliasClass === store.array.buffer.aliasClass);
    const rival = rivals.find((other) => {
      const its = form && formOf(kernel, other.place);
      return its === undefined || other.array.twin !== store.array.twin || !isSameForm(form!, its);
    });
    if (rival === undefined) continue;
    const isSelf = form === undefined || rival === store;
    const where = `${rival.kind === 'store' ? 'written' : 'read'} here\n${codeFrame(rival.source.placeOf(rival.node))}\n`;
    throw refuse(
      store.source,
      store.node,
      'JIT017',
      isSelf
        ? `two iterations of prange may write one element of ${store.array.name}`
        : `an iteration of prange may write what another one ${rival.kind === 'store' ? 'writes' : 'reads'}`,
      {
        note: `${isSelf ? '' : `it is ${where}`}${rival.array.twin === store.array.twin ? '' : `${store.array.name} and ${rival.array.name} lie over one another in this call\n`}iterations run at once, so each has to write elements of its own: at the place of its counter, or in its row, i * n + j with j < n`,
        fix: 'write at the place of the counter, or use a plain for loop',
      },
    );
  }
}
