// What the iterations of a loop give to a variable that they all change: sums, products, counts, least and greatest values. A loop that may
// gather reorders them by the tree of docs/numerics.md, 7: an iteration gives one element, what it adds in program order from its first add.
// Found on the syntax tree: every use of the variable in the loop has to be one of the forms below.
import type { AnyNode, Node } from 'acorn';
import { Value } from '../ir/nodes.js';
import type { LoopReduction, Operand, Reduce } from '../ir/nodes.js';
import { bool, f64, i64 } from './code.js';
import type { Block, Body, Giving } from './code.js';
import type { Declaration } from './resolve.js';
import { isFalse, isTrue, toNumber } from './scalars.js';
import { isScalar } from './things.js';
import type { GatheredThing, GatheringOperator, Thing } from './things.js';
import { childrenOf, isLoop, isMember, someNode } from './walk.js';

/** The statements through which the code changes a variable, if each is of a form that can be gathered, and of the same. */
export function givingsOf(body: Body, code: Node, variable: Declaration): Map<Node, Giving> | undefined {
  const { names, source } = body;
  const isIt = (node: AnyNode): boolean => names.declarationOf(node) === variable;
  const uses = (node: AnyNode): boolean => someNode(node, isIt);
  const { textOf } = source;
  const found = new Map<Node, Giving>();
  let counted = 0;

  const add = (node: Node, operator: GatheringOperator, element: AnyNode | undefined, isNegated = false): boolean => {
    if (element !== undefined && uses(element)) return false;
    found.set(node, { variable, operator, element, isNegated });
    return true;
  };
  const assigned = (node: Extract<AnyNode, { type: 'AssignmentExpression' }>): boolean => {
    if (!isIt(node.left)) return false;
    const right = node.right as AnyNode;
    if (node.operator === '+=' || node.operator === '-=') return add(node, 'add', right, node.operator === '-=');
    if (node.operator === '*=') return add(node, 'mul', right);
    if (node.operator !== '=') return false;
    if (right.type === 'BinaryExpression' && right.left.type !== 'PrivateIdentifier') {
      const [left, other] = [right.left as AnyNode, right.right as AnyNode];
      if (right.operator === '-') return isIt(left) && add(node, 'add', other, true);
      if (right.operator !== '+' && right.operator !== '*') return false;
      const element = isIt(left) ? other : isIt(other) ? left : undefined;
      return element !== undefined && add(node, right.operator === '+' ? 'add' : 'mul', element);
    }
    if (right.type !== 'CallExpression' || right.arguments.length !== 2) return false;
    const which = (['min', 'max'] as const).find((name) => isMember(right.callee as AnyNode, 'Math', name));
    const [first, second] = right.arguments as unknown as [AnyNode, AnyNode];
    const element = isIt(first) ? second : isIt(second) ? first : undefined;
    return which !== undefined && element !== undefined && add(node, which, element);
  };
  /** `if (x < best) best = x;` */
  const kept = (node: AnyNode): boolean => {
    if (node.type !== 'IfStatement' || node.alternate || node.test.type !== 'BinaryExpression') return false;
    const { left, right, operator } = node.test;
    let only: AnyNode = node.consequent;
    if (only.type === 'BlockStatement' && only.body.length === 1) only = only.body[0]!;
    if (only.type !== 'ExpressionStatement') return false;
    const set = only.expression;
    if (set.type !== 'AssignmentExpression' || set.operator !== '=' || !isIt(set.left)) return false;
    if (operator !== '<' && operator !== '>') return false;
    const isRight = isIt(right);
    if (!isRight && !isIt(left)) return false;
    const element = (isRight ? left : right) as AnyNode;
    // What is compared is what is kept, written alike, and changes nothing when it is computed.
    const isCall = someNode(
      element,
      ({ type }) => type === 'CallExpression' || type === 'AssignmentExpression' || type === 'UpdateExpression',
    );
    if (isCall || textOf(element) !== textOf(set.right)) return false;
    return add(node, (operator === '<') === isRight ? 'least' : 'greatest', element);
  };
  /** Whether all uses in a node are of such forms; `isWanted`: whether somebody reads the node's value. */
  const visit = (node: AnyNode, isWanted: boolean, isInLoop: boolean): boolean => {
    if (isIt(node)) return false;
    if (!isWanted) {
      if (kept(node)) return true;
      if (node.type === 'AssignmentExpression' && assigned(node)) {
        const isOne = node.operator === '+=' && node.right.type === 'Literal' && node.right.value === 1;
        counted += isOne && !isInLoop ? 1 : 2;
        return true;
      }
      if (node.type === 'UpdateExpression' && isIt(node.argument)) {
        counted += isInLoop || node.operator === '--' ? 2 : 1;
        return add(node, 'add', undefined, node.operator === '--');
      }
    }
    const isPassedOn = new Set<AnyNode>();
    if (node.type === 'ExpressionStatement') isPassedOn.add(node.expression);
    if (!isWanted && node.type === 'ParenthesizedExpression') isPassedOn.add(node.expression);
    if (!isWanted && node.type === 'LogicalExpression') isPassedOn.add(node.right);
    if (!isWanted && node.type === 'ConditionalExpression') isPassedOn.add(node.consequent).add(node.alternate);
    if (node.type === 'SequenceExpression')
      for (const [index, part] of node.expressions.entries())
        if (!isWanted || index < node.expressions.length - 1) isPassedOn.add(part);
    if (node.type === 'ForStatement' && node.update) isPassedOn.add(node.update);
    return childrenOf(node).every((child) => {
      const isStatement = child.type.endsWith('Statement') || child.type === 'SwitchCase';
      return visit(child, !isStatement && !isPassedOn.has(child), isInLoop || isLoop(node));
    });
  };
  if (!visit(code as AnyNode, false, false)) return undefined;
  const operators = new Set([...found.values()].map(({ operator }) => operator));
  if (operators.size !== 1) return undefined;
  if (counted === 1 && found.size === 1)
    return new Map([...found].map(([node, giving]) => [node, { ...giving, operator: 'count' as const }]));
  return found;
}

const identities: Readonly<Record<GatheringOperator, number>> = {
  add: 0,
  count: 0,
  mul: 1,
  min: Infinity,
  max: -Infinity,
  least: Infinity,
  greatest: -Infinity,
};

/** What an iteration has given before it has given anything. */
export const nothingGiven = (operator: GatheringOperator): GatheredThing => ({
  kind: 'gathered',
  operator,
  value: f64(identities[operator]),
  has: bool(false),
});

/** What a statement gives to a loop around, where that one gathers: the same statement can stand in a function that is written out twice. */
export function givingAt(body: Body, node: Node, block: Block): Giving | undefined {
  const giving = body.kernel.givings.get(node);
  const thing = giving && block.environment.get(giving.variable);
  return thing !== undefined && !isScalar(thing) && thing.kind === 'gathered' ? giving : undefined;
}

/** An iteration gives one more element. */
export function giveTo(body: Body, { variable, element, isNegated }: Giving, block: Block): Thing {
  const { kernel } = body;
  let given: Operand =
    element === undefined ? f64(1) : toNumber(body, element, block, kernel.grammar.expression(body, element, block));
  // Whoever takes away adds the negative.
  if (isNegated) given = element === undefined ? f64(-1) : kernel.pure(block, 'neg', 'f64', [given]);
  const before = block.environment.get(variable);
  if (before === undefined || isScalar(before) || before.kind !== 'gathered') throw new TypeError(variable.name);
  const { operator, value, has } = before;
  const together = (): Operand => {
    switch (operator) {
      case 'least':
      case 'greatest': {
        const isBetter = kernel.pure(block, operator === 'least' ? 'lt' : 'gt', 'f64', [given, value], 'isBetter');
        return kernel.pure(block, 'select', 'f64', [isBetter, given, value]);
      }
      case 'count':
        return given;
      default:
        return kernel.pure(block, operator, 'f64', [value, given]);
    }
  };
  const sum = isFalse(has)
    ? given
    : isTrue(has)
      ? together()
      : kernel.pure(block, 'select', 'f64', [has, together(), given]);
  block.environment.set(variable, { ...before, value: sum, has: bool(true) });
  return sum;
}

/** The reduction of a loop, what its body gives to it at its end, and what the variable is behind it. */
export function reductionOf(variable: Declaration, operator: GatheringOperator, initial: Operand): LoopReduction {
  const { name } = variable;
  if (operator === 'count') return { name, element: 'bool', operator, partials: 1, initial: i64(0n) };
  const isTree = operator === 'add' || operator === 'mul';
  return { name, element: 'f64', operator, partials: isTree ? 16 : 1, initial };
}

export function giveAll(reduction: LoopReduction, thing: Thing, block: Block): void {
  if (isScalar(thing) || thing.kind !== 'gathered' || isFalse(thing.has)) return;
  const { has, value } = thing;
  const isCount = reduction.operator === 'count';
  const statement: Reduce = {
    kind: 'reduce',
    reduction,
    value: isCount ? has : value,
    mask: isCount || isTrue(has) ? undefined : has,
    source: -1,
  };
  block.statements.push(statement);
}

/** What a reduction's result makes of the variable. */
export function afterReduction(
  body: Body,
  reduction: LoopReduction,
  result: Value,
  initial: Operand,
  block: Block,
): Operand {
  if (reduction.operator !== 'count') return result;
  const count = body.kernel.pure(block, 'toF64', 'i64', [result], reduction.name);
  return body.kernel.pure(block, 'add', 'f64', [initial, count], reduction.name);
}
