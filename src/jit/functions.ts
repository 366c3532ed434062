// Calls of functions with a text. What does not call itself is written out where it is called, closures with the variables that they see there;
// so helpers may take arrays, and loops around them stay open to all passes. What returns a call of itself becomes a loop; any other recursion
// becomes a routine of the kernel, whose depth is limited.
import type { AnyNode, Node } from 'acorn';
import { Stream, Value } from '../ir/nodes.js';
import type { Operand, Region, Routine, Statement } from '../ir/nodes.js';
import { mapRegions } from '../ir/walk.js';
import { Block, Body, bool, f64, i64 } from './code.js';
import type { Callee, KernelCode } from './code.js';
import { Carrying } from './control.js';
import { isRecursive, isTailRecursive, mathAlias } from './effects.js';
import { takeApart } from './expressions.js';
import { drawnBy } from './generators.js';
import { calledName, refuse, refuseYet } from './refuse.js';
import type { Declaration } from './resolve.js';
import { areAlike, isArrayThing, isScalar, leavesOf, nameOfThing, nothing, rebuild } from './things.js';
import type { GeneratorThing, Thing } from './things.js';
import { someNode } from './walk.js';

/** Functions inside each other that are written out where they are called. */
const deepestNesting = 200;

/** Gives a function's parameters the things that it is called with; those that are missing their defaults. */
export function giveParameters(body: Body, things: readonly (Thing | undefined)[], block: Block): void {
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
    const give = (identifier: AnyNode, part: Thing): void =>
      void block.environment.set(names.declarationOf(identifier)!, part);
    takeApart(body, pattern, thing, give, block);
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
    if (isOfMemory(thing) && isOfMemory(this.thing))
      throw refuseYet(
        body.source,
        node,
        `${body.callee.name}, which returns one array here and another one elsewhere,`,
        'make one array before the ways part, and fill it on each',
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

export function callFunction(
  body: Body,
  node: AnyNode,
  callee: Callee,
  things: readonly (Thing | undefined)[],
  block: Block,
): Thing {
  const { kernel } = body;
  if (callee.node.async || callee.node.generator)
    throw refuseYet(
      body.source,
      node,
      callee.node.async ? 'an async function' : 'a generator function',
      callee.node.async
        ? 'make it a plain function; wait outside, and give what comes as an argument'
        : 'make it a plain function, which returns its value',
    );
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
function inline(
  body: Body,
  callee: Callee,
  things: readonly (Thing | undefined)[],
  block: Block,
  isTail: boolean,
): Thing {
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
  ((isArrayThing(thing) && thing.origin.kind === 'own') || (thing.kind === 'tuple' && thing.elements.some(isOwnArray)));

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
  /** The generators that it draws from: it is given their streams. */
  readonly drawn: readonly GeneratorThing[];
  /** What its calls are taken to give as long as no return of it has been read. */
  readonly assumed: Thing;
  isAssumed: boolean;
}

type Routines = Map<string, RoutineInProgress>;
const routinesOf = new WeakMap<KernelCode, Routines>();

/** What a recursion may give, as its calls have to be written before its returns have been read. */
function assumptions({ node }: Callee): Thing[] {
  const widths = new Set<number>();
  someNode(node.body, (inner) => {
    const { elements } = inner.type === 'ArrayExpression' ? inner : { elements: [] };
    if (elements.length > 0) widths.add(elements.length);
    return false;
  });
  const tuples = [...widths].map((width): Thing => ({
    kind: 'tuple',
    elements: Array.from({ length: width }, () => f64(0)),
  }));
  return [f64(0), bool(false), i64(0n), nothing, ...tuples];
}

function callRoutine(
  body: Body,
  node: AnyNode,
  callee: Callee,
  given: readonly (Thing | undefined)[],
  block: Block,
): Thing {
  const { kernel } = body;
  const captured = capturedBy(callee, block);
  const things = [...given, ...captured.map(({ thing }) => thing)];
  const leaves = things.flatMap((thing) => (thing === undefined ? [] : leavesOf(thing)));
  if (things.some((thing) => thing && (isOfMemory(thing) || (!isScalar(thing) && thing.kind === 'tuple'))))
    throw refuseYet(
      body.source,
      node,
      'an array or a tuple for a function that calls itself',
      'write it as a loop, with what is still to be done in an array of its own',
    );
  let known = routinesOf.get(kernel);
  if (known === undefined) routinesOf.set(kernel, (known = new Map()));
  const kinds = things.map((thing) => {
    if (thing === undefined) return 'missing';
    return isScalar(thing) ? thing.type : thing.kind === 'generator' ? kernel.generators.indexOf(thing) : thing.kind;
  });
  const key = `${callee.source.text.length}.${callee.node.start}.${callee.name}(${kinds.join()})`;
  // The first call that comes back to a function whose code is being written.
  if (known.has(key)) kernel.recursive ??= { callee, node, source: body.source };
  const routine = known.get(key) ?? writeRoutine(body, key, callee, { given, captured }, block);
  if (routine.returned.thing === undefined) routine.isAssumed = true;
  const shape = routine.returned.thing ?? routine.assumed;
  const results = leavesOf(shape).map((leaf) => new Value(leaf.type, callee.name));
  block.statements.push({
    kind: 'call',
    callee: routine.name,
    operands: leaves,
    streams: routine.drawn.map((generator) => kernel.streams.get(generator)!),
    results,
    source: -1,
  });
  return rebuild(shape, results[Symbol.iterator]());
}

interface Captured {
  readonly variable: Declaration;
  readonly thing: Thing;
}

/** Variables of the code around that a recursion reads: they are handed on like arguments, as nothing in it changes them. */
function capturedBy(callee: Callee, block: Block): Captured[] {
  const { names, node, source } = callee;
  const changed = names.assignedIn(node);
  return names.outsideOf(node).flatMap((variable) => {
    if (names.functionOf(variable) !== undefined || mathAlias(names, variable) !== undefined) return [];
    const thing = block.environment.get(variable);
    const [use] = names.usesOf(variable, node);
    if (changed.has(variable) || (thing !== undefined && isOfMemory(thing)))
      throw refuseYet(
        source,
        use!,
        changed.has(variable)
          ? 'a change of a variable of the code around, in a function that calls itself,'
          : 'an array for a function that calls itself',
        changed.has(variable)
          ? `return the new value of ${variable.name}`
          : 'write it as a loop, with what is still to be done in an array of its own',
      );
    return thing === undefined ? [] : [{ variable, thing }];
  });
}

const isOfMemory = (thing: Thing): boolean =>
  !isScalar(thing) && thing.kind !== 'generator' && thing.kind !== 'nothing' && thing.kind !== 'tuple';

interface Handed {
  readonly given: readonly (Thing | undefined)[];
  readonly captured: readonly Captured[];
}

function writeRoutine(body: Body, key: string, callee: Callee, handed: Handed, block: Block): RoutineInProgress {
  const { kernel } = body;
  const known = routinesOf.get(kernel)!;
  const drawn = drawnBy(kernel, callee, handed.given, block.environment);
  const name = `${/^\w+$/.test(callee.name) ? callee.name : 'function'}.${known.size + 1}`;
  const assumed = assumptions(callee);
  const begin = (thing: Thing): RoutineInProgress => {
    const routine = { name, returned: new Returned(), drawn, assumed: thing, isAssumed: false };
    known.set(key, routine);
    return routine;
  };
  for (const each of assumed) {
    const before = { known: new Map(known), written: new Map(kernel.routines), recursive: kernel.recursive };
    const routine = begin(each);
    try {
      kernel.refusals.atOnce(() => lowerRoutine(body, routine, callee, handed));
      return routine;
    } catch (error) {
      if (error instanceof RangeError) throw error;
      // What was assumed may not be what it gives.
      restore(known, before.known);
      restore(kernel.routines, before.written);
      kernel.recursive = before.recursive;
      if (!routine.isAssumed) break;
    }
  }
  // Nothing fits: what is told are the complaints with what was assumed first.
  const routine = begin(assumed[0]!);
  lowerRoutine(body, routine, callee, handed);
  return routine;
}

function restore<K, V>(map: Map<K, V>, to: ReadonlyMap<K, V>): void {
  map.clear();
  for (const [key, value] of to) map.set(key, value);
}

function lowerRoutine(body: Body, routine: RoutineInProgress, callee: Callee, { given, captured }: Handed): void {
  const { kernel } = body;
  const { returned, assumed } = routine;
  const around = { streams: kernel.streams, isInRoutine: kernel.isInRoutine };
  const streams = routine.drawn.map(() => new Stream('g'));
  kernel.streams = new Map(routine.drawn.map((generator, index) => [generator, streams[index]!]));
  // A loop in a recursion that draws would own its draws or not by where the recursion began.
  kernel.isInRoutine = true;
  try {
    const own = new Body(kernel, callee, {
      foldsReturns: false,
      onReturn: (at, thing, where) => {
        returned.take(own, where, thing);
        at.end({ kind: 'return', operands: leavesOf(thing) });
      },
    });
    const parameters: Value[] = [];
    const parameterFor = (thing: Thing, label: string): Thing => {
      const fresh = leavesOf(thing).map((leaf) => new Value(leaf.type, label));
      parameters.push(...fresh);
      return rebuild(thing, fresh[Symbol.iterator]());
    };
    const block = new Block(new Map());
    const things = given.map((thing) => thing && parameterFor(thing, 'argument'));
    for (const { variable, thing } of captured) block.environment.set(variable, parameterFor(thing, variable.name));
    giveParameters(own, things, block);
    lowerCode(own, block);
    fallOff(own, block, returned);
    if (returned.thing === undefined)
      throw refuse(callee.source, callee.node.body, 'JIT005', `${calledName(callee.name)} never returns anything`, {
        note: 'it calls itself on every way, and a call of it would not come back',
        fix: 'return a value on the way that ends the recursion',
      });
    if (routine.isAssumed && !areAlike(returned.thing, assumed))
      throw refuseYet(
        callee.source,
        callee.node,
        `a recursion whose first return gives ${nameOfThing(returned.thing)}`,
        'write the return that ends it first, or let it give a number',
      );
    const results = leavesOf(returned.thing).map(({ type }) => type);
    const region = block.region();
    kernel.routines.set(routine.name, {
      name: routine.name,
      parameters,
      streams,
      results,
      body: region,
    } satisfies Routine);
  } finally {
    kernel.streams = around.streams;
    kernel.isInRoutine = around.isInRoutine;
  }
}
