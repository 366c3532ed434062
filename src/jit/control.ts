// Where control flow splits and meets: variables that differ between two ways are joined behind them, and variables that a loop changes are
// carried round it. Things are handed on as the operands that they are made of.
import type { Node } from 'acorn';
import { Constant, Value } from '../ir/nodes.js';
import type { Carried, Operand } from '../ir/nodes.js';
import { Block } from './code.js';
import type { Body, Environment, KernelCode } from './code.js';
import { refuse } from './refuse.js';
import type { Declaration } from './resolve.js';
import { areAlike, isArrayThing, isSameThing, isScalar, leavesOf, nameOfThing, nothing, rebuild } from './things.js';
import type { Thing } from './things.js';

export function mixed(body: Body, node: Node, name: string, before: Thing, after: Thing): Error {
  if (isArrayThing(before) && isArrayThing(after)) {
    const what =
      before.name === after.name
        ? `${name} is one array in one place, and another one in another`
        : `${name} is ${before.name} in one place, and ${after.name} in another`;
    return refuse(body.source, node, 'JIT006', what, {
      note: 'in compiled code a name stands for one array wherever two ways meet',
      fix: 'write the code for each array, or do two steps of a loop in one: from the first to the second and back',
    });
  }
  return refuse(
    body.source,
    node,
    'JIT006',
    `${name} is ${nameOfThing(before)} in one place, and ${nameOfThing(after)} in another`,
    {
      note: 'in compiled code a variable has one type',
      fix: 'use two variables, or make the types the same, as +flag does',
    },
  );
}

function fresh(thing: Thing, name: string): Thing {
  const values = leavesOf(thing).map((leaf): Operand => new Value(leaf.type, name));
  return rebuild(thing, values[Symbol.iterator]());
}

/** A variable's thing, unless that is an array that was made inside of what ends here. */
function keptOf(kernel: KernelCode, variable: Declaration, thing: Thing | undefined, from: number): Thing | undefined {
  if (thing === undefined || !isMadeSince(kernel, thing, from)) return thing;
  kernel.lost.add(variable);
  return undefined;
}

function isMadeSince(kernel: KernelCode, thing: Thing, from: number): boolean {
  if (isScalar(thing)) return false;
  if (thing.kind === 'tuple') return thing.elements.some((element) => isMadeSince(kernel, element, from));
  return 'buffer' in thing && kernel.made.indexOf(thing.buffer, from) >= 0;
}

/**
 * One of two pieces of code. Each may give a thing, both alike; what is given back is that of the one that ran. A variable that differs
 * after one of them is joined, if it has a value after each that goes on.
 */
export function either(
  body: Body,
  node: Node,
  block: Block,
  condition: Operand,
  consequent: (block: Block) => Thing | void,
  alternate: (block: Block) => Thing | void,
): Thing | undefined {
  // What is known goes one way; the other is not compiled.
  if (condition instanceof Constant) return ((condition.value as boolean) ? consequent : alternate)(block) ?? undefined;
  const lowerBranch = (lower: (block: Block) => Thing | void): { branch: Block; thing: Thing | undefined } => {
    const branch = new Block(block.environment);
    return { branch, thing: lower(branch) ?? undefined };
  };
  const from = body.kernel.made.length;
  const both = [lowerBranch(consequent), lowerBranch(alternate)] as const;
  const going = both.filter(({ branch }) => branch.terminator === undefined);
  const environments = going.map(({ branch }) => branch.environment);
  const joined: { variable: Declaration; thing: Thing }[] = [];
  for (const [variable, before] of block.environment) {
    const things = environments.map((environment) => keptOf(body.kernel, variable, environment.get(variable), from));
    if (things.every((thing) => isSameThing(thing, before))) continue;
    const [one, other] = things;
    // What has a value on one way only has none from here on.
    if (things.some((thing) => thing === undefined)) {
      block.environment.set(variable, undefined);
      continue;
    }
    if (other !== undefined && !areAlike(one!, other)) throw mixed(body, node, variable.name, one!, other);
    joined.push({ variable, thing: fresh(one!, variable.name) });
  }
  const things = going.map(({ thing }) => thing).filter((thing) => thing !== undefined);
  const [first, second] = things;
  if (first !== undefined && second !== undefined && !areAlike(first, second)) {
    const areSameKind = nameOfThing(first) === nameOfThing(second) && !isScalar(first) && first.kind !== 'tuple';
    if (areSameKind)
      throw refuse(body.source, node, 'JIT006', 'this is one array on one way, and another one on the other', {
        note: 'in compiled code a name stands for one array wherever two ways meet',
        fix: 'choose its elements instead: const v = flag ? x[i] : y[i]',
      });
    throw refuse(
      body.source,
      node,
      'JIT006',
      `this is ${nameOfThing(first)} on one way, and ${nameOfThing(second)} on the other`,
      {
        note: 'in compiled code a value has one type',
        fix:
          first === nothing || second === nothing
            ? 'give a value on both: a number that cannot occur otherwise, such as NaN'
            : 'make both the same type, as +flag makes a number of a boolean',
      },
    );
  }
  const chosen = first && fresh(first, 'chosen');
  for (const { branch, thing } of both) {
    if (branch.terminator !== undefined) continue;
    const handed = joined.flatMap(({ variable }) => leavesOf(branch.environment.get(variable)!));
    branch.end({ kind: 'yield', operands: [...handed, ...leavesOf(thing ?? nothing)] });
  }
  block.statements.push({
    kind: 'if',
    condition,
    results: [...joined.map(({ thing }) => thing), chosen ?? nothing].flatMap(leavesOf) as Value[],
    consequent: both[0].branch.region(),
    alternate: both[1].branch.region(),
    source: -1,
  });
  for (const { variable, thing } of joined) block.environment.set(variable, thing);
  if (going.length === 0) block.end({ kind: 'unreachable' });
  return chosen;
}

/** What a loop carries round, and how the code inside it and behind it knows it. */
export class Carrying {
  readonly #body: Body;
  readonly #variables: readonly Declaration[];
  readonly #things: readonly Thing[];
  /** Where it is left: what is handed on there, and what each variable is. */
  readonly #made: number;
  readonly #exits: { readonly operands: Operand[]; readonly environment: Environment }[] = [];
  readonly carried: readonly Carried[];
  readonly inner: Block;

  /** Variables from outside that the nodes assign, and more that are named. */
  constructor(body: Body, block: Block, nodes: readonly Node[], more: readonly Declaration[] = []) {
    this.#body = body;
    this.#made = body.kernel.made.length;
    const assigned = new Set([...nodes.flatMap((node) => [...body.names.assignedIn(node)]), ...more]);
    const { environment } = block;
    this.#variables = [...environment.keys()].filter(
      (variable) => assigned.has(variable) && environment.get(variable) !== undefined,
    );
    const initial = this.#variables.map((variable) => environment.get(variable)!);
    this.#things = initial.map((thing, index) => fresh(thing, this.#variables[index]!.name));
    const firsts = initial.flatMap(leavesOf);
    this.carried = this.#things
      .flatMap(leavesOf)
      .map((value, index): Carried => ({ value: value as Value, initial: firsts[index]! }));
    this.inner = new Block(environment);
    for (const [index, variable] of this.#variables.entries())
      this.inner.environment.set(variable, this.#things[index]);
  }

  /** What is handed to the next iteration, or to the code behind the loop. */
  readonly values = (block: Block, node: Node): readonly Operand[] =>
    this.#variables.flatMap((variable, index) => {
      const thing = block.environment.get(variable)!;
      const before = this.#things[index]!;
      if (!areAlike(before, thing)) throw mixed(this.#body, node, variable.name, before, thing);
      return leavesOf(thing);
    });

  /** What is handed to the code behind the loop where all ways out of it are told by this. */
  readonly leaving = (block: Block, node: Node): readonly Operand[] => {
    const operands = [...this.values(block, node)];
    this.#exits.push({ operands, environment: block.environment });
    return operands;
  };

  /** The results of the loop; from here on the block's variables stand for them. */
  finish(block: Block): Value[] {
    const results = this.#things.map((thing, index) => fresh(thing, this.#variables[index]!.name));
    for (const [index, variable] of this.#variables.entries()) block.environment.set(variable, results[index]);
    return [...results, ...this.#given(block)].flatMap(leavesOf) as Value[];
  }

  /** Variables that had no value before the loop, and have one on every way out of it. */
  #given(block: Block): Thing[] {
    const [first] = this.#exits;
    if (first === undefined) return [];
    return [...block.environment].flatMap(([variable, before]) => {
      const thing = before === undefined ? first.environment.get(variable) : undefined;
      if (thing === undefined) return [];
      const { kernel } = this.#body;
      const things = this.#exits.map(({ environment }) =>
        keptOf(kernel, variable, environment.get(variable), this.#made),
      );
      if (!things.every((each) => each !== undefined && areAlike(each, thing))) return [];
      for (const [index, { operands }] of this.#exits.entries()) operands.push(...leavesOf(things[index]!));
      const result = fresh(thing, variable.name);
      block.environment.set(variable, result);
      return [result];
    });
  }
}
