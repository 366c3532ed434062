// What to say of code that is right in JavaScript and not in the language that is compiled: what it is called, and what to write instead.
// Nothing is decided here: whoever cannot lower a piece of syntax asks for the error.
import type { AnyNode } from 'acorn';
import { nearest } from '../base/nearest.js';
import type { Body } from './code.js';
import { spellingOf } from './globals.js';
import { refuseYet } from './refuse.js';
import { isScalar, nameOfThing } from './things.js';
import type { Thing } from './things.js';
import { propertyName, withArticle } from './walk.js';

type Words = readonly [what: string, fix: string];

const noText =
  'compiled code has numbers, booleans, bigints and typed arrays: make texts outside, of what the function returns';
const noFunction = 'give it a name by const or function, and call it by that name; a loop does what a callback would';
const asArray = 'make a typed array that is long enough, and count its elements: x[n++] = v';
const outside = 'do it outside, and give what comes of it as an argument';
const loops = 'write it with if, for and while';

const nodes: Readonly<Record<string, Words>> = {
  TemplateLiteral: ['a text', noText],
  TaggedTemplateExpression: ['a text', noText],
  ObjectExpression: ['an object', 'use a variable for each of its values, a tuple: [x, y], or a typed array'],
  ThisExpression: ['this', 'make what it holds a parameter, or give its value: globals: () => ({ rate })'],
  Super: ['super', 'make what it holds a parameter'],
  FunctionExpression: ['a function as a value', noFunction],
  ArrowFunctionExpression: ['a function as a value', noFunction],
  ClassExpression: ['a class', 'use functions, and a typed array for each field'],
  ClassDeclaration: ['a class', 'use functions, and a typed array for each field'],
  AwaitExpression: ['await', 'wait outside, and give what comes as an argument'],
  YieldExpression: ['yield', 'write the values to a typed array'],
  ImportExpression: ['import(…)', 'load it outside, and give what is needed: globals: () => ({ helper })'],
  ForInStatement: ['a for…in loop', 'count positions: for (let i = 0; i < x.length; i++)'],
  WithStatement: ['with', 'write the object before each name'],
  TryStatement: [
    'try',
    'return a value that says what happened, such as NaN: compiled code has no exceptions of its own',
  ],
  ThrowStatement: [
    'throw',
    'return a value that says what happened, such as NaN, and throw outside: compiled code has no exceptions of its own',
  ],
};

/** Names that JavaScript has everywhere and compiled code has not. */
const names: Readonly<Record<string, Words>> = {
  parseInt: ['parseInt, which reads text,', 'cut a number off with Math.trunc(x)'],
  parseFloat: ['parseFloat, which reads text,', 'its argument is a number already: leave it out'],
  eval: ['eval', 'write the code that it would run'],
  Function: ['code that is made of text', 'write the code that it would run'],
  String: ['a text', noText],
  Array: ['an ordinary array', `use a typed array: new Float64Array(n); where it grows, ${asArray}`],
  Object: ['an object', 'use a variable for each of its values, or a tuple: [x, y]'],
  Map: ['a Map', 'use a typed array, with keys as places'],
  Set: ['a Set', 'use a Uint8Array, with 1 at the places of what is in it'],
  Date: ['the time', 'take the time outside: timeit and compare do'],
  performance: ['the time', 'take the time outside: timeit and compare do'],
  console: ['printing', 'compiled code only computes: print what the function returns'],
  JSON: ['a text', noText],
  Promise: ['a promise', 'wait outside, and give what comes as an argument'],
  fetch: ['a request', outside],
  setTimeout: ['a timer', outside],
  crypto: ['crypto', 'draw by Math.random(), which compiled code takes from a generator that can be seeded'],
  Math: ['Math as a value', 'write its functions where they are called: Math.sqrt(x)'],
  globalThis: ['globalThis', 'write what it holds by its name: Math.sqrt(x)'],
  Symbol: ['a symbol', 'use numbers'],
  Intl: ['a text', noText],
  Atomics: ['Atomics', 'gather in a prange loop: s += x; what iterations share needs no lock'],
};

/** What a name of JavaScript stands for, and what to do instead. */
export const knownName = (name: string): Words | undefined => (Object.hasOwn(names, name) ? names[name] : undefined);

const headOf = (spelling: string | undefined): string => spelling?.split('.')[0] ?? '';

/** Of an expression or a statement of a kind that is not lowered at all. */
export function refuseKind(body: Body, node: AnyNode, otherwise = 'use numbers, booleans and their operators'): Error {
  if (node.type === 'MetaProperty')
    return refuseYet(body.source, node, `${node.meta.name}.${node.property.name}`, 'make what it tells a parameter');
  const [what, fix] = nodes[node.type] ?? [withArticle(node.type), node.type.endsWith('Statement') ? loops : otherwise];
  return refuseYet(body.source, node, what, fix);
}

/** Of a literal that is no number, boolean or bigint. */
export function refuseLiteral(body: Body, node: Extract<AnyNode, { type: 'Literal' }>): Error {
  const raw = node.raw ?? String(node.value);
  if (typeof node.value === 'string') return refuseYet(body.source, node, `the text ${raw}`, noText);
  if (raw === 'null')
    return refuseYet(body.source, node, 'null', 'use a number that cannot occur otherwise, such as NaN or -1');
  return refuseYet(body.source, node, `the regular expression ${raw}`, 'search texts outside, and give what is found');
}

const operators: Readonly<Record<string, string>> = {
  in: 'compare the position: i >= 0 && i < x.length',
  instanceof: 'the types of arguments are known when the function is called: write a function for each',
  typeof: 'the types of arguments are known when the function is called: write a function for each',
  delete: 'nothing here has properties that could be deleted',
};

export const refuseOperator = (body: Body, node: AnyNode, operator: string, fix = operators[operator]): Error =>
  refuseYet(body.source, node, `the operator ${operator}`, fix ?? 'use arithmetic, bits and comparisons');

/** A property of a thing that has it not, or not here. */
export function refuseProperty(body: Body, node: AnyNode, property: string | undefined, thing?: Thing): Error {
  if (property === undefined)
    return refuseYet(body.source, node, 'a property', 'use elements of typed arrays, as x[i]');
  const isMath = spellingOf(node) === `Math.${property}`;
  if (isMath && property in Math)
    return refuseYet(body.source, node, 'a function as a value', `call it: Math.${property}(x)`);
  const of = thing === undefined ? '' : ` of ${nameOfThing(thing)}`;
  const isNd = thing !== undefined && !isScalar(thing) && thing.kind === 'ndarray';
  const fix = isMath
    ? guess('Math.', property, Math)
    : isNd
      ? 'an array has a shape, a size and an ndim here, and elements: a.get(i, j)'
      : ((thing === undefined ? knownName(headOf(spellingOf(node)))?.[1] : undefined) ??
        'use elements of typed arrays, as x[i], and their length');
  return refuseYet(body.source, node, `the property ${property}${of}`, fix);
}

/** A function of Math that there is not, or that is not compiled. */
export const refuseMath = (body: Body, node: AnyNode, name: string): Error =>
  refuseYet(body.source, node, `Math.${name}`, guess('Math.', name, Math));

function guess(prefix: string, name: string, object: object): string {
  const near = nearest(name, Object.getOwnPropertyNames(object));
  return near === undefined || near === name
    ? `use another function of ${prefix.slice(0, -1)}`
    : `did you mean ${prefix}${near}?`;
}

const ofNdArrays = 'call it outside; here arrays have get and set: a.get(i, j), a.set(i, j, value)';
const overElements = 'write it as a loop over the elements: for (let i = 0; i < x.length; i++) …';
const ofArrays: Readonly<Record<string, string>> = {
  entries: 'count positions: for (let i = 0; i < x.length; i++)',
  keys: 'count positions: for (let i = 0; i < x.length; i++)',
  values: 'loop over the array itself: for (const v of x)',
  subarray:
    'give x.subarray(…) as an argument, or the places where it begins and ends, and count from one to the other',
  sort: 'sort outside, before or after',
  push: asArray,
  pop: asArray,
  join: noText,
  toString: noText,
};

function insteadOf(method: string, thing: Thing): string {
  if (isScalar(thing))
    return `${nameOfThing(thing)} has no methods here: do it outside, with what the function returns`;
  if (thing.kind === 'ndarray') return ofNdArrays;
  return Object.hasOwn(ofArrays, method) ? ofArrays[method]! : overElements;
}

/** A call of something that is not compiled: a method, or a function of the engine. */
export function refuseCall(body: Body, node: AnyNode, callee: AnyNode, thing: Thing | undefined): Error {
  const { source } = body;
  const spelling = spellingOf(callee);
  if (callee.type === 'MemberExpression' && thing !== undefined) {
    const name = propertyName(callee) ?? 'in brackets';
    return refuseYet(source, node, `the method ${name} of ${nameOfThing(thing)}`, insteadOf(name, thing));
  }
  if (spelling !== undefined && thing !== undefined)
    return refuseYet(source, node, `a call of ${spelling}, which is ${nameOfThing(thing)},`, noFunction);
  if (spelling !== undefined) {
    const [, fix = 'call it outside, and give what it returns as an argument'] = knownName(headOf(spelling)) ?? [];
    return refuseYet(source, node, `a call of ${spelling}`, fix);
  }
  if (callee.type === 'MemberExpression')
    return refuseYet(source, node, 'a call of a member in brackets', 'write its name: Math.sin(x)');
  return refuseYet(
    source,
    node,
    'this call',
    'call functions of Math and Number, and functions of your own: name those that stand outside, jit(f, { globals: () => ({ helper }) })',
  );
}

/** `new` of anything but a typed array. */
export function refuseNew(body: Body, node: Extract<AnyNode, { type: 'NewExpression' }>): Error {
  const name = spellingOf(node.callee);
  return refuseYet(
    body.source,
    node,
    name === undefined ? 'a new object' : `a new ${name}`,
    knownName(headOf(name))?.[1] ?? 'make typed arrays: new Float64Array(n)',
  );
}
