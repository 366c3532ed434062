// A function's syntax tree and the types of its arguments → a kernel. Variables become values: at a join of two ways, and around a loop,
// each variable that was assigned on the way gets a new value. Numbers are f64 and stay so; a loop's counter that provably takes the
// values 0, 1, 2 … is counted as an integer and read as a double, which holds every one of them.
// What is not in the language is refused at its place; nothing is compiled to mean something else.
// It stays in one piece because statements and expressions lower each other over one environment.
import type { AnyNode, Expression, ForStatement, Node, Statement as SyntaxStatement } from 'acorn';
import { Constant, Stream, Value } from '../ir/nodes.js';
import type { Carried, Kernel, Operand, OwnedStream, Region, Statement, Terminator } from '../ir/nodes.js';
import type { OperationName } from '../ir/operations.js';
import type { ScalarType } from '../ir/types.js';
import type { FunctionSource } from './parse.js';
import { refuse, refuseYet } from './refuse.js';
import { countedHeader } from './counted.js';
import type { CountedHeader } from './counted.js';
import { isLexical, Resolution } from './resolve.js';
import type { Declaration } from './resolve.js';
import { draws, hasLoop, isDraw, isMember } from './walk.js';

/** What an argument can be today. */
export type ArgumentType = 'number' | 'boolean';

export interface Lowered {
  readonly kernel: Kernel;
  /** Whether the last parameter is the key of the call's random numbers. */
  readonly hasKey: boolean;
}

type Environment = Map<Declaration, Operand>;

/** Code that is being written: statements, until a terminator ends it. */
class Block {
  readonly statements: Statement[] = [];
  terminator: Terminator | undefined;
  readonly environment: Environment;

  constructor(environment: Environment) {
    this.environment = new Map(environment);
  }

  end(terminator: Terminator): void {
    this.terminator ??= terminator;
  }

  region(): Region {
    return { statements: this.statements, terminator: this.terminator! };
  }
}

/** A loop around the code that is being lowered. */
interface LoopScope {
  readonly label: string;
  readonly carried: readonly Declaration[];
  /** What has to be done before the next iteration: a `for`'s update, a `do`'s condition. */
  readonly beforeNext: (block: Block) => void;
  /** Whether anything leaves it for the code behind it. */
  isLeft: boolean;
  /** Whether its iterations have generators of their own. */
  readonly ownsDraws: boolean;
}

const f64 = (value: number): Constant => new Constant('f64', value);
const i64 = (value: bigint): Constant => new Constant('i64', value);
const bool = (value: boolean): Constant => new Constant('bool', value);

const typeNames: Partial<Record<ScalarType, string>> = { f64: 'a number', bool: 'a boolean' };
const nameOfType = (operand: Operand): string => typeNames[operand.type as ScalarType] ?? operand.type;

const arithmetic: Readonly<Record<string, OperationName>> = { '+': 'add', '-': 'sub', '*': 'mul', '/': 'div' };
const comparisons: Readonly<Record<string, OperationName>> = {
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
  '===': 'eq',
  '==': 'eq',
  '!==': 'ne',
  '!=': 'ne',
};
const unaryMath: readonly OperationName[] = ['abs', 'ceil', 'floor', 'sqrt', 'trunc'];
const mathConstants = ['E', 'LN10', 'LN2', 'LOG10E', 'LOG2E', 'PI', 'SQRT1_2', 'SQRT2'] as const;
const numberConstants = [
  'EPSILON',
  'MAX_SAFE_INTEGER',
  'MAX_VALUE',
  'MIN_SAFE_INTEGER',
  'MIN_VALUE',
  'NEGATIVE_INFINITY',
  'NaN',
  'POSITIVE_INFINITY',
] as const;

/** @throws {UserError | UnsupportedError} JIT002 to JIT006, with the place */
export function lowerFunction(source: FunctionSource, types: readonly ArgumentType[]): Lowered {
  return new Lowering(source).lower(types);
}

class Lowering {
  readonly #source: FunctionSource;
  readonly #loops: LoopScope[] = [];
  readonly #names: Resolution;
  #loopCount = 0;
  #stream: Stream | undefined;
  #resultType: ScalarType | undefined;

  constructor(source: FunctionSource) {
    this.#source = source;
    this.#names = new Resolution(source);
  }

  lower(types: readonly ArgumentType[]): Lowered {
    const { node, name } = this.#source;
    const block = new Block(new Map());
    const parameters = node.params.map((pattern, index): Value => {
      if (pattern.type !== 'Identifier')
        throw refuseYet(
          this.#source,
          pattern,
          'a parameter that is not a plain name',
          'name the parameter, and take it apart in the body',
        );
      if (types[index] === undefined) {
        throw refuse(this.#source, pattern, 'JIT008', `${name} was called without its argument ${pattern.name}`, {
          note: 'in JavaScript a missing argument is undefined, which is not a number',
          fix: 'give one value for each parameter',
        });
      }
      const value = new Value(types[index] === 'boolean' ? 'bool' : 'f64', pattern.name);
      block.environment.set(this.#names.declarationOf(pattern)!, value);
      return value;
    });
    const hasKey = draws(node.body);
    if (hasKey) {
      const key = new Value('i64', 'key');
      parameters.push(key);
      this.#stream = new Stream('g');
      block.statements.push({ kind: 'stream', stream: this.#stream, key, ordinal: i64(0n), source: -1 });
    }
    if (node.body.type === 'BlockStatement') this.#statements(node.body.body, block);
    else this.#return(node.body, node.body, block);
    if (block.terminator === undefined) {
      throw refuse(
        this.#source,
        { ...node.body, start: node.body.end - 1 },
        'JIT005',
        `${name} can end without returning anything`,
        {
          note: 'a compiled function returns a number or a boolean on every way through it',
          fix: 'return a value at its end',
        },
      );
    }
    if (this.#resultType === undefined) {
      throw refuse(this.#source, node.body, 'JIT005', `${name} never returns anything`, {
        note: 'it goes round a loop that nothing leaves, and a call of it would not come back',
        fix: 'leave the loop, and return a value',
      });
    }
    const kernel: Kernel = {
      name: /^[\w.]+$/.test(name) ? name : 'function',
      parameters,
      buffers: [],
      dimensions: [],
      reductions: [],
      results: [this.#resultType],
      body: block.region(),
    };
    return { kernel, hasKey };
  }

  // Names.

  #read(node: Node, name: string, block: Block): Operand {
    const variable = this.#names.declarationOf(node);
    if (variable === undefined) {
      if (name === 'NaN') return f64(NaN);
      if (name === 'Infinity') return f64(Infinity);
      throw refuse(this.#source, node, 'JIT003', `${name} is not known inside ${this.#source.name}`, {
        note: 'a function that is compiled is known by its text alone, which does not tell the values of names around it',
        fix: `make ${name} a parameter`,
      });
    }
    const operand = block.environment.get(variable);
    if (operand === undefined)
      throw refuse(this.#source, node, 'JIT004', `${name} may have no value here`, {
        note: 'it would be undefined, which is not a number',
        fix: `give ${name} a first value where it is declared`,
      });
    return operand;
  }

  #write(target: AnyNode & { name: string }, value: Operand, block: Block): Operand {
    const { name } = target;
    const node = target;
    const variable = this.#names.declarationOf(target);
    if (variable === undefined)
      throw refuse(this.#source, node, 'JIT003', `${name} is not declared inside ${this.#source.name}`, {
        note: 'a compiled function changes nothing outside of itself',
        fix: `declare it: let ${name} = …`,
      });
    if (variable.kind === 'const')
      throw refuse(this.#source, node, 'JIT006', `${name} is a const`, {
        note: 'JavaScript would throw a TypeError here',
        fix: `declare it with let`,
      });
    const before = block.environment.get(variable);
    if (before !== undefined && before.type !== value.type) throw this.#mixed(node, name, before, value);
    block.environment.set(variable, value);
    return value;
  }

  #mixed(node: Node, name: string, before: Operand, after: Operand): Error {
    return refuse(
      this.#source,
      node,
      'JIT006',
      `${name} is ${nameOfType(before)} in one place, and ${nameOfType(after)} in another`,
      {
        note: 'in compiled code a variable has one type',
        fix: 'use two variables, or make the types the same, as +flag does',
      },
    );
  }

  // Operations.

  #pure(
    block: Block,
    operation: OperationName,
    over: ScalarType,
    operands: readonly Operand[],
    result: ScalarType,
    name: string,
  ): Value {
    const value = new Value(result, name);
    block.statements.push({ kind: 'pure', operation, over, operands, result: value, source: -1 });
    return value;
  }

  #toNumber(block: Block, operand: Operand): Operand {
    if (operand.type === 'f64') return operand;
    if (operand instanceof Constant) return f64(Number(operand.value));
    return this.#pure(block, 'toF64', 'bool', [operand], 'f64', 'number');
  }

  /** ECMAScript's ToBoolean: of numbers, 0, −0 and NaN are false. */
  #toBoolean(block: Block, operand: Operand): Operand {
    if (operand.type === 'bool') return operand;
    if (operand instanceof Constant) return bool(Boolean(operand.value));
    const size = this.#pure(block, 'abs', 'f64', [operand], 'f64', 'size');
    return this.#pure(block, 'gt', 'f64', [size, f64(0)], 'bool', 'isTrue');
  }

  #not(block: Block, operand: Operand): Operand {
    if (operand instanceof Constant) return bool(operand.value === false);
    return this.#pure(block, 'not', 'bool', [operand], 'bool', 'not');
  }

  // Statements.

  #statements(statements: readonly SyntaxStatement[], block: Block): void {
    for (const statement of statements) {
      // JavaScript never gets here either.
      if (block.terminator !== undefined) return;
      this.#statement(statement, block);
    }
  }

  #body(statement: SyntaxStatement, block: Block): void {
    this.#statements(statement.type === 'BlockStatement' ? statement.body : [statement], block);
  }

  #statement(statement: SyntaxStatement, block: Block): void {
    switch (statement.type) {
      case 'EmptyStatement':
        return;
      case 'BlockStatement':
        return this.#statements(statement.body, block);
      case 'ExpressionStatement':
        if (statement.directive !== undefined) return;
        this.#effect(statement.expression, block);
        return;
      case 'VariableDeclaration':
        for (const { id, init } of statement.declarations) {
          if (id.type !== 'Identifier')
            throw refuseYet(this.#source, id, 'taking a value apart', 'declare the names one by one');
          const variable = this.#names.declarationOf(id)!;
          if (init) this.#initialise(id, variable, this.#expression(init, block), block);
          // Where a loop comes by again, a `let` begins anew; a `var` keeps what it has.
          else if (variable.kind === 'let') block.environment.delete(variable);
        }
        return;
      case 'IfStatement':
        this.#if(
          statement,
          block,
          this.#condition(statement.test, block),
          (inner) => this.#body(statement.consequent, inner),
          (inner) => {
            if (statement.alternate) this.#body(statement.alternate, inner);
          },
        );
        return;
      case 'ForStatement':
        return this.#for(statement, block);
      case 'WhileStatement':
        return this.#while(block, [statement.test, statement.body], {
          before: (inner) => this.#condition(statement.test, inner),
          body: (inner) => this.#body(statement.body, inner),
        });
      case 'DoWhileStatement':
        return this.#while(block, [statement.test, statement.body], {
          body: (inner) => this.#body(statement.body, inner),
          after: (inner) => this.#condition(statement.test, inner),
        });
      case 'BreakStatement':
      case 'ContinueStatement':
        return this.#jump(statement, block);
      case 'ReturnStatement':
        return this.#return(statement, statement.argument, block);
      default:
        throw refuseYet(this.#source, statement, withArticle(statement.type), 'write it with if, for and while');
    }
  }

  #initialise(node: AnyNode & { name: string }, variable: Declaration, value: Operand, block: Block): void {
    const before = isLexical(variable) ? undefined : block.environment.get(variable);
    if (before !== undefined && before.type !== value.type) throw this.#mixed(node, variable.name, before, value);
    block.environment.set(variable, value);
  }

  #return(node: Node, argument: Expression | null | undefined, block: Block): void {
    if (!argument)
      throw refuse(this.#source, node, 'JIT005', `${this.#source.name} returns nothing here`, {
        note: 'a compiled function returns a number or a boolean on every way through it',
        fix: 'return a value',
      });
    const value = this.#expression(argument, block);
    this.#resultType ??= value.type as ScalarType;
    if (this.#resultType !== value.type)
      throw refuse(
        this.#source,
        argument,
        'JIT006',
        `${this.#source.name} returns ${nameOfType(value)} here, and another type elsewhere`,
        {
          note: 'a compiled function has one type of result',
          fix: 'return the same type everywhere, as +flag makes a number of a boolean',
        },
      );
    block.end({ kind: 'return', operands: [value] });
  }

  /**
   * One of two pieces of code. Each may give a value, of one type; what is given back is that of the one that ran. A variable that differs
   * after one of them is joined, if it has a value after each that goes on.
   */
  #if(
    node: Node,
    block: Block,
    condition: Operand,
    consequent: (block: Block) => Operand | void,
    alternate: (block: Block) => Operand | void,
  ): Operand | undefined {
    const lowerBranch = (lower: (block: Block) => Operand | void): { branch: Block; value: Operand | undefined } => {
      const branch = new Block(block.environment);
      return { branch, value: lower(branch) ?? undefined };
    };
    const both = [lowerBranch(consequent), lowerBranch(alternate)] as const;
    const going = both.filter(({ branch }) => branch.terminator === undefined);
    const environments = going.map(({ branch }) => branch.environment);
    const joined = [...new Set(environments.flatMap((environment) => [...environment.keys()]))].filter((variable) => {
      const isDeclaredBefore = variable.readyAt <= node.start;
      const isEverywhere = environments.every((environment) => environment.has(variable));
      const before = block.environment.get(variable);
      return (
        isDeclaredBefore && isEverywhere && environments.some((environment) => environment.get(variable) !== before)
      );
    });
    for (const variable of joined) {
      const [one, other] = environments.map((environment) => environment.get(variable)!);
      if (other !== undefined && one!.type !== other.type) throw this.#mixed(node, variable.name, one!, other);
    }
    const results = joined.map((variable) => new Value(environments[0]!.get(variable)!.type, variable.name));
    const values = going.map(({ value }) => value).filter((value) => value !== undefined);
    const [first, second] = values;
    if (first !== undefined && second !== undefined && first.type !== second.type) {
      throw refuse(
        this.#source,
        node,
        'JIT006',
        `this is ${nameOfType(first)} on one way, and ${nameOfType(second)} on the other`,
        {
          note: 'in compiled code a value has one type',
          fix: 'make both the same type, as +flag makes a number of a boolean',
        },
      );
    }
    const chosen = first && new Value(first.type, 'chosen');
    for (const { branch, value } of both) {
      const operands =
        branch.terminator === undefined ? joined.map((variable) => branch.environment.get(variable)!) : [];
      branch.end({ kind: 'yield', operands: value === undefined ? operands : [...operands, value] });
    }
    block.statements.push({
      kind: 'if',
      condition,
      results: chosen === undefined ? results : [...results, chosen],
      consequent: both[0].branch.region(),
      alternate: both[1].branch.region(),
      source: -1,
    });
    for (const [index, variable] of joined.entries()) block.environment.set(variable, results[index]!);
    // What has a value on one way only has none from here on.
    for (const variable of block.environment.keys()) {
      if (going.length > 0 && !environments.every((environment) => environment.has(variable)))
        block.environment.delete(variable);
    }
    if (going.length === 0) block.end({ kind: 'unreachable' });
    return chosen;
  }

  // Loops.

  #newLabel(): string {
    this.#loopCount++;
    return `loop${this.#loopCount}`;
  }

  /** Variables from outside that the nodes assign: what a loop carries round. */
  #carriedBy(nodes: readonly Node[], block: Block): Declaration[] {
    const assigned = new Set(nodes.flatMap((node) => [...this.#names.assignedIn(node)]));
    return [...block.environment.keys()].filter((variable) => assigned.has(variable));
  }

  #carry(variables: readonly Declaration[], block: Block): { carried: Carried[]; inner: Block } {
    const inner = new Block(block.environment);
    const carried = variables.map((variable): Carried => {
      const initial = block.environment.get(variable)!;
      const value = new Value(initial.type, variable.name);
      inner.environment.set(variable, value);
      return { value, initial };
    });
    return { carried, inner };
  }

  #finishLoop(block: Block, variables: readonly Declaration[], carried: readonly Carried[]): Value[] {
    return variables.map((variable, index) => {
      const result = new Value(carried[index]!.value.type, variable.name);
      block.environment.set(variable, result);
      return result;
    });
  }

  #values(variables: readonly Declaration[], block: Block): Operand[] {
    return variables.map((variable) => block.environment.get(variable)!);
  }

  #while(
    block: Block,
    nodes: readonly Node[],
    parts: {
      before?: (block: Block) => Operand;
      body: (block: Block) => void;
      beforeNext?: (block: Block) => void;
      after?: (block: Block) => Operand;
    },
  ): void {
    const variables = this.#carriedBy(nodes, block);
    const { carried, inner } = this.#carry(variables, block);
    const label = this.#newLabel();
    const leaveUnless = (at: Block, condition: Operand): void => {
      // A condition that is always true leaves nowhere, and what stands behind its loop is never reached.
      if (condition instanceof Constant && condition.value === true) return;
      scope.isLeft = true;
      this.#if(
        nodes[0]!,
        at,
        condition,
        () => {},
        (out) => out.end({ kind: 'break', label, operands: this.#values(variables, out) }),
      );
    };
    const beforeNext = (at: Block): void => {
      parts.beforeNext?.(at);
      if (parts.after) leaveUnless(at, parts.after(at));
    };
    const scope: LoopScope = { label, carried: variables, beforeNext, isLeft: false, ownsDraws: false };
    if (parts.before) leaveUnless(inner, parts.before(inner));
    this.#loops.push(scope);
    parts.body(inner);
    this.#loops.pop();
    if (inner.terminator === undefined) beforeNext(inner);
    inner.end({ kind: 'yield', operands: this.#values(variables, inner) });
    const results = this.#finishLoop(block, variables, carried);
    block.statements.push({ kind: 'loop', label, carried, results, body: inner.region(), source: -1 });
    if (!scope.isLeft) block.end({ kind: 'unreachable' });
  }

  #jump(statement: Extract<SyntaxStatement, { type: 'BreakStatement' | 'ContinueStatement' }>, block: Block): void {
    if (statement.label)
      throw refuseYet(
        this.#source,
        statement,
        'a jump to a label',
        'leave the outer loop by a variable that its condition asks',
      );
    const loop = this.#loops.at(-1);
    if (loop === undefined) throw refuseYet(this.#source, statement, 'a break outside of a loop', 'use if');
    const isBreak = statement.type === 'BreakStatement';
    if (isBreak) loop.isLeft = true;
    if (!isBreak) loop.beforeNext(block);
    block.end({ kind: isBreak ? 'break' : 'continue', label: loop.label, operands: this.#values(loop.carried, block) });
  }

  #for(statement: ForStatement, block: Block): void {
    const header = countedHeader(statement, this.#names);
    const isDrawing = draws(statement.body);
    if (header !== undefined && isExactlyCounted(header, statement)) return this.#counted(statement, header, block);
    if (header !== undefined && isDrawing) {
      throw refuseYet(
        this.#source,
        statement,
        'a counted loop that draws, with this header,',
        'count from a whole number in steps of 1: for (let i = 0; i < n; i++)',
      );
    }
    const { init, test, update } = statement;
    if (init?.type === 'VariableDeclaration') this.#statement(init, block);
    else if (init) this.#effect(init, block);
    const parts = [test, update, statement.body].filter((part) => part !== null && part !== undefined);
    this.#while(block, parts, {
      ...(test && { before: (inner: Block) => this.#condition(test, inner) }),
      body: (inner) => this.#body(statement.body, inner),
      beforeNext: (inner) => update && this.#effect(update, inner),
    });
  }

  /** A loop whose counter is start, start ± 1, … with a whole start: as many iterations as there are such numbers before the end. */
  #counted(statement: ForStatement, header: CountedHeader, block: Block): void {
    const { counter, end, comparison, unitStep } = header;
    const { name } = counter;
    const isUp = unitStep === 1;
    const start = BigInt(wholeNumber(header.start)!);
    const bound = this.#toNumber(block, this.#expression(end, block));
    const isInclusive = comparison === '<=' || comparison === '>=';
    // The last whole number counted, or the first not counted: i < e is i < ⌈e⌉, i <= e is i <= ⌊e⌋, and likewise downwards.
    const rounded = this.#pure(block, isUp !== isInclusive ? 'ceil' : 'floor', 'f64', [bound], 'f64', 'bound');
    // A double that is counted beyond 2⁵³ stands still, and its loop never ends; nor would one of 2⁶² iterations.
    const below = this.#pure(block, 'min', 'f64', [rounded, f64(2 ** 62)], 'f64', 'bound');
    const limited = this.#pure(block, 'max', 'f64', [below, f64(-(2 ** 62))], 'f64', 'bound');
    const whole = this.#pure(block, 'truncI64', 'f64', [limited], 'i64', 'bound');
    const difference = isUp ? [whole, i64(start)] : [i64(start), whole];
    const distance = this.#pure(block, 'sub', 'i64', difference, 'i64', 'trips');
    const trips = isInclusive ? this.#pure(block, 'add', 'i64', [distance, i64(1n)], 'i64', 'trips') : distance;
    const isNumber = this.#pure(block, 'eq', 'f64', [bound, bound], 'bool', 'isNumber');
    const count = this.#pure(block, 'select', 'i64', [isNumber, trips, i64(0n)], 'i64', 'count');

    const isDrawing = draws(statement.body);
    if (isDrawing && this.#loops.some(({ ownsDraws }) => ownsDraws)) {
      throw refuseYet(
        this.#source,
        statement,
        'a counted loop that draws, inside another one,',
        'draw in one of the two loops only',
      );
    }
    const variables = this.#carriedBy([statement.body], block);
    const { carried, inner } = this.#carry(variables, block);
    const label = this.#newLabel();
    const index = new Value('i64', 'index');
    const outerStream = this.#stream;
    const owned: OwnedStream[] = [];
    if (isDrawing) {
      const key = new Value('i64', 'key');
      block.statements.push({ kind: 'draw', stream: outerStream!, mask: undefined, result: key, source: -1 });
      const stream = new Stream('draws');
      const kind = hasLoop(statement.body) ? 'each' : 'lanes';
      owned.push({ stream, kind, key, base: i64(0n), continues: undefined });
      this.#stream = stream;
    }
    const place =
      start === 0n && isUp ? index : this.#pure(inner, isUp ? 'add' : 'sub', 'i64', [i64(start), index], 'i64', name);
    inner.environment.set(counter, this.#pure(inner, 'toF64', 'i64', [place], 'f64', name));
    this.#loops.push({ label, carried: variables, beforeNext: () => {}, isLeft: true, ownsDraws: isDrawing });
    this.#body(statement.body, inner);
    this.#loops.pop();
    this.#stream = outerStream;
    inner.end({ kind: 'yield', operands: this.#values(variables, inner) });
    const results = this.#finishLoop(block, variables, carried);
    block.statements.push({
      kind: 'for',
      label,
      index,
      start: i64(0n),
      step: 1,
      count,
      carried,
      isParallel: false,
      reductions: [],
      owned,
      results,
      body: inner.region(),
      source: -1,
    });
  }

  // Expressions.

  #condition(expression: Expression, block: Block): Operand {
    return this.#toBoolean(block, this.#expression(expression, block));
  }

  /** An expression whose value nobody wants: minifiers write `if (c) n++` as `c && n++`, whose two ways have values of two types. */
  #effect(expression: Expression, block: Block): void {
    switch (expression.type) {
      case 'SequenceExpression':
        for (const part of expression.expressions) this.#effect(part, block);
        return;
      case 'ParenthesizedExpression':
        return this.#effect(expression.expression, block);
      case 'UnaryExpression':
        if (expression.operator === '!' || expression.operator === 'void')
          return this.#effect(expression.argument, block);
        break;
      case 'LogicalExpression': {
        if (expression.operator === '??') break;
        const condition = this.#condition(expression.left, block);
        const right = (inner: Block): void => this.#effect(expression.right, inner);
        const [consequent, alternate] = expression.operator === '&&' ? [right, () => {}] : [() => {}, right];
        this.#if(expression, block, condition, consequent, alternate);
        return;
      }
      case 'ConditionalExpression':
        this.#if(
          expression,
          block,
          this.#condition(expression.test, block),
          (inner) => this.#effect(expression.consequent, inner),
          (inner) => this.#effect(expression.alternate, inner),
        );
        return;
      default:
    }
    this.#expression(expression, block);
  }

  #expression(node: Expression | AnyNode, block: Block): Operand {
    switch (node.type) {
      case 'ParenthesizedExpression':
        return this.#expression(node.expression, block);
      case 'Literal':
        if (typeof node.value === 'number') return f64(node.value);
        if (typeof node.value === 'boolean') return bool(node.value);
        throw refuseYet(this.#source, node, `${node.raw}`, 'use numbers and booleans');
      case 'Identifier':
        return this.#read(node, node.name, block);
      case 'UnaryExpression':
        return this.#unary(node, block);
      case 'BinaryExpression':
        if (node.left.type === 'PrivateIdentifier')
          throw refuseYet(this.#source, node, 'a private name', 'use a variable');
        return this.#binary(
          node,
          node.operator,
          this.#expression(node.left, block),
          () => this.#expression(node.right, block),
          node.right,
          block,
        );
      case 'LogicalExpression':
        return this.#logical(node, block);
      case 'ConditionalExpression':
        return this.#either(
          node,
          this.#condition(node.test, block),
          (inner) => this.#expression(node.consequent, inner),
          (inner) => this.#expression(node.alternate, inner),
          block,
        );
      case 'AssignmentExpression': {
        if (node.left.type !== 'Identifier')
          throw refuseYet(this.#source, node.left, 'an assignment to anything but a variable', 'assign to a variable');
        if (node.operator === '=') return this.#write(node.left, this.#expression(node.right, block), block);
        const operator = node.operator.slice(0, -1);
        const value = this.#binary(
          node,
          operator,
          this.#read(node.left, node.left.name, block),
          () => this.#expression(node.right, block),
          node.right,
          block,
        );
        return this.#write(node.left, value, block);
      }
      case 'UpdateExpression': {
        if (node.argument.type !== 'Identifier')
          throw refuseYet(this.#source, node.argument, `${node.operator} of anything but a variable`, 'use a variable');
        const before = this.#toNumber(block, this.#read(node.argument, node.argument.name, block));
        const after = this.#pure(
          block,
          node.operator === '++' ? 'add' : 'sub',
          'f64',
          [before, f64(1)],
          'f64',
          node.argument.name,
        );
        this.#write(node.argument, after, block);
        return node.prefix ? after : before;
      }
      case 'SequenceExpression': {
        for (const part of node.expressions.slice(0, -1)) this.#effect(part, block);
        return this.#expression(node.expressions.at(-1)!, block);
      }
      case 'CallExpression':
        return this.#call(node, block);
      case 'MemberExpression':
        return this.#member(node);
      default:
        throw refuseYet(this.#source, node, withArticle(node.type), 'use numbers, booleans and their operators');
    }
  }

  #unary(node: Extract<AnyNode, { type: 'UnaryExpression' }>, block: Block): Operand {
    const operand = this.#expression(node.argument, block);
    switch (node.operator) {
      case '+':
        return this.#toNumber(block, operand);
      case '-': {
        const number = this.#toNumber(block, operand);
        return number instanceof Constant
          ? f64(-Number(number.value))
          : this.#pure(block, 'neg', 'f64', [number], 'f64', 'negative');
      }
      case '!':
        return this.#not(block, this.#toBoolean(block, operand));
      default:
        throw refuseYet(this.#source, node, `the operator ${node.operator}`, 'use arithmetic and comparisons');
    }
  }

  #binary(
    node: Node,
    operator: string,
    left: Operand,
    lowerRight: () => Operand,
    rightNode: Node,
    block: Block,
  ): Operand {
    if (operator === '**') {
      const exponent = wholeNumber(rightNode as AnyNode);
      if (exponent !== 2)
        throw refuseYet(
          this.#source,
          node,
          'a power other than **2',
          'write small powers as products, and square roots as Math.sqrt',
        );
      const number = this.#toNumber(block, left);
      return this.#pure(block, 'mul', 'f64', [number, number], 'f64', 'square');
    }
    const right = lowerRight();
    const comparison = comparisons[operator];
    if (comparison !== undefined) {
      const isStrict = operator === '===' || operator === '!==';
      if (isStrict && left.type !== right.type) return bool(operator === '!==');
      if (left.type === 'bool' && right.type === 'bool' && (comparison === 'eq' || comparison === 'ne')) {
        return this.#pure(block, comparison, 'bool', [left, right], 'bool', comparison);
      }
      return this.#pure(
        block,
        comparison,
        'f64',
        [this.#toNumber(block, left), this.#toNumber(block, right)],
        'bool',
        comparison,
      );
    }
    const operation = arithmetic[operator];
    if (operation === undefined)
      throw refuseYet(this.#source, node, `the operator ${operator}`, 'use + - * / **2 and comparisons');
    return this.#pure(
      block,
      operation,
      'f64',
      [this.#toNumber(block, left), this.#toNumber(block, right)],
      'f64',
      operation,
    );
  }

  #logical(node: Extract<AnyNode, { type: 'LogicalExpression' }>, block: Block): Operand {
    const left = this.#expression(node.left, block);
    // Numbers and booleans are never null or undefined.
    if (node.operator === '??') return left;
    const isTrue = this.#toBoolean(block, left);
    const keepLeft = (): Operand => left;
    const takeRight = (inner: Block): Operand => this.#expression(node.right, inner);
    return node.operator === '&&'
      ? this.#either(node, isTrue, takeRight, keepLeft, block)
      : this.#either(node, isTrue, keepLeft, takeRight, block);
  }

  /** One of two values; only the code of the one that is taken runs. */
  #either(
    node: Node,
    condition: Operand,
    consequent: (block: Block) => Operand,
    alternate: (block: Block) => Operand,
    block: Block,
  ): Operand {
    return this.#if(node, block, condition, consequent, alternate)!;
  }

  #call(node: Extract<AnyNode, { type: 'CallExpression' }>, block: Block): Operand {
    if (isDraw(node)) {
      if (node.arguments.length > 0) {
        throw refuseYet(this.#source, node, 'an argument of Math.random', 'leave it out: it would be ignored');
      }
      const result = new Value('f64', 'draw');
      block.statements.push({ kind: 'draw', stream: this.#stream!, mask: undefined, result, source: -1 });
      return result;
    }
    const { callee } = node;
    const name =
      callee.type === 'MemberExpression' &&
      callee.property.type === 'Identifier' &&
      isMember(callee, 'Math', callee.property.name)
        ? callee.property.name
        : undefined;
    const operation = [...unaryMath, 'min' as const, 'max' as const].find((candidate) => candidate === name);
    if (operation === undefined) {
      throw refuseYet(
        this.#source,
        node,
        'this call',
        `Math.${[...unaryMath, 'min', 'max', 'random'].join(', Math.')} can be called`,
      );
    }
    const operands = node.arguments.map((argument) => {
      if (argument.type === 'SpreadElement')
        throw refuseYet(this.#source, argument, 'a spread argument', 'write the arguments one by one');
      return this.#toNumber(block, this.#expression(argument, block));
    });
    if (operation === 'min' || operation === 'max') {
      const [head = f64(operation === 'min' ? Infinity : -Infinity), ...rest] = operands;
      return rest.reduce(
        (best, operand) => this.#pure(block, operation, 'f64', [best, operand], 'f64', operation),
        head,
      );
    }
    return this.#pure(block, operation, 'f64', [operands[0] ?? f64(NaN)], 'f64', operation);
  }

  #member(node: Extract<AnyNode, { type: 'MemberExpression' }>): Operand {
    const { property } = node;
    if (property.type === 'Identifier') {
      const math = mathConstants.find((name) => name === property.name);
      if (math !== undefined && isMember(node, 'Math', math)) return f64(Math[math]);
      const number = numberConstants.find((name) => name === property.name);
      if (number !== undefined && isMember(node, 'Number', number)) return f64(Number[number]);
    }
    throw refuseYet(this.#source, node, 'a property', 'use numbers, and constants such as Math.PI');
  }
}

/** The whole number that is written there, if one is. */
function wholeNumber(node: AnyNode): number | undefined {
  if (node.type === 'ParenthesizedExpression') return wholeNumber(node.expression);
  if (node.type === 'UnaryExpression' && node.operator === '-') {
    const positive = wholeNumber(node.argument);
    // −0 is not the integer 0: a counter that begins with it is −0 once.
    return positive === undefined || positive === 0 ? undefined : -positive;
  }
  return node.type === 'Literal' && Number.isSafeInteger(node.value) ? (node.value as number) : undefined;
}

/** Whether the counter takes whole numbers one after the other, towards the end that it is compared with. */
function isExactlyCounted({ start, comparison, unitStep }: CountedHeader, statement: ForStatement): boolean {
  const isUp = comparison === '<' || comparison === '<=';
  const isAlone =
    statement.init?.type === 'VariableDeclaration' &&
    statement.init.declarations.length === 1 &&
    statement.init.kind === 'let';
  const first = wholeNumber(start);
  // From there a loop would have to run for weeks to come where neighbouring doubles are more than 1 apart.
  return isAlone && unitStep === (isUp ? 1 : -1) && first !== undefined && Math.abs(first) <= 2 ** 52;
}

/** `TemplateLiteral` → `a template literal`. */
function withArticle(type: string): string {
  const words = type.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
  return `${/^[aeiou]/.test(words) ? 'an' : 'a'} ${words}`;
}
