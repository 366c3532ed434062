// Statements → code. Loops are in loops.ts.
import type { AnyNode, Statement as SyntaxStatement } from 'acorn';
import { Constant } from '../ir/nodes.js';
import type { Operand } from '../ir/nodes.js';
import { argumentsOf } from './calls.js';
import { f64, lowerPart } from './code.js';
import type { Block, Body, LoopScope } from './code.js';
import { Carrying, either, mixed } from './control.js';
import { calleeOf, mathAlias } from './effects.js';
import { binary, condition, effect, expression, takeApart } from './expressions.js';
import { giveTo, givingAt } from './gather.js';
import { emptinessOf } from './known-answers.js';
import { forLoop, forOfLoop, whileLoop } from './loops.js';
import { refuseKind } from './outside-the-language.js';
import { refuse, refuseYet } from './refuse.js';
import { isLexical, namesIn } from './resolve.js';
import type { Declaration } from './resolve.js';
import { toBoolean } from './scalars.js';
import { areAlike, nothing } from './things.js';
import type { Thing } from './things.js';
import { isFunction, isLoop, someNode } from './walk.js';

export function statements(body: Body, list: readonly SyntaxStatement[], block: Block): void {
  for (const [index, statement] of list.entries()) {
    // JavaScript never gets here either.
    if (block.terminator !== undefined) return;
    if (body.foldsReturns && statement.type === 'IfStatement' && alwaysReturns(statement.consequent)) {
      // What follows runs only where this does not return: it is the other branch.
      const rest = list.slice(index + 1);
      const { alternate } = statement;
      either(
        body,
        statement,
        block,
        condition(body, statement.test, block),
        (inner) => lowerPart(body, statement.consequent, inner),
        (inner) => {
          if (alternate) lowerPart(body, alternate, inner);
          statements(body, rest, inner);
          // The end of the function, if this is that.
          if (inner.terminator === undefined && isWhole(body, list)) body.onReturn(inner, nothing, statement);
        },
      );
      return;
    }
    attempt(body, statement, block);
  }
}

/** Lowers a statement; one that is refused leaves nothing behind but its refusals, and variables without a value. */
function attempt(body: Body, statement: SyntaxStatement, block: Block): void {
  const { kernel, loops, names } = body;
  const { accesses, streams, drawnAround } = kernel;
  const depth = loops.length;
  kernel.refusals.attempt(
    () => one(body, statement, block),
    (): Declaration[] => {
      Object.assign(kernel, { accesses, streams, drawnAround });
      loops.length = depth;
      body.pendingNames = [];
      return names.declaredIn(statement).concat([...names.assignedIn(statement)]);
    },
  );
}

const isWhole = ({ callee }: Body, list: readonly SyntaxStatement[]): boolean =>
  callee.node.body.type === 'BlockStatement' && callee.node.body.body.at(-1) === list.at(-1);

const alwaysReturns = (statement: SyntaxStatement): boolean =>
  statement.type === 'ReturnStatement' ||
  (statement.type === 'BlockStatement' && statement.body.length > 0 && alwaysReturns(statement.body.at(-1)!));

function one(body: Body, statement: SyntaxStatement, block: Block): void {
  const { source } = body;
  switch (statement.type) {
    case 'EmptyStatement':
    case 'DebuggerStatement':
    case 'FunctionDeclaration':
      return;
    case 'BlockStatement':
      return statements(body, statement.body, block);
    case 'ExpressionStatement':
      if (statement.directive !== undefined) return;
      return effect(body, statement.expression, block);
    case 'VariableDeclaration':
      return declare(body, statement, block);
    case 'IfStatement': {
      const giving = givingAt(body, statement, block);
      if (giving !== undefined) {
        giveTo(body, giving, block);
        return;
      }
      either(
        body,
        statement,
        block,
        condition(body, statement.test, block),
        (inner) => lowerPart(body, statement.consequent, inner),
        (inner) => {
          if (statement.alternate) lowerPart(body, statement.alternate, inner);
        },
      );
      return;
    }
    case 'LabeledStatement':
      body.pendingNames.push(statement.label.name);
      if (isLoop(statement.body) || statement.body.type === 'LabeledStatement') return one(body, statement.body, block);
      return labeled(body, statement, block);
    case 'ForStatement':
      return forLoop(body, statement, block);
    case 'ForOfStatement':
      return forOfLoop(body, statement, block);
    case 'WhileStatement':
      return whileLoop(body, block, statement, [statement.test, statement.body], {
        before: (inner) => condition(body, statement.test, inner),
        body: (inner) => lowerPart(body, statement.body, inner),
      });
    case 'DoWhileStatement':
      return whileLoop(body, block, statement, [statement.test, statement.body], {
        body: (inner) => lowerPart(body, statement.body, inner),
        after: (inner) => condition(body, statement.test, inner),
      });
    case 'SwitchStatement':
      return choose(body, statement, block);
    case 'BreakStatement':
    case 'ContinueStatement':
      return jump(body, statement, block);
    case 'ReturnStatement': {
      const parallel = body.loops.find(({ isParallel }) => isParallel);
      if (parallel !== undefined)
        throw refuse(source, statement, 'JIT017', 'a return inside prange', {
          note: 'its iterations run in any order, and none can end the others',
          fix: 'use a plain for loop',
        });
      if (!statement.argument) return body.onReturn(block, nothing, statement);
      return giveBack(body, statement.argument, block);
    }
    default:
      throw refuseKind(body, statement);
  }
}

/** A returned expression; a call of the function itself may be its next round. */
function giveBack(body: Body, node: AnyNode, block: Block): void {
  if (body.onTailCall !== undefined) {
    if (node.type === 'ParenthesizedExpression') return giveBack(body, node.expression, block);
    if (node.type === 'ConditionalExpression') {
      const { consequent, alternate } = node;
      either(
        body,
        node,
        block,
        condition(body, node.test, block),
        (inner) => giveBack(body, consequent, inner),
        (inner) => giveBack(body, alternate, inner),
      );
      return;
    }
    if (node.type === 'CallExpression' && calleeOf(body, node)?.node === body.callee.node) {
      const things = argumentsOf(body, node).map((argument) => expression(body, argument, block));
      return body.onTailCall(block, things, node);
    }
  }
  body.onReturn(block, expression(body, node, block), node);
}

function declare(body: Body, statement: Extract<AnyNode, { type: 'VariableDeclaration' }>, block: Block): void {
  for (const { id, init } of statement.declarations) {
    const pattern = id as AnyNode;
    if (namesIn(pattern) === undefined) {
      someNode(pattern, (node) => {
        if (node.type === 'Identifier') body.kernel.refusals.loseName(node.name);
        return false;
      });
      throw refuseYet(
        body.source,
        id,
        'taking an object apart',
        init?.type === 'Identifier' && init.name === 'Math'
          ? 'write Math.PI or Math.sin(x) where it is used'
          : 'declare the names one by one',
      );
    }
    if (init && isFunction(init)) {
      if (pattern.type === 'Identifier' && body.names.functionOf(body.names.declarationOf(pattern)!)) continue;
      throw refuseYet(body.source, init, 'a function as a value', 'declare it with const, and call it');
    }
    if (init && pattern.type === 'Identifier' && mathAlias(body.names, body.names.declarationOf(pattern)!)) continue;
    if (!init || emptinessOf(body, init) === 'undefined') {
      if (pattern.type !== 'Identifier') throw refuseYet(body.source, id, 'taking undefined apart', 'give it a value');
      const variable = body.names.declarationOf(pattern)!;
      // Where a loop comes by again, a `let` begins anew; a `var` keeps what it has.
      if (variable.kind === 'let' || init) block.environment.set(variable, undefined);
      continue;
    }
    const give = (identifier: AnyNode, thing: Thing): void => {
      const variable = body.names.declarationOf(identifier)!;
      const before = isLexical(variable) ? undefined : block.environment.get(variable);
      if (before !== undefined && !areAlike(before, thing)) throw mixed(body, identifier, variable.name, before, thing);
      block.environment.set(variable, thing === nothing ? undefined : thing);
    };
    takeApart(body, pattern, named(expression(body, init, block), pattern), give, block);
  }
}

/** An array of the function's own is called as the name that it is given first. */
function named(thing: Thing, pattern: AnyNode): Thing {
  const isNew = 'kind' in thing && thing.kind === 'array' && thing.name === 'array';
  return isNew && pattern.type === 'Identifier' ? { ...thing, name: pattern.name } : thing;
}

function jump(
  body: Body,
  statement: Extract<SyntaxStatement, { type: 'BreakStatement' | 'ContinueStatement' }>,
  block: Block,
): void {
  const isBreak = statement.type === 'BreakStatement';
  const label = statement.label?.name;
  const loop = body.loops.findLast(({ names, isSwitch, isBlock = false }) =>
    label === undefined ? !isBlock && (isBreak || !isSwitch) : names.includes(label),
  );
  if (loop === undefined) throw refuseYet(body.source, statement, 'a jump out of anything but a loop', 'use if');
  const crossed = body.loops.slice(body.loops.indexOf(loop) + (isBreak ? 0 : 1)).find(({ isParallel }) => isParallel);
  if (crossed !== undefined)
    throw refuse(body.source, statement, 'JIT017', 'a break out of prange', {
      note: 'its iterations run in any order, and none can end the others',
      fix: 'use a plain for loop, or continue',
    });
  if (isBreak) loop.isLeft = true;
  else loop.beforeNext(block);
  if (block.terminator !== undefined) return;
  const operands = ((isBreak && loop.leaving) || loop.values)(block, statement);
  block.end({ kind: isBreak ? 'break' : 'continue', label: loop.label, operands });
}

/** A statement that is left at its end, or by a `break`: what a loop is that runs once. */
function once(
  body: Body,
  statement: SyntaxStatement,
  block: Block,
  parts: Pick<LoopScope, 'label' | 'names' | 'isBlock'>,
  lower: (inner: Block) => void,
): void {
  const { label } = parts;
  const carrying = new Carrying(body, block, [statement]);
  const { inner, carried, values, leaving } = carrying;
  const scope: LoopScope = { ...parts, isSwitch: true, values, leaving, isLeft: false, beforeNext: () => {} };
  body.loops.push(scope);
  lower(inner);
  body.loops.pop();
  if (inner.terminator === undefined) {
    scope.isLeft = true;
    inner.end({ kind: 'break', label, operands: leaving(inner, statement) });
  }
  const results = carrying.finish(block);
  block.statements.push({ kind: 'loop', label, carried, results, body: inner.region(), source: -1 });
  if (!scope.isLeft) block.end({ kind: 'unreachable' });
}

function labeled(body: Body, statement: Extract<AnyNode, { type: 'LabeledStatement' }>, block: Block): void {
  const names = body.pendingNames.splice(0);
  const isNamed = (node: AnyNode): boolean => node.type === 'BreakStatement' && names.includes(node.label?.name ?? '');
  if (!someNode(statement.body, isNamed)) return one(body, statement.body, block);
  const label = body.kernel.newLabel('block');
  once(body, statement.body, block, { label, names, isBlock: true }, (inner) => one(body, statement.body, inner));
}

type Switch = Extract<AnyNode, { type: 'SwitchStatement' }>;
type Case = Switch['cases'][number];

/** `break` that leaves this switch, in a statement of it. */
function leavesSwitch(node: AnyNode): boolean {
  if (node.type === 'BreakStatement') return !node.label;
  if (isLoop(node) || node.type === 'SwitchStatement') return false;
  return someNode(
    node,
    (inner) => inner !== node && inner.type === 'BreakStatement' && !inner.label && !isInLoop(node, inner),
  );
}

const isInLoop = (around: AnyNode, node: AnyNode): boolean =>
  someNode(
    around,
    (inner) =>
      (isLoop(inner) || inner.type === 'SwitchStatement') &&
      inner.start <= node.start &&
      inner.end >= node.end &&
      inner !== around,
  );

/** Each case ends where the next begins, and nothing leaves it from inside: it is a chain of ifs. */
function asChain(cases: readonly Case[]): { tests: readonly Case[]; code: readonly SyntaxStatement[] }[] | undefined {
  const groups: { tests: Case[]; code: SyntaxStatement[] }[] = [];
  let tests: Case[] = [];
  for (const [index, each] of cases.entries()) {
    tests.push(each);
    if (each.consequent.length === 0 && index < cases.length - 1) continue;
    let code = each.consequent;
    const [only] = code;
    if (code.length === 1 && only?.type === 'BlockStatement') code = only.body;
    const last = code.at(-1);
    const ends = last && ['BreakStatement', 'ContinueStatement', 'ReturnStatement'].includes(last.type);
    if (!ends && index < cases.length - 1) return undefined;
    if (last?.type === 'BreakStatement' && !last.label) code = code.slice(0, -1);
    if (code.some(leavesSwitch)) return undefined;
    groups.push({ tests, code });
    tests = [];
  }
  return groups;
}

function choose(body: Body, statement: Switch, block: Block): void {
  const { kernel } = body;
  const subject = expression(body, statement.discriminant, block);
  const isCase = (test: AnyNode, at: Block): Operand =>
    toBoolean(body, test, at, binary(body, test, '===', subject, test, at));
  const groups = asChain(statement.cases);
  const hasLateDefault = statement.cases.findIndex(({ test }) => !test);
  const isDefaultLast = hasLateDefault < 0 || hasLateDefault === statement.cases.length - 1;
  if (groups !== undefined && isDefaultLast) {
    const chain = (from: number, at: Block): void => {
      const group = groups[from];
      if (group === undefined) return;
      if (group.tests.some(({ test }) => !test)) return statements(body, group.code, at);
      const [first, ...others] = group.tests.map(({ test }) => test as AnyNode);
      const isOne = others.reduce<Operand>(
        (so, test) => kernel.pure(at, 'or', 'bool', [so, isCase(test, at)], 'isCase'),
        isCase(first!, at),
      );
      either(
        body,
        statement,
        at,
        isOne,
        (inner) => statements(body, group.code, inner),
        (inner) => chain(from + 1, inner),
      );
    };
    return chain(0, block);
  }
  // Which case is the first to run; then the cases from there on, one after the other, until one leaves.
  const fallback = f64(hasLateDefault < 0 ? statement.cases.length : hasLateDefault);
  const entry = statement.cases.reduceRight<Operand>((otherwise, { test }, index) => {
    if (!test) return otherwise;
    return kernel.pure(block, 'select', 'f64', [isCase(test, block), f64(index), otherwise], 'entry');
  }, fallback);
  once(body, statement, block, { label: kernel.newLabel('switch'), names: [] }, (inner) => {
    for (const [index, each] of statement.cases.entries()) {
      if (inner.terminator !== undefined) break;
      // With a default the last one is always reached by what has not left.
      const isLast = hasLateDefault >= 0 && index === statement.cases.length - 1;
      if (entry instanceof Constant || isLast) {
        statements(body, each.consequent, inner);
        continue;
      }
      const isReached = kernel.pure(inner, 'le', 'f64', [entry, f64(index)], 'isReached');
      const lower = (at: Block): void => statements(body, each.consequent, at);
      either(body, each, inner, isReached, lower, () => {});
    }
  });
}
