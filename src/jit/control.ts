// Where control flow splits and meets: variables that differ between two ways are joined behind them, and variables that a loop changes are
// carried round it. Things are handed on as the operands that they are made of.
import type { Node } from 'acorn';
import { Value } from '../ir/nodes.js';
import type { Carried, Operand } from '../ir/nodes.js';
import { Block } from './code.js';
import type { Body } from './code.js';
import { refuse } from './refuse.js';
import type { Declaration } from './resolve.js';
import { areAlike, isSameThing, isScalar, leavesOf, nameOfThing, nothing, rebuild } from './things.js';
import type { Thing } from './things.js';

export function mixed(body: Body, node: Node, name: string, before: Thing, after: Thing): Error {
  const areArrays = !isScalar(before) && !isScalar(after) && before.kind === 'array' && after.kind === 'array';
  if (areArrays) {
    return refuse(body.source, node, 'JIT006', `${name} is ${before.name} in one place, and ${after.name} in another`, {
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
  const lowerBranch = (lower: (block: Block) => Thing | void): { branch: Block; thing: Thing | undefined } => {
    const branch = new Block(block.environment);
    return { branch, thing: lower(branch) ?? undefined };
  };
  const both = [lowerBranch(consequent), lowerBranch(alternate)] as const;
  const going = both.filter(({ branch }) => branch.terminator === undefined);
  const environments = going.map(({ branch }) => branch.environment);
  const joined: { variable: Declaration; thing: Thing }[] = [];
  for (const [variable, before] of block.environment) {
    const things = environments.map((environment) => environment.get(variable));
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
  readonly carried: readonly Carried[];
  readonly inner: Block;

  /** Variables from outside that the nodes assign, and more that are named. */
  constructor(body: Body, block: Block, nodes: readonly Node[], more: readonly Declaration[] = []) {
    this.#body = body;
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

  /** The results of the loop; from here on the block's variables stand for them. */
  finish(block: Block): Value[] {
    const results = this.#things.map((thing, index) => fresh(thing, this.#variables[index]!.name));
    for (const [index, variable] of this.#variables.entries()) block.environment.set(variable, results[index]);
    return results.flatMap(leavesOf) as Value[];
  }
}
