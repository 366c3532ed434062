// `new Float64Array(…)` → an array of the function's own: of a length, of the elements of a tuple, or of those of another array.
import type { AnyNode } from 'acorn';
import { Constant } from '../ir/nodes.js';
import type { Operand } from '../ir/nodes.js';
import { copyOf } from './array-methods.js';
import type { ArrayKind } from './array-kinds.js';
import { allocate, storedOf, storeElement } from './arrays.js';
import { f64, i64 } from './code.js';
import type { Block, Body } from './code.js';
import { refuse, refuseYet } from './refuse.js';
import { both, check, toNumber } from './scalars.js';
import { isScalar, nameOfThing } from './things.js';
import type { ArrayThing, Thing } from './things.js';

/** `new Float64Array(n)`, `new Float64Array([1, 2])`, `new Float64Array(other)`. */
export function newArray(body: Body, node: AnyNode, of: ArrayKind, given: readonly AnyNode[], block: Block): Thing {
  const { kernel, source } = body;
  const ready = kernel.resultArrays.get(node) as ArrayThing | undefined;
  if (given.length > 1)
    throw refuseYet(source, node, 'an array over a buffer of its own', 'make a new array: new Float64Array(n)');
  const [argument] = given;
  const thing = argument === undefined ? f64(0) : kernel.grammar.expression(body, argument, block);
  if (isScalar(thing))
    return ready ?? allocate(body, of, lengthOf(body, argument ?? node, thing, block), 'array', block);
  if (thing.kind === 'tuple') return arrayOfTuple(body, argument!, of, thing.elements, block, ready);
  if (thing.kind === 'array')
    return copyOf(body, node, thing, of, (length) => ready ?? allocate(body, of, length, 'array', block), block);
  throw refuseYet(
    source,
    node,
    `a new array of ${nameOfThing(thing)}`,
    'make it of a length, new Float64Array(x.length), and copy the elements in a loop',
  );
}

/** A new array, or one that is there already, with the elements of a tuple. */
export function arrayOfTuple(
  body: Body,
  node: AnyNode,
  of: ArrayKind,
  elements: readonly Thing[],
  block: Block,
  ready?: ArrayThing,
): ArrayThing {
  const array = ready ?? allocate(body, of, i64(elements.length), 'array', block);
  for (const [index, element] of elements.entries())
    storeElement(body, node, array, i64(index), storedOf(body, node, of, element, block), block);
  return array;
}

/** ECMAScript's ToIndex: what a new array makes of the number of its elements; refused where JavaScript throws a RangeError. */
function lengthOf(body: Body, node: AnyNode, thing: Thing, block: Block): Operand {
  const { kernel } = body;
  const number = toNumber(body, node, block, thing);
  const whole = kernel.wholeOf(block, number);
  const length = whole?.integer ?? kernel.pure(block, 'truncI64', 'f64', [number], 'length');
  const isNone = (found: bigint): Error =>
    refuse(body.source, node, 'JIT016', `an array cannot have ${found} elements`, {
      note: 'JavaScript would throw a RangeError here',
      fix: 'give a number of elements from 0 up that memory has room for',
    });
  if (length instanceof Constant) {
    if ((length.value as bigint) < 0n) throw isNone(length.value as bigint);
    return length;
  }
  const isLength = both(
    kernel,
    block,
    kernel.pure(block, 'ge', 'i64', [length, i64(0n)], 'isLength'),
    kernel.pure(block, 'le', 'i64', [length, i64(2n ** 32n)], 'isLength'),
  );
  check(
    block,
    isLength,
    kernel.site(({ index }) => isNone(index)),
    { index: length },
  );
  return length;
}
