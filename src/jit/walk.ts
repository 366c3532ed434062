// Questions about syntax trees: what they hold, whether they draw, whether they loop. Nested functions are not entered.
import type { AnyNode, Node } from 'acorn';

const isNode = (value: unknown): value is AnyNode =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

export function childrenOf(node: Node): AnyNode[] {
  return Object.values(node).flatMap((value: unknown) =>
    Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [],
  );
}

/** Whether `test` holds for the node or one inside it. */
export function someNode(node: Node, test: (node: AnyNode) => boolean): boolean {
  if (test(node as AnyNode)) return true;
  return childrenOf(node).some((child) => !isFunction(child) && someNode(child, test));
}

export const isFunction = ({ type }: AnyNode): boolean =>
  type === 'FunctionDeclaration' || type === 'FunctionExpression' || type === 'ArrowFunctionExpression';

export const isDraw = (node: AnyNode): boolean =>
  node.type === 'CallExpression' && isMember(node.callee, 'Math', 'random');

export const draws = (node: Node): boolean => someNode(node, isDraw);

/** `object.property`, written so. */
export function isMember(node: Node, object: string, property: string): boolean {
  const {
    type,
    computed,
    object: left,
    property: right,
  } = node as AnyNode & { computed?: boolean; object?: AnyNode; property?: AnyNode };
  return type === 'MemberExpression' && !computed && isIdentifier(left, object) && isIdentifier(right, property);
}

const isIdentifier = (node: AnyNode | undefined, name: string): boolean =>
  node?.type === 'Identifier' && node.name === name;

const loops = new Set(['ForStatement', 'ForOfStatement', 'ForInStatement', 'WhileStatement', 'DoWhileStatement']);

export const hasLoop = (node: Node): boolean => someNode(node, ({ type }) => loops.has(type));
