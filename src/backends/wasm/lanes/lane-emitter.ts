// The statements of lanes, written into the function around: which code each becomes, and through which locals it goes. What the code is,
// is told by the files beside this one; what differs from function to function, by the host.
import { Constant } from '../../../ir/nodes.js';
import type { Draw, Fold, Load, Operand, Pure, Ramp, Splat, Store, Value } from '../../../ir/nodes.js';
import type { Scalar } from '../../../ir/operations.js';
import { elementOf, lanesOf, storageTypes } from '../../../ir/types.js';
import type { Instruction } from '../encode/instructions.js';
import type { ValueType } from '../encode/module.js';
import type { StateLocals } from '../generator.js';
import { arithmetic, laneCalls, operandBytes, remainders, selectCode } from './arithmetic.js';
import { conversionOf } from './conversions.js';
import { drawCode } from './draw.js';
import { foldCode } from './fold.js';
import {
  areAllOn,
  bitsOfRegister,
  loadGuarded,
  loadLanes,
  loadNeighbours,
  loadSpread,
  reverseLanes,
  storable,
  storeLanes,
  storeNeighbours,
} from './memory.js';
import type { LaneBits, Lowest, Place } from './memory.js';
import type { LanePlan } from './plan.js';
import {
  extractLane,
  integerShape,
  laneBytesOf,
  laneConstant,
  lanesIn,
  maskOfWidth,
  registerOf,
  registersFor,
  shapeOf,
} from './registers.js';
import type { Code, LaneBytes, Lanes } from './registers.js';

/** The function that lane code is written into. */
export interface LaneHost {
  readonly plan: LanePlan;
  readonly emit: (...instructions: readonly Instruction[]) => void;
  readonly emitAll: (instructions: readonly Instruction[]) => void;
  readonly newLocal: (type: ValueType) => number;
  /** Of a value that is read. */
  readonly localsOf: (value: Value) => readonly number[];
  /** Of a value that is assigned. */
  readonly targets: (value: Value) => readonly number[];
  readonly pushScalar: (operand: Operand) => void;
  /** Pushes the i32 address of a buffer's element, but for the distance that is returned; index lanes count as 0. */
  readonly pushAddress: (statement: Load | Store) => number;
  /** The index of the function that computes the remainder of doubles. */
  readonly remainder: () => number;
  /** The index of the function that divides integers. */
  readonly integerDivision: (type: 'i32' | 'i64', operation: 'div' | 'rem') => number;
}

export class LaneEmitter {
  readonly #host: LaneHost;
  /** Locals for the time of a statement, and how many of them the one at hand has taken. */
  readonly #temporaries: Record<'v128' | 'i32', { readonly locals: number[]; taken: number }> = {
    v128: { locals: [], taken: 0 },
    i32: { locals: [], taken: 0 },
  };

  constructor(host: LaneHost) {
    this.#host = host;
  }

  // Registers and locals.

  /** The lanes of an operand; of a mask, as wide as its place asks or as it is kept. */
  #lanes(operand: Operand, maskBytes?: LaneBytes): Lanes {
    const bytes = this.#host.plan.bytesOf(operand);
    const count = lanesOf(operand.type);
    const element = elementOf(operand.type);
    if (operand instanceof Constant) {
      const wanted = element === 'bool' ? (maskBytes ?? bytes) : bytes;
      const register: Code = [registerOf(element, wanted, [operand.value])];
      return { count, bytes: wanted, registers: Array.from({ length: registersFor(count, wanted) }, () => register) };
    }
    const registers = this.#host.localsOf(operand).map((local): Code => [['local.get', local]]);
    const lanes = { count, bytes, registers };
    return element === 'bool' && maskBytes !== undefined ? maskOfWidth(lanes, maskBytes) : lanes;
  }

  /** Pushes the registers of an operand, as they are kept where `target` is. */
  push(operand: Operand, target: Operand | LaneBytes = operand): void {
    const bytes = typeof target === 'number' ? target : this.#host.plan.bytesOf(target);
    for (const register of this.#lanes(operand, bytes).registers) this.#host.emitAll(register);
  }

  /** All registers are computed before the first is set: a local may hold an operand's and then the result's. */
  #set(result: Value, registers: readonly Code[]): void {
    for (const register of registers) this.#host.emitAll(register);
    this.#setFromStack(result);
  }

  #setFromStack(result: Value): void {
    const targets = this.#host.targets(result);
    for (let index = targets.length - 1; index >= 0; index--) this.#host.emit(['local.set', targets[index]!]);
  }

  #temporary(type: 'v128' | 'i32'): number {
    const { locals, taken } = this.#temporaries[type];
    if (taken === locals.length) locals.push(this.#host.newLocal(type));
    this.#temporaries[type].taken++;
    return locals[taken]!;
  }

  readonly #register = (): number => this.#temporary('v128');

  #begin(): void {
    for (const kept of Object.values(this.#temporaries)) kept.taken = 0;
  }

  /** The code's value in a local of the statement's. */
  #keep(type: 'v128' | 'i32', code: Code): number {
    const local = this.#temporary(type);
    this.#host.emitAll(code);
    this.#host.emit(['local.set', local]);
    return local;
  }

  // Statements.

  pure({ operation, over, operands, result }: Pure): void {
    this.#begin();
    const { plan, remainder, integerDivision } = this.#host;
    const element = elementOf(over);
    const resultBytes = plan.bytesOf(result);
    if (plan.chains.products.has(result)) {
      const kept = operands.find((operand) => !(operand instanceof Constant))!;
      return this.#set(result, this.#lanes(kept).registers);
    }
    const difference = plan.chains.differences.get(result);
    if (difference !== undefined) {
      const term = laneConstant('f64', difference.constant);
      const { registers } = this.#lanes(difference.from);
      return this.#set(
        result,
        registers.map((register) => [...register, term, ['f64x2.sub']]),
      );
    }
    if (operation === 'select') {
      const [condition, a, b] = operands as [Operand, Operand, Operand];
      const bytes = operandBytes(element, resultBytes);
      return this.#set(result, selectCode([condition, a, b].map((operand) => this.#lanes(operand, bytes))));
    }
    if ((operation === 'div' || operation === 'rem') && (element === 'i32' || element === 'i64')) {
      const [x, y] = operands.map((operand) => this.#lanes(operand)) as [Lanes, Lanes];
      return this.#set(result, laneCalls(element, x, y, integerDivision(element, operation)));
    }
    if (operation === 'rem') {
      const [x, y] = operands.map((operand) => this.#lanes(operand)) as [Lanes, Lanes];
      const float = element as 'f32' | 'f64';
      return this.#set(result, remainders(float, x, y, remainder()));
    }
    const conversion = conversionOf(operation, element);
    if (conversion !== undefined) {
      // A mask is wanted as wide as what is made of it.
      const x = this.#lanes(operands[0]!, resultBytes);
      return this.#set(result, plan.chains.negated.has(result) ? x.registers : conversion(x, this.#register));
    }
    const bytes = operandBytes(element, resultBytes);
    const lanes = operands.map((operand) => this.#lanes(operand, bytes));
    const [first, second] = operands as [Operand, Operand];
    if (plan.chains.inverted.has(result)) return this.#set(result, lanes[0]!.registers);
    if (operation === 'and' && operands.some((operand) => plan.chains.inverted.has(operand))) {
      const [kept, taken] = plan.chains.inverted.has(second) ? lanes : lanes.toReversed();
      return this.#set(
        result,
        kept!.registers.map((register, index) => [...register, ...taken!.registers[index]!, ['v128.andnot']]),
      );
    }
    // A sum is the same, and asks for no constant.
    if (operation === 'mul' && second instanceof Constant && second.value === 2)
      return this.#set(result, arithmetic('add', element, [first, first], [lanes[0]!, lanes[0]!])!);
    if (operation === 'add' && plan.chains.negated.has(first)) {
      return this.#set(result, arithmetic('sub', element, [second, first], lanes.toReversed())!);
    }
    if ((operation === 'add' || operation === 'sub') && plan.chains.negated.has(second))
      return this.#set(result, arithmetic(operation === 'add' ? 'sub' : 'add', element, operands, lanes)!);
    this.#set(result, arithmetic(operation, element, operands, lanes)!);
  }

  splat({ operand, result }: Splat): void {
    const element = elementOf(result.type);
    const { emit, pushScalar, plan, targets } = this.#host;
    const bytes = plan.bytesOf(result);
    if (element === 'bool') {
      // All bits, or none: less the condition, which is 1 or 0.
      emit(['i32.const', 0]);
      pushScalar(operand);
      emit(['i32.sub']);
      if (bytes === 8) emit(['i64.extend_i32_s']);
      emit([`${integerShape(bytes)}.splat`]);
    } else {
      pushScalar(operand);
      emit([`${shapeOf(element)}.splat`]);
    }
    const [first, ...others] = targets(result) as [number, ...number[]];
    for (const local of others) emit(['local.tee', local]);
    emit(['local.set', first]);
  }

  ramp({ operand, result }: Ramp): void {
    this.#begin();
    const element = elementOf(result.type) as 'f64';
    this.#host.pushScalar(operand);
    const spread = this.#keep('v128', [[`${shapeOf(element)}.splat`]]);
    const bytes = laneBytesOf(element);
    const inOne = lanesIn(bytes);
    const count = lanesOf(result.type);
    const registers = Array.from({ length: registersFor(count, bytes) }, (_, register): Code => {
      const steps: Scalar[] = Array.from({ length: inOne }, (__, lane) => register * inOne + lane);
      return [['local.get', spread], registerOf(element, bytes, steps), [`${shapeOf(element)}.add`]];
    });
    this.#set(result, registers);
  }

  fold({ operation, operand, result }: Fold): void {
    this.#begin();
    const code = foldCode(operation, elementOf(operand.type), this.#lanes(operand), this.#register);
    this.#host.emit(...code, ['local.set', this.#host.targets(result)[0]!]);
  }

  draw({ mask, result }: Draw, states: readonly StateLocals[]): void {
    const element = elementOf(result.type) as 'f64' | 'f32' | 'i64';
    const lanes = mask && this.#lanes(mask, 8);
    this.#set(result, drawCode(states, element, lanes, this.#host.plan.chains.scaled.get(result)));
  }

  /** Starts the generators of a pair of lanes each, in their locals: by the function `seedPair` with `mix` of the key, an i64 local. */
  seed(ordinal: Operand, states: readonly StateLocals[], mixedKey: number, seedPair: number): void {
    const { emit } = this.#host;
    for (const [pair, register] of this.#lanes(ordinal).registers.entries()) {
      emit(['local.get', mixedKey], ...register, ['call', seedPair]);
      for (const word of states[pair]!.words.toReversed()) emit(['local.set', word]);
    }
  }

  // Checks.

  /** Pushes whether a mask is on in all lanes. */
  pushAll(mask: Operand): void {
    this.#host.emit(...foldCode('and', 'bool', this.#lanes(mask), this.#register));
  }

  /** Pushes the lane of `index`, an i64, where the mask is off first; there is one. */
  pushFirstOff(mask: Operand, index: Operand): void {
    const { emit } = this.#host;
    const [conditions, indices] = [this.#lanes(mask), this.#lanes(index)];
    for (let lane = 0; lane < indices.count; lane++) emit(...extractLane(indices, 'i64x2', lane));
    for (let lane = indices.count - 2; lane >= 0; lane--) {
      // What is below is this lane's index, what is above that of the first later one.
      const shape = integerShape(conditions.bytes);
      emit(...extractLane(conditions, shape, lane), [conditions.bytes === 8 ? 'i64.eqz' : 'i32.eqz'], ['select']);
    }
  }

  // Memory.

  #bits(mask: Operand): LaneBits {
    const lanes = this.#lanes(mask);
    const locals = lanes.registers.map((register) => this.#keep('i32', bitsOfRegister(lanes, register)));
    return { count: lanes.count, inRegister: lanesIn(lanes.bytes), locals };
  }

  /** Computes where the elements are. */
  #place(statement: Load | Store): Place {
    const { buffer, index } = statement;
    const { emit, pushAddress, pushScalar } = this.#host;
    const { byteLength } = storageTypes[buffer.storage];
    const offset = pushAddress(statement);
    const isGather = index.some(({ type }) => lanesOf(type) > 1);
    if (isGather) {
      if (offset > 0) emit(['i32.const', offset], ['i32.add']);
      const first = this.#keep('v128', [['i64.extend_i32_u'], ['i64x2.splat']]);
      const addresses: Code[] = [];
      for (const [dimension, place] of index.entries()) {
        if (lanesOf(place.type) === 1) continue;
        const scaled = this.#scaled(this.#lanes(place).registers, buffer.strides[dimension]!, byteLength);
        for (const [register, code] of scaled.entries())
          addresses[register] = [...(addresses[register] ?? [['local.get', first]]), ...code, ['i64x2.add']];
      }
      return { kind: 'each', addresses: addresses.map((code) => this.#keep('v128', code)) };
    }
    const address = this.#keep('i32', []);
    const stride = buffer.strides.at(-1)!;
    if (stride instanceof Constant) return { kind: 'steps', address, offset, step: Number(stride.value) * byteLength };
    pushScalar(stride);
    const step = this.#keep('i32', [['i32.wrap_i64'], ['i32.const', byteLength], ['i32.mul']]);
    return { kind: 'variable', address, offset, step };
  }

  /** Index lanes as bytes. */
  #scaled(registers: readonly Code[], stride: Operand, byteLength: number): Code[] {
    if (stride instanceof Constant) {
      const bytes = BigInt.asIntN(64, (stride.value as bigint) * BigInt(byteLength));
      const exponent = Math.log2(Number(bytes));
      if (Number.isInteger(exponent) && 1n << BigInt(exponent) === bytes)
        return registers.map((register) => [...register, ['i32.const', exponent], ['i64x2.shl']]);
      return registers.map((register) => [...register, laneConstant('i64', bytes), ['i64x2.mul']]);
    }
    this.#host.pushScalar(stride);
    const factor = this.#keep('v128', [['i64.const', byteLength], ['i64.mul'], ['i64x2.splat']]);
    return registers.map((register) => [...register, ['local.get', factor], ['i64x2.mul']]);
  }

  /** Of neighbours, where the lowest is; undefined where they are none. */
  #lowest(place: Place, byteLength: number, count: number): Lowest | undefined {
    if (place.kind !== 'steps' || Math.abs(place.step) !== byteLength) return undefined;
    const { address, offset, step } = place;
    if (step > 0) return { address, offset };
    const distance = offset - (count - 1) * byteLength;
    return { address: this.#keep('i32', [['local.get', address], ['i32.const', distance], ['i32.add']]), offset: 0 };
  }

  load(statement: Load): void {
    this.#begin();
    const { buffer, mask, result } = statement;
    const { emit, plan } = this.#host;
    const { storage } = buffer;
    const { byteLength } = storageTypes[storage];
    const count = lanesOf(result.type);
    const bytes = plan.bytesOf(result);
    const place = this.#place(statement);
    const whole = (): readonly Code[] => {
      const lowest = this.#lowest(place, byteLength, count);
      if (lowest !== undefined) {
        const registers = loadNeighbours(storage, count, bytes, lowest);
        if (place.kind === 'steps' && place.step > 0) return registers;
        const locals = registers.map((register): Code => [['local.get', this.#keep('v128', register)]]);
        return reverseLanes({ count, bytes, registers: locals });
      }
      const isSame = place.kind === 'steps' && place.step === 0;
      const spread = isSame ? loadSpread(storage, count, bytes, place) : undefined;
      return spread ?? loadLanes(storage, count, bytes, place);
    };
    if (mask === undefined) return this.#set(result, whole());
    const bits = this.#bits(mask);
    // What is loaded waits in locals of its own: the result's may still hold the mask or the index.
    const locals = Array.from({ length: registersFor(count, bytes) }, () => this.#register());
    emit(...areAllOn(bits), ['if']);
    for (const [register, code] of whole().entries()) emit(...code, ['local.set', locals[register]!]);
    emit(['else']);
    const { code, registers } = loadGuarded(storage, count, bytes, place, bits, locals);
    emit(...code);
    for (const [register, values] of registers.entries()) emit(...values, ['local.set', locals[register]!]);
    emit(['end']);
    this.#set(
      result,
      locals.map((local): Code => [['local.get', local]]),
    );
  }

  store(statement: Store): void {
    this.#begin();
    const { buffer, value, mask } = statement;
    const { emit } = this.#host;
    const { storage } = buffer;
    const lanes = this.#lanes(value);
    const { count, bytes } = lanes;
    const place = this.#place(statement);
    const locals = storable(storage, lanes).map((register) => this.#keep('v128', register));
    const whole = (): void => {
      const lowest = this.#lowest(place, storageTypes[storage].byteLength, count);
      if (lowest === undefined) return emit(...storeLanes(storage, count, bytes, place, locals, undefined));
      const forwards = { count, bytes, registers: locals.map((local): Code => [['local.get', local]]) };
      const isReversed = place.kind === 'steps' && place.step < 0;
      const registers = isReversed ? reverseLanes(forwards) : forwards.registers;
      emit(...storeNeighbours(storage, { count, bytes, registers }, lowest));
    };
    if (mask === undefined) return whole();
    const bits = this.#bits(mask);
    emit(...areAllOn(bits), ['if']);
    whole();
    emit(['else'], ...storeLanes(storage, count, bytes, place, locals, bits), ['end']);
  }
}
