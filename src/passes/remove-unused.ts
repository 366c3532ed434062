// Before   %i = toF64.i64 %index   (and nothing reads %i)      for @l %j < %n (%s: f64 = 0.0, %t: f64 = 0.0) { … }   (nothing reads %t)
// After    –                                                   for @l %j < %n (%s: f64 = 0.0) { … }
// Why      Front ends compute what a variable would hold whether or not it is read, and a value that is never read can still keep a loop
//          from being vectorized.
// How      What has an effect, and what decides which way the code takes, is read; so is what that reads, and so on. A value that a loop
//          carries, or that a branch hands on, is read if what it becomes is: one that only feeds itself is not. All else goes.
// Too cautious: draws stay, as they move their generator on; loops stay, as they may not end; so does a call of a routine.
import type { For, If, Kernel, Loop, Operand, Region, Statement, Value } from '../ir/nodes.js';
import { operandsOf, regionsOf } from '../ir/walk.js';
import { handedOnBy, withHandedOn } from './analysis/loops.js';
import type { Pass } from './pass.js';
import { simplified } from './settled.js';

const canGo = ({ kind }: Statement): boolean =>
  kind === 'pure' || kind === 'splat' || kind === 'ramp' || kind === 'fold' || kind === 'load';

class Reading {
  readonly #read = new Set<Value>();
  /** What each value is made of. */
  readonly #sources = new Map<Value, (readonly Operand[])[]>();
  readonly #pending: Value[] = [];

  constructor(body: Region) {
    this.#region(body);
    this.#markAll(body.terminator);
    for (let value = this.#pending.pop(); value !== undefined; value = this.#pending.pop())
      for (const operands of this.#sources.get(value) ?? []) this.#mark(operands);
  }

  isRead(value: Value): boolean {
    return this.#read.has(value);
  }

  #mark(operands: readonly Operand[]): void {
    for (const operand of operands) {
      if (!('name' in operand) || this.#read.has(operand)) continue;
      this.#read.add(operand);
      this.#pending.push(operand);
    }
  }

  #markAll(terminator: Region['terminator']): void {
    if ('operands' in terminator) this.#mark(terminator.operands);
  }

  #isMadeOf(value: Value, operands: readonly Operand[]): void {
    const sources = this.#sources.get(value);
    if (sources) sources.push(operands);
    else this.#sources.set(value, [operands]);
  }

  /** All of a region but what it ends with, unless that returns: the rest depends on who gets it. */
  #region({ statements }: Region): void {
    for (const statement of statements) {
      if (canGo(statement) && 'result' in statement) {
        this.#isMadeOf(statement.result, operandsOf(statement));
        continue;
      }
      for (const region of regionsOf(statement)) {
        this.#region(region);
        if (region.terminator.kind === 'return') this.#mark(region.terminator.operands);
      }
      if (statement.kind === 'if') this.#if(statement);
      else if (statement.kind === 'for' || statement.kind === 'loop') this.#loop(statement);
      else this.#mark(operandsOf(statement));
    }
  }

  #if({ condition, results, consequent, alternate }: If): void {
    this.#mark([condition]);
    for (const { terminator } of [consequent, alternate]) {
      if (terminator.kind !== 'yield') continue;
      for (const [position, result] of results.entries()) this.#isMadeOf(result, [terminator.operands[position]!]);
    }
  }

  #loop(loop: For | Loop): void {
    const { carried, results } = loop;
    // Where it begins and ends, and the key that it draws with.
    this.#mark(operandsOf({ ...loop, carried: [] }));
    const { next, breaks } = handedOnBy(loop);
    for (const [position, { value, initial }] of carried.entries()) {
      this.#isMadeOf(value, [initial]);
      for (const operands of next) this.#isMadeOf(value, [operands[position]!]);
      // The results of a counted loop are what it carries.
      if (loop.kind === 'for') this.#isMadeOf(results[position]!, [value]);
    }
    for (const operands of breaks)
      for (const [position, operand] of operands.entries())
        this.#isMadeOf(loop.kind === 'for' ? carried[position]!.value : results[position]!, [operand]);
  }
}

class Removal {
  readonly #reading: Reading;

  constructor(body: Region) {
    this.#reading = new Reading(body);
  }

  region({ statements, terminator }: Region): Region {
    return { statements: statements.flatMap((statement) => this.#statement(statement)), terminator };
  }

  #statement(statement: Statement): readonly Statement[] {
    if (canGo(statement) && 'result' in statement) return this.#reading.isRead(statement.result) ? [statement] : [];
    if (statement.kind === 'if') return this.#if(statement);
    return statement.kind === 'for' || statement.kind === 'loop' ? [this.#loop(statement)] : [statement];
  }

  #if(statement: If): readonly Statement[] {
    const isRead = statement.results.map((result) => this.#reading.isRead(result));
    const keep = <T>(items: readonly T[]): readonly T[] =>
      isRead.every(Boolean) ? items : items.filter((_, position) => isRead[position]);
    const branch = (region: Region): Region => {
      const { statements, terminator } = this.region(region);
      return terminator.kind === 'yield'
        ? { statements, terminator: { kind: 'yield', operands: keep(terminator.operands) } }
        : { statements, terminator };
    };
    const [consequent, alternate] = [branch(statement.consequent), branch(statement.alternate)];
    const results = keep(statement.results);
    const isNothing = [consequent, alternate].every(
      ({ statements, terminator }) => statements.length === 0 && terminator.kind === 'yield',
    );
    return isNothing && results.length === 0 ? [] : [{ ...statement, results, consequent, alternate }];
  }

  #loop<L extends For | Loop>(loop: L): L {
    const { carried, results } = loop;
    const isCarried = carried.map(
      ({ value }, position) =>
        this.#reading.isRead(value) || (loop.kind === 'for' && this.#reading.isRead(results[position]!)),
    );
    // Behind those of what it carries a counted loop has results of its own.
    const isResult = results.map((result, position) =>
      loop.kind === 'for' ? (isCarried[position] ?? true) : this.#reading.isRead(result),
    );
    const keepBy =
      (isKept: readonly boolean[]) =>
      <T>(items: readonly T[]): readonly T[] =>
        items.filter((_, position) => isKept[position]);
    const [keepCarried, keepResults] = [keepBy(isCarried), keepBy(isResult)];
    const isKept = isCarried.every(Boolean) && isResult.every(Boolean);
    const body = this.region(
      isKept
        ? loop.body
        : withHandedOn(loop, { next: keepCarried, breaks: loop.kind === 'for' ? keepCarried : keepResults }),
    );
    return { ...loop, carried: keepCarried(carried), results: keepResults(results), body };
  }
}

export const removeUnused: Pass = {
  name: 'remove-unused',
  run: (kernel: Kernel): Kernel => {
    const after = { ...kernel, body: new Removal(kernel.body).region(kernel.body) };
    return simplified.has(kernel) ? simplified.add(after) : after;
  },
};
