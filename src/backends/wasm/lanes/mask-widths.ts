// How wide the lanes of each mask are, 4 or 8 bytes: a comparison's as wide as what it compares, and of masks that are put together from
// others, carried by loops or handed on by branches, as wide as most of what they are made from and used for. To ask for the other width
// costs a shuffle or two a register, so a wrong guess is slow and never wrong.
import { Constant, Value } from '../../../ir/nodes.js';
import type { Carried, Operand, Region, Statement } from '../../../ir/nodes.js';
import { elementOf, lanesOf } from '../../../ir/types.js';
import { laneBytesOf } from './registers.js';
import type { LaneBytes } from './registers.js';

/** What functions hand each other: most masks come from doubles. */
export const handedMaskBytes: LaneBytes = 8;

export interface Code {
  readonly parameters: readonly Value[];
  readonly body: Region;
}

const isMask = (operand: Operand): operand is Value =>
  operand instanceof Value && elementOf(operand.type) === 'bool' && lanesOf(operand.type) > 1;

/** Of every mask in the code of a program. */
export function maskWidths(codes: readonly Code[]): ReadonlyMap<Value, LaneBytes> {
  const voting = new MaskGroups();
  for (const { parameters, body } of codes) {
    for (const parameter of parameters) voting.fix(parameter, handedMaskBytes);
    visit(body, [], voting);
  }
  return voting.widths();
}

/** Masks that want to be of one width, and what width is asked of them. */
class MaskGroups {
  readonly #fixed = new Map<Value, LaneBytes>();
  readonly #leaders = new Map<Value, Value>();
  /** Of each group, by its leader: how many more ask for 8 bytes than for 4. */
  readonly #votes = new Map<Value, number>();
  readonly #neighbours: (readonly [Value, Value])[] = [];

  fix(value: Value, bytes: LaneBytes): void {
    if (isMask(value)) this.#fixed.set(value, bytes);
  }

  join(a: Operand, b: Operand): void {
    if (isMask(a) && isMask(b)) this.#neighbours.push([a, b]);
  }

  vote(operand: Operand, bytes: LaneBytes): void {
    if (!isMask(operand)) return;
    const leader = this.#leaderOf(operand);
    this.#votes.set(leader, (this.#votes.get(leader) ?? 0) + (bytes === 8 ? 1 : -1));
  }

  #leaderOf(value: Value): Value {
    let leader = value;
    for (let next = this.#leaders.get(leader); next !== undefined; next = this.#leaders.get(leader)) leader = next;
    if (!this.#votes.has(leader)) this.#votes.set(leader, 0);
    return leader;
  }

  widths(): Map<Value, LaneBytes> {
    // What is fixed votes among its neighbours, and hands no votes on.
    for (const pair of this.#neighbours) {
      const [a, b] = pair.map((value) => this.#fixed.get(value));
      if (a === undefined && b === undefined) this.#unite(...pair);
      else if (a === undefined) this.vote(pair[0], b!);
      else if (b === undefined) this.vote(pair[1], a);
    }
    const widths = new Map<Value, LaneBytes>();
    for (const value of [...this.#leaders.keys(), ...this.#votes.keys()])
      widths.set(value, this.#votes.get(this.#leaderOf(value))! < 0 ? 4 : 8);
    for (const [value, bytes] of this.#fixed) widths.set(value, bytes);
    return widths;
  }

  #unite(a: Value, b: Value): void {
    const [one, other] = [this.#leaderOf(a), this.#leaderOf(b)];
    if (one === other) return;
    this.#leaders.set(other, one);
    this.#votes.set(one, this.#votes.get(one)! + this.#votes.get(other)!);
  }
}

/** Loops around, with what `continue` and `break` hand values to. */
interface LoopAround {
  readonly label: string;
  readonly carried: readonly Value[];
  readonly results: readonly Value[];
}

function visit(
  { statements, terminator }: Region,
  loops: readonly LoopAround[],
  voting: MaskGroups,
  yielded?: readonly Value[],
): void {
  const joinAll = (targets: readonly Value[], operands: readonly Operand[]): void => {
    for (const [index, target] of targets.entries()) voting.join(target, operands[index]!);
  };
  const loop = (label: string, carried: readonly Carried[], results: readonly Value[], body: Region): void => {
    const values = carried.map(({ value }) => value);
    joinAll(
      values,
      carried.map(({ initial }) => initial),
    );
    visit(body, [...loops, { label, carried: values, results }], voting, values);
  };
  for (const statement of statements) {
    visitOperands(statement, voting);
    if (statement.kind === 'if') {
      visit(statement.consequent, loops, voting, statement.results);
      visit(statement.alternate, loops, voting, statement.results);
    } else if (statement.kind === 'for') {
      joinAll(
        statement.carried.map(({ value }) => value),
        statement.results,
      );
      loop(statement.label, statement.carried, statement.results, statement.body);
    } else if (statement.kind === 'loop') loop(statement.label, statement.carried, statement.results, statement.body);
  }
  if (terminator.kind === 'yield') joinAll(yielded ?? [], terminator.operands);
  if (terminator.kind === 'break' || terminator.kind === 'continue') {
    const target = loops.find(({ label }) => label === terminator.label)!;
    joinAll(terminator.kind === 'break' ? target.results : target.carried, terminator.operands);
  }
}

function visitOperands(statement: Statement, voting: MaskGroups): void {
  const voteFor = (mask: Operand | undefined, element: ReturnType<typeof elementOf>): void => {
    if (mask !== undefined && element !== 'bool') voting.vote(mask, laneBytesOf(element));
  };
  switch (statement.kind) {
    case 'pure': {
      const { operation, over, operands, result } = statement;
      const element = elementOf(over);
      if (element !== 'bool') {
        if (operation === 'select') voteFor(operands[0], element);
        else voting.fix(result, laneBytesOf(element));
      } else if (elementOf(result.type) === 'bool') for (const operand of operands) voting.join(result, operand);
      else voteFor(operands[0], elementOf(result.type));
      return;
    }
    case 'call':
      for (const result of statement.results) voting.fix(result, handedMaskBytes);
      for (const operand of statement.operands) voting.vote(operand, handedMaskBytes);
      return;
    case 'draw':
      // The lanes of a state are 64 bits wide, whatever is drawn.
      if (statement.mask !== undefined) voting.vote(statement.mask, 8);
      return;
    default:
  }
}

/** The width of an operand where nothing else decides: of a constant, that of what functions hand each other. */
export const maskBytes = (widths: ReadonlyMap<Value, LaneBytes>, operand: Operand): LaneBytes =>
  operand instanceof Constant ? handedMaskBytes : (widths.get(operand) ?? handedMaskBytes);
