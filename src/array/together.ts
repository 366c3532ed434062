// What one pass over an iteration space can give together: reductions of one shape over the same axes, and elements of one shape. Found
// before anything is planned, level by level, as a reduction may need what another one has given.
import type { Definition, Node } from './expressions.js';
import { operandsOf } from './expressions.js';
import { isWrittenOut } from './fuse.js';

export type Reduce = Extract<Definition, { kind: 'reduce' }>;

/** Results of one kernel: more would not stay in registers. */
const mostTogether = 4;
/** Beyond so many operations an element, each has a pass of its own. */
const mostWeight = 100;

/** Does each element of a result go through 16 partial sums (docs/numerics.md, 7)? */
export const partialsOf = ({ operator, source, axes }: Reduce): 1 | 16 =>
  (operator === 'add' || operator === 'mul') && axes.includes(source.shape.length - 1) ? 16 : 1;

/** A reduction that has a kernel of its own. */
export function isCutReduction(node: Node): boolean {
  const { definition } = node;
  return definition.kind === 'reduce' && !isWrittenOut(definition.operator, definition.source, definition.axes);
}

function groupKey({ definition, size }: Node): string | undefined {
  if (definition.kind !== 'reduce' || size === 0 || definition.source.size === 0) return undefined;
  const { operator, source, axes } = definition;
  if (operator === 'argLeast' || operator === 'argGreatest') return undefined;
  return `${source.shape.join()} over ${axes.join()} in ${partialsOf(definition)}`;
}

/** Groups of two or more in the order in which they can be stored; `isStored` says what needs no work. */
export function reductionsTogether(roots: readonly Node[], isStored: (node: Node) => boolean): Node[][] {
  /** How many reductions stand above each other from the leaves to a node, itself included. */
  const levels = new Map<Node, number>();
  const groups = new Map<string, Node[]>();
  const visit = (node: Node): number => {
    const before = levels.get(node);
    if (before !== undefined) return before;
    if (isStored(node)) return 0;
    const below = Math.max(0, ...operandsOf(node.definition).map(visit));
    const isCut = isCutReduction(node);
    const key = isCut ? groupKey(node) : undefined;
    if (key !== undefined) {
      const whole = `${below}: ${key}`;
      groups.set(whole, [...(groups.get(whole) ?? []), node]);
    }
    levels.set(node, isCut ? below + 1 : below);
    return levels.get(node)!;
  };
  for (const root of roots) visit(root);
  return [...groups.entries()]
    .sort(([a], [b]) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
    .flatMap(([, nodes]) => inParts(nodes, (node) => (node.definition as Reduce).source.weight));
}

/** Element-wise roots of one shape. */
export function rootsTogether(roots: readonly Node[], isStored: (node: Node) => boolean): Node[][] {
  const groups = new Map<string, Node[]>();
  for (const root of new Set(roots)) {
    if (root.definition.kind !== 'apply' || root.size === 0 || isStored(root)) continue;
    // Where one is made of another, that one is stored first.
    const key = `${root.depth} ${root.shape.join()}`;
    groups.set(key, [...(groups.get(key) ?? []), root]);
  }
  return [...groups.values()].flatMap((nodes) => inParts(nodes, ({ weight }) => weight));
}

function inParts(nodes: readonly Node[], weightOf: (node: Node) => number): Node[][] {
  const parts: Node[][] = [];
  let weight = 0;
  for (const node of nodes) {
    const part = parts.at(-1);
    weight += weightOf(node);
    if (part !== undefined && part.length < mostTogether && weight <= mostWeight) part.push(node);
    else {
      parts.push([node]);
      weight = weightOf(node);
    }
  }
  return parts.filter((part) => part.length > 1);
}
