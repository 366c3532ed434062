// A function's syntax tree and the types of its arguments → a kernel, with the routines that it calls and what its checks mean to people.
// Variables become values: at a join of two ways, and around a loop, each variable that was assigned on the way gets a new value. Numbers
// are f64 and stay so; a counter that provably takes whole numbers is counted as an integer and read as a double, which holds each of them.
// What is not in the language is refused at its place; nothing is compiled to mean something else.
// The parts: expressions.ts, bigints.ts, calls.ts, functions.ts, arrays.ts, statements.ts, loops.ts, parallel.ts, over what code.ts holds.
import type { AnyNode, Node } from 'acorn';
import { Constant, Stream, Value } from '../ir/nodes.js';
import type { Buffer, Kernel, Operand, Routine } from '../ir/nodes.js';
import { recursionSite } from '../runtime/check-failure.js';
import type { FailureRecord } from '../runtime/check-failure.js';
import type { ArrayKind } from './array-kinds.js';
import { call } from './calls.js';
import { Block, Body, i64, KernelCode } from './code.js';
import type { Callee } from './code.js';
import { isRecursive } from './effects.js';
import { effect, expression } from './expressions.js';
import { callFunction, fallOff, giveParameters, lowerCode, Returned } from './functions.js';
import { drawnBy } from './generators.js';
import { Globals } from './globals.js';
import { ndArrayOver } from './nd-arrays.js';
import type { NdType } from './nd-types.js';
import type { Places } from './places.js';
import type { FunctionSource } from './parse.js';
import { calledName, refuse, refuseYet } from './refuse.js';
import { Resolution } from './resolve.js';
import type { FunctionNode } from './resolve.js';
import { resultArraysOf } from './result-arrays.js';
import type { ResultArray } from './result-arrays.js';
import { statements } from './statements.js';
import { isArrayThing, isScalar, leavesOf, nothing } from './things.js';
import type { ArrayThing, GeneratorThing, NdArrayThing, Thing } from './things.js';

/** An array, and its alias class: those of different classes do not overlap. */
export interface ArrayArgument {
  readonly of: ArrayKind;
  readonly aliasClass: number;
  /** Whether it has more than 2²⁶ elements: of others the places of rows, i * n + j, are known to be exact. */
  readonly isLarge?: boolean;
  /** Arrays of one class that have one number begin at the same element; without one it begins where no other does. */
  readonly twin?: number;
}

/** The same of an array with a shape. */
export interface NdArgument {
  readonly nd: NdType;
  readonly aliasClass: number;
}

/** A generator of random numbers; the same number means the same generator. */
export interface GeneratorArgument {
  readonly generator: number;
}

/** `whole` is a number that is an integer of at most 2²⁶ in size, and not −0; what is `missing` has a default. */
export type ArgumentType =
  'number' | 'whole' | 'boolean' | 'bigint' | 'missing' | ArrayArgument | NdArgument | GeneratorArgument;

export const largestWhole = 2 ** 26;

/** What a call gives back: scalars as the kernel returns them, one after the other, and arrays. */
export type ResultShape =
  | { readonly kind: 'scalar' }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'argument'; readonly index: number }
  | { readonly kind: 'result'; readonly index: number }
  | { readonly kind: 'tuple'; readonly elements: readonly ResultShape[] };

export interface Lowered {
  readonly kernel: Kernel;
  readonly routines: readonly Routine[];
  /** Whether a loop in the source is to run on all threads for which the passes have to find out how. */
  readonly wantsThreads: boolean;
  /** Whether the last parameter is the key of the call's random numbers. */
  readonly hasKey: boolean;
  /** Whether it draws random numbers, from whatever generator. */
  readonly draws: boolean;
  readonly result: ResultShape;
  /** Of each argument, whether it is an array that is written. */
  readonly isWritten: readonly boolean[];
  /** Arrays that the caller has to make for the kernel: it is given their lengths behind the arguments, and their memory. */
  readonly results: readonly ResultArray[];
  /** The error of an array that cannot have the length that it is made with. */
  readonly lengthError: (node: Node, kind: string) => Error;
  /** What loops and checks are in the function's text. */
  readonly places: Places;
  /** The error that a failed check means. */
  readonly errorOf: (record: FailureRecord) => Error;
}

export interface LoweringOptions {
  readonly globals?: Globals;
  readonly fastMath?: boolean;
}

export const grammar = { expression, effect, statements, call };

/** @throws {UserError | UnsupportedError} JIT002 to JIT006, JIT008, JIT012, JIT017, with the place */
export function lowerFunction(
  source: FunctionSource,
  types: readonly ArgumentType[],
  { globals = new Globals(undefined), fastMath = false }: LoweringOptions = {},
): Lowered {
  const callee: Callee = {
    source,
    names: new Resolution(source),
    node: source.node,
    name: source.name,
  };
  const classOf = (type: ArgumentType): number =>
    typeof type === 'object' && 'aliasClass' in type ? type.aliasClass : -1;
  const aliasClass = Math.max(-1, ...types.map(classOf)) + 1;
  const kernel = new KernelCode(grammar, globals, { fastMath, aliasClass });
  const returned = new Returned();
  const body = new Body(kernel, callee, {
    foldsReturns: false,
    onReturn: (block, thing, node) => {
      refuseOwn(body, node as AnyNode, thing);
      returned.take(body, node, thing);
      block.end({ kind: 'return', operands: leavesOf(thing) });
    },
  });
  const block = new Block(new Map());
  const parameters: Value[] = [];
  const buffers: { buffer: Buffer; array: ArrayThing | NdArrayThing }[] = [];
  const keys = new Map<GeneratorThing, Value>();
  const things = types.map((type, index): Thing | undefined => {
    if (type === 'missing') return undefined;
    const name = parameterName(callee.node, index);
    if (typeof type !== 'string' && 'nd' in type) {
      const origin = { kind: 'argument', index } as const;
      const array = ndArrayOver(name, bufferNameOf(name, origin), type.nd, type.aliasClass, origin, parameters);
      buffers.push({ buffer: array.buffer, array });
      return array;
    }
    if (typeof type !== 'string' && 'generator' in type) {
      const known = kernel.generators[type.generator];
      if (known !== undefined) return known;
      const thing: GeneratorThing = { kind: 'generator', name };
      kernel.generators.push(thing);
      const key = new Value('i64', `${name}.key`);
      parameters.push(key);
      keys.set(thing, key);
      return thing;
    }
    if (typeof type !== 'string') {
      const length = new Value('i64', `${name}.length`);
      parameters.push(length);
      const array = arrayOver(name, type.of, length, type.aliasClass, { kind: 'argument', index }, type.twin ?? index);
      buffers.push({ buffer: array.buffer, array });
      return type.isLarge ? array : { ...array, length: modestLength(kernel, block, length) };
    }
    const parameter = new Value(scalarTypes[type], name);
    parameters.push(parameter);
    return type === 'whole' ? wholeNumber(kernel, block, parameter) : parameter;
  });
  const results = resultArraysOf(body, things);
  for (const [index, result] of results.entries()) {
    const { node } = result;
    const name = `result.${index}`;
    if ('nd' in result) {
      const origin = { kind: 'result', index } as const;
      const array = ndArrayOver(name, name, result.nd, kernel.newAliasClass(), origin, parameters);
      buffers.push({ buffer: array.buffer, array });
      kernel.resultArrays.set(node, array);
      continue;
    }
    const { of } = result;
    const length = new Value('i64', `${name}.length`);
    parameters.push(length);
    const array = arrayOver(name, of, length, kernel.newAliasClass(), { kind: 'result', index });
    buffers.push({ buffer: array.buffer, array });
    kernel.resultArrays.set(node, array);
  }
  for (const { buffer } of buffers) kernel.addBuffer(buffer);
  const drawn = drawnBy(kernel, callee, things, block.environment);
  const hasKey = drawn.includes(kernel.ownGenerator);
  if (hasKey) {
    const key = new Value('i64', 'key');
    parameters.push(key);
    keys.set(kernel.ownGenerator, key);
  }
  kernel.streams = new Map(
    drawn.map((generator) => {
      const stream = new Stream('g');
      const key = keys.get(generator)!;
      block.statements.push({ kind: 'stream', stream, key, ordinal: i64(0n), source: -1 });
      return [generator, stream];
    }),
  );
  const result = kernel.refusals.together((): Thing => {
    if (isRecursive(kernel, callee)) {
      const thing = callFunction(body, callee.node, callee, things, block);
      if (block.terminator === undefined) body.onReturn(block, thing, callee.node.body);
    } else {
      kernel.active.push(callee);
      giveParameters(body, things, block);
      lowerCode(body, block);
      fallOff(body, block, returned);
    }
    if (returned.thing !== undefined) return returned.thing;
    throw refuse(source, callee.node.body, 'JIT005', `${calledName(source.name)} never returns anything`, {
      note: 'it goes round a loop that nothing leaves, and a call of it would not come back',
      fix: 'leave the loop, and return a value',
    });
  });
  const region = block.region();
  const accessed = new Map(
    buffers.map(({ buffer }) => {
      const { isRead, isWritten } = kernel.accessOf(buffer);
      return [buffer, isWritten ? (isRead ? 'both' : 'write') : 'read'] as const;
    }),
  );
  for (const [buffer, access] of accessed) (buffer as { access: Buffer['access'] }).access = access;
  return {
    kernel: {
      name: /^[\w.]+$/.test(source.name) ? source.name : 'function',
      parameters,
      buffers: buffers.map(({ buffer }) => buffer),
      dimensions: [],
      reductions: [],
      results: leavesOf(result).map(({ type }) => type),
      body: region,
    },
    routines: [...kernel.routines.values()],
    wantsThreads: kernel.wantsThreads,
    hasKey,
    draws: drawn.length > 0,
    result: shapeOf(result),
    isWritten: things.map((thing) => thing !== undefined && isArrayThing(thing) && kernel.isWritten(thing.buffer)),
    results,
    places: kernel.places,
    lengthError: (node, kind) =>
      refuse(source, node, 'JIT016', `this ${kind} would have a length that no array can have`, {
        note: 'JavaScript would throw a RangeError here',
        fix: 'give a number of elements from 0 up that memory has room for',
      }),
    errorOf: (record) => errorOf(kernel, record),
  };
}

const scalarTypes = { number: 'f64', whole: 'i32', boolean: 'bool', bigint: 'i64' } as const;

function parameterName({ params }: FunctionNode, index: number): string {
  const parameter = params[index];
  const pattern = parameter?.type === 'AssignmentPattern' ? parameter.left : parameter;
  return pattern?.type === 'Identifier' ? pattern.name : `argument${index}`;
}

function arrayOver(
  name: string,
  of: ArrayKind,
  length: Operand,
  aliasClass: number,
  origin: ArrayThing['origin'],
  twin = 0,
): ArrayThing {
  const buffer: Buffer = {
    name: bufferNameOf(name, origin),
    storage: of.storage,
    shape: [length],
    strides: [i64(1n)],
    access: 'both',
    aliasClass,
  };
  return { kind: 'array', name, of, buffer, length, origin, twin };
}

/** Its place makes it the only one of its name, whatever characters of that the text form does not know. */
const bufferNameOf = (name: string, origin: ArrayThing['origin']): string =>
  /^[a-zA-Z]\w*$/.test(name) || origin.kind === 'result'
    ? name
    : `array.${origin.kind === 'argument' ? origin.index : 0}`;

/** The same of an array's length. */
const modestLength = (kernel: KernelCode, block: Block, length: Value): Operand =>
  kernel.pure(block, 'min', 'i64', [length, i64(largestWhole)], length.name);

/** Bounds that the argument keeps anyway, written down for the passes. */
function wholeNumber(kernel: KernelCode, block: Block, parameter: Value): Operand {
  const limit = (value: number): Constant => new Constant('i32', value);
  const below = kernel.pure(block, 'min', 'i32', [parameter, limit(largestWhole)], parameter.name);
  const inside = kernel.pure(block, 'max', 'i32', [below, limit(-largestWhole)], parameter.name);
  const integer = kernel.pure(block, 'extendS', 'i32', [inside], parameter.name);
  return kernel.fromWhole(block, integer, largestWhole, parameter.name);
}

function refuseOwn(body: Body, node: AnyNode, thing: Thing): void {
  if (isScalar(thing)) return;
  if (thing.kind === 'generator')
    throw refuseYet(body.source, node, 'returning a generator', 'return the numbers that it draws');
  if (thing.kind === 'tuple') return thing.elements.forEach((element) => refuseOwn(body, node, element));
  if (!isArrayThing(thing) || thing.origin.kind !== 'own') return;
  throw refuseYet(
    body.source,
    node,
    'returning an array that is made on one of several ways, or whose length is not known when the function is called,',
    'make it at the beginning of the function, with a length made of parameters; or give an array as an argument and fill it',
  );
}

function shapeOf(thing: Thing): ResultShape {
  if (isScalar(thing)) return { kind: 'scalar' };
  if (thing.kind === 'tuple') return { kind: 'tuple', elements: thing.elements.map(shapeOf) };
  if (isArrayThing(thing) && thing.origin.kind !== 'own') return thing.origin;
  return nothing;
}

export function errorOf(kernel: KernelCode, record: FailureRecord): Error {
  if (record.site !== recursionSite) return kernel.sites[record.site]!(record);
  const { callee, node, source } = kernel.recursive!;
  return refuse(source, node, 'JIT015', `${calledName(callee.name)} calls itself more than ${record.length} deep`, {
    note: 'the limit is the same on every thread; JavaScript has one too, where it throws a RangeError',
    fix: `write it as a loop, or so that each return gives what a call of ${callee.name} gives: such calls become a loop`,
  });
}
