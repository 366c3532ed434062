// Lanes as registers: n lanes of e bytes are ceil(n·e / 16) v128, the first lanes first; two lanes of 4 bytes are the lower half of one,
// whose upper half may hold anything. A lane of a mask has all its bits set, or none; it is 4 or 8 bytes wide (mask-widths.ts says which),
// so that masks meet what they guard without being spread.
// A register is written as the code that pushes it: mostly one instruction, sometimes a few that convert a mask on its way.
import type { Scalar } from '../../../ir/operations.js';
import type { ScalarType } from '../../../ir/types.js';
import type { Instruction } from '../encode/instructions.js';

/** What leaves its results on the stack. */
export type Code = readonly Instruction[];

/** Of a lane. */
export type LaneBytes = 4 | 8;

export interface Lanes {
  readonly count: number;
  readonly bytes: LaneBytes;
  /** Each pushes one. */
  readonly registers: readonly Code[];
}

const registerBytes = 16;

/** Of lanes that are no masks. */
export const laneBytesOf = (element: Exclude<ScalarType, 'bool'>): LaneBytes =>
  element === 'f64' || element === 'i64' ? 8 : 4;

export const registersFor = (count: number, bytes: LaneBytes): number => Math.ceil((count * bytes) / registerBytes);

/** Lanes that a register has room for. */
export const lanesIn = (bytes: LaneBytes): number => registerBytes / bytes;

/** Whether half of the only register is unused. */
export const isHalf = ({ count, bytes }: Pick<Lanes, 'count' | 'bytes'>): boolean => count < lanesIn(bytes);

const shapes = { f64: 'f64x2', i64: 'i64x2', f32: 'f32x4', i32: 'i32x4' } as const;

export const shapeOf = (element: Exclude<ScalarType, 'bool'>): string => shapes[element];

/** Masks and bits are integers of their width. */
export const integerShape = (bytes: LaneBytes): string => (bytes === 8 ? 'i64x2' : 'i32x4');

export const zeroRegister: Instruction = ['v128.const', ...Array.from({ length: registerBytes }, () => 0)];

/** One register of these scalars, as many as it has lanes; of fewer, repeated. */
export function registerOf(element: ScalarType, bytes: LaneBytes, scalars: readonly Scalar[]): Instruction {
  const view = new DataView(new ArrayBuffer(registerBytes));
  for (let lane = 0; lane < lanesIn(bytes); lane++) {
    const scalar = scalars[lane % scalars.length]!;
    const at = lane * bytes;
    if (element === 'f64') view.setFloat64(at, Number(scalar), true);
    else if (element === 'f32') view.setFloat32(at, Number(scalar), true);
    else {
      const integer = element === 'bool' ? -BigInt(scalar) : BigInt(scalar);
      if (bytes === 8) view.setBigInt64(at, integer, true);
      else view.setInt32(at, Number(BigInt.asIntN(32, integer)), true);
    }
  }
  return ['v128.const', ...new Uint8Array(view.buffer)];
}

/** The same number in every lane. */
export const laneConstant = (element: Exclude<ScalarType, 'bool'>, value: Scalar): Instruction =>
  registerOf(element, laneBytesOf(element), [value]);

/** The code of register `index`, put together by `code` of all operands' registers of that index. */
export function eachRegister(operands: readonly Lanes[], code: (...registers: Code[]) => Code): Code[] {
  return operands[0]!.registers.map((_, index) => code(...operands.map(({ registers }) => registers[index]!)));
}

/** The same where `code` takes them all from the stack: what lanes do most. */
export function eachRegisterThen(operands: readonly Lanes[], code: Code): Code[] {
  const codes: Code[] = [];
  const count = operands[0]!.registers.length;
  for (let index = 0; index < count; index++) {
    const pushed: Instruction[] = [];
    // Called for every operation before the engine has compiled it, when a spread goes through an iterator and this does not.
    for (let operand = 0; operand < operands.length; operand++) pushed.push(...operands[operand]!.registers[index]!);
    pushed.push(...code);
    codes.push(pushed);
  }
  return codes;
}

/** Pushes lane `lane` as a scalar: of a mask, all bits or none of an i32 or i64. */
export function extractLane({ bytes, registers }: Lanes, shape: string, lane: number): Code {
  const inOne = lanesIn(bytes);
  return [...registers[Math.floor(lane / inOne)]!, [`${shape}.extract_lane`, lane % inOne]];
}

/** Registers of the scalars that each code pushes. */
export function assemble(shape: string, bytes: LaneBytes, scalars: readonly Code[]): Code[] {
  const inOne = lanesIn(bytes);
  return Array.from({ length: registersFor(scalars.length, bytes) }, (_, register) =>
    scalars
      .slice(register * inOne, (register + 1) * inOne)
      .flatMap((scalar, lane): Instruction[] => [
        ...scalar,
        lane === 0 ? [`${shape}.splat`] : [`${shape}.replace_lane`, lane],
      ]),
  );
}

/** Takes two registers from the stack and leaves bytes of theirs: 0 … 15 of the first, 16 … 31 of the second. */
export const shuffle = (bytes: readonly number[]): Instruction => ['i8x16.shuffle', ...bytes];

const indices = (count: number, at: (index: number) => number): number[] =>
  Array.from({ length: count }, (_, index) => at(index));

/** The lower half of every lane of two registers, beside each other. */
export const lowerHalvesOfLanes = (bytes: number): Instruction =>
  shuffle(indices(registerBytes, (at) => Math.floor(at / (bytes / 2)) * bytes + (at % (bytes / 2))));

/** The lower 8 bytes of two registers, beside each other. */
export const lowerHalves: Instruction = shuffle(indices(registerBytes, (at) => (at < 8 ? at : at + 8)));

/** The upper 8 bytes of a register that is there twice, below. */
export const upperHalf: Instruction = shuffle(indices(registerBytes, (at) => 8 + (at % 8)));

/** Of a register that is there twice: its lanes from last to first. */
export const reversed = (bytes: LaneBytes): Instruction =>
  shuffle(indices(registerBytes, (at) => registerBytes - bytes - Math.floor(at / bytes) * bytes + (at % bytes)));

/** Of a register that is there twice: each group of `group` lanes' bytes changes places with the one beside it. */
export const swapped = (groupBytes: number): Instruction => shuffle(indices(registerBytes, (at) => at ^ groupBytes));

/** Lanes of half the width: what is left of each are its lower bytes. */
export function narrow(registers: readonly Code[], bytes: number): Code[] {
  return Array.from({ length: Math.ceil(registers.length / 2) }, (_, index) => {
    const first = registers[2 * index]!;
    return [...first, ...(registers[2 * index + 1] ?? first), lowerHalvesOfLanes(bytes)];
  });
}

/** Lanes of 8 bytes from integers of 4. */
export function extend({ count, registers }: Lanes, sign: 's' | 'u'): Code[] {
  return Array.from({ length: registersFor(count, 8) }, (_, index) => [
    ...registers[index >> 1]!,
    [`i64x2.extend_${index % 2 === 0 ? 'low' : 'high'}_i32x4_${sign}`],
  ]);
}

/** The mask in lanes of that width. */
export function maskOfWidth(mask: Lanes, bytes: LaneBytes): Lanes {
  if (mask.bytes === bytes) return mask;
  // All bits or none stay so, whether copied or cut.
  const registers = bytes === 8 ? extend(mask, 's') : narrow(mask.registers, 8);
  return { count: mask.count, bytes, registers };
}
