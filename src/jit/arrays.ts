// Elements of typed arrays: places checked and made integers, loads and stores with ECMAScript's conversions; arrays that a function makes
// for itself. A place is checked as one condition: it is a whole number, not below 0, and below the length; the passes prove what they can.
import type { AnyNode, Node } from 'acorn';
import { showValue } from '../base/show-value.js';
import { Constant, Value } from '../ir/nodes.js';
import type { Buffer, Operand } from '../ir/nodes.js';
import { storageTypes } from '../ir/types.js';
import type { ArrayKind } from './array-kinds.js';
import { bool, f64, i64 } from './code.js';
import type { Block, Body } from './code.js';
import { refuse } from './refuse.js';
import { both, check, toInt32, toNumber, toScalar, toSingle } from './scalars.js';
import { nameOfThing } from './things.js';
import type { ArrayThing, Thing } from './things.js';

const scratch = new DataView(new ArrayBuffer(8));
export const doubleOfBits = (bits: bigint): number => (scratch.setBigInt64(0, bits), scratch.getFloat64(0));

/** The i64 of an element's place, checked against the array's length. */
export function placeOf(body: Body, node: AnyNode, array: ArrayThing, block: Block, given?: Operand): Operand {
  const { kernel } = body;
  const index = given ?? toScalar(body, node, kernel.grammar.expression(body, node, block));
  if (index.type !== 'f64') {
    throw refuse(body.source, node, 'JIT012', `${nameOfThing(index)} cannot index an array`, {
      note: 'in JavaScript the element would be undefined',
      fix: index.type === 'i64' ? 'make it a number: x[Number(i)]' : 'give the position: a whole number from 0 up',
    });
  }
  if (index instanceof Constant && !(Number.isInteger(index.value) && Number(index.value) >= 0)) {
    throw refuse(body.source, node, 'JIT012', `${showValue(index.value)} cannot index an array`, {
      note: 'in JavaScript the element would be undefined',
      fix: 'give the position: a whole number from 0 up; the last element is x[x.length - 1]',
    });
  }
  const whole = kernel.wholeOf(block, index);
  let isIn: Operand = bool(true);
  if (whole === undefined) {
    const trunc = kernel.pure(block, 'trunc', 'f64', [index], 'whole');
    isIn = kernel.pure(block, 'eq', 'f64', [trunc, index], 'isWhole');
    isIn = both(kernel, block, isIn, kernel.pure(block, 'ge', 'f64', [index, f64(0)], 'isIn'));
    const length = kernel.fromWhole(block, array.length, 2 ** 48, 'length');
    isIn = both(kernel, block, isIn, kernel.pure(block, 'lt', 'f64', [index, length], 'isIn'));
  } else {
    const { integer } = whole;
    if (!(integer instanceof Constant)) isIn = kernel.pure(block, 'ge', 'i64', [integer, i64(0n)], 'isIn');
    isIn = both(kernel, block, isIn, kernel.pure(block, 'lt', 'i64', [integer, array.length], 'isIn'));
  }
  const site = kernel.site(({ index: bits, length }) => {
    const found = doubleOfBits(bits);
    const isWhole = Number.isInteger(found);
    return refuse(
      body.source,
      node,
      'JIT011',
      isWhole
        ? `${array.name}[${showValue(found)}] is outside of ${array.name}, which has ${Number(length) === 1 ? '1 element' : `${length} elements`}`
        : `${array.name}[${showValue(found)}] is no element of ${array.name}`,
      {
        note: 'in JavaScript the element would be undefined, and a store there would be lost',
        fix: isWhole
          ? `keep the position between 0 and ${array.name}.length - 1`
          : 'make the position a whole number, as Math.floor does',
      },
    );
  });
  kernel.places.accesses.set(site, { source: body.source, node, array: array.name });
  const bits =
    index instanceof Constant
      ? i64((scratch.setFloat64(0, Number(index.value)), scratch.getBigInt64(0)))
      : kernel.pure(block, 'bitsOfF64', 'f64', [index], 'position');
  check(block, isIn, site, { index: bits, length: array.length });
  return whole?.integer ?? kernel.pure(block, 'truncI64', 'f64', [index], 'place');
}

/** An element as JavaScript has it: a number, or a bigint. With `isWrapped` a bigint of 64 bits without sign may come as its bits. */
export function loadElement(
  body: Body,
  node: Node,
  array: ArrayThing,
  place: Operand,
  block: Block,
  isWrapped = false,
): Operand {
  const { kernel } = body;
  const { storage } = array.of;
  kernel.noteAccess(array, 'isRead');
  kernel.accesses?.push({ kind: 'load', array, places: [place], node, source: body.source });
  const result = new Value(storageTypes[storage].value, array.name);
  block.statements.push({ kind: 'load', buffer: array.buffer, index: [place], mask: undefined, result, source: -1 });
  switch (storage) {
    case 'f64':
    case 'i64':
      return result;
    case 'u64': {
      if (isWrapped) return result;
      const isSmall = kernel.pure(block, 'ge', 'i64', [result, i64(0n)], 'isSmall');
      const site = kernel.site(({ index }) =>
        refuse(body.source, node, 'JIT014', `${BigInt.asUintN(64, index)}n is too large a bigint`, {
          note: 'bigints in compiled code lie between -(2n ** 63n) and 2n ** 63n - 1n',
          fix: 'use it inside BigInt.asUintN(64, …) or in a store to a BigUint64Array, where 64 bits are enough',
        }),
      );
      check(block, isSmall, site, { index: result });
      return result;
    }
    case 'f32':
      return kernel.pure(block, 'toF64', 'f32', [result], array.name);
    case 'u32':
      return kernel.fromWhole(block, result, 2 ** 32, array.name);
    case 'bool':
    default:
      return kernel.pure(block, 'toF64', 'i32', [result], array.name);
  }
}

/** The scalar that an array of that kind stores for a number or a bigint. */
export function storedOf(body: Body, node: Node, of: ArrayKind, thing: Thing, block: Block): Operand {
  const { kernel } = body;
  if (of.isBig) {
    const operand = toScalar(body, node, thing);
    if (operand.type === 'i64') return operand;
    throw refuse(body.source, node, 'JIT006', `a ${of.name} cannot hold ${nameOfThing(operand)}`, {
      note: 'JavaScript would throw a TypeError here',
      fix: 'store a bigint: BigInt(x)',
    });
  }
  const number = toNumber(body, node, block, thing);
  switch (of.storage) {
    case 'f64':
      return number;
    case 'f32':
      return toSingle(kernel, block, number);
    case 'u8c': {
      const low = kernel.pure(block, 'max', 'f64', [number, f64(0)], 'clamped');
      const clamped = kernel.pure(block, 'min', 'f64', [low, f64(255)], 'clamped');
      const nearest = kernel.pure(block, 'nearest', 'f64', [clamped], 'clamped');
      return toInt32(kernel, block, nearest);
    }
    case 'u32':
      return kernel.pure(block, 'extendU', 'i32', [toInt32(kernel, block, number)], 'bits');
    default:
      return toInt32(kernel, block, number);
  }
}

export function storeElement(
  body: Body,
  node: Node,
  array: ArrayThing,
  place: Operand,
  value: Operand,
  block: Block,
): void {
  body.kernel.noteAccess(array, 'isWritten');
  body.kernel.accesses?.push({ kind: 'store', array, places: [place], node, source: body.source });
  block.statements.push({ kind: 'store', buffer: array.buffer, index: [place], value, mask: undefined, source: -1 });
}

/** An array of the function's own: so many zeros. */
export function allocate(body: Body, of: ArrayKind, length: Operand, name: string, block: Block): ArrayThing {
  const { kernel } = body;
  const aliasClass = kernel.newAliasClass();
  const buffer: Buffer = {
    name: `own.${aliasClass}`,
    storage: of.storage,
    shape: [length],
    strides: [i64(1n)],
    access: 'both',
    aliasClass,
  };
  if (kernel.accesses !== undefined) kernel.madeInside.add(buffer);
  kernel.made.push(buffer);
  block.statements.push({ kind: 'allocate', buffer, source: -1 });
  return { kind: 'array', name, of, buffer, length, origin: { kind: 'own' }, twin: 0 };
}
