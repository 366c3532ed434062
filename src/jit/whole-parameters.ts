// Which parameters ought to be known as whole numbers: those that places of elements, and beginnings of loops, are computed from. Such a
// parameter is compiled once for whole numbers of modest size, which stay integers all the way to the element, and once for any others.
import type { AnyNode, Node } from 'acorn';
import type { FunctionSource } from './parse.js';
import { Resolution } from './resolve.js';
import type { Declaration, FunctionNode } from './resolve.js';
import { childrenOf } from './walk.js';

/** For each parameter, whether it is one of those. */
export function wholeParametersOf(source: FunctionSource): readonly boolean[] {
  const names = new Resolution(source);
  const wanted = new Set<Declaration>();
  const want = (node: Node): void => {
    for (const identifier of identifiersIn(node as AnyNode)) {
      const declaration = names.declarationOf(identifier);
      if (declaration === undefined || wanted.has(declaration)) continue;
      wanted.add(declaration);
      for (const origin of names.sourcesOf(declaration)) want(origin);
      for (const given of names.givenTo(declaration)) want(given);
      const called = names.functionOf(declaration);
      if (called) want(called.body);
    }
  };
  visit(source.node as AnyNode, (node) => {
    if (node.type === 'MemberExpression' && node.computed) want(node.property);
    if (node.type === 'ForStatement' && node.init?.type === 'VariableDeclaration')
      for (const { init } of node.init.declarations) if (init) want(init);
    // What a helper from outside does with it is not looked at.
    if (node.type === 'CallExpression' && node.callee.type === 'Identifier' && !names.declarationOf(node.callee))
      for (const argument of node.arguments) if (argument.type === 'Identifier') want(argument);
  });
  return (source.node as FunctionNode).params.map((parameter) => {
    const declaration = names.declarationOf(parameter);
    return declaration !== undefined && wanted.has(declaration);
  });
}

function visit(node: AnyNode, look: (node: AnyNode) => void): void {
  look(node);
  for (const child of childrenOf(node)) visit(child, look);
}

/** Names that the value is made of; what stands before a dot or in brackets is not. */
function identifiersIn(node: AnyNode): AnyNode[] {
  if (node.type === 'Identifier') return [node];
  if (node.type === 'MemberExpression') return [];
  return childrenOf(node).flatMap(identifiersIn);
}
