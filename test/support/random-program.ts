// Random legal programs of the kernel language, for holding passes and backends against the interpreter. Every program ends by construction
// (loops count to something small, `loop` and recursion burn fuel), touches only memory that it has, and means one thing whatever order its
// parallel iterations run in: they share nothing but reductions, and each writes elements of its own. Bits of a NaN are never looked at.
// Extents, strides and counts that are parameters are called %n12 for the value 12 that they have to be given (program-inputs.ts).
// It is long because it has a short method for each statement of the language.
import {
  Constant,
  foldOperations,
  logicalLanes,
  reductionOperators,
  resultTypeOf,
  Stream,
  Value,
} from '../../src/ir/nodes.js';
import type {
  Buffer,
  Call,
  Carried,
  Dimension,
  For,
  Kernel,
  LoopReduction,
  Operand,
  OwnedStream,
  Program,
  Reduction,
  Region,
  Routine,
  Statement,
  Terminator,
} from '../../src/ir/nodes.js';
import { isOperation, signatureOf } from '../../src/ir/operations.js';
import type { OperationName } from '../../src/ir/operations.js';
import {
  elementOf,
  isInteger,
  isStorageType,
  lanesOf,
  scalarTypes,
  storageTypes,
  withLanes,
} from '../../src/ir/types.js';
import type { ScalarType, StorageType, Type } from '../../src/ir/types.js';
import { RandomNumbers, randomScalar } from './random-numbers.js';

const operationNames = (
  'add sub mul div rem min max neg abs sqrt floor ceil trunc nearest and or xor not shl shrS shrU eq ne lt le gt ge select ' +
  'toF64 toF32 toInt32 truncI64 extendS extendU wrap toI32 bitsOfF64 f64OfBits bitsOfF32 f32OfBits'
)
  .split(' ')
  .filter(isOperation);
const storages = Object.keys(storageTypes).filter(isStorageType);

const i64 = (value: number | bigint): Constant => new Constant('i64', BigInt(value));
const source = -1;

/** How often the statements of a program may run, all together. */
const mostSteps = 1500;

/** What may be done with a buffer here. In a parallel iteration, stores go only to the iteration's own elements. */
interface Access {
  readonly buffer: Buffer;
  readonly extents: readonly number[];
  readonly isLoaded: boolean;
  readonly isStored: boolean;
  /** Of several iterations, no two write one place if each has an index of its own. */
  readonly isDistinct: boolean;
  /** The one place, and the lanes, that this iteration may touch. */
  readonly own?: { readonly index: readonly Operand[]; readonly lanes: number };
}

interface LoopAround {
  readonly label: string;
  readonly carried: readonly Type[];
  /** Types that `break` hands on, undefined where it must not be left so. */
  readonly breaks: readonly Type[] | undefined;
  /** What `continue` must hand on first: fuel that has been burned. */
  readonly fuel: readonly Operand[];
}

interface Scope {
  readonly values: readonly Value[];
  readonly streams: readonly Stream[];
  readonly buffers: readonly Access[];
  readonly loops: readonly LoopAround[];
  readonly reductions: readonly { readonly reduction: Reduction | LoopReduction; readonly lanes: number }[];
  /** What `return` hands on, undefined where there must be none. */
  readonly returns: readonly Type[] | undefined;
  /** How often this code may run. */
  readonly times: number;
  readonly depth: number;
  /** Lanes that values here mostly have. */
  readonly lanes: number;
}

/** Code that is being written: what is visible grows with it. */
class Writer {
  readonly statements: Statement[] = [];
  readonly values: Value[];
  readonly streams: Stream[];
  readonly buffers: Access[];
  readonly scope: Scope;

  constructor(scope: Scope) {
    this.scope = scope;
    this.values = [...scope.values];
    this.streams = [...scope.streams];
    this.buffers = [...scope.buffers];
  }

  /** What is visible now, for code inside. */
  inside(changes: Partial<Scope> = {}): Scope {
    const { values, streams, buffers } = this;
    return {
      ...this.scope,
      values: [...values],
      streams: [...streams],
      buffers: [...buffers],
      depth: this.scope.depth + 1,
      ...changes,
    };
  }
}

/** What a program may use; each uses some of it, so that what one part makes impossible does not hide the others. */
const features = [
  'lanes',
  'memory',
  'masks',
  'draws',
  'gathering',
  'parallel',
  'checks',
  'loops',
  'branches',
  'integer extremes',
] as const;
type Feature = (typeof features)[number];

interface RoutineCost {
  readonly routine: Routine;
  readonly steps: number;
  /** Its first parameter says how often it may call itself. */
  readonly hasFuel: boolean;
}

/** The program of a seed: one kernel @k, with what it calls. */
export const randomProgram = (seed: number): Program => new ProgramWriter(new RandomNumbers(seed)).program();

class ProgramWriter {
  readonly #random: RandomNumbers;
  readonly #routines: RoutineCost[] = [];
  /** Least and greatest that an i64 can be, where that is known. */
  readonly #ranges = new Map<Value, readonly [number, number]>();
  #parameters: Value[] = [];
  #names = 0;
  #classes = 0;
  #steps = 0;
  #lanes = 2;
  #features: ReadonlySet<Feature> = new Set();
  /** Whether parameters may be added for extents and counts. */
  #takesParameters = true;

  constructor(random: RandomNumbers) {
    this.#random = random;
  }

  program(): Program {
    const random = this.#random;
    this.#features = new Set(
      features.filter((feature) => random.chance(feature === 'lanes' || feature === 'integer extremes' ? 0.5 : 0.75)),
    );
    this.#lanes = random.pick([2, 2, 2, 4, 4, 8, 16]);
    if (random.chance(0.2)) for (let count = random.integer(1, 2); count > 0; count--) this.#routine();
    this.#steps = 0;
    const kernel = random.chance(0.3) ? this.#nest() : this.#kernel();
    return { routines: this.#routines.map(({ routine }) => routine), kernels: [kernel] };
  }

  /** Draws from the generator only where the feature is there. */
  #may(feature: Feature, probability = 1): boolean {
    return this.#features.has(feature) && (probability === 1 || this.#random.chance(probability));
  }

  #isAvoided(operation: string, element: ScalarType): boolean {
    return isInteger(element) && (operation === 'min' || operation === 'max') && !this.#may('integer extremes');
  }

  /** Lanes that something has: one, or those of its surroundings as often as `probability` says. */
  #lanesOf(scope: Scope, probability: number): number {
    return this.#may('lanes', probability) ? scope.lanes : 1;
  }

  // Names and types.

  #value(type: Type, name = 'v'): Value {
    return new Value(type, `${name}${this.#names++}`);
  }

  #type(writer: Writer | { scope: Scope }): Type {
    const element = this.#random.pick(scalarTypes);
    if (!this.#may('lanes') || this.#random.chance(0.6)) return element;
    return withLanes(element, this.#random.chance(0.8) ? writer.scope.lanes : this.#random.pick([2, 4, 8, 16]));
  }

  #constant(type: Type): Constant {
    return new Constant(type, randomScalar(this.#random, elementOf(type)));
  }

  /** A parameter that is given this value. */
  #known(value: number): Operand {
    if (value < 0 || !this.#takesParameters || this.#random.chance(0.6)) return i64(value);
    const name = `n${value}`;
    let parameter = this.#parameters.find((candidate) => candidate.name === name);
    if (parameter === undefined) {
      this.#parameters.push((parameter = new Value('i64', name)));
      this.#ranges.set(parameter, [value, value]);
    }
    return parameter;
  }

  // Kernels and routines.

  #plainParameters(): Value[] {
    return Array.from({ length: this.#random.integer(1, 4) }, () =>
      this.#value(
        this.#may('lanes', 0.04)
          ? withLanes(this.#random.pick(scalarTypes), this.#lanes)
          : this.#random.pick(scalarTypes),
        'p',
      ),
    );
  }

  #resultTypes(most: number): Type[] {
    return Array.from({ length: this.#random.integer(0, most) }, () =>
      this.#may('lanes', 0.05)
        ? withLanes(this.#random.pick(scalarTypes), this.#lanes)
        : this.#random.pick(scalarTypes),
    );
  }

  #scope(parts: Partial<Scope>): Scope {
    return {
      values: [],
      streams: [],
      buffers: [],
      loops: [],
      reductions: [],
      returns: undefined,
      times: 1,
      depth: 0,
      lanes: this.#lanes,
      ...parts,
    };
  }

  #kernel(): Kernel {
    this.#parameters = this.#plainParameters();
    const plain = [...this.#parameters];
    const accesses = this.#buffers(this.#may('memory') ? this.#random.integer(0, 4) : 0);
    const results = this.#resultTypes(4);
    // Parameters that extents have brought are visible too.
    const writer = new Writer(this.#scope({ values: plain, buffers: accesses, returns: results }));
    writer.values.push(...this.#parameters.filter((parameter) => !plain.includes(parameter)));
    this.#statements(writer, this.#random.integer(3, 14));
    const body: Region = {
      statements: writer.statements,
      terminator: { kind: 'return', operands: this.#operands(writer, results) },
    };
    const buffers = accesses.map(({ buffer }) => buffer);
    return { name: 'k', parameters: this.#parameters, buffers, dimensions: [], reductions: [], results, body };
  }

  #nest(): Kernel {
    const random = this.#random;
    this.#parameters = this.#plainParameters();
    const plain = [...this.#parameters];
    const isLong = random.chance(0.02);
    const rank = isLong ? 1 : random.integer(1, 4);
    const extents = isLong
      ? [random.pick([4095, 4097, 4113])]
      : Array.from({ length: rank }, () => random.integer(random.chance(0.1) ? 0 : 1, rank > 2 ? 4 : 9));
    const times = extents.reduce((product, extent) => product * extent, 1);
    const streams = rank === 1 && this.#may('draws', 0.6) ? [new Stream(`g${this.#names++}`)] : [];
    const dimensions = extents.map((extent): Dimension => {
      const index = this.#value('i64', 'i');
      this.#ranges.set(index, [0, extent - 1]);
      const owned = streams.map((stream): OwnedStream => this.#owned(stream, plain, random.pick(['lanes', 'each'])));
      return { index, extent: this.#known(extent), owned };
    });
    const indices = dimensions.map(({ index }) => index);
    // Some to read, some of which each iteration writes its own element.
    const read = this.#buffers(this.#may('memory') ? random.integer(0, 2) : 0).map((access) => ({
      ...access,
      isStored: false,
    }));
    const written = this.#may('memory', 0.7) ? [this.#buffer(extents, true)] : [];
    const all = Array.from(
      { length: written.length === 0 ? random.integer(1, 3) : this.#may('gathering') ? random.integer(0, 2) : 0 },
      () => this.#nestReduction(dimensions, extents),
    );
    // A nest that may load what it stores is walked once: its reductions run over the same dimensions.
    const reductions = all.filter(({ over }) => written.length === 0 || over.join() === all[0]!.over.join());
    const accesses: Access[] = [
      ...read.filter(({ isLoaded }) => isLoaded),
      ...written.map((access) => ({ ...access, own: { index: indices, lanes: 1 } })),
    ];
    const writer = new Writer(
      this.#scope({
        values: plain,
        streams,
        buffers: accesses,
        reductions: reductions.map((reduction) => ({ reduction, lanes: 1 })),
        times: Math.max(1, times),
      }),
    );
    writer.values.push(...this.#parameters.filter((parameter) => !plain.includes(parameter)), ...indices);
    this.#steps = isLong ? 0 : times;
    this.#statements(writer, isLong ? 3 : random.integer(1, 9));
    const body: Region = { statements: writer.statements, terminator: { kind: 'yield', operands: [] } };
    const buffers = [...read, ...written].map(({ buffer }) => buffer).concat(reductions.map(({ into }) => into));
    return { name: 'k', parameters: this.#parameters, buffers, dimensions, reductions, results: [], body };
  }

  #nestReduction(dimensions: readonly Dimension[], extents: readonly number[]): Reduction {
    const random = this.#random;
    const chosen = dimensions.map(() => random.chance(0.5));
    if (!chosen.includes(true)) chosen[random.integer(0, chosen.length - 1)] = true;
    const operator = random.pick(reductionOperators);
    const element = this.#elementFor(operator);
    const type = resultTypeOf({ operator, element });
    const access = this.#buffer(
      extents.filter((_, index) => !chosen[index]),
      true,
      random.pick(storages.filter((storage) => storageTypes[storage].value === type)),
    );
    return {
      name: `r${this.#names++}`,
      element,
      operator,
      partials: chosen.at(-1) === true && random.chance(0.5) ? 16 : 1,
      over: dimensions.filter((_, index) => chosen[index]).map(({ index }) => index.name),
      into: access.buffer,
    };
  }

  #elementFor(operator: (typeof reductionOperators)[number]): ScalarType {
    return operator === 'count' || operator === 'and' || operator === 'or'
      ? 'bool'
      : this.#random.pick(['i32', 'i64', 'f32', 'f64'] as const);
  }

  /** May call itself, and those before it. */
  #routine(): void {
    const random = this.#random;
    this.#steps = mostSteps * 0.9;
    this.#takesParameters = false;
    const hasFuel = random.chance(0.4);
    const fuel = this.#value('i64', 'fuel');
    const others = Array.from({ length: random.integer(0, 3) }, () =>
      this.#value(this.#type({ scope: this.#scope({}) }), 'a'),
    );
    const parameters = hasFuel ? [fuel, ...others] : others;
    const streams = Array.from(
      { length: this.#may('draws') ? random.integer(0, 2) : 0 },
      () => new Stream(`g${this.#names++}`),
    );
    const results = this.#resultTypes(2);
    const writer = new Writer(
      this.#scope({ values: parameters, streams, returns: results, depth: 1, times: hasFuel ? 4 : 1 }),
    );
    const name = `f${this.#routines.length}`;
    if (hasFuel) {
      const isOut = this.#pure(writer, 'le', 'i64', [fuel, i64(0)]);
      const early = new Writer(writer.inside());
      const terminator: Terminator = { kind: 'return', operands: this.#operands(early, results) };
      writer.statements.push({
        kind: 'if',
        condition: isOut,
        results: [],
        consequent: { statements: [], terminator },
        alternate: empty,
        source,
      });
    }
    this.#statements(writer, random.integer(1, 5));
    if (hasFuel) {
      const less = this.#pure(writer, 'sub', 'i64', [fuel, i64(1)]);
      const given = results.map((type) => this.#value(type, 'c'));
      const call: Call = {
        kind: 'call',
        callee: name,
        operands: [
          less,
          ...this.#operands(
            writer,
            others.map(({ type }) => type),
          ),
        ],
        streams,
        results: given,
        source,
      };
      writer.statements.push(call);
      writer.values.push(...given);
      this.#statements(writer, random.integer(0, 2));
    }
    const body: Region = {
      statements: writer.statements,
      terminator: { kind: 'return', operands: this.#operands(writer, results) },
    };
    const routine: Routine = { name, parameters, streams, results, body };
    this.#routines.push({ routine, steps: (this.#steps - mostSteps * 0.9) * (hasFuel ? 4 : 1) + 5, hasFuel });
    this.#takesParameters = true;
  }

  // Buffers.

  #buffers(count: number): Access[] {
    const accesses: Access[] = [];
    for (let made = 0; made < count; made++) {
      const shape = Array.from({ length: this.#random.pick([0, 1, 1, 1, 1, 2, 2, 3]) }, () =>
        this.#random.integer(1, 20),
      );
      const access = this.#buffer(shape, false);
      accesses.push(access);
      // Another that may overlap with it.
      if (this.#random.chance(0.25)) {
        const other = this.#buffer(shape, false, access.buffer.storage);
        accesses.push({
          ...other,
          buffer: { ...other.buffer, aliasClass: access.buffer.aliasClass },
          isDistinct: false,
        });
        accesses[accesses.length - 2] = { ...access, isDistinct: false };
      }
    }
    return accesses;
  }

  #buffer(extents: readonly number[], isWritten: boolean, storage: StorageType = this.#random.pick(storages)): Access {
    const random = this.#random;
    const access = isWritten
      ? random.pick(['write', 'both'] as const)
      : random.pick(['read', 'both', 'both', 'write'] as const);
    const { strides, isDistinct } = this.#strides(extents, isWritten);
    const buffer: Buffer = {
      name: `b${this.#names++}`,
      storage,
      shape: extents.map((extent) => this.#known(extent)),
      strides: strides.map((stride) => this.#known(stride)),
      access,
      aliasClass: this.#classes++,
    };
    return { buffer, extents, isLoaded: access !== 'write', isStored: access !== 'read', isDistinct };
  }

  #strides(extents: readonly number[], wantsDistinct: boolean): { strides: number[]; isDistinct: boolean } {
    const random = this.#random;
    const order = extents.map((_, dimension) => dimension);
    // C order, or dimensions in another one; with a gap, backwards, or over and over the same.
    if (random.chance(0.3)) order.sort(() => random.real() - 0.5);
    const strides = extents.map(() => 0);
    let size = random.chance(0.25) ? random.integer(2, 3) : 1;
    let isDistinct = true;
    for (const dimension of order.toReversed()) {
      const extent = extents[dimension]!;
      const isRepeated = !wantsDistinct && random.chance(0.07);
      strides[dimension] = isRepeated ? 0 : size * (random.chance(0.15) ? -1 : 1);
      if (isRepeated) isDistinct = false;
      else size *= Math.max(1, extent);
    }
    return { strides, isDistinct };
  }

  // Operands.

  #operand(writer: Writer, type: Type): Operand {
    const fitting = writer.values.filter((value) => value.type === type);
    if (fitting.length === 0 || this.#random.chance(0.12)) return this.#constant(type);
    // Mostly what has been made lately.
    return this.#random.chance(0.5)
      ? fitting[fitting.length - 1 - this.#random.integer(0, Math.min(3, fitting.length - 1))]!
      : this.#random.pick(fitting);
  }

  #operands(writer: Writer, types: readonly Type[]): Operand[] {
    return types.map((type) => this.#operand(writer, type));
  }

  #pure(writer: Writer, operation: OperationName, over: Type, operands: readonly Operand[]): Value {
    const result = this.#value(signatureOf(operation, over)!.result);
    writer.statements.push({ kind: 'pure', operation, over, operands, result, source });
    writer.values.push(result);
    return result;
  }

  #splat(writer: Writer, operand: Operand, type: Type): Value {
    const result = this.#value(type);
    writer.statements.push({ kind: 'splat', operand, result, source });
    writer.values.push(result);
    return result;
  }

  #ramp(writer: Writer, operand: Operand, type: Type): Value {
    const result = this.#value(type);
    writer.statements.push({ kind: 'ramp', operand, result, source });
    writer.values.push(result);
    return result;
  }

  /** An i64, or lanes of it, from 0 to `most`. */
  #within(writer: Writer, most: number, lanes = 1): Operand {
    const type = withLanes('i64', lanes);
    const random = this.#random;
    const known = writer.values.filter((value) => {
      const range = this.#ranges.get(value);
      return value.type === type && range !== undefined && range[0] >= 0 && range[1] <= most;
    });
    if (known.length > 0 && random.chance(0.6)) return random.pick(known);
    if (random.chance(0.3)) {
      if (lanes === 1) return i64(random.integer(0, most));
      if (most >= lanes - 1)
        return this.#ranged(this.#ramp(writer, this.#within(writer, most - lanes + 1), type), most);
    }
    const any = this.#operand(writer, type);
    const [zero, limit] = [new Constant(type, 0n), new Constant(type, BigInt(most))];
    if (this.#may('integer extremes', 0.6)) {
      const least = this.#pure(writer, 'max', type, [any, zero]);
      return this.#ranged(this.#pure(writer, 'min', type, [least, limit]), most);
    }
    // As a person would write it.
    const isLow = this.#pure(writer, 'lt', type, [any, zero]);
    const least = this.#pure(writer, 'select', type, [isLow, zero, any]);
    const isHigh = this.#pure(writer, 'gt', type, [least, limit]);
    return this.#ranged(this.#pure(writer, 'select', type, [isHigh, limit, least]), most);
  }

  #ranged(value: Value, most: number): Value {
    this.#ranges.set(value, [0, most]);
    return value;
  }

  // Statements.

  #statements(writer: Writer, count: number): void {
    for (let made = 0; made < count && this.#steps < mostSteps; made++) {
      this.#steps += writer.scope.times;
      this.#statement(writer);
    }
  }

  #statement(writer: Writer): void {
    const { scope } = writer;
    const isDeep = scope.depth > 4 || this.#steps + 4 * scope.times > mostSteps;
    const nested = isDeep ? 0 : 1;
    const kind = this.#random.weighted({
      pure: 30,
      splat: this.#may('lanes') ? 2 : 0,
      ramp: this.#may('lanes') ? 2 : 0,
      fold: this.#may('lanes') ? 3 : 0,
      load: writer.buffers.length === 0 ? 0 : 7,
      store: writer.buffers.length === 0 ? 0 : 7,
      check: this.#may('checks') ? 3 : 0,
      stream: this.#may('draws') ? 2 : 0,
      draw: writer.streams.length === 0 ? 0 : 6,
      allocate: scope.depth > 3 || !this.#may('memory') ? 0 : 1.5,
      if: this.#may('branches') ? 6 * nested : 0,
      for: 8 * nested,
      loop: this.#may('loops') ? 2.5 * nested : 0,
      call: this.#routines.length === 0 ? 0 : 3,
      reduce: scope.reductions.length === 0 ? 0 : 9,
      bits: 1,
    });
    switch (kind) {
      case 'pure':
        return this.#anyPure(writer);
      case 'bits':
        return this.#bits(writer);
      case 'splat': {
        const type = withLanes(this.#random.pick(scalarTypes), scope.lanes);
        this.#splat(writer, this.#operand(writer, elementOf(type)), type);
        return;
      }
      case 'ramp': {
        const element = this.#random.pick(['i32', 'i64', 'f32', 'f64'] as const);
        this.#ramp(writer, this.#operand(writer, element), withLanes(element, scope.lanes));
        return;
      }
      case 'fold':
        return this.#fold(writer);
      case 'load':
        return this.#load(writer);
      case 'store':
        return this.#store(writer);
      case 'check':
        return this.#check(writer);
      case 'stream': {
        const lanes = this.#lanesOf(scope, 0.4);
        const stream = new Stream(`g${this.#names++}`, lanes);
        writer.statements.push({
          kind: 'stream',
          stream,
          key: this.#operand(writer, 'i64'),
          ordinal: this.#operand(writer, withLanes('i64', lanes)),
          source,
        });
        writer.streams.push(stream);
        return;
      }
      case 'draw':
        return this.#draw(writer);
      case 'allocate':
        return this.#allocate(writer);
      case 'if':
        return this.#if(writer);
      case 'for':
        return this.#for(writer);
      case 'loop':
        return this.#loop(writer);
      case 'call':
        return this.#call(writer);
      case 'reduce':
        return this.#reduce(writer);
    }
  }

  #anyPure(writer: Writer): void {
    for (;;) {
      const operation = this.#random.pick(operationNames);
      const over = this.#type(writer);
      const signature = signatureOf(operation, over);
      if (signature === undefined || operation === 'bitsOfF64' || operation === 'bitsOfF32') continue;
      if (this.#isAvoided(operation, elementOf(over))) continue;
      this.#pure(writer, operation, over, this.#operands(writer, signature.operands));
      return;
    }
  }

  /** The bits of a float that is no NaN: what bits those have, engines choose. */
  #bits(writer: Writer): void {
    const element = this.#random.pick(['f64', 'f32'] as const);
    const type = withLanes(element, this.#lanesOf(writer.scope, 0.4));
    const any = this.#operand(writer, type);
    const isNumber = this.#pure(writer, 'eq', type, [any, any]);
    const number = this.#pure(writer, 'select', type, [isNumber, any, new Constant(type, 0)]);
    this.#pure(writer, element === 'f64' ? 'bitsOfF64' : 'bitsOfF32', type, [number]);
  }

  #fold(writer: Writer): void {
    for (;;) {
      const operation = this.#random.pick(foldOperations);
      const element = this.#random.pick(scalarTypes);
      if (signatureOf(operation, element) === undefined || this.#isAvoided(operation, element)) continue;
      const result = this.#value(element);
      writer.statements.push({
        kind: 'fold',
        operation,
        operand: this.#operand(writer, withLanes(element, writer.scope.lanes)),
        result,
        source,
      });
      writer.values.push(result);
      return;
    }
  }

  /** Where and under which mask an element, or lanes of it, may be touched; undefined where nothing can be. */
  #place(
    writer: Writer,
    { extents, own }: Access,
  ): { index: readonly Operand[]; lanes: number; mask: Operand | undefined } | undefined {
    const random = this.#random;
    const anyMask = (lanes: number): Operand | undefined =>
      this.#may('masks', 0.3) ? this.#operand(writer, withLanes('bool', lanes)) : undefined;
    if (own !== undefined) return { index: own.index, lanes: own.lanes, mask: anyMask(own.lanes) };
    if (extents.includes(0)) return undefined;
    const lanes = extents.length === 0 ? 1 : this.#lanesOf(writer.scope, 0.4);
    const last = extents.at(-1) ?? 1;
    if (lanes === 1)
      return { index: extents.map((extent) => this.#within(writer, extent - 1)), lanes, mask: anyMask(1) };
    const before = extents.slice(0, -1);
    const form = random.weighted({
      neighbors: last >= lanes ? 3 : 0,
      remainder: this.#may('masks') ? 1.5 : 0,
      gather: 2,
    });
    if (form === 'neighbors')
      return {
        index: [...before.map((extent) => this.#within(writer, extent - 1)), this.#within(writer, last - lanes)],
        lanes,
        mask: anyMask(lanes),
      };
    const type = withLanes('i64', lanes);
    if (form === 'remainder') {
      // Lanes beyond the end are off.
      const first = this.#within(writer, last - 1);
      const places = this.#ramp(writer, first, type);
      const mask = this.#pure(writer, 'lt', type, [places, new Constant(type, BigInt(last))]);
      return {
        index: [...before.map((extent) => this.#within(writer, extent - 1)), random.chance(0.7) ? first : places],
        lanes,
        mask,
      };
    }
    const index = extents.map((extent) => this.#within(writer, extent - 1, random.chance(0.6) ? lanes : 1));
    if (index.every((operand) => lanesOf(operand.type) === 1))
      index[index.length - 1] = this.#within(writer, last - 1, lanes);
    return { index, lanes, mask: anyMask(lanes) };
  }

  #load(writer: Writer): void {
    const loaded = writer.buffers.filter(({ isLoaded }) => isLoaded);
    if (loaded.length === 0) return;
    const access = this.#random.pick(loaded);
    const place = this.#place(writer, access);
    if (place === undefined) return;
    const { index, lanes, mask } = place;
    const result = this.#value(withLanes(storageTypes[access.buffer.storage].value, lanes));
    writer.statements.push({ kind: 'load', buffer: access.buffer, index, mask, result, source });
    writer.values.push(result);
  }

  #store(writer: Writer): void {
    const stored = writer.buffers.filter(({ isStored }) => isStored);
    if (stored.length === 0) return;
    const access = this.#random.pick(stored);
    const place = this.#place(writer, access);
    if (place === undefined) return;
    const { index, lanes, mask } = place;
    const value = this.#operand(writer, withLanes(storageTypes[access.buffer.storage].value, lanes));
    writer.statements.push({ kind: 'store', buffer: access.buffer, index, value, mask, source });
  }

  #check(writer: Writer): void {
    const random = this.#random;
    const lanes = this.#lanesOf(writer.scope, 0.3);
    const [bool, long] = [withLanes('bool', lanes), withLanes('i64', lanes)];
    const any = this.#operand(writer, bool);
    // Most of them hold.
    const condition = random.chance(0.15) ? any : this.#pure(writer, 'or', bool, [any, new Constant(bool, true)]);
    writer.statements.push({
      kind: 'check',
      condition,
      site: random.integer(0, 9),
      index: this.#operand(writer, long),
      length: this.#operand(writer, 'i64'),
      source,
    });
  }

  #draw(writer: Writer): void {
    const stream = this.#random.pick(writer.streams);
    const mask = this.#may('masks', 0.35) ? this.#operand(writer, withLanes('bool', stream.lanes)) : undefined;
    const result = this.#value(withLanes(this.#random.pick(['f64', 'f64', 'f32', 'i64'] as const), stream.lanes), 'u');
    writer.statements.push({ kind: 'draw', stream, mask, result, source });
    writer.values.push(result);
  }

  #allocate(writer: Writer): void {
    const random = this.#random;
    const extents = Array.from({ length: random.pick([1, 1, 2]) }, () => random.integer(1, 12));
    const strides = extents.map((_, dimension) =>
      extents.slice(dimension + 1).reduce((product, extent) => product * extent, 1),
    );
    const [length, ...rest] = extents;
    const buffer: Buffer = {
      name: `t${this.#names++}`,
      storage: random.pick(storages),
      shape: [random.chance(0.5) ? i64(length!) : this.#atLeast(writer, length!), ...rest.map(i64)],
      strides: strides.map(i64),
      access: 'both',
      aliasClass: this.#classes++,
    };
    writer.statements.push({ kind: 'allocate', buffer, source });
    writer.buffers.push({ buffer, extents, isLoaded: true, isStored: true, isDistinct: true });
  }

  /** An i64 that is known at run time only, and from `least` to some more. */
  #atLeast(writer: Writer, least: number): Operand {
    return this.#pure(writer, 'add', 'i64', [this.#within(writer, 3), i64(least)]);
  }

  #if(writer: Writer): void {
    const random = this.#random;
    const results = Array.from({ length: random.integer(0, 2) }, () => this.#value(this.#type(writer), 'e'));
    const condition = this.#operand(writer, 'bool');
    const isNever = random.chance(0.04);
    const branch = (): Region =>
      this.#region(
        writer.inside(),
        results.map(({ type }) => type),
        random.integer(0, 4),
        0.25,
      );
    const consequent = branch();
    const alternate: Region = isNever ? { statements: [], terminator: { kind: 'unreachable' } } : branch();
    writer.statements.push({
      kind: 'if',
      condition: isNever ? new Constant('bool', true) : condition,
      results,
      consequent,
      alternate,
      source,
    });
    writer.values.push(...results);
  }

  /** Statements, and an end: what it yields, or now and then one of the ways to leave. */
  #region(
    scope: Scope,
    yields: readonly Type[],
    count: number,
    leaving: number,
    fuel: readonly Operand[] = [],
  ): Region {
    const writer = new Writer(scope);
    this.#statements(writer, count);
    const terminator = this.#leave(writer, leaving) ?? {
      kind: 'yield',
      operands: [...fuel, ...this.#operands(writer, yields.slice(fuel.length))],
    };
    return { statements: writer.statements, terminator };
  }

  #leave(writer: Writer, probability: number): Terminator | undefined {
    const { loops, returns } = writer.scope;
    const random = this.#random;
    if (!random.chance(probability)) return undefined;
    if (returns !== undefined && random.chance(0.2))
      return { kind: 'return', operands: this.#operands(writer, returns) };
    if (loops.length === 0) return undefined;
    const loop = random.chance(0.7) ? loops.at(-1)! : random.pick(loops);
    const { label, carried, breaks, fuel } = loop;
    if (breaks !== undefined && random.chance(0.5))
      return { kind: 'break', label, operands: this.#operands(writer, breaks) };
    return { kind: 'continue', label, operands: [...fuel, ...this.#operands(writer, carried.slice(fuel.length))] };
  }

  #carried(writer: Writer, most: number): Carried[] {
    return Array.from({ length: this.#random.integer(0, most) }, () => {
      const value = this.#value(this.#type(writer), 'w');
      return { value, initial: this.#operand(writer, value.type) };
    });
  }

  #owned(stream: Stream, values: readonly Value[], kind: OwnedStream['kind']): OwnedStream {
    const random = this.#random;
    const keys = values.filter(({ type }) => type === 'i64');
    const key = keys.length > 0 && random.chance(0.6) ? random.pick(keys) : this.#constant('i64');
    return {
      stream,
      kind,
      key,
      base: i64(random.chance(0.6) ? 0 : 16 * random.integer(1, 1000)),
      continues: undefined,
    };
  }

  #loopReductions(writer: Writer): LoopReduction[] {
    const random = this.#random;
    const operators = reductionOperators.filter((operator) => operator !== 'argLeast' && operator !== 'argGreatest');
    return Array.from({ length: random.integer(1, 2) }, () => {
      const operator = random.pick(operators);
      const element = this.#elementFor(operator);
      const initial = this.#operand(writer, resultTypeOf({ operator, element }));
      return { name: `r${this.#names++}`, operator, element, partials: random.pick([1, 16] as const), initial };
    });
  }

  #for(writer: Writer): void {
    const random = this.#random;
    const { scope } = writer;
    const isParallel = this.#may('parallel', 0.3);
    const step = this.#lanesOf(scope, 0.3);
    const room = Math.floor((mostSteps - this.#steps) / scope.times);
    const isLong = scope.depth === 0 && random.chance(0.015);
    const most = isLong ? 5000 : Math.min(random.pick([3, 8, 20, 40]) * step, Math.max(1, Math.floor(room / 4)) * step);
    const count = isLong ? random.pick([4096, 4097, 4113]) : random.integer(random.chance(0.1) ? 0 : 1, most);
    const times = scope.times * Math.max(1, Math.ceil(count / step));
    const countOperand = random.chance(0.2) && !isLong ? this.#within(writer, count) : this.#known(count);
    const kinds = this.#may('draws', 0.4)
      ? Array.from({ length: random.pick([1, 1, 1, 2]) }, () =>
          random.pick(step > logicalLanes ? (['each'] as const) : (['lanes', 'lanes', 'each'] as const)),
        )
      : [];
    const owned = kinds.map((kind) => this.#owned(new Stream(`g${this.#names++}`, step), writer.values, kind));
    if (owned.some(({ base }) => base instanceof Constant) && random.chance(0.2)) {
      // A base that only the run knows.
      const rows = this.#within(writer, 100);
      const base = this.#pure(writer, 'shl', 'i64', [rows, i64(4)]);
      owned[0] = { ...owned[0]!, base };
    }
    const start = owned.length > 0 || random.chance(0.7) ? 0 : random.pick([1, 3, step, 2 * step]);
    const carried = isParallel ? [] : this.#carried(writer, 3);
    const reductions = this.#may('gathering', isParallel ? 0.8 : 0.35) ? this.#loopReductions(writer) : [];
    const continues = owned.length > 0 && step > 1 && !isParallel && reductions.length === 0 && random.chance(0.6);
    const index = this.#value('i64', 'i');
    // So that lanes beside each other are inside too.
    this.#ranges.set(index, [0, Math.max(0, count - step)]);
    const label = `l${this.#names++}`;
    const types = carried.map(({ value }) => value.type);
    const around: LoopAround = { label, carried: types, breaks: isParallel || continues ? undefined : types, fuel: [] };
    const head = { label, index, start: i64(start), step, count: countOperand, carried, owned, isParallel, reductions };
    const own = isParallel ? this.#ownBuffers(writer, index, count, step) : writer.buffers;
    const inner = writer.inside({
      times,
      lanes: step > 1 ? step : scope.lanes,
      streams: [...(isParallel ? [] : writer.streams), ...owned.map(({ stream }) => stream)],
      buffers: own,
      // Nothing inside of a parallel loop leaves it, and no other reduction is fed in an order that is not fixed.
      loops: isParallel ? [around] : continues ? [around] : [...scope.loops, around],
      returns: isParallel || continues ? undefined : scope.returns,
      reductions: [
        ...(isParallel ? [] : scope.reductions),
        ...reductions.map((reduction) => ({ reduction, lanes: step })),
      ],
      values: [...writer.values, index, ...carried.map(({ value }) => value)],
    });
    const body = this.#region(inner, types, isLong ? random.integer(1, 2) : random.integer(1, 6), 0.08);
    const results = [
      ...carried.map(({ value }) => this.#value(value.type, 'x')),
      ...reductions.map((reduction) => this.#value(resultTypeOf(reduction), 'x')),
    ];
    const loop: For = { kind: 'for', ...head, results, body, source };
    writer.statements.push(loop);
    writer.values.push(...results);
    if (continues) this.#continue(writer, loop, count);
  }

  /** The iterations that a loop in lanes has left: one at a time, from the same generators. */
  #continue(writer: Writer, first: For, count: number): void {
    const start =
      first.count instanceof Constant
        ? i64(Math.floor(count / first.step) * first.step)
        : this.#pure(writer, 'and', 'i64', [first.count, i64(-first.step)]);
    const carried = first.carried.map(({ value }, position) => ({
      value: this.#value(value.type, 'w'),
      initial: first.results[position]!,
    }));
    const owned = first.owned.map((each) => ({
      ...each,
      stream: new Stream(`g${this.#names++}`),
      continues: each.stream,
    }));
    const index = this.#value('i64', 'i');
    this.#ranges.set(index, [0, Math.max(0, count - 1)]);
    const label = `l${this.#names++}`;
    const types = carried.map(({ value }) => value.type);
    const inner = writer.inside({
      times: writer.scope.times * first.step,
      streams: [...writer.streams, ...owned.map(({ stream }) => stream)],
      loops: [...writer.scope.loops, { label, carried: types, breaks: types, fuel: [] }],
      values: [...writer.values, index, ...carried.map(({ value }) => value)],
    });
    const body = this.#region(inner, types, this.#random.integer(1, 4), 0.05);
    const results = types.map((type) => this.#value(type, 'x'));
    const head = {
      label,
      index,
      start,
      step: 1,
      count: first.count,
      carried,
      owned,
      isParallel: false,
      reductions: [],
    };
    writer.statements.push({ kind: 'for', ...head, results, body, source });
    writer.values.push(...results);
  }

  /** What iterations that may run at once can do with memory: read what none of them writes, and write each its own elements. */
  #ownBuffers(writer: Writer, index: Value, count: number, step: number): Access[] {
    const shared = (access: Access): boolean =>
      writer.buffers.some((other) => other !== access && other.buffer.aliasClass === access.buffer.aliasClass);
    return writer.buffers.flatMap((access): Access[] => {
      if (access.own !== undefined) return [];
      const { extents, isStored, isLoaded, isDistinct } = access;
      const fits = isStored && isDistinct && !shared(access) && (extents.at(-1) ?? 0) >= count && extents.length > 0;
      if (fits && this.#random.chance(0.6)) {
        const before = extents.slice(0, -1).map((extent) => i64(this.#random.integer(0, extent - 1)));
        return [{ ...access, own: { index: [...before, index], lanes: step } }];
      }
      return isLoaded ? [{ ...access, isStored: false }] : [];
    });
  }

  #loop(writer: Writer): void {
    const random = this.#random;
    const { scope } = writer;
    const most = Math.max(1, Math.min(12, Math.floor((mostSteps - this.#steps) / scope.times / 5)));
    const fuel = this.#value('i64', 'fuel');
    this.#ranges.set(fuel, [0, most]);
    const others = this.#carried(writer, 2);
    const carried: Carried[] = [{ value: fuel, initial: i64(0) }, ...others];
    // Often what it hands on is what it carries.
    const breaks = random.chance(0.5)
      ? carried.map(({ value }) => value.type)
      : Array.from({ length: random.integer(0, 2) }, () => this.#type(writer));
    const label = `l${this.#names++}`;
    const inner = new Writer(
      writer.inside({ times: scope.times * most, values: [...writer.values, ...carried.map(({ value }) => value)] }),
    );
    const isOut = this.#pure(inner, 'ge', 'i64', [fuel, i64(random.integer(0, most))]);
    const out: Terminator = { kind: 'break', label, operands: this.#operands(inner, breaks) };
    inner.statements.push({
      kind: 'if',
      condition: isOut,
      results: [],
      consequent: { statements: [], terminator: out },
      alternate: empty,
      source,
    });
    const burned = this.#pure(inner, 'add', 'i64', [fuel, i64(1)]);
    const types = carried.map(({ value }) => value.type);
    const around: LoopAround = { label, carried: types, breaks, fuel: [burned] };
    const body = this.#region(inner.inside({ loops: [...scope.loops, around] }), types, random.integer(1, 5), 0.15, [
      burned,
    ]);
    const results = breaks.map((type) => this.#value(type, 'x'));
    const region: Region = { statements: [...inner.statements, ...body.statements], terminator: body.terminator };
    writer.statements.push({ kind: 'loop', label, carried, results, body: region, source });
    writer.values.push(...results);
  }

  #call(writer: Writer): void {
    const { routine, steps, hasFuel } = this.#random.pick(this.#routines);
    if (this.#steps + steps * writer.scope.times > mostSteps) return;
    const handed = writer.streams.filter(({ lanes }) => lanes === 1);
    if (handed.length < routine.streams.length) return;
    this.#steps += steps * writer.scope.times;
    const operands = this.#operands(
      writer,
      routine.parameters.map(({ type }) => type),
    );
    if (hasFuel) operands[0] = this.#within(writer, 3);
    const results = routine.results.map((type) => this.#value(type, 'c'));
    const streams = handed.slice(handed.length - routine.streams.length);
    writer.statements.push({ kind: 'call', callee: routine.name, operands, streams, results, source });
    writer.values.push(...results);
  }

  #reduce(writer: Writer): void {
    const { reduction, lanes } = this.#random.pick(writer.scope.reductions);
    const mask = this.#may('masks', 0.3) ? this.#operand(writer, withLanes('bool', lanes)) : undefined;
    writer.statements.push({
      kind: 'reduce',
      reduction,
      value: this.#operand(writer, withLanes(reduction.element, lanes)),
      mask,
      source,
    });
  }
}

const empty: Region = { statements: [], terminator: { kind: 'yield', operands: [] } };
