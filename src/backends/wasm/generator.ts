// Random numbers in WebAssembly (docs/random.md): seeding gen(key, ordinal) and one step of xoshiro256. States lie in scratch memory, two
// beside each other word by word, so that one generator and a pair of lanes find them in the same place: s0 s0' s1 s1' s2 s2' s3 s3'.
import { logicalLanes } from '../../ir/nodes.js';
import type { Instruction } from './encode/instructions.js';
import type { WasmFunction } from './encode/module.js';
import { laneConstant } from './lanes.js';

/** Between the words of a state. */
const wordBytes = 16;
/** Of two states; a single one has the first of the two places. */
export const pairBytes = 4 * wordBytes;
const golden = 0x9e3779b97f4a7c15n;

const shiftXor = (distance: bigint): Instruction[] => [
  ['local.get', 0],
  ['local.get', 0],
  ['i64.const', distance],
  ['i64.shr_u'],
  ['i64.xor'],
];

/** The finaliser of splitmix64: (i64) → i64. */
const mix: WasmFunction = {
  name: 'random.mix',
  type: { parameters: ['i64'], results: ['i64'] },
  locals: [],
  isExported: false,
  body: [
    ...shiftXor(30n),
    ['i64.const', 0xbf58476d1ce4e5b9n],
    ['i64.mul'],
    ['local.set', 0],
    ...shiftXor(27n),
    ['i64.const', 0x94d049bb133111ebn],
    ['i64.mul'],
    ['local.set', 0],
    ...shiftXor(31n),
  ],
};

/** Seeds gen(key, ordinal): (address i32, key i64, ordinal i64). */
const seed = (mixIndex: number): WasmFunction => ({
  name: 'random.seed',
  type: { parameters: ['i32', 'i64', 'i64'], results: [] },
  locals: ['i64'],
  isExported: false,
  body: [
    // child(key, ordinal) = mix(mix(key) + G·(ordinal + 1))
    ['local.get', 1],
    ['call', mixIndex],
    ['local.get', 2],
    ['i64.const', 1n],
    ['i64.add'],
    ['i64.const', golden],
    ['i64.mul'],
    ['i64.add'],
    ['call', mixIndex],
    ['local.set', 3],
    ...[1n, 2n, 3n, 4n].flatMap((word): Instruction[] => [
      ['local.get', 0],
      ['local.get', 3],
      ['i64.const', BigInt.asIntN(64, golden * word)],
      ['i64.add'],
      ['call', mixIndex],
      ['i64.store', wordBytes * Number(word - 1n), 8],
    ]),
  ],
});

/** Seeds the 16 logical lanes of a block, gen(key, first) … gen(key, first + 15): (address i32, key i64, first i64). */
const seedLanes = (seedIndex: number): WasmFunction => ({
  name: 'random.seedLanes',
  type: { parameters: ['i32', 'i64', 'i64'], results: [] },
  locals: [],
  isExported: false,
  body: Array.from({ length: logicalLanes }, (_, lane): Instruction[] => [
    ['local.get', 0],
    ['i32.const', (lane >> 1) * pairBytes + (lane & 1) * 8],
    ['i32.add'],
    ['local.get', 1],
    ['local.get', 2],
    ['i64.const', BigInt(lane)],
    ['i64.add'],
    ['call', seedIndex],
  ]).flat(),
});

/** `seed` and `seedLanes` and what they call, for functions that begin at index `first` of the module. */
export function generatorFunctions(first: number): { functions: WasmFunction[]; seed: number; seedLanes: number } {
  return { functions: [mix, seed(first), seedLanes(first + 1)], seed: first + 1, seedLanes: first + 2 };
}

/** Where a state is: `offset` bytes behind the address in a local. */
export interface StatePlace {
  readonly address: number;
  readonly offset: number;
}

/** What differs between one generator and a pair of them. */
interface Width {
  readonly load: string;
  readonly store: string;
  readonly align: number;
  readonly operation: (name: string) => Instruction;
  readonly constant: (value: bigint) => Instruction;
  /** Shift distances of lanes are i32. */
  readonly shift: (name: string, distance: number) => Instruction[];
  readonly or: Instruction;
  readonly xor: Instruction;
}

const single: Width = {
  load: 'i64.load',
  store: 'i64.store',
  align: 8,
  operation: (name) => [`i64.${name}`],
  constant: (value) => ['i64.const', value],
  shift: (name, distance) => [['i64.const', distance], [`i64.${name}`]],
  or: ['i64.or'],
  xor: ['i64.xor'],
};

const pair: Width = {
  load: 'v128.load',
  store: 'v128.store',
  align: 16,
  operation: (name) => [`i64x2.${name}`],
  constant: (value) => laneConstant('i64', value),
  shift: (name, distance) => [['i32.const', distance], [`i64x2.${name}`]],
  or: ['v128.or'],
  xor: ['v128.xor'],
};

/** The local variables that hold a state: s0…s3, and one for the time of a step. */
export interface StateLocals {
  readonly words: readonly number[];
  readonly temporary: number;
}

const widthOf = (lanes: number): Width => (lanes === 1 ? single : pair);

/** Loads the state of a generator, or with two lanes of a pair, into its locals: i64, or v128. */
export function loadStateInstructions(
  { address, offset }: StatePlace,
  { words }: StateLocals,
  lanes: number,
): Instruction[] {
  const { load, align } = widthOf(lanes);
  return words.flatMap((local, word): Instruction[] => [
    ['local.get', address],
    [load, offset + wordBytes * word, align],
    ['local.set', local],
  ]);
}

export function storeStateInstructions(
  { address, offset }: StatePlace,
  { words }: StateLocals,
  lanes: number,
): Instruction[] {
  const { store, align } = widthOf(lanes);
  return words.flatMap((local, word): Instruction[] => [
    ['local.get', address],
    ['local.get', local],
    [store, offset + wordBytes * word, align],
  ]);
}

/** One step of the state in the locals; leaves the output on the stack. A pair gives doubles only. */
export function stepInstructions(
  { words, temporary }: StateLocals,
  lanes: number,
  kind: 'f32' | 'f64' | 'i64',
): Instruction[] {
  const width = widthOf(lanes);
  const { shift } = width;
  const [s0, s1, s2, s3] = words as [number, number, number, number];
  const get = (local: number): Instruction => ['local.get', local];
  const set = (local: number): Instruction => ['local.set', local];
  const xorInto = (target: number, other: number): Instruction[] => [get(target), get(other), width.xor, set(target)];
  const rotate = (local: number, distance: number): Instruction[] => [
    get(local),
    ...shift('shl', distance),
    get(local),
    ...shift('shr_u', 64 - distance),
    width.or,
  ];
  const sum: Instruction[] = [get(s0), get(s3), width.operation('add')];
  const double: Instruction[] = [...sum, ...shift('shr_u', 12), width.constant(0x3ff0000000000000n), width.or];
  const output: Record<typeof kind, Instruction[]> = {
    f64:
      width === pair
        ? [...double, laneConstant('f64', 1), ['f64x2.sub']]
        : [...double, ['f64.reinterpret_i64'], ['f64.const', 1], ['f64.sub']],
    f32: [...sum, ...shift('shr_u', 40), ['f32.convert_i64_u'], ['f32.const', 2 ** -24], ['f32.mul']],
    i64: [...sum, set(temporary), ...rotate(temporary, 23), get(s0), width.operation('add')],
  };
  return [
    ...output[kind],
    get(s1),
    ...shift('shl', 17),
    set(temporary),
    ...xorInto(s2, s0),
    ...xorInto(s3, s1),
    ...xorInto(s1, s2),
    ...xorInto(s0, s3),
    ...xorInto(s2, temporary),
    ...rotate(s3, 45),
    set(s3),
  ];
}
