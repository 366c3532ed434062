// What the functions of one module share: their list, the descriptor, which grows while they are written, and the helpers that they call.
import { Constant, Value } from '../../ir/nodes.js';
import type { Buffer, Kernel, Operand, OwnedStream, Stream } from '../../ir/nodes.js';
import type { ValueType, WasmFunction } from './encode/module.js';
import { generatorFunctions } from './generator.js';
import type { GeneratorFunctions } from './generator.js';
import { integerDivisions, remainderFunction, toInt32Function } from './helper-functions.js';
import { localTypes } from './lanes/index.js';
import type { LanePlan } from './lanes/index.js';
import { layoutOf, slotBytes } from './layout.js';
import type { DescriptorLayout } from './layout.js';
import { bytesOfRegisters, registerBytes } from './registers.js';
import type { RoutineFacts } from './routine-facts.js';
import type { Work } from './work.js';

/** An i32 constant whose number is known only when more has been written. */
export type LateConstant = [name: string, value: number];

/** A routine that can be called: its facts and its function. */
export interface Callable extends RoutineFacts {
  readonly index: number;
}

/** A parallel loop of the kernel as an entry of the module. */
export interface Section {
  readonly name: string;
  readonly index: number;
  /** What it finds in the descriptor. */
  readonly captured: ReadonlySet<Value>;
  /** Bytes of scratch memory that a thread has to lend it. */
  readonly scratchBytes: number;
}

export class ModuleParts {
  readonly kernel: Kernel;
  readonly work: Work;
  readonly lanePlan: LanePlan;
  /** Whether the machine has instructions for lanes. */
  readonly hasLanes: boolean;
  readonly callables = new Map<string, Callable>();
  readonly #functions: (WasmFunction | undefined)[] = [];
  readonly #names: Set<string>;
  readonly #layout: DescriptorLayout;
  readonly #captures = new Map<Value, number>();
  #slots: number;
  readonly #bases = new Map<Buffer, Value>();
  readonly #blocks = new Map<Stream, object>();
  readonly sections: Section[] = [];
  /** Constants that stand for where in scratch memory a section begins that the body calls itself. */
  readonly calleeScratch: LateConstant[] = [];
  readonly neverNegative = new Set<Value>();
  readonly #helpers = new Map<string, number>();
  #generator: GeneratorFunctions | undefined;
  /** Where in scratch memory the frames of routines end that have a fixed place; frames of the others follow, then those of entries. */
  fixedEnd: number;
  entryStart = 0;

  constructor(
    kernel: Kernel,
    { work, lanePlan, hasLanes }: Pick<ModuleParts, 'work' | 'lanePlan' | 'hasLanes'>,
    fixedEnd: number,
  ) {
    this.kernel = kernel;
    this.work = work;
    this.lanePlan = lanePlan;
    this.hasLanes = hasLanes;
    this.fixedEnd = fixedEnd;
    this.#layout = layoutOf(kernel);
    this.#slots = this.#layout.slots;
    this.#names = new Set([kernel.name]);
    for (const { shape } of kernel.buffers)
      for (const extent of shape) if (extent instanceof Value) this.neverNegative.add(extent);
  }

  get layout(): DescriptorLayout {
    return { ...this.#layout, slots: this.#slots };
  }

  /** A place for a function, so that it can be called before it is finished. */
  reserve(): number {
    return this.#functions.push(undefined) - 1;
  }

  finish(index: number, f: WasmFunction): void {
    // What is exported is called by its name; nothing else is.
    this.#functions[index] = f.isExported ? f : { ...f, name: this.#unique(f.name) };
  }

  /** What an activation of the function takes of the engine's stack at most. */
  stackBytesOf(index: number): number {
    const { type, locals } = this.#functions[index]!;
    return [...type.parameters, ...type.results, ...locals].reduce((sum, local) => sum + registerBytes(local), 0);
  }

  functions(): WasmFunction[] {
    return this.#functions.map((f) => f!);
  }

  /** Two loops of one label, or a routine called as a kernel is, have names of their own in the text of the module. */
  #unique(name: string): string {
    let unique = name;
    for (let number = 2; this.#names.has(unique); number++) unique = `${name}.${number}`;
    this.#names.add(unique);
    return unique;
  }

  /** The byte in the descriptor where sections find a value of the function around them. */
  captureOffset(value: Value): number {
    let slot = this.#captures.get(value);
    if (slot === undefined) {
      slot = this.#slots;
      this.#slots += bytesOfRegisters(this.registersOf(value)) / slotBytes;
      this.#captures.set(value, slot);
    }
    return slot * slotBytes;
  }

  /** The address of a buffer's element [0, 0, …] as a value, so that it is handed on as other values are. */
  baseOf(buffer: Buffer): Value {
    let base = this.#bases.get(buffer);
    if (base === undefined) {
      base = new Value('i32', buffer.name);
      this.#bases.set(buffer, base);
    }
    return base;
  }

  registersOf(value: Value): readonly ValueType[] {
    return localTypes(value.type, this.lanePlan.bytesOf(value));
  }

  /** What the memory for a block of an owning loop belongs to: loops that continue one another share it. */
  blockOf({ stream, continues }: OwnedStream): object {
    const block = this.#blocks.get(continues ?? stream) ?? {};
    this.#blocks.set(continues ?? stream, block);
    this.#blocks.set(stream, block);
    return block;
  }

  /** The index of a loop: never negative where its start is not. */
  noteIndex(index: Value, start: Operand): void {
    const isNot = start instanceof Constant ? (start.value as bigint) >= 0n : this.neverNegative.has(start);
    if (isNot) this.neverNegative.add(index);
  }

  // Helpers become part of the module when they are first called.

  /** Those that seed generators. */
  get generator(): GeneratorFunctions {
    if (this.#generator === undefined) {
      this.#generator = generatorFunctions(this.#functions.length);
      for (const f of this.#generator.functions) this.finish(this.reserve(), f);
    }
    return this.#generator;
  }

  get remainder(): number {
    return this.#helper(remainderFunction);
  }

  integerDivision(type: 'i32' | 'i64', operation: 'div' | 'rem'): number {
    return this.#helper(integerDivisions[type][operation]);
  }

  get toInt32(): number {
    return this.#helper(toInt32Function);
  }

  #helper(f: WasmFunction): number {
    let index = this.#helpers.get(f.name);
    if (index === undefined) {
      index = this.reserve();
      this.finish(index, f);
      this.#helpers.set(f.name, index);
    }
    return index;
  }
}

export const lateConstant = (): LateConstant => ['i32.const', 0];
