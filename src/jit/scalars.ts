// Conversions between scalars that any part of the front end needs, and those that typed-array stores make (docs/numerics.md, 12).
import type { Node } from 'acorn';
import { Constant, Value } from '../ir/nodes.js';
import type { Operand } from '../ir/nodes.js';
import { bool, f64, i64 } from './code.js';
import type { Block, Body, KernelCode } from './code.js';
import { refuse, refuseYet } from './refuse.js';
import { isScalar, nameOfThing } from './things.js';
import type { Thing } from './things.js';

/** A scalar, or a refusal. */
export function toScalar(body: Body, node: Node, thing: Thing): Operand {
  if (isScalar(thing)) return thing;
  throw refuseYet(
    body.source,
    node,
    `${nameOfThing(thing)} in the place of a number`,
    thing.kind === 'array'
      ? 'use an element of it, or its length'
      : thing.kind === 'generator'
        ? 'draw a number from it: rng.uniform(-1, 1)'
        : thing.kind === 'ndarray'
          ? 'use an element of it: a.get(i, j)'
          : 'use one of its elements',
  );
}

/** ECMAScript's ToNumber, of numbers and booleans. */
export function toNumber(body: Body, node: Node, block: Block, thing: Thing): Operand {
  const operand = toScalar(body, node, thing);
  if (operand.type === 'f64') return operand;
  if (operand.type === 'i64')
    throw refuse(body.source, node, 'JIT006', 'this is a bigint, where a number is needed', {
      note: 'JavaScript would throw a TypeError here',
      fix: 'convert it: Number(x), or write the numbers beside it as bigints: 2n',
    });
  if (operand instanceof Constant) return f64(Number(operand.value));
  return body.kernel.pure(block, 'toF64', 'bool', [operand], 'number');
}

/** ECMAScript's ToBoolean: of numbers, 0, −0 and NaN are false. */
export function toBoolean(body: Body, node: Node, block: Block, thing: Thing): Operand {
  const operand = toScalar(body, node, thing);
  if (operand.type === 'bool') return operand;
  if (operand instanceof Constant) return bool(Boolean(operand.value));
  const { kernel } = body;
  if (operand.type === 'i64') return kernel.pure(block, 'ne', 'i64', [operand, i64(0n)], 'isTrue');
  const size = kernel.pure(block, 'abs', 'f64', [operand], 'size');
  return kernel.pure(block, 'gt', 'f64', [size, f64(0)], 'isTrue');
}

export function not(kernel: KernelCode, block: Block, operand: Operand): Operand {
  if (operand instanceof Constant) return bool(operand.value === false);
  return kernel.pure(block, 'not', 'bool', [operand], 'not');
}

/** ECMAScript's ToInt32 of a number, an i32. */
export function toInt32(kernel: KernelCode, block: Block, number: Operand): Operand {
  if (number instanceof Constant) return new Constant('i32', Number(number.value) | 0);
  const definition = kernel.definitionOf(number);
  if (definition?.operation === 'toF64' && definition.over === 'i32') return definition.operands[0]!;
  if (definition?.operation === 'toF64' && definition.over === 'bool')
    return kernel.pure(block, 'toI32', 'bool', definition.operands, 'bits');
  return kernel.pure(block, 'toInt32', 'f64', [number], 'bits');
}

const singles: ReadonlySet<string> = new Set(['add', 'sub', 'mul', 'div', 'sqrt', 'neg', 'abs', 'min', 'max']);

/** The f32 that a double is exactly, where that is known. */
function singleOf(kernel: KernelCode, operand: Operand): Operand | undefined {
  if (operand instanceof Constant) {
    const value = Number(operand.value);
    return Object.is(Math.fround(value), value) ? new Constant('f32', value) : undefined;
  }
  const definition = kernel.definitionOf(operand);
  return definition?.operation === 'toF64' && definition.over === 'f32' ? definition.operands[0] : undefined;
}

/**
 * The number rounded to f32. One operation of doubles that are f32s, rounded, is the same operation of f32s: 53 bits are more than twice 24
 * and two, so that rounding twice rounds as once.
 */
export function toSingle(kernel: KernelCode, block: Block, number: Operand): Operand {
  const exact = singleOf(kernel, number);
  if (exact !== undefined) return exact;
  const definition = kernel.definitionOf(number);
  if (definition?.over === 'f64' && singles.has(definition.operation)) {
    const operands = definition.operands.map((operand) => singleOf(kernel, operand));
    if (operands.every((operand) => operand !== undefined))
      return kernel.pure(block, definition.operation, 'f32', operands, 'single');
  }
  if (number instanceof Constant) return new Constant('f32', Math.fround(Number(number.value)));
  return kernel.pure(block, 'toF32', 'f64', [number], 'single');
}

/** A comparison that only a value that is always true answers with a constant. */
export const isTrue = (operand: Operand): boolean => operand instanceof Constant && operand.value === true;
export const isFalse = (operand: Operand): boolean => operand instanceof Constant && operand.value === false;

export function both(kernel: KernelCode, block: Block, a: Operand, b: Operand): Operand {
  if (isTrue(a)) return b;
  return isTrue(b) ? a : kernel.pure(block, 'and', 'bool', [a, b], 'isIn');
}

/** Fails the call at the site unless the condition holds. */
export function check(
  block: Block,
  condition: Operand,
  site: number,
  { index = i64(0n), length = i64(0n) }: { readonly index?: Operand; readonly length?: Operand } = {},
): void {
  if (isTrue(condition)) return;
  block.statements.push({ kind: 'check', condition, site, index, length, source: -1 });
}

export const isValue = (operand: Operand): operand is Value => operand instanceof Value;
