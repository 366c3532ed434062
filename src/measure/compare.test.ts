// compare with function values, in this process: order of the rounds, counts, agreement, refusals, abort. The module form needs fresh
// processes and is tested in test/compare.test.ts.
// It is long because every option and every kind of agreement has its own cases; what needs processes is in test/compare.test.ts.
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { compare } from './compare.js';
import { Comparison, formatSpeedup } from './comparison.js';
import type { CompareProgress } from './compare.js';
import { Timing } from './timeit.js';

const quick = { loops: 1, runs: 2 } as const;
const find = (comparison: Comparison, name: string) => comparison.candidates.find((one) => one.name === name)!;
const refusals = (comparison: Comparison) => comparison.candidates.map(({ refused }) => refused);

describe('rounds', () => {
  test('every candidate is called, then called again, and then in rounds, every second one backwards', async () => {
    const calls: string[] = [];
    const progress: CompareProgress[] = [];
    const record = (name: string) => () => {
      calls.push(name);
      return 1;
    };
    const functions = { a: record('a'), b: record('b'), c: record('c') };
    await compare(functions, { loops: 2, runs: 3, onProgress: (step) => progress.push(step) });
    const rounds = ['abc', 'cba', 'abc'].map((round) => round.split(''));
    expect(calls).toEqual([
      'a',
      'a',
      'b',
      'b',
      'c',
      'c',
      ...rounds.flatMap((round) => round.flatMap((name) => [name, name])),
    ]);
    expect(progress).toEqual([
      ...['a', 'b', 'c'].flatMap((candidate) => [
        { candidate, step: 'first call' },
        { candidate, step: 'choosing loops' },
      ]),
      ...rounds.flatMap((round, index) =>
        round.map((candidate) => ({ candidate, step: 'run', run: index + 1, runs: 3 })),
      ),
    ]);
  });

  test('figures are one timing a candidate, and a speed-up against the first', async () => {
    const comparison = await compare({ a: () => 1, b: () => 1 }, { loops: 1000, runs: 7 });
    expect(comparison.where).toBe('this process');
    for (const candidate of comparison.candidates) {
      expect(candidate).toMatchObject({ answer: 1, random: false, refused: null });
      expect(candidate.timing).toBeInstanceOf(Timing);
      expect([candidate.timing!.runs.length, candidate.timing!.loops]).toEqual([7, 1000]);
      expect(candidate.peakMemory).toBeGreaterThanOrEqual(0);
    }
    expect(find(comparison, 'a').speedup).toEqual({ median: 1, low: 1, high: 1, confidence: expect.closeTo(0.984375) });
    const { runs: runsOfA } = find(comparison, 'a').timing!;
    const { runs: runsOfB } = find(comparison, 'b').timing!;
    const ratios = runsOfA.map((seconds, round) => seconds / runsOfB[round]!);
    expect(find(comparison, 'b').speedup).toMatchObject({ low: Math.min(...ratios), high: Math.max(...ratios) });
  });

  test('the reference can be another than the first', async () => {
    const comparison = await compare({ a: () => 1, b: () => 1 }, { loops: 100, runs: 3, reference: 'b' });
    expect(find(comparison, 'b').speedup).toMatchObject({ median: 1, low: 1, high: 1 });
  });

  test('arguments are passed, promises awaited', async () => {
    const comparison = await compare(
      { sum: (a: number, b: number) => a + b, later: async (a: number, b: number) => a + b },
      { ...quick, args: [2, 3] },
    );
    expect(comparison.candidates.map(({ answer }) => answer)).toEqual([5, 5]);
    expect(refusals(comparison)).toEqual([null, null]);
  });
});

describe('refusals', () => {
  test('a candidate that throws, rejects or answers wrongly is out, with the reason; the others finish', async () => {
    let calls = 0;
    const comparison = await compare(
      {
        good: () => [1, 2],
        throws: () => {
          throw new RangeError('no');
        },
        rejects: async () => Promise.reject(new Error('never')),
        throwsText: () => {
          throw 'just text'; // oxlint-disable-line no-throw-literal -- candidates may
        },
        throwsNothing: () => {
          throw Object.create(null); // oxlint-disable-line no-throw-literal -- candidates may
        },
        failsLater: () => {
          if (++calls > 3) throw new Error('tired');
          return [1, 2];
        },
        wrong: () => [1, 3],
        uncloneable: () => () => 1,
        alsoGood: async () => [1, 2],
      },
      quick,
    );
    expect(Object.fromEntries(comparison.candidates.map(({ name, refused }) => [name, refused]))).toEqual({
      good: null,
      throws: 'threw RangeError: no',
      rejects: 'threw Error: never',
      throwsText: 'threw just text',
      throwsNothing: 'threw something that cannot be shown',
      failsLater: 'threw Error: tired',
      wrong: 'gave another answer than good: [1] is 3, not 2',
      uncloneable: expect.stringMatching(/^its answer cannot be copied .* give agree: false/),
      alsoGood: null,
    });
    for (const { refused, timing, speedup } of comparison.candidates) {
      expect(timing === null).toBe(refused !== null);
      expect(speedup === null).toBe(refused !== null);
    }
  });

  test('where the reference is refused, the others are held against each other and have no speed-up', async () => {
    const throws = (): never => {
      throw new Error('x');
    };
    const comparison = await compare({ throws, one: () => 1, two: () => 2 }, quick);
    expect(find(comparison, 'one')).toMatchObject({ refused: null, speedup: null });
    expect(find(comparison, 'one').timing).not.toBeNull();
    expect(find(comparison, 'two').refused).toBe('gave another answer than one: 2, not 1');
  });

  test('all may be refused', async () => {
    const throws = (): never => {
      throw new Error('x');
    };
    const comparison = await compare({ a: throws, b: throws }, quick);
    expect(refusals(comparison)).toEqual(['threw Error: x', 'threw Error: x']);
    expect(String(comparison)).toContain('a: threw Error: x');
  });
});

describe('agree', () => {
  const counter = (): (() => number) => {
    let n = 0;
    return () => n++;
  };

  test('exact: −0 is not 0, NaN is NaN', async () => {
    const comparison = await compare({ a: () => [0, NaN], b: () => [-0, NaN], c: () => [0, NaN] }, quick);
    expect(refusals(comparison).map((refused) => refused !== null)).toEqual([false, true, false]);
  });

  test('a tolerance is relative to the reference', async () => {
    const functions = { a: () => 100, near: () => 100.5, far: () => 102 };
    const comparison = await compare(functions, { ...quick, agree: { rtol: 0.01 } });
    expect(refusals(comparison)).toEqual([null, null, 'gave another answer than a: 102, not 100']);
  });

  test('two answers that differ make a candidate random: it is timed but not compared', async () => {
    const comparison = await compare({ steady: () => 7, random: counter(), other: () => 7 }, quick);
    expect(comparison.candidates.map(({ random }) => random)).toEqual([false, true, false]);
    expect(refusals(comparison)).toEqual([null, null, null]);
    expect(String(comparison)).toContain('random: gives another answer each time, so its answer was not compared');
  });

  test('a random reference gives its place to the first that is steady', async () => {
    const comparison = await compare({ random: counter(), one: () => 1, two: () => 2 }, quick);
    expect(refusals(comparison)).toEqual([null, null, 'gave another answer than one: 2, not 1']);
    expect(find(comparison, 'one').speedup).not.toBeNull();
  });

  test('random within the tolerance is steady', async () => {
    const comparison = await compare({ a: counter() }, { ...quick, agree: { atol: 10 } });
    expect(find(comparison, 'a').random).toBe(false);
  });

  test('an answer that is written over later, in shared memory too, is still seen to be random', async () => {
    const numbers = new Float64Array(new SharedArrayBuffer(8));
    const overwriting = (): Float64Array => {
      numbers[0]!++;
      return numbers;
    };
    const comparison = await compare({ overwriting }, quick);
    expect(find(comparison, 'overwriting').random).toBe(true);
    expect(find(comparison, 'overwriting').answer).toEqual(new Float64Array([1]));
  });

  test('a predicate judges every answer, random ones too', async () => {
    const asked: unknown[][] = [];
    const agree = (answer: unknown, reference: unknown): boolean => {
      asked.push([answer, reference]);
      return (answer as number) < 5;
    };
    const comparison = await compare({ a: counter(), b: () => 9, c: () => 1 }, { ...quick, agree });
    expect(refusals(comparison)).toEqual([null, 'gave a wrong answer: 9', null]);
    expect(comparison.candidates.map(({ random }) => random)).toEqual([false, false, false]);
    expect(asked).toEqual([
      [0, 0],
      [9, 0],
      [1, 0],
    ]);
  });

  test('a predicate that fails on an answer refuses that answer only', async () => {
    const agree = (answer: unknown): boolean => (answer as string).startsWith('a');
    const comparison = await compare({ a: () => 'abc', b: () => undefined }, { ...quick, agree });
    expect(refusals(comparison)).toEqual([null, expect.stringMatching(/^gave undefined, and agree.*threw TypeError/)]);
  });

  test('false compares nothing, and then answers need not be copied', async () => {
    const comparison = await compare({ a: () => () => 1, b: () => 2 }, { ...quick, agree: false });
    expect(refusals(comparison)).toEqual([null, null]);
    expect(comparison.candidates.map(({ answer }) => answer)).toEqual([undefined, undefined]);
  });

  test('cyclic answers are compared too', async () => {
    const cycle = (): unknown => {
      const node: { self?: unknown } = {};
      node.self = node;
      return node;
    };
    expect(refusals(await compare({ a: cycle, b: cycle }, quick))).toEqual([null, null]);
  });
});

describe('abort', () => {
  test('before the start nothing is called', async () => {
    let calls = 0;
    const signal = AbortSignal.abort(new Error('no'));
    await expect(compare({ a: () => calls++ }, { signal })).rejects.toThrow('no');
    expect(calls).toBe(0);
  });

  test.each([1, 2, 3])('while call %s of an asynchronous candidate never settles', async (hanging) => {
    const controller = new AbortController();
    let calls = 0;
    const hangs = async (): Promise<number> => {
      if (++calls < hanging) return 1;
      queueMicrotask(() => controller.abort(new Error('enough')));
      return new Promise(() => {});
    };
    await expect(compare({ hangs }, { ...quick, signal: controller.signal })).rejects.toThrow('enough');
    expect(calls).toBe(hanging);
  });

  test('between two runs', async () => {
    const controller = new AbortController();
    const onProgress = ({ run }: CompareProgress): void => {
      if (run === 2) controller.abort(new Error('second round'));
    };
    const endless = compare({ a: () => 1 }, { loops: 1, runs: 1e9, onProgress, signal: controller.signal });
    await expect(endless).rejects.toThrow('second round');
  });
});

describe('bad input', () => {
  const f = (): number => 1;
  const url = new URL('./nowhere.js', import.meta.url);

  test.each<[string, unknown[]]>([
    ['nothing', []],
    ['null', [null]],
    ['an empty object', [{}]],
    ['an empty array', [[]]],
    ['a string', ['./pi.js', { pick: ['a'] }]],
    ['a function', [f]],
    ['a module without pick', [url]],
    ['a module with nothing picked', [url, { pick: [] }]],
    ['a module with a string picked', [url, { pick: 'plain' }]],
    ['a name twice', [url, { pick: ['a', 'a'] }]],
    ['modules and functions mixed', [{ a: f, b: url }]],
    ['a reference that is no candidate', [{ a: f }, { reference: 'b' }]],
  ])('MEASURE004: %s', async (_, given) => {
    const failure = compare(...(given as [never]));
    await expect(failure).rejects.toMatchObject({ name: 'UserError', code: 'MEASURE004' });
  });

  test('MEASURE001: candidates that are no functions', async () => {
    await expect(compare({ a: f, b: 3 } as never)).rejects.toMatchObject({ code: 'MEASURE001' });
    await expect(compare({ a: Promise.resolve(1) } as never)).rejects.toThrow('was given a promise');
  });

  test.each<[string, unknown]>([
    ['loops', 0],
    ['runs', 1.5],
    ['timeoutMs', -1],
    ['timeoutMs', Infinity],
    ['agree', 'exakt'],
    ['agree', true],
    ['agree', null],
    ['agree', 1e-6],
    ['agree', { rtol: -1 }],
    ['agree', { atol: NaN }],
    ['agree', { rtol: '1' }],
    ['agree', { tolerance: 1 }],
  ])('MEASURE002: %s cannot be %j', async (option, value) => {
    const failure = compare({ a: f }, { [option]: value });
    await expect(failure).rejects.toMatchObject({ name: 'UserError', code: 'MEASURE002' });
    await expect(failure).rejects.toThrow(`compare cannot use ${option}: `);
  });

  test.each<[unknown, object | null, string]>([
    [{ a: f }, null, 'cannot use options: null'],
    [{ a: f }, { args: 5 }, 'cannot use args: 5'],
    [{ a: f }, { signal: {} }, 'cannot use signal: an object'],
    [{ a: f }, { onProgress: 'x' }, 'cannot use onProgress: "x"'],
    [{ a: f }, { timoutMs: 5 }, 'did you mean timeoutMs?'],
    [{ a: f }, { setup: 'prepare' }, 'function values have no module to look in'],
    [{ a: url }, { setup: () => [] }, 'cannot be handed anything that runs in this process'],
    [{ a: url }, { transform: 'x' }, 'cannot use transform: "x"'],
  ])('MEASURE002: %o with %o', async (what, options, message) => {
    const failure = compare(what as never, options as object);
    await expect(failure).rejects.toMatchObject({ name: 'UserError', code: 'MEASURE002' });
    await expect(failure).rejects.toThrow(message);
  });

  test.each([
    ['args', () => {}],
    ['args', new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))],
  ])('MEASURE002: %s that no process can be sent', async (_, value) => {
    const failure = compare({ a: url }, { args: [value] });
    await expect(failure).rejects.toMatchObject({ code: 'MEASURE002' });
  });

  test.each([{ timeoutMs: 100 }, { env: { A: 'b' } }, { transform: (text: string) => text }])(
    'MEASURE005: function values cannot have %o',
    async (options) => {
      await expect(compare({ a: f } as never, options)).rejects.toMatchObject({
        name: 'UserError',
        code: 'MEASURE005',
      });
    },
  );
});

describe('arguments', () => {
  class Counter {
    count = 0;
  }
  test.each<[string, (arg: never) => unknown, () => unknown, boolean]>([
    ['sorts an array', (data: number[]) => data.sort((a, b) => a - b), () => [3, 1, 2], true],
    ['only reads an array', (data: number[]) => data.toReversed(), () => [3, 1, 2], false],
    ['writes into a typed array', (data: Float64Array) => data.fill(1), () => new Float64Array(3), true],
    [
      'writes into shared memory',
      (data: Uint8Array) => data.fill(1),
      () => new Uint8Array(new SharedArrayBuffer(3)),
      true,
    ],
    [
      'takes the memory away',
      // What has gone cannot go again, as newer versions of Node say.
      (data: Uint8Array) => structuredClone(0, { transfer: data.length === 0 ? [] : [data.buffer] }),
      () => new Uint8Array(3),
      true,
    ],
    [
      'writes into something nested',
      (data: { a: Map<string, number[]> }) => data.a.get('b')!.push(1),
      () => ({ a: new Map([['b', []]]) }),
      true,
    ],
    ['writes 0 over −0', (data: number[]) => (data[0] = 0), () => [-0], true],
    ['counts in an object with a class', (data: Counter) => ++data.count, () => new Counter(), true],
    ['reads an object with a class', (data: Counter) => data.count, () => new Counter(), false],
    [
      'was given what cannot be copied',
      (data: { f: () => void; count: number }) => ++data.count,
      () => ({ f: () => {}, count: 0 }),
      false,
    ],
    ['was given a number', (data: number) => data, () => 5, false],
  ])('a candidate that %s', async (_, f, make, changed) => {
    const comparison = await compare({ f }, { ...quick, args: [make()], agree: false });
    expect(comparison.candidates[0]).toMatchObject({ refused: null, changedArguments: changed });
    const note = 'f: changes its arguments, so later calls had other input than the first; give setup';
    expect(String(comparison).includes(note)).toBe(changed);
  });

  test.each([false, true])(
    'setup makes them, before the first call and every run; asynchronous: %s',
    async (isAsync) => {
      const seen: string[] = [];
      const sort = (data: number[]): number[] => {
        seen.push(data.join());
        return data.sort((a, b) => a - b);
      };
      const make = (...numbers: number[]): [number[]] => [numbers];
      const setup = isAsync ? async (...numbers: number[]) => make(...numbers) : make;
      const comparison = await compare({ sort }, { ...quick, args: [3, 1, 2], setup });
      expect(seen).toEqual(['3,1,2', '3,1,2', '3,1,2', '3,1,2']);
      expect(comparison.candidates[0]).toMatchObject({ answer: [1, 2, 3], refused: null, changedArguments: false });
    },
  );

  test('setup that fails refuses, and one that hangs can be aborted', async () => {
    const fails = await compare({ f: () => 1 }, { ...quick, setup: (() => 3) as never });
    expect(refusals(fails)).toEqual(['threw TypeError: setup returned no array of arguments']);
    const controller = new AbortController();
    const setup = (): Promise<never> => {
      queueMicrotask(() => controller.abort(new Error('setup hangs')));
      return new Promise(() => {});
    };
    await expect(compare({ f: () => 1 }, { setup, signal: controller.signal })).rejects.toThrow('setup hangs');
  });

  test('one that returns a promise only later is refused', async () => {
    let calls = 0;
    const turns = (): unknown => (++calls < 3 ? 1 : Promise.resolve(1));
    expect(refusals(await compare({ turns }, quick))).toEqual([
      expect.stringContaining('turns returned a value first and a promise later'),
    ]);
  });
});

describe('where answers differ', () => {
  test.each<[unknown, unknown, string]>([
    [[1, [2, { a: 3 }]], [1, [2, { a: 4 }]], '[1][1].a is 3, not 4'],
    [[0], [-0], '[0] is 0, not -0'],
    [new Float64Array([1, 2, 3, 4]), new Float64Array([1, 2, 3, 5]), '[3] is 4, not 5'],
    [new Float64Array(3), new Float64Array(4), 'Float64Array(3), not Float64Array(4)'],
    [[1], [1, 2], 'an array of 1, not an array of 2'],
    [{ a: 1 }, { a: 1, b: 2 }, '.b is undefined, not 2'],
    [{ a: 1, 'b c': 3 }, { a: 1 }, '["b c"] is 3, not undefined'],
    [{ a: [1, 2] }, { a: [1] }, '.a is an array of 2, not an array of 1'],
    [new Map([['x', 1]]), new Map([['x', 2]]), '[0][1] is 1, not 2'],
    [new Map(), new Set([1]), 'Map(0), not Set(1)'],
    [new Date(5), new Date(6), '.getTime() is 5, not 6'],
    [/a/, /b/, '"/a/", not "/b/"'],
    [new Error('a'), new Error('b'), '.message is "a", not "b"'],
    [[1], 2, 'an array of 1, not 2'],
  ])('%o and %o', async (answer, reference, shown) => {
    const comparison = await compare({ good: () => reference, other: () => answer }, quick);
    expect(find(comparison, 'other').refused).toBe(`gave another answer than good: ${shown}`);
  });
});

describe('print', () => {
  test('a table, then what the table cannot hold', () => {
    const comparison = new Comparison(
      [
        {
          name: 'plain',
          answer: 1,
          random: false,
          changedArguments: true,
          timing: new Timing([0.1, 0.1], 10, 0.2),
          peakMemory: 2 ** 20,
          speedup: { median: 1, low: 1, high: 1, confidence: 0.5 },
          refused: null,
        },
        {
          name: 'fast',
          answer: 1,
          random: true,
          changedArguments: false,
          timing: new Timing([0.01, 0.05], 100, 0.3),
          peakMemory: null,
          speedup: { median: 6.004, low: 2, high: 10, confidence: 0.5 },
          refused: null,
        },
        {
          name: 'broken',
          answer: undefined,
          random: false,
          changedArguments: false,
          timing: null,
          peakMemory: 7,
          speedup: null,
          refused: 'threw Error: first\nsecond',
        },
      ],
      'this process',
    );
    expect(String(comparison)).toBe(
      [
        'name       mean ± std     min  first call  peak memory   speed-up',
        'plain   100 ms ± 0 ns  100 ms      200 ms     +1.0 MiB         1×',
        'fast    30 ms ± 20 ms   10 ms      300 ms            –  6× (2–10)',
        'broken              –       –           –            –          –',
        'plain: changes its arguments, so later calls had other input than the first; give setup',
        'fast: gives another answer each time, so its answer was not compared',
        'fast: The slowest run took 5.00 times as long as the fastest: something may have been cached, or the machine was busy.',
        'broken: threw Error: first',
        '  second',
        'Measured in one process, where candidates can spoil each other’s optimised code; give a module’s URL for a fresh process each.',
      ].join('\n'),
    );
    expect(inspect(comparison)).toBe(String(comparison));
    expect(JSON.parse(JSON.stringify(comparison))).toMatchObject({ where: 'this process' });
  });

  test.each([
    [{ median: 2.414, low: 2.383, high: 2.449 }, '2.41× (2.38–2.45)'],
    [{ median: 1, low: 1, high: 1 }, '1×'],
    [{ median: 0.0123, low: 0.01, high: 999.4 }, '0.0123× (0.01–999)'],
    [{ median: 999.6, low: 999.6, high: 12345.6 }, '1,000× (1,000–12,346)'],
    [{ median: 2.4101, low: 2.41, high: 2.4102 }, '2.41×'],
    [{ median: 1234, low: 1000, high: 1500 }, '1,234× (1,000–1,500)'],
  ])('a speed-up of %j is %s', (interval, shown) => {
    expect(formatSpeedup({ ...interval, confidence: 0.98 })).toBe(shown);
  });
});
