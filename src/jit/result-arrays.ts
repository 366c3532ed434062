// Arrays that a function makes and returns. Their memory has to outlive the kernel's call, so the caller makes them before it: those whose length
// is made of the function's arguments, and which are made once, at the function's own level.
import type { AnyNode, Node } from 'acorn';
import { kindNamed } from './array-kinds.js';
import type { ArrayKind } from './array-kinds.js';
import type { Body } from './code.js';
import { spellingOf } from './globals.js';
import { isScalar } from './things.js';
import type { Thing } from './things.js';
import { isMember, isMemberOf, propertyName, someNode } from './walk.js';

export interface ResultArray {
  /** The `new` that makes it. */
  readonly node: Node;
  readonly of: ArrayKind;
  /** ECMAScript's ToIndex of the length, given the arguments of the call; NaN for none that an array can have. */
  readonly lengthOf: (args: readonly unknown[]) => number;
}

/** The typed array that an argument is, if its name stands for nothing else. */
function argumentAt(
  { names, callee }: Body,
  node: Node,
  things: readonly (Thing | undefined)[],
): Pick<ResultArray, 'of' | 'lengthOf'> | undefined {
  const declaration = names.declarationOf(node);
  if (declaration === undefined || names.isAssigned(declaration)) return undefined;
  const index = callee.node.params.findIndex((each) => names.declarationOf(each) === declaration);
  const thing = things[index];
  if (thing === undefined || isScalar(thing) || thing.kind !== 'array') return undefined;
  return { of: thing.of, lengthOf: (args) => (args[index] as ArrayLike<unknown>).length };
}

type Evaluate = (args: readonly unknown[]) => number;

export function resultArraysOf(body: Body, things: readonly (Thing | undefined)[]): ResultArray[] {
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

function arrayOf(body: Body, node: AnyNode, things: readonly (Thing | undefined)[]): ResultArray | undefined {
  if (node.type === 'CallExpression' && node.callee.type === 'MemberExpression') {
    // `new Float64Array(n).fill(v)` gives what it fills; `x.slice()` is as long as x.
    const { object } = node.callee;
    const method = propertyName(node.callee);
    if (method === 'of' && object.type === 'Identifier' && body.names.declarationOf(object) === undefined) {
      const of = kindNamed(object.name);
      const { length } = node.arguments;
      return of && { node, of, lengthOf: () => length };
    }
    if (method === 'fill' && object.type === 'NewExpression') return arrayOf(body, object, things);
    const array = method === 'slice' && node.arguments.length === 0 ? argumentAt(body, object, things) : undefined;
    return array && { node, of: array.of, lengthOf: array.lengthOf };
  }
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
function evaluatorOf(
  body: Body,
  node: AnyNode,
  things: readonly (Thing | undefined)[],
  depth: number,
): Evaluate | undefined {
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
      return init && inner(init);
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
