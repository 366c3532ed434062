// The pure operations of the kernel language: for each its operand and result types, and what it computes, one scalar at a time.
// Everything that treats operations alike (reader, verifier, interpreter, lanes) works from this table; a backend adds its instruction.
// Arithmetic is that of docs/numerics.md: IEEE 754, integers modulo 2³² and 2⁶⁴.
import { elementOf, isFloat, isInteger, lanesOf, withLanes } from './types.js';
import type { ScalarType, Type } from './types.js';

/** A scalar as the interpreter holds it: bool as boolean, i64 as bigint, the rest as number (i32 signed, f32 rounded). */
export type Scalar = number | bigint | boolean;

type Kind = 'float' | 'integer' | 'number' | 'bool' | 'any';

interface Operation {
  /** Which scalars T may be. */
  readonly over: Kind | readonly ScalarType[];
  /** Operands and result: T is the type after the dot, anything else a scalar type, given T's lanes. */
  readonly operands: readonly ('T' | ScalarType)[];
  readonly result: 'T' | ScalarType;
  readonly compute: (type: ScalarType, ...operands: Scalar[]) => Scalar;
}

/** Rounds or wraps a computed scalar to what the type can hold. */
function fit(type: ScalarType, value: Scalar): Scalar {
  switch (type) {
    case 'f32':
      return Math.fround(value as number);
    case 'i32':
      return Number(BigInt.asIntN(32, BigInt(value)));
    case 'i64':
      return BigInt.asIntN(64, BigInt(value));
    default:
      return value;
  }
}

type Two<T, R = T> = (a: T, b: T) => R;

/** An operation of two equal operands, on floats as numbers and on integers as bigints. */
function binary(over: Kind, onFloats: Two<number>, onIntegers: Two<bigint>): Operation {
  return {
    over,
    operands: ['T', 'T'],
    result: 'T',
    compute: (type, a, b) =>
      fit(type, isFloat(type) ? onFloats(Number(a), Number(b)) : onIntegers(BigInt(a), BigInt(b))),
  };
}

const floatUnary = (compute: (x: number) => number): Operation => ({
  over: 'float',
  operands: ['T'],
  result: 'T',
  compute: (type, x) => fit(type, compute(x as number)),
});

const comparison = (compute: Two<number | bigint, boolean>, over: Kind = 'number'): Operation => ({
  over,
  operands: ['T', 'T'],
  result: 'bool',
  compute: (_, a, b) => compute(a as number, b as number),
});

/** `and`, `or`, `xor`: bitwise on integers, logical on bool. */
function bitwise(onBits: Two<bigint>, onBools: Two<boolean>): Operation {
  return {
    over: ['i32', 'i64', 'bool'],
    operands: ['T', 'T'],
    result: 'T',
    compute: (type, a, b) =>
      type === 'bool' ? onBools(Boolean(a), Boolean(b)) : fit(type, onBits(BigInt(a), BigInt(b))),
  };
}

/** Shifts take their distance modulo the width. */
const shift = (compute: (type: ScalarType, a: bigint, distance: bigint) => bigint): Operation => ({
  over: 'integer',
  operands: ['T', 'T'],
  result: 'T',
  compute: (type, a, b) => fit(type, compute(type, BigInt(a), BigInt(b) & (widthOf(type) - 1n))),
});

const widthOf = (type: ScalarType): bigint => (type === 'i32' ? 32n : 64n);

const conversion = (
  over: readonly ScalarType[],
  result: ScalarType,
  compute: (type: ScalarType, x: Scalar) => Scalar,
): Operation => ({
  over,
  operands: ['T'],
  result,
  compute: (type, x) => fit(result, compute(type, x)),
});

function toIntegerNearest(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  const isUp = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0);
  const rounded = isUp ? floor + 1 : floor;
  return rounded === 0 && (x < 0 || Object.is(x, -0)) ? -0 : rounded;
}

function truncateToInt64(x: number): bigint {
  if (Number.isNaN(x)) return 0n;
  if (x <= -(2 ** 63)) return -(2n ** 63n);
  return x >= 2 ** 63 ? 2n ** 63n - 1n : BigInt(Math.trunc(x));
}

const scratch = new DataView(new ArrayBuffer(8));

const operations = {
  add: binary(
    'number',
    (a, b) => a + b,
    (a, b) => a + b,
  ),
  sub: binary(
    'number',
    (a, b) => a - b,
    (a, b) => a - b,
  ),
  mul: binary(
    'number',
    (a, b) => a * b,
    (a, b) => a * b,
  ),
  /** Of integers towards zero; by 0 it is 0, and the least by −1 wraps to itself. */
  div: binary(
    'number',
    (a, b) => a / b,
    (a, b) => (b === 0n ? 0n : a / b),
  ),
  /** The exact remainder with the dividend's sign; of integers by 0 it is 0. */
  rem: binary(
    'number',
    (a, b) => a % b,
    (a, b) => (b === 0n ? 0n : a % b),
  ),
  /** Math.min and Math.max on floats: NaN wins, −0 < +0. */
  min: binary('number', Math.min, (a, b) => (a < b ? a : b)),
  max: binary('number', Math.max, (a, b) => (a > b ? a : b)),
  neg: floatUnary((x) => -x),
  abs: floatUnary(Math.abs),
  sqrt: floatUnary(Math.sqrt),
  floor: floatUnary(Math.floor),
  ceil: floatUnary(Math.ceil),
  trunc: floatUnary(Math.trunc),
  /** Halves to even. */
  nearest: floatUnary(toIntegerNearest),
  and: bitwise(
    (a, b) => a & b,
    (a, b) => a && b,
  ),
  or: bitwise(
    (a, b) => a | b,
    (a, b) => a || b,
  ),
  xor: bitwise(
    (a, b) => a ^ b,
    (a, b) => a !== b,
  ),
  not: { over: 'bool', operands: ['T'], result: 'T', compute: (_, x) => !x },
  shl: shift((_, a, distance) => a << distance),
  /** Copies the sign in. */
  shrS: shift((_, a, distance) => a >> distance),
  /** Shifts zeros in. */
  shrU: shift((type, a, distance) => BigInt.asUintN(Number(widthOf(type)), a) >> distance),
  eq: comparison((a, b) => a === b, 'any'),
  ne: comparison((a, b) => a !== b, 'any'),
  lt: comparison((a, b) => a < b),
  le: comparison((a, b) => a <= b),
  gt: comparison((a, b) => a > b),
  ge: comparison((a, b) => a >= b),
  select: {
    over: 'any',
    operands: ['bool', 'T', 'T'],
    result: 'T',
    compute: (_, condition, ...either) => either[condition ? 0 : 1]!,
  },
  /** Exact, but for i64 beyond 2⁵³, which is rounded to nearest even. */
  toF64: conversion(['i32', 'i64', 'f32', 'bool'], 'f64', (_, x) => Number(x)),
  /** Rounded to nearest even. */
  toF32: conversion(['f64', 'i32', 'bool'], 'f32', (_, x) => Number(x)),
  /** ECMAScript's ToInt32: modulo 2³². */
  toInt32: conversion(['f64'], 'i32', (_, x) => (x as number) | 0),
  /** Towards zero; saturates, and NaN gives 0. */
  truncI64: conversion(['f64'], 'i64', (_, x) => truncateToInt64(x as number)),
  extendS: conversion(['i32', 'bool'], 'i64', (_, x) => BigInt(x)),
  extendU: conversion(['i32'], 'i64', (_, x) => BigInt.asUintN(32, BigInt(x))),
  wrap: conversion(['i64'], 'i32', (_, x) => x),
  /** 0 or 1. */
  toI32: conversion(['bool'], 'i32', (_, x) => Number(x)),
  /** The same bits, read as another type. */
  bitsOfF64: conversion(['f64'], 'i64', (_, x) => (scratch.setFloat64(0, x as number), scratch.getBigInt64(0))),
  f64OfBits: conversion(['i64'], 'f64', (_, x) => (scratch.setBigInt64(0, x as bigint), scratch.getFloat64(0))),
  bitsOfF32: conversion(['f32'], 'i32', (_, x) => (scratch.setFloat32(0, x as number), scratch.getInt32(0))),
  f32OfBits: conversion(['i32'], 'f32', (_, x) => (scratch.setInt32(0, x as number), scratch.getFloat32(0))),
} as const satisfies Record<string, Operation>;

export type OperationName = keyof typeof operations;

export const isOperation = (name: string): name is OperationName => Object.hasOwn(operations, name);

function allows(over: Operation['over'], type: ScalarType): boolean {
  if (typeof over !== 'string') return over.includes(type);
  if (over === 'any') return true;
  if (over === 'bool') return type === 'bool';
  return (over !== 'integer' && isFloat(type)) || (over !== 'float' && isInteger(type));
}

export interface Signature {
  readonly operands: readonly Type[];
  readonly result: Type;
}

/** Those that have been asked for, by type and name: front ends ask for every operation that they write. */
const signatures = new Map<Type, Map<OperationName, Signature | undefined>>();

/** Types of operands and result of `name` over `type`, or undefined where there is no such operation. */
export function signatureOf(name: OperationName, type: Type): Signature | undefined {
  let known = signatures.get(type);
  if (known === undefined) signatures.set(type, (known = new Map()));
  let signature = known.get(name);
  if (signature === undefined && !known.has(name)) known.set(name, (signature = makeSignature(name, type)));
  return signature;
}

function makeSignature(name: OperationName, type: Type): Signature | undefined {
  const operation: Operation = operations[name];
  if (!allows(operation.over, elementOf(type))) return undefined;
  const concrete = (part: 'T' | ScalarType): Type => (part === 'T' ? type : withLanes(part, lanesOf(type)));
  return { operands: operation.operands.map(concrete), result: concrete(operation.result) };
}

/** What the operation gives for scalars of `type`. */
export function computeScalar(name: OperationName, type: ScalarType, operands: readonly Scalar[]): Scalar {
  const operation: Operation = operations[name];
  return operation.compute(type, ...operands);
}
