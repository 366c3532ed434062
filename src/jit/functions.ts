// Calls of functions with a text. What does not call itself is written out where it is called, closures with the variables that they see there;
// so helpers may take arrays, and loops around them stay open to all passes. What returns a call of itself becomes a loop; any other recursion
// becomes a routine of the kernel, whose depth is limited.
import type { AnyNode, Node } from 'acorn';
import { Stream, Value } from '../ir/nodes.js';
import type { Operand, Region, Routine, Statement } from '../ir/nodes.js';
import { mapRegions } from '../ir/walk.js';
import { Block, Body, f64 } from './code.js';
import type { Callee, KernelCode } from './code.js';
import { Carrying } from './control.js';
import { draws, isRecursive, isTailRecursive } from './effects.js';
import { takeApart } from './expressions.js';
import { calledName, refuse, refuseYet } from './refuse.js';
import type { Declaration } from './resolve.js';
import { areAlike, isScalar, leavesOf, nameOfThing, nothing, rebuild } from './things.js';
import type { Thing } from './things.js';

/** Functions inside each other that are written out where they are called. */
const deepestNesting = 200;

/** Gives a function's parameters the things that it is called with; those that are missing their defaults. */
export function giveParameters(body: Body, things: readonly Thing[], block: Block): void {
  const { callee, source, names } = body;
  for (const variable of names.varsOf(callee.node)) block.environment.set(variable, undefined);
  for (const [index, parameter] of callee.node.params.entries()) {
    const pattern = (parameter.type === 'AssignmentPattern' ? parameter.left : parameter) as AnyNode;
    if (pattern.type !== 'Identifier' && pattern.type !== 'ArrayPattern')
      throw refuseYet(
        source,
        pattern,
        pattern.type === 'RestElement' ? 'a parameter for any number of values' : 'a parameter that is an object',
        pattern.type === 'RestElement'
          ? 'write one parameter for each value, or give a typed array'
          : 'write one parameter for each value',
      );
    let thing = things[index];
    if (thing === undefined && parameter.type === 'AssignmentPattern')
      thing = body.kernel.grammar.expression(body, parameter.right, block);
    if (thing === undefined) {
      const name = pattern.type === 'Identifier' ? pattern.name : 'that is taken apart';
      throw refuse(source, parameter, 'JIT008', `${calledName(callee.name)} was called without its argument ${name}`, {
        note: 'in JavaScript a missing argument is undefined, which is not a number',
        fix: 'give one value for each parameter',
      });
    }
    takeApart(body, pattern, thing, (identifier, part) =>
      block.environment.set(names.declarationOf(identifier)!, part),
    );
  }
}

/** What a body returns, the same wherever it does. */
export class Returned {
  thing: Thing | undefined;
  #at: Node | undefined;

  take(body: Body, node: Node, thing: Thing): Thing {
    this.thing ??= thing;
    this.#at ??= node;
    if (areAlike(this.thing, thing)) return thing;
    if (thing === nothing || this.thing === nothing)
      throw refuse(
        body.source,
        thing === nothing ? node : this.#at,
        'JIT005',
        `${calledName(body.callee.name)} returns nothing here`,
        {
          note: 'a compiled function that returns a value returns one on every way through it',
          fix: 'return a value',
        },
      );
    throw refuse(
      body.source,
      node,
      'JIT006',
      `${calledName(body.callee.name)} returns ${nameOfThing(thing)} here, and another type elsewhere`,
      {
        note: 'a compiled function has one type of result',
        fix: 'return the same type everywhere, as +flag makes a number of a boolean',
      },
    );
  }
}

/** A way through the function that ends without `return`. */
export function fallOff(body: Body, block: Block, returned: Returned): void {
  if (block.terminator !== undefined) return;
  const { body: code } = body.callee.node;
  if (returned.thing !== undefined && returned.thing !== nothing) {
    throw refuse(
      body.source,
      { type: code.type, start: code.end - 1, end: code.end },
      'JIT005',
      `${calledName(body.callee.name)} can end without returning anything`,
      {
        note: 'a compiled function that returns a value returns one on every way through it',
        fix: 'return a value at its end',
      },
    );
  }
  body.onReturn(block, nothing, code);
}

/** The code of a body. */
export function lowerCode(body: Body, block: Block): void {
  const { node } = body.callee;
  const { grammar } = body.kernel;
  if (node.body.type === 'BlockStatement') grammar.statements(body, node.body.body, block);
  else
    grammar.statements(
      body,
      [{ type: 'ReturnStatement', argument: node.body, start: node.body.start, end: node.body.end }],
      block,
    );
}

export function callFunction(body: Body, node: AnyNode, callee: Callee, things: readonly Thing[], block: Block): Thing {
  const { kernel } = body;
  const isTail = isTailRecursive(kernel, callee);
  if (!isTail && isRecursive(kernel, callee)) return callRoutine(body, node, callee, things, block);
  if (kernel.active.length > deepestNesting)
    throw refuseYet(body.source, node, `functions that call each other ${deepestNesting} deep`, 'call fewer');
  kernel.active.push(callee);
  try {
    return inline(body, callee, things, block, isTail);
  } finally {
    kernel.active.pop();
  }
}

/** Writes the function out. Its region ends with `return` at first, which then becomes what the place of the call wants. */
function inline(body: Body, callee: Callee, things: readonly Thing[], block: Block, isTail: boolean): Thing {
  const { kernel } = body;
  const changed = [...callee.names.assignedIn(callee.node)].filter(
    (variable) => block.environment.get(variable) !== undefined && variable.within !== callee.node,
  );
  const captured = changed.map((variable) => block.environment.get(variable)!);
  const returned = new Returned();
  let carrying: Carrying | undefined;
  const label = kernel.newLabel('call');
  const inlined = new Body(kernel, callee, {
    foldsReturns: !isTail,
    onReturn: (at, thing, where) => {
      returned.take(inlined, where, thing);
      const out = changed.flatMap((variable, index) => {
        const now = at.environment.get(variable)!;
        if (!areAlike(captured[index]!, now))
          throw refuseYet(callee.source, where, `a change of what ${variable.name} is`, 'return the new value');
        return leavesOf(now);
      });
      at.end({ kind: 'return', operands: [...leavesOf(thing), ...out] });
    },
    ...(isTail && {
      onTailCall: (at: Block, given: readonly Thing[], where: Node): void => {
        giveParameters(inlined, given, at);
        at.end({ kind: 'continue', label, operands: carrying!.values(at, where) });
      },
    }),
  });
  const outer = new Block(block.environment);
  giveParameters(inlined, things, outer);
  let inner = outer;
  if (isTail) {
    carrying = new Carrying(inlined, outer, [callee.node], parametersOf(inlined));
    inner = carrying.inner;
  }
  lowerCode(inlined, inner);
  fallOff(inlined, inner, returned);
  const thing = returned.thing ?? nothing;
  const region = inner.region();
  const shapes = [thing, ...captured];
  const finish = (operands: readonly Operand[]): Thing => {
    const taken = operands[Symbol.iterator]();
    const [result, ...after] = shapes.map((shape) => rebuild(shape, taken));
    for (const [index, variable] of changed.entries()) block.environment.set(variable, after[index]);
    return result!;
  };
  const fresh = (): Value[] => shapes.flatMap(leavesOf).map((leaf) => new Value(leaf.type, callee.name));
  if (isTail) block.statements.push(...outer.statements);
  if (!isTail && region.terminator.kind === 'return' && !hasReturn(region.statements)) {
    block.statements.push(...region.statements);
    return finish(region.terminator.operands);
  }
  if (isOwnArray(thing) && ![...block.environment.values()].includes(thing))
    throw refuseYet(
      callee.source,
      callee.node,
      'an array that is made on one of several ways',
      'make it before, and give it',
    );
  const results = fresh();
  const folded = isTail ? undefined : foldReturns(region, results);
  if (folded !== undefined) {
    block.statements.push(...folded);
    return finish(results);
  }
  block.statements.push({
    kind: 'loop',
    label,
    carried: carrying?.carried ?? [],
    results,
    body: returnsToBreaks(region, label),
    source: -1,
  });
  if (returned.thing === undefined) block.end({ kind: 'unreachable' });
  return finish(results);
}

const isOwnArray = (thing: Thing): boolean =>
  !isScalar(thing) &&
  ((thing.kind === 'array' && thing.origin.kind === 'own') ||
    (thing.kind === 'tuple' && thing.elements.some(isOwnArray)));

const parametersOf = ({ callee, names }: Body): Declaration[] =>
  names.parametersOf(callee.node).map((identifier) => names.declarationOf(identifier)!);

const hasReturn = (statements: readonly Statement[]): boolean =>
  statements.some((statement) => {
    let found = false;
    mapRegions(statement, (region) => {
      found ||= region.terminator.kind === 'return' || hasReturn(region.statements);
      return region;
    });
    return found;
  });

/** A region whose every way ends with `return`, by branches alone: the same with `yield`, the last branch giving the results. */
function foldReturns({ statements, terminator }: Region, results: readonly Value[]): Statement[] | undefined {
  const last = statements.at(-1);
  if (terminator.kind !== 'unreachable' || last?.kind !== 'if' || last.results.length > 0) return undefined;
  if (hasReturn(statements.slice(0, -1))) return undefined;
  const branches = [last.consequent, last.alternate].map((branch): Region | undefined => {
    if (branch.terminator.kind === 'return')
      return hasReturn(branch.statements)
        ? undefined
        : { statements: branch.statements, terminator: { kind: 'yield', operands: branch.terminator.operands } };
    const inner = results.map((result) => new Value(result.type, result.name));
    const folded = foldReturns(branch, inner);
    return folded && { statements: folded, terminator: { kind: 'yield', operands: inner } };
  });
  const [consequent, alternate] = branches;
  if (consequent === undefined || alternate === undefined) return undefined;
  return [...statements.slice(0, -1), { ...last, consequent, alternate, results }];
}

function returnsToBreaks({ statements, terminator }: Region, label: string): Region {
  return {
    statements: statements.map((statement) => mapRegions(statement, (region) => returnsToBreaks(region, label))),
    terminator: terminator.kind === 'return' ? { kind: 'break', label, operands: terminator.operands } : terminator,
  };
}

// Routines.

interface RoutineInProgress {
  readonly name: string;
  readonly returned: Returned;
  readonly isDrawing: boolean;
  /** What calls have taken its results to be before any was known. */
  assumed: boolean;
}

const routinesOf = new WeakMap<KernelCode, Map<string, RoutineInProgress>>();

function callRoutine(body: Body, node: AnyNode, callee: Callee, things: readonly Thing[], block: Block): Thing {
  const { kernel } = body;
  const leaves = things.flatMap(leavesOf);
  if (things.some((thing) => !isScalar(thing) && (thing.kind === 'array' || thing.kind === 'tuple')))
    throw refuseYet(
      body.source,
      node,
      'an array or a tuple for a function that calls itself',
      'write it as a loop, with what is still to be done in an array of its own',
    );
  let known = routinesOf.get(kernel);
  if (known === undefined) routinesOf.set(kernel, (known = new Map()));
  const key = `${callee.source.text.length}.${callee.node.start}.${callee.name}(${leaves.map(({ type }) => type).join()})`;
  let routine = known.get(key);
  if (routine === undefined) {
    const name = `${/^\w+$/.test(callee.name) ? callee.name : 'function'}.${known.size + 1}`;
    routine = {
      name,
      returned: new Returned(),
      isDrawing: draws({ kernel, callee }, callee.node.body),
      assumed: false,
    };
    known.set(key, routine);
    writeRoutine(body, routine, callee, things);
  }
  // The first call that comes back to a function whose code is being written.
  else kernel.recursive ??= { callee, node, source: body.source };
  if (routine.returned.thing === undefined) routine.assumed = true;
  // Before its first `return` has been read, a recursion is taken to give a number.
  const shape = routine.returned.thing ?? f64(0);
  const results = leavesOf(shape).map((leaf) => new Value(leaf.type, callee.name));
  block.statements.push({
    kind: 'call',
    callee: routine.name,
    operands: leaves,
    streams: routine.isDrawing ? [kernel.stream!] : [],
    results,
    source: -1,
  });
  return rebuild(shape, results[Symbol.iterator]());
}

function writeRoutine(body: Body, routine: RoutineInProgress, callee: Callee, things: readonly Thing[]): void {
  const { kernel } = body;
  const { returned } = routine;
  const captured = callee.names
    .outsideOf(callee.node)
    .filter((variable) => callee.names.functionOf(variable) === undefined);
  if (captured.length > 0) {
    const [first] = captured;
    throw refuseYet(
      callee.source,
      callee.names.usesOf(first!, callee.node)[0]!,
      `a variable of the code around, in a function that calls itself,`,
      `make ${first!.name} a parameter of ${callee.name}`,
    );
  }
  const [around, wasInOwner] = [kernel.stream, kernel.isInOwner];
  const streams = routine.isDrawing ? [new Stream('g')] : [];
  kernel.stream = streams[0];
  // A loop in a recursion that draws would own its draws or not by where the recursion began.
  kernel.isInRoutine = true;
  const own = new Body(kernel, callee, {
    foldsReturns: false,
    onReturn: (at, thing, where) => {
      returned.take(own, where, thing);
      at.end({ kind: 'return', operands: leavesOf(thing) });
    },
  });
  const parameters = things.flatMap(leavesOf).map((leaf) => new Value(leaf.type, 'argument'));
  const taken = parameters[Symbol.iterator]();
  const block = new Block(new Map());
  giveParameters(
    own,
    things.map((thing) => rebuild(thing, taken)),
    block,
  );
  lowerCode(own, block);
  fallOff(own, block, returned);
  kernel.stream = around;
  kernel.isInOwner = wasInOwner;
  kernel.isInRoutine = false;
  if (returned.thing === undefined)
    throw refuse(callee.source, callee.node.body, 'JIT005', `${calledName(callee.name)} never returns anything`, {
      note: 'it calls itself on every way, and a call of it would not come back',
      fix: 'return a value on the way that ends the recursion',
    });
  if (routine.assumed && !areAlike(returned.thing, f64(0)))
    throw refuseYet(
      callee.source,
      callee.node,
      `a recursion whose first return gives ${nameOfThing(returned.thing)}`,
      'write the return that ends it first, or let it give a number',
    );
  const results = leavesOf(returned.thing).map(({ type }) => type);
  kernel.routines.set(routine.name, {
    name: routine.name,
    parameters,
    streams,
    results,
    body: block.region(),
  } satisfies Routine);
}
