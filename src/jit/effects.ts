// What running a piece of code does, calls followed: which functions it calls, whether it has loops. Decided on the syntax tree alone
// (docs/random.md, 7: a helper counts as if written at the call). What it draws from is told in generators.ts.
import type { AnyNode, Node } from 'acorn';
import { creationOf } from '../memory/lent-arrays.js';
import type { Body, Callee, KernelCode } from './code.js';
import { spellingOf } from './globals.js';
import { parseFunction } from './parse.js';
import { Resolution } from './resolve.js';
import type { Declaration, FunctionNode } from './resolve.js';
import { bare, isFunction, isLoop, isMember, isMemberOf, propertyName, someNode } from './walk.js';

const calleesOf = new WeakMap<KernelCode, Map<unknown, Callee>>();

/** Whoever has made a compiled function knows the plain one. */
export const plainOf = (value: unknown): unknown =>
  typeof value === 'function' && 'plain' in value && 'signatures' in value ? value.plain : value;

/** The function that a call runs, where its text can be read. */
export function calleeOf(
  { kernel, callee: around }: Pick<Body, 'kernel' | 'callee'>,
  call: AnyNode,
): Callee | undefined {
  if (call.type !== 'CallExpression') return undefined;
  const callee = bare(call.callee);
  const { names, source } = around;
  // A minifier may write a helper where it is called.
  if (isFunction(callee))
    return { source, names, node: callee as FunctionNode, name: 'the function that is called here' };
  const declaration = names.declarationOf(callee);
  if (declaration !== undefined) {
    const node = names.functionOf(declaration);
    return node && { source, names, node, name: declaration.name };
  }
  const spelling = spellingOf(callee);
  if (spelling === undefined) return undefined;
  const value = plainOf(kernel.globals.valueOf(spelling));
  if (typeof value !== 'function') {
    // A function declaration's own name, where its text is that of an arrow or it has been given another.
    return undefined;
  }
  let known = calleesOf.get(kernel);
  if (known === undefined) calleesOf.set(kernel, (known = new Map()));
  let found = known.get(value);
  if (found === undefined && mathNameOf(value) === undefined && creationOf(value) === undefined) {
    const parsed = parseFunction(value as (...args: never[]) => unknown, kernel.globals.locate);
    found = { source: parsed, names: new Resolution(parsed), node: parsed.node as FunctionNode, name: parsed.name };
    known.set(value, found);
  }
  return found;
}

const mathNames = new Map<unknown, string>(
  Object.getOwnPropertyNames(Math).map((name) => [(Math as unknown as Record<string, unknown>)[name], name]),
);

/** The name of a function of Math, known by identity. */
export const mathNameOf = (value: unknown): string | undefined =>
  typeof value === 'function' ? mathNames.get(value) : undefined;

/** The name of the function of Math that is called, `Math.sin` or one that globals give. */
export function mathCall(
  { kernel, callee: { names } }: Pick<Body, 'kernel' | 'callee'>,
  call: AnyNode,
): string | undefined {
  if (call.type !== 'CallExpression') return undefined;
  const callee = bare(call.callee);
  if (isMemberOf(callee, 'Math')) return propertyName(callee);
  const declaration = names.declarationOf(callee);
  if (declaration !== undefined) return mathAlias(names, declaration);
  const spelling = spellingOf(callee);
  return spelling === undefined ? undefined : mathNameOf(kernel.globals.valueOf(spelling));
}

/** The function of Math that a name stands for always: `const sqrt = Math.sqrt`. */
export function mathAlias(names: Resolution, declaration: Declaration): string | undefined {
  if (names.isAssigned(declaration)) return undefined;
  const initial = names.initialOf(declaration);
  const name = initial && isMemberOf(initial, 'Math') ? propertyName(initial) : undefined;
  return name !== undefined && /^[a-z]/.test(name) ? name : undefined;
}

type Within = Pick<Body, 'kernel' | 'callee'>;

/** Whether the test holds for a node in the code, or in the code that it calls. */
function reaches(
  within: Within,
  code: Node,
  test: (node: AnyNode, within: Within) => boolean,
  seen: Set<Node>,
): boolean {
  return someNode(code, (node) => {
    if (test(node, within)) return true;
    const callee = calleeOf(within, node);
    if (callee === undefined || seen.has(callee.node)) return false;
    seen.add(callee.node);
    return reaches({ kernel: within.kernel, callee }, callee.node.body, test, seen);
  });
}

/** Whether the code has a loop of any kind, calls followed, or calls itself. */
export const hasLoop = (within: Within, code: Node): boolean =>
  reaches(within, code, isLoop, new Set()) || callsBack(within, code);

function callsBack(within: Within, code: Node): boolean {
  return reaches(
    within,
    code,
    (node, { kernel, callee }) => {
      const called = calleeOf({ kernel, callee }, node);
      return called !== undefined && isRecursive(kernel, called);
    },
    new Set(),
  );
}

/** Whether a call of the function may lead to another call of it. */
export const isRecursive = (kernel: KernelCode, callee: Callee): boolean =>
  reaches(
    { kernel, callee },
    callee.node.body,
    (node, within) => calleeOf(within, node)?.node === callee.node,
    new Set(),
  );

const tailsOf = (node: AnyNode): AnyNode[] => {
  if (node.type === 'ParenthesizedExpression') return tailsOf(node.expression);
  if (node.type === 'ConditionalExpression') return [...tailsOf(node.consequent), ...tailsOf(node.alternate)];
  return [node];
};

/** Whether all that leads back to the function is that it returns what a call of itself gives. */
export function isTailRecursive(kernel: KernelCode, callee: Callee): boolean {
  const within = { kernel, callee };
  const { node } = callee;
  const isSelf = (one: AnyNode): boolean => calleeOf(within, one)?.node === node;
  const tails = new Set<AnyNode>();
  if (node.body.type !== 'BlockStatement') for (const tail of tailsOf(node.body)) tails.add(tail);
  someNode(node.body, (inner) => {
    if (inner.type === 'ReturnStatement' && inner.argument) for (const tail of tailsOf(inner.argument)) tails.add(tail);
    return false;
  });
  const isOther = someNode(node.body, (inner) => {
    if (isSelf(inner)) return !tails.has(inner);
    const called = calleeOf(within, inner);
    if (called === undefined) return false;
    return reaches(
      { kernel, callee: called },
      called.node.body,
      (one, at) => calleeOf(at, one)?.node === node,
      new Set(),
    );
  });
  return !isOther && isRecursive(kernel, callee);
}

/** `prange(…)`, spelled so or as a member of a module, or given by globals. */
export function isPrange({ kernel, callee: { names } }: Within, node: AnyNode, prange: unknown): boolean {
  if (node.type !== 'CallExpression') return false;
  const callee = bare(node.callee);
  if (names.declarationOf(callee) !== undefined) return false;
  const spelling = spellingOf(callee);
  if (spelling === undefined) return false;
  if (kernel.globals.has(spelling)) return kernel.globals.valueOf(spelling) === prange;
  if (callee.type === 'Identifier') return callee.name === 'prange';
  return (
    callee.type === 'MemberExpression' &&
    isMember(callee, spelling.split('.')[0]!, 'prange') &&
    names.declarationOf(callee.object) === undefined
  );
}
