// Writes code of the kernel language statement by statement: each method adds one and gives what it assigns. For front ends and passes
// that make code; nothing is checked here, as the verifier does that.
import { Constant, Stream, Value } from './nodes.js';
import type {
  Buffer,
  For,
  LoopReduction,
  Operand,
  OwnedStream,
  Reduce,
  Region,
  SourceId,
  Statement,
  Terminator,
} from './nodes.js';
import { signatureOf } from './operations.js';
import type { OperationName } from './operations.js';
import type { Type } from './types.js';

export const i64 = (value: bigint | number): Constant => new Constant('i64', BigInt(value));
export const f64 = (value: number): Constant => new Constant('f64', value);
export const bool = (value: boolean): Constant => new Constant('bool', value);

/** What a loop carries: its name, type and first value. */
export type CarriedStart = readonly [name: string, type: Type, initial: Operand];

interface ForParts {
  readonly index?: string;
  readonly start?: Operand;
  readonly step?: number;
  readonly count: Operand;
  readonly carried?: readonly CarriedStart[];
  readonly owned?: readonly OwnedStream[];
  readonly isParallel?: boolean;
  readonly reductions?: readonly LoopReduction[];
}

export class Builder {
  readonly statements: Statement[] = [];
  readonly source: SourceId;

  constructor(source: SourceId = -1) {
    this.source = source;
  }

  add(...statements: readonly Statement[]): void {
    this.statements.push(...statements);
  }

  pure(operation: OperationName, over: Type, operands: readonly Operand[], name: string = operation): Value {
    const signature = signatureOf(operation, over)!;
    const result = new Value(signature.result, name);
    this.add({ kind: 'pure', operation, over, operands, result, source: this.source });
    return result;
  }

  splat(operand: Operand, type: Type, name = 'splat'): Value {
    const result = new Value(type, name);
    this.add({ kind: 'splat', operand, result, source: this.source });
    return result;
  }

  ramp(operand: Operand, type: Type, name = 'ramp'): Value {
    const result = new Value(type, name);
    this.add({ kind: 'ramp', operand, result, source: this.source });
    return result;
  }

  load(buffer: Buffer, index: readonly Operand[], type: Type, mask?: Operand, name = buffer.name): Value {
    const result = new Value(type, name);
    this.add({ kind: 'load', buffer, index, mask, result, source: this.source });
    return result;
  }

  store(buffer: Buffer, index: readonly Operand[], value: Operand, mask?: Operand): void {
    this.add({ kind: 'store', buffer, index, value, mask, source: this.source });
  }

  /** A buffer of the kernel's own with one dimension; the class, which no other one has, keeps its name apart. */
  allocate(of: string, storage: Buffer['storage'], length: Operand, aliasClass: number): Buffer {
    const name = `${of}.${aliasClass}`;
    const buffer: Buffer = { name, storage, shape: [length], strides: [i64(1)], access: 'both', aliasClass };
    this.add({ kind: 'allocate', buffer, source: this.source });
    return buffer;
  }

  openStream(stream: Stream, key: Operand, ordinal: Operand): Stream {
    this.add({ kind: 'stream', stream, key, ordinal, source: this.source });
    return stream;
  }

  draw(stream: Stream, type: Type, mask?: Operand, name = 'u'): Value {
    const result = new Value(type, name);
    this.add({ kind: 'draw', stream, mask, result, source: this.source });
    return result;
  }

  reduce(reduction: Reduce['reduction'], value: Operand, mask?: Operand): void {
    this.add({ kind: 'reduce', reduction, value, mask, source: this.source });
  }

  /** Both branches end with what they yield. */
  if(
    condition: Operand,
    types: readonly Type[],
    consequent: (b: Builder) => readonly Operand[],
    alternate: (b: Builder) => readonly Operand[] = () => [],
  ): Value[] {
    const results = types.map((type) => new Value(type, 'either'));
    const parts = { consequent: this.#region(consequent), alternate: this.#region(alternate) };
    this.add({ kind: 'if', condition, results, ...parts, source: this.source });
    return results;
  }

  #region(write: (b: Builder) => readonly Operand[]): Region {
    const inner = new Builder(this.source);
    const operands = write(inner);
    return { statements: inner.statements, terminator: { kind: 'yield', operands } };
  }

  /** A loop over ordinals; the body gives what it yields. The results are what it carries, then what its reductions gather. */
  for(
    label: string,
    parts: ForParts,
    write: (b: Builder, index: Value, carried: readonly Value[]) => readonly Operand[],
  ): Value[] {
    const index = new Value('i64', parts.index ?? 'i');
    const carried = (parts.carried ?? []).map(([name, type, initial]) => ({ value: new Value(type, name), initial }));
    const reductions = parts.reductions ?? [];
    const results = [
      ...carried.map(({ value }) => new Value(value.type, value.name)),
      ...reductions.map(({ name, operator, element }) => new Value(operator === 'count' ? 'i64' : element, name)),
    ];
    const body = this.#region((inner) =>
      write(
        inner,
        index,
        carried.map(({ value }) => value),
      ),
    );
    const loop: For = {
      kind: 'for',
      label,
      index,
      start: parts.start ?? i64(0),
      step: parts.step ?? 1,
      count: parts.count,
      carried,
      owned: parts.owned ?? [],
      isParallel: parts.isParallel ?? false,
      reductions,
      results,
      body,
      source: this.source,
    };
    this.add(loop);
    return results;
  }

  /** A loop without end; the body gives how it ends. */
  loop(
    label: string,
    start: readonly CarriedStart[],
    types: readonly Type[],
    write: (b: Builder, carried: readonly Value[]) => Terminator,
  ): Value[] {
    const carried = start.map(([name, type, initial]) => ({ value: new Value(type, name), initial }));
    const results = types.map((type, position) => new Value(type, start[position]?.[0] ?? 'left'));
    const inner = new Builder(this.source);
    const terminator = write(
      inner,
      carried.map(({ value }) => value),
    );
    const body: Region = { statements: inner.statements, terminator };
    this.add({ kind: 'loop', label, carried, results, body, source: this.source });
    return results;
  }

  region(terminator: Terminator): Region {
    return { statements: this.statements, terminator };
  }
}
