// A function of numbers, booleans and bigints → code for one element: what `vectorize` makes array functions of. Where arrays are typed arrays,
// a parallel loop around that code is the whole kernel; where they are arrays of another room, the code goes there, and is written out
// among the operations that it meets.
import type { AnyNode } from 'acorn';
import { Constant, Value } from '../ir/nodes.js';
import type { Buffer, Kernel, Operand, Region, Routine, Statement } from '../ir/nodes.js';
import type { StorageType } from '../ir/types.js';
import { mapRegions, regionsOf } from '../ir/walk.js';
import { recursionSite } from '../runtime/check-failure.js';
import type { FailureRecord } from '../runtime/check-failure.js';
import type { ArrayKind } from './array-kinds.js';
import { loadElement, storedOf, storeElement } from './arrays.js';
import { Block, Body, i64, KernelCode } from './code.js';
import type { Callee, Environment } from './code.js';
import { forOf } from './counted-loops.js';
import { callFunction } from './functions.js';
import { drawAt, drawnBy } from './generators.js';
import type { Globals } from './globals.js';
import { errorOf, grammar } from './lower.js';
import type { FunctionSource } from './parse.js';
import { calledName, refuse, refuseYet } from './refuse.js';
import { Resolution } from './resolve.js';
import { isScalar, nameOfThing, nothing } from './things.js';
import type { ArrayThing, Thing } from './things.js';
import { someNode } from './walk.js';

/** What an argument is for each element. */
export type ElementKind = 'number' | 'boolean' | 'bigint';

export const valueTypeOf = { number: 'f64', boolean: 'bool', bigint: 'i64' } as const;
const kindOfType: Readonly<Record<string, ElementKind>> = { f64: 'number', bool: 'boolean', i64: 'bigint' };

export interface ElementCode {
  readonly name: string;
  readonly parameters: readonly Value[];
  readonly statements: readonly Statement[];
  /** The element that it gives: f64 for a number, bool for a boolean, i64 for a bigint. */
  readonly result: Operand;
  /** What the statements call, and what that calls. */
  readonly routines: readonly Routine[];
  /** Its checks have numbers that no other code's have: so many from here on. */
  readonly firstSite: number;
  readonly siteCount: number;
  readonly errorOf: (record: FailureRecord) => Error;
}

interface Lowering {
  readonly kernel: KernelCode;
  readonly body: Body;
}

function begin(source: FunctionSource, globals: Globals, aliasClass: number): Lowering {
  const callee: Callee = { source, names: new Resolution(source), node: source.node, name: source.name };
  const kernel = new KernelCode(grammar, globals, { fastMath: false, aliasClass });
  // The function is written out, or called, as any other would be.
  const body = new Body(kernel, callee, { foldsReturns: false, onReturn: () => {} });
  refuseDraws(body);
  return { kernel, body };
}

function refuseDraws(body: Body): void {
  const { callee, kernel, source } = body;
  const code = callee.node.body;
  const environment: Environment = new Map();
  if (drawnBy(kernel, callee, [], environment).length === 0) return;
  let place: AnyNode = code;
  someNode(code, (node) => {
    if (drawAt(body, node, environment) !== undefined) place = node;
    return place === node;
  });
  throw refuseYet(
    source,
    place,
    'a draw for each element',
    'give the random numbers as one more argument: f(x, u), with u = random.uniform(0, 1, x.shape)',
  );
}

/** The function's code for one element; what it gives is a scalar. */
function element({ body }: Lowering, things: readonly Thing[], block: Block): Operand {
  const { callee, kernel, source } = body;
  return kernel.refusals.together((): Operand => {
    const thing = callFunction(body, callee.node, callee, things, block);
    if (block.terminator !== undefined || thing === nothing)
      throw refuse(source, callee.node.body, 'JIT005', `${calledName(callee.name)} returns nothing`, {
        note: 'a function of elements gives one for each',
        fix: 'return a number, a boolean or a bigint',
      });
    if (isScalar(thing)) return thing;
    throw refuseYet(
      source,
      callee.node.body,
      `${nameOfThing(thing)} for each element`,
      'vectorize one function for each number that is wanted',
    );
  });
}

/** @throws {UserError | UnsupportedError} what `jit` throws; JIT002 for draws, and for memory of the function's own */
export function lowerElement(source: FunctionSource, kinds: readonly ElementKind[], globals: Globals): ElementCode {
  const lowering = begin(source, globals, 0);
  const { kernel, body } = lowering;
  const parameters = kinds.map((kind, index) => new Value(valueTypeOf[kind], `argument${index}`));
  const block = new Block(new Map());
  const result = element(lowering, parameters, block);
  if (allocates(block.statements)) {
    throw refuseYet(
      source,
      body.callee.node.body,
      'an array for each element',
      'use variables, or a tuple that is taken apart',
    );
  }
  const firstSite = nextSite;
  const siteCount = kernel.sites.length;
  nextSite += siteCount;
  const { statements, routines } = apart(block.statements, [...kernel.routines.values()], firstSite);
  return {
    name: source.name,
    parameters,
    statements,
    result,
    routines,
    firstSite,
    siteCount,
    errorOf: (record) =>
      errorOf(kernel, record.site === recursionSite ? record : { ...record, site: record.site - firstSite }),
  };
}

/** Kernels that take up the code of functions number their own checks from 0 up, and have few. */
let nextSite = 2 ** 16;

/** The same with numbers of checks, and names of functions that call themselves, which no other code has. */
function apart(statements: readonly Statement[], routines: readonly Routine[], firstSite: number) {
  // Those of Math are the same wherever they are called.
  const nameOf = (name: string): string => (/\.\d+$/.test(name) ? `${name}.at${firstSite}` : name);
  const rewrite = (statement: Statement): Statement => {
    const inner = mapRegions(statement, rewriteRegion);
    if (inner.kind === 'check') return { ...inner, site: inner.site + firstSite };
    return inner.kind === 'call' ? { ...inner, callee: nameOf(inner.callee) } : inner;
  };
  const rewriteRegion = (region: Region): Region => ({ ...region, statements: region.statements.map(rewrite) });
  return {
    statements: statements.map(rewrite),
    routines: routines.map((routine): Routine =>
      nameOf(routine.name) === routine.name
        ? routine
        : { ...routine, name: nameOf(routine.name), body: rewriteRegion(routine.body) },
    ),
  };
}

const allocates = (statements: readonly Statement[]): boolean =>
  statements.some(
    (statement) => statement.kind === 'allocate' || regionsOf(statement).some((region) => allocates(region.statements)),
  );

/** An argument of a call with typed arrays: one of them, or the same scalar for all elements. */
export type ElementArgument = ElementKind | { readonly of: ArrayKind; readonly aliasClass: number };

export interface LoweredElementWise {
  /** Its parameters are the length, then the scalars; its buffers the arrays in their order, then what is written. */
  readonly kernel: Kernel;
  readonly routines: readonly Routine[];
  readonly result: ElementKind;
  readonly errorOf: (record: FailureRecord) => Error;
}

/** What elements without an array of their own to go to are stored as. */
const storedAs: Readonly<Record<ElementKind, StorageType>> = { number: 'f64', boolean: 'u8', bigint: 'i64' };

/** A kernel that gives each element of the result; `out` is the array that they go to, if that is there already. */
export function lowerElementWise(
  source: FunctionSource,
  types: readonly ElementArgument[],
  globals: Globals,
  out: Exclude<ElementArgument, ElementKind> | undefined,
): LoweredElementWise {
  const classes = types.map((type) => (typeof type === 'string' ? -1 : type.aliasClass));
  const lowering = begin(source, globals, Math.max(-1, out?.aliasClass ?? -1, ...classes) + 1);
  const { kernel, body } = lowering;
  const length = new Value('i64', 'length');
  const parameters: Value[] = [length];
  const arrayAt = (name: string, of: ArrayKind, aliasClass: number, access: Buffer['access']): ArrayThing => {
    const buffer: Buffer = {
      name,
      storage: of.storage,
      shape: [length],
      strides: [i64(1n)],
      access,
      aliasClass,
    };
    return { kind: 'array', name, of, buffer, length, origin: { kind: 'own' }, twin: 0 };
  };
  const operands = types.map((type, index): Value | ArrayThing => {
    if (typeof type !== 'string') return arrayAt(`array${index}`, type.of, type.aliasClass, 'read');
    const value = new Value(valueTypeOf[type], `argument${index}`);
    parameters.push(value);
    return value;
  });
  const index = new Value('i64', 'index');
  const inner = new Block(new Map());
  const { node } = body.callee;
  const things = operands.map((each) => (each instanceof Value ? each : loadElement(body, node, each, index, inner)));
  const value = element(lowering, things, inner);
  const result = kindOfType[value.type]!;
  const fresh: ArrayKind = { name: '', storage: storedAs[result], bytes: 8, isBig: result === 'bigint', signature: '' };
  const target = arrayAt('result', out?.of ?? fresh, out?.aliasClass ?? kernel.newAliasClass(), 'write');
  const plain = value.type === 'bool' && value instanceof Constant ? new Constant('f64', Number(value.value)) : value;
  storeElement(body, node, target, index, storedOf(body, node, target.of, plain, inner), inner);
  inner.end({ kind: 'yield', operands: [] });
  const parts = { label: kernel.newLabel(), index, count: length, carried: [], owned: [], results: [] };
  const loop = forOf({ ...parts, body: inner.region(), source: -1 }, [], true);
  return {
    kernel: {
      name: /^[\w.]+$/.test(source.name) ? source.name : 'function',
      parameters,
      buffers: [...operands.flatMap((each) => (each instanceof Value ? [] : [each.buffer])), target.buffer],
      dimensions: [],
      reductions: [],
      results: [],
      body: { statements: [loop], terminator: { kind: 'return', operands: [] } },
    },
    routines: [...kernel.routines.values()],
    result,
    errorOf: (record) => errorOf(kernel, record),
  };
}
