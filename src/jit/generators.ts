// Which generators a piece of code draws from, calls followed: the call's own, by Math.random and the module-level `random`, and those that are
// arguments. Decided on the syntax tree and on what its names mean (docs/random.md, 5 and 7): a generator is known through parameters and through
// names that are given one once; whatever else hands one on is refused where it draws, so that nothing draws unseen.
import type { AnyNode, Node } from 'acorn';
import { isRandomStream, keyStream, sharedStream } from '../random/keys.js';
import type { Body, Callee, Environment, KernelCode } from './code.js';
import { calleeOf, mathCall } from './effects.js';
import { spellingOf } from './globals.js';
import type { Declaration, FunctionNode, Resolution } from './resolve.js';
import { isScalar } from './things.js';
import type { GeneratorThing, Thing } from './things.js';
import { bare, childrenOf, isFunction, propertyName } from './walk.js';

/** What a generator gives one at a time. */
export const drawMethods = ['random', 'uniform', 'normal', 'exponential', 'integers'] as const;
export type DrawMethod = (typeof drawMethods)[number];

export const isGenerator = (thing: Thing | undefined): thing is GeneratorThing =>
  thing !== undefined && !isScalar(thing) && thing.kind === 'generator';

/** The generators that parameters stand for. */
type Given = ReadonlyMap<Declaration, GeneratorThing>;
type Within = Pick<Body, 'kernel' | 'callee'>;

function givenBy({ kernel }: Within, environment: Environment): Given {
  const given = new Map<Declaration, GeneratorThing>();
  if (kernel.generators.length > 0)
    for (const [declaration, thing] of environment) if (isGenerator(thing)) given.set(declaration, thing);
  return given;
}

const isPlainParameter = (names: Resolution, declaration: Declaration): boolean =>
  (declaration.within as FunctionNode).params.some(
    (each) => names.declarationOf(each.type === 'AssignmentPattern' ? each.left : each) === declaration,
  );

/** The generator that an expression always stands for, as its text tells. */
function generatorOf(node: AnyNode, within: Within, given: Given): GeneratorThing | undefined {
  const { names } = within.callee;
  if (isModuleRandom(within, node)) return within.kernel.ownGenerator;
  const declaration = names.declarationOf(bare(node));
  if (declaration === undefined || names.isAssigned(declaration)) return undefined;
  if (declaration.kind === 'parameter')
    return isPlainParameter(names, declaration) ? given.get(declaration) : undefined;
  const initial = names.initialOf(declaration);
  return initial && generatorOf(initial, within, given);
}

/** Whether an expression is the module-level `random`: by its name, as a member of a module, or as a value that globals give. */
export function isModuleRandom({ kernel, callee: { names } }: Within, node: AnyNode): boolean {
  const inner = bare(node);
  if (names.declarationOf(inner) !== undefined) return false;
  const spelling = spellingOf(inner);
  if (spelling === undefined) return false;
  if (kernel.globals.has(spelling)) {
    const value = kernel.globals.valueOf(spelling);
    return isRandomStream(value) && value[keyStream] === sharedStream();
  }
  if (inner.type === 'Identifier') return inner.name === 'random';
  return (
    inner.type === 'MemberExpression' &&
    inner.object.type === 'Identifier' &&
    inner.object.name !== 'Math' &&
    propertyName(inner) === 'random' &&
    names.declarationOf(inner.object) === undefined
  );
}

export interface Drawing {
  readonly generator: GeneratorThing;
  readonly method: DrawMethod;
}

function drawingOf(node: AnyNode, within: Within, given: Given): Drawing | undefined {
  if (node.type !== 'CallExpression') return undefined;
  if (mathCall(within, node) === 'random') return { generator: within.kernel.ownGenerator, method: 'random' };
  const called = bare(node.callee);
  const property = propertyName(called);
  const method = drawMethods.find((name) => name === property);
  if (method === undefined || called.type !== 'MemberExpression') return undefined;
  const generator = generatorOf(called.object, within, given);
  return generator && { generator, method };
}

/** What a call draws, and from which generator; undefined for one that is no draw, or does not tell from which. */
export const drawAt = (body: Within, node: AnyNode, environment: Environment): Drawing | undefined =>
  drawingOf(node, body, givenBy(body, environment));

interface Seen {
  readonly node: Node;
  readonly given: Given;
}

const isSameGiven = (a: Given, b: Given): boolean =>
  a.size === b.size && [...a].every(([declaration, generator]) => b.get(declaration) === generator);

function collect(code: Node, within: Within, given: Given, found: Set<GeneratorThing>, seen: Seen[]): void {
  const node = code as AnyNode;
  const drawing = drawingOf(node, within, given);
  if (drawing !== undefined) found.add(drawing.generator);
  for (const child of childrenOf(node)) if (!isFunction(child)) collect(child, within, given, found, seen);
  const callee = node.type === 'CallExpression' ? calleeOf(within, node) : undefined;
  if (node.type !== 'CallExpression' || callee === undefined) return;
  const inside = { kernel: within.kernel, callee };
  const handed = new Map(given);
  for (const [index, parameter] of callee.node.params.entries()) {
    const hasDefault = parameter.type === 'AssignmentPattern';
    const declaration = callee.names.declarationOf(hasDefault ? parameter.left : parameter);
    const argument = node.arguments[index] as AnyNode | undefined;
    if (declaration === undefined) continue;
    handed.delete(declaration);
    const generator =
      argument !== undefined
        ? generatorOf(argument, within, given)
        : hasDefault
          ? generatorOf(parameter.right, inside, handed)
          : undefined;
    if (generator !== undefined) handed.set(declaration, generator);
  }
  if (seen.some((one) => one.node === callee.node && isSameGiven(one.given, handed))) return;
  seen.push({ node: callee.node, given: handed });
  collectFunction(inside, handed, found, seen);
}

function collectFunction(within: Within, given: Given, found: Set<GeneratorThing>, seen: Seen[]): void {
  const { body, params } = within.callee.node;
  // Defaults are looked at whether they are needed or not: which ones are would depend on each call.
  for (const parameter of params)
    if (parameter.type === 'AssignmentPattern') collect(parameter.right, within, given, found, seen);
  collect(body, within, given, found, seen);
}

/** The generators that the code draws from, in order of first appearance. */
export function drawnIn(within: Within, code: Node, environment: Environment): GeneratorThing[] {
  const found = new Set<GeneratorThing>();
  collect(code, within, givenBy(within, environment), found, []);
  return [...found];
}

/** The same of a function that is called with these things. */
export function drawnBy(
  kernel: KernelCode,
  callee: Callee,
  things: readonly (Thing | undefined)[],
  environment: Environment,
): GeneratorThing[] {
  const given = new Map(givenBy({ kernel, callee }, environment));
  for (const [index, parameter] of callee.node.params.entries()) {
    const declaration = callee.names.declarationOf(parameter.type === 'AssignmentPattern' ? parameter.left : parameter);
    const thing = things[index];
    if (declaration === undefined) continue;
    given.delete(declaration);
    if (isGenerator(thing)) given.set(declaration, thing);
  }
  const found = new Set<GeneratorThing>();
  collectFunction({ kernel, callee }, given, found, []);
  return [...found];
}
