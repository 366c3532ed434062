// Before   for @l %i < %n (%s: f64 = 0.0) { %c = sqrt.f64 %a   %x: f64 = load b[%j]   … }
// After    %c = sqrt.f64 %a
//          %runs = gt.i64 %n 0
//          %x: f64 = if %runs { %x.1: f64 = load b[%j]  yield [%x.1] } else { yield [0.0] }
//          for @l %i < %n (%s: f64 = 0.0) { … }
// Why      What does not change from one iteration to the next needs computing once.
// How      Inner loops first, so that what leaves one can leave the next. A pure operation never fails, so it may be computed before a
//          loop that then runs no iteration, or takes another branch; those that cost more than that is worth stay in their branch.
//          A load, and a check, may: they leave only from where the first iteration meets them at any rate, behind nothing that could
//          fail, store or leave, and a counted loop asks first whether it runs. Loads of classes that the loop stores to stay.
// Too cautious: loads and checks inside branches stay; so do all those behind a check, a store or a way out that stays.
import { Constant, Value } from '../ir/nodes.js';
import type { For, Kernel, Loop, Operand, Region, Statement } from '../ir/nodes.js';
import type { OperationName } from '../ir/operations.js';
import { elementOf } from '../ir/types.js';
import type { Type } from '../ir/types.js';
import { innerValuesOf, operandsOf, regionsOf, resultsOf, rewriteCompound } from '../ir/walk.js';
import type { Pass } from './pass.js';

/** What is not worth computing for a branch that may not be taken. */
const isDear: ReadonlySet<OperationName> = new Set<OperationName>(['div', 'rem', 'sqrt']);

interface LoopContents {
  /** Everything assigned inside. */
  readonly assigned: Set<Value>;
  /** Alias classes that are stored to. */
  readonly stored: Set<number>;
}

function contentsOf(statement: Statement, contents: LoopContents): void {
  for (const value of innerValuesOf(statement)) contents.assigned.add(value);
  for (const region of regionsOf(statement)) {
    for (const inner of region.statements) {
      for (const value of resultsOf(inner)) contents.assigned.add(value);
      if ('buffer' in inner && inner.kind !== 'load') contents.stored.add(inner.buffer.aliasClass);
      contentsOf(inner, contents);
    }
  }
}

/** Whether the code does nothing but to hand values on: it neither fails, stores, draws, nor leaves by another way than its end. */
function isPlain(statement: Statement): boolean {
  switch (statement.kind) {
    case 'pure':
    case 'splat':
    case 'ramp':
    case 'fold':
    case 'load':
      return true;
    case 'if':
      return regionsOf(statement).every(
        ({ statements, terminator }) => terminator.kind === 'yield' && statements.every(isPlain),
      );
    default:
      return false;
  }
}

const zeroOf = (type: Type): Constant => {
  const element = elementOf(type);
  return new Constant(type, element === 'i64' ? 0n : element === 'bool' ? false : 0);
};

class Hoisting {
  readonly #loop: For | Loop;
  readonly #contents: LoopContents = { assigned: new Set(), stored: new Set() };
  /** What goes before the loop whether it runs or not. */
  readonly #always: Statement[] = [];
  /** What goes before the loop if it runs. */
  readonly #ifRuns: Statement[] = [];
  /** What is only there if the loop runs. */
  readonly #thereIfRuns = new Set<Value>();

  constructor(loop: For | Loop) {
    this.#loop = loop;
    contentsOf(loop, this.#contents);
  }

  run(): readonly Statement[] {
    const body = this.#body(this.#loop.body);
    if (this.#always.length + this.#ifRuns.length === 0) return [this.#loop];
    return [...this.#always, ...this.#guarded(), { ...this.#loop, body }];
  }

  #isOutside(statement: Statement): boolean {
    return operandsOf(statement).every(
      (operand: Operand) => operand instanceof Constant || !this.#contents.assigned.has(operand),
    );
  }

  #hoist(statement: Statement, into: Statement[]): void {
    into.push(statement);
    for (const value of resultsOf(statement)) {
      this.#contents.assigned.delete(value);
      if (into === this.#ifRuns) this.#thereIfRuns.add(value);
    }
  }

  #body({ statements, terminator }: Region): Region {
    const kept: Statement[] = [];
    // So far the first iteration only computes; a draw changes nothing that a load or a check could see.
    let isUntouched = true;
    for (const statement of statements) {
      const isOutside = this.#isOutside(statement);
      if (isOutside && (statement.kind === 'pure' || statement.kind === 'splat' || statement.kind === 'ramp')) {
        this.#hoist(statement, this.#readsIfRuns(statement) ? this.#ifRuns : this.#always);
        continue;
      }
      const isFixed = statement.kind === 'load' && !this.#contents.stored.has(statement.buffer.aliasClass);
      if (isOutside && isUntouched && (isFixed || statement.kind === 'check')) {
        this.#hoist(statement, this.#ifRuns);
        continue;
      }
      isUntouched &&= isPlain(statement) || statement.kind === 'draw';
      kept.push(this.#inBranches(statement));
    }
    return { statements: kept, terminator };
  }

  #readsIfRuns(statement: Statement): boolean {
    return operandsOf(statement).some((operand) => operand instanceof Value && this.#thereIfRuns.has(operand));
  }

  /** Takes what is cheap out of the branches of the body. */
  #inBranches(statement: Statement): Statement {
    if (statement.kind !== 'if') return statement;
    const walk = ({ statements, terminator }: Region): Region => {
      const kept: Statement[] = [];
      for (const inner of statements) {
        const isCheap =
          (inner.kind === 'pure' && !isDear.has(inner.operation)) || inner.kind === 'splat' || inner.kind === 'ramp';
        if (isCheap && this.#isOutside(inner) && !this.#readsIfRuns(inner)) this.#hoist(inner, this.#always);
        else kept.push(this.#inBranches(inner));
      }
      return { statements: kept, terminator };
    };
    return { ...statement, consequent: walk(statement.consequent), alternate: walk(statement.alternate) };
  }

  /** A counted loop may run no iteration, and then what its first one loads may not be there. */
  #guarded(): readonly Statement[] {
    const loop = this.#loop;
    if (this.#ifRuns.length === 0 || loop.kind === 'loop') return this.#ifRuns;
    const { start, step, count, source } = loop;
    const [end, runs] = [new Value('i64', 'end'), new Value('bool', 'runs')];
    const size = new Constant('i64', BigInt(step));
    const results = this.#ifRuns.flatMap(resultsOf);
    const copies = new Map(results.map((result) => [result, new Value(result.type, result.name)]));
    const inside = (operand: Operand): Operand =>
      operand instanceof Value ? (copies.get(operand) ?? operand) : operand;
    const statements = this.#ifRuns.map((statement): Statement => {
      switch (statement.kind) {
        case 'pure':
          return { ...statement, operands: statement.operands.map(inside), result: copies.get(statement.result)! };
        case 'splat':
        case 'ramp':
          return { ...statement, operand: inside(statement.operand), result: copies.get(statement.result)! };
        case 'load': {
          const { index, mask, result } = statement;
          return { ...statement, index: index.map(inside), mask: mask && inside(mask), result: copies.get(result)! };
        }
        case 'check': {
          const { condition, index, length } = statement;
          return { ...statement, condition: inside(condition), index: inside(index), length: inside(length) };
        }
        default:
          return statement;
      }
    });
    return [
      { kind: 'pure', operation: 'add', over: 'i64', operands: [start, size], result: end, source },
      { kind: 'pure', operation: 'le', over: 'i64', operands: [end, count], result: runs, source },
      {
        kind: 'if',
        condition: runs,
        results,
        consequent: { statements, terminator: { kind: 'yield', operands: results.map(inside) } },
        alternate: {
          statements: [],
          terminator: { kind: 'yield', operands: results.map(({ type }) => zeroOf(type)) },
        },
        source,
      },
    ];
  }
}

export const hoistInvariants: Pass = {
  name: 'hoist-invariants',
  run: (kernel: Kernel): Kernel => ({
    ...kernel,
    body: rewriteCompound(kernel.body, (statement) =>
      statement.kind === 'if' ? [statement] : new Hoisting(statement).run(),
    ),
  }),
};
