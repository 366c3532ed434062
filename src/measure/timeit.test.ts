// timeit against a clock that we turn ourselves: every figure, and how often the function is called, follows by arithmetic. Nothing here
// looks at real time. The printed lines of the table come from IPython 8.5 (`TimeitResult`).
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { chooseLoops, timeLoops } from './loops.js';
import { timeit, Timing } from './timeit.js';

/** Ticks in a second of the fake clock: about a microsecond each, and exact in binary, so that differences are too. */
const second = 2 ** 20;

/** A clock that stands still unless `advance` is called. */
function fakeClock() {
  let ticks = 0;
  return {
    timer: () => ticks / second,
    advance: (by: number) => void (ticks += by),
  };
}

const linesOfIPython: readonly (readonly [seconds: readonly number[], loops: number, line: string])[] = [
  [Array.from({ length: 7 }, () => 0.152), 10, '15.2 ms ± 0 ns per loop (mean ± std. dev. of 7 runs, 10 loops each)'],
  [[1.5, 1.6, 1.4, 1.5, 1.5, 1.7, 1.5], 1, '1.53 s ± 88.1 ms per loop (mean ± std. dev. of 7 runs, 1 loop each)'],
  [Array.from({ length: 1 }, () => 2.0), 1, '2 s ± 0 ns per loop (mean ± std. dev. of 1 run, 1 loop each)'],
  [Array.from({ length: 1 }, () => 0.3), 1000, '300 µs ± 0 ns per loop (mean ± std. dev. of 1 run, 1,000 loops each)'],
  [[0.1, 0.3], 1, '200 ms ± 100 ms per loop (mean ± std. dev. of 2 runs, 1 loop each)'],
  [[0.25, 0.26, 0.24], 1000000, '250 ns ± 8.16 ns per loop (mean ± std. dev. of 3 runs, 1,000,000 loops each)'],
  [
    Array.from({ length: 7 }, () => 0.7),
    100000000,
    '7 ns ± 8.27e-16 ns per loop (mean ± std. dev. of 7 runs, 100,000,000 loops each)',
  ],
  [
    [0.231, 0.229, 0.235, 0.22, 0.24, 0.25, 0.231],
    10000,
    '23.4 µs ± 871 ns per loop (mean ± std. dev. of 7 runs, 10,000 loops each)',
  ],
  [Array.from({ length: 5 }, () => 0.4), 100, '4 ms ± 0 ns per loop (mean ± std. dev. of 5 runs, 100 loops each)'],
  [[61.0, 62.0, 63.0], 1, '1min 2s ± 816 ms per loop (mean ± std. dev. of 3 runs, 1 loop each)'],
  [Array.from({ length: 7 }, () => 0.1), 1, '100 ms ± 0 ns per loop (mean ± std. dev. of 7 runs, 1 loop each)'],
  [Array.from({ length: 10 }, () => 0.3), 10, '30 ms ± 0 ns per loop (mean ± std. dev. of 10 runs, 10 loops each)'],
  [
    Array.from({ length: 1000 }, () => 0.0123),
    1,
    '12.3 ms ± 0 ns per loop (mean ± std. dev. of 1000 runs, 1 loop each)',
  ],
];

describe('Timing', () => {
  test.each(linesOfIPython)('prints %j of %s loops as %s, as IPython does', (seconds, loops, line) => {
    const timing = new Timing(
      seconds.map((run) => run / loops),
      loops,
      1,
    );
    expect(String(timing)).toBe(line);
  });

  test('has mean, population std, median, min and max', () => {
    const timing = new Timing([2, 4, 4, 4, 5, 5, 7, 9], 10, 11);
    expect(Object.assign({}, timing)).toEqual({
      runs: [2, 4, 4, 4, 5, 5, 7, 9],
      loops: 10,
      mean: 5,
      std: 2,
      median: 4.5,
      min: 2,
      max: 9,
      firstCall: 11,
    });
  });

  test.each([
    { runs: [1, 4], noted: false, why: 'worst is not more than 4 × best' },
    { runs: [1, 4.0001], noted: true, why: 'worst is more than 4 × best' },
    { runs: [0, 5], noted: false, why: 'best is 0' },
    { runs: [1e-7, 1e-6], noted: false, why: 'worst is not more than a microsecond' },
    { runs: [1e-7, 1.0001e-6], noted: true, why: 'worst is more than a microsecond' },
    { runs: [3], noted: false, why: 'there is only one run' },
  ])('speaks of the slowest run of $runs: $noted, because $why', ({ runs, noted }) => {
    const timing = new Timing(runs, 1, 1);
    expect(timing.note !== null).toBe(noted);
    expect(String(timing).split('\n')).toHaveLength(noted ? 2 : 1);
  });

  test('tells how many times as long the slowest run took', () => {
    const [note, line] = String(new Timing([1, 12.346], 1, 1)).split('\n');
    expect(note).toMatch(/^The slowest run took 12\.35 times as long as the fastest/);
    expect(line).toBe('6.67 s ± 5.67 s per loop (mean ± std. dev. of 2 runs, 1 loop each)');
  });

  test('console.log and inspect show the line, JSON the figures', () => {
    const timing = new Timing([0.5, 1.5], 1, 3);
    expect(inspect(timing)).toBe(String(timing));
    expect(inspect({ timing })).toContain('1 s ± 500 ms per loop');
    expect(JSON.parse(JSON.stringify(timing))).toEqual(Object.assign({}, timing));
  });

  test('takes more runs than a function takes arguments', () => {
    const runs = Array.from({ length: 300_000 }, (_, index) => 1 + index);
    const timing = new Timing(runs, 1, 1);
    expect([timing.min, timing.max]).toEqual([1, 300_000]);
  });
});

describe('loops and calls', () => {
  test.each([
    // 0.2 s are 209 715.2 ticks; the first power of ten whose run takes at least that.
    { each: 1, loops: 1_000_000 },
    { each: 2, loops: 1_000_000 },
    { each: 3, loops: 100_000 },
    { each: 2097, loops: 1000 },
    { each: 2098, loops: 100 },
    { each: 20_971, loops: 100 },
    { each: 20_972, loops: 10 },
    { each: 209_715, loops: 10 },
    { each: 209_716, loops: 1 },
    { each: 61 * second, loops: 1 },
  ])('a call of $each ticks is repeated $loops times, and called as often as stated', async ({ each, loops }) => {
    const { timer, advance } = fakeClock();
    let calls = 0;
    const f = (): void => {
      calls++;
      advance(each);
    };
    const timing = await timeit(f, { timer, runs: 2 });
    let calibration = 0;
    for (let tried = 1; tried <= loops; tried *= 10) calibration += tried;
    expect(timing.loops).toBe(loops);
    expect(calls).toBe(1 + calibration + 2 * loops);
    expect(timing.runs).toHaveLength(2);
    for (const figure of [...timing.runs, timing.mean, timing.median, timing.min, timing.max, timing.firstCall]) {
      expect(figure).toBeCloseTo(each / second, 12);
    }
    expect(timing.std).toBeCloseTo(0, 12);
  });

  test('asynchronous functions are awaited and counted alike', async () => {
    const { timer, advance } = fakeClock();
    let calls = 0;
    let unfinished = 0;
    const f = async (): Promise<void> => {
      calls++;
      unfinished++;
      expect(unfinished).toBe(1);
      await Promise.resolve();
      advance(second / 32);
      unfinished--;
    };
    const timing = await timeit(f, { timer });
    expect(timing.loops).toBe(10);
    expect(calls).toBe(1 + (1 + 10) + 7 * 10);
    expect(String(timing)).toMatch(/^31\.2 ms ± \S+ ns per loop \(mean ± std\. dev\. of 7 runs, 10 loops each\)$/);
  });

  test('any thenable counts as asynchronous', async () => {
    const { timer, advance } = fakeClock();
    const thenable = {
      // oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
      then: (resolve: (value: number) => void) => {
        advance(second / 4);
        resolve(1);
      },
    };
    const timing = await timeit(() => thenable, { timer, runs: 3 });
    expect(timing.runs).toEqual([0.25, 0.25, 0.25]);
  });

  test('loops and runs that are given are used without calibration', async () => {
    let calls = 0;
    const timing = await timeit(() => void calls++, { loops: 3, runs: 5, timer: fakeClock().timer });
    expect(calls).toBe(1 + 3 * 5);
    expect([timing.loops, timing.runs.length]).toEqual([3, 5]);
  });

  test('runs of different length: the figures are exactly those of the runs, and the first call stands apart', async () => {
    const { timer, advance } = fakeClock();
    const lengths = [9, 1, 3, 2, 2].map((seconds) => seconds * second);
    const timing = await timeit(() => advance(lengths.shift()!), { timer, loops: 1, runs: 4 });
    expect(timing).toMatchObject({ firstCall: 9, runs: [1, 3, 2, 2], mean: 2, median: 2, min: 1, max: 3 });
    expect(timing.std).toBe(Math.sqrt(0.5));
  });

  test('a clock that stands still ends the search at 10⁹ loops, which are not tried', async () => {
    const tried: number[] = [];
    const timeRun = async (loops: number): Promise<number> => {
      tried.push(loops);
      return 0;
    };
    expect(await chooseLoops(timeRun)).toBe(1e9);
    expect(tried).toEqual([1, 10, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8]);
  });

  test('the clock is read twice for the first call and twice a run', async () => {
    let readings = 0;
    await timeit(() => {}, { timer: () => readings++, loops: 1000, runs: 4 });
    expect(readings).toBe(2 + 2 * 4);
  });
});

describe('args and setup', () => {
  test.each([{ args: [] }, { args: [1] }, { args: [1, 'b'] }, { args: [1, 'b', [3]] }, { args: [1, 'b', [3], 4] }])(
    'calls the function with $args, every time',
    async ({ args }) => {
      const seen: unknown[][] = [];
      await timeit((...given: unknown[]) => void seen.push(given), { args, loops: 2, runs: 2 });
      expect(seen).toEqual([args, args, args, args, args]);
    },
  );

  test.each([0, 1, 2, 3])('%s arguments are handed over without spreading an array', (count) => {
    const args = [1, 2, 3].slice(0, count);
    // What spreading would ask for.
    Object.defineProperty(args, Symbol.iterator, { value: undefined });
    const seen: number[][] = [];
    void timeLoops((...given: number[]) => void seen.push(given), args, 1, false);
    expect(seen).toEqual([[1, 2, 3].slice(0, count)]);
  });

  test('setup runs, untimed, before the first call, each run of the search, and each run', async () => {
    const { timer, advance } = fakeClock();
    const events: string[] = [];
    const timing = await timeit(
      () => {
        events.push('call');
        advance(second / 8);
      },
      {
        timer,
        runs: 2,
        setup: () => {
          events.push('setup');
          advance(7 * second);
        },
      },
    );
    expect(timing.firstCall).toBe(0.125);
    expect(timing.loops).toBe(10);
    const run = (loops: number): string[] => ['setup', ...Array.from({ length: loops }, () => 'call')];
    expect(events).toEqual([run(1), run(1), run(10), run(10), run(10)].flat());
    expect(timing.mean).toBe(0.125);
  });

  test('an array that setup returns is the arguments from then on; it may be asynchronous', async () => {
    let round = 0;
    const seen: number[] = [];
    const timing = await timeit((value: number) => void seen.push(value), {
      args: [0],
      setup: async (): Promise<[number] | void> => {
        await Promise.resolve();
        round++;
        if (round === 2 || round === 4) return [round];
      },
      loops: 1,
      runs: 4,
    });
    expect(seen).toEqual([0, 2, 2, 4, 4]);
    expect(timing.runs).toHaveLength(4);
  });

  test('setup that fails ends the measurement', async () => {
    const setup = (): void => {
      throw new RangeError('no data');
    };
    await expect(timeit(() => {}, { setup })).rejects.toThrow(RangeError);
  });
});

describe('errors and abort', () => {
  test.each([1, 2, 5])('what the %s. call throws comes out', async (failing) => {
    let calls = 0;
    const f = (): void => {
      if (++calls === failing) throw new RangeError(`call ${calls}`);
    };
    await expect(timeit(f, { loops: 3, runs: 3 })).rejects.toThrow(new RangeError(`call ${failing}`));
    expect(calls).toBe(failing);
  });

  test.each([1, 2, 5])('so does the reason when the %s. promise is rejected', async (failing) => {
    let calls = 0;
    const f = async (): Promise<void> => {
      if (++calls === failing) throw new RangeError(`call ${calls}`);
    };
    await expect(timeit(f, { loops: 3, runs: 3 })).rejects.toThrow(new RangeError(`call ${failing}`));
    expect(calls).toBe(failing);
  });

  test.each([2, 7])('MEASURE002: a value first and a promise from call %s on', async (change) => {
    let calls = 0;
    // A rejection that nobody hears would end the process.
    const turns = (): unknown => (++calls < change ? 1 : Promise.reject(new Error('not awaited')));
    const failure = timeit(turns, { loops: 1, runs: 10 });
    await expect(failure).rejects.toMatchObject({ name: 'UserError', code: 'MEASURE002' });
    await expect(failure).rejects.toThrow('turns returned a value first and a promise later');
    expect(calls).toBe(change);
  });

  test('a promise first and a value later is measured: both are awaited', async () => {
    let calls = 0;
    const timing = await timeit(() => (++calls === 1 ? Promise.resolve(1) : 1), { loops: 1, runs: 2 });
    expect(timing.runs).toHaveLength(2);
  });

  test('a signal that is aborted already prevents every call', async () => {
    let calls = 0;
    const signal = AbortSignal.abort(new Error('no'));
    await expect(timeit(() => void calls++, { signal })).rejects.toThrow('no');
    expect(calls).toBe(0);
  });

  test('a signal is heeded between two synchronous runs', async () => {
    const controller = new AbortController();
    let calls = 0;
    const f = (): void => {
      if (++calls === 1 + 2 * 4) controller.abort(new Error('enough'));
    };
    await expect(timeit(f, { loops: 4, runs: 100, signal: controller.signal })).rejects.toThrow('enough');
    expect(calls).toBe(1 + 2 * 4);
  });

  test('between two runs whoever wants to abort gets a turn', async () => {
    const controller = new AbortController();
    setImmediate(() => controller.abort(new Error('from outside')));
    const endless = timeit(() => {}, { loops: 1, runs: Number.MAX_SAFE_INTEGER, signal: controller.signal });
    await expect(endless).rejects.toThrow('from outside');
  });

  test('a signal is heeded while an asynchronous call is awaited', async () => {
    for (const pending of [1, 2, 5]) {
      const controller = new AbortController();
      let calls = 0;
      const f = (): Promise<void> => {
        if (++calls < pending) return Promise.resolve();
        queueMicrotask(() => controller.abort(new Error('waited enough')));
        return new Promise(() => {});
      };
      await expect(timeit(f, { loops: 3, runs: 3, signal: controller.signal })).rejects.toThrow('waited enough');
      expect(calls).toBe(pending);
    }
  });

  test('after the abort an asynchronous function is not called again', async () => {
    const controller = new AbortController();
    let calls = 0;
    let finish = (): void => {};
    const f = (): Promise<void> => {
      if (++calls < 4) return Promise.resolve();
      return new Promise((resolve) => {
        finish = resolve;
        controller.abort(new Error('stop'));
      });
    };
    await expect(timeit(f, { loops: 1000, runs: 1, signal: controller.signal })).rejects.toThrow('stop');
    finish();
    // Two turns of the event loop: more than enough for a loop of awaits to have gone on.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(calls).toBe(4);
  });

  test('a call that aborts and later fails leaves no unhandled rejection', async () => {
    const unhandled: unknown[] = [];
    const listener = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', listener);
    try {
      const controller = new AbortController();
      const f = async (): Promise<void> => {
        controller.abort(new Error('aborted inside'));
        await Promise.resolve();
        throw new Error('failed afterwards');
      };
      await expect(timeit(f, { signal: controller.signal })).rejects.toThrow('aborted inside');
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      expect(unhandled).toEqual([]);
    } finally {
      process.off('unhandledRejection', listener);
    }
  });

  test('a signal is heeded while setup is awaited', async () => {
    const controller = new AbortController();
    const setup = (): Promise<void> => {
      queueMicrotask(() => controller.abort(new Error('setup hangs')));
      return new Promise(() => {});
    };
    await expect(timeit(() => {}, { setup, signal: controller.signal })).rejects.toThrow('setup hangs');
  });

  test('nothing keeps listening to the signal afterwards', async () => {
    const { signal } = new AbortController();
    let listening = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    Object.assign(signal, {
      addEventListener: (...given: Parameters<typeof add>) => {
        listening++;
        add(...given);
      },
      removeEventListener: (...given: Parameters<typeof remove>) => {
        listening--;
        remove(...given);
      },
    });
    await timeit(async () => {}, { loops: 2, runs: 3, signal });
    expect(listening).toBe(0);
  });
});

describe('bad input', () => {
  test.each([
    [undefined, 'undefined'],
    [null, 'null'],
    ['f()', '"f()"'],
    [3, '3'],
    [4n, '4n'],
    [[() => {}], 'an array of 1'],
    [{}, 'an object'],
    [-0, 'given -0'],
  ])('MEASURE001: %s is no function', async (f, shown) => {
    const failure = timeit(f as never);
    await expect(failure).rejects.toMatchObject({ name: 'UserError', code: 'MEASURE001' });
    await expect(failure).rejects.toThrow(shown);
  });

  test('MEASURE001: a promise gets told that the call had begun', async () => {
    await expect(timeit(Promise.resolve(1) as never)).rejects.toThrow(/was given a promise[\s\S]*had already begun/);
  });

  test.each(
    ['loops', 'runs'].flatMap((option) =>
      [0, -1, 1.5, NaN, Infinity, 2 ** 53, '7', 7n, null, [7]].map((value) => [option, value] as const),
    ),
  )('MEASURE002: %s cannot be %s', async (option, value) => {
    let calls = 0;
    const failure = timeit(() => void calls++, { [option]: value });
    await expect(failure).rejects.toMatchObject({ name: 'UserError', code: 'MEASURE002' });
    await expect(failure).rejects.toThrow(`timeit cannot use ${option}: `);
    expect(calls).toBe(0);
  });

  test.each<[object | null, string]>([
    [null, 'cannot use options: null'],
    [{ args: 5 }, 'cannot use args: 5'],
    [{ args: null }, 'cannot use args: null'],
    [{ setup: 'prepare' }, 'cannot use setup: "prepare"'],
    [{ signal: {} }, 'cannot use signal: an object'],
    [{ signal: { aborted: false } }, 'cannot use signal: an object'],
    [{ signal: null }, 'cannot use signal: null'],
    [{ timer: 3 }, 'cannot use timer: 3'],
    [{ timer: () => NaN }, 'cannot use timer: it returned NaN'],
    [{ timer: () => 5n }, 'cannot use timer: it returned 5n'],
    [{ timer: () => undefined }, 'cannot use timer: it returned undefined'],
    [{ lops: 3 }, 'did you mean loops?'],
    [{ whatever: 3 }, 'its options are args, setup, loops, runs, signal, timer'],
  ])('MEASURE002: %o', async (options, message) => {
    let calls = 0;
    const failure = timeit(() => void calls++, options as object);
    await expect(failure).rejects.toMatchObject({ name: 'UserError', code: 'MEASURE002' });
    await expect(failure).rejects.toThrow(message);
    expect(calls).toBe(0);
  });

  test('MEASURE002: a timer that stops telling the time', async () => {
    const readings = [0, 1, 2, Infinity];
    await expect(timeit(() => {}, { timer: () => readings.shift()! })).rejects.toMatchObject({ code: 'MEASURE002' });
  });
});
