// The kernel language as text, one statement a line; read.ts reads it back. Names stay as they are where they are unique, and get a
// number where two values share one. A statement's source id stands behind it as `!3`.
import { Constant } from './nodes.js';
import type {
  Buffer,
  Carried,
  Kernel,
  LoopReduction,
  Operand,
  OwnedStream,
  Program,
  Region,
  Routine,
  Statement,
  Stream,
  Terminator,
  Value,
} from './nodes.js';
import { elementOf, isFloat, lanesOf } from './types.js';

export function printProgram(program: Program): string {
  return (
    [
      ...program.routines.map((routine) => printRoutine(routine)),
      ...program.kernels.map((kernel) => printKernel(kernel)),
    ].join('\n\n') + '\n'
  );
}

export function printRoutine(routine: Routine): string {
  const printer = new Printer();
  const { name, parameters, streams } = routine;
  const drawn = streams.length === 0 ? '' : ` draws ${printer.streams(streams)}`;
  printer.line(`routine @${name}(${printer.typed(parameters)})${drawn}${results(routine.results)} {`);
  printer.region(routine.body);
  printer.line('}');
  return printer.text();
}

/** @param showsSources whether source ids are written behind statements; without them it is easier to read */
export function printKernel(kernel: Kernel, showsSources = true): string {
  const printer = new Printer(showsSources);
  printer.line(`kernel @${kernel.name}(${printer.typed(kernel.parameters)})${results(kernel.results)} {`);
  printer.indented(() => {
    for (const buffer of kernel.buffers) printer.line(`buffer ${printer.buffer(buffer)}`);
    for (const { index, extent, owned } of kernel.dimensions) {
      printer.line(`nest ${printer.value(index)} < ${printer.operand(extent)}${printer.owned(owned)}`);
    }
    for (const { name, element, operator, over, partials, into } of kernel.reductions) {
      const dimensions = over.map((dimension) => `%${dimension}`).join(', ');
      printer.line(
        `reduction &${name}: ${element} ${operator} over [${dimensions}] partials ${partials} into ${into.name}`,
      );
    }
    printer.line('body {');
    printer.region(kernel.body);
    printer.line('}');
  });
  printer.line('}');
  return printer.text();
}

const results = (types: readonly string[]): string => (types.length === 0 ? '' : ` -> (${types.join(', ')})`);

/** A number as the text form has it; its type stands behind it where it has lanes, which no context tells. */
export function printConstant(constant: Constant): string {
  const number = printNumber(constant);
  return lanesOf(constant.type) === 1 ? number : `${number}:${constant.type}`;
}

/** Floats always with a point, an exponent, `inf` or `nan`; integers bare. */
function printNumber({ type, value }: Constant): string {
  if (typeof value !== 'number' || !isFloat(elementOf(type))) return String(value);
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const text = Object.is(value, -0) ? '-0' : String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

class Printer {
  readonly #lines: string[] = [];
  readonly #names = new Map<Value | Stream, string>();
  readonly #taken = new Set<string>();
  readonly #showsSources: boolean;
  #depth = 0;

  constructor(showsSources = true) {
    this.#showsSources = showsSources;
  }

  text(): string {
    return this.#lines.join('\n');
  }

  line(text: string): void {
    this.#lines.push('  '.repeat(this.#depth) + text);
  }

  indented(print: () => void): void {
    this.#depth++;
    print();
    this.#depth--;
  }

  #name(named: Value | Stream): string {
    let name = this.#names.get(named);
    if (name === undefined) {
      // Names come from people's programs, where $, π and the empty name are names too.
      const legal = named.name.replaceAll(/[^\w.]/g, '_') || '_';
      name = legal;
      for (let number = 1; this.#taken.has(name); number++) name = `${legal}.${number}`;
      this.#taken.add(name);
      this.#names.set(named, name);
    }
    return name;
  }

  value(value: Value): string {
    return `%${this.#name(value)}`;
  }

  operand(operand: Operand): string {
    return operand instanceof Constant ? printConstant(operand) : this.value(operand);
  }

  operands(operands: readonly Operand[]): string {
    return operands.map((operand) => this.operand(operand)).join(' ');
  }

  list(operands: readonly Operand[]): string {
    return `[${operands.map((operand) => this.operand(operand)).join(', ')}]`;
  }

  /** For operands whose types the text around them does not tell. */
  #explicit(operand: Operand): string {
    return operand instanceof Constant && lanesOf(operand.type) === 1
      ? `${printConstant(operand)}:${operand.type}`
      : this.operand(operand);
  }

  typed(values: readonly Value[]): string {
    return values.map((value) => `${this.value(value)}: ${value.type}`).join(', ');
  }

  stream(stream: Stream): string {
    return `$${this.#name(stream)}`;
  }

  streams(streams: readonly Stream[]): string {
    return `[${streams.map((stream) => this.stream(stream)).join(', ')}]`;
  }

  owned(all: readonly OwnedStream[]): string {
    const texts = all.map(({ stream, kind, key, base, continues }) => {
      const from = base instanceof Constant && base.value === 0n ? '' : ` from ${this.operand(base)}`;
      const continuing = continues === undefined ? '' : ` continuing ${this.stream(continues)}`;
      return ` draws ${this.stream(stream)} ${kind} ${this.operand(key)}${from}${continuing}`;
    });
    return texts.join('');
  }

  buffer({ name, storage, shape, strides, access, aliasClass }: Buffer): string {
    return `${name}: ${storage}${this.list(shape)} strides ${this.list(strides)} ${access} alias ${aliasClass}`;
  }

  #carried(carried: readonly Carried[]): string {
    return `(${carried.map(({ value, initial }) => `${this.value(value)}: ${value.type} = ${this.operand(initial)}`).join(', ')})`;
  }

  #reductions(reductions: readonly LoopReduction[]): string {
    if (reductions.length === 0) return '';
    const texts = reductions.map(
      ({ name, element, operator, partials, initial }) =>
        `&${name}: ${element} ${operator} partials ${partials} = ${this.#explicit(initial)}`,
    );
    return ` gathers (${texts.join(', ')})`;
  }

  region({ statements, terminator }: Region): void {
    this.indented(() => {
      for (const statement of statements) this.#statement(statement);
      this.line(this.#terminator(terminator));
    });
  }

  #statement(statement: Statement): void {
    const source = statement.source < 0 || !this.#showsSources ? '' : ` !${statement.source}`;
    const assigned = (values: readonly Value[]): string => (values.length === 0 ? '' : `${this.typed(values)} = `);
    const masked = (mask: Operand | undefined): string => (mask === undefined ? '' : ` mask ${this.operand(mask)}`);
    const block = (head: string, body: Region): void => {
      this.line(`${head}${source} {`);
      this.region(body);
    };
    switch (statement.kind) {
      case 'pure': {
        const { operation, over, operands, result } = statement;
        return this.line(`${this.value(result)} = ${operation}.${over} ${this.operands(operands)}${source}`);
      }
      case 'splat':
        return this.line(`${assigned([statement.result])}splat ${this.#explicit(statement.operand)}${source}`);
      case 'ramp':
        return this.line(`${assigned([statement.result])}ramp ${this.#explicit(statement.operand)}${source}`);
      case 'allocate':
        return this.line(`allocate ${this.buffer(statement.buffer)}${source}`);
      case 'fold':
        return this.line(
          `${assigned([statement.result])}fold ${statement.operation} ${this.#explicit(statement.operand)}${source}`,
        );
      case 'load': {
        const { buffer, index, mask, result } = statement;
        return this.line(`${assigned([result])}load ${buffer.name}${this.list(index)}${masked(mask)}${source}`);
      }
      case 'store': {
        const { buffer, index, value, mask } = statement;
        return this.line(`store ${buffer.name}${this.list(index)} ${this.operand(value)}${masked(mask)}${source}`);
      }
      case 'check': {
        const { condition, site, index, length } = statement;
        return this.line(
          `check ${this.operand(condition)} site ${site} index ${this.operand(index)} length ${this.operand(length)}${source}`,
        );
      }
      case 'stream':
        return this.line(
          `stream ${this.stream(statement.stream)} = gen ${this.operands([statement.key, statement.ordinal])}${source}`,
        );
      case 'draw':
        return this.line(
          `${assigned([statement.result])}draw ${this.stream(statement.stream)}${masked(statement.mask)}${source}`,
        );
      case 'if':
        block(`${assigned(statement.results)}if ${this.operand(statement.condition)}`, statement.consequent);
        this.line('} else {');
        this.region(statement.alternate);
        return this.line('}');
      case 'for': {
        const { label, index, start, step, count, carried, owned, reductions, results: values, body } = statement;
        const parallel = statement.isParallel ? ' parallel' : '';
        const isPlain = start instanceof Constant && start.value === 0n && step === 1;
        const from = isPlain ? '' : ` from ${this.operand(start)} step ${step}`;
        const range = `${this.value(index)}${from} < ${this.operand(count)}`;
        const head = `for @${label}${parallel} ${range} ${this.#carried(carried)}${this.#reductions(reductions)}${this.owned(owned)}`;
        block(`${assigned(values)}${head}`, body);
        return this.line('}');
      }
      case 'loop':
        block(
          `${assigned(statement.results)}loop @${statement.label} ${this.#carried(statement.carried)}`,
          statement.body,
        );
        return this.line('}');
      case 'call': {
        const { callee, operands, streams, results: values } = statement;
        const drawn = streams.length === 0 ? '' : ` draws ${this.streams(streams)}`;
        const list = operands.map((operand) => this.#explicit(operand)).join(', ');
        return this.line(`${assigned(values)}call @${callee} [${list}]${drawn}${source}`);
      }
      case 'reduce':
        return this.line(
          `reduce &${statement.reduction.name} ${this.operand(statement.value)}${masked(statement.mask)}${source}`,
        );
    }
  }

  #terminator(terminator: Terminator): string {
    switch (terminator.kind) {
      case 'yield':
      case 'return':
        return `${terminator.kind} ${this.list(terminator.operands)}`;
      case 'break':
      case 'continue':
        return `${terminator.kind} @${terminator.label} ${this.list(terminator.operands)}`;
      case 'unreachable':
        return 'unreachable';
    }
  }
}
