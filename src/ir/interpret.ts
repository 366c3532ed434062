// Runs a kernel one scalar at a time, in the order that the text gives: the reference that every backend and every pass is held against.
// It is written to be plainly right, not fast, and in one place: what a statement means is to be read here. Random numbers come from whoever calls it, as ir/ knows no generator.
import { InternalError } from '../base/errors.js';
import { blockLength, Constant, logicalLanes } from './nodes.js';
import type {
  Buffer,
  Call,
  Carried,
  Dimension,
  Gathering,
  Kernel,
  Operand,
  OwnedStream,
  Program,
  Reduction,
  Region,
  Routine,
  Statement,
  Stream,
  Value,
} from './nodes.js';
import { computeScalar } from './operations.js';
import type { Scalar } from './operations.js';
import { combineLast, giveMore, identityOf, ReductionTree } from './reduce.js';
import { arrayOf, elementOf, lanesOf, storageTypes } from './types.js';
import type { ScalarType, StorageType, Type } from './types.js';

/** A scalar, or the scalars of the lanes. */
export type Datum = Scalar | readonly Scalar[];

/** One generator of random numbers: each call is one step. */
export interface Generator {
  float64(): number;
  float32(): number;
  raw(): bigint;
}

/** gen(key, ordinal) of docs/random.md, 3. */
export type OpenGenerator = (key: bigint, ordinal: bigint) => Generator;

/** The memory of a buffer: elements of its storage type, [0, 0, …] lying at `offset`. u8 stands for bool. */
export interface BufferData {
  readonly elements: { [index: number]: number | bigint; readonly length: number };
  readonly offset: number;
}

/** What failing code leaves behind; `iteration` is the flat index in the nest, 0 without one. */
export interface ErrorRecord {
  readonly site: number;
  readonly iteration: number;
  readonly index: bigint;
  readonly length: bigint;
}

export interface Outcome {
  readonly results: readonly Datum[];
  readonly error: ErrorRecord | undefined;
}

export interface Environment {
  readonly scalars: readonly Datum[];
  readonly buffers: readonly BufferData[];
  readonly openGenerator?: OpenGenerator;
}

/** Calls of routines inside each other; deeper is an endless recursion of ours, as front ends limit their own. */
const deepestCall = 10_000;

class CheckFailed extends Error {
  readonly record: ErrorRecord;
  constructor(record: ErrorRecord) {
    super('check failed');
    this.record = record;
  }
}

/** Runs a legal program's kernel of that name; stores go into the buffers' data. */
export function interpret(program: Program, name: string, environment: Environment): Outcome {
  const kernel = program.kernels.find((candidate) => candidate.name === name);
  if (kernel === undefined) throw new InternalError('IR003', `there is no kernel @${name} to interpret`);
  const machine = new Machine(program, kernel, environment);
  try {
    return { results: machine.run(), error: undefined };
  } catch (error) {
    if (error instanceof CheckFailed) return { results: [], error: error.record };
    throw error;
  }
}

/** How a region ended: by handing values on, or by leaving for a loop outside or for good. */
type Ending =
  | { readonly kind: 'yield' | 'return'; readonly values: readonly Datum[] }
  | { readonly kind: 'break' | 'continue'; readonly label: string; readonly values: readonly Datum[] };

class Machine {
  readonly #program: Program;
  readonly #kernel: Kernel;
  readonly #environment: Environment;
  #data: Map<Buffer, BufferData>;
  /** The values of the routine that is running. */
  #values = new Map<Value, Datum>();
  #streams = new Map<Stream, readonly Generator[]>();
  #owners = new Map<Stream, StreamOwner>();
  #iteration = 0;
  #depth = 0;
  /** What the iteration that is running has given to each reduction so far, a lane each. */
  #given = new Map<Gathering, (Scalar | undefined)[]>();

  constructor(program: Program, kernel: Kernel, environment: Environment) {
    this.#program = program;
    this.#kernel = kernel;
    this.#environment = environment;
    this.#data = new Map(kernel.buffers.map((buffer, index) => [buffer, environment.buffers[index]!]));
  }

  run(): readonly Datum[] {
    const { parameters, dimensions, body } = this.#kernel;
    for (const [index, parameter] of parameters.entries())
      this.#values.set(parameter, this.#environment.scalars[index]!);
    if (dimensions.length === 0) return this.#region(body).values;
    this.#nest();
    return [];
  }

  // Nests and reductions.

  #nest(): void {
    const { dimensions, reductions, body } = this.#kernel;
    const extents = dimensions.map(({ extent }) => Math.max(0, Number(this.#scalar(extent))));
    const trees = new Map(reductions.map((reduction) => [reduction, new Map<number, ReductionTree>()]));
    const place = dimensions.map(() => 0);
    const total = extents.reduce((product, extent) => product * extent, 1);
    const owners = dimensions.map(() => new Map<OwnedStream, StreamOwner>());
    for (this.#iteration = 0; this.#iteration < total; this.#iteration++) {
      let rest = this.#iteration;
      for (let dimension = dimensions.length - 1; dimension >= 0; dimension--) {
        const extent = extents[dimension]!;
        place[dimension] = rest % extent;
        rest = Math.floor(rest / extent);
        this.#values.set(dimensions[dimension]!.index, BigInt(place[dimension]!));
      }
      for (const [dimension, { owned }] of dimensions.entries()) {
        // An iteration of this dimension begins; with its first one, the walk along it, which owns its draws anew.
        if (place.slice(dimension + 1).some((inner) => inner > 0)) continue;
        for (const each of owned) {
          if (place[dimension] === 0) owners[dimension]!.set(each, this.#own(each));
          const owner = owners[dimension]!.get(each)!;
          this.#streams.set(each.stream, owner.generatorsFor(place[dimension]!, 1));
        }
      }
      this.#given.clear();
      this.#region(body);
      for (const reduction of reductions) {
        const value = this.#given.get(reduction)?.[0];
        if (value !== undefined) giveTo(trees.get(reduction)!, reduction, dimensions, place, extents, value);
      }
    }
    for (const reduction of reductions) this.#storeReduction(reduction, trees.get(reduction)!, extents);
  }

  #storeReduction(reduction: Reduction, trees: ReadonlyMap<number, ReductionTree>, extents: readonly number[]): void {
    const { dimensions } = this.#kernel;
    const others = extents.filter((_, index) => !reduction.over.includes(dimensions[index]!.index.name));
    const count = others.reduce((product, extent) => product * extent, 1);
    const isOrdinal = reduction.operator === 'argLeast' || reduction.operator === 'argGreatest';
    for (let flat = 0; flat < count; flat++) {
      const gathered = trees.get(flat)?.result();
      const value =
        gathered === undefined ? identityOf(reduction) : isOrdinal ? BigInt(gathered.ordinal) : gathered.value;
      const index: bigint[] = [];
      let rest = flat;
      for (const extent of others.toReversed()) {
        index.unshift(BigInt(rest % extent));
        rest = Math.floor(rest / extent);
      }
      this.#storeElement(reduction.into, index, value);
    }
  }

  // Operands.

  #evaluate(operand: Operand): Datum {
    if (operand instanceof Constant) {
      const lanes = lanesOf(operand.type);
      return lanes === 1 ? operand.value : Array.from({ length: lanes }, () => operand.value);
    }
    const datum = this.#values.get(operand);
    if (datum === undefined) throw new InternalError('IR003', `%${operand.name} is read before it is assigned`);
    return datum;
  }

  #evaluateAll(operands: readonly Operand[]): Datum[] {
    return operands.map((operand) => this.#evaluate(operand));
  }

  #scalar(operand: Operand): Scalar {
    return this.#evaluate(operand) as Scalar;
  }

  /** The generators of a loop that begins, or those of an earlier loop that it continues. */
  #own(owned: OwnedStream): StreamOwner {
    const earlier = owned.continues && this.#owners.get(owned.continues);
    const owner =
      earlier ??
      new StreamOwner(owned, this.#scalar(owned.key) as bigint, this.#scalar(owned.base) as bigint, this.#open);
    this.#owners.set(owned.stream, owner);
    return owner;
  }

  readonly #open = (key: bigint, ordinal: bigint): Generator => {
    const { openGenerator } = this.#environment;
    if (openGenerator === undefined)
      throw new InternalError('IR003', 'a kernel that draws was interpreted without generators');
    return openGenerator(key, ordinal);
  };

  // Code.

  #region({ statements, terminator }: Region): Ending {
    for (const statement of statements) {
      const left = this.#statement(statement);
      if (left !== undefined) return left;
    }
    if (terminator.kind === 'unreachable') throw new InternalError('IR003', 'unreachable code was reached');
    const values = this.#evaluateAll(terminator.operands);
    if (terminator.kind === 'break' || terminator.kind === 'continue')
      return { kind: terminator.kind, label: terminator.label, values };
    return { kind: terminator.kind, values };
  }

  #assign(targets: readonly Value[], values: readonly Datum[]): void {
    for (const [index, target] of targets.entries()) this.#values.set(target, values[index]!);
  }

  /** Runs a statement; what it returns is how the region around it has ended, if it has. */
  #statement(statement: Statement): Ending | undefined {
    switch (statement.kind) {
      case 'pure': {
        const { operation, over, operands, result } = statement;
        const data = this.#evaluateAll(operands);
        const compute = (...scalars: Scalar[]): Scalar => computeScalar(operation, elementOf(over), scalars);
        this.#values.set(result, mapLanes(lanesOf(over), data, compute));
        return undefined;
      }
      case 'splat': {
        const { operand, result } = statement;
        const scalar = this.#scalar(operand);
        this.#values.set(
          result,
          Array.from({ length: lanesOf(result.type) }, () => scalar),
        );
        return undefined;
      }
      case 'ramp': {
        const { operand, result } = statement;
        const first = this.#scalar(operand);
        const type = elementOf(result.type);
        const at = (lane: number): Scalar => computeScalar('add', type, [first, type === 'i64' ? BigInt(lane) : lane]);
        this.#values.set(
          result,
          Array.from({ length: lanesOf(result.type) }, (_, lane) => at(lane)),
        );
        return undefined;
      }
      case 'allocate': {
        const { buffer } = statement;
        const length = buffer.shape.reduce((product, extent) => product * Number(this.#scalar(extent)), 1);
        const elements = new arrayOf[buffer.storage](Math.max(0, length));
        this.#data.set(buffer, { elements, offset: 0 });
        return undefined;
      }
      case 'fold': {
        const { operation, operand, result } = statement;
        const lanes = this.#evaluate(operand) as readonly Scalar[];
        const type = elementOf(result.type);
        this.#values.set(
          result,
          lanes.reduce((a, b) => computeScalar(operation, type, [a, b])),
        );
        return undefined;
      }
      case 'load': {
        const { buffer, index, mask, result } = statement;
        this.#values.set(
          result,
          this.#eachLane(result.type, index, mask, (place) => this.#loadElement(buffer, place)),
        );
        return undefined;
      }
      case 'store': {
        const { buffer, index, value, mask } = statement;
        const datum = this.#evaluate(value);
        this.#eachLane(value.type, index, mask, (place, lane) => {
          this.#storeElement(buffer, place, laneOf(datum, lane));
          return 0;
        });
        return undefined;
      }
      case 'check':
        this.#check(statement);
        return undefined;
      case 'stream': {
        const key = this.#scalar(statement.key) as bigint;
        const ordinals = this.#evaluate(statement.ordinal);
        const all = (Array.isArray(ordinals) ? ordinals : [ordinals]) as bigint[];
        this.#streams.set(
          statement.stream,
          all.map((ordinal) => this.#open(key, ordinal)),
        );
        return undefined;
      }
      case 'draw': {
        const { stream, mask, result } = statement;
        const generators = this.#streams.get(stream)!;
        this.#values.set(
          result,
          this.#eachLane(result.type, [], mask, (_, lane) => draw(generators[lane]!, elementOf(result.type))),
        );
        return undefined;
      }
      case 'if': {
        const ending = this.#region(
          this.#scalar(statement.condition) === true ? statement.consequent : statement.alternate,
        );
        if (ending.kind !== 'yield') return ending;
        this.#assign(statement.results, ending.values);
        return undefined;
      }
      case 'for': {
        const { index, step, owned, carried, reductions, results } = statement;
        const [start, count] = [Number(this.#scalar(statement.start)), Number(this.#scalar(statement.count))];
        const owners = owned.map((each) => ({ each, owner: this.#own(each) }));
        const trees = reductions.map((reduction) => new ReductionTree(reduction));
        const initials = reductions.map(({ initial }) => this.#scalar(initial));
        let running: number | undefined;
        // What an iteration has given counts when it is over, however it ends.
        const gather = (): void => {
          if (running === undefined) return;
          for (const [position, reduction] of reductions.entries()) {
            const given = this.#given.get(reduction) ?? [];
            for (const [lane, value] of given.entries())
              if (value !== undefined) trees[position]!.give(running + lane, value);
            this.#given.delete(reduction);
          }
          running = undefined;
        };
        const state = { ...statement, results: results.slice(0, carried.length) };
        const left = this.#loop(state, (iteration) => {
          gather();
          const ordinal = start + iteration * step;
          if (ordinal + step > count) return false;
          running = ordinal;
          this.#values.set(index, BigInt(ordinal));
          for (const { each, owner } of owners) this.#streams.set(each.stream, owner.generatorsFor(ordinal, step));
          return true;
        });
        gather();
        if (left !== undefined) return left;
        this.#assign(
          results.slice(carried.length),
          reductions.map((reduction, position) => {
            const gathered = trees[position]!.result();
            const initial = initials[position]!;
            return gathered === undefined ? initial : combineLast(reduction, initial, gathered.value);
          }),
        );
        return undefined;
      }
      case 'loop':
        return this.#loop(statement, () => true);
      case 'call':
        this.#assign(statement.results, this.#call(statement));
        return undefined;
      case 'reduce': {
        const { reduction, value, mask } = statement;
        const datum = this.#evaluate(value);
        this.#eachLane(value.type, [], mask, (_, lane) => {
          this.#give(reduction, lane, laneOf(datum, lane));
          return 0;
        });
        return undefined;
      }
    }
  }

  /** An iteration contributes one element: what it gives, put together in program order. */
  #give(reduction: Gathering, lane: number, element: Scalar): void {
    let given = this.#given.get(reduction);
    if (given === undefined) this.#given.set(reduction, (given = []));
    given[lane] = giveMore(reduction, given[lane], element);
  }

  #loop(
    {
      label,
      carried,
      results,
      body,
    }: { label: string; carried: readonly Carried[]; results: readonly Value[]; body: Region },
    begin: (ordinal: number) => boolean,
  ): Ending | undefined {
    let values: readonly Datum[] = carried.map(({ initial }) => this.#evaluate(initial));
    const targets = carried.map(({ value }) => value);
    for (let ordinal = 0; begin(ordinal); ordinal++) {
      this.#assign(targets, values);
      const ending = this.#region(body);
      if (ending.kind === 'return') return ending;
      if (ending.kind === 'break' || ending.kind === 'continue') {
        if (ending.label !== label) return ending;
        if (ending.kind === 'break') {
          this.#assign(results, ending.values);
          return undefined;
        }
      }
      values = ending.values;
    }
    this.#assign(results, values);
    return undefined;
  }

  #call({ callee, operands, streams }: Call): readonly Datum[] {
    const routine: Routine = this.#program.routines.find(({ name }) => name === callee)!;
    if (++this.#depth > deepestCall) throw new InternalError('IR003', `@${callee} calls itself without end`);
    const [outside, outsideStreams, outsideGiven] = [this.#values, this.#streams, this.#given];
    const [outsideData, outsideOwners] = [this.#data, this.#owners];
    const values = this.#evaluateAll(operands);
    this.#values = new Map();
    this.#given = new Map();
    // A routine that calls itself begins its buffers and its loops' generators anew, and finds its own again behind the call.
    this.#data = new Map();
    this.#owners = new Map();
    // The caller's own generators: what the routine draws moves them on.
    this.#streams = new Map(routine.streams.map((stream, index) => [stream, outsideStreams.get(streams[index]!)!]));
    this.#assign(routine.parameters, values);
    const ending = this.#region(routine.body);
    this.#values = outside;
    this.#streams = outsideStreams;
    this.#given = outsideGiven;
    this.#data = outsideData;
    this.#owners = outsideOwners;
    this.#depth--;
    return ending.values;
  }

  #check({ condition, site, index, length }: Extract<Statement, { kind: 'check' }>): void {
    const conditions = this.#evaluate(condition);
    const failing = Array.isArray(conditions) ? conditions.indexOf(false) : conditions === true ? -1 : 0;
    if (failing < 0) return;
    const at = laneOf(this.#evaluate(index), failing) as bigint;
    throw new CheckFailed({ site, iteration: this.#iteration, index: at, length: this.#scalar(length) as bigint });
  }

  // Memory.

  /** Does something for each lane that is on, with the element's place: index lanes name places, scalar ones the first of neighbours. */
  #eachLane(
    type: Type,
    index: readonly Operand[],
    mask: Operand | undefined,
    act: (place: readonly bigint[], lane: number) => Scalar,
  ): Datum {
    const lanes = lanesOf(type);
    const isOn = mask === undefined ? true : this.#evaluate(mask);
    const places = this.#evaluateAll(index);
    const hasLanes = places.some((place) => Array.isArray(place));
    const one = (lane: number): Scalar => {
      if (!laneOf(isOn, lane)) return zeroOf(elementOf(type));
      const place = places.map((datum) => laneOf(datum, lane) as bigint);
      if (!hasLanes && place.length > 0) place[place.length - 1]! += BigInt(lane);
      return act(place, lane);
    };
    return lanes === 1 ? one(0) : Array.from({ length: lanes }, (_, lane) => one(lane));
  }

  #address(buffer: Buffer, index: readonly bigint[]): number {
    const { offset, elements } = this.#data.get(buffer)!;
    const address = index.reduce(
      (sum, place, dimension) => sum + Number(place) * Number(this.#scalar(buffer.strides[dimension]!)),
      offset,
    );
    if (address < 0 || address >= elements.length)
      throw new InternalError('IR003', `${buffer.name}[${index.join(', ')}] lies outside its memory`);
    return address;
  }

  #loadElement(buffer: Buffer, index: readonly bigint[]): Scalar {
    const element = this.#data.get(buffer)!.elements[this.#address(buffer, index)]!;
    const type = storageTypes[buffer.storage].value;
    if (type === 'bool') return element !== 0;
    return type === 'i64' ? BigInt.asIntN(64, BigInt(element)) : element;
  }

  #storeElement(buffer: Buffer, index: readonly bigint[], value: Scalar): void {
    this.#data.get(buffer)!.elements[this.#address(buffer, index)] = toElement(buffer.storage, value);
  }
}

/** Typed arrays wrap what they store, but those of 64 bits want bigints and the others numbers. */
function toElement(storage: StorageType, value: Scalar): number | bigint {
  if (storage === 'i64' || storage === 'u64') return BigInt(value);
  if (storage === 'u8c') return Math.min(Math.max(Number(value), 0), 255);
  return storage === 'u32' ? Number(BigInt.asUintN(32, BigInt(value))) : Number(value);
}

const laneOf = (datum: Datum, lane: number): Scalar =>
  Array.isArray(datum) ? (datum as readonly Scalar[])[lane]! : (datum as Scalar);

const zeroOf = (type: ScalarType): Scalar => (type === 'bool' ? false : type === 'i64' ? 0n : 0);

function mapLanes(lanes: number, data: readonly Datum[], compute: (...scalars: Scalar[]) => Scalar): Datum {
  if (lanes === 1) return compute(...(data as readonly Scalar[]));
  return Array.from({ length: lanes }, (_, lane) => compute(...data.map((datum) => laneOf(datum, lane))));
}

const draw = (generator: Generator, type: ScalarType): Scalar =>
  type === 'f64' ? generator.float64() : type === 'f32' ? generator.float32() : BigInt.asIntN(64, generator.raw());

/** Hands an iteration's element to the tree of the result that it belongs to. */
function giveTo(
  trees: Map<number, ReductionTree>,
  reduction: Reduction,
  dimensions: readonly Dimension[],
  place: readonly number[],
  extents: readonly number[],
  value: Scalar,
): void {
  let [ordinal, result] = [0, 0];
  for (const [dimension, { index }] of dimensions.entries()) {
    const isReduced = reduction.over.includes(index.name);
    if (isReduced) ordinal = ordinal * extents[dimension]! + place[dimension]!;
    else result = result * extents[dimension]! + place[dimension]!;
  }
  let tree = trees.get(result);
  if (tree === undefined) trees.set(result, (tree = new ReductionTree(reduction)));
  tree.give(ordinal, value);
}

/** The generators of a loop that owns its draws (docs/random.md, 8 and 9), for iterations in order. */
class StreamOwner {
  readonly #kind: OwnedStream['kind'];
  readonly #key: bigint;
  readonly #base: bigint;
  readonly #open: OpenGenerator;
  #block = -1;
  #lanes: Generator[] = [];

  constructor(owned: OwnedStream, key: bigint, base: bigint, open: OpenGenerator) {
    this.#kind = owned.kind;
    this.#key = key;
    this.#base = base;
    this.#open = open;
  }

  /** One a lane: of `ordinal` and the `count` − 1 behind it. */
  generatorsFor(ordinal: number, count: number): Generator[] {
    return Array.from({ length: count }, (_, lane) => this.#generatorFor(ordinal + lane));
  }

  #generatorFor(ordinal: number): Generator {
    if (this.#kind === 'each') return this.#open(this.#key, this.#base + BigInt(ordinal));
    const block = Math.floor(ordinal / blockLength);
    if (block !== this.#block) {
      this.#block = block;
      this.#lanes = [];
    }
    const lane = ordinal % logicalLanes;
    return (this.#lanes[lane] ??= this.#open(this.#key, this.#base + BigInt(logicalLanes * block + lane)));
  }
}
