// The law of the kernel language. verify() returns what is illegal in a program, [] where all is well; it runs after every pass in tests.
//
// Names     A value is assigned once, and used only after that, in the same region or one inside it. So is a stream.
// Pure      Operands and result have the types that operations.ts gives, so that lanes of different counts never meet.
// Memory    An element has one i64 index a dimension. Scalars give one element, or as many neighbours along the last dimension as the
//           result has lanes; an index with lanes gathers or scatters, its count being the result's. Only `read` and `both` buffers are
//           loaded, only `write` and `both` stored. The value's element type is the storage type's.
// Masks     are bool with the lanes of what they guard.
// Draws     give i64, f32 or f64, with the lanes of their stream. What a dimension of a nest owns begins anew with each walk along it, and
//           an iteration keeps its generator through the dimensions inside; it is not reduced together with another dimension. A loop that draws by lanes begins at a multiple of its step.
// Branches  An `if` asks a scalar bool; each branch hands on its results with `yield`, or leaves by `break`, `continue`, `return`.
// Lanes     `splat` fills them from a scalar, `ramp` with it and what follows it, `fold` puts them together again. A `for` with a step does
//           that many ordinals at once.
// Loops     `yield` and `continue` hand on the values for the next iteration, `break` the results. A `for` without break ends with its
//           carried values, so its results have their types, and behind them one for each of its reductions. A parallel `for` carries
//           nothing, and nothing inside it leaves it. Labels are those of loops around.
// Buffers   that `allocate` begins have a class of their own, are written and read, and are known until their region ends.
// Nests     0 to 4 dimensions. Without dimensions the body ends with `return` of the kernel's results; with them it returns nothing,
//           ends with `yield []`, gives elements to reductions, and neither `return` nor results exist.
// Reductions of a nest run over at least one dimension and go into a `write` or `both` buffer that has the others as its rank.
//           `count`, `and` and `or` take bool, the rest numbers. With 16 partials they run over the last dimension. Those of a loop are
//           known inside it, and are not for places (`argLeast`, `argGreatest`). Where those of a nest run over different dimensions, it
//           loads nothing that it stores, so that it can be walked once for each. They are given as many lanes as the loop's step, those of a
//           nest one element.
// Routines  are called with the operands and streams, of one lane each, and give the results that they declare; they end with `return`,
//           and use no buffers but their own.
import { InternalError } from '../base/errors.js';
import { Constant, logicalLanes, resultTypeOf, Value } from './nodes.js';
import type {
  Buffer,
  Carried,
  Dimension,
  For,
  Gathering,
  Kernel,
  LoopReduction,
  Operand,
  OwnedStream,
  Program,
  Reduction,
  Region,
  Routine,
  Statement,
  Stream,
} from './nodes.js';
import { signatureOf } from './operations.js';
import { printProgram } from './print.js';
import { regionsOf } from './walk.js';
import { elementOf, laneCounts, lanesOf, storageTypes, withLanes } from './types.js';
import type { Type } from './types.js';

/** What is illegal, a sentence each; empty for a legal program. */
export function verify(program: Program): string[] {
  const routines = new Map(program.routines.map((routine) => [routine.name, routine]));
  const problems: string[] = [];
  if (routines.size < program.routines.length) problems.push('two routines have the same name');
  if (new Set(program.kernels.map(({ name }) => name)).size < program.kernels.length)
    problems.push('two kernels have the same name');
  for (const routine of program.routines) problems.push(...new Verifier(`@${routine.name}`, routines).routine(routine));
  for (const kernel of program.kernels) problems.push(...new Verifier(`@${kernel.name}`, routines).kernel(kernel));
  return problems;
}

/**
 * For programs of our own making.
 *
 * @throws {InternalError} IR002 that prints the program, if it is illegal
 */
export function assertLegal(program: Program, after: string): void {
  const problems = verify(program);
  if (problems.length === 0) return;
  throw new InternalError('IR002', `the kernel program is not legal after ${after}: ${problems.join('; ')}`, {
    note: printProgram(program),
  });
}

interface LoopScope {
  readonly label: string;
  readonly results: readonly Type[];
  readonly carried: readonly Type[];
}

/** What a region may end with, besides leaving a loop around it. */
type Ending = { readonly yields: readonly Type[] } | { readonly returns: readonly Type[] };

class Verifier {
  readonly #where: string;
  readonly #routines: ReadonlyMap<string, Routine>;
  readonly #problems: string[] = [];
  /** Everything assigned so far that can still be used; what a region assigned is taken back at its end. */
  readonly #visible = new Set<Value | Stream>();
  /** The same in the order of assignment. */
  readonly #shown: (Value | Stream)[] = [];
  readonly #assigned = new Set<Value | Stream>();
  #loops: LoopScope[] = [];
  /** What loops have owned so far: what a later one can continue. */
  readonly #begun = new Map<Stream, OwnedStream>();
  #returns: readonly Type[] | undefined;
  #buffers: readonly Buffer[] = [];
  #reductions: readonly (Reduction | LoopReduction)[] = [];
  /** Ordinals that an iteration of a reduction's loop covers. */
  readonly #steps = new Map<Reduction | LoopReduction, number>();

  constructor(where: string, routines: ReadonlyMap<string, Routine>) {
    this.#where = where;
    this.#routines = routines;
  }

  routine({ parameters, streams, results, body }: Routine): string[] {
    for (const named of [...parameters, ...streams]) this.#assign(named);
    this.#returns = results;
    this.#region(body, { returns: results });
    return this.#problems;
  }

  kernel(kernel: Kernel): string[] {
    const { parameters, buffers, dimensions, reductions, results, body } = kernel;
    for (const parameter of parameters) this.#assign(parameter);
    if (dimensions.length > 4) this.#report(`a nest has at most 4 dimensions, this one ${dimensions.length}`);
    if (dimensions.length > 0 && results.length > 0) this.#report('a nest returns nothing');
    this.#buffers = buffers;
    for (const buffer of buffers) this.#buffer(buffer);
    if (new Set(buffers.map(({ name }) => name)).size < buffers.length) this.#report('two buffers have the same name');
    // A nest is a box: its extents and keys are known before any of its indices.
    for (const { extent, owned } of dimensions) {
      this.#expect(extent, 'i64', 'an extent');
      for (const each of owned) this.#owned(each);
    }
    const taken = new Set(parameters.map(({ name }) => name));
    for (const { index } of dimensions) {
      // Reductions name the dimensions that they run over.
      if (taken.has(index.name)) this.#report(`the dimension %${index.name} shares its name`);
      taken.add(index.name);
      if (index.type !== 'i64') this.#report(`the index %${index.name} is ${index.type}, not i64`);
      this.#assign(index);
    }
    for (const reduction of reductions) this.#reduction(reduction, dimensions);
    this.#walks(kernel);
    this.#reductions = reductions;
    this.#returns = dimensions.length === 0 ? results : undefined;
    this.#region(body, dimensions.length === 0 ? { returns: results } : { yields: [] });
    return this.#problems;
  }

  #report(problem: string): void {
    this.#problems.push(`in ${this.#where}: ${problem}`);
  }

  #assign(named: Value | Stream): void {
    if (this.#assigned.has(named)) this.#report(`${show(named)} is assigned twice`);
    this.#assigned.add(named);
    this.#visible.add(named);
    this.#shown.push(named);
  }

  #use(operand: Operand): Type {
    if (operand instanceof Value && !this.#visible.has(operand))
      this.#report(`${show(operand)} is used where it is not assigned`);
    if (operand instanceof Constant && !isFit(operand))
      this.#report(`${String(operand.value)} is not a constant of ${operand.type}`);
    return operand.type;
  }

  #expect(operand: Operand, type: Type, what: string): void {
    const found = this.#use(operand);
    if (found !== type) this.#report(`${what} is ${found}, not ${type}`);
  }

  #expectAll(operands: readonly Operand[], types: readonly Type[], what: string): void {
    if (operands.length !== types.length) this.#report(`${what} has ${operands.length} operands, not ${types.length}`);
    for (const [index, operand] of operands.entries())
      this.#expect(operand, types[index] ?? operand.type, `operand ${index} of ${what}`);
  }

  #buffer({ name, shape, strides }: Buffer): void {
    if (shape.length !== strides.length)
      this.#report(`the buffer ${name} has ${shape.length} extents and ${strides.length} strides`);
    for (const operand of [...shape, ...strides]) this.#expect(operand, 'i64', `an extent or stride of ${name}`);
  }

  #gathering({ name, element, operator }: Gathering): void {
    const wantsBool = operator === 'count' || operator === 'and' || operator === 'or';
    if (wantsBool !== (element === 'bool'))
      this.#report(`the reduction &${name} cannot be ${operator} over ${element}`);
  }

  #reduction(reduction: Reduction, nest: readonly Dimension[]): void {
    const dimensions = nest.map(({ index }) => index.name);
    const { name, over, partials, into } = reduction;
    const report = (problem: string): void => this.#report(`the reduction &${name} ${problem}`);
    const places = over.map((dimension) => dimensions.indexOf(dimension));
    const isOrdered = places.every((place, i) => place > (places[i - 1] ?? -1));
    if (over.length === 0 || !isOrdered)
      report(`runs over [${over.join(', ')}], which are not dimensions in their order`);
    if (over.length > 1 && nest.some(({ index, owned }) => owned.length > 0 && over.includes(index.name)))
      report('takes a dimension that draws together with another');
    if (partials === 16 && over.at(-1) !== dimensions.at(-1)) report('has 16 partials, but not the last dimension');
    this.#gathering(reduction);
    if (!this.#buffers.includes(into) || into.access === 'read')
      report(`goes into ${into.name}, which cannot be written`);
    if (into.shape.length !== dimensions.length - over.length)
      report(`goes into ${into.name}, whose rank does not fit`);
    const result = resultTypeOf(reduction);
    if (storageTypes[into.storage].value !== result) report(`gives ${result} and goes into ${into.storage}`);
  }

  #walks({ reductions, body }: Kernel): void {
    if (new Set(reductions.map(({ over }) => over.join())).size < 2) return;
    const [loaded, stored] = [new Set<number>(), new Set<number>()];
    const visit = ({ statements }: Region): void => {
      for (const statement of statements) {
        if (statement.kind === 'load') loaded.add(statement.buffer.aliasClass);
        if (statement.kind === 'store') stored.add(statement.buffer.aliasClass);
        // Each iteration begins its own anew.
        if (statement.kind === 'allocate') own.add(statement.buffer.aliasClass);
        regionsOf(statement).forEach(visit);
      }
    };
    const own = new Set<number>();
    visit(body);
    if ([...stored].some((aliasClass) => loaded.has(aliasClass) && !own.has(aliasClass)))
      this.#report('its reductions run over different dimensions, and it loads what it stores');
  }

  #owned(owned: OwnedStream): void {
    this.#expect(owned.key, 'i64', 'a key');
    this.#expect(owned.base, 'i64', 'the base of a key');
    const { continues, kind, key, base } = owned;
    const begun = continues && this.#begun.get(continues);
    if (continues && (begun?.kind !== kind || !isSame(begun.key, key) || !isSame(begun.base, base))) {
      this.#report(
        `${show(owned.stream)} continues ${show(continues)}, which no loop before it owns with the same key`,
      );
    }
    this.#begun.set(owned.stream, owned);
    this.#assign(owned.stream);
  }

  #region({ statements, terminator }: Region, ending: Ending): void {
    const before = this.#shown.length;
    const buffers = this.#buffers;
    for (const statement of statements) this.#statement(statement);
    switch (terminator.kind) {
      case 'yield':
        if ('yields' in ending) this.#expectAll(terminator.operands, ending.yields, 'yield');
        else this.#report('a body that returns ends with yield');
        break;
      case 'return':
        if (this.#returns === undefined) this.#report('a nest cannot return');
        else this.#expectAll(terminator.operands, this.#returns, 'return');
        break;
      case 'break':
      case 'continue': {
        const loop = this.#loops.find(({ label }) => label === terminator.label);
        if (loop === undefined) this.#report(`${terminator.kind} @${terminator.label} is not inside that loop`);
        else
          this.#expectAll(
            terminator.operands,
            terminator.kind === 'break' ? loop.results : loop.carried,
            terminator.kind,
          );
        break;
      }
      case 'unreachable':
    }
    this.#buffers = buffers;
    this.#hideFrom(before);
  }

  /** Takes back what was assigned since then. */
  #hideFrom(before: number): void {
    for (const named of this.#shown.splice(before)) this.#visible.delete(named);
  }

  #statement(statement: Statement): void {
    switch (statement.kind) {
      case 'pure': {
        const { operation, over, operands, result } = statement;
        const signature = signatureOf(operation, over);
        if (signature === undefined) return this.#report(`there is no ${operation} over ${over}`);
        this.#expectAll(operands, signature.operands, `${operation}.${over}`);
        if (result.type !== signature.result)
          this.#report(`${operation}.${over} gives ${signature.result}, not ${result.type}`);
        return this.#assign(result);
      }
      case 'splat': {
        const { operand, result } = statement;
        if (lanesOf(result.type) === 1) this.#report(`a splat into ${result.type}, which has no lanes`);
        this.#expect(operand, elementOf(result.type), 'what is splat');
        return this.#assign(result);
      }
      case 'ramp': {
        const { operand, result } = statement;
        const element = elementOf(result.type);
        if (lanesOf(result.type) === 1 || element === 'bool') this.#report(`a ramp of ${result.type}`);
        this.#expect(operand, element, 'what a ramp begins with');
        return this.#assign(result);
      }
      case 'allocate': {
        const { buffer } = statement;
        this.#buffer(buffer);
        if (this.#buffers.some(({ name }) => name === buffer.name))
          this.#report(`two buffers are called ${buffer.name}`);
        if (buffer.access !== 'both') this.#report(`${buffer.name} is begun here, and not for both`);
        if (this.#buffers.some(({ aliasClass }) => aliasClass === buffer.aliasClass))
          this.#report(`${buffer.name} is begun here in the alias class of another`);
        this.#buffers = [...this.#buffers, buffer];
        return;
      }
      case 'fold': {
        const { operation, operand, result } = statement;
        const type = this.#use(operand);
        if (lanesOf(type) === 1) this.#report(`a fold of ${type}, which has no lanes`);
        if (signatureOf(operation, elementOf(type)) === undefined) this.#report(`a fold by ${operation} over ${type}`);
        if (result.type !== elementOf(type))
          this.#report(`a fold of ${type} gives ${elementOf(type)}, not ${result.type}`);
        return this.#assign(result);
      }
      case 'load': {
        const { buffer, index, mask, result } = statement;
        if (buffer.access === 'write') this.#report(`${buffer.name} is loaded, but only to be written`);
        this.#element(buffer, index, result.type, mask);
        return this.#assign(result);
      }
      case 'store': {
        const { buffer, index, value, mask } = statement;
        if (buffer.access === 'read') this.#report(`${buffer.name} is stored to, but only to be read`);
        return this.#element(buffer, index, this.#use(value), mask);
      }
      case 'check':
        this.#expect(statement.condition, withLanes('bool', lanesOf(statement.condition.type)), 'what is checked');
        this.#expect(statement.index, withLanes('i64', lanesOf(statement.condition.type)), 'a checked index');
        return this.#expect(statement.length, 'i64', 'a length');
      case 'stream':
        this.#expect(statement.key, 'i64', 'a key');
        this.#expect(statement.ordinal, withLanes('i64', statement.stream.lanes), 'an ordinal');
        return this.#assign(statement.stream);
      case 'draw': {
        const { stream, mask, result } = statement;
        if (!this.#visible.has(stream)) this.#report(`${show(stream)} is drawn from where it is not started`);
        if (!['i64', 'f32', 'f64'].includes(elementOf(result.type))) this.#report(`a draw cannot give ${result.type}`);
        if (lanesOf(result.type) !== stream.lanes) {
          this.#report(`${show(stream)} has ${stream.lanes} lanes, and cannot give ${result.type}`);
        }
        this.#mask(mask, result.type);
        return this.#assign(result);
      }
      case 'if': {
        this.#expect(statement.condition, 'bool', 'the condition of an if');
        const yields = statement.results.map(({ type }) => type);
        this.#region(statement.consequent, { yields });
        this.#region(statement.alternate, { yields });
        return this.#assignAll(statement.results);
      }
      case 'for': {
        const { label, index, start, step, count, carried, owned, reductions, results, body } = statement;
        this.#expect(start, 'i64', 'the start of a for');
        if (step !== 1 && !laneCounts.includes(step)) this.#report(`@${label} has a step of ${step}`);
        for (const { stream, kind } of owned) {
          if (stream.lanes !== step) this.#report(`@${label} has a step of ${step} and draws ${stream.lanes} lanes`);
          if (kind === 'lanes' && step > logicalLanes)
            this.#report(`@${label} has a step of ${step}, more than the ${logicalLanes} lanes of a block`);
        }
        this.#expect(count, 'i64', 'the count of a for');
        const types: Type[] = [...carried.map(({ value }) => value.type), ...reductions.map(resultTypeOf)];
        if (results.length !== types.length || results.some(({ type }, i) => type !== types[i]))
          this.#report(`the results of @${label} are not what it carries and gathers`);
        for (const reduction of reductions) this.#loopReduction(reduction);
        if (statement.isParallel) this.#parallel(statement);
        const around = this.#reductions;
        this.#reductions = [...around, ...reductions];
        for (const reduction of reductions) this.#steps.set(reduction, step);
        const gathered = results.slice(carried.length);
        this.#loop({ label, carried, results: results.slice(0, carried.length), body }, () => {
          if (index.type !== 'i64') this.#report(`the index %${index.name} is ${index.type}, not i64`);
          this.#assign(index);
          for (const each of owned) this.#owned(each);
        });
        this.#reductions = around;
        return this.#assignAll(gathered);
      }
      case 'loop':
        return this.#loop(statement, () => {});
      case 'call': {
        const { callee, operands, streams, results } = statement;
        const routine = this.#routines.get(callee);
        if (routine === undefined) return this.#report(`there is no routine @${callee}`);
        this.#expectAll(
          operands,
          routine.parameters.map(({ type }) => type),
          `the call of @${callee}`,
        );
        if (streams.length !== routine.streams.length)
          this.#report(`the call of @${callee} has ${streams.length} streams, not ${routine.streams.length}`);
        for (const stream of streams) {
          if (!this.#visible.has(stream)) this.#report(`${show(stream)} is handed on where it is not started`);
          if (stream.lanes > 1) this.#report(`${show(stream)} is handed on, and has lanes`);
        }
        if (results.length !== routine.results.length || results.some(({ type }, i) => type !== routine.results[i]))
          this.#report(`@${callee} gives other results than the call takes`);
        return this.#assignAll(results);
      }
      case 'reduce': {
        const { reduction, value, mask } = statement;
        if (!this.#reductions.includes(reduction)) return this.#report(`there is no reduction &${reduction.name}`);
        // Iterations are what contributes: as many lanes as the loop does at once.
        const lanes = this.#steps.get(reduction) ?? 1;
        this.#expect(value, withLanes(reduction.element, lanes), `an element of &${reduction.name}`);
        return this.#mask(mask, value.type);
      }
    }
  }

  #assignAll(values: readonly Value[]): void {
    for (const value of values) this.#assign(value);
  }

  #loop(
    {
      label,
      carried,
      results,
      body,
    }: { label: string; carried: readonly Carried[]; results: readonly Value[]; body: Region },
    begin: () => void,
  ): void {
    if (this.#loops.some((loop) => loop.label === label))
      this.#report(`two loops around each other are both called @${label}`);
    for (const { value, initial } of carried) this.#expect(initial, value.type, `the first value of %${value.name}`);
    const before = this.#shown.length;
    begin();
    this.#assignAll(carried.map(({ value }) => value));
    const types = carried.map(({ value }) => value.type);
    this.#loops.push({ label, results: results.map(({ type }) => type), carried: types });
    this.#region(body, { yields: types });
    this.#loops.pop();
    this.#hideFrom(before);
    this.#assignAll(results);
  }

  #loopReduction(reduction: LoopReduction): void {
    this.#gathering(reduction);
    const { name, operator, initial } = reduction;
    if (operator === 'argLeast' || operator === 'argGreatest')
      this.#report(`the reduction &${name} of a loop cannot be ${operator}`);
    this.#expect(initial, resultTypeOf(reduction), `the first value of &${name}`);
  }

  #parallel({ label, carried, owned, body }: For): void {
    if (carried.length > 0) this.#report(`@${label} is parallel and carries values`);
    if (owned.some(({ continues }) => continues)) this.#report(`@${label} is parallel and continues a stream`);
    const inside = new Set<string>();
    const check = ({ statements, terminator }: Region): void => {
      for (const statement of statements) {
        if (statement.kind === 'for' || statement.kind === 'loop') inside.add(statement.label);
        for (const region of regionsOf(statement)) check(region);
      }
      const leaves =
        terminator.kind === 'return' ||
        (terminator.kind === 'break' && !inside.has(terminator.label)) ||
        (terminator.kind === 'continue' && terminator.label !== label && !inside.has(terminator.label));
      if (leaves) this.#report(`@${label} is parallel and is left by ${terminator.kind}`);
    };
    check(body);
  }

  #mask(mask: Operand | undefined, guarded: Type): void {
    if (mask !== undefined) this.#expect(mask, withLanes('bool', lanesOf(guarded)), 'a mask');
  }

  #element(buffer: Buffer, index: readonly Operand[], type: Type, mask: Operand | undefined): void {
    if (!this.#buffers.includes(buffer)) this.#report(`there is no buffer ${buffer.name}`);
    if (index.length !== buffer.shape.length)
      this.#report(`${buffer.name} has ${buffer.shape.length} dimensions, its index ${index.length}`);
    const counts = new Set(index.map((operand) => lanesOf(this.#use(operand))));
    counts.delete(1);
    for (const operand of index)
      if (elementOf(operand.type) !== 'i64') this.#report(`an index of ${buffer.name} is ${operand.type}, not i64`);
    if (counts.size > 0 && !counts.has(lanesOf(type)))
      this.#report(`an index of ${buffer.name} has other lanes than its element`);
    if (lanesOf(type) > 1 && index.length === 0)
      this.#report(`${buffer.name} has one element, and none beside it for lanes`);
    const { value } = storageTypes[buffer.storage];
    if (elementOf(type) !== value) this.#report(`an element of ${buffer.name} is ${value}, not ${elementOf(type)}`);
    this.#mask(mask, type);
  }
}

/** Whether the constant is a number that its type has, held as that type is. */
function isFit({ type, value }: Constant): boolean {
  switch (elementOf(type)) {
    case 'bool':
      return typeof value === 'boolean';
    case 'i64':
      return typeof value === 'bigint' && BigInt.asIntN(64, value) === value;
    case 'i32':
      return typeof value === 'number' && Object.is(value | 0, value);
    case 'f32':
      return typeof value === 'number' && Object.is(Math.fround(value), value);
    case 'f64':
      return typeof value === 'number';
  }
}

/** Whether both are the same value, or the same number. */
const isSame = (a: Operand, b: Operand): boolean =>
  a === b || (a instanceof Constant && b instanceof Constant && a.value === b.value);

const show = (named: Value | Stream): string => (named instanceof Value ? `%${named.name}` : `$${named.name}`);
