// What the parts of the front end write on: the kernel that comes to be, the function body that is being lowered, and the block of
// statements that its code goes into. A variable is a thing in the block's environment; where it has none it is declared, and has no value.
// Sites are the places of checks: a failing kernel tells a number, and what was said here makes an error of it.
import type { AnyNode, Expression, Node, Statement as SyntaxStatement } from 'acorn';
import type { FailureRecord } from '../runtime/check-failure.js';
import { bool, f64, i64 } from '../ir/build.js';
import { mathFunctions, routinesOf } from '../ir/math/index.js';
import { Constant, Value } from '../ir/nodes.js';
import type { Buffer, Operand, Region, Routine, Statement, Stream, Terminator } from '../ir/nodes.js';
import { signatureOf } from '../ir/operations.js';
import type { OperationName } from '../ir/operations.js';
import type { ScalarType } from '../ir/types.js';
import type { Globals } from './globals.js';
import type { FunctionSource } from './parse.js';
import { Places } from './places.js';
import { Refusals } from './refusals.js';
import type { Declaration, FunctionNode, Resolution } from './resolve.js';
import type { ArrayThing, GatheringOperator, GeneratorThing, NdArrayThing, Thing } from './things.js';

export { bool, f64, i64 };

export type Environment = Map<Declaration, Thing | undefined>;

/** Code that is being written: statements, until a terminator ends it. */
export class Block {
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

/** A loop, or a switch, around the code that is being lowered. */
export interface LoopScope {
  readonly label: string;
  /** Labels that the function's text gives it. */
  readonly names: readonly string[];
  readonly isSwitch: boolean;
  /** What has a label and is no loop: only `break` with that label leaves it. */
  readonly isBlock?: boolean;
  /** Writes out what it carries, as things. */
  readonly values: (block: Block, node: Node) => readonly Operand[];
  /** The same where it is left, if more than what it carries may have a value behind it. */
  readonly leaving?: (block: Block, node: Node) => readonly Operand[];
  /** What has to be done before the next iteration: a `for`'s update, a `do`'s condition. */
  readonly beforeNext: (block: Block) => void;
  /** Whether anything leaves it for the code behind it. */
  isLeft: boolean;
  /** Its iterations run at once, and none may leave it. */
  readonly isParallel?: boolean;
}

/** A function that code calls, with the text that it stands in. */
export interface Callee {
  readonly source: FunctionSource;
  readonly names: Resolution;
  readonly node: FunctionNode;
  readonly name: string;
}

/** How the parts of the front end find each other: each lowers one kind of syntax, and all of them need the others. */
export interface Grammar {
  readonly expression: (body: Body, node: AnyNode, block: Block) => Thing;
  /** An expression whose value nobody wants. */
  readonly effect: (body: Body, node: Expression, block: Block) => void;
  readonly statements: (body: Body, statements: readonly SyntaxStatement[], block: Block) => void;
  readonly call: (body: Body, node: Extract<AnyNode, { type: 'CallExpression' }>, block: Block) => Thing;
}

export type Site = (record: FailureRecord) => Error;

/** An integer that a double is known to be: an i64, and a bound of its size. */
export interface Whole {
  readonly integer: Operand;
  readonly bound: number;
}

/** Every whole double up to here is exact. */
export const exactBound = 2 ** 53;
/** No loop lives to count to there. */
export const longestLife = 2 ** 52;

/** A statement that gives something to what a loop gathers. */
export interface Giving {
  readonly variable: Declaration;
  readonly operator: GatheringOperator;
  /** What it gives; where there is none, 1. */
  readonly element: AnyNode | undefined;
  readonly isNegated: boolean;
}

/** An element that the iterations of a parallel loop touch. */
export interface Access {
  readonly kind: 'load' | 'store';
  readonly array: ArrayThing | NdArrayThing;
  /** On each axis; undefined where nothing but the value itself tells where that is. */
  readonly places: readonly (Operand | undefined)[];
  readonly node: Node;
  readonly source: FunctionSource;
}

/** A counter, as its loop's body reads it: from `start` up to what lies below `end`. */
export interface Counter {
  readonly start: Operand;
  readonly end: Operand;
}

interface Definition {
  readonly operation: OperationName;
  readonly over: ScalarType;
  readonly operands: readonly Operand[];
  /** Which of all operations it was. */
  readonly order: number;
}

/** The kernel that comes to be. */
export class KernelCode {
  readonly grammar: Grammar;
  readonly globals: Globals;
  readonly fastMath: boolean;
  readonly sites: Site[] = [];
  readonly places = new Places();
  readonly refusals = new Refusals();
  readonly routines = new Map<string, Routine>();
  readonly #buffers = new Map<Buffer, { isRead: boolean; isWritten: boolean }>();
  readonly #definitions = new Map<Value, Definition>();
  readonly #wholes = new Map<Value, Whole>();
  /** What Math.random and the module-level `random` draw from. */
  readonly ownGenerator: GeneratorThing = { kind: 'generator', name: 'Math.random' };
  /** Those that are arguments. */
  readonly generators: GeneratorThing[] = [];
  /** Where draws of each generator are taken from here. */
  streams: ReadonlyMap<GeneratorThing, Stream> = new Map();
  /** Those that a counted loop around draws from. */
  drawnAround: ReadonlySet<GeneratorThing> = new Set();
  /** Whether the code of a recursion is being written. */
  isInRoutine = false;
  /** The first function that calls itself, and where it is called. */
  recursive: { readonly callee: Callee; readonly node: Node; readonly source: FunctionSource } | undefined;
  /** Arrays that the caller makes, by the `new` that stands for them. */
  readonly resultArrays = new Map<Node, ArrayThing | NdArrayThing>();
  /** Statements that give to what a loop around gathers. */
  readonly givings = new Map<Node, Giving>();
  /** What the parallel loop that is being written touches; undefined outside of one. */
  accesses: Access[] | undefined;
  /** Elements to which a whole number is added, and nothing else is done with them there. */
  readonly counting = new Set<Node>();
  /** Whether a loop that is asked to be parallel counts in elements that its iterations share: it is for the passes to share it out. */
  wantsThreads = false;
  readonly madeInside = new Set<Buffer>();
  /** Arrays of the function's own, in the order in which they are made: each lives until the branch or the loop that makes it ends. */
  readonly made: Buffer[] = [];
  /** Variables that stood for such an array when it ended. */
  readonly lost = new Set<Declaration>();
  /** The counter of that loop, an i64. */
  ownPlace: Operand | undefined;
  /** The least that it is, where that is known. */
  ownLeast: bigint | undefined;
  ownOrder = 0;
  /** Values from before the parallel loop around: the same in each of its iterations. */
  ownFixed: ReadonlySet<Operand> = new Set();
  readonly counters = new Map<Operand, Counter>();
  /** Functions whose code is being written, outermost first. */
  readonly active: Callee[] = [];
  #loopCount = 0;
  #aliasClass: number;

  constructor(grammar: Grammar, globals: Globals, { fastMath, aliasClass }: { fastMath: boolean; aliasClass: number }) {
    this.grammar = grammar;
    this.globals = globals;
    this.fastMath = fastMath;
    this.#aliasClass = aliasClass;
  }

  newLabel(kind = 'loop'): string {
    this.#loopCount++;
    return `${kind}${this.#loopCount}`;
  }

  newAliasClass(): number {
    return this.#aliasClass++;
  }

  site(raise: Site): number {
    return this.sites.push(raise) - 1;
  }

  pure(
    block: Block,
    operation: OperationName,
    over: ScalarType,
    operands: readonly Operand[],
    name: string = operation,
  ): Value {
    const result = new Value(signatureOf(operation, over)!.result, name);
    block.statements.push({ kind: 'pure', operation, over, operands, result, source: -1 });
    this.#definitions.set(result, { operation, over, operands, order: this.#definitions.size });
    return result;
  }

  /** What made a value, if that was a pure operation. */
  definitionOf(operand: Operand): Definition | undefined {
    return operand instanceof Value ? this.#definitions.get(operand) : undefined;
  }

  /** Whether an operand was computed before a loop's counter was, so that it is the same in every iteration. */
  isBefore(operand: Operand, counter: Operand): boolean {
    if (operand instanceof Constant) return true;
    const [order, from] = [this.#definitions.get(operand)?.order, this.definitionOf(counter)?.order];
    return order !== undefined && order < (from ?? this.ownOrder);
  }

  /** How many operations have been written so far. */
  get order(): number {
    return this.#definitions.size;
  }

  /** Calls a mathematical function. */
  math(block: Block, name: string, operands: readonly Operand[]): Value {
    for (const routine of routinesOf(name)) this.routines.set(routine.name, routine);
    const result = new Value('f64', name);
    block.statements.push({ kind: 'call', callee: name, operands, streams: [], results: [result], source: -1 });
    return result;
  }

  /** The double that an integer is, which stays known to be one. */
  fromWhole(block: Block, integer: Operand, bound: number, name: string): Operand {
    if (integer instanceof Constant) return f64(Number(integer.value));
    const value = this.pure(block, 'toF64', integer.type as ScalarType, [integer], name);
    const wide = integer.type === 'i32' ? undefined : integer;
    if (wide) this.#wholes.set(value, { integer: wide, bound });
    return value;
  }

  /** The integer that a double is, where that is known without facts: of counters, lengths, elements, bits, and their sums. */
  wholeOf(block: Block, operand: Operand): Whole | undefined {
    if (operand instanceof Constant) {
      const value = Number(operand.value);
      const isWhole = operand.type === 'f64' && Number.isSafeInteger(value) && !Object.is(value, -0);
      return isWhole && Math.abs(value) <= longestLife ? { integer: i64(value), bound: Math.abs(value) } : undefined;
    }
    const known = this.#wholes.get(operand);
    if (known !== undefined) return known;
    const definition = this.#definitions.get(operand);
    if (definition?.operation === 'toF64' && definition.over === 'i32')
      return { integer: this.pure(block, 'extendS', 'i32', definition.operands), bound: 2 ** 31 };
    return undefined;
  }

  noteWhole(value: Operand, whole: Whole): void {
    if (value instanceof Value) this.#wholes.set(value, whole);
  }

  addBuffer(buffer: Buffer): void {
    this.#buffers.set(buffer, { isRead: false, isWritten: false });
  }

  noteAccess({ buffer }: Pick<ArrayThing, 'buffer'>, kind: 'isRead' | 'isWritten'): void {
    const access = this.#buffers.get(buffer);
    if (access) access[kind] = true;
  }

  /** Whether an array was made inside the parallel loop that is being written. */
  isMadeIn({ buffer }: Pick<ArrayThing, 'buffer'>): boolean {
    return this.madeInside.has(buffer);
  }

  accessOf(buffer: Buffer): { readonly isRead: boolean; readonly isWritten: boolean } {
    return this.#buffers.get(buffer)!;
  }

  isWritten(buffer: Buffer): boolean {
    return this.#buffers.get(buffer)?.isWritten ?? true;
  }
}

/** Names of mathematical functions that are routines. */
export const isMathRoutine = (name: string): boolean => mathFunctions.some((each) => each.name === name);
export const arityOf = (name: string): number => mathFunctions.find((each) => each.name === name)!.arity;

/** A function's body that is being lowered. */
export class Body {
  readonly kernel: KernelCode;
  readonly callee: Callee;
  readonly loops: LoopScope[] = [];
  /** What `return` does here. */
  readonly onReturn: (block: Block, thing: Thing, node: Node) => void;
  /** What a call of itself does where its result is returned at once; false where that is nothing special. */
  readonly onTailCall: ((block: Block, things: readonly Thing[], node: Node) => void) | undefined;
  /** Whether a branch that returns makes the rest of its block the other branch. */
  readonly foldsReturns: boolean;
  /** Labels of the statement that comes next. */
  pendingNames: string[] = [];

  constructor(
    kernel: KernelCode,
    callee: Callee,
    parts: Pick<Body, 'onReturn' | 'foldsReturns'> & { readonly onTailCall?: Body['onTailCall'] },
  ) {
    this.kernel = kernel;
    this.callee = callee;
    this.onReturn = parts.onReturn;
    this.onTailCall = parts.onTailCall;
    this.foldsReturns = parts.foldsReturns;
  }

  get source(): FunctionSource {
    return this.callee.source;
  }

  get names(): Resolution {
    return this.callee.names;
  }
}

/** The body of a loop, or a branch: a block, or one statement. */
export function lowerPart(body: Body, statement: SyntaxStatement, block: Block): void {
  body.kernel.grammar.statements(body, statement.type === 'BlockStatement' ? statement.body : [statement], block);
}
