// Expressions → things: operators of numbers, booleans and bigints, names, elements, choices, assignments. Calls are in calls.ts.
import type { AnyNode, Expression, Node } from 'acorn';
import { Constant } from '../ir/nodes.js';
import type { Operand } from '../ir/nodes.js';
import type { OperationName } from '../ir/operations.js';
import { kindNamed } from './array-kinds.js';
import { loadElement, placeOf, storedOf, storeElement } from './arrays.js';
import { bigArithmetic, bigNegative, isBig, isUnsigned, modularOperation, wrappedBigint } from './bigints.js';
import { bool, exactBound, f64, i64 } from './code.js';
import type { Block, Body } from './code.js';
import { either, mixed } from './control.js';
import { isModuleRandom } from './generators.js';
import { spellingOf, writtenName } from './globals.js';
import { giveTo, givingAt } from './gather.js';
import { knownAnswer } from './known-answers.js';
import { ndProperty } from './nd-arrays.js';
import { newArray } from './new-arrays.js';
import {
  knownName,
  refuseKind,
  refuseLiteral,
  refuseNew,
  refuseOperator,
  refuseProperty,
} from './outside-the-language.js';
import { Consequence } from './refusals.js';
import { calledName, refuse, refuseYet } from './refuse.js';
import { toBoolean, toInt32, toNumber, toScalar, not } from './scalars.js';
import { areAlike, isArrayThing, isScalar, nameOfThing, nothing } from './things.js';
import type { ArrayThing, Thing } from './things.js';
import { isMember, propertyName, wholeNumber } from './walk.js';

const arithmetic: Readonly<Record<string, OperationName>> = {
  '+': 'add',
  '-': 'sub',
  '*': 'mul',
  '/': 'div',
  '%': 'rem',
};
const comparisons: Readonly<Record<string, OperationName>> = {
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
  '===': 'eq',
  '==': 'eq',
  '!==': 'ne',
  '!=': 'ne',
};
const bitOperators: Readonly<Record<string, OperationName>> = {
  '|': 'or',
  '&': 'and',
  '^': 'xor',
  '<<': 'shl',
  '>>': 'shrS',
  '>>>': 'shrU',
};
const mathConstants = ['E', 'LN10', 'LN2', 'LOG10E', 'LOG2E', 'PI', 'SQRT1_2', 'SQRT2'] as const;
const numberConstants = [
  'EPSILON',
  'MAX_SAFE_INTEGER',
  'MAX_VALUE',
  'MIN_SAFE_INTEGER',
  'MIN_VALUE',
  'NEGATIVE_INFINITY',
  'NaN',
  'POSITIVE_INFINITY',
] as const;

export const scalar = (body: Body, node: AnyNode, block: Block): Operand =>
  toScalar(body, node, expression(body, node, block));
export const condition = (body: Body, node: AnyNode, block: Block): Operand =>
  toBoolean(body, node, block, expression(body, node, block));

/** An expression whose value nobody wants: minifiers write `if (c) n++` as `c && n++`, whose two ways have values of two types. */
export function effect(body: Body, node: Expression, block: Block): void {
  switch (node.type) {
    case 'SequenceExpression':
      for (const part of node.expressions) effect(body, part, block);
      return;
    case 'ParenthesizedExpression':
      return effect(body, node.expression, block);
    case 'UnaryExpression':
      if (node.operator === '!' || node.operator === 'void') return effect(body, node.argument, block);
      break;
    case 'LogicalExpression': {
      if (node.operator === '??') break;
      const isTrue = condition(body, node.left, block);
      const right = (inner: Block): void => effect(body, node.right, inner);
      const [consequent, alternate] = node.operator === '&&' ? [right, () => {}] : [() => {}, right];
      either(body, node, block, isTrue, consequent, alternate);
      return;
    }
    case 'ConditionalExpression':
      either(
        body,
        node,
        block,
        condition(body, node.test, block),
        (inner) => effect(body, node.consequent, inner),
        (inner) => effect(body, node.alternate, inner),
      );
      return;
    default:
  }
  expression(body, node, block);
}

export function expression(body: Body, node: AnyNode, block: Block): Thing {
  const { source } = body;
  switch (node.type) {
    case 'ParenthesizedExpression':
      return expression(body, node.expression, block);
    case 'Literal':
      return literal(body, node);
    case 'Identifier':
      return read(body, node, block);
    case 'UnaryExpression':
      if (node.operator !== 'void') return unary(body, node, block);
      effect(body, node.argument, block);
      return nothing;
    case 'ChainExpression':
      // Nothing here is ever null or undefined.
      return expression(body, node.expression, block);
    case 'BinaryExpression': {
      const { left, right, operator } = node;
      if (operator === 'in' || operator === 'instanceof') throw refuseOperator(body, node, operator);
      const known = knownAnswer(body, node, block);
      if (known !== undefined) return known;
      if (left.type === 'PrivateIdentifier') throw refuseYet(source, node, 'a private name', 'use a variable');
      // The bits of a bigint without sign are shifted as such.
      if (operator === '>>' && isUnsigned(body, left, block)) return wrappedBigint(body, node, block);
      return binary(body, node, operator, expression(body, left, block), right, block);
    }
    case 'LogicalExpression': {
      const left = expression(body, node.left, block);
      // Nothing here is ever null or undefined.
      if (node.operator === '??') return left;
      const isTrue = toBoolean(body, node.left, block, left);
      const keep = (): Thing => left;
      const take = (inner: Block): Thing => expression(body, node.right, inner);
      const [consequent, alternate] = node.operator === '&&' ? [take, keep] : [keep, take];
      return either(body, node, block, isTrue, consequent, alternate)!;
    }
    case 'ConditionalExpression':
      return either(
        body,
        node,
        block,
        condition(body, node.test, block),
        (inner) => expression(body, node.consequent, inner),
        (inner) => expression(body, node.alternate, inner),
      )!;
    case 'AssignmentExpression':
    case 'UpdateExpression': {
      const giving = givingAt(body, node, block);
      if (giving !== undefined) return giveTo(body, giving, block);
      return node.type === 'AssignmentExpression' ? assignment(body, node, block) : update(body, node, block);
    }
    case 'SequenceExpression':
      for (const part of node.expressions.slice(0, -1)) effect(body, part, block);
      return expression(body, node.expressions.at(-1)!, block);
    case 'CallExpression':
      return body.kernel.grammar.call(body, node, block);
    case 'NewExpression':
      return construct(body, node, block);
    case 'MemberExpression':
      return member(body, node, block);
    case 'ArrayExpression': {
      const elements = node.elements.map((element): Thing => {
        if (element === null || element.type === 'SpreadElement')
          throw refuseYet(source, node, 'a tuple with gaps, or of spread values,', 'write its elements one by one');
        return expression(body, element, block);
      });
      return { kind: 'tuple', elements };
    }
    default:
      throw refuseKind(body, node);
  }
}

function literal(body: Body, node: Extract<AnyNode, { type: 'Literal' }>): Operand {
  const { value } = node;
  if (typeof value === 'number') return f64(value);
  if (typeof value === 'boolean') return bool(value);
  if (typeof value === 'bigint') {
    if (BigInt.asIntN(64, value) === value) return i64(value);
    throw refuse(body.source, node, 'JIT014', `${value}n is beyond 64 bits`, {
      note: 'bigints in compiled code lie between -(2n ** 63n) and 2n ** 63n - 1n',
      fix: 'use a smaller one',
    });
  }
  throw refuseLiteral(body, node);
}

// Names.

function read(body: Body, node: AnyNode & { name: string }, block: Block): Thing {
  const { name } = node;
  const variable = body.names.declarationOf(node);
  if (variable === undefined) {
    if (name === 'NaN') return f64(NaN);
    if (name === 'Infinity') return f64(Infinity);
    if (isModuleRandom(body, node)) return body.kernel.ownGenerator;
    if (name === 'undefined') return nothing;
    const foreign = body.kernel.globals.has(name) ? undefined : knownName(name);
    if (foreign !== undefined) throw refuseYet(body.source, node, ...foreign);
    return outside(body, node, name);
  }
  if (body.names.functionOf(variable) !== undefined)
    throw refuseYet(body.source, node, 'a function as a value', `call it: ${name}(…)`);
  if (body.kernel.refusals.isLost(variable)) throw new Consequence(name);
  const thing = block.environment.get(variable);
  if (thing === undefined && body.kernel.lost.has(variable))
    throw refuseYet(
      body.source,
      node,
      `${name}, an array that is made on one of several ways,`,
      'make it before they part, and fill it on each',
    );
  if (thing === undefined)
    throw refuse(body.source, node, 'JIT004', `${name} may have no value here`, {
      note: 'it would be undefined, which is not a number',
      fix: `give ${name} a first value where it is declared`,
    });
  if (!isScalar(thing) && thing.kind === 'gathered')
    throw refuse(body.source, node, 'JIT017', `${name} is read in a loop whose iterations add to it`, {
      note: 'the iterations of a parallel loop run in any order, and none knows what the others have added',
      fix: 'read it behind the loop, or use a plain for loop',
    });
  return thing;
}

/** A name, or a member of a module, from around the function. */
function outside(body: Body, node: Node, spelling: string): Thing {
  const { kernel, source } = body;
  const { globals } = kernel;
  if (!globals.has(spelling)) throw unknownName(body, node, spelling);
  const value = globals.valueOf(spelling);
  if (typeof value === 'number') return f64(value);
  if (typeof value === 'boolean') return bool(value);
  if (typeof value === 'bigint' && BigInt.asIntN(64, value) === value) return i64(value);
  throw refuseYet(
    source,
    node,
    `${spelling}, which is ${typeof value === 'function' ? 'a function and is not called' : 'no number, boolean or function'},`,
    `make ${spelling} a parameter`,
  );
}

/** A name, or a member of one, that nothing in the text declares, and what to paste. */
export function unknownName(body: Body, node: Node, spelling: string): Error {
  const { source } = body;
  if (/^arguments(?:\.|$)/.test(spelling))
    return refuseYet(
      source,
      node,
      'arguments',
      'name the parameters; where a build has written this for a default, let it build for ES2017 or later',
    );
  const written = writtenName(spelling);
  const [head, ...members] = written.split('.');
  if (body.kernel.refusals.isNameLost(head!)) return new Consequence(head);
  const given = members.length === 0 ? written : `${members.at(-1)!}: ${written}`;
  const paste = `jit(${source.name === 'function' ? 'f' : source.name}, { globals: () => ({ ${given} }) })`;
  const isRenamed = head!.length <= 2 || head!.startsWith('_');
  return refuse(source, node, 'JIT003', `${written} is not known inside ${calledName(source.name)}`, {
    note: 'a function that is compiled is known by its text alone, which does not tell the values of names around it',
    fix: `${members.length === 0 ? `make ${written} a parameter, or give its value` : 'give its value'}: ${paste}${
      isRenamed ? `\n(a build may have renamed it to ${written}: write the name that it has in your source)` : ''
    }`,
  });
}

function outsideChange(body: Body, target: AnyNode & { name: string }): Error {
  body.kernel.refusals.loseName(target.name);
  return refuse(
    body.source,
    target,
    'JIT003',
    `${target.name} is not declared inside ${calledName(body.source.name)}`,
    {
      note: 'a compiled function changes nothing outside of itself',
      fix: `declare it inside, and return it: let ${target.name} = …`,
    },
  );
}

export function write(body: Body, target: AnyNode & { name: string }, value: Thing, block: Block): Thing {
  const { name } = target;
  const variable = body.names.declarationOf(target);
  if (variable === undefined) throw outsideChange(body, target);
  if (variable.kind === 'const')
    throw refuse(body.source, target, 'JIT006', `${name} is a const`, {
      note: 'JavaScript would throw a TypeError here',
      fix: `declare it with let`,
    });
  // What is undefined has no value; reading it tells.
  if (value === nothing) {
    block.environment.set(variable, undefined);
    return value;
  }
  const before = block.environment.get(variable);
  if (before !== undefined && !areAlike(before, value) && !areArrays(before, value))
    throw mixed(body, target, name, before, value);
  block.environment.set(variable, value);
  return value;
}

/** A name may stand for another array from some place on; where two ways meet they have to agree. */
const areArrays = (a: Thing, b: Thing): boolean =>
  isArrayThing(a) && isArrayThing(b) && a.kind === b.kind && a.buffer.storage === b.buffer.storage;

/** Gives the names of a pattern their values. */
export function takeApart(
  body: Body,
  pattern: AnyNode,
  thing: Thing,
  give: (identifier: AnyNode & { name: string }, value: Thing) => void,
  block: Block,
): void {
  if (pattern.type === 'Identifier') return give(pattern, thing);
  if (pattern.type === 'MemberExpression') return storeThing(body, pattern, thing, block);
  if (pattern.type !== 'ArrayPattern')
    throw refuseYet(
      body.source,
      pattern,
      'taking a value apart like this',
      'write the names one by one: const [a, b] = …',
    );
  if (isScalar(thing) || (thing.kind !== 'tuple' && thing.kind !== 'array'))
    throw refuseYet(body.source, pattern, `taking ${nameOfThing(thing)} apart`, 'take tuples apart, such as [a, b]');
  for (const [index, each] of pattern.elements.entries()) {
    if (each === null) continue;
    if (thing.kind === 'array') {
      if (each.type === 'RestElement' || each.type === 'AssignmentPattern')
        throw refuseYet(
          body.source,
          each,
          'the rest of an array, or a default for an element,',
          'read the elements: x[0]',
        );
      const { start, end } = each;
      const literalIndex = { type: 'Literal', value: index, raw: String(index), start, end } as AnyNode;
      const place = placeOf(body, literalIndex, thing, block);
      takeApart(body, each, loadElement(body, each, thing, place, block), give, block);
      continue;
    }
    if (each.type === 'RestElement') {
      takeApart(body, each.argument, { kind: 'tuple', elements: thing.elements.slice(index) }, give, block);
      continue;
    }
    const element = each.type === 'AssignmentPattern' ? each.left : each;
    const part =
      thing.elements[index] ?? (each.type === 'AssignmentPattern' ? expression(body, each.right, block) : undefined);
    if (part === undefined)
      throw refuse(body.source, element, 'JIT004', `this tuple has only ${thing.elements.length} elements`, {
        note: 'the name would be undefined, which is not a number',
        fix: 'leave the name out',
      });
    takeApart(body, element, part, give, block);
  }
}

// Operators.

function unary(body: Body, node: Extract<AnyNode, { type: 'UnaryExpression' }>, block: Block): Operand {
  const { kernel } = body;
  if (node.operator === 'typeof' || node.operator === 'delete') throw refuseOperator(body, node, node.operator);
  const operand = scalar(body, node.argument, block);
  switch (node.operator) {
    case '+':
      return toNumber(body, node, block, operand);
    case '-': {
      if (isBig(operand)) return bigNegative(body, node, operand, block);
      const value = toNumber(body, node, block, operand);
      return value instanceof Constant
        ? f64(-Number(value.value))
        : kernel.pure(block, 'neg', 'f64', [value], 'negative');
    }
    case '!':
      return not(kernel, block, toBoolean(body, node, block, operand));
    case '~': {
      if (isBig(operand)) return kernel.pure(block, 'xor', 'i64', [operand, i64(-1n)]);
      const integer = toInt32(kernel, block, toNumber(body, node, block, operand));
      return fromBits(body, block, kernel.pure(block, 'xor', 'i32', [integer, new Constant('i32', -1)]));
    }
    default:
      throw refuseOperator(body, node, node.operator);
  }
}

const fromBits = (body: Body, block: Block, integer: Operand): Operand =>
  body.kernel.pure(block, 'toF64', 'i32', [integer], 'number');

/** `left operator right`, the right side being lowered here, after the left. */
export function binary(
  body: Body,
  node: Node,
  operator: string,
  leftThing: Thing,
  rightNode: AnyNode,
  block: Block,
): Operand {
  const { kernel } = body;
  const left = toScalar(body, node, leftThing);
  const right = scalar(body, rightNode, block);
  const comparison = comparisons[operator];
  if (isBig(left) !== isBig(right) && !(operator === '===' || operator === '!==')) {
    throw refuse(body.source, node, 'JIT006', `${nameOfThing(left)} and ${nameOfThing(right)} meet at ${operator}`, {
      note: comparison ? 'comparing the two is not compiled yet' : 'JavaScript would throw a TypeError here',
      fix: 'convert one of them: Number(x), or BigInt(x)',
    });
  }
  if (comparison !== undefined) {
    const isStrict = operator === '===' || operator === '!==';
    if (isStrict && left.type !== right.type) return bool(operator === '!==');
    const isEquality = comparison === 'eq' || comparison === 'ne';
    if (left.type === right.type && (left.type === 'i64' || (left.type === 'bool' && isEquality)))
      return kernel.pure(block, comparison, left.type, [left, right]);
    return kernel.pure(block, comparison, 'f64', [
      toNumber(body, node, block, left),
      toNumber(body, node, block, right),
    ]);
  }
  if (isBig(left)) return bigArithmetic(body, node, operator, [left, right], block);
  const [a, b] = [toNumber(body, node, block, left), toNumber(body, node, block, right)];
  if (operator === '**') return power(body, a, b, block);
  const bitwise = bitOperators[operator];
  if (bitwise !== undefined) {
    const integers = [toInt32(kernel, block, a), toInt32(kernel, block, b)];
    const result = kernel.pure(block, bitwise, 'i32', integers);
    if (operator !== '>>>') return fromBits(body, block, result);
    return kernel.fromWhole(block, kernel.pure(block, 'extendU', 'i32', [result]), 2 ** 32, 'number');
  }
  const operation = arithmetic[operator];
  if (operation === undefined) throw refuseOperator(body, node as AnyNode, operator);
  const result = kernel.pure(block, operation, 'f64', [a, b]);
  if (operation === 'add' || operation === 'sub') {
    const [wholeA, wholeB] = [kernel.wholeOf(block, a), kernel.wholeOf(block, b)];
    if (wholeA && wholeB && wholeA.bound + wholeB.bound <= exactBound)
      kernel.noteWhole(result, {
        integer: kernel.pure(block, operation, 'i64', [wholeA.integer, wholeB.integer], 'whole'),
        bound: wholeA.bound + wholeB.bound,
      });
  }
  return result;
}

/** `**` and Math.pow; of a number and 2 its square (docs/numerics.md, 5). */
export function power({ kernel }: Body, base: Operand, exponent: Operand, block: Block): Operand {
  if (exponent instanceof Constant && exponent.value === 2)
    return kernel.pure(block, 'mul', 'f64', [base, base], 'square');
  return kernel.math(block, 'pow', [base, exponent]);
}

// Assignments.

type Assignment = Extract<AnyNode, { type: 'AssignmentExpression' }>;
const logicalAssignments: ReadonlySet<string> = new Set(['&&=', '||=', '??=']);

function assignment(body: Body, node: Assignment, block: Block): Thing {
  const { left, right, operator } = node;
  const target = left as AnyNode;
  if (target.type === 'ParenthesizedExpression')
    return assignment(body, { ...node, left: target.expression as typeof left }, block);
  if (operator === '=') {
    if (target.type === 'MemberExpression') return storeTo(body, target, right, block);
    const value = expression(body, right, block);
    takeApart(body, target, value, (identifier, part) => void write(body, identifier, part, block), block);
    return value;
  }
  if (logicalAssignments.has(operator)) {
    if (target.type !== 'Identifier' && target.type !== 'MemberExpression')
      throw refuseYet(body.source, node, `${operator} of anything but a variable or an element`, 'write it with if');
    const element = target.type === 'MemberExpression' ? elementOf(body, target, block) : undefined;
    const before = element
      ? loadElement(body, target, element.array, element.place, block)
      : read(body, target as AnyNode & { name: string }, block);
    if (operator === '??=') return before;
    const isTrue = toBoolean(body, target, block, before);
    const keep = (): Thing => before;
    const take = (inner: Block): Thing => {
      const value = expression(body, right, inner);
      if (element === undefined) return write(body, target as AnyNode & { name: string }, value, inner);
      const stored = storedOf(body, right, element.array.of, toScalar(body, right, value), inner);
      storeElement(body, target, element.array, element.place, stored, inner);
      return value;
    };
    const [consequent, alternate] = operator === '&&=' ? [take, keep] : [keep, take];
    return either(body, node, block, isTrue, consequent, alternate)!;
  }
  if (target.type === 'Identifier' && body.names.declarationOf(target) === undefined) throw outsideChange(body, target);
  const plain = operator.slice(0, -1);
  if (target.type === 'MemberExpression') {
    const { array, place } = elementOf(body, target, block);
    const modular = array.of.isBig ? modularOperation(plain) : undefined;
    if (modular !== undefined) {
      // Only its 64 bits are stored.
      const bits = loadElement(body, target, array, place, block, true);
      const other = storedOf(body, right, array.of, wrappedBigint(body, right, block), block);
      const result = body.kernel.pure(block, modular, 'i64', [bits, other]);
      storeElement(body, target, array, place, result, block);
      return result;
    }
    if ((plain === '+' || plain === '-') && wholeNumber(right) !== undefined) body.kernel.counting.add(target);
    const before = loadElement(body, target, array, place, block);
    const value = binary(body, node, plain, before, right, block);
    storeElement(body, target, array, place, storedOf(body, node, array.of, value, block), block);
    return value;
  }
  if (target.type !== 'Identifier')
    throw refuseYet(body.source, target, 'an assignment to anything but a variable', 'assign to a variable');
  const value = binary(body, node, plain, read(body, target, block), right, block);
  return write(body, target, value, block);
}

/** The element that a pattern names gets a value that is there already. */
function storeThing(body: Body, target: Member, value: Thing, block: Block): void {
  const { array, place } = elementOf(body, target, block);
  storeElement(body, target, array, place, storedOf(body, target, array.of, value, block), block);
}

function storeTo(
  body: Body,
  target: Extract<AnyNode, { type: 'MemberExpression' }>,
  right: Expression,
  block: Block,
): Thing {
  const { array, place } = elementOf(body, target, block);
  if (array.of.isBig) {
    // Of bigints 64 bits are enough.
    const value = storedOf(body, right, array.of, wrappedBigint(body, right, block), block);
    storeElement(body, target, array, place, value, block);
    return value;
  }
  const value = toScalar(body, right, expression(body, right, block));
  storeElement(body, target, array, place, storedOf(body, right, array.of, value, block), block);
  return value;
}

function update(body: Body, node: Extract<AnyNode, { type: 'UpdateExpression' }>, block: Block): Thing {
  const target = node.argument as AnyNode;
  const operator = node.operator === '++' ? '+' : '-';
  const next = (before: Operand): Operand =>
    isBig(before)
      ? bigArithmetic(body, node, operator, [before, i64(1n)], block)
      : body.kernel.pure(block, operator === '+' ? 'add' : 'sub', 'f64', [before, f64(1)], 'next');
  const ready = (before: Thing): Operand =>
    isScalar(before) && isBig(before) ? before : toNumber(body, target, block, before);
  if (target.type === 'MemberExpression') {
    const { array, place } = elementOf(body, target, block);
    body.kernel.counting.add(target);
    const before = ready(loadElement(body, target, array, place, block));
    const after = next(before);
    storeElement(body, target, array, place, storedOf(body, node, array.of, after, block), block);
    return node.prefix ? after : before;
  }
  if (target.type !== 'Identifier')
    throw refuseYet(body.source, target, `${node.operator} of anything but a variable`, 'use a variable');
  if (body.names.declarationOf(target) === undefined) throw outsideChange(body, target);
  const before = ready(read(body, target, block));
  const after = next(before);
  if (after.type === 'f64') {
    const whole = body.kernel.wholeOf(block, before);
    if (whole && whole.bound < exactBound) {
      const integer = body.kernel.pure(
        block,
        operator === '+' ? 'add' : 'sub',
        'i64',
        [whole.integer, i64(1n)],
        'whole',
      );
      body.kernel.noteWhole(after, { integer, bound: whole.bound + 1 });
    }
  }
  write(body, target, after, block);
  return node.prefix ? after : before;
}

// Members.

type Member = Extract<AnyNode, { type: 'MemberExpression' }>;

function elementOf(body: Body, node: Member, block: Block): { array: ArrayThing; place: Operand } {
  return placeIn(body, node, objectOf(body, node, block), block);
}

function placeIn(body: Body, node: Member, object: Thing, block: Block): { array: ArrayThing; place: Operand } {
  if (isScalar(object) || object.kind !== 'array' || !node.computed || node.property.type === 'PrivateIdentifier') {
    if (!isScalar(object) && object.kind === 'tuple')
      throw refuseYet(
        body.source,
        node,
        'a change of a tuple',
        'make it a new Float64Array, whose elements can change',
      );
    const property = propertyName(node);
    if (property !== undefined) throw refuseProperty(body, node, property, object);
    throw refuseYet(
      body.source,
      node,
      `an element of ${nameOfThing(object)} in brackets`,
      !isScalar(object) && object.kind === 'ndarray'
        ? 'write a.get(i, j), and a.set(i, j, value)'
        : 'use elements of typed arrays, as x[i]',
    );
  }
  return { array: object, place: placeOf(body, node.property, object, block) };
}

function member(body: Body, node: Member, block: Block): Thing {
  const property = propertyName(node);
  if (property !== undefined) {
    const math = mathConstants.find((name) => name === property);
    if (math !== undefined && isMember(node, 'Math', math)) return f64(Math[math]);
    const constant = numberConstants.find((name) => name === property);
    if (constant !== undefined && isMember(node, 'Number', constant)) return f64(Number[constant]);
    if (isModuleRandom(body, node)) return body.kernel.ownGenerator;
    const spelling = spellingOf(node);
    if (spelling !== undefined && body.kernel.globals.has(spelling)) return outside(body, node, spelling);
    if (property === 'BYTES_PER_ELEMENT' && node.object.type === 'Identifier') {
      const kind = kindNamed(node.object.name);
      if (kind !== undefined && body.names.declarationOf(node.object) === undefined) return f64(kind.bytes);
    }
    const head = headOf(node);
    if (spelling !== undefined && head.type === 'Identifier' && body.names.declarationOf(head) === undefined) {
      if (head.name in globalThis) throw refuseProperty(body, node, property);
      throw unknownName(body, node, spelling);
    }
    const object = objectOf(body, node, block);
    if (property === 'length' && !isScalar(object)) {
      if (object.kind === 'array') return body.kernel.fromWhole(block, object.length, 2 ** 48, 'length');
      if (object.kind === 'tuple') return f64(object.elements.length);
    }
    if (!isScalar(object) && object.kind === 'array') {
      const { bytes } = object.of;
      if (property === 'BYTES_PER_ELEMENT') return f64(bytes);
      if (property === 'byteLength') {
        const length = body.kernel.pure(block, 'mul', 'i64', [object.length, i64(bytes)], 'byteLength');
        return body.kernel.fromWhole(block, length, 2 ** 51, 'byteLength');
      }
    }
    const known = isScalar(object) || object.kind !== 'ndarray' ? undefined : ndProperty(body, object, property, block);
    if (known !== undefined) return known;
    throw refuseProperty(body, node, property, object);
  }
  const object = objectOf(body, node, block);
  if (!isScalar(object) && object.kind === 'tuple') {
    const index = wholeNumber(node.property);
    const element = index === undefined ? undefined : object.elements[index];
    if (element !== undefined) return element;
    throw refuseYet(
      body.source,
      node,
      'an element of a tuple at a place that is not written there, or that it does not have,',
      'make it a typed array: new Float64Array([a, b])',
    );
  }
  const { array, place } = placeIn(body, node, object, block);
  return loadElement(body, node, array, place, block);
}

/** What stands before all dots. */
export const headOf = (node: AnyNode): AnyNode => (node.type === 'MemberExpression' ? headOf(node.object) : node);

/** What stands before a dot or a bracket. */
export function objectOf(body: Body, { object }: Member, block: Block): Thing {
  if (object.type === 'Super') throw refuseKind(body, object);
  if (object.type !== 'Identifier' || body.names.declarationOf(object) !== undefined)
    return expression(body, object, block);
  const { name } = object;
  if (body.kernel.globals.has(name) || knownName(name) !== undefined) return read(body, object, block);
  if (name in globalThis) throw refuseProperty(body, object, undefined);
  if (body.kernel.refusals.isNameLost(name)) throw new Consequence(name);
  if (name === 'arguments') throw unknownName(body, object, name);
  throw refuse(body.source, object, 'JIT003', `${name} is not known inside ${calledName(body.source.name)}`, {
    note: 'a function that is compiled is known by its text alone, which does not tell the values of names around it',
    fix: `make ${name} a parameter: arrays come as arguments`,
  });
}

function construct(body: Body, node: Extract<AnyNode, { type: 'NewExpression' }>, block: Block): Thing {
  const { callee } = node;
  const isOutside = callee.type === 'Identifier' && body.names.declarationOf(callee) === undefined;
  const of = isOutside ? kindNamed(callee.name) : undefined;
  const given = node.arguments.filter((argument) => argument.type !== 'SpreadElement') as AnyNode[];
  if (of === undefined || given.length < node.arguments.length) throw refuseNew(body, node);
  return newArray(body, node, of, given, block);
}
