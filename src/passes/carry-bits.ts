// Before   for @l %i < %n (%h: f64 = %h0) { %b = toInt32.f64 %h  %c = mul.i32 %b 31  %d = toF64.i32 %c  yield [%d] }     (%h0 = toF64.i32 …)
// After    for @l %i < %n (%k: i32 = …) { %h = toF64.i32 %k  %b = toInt32.f64 %h  %c = mul.i32 %b 31  %d = toF64.i32 %c  yield [%c] }
// Why      JavaScript's bit operations give doubles that are integers of 32 bits. A loop that carries one, as hashes and generators do, made
//          it a double at the end of each iteration only to make it an integer again at the beginning of the next.
// How      A carried double becomes an i32 if it begins as one and every way to the next iteration hands on one: what toF64 has made of an i32,
//          a constant, or a choice between such. That the carried value itself is one is assumed, and taken back where it does not hold.
// Exact    An i32 as a double is that very number, and never −0.
// Too cautious: integers beyond 32 bits stay doubles.
import { Constant, Value } from '../ir/nodes.js';
import type { For, Kernel, Loop, Operand, Pure, Region, Statement, Terminator } from '../ir/nodes.js';
import type { Pass } from './pass.js';

/** A loop around, with the positions at which it carries bits, and those at which something else was handed on. */
interface Around {
  readonly label: string;
  readonly positions: ReadonlySet<number>;
  readonly failed: Set<number>;
  /** What `break` hands over is what is carried. */
  readonly isFor: boolean;
}

const bitsOf = ({ value }: Constant): Constant | undefined =>
  typeof value === 'number' && Object.is(value | 0, value) ? new Constant('i32', value) : undefined;

class CarryingBits {
  /** The i32 that a double is. */
  #bits = new Map<Operand, Operand>();
  readonly #around: Around[] = [];

  #bitsOf(operand: Operand): Operand | undefined {
    if (operand instanceof Constant) return operand.type === 'f64' ? bitsOf(operand) : undefined;
    return this.#bits.get(operand);
  }

  /** `end` sees how the region ends, while what is known inside of it still is. */
  region({ statements, terminator }: Region, end: (terminator: Terminator) => Terminator): Region {
    const after = statements.flatMap((statement) => this.#statement(statement));
    return { statements: after, terminator: end(this.#jump(terminator)) };
  }

  #jump(terminator: Terminator): Terminator {
    if (terminator.kind !== 'continue' && terminator.kind !== 'break') return terminator;
    const loop = this.#around.findLast(({ label }) => label === terminator.label);
    if (loop === undefined || (terminator.kind === 'break' && !loop.isFor)) return terminator;
    return { ...terminator, operands: this.#handOn(terminator.operands, loop) };
  }

  #handOn(operands: readonly Operand[], { positions, failed }: Around): readonly Operand[] {
    return operands.map((operand, position) => {
      if (!positions.has(position)) return operand;
      const bits = this.#bitsOf(operand);
      if (bits === undefined) failed.add(position);
      return bits ?? operand;
    });
  }

  #statement(statement: Statement): readonly Statement[] {
    switch (statement.kind) {
      case 'pure':
        return this.#pure(statement);
      case 'if':
        return this.#if(statement);
      case 'for':
      case 'loop':
        return this.#loop(statement);
      default:
        return [statement];
    }
  }

  #pure(statement: Pure): readonly Statement[] {
    const { operation, over, operands, result, source } = statement;
    if (operation === 'toF64' && over === 'i32') this.#bits.set(result, operands[0]!);
    if (operation !== 'select' || over !== 'f64') return [statement];
    const [a, b] = operands.slice(1).map((operand) => this.#bitsOf(operand));
    if (a === undefined || b === undefined) return [statement];
    const bits = new Value('i32', result.name);
    this.#bits.set(result, bits);
    return [
      { ...statement, over: 'i32', operands: [operands[0]!, a, b], result: bits },
      toDouble(bits, result, source),
    ];
  }

  #if(statement: Statement & { kind: 'if' }): readonly Statement[] {
    const { results, source } = statement;
    const yields: (readonly Operand[])[] = [];
    const known: (readonly (Operand | undefined)[])[] = [];
    const note = (terminator: Terminator): Terminator => {
      if (terminator.kind === 'yield') {
        yields.push(terminator.operands);
        known.push(terminator.operands.map((operand) => this.#bitsOf(operand)));
      }
      return terminator;
    };
    const consequent = this.region(statement.consequent, note);
    const alternate = this.region(statement.alternate, note);
    const isBits = results.map(
      ({ type }, position) =>
        type === 'f64' && known.length > 0 && known.every((operands) => operands[position] !== undefined),
    );
    if (!isBits.some(Boolean)) return [{ ...statement, consequent, alternate }];
    const narrowed = results.map((result, position) => (isBits[position] ? new Value('i32', result.name) : result));
    const narrow = (region: Region): Region => {
      const { terminator } = region;
      if (terminator.kind !== 'yield') return region;
      const bits = known[yields.indexOf(terminator.operands)]!;
      const operands = terminator.operands.map((operand, position) => (isBits[position] ? bits[position]! : operand));
      return { ...region, terminator: { kind: 'yield', operands } };
    };
    const doubles = results.flatMap((result, position) => {
      if (!isBits[position]) return [];
      this.#bits.set(result, narrowed[position]!);
      return [toDouble(narrowed[position]!, result, source)];
    });
    return [
      { ...statement, results: narrowed, consequent: narrow(consequent), alternate: narrow(alternate) },
      ...doubles,
    ];
  }

  #loop(loop: For | Loop): readonly Statement[] {
    const { carried, label, body, source } = loop;
    let positions = new Set(
      carried.flatMap(({ value, initial }, position) =>
        value.type === 'f64' && this.#bitsOf(initial) !== undefined ? [position] : [],
      ),
    );
    for (;;) {
      const before = this.#bits;
      this.#bits = new Map(before);
      const around: Around = { label, positions, failed: new Set(), isFor: loop.kind === 'for' };
      const inner = carried.map(({ value }, position) =>
        positions.has(position) ? new Value('i32', value.name) : value,
      );
      const head = [...positions].map((position): Statement => {
        this.#bits.set(carried[position]!.value, inner[position]!);
        return toDouble(inner[position]!, carried[position]!.value, source);
      });
      this.#around.push(around);
      const region = this.region(body, (terminator) =>
        terminator.kind === 'yield'
          ? { kind: 'yield', operands: this.#handOn(terminator.operands, around) }
          : terminator,
      );
      this.#around.pop();
      this.#bits = before;
      if (around.failed.size > 0) {
        positions = new Set([...positions].filter((position) => !around.failed.has(position)));
        continue;
      }
      const after: For | Loop = {
        ...loop,
        carried: carried.map(({ initial }, position) => ({
          value: inner[position]!,
          initial: positions.has(position) ? this.#bitsOf(initial)! : initial,
        })),
        body: { ...region, statements: [...head, ...region.statements] },
      };
      if (loop.kind === 'loop' || positions.size === 0) return [after];
      const results = loop.results.map((result, position) =>
        positions.has(position) ? new Value('i32', result.name) : result,
      );
      const doubles = [...positions].map((position) => {
        this.#bits.set(loop.results[position]!, results[position]!);
        return toDouble(results[position]!, loop.results[position]!, source);
      });
      return [{ ...after, results }, ...doubles];
    }
  }
}

const toDouble = (bits: Value, result: Value, source: number): Statement => ({
  kind: 'pure',
  operation: 'toF64',
  over: 'i32',
  operands: [bits],
  result,
  source,
});

export const carryBits: Pass = {
  name: 'carry-bits',
  run: (kernel: Kernel): Kernel => ({
    ...kernel,
    body: new CarryingBits().region(kernel.body, (terminator) => terminator),
  }),
};
