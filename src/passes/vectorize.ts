// Before   for @l %i < %n () { %x: f64 = load a[%i]  %y = mul.f64 %x %x  store b[%i] %y  yield [] }
// After    for @l.lanes %i from 0 step 8 < %n () { %x: f64x8 = load a[%i]  %y = mul.f64x8 %x %x  store b[%i] %y  yield [] }
//          for @l.rest %i from %even step 1 < %n () { …as before… }
// Why      An instruction for 128 bits does two doubles, or four of half the size, in the time of one; several of them in flight hide how
//          long each takes.
// When     Iterations need nothing of each other: the loop is parallel, or writes nothing that another iteration touches; it carries
//          nothing, gathers what may come in any order (numerics.md, 8), and draws nothing. The innermost such loop is taken, or one
//          around it where the inner one carries a sum: then the inner trips are those of all lanes.
// How      What the lanes cost is set against what they do: neighbours in memory are cheap, gathers and operations that lanes lack are done
//          one by one.
//          Rows of one buffer that lie apart, as a[i * n + j] and a[k * n + j] do, are asked about before the loop: where they meet, no
//          iteration is done in lanes.
// Too cautious: no guard asks at run time whether two buffers overlap; loops with exits of their own stay scalar.
import { Builder, i64 } from '../ir/build.js';
import { resultTypeOf, Value } from '../ir/nodes.js';
import type { For, Kernel, LoopReduction, Operand, Region, Statement } from '../ir/nodes.js';
import type { OperationName } from '../ir/operations.js';
import { elementOf, withLanes } from '../ir/types.js';
import { innerValuesOf, operandsOf, regionsOf, resultsOf } from '../ir/walk.js';
import type { Pass } from './pass.js';
import {
  canCombine,
  combine,
  fold,
  give,
  givesInside,
  identityOf,
  inLanes,
  isTree,
  renameReductions,
} from './rewrite/gather.js';
import { noLanes, remark } from './remarks.js';
import type { NoLanes } from './remarks.js';
import { freeAliasClass } from './rewrite/alias-class.js';
import { distancesApart } from './rewrite/independence.js';
import type { Distance } from './rewrite/independence.js';
import { isLeftInside } from './rewrite/leaves.js';
import { CannotWiden, canWiden, sameInAll, Widener } from './rewrite/widen.js';

/** What one register of 128 bits does of an operation, in operations of scalars; where there is no instruction, lane by lane. */
const laneByLane: ReadonlySet<OperationName> = new Set<OperationName>(['rem', 'toInt32', 'truncI64']);
const registerBytes = 16;
/** How much longer lanes are on their way together than one of them alone. */
const divergence = 1.4;
/** Registers in flight for each value: of loops that do little, more. */
const mostRegisters = 4;

const bytesOf = { bool: 1, i32: 4, f32: 4, i64: 8, f64: 8 } as const;

interface Cost {
  readonly scalar: number;
  readonly lanes: number;
}

/** What an iteration costs as it is, and what it costs as one of `lanes` lanes, were they all the same width. */
class CostModel {
  /** Values that differ from lane to lane by other than one step. */
  readonly #varying = new Set<Operand>();
  /** Values that grow by one from lane to lane. */
  readonly #ramps = new Set<Operand>();

  constructor(index: Value) {
    this.#ramps.add(index);
  }

  region({ statements }: Region): Cost {
    let [scalar, lanes] = [0, 0];
    for (const statement of statements) {
      const cost = this.#statement(statement);
      scalar += cost.scalar;
      lanes += cost.lanes;
    }
    return { scalar, lanes };
  }

  #statement(statement: Statement): Cost {
    const isVarying = operandsOf(statement).some((operand) => this.#varying.has(operand) || this.#ramps.has(operand));
    switch (statement.kind) {
      case 'pure': {
        if (!isVarying) return { scalar: 1, lanes: 0.25 };
        const { operation, over, operands, result } = statement;
        if (over === 'i64' && this.#isRamp(operation, operands)) {
          this.#ramps.add(result);
          return { scalar: 1, lanes: 0.25 };
        }
        this.#varying.add(result);
        const isDear = operation === 'div' || operation === 'sqrt';
        const isCounter = operation === 'toF64' && this.#ramps.has(operands[0]!);
        const isIntegerDivision = operation === 'div' && (over === 'i64' || over === 'i32');
        const isOneByOne =
          isIntegerDivision || laneByLane.has(operation) || (operation === 'toF64' && over === 'i64' && !isCounter);
        const scalar = isDear ? 5 : operation === 'rem' ? 20 : 1;
        if (isOneByOne) return { scalar, lanes: scalar + 2 };
        return { scalar, lanes: (scalar * bytesOf[elementOf(over)]) / registerBytes };
      }
      case 'load': {
        const { index, result } = statement;
        const isNear = index.slice(0, -1).every((operand) => !this.#changes(operand));
        const last = index.at(-1);
        if (isNear && (last === undefined || !this.#changes(last))) return { scalar: 1, lanes: 0.25 };
        this.#varying.add(result);
        const isNeighbour = isNear && this.#ramps.has(last!);
        return { scalar: 1, lanes: isNeighbour ? bytesOf[elementOf(result.type)] / registerBytes : 2.5 };
      }
      case 'store': {
        const { index, value } = statement;
        const isNear = index.slice(0, -1).every((operand) => !this.#changes(operand)) && this.#ramps.has(index.at(-1)!);
        return { scalar: 1, lanes: isNear ? bytesOf[elementOf(value.type)] / registerBytes : 2.5 };
      }
      case 'check':
        return { scalar: 1, lanes: 1 };
      case 'if': {
        const [yes, no] = regionsOf(statement).map((region) => this.region(region)) as [Cost, Cost];
        for (const result of statement.results) this.#varying.add(result);
        const choices = statement.results.length * 0.75;
        // What is handed to a routine is rare.
        const rare = regionsOf(statement).findIndex(({ statements }) => statements.some(({ kind }) => kind === 'call'));
        if (rare >= 0) {
          const usual = rare === 0 ? no : yes;
          return { scalar: 2 + usual.scalar, lanes: 1 + usual.lanes + choices };
        }
        // One of two ways; in lanes both, and a choice for each result.
        return { scalar: 2 + (yes.scalar + no.scalar) / 2, lanes: yes.lanes + no.lanes + choices };
      }
      case 'loop': {
        const isSame = sameInAll(statement, (operand) => !this.#changes(operand));
        for (const [index, { value }] of statement.carried.entries()) if (!isSame[index]) this.#varying.add(value);
        for (const result of statement.results) this.#varying.add(result);
        const inner = this.region(statement.body);
        // Rounds are those of the lane that stays longest, and it has to be asked whether any stays.
        return { scalar: 100 * (inner.scalar + 1), lanes: 100 * divergence * (inner.lanes + 0.5) };
      }
      case 'for': {
        const [ordinal, ...values] = [...innerValuesOf(statement), ...resultsOf(statement)];
        for (const value of values) this.#varying.add(value);
        // The ordinal is the same in all lanes only where all begin with the same one.
        if (this.#changes(statement.start)) this.#varying.add(ordinal!);
        const inner = this.region(statement.body);
        // Nobody knows how often: what it costs is most of all.
        return { scalar: 100 * (inner.scalar + 1), lanes: 100 * (inner.lanes + 0.25) };
      }
      default:
        for (const value of resultsOf(statement)) this.#varying.add(value);
        return { scalar: 1, lanes: 1 };
    }
  }

  /** Whether it grows by one too: what does, and something that is the same in all lanes, added or taken away. */
  #isRamp(operation: OperationName, [a, b]: readonly Operand[]): boolean {
    if (operation === 'add' && this.#ramps.has(b!)) return !this.#changes(a!);
    return (operation === 'add' || operation === 'sub') && this.#ramps.has(a!) && !this.#changes(b!);
  }

  #changes(operand: Operand): boolean {
    return this.#varying.has(operand) || this.#ramps.has(operand);
  }
}

/** The widest elements that the body computes with. */
function widestBytes(region: Region): number {
  let widest = 1;
  const visit = ({ statements }: Region): void => {
    for (const statement of statements) {
      for (const { type } of resultsOf(statement)) widest = Math.max(widest, bytesOf[elementOf(type)]);
      if (statement.kind === 'store') widest = Math.max(widest, bytesOf[elementOf(statement.value.type)]);
      regionsOf(statement).forEach(visit);
    }
  };
  // Indices are 64 bits wide but stay scalars.
  const isIndex = (statement: Statement): boolean => statement.kind === 'pure' && statement.over === 'i64';
  visit({ ...region, statements: region.statements.filter((statement) => !isIndex(statement)) });
  return widest;
}

/** Distances that may have to be asked about before a loop. */
const mostDistances = 3;

/** How many lanes a loop should have, and what has to be apart for it; undefined where it should stay as it is. */
function planLanes(loop: For): { readonly lanes: number; readonly apart: readonly Distance[] } | undefined {
  const { step, carried, owned, reductions, body, index } = loop;
  const stays = (why: NoLanes): undefined => void noLanes(loop, why);
  if (step !== 1) return undefined;
  if (carried.length > 0) return stays('carries');
  if (owned.length > 0) return stays('draws');
  if (reductions.some((reduction) => !canCombine(reduction) || isTree(reduction) || reduction.operator === 'mul'))
    return stays('ordered');
  if (givesInside(body, reductions)) return stays('givesInside');
  if (isLeftInside(body)) return stays('leftEarly');
  if (!canWiden(body, [], reductions)) return stays('statements');
  const apart = distinct(distancesApart(loop));
  if (apart === undefined || apart.length > mostDistances) return stays('sharedElements');
  if (body.statements.length === 0) return undefined;
  const cost = new CostModel(index).region(body);
  if (cost.lanes > cost.scalar * 0.75) return stays('cost');
  const inRegister = registerBytes / widestBytes(body);
  const registers = body.statements.length <= 8 ? mostRegisters : 2;
  return { lanes: Math.min(16, Math.max(2, inRegister * registers)), apart };
}

function inLanesIfBetter(loop: For, newClass: () => number): readonly Statement[] {
  const plan = planLanes(loop);
  if (plan === undefined) return [loop];
  try {
    const wide = write(loop, plan, newClass);
    remark(loop, { kind: 'lanes', lanes: plan.lanes });
    return wide;
  } catch (error) {
    if (!(error instanceof CannotWiden)) throw error;
    noLanes(loop, 'statements');
    return [loop];
  }
}

/** The same distance once, whichever way it is gone. */
function distinct(distances: readonly Distance[] | undefined): readonly Distance[] | undefined {
  const isSame = (a: Distance, b: Distance): boolean =>
    [1n, -1n].some(
      (sign) =>
        a.constant === sign * b.constant &&
        a.terms.size === b.terms.size &&
        [...a.terms].every(([value, factor]) => b.terms.get(value) === sign * factor),
    );
  return distances?.filter(
    (distance, position) => distances.findIndex((other) => isSame(other, distance)) === position,
  );
}

/** Whether rows lie where no lane meets another one's: in one place, or farther apart than the loop goes. */
function areApart(b: Builder, distances: readonly Distance[], trips: Operand): Operand | undefined {
  return distances.reduce<Operand | undefined>((so, { constant, terms, step }) => {
    const distance = [...terms].reduce<Operand>((sum, [value, factor]) => {
      const term = factor === 1n ? value : b.pure('mul', 'i64', [value, i64(factor)], 'term');
      return b.pure('add', 'i64', [sum, term], 'distance');
    }, i64(constant));
    const way = b.pure('mul', 'i64', [trips, i64(step < 0n ? -step : step)], 'way');
    const back = b.pure('sub', 'i64', [i64(0), distance], 'back');
    const questions = [
      b.pure('eq', 'i64', [distance, i64(0)], 'isSame'),
      b.pure('ge', 'i64', [distance, way], 'isBehind'),
      b.pure('ge', 'i64', [back, way], 'isBefore'),
    ];
    const isApart = questions.reduce((a, c) => b.pure('or', 'bool', [a, c], 'isApart'));
    return so === undefined ? isApart : b.pure('and', 'bool', [so, isApart], 'areApart');
  }, undefined);
}

function write(
  loop: For,
  { lanes, apart }: { readonly lanes: number; readonly apart: readonly Distance[] },
  newClass: () => number,
): readonly Statement[] {
  const { label, index, start, count, reductions, body, source } = loop;
  const b = new Builder(source);
  // As many ordinals as fill the lanes; the others are left to the loop as it was.
  const total = b.pure('max', 'i64', [b.pure('sub', 'i64', [count, start], 'total'), i64(0)], 'total');
  const most = b.pure('and', 'i64', [total, i64(-lanes)], 'even');
  const isApart = areApart(b, apart, total);
  const even = isApart === undefined ? most : b.pure('select', 'i64', [isApart, most, i64(0)], 'even');
  const end = b.pure('add', 'i64', [start, even], 'end');
  const carried = reductions.map(
    (reduction) =>
      [reduction.name, withLanes(resultTypeOf(reduction), lanes), inLanes(identityOf(reduction), lanes)] as const,
  );
  const parts = { index: index.name, start, step: lanes, count: end, carried };
  const gathered = b.for(`${label}.lanes`, parts, (inner, place, values) => {
    const now: Operand[] = [...values];
    const widener = new Widener(inner, {
      lanes,
      streams: new Map(),
      newClass,
      reduce: (at, { reduction }, value, mask) => {
        if (at !== inner) throw new CannotWiden('an element is given inside a branch');
        const position = reductions.indexOf(reduction as LoopReduction);
        now[position] = give(at, reductions[position]!, now[position]!, value, mask);
      },
    });
    widener.defineRamp(index, place);
    widener.body(body, undefined);
    return now;
  });
  const renamed = new Map<LoopReduction, LoopReduction>();
  for (const [position, reduction] of reductions.entries()) {
    renamed.set(reduction, {
      ...reduction,
      initial: combine(b, reduction, reduction.initial, fold(b, reduction, gathered[position]!)),
    });
  }
  b.add({
    ...loop,
    label: `${label}.rest`,
    start: end,
    reductions: [...renamed.values()],
    body: renameReductions(body, renamed),
  });
  return b.statements;
}

/** Whether a region does what another one does, as it was before its checks were hoisted: it is there for when they do not hold. */
function standsBy({ statements }: Region, other: Region): boolean {
  const labels = new Set(other.statements.flatMap((each) => (each.kind === 'for' ? [each.label] : [])));
  return statements.some((each) => each.kind === 'for' && labels.has(each.label) && hasCheck(each.body));
}

const hasCheck = ({ statements }: Region): boolean =>
  statements.some((statement) => statement.kind === 'check' || regionsOf(statement).some(hasCheck));

function vectorizeIn(region: Region, newClass: () => number): Region {
  const statements = region.statements.flatMap((statement): readonly Statement[] => {
    if (statement.kind === 'if') {
      const { consequent, alternate } = statement;
      // What rarely runs is not worth the code.
      const isKept = standsBy(alternate, consequent);
      return [
        {
          ...statement,
          consequent: vectorizeIn(consequent, newClass),
          alternate: isKept ? alternate : vectorizeIn(alternate, newClass),
        },
      ];
    }
    if (statement.kind !== 'for' && statement.kind !== 'loop') return [statement];
    const loop = { ...statement, body: vectorizeIn(statement.body, newClass) };
    return loop.kind === 'for' ? inLanesIfBetter(loop, newClass) : [loop];
  });
  return { statements, terminator: region.terminator };
}

export const vectorize: Pass = {
  name: 'vectorize',
  run: (kernel: Kernel): Kernel => ({ ...kernel, body: vectorizeIn(kernel.body, freeAliasClass(kernel)) }),
};
