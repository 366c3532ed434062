// Calls that do not block, from the built package with real threads: what they give, how many there may be at once, and how they end before
// they are through: by a signal, by a deadline, by the death of their thread. And deadlines of calls that do block.
import { spawnSync } from 'node:child_process';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { jit } from 'heddle';
import { afterAll, describe, expect, test } from 'vitest';
import { alloc } from '../dist/memory/lifetime.js';
import { heapStatistics } from '../dist/memory/heap.js';
import { teamStatistics } from '../dist/runtime/team/index.js';
import { instantiateText, stopTeam } from './support/run-on-threads.js';

const workers: Worker[] = [];
const onWorker = (worker: Worker): void => void workers.push(worker);
process.on('worker', onWorker);
afterAll(async () => {
  process.off('worker', onWorker);
  await stopTeam();
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await nextTurn();
}

const reasonOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => {
      throw new Error(`it gave ${String(value)}`);
    },
    (reason: unknown) => reason,
  );

const harmonic = jit(function harmonic(n: number) {
  let s = 0;
  for (let i = 1; i <= n; i++) s += 1 / i;
  return s;
});

const calcPi = jit(
  function calcPi(n: number) {
    let m = 0;
    for (let i = 0; i < n; i++) {
      const x = 2 * Math.random() - 1;
      const y = 2 * Math.random() - 1;
      if (x ** 2 + y ** 2 < 1) m++;
    }
    return (4 * m) / n;
  },
  { parallel: true, seed: 42 },
);

const wait = jit(function wait(limit: number) {
  let x = 0.5;
  while (x < limit) x = x * 0.5 + 0.25;
  return x;
});

/** Writes 1 to out[0] when it begins, so that one can see that it runs; then counts to n, and checks that it is below the limit. */
const watched = instantiateText(`kernel @watched(%n: i64, %limit: i64) -> (i64) {
  buffer out: f64[4] strides [1] both alias 0
  body {
    store out[0] 1.0
    %last: i64 = for @count %i < %n (%before: i64 = 0) {
      %isSame = eq.i64 %before %i
      %more = add.i64 %before 1
      %next = select.i64 %isSame %more %before
      yield [%next]
    }
    %isFine = lt.i64 %last %limit
    check %isFine site 3 index %last length %limit
    return [%last]
  }
}`);

/** Squares in memory that the runtime lends, made by as many threads as like to, and their sum. Iterations from the limit on fail. */
const squares = instantiateText(`kernel @squares(%n: i64, %limit: i64) -> (f64) {
  body {
    allocate squares: f64[%n] strides [1] both alias 0
    for @p parallel %i < %n () {
      %isFine = lt.i64 %i %limit
      check %isFine site 12 index %i length %limit
      %f = toF64.i64 %i
      %g = mul.f64 %f %f
      store squares[%i] %g
      yield []
    }
    %s: f64 = for @l %j < %n (%a: f64 = 0.0) {
      %v: f64 = load squares[%j]
      %b = add.f64 %a %v
      yield [%b]
    }
    return [%s]
  }
}`);

const endless = 10n ** 15n;

/** A call that is running on another thread now. */
async function begin(signal?: AbortSignal) {
  const out = alloc.float64(4);
  const call = watched.callAsync([endless, endless], [out.byteOffset], { signal });
  await until(() => out[0] === 1);
  return { out, call };
}

describe('an asynchronous call', () => {
  test('gives what the direct one gives', async () => {
    for (const n of [0, 1, 10, 1e5, 3e6]) {
      expect(await harmonic.async(n)).toBe(harmonic(n));
      expect(await calcPi.async(n)).toBe(calcPi(n));
      expect(await calcPi.with({ threads: 1 }).async(n)).toBe(calcPi(n));
    }
    const out = alloc.float64(4);
    expect(await watched.callAsync([7n, 8n], [out.byteOffset])).toEqual([7n]);
    expect(await squares.callAsync([1000n, 1000n])).toEqual(squares.call([1000n, 1000n]));
  });

  test('compiles, and refuses, as the direct one does', async () => {
    const pick = jit((a: number | boolean) => (a ? 1 : 2));
    expect(await pick.async(true)).toBe(1);
    expect(pick.signatures).toEqual(['(boolean)']);
    const refused = jit((n: number) => Number(String(n)));
    expect(await reasonOf(refused.async(1))).toMatchObject({ code: 'JIT002' });
  });

  test('fails as the direct one does, in the body and in a parallel loop', async () => {
    const out = alloc.float64(4);
    const failure = await reasonOf(watched.callAsync([9n, 9n], [out.byteOffset]));
    expect(failure).toMatchObject({ code: 'RUN001', record: { site: 3, iteration: 0, index: 9n, length: 9n } });
    for (const threads of [1, 2, 5]) {
      expect(await reasonOf(squares.callAsync([1000n, 700n], [], { threads }))).toMatchObject({
        record: { site: 12, iteration: 700, index: 700n, length: 700n },
      });
    }
  });

  test('leaves the thread that calls free: timers run', async () => {
    const stop = new AbortController();
    const { call } = await begin(stop.signal);
    let ticks = 0;
    const timer = setInterval(() => {
      if (++ticks === 5) stop.abort('enough');
    }, 10);
    expect(await reasonOf(call)).toBe('enough');
    expect(ticks).toBeGreaterThanOrEqual(5);
    clearInterval(timer);
  });

  test('is one of many, between direct ones, and inside what follows others', async () => {
    const { live } = heapStatistics();
    let direct = 0;
    const calls = Array.from({ length: 200 }, async (_, n) => {
      const first = await harmonic.async(n);
      const pi = await calcPi.async(100 * n);
      direct += Number(Object.is(calcPi(100 * n), pi));
      const [square] = await squares.callAsync([BigInt(n), BigInt(n)]);
      return [first, square];
    });
    const found = await Promise.all(calls);
    expect(direct).toBe(200);
    expect(found).toEqual(found.map((_, n) => [harmonic(n), squares.call([BigInt(n), BigInt(n)])[0]]));
    expect(teamStatistics().jobs).toBe(0);
    expect(heapStatistics().live - live).toBeLessThan(2 ** 20);
  });

  test('keeps the process alive until it settles, and no longer', () => {
    const { stdout, stderr } = runProgram(`
      const spin = jit((n) => { let s = 0; for (let i = 1; i <= n; i++) s += 1 / i; return s; });
      spin.async(1e7).then(console.log);`);
    expect(stderr).toBe('');
    expect(Number(stdout)).toBe(harmonic(1e7));
  });

  test('fails when its thread is killed, and the next one works', async () => {
    const { call } = await begin();
    const reason = reasonOf(call);
    await Promise.all(workers.map((worker) => worker.terminate()));
    expect(await reason).toMatchObject({ code: 'TEAM001' });
    expect(await harmonic.async(10)).toBe(harmonic(10));
  });
});

/** A program that finds `jit`, in a process of its own. */
function runProgram(text: string, { before = '', flags = [] as string[] } = {}) {
  const heddle = JSON.stringify(new URL('../dist/index.js', import.meta.url).href);
  const program = `${before}\nconst { jit } = await import(${heddle});\n${text}`;
  const args = [...flags, '--input-type=module', '--eval', program];
  return spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 50_000 });
}

describe('a signal', () => {
  test('that was aborted before lets nothing begin', async () => {
    const reason = new Error('too late');
    const signal = AbortSignal.abort(reason);
    const out = alloc.float64(4);
    expect(await reasonOf(watched.callAsync([1n, 2n], [out.byteOffset], { signal }))).toBe(reason);
    expect(out[0]).toBe(0);
    expect(await reasonOf(harmonic.with({ signal }).async(1))).toBe(reason);
    expect(() => harmonic.with({ signal })(1)).toThrow(reason);
    // As of fetch: without a reason it is an AbortError.
    expect(await reasonOf(harmonic.with({ signal: AbortSignal.abort() }).async(1))).toMatchObject({
      name: 'AbortError',
    });
  });

  test('ends a call in the middle, whatever loop it is in, and leaves nothing behind', async () => {
    const { live } = heapStatistics();
    for (let round = 0; round < 5; round++) {
      const stop = new AbortController();
      const { call } = await begin(stop.signal);
      const others = [
        wait.with(stop).async(2),
        harmonic.with(stop).async(1e15),
        calcPi.with(stop).async(1e10),
        squares.callAsync([10n ** 6n, 10n ** 6n], [], stop),
      ].map(reasonOf);
      const reason = reasonOf(call);
      stop.abort(null);
      expect(await reason).toBe(null);
      expect(await Promise.all(others)).toEqual([null, null, null, null]);
    }
    expect(teamStatistics().jobs).toBe(0);
    expect(heapStatistics().live - live).toBeLessThan(2 ** 20);
  });

  test('after the end changes nothing', async () => {
    const stop = new AbortController();
    expect(await harmonic.with(stop).async(100)).toBe(harmonic(100));
    stop.abort();
    expect(await harmonic.async(100)).toBe(harmonic(100));
  });
});

describe('a deadline', () => {
  const late = { code: 'TEAM003', message: expect.stringContaining('took longer than the 20 ms that it was given') };

  test('ends a direct call in long loops, with whichever threads, and says which function it was', () => {
    for (const threads of [1, 3]) {
      const settings = { timeoutMs: 20, threads };
      expect(() => harmonic.with(settings)(1e15)).toThrow('harmonic took longer than the 20 ms that it was given');
      expect(() => wait.with(settings)(2)).toThrow(expect.objectContaining(late) as Error);
      expect(() => calcPi.with(settings)(1e10)).toThrow(expect.objectContaining(late) as Error);
    }
    // Within iterations of a parallel loop, which take long themselves.
    const lengthy = instantiateText(`kernel @k(%n: i64) -> () {
      body {
        for @p parallel %i < 3 () {
          %s: f64 = for @l %j < %n (%a: f64 = 0.0) {
            %f = toF64.i64 %j
            %b = add.f64 %a %f
            yield [%b]
          }
          %isFine = ge.f64 %s 0.0
          check %isFine site 1 index %i length %i
          yield []
        }
        return []
      }
    }`);
    for (const threads of [1, 2]) expect(() => lengthy.call([endless], [], threads, 20)).toThrow('TEAM003');
  });

  test('ends an asynchronous one', async () => {
    expect(await reasonOf(harmonic.with({ timeoutMs: 20 }).async(1e15))).toMatchObject(late);
    const stop = new AbortController();
    const both = reasonOf(harmonic.with({ timeoutMs: 1e9, signal: stop.signal }).async(1e15));
    stop.abort('first');
    expect(await both).toBe('first');
  });

  test('that is kept changes nothing, and nor does the one before', () => {
    const soon = harmonic.with({ timeoutMs: 1 });
    const timely = harmonic.with({ timeoutMs: 60_000 });
    for (let round = 0; round < 20; round++) {
      expect(() => soon(1e15)).toThrow('TEAM003');
      for (let call = 0; call < 100; call++) expect(timely(call)).toBe(harmonic(call));
    }
  });
});

test.each([
  [{ timeoutMs: 0 }, 'timeoutMs cannot be 0'],
  [{ timeoutMs: NaN }, 'timeoutMs cannot be NaN'],
  [{ timeoutMs: '5' }, 'timeoutMs cannot be "5"'],
  [{ timeoutMs: 2 ** 31 }, 'timeoutMs cannot be'],
  [{ signal: new AbortController() }, 'signal cannot be'],
  [{ signal: true }, 'signal cannot be true'],
])('%o is refused', (settings, message) => {
  expect(() => harmonic.with(settings as object)).toThrow(`error[JIT009]: the option ${message}`);
});

test('where no memory is shared, the same numbers come in slices on the calling thread, which says so once', () => {
  const text = `
    const harmonic = jit(function harmonic(n) { let s = 0; for (let i = 1; i <= n; i++) s += 1 / i; return s; });
    const calcPi = jit(${calcPi.plain.toString()}, { seed: 42, parallel: true });
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    const found = [await harmonic.async(2e7), await calcPi.async(5e6)];
    while (ticks < 3) await harmonic.async(2e7);
    found.push(true);
    const stop = new AbortController();
    const aborted = harmonic.with(stop).async(1e15).catch((reason) => reason);
    setTimeout(() => stop.abort('enough'), 1);
    found.push(await aborted);
    for (const late of [() => harmonic.with({ timeoutMs: 5 })(1e15), () => harmonic.with({ timeoutMs: 5 }).async(1e15)]) {
      try {
        await late();
      } catch ({ code }) {
        found.push(code);
      }
    }
    clearInterval(timer);
    console.log(JSON.stringify(found));`;
  const { stdout, stderr } = runProgram(text, { before: 'delete globalThis.SharedArrayBuffer;' });
  expect(stderr.trim().split('\n')).toEqual([expect.stringContaining('not cross-origin isolated')]);
  expect(JSON.parse(stdout)).toEqual([harmonic(2e7), calcPi(5e6), true, 'enough', 'TEAM003', 'TEAM003']);
});

test('what a compiled function has in the heap goes with it, once its calls have ended', () => {
  const text = `
    const { heapStatistics } = await import(${JSON.stringify(new URL('../dist/memory/heap.js', import.meta.url).href)});
    const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
    const make = (k) =>
      jit(new Function('n', \`let m = 0; for (let i = 0; i < n; i++) if (Math.random() < \${k} / 1000) m++; return m;\`), {
        parallel: true,
        seed: k,
      });
    await make(0).async(20_000);
    const start = heapStatistics().blocks;
    let kept = [];
    for (let k = 1; k <= 50; k++) {
      const f = make(k);
      kept.push(f);
      if (f(20_000) !== (await f.async(20_000))) throw new Error('not the same');
    }
    const grown = heapStatistics().blocks - start;
    kept = undefined;
    // These have nobody but their calls to hold them.
    const running = [1, 2, 3].map((k) => make(100 + k).async(1e8));
    for (let turn = 0; turn < 20; turn++) {
      gc();
      await nextTurn();
    }
    const sums = await Promise.all(running);
    // Some blocks are the team's own.
    while (heapStatistics().blocks > start + 10) {
      gc();
      await nextTurn();
    }
    console.log(grown >= 50, sums.map((sum) => Math.round(sum / 1e5)).join());`;
  const { stdout, stderr } = runProgram(text, { flags: ['--expose-gc'] });
  expect(stderr).toBe('');
  expect(stdout).toBe('true 101,102,103\n');
});
