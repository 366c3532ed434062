// The code of a function as it was emitted, every value in a local of its own → code in which values share locals when one is no longer
// read as another begins, and in which what is read right where it was computed stays on the stack. The fewer locals, the less an engine
// has to merge wherever ways meet: without this its time grows with the square of a function.
// A local is taken from its first mention to its last, and through every loop that mentions it and that it was first mentioned before.
// That is enough because a value is assigned in the text before it is read, and carried into a loop from before it.
// It runs in the first call of a function, mostly before the engine has compiled it: its loops do without iterators and closures.
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

/** What is loaded before each, and the instruction that does both. */
const splats: ReadonlyMap<string, readonly [load: string, both: string]> = new Map([
  ['f64x2.splat', ['f64.load', 'v128.load64_splat']],
  ['i64x2.splat', ['i64.load', 'v128.load64_splat']],
  ['f32x4.splat', ['f32.load', 'v128.load32_splat']],
  ['i32x4.splat', ['i32.load', 'v128.load32_splat']],
]);

function splattingLoad(loaded: Instruction | undefined, splat: string): Instruction | undefined {
  const [load, both] = splats.get(splat)!;
  return loaded?.[0] === load ? ([both, ...loaded.slice(1)] as unknown as Instruction) : undefined;
}

/** Code with, for each instruction, the local behind the parameters that it accesses: −1 where it does not. */
interface AccessingCode {
  readonly code: readonly Instruction[];
  readonly accessed: readonly number[];
}

/** What was stored only to be loaded at once stays on the stack; what nobody loads is dropped. */
function keepOnStack(emitted: readonly Instruction[], parameterCount: number, count: number): AccessingCode {
  const reads = new Int32Array(count);
  const writes = new Int32Array(count);
  const locals = new Int32Array(emitted.length).fill(-1);
  for (let at = 0; at < emitted.length; at++) {
    const instruction = emitted[at]!;
    const name = instruction[0];
    if (name !== 'local.get' && name !== 'local.set' && name !== 'local.tee') continue;
    const local = (instruction[1] as number) - parameterCount;
    if (local < 0) continue;
    locals[at] = local;
    if (name === 'local.get') reads[local]!++;
    else writes[local]!++;
  }
  const code: Instruction[] = [];
  const accessed: number[] = [];
  for (let at = 0; at < emitted.length; at++) {
    const instruction = emitted[at]!;
    const name = instruction[0];
    const local = locals[at]!;
    if (local < 0 || name !== 'local.set') {
      // What is loaded for all lanes at once takes one instruction, which also leaves the units that compute alone.
      const splatting = splats.has(name) ? splattingLoad(code.at(-1), name) : undefined;
      if (splatting) code[code.length - 1] = splatting;
      else {
        code.push(instruction);
        accessed.push(local);
      }
      continue;
    }
    if (reads[local] === 0) {
      code.push(['drop']);
      accessed.push(-1);
      continue;
    }
    const next = emitted[at + 1];
    if (next?.[0] !== 'local.get' || next[1] !== instruction[1]) {
      code.push(instruction);
      accessed.push(local);
      continue;
    }
    if (reads[local] !== 1 || writes[local] !== 1) {
      code.push(['local.tee', instruction[1] as number]);
      accessed.push(local);
    }
    at++;
  }
  return { code, accessed };
}

interface Intervals {
  /** Where each local behind the parameters is taken: positions in the code, both included; −1 where it is not mentioned. */
  readonly first: Int32Array;
  readonly last: Int32Array;
  /** Whether the code saves locals. */
  readonly isSaving: boolean;
}

function intervalsOf({ code, accessed }: AccessingCode, count: number): Intervals {
  const first = new Int32Array(count).fill(-1);
  const last = new Int32Array(count).fill(-1);
  const endOfLoop = new Map<number, number>();
  const open: number[] = [];
  let isSaving = false;
  for (let at = 0; at < code.length; at++) {
    if (accessed[at]! >= 0) continue;
    const name = code[at]![0];
    if (name === saveLocals) isSaving = true;
    else if (name === 'block' || name === 'loop' || name === 'if') open.push(at);
    else if (name === 'end') {
      const start = open.pop()!;
      if (code[start]![0] === 'loop') endOfLoop.set(start, at);
    }
  }
  /** Starts of the loops around, outermost first. */
  const loops: number[] = [];
  for (let at = 0; at < code.length; at++) {
    const local = accessed[at]!;
    if (local >= 0) {
      if (first[local] === -1) first[local] = at;
      const start = first[local]!;
      let end = at;
      for (let around = 0; around < loops.length; around++) {
        if (loops[around]! < start) continue;
        end = endOfLoop.get(loops[around]!)!;
        break;
      }
      if (end > last[local]!) last[local] = end;
      continue;
    }
    const name = code[at]![0];
    if (name === 'loop') loops.push(at);
    else if (name === 'end' && endOfLoop.get(loops.at(-1) ?? -1) === at) loops.pop();
  }
  return { first, last, isSaving };
}

export function finishCode({ parameterCount, localTypes, code: emitted, remade, frame, placeOf }: DraftFunction): {
  locals: ValueType[];
  body: Instruction[];
} {
  const count = localTypes.length;
  const kept = keepOnStack(emitted, parameterCount, count);
  const { code, accessed } = kept;
  const { first, last, isSaving } = intervalsOf(kept, count);

  /** For each position the last local whose interval ends there, and for each local the one before. */
  const endingAt = new Int32Array(code.length).fill(-1);
  const endingBefore = new Int32Array(count);
  for (let local = 0; local < count; local++) {
    if (first[local]! < 0) continue;
    endingBefore[local] = endingAt[last[local]!]!;
    endingAt[last[local]!] = local;
  }

  // Locals are numbered type by type at the end, so that they are declared in few groups.
  const numberOf = new Int32Array(count).fill(-1);
  const totals = new Map<ValueType, number>();
  const free = new Map<ValueType, number[]>();
  const live = new Set<number>();
  const liveAt = new Map<number, readonly number[]>();
  for (let at = 0; at < code.length; at++) {
    const local = accessed[at]!;
    if (local >= 0) {
      if (first[local] === at) {
        const type = localTypes[local]!;
        let number = free.get(type)?.pop();
        if (number === undefined) {
          number = totals.get(type) ?? 0;
          totals.set(type, number + 1);
        }
        numberOf[local] = number;
        if (isSaving) live.add(local);
      }
    } else if (isSaving && code[at]![0] === saveLocals) liveAt.set(at, [...live]);
    for (let ended = endingAt[at]!; ended >= 0; ended = endingBefore[ended]!) {
      if (isSaving) live.delete(ended);
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
    for (let number = 0; number < total; number++) locals.push(type);
  }
  const final = new Int32Array(count);
  for (let local = 0; local < count; local++)
    if (numberOf[local]! >= 0) final[local] = bases.get(localTypes[local]!)! + numberOf[local]!;

  // A restoration stands a little behind the saving of the same point; what lives through both is what it brings back.
  let saved: readonly number[] = [];
  const body: Instruction[] = [];
  for (let at = 0; at < code.length; at++) {
    const instruction = code[at]!;
    const name = instruction[0];
    const mentioned = accessed[at]!;
    if (mentioned >= 0) body.push([name, final[mentioned]!]);
    else if (name === saveLocals) {
      saved = liveAt.get(at)!.filter((local) => !remade.has(local + parameterCount));
      for (const local of saved) {
        const type = localTypes[local]!;
        body.push(['local.get', frame], ['local.get', final[local]!], storeRegister(type, placeOf(local, type)));
      }
    } else if (name === restoreLocals) {
      for (const local of saved) {
        if (last[local]! <= at) continue;
        const type = localTypes[local]!;
        body.push(['local.get', frame], loadRegister(type, placeOf(local, type)), ['local.set', final[local]!]);
      }
    } else body.push(instruction);
  }
  return { locals, body };
}
