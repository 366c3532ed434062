// What is fed to the battery is what docs/random.md says: each arrangement's first words against the law's own generator.
import { expect, test } from 'vitest';
import { childKey, generatorOf } from '../../src/random/keys.js';
import { arrangements } from './arrangements.js';

const key = 42n;
const ofEach = (open: (m: bigint) => { raw(): bigint }) =>
  Array.from({ length: 3000 }, (_, m) => open(BigInt(m))).flatMap((g) => [g.raw(), g.raw(), g.raw(), g.raw()]);

/** Draws of rule 8, for ordinals in order. */
function inLanes<T>(count: number, draw: (g: ReturnType<typeof generatorOf>) => T): T[] {
  const open = new Map<bigint, ReturnType<typeof generatorOf>>();
  return Array.from({ length: count }, (_, ordinal) => {
    const lane = BigInt(16 * Math.floor(ordinal / 4096) + (ordinal % 16));
    if (!open.has(lane)) open.set(lane, generatorOf(key, lane));
    return draw(open.get(lane)!);
  });
}

const stream = generatorOf(key, 0n);
const wanted: Record<string, readonly bigint[]> = {
  stream: Array.from({ length: 5000 }, () => stream.raw()),
  // Past the end of the first chunk, where the next call begins.
  lanes: inLanes(2 ** 18 + 5000, (g) => g.raw()),
  blocks: ofEach((m) => generatorOf(key, 16n * m)),
  each: ofEach((m) => generatorOf(key, m)),
  children: ofEach((m) => generatorOf(childKey(key, m), 0n)),
  seeds: ofEach((m) => generatorOf(key + m, 0n)),
};

test.each(Object.keys(wanted))('%s', (name) => {
  const numbers = wanted[name]!;
  const found: bigint[] = [];
  for (const chunk of arrangements.find((each) => each.name === name)!.chunks(key)) {
    for (const number of new BigUint64Array(chunk.slice().buffer)) found.push(number);
    if (found.length >= numbers.length) break;
  }
  expect(found.slice(0, numbers.length)).toEqual(numbers);
});

test('floats', () => {
  const [chunk] = arrangements.find(({ name }) => name === 'floats')!.chunks(key);
  const words = [...new Uint32Array(chunk!.slice().buffer)].slice(0, 9000);
  expect(words).toEqual(inLanes(9000, (g) => Math.floor(g.float64() * 2 ** 32)));
});

test('every arrangement is one of these', () => {
  expect(arrangements.map(({ name }) => name)).toEqual([...Object.keys(wanted), 'floats']);
});
