// Calls → code: the functions of Math, Number and BigInt, draws, and functions of the person's own (functions.ts).
import type { AnyNode, ArrayExpression } from 'acorn';
import type { Operand } from '../ir/nodes.js';
import { kindNamed } from './array-kinds.js';
import type { ArrayKind } from './array-kinds.js';
import { arrayMethod } from './array-methods.js';
import { allocate } from './arrays.js';
import { isBig, isUnsigned, toBig, wrapCall, wrappedBigint } from './bigints.js';
import { arityOf, bool, f64, i64, isMathRoutine } from './code.js';
import type { Block, Body } from './code.js';
import { draw, refuseMethod } from './draws.js';
import { calleeOf, mathCall } from './effects.js';
import { headOf, objectOf, power, unknownName } from './expressions.js';
import { callFunction } from './functions.js';
import { drawAt } from './generators.js';
import { spellingOf } from './globals.js';
import { ndCall } from './nd-arrays.js';
import { createNd } from './nd-creation.js';
import { newArray } from './new-arrays.js';
import { refuseCall, refuseMath } from './outside-the-language.js';
import { Consequence } from './refusals.js';
import { calledName, refuse, refuseYet } from './refuse.js';
import { both, check, toBoolean, toInt32, toNumber, toScalar, toSingle } from './scalars.js';
import type { ArrayThing, Thing } from './things.js';
import { bare, isFunction, isMember, isMemberOf, propertyName } from './walk.js';

type Call = Extract<AnyNode, { type: 'CallExpression' }>;

/** The arguments as they are written; spread ones are refused. */
export function argumentsOf(body: Body, node: Call): AnyNode[] {
  return node.arguments.map((argument): AnyNode => {
    if (argument.type === 'SpreadElement')
      throw refuseYet(body.source, argument, 'a spread argument', 'write the arguments one by one');
    return argument;
  });
}

export function call(body: Body, node: Call, block: Block): Thing {
  const { kernel, source, names } = body;
  const math = mathCall(body, node);
  const drawing = drawAt(body, node, block.environment);
  if (drawing !== undefined) return draw(body, node, drawing, math === 'random', block);
  if (math !== undefined) {
    const operands = argumentsOf(body, node).map((argument) =>
      toNumber(body, argument, block, kernel.grammar.expression(body, argument, block)),
    );
    const result = mathematical(body, math, operands, block);
    if (result !== undefined) return result;
    throw refuseMath(body, node, math);
  }
  const callee = bare(node.callee);
  const created = createNd(body, node, block);
  if (created !== undefined) return created;
  const own = calleeOf(body, node);
  if (own !== undefined) {
    const things = argumentsOf(body, node).map((argument) => kernel.grammar.expression(body, argument, block));
    return callFunction(body, node, own, things, block);
  }
  if (callee.type === 'MemberExpression') refuseMethod(body, node, callee, block);
  const { resultArrays } = kernel;
  const make = (of: ArrayKind, length: Operand): ArrayThing =>
    (resultArrays.get(node) as ArrayThing | undefined) ?? allocate(body, of, length, 'array', block);
  const given = argumentsOf(body, node);
  const known =
    conversion(body, node, callee, block) ??
    ndCall(body, node, given, block) ??
    arrayMethod(body, node, given, make, block);
  if (known !== undefined) return known;
  const declaration = names.declarationOf(callee);
  if (declaration !== undefined && kernel.refusals.isLost(declaration)) throw new Consequence(declaration.name);
  if (declaration !== undefined)
    throw names.isAssigned(declaration)
      ? refuseYet(
          source,
          node,
          `a call of ${declaration.name}, which is assigned,`,
          'call functions that are declared by function or const',
        )
      : refuseCall(body, node, callee, block.environment.get(declaration));
  const spelling = spellingOf(callee);
  const head = headOf(callee);
  if (spelling !== undefined && head.type === 'Identifier' && !(head.name in globalThis)) {
    if (isNaming(node))
      throw refuse(source, node, 'JIT003', `${spelling} is not known inside ${calledName(source.name)}`, {
        note: "a function and a text is what esbuild's keepNames makes of a function inside, to keep its name where it minifies",
        fix: 'declare the function outside, and give it: globals: () => ({ helper }); or build without keepNames',
      });
    if (names.declarationOf(head) === undefined && spelling !== 'prange') throw unknownName(body, callee, spelling);
  }
  const isEngines = head.type === 'Identifier' && names.declarationOf(head) === undefined;
  if (spelling === 'prange')
    throw refuseYet(source, node, 'prange outside of the head of a loop', 'write for (const i of prange(n))');
  if (callee.type !== 'MemberExpression' && !isEngines) kernel.grammar.expression(body, callee, block);
  const object = callee.type === 'MemberExpression' && !isEngines ? objectOf(body, callee, block) : undefined;
  throw refuseCall(body, node, callee, object);
}

/** `n(x => x * x, "square")` */
function isNaming({ arguments: given }: Call): boolean {
  const [f, name] = given;
  const isText = given.length === 2 && name?.type === 'Literal' && typeof name.value === 'string';
  return isText && f !== undefined && (isFunction(f) || f.type === 'Identifier');
}

const direct = ['abs', 'ceil', 'floor', 'sqrt', 'trunc'] as const;

/** A function of Math of numbers; undefined for one that we do not have. */
function mathematical(body: Body, name: string, operands: readonly Operand[], block: Block): Operand | undefined {
  const { kernel } = body;
  const [x = f64(NaN), y = f64(NaN)] = operands;
  const operation = direct.find((candidate) => candidate === name);
  if (operation !== undefined) return kernel.pure(block, operation, 'f64', [x]);
  switch (name) {
    case 'min':
    case 'max': {
      const [head = f64(name === 'min' ? Infinity : -Infinity), ...rest] = operands;
      return rest.reduce((best, operand) => kernel.pure(block, name, 'f64', [best, operand]), head);
    }
    case 'hypot': {
      const [first = f64(0), second = f64(0), ...rest] = operands;
      return rest.reduce<Operand>(
        (length, operand) => kernel.math(block, 'hypot', [length, operand]),
        kernel.math(block, 'hypot', [first, second]),
      );
    }
    case 'pow':
      return power(body, x, y, block);
    case 'fround':
      return kernel.pure(block, 'toF64', 'f32', [toSingle(kernel, block, x)], 'single');
    case 'imul': {
      const integers = [x, y].map((operand) => toInt32(kernel, block, operand));
      return kernel.pure(block, 'toF64', 'i32', [kernel.pure(block, 'mul', 'i32', integers)], 'number');
    }
    case 'clz32': {
      // The exponent of the double says where the highest bit stands; of 0 it is -1023.
      const integer = kernel.pure(block, 'extendU', 'i32', [toInt32(kernel, block, x)]);
      const double = kernel.pure(block, 'toF64', 'i64', [integer]);
      const exponent = kernel.pure(block, 'shrU', 'i64', [kernel.pure(block, 'bitsOfF64', 'f64', [double]), i64(52n)]);
      const zeros = kernel.pure(block, 'sub', 'i64', [i64(1023n + 31n), exponent]);
      const isMore = kernel.pure(block, 'gt', 'i64', [zeros, i64(32n)]);
      return kernel.fromWhole(block, kernel.pure(block, 'select', 'i64', [isMore, i64(32n), zeros]), 32, 'number');
    }
    default:
  }
  if (!isMathRoutine(name) || name === 'rem' || name === 'exp2') return undefined;
  return kernel.math(block, name, arityOf(name) === 1 ? [x] : [x, y]);
}

/** The functions that convert numbers, or ask about them; undefined for any other call. */
function conversion(body: Body, node: Call, callee: AnyNode, block: Block): Thing | undefined {
  const { kernel, names, source } = body;
  if (callee.type === 'Identifier' && names.declarationOf(callee) !== undefined) return undefined;
  const isGlobal = (name: string): boolean => callee.type === 'Identifier' && callee.name === name;
  const given = (): { node: AnyNode; operand: Operand } => {
    const [first] = argumentsOf(body, node);
    if (first === undefined) throw refuseYet(source, node, 'this call without an argument', 'give it one');
    return { node: first, operand: toScalar(body, first, kernel.grammar.expression(body, first, block)) };
  };
  if (isMember(callee, 'Object', 'is')) return isSameValue(body, node, block);
  const kind = propertyName(callee) === 'of' && callee.type === 'MemberExpression' ? callee.object : undefined;
  const of = kind?.type === 'Identifier' && !names.declarationOf(kind) ? kindNamed(kind.name) : undefined;
  if (of !== undefined) {
    const elements = argumentsOf(body, node) as ArrayExpression['elements'];
    const { start, end } = node;
    return newArray(body, node, of, [{ type: 'ArrayExpression', elements, start, end }], block);
  }
  const asked = isMemberOf(callee, 'Number') ? propertyName(callee) : undefined;
  const question = asked ?? (isGlobal('isNaN') || isGlobal('isFinite') ? (callee as { name: string }).name : undefined);
  if (question !== undefined) {
    const isAsking = ['isNaN', 'isFinite', 'isInteger', 'isSafeInteger'].includes(question);
    if (!isAsking) return undefined;
    const { node: at, operand } = given();
    // Number.isNaN(true) is false, and so is each of the others; isNaN(true) is isNaN(1).
    if (asked !== undefined && operand.type !== 'f64') return bool(false);
    const x = toNumber(body, at, block, operand);
    if (question === 'isNaN') return kernel.pure(block, 'ne', 'f64', [x, x], 'isNaN');
    const size = kernel.pure(block, 'abs', 'f64', [x], 'size');
    const isFinite = kernel.pure(block, 'lt', 'f64', [size, f64(Infinity)], 'isFinite');
    if (question === 'isFinite') return isFinite;
    const isWhole = kernel.pure(block, 'eq', 'f64', [kernel.pure(block, 'trunc', 'f64', [x]), x], 'isWhole');
    if (question === 'isInteger') return both(kernel, block, isWhole, isFinite);
    const isSafe = kernel.pure(block, 'le', 'f64', [size, f64(Number.MAX_SAFE_INTEGER)], 'isSafe');
    return both(kernel, block, isWhole, isSafe);
  }
  if (isGlobal('Number')) {
    const [first] = argumentsOf(body, node);
    if (first === undefined) return f64(0);
    const isBits = isUnsigned(body, first, block);
    if (isBits) return unsignedNumber(body, first, block);
    const { operand } = given();
    return isBig(operand)
      ? kernel.pure(block, 'toF64', 'i64', [operand], 'number')
      : toNumber(body, node, block, operand);
  }
  if (isGlobal('Boolean')) {
    const { node: at, operand } = given();
    return toBoolean(body, at, block, operand);
  }
  if (isGlobal('BigInt')) {
    const { operand } = given();
    return toBig(body, node, operand, block);
  }
  const wrapped = wrapCall(node);
  if (wrapped !== undefined) {
    const result = toScalar(body, wrapped, wrappedBigint(body, wrapped, block));
    if (!isBig(result)) throw refuse(source, wrapped, 'JIT006', 'this is no bigint', { fix: 'convert it: BigInt(x)' });
    if (isMember(callee, 'BigInt', 'asIntN')) return result;
    const site = kernel.site(({ index }) =>
      refuse(source, node, 'JIT014', `${BigInt.asUintN(64, index)}n is too large a bigint`, {
        note: 'bigints in compiled code lie between -(2n ** 63n) and 2n ** 63n - 1n',
        fix: 'use BigInt.asIntN(64, …), store it in a BigUint64Array, or shift it by >> at once',
      }),
    );
    check(block, kernel.pure(block, 'ge', 'i64', [result, i64(0n)], 'isSmall'), site, { index: result });
    return result;
  }
  if (isMember(callee, 'BigInt', 'asIntN') || isMember(callee, 'BigInt', 'asUintN')) {
    const [width, value] = argumentsOf(body, node);
    const bits = width?.type === 'Literal' ? Number(width.value) : NaN;
    if (!(Number.isInteger(bits) && bits >= 1 && bits <= 63) || value === undefined)
      throw refuseYet(source, node, 'another number of bits than 1 to 64', 'write the number of bits there');
    const inner = toScalar(body, value, wrappedBigint(body, value, block));
    if (!isBig(inner)) throw refuse(source, value, 'JIT006', 'this is no bigint', { fix: 'convert it: BigInt(x)' });
    if (isMember(callee, 'BigInt', 'asUintN'))
      return kernel.pure(block, 'and', 'i64', [inner, i64(2n ** BigInt(bits) - 1n)]);
    const distance = i64(64 - bits);
    return kernel.pure(block, 'shrS', 'i64', [kernel.pure(block, 'shl', 'i64', [inner, distance]), distance]);
  }
  return undefined;
}

/** `Object.is(a, b)`: all NaNs are the same, and 0 is not −0. */
function isSameValue(body: Body, node: Call, block: Block): Operand {
  const { kernel, source } = body;
  const given = argumentsOf(body, node).map((each) =>
    toScalar(body, each, kernel.grammar.expression(body, each, block)),
  );
  const [a, b] = given;
  if (a === undefined || b === undefined || given.length > 2)
    throw refuseYet(source, node, 'Object.is of anything but two values', 'give it two');
  if (a.type !== b.type) return bool(false);
  if (a.type !== 'f64') return kernel.pure(block, 'eq', a.type as 'i64' | 'bool', [a, b], 'isSame');
  const isNaN = (x: Operand): Operand => kernel.pure(block, 'ne', 'f64', [x, x], 'isNaN');
  const bits = (x: Operand): Operand => kernel.pure(block, 'bitsOfF64', 'f64', [x], 'bits');
  const areBitsSame = kernel.pure(block, 'eq', 'i64', [bits(a), bits(b)], 'isSame');
  const areNaN = kernel.pure(block, 'and', 'bool', [isNaN(a), isNaN(b)], 'isSame');
  return kernel.pure(block, 'or', 'bool', [areBitsSame, areNaN], 'isSame');
}

/** Of 64 bits without a sign: twice the half, rounded as the whole would be by keeping the last bit, where the sign bit is set. */
function unsignedNumber(body: Body, node: AnyNode, block: Block): Operand {
  const { kernel } = body;
  const bits = toScalar(body, node, wrappedBigint(body, node, block));
  const half = kernel.pure(block, 'or', 'i64', [
    kernel.pure(block, 'shrU', 'i64', [bits, i64(1n)]),
    kernel.pure(block, 'and', 'i64', [bits, i64(1n)]),
  ]);
  const doubled = kernel.pure(block, 'mul', 'f64', [kernel.pure(block, 'toF64', 'i64', [half]), f64(2)]);
  const isSmall = kernel.pure(block, 'ge', 'i64', [bits, i64(0n)]);
  return kernel.pure(block, 'select', 'f64', [isSmall, kernel.pure(block, 'toF64', 'i64', [bits]), doubled]);
}
