// node --expose-gc test/soak/jit-calls.js [CALLS = 100000]: that many parallel calls of compiled functions, of random sizes, on one to four
// threads, direct, with deadlines, and asynchronous, of which some are aborted. Prints the heap and the resident memory after a warm-up and
// at the end, as one line of JSON; exits with 1 where a call gave another answer than it had to, or something has grown.
import assert from 'node:assert/strict';
import { jit } from '../../dist/index.js';
import { heapStatistics } from '../../dist/memory/heap.js';
import { teamStatistics } from '../../dist/runtime/team/index.js';

const calls = Number(process.argv[2] ?? 100_000);
assert(Number.isInteger(calls) && calls > 0, 'CALLS is a count');

let state = 1;
/** Mulberry32: whole numbers below n. */
function random(n) {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * n);
}

const countInside = jit(
  (n) => {
    let m = 0;
    for (let i = 0; i < n; i++) {
      const x = 2 * Math.random() - 1;
      const y = 2 * Math.random() - 1;
      if (x ** 2 + y ** 2 < 1) m++;
    }
    return m;
  },
  { parallel: true, seed: 42 },
);
/** Each seen twice at least: what one thread alone has found. */
const sizes = Array.from({ length: 200 }, () => random([10, 5000, 100_000][random(3)]));
const alone = sizes.map((n) => countInside.with({ threads: 1 })(n));

async function call() {
  const choice = random(sizes.length);
  const [size, wanted] = [sizes[choice], alone[choice]];
  const threads = 1 + random(4);
  const kind = random(8);
  if (kind < 4) assert.equal(countInside.with({ threads })(size), wanted);
  else if (kind === 4) assert.equal(countInside.with({ threads, timeoutMs: 60_000 })(size), wanted);
  else if (kind < 7) {
    const both = [countInside.with({ threads }).async(size), countInside.async(size)];
    assert.deepEqual(await Promise.all(both), [wanted, wanted]);
  } else {
    const stop = new AbortController();
    const running = countInside.with({ threads, signal: stop.signal }).async(size);
    stop.abort('stopped');
    assert.equal(await running.catch((reason) => reason), 'stopped');
  }
}

function measure() {
  globalThis.gc?.();
  const { jobs, deaths, threads } = teamStatistics();
  const { live, blocks, reserved } = heapStatistics();
  return { jobs, deaths, threads, live, blocks, reserved, resident: process.memoryUsage.rss() };
}

let before;
for (let done = 0; done < calls; done++) {
  if (done === Math.floor(calls / 5)) before = measure();
  await call();
}
const after = measure();
console.log(JSON.stringify({ calls, before, after }));
assert.deepEqual([after.jobs, after.deaths, after.threads, after.reserved], [0, 0, before.threads, before.reserved]);
assert(after.blocks <= before.blocks + 4 && after.live <= before.live + 65_536, 'the heap has grown');
// What engines keep for themselves moves by some megabytes, and stays there.
assert(after.resident - before.resident < 32 * 2 ** 20, 'resident memory has grown');
