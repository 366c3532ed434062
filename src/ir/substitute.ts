// Values, streams and buffers put in the place of others: what a pass needs that replaces a value for all the code behind it, or that
// writes a piece of code twice. A value is assigned once, so a copy of code has results of its own: `copyRegion`.
import { Stream, Value } from './nodes.js';
import type {
  Buffer,
  Carried,
  For,
  LoopReduction,
  Operand,
  OwnedStream,
  Reduce,
  Region,
  Statement,
  Terminator,
} from './nodes.js';

const isSame = <T>(before: readonly T[], after: readonly T[]): boolean =>
  before.every((each, index) => each === after[index]);

/** The statement with these properties; itself where it has them already. */
function changed<S extends Statement>(statement: S, properties: Partial<S>): S {
  for (const name in properties) if (properties[name] !== statement[name]) return { ...statement, ...properties };
  return statement;
}

/** What stands for what, so far. Nothing is changed in place; a statement that no replacement touches is given back as it is. */
export class Substitution {
  readonly #operands = new Map<Value, Operand>();
  readonly #streams = new Map<Stream, Stream>();
  readonly #buffers = new Map<Buffer, Buffer>();
  readonly #gatherings = new Map<Reduce['reduction'], Reduce['reduction']>();

  /** From here on `operand` stands for `value`; what stood for the operand itself is followed at once. */
  replace(value: Value, operand: Operand): void {
    this.#operands.set(value, this.operand(operand));
  }

  replaceStream(stream: Stream, by: Stream): void {
    this.#streams.set(stream, by);
  }

  /** From here on a buffer of its own stands for the one that a copied `allocate` begins. */
  replaceBuffer(buffer: Buffer): void {
    const [shape, strides] = [this.operands(buffer.shape), this.operands(buffer.strides)];
    this.#buffers.set(buffer, { ...buffer, shape, strides });
  }

  operand(operand: Operand): Operand {
    return operand instanceof Value ? (this.#operands.get(operand) ?? operand) : operand;
  }

  operands(operands: readonly Operand[]): readonly Operand[] {
    // Passes ask for every statement, and most have nothing that is replaced: for a constant nothing ever is.
    for (let index = 0; index < operands.length; index++)
      if (this.#operands.has(operands[index] as Value)) return operands.map((operand) => this.operand(operand));
    return operands;
  }

  stream(stream: Stream): Stream {
    return this.#streams.get(stream) ?? stream;
  }

  /** A buffer whose extents or strides are replaced becomes one other buffer, everywhere. */
  buffer(buffer: Buffer): Buffer {
    const known = this.#buffers.get(buffer);
    if (known !== undefined) return known;
    const shape = this.operands(buffer.shape);
    const strides = this.operands(buffer.strides);
    if (shape === buffer.shape && strides === buffer.strides) return buffer;
    const after = { ...buffer, shape, strides };
    this.#buffers.set(buffer, after);
    return after;
  }

  #mask(mask: Operand | undefined): Operand | undefined {
    return mask && this.operand(mask);
  }

  #owned(owned: OwnedStream): OwnedStream {
    const { stream, key, base, continues } = owned;
    const after = {
      kind: owned.kind,
      stream: this.stream(stream),
      key: this.operand(key),
      base: this.operand(base),
      continues: continues && this.stream(continues),
    };
    const isKept = after.stream === stream && after.key === key && after.base === base && after.continues === continues;
    return isKept ? owned : after;
  }

  #carried(carried: readonly Carried[]): readonly Carried[] {
    const after = carried.map(({ value, initial }) => ({ value, initial: this.operand(initial) }));
    return after.every(({ initial }, index) => initial === carried[index]!.initial) ? carried : after;
  }

  /** A loop's reductions; what gives to one whose first value is replaced gives to the new one from here on. */
  #reductions(reductions: readonly LoopReduction[]): readonly LoopReduction[] {
    const after = reductions.map((reduction) => {
      const initial = this.operand(reduction.initial);
      if (initial === reduction.initial) return reduction;
      const replaced = { ...reduction, initial };
      this.#gatherings.set(reduction, replaced);
      return replaced;
    });
    return isSame(reductions, after) ? reductions : after;
  }

  /** From here on what gave to one reduction gives to the other. */
  replaceReduction(reduction: LoopReduction, by: LoopReduction): void {
    this.#gatherings.set(reduction, by);
  }

  #gathering(reduction: Reduce['reduction']): Reduce['reduction'] {
    return this.#gatherings.get(reduction) ?? reduction;
  }

  /** The statement with other operands; its results and its regions stay as they are. */
  statement(statement: Statement): Statement {
    switch (statement.kind) {
      case 'pure': {
        const operands = this.operands(statement.operands);
        return operands === statement.operands ? statement : { ...statement, operands };
      }
      case 'call': {
        const streams = statement.streams.map((stream) => this.stream(stream));
        return changed(statement, {
          operands: this.operands(statement.operands),
          streams: isSame(statement.streams, streams) ? statement.streams : streams,
        });
      }
      case 'allocate':
        return changed(statement, { buffer: this.buffer(statement.buffer) });
      case 'splat':
      case 'ramp':
      case 'fold':
        return changed(statement, { operand: this.operand(statement.operand) });
      case 'load': {
        const { buffer, index, mask } = statement;
        return changed(statement, { buffer: this.buffer(buffer), index: this.operands(index), mask: this.#mask(mask) });
      }
      case 'store': {
        const { buffer, index, value, mask } = statement;
        return changed(statement, {
          buffer: this.buffer(buffer),
          index: this.operands(index),
          value: this.operand(value),
          mask: this.#mask(mask),
        });
      }
      case 'check': {
        const { condition, index, length } = statement;
        return changed(statement, {
          condition: this.operand(condition),
          index: this.operand(index),
          length: this.operand(length),
        });
      }
      case 'stream': {
        const { stream, key, ordinal } = statement;
        return changed(statement, {
          stream: this.stream(stream),
          key: this.operand(key),
          ordinal: this.operand(ordinal),
        });
      }
      case 'draw':
        return changed(statement, { stream: this.stream(statement.stream), mask: this.#mask(statement.mask) });
      case 'if':
        return changed(statement, { condition: this.operand(statement.condition) });
      case 'for': {
        const { start, count, carried, reductions } = statement;
        const owned = statement.owned.map((each) => this.#owned(each));
        return changed(statement, {
          start: this.operand(start),
          count: this.operand(count),
          carried: this.#carried(carried),
          owned: isSame(statement.owned, owned) ? statement.owned : owned,
          reductions: this.#reductions(reductions),
        });
      }
      case 'loop':
        return changed(statement, { carried: this.#carried(statement.carried) });
      case 'reduce':
        return changed(statement, {
          reduction: this.#gathering(statement.reduction),
          value: this.operand(statement.value),
          mask: this.#mask(statement.mask),
        });
    }
  }

  terminator(terminator: Terminator): Terminator {
    if (!('operands' in terminator)) return terminator;
    const operands = this.operands(terminator.operands);
    return operands === terminator.operands ? terminator : { ...terminator, operands };
  }
}

/** The region once more, with values and streams of its own; what it reads from outside is what `substitution` gives. */
export function copyRegion(region: Region, substitution: Substitution): Region {
  const statements = region.statements.map((statement) => copyStatement(statement, substitution));
  return { statements, terminator: substitution.terminator(region.terminator) };
}

export function copyStatement(statement: Statement, substitution: Substitution): Statement {
  const fresh = (value: Value): Value => {
    const copy = new Value(value.type, value.name);
    substitution.replace(value, copy);
    return copy;
  };
  const freshStream = (stream: Stream): void =>
    substitution.replaceStream(stream, new Stream(stream.name, stream.lanes));
  const copyOfCarried = (carried: readonly Carried[]): Carried[] =>
    carried.map(({ value, initial }) => ({ value: fresh(value), initial }));
  if (statement.kind === 'stream') freshStream(statement.stream);
  if (statement.kind === 'for') for (const { stream } of statement.owned) freshStream(stream);
  if (statement.kind === 'allocate') substitution.replaceBuffer(statement.buffer);
  const copied = substitution.statement(statement);
  switch (copied.kind) {
    case 'if': {
      const consequent = copyRegion(copied.consequent, substitution);
      const alternate = copyRegion(copied.alternate, substitution);
      return { ...copied, consequent, alternate, results: copied.results.map(fresh) };
    }
    case 'for': {
      const index = fresh(copied.index);
      const carried = copyOfCarried(copied.carried);
      const reductions = copied.reductions.map((reduction) => ({ ...reduction }));
      for (const [position, reduction] of copied.reductions.entries())
        substitution.replaceReduction(reduction, reductions[position]!);
      for (const [position, reduction] of (statement as For).reductions.entries())
        substitution.replaceReduction(reduction, reductions[position]!);
      const body = copyRegion(copied.body, substitution);
      return { ...copied, index, carried, reductions, body, results: copied.results.map(fresh) };
    }
    case 'loop': {
      const carried = copyOfCarried(copied.carried);
      const body = copyRegion(copied.body, substitution);
      return { ...copied, carried, body, results: copied.results.map(fresh) };
    }
    default:
      if ('result' in copied) return { ...copied, result: fresh(copied.result) };
      // A statement stands in one place, whatever it says.
      return 'results' in copied ? { ...copied, results: copied.results.map(fresh) } : { ...copied };
  }
}
