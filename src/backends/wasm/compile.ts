// A kernel without dimensions → a WebAssembly module, of scalar code and of lanes (lanes/). Every value gets a local of its own, of lanes
// as many as they have registers; regions hand their values on through the locals of what receives them. Loops that no other loop surrounds become functions of their own, which a driver calls for
// some iterations at a time: engines compile a function better only between two calls of it, never while it runs.
// It stays whole because every statement emits into the one function that is being written.
import { InternalError, UnsupportedError } from '../../base/errors.js';
import { blockLength, Constant, logicalLanes, Value } from '../../ir/nodes.js';
import type {
  Buffer,
  Draw,
  For,
  Kernel,
  Loop,
  Operand,
  OwnedStream,
  Program,
  Pure,
  Region,
  Statement,
  Stream,
  Terminator,
} from '../../ir/nodes.js';
import { elementOf, lanesOf, storageTypes, withLanes } from '../../ir/types.js';
import type { StorageType, Type } from '../../ir/types.js';
import type { Instruction } from './encode/instructions.js';
import type { ValueType, WasmFunction, WasmModule } from './encode/module.js';
import { freeValues } from './free-values.js';
import {
  generatorFunctions,
  loadStateInstructions,
  pairBytes,
  stepInstructions,
  storeStateInstructions,
} from './generator.js';
import type { GeneratorFunctions, StateLocals, StatePlace } from './generator.js';
import { LaneEmitter, localTypes, planLanes } from './lanes/index.js';
import type { LanePlan } from './lanes/index.js';
import { layoutOf, slotBytes } from './layout.js';
import type { DescriptorLayout } from './layout.js';
import { pureInstructions } from './pure.js';
import { remainder } from './remainder.js';

export interface CompiledKernel {
  readonly module: WasmModule;
  readonly layout: DescriptorLayout;
  /** Bytes that each thread has to lend it while it runs. */
  readonly scratchBytes: number;
}

/** What the exported function `kernel(desc, scratch)` returns. */
export const statusOk = 0;
export const statusFailed = 1;
/** Inside the module only: an outlined loop was left by `break`, or by `return` of the kernel. */
const statusBroken = 2;
const statusReturned = 3;

/** Iterations that a driver asks for at once: a multiple of a block, and short enough that the first calls soon end. */
const drivenIterations = 65_536n;

/** Of a scalar. */
function wasmType(type: Type): ValueType {
  const element = elementOf(type);
  return element === 'bool' ? 'i32' : element;
}

function constantInstruction({ type, value }: Constant): Instruction {
  const element = elementOf(type);
  return element === 'bool' ? ['i32.const', Number(value)] : [`${element}.const`, value as number | bigint];
}

/** Loads and stores of the storage types; a bool is a byte of 0 or 1. */
const accessNames: Readonly<Record<StorageType, { load: string; store: string }>> = {
  bool: { load: 'i32.load8_u', store: 'i32.store8' },
  i8: { load: 'i32.load8_s', store: 'i32.store8' },
  u8: { load: 'i32.load8_u', store: 'i32.store8' },
  u8c: { load: 'i32.load8_u', store: 'i32.store8' },
  i16: { load: 'i32.load16_s', store: 'i32.store16' },
  u16: { load: 'i32.load16_u', store: 'i32.store16' },
  i32: { load: 'i32.load', store: 'i32.store' },
  u32: { load: 'i64.load32_u', store: 'i64.store32' },
  i64: { load: 'i64.load', store: 'i64.store' },
  u64: { load: 'i64.load', store: 'i64.store' },
  f32: { load: 'f32.load', store: 'f32.store' },
  f64: { load: 'f64.load', store: 'f64.store' },
};

/** @throws {UnsupportedError} WASM002 for a part of the kernel language that this backend cannot compile yet */
export function compileKernel(program: Program, kernel: Kernel, memory: WasmModule['memory']): CompiledKernel {
  if (kernel.dimensions.length > 0) throw notYet('a nest');
  if (program.routines.length > 0) throw notYet('a routine');
  const shared = new ModuleParts(layoutOf(kernel), planLanes([kernel, ...program.routines]));
  const main = new FunctionEmitter(shared, kernel, { kind: 'kernel' });
  main.kernel();
  return {
    module: { memory, functions: shared.functions() },
    layout: shared.layout,
    scratchBytes: shared.scratchBytes,
  };
}

const notYet = (what: string): UnsupportedError =>
  new UnsupportedError('WASM002', `the WebAssembly backend cannot compile ${what} yet`, {
    fix: 'interpret the program',
  });

/** What the functions of one module share. */
class ModuleParts {
  readonly layout: DescriptorLayout;
  readonly lanePlan: LanePlan;
  readonly generator: GeneratorFunctions;
  readonly #functions: (WasmFunction | undefined)[];
  /** Where in scratch memory a stream's state lies. */
  readonly #streamOffsets = new Map<Stream, number>();
  scratchBytes = 0;
  #remainder: number | undefined;

  constructor(layout: DescriptorLayout, lanePlan: LanePlan) {
    this.layout = layout;
    this.lanePlan = lanePlan;
    this.generator = generatorFunctions(0);
    this.#functions = [...this.generator.functions];
  }

  /** The function that computes the remainder of doubles. */
  remainder(): number {
    return (this.#remainder ??= this.#functions.push(remainder) - 1);
  }

  /** A place for a function, so that it can be called before it is finished. */
  reserve(): number {
    return this.#functions.push(undefined) - 1;
  }

  finish(index: number, f: WasmFunction): void {
    this.#functions[index] = f;
  }

  functions(): WasmFunction[] {
    return this.#functions.map((f) => f!);
  }

  /** A place for `pairs` pairs of states. */
  placeStream(stream: Stream, pairs: number): void {
    // Lanes of 16 bytes lie where 16 divides the address; so do the places, as scratch memory itself does.
    this.#streamOffsets.set(stream, this.scratchBytes);
    this.scratchBytes += pairs * pairBytes;
  }

  /** The place of the stream that this one continues. */
  shareStream(stream: Stream, earlier: Stream): void {
    this.#streamOffsets.set(stream, this.streamOffset(earlier));
  }

  streamOffset(stream: Stream): number {
    return this.#streamOffsets.get(stream)!;
  }
}

/** A function is the kernel itself, or the outlined body of a loop of it. */
type Role = { readonly kind: 'kernel' } | { readonly kind: 'outlined'; readonly loop: For | Loop };

/** A loop that is being emitted in this function, and how to leave it. */
interface LoopTarget {
  readonly label: string;
  readonly carried: readonly Value[];
  readonly results: readonly Value[];
  /** Depths of the blocks that `break` and `continue` jump out of; undefined where the loop is the outlined one. */
  readonly breakDepth: number | undefined;
  readonly continueDepth: number;
}

// Parameters of the kernel and of outlined loops; an outlined loop has more behind them.
const descriptor = 0;
const scratch = 1;

class FunctionEmitter {
  readonly #parts: ModuleParts;
  readonly #kernel: Kernel;
  readonly #role: Role;
  readonly #code: Instruction[] = [];
  readonly #localTypes: ValueType[] = [];
  /** Of lanes as many as there are registers. */
  readonly #locals = new Map<Value, readonly number[]>();
  /** Of streams that a loop of this function owns: the state of the iteration that runs, of lanes one a pair. */
  readonly #heldStates = new Map<Stream, readonly StateLocals[]>();
  readonly #lanes: LaneEmitter;
  readonly #loops: LoopTarget[] = [];
  #parameterCount = 2;
  #depth = 0;

  constructor(parts: ModuleParts, kernel: Kernel, role: Role) {
    this.#parts = parts;
    this.#kernel = kernel;
    this.#role = role;
    this.#lanes = new LaneEmitter({
      plan: parts.lanePlan,
      emit: (...instructions) => this.#emit(...instructions),
      newLocal: (type) => this.#newLocal(type),
      localsOf: (value) => this.#localsOf(value),
      pushScalar: (operand) => this.#push(operand),
      pushAddress: ({ buffer, index }) => this.#address(buffer, index),
      remainder: () => this.#parts.remainder(),
    });
  }

  kernel(): void {
    const { parameters, body, name } = this.#kernel;
    for (const [index, parameter] of parameters.entries()) {
      if (lanesOf(parameter.type) > 1) throw notYet('a parameter of lanes');
      const type = wasmType(parameter.type);
      this.#emit(
        ['local.get', descriptor],
        [`${type}.load`, (this.#parts.layout.parameters + index) * slotBytes, type === 'i32' || type === 'f32' ? 4 : 8],
      );
      this.#emit(['local.set', this.#local(parameter)]);
    }
    this.#region(body, []);
    this.#emit(['unreachable']);
    const index = this.#parts.reserve();
    this.#parts.finish(index, {
      name,
      type: { parameters: ['i32', 'i32'], results: ['i32'] },
      locals: this.#localTypes,
      body: this.#code,
      isExported: true,
    });
  }

  // Code and locals.

  #emit(...instructions: readonly Instruction[]): void {
    for (const instruction of instructions) {
      const [name] = instruction;
      if (name === 'block' || name === 'loop' || name === 'if') this.#depth++;
      if (name === 'end') this.#depth--;
      this.#code.push(instruction);
    }
  }

  #branch(depth: number, isConditional = false): void {
    this.#emit([isConditional ? 'br_if' : 'br', this.#depth - depth]);
  }

  #newLocal(type: ValueType): number {
    return this.#parameterCount + this.#localTypes.push(type) - 1;
  }

  #localsOf(value: Value): readonly number[] {
    let locals = this.#locals.get(value);
    if (locals === undefined) {
      locals = this.#typesOf(value).map((type) => this.#newLocal(type));
      this.#locals.set(value, locals);
    }
    return locals;
  }

  #typesOf(value: Value): ValueType[] {
    return localTypes(value.type, this.#parts.lanePlan.bytesOf(value));
  }

  /** Of a scalar. */
  #local(value: Value): number {
    return this.#localsOf(value)[0]!;
  }

  /** Pushes a scalar, or all registers of lanes; those of a mask as they are kept in `target`. */
  #push(operand: Operand, target: Operand = operand): void {
    if (lanesOf(operand.type) > 1) this.#lanes.push(operand, target);
    else if (operand instanceof Constant) this.#emit(constantInstruction(operand));
    else this.#emit(['local.get', this.#local(operand)]);
  }

  /** Sets the locals of values that are on the stack, the last on top. */
  #set(targets: readonly Value[]): void {
    for (const local of targets.flatMap((target) => this.#localsOf(target)).toReversed())
      this.#emit(['local.set', local]);
  }

  /** All operands are read before any target is written: they may be the same values in another order. */
  #assign(targets: readonly Value[], operands: readonly Operand[]): void {
    for (const [index, operand] of operands.entries()) this.#push(operand, targets[index]);
    this.#set(targets);
  }

  // Regions.

  /** Emits a region whose `yield` assigns `targets`; behind it, code goes on only if it yields. */
  #region({ statements, terminator }: Region, targets: readonly Value[]): void {
    for (const statement of statements) this.#statement(statement);
    this.#terminator(terminator, targets);
  }

  #terminator(terminator: Terminator, targets: readonly Value[]): void {
    switch (terminator.kind) {
      case 'yield':
        return this.#assign(targets, terminator.operands);
      case 'return':
        return this.#return(terminator.operands);
      case 'break':
      case 'continue': {
        const loop = this.#loops.find(({ label }) => label === terminator.label);
        if (loop === undefined)
          throw new InternalError('WASM003', `@${terminator.label} is left from outside of its function`);
        if (terminator.kind === 'continue') {
          this.#assign(loop.carried, terminator.operands);
          return this.#branch(loop.continueDepth);
        }
        if (loop.breakDepth !== undefined) {
          this.#assign(loop.results, terminator.operands);
          return this.#branch(loop.breakDepth);
        }
        for (const [index, operand] of terminator.operands.entries()) this.#push(operand, loop.carried[index]);
        return this.#emit(['i32.const', statusBroken], ['return']);
      }
      case 'unreachable':
        return this.#emit(['unreachable']);
    }
  }

  /** Results go into the descriptor's slots, from whichever function. */
  #return(operands: readonly Operand[]): void {
    for (const [index, operand] of operands.entries()) {
      if (lanesOf(operand.type) > 1) throw notYet('a result of lanes');
      const type = wasmType(operand.type);
      this.#emit(['local.get', descriptor]);
      this.#push(operand);
      this.#emit([
        `${type}.store`,
        (this.#parts.layout.results + index) * slotBytes,
        type === 'i32' || type === 'f32' ? 4 : 8,
      ]);
    }
    this.#leave(this.#role.kind === 'kernel' ? statusOk : statusReturned);
  }

  /** Ends the function; an outlined loop returns whatever its carried values are beside the status. */
  #leave(status: number): void {
    if (this.#role.kind === 'outlined') for (const { value } of this.#role.loop.carried) this.#push(value);
    this.#emit(['i32.const', status], ['return']);
  }

  // Statements.

  #statement(statement: Statement): void {
    switch (statement.kind) {
      case 'pure':
        return this.#pure(statement);
      case 'splat':
        return this.#lanes.splat(statement);
      case 'ramp':
        return this.#lanes.ramp(statement);
      case 'fold':
        return this.#lanes.fold(statement);
      case 'load': {
        if (lanesOf(statement.result.type) > 1) return this.#lanes.load(statement);
        const { buffer, index, mask, result } = statement;
        if (mask !== undefined) throw notYet('a masked load');
        this.#address(buffer, index);
        this.#emit([accessNames[buffer.storage].load, 0, storageTypes[buffer.storage].byteLength]);
        // Whatever the byte, a bool is true or false.
        if (buffer.storage === 'bool') this.#emit(['i32.const', 0], ['i32.ne']);
        this.#emit(['local.set', this.#local(result)]);
        return;
      }
      case 'store': {
        if (lanesOf(statement.value.type) > 1) return this.#lanes.store(statement);
        const { buffer, index, value, mask } = statement;
        if (mask !== undefined) throw notYet('a masked store');
        if (buffer.storage === 'u8c') throw notYet('a clamped store');
        this.#address(buffer, index);
        this.#push(value);
        return this.#emit([accessNames[buffer.storage].store, 0, storageTypes[buffer.storage].byteLength]);
      }
      case 'check':
        return this.#check(statement);
      case 'stream': {
        const { stream, key, ordinal } = statement;
        if (stream.lanes > 1 && this.#role.kind === 'outlined') {
          // Nothing is outlined from here, so all that draws from it is in this function.
          const states = this.#newStates(stream.lanes);
          this.#heldStates.set(stream, states);
          return this.#seedInLanes(key, ordinal, states);
        }
        this.#parts.placeStream(stream, Math.ceil(stream.lanes / 2));
        if (stream.lanes === 1) return this.#seed(stream, this.#parts.generator.seed, key, () => this.#push(ordinal));
        const states = this.#newStates(stream.lanes);
        this.#seedInLanes(key, ordinal, states);
        return this.#storeStates({ address: scratch, offset: this.#parts.streamOffset(stream) }, states, stream.lanes);
      }
      case 'draw':
        return this.#draw(statement);
      case 'if':
        this.#push(statement.condition);
        this.#emit(['if']);
        this.#region(statement.consequent, statement.results);
        this.#emit(['else']);
        this.#region(statement.alternate, statement.results);
        return this.#emit(['end']);
      case 'for':
        if (statement.reductions.length > 0) throw notYet('a reduction');
        return this.#loops.length === 0 && this.#role.kind === 'kernel'
          ? this.#outline(statement)
          : this.#for(statement);
      case 'loop':
        return this.#loops.length === 0 && this.#role.kind === 'kernel' && handsOnWhatItCarries(statement)
          ? this.#outlineEndless(statement)
          : this.#loop(statement);
      case 'allocate':
        throw notYet(`\`${statement.kind}\``);
      case 'call':
        throw notYet(`the call of @${statement.callee}`);
      case 'reduce':
        throw notYet('a reduction');
    }
  }

  #pure(statement: Pure): void {
    const { operation, over, operands, result } = statement;
    if (lanesOf(over) > 1) return this.#lanes.pure(statement);
    if (operation === 'select') {
      const [condition, a, b] = operands;
      for (const operand of [a!, b!, condition!]) this.#push(operand);
      return this.#emit(['select'], ['local.set', this.#local(result)]);
    }
    const instructions = pureInstructions(operation, elementOf(over));
    if (instructions === undefined) throw notYet(`${operation}.${over}`);
    for (const operand of operands) this.#push(operand);
    this.#emit(...instructions, ['local.set', this.#local(result)]);
  }

  /** Leaves the i32 address of an element: the buffer's offset and Σ index · stride · bytes, computed in 64 bits; index lanes count as 0. */
  #address(buffer: Buffer, index: readonly Operand[]): void {
    const slot = this.#parts.layout.buffers + this.#kernel.buffers.indexOf(buffer);
    const { byteLength } = storageTypes[buffer.storage];
    this.#emit(['local.get', descriptor], ['i64.load', slot * slotBytes, 8]);
    for (const [dimension, place] of index.entries()) {
      if (lanesOf(place.type) > 1) continue;
      const stride = buffer.strides[dimension]!;
      this.#push(place);
      if (stride instanceof Constant)
        this.#emit(['i64.const', (stride.value as bigint) * BigInt(byteLength)], ['i64.mul']);
      else {
        this.#push(stride);
        this.#emit(['i64.mul'], ['i64.const', byteLength], ['i64.mul']);
      }
      this.#emit(['i64.add']);
    }
    this.#emit(['i32.wrap_i64']);
  }

  #check({ condition, site, index, length }: Extract<Statement, { kind: 'check' }>): void {
    const isWide = lanesOf(condition.type) > 1;
    if (isWide) this.#lanes.pushAll(condition);
    else this.#push(condition);
    this.#emit(['i32.eqz'], ['if']);
    const record = this.#newLocal('i32');
    this.#emit(
      ['local.get', descriptor],
      ['i32.load', this.#parts.layout.errorRecord * slotBytes, 4],
      ['local.set', record],
    );
    this.#emit(['local.get', record], ['i64.const', site + 1], ['i64.store', 0, 8]);
    this.#emit(['local.get', record], ['i64.const', 0], ['i64.store', slotBytes, 8]);
    for (const [slot, operand] of [index, length].entries()) {
      this.#emit(['local.get', record]);
      if (lanesOf(operand.type) > 1) this.#lanes.pushFirstOff(condition, operand);
      else this.#push(operand);
      this.#emit(['i64.store', (2 + slot) * slotBytes, 8]);
    }
    this.#leave(statusFailed);
    this.#emit(['end']);
  }

  // Random numbers.

  #seed(stream: Stream, seedFunction: number, key: Operand, pushOrdinal: () => void): void {
    this.#emit(['local.get', scratch], ['i32.const', this.#parts.streamOffset(stream)], ['i32.add']);
    this.#push(key);
    pushOrdinal();
    this.#emit(['call', seedFunction]);
  }

  #draw(statement: Draw): void {
    const { stream, mask, result } = statement;
    const { lanes } = stream;
    if (mask !== undefined && lanes === 1) throw notYet('a masked draw of one lane');
    const step = (states: readonly StateLocals[]): void => {
      if (lanes > 1) return this.#lanes.draw(statement, states);
      const element = elementOf(result.type) as 'f32' | 'f64' | 'i64';
      this.#emit(...stepInstructions(states[0]!, element), ['local.set', this.#local(result)]);
    };
    const held = this.#heldStates.get(stream);
    if (held !== undefined) return step(held);
    // Begun outside of this function, perhaps: its state stays in memory.
    const states = this.#newStates(lanes);
    const place = { address: scratch, offset: this.#parts.streamOffset(stream) };
    this.#loadStates(place, states, lanes);
    step(states);
    this.#storeStates(place, states, lanes);
  }

  /** Locals for the state of a generator, or of pairs of them. */
  #newStates(lanes: number): StateLocals[] {
    const type = lanes === 1 ? 'i64' : 'v128';
    return Array.from({ length: Math.ceil(lanes / 2) }, () => ({
      words: Array.from({ length: 4 }, () => this.#newLocal(type)),
      temporary: this.#newLocal(type),
    }));
  }

  #loadStates({ address, offset }: StatePlace, states: readonly StateLocals[], lanes: number): void {
    for (const [pair, state] of states.entries())
      this.#emit(...loadStateInstructions({ address, offset: offset + pair * pairBytes }, state, lanes));
  }

  #storeStates({ address, offset }: StatePlace, states: readonly StateLocals[], lanes: number): void {
    for (const [pair, state] of states.entries())
      this.#emit(...storeStateInstructions({ address, offset: offset + pair * pairBytes }, state, lanes));
  }

  /** Starts generators of lanes of ordinals, in their locals. */
  #seedInLanes(key: Operand, ordinal: Operand, states: readonly StateLocals[]): void {
    const { mix, seedPair } = this.#parts.generator;
    const mixedKey = this.#newLocal('i64');
    this.#push(key);
    this.#emit(['call', mix], ['local.set', mixedKey]);
    this.#lanes.seed(ordinal, states, mixedKey, seedPair);
  }

  /** Finds the stream's place in scratch memory. */
  #placeOwned({ stream, kind, continues }: OwnedStream): void {
    if (continues) this.#parts.shareStream(stream, continues);
    else this.#parts.placeStream(stream, kind === 'lanes' ? logicalLanes / 2 : Math.ceil(stream.lanes / 2));
  }

  /** Where a block of a loop that draws by lanes begins: seeds its generators. In the middle of a block they stand where they were left. */
  #beginBlock({ owned, index }: For): void {
    const pushIndex = (): void => this.#emit(['local.get', this.#local(index)]);
    pushIndex();
    this.#emit(['i64.const', blockLength - 1], ['i64.and'], ['i64.eqz'], ['if']);
    this.#seed(owned!.stream, this.#parts.generator.seedLanes, owned!.key, () => {
      pushIndex();
      this.#emit(['i64.const', Math.log2(blockLength / logicalLanes)], ['i64.shr_u']);
    });
    this.#emit(['end']);
  }

  /**
   * Before an iteration of a loop that owns its draws: takes this iteration's generator, or pair of them, from memory. What is returned
   * puts it back after the iteration; a loop that is left by a break needs its generators no more.
   */
  #beginDraws({ owned, index, step }: For): readonly Instruction[] {
    if (owned === undefined) return [];
    const { stream, kind, key } = owned;
    const offset = this.#parts.streamOffset(stream);
    const states = this.#newStates(step);
    this.#heldStates.set(stream, states);
    const pushIndex = (): void => this.#emit(['local.get', this.#local(index)]);
    if (kind === 'each') {
      if (step > 1) {
        const ordinals = new Value(withLanes('i64', step), index.name);
        this.#lanes.ramp({ kind: 'ramp', operand: index, result: ordinals, source: -1 });
        this.#seedInLanes(key, ordinals, states);
        return [];
      }
      this.#seed(stream, this.#parts.generator.seed, key, pushIndex);
      this.#loadStates({ address: scratch, offset }, states, step);
      return [];
    }
    const address = this.#newLocal('i32');
    // Logical lanes 2p and 2p + 1 are the pair p; an iteration of several begins at a multiple of its step.
    this.#emit(['local.get', scratch]);
    pushIndex();
    this.#emit(['i32.wrap_i64'], ['i32.const', logicalLanes - 2], ['i32.and']);
    this.#emit(['i32.const', pairBytes / 2], ['i32.mul'], ['i32.add']);
    if (step === 1) {
      pushIndex();
      this.#emit(['i32.wrap_i64'], ['i32.const', 1], ['i32.and'], ['i32.const', 3], ['i32.shl'], ['i32.add']);
    }
    this.#emit(['local.set', address]);
    this.#loadStates({ address, offset }, states, step);
    return states.flatMap((state, pair) =>
      storeStateInstructions({ address, offset: offset + pair * pairBytes }, state, step),
    );
  }

  // Loops.

  #for(loop: For): void {
    const { index, start, count, carried, results } = loop;
    this.#assign(
      carried.map(({ value }) => value),
      carried.map(({ initial }) => initial),
    );
    const end = this.#newLocal('i64');
    this.#push(count);
    this.#emit(['local.set', end]);
    this.#push(start);
    this.#emit(['local.set', this.#local(index)]);
    this.#iterations(loop, end, () => {
      const values = carried.map(({ value }) => value);
      this.#assign(results, values);
    });
  }

  /** Iterations from where the index stands to the local `end`; then `finish`, which a `break` skips. */
  #iterations(loop: For, end: number, finish: () => void, isOutlined = false): void {
    const { label, index, step, carried, results, body, owned } = loop;
    const values = carried.map(({ value }) => value);
    const counter = this.#local(index);
    if (owned) this.#placeOwned(owned);

    const emitTrips = (limit: number, breakDepth: number | undefined): void => {
      // All of the step has to lie before the limit. It is asked once before the loop and then at its end: one jump a trip.
      const isBefore: readonly Instruction[] = [
        ['local.get', counter],
        ['i64.const', step],
        ['i64.add'],
        ['local.get', limit],
        ['i64.le_s'],
      ];
      this.#emit(...isBefore, ['if'], ['loop']);
      const againDepth = this.#depth;
      const endDraws = this.#beginDraws(loop);
      this.#emit(['block']);
      this.#loops.push({ label, carried: values, results, breakDepth, continueDepth: this.#depth });
      this.#region(body, values);
      this.#loops.pop();
      this.#emit(
        ['end'],
        ...endDraws,
        ['local.get', counter],
        ['i64.const', step],
        ['i64.add'],
        ['local.set', counter],
      );
      this.#emit(...isBefore);
      this.#branch(againDepth, true);
      this.#emit(['end'], ['end']);
    };

    this.#emit(['block']);
    const breakDepth = isOutlined ? undefined : this.#depth;
    if (owned?.kind !== 'lanes') emitTrips(end, breakDepth);
    else {
      const limit = this.#newLocal('i64');
      this.#emit(['block']);
      const doneDepth = this.#depth;
      this.#emit(['loop']);
      const againDepth = this.#depth;
      this.#emit(['local.get', counter], ['i64.const', step], ['i64.add'], ['local.get', end], ['i64.gt_s']);
      this.#branch(doneDepth, true);
      this.#beginBlock(loop);
      // limit = min((counter | 4095) + 1, end)
      this.#emit(['local.get', counter], ['i64.const', blockLength - 1], ['i64.or'], ['i64.const', 1], ['i64.add']);
      this.#emit(['local.tee', limit], ['local.get', end], ['local.get', limit], ['local.get', end], ['i64.lt_s']);
      this.#emit(['select'], ['local.set', limit]);
      emitTrips(limit, breakDepth);
      this.#branch(againDepth);
      this.#emit(['end'], ['end']);
    }
    finish();
    this.#emit(['end']);
  }

  #loop({ label, carried, results, body }: Loop): void {
    const values = carried.map(({ value }) => value);
    this.#assign(
      values,
      carried.map(({ initial }) => initial),
    );
    this.#emit(['block']);
    const breakDepth = this.#depth;
    this.#emit(['loop']);
    const againDepth = this.#depth;
    this.#loops.push({ label, carried: values, results, breakDepth, continueDepth: againDepth });
    this.#region(body, values);
    this.#loops.pop();
    this.#branch(againDepth);
    this.#emit(['end'], ['end']);
  }

  /** Emits the loop as a function, and here the driver that calls it for some iterations at a time. */
  #outline(loop: For): void {
    const { index, start, count, carried, results } = loop;
    const values = carried.map(({ value }) => value);
    const captured = freeValues(loop);
    const outlined = new FunctionEmitter(this.#parts, this.#kernel, { kind: 'outlined', loop });
    const target = outlined.#outlinedLoop(loop, captured);

    this.#assign(
      values,
      carried.map(({ initial }) => initial),
    );
    const [end, status] = [this.#newLocal('i64'), this.#newLocal('i32')];
    const first = this.#local(index);
    const total = this.#newLocal('i64');
    this.#push(count);
    this.#emit(['local.set', total]);
    this.#push(start);
    this.#emit(['local.set', first], ['block']);
    const breakDepth = this.#depth;
    this.#emit(['block']);
    const doneDepth = this.#depth;
    this.#emit(['loop']);
    const againDepth = this.#depth;
    this.#emit(['local.get', first], ['local.get', total], ['i64.ge_s']);
    this.#branch(doneDepth, true);
    // end = min(first + some, total)
    this.#emit(
      ['local.get', first],
      ['i64.const', drivenIterations],
      ['i64.add'],
      ['local.tee', end],
      ['local.get', total],
    );
    this.#emit(['local.get', end], ['local.get', total], ['i64.lt_s'], ['select'], ['local.set', end]);
    this.#emit(['local.get', descriptor], ['local.get', scratch], ['local.get', first], ['local.get', end]);
    this.#callOutlined(target, values, captured, status);
    this.#emit(['local.get', status], ['if']);
    this.#followStatus(status, () => {
      this.#assign(results, values);
      this.#branch(breakDepth);
    });
    this.#emit(['end']);
    this.#emit(['local.get', end], ['local.set', first]);
    this.#branch(againDepth);
    this.#emit(['end'], ['end']);
    this.#assign(results, values);
    this.#emit(['end']);
  }

  /** Calls an outlined loop, whose first operands are on the stack: the carried values go in and come back, and the status with them. */
  #callOutlined(target: number, values: readonly Value[], captured: readonly Value[], status: number): void {
    for (const value of [...values, ...captured]) this.#push(value);
    this.#emit(['call', target], ['local.set', status]);
    this.#set(values);
  }

  /** With a status other than ok: after a break goes where `leave` leads, with its values in the place of those carried; else returns. */
  #followStatus(status: number, leave: () => void): void {
    this.#emit(['local.get', status], ['i32.const', statusBroken], ['i32.eq'], ['if']);
    leave();
    this.#emit(['end'], ['local.get', status], ['i32.const', statusReturned], ['i32.eq']);
    this.#emit(['if', 'i32'], ['i32.const', statusOk], ['else'], ['local.get', status], ['end'], ['return']);
  }

  /** As `#outline`, for a loop that only a break ends. */
  #outlineEndless(loop: Loop): void {
    const { carried, results } = loop;
    const values = carried.map(({ value }) => value);
    const captured = freeValues(loop);
    const target = new FunctionEmitter(this.#parts, this.#kernel, { kind: 'outlined', loop }).#outlinedEndless(
      loop,
      captured,
    );
    this.#assign(
      values,
      carried.map(({ initial }) => initial),
    );
    const status = this.#newLocal('i32');
    this.#emit(['block']);
    const breakDepth = this.#depth;
    this.#emit(['loop']);
    const againDepth = this.#depth;
    this.#emit(['local.get', descriptor], ['local.get', scratch]);
    this.#callOutlined(target, values, captured, status);
    // An ok only means that it has gone round often enough for once.
    this.#emit(['local.get', status], ['i32.eqz']);
    this.#branch(againDepth, true);
    this.#followStatus(status, () => {
      this.#assign(results, values);
      this.#branch(breakDepth);
    });
    this.#emit(['end'], ['end']);
  }

  #outlinedEndless(loop: Loop, captured: readonly Value[]): number {
    const { label, carried, results, body } = loop;
    const values = carried.map(({ value }) => value);
    const types = this.#beginOutlined(['i32', 'i32'], [...values, ...captured]);
    const left = this.#newLocal('i32');
    this.#emit(['i32.const', Number(drivenIterations)], ['local.set', left], ['loop']);
    const againDepth = this.#depth;
    this.#emit(['local.get', left], ['i32.eqz'], ['if']);
    this.#leave(statusOk);
    this.#emit(['end'], ['local.get', left], ['i32.const', 1], ['i32.sub'], ['local.set', left]);
    this.#loops.push({ label, carried: values, results, breakDepth: undefined, continueDepth: againDepth });
    this.#region(body, values);
    this.#loops.pop();
    this.#branch(againDepth);
    this.#emit(['end'], ['unreachable']);
    return this.#finishOutlined(loop, types);
  }

  /** This function as the outlined body of `loop`; returns its index. */
  #outlinedLoop(loop: For, captured: readonly Value[]): number {
    const [first, end] = [2, 3];
    this.#locals.set(loop.index, [first]);
    const values = loop.carried.map(({ value }) => value);
    const types = this.#beginOutlined(['i32', 'i32', 'i64', 'i64'], [...values, ...captured]);
    this.#iterations(loop, end, () => this.#leave(statusOk), true);
    this.#emit(['unreachable']);
    return this.#finishOutlined(loop, types);
  }

  /** Takes values as parameters behind the first ones; returns the types of all parameters. */
  #beginOutlined(first: readonly ValueType[], values: readonly Value[]): ValueType[] {
    const types = [...first];
    for (const value of values) {
      const own = this.#typesOf(value);
      this.#locals.set(
        value,
        own.map((_, register) => types.length + register),
      );
      types.push(...own);
    }
    this.#parameterCount = types.length;
    return types;
  }

  #finishOutlined({ label, carried }: For | Loop, parameters: readonly ValueType[]): number {
    const index = this.#parts.reserve();
    this.#parts.finish(index, {
      name: `${this.#kernel.name}.${label}`,
      type: { parameters, results: [...carried.flatMap(({ value }) => this.#typesOf(value)), 'i32'] },
      locals: this.#localTypes,
      body: this.#code,
      isExported: false,
    });
    return index;
  }
}

/** Whether a break's values could come back in the place of the carried ones. */
const handsOnWhatItCarries = ({ carried, results }: Loop): boolean =>
  results.length === carried.length && results.every(({ type }, index) => type === carried[index]!.value.type);
