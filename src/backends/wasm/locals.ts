// The code of a function as it was emitted, every value in a local of its own → code in which values share locals when one is no longer
// read as another begins, and in which what is read right where it was computed stays on the stack. The fewer locals, the less an engine
// has to merge wherever ways meet: without this its time grows with the square of a function.
// A local is taken from its first mention to its last, and through every loop that mentions it and that it was first mentioned before.
// That is enough because a value is assigned in the text before it is read, and carried into a loop from before it.
import type { Instruction } from './encode/instructions.js';
import type { ValueType } from './encode/module.js';
import { loadRegister, storeRegister } from './registers.js';

/** Not an instruction: stores, and loads again, all locals that are read behind this place. */
export const saveLocals = 'suspension.save';
export const restoreLocals = 'suspension.restore';

export interface DraftFunction {
  readonly parameterCount: number;
  /** Of the locals behind the parameters. */
  readonly localTypes: readonly ValueType[];
  readonly code: readonly Instruction[];
  /** Locals that need not be saved: the start of the function assigns them every time. */
  readonly remade: ReadonlySet<number>;
  /** The local with the address of the frame, and the place of a saved local in it. */
  readonly frame: number;
  readonly placeOf: (local: number, type: ValueType) => number;
}

const isAccess = (name: string): boolean => name === 'local.get' || name === 'local.set' || name === 'local.tee';

/** What was stored only to be loaded at once stays on the stack; what nobody loads is dropped. */
function keepOnStack(code: readonly Instruction[], parameterCount: number): Instruction[] {
  const reads = new Map<number, number>();
  const writes = new Map<number, number>();
  for (const [name, local] of code as readonly [string, number][]) {
    if (name === 'local.get') reads.set(local, (reads.get(local) ?? 0) + 1);
    else if (name === 'local.set' || name === 'local.tee') writes.set(local, (writes.get(local) ?? 0) + 1);
  }
  const kept: Instruction[] = [];
  for (let at = 0; at < code.length; at++) {
    const instruction = code[at]!;
    const [name, local] = instruction as readonly [string, number];
    const next = code[at + 1];
    if (name !== 'local.set' || local < parameterCount) kept.push(instruction);
    else if (!reads.has(local)) kept.push(['drop']);
    else if (next?.[0] === 'local.get' && next[1] === local) {
      if (reads.get(local) !== 1 || writes.get(local) !== 1) kept.push(['local.tee', local]);
      at++;
    } else kept.push(instruction);
  }
  return kept;
}

/** Where each local behind the parameters is taken: positions in the code, both included. */
function intervalsOf(
  code: readonly Instruction[],
  parameterCount: number,
  count: number,
): { first: Int32Array; last: Int32Array } {
  const first = new Int32Array(count).fill(-1);
  const last = new Int32Array(count).fill(-1);
  const endOfLoop = new Map<number, number>();
  const open: number[] = [];
  for (const [at, [name]] of code.entries()) {
    if (name === 'block' || name === 'loop' || name === 'if') open.push(at);
    else if (name === 'end') {
      const start = open.pop()!;
      if (code[start]![0] === 'loop') endOfLoop.set(start, at);
    }
  }
  const kinds: boolean[] = [];
  const loops: number[] = [];
  for (const [at, [name, operand]] of code.entries()) {
    if (name === 'block' || name === 'loop' || name === 'if') {
      kinds.push(name === 'loop');
      if (name === 'loop') loops.push(at);
    } else if (name === 'end') {
      if (kinds.pop()) loops.pop();
    } else if (isAccess(name) && (operand as number) >= parameterCount) {
      const local = (operand as number) - parameterCount;
      if (first[local] === -1) first[local] = at;
      const around = loops.find((start) => start > first[local]!);
      last[local] = Math.max(last[local]!, at, around === undefined ? -1 : endOfLoop.get(around)!);
    }
  }
  return { first, last };
}

export function finishCode({ parameterCount, localTypes, code: emitted, remade, frame, placeOf }: DraftFunction): {
  locals: ValueType[];
  body: Instruction[];
} {
  const code = keepOnStack(emitted, parameterCount);
  const { first, last } = intervalsOf(code, parameterCount, localTypes.length);

  const endingAt = new Map<number, number[]>();
  const beginning: number[] = [];
  for (const [local, start] of first.entries()) {
    if (start < 0) continue;
    beginning.push(local);
    const ending = endingAt.get(last[local]!);
    if (ending) ending.push(local);
    else endingAt.set(last[local]!, [local]);
  }
  beginning.sort((a, b) => first[a]! - first[b]!);

  // Locals are numbered type by type at the end, so that they are declared in few groups.
  const numberOf = new Int32Array(localTypes.length).fill(-1);
  const totals = new Map<ValueType, number>();
  const free = new Map<ValueType, number[]>();
  const live = new Set<number>();
  let nextBeginning = 0;
  const liveAt = new Map<number, readonly number[]>();
  for (const [at, [name]] of code.entries()) {
    const local = beginning[nextBeginning];
    if (local !== undefined && first[local] === at) {
      nextBeginning++;
      const type = localTypes[local]!;
      const number = free.get(type)?.pop();
      if (number === undefined) totals.set(type, (totals.get(type) ?? 0) + 1);
      numberOf[local] = number ?? totals.get(type)! - 1;
      live.add(local);
    }
    if (name === saveLocals) liveAt.set(at, [...live]);
    for (const ended of endingAt.get(at) ?? []) {
      live.delete(ended);
      const type = localTypes[ended]!;
      const numbers = free.get(type);
      if (numbers) numbers.push(numberOf[ended]!);
      else free.set(type, [numberOf[ended]!]);
    }
  }

  const bases = new Map<ValueType, number>();
  const locals: ValueType[] = [];
  for (const [type, total] of totals) {
    bases.set(type, parameterCount + locals.length);
    for (let count = 0; count < total; count++) locals.push(type);
  }
  const final = (local: number): number => bases.get(localTypes[local]!)! + numberOf[local]!;

  // A restoration stands a little behind the saving of the same point; what lives through both is what it brings back.
  let saved: readonly number[] = [];
  const body: Instruction[] = [];
  for (const [at, instruction] of code.entries()) {
    const [name, operand] = instruction as readonly [string, number];
    if (isAccess(name) && operand >= parameterCount) body.push([name, final(operand - parameterCount)]);
    else if (name === saveLocals) {
      saved = liveAt.get(at)!.filter((local) => !remade.has(local + parameterCount));
      for (const local of saved) {
        const type = localTypes[local]!;
        body.push(['local.get', frame], ['local.get', final(local)], storeRegister(type, placeOf(local, type)));
      }
    } else if (name === restoreLocals) {
      for (const local of saved) {
        if (last[local]! <= at) continue;
        const type = localTypes[local]!;
        body.push(['local.get', frame], loadRegister(type, placeOf(local, type)), ['local.set', final(local)]);
      }
    } else body.push(instruction);
  }
  return { locals, body };
}
