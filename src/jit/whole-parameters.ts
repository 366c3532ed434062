// Which parameters ought to be known as whole numbers: those that places of elements, and beginnings of loops, are computed from; where
// places are products, as i * n + j, the ends of the loops whose counters are in them, which bound the product; and those that elements of
// arrays of integers are computed from. Such a parameter is compiled
// once for whole numbers of modest size, which stay integers all the way to the element, and once for any others.
import type { AnyNode, ForStatement } from 'acorn';
import { isIntegerKind, kindNamed } from './array-kinds.js';
import type { FunctionSource } from './parse.js';
import { Resolution } from './resolve.js';
import type { Declaration } from './resolve.js';
import { childrenOf, propertyName } from './walk.js';

/** For each parameter, whether it is one of those; `isOfIntegers` says of which arguments it is known that they are arrays of integers. */
export function wholeParametersOf(source: FunctionSource, isOfIntegers: readonly boolean[] = []): readonly boolean[] {
  const names = new Resolution(source);
  const wanted = new Set<Declaration>();
  /** Those that are multiplied, too. */
  const multiplied = new Set<Declaration>();
  const loops = new Map<Declaration, ForStatement>();
  const want = (node: AnyNode, isProduct: boolean): void => {
    const isFar = isProduct || hasProduct(node);
    for (const identifier of identifiersIn(node)) {
      const declaration = names.declarationOf(identifier);
      const known = isFar ? multiplied : wanted;
      if (declaration === undefined || known.has(declaration)) continue;
      known.add(declaration);
      wanted.add(declaration);
      for (const origin of names.sourcesOf(declaration)) want(origin, isFar);
      for (const given of names.givenTo(declaration)) want(given, isFar);
      const called = names.functionOf(declaration);
      if (called) want(called.body, isFar);
      const test = isFar ? loops.get(declaration)?.test : undefined;
      if (test?.type === 'BinaryExpression' && test.left.type !== 'PrivateIdentifier') {
        want(test.left, false);
        want(test.right, false);
      }
    }
  };
  const visit = (node: AnyNode, look: (node: AnyNode) => void): void => {
    look(node);
    for (const child of childrenOf(node)) visit(child, look);
  };
  const code = source.node as AnyNode;
  visit(code, (node) => {
    if (node.type !== 'ForStatement' || node.init?.type !== 'VariableDeclaration') return;
    for (const { id } of node.init.declarations) {
      const declaration = names.declarationOf(id);
      if (declaration !== undefined) loops.set(declaration, node);
    }
  });
  const holdsIntegers = (object: AnyNode): boolean => {
    const declaration = names.declarationOf(object);
    if (declaration === undefined) return false;
    const position = source.node.params.findIndex((parameter) => names.declarationOf(parameter) === declaration);
    const isMade = (origin: AnyNode): boolean =>
      origin.type === 'NewExpression' &&
      origin.callee.type === 'Identifier' &&
      isIntegerKind(kindNamed(origin.callee.name));
    return isOfIntegers[position] ?? [...names.sourcesOf(declaration)].some(isMade);
  };
  visit(code, (node) => {
    if (node.type === 'MemberExpression' && node.computed) want(node.property, false);
    if (
      node.type === 'AssignmentExpression' &&
      node.left.type === 'MemberExpression' &&
      holdsIntegers(node.left.object)
    )
      want(node.right, false);
    if (node.type === 'ForStatement' && node.init?.type === 'VariableDeclaration')
      for (const { init } of node.init.declarations) if (init) want(init, false);
    // Places in arrays with a shape.
    const method = node.type === 'CallExpression' ? propertyName(node.callee) : undefined;
    if (node.type === 'CallExpression' && (method === 'get' || method === 'set'))
      for (const place of method === 'get' ? node.arguments : node.arguments.slice(0, -1)) want(place, false);
    // What a helper from outside does with it is not looked at.
    if (node.type === 'CallExpression' && node.callee.type === 'Identifier' && !names.declarationOf(node.callee))
      for (const argument of node.arguments) if (argument.type === 'Identifier') want(argument, true);
  });
  return source.node.params.map((parameter) => {
    const declaration = names.declarationOf(parameter);
    return declaration !== undefined && wanted.has(declaration);
  });
}

const hasProduct = (node: AnyNode): boolean =>
  (node.type === 'BinaryExpression' && node.operator === '*') ||
  (node.type !== 'MemberExpression' && childrenOf(node).some(hasProduct));

/** Names that the value is made of; what stands before a dot or in brackets is not. */
function identifiersIn(node: AnyNode): AnyNode[] {
  if (node.type === 'Identifier') return [node];
  if (node.type === 'MemberExpression') return [];
  return childrenOf(node).flatMap(identifiersIn);
}
