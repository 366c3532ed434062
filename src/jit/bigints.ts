// Arithmetic of bigints, which are i64 here: what leaves 64 bits fails at its place. Where only the lowest 64 bits count, in
// BigInt.asIntN(64, …), BigInt.asUintN(64, …) and stores to arrays of bigints, + − · and bits are computed modulo 2⁶⁴, which gives those bits
// right whatever the whole number was.
import type { AnyNode, Node } from 'acorn';
import { Constant } from '../ir/nodes.js';
import type { Operand, Value } from '../ir/nodes.js';
import type { OperationName } from '../ir/operations.js';
import { loadElement, placeOf } from './arrays.js';
import { f64, i64 } from './code.js';
import type { Block, Body } from './code.js';
import { refuse, refuseYet } from './refuse.js';
import { both, check, toScalar } from './scalars.js';
import { isScalar } from './things.js';
import type { ArrayThing, Thing } from './things.js';
import { isMember } from './walk.js';

export const isBig = (thing: Thing): thing is Operand => isScalar(thing) && thing.type === 'i64';

const least = -(2n ** 63n);
const bitwise: Readonly<Record<string, OperationName>> = { '&': 'and', '|': 'or', '^': 'xor' };
const modular: Readonly<Record<string, OperationName>> = { '+': 'add', '-': 'sub', '*': 'mul', ...bitwise };

/** The operation that gives the lowest 64 bits of `left operator right`, where that needs no more than theirs. */
export const modularOperation = (operator: string): OperationName | undefined => modular[operator];

/** `left operator right` of two bigints. */
export function bigArithmetic(
  body: Body,
  node: Node,
  operator: string,
  [left, right]: readonly [Operand, Operand],
  block: Block,
): Operand {
  const { kernel, source } = body;
  const pure = (operation: OperationName, operands: readonly Operand[], name?: string): Value =>
    kernel.pure(block, operation, 'i64', operands, name);
  const overflow = (): number =>
    kernel.site(({ index, length }) =>
      refuse(source, node, 'JIT014', `${index}n ${operator} ${length}n is beyond 64 bits`, {
        note: 'bigints in compiled code lie between -(2n ** 63n) and 2n ** 63n - 1n',
        fix: 'where 64 bits are meant, write BigInt.asIntN(64, …) around it; else keep the plain function',
      }),
    );
  const operands = { index: left, length: right };
  const bits = bitwise[operator];
  if (bits !== undefined) return pure(bits, [left, right]);
  switch (operator) {
    case '+':
    case '-': {
      const result = pure(operator === '+' ? 'add' : 'sub', [left, right]);
      // The sign is wrong where both operands of a sum, or left and negated right, have one sign and the result has the other.
      const first = pure('xor', [left, result]);
      const second = operator === '+' ? pure('xor', [right, result]) : pure('xor', [left, right]);
      const isRight = pure('ge', [pure('and', [first, second]), i64(0n)], 'isRight');
      check(block, isRight, overflow(), operands);
      return result;
    }
    case '*': {
      const result = pure('mul', [left, right]);
      const toDouble = (operand: Operand): Operand =>
        operand instanceof Constant ? f64(Number(operand.value)) : pure('toF64', [operand]);
      const product = kernel.pure(block, 'mul', 'f64', [toDouble(left), toDouble(right)]);
      // Where the product wraps it is a multiple of 2⁶⁴ away from the doubles' one, else only what three roundings make: less than 2¹³.
      const away = kernel.pure(block, 'sub', 'f64', [toDouble(result), product], 'away');
      const size = kernel.pure(block, 'abs', 'f64', [away], 'away');
      check(block, kernel.pure(block, 'lt', 'f64', [size, f64(2 ** 62)], 'isRight'), overflow(), operands);
      return result;
    }
    case '/':
    case '%': {
      const site = kernel.site(({ index }) =>
        refuse(source, node, 'JIT014', `${index}n ${operator} 0n is a division by zero`, {
          note: 'JavaScript would throw a RangeError here',
          fix: 'ask for zero before dividing',
        }),
      );
      if (!(right instanceof Constant && right.value !== 0n))
        check(block, pure('ne', [right, i64(0n)], 'isDivisor'), site, operands);
      if (operator === '%') return pure('rem', [left, right]);
      if (!(right instanceof Constant && right.value !== -1n)) {
        const isSigned = pure('ne', [left, i64(least)]);
        const isOther = pure('ne', [right, i64(-1n)]);
        check(block, kernel.pure(block, 'or', 'bool', [isSigned, isOther], 'isRight'), overflow(), operands);
      }
      return pure('div', [left, right]);
    }
    case '<<':
    case '>>': {
      const distance = distanceOf(body, node, right);
      if (operator === '>>') return pure('shrS', [left, i64(distance > 63n ? 63n : distance)]);
      if (distance > 63n) {
        check(block, pure('eq', [left, i64(0n)], 'isRight'), overflow(), operands);
        return i64(0n);
      }
      const result = pure('shl', [left, i64(distance)]);
      const back = pure('shrS', [result, i64(distance)]);
      check(block, pure('eq', [back, left], 'isRight'), overflow(), operands);
      return result;
    }
    default:
      throw refuseYet(source, node, `the operator ${operator} of bigints`, 'use + - * / % & | ^ << >>');
  }
}

function distanceOf(body: Body, node: Node, right: Operand): bigint {
  if (right instanceof Constant && (right.value as bigint) >= 0n) return right.value as bigint;
  throw refuseYet(
    body.source,
    node,
    'a shift by a distance that varies',
    'shift by a number that is written there: 12n',
  );
}

export function bigNegative(body: Body, node: Node, operand: Operand, block: Block): Operand {
  if (operand instanceof Constant && operand.value !== least) return i64(-(operand.value as bigint));
  return bigArithmetic(body, node, '-', [i64(0n), operand], block);
}

/** An expression of which only the lowest 64 bits count; what is no bigint comes as it is. */
export function wrappedBigint(body: Body, node: AnyNode, block: Block): Thing {
  const { kernel } = body;
  switch (node.type) {
    case 'ParenthesizedExpression':
      return wrappedBigint(body, node.expression, block);
    case 'BinaryExpression': {
      if (node.left.type === 'PrivateIdentifier') break;
      const { operator } = node;
      if (operator === '>>' && isUnsigned(body, node.left, block)) {
        const [left, right] = [node.left, node.right].map((side) =>
          toScalar(body, node, wrappedBigint(body, side, block)),
        );
        const distance = distanceOf(body, node.right, right!);
        return distance > 63n ? i64(0n) : kernel.pure(block, 'shrU', 'i64', [left!, i64(distance)]);
      }
      if (!(operator in modular) && operator !== '<<') break;
      if (!looksBig(body, node.left, block) || !looksBig(body, node.right, block)) break;
      const left = toScalar(body, node.left, wrappedBigint(body, node.left, block));
      const right = toScalar(body, node.right, wrappedBigint(body, node.right, block));
      if (operator === '<<') {
        const distance = distanceOf(body, node.right, right);
        return distance > 63n ? i64(0n) : kernel.pure(block, 'shl', 'i64', [left, i64(distance)]);
      }
      return kernel.pure(block, modular[operator]!, 'i64', [left, right]);
    }
    case 'UnaryExpression': {
      if ((node.operator !== '-' && node.operator !== '~') || !looksBig(body, node.argument, block)) break;
      const operand = toScalar(body, node.argument, wrappedBigint(body, node.argument, block));
      return node.operator === '-'
        ? kernel.pure(block, 'sub', 'i64', [i64(0n), operand])
        : kernel.pure(block, 'xor', 'i64', [operand, i64(-1n)]);
    }
    case 'Literal':
      if (typeof node.value === 'bigint') return i64(BigInt.asIntN(64, node.value));
      break;
    case 'MemberExpression': {
      const array = elementArray(body, node, block);
      if (array === undefined || node.property.type === 'PrivateIdentifier') break;
      return loadElement(body, node, array, placeOf(body, node.property, array, block), block, true);
    }
    case 'CallExpression': {
      const inner = wrapCall(node);
      if (inner !== undefined) return wrappedBigint(body, inner, block);
      break;
    }
    default:
  }
  return kernel.grammar.expression(body, node, block);
}

/** `BigInt.asIntN(64, x)` and `BigInt.asUintN(64, x)`: the x. */
export function wrapCall(node: AnyNode, which?: 'asIntN' | 'asUintN'): AnyNode | undefined {
  if (node.type !== 'CallExpression') return undefined;
  const names = which === undefined ? (['asIntN', 'asUintN'] as const) : [which];
  if (!names.some((name) => isMember(node.callee, 'BigInt', name))) return undefined;
  const [width, value] = node.arguments;
  return width?.type === 'Literal' && width.value === 64 && value && value.type !== 'SpreadElement' ? value : undefined;
}

/** Whether its bits are those of a number from 0 to 2⁶⁴ − 1. */
export function isUnsigned(body: Body, node: AnyNode, block: Block): boolean {
  if (node.type === 'ParenthesizedExpression') return isUnsigned(body, node.expression, block);
  if (wrapCall(node, 'asUintN') !== undefined) return true;
  return node.type === 'MemberExpression' && elementArray(body, node, block)?.of.storage === 'u64';
}

/** The array of bigints that `x[i]` is an element of. */
function elementArray(body: Body, node: AnyNode, block: Block): ArrayThing | undefined {
  if (node.type !== 'MemberExpression' || !node.computed || node.object.type !== 'Identifier') return undefined;
  const declaration = body.names.declarationOf(node.object);
  const thing = declaration && block.environment.get(declaration);
  return thing !== undefined && !isScalar(thing) && thing.kind === 'array' && thing.of.isBig ? thing : undefined;
}

/** Whether an expression gives a bigint, as far as its text and the names in it tell. */
function looksBig(body: Body, node: AnyNode, block: Block): boolean {
  switch (node.type) {
    case 'ParenthesizedExpression':
      return looksBig(body, node.expression, block);
    case 'Literal':
      return typeof node.value === 'bigint';
    case 'Identifier': {
      const declaration = body.names.declarationOf(node);
      const thing = declaration && block.environment.get(declaration);
      return thing !== undefined && isBig(thing);
    }
    case 'BinaryExpression':
      return (
        node.left.type !== 'PrivateIdentifier' && looksBig(body, node.left, block) && looksBig(body, node.right, block)
      );
    case 'UnaryExpression':
      return looksBig(body, node.argument, block);
    case 'MemberExpression':
      return elementArray(body, node, block) !== undefined;
    case 'CallExpression':
      return wrapCall(node) !== undefined || (node.callee.type === 'Identifier' && node.callee.name === 'BigInt');
    default:
      return false;
  }
}

/** `BigInt(x)`: of a number that is whole, or it is a RangeError. */
export function toBig(body: Body, node: Node, operand: Operand, block: Block): Operand {
  const { kernel } = body;
  if (operand.type === 'i64') return operand;
  if (operand.type === 'bool') return kernel.pure(block, 'extendS', 'bool', [operand]);
  const whole = kernel.wholeOf(block, operand);
  if (whole !== undefined) return whole.integer;
  const integer = kernel.pure(block, 'truncI64', 'f64', [operand], 'big');
  const isSame = kernel.pure(block, 'eq', 'f64', [kernel.pure(block, 'toF64', 'i64', [integer]), operand], 'isWhole');
  // 2⁶³ saturates to the integer below, and converting that gives 2⁶³ again.
  const isBelow = kernel.pure(block, 'lt', 'f64', [operand, f64(2 ** 63)], 'isSmall');
  const site = kernel.site(() =>
    refuse(body.source, node, 'JIT014', 'this number is not whole, or beyond 64 bits, and cannot become a bigint', {
      note: 'JavaScript would throw a RangeError for a fraction',
      fix: 'round it first: BigInt(Math.round(x))',
    }),
  );
  check(block, both(kernel, block, isSame, isBelow), site);
  return integer;
}
