// Questions about syntax trees: what they hold, and how things are written. Nested functions are not entered.
import type { AnyNode, Node } from 'acorn';

export const isNode = (value: unknown): value is AnyNode =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

/** Trees do not change, and are walked for one question after the other. */
const knownChildren = new WeakMap<Node, AnyNode[]>();

export function childrenOf(node: Node): readonly AnyNode[] {
  let children = knownChildren.get(node);
  if (children === undefined) knownChildren.set(node, (children = findChildren(node)));
  return children;
}

function findChildren(node: Node): AnyNode[] {
  const children: AnyNode[] = [];
  for (const name in node) {
    const value: unknown = node[name as keyof Node];
    if (Array.isArray(value)) {
      for (const each of value as unknown[]) if (isNode(each)) children.push(each);
    } else if (isNode(value)) children.push(value);
  }
  return children;
}

/** Whether `test` holds for the node or one inside it. */
export function someNode(node: Node, test: (node: AnyNode) => boolean): boolean {
  if (test(node as AnyNode)) return true;
  for (const child of childrenOf(node)) if (!isFunction(child) && someNode(child, test)) return true;
  return false;
}

export const isFunction = ({ type }: AnyNode): boolean =>
  type === 'FunctionDeclaration' || type === 'FunctionExpression' || type === 'ArrowFunctionExpression';

/** What is called or read, without parentheses and without `(0, f)`, which modules' transforms write for a call without `this`. */
export function bare(node: AnyNode): AnyNode {
  if (node.type === 'ParenthesizedExpression') return bare(node.expression);
  if (node.type !== 'SequenceExpression' || node.expressions.length !== 2) return node;
  const [first, second] = node.expressions;
  return first!.type === 'Literal' ? bare(second!) : node;
}

/** The name behind the dot, where there is one. */
export const propertyName = (node: AnyNode): string | undefined =>
  node.type === 'MemberExpression' && !node.computed && node.property.type === 'Identifier'
    ? node.property.name
    : undefined;

/** `object.property`, written so. */
export function isMember(node: AnyNode, object: string, property: string): boolean {
  return propertyName(node) === property && isMemberOf(node, object);
}

/** `object.anything`, written so. */
export const isMemberOf = (node: AnyNode, object: string): boolean =>
  node.type === 'MemberExpression' && node.object.type === 'Identifier' && node.object.name === object;

const loops = new Set(['ForStatement', 'ForOfStatement', 'ForInStatement', 'WhileStatement', 'DoWhileStatement']);

export const isLoop = ({ type }: AnyNode): boolean => loops.has(type);

/** The whole number that is written there, if one is. */
export function wholeNumber(node: AnyNode): number | undefined {
  if (node.type === 'ParenthesizedExpression') return wholeNumber(node.expression);
  if (node.type === 'UnaryExpression' && node.operator === '-') {
    const positive = wholeNumber(node.argument);
    // −0 is not the integer 0: a counter that begins with it is −0 once.
    return positive === undefined || positive === 0 ? undefined : -positive;
  }
  return node.type === 'Literal' && Number.isSafeInteger(node.value) ? (node.value as number) : undefined;
}

/** `TemplateLiteral` → `a template literal`. */
export function withArticle(type: string): string {
  const words = type.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
  return `${/^[aeiou]/.test(words) ? 'an' : 'a'} ${words}`;
}
