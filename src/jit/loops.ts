// Loops → code. A loop whose counter provably takes whole numbers in equal steps is counted as an integer and read as a double, which holds
// every one of them; a loop of other doubles goes on as it is written. Which loops are counted, and own what they draw, docs/random.md decides.
// Parallel loops are in parallel.ts.
import type { AnyNode, ForOfStatement, ForStatement, Node } from 'acorn';
import { Value } from '../ir/nodes.js';
import type { Operand } from '../ir/nodes.js';
import { Constant as IrConstant } from '../ir/nodes.js';
import { loadElement } from './arrays.js';
import { bool, f64, i64, longestLife, lowerPart } from './code.js';
import type { Block, Body, LoopScope } from './code.js';
import { countedHeader } from './counted.js';
import type { CountedHeader } from './counted.js';
import { Carrying, either } from './control.js';
import { calleeOf, hasLoop, isPrange } from './effects.js';
import { effect, expression, scalar } from './expressions.js';
import { countedLoop, drawing, forOf, giveEach, withDraws } from './counted-loops.js';
import type { CountedParts, Owning, Trips } from './counted-loops.js';
import { drawnIn } from './generators.js';
import { spellingOf } from './globals.js';
import { loadNdAt } from './nd-arrays.js';
import { gatheredBy, gatheringLoop, parallelLoop } from './parallel.js';
import { prange } from './prange.js';
import { arrayOfTuple } from './new-arrays.js';
import { calledName, refuse, refuseYet } from './refuse.js';
import { toNumber } from './scalars.js';
import { isScalar, nameOfThing } from './things.js';
import type { ArrayThing, NdArrayThing, Thing } from './things.js';
import { kindNamed } from './array-kinds.js';
import { bare, propertyName, someNode, wholeNumber } from './walk.js';

interface WhileParts {
  readonly before?: (block: Block) => Operand;
  readonly body: (block: Block) => void;
  readonly beforeNext?: (block: Block) => void;
  readonly after?: (block: Block) => Operand;
}

const takeNames = (body: Body): string[] => body.pendingNames.splice(0);

export function whileLoop(body: Body, block: Block, node: Node, nodes: readonly Node[], parts: WhileParts): void {
  const names = takeNames(body);
  const carrying = new Carrying(body, block, nodes);
  const { carried, inner, values, leaving } = carrying;
  const label = body.kernel.newLabel();
  const source = body.kernel.places.loop(body.source, node);
  const leaveUnless = (at: Block, condition: Operand): void => {
    // A condition that is always true leaves nowhere, and what stands behind its loop is never reached.
    if (condition instanceof IrConstant && condition.value === true) return;
    scope.isLeft = true;
    either(
      body,
      node,
      at,
      condition,
      () => {},
      (out) => out.end({ kind: 'break', label, operands: leaving(out, node) }),
    );
  };
  const beforeNext = (at: Block): void => {
    parts.beforeNext?.(at);
    if (parts.after) leaveUnless(at, parts.after(at));
  };
  const scope: LoopScope = { label, names, isSwitch: false, values, leaving, beforeNext, isLeft: false };
  if (parts.before) leaveUnless(inner, parts.before(inner));
  body.loops.push(scope);
  parts.body(inner);
  body.loops.pop();
  if (inner.terminator === undefined) beforeNext(inner);
  if (inner.terminator === undefined) inner.end({ kind: 'yield', operands: values(inner, node) });
  const results = carrying.finish(block);
  block.statements.push({ kind: 'loop', label, carried, results, body: inner.region(), source });
  if (!scope.isLeft) block.end({ kind: 'unreachable' });
}

export function forLoop(body: Body, statement: ForStatement, block: Block): void {
  const header = countedHeader(statement, body.names);
  const { init, test, update } = statement;
  if (init?.type === 'VariableDeclaration') body.kernel.grammar.statements(body, [init], block);
  else if (init) effect(body, init, block);
  if (header !== undefined) {
    const trips = tripsOf(body, header, block);
    const isVar = header.counter.kind === 'var';
    if (trips !== undefined && !isVar) {
      return drawing(body, statement.body, block, trips, (at, owned) => {
        const begin = (inner: Block, index: Value): void => {
          inner.environment.set(header.counter, trips.counterAt(inner, index));
        };
        plainLoop(body, statement, statement.body, at, { trips, owned, begin });
      });
    }
    if (drawnIn(body, statement.body, block.environment).length > 0) {
      const { counter } = header;
      const start = block.environment.get(counter);
      if (start === undefined || !isScalar(start) || start.type !== 'f64' || isVar)
        throw refuseYet(
          body.source,
          statement,
          'a counted loop that draws, with this header,',
          'count in numbers: for (let i = 0; i < n; i++)',
        );
      const ways = generalTrips(body, header, start, block);
      return drawing(body, statement.body, block, ways, (at, owned) => generalLoop(body, statement, at, header, owned));
    }
  }
  const nodes = [test, update, statement.body].filter((each) => each !== null && each !== undefined);
  whileLoop(body, block, statement, nodes, {
    ...(test && {
      before: (inner: Block) => scalarCondition(body, test, inner),
    }),
    body: (inner) => lowerPart(body, statement.body, inner),
    beforeNext: (inner) => update && effect(body, update, inner),
  });
}

const scalarCondition = (body: Body, test: AnyNode, block: Block): Operand => {
  const operand = scalar(body, test, block);
  return operand.type === 'bool' ? operand : toBooleanOf(body, test, operand, block);
};

function toBooleanOf(body: Body, node: AnyNode, operand: Operand, block: Block): Operand {
  const size = body.kernel.pure(block, 'abs', 'f64', [toNumber(body, node, block, operand)], 'size');
  return body.kernel.pure(block, 'gt', 'f64', [size, f64(0)], 'isTrue');
}

/** Of a loop whose counter is start, start ± step, … with a whole start and a whole step towards its end; else undefined. */
function tripsOf(body: Body, header: CountedHeader, block: Block): Trips | undefined {
  const { kernel } = body;
  const { counter, end, comparison } = header;
  const step = stepOf(header);
  const isUp = comparison === '<' || comparison === '<=';
  const first = block.environment.get(counter);
  if (step === undefined || step > 0 !== isUp || first === undefined || !isScalar(first)) return undefined;
  if (first.type === 'i64') return bigTripsOf(body, header, step, first, block);
  const start = kernel.wholeOf(block, first);
  if (start === undefined || start.bound > longestLife) return undefined;
  const isInclusive = comparison === '<=' || comparison === '>=';
  const bound = toNumber(body, end, block, expression(body, end, block));
  const known = kernel.wholeOf(block, bound);
  let whole = known?.integer;
  if (whole === undefined) {
    // The last whole number counted, or the first not counted: i < e is i < ⌈e⌉, i <= e is i <= ⌊e⌋, and likewise downwards.
    const rounded = kernel.pure(block, isUp !== isInclusive ? 'ceil' : 'floor', 'f64', [bound], 'bound');
    // A double that is counted beyond 2⁵³ stands still, and its loop never ends; nor would one of 2⁶² iterations.
    const below = kernel.pure(block, 'min', 'f64', [rounded, f64(2 ** 62)], 'bound');
    const limited = kernel.pure(block, 'max', 'f64', [below, f64(-(2 ** 62))], 'bound');
    whole = kernel.pure(block, 'truncI64', 'f64', [limited], 'bound');
  }
  const difference = isUp ? [whole, start.integer] : [start.integer, whole];
  const isFromZero = isUp && start.integer instanceof IrConstant && start.integer.value === 0n && known !== undefined;
  const distance = isFromZero ? whole : kernel.pure(block, 'sub', 'i64', difference, 'trips');
  let trips = isInclusive ? kernel.pure(block, 'add', 'i64', [distance, i64(1n)], 'trips') : distance;
  const size = Math.abs(step);
  if (size > 1) {
    // Exact: of whole numbers below 2⁵², no quotient that is not whole rounds to one that is.
    const far = kernel.pure(block, 'toF64', 'i64', [trips], 'trips');
    const limited = kernel.pure(block, 'min', 'f64', [far, f64(longestLife)], 'trips');
    const parts = kernel.pure(block, 'ceil', 'f64', [kernel.pure(block, 'div', 'f64', [limited, f64(size)])], 'trips');
    trips = kernel.pure(block, 'truncI64', 'f64', [parts], 'trips');
  }
  let count = trips;
  if (known === undefined) {
    const isNumber = kernel.pure(block, 'eq', 'f64', [bound, bound], 'isNumber');
    count = kernel.pure(block, 'select', 'i64', [isNumber, trips, i64(0n)], 'count');
  }
  const { name } = counter;
  return {
    count,
    counterAt: (inner, index) => {
      const range = isUp && !isInclusive ? { start: start.integer, end: bound } : undefined;
      const way = size === 1 ? index : kernel.pure(inner, 'mul', 'i64', [index, i64(size)], name);
      const isIndex = isUp && start.integer instanceof IrConstant && start.integer.value === 0n;
      const place = isIndex ? way : kernel.pure(inner, isUp ? 'add' : 'sub', 'i64', [start.integer, way], name);
      const value = kernel.fromWhole(inner, place, longestLife, name);
      if (range !== undefined) kernel.counters.set(value, range);
      return value;
    },
  };
}

/** Of bigints, whose counter stays one. */
function bigTripsOf(body: Body, header: CountedHeader, step: number, start: Operand, block: Block): Trips | undefined {
  const { kernel } = body;
  if (Math.abs(step) !== 1 || header.unitStep === undefined) return undefined;
  if (!(start instanceof IrConstant) || Number(start.value) > 2 ** 32 || Number(start.value) < -(2 ** 32))
    return undefined;
  const end = expression(body, header.end, block);
  if (!isScalar(end) || end.type !== 'i64') return undefined;
  const isUp = step > 0;
  const isInclusive = header.comparison === '<=' || header.comparison === '>=';
  // An end so far away that the difference would wrap is never reached.
  const near = kernel.pure(block, 'max', 'i64', [
    kernel.pure(block, 'min', 'i64', [end, i64(2n ** 62n)]),
    i64(-(2n ** 62n)),
  ]);
  const distance = kernel.pure(block, 'sub', 'i64', isUp ? [near, start] : [start, near], 'trips');
  const count = isInclusive ? kernel.pure(block, 'add', 'i64', [distance, i64(1n)], 'trips') : distance;
  const { name } = header.counter;
  return {
    count,
    counterAt: (inner, index) =>
      start.value === 0n && isUp ? index : kernel.pure(inner, isUp ? 'add' : 'sub', 'i64', [start, index], name),
  };
}

/** A step that is a whole number and written there. */
function stepOf({ unitStep, step }: CountedHeader): number | undefined {
  if (unitStep !== undefined) return unitStep;
  const size = step && wholeNumber(step.node);
  return size === undefined || size === 0 || Math.abs(size) > 2 ** 20 ? undefined : step!.isTaken ? -size : size;
}

/** With `fastMath` an innermost loop that only gathers does so in the tree; any other goes in program order. */
function plainLoop(body: Body, node: Node, code: AnyNode, block: Block, parts: CountedParts): void {
  const isLeft = (inner: AnyNode): boolean =>
    inner.type === 'BreakStatement' ||
    inner.type === 'ReturnStatement' ||
    (inner.type === 'ContinueStatement' && !!inner.label);
  if (!body.kernel.fastMath || hasLoop(body, code) || someNode(code, isLeft))
    return countedLoop(body, node, code, block, parts);
  const changed = gatheredBy(body, code, block);
  const gathered = changed.flatMap(({ variable, operator }) =>
    operator === undefined ? [] : [{ variable, operator }],
  );
  const hasSum = gathered.some(({ operator }) => operator === 'add' || operator === 'mul');
  // Where something is handed from iteration to iteration they go one by one, and nothing is gained by another order.
  if (!hasSum || gathered.length < changed.length) return countedLoop(body, node, code, block, parts);
  return gatheringLoop(body, node, code, block, { ...parts, isParallel: false, gathered });
}

/** The number of iterations that docs/random.md, 6 speaks of: n = max(0, ⌈(b − a)/c⌉), and one more where `<=` or `>=` meets b. */
function generalTrips(body: Body, header: CountedHeader, start: Operand, block: Block): Pick<Trips, 'count'> {
  const { kernel } = body;
  if (kernel.drawnAround.size === 0) return { count: i64(0n) };
  const { end, step, unitStep, comparison } = header;
  const bound = toNumber(body, end, block, expression(body, end, block));
  let by: Operand = f64(unitStep ?? 0);
  if (step !== undefined) {
    by = toNumber(body, step.node, block, expression(body, step.node, block));
    if (step.isTaken) by = kernel.pure(block, 'neg', 'f64', [by]);
  }
  const quotient = kernel.pure(block, 'div', 'f64', [kernel.pure(block, 'sub', 'f64', [bound, start]), by]);
  let trips = kernel.pure(block, 'ceil', 'f64', [quotient], 'trips');
  if (comparison === '<=' || comparison === '>=') {
    const meets = kernel.pure(block, 'eq', 'f64', [trips, quotient]);
    trips = kernel.pure(block, 'select', 'f64', [meets, kernel.pure(block, 'add', 'f64', [trips, f64(1)]), trips]);
  }
  return { count: kernel.pure(block, 'truncI64', 'f64', [trips], 'count') };
}

/** A counted loop of any numbers: its iterations are told by their ordinals, its end by its own condition. */
function generalLoop(body: Body, statement: ForStatement, block: Block, header: CountedHeader, owned: Owning): void {
  const names = takeNames(body);
  const { kernel } = body;
  const { test, update } = statement;
  const carrying = new Carrying(body, block, [statement.body, update!, test!], [header.counter]);
  const { carried, inner, values } = carrying;
  const label = kernel.newLabel();
  const index = new Value('i64', 'index');
  either(
    body,
    statement,
    inner,
    scalarCondition(body, test!, inner),
    () => {},
    (out) => out.end({ kind: 'break', label, operands: values(out, statement) }),
  );
  const beforeNext = (at: Block): void => effect(body, update!, at);
  body.loops.push({ label, names, isSwitch: false, values, beforeNext, isLeft: true });
  withDraws(kernel, owned, () => lowerPart(body, statement.body, inner));
  body.loops.pop();
  if (inner.terminator === undefined) beforeNext(inner);
  if (inner.terminator === undefined) inner.end({ kind: 'yield', operands: values(inner, statement) });
  const results = carrying.finish(block);
  // Nobody lives to see so many.
  const count = i64(2n ** 62n);
  const source = kernel.places.loop(body.source, statement);
  const streams = [...owned.values()];
  block.statements.push(forOf({ label, index, count, carried, owned: streams, results, body: inner.region(), source }));
}

/** `for (const i of p(n))`: what a minifier makes of prange, as far as anybody can tell. */
function refuseRenamed(body: Body, node: AnyNode): void {
  if (node.type !== 'CallExpression' || calleeOf(body, node) !== undefined) return;
  const callee = bare(node.callee);
  const spelling = spellingOf(callee);
  if (callee.type !== 'Identifier' || spelling === undefined || spelling.length > 2) return;
  if (body.names.declarationOf(callee) !== undefined) return;
  throw refuse(body.source, callee, 'JIT003', `${spelling} is not known inside ${calledName(body.source.name)}`, {
    note: 'a minifier has renamed what stands here, and prange is known by its name only where it has kept it',
    fix: 'if it is prange, give it: jit(f, { globals: () => ({ prange }) })',
  });
}

export function forOfLoop(body: Body, statement: ForOfStatement, block: Block): void {
  const { left, right } = statement;
  if (isPrange(body, right, prange)) return parallelLoop(body, statement, right as never, block);
  refuseRenamed(body, right);
  const { array, kind } = walkedBy(body, right, block);
  const trips: Trips = { count: array.kind === 'array' ? array.length : array.shape[0]!, counterAt: () => bool(true) };
  // Only loops over arrays themselves are counted (docs/random.md, 6).
  if (kind !== 'values' && drawnIn(body, statement.body, block.environment).length > 0)
    throw refuseYet(
      body.source,
      right,
      `a loop over ${kind} that draws`,
      'loop over positions: for (let i = 0; i < x.length; i++)',
    );
  drawing(body, statement.body, block, trips, (at, owned) => {
    const begin = (inner: Block, index: Value): void => {
      const position = (): Operand => body.kernel.fromWhole(inner, index, longestLife, 'position');
      const element = (): Operand =>
        array.kind === 'array'
          ? loadElement(body, right, array, index, inner)
          : loadNdAt(body, right, array, index, inner);
      const each: Thing =
        kind === 'values'
          ? element()
          : kind === 'keys'
            ? position()
            : { kind: 'tuple', elements: [position(), element()] };
      giveEach(body, left, each, inner);
    };
    plainLoop(body, statement, statement.body, at, { trips, owned, begin });
  });
}

interface Walked {
  readonly array: ArrayThing | NdArrayThing;
  /** Which of each element: its value, its position, or both. */
  readonly kind: 'values' | 'keys' | 'entries';
}

/** What a `for…of` goes over: a typed array, `x.entries()` or `x.keys()` of one, an array with one axis, or a tuple of numbers. */
function walkedBy(body: Body, right: AnyNode, block: Block): Walked {
  const callee = right.type === 'CallExpression' && right.arguments.length === 0 ? right.callee : undefined;
  const method = callee && propertyName(callee);
  if (callee?.type === 'MemberExpression' && (method === 'keys' || method === 'entries')) {
    const { object } = callee;
    const isKnown = object.type === 'Identifier' && body.names.declarationOf(object) !== undefined;
    const array = isKnown ? expression(body, object, block) : undefined;
    if (array !== undefined && !isScalar(array) && array.kind === 'array') return { array, kind: method };
  }
  let thing = expression(body, right, block);
  const elements = !isScalar(thing) && thing.kind === 'tuple' ? thing.elements : undefined;
  // Its numbers, in memory of its own.
  if (right.type === 'ArrayExpression' && elements?.every((each) => isScalar(each) && each.type === 'f64'))
    thing = arrayOfTuple(body, right, kindNamed('Float64Array')!, elements, block);
  if (!isScalar(thing) && thing.kind === 'array') return { array: thing, kind: 'values' };
  if (!isScalar(thing) && thing.kind === 'ndarray' && thing.shape.length === 1) return { array: thing, kind: 'values' };
  throw refuseYet(
    body.source,
    right,
    `a loop over ${nameOfThing(thing)}`,
    'loop over a typed array, or over positions: for (let i = 0; i < n; i++)',
  );
}
