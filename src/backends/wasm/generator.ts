// Random numbers in WebAssembly (docs/random.md): seeding gen(key, ordinal) and one step of xoshiro256, of one generator in scalars or of
// a pair of them in lanes of 64 bits. States that lie in scratch memory lie two beside each other word by word, so that one generator and
// a pair find them in the same place: s0 s0' s1 s1' s2 s2' s3 s3'.
import { logicalLanes } from '../../ir/nodes.js';
import type { Instruction } from './encode/instructions.js';
import type { WasmFunction } from './encode/module.js';
import { laneConstant } from './lanes/registers.js';

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

/** Seeds gen(key, ordinal): (address i32, mix(key) i64, ordinal i64). */
const seedMixed = (mixIndex: number): WasmFunction => ({
  name: 'random.seedMixed',
  type: { parameters: ['i32', 'i64', 'i64'], results: [] },
  locals: ['i64'],
  isExported: false,
  body: [
    // child(key, ordinal) = mix(mix(key) + G·(ordinal + 1))
    ['local.get', 1],
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

/** Seeds gen(key, ordinal): (address i32, key i64, ordinal i64). */
const seed = (mixIndex: number, seedMixedIndex: number): WasmFunction => ({
  name: 'random.seed',
  type: { parameters: ['i32', 'i64', 'i64'], results: [] },
  locals: [],
  isExported: false,
  body: [
    ['local.get', 0],
    ['local.get', 1],
    ['call', mixIndex],
    ['local.get', 2],
    ['call', seedMixedIndex],
  ],
});

/** Seeds the 16 logical lanes of a block, gen(key, first) … gen(key, first + 15): (address i32, key i64, first i64). */
const seedLanes = (mixIndex: number, seedMixedIndex: number): WasmFunction => ({
  name: 'random.seedLanes',
  type: { parameters: ['i32', 'i64', 'i64'], results: [] },
  locals: [],
  isExported: false,
  body: [
    ['local.get', 1],
    ['call', mixIndex],
    ['local.set', 1],
    ...Array.from({ length: logicalLanes }, (_, lane): Instruction[] => [
      ['local.get', 0],
      ['i32.const', (lane >> 1) * pairBytes + (lane & 1) * 8],
      ['i32.add'],
      ['local.get', 1],
      ['local.get', 2],
      ['i64.const', BigInt(lane)],
      ['i64.add'],
      ['call', seedMixedIndex],
    ]).flat(),
  ],
});

/** The same in lanes: mixes the pair on the stack. */
function mixPair(local: number): Instruction[] {
  const shifted = (distance: number): Instruction[] => [
    ['local.tee', local],
    ['local.get', local],
    ['i32.const', distance],
    ['i64x2.shr_u'],
    ['v128.xor'],
  ];
  return [
    ...shifted(30),
    laneConstant('i64', 0xbf58476d1ce4e5b9n),
    ['i64x2.mul'],
    ...shifted(27),
    laneConstant('i64', 0x94d049bb133111ebn),
    ['i64x2.mul'],
    ...shifted(31),
  ];
}

/** The states of gen(key, ordinal) for a pair of ordinals: (mix(key) i64, ordinals v128) → s0 … s3, each a v128. */
const seedPair: WasmFunction = {
  name: 'random.seedPair',
  type: { parameters: ['i64', 'v128'], results: ['v128', 'v128', 'v128', 'v128'] },
  locals: ['v128'],
  isExported: false,
  body: [
    ['local.get', 1],
    laneConstant('i64', 1n),
    ['i64x2.add'],
    laneConstant('i64', golden),
    ['i64x2.mul'],
    ['local.get', 0],
    ['i64x2.splat'],
    ['i64x2.add'],
    ...mixPair(2),
    ['local.set', 1],
    ...[1n, 2n, 3n, 4n].flatMap((word): Instruction[] => [
      ['local.get', 1],
      laneConstant('i64', golden * word),
      ['i64x2.add'],
      ...mixPair(2),
    ]),
  ],
};

export interface GeneratorFunctions {
  readonly functions: readonly WasmFunction[];
  /** Indices in the module. */
  readonly mix: number;
  readonly seed: number;
  readonly seedLanes: number;
  readonly seedPair: number;
}

/** The functions that seed generators, for a module in which they begin at index `first`. */
export function generatorFunctions(first: number): GeneratorFunctions {
  const [mixIndex, mixedIndex] = [first, first + 1];
  return {
    functions: [mix, seedMixed(mixIndex), seed(mixIndex, mixedIndex), seedLanes(mixIndex, mixedIndex), seedPair],
    mix: mixIndex,
    seed: first + 2,
    seedLanes: first + 3,
    seedPair: first + 4,
  };
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
  shift: (name, distance) => [['i64.const', distance], [`i64.${name}`]],
  or: ['i64.or'],
  xor: ['i64.xor'],
};

const pair: Width = {
  load: 'v128.load',
  store: 'v128.store',
  align: 16,
  operation: (name) => [`i64x2.${name}`],
  shift: (name, distance) => [['i32.const', distance], [`i64x2.${name}`]],
  or: ['v128.or'],
  xor: ['v128.xor'],
};

/** The local variables that hold a state, or those of a pair: s0…s3, and one for the time of a step. */
export interface StateLocals {
  readonly words: readonly number[];
  readonly temporary: number;
}

/** Generators of a pair. */
export const pairLanes = 2;
/** States that a stream of so many lanes has; a single generator has one. */
export const pairsOf = (lanes: number): number => Math.ceil(lanes / pairLanes);

const widthOf = (lanes: number): Width => (lanes === 1 ? single : pair);

/** Loads the state of a generator, or with more lanes of a pair, into its locals: i64, or v128. */
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

const get = (local: number): Instruction => ['local.get', local];
const set = (local: number): Instruction => ['local.set', local];

const rotate = ({ shift, or }: Width, value: readonly Instruction[], distance: number): Instruction[] => [
  ...value,
  ...shift('shl', distance),
  ...value,
  ...shift('shr_u', 64 - distance),
  or,
];

/** Pushes s0 + s3, whose upper bits floating draws are made of. */
export function sumInstructions({ words }: StateLocals, lanes: number): Instruction[] {
  return [get(words[0]!), get(words[3]!), widthOf(lanes).operation('add')];
}

/** Pushes rotl(s0 + s3, 23) + s0, the raw bits. */
export function scrambledInstructions(state: StateLocals, lanes: number): Instruction[] {
  const width = widthOf(lanes);
  const { words, temporary } = state;
  return [
    ...sumInstructions(state, lanes),
    set(temporary),
    ...rotate(width, [get(temporary)], 23),
    get(words[0]!),
    width.operation('add'),
  ];
}

/** Moves the state one step on. */
export function advanceInstructions({ words, temporary }: StateLocals, lanes: number): Instruction[] {
  const width = widthOf(lanes);
  const [s0, s1, s2, s3] = words as [number, number, number, number];
  const xorInto = (target: number, other: number): Instruction[] => [get(target), get(other), width.xor, set(target)];
  return [
    get(s1),
    ...width.shift('shl', 17),
    set(temporary),
    ...xorInto(s2, s0),
    ...xorInto(s3, s1),
    ...xorInto(s1, s2),
    ...xorInto(s0, s3),
    ...xorInto(s2, temporary),
    ...rotate(width, [get(s3)], 45),
    set(s3),
  ];
}

/** Moves those of a pair on whose lane of `mask` is on: what a step changes is put under the mask, where that takes fewer operations. */
export function maskedAdvanceInstructions({ words }: StateLocals, mask: readonly Instruction[]): Instruction[] {
  const [s0, s1, s2, s3] = words as [number, number, number, number];
  const xor: Instruction = ['v128.xor'];
  const under = (...change: readonly Instruction[]): Instruction[] => [...change, ...mask, ['v128.and'], xor];
  return [
    get(s0),
    ...under(get(s3), get(s1), xor),
    get(s1),
    ...under(get(s2), get(s0), xor),
    get(s2),
    ...under(get(s1), ...pair.shift('shl', 17), get(s0), xor),
    ...rotate(pair, [get(s3), get(s1), xor], 45),
    get(s3),
    ...mask,
    ['v128.bitselect'],
    set(s3),
    set(s2),
    set(s1),
    set(s0),
  ];
}

/** A draw of one generator: leaves the number on the stack. */
export function stepInstructions(state: StateLocals, kind: 'f32' | 'f64' | 'i64'): Instruction[] {
  const sum = sumInstructions(state, 1);
  const output: Record<typeof kind, Instruction[]> = {
    f64: [
      ...sum,
      ...single.shift('shr_u', 12),
      ['i64.const', 0x3ff0000000000000n],
      ['i64.or'],
      ['f64.reinterpret_i64'],
      ['f64.const', 1],
      ['f64.sub'],
    ],
    f32: [...sum, ...single.shift('shr_u', 40), ['f32.convert_i64_u'], ['f32.const', 2 ** -24], ['f32.mul']],
    i64: scrambledInstructions(state, 1),
  };
  return [...output[kind], ...advanceInstructions(state, 1)];
}
