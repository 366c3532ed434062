// The heap as its users see it: opened late, right views after growing and in other threads, call memory that is a stack of any depth, and
// the error of a full one. Each test opens a heap of its own.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

let heap: typeof import('./heap.js');
let lifetime: typeof import('./lifetime.js');
let settings: typeof import('../platform/settings.js');

beforeEach(async () => {
  vi.resetModules();
  heap = await import('./heap.js');
  lifetime = await import('./lifetime.js');
  settings = await import('../platform/settings.js');
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const mebibyte = 2 ** 20;
const messageOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was thrown';
};

describe('opening', () => {
  test('happens once, when the heap is first needed', () => {
    const { Memory } = WebAssembly;
    const memory = vi.spyOn(WebAssembly, 'Memory').mockImplementation(function (descriptor) {
      return new Memory(descriptor);
    });
    expect(heap.heapStatistics()).toMatchObject({ reserved: 0, maximum: 0 });
    expect(heap.memoryLimits()).toEqual({ initialPages: 1, maximumPages: 65536, isShared: true });
    expect(memory).not.toHaveBeenCalled();
    expect(heap.openHeap()).toBe(heap.openHeap());
    expect(memory).toHaveBeenCalledTimes(1);
    expect(heap.heapStatistics()).toMatchObject({ live: 0, blocks: 0, used: 0, maximum: 2 ** 32 });
  });

  test('takes as much as the engine grants, from 4 GiB downwards', () => {
    const { Memory } = WebAssembly;
    const tried: number[] = [];
    vi.spyOn(WebAssembly, 'Memory').mockImplementation(function (descriptor) {
      tried.push(descriptor.maximum!);
      if (descriptor.maximum! > 10_000) throw new RangeError('could not allocate memory');
      return new Memory(descriptor);
    });
    heap.openHeap();
    expect(tried).toEqual([65_536, 32_768, 16_384, 8192]);
    expect(heap.heapStatistics().maximum).toBe(8192 * 65_536);
  });

  test('says when there is nothing to be had', () => {
    vi.spyOn(WebAssembly, 'Memory').mockImplementation(function () {
      throw new RangeError('could not allocate memory');
    });
    expect(messageOf(() => heap.openHeap())).toBe(
      'error[HEAP005]: there is no memory for the heap\n' +
        '  = note: the engine refused a WebAssembly memory of 1.0 MiB to 4.0 GiB\n' +
        '  = fix: give the process more address space: ulimit -v, or the limits of its container, may be what holds it',
    );
  });

  test('follows maxMemory and HEDDLE_MAX_MEMORY, and afterwards holds to it', () => {
    vi.stubEnv('HEDDLE_MAX_MEMORY', '3MiB');
    heap.openHeap();
    expect(heap.heapStatistics().maximum).toBe(3 * mebibyte);
    expect(messageOf(() => settings.configure({ maxMemory: '4MiB' }))).toContain(
      'error[CONFIG002]: maxMemory cannot be set to "4MiB" any more\n  = note: the heap is open',
    );
  });

  test('in a page that is not isolated: an unshared memory that never has to grow', () => {
    vi.stubGlobal('SharedArrayBuffer', undefined);
    settings.configure({ maxMemory: '64MiB' });
    expect(heap.memoryLimits().isShared).toBe(false);
    const { memory } = heap.openHeap();
    expect(memory.buffer).toBeInstanceOf(ArrayBuffer);
    const first = lifetime.alloc.float64(10).fill(1);
    const address = heap.allocate(40 * mebibyte);
    expect(address + 40 * mebibyte).toBeLessThanOrEqual(memory.buffer.byteLength);
    expect(first[9]).toBe(1);
    expect(messageOf(() => heap.allocate(40 * mebibyte))).toContain('HEAP002');
  });
});

describe('views', () => {
  test('are right after the heap has grown, and older ones for what they cover', () => {
    const open = heap.openHeap();
    const { doubles, bytes } = open;
    const address = heap.allocate(80);
    doubles[address / 8] = 1.5;
    const large = heap.allocate(100 * mebibyte);
    expect(large + 100 * mebibyte).toBeGreaterThan(bytes.length);
    expect(open.bytes.length).toBe(open.memory.buffer.byteLength);
    open.doubles[large / 8 + 12_000_000] = 2.5;
    expect(open.doubles[address / 8]).toBe(1.5);
    expect(new Float64Array(open.memory.buffer, large + 96_000_000, 1)[0]).toBe(2.5);
    doubles[address / 8]!++;
    expect(open.doubles[address / 8]).toBe(2.5);
    for (const view of [open.longs, open.floats, open.words]) expect(view.byteLength).toBe(open.bytes.length);
  });

  test('tell whose bytes lie in the heap, whenever they were handed out', () => {
    const early = lifetime.alloc.int32(3);
    heap.allocate(100 * mebibyte);
    const late = lifetime.alloc.int32(3);
    expect(early.buffer).not.toBe(late.buffer);
    expect([early, late, early.subarray(1)].map(heap.isInHeap)).toEqual([true, true, true]);
    expect([new Int32Array(3), late.slice()].map(heap.isInHeap)).toEqual([false, false]);
    late[1] = 7;
    expect(heap.openHeap().words[late.byteOffset / 4 + 1]).toBe(7);
  });

  test('a module that declares the limits runs in any heap', () => {
    settings.configure({ maxMemory: '2MiB' });
    const { initialPages, maximumPages } = heap.memoryLimits();
    const leb = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]);
    const entry = [3, 101, 110, 118, 1, 109, 2, 3, ...leb(initialPages), ...leb(maximumPages)];
    const bytes = [0, 97, 115, 109, 1, 0, 0, 0, 2, entry.length + 1, 1, ...entry];
    const module = new WebAssembly.Module(new Uint8Array(bytes));
    expect(() => new WebAssembly.Instance(module, { env: { m: heap.openHeap().memory } })).not.toThrow();
  });
});

describe('allocate', () => {
  test('gives zeros where asked, also where something was before', () => {
    const open = heap.openHeap();
    for (const bytes of [40, 5000, 300_000]) {
      const address = heap.allocate(bytes);
      open.bytes.fill(255, address, address + bytes);
      heap.release(address);
      const again = heap.allocate(2 * bytes, { zeroed: true });
      expect(open.bytes.subarray(again, again + 2 * bytes).every((byte) => byte === 0)).toBe(true);
    }
  });

  test('aligns', () => {
    for (const alignment of [16, 32, 64, 128, 1024, 4096]) {
      for (const bytes of [1, 48, 100, 3000, 100_000]) expect(heap.allocate(bytes, alignment) % alignment).toBe(0);
    }
    expect(messageOf(() => heap.allocate(10, 48))).toContain(
      'error[HEAP001]: the heap cannot give 10 bytes with alignment 48',
    );
    expect(messageOf(() => heap.allocate(NaN))).toContain('HEAP001');
  });
});

describe('call memory', () => {
  test('is a stack, whose first region never moves', () => {
    const first = heap.borrowCallMemory(1000);
    expect(first % 16).toBe(0);
    const second = heap.borrowCallMemory(24);
    expect(second).toBe(first + 1008);
    heap.returnCallMemory(24);
    heap.returnCallMemory(1000);
    expect(heap.borrowCallMemory(8)).toBe(first);
  });

  test('goes as deep as it has to, and comes back', () => {
    const { bytes } = heap.openHeap();
    const sizes = Array.from({ length: 400 }, (_, index) => (index % 7 === 6 ? 300_000 : 500 * (index % 50) + 1));
    const base = heap.borrowCallMemory(64);
    const { blocks } = heap.heapStatistics();
    for (let round = 0; round < 3; round++) {
      const addresses = sizes.map((size) => heap.borrowCallMemory(size));
      const ranges = addresses.map((address, index) => [address, address + sizes[index]!] as const);
      for (const [index, [, end]] of ranges.toSorted((a, b) => a[0] - b[0]).entries()) {
        expect(end).toBeLessThanOrEqual(ranges.toSorted((a, b) => a[0] - b[0])[index + 1]?.[0] ?? Infinity);
      }
      expect(heap.openHeap().bytes.length).toBeGreaterThanOrEqual(Math.max(...addresses));
      for (const size of sizes.toReversed()) heap.returnCallMemory(size);
      // At most one region is kept for the next time.
      expect(heap.heapStatistics().blocks).toBeLessThanOrEqual(blocks + 1);
    }
    expect(heap.borrowCallMemory(16)).toBe(base + 64);
    expect(base + 80).toBeLessThan(bytes.length);
  });

  test('a call at the edge of a region does not take and give back a region each time', () => {
    heap.borrowCallMemory(2 ** 17);
    heap.borrowCallMemory(16);
    heap.returnCallMemory(16);
    const open = heap.openHeap();
    const grow = vi.spyOn(open.memory, 'grow');
    const { blocks } = heap.heapStatistics();
    for (let call = 0; call < 10; call++) {
      heap.borrowCallMemory(16);
      expect(heap.heapStatistics().blocks).toBe(blocks);
      heap.returnCallMemory(16);
    }
    expect(grow).not.toHaveBeenCalled();
  });
});

describe('a full heap', () => {
  test('names what was wanted, what there is, and the largest arrays', () => {
    settings.configure({ maxMemory: '16MiB' });
    const kept = [
      lifetime.alloc.float64(1e6),
      lifetime.alloc.int32(5e5),
      lifetime.alloc.uint8(3e6),
      lifetime.alloc.int8(9),
    ];
    expect(messageOf(() => lifetime.alloc.float64(5e5))).toMatchInlineSnapshot(`
      "error[HEAP002]: there is no room in the heap for 3.8 MiB (Float64Array)
        = note: it holds 12.4 MiB of at most 16.0 MiB, in 4 blocks; its largest free piece has 3.5 MiB
                the largest arrays in use: Float64Array of 7.6 MiB, Uint8Array of 2.9 MiB, Int32Array of 1.9 MiB
                garbage was collected first
        = fix: let go of arrays that are not needed any more, or work in smaller pieces
               or raise the limit with configure({ maxMemory }) or HEDDLE_MAX_MEMORY"
    `);
    expect(kept[0]).toHaveLength(1e6);
    expect(messageOf(() => lifetime.alloc.float64(3e6))).toMatchInlineSnapshot(`
      "error[HEAP002]: there is no room in the heap for 22.9 MiB (Float64Array)
        = note: the whole heap has 16.0 MiB
        = fix: let go of arrays that are not needed any more, or work in smaller pieces
               or raise the limit with configure({ maxMemory }) or HEDDLE_MAX_MEMORY"
    `);
  });

  test('says why garbage was not collected', () => {
    settings.configure({ maxMemory: '8MiB', forceCollect: false });
    const kept = lifetime.alloc.float64(6e5);
    expect(messageOf(() => lifetime.alloc.float64(kept.length))).toContain('forceCollect is false');
  });

  test('says when it is the system that has no more', () => {
    const open = heap.openHeap();
    const grow = open.memory.grow.bind(open.memory);
    vi.spyOn(open.memory, 'grow').mockImplementation((pages) => {
      if (pages > 0) throw new RangeError('Maximum memory size exceeded');
      return grow(0);
    });
    expect(messageOf(() => heap.allocate(2 ** 28, { label: 'a test' }))).toMatch(
      /^error\[HEAP002\]: there is no room in the heap for 256\.0 MiB \(a test\)\n[^]*the system refused to let it grow beyond 4\d\.\d MiB/,
    );
    expect(heap.allocate(1000)).toBeGreaterThan(0);
  });
});

describe('other threads', () => {
  // The built files, as a worker cannot load TypeScript.
  test('attach to the memory, allocate in it, and are forgotten when they end', async () => {
    const open = heap.openHeap();
    const program = `
      const { workerData, parentPort } = require('node:worker_threads');
      import(workerData.module).then(({ attachHeap, allocate, borrowCallMemory, openHeap }) => {
        const heap = attachHeap(workerData.memory);
        const shared = allocate(64 * 2 ** 20);
        heap.doubles[shared / 8 + 8_000_000] = 42;
        parentPort.postMessage({ thread: heap.thread, isOne: openHeap() === heap, shared, call: borrowCallMemory(8) });
      });`;
    const module = new URL('../../dist/memory/heap.js', import.meta.url).href;
    const worker = new Worker(program, { eval: true, workerData: { memory: open.memory, module }, execArgv: [] });
    const [{ thread, isOne, shared, call }] = (await once(worker, 'message')) as [
      { thread: number; isOne: boolean; shared: number; call: number },
    ];
    expect([open.thread, thread, isOne]).toEqual([1, 2, true]);
    expect(heap.reachHeap(shared + 64 * mebibyte).doubles[shared / 8 + 8_000_000]).toBe(42);
    expect(call).toBeGreaterThan(shared);
    expect(heap.heapStatistics().blocks).toBe(2);
    await worker.terminate();
    expect(heap.forgetThread(thread)).toBe(true);
    expect(heap.heapStatistics().blocks).toBe(1);
    heap.release(shared);
    expect(heap.heapStatistics().live).toBe(0);
  });

  test('cannot attach to what is no heap, or to a second one', () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    expect(messageOf(() => heap.attachHeap(memory))).toContain('error[HEAP001]: the memory that was handed over');
    const open = heap.openHeap();
    expect(heap.attachHeap(open.memory)).toBe(open);
    expect(messageOf(() => heap.attachHeap(memory))).toContain('error[HEAP001]: this thread has a heap already');
  });
});
