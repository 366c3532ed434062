// Before   %a = mul.f64 %x %x   …   %b = mul.f64 %x %x   (and %b is read)
// After    %a = mul.f64 %x %x   …                        (and %a is read instead)
// Why      Sources repeat themselves (`x[i] * x[i]`, the same bound of two loops), and so do front ends and passes.
// How      One walk in the order of execution with a table of what has been computed, in the regions around and before. Pure operations
//          and splats give the same for the same operands; so does a load, until something is stored that may lie at the same place:
//          tables know loads by a state of the memory of their alias class, which a store makes a new one, and so does a loop that stores.
// Too cautious: what both branches of an `if` compute is computed in both; a load does not know what was stored just before it.
import { Constant } from '../ir/nodes.js';
import type { Kernel, Operand, Region, Statement, Value } from '../ir/nodes.js';
import { Substitution } from '../ir/substitute.js';
import { regionsOf } from '../ir/walk.js';
import { isCommutative } from './analysis/algebra.js';
import type { Pass } from './pass.js';

/** Alias classes of the buffers that the code writes or begins. */
function classesChangedBy(statements: readonly Statement[], classes = new Set<number>()): Set<number> {
  for (const statement of statements) {
    if ('buffer' in statement && statement.kind !== 'load') classes.add(statement.buffer.aliasClass);
    for (const region of regionsOf(statement)) classesChangedBy(region.statements, classes);
  }
  return classes;
}

class Sharing {
  readonly #substitution = new Substitution();
  /** What has been computed, by what it is: in this region, and in those around. */
  readonly #known = new Map<string, Value>();
  /** Keys in the order in which they were entered: a region takes its own out again. */
  readonly #entered: string[] = [];
  readonly #numbers = new Map<unknown, number>();
  /** The state that the memory of an alias class is in, a number for each; 0 where nothing has changed it yet. */
  #memory = new Map<number, number>();
  #memoryStates = 0;

  region({ statements, terminator }: Region): Region {
    const mark = this.#entered.length;
    const kept: Statement[] = [];
    for (const statement of statements) this.#statement(this.#substitution.statement(statement), kept);
    for (const key of this.#entered.splice(mark)) this.#known.delete(key);
    return { statements: kept, terminator: this.#substitution.terminator(terminator) };
  }

  #statement(statement: Statement, kept: Statement[]): void {
    const key = this.#keyOf(statement);
    if (key !== undefined && 'result' in statement) {
      const known = this.#known.get(key);
      if (known !== undefined) return this.#substitution.replace(statement.result, known);
      this.#known.set(key, statement.result);
      this.#entered.push(key);
    }
    const regions = regionsOf(statement);
    if (regions.length === 0) {
      kept.push(statement);
      if ('buffer' in statement && statement.kind !== 'load') this.#change(statement.buffer.aliasClass);
      return;
    }
    const changed = classesChangedBy([statement]);
    // What a loop stores in one iteration the next one loads.
    if (statement.kind !== 'if') for (const aliasClass of changed) this.#change(aliasClass);
    const before = new Map(this.#memory);
    const walked = new Map(
      regions.map((region) => {
        this.#memory = new Map(before);
        return [region, this.region(region)];
      }),
    );
    this.#memory = before;
    for (const aliasClass of changed) this.#change(aliasClass);
    if (statement.kind === 'if') {
      const [consequent, alternate] = [walked.get(statement.consequent)!, walked.get(statement.alternate)!];
      kept.push({ ...statement, consequent, alternate });
    } else if (statement.kind === 'for' || statement.kind === 'loop')
      kept.push({ ...statement, body: walked.get(statement.body)! });
  }

  #change(aliasClass: number): void {
    this.#memory.set(aliasClass, ++this.#memoryStates);
  }

  #numberOf(thing: unknown): number {
    const known = this.#numbers.get(thing);
    if (known !== undefined) return known;
    this.#numbers.set(thing, this.#numbers.size);
    return this.#numbers.size - 1;
  }

  #nameOf(operand: Operand | undefined): string {
    if (!(operand instanceof Constant)) return operand === undefined ? '' : `%${this.#numberOf(operand)}`;
    const { type, value } = operand;
    return `${type}:${Object.is(value, -0) ? '-0' : String(value)}`;
  }

  /** Equal for statements that give the same value; undefined for statements that do more. */
  #keyOf(statement: Statement): string | undefined {
    switch (statement.kind) {
      case 'pure': {
        const { operation, over, operands } = statement;
        const names = operands.map((operand) => this.#nameOf(operand));
        if (isCommutative(operation)) names.sort();
        return `${operation}.${over} ${names.join(' ')}`;
      }
      case 'splat':
      case 'ramp':
        return `${statement.kind}.${statement.result.type} ${this.#nameOf(statement.operand)}`;
      case 'load': {
        const { buffer, index, mask, result } = statement;
        const place = index.map((operand) => this.#nameOf(operand)).join(' ');
        const state = this.#memory.get(buffer.aliasClass) ?? 0;
        return `load.${result.type} ${this.#numberOf(buffer)} [${place}] ${this.#nameOf(mask)} @${state}`;
      }
      default:
        return undefined;
    }
  }
}

export const shareExpressions: Pass = {
  name: 'share-expressions',
  run: (kernel: Kernel): Kernel => ({ ...kernel, body: new Sharing().region(kernel.body) }),
};
