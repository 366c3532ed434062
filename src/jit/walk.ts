// Questions about syntax trees: what a piece of code assigns, whether it draws, whether it loops. Nested functions are not entered.
import type { AnyNode, ForStatement, Node } from 'acorn';

const isNode = (value: unknown): value is AnyNode =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

function childrenOf(node: Node): AnyNode[] {
  return Object.values(node).flatMap((value: unknown) =>
    Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [],
  );
}

/** Whether `test` holds for the node or one inside it. */
export function someNode(node: Node, test: (node: AnyNode) => boolean): boolean {
  if (test(node as AnyNode)) return true;
  return childrenOf(node).some((child) => !isFunction(child) && someNode(child, test));
}

const isFunction = ({ type }: AnyNode): boolean =>
  type === 'FunctionDeclaration' || type === 'FunctionExpression' || type === 'ArrowFunctionExpression';

/** Names that are assigned in `node` by `=`, `+=` …, `++` or `--`; a declaration's initial value is not an assignment. */
export function assignedNames(node: Node): Set<string> {
  const names = new Set<string>();
  someNode(node, (inner) => {
    const target =
      inner.type === 'AssignmentExpression'
        ? inner.left
        : inner.type === 'UpdateExpression'
          ? inner.argument
          : undefined;
    if (target?.type === 'Identifier') names.add(target.name);
    return false;
  });
  return names;
}

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

/** The header of a counted loop of docs/random.md, 6. */
export interface CountedHeader {
  readonly name: string;
  readonly start: AnyNode;
  readonly end: AnyNode;
  readonly comparison: '<' | '<=' | '>' | '>=';
  /** `i++` is 1, `i--` is −1; else undefined: a step that is written out. */
  readonly unitStep: 1 | -1 | undefined;
}

const mirrored = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;

/** @param isFixed whether a name is a parameter or local that nothing assigns */
export function countedHeader(loop: ForStatement, isFixed: (name: string) => boolean): CountedHeader | undefined {
  const { init, test, update, body } = loop;
  if (init?.type !== 'VariableDeclaration' || test?.type !== 'BinaryExpression' || !(test.operator in mirrored))
    return undefined;
  const operator = test.operator as keyof typeof mirrored;
  for (const declaration of init.declarations) {
    if (declaration.id.type !== 'Identifier' || !declaration.init) continue;
    const { name } = declaration.id;
    const isIndex = (node: Node): boolean => isIdentifier(node as AnyNode, name);
    const isLeft = isIndex(test.left);
    if (isLeft === isIndex(test.right)) continue;
    const end = (isLeft ? test.right : test.left) as AnyNode;
    const isPlain = (node: Node): boolean =>
      !someNode(node, (inner) => !isCountable(inner) || (inner.type === 'Identifier' && !isFixed(inner.name)));
    if (!update || !isPlain(end) || assignedNames(body).has(name)) continue;
    const unitStep = unitStepOf(update, isIndex);
    if (unitStep === undefined && !isStepped(update, isIndex, isPlain)) continue;
    return {
      name,
      start: declaration.init,
      end,
      comparison: isLeft ? operator : mirrored[operator],
      unitStep,
    };
  }
  return undefined;
}

const isCountable = ({ type }: AnyNode): boolean =>
  ['Identifier', 'Literal', 'BinaryExpression', 'UnaryExpression', 'ParenthesizedExpression'].includes(type);

function unitStepOf(update: AnyNode, isIndex: (node: Node) => boolean): 1 | -1 | undefined {
  if (update.type === 'UpdateExpression' && isIndex(update.argument)) return update.operator === '++' ? 1 : -1;
  if (update.type !== 'AssignmentExpression' || !isIndex(update.left)) return undefined;
  const one = update.right.type === 'Literal' && update.right.value === 1;
  return one && update.operator === '+=' ? 1 : one && update.operator === '-=' ? -1 : undefined;
}

function isStepped(update: AnyNode, isIndex: (node: Node) => boolean, isPlain: (node: Node) => boolean): boolean {
  if (update.type !== 'AssignmentExpression' || !isIndex(update.left)) return false;
  if (update.operator === '+=' || update.operator === '-=') return isPlain(update.right);
  const { right } = update;
  return (
    update.operator === '=' &&
    right.type === 'BinaryExpression' &&
    (right.operator === '+' || right.operator === '-') &&
    isIndex(right.left) &&
    isPlain(right.right)
  );
}
