// What tools write into a function besides its author's code, taken out of its syntax tree before anything is decided by it:
// - Istanbul's coverage counters, `cov_1a2b3c().s[3]++`, as statements, and in front of values: `(cov_1a2b3c().b[0][1]++, x)`;
// - esbuild's `__name(f, "f")`, which keeps a function's name under `keepNames`, and gives f.
// Both change nothing that a function of numbers can see. Where a counter stood nothing counts any more, which is said once.
import type { AnyNode, Node } from 'acorn';
import { noteOnce } from '../runtime/notes.js';
import { isFunction, isNode } from './walk.js';

const traces = /\bcov_\w+(?:\(\))?\.[fsb]\[|\b__name\(/;

const isCoverageName = (node: AnyNode): boolean => node.type === 'Identifier' && /^cov_\w+$/.test(node.name);

/** `cov_1a2b3c().s[3]++`, `cov_1a2b3c.b[0][1]++`. */
function isCounter(node: AnyNode): boolean {
  if (node.type !== 'UpdateExpression' || node.operator !== '++') return false;
  let place: AnyNode = node.argument;
  while (place.type === 'MemberExpression' && place.computed && place.property.type === 'Literal') place = place.object;
  if (place === node.argument || place.type !== 'MemberExpression' || place.computed) return false;
  if (place.property.type !== 'Identifier' || !/^[fsb]$/.test(place.property.name)) return false;
  const { object } = place;
  return isCoverageName(object) || (object.type === 'CallExpression' && isCoverageName(object.callee));
}

/** The function in `__name(f, "f")`. */
function namedFunction(node: AnyNode): AnyNode | undefined {
  if (node.type !== 'CallExpression' || node.callee.type !== 'Identifier' || node.callee.name !== '__name')
    return undefined;
  const [given, name] = node.arguments;
  const isName = node.arguments.length === 2 && name?.type === 'Literal' && typeof name.value === 'string';
  return isName && given && (isFunction(given) || given.type === 'Identifier') ? given : undefined;
}

/** A statement of a tool that does nothing for the function. */
function isTrace(part: unknown): boolean {
  if (!isNode(part) || part.type !== 'ExpressionStatement') return false;
  return isCounter(part.expression) || namedFunction(part.expression)?.type === 'Identifier';
}

/** The tree of a function's text without the traces of tools; the tree itself is changed. */
export function withoutTraces<T extends Node>(tree: T, text: string): T {
  if (!traces.test(text)) return tree;
  let hasCounters = false;
  const clean = (node: AnyNode): AnyNode => {
    const named = namedFunction(node);
    if (named !== undefined) return clean(named);
    hasCounters ||= isCounter(node);
    if (node.type === 'SequenceExpression' && node.expressions.some(isCounter)) {
      hasCounters = true;
      node.expressions = node.expressions.filter((part) => !isCounter(part));
      if (node.expressions.length === 1) return clean(node.expressions[0]!);
    }
    const parts = node as unknown as Record<string, unknown>;
    for (const [name, part] of Object.entries(parts)) {
      if (isNode(part)) parts[name] = clean(part);
      if (!Array.isArray(part)) continue;
      const list: readonly unknown[] = part;
      hasCounters ||= list.some(
        (each) => isNode(each) && each.type === 'ExpressionStatement' && isCounter(each.expression),
      );
      parts[name] = list.filter((each) => !isTrace(each)).map((each) => (isNode(each) ? clean(each) : each));
    }
    return node;
  };
  const cleaned = clean(tree as unknown as AnyNode) as unknown as T;
  if (hasCounters) sayThatCountersAreLeftOut();
  return cleaned;
}

const sayThatCountersAreLeftOut = (): void =>
  noteOnce(
    "heddle: Istanbul's coverage counters are left out of compiled code, so a report shows the lines of compiled functions as never run; call their plain functions too where they should count, or use V8's own coverage",
  );
