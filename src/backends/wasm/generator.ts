// Random numbers in WebAssembly (docs/random.md): seeding gen(key, ordinal) and one step of xoshiro256. A generator's state is four i64
// in scratch memory; code that draws knows its address.
import type { Instruction } from './encode/instructions.js';
import type { WasmFunction } from './encode/module.js';

export const stateBytes = 32;
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
  name: 'mix',
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
  name: 'seed',
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
      ['i64.store', 8 * Number(word - 1n), 8],
    ]),
  ],
});

/** Seeds the 16 logical lanes of a block, gen(key, first) … gen(key, first + 15): (address i32, key i64, first i64). */
const seedLanes = (seedIndex: number): WasmFunction => ({
  name: 'seedLanes',
  type: { parameters: ['i32', 'i64', 'i64'], results: [] },
  locals: [],
  isExported: false,
  body: Array.from({ length: 16 }, (_, lane): Instruction[] => [
    ['local.get', 0],
    ['i32.const', lane * stateBytes],
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

/** One step of the generator whose state lies `offset` bytes behind local `address`; leaves the output on the stack. Uses five i64 locals. */
export function drawInstructions(
  address: number,
  offset: number,
  [s0, s1, s2, s3, t]: readonly number[],
  kind: 'f32' | 'f64' | 'i64',
): Instruction[] {
  const load = (local: number, word: number): Instruction[] => [
    ['local.get', address],
    ['i64.load', offset + 8 * word, 8],
    ['local.set', local],
  ];
  const store = (local: number, word: number): Instruction[] => [
    ['local.get', address],
    ['local.get', local],
    ['i64.store', offset + 8 * word, 8],
  ];
  const xorInto = (target: number, other: number): Instruction[] => [
    ['local.get', target],
    ['local.get', other],
    ['i64.xor'],
    ['local.set', target],
  ];
  const sum: Instruction[] = [['local.get', s0!], ['local.get', s3!], ['i64.add']];
  const output: Record<typeof kind, Instruction[]> = {
    f64: [
      ...sum,
      ['i64.const', 12n],
      ['i64.shr_u'],
      ['i64.const', 0x3ff0000000000000n],
      ['i64.or'],
      ['f64.reinterpret_i64'],
      ['f64.const', 1],
      ['f64.sub'],
    ],
    f32: [...sum, ['i64.const', 40n], ['i64.shr_u'], ['f32.convert_i64_u'], ['f32.const', 2 ** -24], ['f32.mul']],
    i64: [...sum, ['i64.const', 23n], ['i64.rotl'], ['local.get', s0!], ['i64.add']],
  };
  return [
    ...[s0!, s1!, s2!, s3!].flatMap(load),
    ...output[kind],
    ['local.get', s1!],
    ['i64.const', 17n],
    ['i64.shl'],
    ['local.set', t!],
    ...xorInto(s2!, s0!),
    ...xorInto(s3!, s1!),
    ...xorInto(s1!, s2!),
    ...xorInto(s0!, s3!),
    ...xorInto(s2!, t!),
    ['local.get', s3!],
    ['i64.const', 45n],
    ['i64.rotl'],
    ['local.set', s3!],
    ...[s0!, s1!, s2!, s3!].flatMap(store),
  ];
}
