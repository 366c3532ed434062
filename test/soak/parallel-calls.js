// node test/soak/parallel-calls.js [CALLS = 100000]: that many parallel calls of random sizes, threads, grains and ends (done, failed,
// trapped, stopped), in turns with asynchronous ones. Prints the team's statistics, the heap and the resident memory after a warm-up and at
// the end, as one line of JSON; exits with 1 where a call gave another answer than it had to, or something has grown.
import assert from 'node:assert/strict';
import { openHeap } from '../../dist/memory/heap.js';
import { describeData, kernels, publish, readRecord, recordBytes, team } from '../fixtures/team-kernels.js';

const calls = Number(process.argv[2] ?? 100_000);
const seed = Number(process.argv[3] ?? 1);
assert(Number.isInteger(calls) && calls > 0, 'CALLS is a count');

let state = seed >>> 0;
/** Mulberry32: whole numbers below n. */
function random(n) {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * n);
}

const endless = 2 ** 53 - 1;
const larger = publish(20_000);

async function call() {
  const blocks = [0, 1, 2, random(100), random(10_000)][random(5)];
  const module = random(4) === 0 ? larger : kernels;
  const shape = { module, blocks, threads: 1 + random(4), grain: random(2) === 0 ? undefined : 1 + random(50) };
  const run = random(3) === 0 ? team.runBlocksAsync : team.runBlocks;
  const kind = random(12);
  if (kind === 0) {
    const data = describeData(10_000, random(blocks + 1));
    const outcome = await run({ ...shape, entry: 'mark', descriptor: data.descriptor, recordBytes });
    const lowest = data.number();
    assert.equal(outcome.status, Number(lowest < blocks));
    if (lowest < blocks) assert.deepEqual(readRecord(outcome), [1n, lowest]);
    data.release();
    return;
  }
  const data = describeData(8, random(blocks + 1));
  const job = { ...shape, entry: 'count', descriptor: data.descriptor };
  if (kind === 1 && blocks > 0) assert.equal((await run({ ...job, entry: 'trap' })).cause.code, 'TEAM002');
  else if (kind === 2) {
    const stop = new AbortController();
    const running = team.runBlocksAsync({ ...job, blocks: endless, grain: 1 }, stop);
    stop.abort('stopped');
    assert.equal((await running).cause, 'stopped');
  } else if (kind === 3) {
    assert.equal(team.runBlocks({ ...job, blocks: endless, grain: 1, deadline: 0 }).cause.code, 'TEAM003');
  } else {
    assert.deepEqual(await run(job), { status: 0 });
    assert.equal(data.count(), BigInt(blocks));
  }
  data.release();
}

function measure() {
  globalThis.gc?.();
  return {
    ...team.teamStatistics(),
    heap: openHeap().memory.buffer.byteLength,
    resident: process.memoryUsage.rss(),
  };
}

let before;
for (let done = 0; done < calls; done++) {
  if (done === Math.floor(calls / 5)) before = measure();
  await call();
}
const after = measure();
console.log(JSON.stringify({ calls, seed, before, after }));
const { threads, heap } = before;
assert.deepEqual([after.threads, after.heap, after.jobs, after.deaths], [threads, heap, 0, 0]);
assert(after.joins > before.joins, 'no thread of the team has joined a call');
// What engines keep for themselves moves by some megabytes, and stays there: as much after 10⁵ calls as after 5 × 10⁵.
assert(after.resident - before.resident < 32 * 2 ** 20, 'resident memory has grown');
