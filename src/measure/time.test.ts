// time and memit, as far as they can be tested inside one process: values, errors, abort and print. What the operating system says of CPU
// time and memory is asked in fresh processes, in test/measure.test.ts and test/memit.test.ts.
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { memit, MemoryUse } from './memit.js';
import { CallTime, time } from './time.js';

test('time prints as IPython does, console.log too', () => {
  const call = new CallTime('x', { user: 0.0123, system: 0.00256 }, 61.5);
  expect(String(call)).toBe('CPU times: user 12.3 ms, sys: 2.56 ms, total: 14.9 ms\nWall time: 1min 1s');
  expect(inspect(call)).toBe(String(call));
  expect(JSON.parse(JSON.stringify(call))).toEqual(Object.assign({}, call));
});

test('time prints nanoseconds where no CPU time was seen', () => {
  expect(String(new CallTime(1, { user: 0, system: 0 }, 2e-7))).toBe(
    'CPU times: user 0 ns, sys: 0 ns, total: 0 ns\nWall time: 200 ns',
  );
});

test('where CPU time is not known, time says so', () => {
  const call = new CallTime(1, null, 0.5);
  expect([call.user, call.system, call.total]).toEqual([null, null, null]);
  expect(String(call)).toBe('CPU times: not known in a page\nWall time: 500 ms');
});

test('memit prints one line, console.log too', () => {
  const use = new MemoryUse('x', 12 * 2 ** 20, 412.3 * 2 ** 20);
  expect(use.increment).toBe(use.peak - 12 * 2 ** 20);
  expect(String(use)).toBe('peak memory: 412.3 MiB, increment: 400.3 MiB');
  expect(inspect(use)).toBe(String(use));
  expect(JSON.parse(JSON.stringify(use))).toEqual(Object.assign({}, use));
});

describe.each([
  ['time', time],
  ['memit', memit],
])('%s', (name, measure) => {
  test('passes the value through, and the arguments in', async () => {
    const value = { some: 'object' };
    expect((await measure(() => value)).value).toBe(value);
    expect((await measure((a: number, b: string) => `${a}${b}`, { args: [1, 'b'] })).value).toBe('1b');
    expect((await measure(() => undefined)).value).toBeUndefined();
  });

  test('awaits an asynchronous function', async () => {
    const { value } = await measure(async (x: number) => Promise.resolve(x + 1), { args: [1] });
    expect(value).toBe(2);
  });

  test('calls once', async () => {
    let calls = 0;
    await measure(() => void calls++);
    expect(calls).toBe(1);
  });

  test('what the function throws, or its promise is rejected with, comes out', async () => {
    const error = new RangeError('mine');
    const thrower = (): never => {
      throw error;
    };
    await expect(measure(thrower)).rejects.toBe(error);
    await expect(measure(() => Promise.reject(error))).rejects.toBe(error);
  });

  test('heeds a signal before the call and while it waits', async () => {
    let calls = 0;
    const aborted = AbortSignal.abort(new Error('before'));
    await expect(measure(() => void calls++, { signal: aborted })).rejects.toThrow('before');
    expect(calls).toBe(0);

    const controller = new AbortController();
    const endless = (): Promise<never> => {
      queueMicrotask(() => controller.abort(new Error('during')));
      return new Promise(() => {});
    };
    await expect(measure(endless, { signal: controller.signal })).rejects.toThrow('during');
  });

  test.each([undefined, null, 1, 'f', {}, []])('MEASURE001: %s is no function', async (f) => {
    const failure = measure(f as never);
    await expect(failure).rejects.toMatchObject({ name: 'UserError', code: 'MEASURE001' });
    await expect(failure).rejects.toThrow(`${name} measures a function`);
  });

  test.each<[object | null, string]>([
    [null, 'cannot use options: null'],
    [{ args: 5 }, 'cannot use args: 5'],
    [{ signal: {} }, 'cannot use signal: an object'],
    [{ arg: [5] }, 'did you mean args?'],
  ])('MEASURE002: %o', async (options, message) => {
    const failure = measure(() => 1, options as object);
    await expect(failure).rejects.toMatchObject({ name: 'UserError', code: 'MEASURE002' });
    await expect(failure).rejects.toThrow(`${name} ${message}`.replace(/^.*did/, 'did'));
  });

  test('MEASURE001: nor is a promise', async () => {
    await expect(measure(Promise.resolve() as never)).rejects.toThrow('was given a promise');
  });
});
