// Where values come from, by what assigns them: an operation, or one of several operands where branches meet and iterations follow each
// other. From that, which values a loop only counts with: they are moved on by 1, chosen, handed through inner loops, and begun anew.
import { Constant, Value } from '../../ir/nodes.js';
import type { For, Loop, Operand, Pure, Region } from '../../ir/nodes.js';
import type { OperationName } from '../../ir/operations.js';
import { regionsOf, terminatorOperands } from '../../ir/walk.js';
import { handedOnBy } from './loops.js';

/** The operation that gives a value, or all operands that it may be one of. */
export type Origin = Pure | Meeting;

export interface Meeting {
  readonly kind: 'either';
  readonly operands: readonly Operand[];
  /** Of a counted loop's result, what it carries: they are of one type. */
  readonly carried?: Value;
}

export type Origins = ReadonlyMap<Value, Origin>;

/** Of what is assigned in a region and inside it; values of loads, draws and counters of loops have none. */
export function originsIn(region: Region, found = new Map<Value, Origin>()): Map<Value, Origin> {
  for (const statement of region.statements) {
    if (statement.kind === 'pure') found.set(statement.result, statement);
    for (const inner of regionsOf(statement)) originsIn(inner, found);
    if (statement.kind === 'if') {
      const branches = [statement.consequent, statement.alternate].filter(
        ({ terminator }) => terminator.kind === 'yield',
      );
      for (const [position, result] of statement.results.entries())
        found.set(result, { kind: 'either', operands: branches.map((each) => terminatorOperands(each)[position]!) });
    } else if (statement.kind === 'for' || statement.kind === 'loop') originsOfLoop(statement, found);
  }
  return found;
}

function originsOfLoop(loop: For | Loop, found: Map<Value, Origin>): void {
  const { carried, results } = loop;
  const { next, breaks } = handedOnBy(loop);
  for (const [position, { value, initial }] of carried.entries())
    found.set(value, { kind: 'either', operands: [initial, ...next.map((operands) => operands[position]!)] });
  // Behind what it carries a counted loop has the results of its reductions.
  const own = loop.kind === 'for' ? results.slice(0, carried.length) : results;
  for (const [position, result] of own.entries()) {
    const handed = breaks.map((operands) => operands[position]!);
    const meeting = { kind: 'either', operands: handed } as const;
    if (loop.kind === 'loop') found.set(result, meeting);
    else {
      const { value } = carried[position]!;
      found.set(result, { ...meeting, operands: [value, ...handed], carried: value });
    }
  }
}

/** Something that an iteration adds to a value, as often as the loops run that it stands in inside of it. */
export interface Addition {
  readonly by: Operand;
  readonly isTaken: boolean;
  readonly loops: readonly (For | Loop)[];
}

/** How a loop adds to a value that it carries. */
export interface Counting {
  readonly additions: readonly Addition[];
  /** What it begins anew with, or is chosen instead of it. */
  readonly resets: readonly Operand[];
  /** Values that inner loops carry for it, and that branches hand on. */
  readonly within: readonly Value[];
}

/** 1 or −1 where it is moved on by that; else undefined. */
export function unitOf({ by, isTaken }: Addition): 1 | -1 | undefined {
  const value = by instanceof Constant ? Number(by.value) * (isTaken ? -1 : 1) : undefined;
  return value === 1 || value === -1 ? value : undefined;
}

/** For each number that the loop carries, what is added to it; undefined for what is no number. */
export function countingOf(loop: For | Loop): (Counting | undefined)[] {
  const isNumber = loop.carried.map(({ value }) => value.type === 'i64' || value.type === 'f64');
  if (!isNumber.includes(true)) return [];
  const origins = originsIn(loop.body);
  const { next } = handedOnBy(loop);
  let around: ReadonlyMap<Value, readonly (For | Loop)[]> | undefined;
  const loopsAround = (value: Value): readonly (For | Loop)[] => (around ??= loopsIn(loop.body)).get(value) ?? [];
  return loop.carried.map(({ value }, position) => {
    if (!isNumber[position]) return undefined;
    const following = new Following(value, origins, loopsAround);
    const handedOn = next.map((operands) => operands[position]!);
    for (const operand of handedOn) following.follow(operand);
    return following;
  });
}

/** For operations in inner loops, those loops, outer first. */
function loopsIn(
  { statements }: Region,
  loops: readonly (For | Loop)[] = [],
  found = new Map<Value, readonly (For | Loop)[]>(),
): Map<Value, readonly (For | Loop)[]> {
  for (const statement of statements) {
    if (statement.kind === 'pure' && loops.length > 0) found.set(statement.result, loops);
    const inner = statement.kind === 'for' || statement.kind === 'loop' ? [...loops, statement] : loops;
    for (const region of regionsOf(statement)) loopsIn(region, inner, found);
  }
  return found;
}

const handingOn: ReadonlySet<OperationName> = new Set<OperationName>(['add', 'sub', 'select', 'min', 'max']);

/** Follows what is handed on back to the carried value. */
class Following implements Counting {
  readonly additions: Addition[] = [];
  readonly within: Value[] = [];
  readonly resets: Operand[] = [];
  readonly #seen: Set<Value>;
  /** Values that it is not made of. */
  readonly #others = new Set<Value>();
  readonly #origins: Origins;
  readonly #loopsAround: (value: Value) => readonly (For | Loop)[];

  constructor(start: Value, origins: Origins, loopsAround: (value: Value) => readonly (For | Loop)[]) {
    this.#seen = new Set([start]);
    this.#origins = origins;
    this.#loopsAround = loopsAround;
  }

  follow(operand: Operand): void {
    if (this.#seen.has(operand as Value)) return;
    if (!this.#leadsBack(operand)) return void this.resets.push(operand);
    const value = operand as Value;
    const origin = this.#origins.get(value)!;
    this.#seen.add(value);
    if (origin.kind === 'either') {
      this.within.push(value);
      return origin.operands.forEach((each) => this.follow(each));
    }
    const { operation, operands } = origin;
    if (operation === 'select') return operands.slice(1).forEach((each) => this.follow(each));
    if (operation === 'min' || operation === 'max') return operands.forEach((each) => this.follow(each));
    const [a, b] = operands as [Operand, Operand];
    const [to, by] = this.#leadsBack(a) ? [a, b] : [b, a];
    if (operation === 'sub' && to === b) return void this.resets.push(value);
    this.additions.push({ by, isTaken: operation === 'sub', loops: this.#loopsAround(value) });
    this.follow(to);
  }

  /** Whether an operand is handed on, or made of what is: of the two that are added, the sum so far. */
  #leadsBack(operand: Operand): boolean {
    const visited = new Set<Value>();
    const isFound = this.#finds(operand, visited);
    if (!isFound) for (const value of visited) this.#others.add(value);
    return isFound;
  }

  #finds(operand: Operand, visited: Set<Value>): boolean {
    if (!(operand instanceof Value) || this.#others.has(operand) || visited.has(operand)) return false;
    if (this.#seen.has(operand)) return true;
    visited.add(operand);
    const origin = this.#origins.get(operand);
    const isOnTheWay = origin !== undefined && (origin.kind === 'either' || handingOn.has(origin.operation));
    return isOnTheWay && origin.operands.some((each) => this.#finds(each, visited));
  }
}
