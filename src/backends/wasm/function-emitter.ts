// Regions and statements → the instructions of one function: an entry, a routine, or a loop outlined from one. Every value gets locals of
// its own, which locals.ts puts together afterwards; regions hand their values on through the locals of what receives them. A value that
// the function does not assign is fetched once, at its start, from wherever the function around has put it.
// It stays whole because every statement emits into the one function that is being written; loops, draws, memory and sections, which are
// more than one statement's code, have files of their own.
import { InternalError } from '../../base/errors.js';
import { Constant, Value } from '../../ir/nodes.js';
import type { Call, Check, For, Loop, Operand, Pure, Region, Statement, Stream, Terminator } from '../../ir/nodes.js';
import { elementOf, lanesOf } from '../../ir/types.js';
import type { ScalarType } from '../../ir/types.js';
import { emitDraw, emitOpenStream, loadStream, placeOf, storeStream } from './draws.js';
import type { StateLocals } from './generator.js';
import type { Instruction } from './encode/instructions.js';
import type { ValueType } from './encode/module.js';
import { statusReturned, valuesOfExit } from './family.js';
import type { Exit, Family } from './family.js';
import { handedMaskBytes, LaneEmitter } from './lanes/index.js';
import type { LaneBytes } from './lanes/index.js';
import { recursionSite, slotBytes, statusFailed, statusOk } from './layout.js';
import { finishCode } from './locals.js';
import { emitFor, emitLoop } from './loops.js';
import { emitAddress, emitAllocate, emitLoad, emitStore } from './memory.js';
import { lateConstant } from './module-parts.js';
import type { LateConstant, ModuleParts } from './module-parts.js';
import { pureInstructions } from './pure.js';
import { readsOf } from './uses.js';
import {
  bytesOfRegisters,
  bytesOfType,
  loadRegister,
  notYet,
  registerBytes,
  registersOf,
  storeRegister,
  zeroOf,
} from './registers.js';
import { emitSuspendingAllocate, emitSuspendingFor, emitSuspendingLoop, emitSection } from './sections.js';
import type { SuspensionPlan } from './suspension.js';

export type Role =
  | { readonly kind: 'kernel'; readonly plan: SuspensionPlan }
  | { readonly kind: 'section' }
  | { readonly kind: 'outlined'; readonly loop: For | Loop }
  | { readonly kind: 'routine'; readonly canFail: boolean };

/** A loop that is being emitted in this function, and how to leave it. */
export interface LoopTarget {
  readonly loop: For | Loop;
  /** Depths of the blocks that `break` and `continue` jump out of; undefined where the loop is the outlined one. */
  readonly breakDepth: number | undefined;
  readonly continueDepth: number;
}

/** Which locals the parameters are that functions of several kinds have. */
export interface ParameterLocals {
  readonly count: number;
  readonly descriptor: number | undefined;
  readonly scratch: number | undefined;
  /** Of framed functions: the address of the frame, and the depth of calls. */
  readonly frame?: number;
  readonly depth?: number;
}

/** Values that wait for their only use may wait for one another, but not so deep that the emitter's recursion ends. */
const deepestWait = 50;

/** Operations from which on a value is worth going through memory, and how far they are looked for. */
const dearWeight = 3;
const deepestDear = 4;

export class FunctionEmitter {
  readonly parts: ModuleParts;
  readonly family: Family;
  readonly role: Role;
  /** Loops of the functions around, outermost first. */
  readonly outer: readonly (For | Loop)[];
  readonly loops: LoopTarget[] = [];
  readonly #parameters: ParameterLocals;
  readonly #prologue: Instruction[] = [];
  readonly #code: Instruction[] = [];
  readonly #localTypes: ValueType[] = [];
  readonly #locals = new Map<Value, readonly number[]>();
  /** What this function assigns, in contrast to what it fetches. */
  readonly #assigned = new Set<Value>();
  /** Of an outlined loop: what the function around has to put into the frame. */
  readonly captured = new Set<Value>();
  readonly exits = new Set<Exit>();
  returns = false;
  /** Streams that are held in locals: of lanes a state for each pair. */
  readonly held = new Map<Stream, readonly StateLocals[]>();
  /** Those of them that belong to the function around, or to the caller: put back whenever the function is left. */
  readonly lent = new Set<Stream>();
  /** Computed where they are read: not yet, or already, and how many wait for one another. */
  readonly #waiting = new Map<Value, { readonly statement: Pure; readonly depth: number }>();
  readonly #consumed = new Set<Value>();
  readonly #definitions = new Map<Value, Pure>();
  readonly #remade = new Set<number>();
  readonly #saved = new Map<number, object>();
  /** Of a section: the number of the iteration that is running. */
  iteration: number | undefined;
  /** Of a kernel with suspension points: where to go on, or 0. */
  state: number | undefined;
  /** Iterations around suspension points until the next request. */
  rounds: number | undefined;
  nextPoint = 1;
  #budget: number | undefined;
  #region: Region | undefined;
  depth = 0;
  readonly lanes: LaneEmitter;

  constructor(
    parts: ModuleParts,
    family: Family,
    role: Role,
    parameters: ParameterLocals,
    outer: readonly (For | Loop)[] = [],
  ) {
    this.parts = parts;
    this.family = family;
    this.role = role;
    this.#parameters = parameters;
    this.outer = outer;
    this.lanes = new LaneEmitter({
      plan: parts.lanePlan,
      emit: (...instructions) => this.emitAll(instructions),
      emitAll: (instructions) => this.emitAll(instructions),
      newLocal: (type) => this.newLocal(type),
      localsOf: (value) => this.localsOf(value),
      targets: (value) => this.targets(value),
      pushScalar: (operand) => this.push(operand),
      pushAddress: ({ buffer, index }) => emitAddress(this, buffer, index),
      remainder: () => parts.remainder,
      integerDivision: (type, operation) => parts.integerDivision(type, operation),
    });
  }

  /** For another function of the same module. */
  another(family: Family, role: Role, parameters: ParameterLocals, outer?: readonly (For | Loop)[]): FunctionEmitter {
    return new FunctionEmitter(this.parts, family, role, parameters, outer);
  }

  /** Makes a function of the module of what has been written, and returns its index. */
  finish(
    name: string,
    type: { parameters: readonly ValueType[]; results: readonly ValueType[] },
    isExported: boolean,
  ): number {
    const index = this.parts.reserve();
    this.finishAs(index, name, type, isExported);
    return index;
  }

  finishAs(
    index: number,
    name: string,
    type: { parameters: readonly ValueType[]; results: readonly ValueType[] },
    isExported: boolean,
  ): void {
    const { locals, body } = finishCode({
      parameterCount: this.#parameters.count,
      localTypes: this.#localTypes,
      code: this.#prologue.concat(this.#code),
      remade: this.#remade,
      frame: this.#parameters.frame ?? this.#parameters.scratch ?? 0,
      placeOf: (local, valueType) => {
        let owner = this.#saved.get(local);
        if (owner === undefined) this.#saved.set(local, (owner = {}));
        return this.family.frame.place(owner, registerBytes(valueType));
      },
    });
    this.parts.finish(index, { name, type, locals, body, isExported });
  }

  // Parameters.

  get descriptor(): number {
    return this.#present(this.#parameters.descriptor);
  }

  get scratch(): number {
    return this.#present(this.#parameters.scratch);
  }

  /** The address that places of the family's frame are counted from. */
  get frame(): number {
    return this.#parameters.frame ?? this.scratch;
  }

  get callDepth(): number {
    return this.#present(this.#parameters.depth);
  }

  #present(parameter: number | undefined): number {
    if (parameter === undefined)
      throw new InternalError('WASM003', `${this.family.name} is not given what its code needs`);
    return parameter;
  }

  // Code and locals.

  emit(...instructions: readonly Instruction[]): void {
    this.emitAll(instructions);
  }

  emitAll(instructions: readonly Instruction[]): void {
    for (let index = 0; index < instructions.length; index++) {
      const instruction = instructions[index]!;
      const name = instruction[0];
      if (name === 'block' || name === 'loop' || name === 'if') this.depth++;
      else if (name === 'end') this.depth--;
      this.#code.push(instruction);
    }
  }

  /** Before everything else of the function. */
  emitAtStart(...instructions: readonly Instruction[]): void {
    this.#prologue.push(...instructions);
  }

  branch(depth: number, isConditional = false): void {
    this.emit([isConditional ? 'br_if' : 'br', this.depth - depth]);
  }

  newLocal(type: ValueType): number {
    return this.#parameters.count + this.#localTypes.push(type) - 1;
  }

  /** A local that the function's start assigns, and that a suspension so need not save. */
  newLocalFromStart(type: ValueType, ...instructions: readonly Instruction[]): number {
    const local = this.newLocal(type);
    this.#remade.add(local);
    this.emitAtStart(...instructions, ['local.set', local]);
    return local;
  }

  /** What counts down to the end of a slice; undefined where nothing is counted. */
  get budget(): number | undefined {
    if (this.role.kind === 'kernel') return undefined;
    this.#budget ??= this.newLocalFromStart('i32', ['i32.const', this.parts.work.budget]);
    return this.#budget;
  }

  /** Takes the value's locals for parameters. */
  isGiven(value: Value, first: number): void {
    this.#assigned.add(value);
    this.#locals.set(
      value,
      this.parts.registersOf(value).map((_, part) => first + part),
    );
  }

  assigns(value: Value): boolean {
    return this.#assigned.has(value);
  }

  /** The locals of a value that is assigned here. */
  targets(value: Value): readonly number[] {
    this.#assigned.add(value);
    let locals = this.#locals.get(value);
    if (locals === undefined) {
      locals = this.parts.registersOf(value).map((type) => this.newLocal(type));
      this.#locals.set(value, locals);
    }
    return locals;
  }

  /** The locals of a value that is read here. */
  localsOf(value: Value): readonly number[] {
    if (this.#waiting.has(value)) this.settle(value);
    if (this.#consumed.has(value))
      throw new InternalError('WASM003', `%${value.name} is read again, and was thought to be read once`);
    return this.#locals.get(value) ?? this.#fetch(value);
  }

  /** The same of a scalar. */
  local(value: Value): number {
    return this.localsOf(value)[0]!;
  }

  set(value: Value): void {
    const targets = this.targets(value);
    for (let index = targets.length - 1; index >= 0; index--) this.emit(['local.set', targets[index]!]);
  }

  /** Takes a value of the function around from where it lies in memory. */
  #fetch(value: Value): readonly number[] {
    const { address, offset } = this.#origin(value);
    let part = offset;
    const locals = this.parts.registersOf(value).map((type) => {
      const local = this.newLocalFromStart(type, ['local.get', address], loadRegister(type, part));
      part += registerBytes(type);
      return local;
    });
    this.#locals.set(value, locals);
    return locals;
  }

  #origin(value: Value): { address: number; offset: number } {
    const { kernel, own } = this.family;
    if (kernel) {
      const { parameters, buffers } = this.parts.layout;
      const parameter = kernel.parameters.indexOf(value);
      if (parameter >= 0) return { address: this.descriptor, offset: (parameters + parameter) * slotBytes };
      const buffer = kernel.buffers.findIndex((candidate) => this.parts.baseOf(candidate) === value);
      if (buffer >= 0) return { address: this.descriptor, offset: (buffers + buffer) * slotBytes };
    }
    if (own && !own.has(value)) {
      this.family.captured.add(value);
      return { address: this.descriptor, offset: this.parts.captureOffset(value) };
    }
    if (this.role.kind !== 'outlined')
      throw new InternalError('WASM003', `%${value.name} is read before it is assigned`);
    this.captured.add(value);
    return { address: this.frame, offset: this.home(value) };
  }

  /** Where in the frame a value lies for outlined loops. */
  home(value: Value): number {
    return this.family.frame.place(value, bytesOfRegisters(this.parts.registersOf(value)));
  }

  storeHome(value: Value): void {
    this.storeParts(this.localsOf(value), this.parts.registersOf(value), this.frame, this.home(value));
  }

  storeParts(locals: readonly number[], registers: readonly ValueType[], address: number, offset: number): void {
    let part = offset;
    for (const [index, register] of registers.entries()) {
      this.emit(['local.get', address], ['local.get', locals[index]!], storeRegister(register, part));
      part += registerBytes(register);
    }
  }

  /**
   * Values from before the loop that are dear to compute: an engine computes a value where the loop first reads it, in each iteration, if the
   * loop can be left before; it does not do so with what comes from memory.
   */
  fixBefore(loop: For | Loop): void {
    for (const value of readsOf(loop)) {
      if (!this.#assigned.has(value) || this.#waiting.has(value) || this.#weightOf(value) < dearWeight) continue;
      this.storeHome(value);
      this.loadParts(value, this.frame, this.home(value));
      this.#definitions.delete(value);
    }
  }

  /** What an engine would compute again, if it computed the value again. */
  #weightOf(value: Operand, depth = 0): number {
    const definition = value instanceof Value ? this.#definitions.get(value) : undefined;
    if (definition === undefined || depth > deepestDear) return 0;
    const { operation, operands } = definition;
    const own = operation === 'div' || operation === 'rem' || operation === 'sqrt' ? dearWeight : 1;
    return operands.reduce((sum, operand) => sum + this.#weightOf(operand, depth + 1), own);
  }

  /** Into the locals of `value`. */
  loadParts(value: Value, address: number, offset: number): void {
    let part = offset;
    for (const [index, register] of this.parts.registersOf(value).entries()) {
      this.emit(['local.get', address], loadRegister(register, part), ['local.set', this.targets(value)[index]!]);
      part += registerBytes(register);
    }
  }

  // Operands.

  /** Of a mask as it is held in `target`, a value or a width. */
  push(operand: Operand, target: Operand | LaneBytes = operand): void {
    if (lanesOf(operand.type) > 1) return this.lanes.push(operand, target);
    if (operand instanceof Constant) return this.emit(constantInstruction(operand));
    const waiting = this.#waiting.get(operand);
    if (waiting !== undefined) {
      this.#waiting.delete(operand);
      this.#consumed.add(operand);
      return this.#compute(waiting.statement);
    }
    const locals = this.localsOf(operand);
    for (let index = 0; index < locals.length; index++) this.emit(['local.get', locals[index]!]);
  }

  /** Sees to it that the operand can be pushed more than once. */
  settle(operand: Operand): void {
    if (!(operand instanceof Value)) return;
    const waiting = this.#waiting.get(operand);
    if (waiting === undefined) return;
    this.#waiting.delete(operand);
    this.#compute(waiting.statement);
    this.set(operand);
  }

  /** The operation whose result waits to be read, if it can be taken apart; then it has been read. */
  takeWaiting(value: Operand, fits: (statement: Pure) => boolean): Pure | undefined {
    if (!(value instanceof Value)) return undefined;
    const waiting = this.#waiting.get(value);
    if (waiting === undefined || !fits(waiting.statement)) return undefined;
    this.#waiting.delete(value);
    this.#consumed.add(value);
    return waiting.statement;
  }

  /** The operation that gave a value in this function, if its operands can still be pushed. */
  definitionOf(value: Operand): Pure | undefined {
    if (!(value instanceof Value)) return undefined;
    const definition = this.#definitions.get(value);
    const isThere = definition?.operands.every(
      (operand) => !(operand instanceof Value) || !this.#consumed.has(operand),
    );
    return isThere ? definition : undefined;
  }

  /** All operands are read before any target is written: they may be the same values in another order. */
  assign(targets: readonly Value[], operands: readonly Operand[]): void {
    for (const [index, operand] of operands.entries()) this.push(operand, targets[index]);
    for (const target of targets.toReversed()) this.set(target);
  }

  // Regions.

  /** Emits a region whose `yield` assigns `targets`; behind it, code goes on only if it yields. */
  region(region: Region, targets: readonly Value[]): void {
    const around = this.#region;
    this.#region = region;
    if (this.role.kind === 'kernel' && this.role.plan.pointsIn(region) > 0)
      this.#statementsWithPoints(region.statements, this.role.plan);
    else for (const statement of region.statements) this.#statement(statement);
    this.#terminator(region.terminator, targets);
    this.#region = around;
  }

  /** On the way back to a suspension point, what stands before it has been done. */
  #statementsWithPoints(statements: readonly Statement[], plan: SuspensionPlan): void {
    const state = this.state!;
    const last = statements.findLastIndex((statement) => plan.pointsOf(statement) > 0);
    for (let index = 0; index < statements.length; index++) {
      const points = plan.pointsOf(statements[index]!);
      if (index >= last) this.#statement(statements[index]!);
      else if (points > 0) {
        // Points are numbered as they stand in the text: this one's, or none, or one behind it.
        this.emit(['local.get', state], ['i32.const', this.nextPoint + points], ['i32.lt_u'], ['if']);
        this.#statement(statements[index]!);
        this.emit(['end']);
      } else {
        this.emit(['local.get', state], ['i32.eqz'], ['if']);
        for (; plan.pointsOf(statements[index]!) === 0; index++) this.#statement(statements[index]!);
        index--;
        this.emit(['end']);
      }
    }
  }

  #terminator(terminator: Terminator, targets: readonly Value[]): void {
    switch (terminator.kind) {
      case 'yield':
        return this.assign(targets, terminator.operands);
      case 'return':
        return this.#return(terminator.operands);
      case 'break':
      case 'continue': {
        const { label, kind, operands } = terminator;
        const loop =
          this.loops.find((target) => target.loop.label === label)?.loop ??
          this.outer.find((candidate) => candidate.label === label);
        if (loop === undefined) throw new InternalError('WASM003', `@${label} is left from outside of its function`);
        return this.leaveLoop(loop, kind, {
          assign: (values) => this.assign(values, operands),
          store: (exit) => this.#storeOperands(operands, this.frame, exit.offset, valuesOfExit(exit)),
        });
      }
      case 'unreachable':
        return this.emit(['unreachable']);
    }
  }

  /** Jumps, or where the loop is not of this function, returns with what it hands on lying in the frame. */
  leaveLoop(
    loop: For | Loop,
    kind: Exit['kind'],
    handOn: { readonly assign: (targets: readonly Value[]) => void; readonly store: (exit: Exit) => void },
  ): void {
    const target = this.loops.find((candidate) => candidate.loop === loop);
    if (target && kind === 'continue') {
      handOn.assign(loop.carried.map(({ value }) => value));
      return this.branch(target.continueDepth);
    }
    if (target?.breakDepth !== undefined) {
      handOn.assign(loop.results);
      return this.branch(target.breakDepth);
    }
    const exit = this.family.exitOf(loop, kind, (value) => bytesOfRegisters(this.parts.registersOf(value)));
    handOn.store(exit);
    this.exits.add(exit);
    this.leave(exit.status);
  }

  /** As they are held in `targets`, or as functions hand them on. */
  #storeOperands(operands: readonly Operand[], address: number, offset: number, targets?: readonly Value[]): void {
    let place = offset;
    for (const [index, operand] of operands.entries()) {
      const target = targets?.[index];
      const registers = target === undefined ? registersOf(operand.type) : this.parts.registersOf(target);
      if (registers.length === 1) {
        this.emit(['local.get', address]);
        this.push(operand, target ?? handedMaskBytes);
        this.emit(storeRegister(registers[0]!, place));
      } else {
        const locals = registers.map((type) => this.newLocal(type));
        this.push(operand, target ?? handedMaskBytes);
        for (const local of locals.toReversed()) this.emit(['local.set', local]);
        this.storeParts(locals, registers, address, place);
      }
      place += bytesOfRegisters(registers);
    }
  }

  /** Results of a kernel go into its descriptor, those of a routine onto the stack, or from an outlined loop into its frame. */
  #return(operands: readonly Operand[]): void {
    const { family, role } = this;
    if (family.kind === 'kernel') {
      if (operands.some(({ type }) => lanesOf(type) > 1)) throw notYet('a result of lanes');
      this.#storeOperands(operands, this.descriptor, this.parts.layout.results * slotBytes);
      return this.leave(role.kind === 'kernel' ? statusOk : statusReturned);
    }
    if (role.kind === 'outlined') {
      this.#storeOperands(operands, this.frame, this.#resultsPlace());
      return this.leave(statusReturned);
    }
    for (const operand of operands) this.push(operand, handedMaskBytes);
    this.#putBack();
    if (role.kind === 'routine' && role.canFail) this.emit(['i32.const', statusOk]);
    this.emit(['return']);
  }

  #resultsPlace(): number {
    const bytes = this.family.results.reduce((sum, type) => sum + bytesOfType(type), 0);
    return this.family.frame.place(this.family, bytes);
  }

  /** After an outlined loop has returned for all of the function. */
  followReturn(): void {
    const { role, family } = this;
    this.returns = true;
    if (role.kind === 'outlined') return this.leave(statusReturned);
    if (role.kind === 'kernel') return this.leave(statusOk);
    let place = this.#resultsPlace();
    for (const type of family.results) {
      for (const register of registersOf(type)) {
        this.emit(['local.get', this.frame], loadRegister(register, place));
        place += registerBytes(register);
      }
    }
    this.#putBack();
    this.emit(['i32.const', statusOk], ['return']);
  }

  #putBack(): void {
    for (const stream of this.lent) storeStream(this, stream);
  }

  /** Ends the function with a status that stands for itself, and with no results. */
  leave(status: number): void {
    if (status === statusReturned) this.returns = true;
    if (status !== statusFailed) this.#putBack();
    this.#leaveWith(['i32.const', status], status === statusFailed);
  }

  /** The same with a status of something called: a failure, or that the call was stopped. */
  leaveWithStatus(status: number): void {
    this.#leaveWith(['local.get', status], true);
  }

  #leaveWith(status: Instruction, isFailure: boolean): void {
    if (this.role.kind === 'routine') {
      for (const type of this.family.results) for (const register of registersOf(type)) this.emit(zeroOf(register));
    }
    // Only the section knows which of its iterations it is.
    if (isFailure && this.iteration !== undefined)
      this.emit(['local.get', this.scratch], ['local.get', this.iteration], ['i64.store', slotBytes, 8]);
    this.emit(status, ['return']);
  }

  // Statements.

  #statement(statement: Statement): void {
    // Where every way leaves, nothing assigns them, and code that is never reached reads them all the same.
    if (statement.kind === 'if' || statement.kind === 'for' || statement.kind === 'loop')
      for (const result of statement.results) this.targets(result);
    switch (statement.kind) {
      case 'pure':
        return this.#pure(statement);
      case 'splat':
        return this.lanes.splat(statement);
      case 'ramp':
        return this.lanes.ramp(statement);
      case 'fold':
        return this.lanes.fold(statement);
      case 'load':
        return emitLoad(this, statement);
      case 'store':
        return emitStore(this, statement);
      case 'allocate':
        return this.#points(statement) > 0 ? emitSuspendingAllocate(this, statement) : emitAllocate(this, statement);
      case 'check':
        return this.#check(statement);
      case 'stream':
        return emitOpenStream(this, statement);
      case 'draw':
        return emitDraw(this, statement);
      case 'if':
        return this.#if(statement);
      case 'for':
        if (statement.reductions.length > 0) throw notYet('a reduction');
        if (this.#points(statement) === 0 || this.#isPaused(statement)) return emitFor(this, statement);
        return this.role.kind === 'kernel' && this.role.plan.isSection(statement)
          ? emitSection(this, statement)
          : emitSuspendingFor(this, statement);
      case 'loop':
        if (this.#points(statement) === 0 || this.#isPaused(statement)) return emitLoop(this, statement);
        return emitSuspendingLoop(this, statement);
      case 'call':
        return this.#call(statement);
      case 'reduce':
        throw notYet('a reduction');
    }
  }

  #isPaused(loop: For | Loop): boolean {
    return this.role.kind === 'kernel' && this.role.plan.isPaused(loop);
  }

  #points(statement: Statement): number {
    return this.role.kind === 'kernel' ? this.role.plan.pointsOf(statement) : 0;
  }

  #if({ condition, results, consequent, alternate }: Extract<Statement, { kind: 'if' }>): void {
    const points = this.role.kind === 'kernel' ? this.role.plan.pointsIn(consequent) : 0;
    const all = points + (this.role.kind === 'kernel' ? this.role.plan.pointsIn(alternate) : 0);
    if (all === 0) this.push(condition);
    else {
      // On the way back to a point the branch is the one that holds it.
      this.emit(['local.get', this.state!], ['i32.eqz'], ['if', 'i32']);
      this.push(condition);
      this.emit(['else'], ['local.get', this.state!], ['i32.const', this.nextPoint + points], ['i32.lt_u'], ['end']);
    }
    this.emit(['if']);
    this.region(consequent, results);
    if (alternate.statements.length > 0 || alternate.terminator.kind !== 'yield' || results.length > 0) {
      this.emit(['else']);
      this.region(alternate, results);
    }
    this.emit(['end']);
  }

  #pure(statement: Pure): void {
    const { operation, result, operands, over } = statement;
    const { uses } = this.family;
    if (!uses.has(result)) return;
    this.#definitions.set(result, statement);
    if (lanesOf(over) > 1) return this.lanes.pure(statement);
    const isLength = operation === 'min' && operands.every((operand) => this.#isNotNegative(operand));
    if (isLength) this.parts.neverNegative.add(result);
    const depth = operands.reduce(
      (deepest, operand) =>
        Math.max(deepest, operand instanceof Value ? (this.#waiting.get(operand)?.depth ?? 0) + 1 : 1),
      1,
    );
    if (uses.get(result) === this.#region && depth < deepestWait) {
      this.#waiting.set(result, { statement, depth });
      return;
    }
    this.#compute(statement);
    this.set(result);
  }

  #isNotNegative(operand: Operand): boolean {
    return operand instanceof Constant ? Number(operand.value) >= 0 : this.parts.neverNegative.has(operand);
  }

  /** Leaves the result of an operation on the stack. */
  #compute({ operation, over, operands, ...rest }: Pure): void {
    const element = elementOf(over);
    const range = operation === 'and' ? this.#rangeOf({ operation, over, operands, ...rest }) : undefined;
    if (range !== undefined) {
      for (const bound of [range.lower, range.upper]) this.takeWaiting(bound, () => true);
      this.push(range.x);
      this.push(range.length);
      return this.emit(['i64.lt_u']);
    }
    if (operation === 'select') {
      const [condition, a, b] = operands as [Operand, Operand, Operand];
      if (this.#better(element, condition, a, b)) return;
      for (const operand of [a, b, condition]) this.push(operand);
      return this.emit(['select']);
    }
    if ((operation === 'min' || operation === 'max') && (element === 'i32' || element === 'i64'))
      return this.#leastOrGreatest(operation, element, operands);
    if (operation === 'toInt32') return this.#toInt32(operands[0]!);
    if ((operation === 'div' || operation === 'rem') && (element === 'i32' || element === 'i64'))
      return this.#divide(operation, element, operands);
    if (operation === 'rem') return this.#remainder(element, operands);
    const instructions = pureInstructions(operation, element);
    if (instructions === undefined) throw notYet(`${operation}.${over}`);
    for (const operand of operands) this.push(operand);
    this.emit(...instructions);
  }

  #leastOrGreatest(operation: 'min' | 'max', element: 'i32' | 'i64', operands: readonly Operand[]): void {
    const [a, b] = operands.map((operand) => {
      this.settle(operand);
      return operand;
    }) as [Operand, Operand];
    for (const operand of [a, b, a, b]) this.push(operand);
    this.emit([`${element}.${operation === 'min' ? 'lt_s' : 'gt_s'}`], ['select']);
  }

  /** Of two doubles the one that is less, or greater: engines make a branch of a choice between doubles, but lanes have an instruction. */
  #better(element: ScalarType, condition: Operand, a: Operand, b: Operand): boolean {
    const comparison = this.#waitingPure(condition);
    if (!this.parts.hasLanes || element !== 'f64' || comparison?.over !== 'f64') return false;
    const [left, right] = comparison.operands as [Operand, Operand];
    const isLess = comparison.operation === 'lt';
    if (!isLess && comparison.operation !== 'gt') return false;
    const isAlike = left === a && right === b;
    if (!isAlike && !(left === b && right === a)) return false;
    // What is kept through a loop changes rarely: the branch is guessed right, and the next iteration need not wait.
    const isKept = this.loops.some(({ loop }) => loop.carried.some(({ value }) => value === a || value === b));
    if (isKept) return false;
    this.takeWaiting(condition, () => true);
    // pmin(x, y) is y where y < x, else x; pmax(x, y) is y where x < y, else x.
    const isLeast = isLess === isAlike;
    const [x, y] = [b, a];
    for (const operand of [x, y]) this.settle(operand);
    for (const operand of [x, y]) {
      this.push(operand);
      this.emit(['f64x2.splat']);
    }
    this.emit([isLeast ? 'f64x2.pmin' : 'f64x2.pmax'], ['f64x2.extract_lane', 0]);
    return true;
  }

  /** The instructions trap by 0, and division traps where its result wraps: by 0 and −1 other instructions do it. */
  #divide(operation: 'div' | 'rem', element: 'i32' | 'i64', operands: readonly Operand[]): void {
    const [a, b] = operands as [Operand, Operand];
    const divide: Instruction = [`${element}.${operation}_s`];
    if (b instanceof Constant && Number(b.value) !== 0 && Number(b.value) !== -1) {
      this.push(a);
      this.push(b);
      return this.emit(divide);
    }
    const [zero, one] = [0, 1].map((value): Instruction =>
      element === 'i32' ? ['i32.const', value] : ['i64.const', BigInt(value)],
    ) as [Instruction, Instruction];
    for (const operand of [a, b]) this.settle(operand);
    this.push(b);
    this.emit(one, [`${element}.add`], one, [`${element}.le_u`], ['if', element]);
    this.emit(zero);
    if (operation === 'div') {
      // By −1 the quotient is the negative, whose bits −1 keeps, as 0 clears them; every remainder is 0.
      this.push(a);
      this.emit([`${element}.sub`]);
      this.push(b);
      this.emit([`${element}.and`]);
    }
    this.emit(['else']);
    this.push(a);
    this.push(b);
    this.emit(divide, ['end']);
  }

  /** Of numbers below 2⁵¹ the bits of a sum with 1.5·2⁵² end with the integer; others are rare. The instruction for it costs more. */
  #toInt32(operand: Operand): void {
    const x = this.newLocal('f64');
    this.push(operand);
    this.emit(['local.tee', x], ['f64.abs'], ['f64.const', 2 ** 51], ['f64.lt'], ['if', 'i32']);
    this.emit(['local.get', x], ['f64.trunc'], ['f64.const', 1.5 * 2 ** 52], ['f64.add'], ['i64.reinterpret_f64']);
    this.emit(['i32.wrap_i64'], ['else'], ['local.get', x], ['call', this.parts.toInt32], ['end']);
  }

  /** The remainder of two float32 numbers is one, so that computing it with doubles rounds nothing. */
  #remainder(element: ScalarType, operands: readonly Operand[]): void {
    for (const operand of operands) {
      this.push(operand);
      if (element === 'f32') this.emit(['f64.promote_f32']);
    }
    this.emit(['call', this.parts.remainder]);
    if (element === 'f32') this.emit(['f32.demote_f64']);
  }

  #check({ condition, site, index, length }: Check): void {
    const isWide = lanesOf(condition.type) > 1;
    const conditions = isWide ? [condition] : this.#conjuncts(condition);
    // Each of several conditions has a jump of its own, which costs less than to put them together.
    const last = conditions.pop()!;
    this.emit(['block']);
    const okDepth = this.depth;
    if (conditions.length > 0) this.emit(['block']);
    const failDepth = this.depth;
    for (const each of conditions) {
      this.push(each);
      this.emit(['i32.eqz']);
      this.branch(failDepth, true);
    }
    if (isWide) this.lanes.pushAll(last);
    else this.push(last);
    this.branch(okDepth, true);
    if (conditions.length > 0) this.emit(['end']);
    this.#fail(
      site,
      () => (isWide ? this.lanes.pushFirstOff(condition, index) : this.push(index)),
      () => this.push(length),
    );
    this.emit(['end']);
  }

  /** Conditions that have to hold all of them. */
  #conjuncts(condition: Operand): Operand[] {
    const statement = this.#isRange(condition)
      ? undefined
      : this.takeWaiting(condition, ({ operation, over }) => operation === 'and' && over === 'bool');
    return statement === undefined ? [condition] : statement.operands.flatMap((operand) => this.#conjuncts(operand));
  }

  /** Whether a condition asks of an integer whether it lies between 0 and something that is not negative. */
  #isRange(condition: Operand): boolean {
    return this.#rangeOf(this.#waitingPure(condition)) !== undefined;
  }

  #waitingPure(operand: Operand): Pure | undefined {
    return operand instanceof Value ? this.#waiting.get(operand)?.statement : undefined;
  }

  /** 0 ≤ x < length, as x and length: without sign that is one comparison. */
  #rangeOf(
    statement: Pure | undefined,
  ): { readonly x: Operand; readonly length: Operand; readonly lower: Operand; readonly upper: Operand } | undefined {
    if (statement?.operation !== 'and' || statement.over !== 'bool') return undefined;
    const [lower, upper] = statement.operands as [Operand, Operand];
    const [isNot, isBelow] = [this.#waitingPure(lower), this.#waitingPure(upper)];
    if (isNot?.operation !== 'ge' || isBelow?.operation !== 'lt' || isBelow.over !== 'i64') return undefined;
    const [low, zero] = isNot.operands as [Operand, Operand];
    const [x, length] = isBelow.operands as [Operand, Operand];
    if (!(zero instanceof Constant) || Number(zero.value) !== 0 || !(length instanceof Value)) return undefined;
    if (!this.parts.neverNegative.has(length)) return undefined;
    const definition = x instanceof Value ? this.#definitions.get(x) : undefined;
    const isSame = x === low || (definition?.operation === 'extendS' && definition.operands[0] === low);
    return isSame ? { x, length, lower, upper } : undefined;
  }

  #fail(site: number, pushIndex: () => void, pushLength: () => void): void {
    const slots = [
      (): void => this.emit(['i64.const', site + 1]),
      (): void => this.emit(['i64.const', 0]),
      pushIndex,
      pushLength,
    ];
    for (const [slot, push] of slots.entries()) {
      this.emit(['local.get', this.scratch]);
      push();
      this.emit(['i64.store', slot * slotBytes, 8]);
    }
    this.leave(statusFailed);
  }

  // Routines.

  /** At the start of a framed routine: fails where calls inside calls are too many. */
  checkDepth(limit: LateConstant): void {
    this.emit(['local.get', this.callDepth], limit, ['i32.gt_u'], ['if']);
    this.#fail(
      recursionSite,
      () => this.emit(['local.get', this.callDepth], ['i64.extend_i32_u']),
      () => this.emit(limit, ['i64.extend_i32_u']),
    );
    this.emit(['end']);
  }

  #call({ callee, operands, streams, results }: Call): void {
    const { canFail, isFramed, needsMemory, index } = this.parts.callables.get(callee)!;
    for (const stream of streams) if (this.held.has(stream)) storeStream(this, stream);
    if (needsMemory) this.emit(['local.get', this.descriptor], ['local.get', this.scratch]);
    if (isFramed) this.#pushFrame();
    for (const operand of operands) this.push(operand, handedMaskBytes);
    for (const stream of streams) {
      const { address, offset } = placeOf(this, stream);
      this.emit(['local.get', address]);
      if (offset > 0) this.emit(['i32.const', offset], ['i32.add']);
    }
    this.emit(['call', index]);
    const status = canFail ? this.newLocal('i32') : undefined;
    if (status !== undefined) this.emit(['local.set', status]);
    for (const result of results.toReversed()) this.set(result);
    if (status !== undefined) {
      this.emit(['local.get', status], ['if']);
      this.leaveWithStatus(status);
      this.emit(['end']);
    }
    for (const stream of streams) if (this.held.has(stream)) loadStream(this, stream);
  }

  /** The frame of what is called, and its depth: behind this one, or where such frames begin. */
  #pushFrame(): void {
    if (this.family.isFramed) {
      const size = lateConstant();
      this.family.frameSizes.push(size);
      return this.emit(
        ['local.get', this.frame],
        size,
        ['i32.add'],
        ['local.get', this.callDepth],
        ['i32.const', 1],
        ['i32.add'],
      );
    }
    this.emit(['local.get', this.scratch], ['i32.const', this.parts.fixedEnd], ['i32.add'], ['i32.const', 1]);
  }
}

function constantInstruction({ type, value }: Constant): Instruction {
  const element = elementOf(type);
  return element === 'bool' ? ['i32.const', Number(value)] : [`${element}.const`, value as number | bigint];
}
