// Methods of typed arrays that are loops over elements: `x.fill(v)`, `x.set(y)`, `x.slice()`, and arrays made of others, `new Float64Array(y)`. Each
// is written as the loop that it is, so that passes treat it like any other. Where arrays overlap it goes the way that JavaScript's result asks for.
import type { AnyNode, Node } from 'acorn';
import { Value } from '../ir/nodes.js';
import type { Operand } from '../ir/nodes.js';
import { loadElement, placeOf, storedOf, storeElement } from './arrays.js';
import type { ArrayKind } from './array-kinds.js';
import { Block, f64, i64 } from './code.js';
import type { Body } from './code.js';
import { refuse, refuseYet } from './refuse.js';
import { check, toNumber } from './scalars.js';
import { isScalar, nameOfThing, nothing } from './things.js';
import type { ArrayThing, Thing } from './things.js';
import { propertyName } from './walk.js';

type Call = Extract<AnyNode, { type: 'CallExpression' }>;

/** A loop over places 0 … count − 1. */
function eachPlace(body: Body, block: Block, count: Operand, write: (inner: Block, place: Value) => void): void {
  const index = new Value('i64', 'place');
  const inner = new Block(block.environment);
  write(inner, index);
  inner.end({ kind: 'yield', operands: [] });
  block.statements.push({
    kind: 'for',
    label: body.kernel.newLabel(),
    index,
    start: i64(0n),
    step: 1,
    count,
    carried: [],
    owned: [],
    isParallel: false,
    reductions: [],
    results: [],
    body: inner.region(),
    source: -1,
  });
}

/** Elements of one array into another that is as long, or longer, and does not overlap it. */
export function copyElements(body: Body, node: Node, from: ArrayThing, into: ArrayThing, block: Block): void {
  if (from.of.isBig !== into.of.isBig)
    throw refuse(body.source, node, 'JIT006', `a ${into.of.name} cannot hold the elements of a ${from.of.name}`, {
      note: 'JavaScript would throw a TypeError here',
      fix: 'convert them one by one: BigInt(v), or Number(v)',
    });
  eachPlace(body, block, from.length, (inner, place) => {
    const element = loadElement(body, node, from, place, inner, true);
    storeElement(body, node, into, place, storedOf(body, node, into.of, element, inner), inner);
  });
}

/** A new array with the elements of another. */
export function copyOf(
  body: Body,
  node: Node,
  from: ArrayThing,
  of: ArrayKind,
  make: (length: Operand) => ArrayThing,
  block: Block,
): ArrayThing {
  const into = make(from.length);
  copyElements(body, node, from, into, block);
  return { ...into, of };
}

/** What a call of an array's method gives; undefined where that is none that we have. */
export function arrayMethod(
  body: Body,
  node: Call,
  given: readonly AnyNode[],
  make: (of: ArrayKind, length: Operand) => ArrayThing,
  block: Block,
): Thing | undefined {
  const { source, kernel } = body;
  const { callee } = node;
  const method = propertyName(callee);
  if (callee.type !== 'MemberExpression' || method === undefined) return undefined;
  const { object } = callee;
  const isReadable =
    object.type === 'Identifier'
      ? body.names.declarationOf(object) !== undefined
      : ['CallExpression', 'NewExpression', 'ParenthesizedExpression', 'ArrayExpression'].includes(object.type);
  if (!isReadable || object.type === 'Super' || !Object.hasOwn(fixes, method)) return undefined;
  const fix = fixes[method]!;
  const array = kernel.grammar.expression(body, object, block);
  if (isScalar(array) || array.kind !== 'array') return undefined;
  const [first] = given;
  switch (method) {
    case 'fill': {
      if (first === undefined || given.length > 1) throw refuseYet(source, node, 'filling a part of an array', fix);
      const value = storedOf(body, first, array.of, kernel.grammar.expression(body, first, block), block);
      eachPlace(body, block, array.length, (inner, place) => storeElement(body, node, array, place, value, inner));
      return array;
    }
    case 'set': {
      if (first === undefined || given.length > 1) throw refuseYet(source, node, 'setting from a place on', fix);
      const other = kernel.grammar.expression(body, first, block);
      if (isScalar(other) || other.kind !== 'array')
        throw refuseYet(source, first, `setting elements from ${nameOfThing(other)}`, fix);
      if (other.buffer === array.buffer) return nothing;
      if (other.buffer.aliasClass === array.buffer.aliasClass)
        throw refuseYet(source, node, 'setting elements of an array that overlaps', fix);
      const site = kernel.site(({ index, length }) =>
        refuse(source, node, 'JIT011', `${array.name} has ${length} elements, and is set to ${index}`, {
          note: 'JavaScript would throw a RangeError here',
          fix: `make ${array.name} as long as what it is set to`,
        }),
      );
      const fits = kernel.pure(block, 'le', 'i64', [other.length, array.length], 'fits');
      check(block, fits, site, { index: other.length, length: array.length });
      copyElements(body, node, other, array, block);
      return nothing;
    }
    case 'slice':
      if (given.length > 0) throw refuseYet(source, node, 'a part of an array', fix);
      return copyOf(body, node, array, array.of, (length) => make(array.of, length), block);
    default:
      return at(body, node, array, given, block);
  }
}

/** `x.at(i)`: below 0 it counts from the end. */
function at(body: Body, node: Call, array: ArrayThing, given: readonly AnyNode[], block: Block): Operand {
  const { kernel, source } = body;
  const [first] = given;
  if (first === undefined) throw refuseYet(source, node, 'at without a place', 'write x.at(-1)');
  const number = toNumber(body, first, block, kernel.grammar.expression(body, first, block));
  const length = kernel.fromWhole(block, array.length, 2 ** 48, 'length');
  const whole = kernel.wholeOf(block, number);
  let position: Operand;
  if (whole !== undefined) {
    const isBack = kernel.pure(block, 'lt', 'i64', [whole.integer, i64(0n)], 'isBack');
    const by = kernel.pure(block, 'select', 'i64', [isBack, array.length, i64(0n)], 'by');
    const integer = kernel.pure(block, 'add', 'i64', [whole.integer, by], 'place');
    position = kernel.fromWhole(block, integer, 2 ** 49 + whole.bound, 'place');
  } else {
    // The place is cut off to a whole number, and NaN to 0.
    const cut = kernel.pure(block, 'trunc', 'f64', [number], 'place');
    const isNumber = kernel.pure(block, 'eq', 'f64', [number, number], 'isNumber');
    const known = kernel.pure(block, 'select', 'f64', [isNumber, cut, f64(0)], 'place');
    const isBack = kernel.pure(block, 'lt', 'f64', [known, f64(0)], 'isBack');
    const back = kernel.pure(block, 'add', 'f64', [known, length], 'place');
    position = kernel.pure(block, 'select', 'f64', [isBack, back, known], 'place');
  }
  return loadElement(body, node, array, placeOf(body, first, array, block, position), block);
}

/** What to do instead of the forms of these methods that are not here. */
const fixes: Readonly<Record<string, string>> = {
  fill: 'fill all of it, or write the loop: for (let i = a; i < b; i++) x[i] = v',
  set: 'write the loop: for (let i = 0; i < y.length; i++) x[k + i] = y[i]',
  slice: 'make a new array, and copy the elements in a loop',
  at: 'write x.at(-1)',
};
