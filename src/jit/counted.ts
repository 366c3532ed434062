// Which loops are counted, by rule 6 of docs/random.md: decided on the syntax tree and on what its names mean, never on what types or
// passes would find, so that a better compiler draws the same numbers.
import type { AnyNode, ForStatement, Node } from 'acorn';
import type { Declaration, Resolution } from './resolve.js';
import { isMember, someNode } from './walk.js';

export interface CountedHeader {
  readonly counter: Declaration;
  readonly start: AnyNode;
  readonly end: AnyNode;
  readonly comparison: '<' | '<=' | '>' | '>=';
  /** `i++` is 1, `i--` is −1; else undefined: a step that is written out. */
  readonly unitStep: 1 | -1 | undefined;
}

const mirrored = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;
const arithmetic: ReadonlySet<string> = new Set(['+', '-', '*', '/', '%', '**']);

export function countedHeader(loop: ForStatement, names: Resolution): CountedHeader | undefined {
  const { init, test, update, body } = loop;
  if (init?.type !== 'VariableDeclaration' || init.kind === 'const' || test?.type !== 'BinaryExpression')
    return undefined;
  if (!(test.operator in mirrored) || !update) return undefined;
  const operator = test.operator as keyof typeof mirrored;
  for (const { id, init: start } of init.declarations) {
    const counter = names.declarationOf(id);
    if (counter === undefined || !start) continue;
    const isIndex = (node: Node): boolean => names.declarationOf(node) === counter;
    const isLeft = isIndex(test.left);
    if (isLeft === isIndex(test.right)) continue;
    const end = (isLeft ? test.right : test.left) as AnyNode;
    if (!isFixed(end, names) || names.assignedIn(body).has(counter)) continue;
    const unitStep = unitStepOf(update, isIndex);
    if (unitStep === undefined && !isStepped(update, isIndex, names)) continue;
    return { counter, start, end, comparison: isLeft ? operator : mirrored[operator], unitStep };
  }
  return undefined;
}

/** An expression of constants, unassigned locals and parameters, and arithmetic. */
function isFixed(node: AnyNode, names: Resolution): boolean {
  return !someNode(node, (inner) => {
    switch (inner.type) {
      case 'Literal':
        return typeof inner.value !== 'number';
      case 'ParenthesizedExpression':
        return false;
      case 'BinaryExpression':
        return !arithmetic.has(inner.operator);
      case 'UnaryExpression':
        return inner.operator !== '-' && inner.operator !== '+';
      case 'MemberExpression':
        return !isConstantMember(inner);
      case 'Identifier': {
        const declaration = names.declarationOf(inner);
        if (declaration === undefined)
          return !['Infinity', 'NaN', 'Math', 'Number'].includes(inner.name) && !isPropertyName(inner, node);
        return names.isAssigned(declaration);
      }
      default:
        return true;
    }
  });
}

/** `Math.PI`, `Number.MAX_SAFE_INTEGER`: constants like those that are written as digits. */
const isConstantMember = (node: AnyNode): boolean =>
  node.type === 'MemberExpression' &&
  node.property.type === 'Identifier' &&
  (isMember(node, 'Math', node.property.name) || isMember(node, 'Number', node.property.name)) &&
  /^[A-Z]/.test(node.property.name);

/** Whether an identifier is what stands behind the dot of a constant. */
const isPropertyName = (identifier: AnyNode, within: AnyNode): boolean =>
  someNode(
    within,
    (inner) => inner.type === 'MemberExpression' && inner.property === identifier && isConstantMember(inner),
  );

function unitStepOf(update: AnyNode, isIndex: (node: Node) => boolean): 1 | -1 | undefined {
  if (update.type === 'UpdateExpression' && isIndex(update.argument)) return update.operator === '++' ? 1 : -1;
  if (update.type !== 'AssignmentExpression' || !isIndex(update.left)) return undefined;
  const isOne = update.right.type === 'Literal' && update.right.value === 1;
  return isOne && update.operator === '+=' ? 1 : isOne && update.operator === '-=' ? -1 : undefined;
}

function isStepped(update: AnyNode, isIndex: (node: Node) => boolean, names: Resolution): boolean {
  if (update.type !== 'AssignmentExpression' || !isIndex(update.left)) return false;
  if (update.operator === '+=' || update.operator === '-=') return isFixed(update.right, names);
  const { operator, right } = update;
  if (operator !== '=' || right.type !== 'BinaryExpression') return false;
  return (right.operator === '+' || right.operator === '-') && isIndex(right.left) && isFixed(right.right, names);
}
