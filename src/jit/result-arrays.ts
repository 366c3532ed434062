// Arrays that a function makes and returns. Their memory has to outlive the kernel's call, so the caller makes them before it: those whose length
// is made of the function's arguments, and which are made once, at the function's own level.
import type { AnyNode, Node } from 'acorn';
import type { LentArray } from '../memory/lent-arrays.js';
import { kindNamed } from './array-kinds.js';
import type { ArrayKind } from './array-kinds.js';
import type { Body } from './code.js';
import { spellingOf } from './globals.js';
import { creationAt, defaultDType, dtypeIn, partsOf, shapeError } from './nd-creation.js';
import type { Call } from './nd-creation.js';
import { ndType } from './nd-types.js';
import type { NdType } from './nd-types.js';
import { isScalar } from './things.js';
import type { Thing } from './things.js';
import { bare, isMember, isMemberOf, propertyName, someNode, wholeNumber } from './walk.js';

export interface TypedResult {
  /** The `new` that makes it. */
  readonly node: Node;
  readonly of: ArrayKind;
  /** ECMAScript's ToIndex of the length, given the arguments of the call; NaN for none that an array can have. */
  readonly lengthOf: (args: readonly unknown[]) => number;
}

/** An array with a shape, which is the call's result as it stands. */
export interface NdResult {
  /** The call that makes it. */
  readonly node: Node;
  readonly nd: NdType;
  /**
   * Its shape, given the arguments of the call.
   *
   * @throws {UserError} ARRAY001 for lengths that no array has
   */
  readonly shapeOf: (args: readonly unknown[]) => readonly number[];
}

export type ResultArray = TypedResult | NdResult;

/** The typed array that an argument is, if its name stands for nothing else. */
function argumentAt(body: Body, node: Node, things: Things): Pick<TypedResult, 'of' | 'lengthOf'> | undefined {
  const index = parameterAt(body, node);
  const thing = things[index];
  if (thing === undefined || isScalar(thing) || thing.kind !== 'array') return undefined;
  return { of: thing.of, lengthOf: (args) => (args[index] as ArrayLike<unknown>).length };
}

/** What the function's parameters are; undefined for those that are not given. */
type Things = readonly (Thing | undefined)[];
type Evaluate = (args: readonly unknown[]) => number;

export function resultArraysOf(body: Body, things: Things): ResultArray[] {
  const { callee, names } = body;
  const code = callee.node.body;
  if (code.type !== 'BlockStatement') {
    const made = arrayOf(body, code, things);
    return made === undefined ? [] : [made];
  }
  const isReturned = (name: Node): boolean => {
    const declaration = names.declarationOf(name);
    return someNode(code, (node) => {
      if (node.type !== 'ReturnStatement' || !node.argument) return false;
      const given = node.argument.type === 'ArrayExpression' ? node.argument.elements : [node.argument];
      return given.some((each) => each !== null && names.declarationOf(each) === declaration);
    });
  };
  return code.body.flatMap((statement): ResultArray[] => {
    if (statement.type === 'ReturnStatement' && statement.argument) {
      const { argument } = statement;
      const given = argument.type === 'ArrayExpression' ? argument.elements : [argument];
      return given.flatMap((each) => (each === null ? [] : (arrayOf(body, each as AnyNode, things) ?? [])));
    }
    if (statement.type !== 'VariableDeclaration') return [];
    return statement.declarations.flatMap(({ id, init }) =>
      init && id.type === 'Identifier' && isReturned(id) ? (arrayOf(body, init, things) ?? []) : [],
    );
  });
}

function arrayOf(body: Body, node: AnyNode, things: Things): ResultArray | undefined {
  if (node.type === 'ParenthesizedExpression') return arrayOf(body, node.expression, things);
  if (node.type === 'CallExpression') return methodOf(body, node, things) ?? ndArrayOf(body, node, things);
  if (node.type !== 'NewExpression' || node.callee.type !== 'Identifier') return undefined;
  if (body.names.declarationOf(node.callee) !== undefined) return undefined;
  const of = kindNamed(node.callee.name);
  const [first, ...others] = node.arguments as unknown as AnyNode[];
  if (of === undefined || others.length > 0) return undefined;
  if (first?.type === 'ArrayExpression') {
    const { length } = first.elements;
    return { node, of, lengthOf: () => length };
  }
  const copied = first && argumentAt(body, first, things);
  if (copied !== undefined) return { node, of, lengthOf: copied.lengthOf };
  const evaluate = first === undefined ? (): number => 0 : evaluatorOf(body, first, things, 0);
  if (evaluate === undefined) return undefined;
  const toIndex = (value: number): number => {
    const whole = Math.trunc(Number.isNaN(value) ? 0 : value) + 0;
    return whole >= 0 && whole <= 2 ** 32 ? whole : NaN;
  };
  return { node, of, lengthOf: (args) => toIndex(evaluate(args)) };
}

/** What a method of typed arrays makes. */
function methodOf(body: Body, node: Call, things: Things): ResultArray | undefined {
  const callee = bare(node.callee);
  if (callee.type !== 'MemberExpression') return undefined;
  // `new Float64Array(n).fill(v)` gives what it fills; `x.slice()` is as long as x.
  const { object } = callee;
  const method = propertyName(callee);
  if (method === 'of' && object.type === 'Identifier' && body.names.declarationOf(object) === undefined) {
    const of = kindNamed(object.name);
    const { length } = node.arguments;
    return of && { node, of, lengthOf: () => length };
  }
  if (method === 'fill' && object.type === 'NewExpression') return arrayOf(body, object, things);
  const array = method === 'slice' && node.arguments.length === 0 ? argumentAt(body, object, things) : undefined;
  return array && { node, of: array.of, lengthOf: array.lengthOf };
}

function ndArrayOf(body: Body, node: Call, things: Things): NdResult | undefined {
  const name = creationAt(body, node);
  if (name === undefined) return undefined;
  const { shape, isLike, value, options } = partsOf(body, node, name);
  const lengths = isLike ? extentsOf(body, shape, things) : lengthsOf(body, shape, things);
  if (lengths === undefined) return undefined;
  const like = (at: AnyNode) => {
    const thing = things[parameterAt(body, at)];
    return thing === undefined || isScalar(thing) || thing.kind !== 'ndarray' ? undefined : thing.dtype;
  };
  const given = isLike ? like(shape) : dtypeIn(body, options, like);
  const dtype = given ?? (value === undefined || value === 1 ? 'float64' : dtypeOfValue(body, value, things));
  if (dtype === undefined) return undefined;
  return {
    node,
    nd: ndType(
      dtype,
      lengths.map(() => 0),
      lengths.map(() => 0),
    ),
    shapeOf(args) {
      const found = lengths.map((each) => each(args));
      const wrong = found.find((length) => !Number.isSafeInteger(length) || length < 0);
      if (wrong !== undefined) throw shapeError(body, node, name, String(wrong));
      return found;
    },
  };
}

/** What `full` makes of a value whose type its text tells. */
function dtypeOfValue(body: Body, node: AnyNode, things: Things) {
  if (node.type === 'Literal') {
    const dtypes = { number: 'float64', boolean: 'bool', bigint: 'int64' } as const;
    return dtypes[typeof node.value as keyof typeof dtypes];
  }
  const thing = things[parameterAt(body, node)];
  if (thing !== undefined && isScalar(thing)) return defaultDType(thing);
  return evaluatorOf(body, node, things, 0) && 'float64';
}

/** The number of the parameter that a name is, which is never assigned; -1 for anything else. */
function parameterAt({ names, callee }: Body, node: Node): number {
  const declaration = names.declarationOf(node);
  if (declaration === undefined || names.isAssigned(declaration)) return -1;
  return callee.node.params.findIndex((each) => names.declarationOf(each) === declaration);
}

/** The lengths of an array that is a parameter. */
function extentsOf(body: Body, node: AnyNode, things: Things): Evaluate[] | undefined {
  const index = parameterAt(body, node);
  const thing = things[index];
  if (thing === undefined || isScalar(thing) || thing.kind !== 'ndarray') return undefined;
  return thing.shape.map((_, axis) => (args) => (args[index] as LentArray).shape[axis]!);
}

/** The lengths that an expression lists. */
function lengthsOf(body: Body, node: AnyNode, things: Things): Evaluate[] | undefined {
  if (propertyName(node) === 'shape' && node.type === 'MemberExpression') return extentsOf(body, node.object, things);
  const listed = node.type === 'ArrayExpression' ? node.elements : [node];
  const lengths = listed.map((each) => (each === null ? undefined : evaluatorOf(body, each, things, 0)));
  return lengths.every((each) => each !== undefined) ? lengths : undefined;
}

/** The expression that a name of a pattern stands for: `const [n, m] = a.shape`. */
function partOf(body: Body, name: Node, things: Things): Evaluate | undefined {
  const { names, callee } = body;
  const declaration = names.declarationOf(name);
  let found: Evaluate | undefined;
  someNode(callee.node.body, (node) => {
    if (node.type !== 'VariableDeclarator' || node.id.type !== 'ArrayPattern' || !node.init) return false;
    const index = node.id.elements.findIndex((each) => each !== null && names.declarationOf(each) === declaration);
    if (index >= 0) found = lengthsOf(body, node.init, things)?.[index];
    return index >= 0;
  });
  return found;
}

const operators: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '|': (a, b) => a | b,
  '>>': (a, b) => a >> b,
  '>>>': (a, b) => a >>> b,
};
const functions = ['floor', 'ceil', 'trunc', 'round', 'abs', 'sqrt', 'min', 'max'] as const;

/** What gives the number that an expression of arguments is; undefined where it is made of anything else. */
function evaluatorOf(body: Body, node: AnyNode, things: Things, depth: number): Evaluate | undefined {
  const { names, callee, kernel } = body;
  const inner = (each: AnyNode): Evaluate | undefined => evaluatorOf(body, each, things, depth + 1);
  if (depth > 20) return undefined;
  switch (node.type) {
    case 'ParenthesizedExpression':
      return inner(node.expression);
    case 'Literal': {
      const { value } = node;
      return typeof value === 'number' ? () => value : undefined;
    }
    case 'Identifier': {
      const declaration = names.declarationOf(node);
      if (declaration === undefined) {
        const value = kernel.globals.valueOf(node.name);
        return typeof value === 'number' ? () => value : undefined;
      }
      if (names.isAssigned(declaration)) return undefined;
      const index = callee.node.params.findIndex((each) => names.declarationOf(each) === declaration);
      const thing = things[index];
      if (index >= 0)
        return thing !== undefined && isScalar(thing) && thing.type === 'f64'
          ? (args) => args[index] as number
          : undefined;
      const init = names.initialOf(declaration);
      return init ? inner(init) : partOf(body, node, things);
    }
    case 'BinaryExpression': {
      const operator = operators[node.operator];
      if (operator === undefined || node.left.type === 'PrivateIdentifier') return undefined;
      const [left, right] = [inner(node.left), inner(node.right)];
      return left && right && ((args) => operator(left(args), right(args)));
    }
    case 'UnaryExpression': {
      const operand = node.operator === '-' ? inner(node.argument) : undefined;
      return operand && ((args) => -operand(args));
    }
    case 'MemberExpression': {
      const spelling = spellingOf(node);
      const value = spelling === undefined ? undefined : kernel.globals.valueOf(spelling);
      if (typeof value === 'number') return () => value;
      if (propertyName(node) === 'size') {
        const lengths = extentsOf(body, node.object, things);
        return lengths && ((args) => lengths.reduce((size, length) => size * length(args), 1));
      }
      const axis = node.computed ? wholeNumber(node.property) : undefined;
      if (axis !== undefined) return lengthsOf(body, node.object, things)?.[axis];
      if (propertyName(node) !== 'length') return undefined;
      const declaration = names.declarationOf(node.object);
      if (declaration === undefined || names.isAssigned(declaration)) return undefined;
      const index = callee.node.params.findIndex((each) => names.declarationOf(each) === declaration);
      const thing = things[index];
      const isArray = thing !== undefined && !isScalar(thing) && thing.kind === 'array';
      return isArray ? (args) => (args[index] as ArrayLike<unknown>).length : undefined;
    }
    case 'CallExpression': {
      const name = functions.find((each) => isMember(node.callee as AnyNode, 'Math', each));
      if (name === undefined || !isMemberOf(node.callee, 'Math')) return undefined;
      const given = node.arguments.map((each) => inner(each as AnyNode));
      if (!given.every((each) => each !== undefined)) return undefined;
      const compute: (...numbers: number[]) => number = Math[name];
      return (args) => compute(...given.map((each) => each(args)));
    }
    default:
      return undefined;
  }
}
