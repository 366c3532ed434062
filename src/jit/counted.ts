// Which loops are counted, by rule 6 of docs/random.md: decided on the syntax tree and on what its names mean, never on what types or
// passes would find, so that a better compiler draws the same numbers.
import type { AnyNode, ForStatement, Node } from 'acorn';
import type { Declaration, Resolution } from './resolve.js';
import { isMemberOf, propertyName, someNode, wholeNumber } from './walk.js';

export interface CountedHeader {
  readonly counter: Declaration;
  readonly start: AnyNode;
  readonly end: AnyNode;
  readonly comparison: '<' | '<=' | '>' | '>=';
  /** `i++` is 1, `i--` is −1; else undefined: a step that is written out. */
  readonly unitStep: 1 | -1 | undefined;
  /** What is added each time, or taken away; of a unit step nothing. */
  readonly step: { readonly node: AnyNode; readonly isTaken: boolean } | undefined;
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
    const step = unitStep === undefined ? stepOf(update, isIndex, names) : undefined;
    if (unitStep === undefined && step === undefined) continue;
    return { counter, start, end, comparison: isLeft ? operator : mirrored[operator], unitStep, step };
  }
  return undefined;
}

/** An expression of constants, unassigned locals and parameters, arithmetic, and lengths of unassigned arrays. */
function isFixed(node: AnyNode, names: Resolution): boolean {
  return !someNode(node, (inner) => {
    switch (inner.type) {
      case 'Literal':
        return typeof inner.value !== 'number' && typeof inner.value !== 'bigint';
      case 'ParenthesizedExpression':
        return false;
      case 'BinaryExpression':
        return !arithmetic.has(inner.operator);
      case 'UnaryExpression':
        return inner.operator !== '-' && inner.operator !== '+';
      case 'MemberExpression':
        return !isConstantMember(inner) && !isLength(inner) && !isExtent(inner) && !isShape(inner);
      case 'Identifier': {
        const declaration = names.declarationOf(inner);
        // A name from outside is a constant, or is refused when it is read.
        return declaration !== undefined && names.isAssigned(declaration);
      }
      default:
        return true;
    }
  });
}

/** `Math.PI`, `Number.MAX_SAFE_INTEGER`: constants like those that are written as digits; and those of other modules. */
const isConstantMember = (node: AnyNode): boolean =>
  propertyName(node) !== undefined &&
  (isMemberOf(node, 'Math') || isMemberOf(node, 'Number')) &&
  /^[A-Z]/.test(propertyName(node)!);

const isLength = (node: AnyNode): boolean =>
  node.type === 'MemberExpression' &&
  node.object.type === 'Identifier' &&
  ['length', 'size'].includes(propertyName(node) ?? '');

const isShape = (node: AnyNode): boolean =>
  node.type === 'MemberExpression' && node.object.type === 'Identifier' && propertyName(node) === 'shape';

/** `a.shape[0]`. */
const isExtent = (node: AnyNode): boolean =>
  node.type === 'MemberExpression' && node.computed && isShape(node.object) && wholeNumber(node.property) !== undefined;

function unitStepOf(update: AnyNode, isIndex: (node: Node) => boolean): 1 | -1 | undefined {
  if (update.type === 'UpdateExpression' && isIndex(update.argument)) return update.operator === '++' ? 1 : -1;
  if (update.type !== 'AssignmentExpression' || !isIndex(update.left)) return undefined;
  const isOne = update.right.type === 'Literal' && update.right.value === 1;
  return isOne && update.operator === '+=' ? 1 : isOne && update.operator === '-=' ? -1 : undefined;
}

function stepOf(
  update: AnyNode,
  isIndex: (node: Node) => boolean,
  names: Resolution,
): CountedHeader['step'] | undefined {
  if (update.type !== 'AssignmentExpression' || !isIndex(update.left)) return undefined;
  const { operator, right } = update;
  if (operator === '+=' || operator === '-=')
    return isFixed(right, names) ? { node: right, isTaken: operator === '-=' } : undefined;
  if (operator !== '=' || right.type !== 'BinaryExpression') return undefined;
  if ((right.operator !== '+' && right.operator !== '-') || !isIndex(right.left)) return undefined;
  return isFixed(right.right, names) ? { node: right.right, isTaken: right.operator === '-' } : undefined;
}
