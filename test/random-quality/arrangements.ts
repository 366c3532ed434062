// The orders in which draws of docs/random.md are laid side by side for the battery: each turns a key into 32-bit words without end.
// All but the single stream are kernels that go through our own passes and backend, so what is tested is what programs draw.
import { readProgram } from '../../src/ir/read.js';
import { assertLegal } from '../../src/ir/verify.js';
import { allocate, openHeap } from '../../src/memory/heap.js';
import { generatorOf } from '../../src/random/keys.js';
import { makeExecutable } from '../../src/runtime/executable.js';

export interface Arrangement {
  readonly name: string;
  /** What lies beside what. */
  readonly tells: string;
  /** Chunks of words, little-endian, each to be used before the next is asked for. */
  readonly chunks: (key: bigint) => Generator<Uint8Array, never>;
}

/** 64-bit numbers of a chunk: 2 MiB. */
const chunkLength = 2 ** 18;

function* oneStream(key: bigint): Generator<Uint8Array, never> {
  const generator = generatorOf(key, 0n);
  const words = new BigUint64Array(chunkLength);
  for (;;) {
    for (let index = 0; index < chunkLength; index++) words[index] = generator.raw();
    yield new Uint8Array(words.buffer);
  }
}

/**
 * A kernel `@fill(%key, %first, %n)` that fills `out` with n numbers of the ordinals from %first on, `perOrdinal` for each.
 * The words are what it stores: two a number of 64 bits, one a number of 32.
 */
function* filled(text: string, bytesEach: number, key: bigint, perOrdinal: number): Generator<Uint8Array, never> {
  const program = readProgram(text);
  assertLegal(program, 'reading');
  const fill = makeExecutable(program.kernels[0]!);
  const address = allocate(chunkLength * bytesEach);
  const ordinals = BigInt(chunkLength / perOrdinal);
  for (let first = 0n; ; first += ordinals) {
    fill.call([BigInt.asIntN(64, key), first, ordinals], [address]);
    // A copy: pipes take no shared memory.
    yield openHeap().bytes.slice(address, address + chunkLength * bytesEach);
  }
}

const kernel = (storage: string, body: string): string => `kernel @fill(%key: i64, %first: i64, %n: i64) {
  buffer out: ${storage}[${chunkLength}] strides [1] write alias 0
  body {
${body}
    return []
  }
}
`;

// A loop of 4096 · b iterations uses up the 16 · b generators behind its base, so the next call's base is first / 256.
const lanes = kernel(
  'i64',
  `%base = shrU.i64 %first 8
  for @fill %i < %n () draws $g lanes %key from %base {
    %raw: i64 = draw $g
    store out[%i] %raw
    yield []
  }`,
);

const floats = kernel(
  'u32',
  `%base = shrU.i64 %first 8
  for @fill %i < %n () draws $g lanes %key from %base {
    %u: f64 = draw $g
    %scaled = mul.f64 %u 4294967296.0
    %top = truncI64.f64 %scaled
    store out[%i] %top
    yield []
  }`,
);

/** The first `draws` draws of a generator for each ordinal, whose key and ordinal the lines give. */
const firstDraws = (lines: string, key: string, ordinal: string, draws: number): string =>
  kernel(
    'i64',
    `for @fill %i < %n () {
    %m = add.i64 %first %i
    ${lines}
    stream $g = gen ${key} ${ordinal}
    %place = mul.i64 %i ${draws}
${Array.from(
  { length: draws },
  (_, draw) =>
    `    %raw${draw}: i64 = draw $g\n    %place${draw} = add.i64 %place ${draw}\n    store out[%place${draw}] %raw${draw}`,
).join('\n')}
    yield []
  }`,
  );

/** `%to = mix(%from)`: the finaliser of splitmix64, as src/random/keys.ts has it. */
const mixLines = (to: string, from: string): string => `%${to}1 = shrU.i64 %${from} 30
    %${to}2 = xor.i64 %${from} %${to}1
    %${to}3 = mul.i64 %${to}2 ${BigInt.asIntN(64, 0xbf58476d1ce4e5b9n)}
    %${to}4 = shrU.i64 %${to}3 27
    %${to}5 = xor.i64 %${to}3 %${to}4
    %${to}6 = mul.i64 %${to}5 ${BigInt.asIntN(64, 0x94d049bb133111ebn)}
    %${to}7 = shrU.i64 %${to}6 31
    %${to} = xor.i64 %${to}6 %${to}7`;

const childLines = `${mixLines('mixed', 'key')}
    %next = add.i64 %m 1
    %far = mul.i64 %next ${BigInt.asIntN(64, 0x9e3779b97f4a7c15n)}
    %sum = add.i64 %mixed %far
    ${mixLines('child', 'sum')}`;

const drawsOfEach = 4;

export const arrangements: readonly Arrangement[] = [
  { name: 'stream', tells: 'gen(K, 0), draw after draw', chunks: oneStream },
  {
    name: 'lanes',
    tells: 'a loop that owns its draws: 16 lanes interleaved, a new block every 4096 draws (rule 8)',
    chunks: (key) => filled(lanes, 8, key, 1),
  },
  {
    name: 'blocks',
    tells: `the first ${drawsOfEach} draws of the first lane of each block: gen(K, 0), gen(K, 16), gen(K, 32) …`,
    chunks: (key) =>
      filled(firstDraws('%ordinal = shl.i64 %m 4', '%key', '%ordinal', drawsOfEach), 8, key, drawsOfEach),
  },
  {
    name: 'each',
    tells: `the first ${drawsOfEach} draws of each iteration's own generator: gen(K, 0), gen(K, 1), gen(K, 2) … (rule 9)`,
    chunks: (key) => filled(firstDraws('', '%key', '%m', drawsOfEach), 8, key, drawsOfEach),
  },
  {
    name: 'children',
    tells: `the first ${drawsOfEach} draws of each spawned child: gen(child(K, m), 0) for m = 0, 1, 2 … (rule 4)`,
    chunks: (key) => filled(firstDraws(childLines, '%child', '0', drawsOfEach), 8, key, drawsOfEach),
  },
  {
    name: 'seeds',
    tells: `the first ${drawsOfEach} draws of neighbouring seeds: gen(K, 0), gen(K + 1, 0), gen(K + 2, 0) …`,
    chunks: (key) => filled(firstDraws('%seed = add.i64 %key %m', '%seed', '0', drawsOfEach), 8, key, drawsOfEach),
  },
  {
    name: 'floats',
    tells: 'the top 32 bits of float64 draws, lanes interleaved as in lanes',
    chunks: (key) => filled(floats, 4, key, 1),
  },
];
