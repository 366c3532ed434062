// Makes a program that fails smaller while it fails in the same way: leaves out statements (what used their results gets a number), puts
// the code of a branch or of a loop's body in the place of the whole, simplifies operands, ends, masks and heads. Only legal programs are tried.
import { Constant } from '../../src/ir/nodes.js';
import type {
  Kernel,
  Loop,
  Operand,
  Program,
  Region,
  Routine,
  Statement,
  Terminator,
  Value,
} from '../../src/ir/nodes.js';
import { printProgram } from '../../src/ir/print.js';
import { readProgram } from '../../src/ir/read.js';
import { verify } from '../../src/ir/verify.js';
import { innerValuesOf, operandsOf, regionsOf, resultsOf, terminatorOperands } from '../../src/ir/walk.js';
import { elementOf } from '../../src/ir/types.js';
import type { Type } from '../../src/ir/types.js';

/** The smallest program found within `mostTries` calls of `fails`. */
export function shrinkProgram(program: Program, fails: (candidate: Program) => boolean, mostTries = 20_000): Program {
  let best = program;
  let tries = 0;
  for (let isSmaller = true; isSmaller;) {
    isSmaller = false;
    for (let position = 0; ;) {
      const make = nthCandidate(best, position);
      if (make === undefined) break;
      if (tries++ >= mostTries) return best;
      const candidate = make();
      // What changes nothing would be tried for ever.
      const isChanged = candidate !== undefined && printProgram(candidate) !== printProgram(best);
      if (isChanged && verify(candidate).length === 0 && endsForSure(candidate) && fails(candidate)) {
        best = candidate;
        isSmaller = true;
        // The same position holds something else now.
      } else position++;
    }
  }
  return best;
}

function nthCandidate(program: Program, position: number): Make | undefined {
  let index = 0;
  for (const make of candidates(program)) if (index++ === position) return make;
  return undefined;
}

/** A smaller program, or undefined where none comes of it. */
type Make = () => Program | undefined;

function* candidates(program: Program): Generator<Make> {
  const { routines, kernels } = program;
  for (const routine of routines) yield () => ({ ...program, routines: routines.filter((other) => other !== routine) });
  for (const [index, kernel] of kernels.entries()) {
    const replace = (changed: Kernel): Program => ({ ...program, kernels: kernels.with(index, changed) });
    for (const body of smallerRegions(kernel.body, true)) yield () => replace({ ...kernel, body: body() });
    for (const smaller of smallerHeads(kernel)) yield () => replace(smaller());
    for (const { name } of kernel.parameters) if (/^n\d+$/.test(name)) yield () => withoutKnown(program, name);
  }
  for (const [index, routine] of routines.entries()) {
    const replace = (changed: Routine): Program => ({ ...program, routines: routines.with(index, changed) });
    for (const body of smallerRegions(routine.body, true)) yield () => replace({ ...routine, body: body() });
  }
}

/** The number itself in the place of the parameter %n12, buffers' extents and strides included. */
function withoutKnown(program: Program, name: string): Program | undefined {
  const text = printProgram(program)
    .replace(new RegExp(`(?<=kernel [^\n]*)(?:, )?%${name}: i64`), '')
    .replace(/(?<=kernel @\w+\(), /, '')
    .replaceAll(new RegExp(`%${name}(?![\\w.])`, 'g'), name.slice(1));
  try {
    return readProgram(text);
  } catch {
    // Somewhere a number needs its type behind it.
    return undefined;
  }
}

function* smallerHeads(kernel: Kernel): Generator<() => Kernel> {
  const { buffers, parameters, results, dimensions, reductions, body } = kernel;
  for (const reduction of reductions)
    yield () => ({
      ...kernel,
      reductions: reductions.filter((other) => other !== reduction),
      body: withoutGiving(body, reduction),
    });
  for (const buffer of buffers) yield () => ({ ...kernel, buffers: buffers.filter((other) => other !== buffer) });
  for (const parameter of parameters)
    yield () => ({ ...kernel, parameters: parameters.filter((other) => other !== parameter) });
  for (const index of results.keys()) {
    yield () => ({
      ...kernel,
      results: results.toSpliced(index, 1),
      body: mapReturns(body, (operands) => operands.toSpliced(index, 1)),
    });
  }
  for (const [index, dimension] of dimensions.entries()) {
    if (dimensions.length > 1 && !reductions.some(({ over }) => over.includes(dimension.index.name)))
      yield () => ({
        ...kernel,
        dimensions: dimensions.toSpliced(index, 1),
        body: substitute(body, new Map([[dimension.index, zeroOf('i64')]])),
      });
    if (dimension.owned.length > 0)
      yield () => ({ ...kernel, dimensions: dimensions.with(index, { ...dimension, owned: [] }) });
    const { extent } = dimension;
    for (const smaller of smallerCounts(extent))
      yield () => ({ ...kernel, dimensions: dimensions.with(index, { ...dimension, extent: smaller }) });
  }
}

const smallerCounts = (operand: Operand): Constant[] => {
  if (!(operand instanceof Constant)) return [new Constant('i64', 1n)];
  const value = operand.value as bigint;
  return [0n, 1n, value / 2n, value - 1n]
    .filter((each) => each >= 0n && each < value)
    .map((each) => new Constant('i64', each));
};

/** Every way to make a region a little smaller, the largest steps first. */
function* smallerRegions(region: Region, isOutermost = false): Generator<() => Region> {
  const { statements, terminator } = region;
  // Everything from here on but the end.
  for (let length = statements.length; length > 1; length = length >> 1) {
    for (let start = 0; start + length <= statements.length; start += length) {
      const left = statements.slice(start, start + length);
      yield () => substitute({ statements: statements.toSpliced(start, length), terminator }, zeros(left));
    }
  }
  for (const [index, statement] of statements.entries()) {
    yield () => substitute({ statements: statements.toSpliced(index, 1), terminator }, zeros([statement]));
    for (const inside of regionsOf(statement)) {
      // Its code, once, and what it yields for its results.
      yield () => {
        const yielded = inside.terminator.kind === 'yield' ? inside.terminator.operands : [];
        const instead = zeros([statement]);
        for (const value of innerValuesOf(statement)) instead.set(value, zeroOf(value.type));
        for (const [position, result] of resultsOf(statement).entries()) {
          const operand = yielded[position];
          if (operand !== undefined && operand.type === result.type) instead.set(result, operand);
        }
        return substitute({ statements: statements.toSpliced(index, 1, ...inside.statements), terminator }, instead);
      };
    }
    for (const smaller of smallerStatements(statement))
      yield () => ({ statements: statements.with(index, smaller()), terminator });
  }
  if (!isOutermost && terminator.kind !== 'yield' && terminator.kind !== 'unreachable')
    yield () => ({ statements, terminator: { kind: 'yield', operands: terminator.operands } });
  for (const end of simplerTerminators(terminator)) yield () => ({ statements, terminator: end });
}

function* simplerTerminators(terminator: Terminator): Generator<Terminator> {
  if (!('operands' in terminator)) return;
  for (const [index, operand] of terminator.operands.entries()) {
    const zero = zeroOf(operand.type);
    if (operand instanceof Constant && operand.value === zero.value) continue;
    yield { ...terminator, operands: terminator.operands.with(index, zero) };
  }
}

function* smallerStatements(statement: Statement): Generator<() => Statement> {
  if ('mask' in statement && statement.mask !== undefined) yield () => ({ ...statement, mask: undefined });
  switch (statement.kind) {
    case 'if': {
      const { consequent, alternate } = statement;
      for (const smaller of smallerRegions(consequent)) yield () => ({ ...statement, consequent: smaller() });
      for (const smaller of smallerRegions(alternate)) yield () => ({ ...statement, alternate: smaller() });
      for (const index of statement.results.keys()) {
        yield () => {
          const drop = (region: Region): Region => {
            const { terminator } = region;
            return terminator.kind === 'yield'
              ? { ...region, terminator: { ...terminator, operands: terminator.operands.toSpliced(index, 1) } }
              : region;
          };
          return {
            ...statement,
            results: statement.results.toSpliced(index, 1),
            consequent: drop(consequent),
            alternate: drop(alternate),
          };
        };
      }
      return;
    }
    case 'for':
      for (const count of smallerCounts(statement.count)) yield () => ({ ...statement, count });
      if (statement.owned.length > 0) yield () => ({ ...statement, owned: statement.owned.slice(0, -1) });
      if (statement.isParallel) yield () => ({ ...statement, isParallel: false });
      if (!(statement.start instanceof Constant && statement.start.value === 0n))
        yield () => ({ ...statement, start: new Constant('i64', 0n) });
      for (const [index, reduction] of statement.reductions.entries()) {
        yield () => ({
          ...statement,
          reductions: statement.reductions.toSpliced(index, 1),
          results: statement.results.toSpliced(statement.carried.length + index, 1),
          body: withoutGiving(statement.body, reduction),
        });
      }
      for (const index of statement.carried.keys()) {
        yield () => ({
          ...statement,
          carried: statement.carried.toSpliced(index, 1),
          results: statement.results.toSpliced(index, 1),
          body: withoutCarried(statement.body, statement.label, index, statement.carried[index]!.value, true),
        });
      }
      for (const body of smallerRegions(statement.body)) yield () => ({ ...statement, body: body() });
      break;
    case 'loop':
      for (const body of smallerRegions(statement.body)) yield () => ({ ...statement, body: body() });
      break;
    default:
  }
  for (const operand of new Set(operandsOf(statement))) {
    const zero = zeroOf(operand.type);
    if (operand instanceof Constant && Object.is(operand.value, zero.value)) continue;
    yield () => mapOperands(statement, (each) => (each === operand ? zero : each), true);
  }
}

/** The body of a loop that no longer carries what it carried at that place. */
function withoutCarried(body: Region, label: string, index: number, value: Value, isFor: boolean): Region {
  const drop = (region: Region, isBody: boolean): Region => {
    const { terminator } = region;
    const isOwn =
      (isBody && terminator.kind === 'yield') ||
      ((terminator.kind === 'continue' || (isFor && terminator.kind === 'break')) && terminator.label === label);
    return {
      statements: region.statements.map((statement) => withRegions(statement, (inner) => drop(inner, false))),
      terminator: isOwn ? { ...terminator, operands: terminator.operands.toSpliced(index, 1) } : terminator,
    };
  };
  return substitute(drop(body, true), new Map([[value, zeroOf(value.type)]]));
}

function withoutGiving(region: Region, reduction: object): Region {
  return {
    statements: region.statements
      .filter((statement) => statement.kind !== 'reduce' || statement.reduction !== reduction)
      .map((statement) => withRegions(statement, (inner) => withoutGiving(inner, reduction))),
    terminator: region.terminator,
  };
}

function mapReturns(region: Region, change: (operands: readonly Operand[]) => readonly Operand[]): Region {
  const { statements, terminator } = region;
  return {
    statements: statements.map((statement) => withRegions(statement, (inner) => mapReturns(inner, change))),
    terminator: terminator.kind === 'return' ? { ...terminator, operands: change(terminator.operands) } : terminator,
  };
}

const zeroOf = (type: Type): Constant => {
  const element = elementOf(type);
  return new Constant(type, element === 'bool' ? false : element === 'i64' ? 0n : 0);
};

const zeros = (statements: readonly Statement[]): Map<Operand, Operand> =>
  new Map(statements.flatMap(resultsOf).map((value) => [value, zeroOf(value.type)]));

function withRegions(statement: Statement, change: (region: Region) => Region): Statement {
  if (statement.kind === 'if')
    return { ...statement, consequent: change(statement.consequent), alternate: change(statement.alternate) };
  return statement.kind === 'for' || statement.kind === 'loop'
    ? { ...statement, body: change(statement.body) }
    : statement;
}

function substitute(region: Region, instead: ReadonlyMap<Operand, Operand>): Region {
  const change = (operand: Operand): Operand => {
    let current = operand;
    // What takes the place may itself have been replaced.
    for (let next = instead.get(current); next !== undefined && next !== current; next = instead.get(current))
      current = next;
    return current;
  };
  const inside = ({ statements, terminator }: Region): Region => ({
    statements: statements.map((statement) => withRegions(mapOperands(statement, change, false), inside)),
    terminator: 'operands' in terminator ? { ...terminator, operands: terminator.operands.map(change) } : terminator,
  });
  return inside(region);
}

/** The statement itself with other operands; its regions stay, and so do buffers, which others name too. */
function mapOperands(statement: Statement, change: (operand: Operand) => Operand, isShallow: boolean): Statement {
  const optional = (operand: Operand | undefined): Operand | undefined =>
    operand === undefined ? undefined : change(operand);
  switch (statement.kind) {
    case 'pure':
    case 'call':
      return { ...statement, operands: statement.operands.map(change) };
    case 'splat':
    case 'ramp':
    case 'fold':
      return { ...statement, operand: change(statement.operand) };
    case 'load':
      return { ...statement, index: statement.index.map(change), mask: optional(statement.mask) };
    case 'store':
      return {
        ...statement,
        index: statement.index.map(change),
        value: change(statement.value),
        mask: optional(statement.mask),
      };
    case 'check':
      return {
        ...statement,
        condition: change(statement.condition),
        index: change(statement.index),
        length: change(statement.length),
      };
    case 'stream':
      return { ...statement, key: change(statement.key), ordinal: change(statement.ordinal) };
    case 'draw':
      return { ...statement, mask: optional(statement.mask) };
    case 'if':
      return { ...statement, condition: change(statement.condition) };
    case 'reduce':
      return { ...statement, value: change(statement.value), mask: optional(statement.mask) };
    case 'for':
      return {
        ...statement,
        start: change(statement.start),
        count: change(statement.count),
        carried: statement.carried.map(({ value, initial }) => ({ value, initial: change(initial) })),
        // A loop's reductions are known by identity to the statements that give to them.
        owned: isShallow
          ? statement.owned
          : statement.owned.map((owned) => ({ ...owned, key: change(owned.key), base: change(owned.base) })),
      };
    case 'loop':
      return {
        ...statement,
        carried: statement.carried.map(({ value, initial }) => ({ value, initial: change(initial) })),
      };
    case 'allocate':
      return statement;
  }
}

/** Whether every `loop` and every recursion still burns the fuel that random-program.ts has given it. */
export function endsForSure({ kernels, routines }: Program): boolean {
  const isFine = ({ statements }: Region): boolean =>
    statements.every(
      (statement) => regionsOf(statement).every(isFine) && (statement.kind !== 'loop' || endsByFuel(statement)),
    );
  return (
    kernels.every(({ body }) => isFine(body)) &&
    routines.every((routine) => isFine(routine.body) && (!calls(routine.body, routine.name) || recursesByFuel(routine)))
  );
}

function endsByFuel({ label, carried, body }: Loop): boolean {
  const fuel = carried[0]?.value;
  const [ask, leave] = body.statements;
  if (ask?.kind !== 'pure' || ask.operation !== 'ge' || ask.operands[0] !== fuel || leave?.kind !== 'if') return false;
  if (!(ask.operands[1] instanceof Constant) || (ask.operands[1].value as bigint) > 1000n) return false;
  if (leave.condition !== ask.result || leave.consequent.terminator.kind !== 'break') return false;
  const burned = new Set(
    body.statements.flatMap((each) =>
      each.kind === 'pure' && each.operation === 'add' && each.operands[0] === fuel && isOne(each.operands[1]!)
        ? [each.result]
        : [],
    ),
  );
  const burns = (region: Region, isBody: boolean): boolean => {
    const { terminator } = region;
    const goesOn =
      (isBody && terminator.kind === 'yield') || (terminator.kind === 'continue' && terminator.label === label);
    if (goesOn && !burned.has(terminator.operands[0] as Value)) return false;
    return region.statements.every((each) => regionsOf(each).every((inner) => burns(inner, false)));
  };
  return burns(body, true);
}

const isOne = (operand: Operand): boolean => operand instanceof Constant && operand.value === 1n;

const calls = ({ statements }: Region, name: string): boolean =>
  statements.some(
    (each) => (each.kind === 'call' && each.callee === name) || regionsOf(each).some((inner) => calls(inner, name)),
  );

function recursesByFuel({ name, parameters: [fuel], body }: Routine): boolean {
  const [ask, leave] = body.statements;
  if (ask?.kind !== 'pure' || ask.operation !== 'le' || ask.operands[0] !== fuel || leave?.kind !== 'if') return false;
  if (!(ask.operands[1] instanceof Constant) || leave.condition !== ask.result) return false;
  if (leave.consequent.terminator.kind !== 'return') return false;
  return body.statements.every((each, index) => {
    if (each.kind !== 'call' || each.callee !== name) return !regionsOf(each).some((inner) => calls(inner, name));
    const less = body.statements
      .slice(0, index)
      .find((before) => before.kind === 'pure' && before.result === each.operands[0]);
    return less?.kind === 'pure' && less.operation === 'sub' && less.operands[0] === fuel && isOne(less.operands[1]!);
  });
}

/** How large a program is, for people who compare. */
export function countStatements({ kernels, routines }: Program): number {
  const count = (region: Region): number =>
    region.statements.reduce(
      (sum, statement) => sum + 1 + regionsOf(statement).reduce((most, inner) => most + count(inner), 0),
      0,
    ) + (terminatorOperands(region).length > 0 ? 1 : 0);
  return [...kernels, ...routines].reduce((sum, { body }) => sum + count(body), 0);
}
