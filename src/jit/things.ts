// What a name or an expression of a function stands for while it is compiled: a scalar (an operand of the kernel language: f64 is a number,
// bool a boolean, i64 a bigint), a typed array, a generator of random numbers, a tuple of such, or nothing. Control flow hands on operands, so things are taken apart into
// their operands where two ways meet, and put together again behind that.
import { Constant, Value } from '../ir/nodes.js';
import type { Buffer, Operand } from '../ir/nodes.js';
import type { ScalarType } from '../ir/types.js';
import type { ElementType } from '../memory/lent-arrays.js';
import type { ArrayKind } from './array-kinds.js';

export interface ArrayThing {
  readonly kind: 'array';
  readonly name: string;
  readonly of: ArrayKind;
  readonly buffer: Buffer;
  /** i64. */
  readonly length: Operand;
  /** Arrays of one alias class that have one number begin at the same element. */
  readonly twin: number;
  /** Where the caller finds it again: an argument by its place, a result by its number; what is only the function's own, nowhere. */
  readonly origin:
    | { readonly kind: 'argument'; readonly index: number }
    | { readonly kind: 'result'; readonly index: number }
    | { readonly kind: 'own' };
}

/** An array with a shape, whose elements are read by `get` and written by `set`. */
export interface NdArrayThing {
  readonly kind: 'ndarray';
  readonly name: string;
  readonly dtype: ElementType;
  readonly buffer: Buffer;
  /** The length of each axis, i64. */
  readonly shape: readonly Operand[];
  /** The axis that each dimension of the buffer is. */
  readonly order: readonly number[];
  readonly origin: ArrayThing['origin'];
}

export interface TupleThing {
  readonly kind: 'tuple';
  readonly elements: readonly Thing[];
}

/** A generator of random numbers; where its draws come from, the kernel knows at each place. Two are the same if they are the same object. */
export interface GeneratorThing {
  readonly kind: 'generator';
  readonly name: string;
}

/** What a function gives that returns nothing. */
export interface NothingThing {
  readonly kind: 'nothing';
}

/** How what iterations give is put together; `count` counts those that give. */
export type GatheringOperator = 'add' | 'mul' | 'min' | 'max' | 'least' | 'greatest' | 'count';

/** What a loop gathers: what this iteration has given so far, and whether it has given anything. */
export interface GatheredThing {
  readonly kind: 'gathered';
  readonly operator: GatheringOperator;
  readonly value: Operand;
  readonly has: Operand;
}

export type Thing = Operand | ArrayThing | NdArrayThing | TupleThing | GeneratorThing | NothingThing | GatheredThing;

export const nothing: NothingThing = { kind: 'nothing' };

export const isScalar = (thing: Thing): thing is Operand => thing instanceof Value || thing instanceof Constant;

const typeNames: Partial<Record<ScalarType, string>> = { f64: 'a number', bool: 'a boolean', i64: 'a bigint' };

/** Whether it is an array of either kind. */
export const isArrayThing = (thing: Thing): thing is ArrayThing | NdArrayThing =>
  !isScalar(thing) && (thing.kind === 'array' || thing.kind === 'ndarray');

/** What it is, as a person says it. */
export function nameOfThing(thing: Thing): string {
  if (isScalar(thing)) return typeNames[thing.type as ScalarType] ?? thing.type;
  switch (thing.kind) {
    case 'array':
      return `a ${thing.of.name}`;
    case 'ndarray':
      return `an array of ${thing.dtype}`;
    case 'tuple':
      return `a tuple of ${thing.elements.length}`;
    case 'generator':
      return 'a generator';
    case 'nothing':
      return 'nothing';
    case 'gathered':
      return 'a sum that a loop gathers';
  }
}

/** The operands that a thing is made of. */
export function leavesOf(thing: Thing): readonly Operand[] {
  if (isScalar(thing)) return [thing];
  if (thing.kind === 'gathered') return [thing.value, thing.has];
  return thing.kind === 'tuple' ? thing.elements.flatMap(leavesOf) : [];
}

/** The same kind of thing made of other operands, which are taken one by one. */
export function rebuild(thing: Thing, operands: Iterator<Operand>): Thing {
  if (isScalar(thing)) return operands.next().value as Operand;
  if (thing.kind === 'gathered')
    return { ...thing, value: operands.next().value as Operand, has: operands.next().value as Operand };
  if (thing.kind !== 'tuple') return thing;
  return { kind: 'tuple', elements: thing.elements.map((element) => rebuild(element, operands)) };
}

/** Whether one can stand where the other does: the same types in the same shape, the very same arrays. */
export function areAlike(a: Thing, b: Thing): boolean {
  if (isScalar(a)) return isScalar(b) && a.type === b.type;
  if (isScalar(b) || a.kind !== b.kind) return false;
  if (isArrayThing(a)) return isArrayThing(b) && a.buffer === b.buffer;
  if (a.kind === 'generator') return a === b;
  if (a.kind === 'gathered') return b.kind === 'gathered' && a.value.type === b.value.type;
  if (a.kind !== 'tuple' || b.kind !== 'tuple') return true;
  return (
    a.elements.length === b.elements.length &&
    a.elements.every((element, index) => areAlike(element, b.elements[index]!))
  );
}

/** Whether both are the same operands and arrays. */
export function isSameThing(a: Thing | undefined, b: Thing | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (!areAlike(a, b)) return false;
  const [ofA, ofB] = [leavesOf(a), leavesOf(b)];
  return ofA.every((operand, index) => operand === ofB[index]);
}
