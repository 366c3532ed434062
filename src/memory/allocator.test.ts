// The allocator alone, over words in place of a memory: whatever is asked of it, blocks never overlap and lie as they were asked to, the
// counts are right, and what is free again is one piece again. And its lock, with threads that fight for it.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InternalError } from '../base/errors.js';
import { Allocator, bookkeepingBytes, unitBytes } from './allocator.js';

const mebibyte = 2 ** 20;

/** An empty heap; its data is not there, as the allocator never looks at it. */
function makeAllocator(maximumBytes = 4 * mebibyte, committedBytes = mebibyte) {
  const words = new Int32Array(bookkeepingBytes(maximumBytes) / 4);
  Allocator.format(words, maximumBytes, committedBytes);
  const grown: number[] = [];
  const allocator = new Allocator(words, (unit) => {
    grown.push(unit);
    return Math.min(maximumBytes / unitBytes, unit + 9);
  });
  const take = (bytes: number, alignment = 16): number => allocator.take(bytes, alignment, Infinity, 0);
  return { allocator, words, grown, take };
}

type Step = { readonly take: number; readonly alignment: number } | { readonly release: number };

const sizes = fc.oneof(
  fc.integer({ min: 0, max: 300 }),
  fc.integer({ min: 1, max: 33_000 }),
  fc.integer({ min: 32_769, max: 400_000 }),
  // Around the borders of bins.
  fc.integer({ min: 62, max: 70 }).map((units) => units * unitBytes),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ take: sizes, alignment: fc.constantFrom(16, 16, 16, 64, 256, 4096) }) },
  { weight: 2, arbitrary: fc.record({ release: fc.nat() }) },
);

/** What has to be true of the runs at any time; the heap's end is `top`. */
function checkRuns(allocator: Allocator, firstUnit: number): void {
  let [unit, wasFree] = [firstUnit, false];
  for (const run of allocator.runs()) {
    expect(run.unit).toBe(unit);
    // Two free neighbors would be one.
    expect(wasFree && run.kind === 'free').toBe(false);
    [unit, wasFree] = [run.unit + run.units, run.kind === 'free'];
  }
  // The last run is in use: a free one would be part of what lies behind `top`.
  expect(wasFree).toBe(false);
}

describe('any order of taking and releasing', () => {
  test('keeps blocks apart and aligned, counts right, and gives one piece back in the end', () => {
    const property = (steps: readonly Step[]): void => {
      const { allocator, take } = makeAllocator();
      const firstUnit = bookkeepingBytes(allocator.maximumBytes) / unitBytes;
      const empty = allocator.largestFree();
      const blocks: { address: number; bytes: number }[] = [];
      let [live, peak] = [0, 0];
      for (const wanted of steps) {
        if ('take' in wanted) {
          const address = take(wanted.take, wanted.alignment);
          if (address === 0) continue;
          const grown = allocator.counts().live - live;
          expect(grown).toBeGreaterThanOrEqual(wanted.take);
          // A size class is at most a quarter too large (a half below 64 bytes), a run at most a unit; alignment may cost more.
          if (wanted.alignment === 16) {
            const rounded = wanted.take > 32_768 ? wanted.take + unitBytes : Math.max(48, wanted.take * 1.25 + 16);
            expect(grown).toBeLessThanOrEqual(rounded);
          }
          expect(address % wanted.alignment).toBe(0);
          expect(address).toBeGreaterThanOrEqual(firstUnit * unitBytes);
          expect(address + grown).toBeLessThanOrEqual(allocator.maximumBytes);
          blocks.push({ address, bytes: grown });
          live += grown;
        } else if (blocks.length > 0) {
          const [block] = blocks.splice(wanted.release % blocks.length, 1);
          expect(allocator.release(block!.address)).toBe(block!.bytes);
          live -= block!.bytes;
        }
        peak = Math.max(peak, live);
      }
      const sorted = blocks.toSorted((a, b) => a.address - b.address);
      for (const [index, { address, bytes }] of sorted.entries())
        expect(address + bytes).toBeLessThanOrEqual(sorted[index + 1]?.address ?? Infinity);
      checkRuns(allocator, firstUnit);
      expect(allocator.counts()).toMatchObject({ live, peak, blocks: blocks.length });
      for (const { address } of blocks) allocator.release(address);
      expect(allocator.runs()).toEqual([]);
      expect(allocator.largestFree()).toBe(empty);
      expect(allocator.counts()).toMatchObject({ live: 0, blocks: 0 });
    };
    fc.assert(fc.property(fc.array(step, { maxLength: 120 }), property), { numRuns: 300 });
  });

  test('finds the longest free run, and knows that there is no longer one', () => {
    const property = (steps: readonly Step[]): void => {
      const { allocator, take } = makeAllocator(2 * mebibyte);
      const addresses: number[] = [];
      for (const wanted of steps) {
        if ('take' in wanted) {
          const address = take(wanted.take, wanted.alignment);
          if (address !== 0) addresses.push(address);
        } else if (addresses.length > 0) allocator.release(addresses.splice(wanted.release % addresses.length, 1)[0]!);
      }
      const longest = allocator.largestFree();
      fc.pre(longest > 32_768);
      expect(take(longest + 1)).toBe(0);
      expect(take(longest)).not.toBe(0);
    };
    fc.assert(fc.property(fc.array(step, { minLength: 10, maxLength: 80 }), property), { numRuns: 500 });
  });

  test('gives a piece that is free again to the next who asks', () => {
    const { allocator, take } = makeAllocator();
    const pieces = Array.from({ length: 300 }, () => take(32));
    for (const index of [0, 40, 127, 128, 255]) {
      allocator.release(pieces[index]!);
      expect(take(32)).toBe(pieces[index]);
    }
  });
});

describe('growing', () => {
  test('is asked for only beyond what there is, and not twice for the same', () => {
    const { grown, take, allocator } = makeAllocator();
    const first = take(900_000);
    expect(grown).toEqual([]);
    take(900_000);
    expect(grown).toEqual([first / unitBytes + 2 * Math.ceil(900_000 / unitBytes)]);
    take(9 * unitBytes);
    expect(grown).toHaveLength(1);
    expect(allocator.counts().used).toBe((2 * Math.ceil(900_000 / unitBytes) + 9) * unitBytes);
  });

  test('stops at the limit that the caller sets, but memory that was in use before is not growth', () => {
    const { allocator } = makeAllocator();
    const limit = bookkeepingBytes(allocator.maximumBytes) + 100 * unitBytes;
    const take = (units: number): number => allocator.take(units * unitBytes, 16, limit, 0);
    const address = take(100);
    expect(address).not.toBe(0);
    expect(take(100)).toBe(0);
    expect(allocator.take(100 * unitBytes, 16, Infinity, 0)).not.toBe(0);
    allocator.release(address);
    expect(take(100)).toBe(address);
  });

  test('a memory that cannot grow is a full one', () => {
    const words = new Int32Array(bookkeepingBytes(4 * mebibyte) / 4);
    Allocator.format(words, 4 * mebibyte, mebibyte);
    const allocator = new Allocator(words, () => 0);
    expect(allocator.take(2 * mebibyte, 16, Infinity, 0)).toBe(0);
    expect(allocator.take(mebibyte / 2, 16, Infinity, 0)).not.toBe(0);
    expect(allocator.counts().blocks).toBe(1);
  });
});

describe('what may not be zero', () => {
  test('is what was in use before, and nothing else', () => {
    const { allocator, take } = makeAllocator();
    const first = take(50 * unitBytes);
    expect(allocator.dirtyBytes).toBe(0);
    allocator.release(first);
    expect(take(80 * unitBytes)).toBe(first);
    expect(allocator.dirtyBytes).toBe(50 * unitBytes);
    take(48);
    expect(allocator.dirtyBytes).toBe(48);
  });
});

describe('wrong releases are refused, and change nothing', () => {
  test.each([0, 8, 17, 4096, 5 * mebibyte, 2 ** 40, -16])('address %d', (address) => {
    const { allocator, take } = makeAllocator();
    take(100);
    expect(() => allocator.release(address)).toThrow(InternalError);
    expect(allocator.counts().blocks).toBe(1);
  });

  test.each([40, 5000, 100_000])('twice, %d bytes', (bytes) => {
    const { allocator, take } = makeAllocator();
    const neighbors = [take(bytes), take(bytes), take(bytes)];
    allocator.release(neighbors[1]!);
    expect(() => allocator.release(neighbors[1]!)).toThrow('error[HEAP001]: no block of the heap begins at address');
    expect(() => allocator.release(neighbors[0]! + 16)).toThrow('HEAP001');
    allocator.release(neighbors[0]!);
    expect(() => allocator.release(neighbors[0]!)).toThrow('HEAP001');
    expect(allocator.counts().blocks).toBe(1);
    allocator.release(neighbors[2]!);
    expect(allocator.runs()).toEqual([]);
  });
});

describe('threads', () => {
  test('are numbered, and what belongs to one is freed when it has ended', () => {
    const { allocator, words, take } = makeAllocator();
    const other = new Allocator(words, () => 0);
    expect([allocator.thread, other.thread]).toEqual([1, 2]);
    const kept = take(100_000);
    other.take(100_000, 16, Infinity, other.thread);
    other.take(200_000, 16, Infinity, other.thread);
    const raw = other.take(100_000, 16, Infinity, 0);
    expect(allocator.forgetThread(other.thread)).toBe(true);
    expect(allocator.counts().blocks).toBe(2);
    allocator.release(kept);
    allocator.release(raw);
    expect(allocator.runs()).toEqual([]);
  });

  test('one that ends inside takes the heap with it, and nobody waits for it', () => {
    const { allocator, words, take } = makeAllocator();
    words[1] = 7; // the lock, held by thread 7
    expect(allocator.forgetThread(7)).toBe(false);
    expect(() => take(10)).toThrow('error[HEAP004]: the heap can no longer be used');
    expect(() => allocator.counts()).toThrow('HEAP004');
  });

  // The built allocator, as a worker cannot load TypeScript; its own words, shared.
  test('take turns', async () => {
    const maximumBytes = 64 * mebibyte;
    const words = new Int32Array(new SharedArrayBuffer(bookkeepingBytes(maximumBytes)));
    Allocator.format(words, maximumBytes, maximumBytes);
    const rounds = 20_000;
    const program = `
      const { workerData, parentPort } = require('node:worker_threads');
      import(workerData.module).then(({ Allocator }) => {
        const allocator = new Allocator(workerData.words, () => 0);
        const mine = [];
        let state = allocator.thread;
        const random = (below) => ((state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 8) % below;
        for (let round = 0; round < ${rounds}; round++) {
          if (mine.length > 40) allocator.release(mine.splice(random(mine.length), 1)[0]);
          else mine.push(allocator.take(1 + random(random(8) === 0 ? 60000 : 500), 16, Infinity, 0));
        }
        parentPort.postMessage(mine);
      });`;
    const module = new URL('../../dist/memory/allocator.js', import.meta.url).href;
    const workers = Array.from(
      { length: 3 },
      () => new Worker(program, { eval: true, workerData: { words, module }, execArgv: [] }),
    );
    const allocator = new Allocator(words, () => 0);
    const addresses = (await Promise.all(workers.map((worker) => once(worker, 'message')))).flatMap(
      ([mine]) => mine as number[],
    );
    expect(new Set(addresses).size).toBe(addresses.length);
    expect(allocator.counts().blocks).toBe(addresses.length);
    for (const address of addresses) allocator.release(address);
    expect(allocator.runs()).toEqual([]);
    await Promise.all(workers.map((worker) => worker.terminate()));
  });
});
