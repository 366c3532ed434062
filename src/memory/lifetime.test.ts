// Who keeps a block alive, and until when: garbage is made inside functions of its own, so that no register of a test still holds it, and
// then collected by force.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { nextTurn } from '../platform/node.js';

let heap: typeof import('./heap.js');
let lifetime: typeof import('./lifetime.js');
let settings: typeof import('../platform/settings.js');

beforeEach(async () => {
  vi.resetModules();
  heap = await import('./heap.js');
  lifetime = await import('./lifetime.js');
  settings = await import('../platform/settings.js');
});
afterEach(() => vi.restoreAllMocks());

const blocksLeft = (): number => heap.heapStatistics().blocks;

describe('alloc', () => {
  const constructors = {
    float64: Float64Array,
    float32: Float32Array,
    int8: Int8Array,
    uint8: Uint8Array,
    uint8Clamped: Uint8ClampedArray,
    int16: Int16Array,
    uint16: Uint16Array,
    int32: Int32Array,
    uint32: Uint32Array,
    int64: BigInt64Array,
    uint64: BigUint64Array,
  };

  test('makes every kind of typed array', () => expect(Object.keys(lifetime.alloc)).toEqual(Object.keys(constructors)));

  test.each(Object.entries(constructors))('%s: zeros in the heap, and in all else an ordinary one', (name, kind) => {
    const make = lifetime.alloc[name as keyof typeof constructors];
    const array = make(100);
    expect(array).toBeInstanceOf(kind);
    expect([array.length, array.BYTES_PER_ELEMENT, array.byteOffset % 16]).toEqual([100, kind.BYTES_PER_ELEMENT, 0]);
    expect(Object.prototype.toString.call(array)).toBe(`[object ${kind.name}]`);
    expect(array.constructor).toBe(kind);
    expect(array.every((value) => Number(value) === 0)).toBe(true);
    expect(heap.isInHeap(array)).toBe(true);
    const one = array instanceof BigInt64Array || array instanceof BigUint64Array ? 1n : 1;
    (array as Int8Array).fill(one as number, 10, 20);
    expect(array.subarray(8, 12)).toHaveLength(4);
    expect([...array.subarray(9, 12)].map(Number)).toEqual([0, 1, 1]);
    expect(Object.getPrototypeOf((array as Int8Array).slice(3))).toBe(kind.prototype);
    expect(Object.getPrototypeOf((array as Int8Array).map((value) => value))).toBe(kind.prototype);
    expect(heap.isInHeap((array as Int8Array).filter(() => true))).toBe(false);
  });

  test('gives zeros also where something was before', () => {
    for (const length of [5, 500, 50_000]) {
      const array = lifetime.alloc.float64(length).fill(7);
      lifetime.blockOf(array)!.dispose();
      expect(lifetime.alloc.float64(length).every((value) => value === 0)).toBe(true);
    }
  });

  test('takes 0 elements', () => expect(lifetime.alloc.float64(0)).toHaveLength(0));

  test.each([-1, 1.5, NaN, Infinity, '3', undefined])('refuses %s elements', (length) => {
    expect(() => lifetime.alloc.int16(length as number)).toThrow(
      `error[HEAP003]: alloc.int16 cannot make an array of ${typeof length === 'string' ? '"3"' : length} elements\n` +
        '  = fix: give the number of elements: a whole number from 0 up',
    );
  });
});

describe('a block stays', () => {
  const makePart = (): Float64Array => lifetime.alloc.float64(1000).fill(3).subarray(500).subarray(100, 200);

  test('while any subarray of a subarray is left, and not longer', () => {
    const kept = [makePart(), makePart()];
    expect(heap.reclaim()).toBe(true);
    expect(blocksLeft()).toBe(2);
    expect(kept[0]).toEqual(new Float64Array(100).fill(3));
    kept.shift();
    heap.reclaim();
    expect(blocksLeft()).toBe(1);
    expect(kept[0]).toStrictEqual(new Float64Array(100).fill(3));
    kept.length = 0;
    heap.reclaim();
    expect(blocksLeft()).toBe(0);
  });

  test('while an owner of another kind is left', () => {
    const block = new lifetime.HeapBlock(4000, 'a table', true);
    const owners: object[] = [{}];
    block.addOwner(owners[0]!);
    const makeView = (): void => void lifetime.handOut(Int32Array, block, 400, 10).fill(1);
    makeView();
    heap.reclaim();
    expect([block.isDisposed, blocksLeft()]).toEqual([false, 1]);
    expect(heap.heapStatistics().largest).toEqual([{ label: 'a table', bytes: 4000 }]);
    expect(heap.openHeap().words[block.address / 4 + 100]).toBe(1);
    owners.length = 0;
    heap.reclaim();
    expect([block.isDisposed, blocksLeft()]).toEqual([true, 0]);
  });

  test('and is freed by finalizers too, in a program that awaits', async () => {
    makePart();
    expect(blocksLeft()).toBe(1);
    const { collectGarbage } = await import('../platform/node.js');
    while (blocksLeft() > 0) {
      await nextTurn();
      collectGarbage();
    }
    expect(heap.heapStatistics().live).toBe(0);
  });
});

describe('a shelf', () => {
  const take = (bytes: number) => lifetime.takeFromShelf(bytes);

  test('has several pieces, which do not overlap, on one block', () => {
    const pieces = Array.from({ length: 40 }, (_, index) => take(index + 1));
    const places = pieces.map(({ shelf, offset }) => shelf.block.address + offset);
    const bytes = new Set(places.flatMap((start, index) => Array.from({ length: index + 1 }, (_, at) => start + at)));
    expect(bytes.size).toBe((40 * 41) / 2);
    expect(places.filter((start) => start % 16 !== 0)).toEqual([]);
    expect(blocksLeft()).toBe(new Set(pieces.map(({ shelf }) => shelf)).size);
    expect(blocksLeft()).toBeLessThan(5);
  });

  test('stays while one of its pieces is in use, and not longer', () => {
    const keepOneOfMany = (): unknown[] => {
      const pieces = Array.from({ length: 400 }, () => take(80));
      return [pieces[5], pieces[300]];
    };
    const kept = keepOneOfMany();
    expect(blocksLeft()).toBeGreaterThan(30);
    heap.reclaim();
    // Those of the two, and the one that pieces are taken from.
    expect(blocksLeft()).toBe(3);
    kept.shift();
    heap.reclaim();
    expect(blocksLeft()).toBe(2);
  });

  test('is free at once when all its pieces were given back, or begins anew', () => {
    const first = take(80);
    first.shelf.giveBack();
    expect(take(80)).toEqual(first);
    const pieces = Array.from({ length: 100 }, () => take(80));
    const before = blocksLeft();
    first.shelf.giveBack();
    for (const { shelf } of pieces) shelf.giveBack();
    expect(before).toBeGreaterThan(5);
    expect(blocksLeft()).toBe(1);
  });
});

describe('dispose', () => {
  test('frees at once, and once only', () => {
    const array = lifetime.alloc.float64(1000);
    const part = array.subarray(5);
    const block = lifetime.blockOf(array)!;
    expect(lifetime.blockOf(part)).toBe(block);
    block.dispose();
    block.dispose();
    expect([block.isDisposed, blocksLeft()]).toEqual([true, 0]);
    const next = lifetime.alloc.float64(1000);
    // What is made of a disposed array owns nothing, least of all the block that lies there now.
    const late = part.subarray(1);
    expect(late).toHaveLength(994);
    expect(lifetime.blockOf(late)).toBe(block);
    heap.reclaim();
    expect([blocksLeft(), next.length]).toEqual([1, 1000]);
  });

  test('ordinary arrays belong to no block', () => {
    const array = lifetime.alloc.float64(10);
    expect(lifetime.blockOf(new Float64Array(3))).toBe(undefined);
    expect(lifetime.blockOf(array.slice())).toBe(undefined);
  });
});

describe('garbage', () => {
  test('is collected when the heap would otherwise be full, in a loop that never awaits', () => {
    settings.configure({ maxMemory: '8MiB' });
    for (let round = 0; round < 200; round++) lifetime.alloc.float64(1e5)[0] = round;
    expect(heap.heapStatistics().peak).toBeLessThanOrEqual(8 * 2 ** 20);
  });

  test('is not, where configure says so', () => {
    settings.configure({ maxMemory: '8MiB', forceCollect: false });
    const fill = (): void => {
      for (let round = 0; round < 200; round++) lifetime.alloc.float64(1e5)[0] = round;
    };
    expect(fill).toThrow('forceCollect is false');
    expect(heap.reclaim()).toBe(false);
  });

  test('is collected before the heap grows past 512 MiB, without being asked', () => {
    // Nobody writes to these arrays, so they take no memory of the machine.
    for (let round = 0; round < 30; round++) lifetime.alloc.uint8(2 ** 26);
    expect(heap.heapStatistics().used).toBeLessThanOrEqual(2 ** 29);
  });

  test('is collected when there are very many small arrays', () => {
    for (let round = 0; round < 150_000; round++) lifetime.alloc.uint8(8);
    expect(heap.heapStatistics().peak).toBeLessThan(100_000 * 32);
  });
});
