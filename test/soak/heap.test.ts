// Does a program that drops its arrays, and never frees one by itself, run for ever in a small heap? In loops that never let other work run,
// that await settled promises only, and that await turns of the event loop. `npm run soak` runs the long form (SOAK=1).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { root } from '../support/programs.js';

const isLong = process.env['SOAK'] === '1';
const [count, largest, heapSize] = isLong ? [10_000, 2 ** 25, '256MB'] : [800, 2 ** 22, '32MB'];

/** Sizes are spread evenly over their logarithms; of every 50th array a part is kept for a while, and must not change meanwhile. */
const program = (rest: string): string => `
  import { alloc } from 'heddle';
  import { heapStatistics, reclaim } from './dist/memory/heap.js';
  let state = 12345;
  const random = () => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) / 2 ** 32;
  const kept = [];
  function step(i) {
    const length = Math.ceil(Math.exp(random() * Math.log(${largest / 8})));
    const array = alloc.float64(length);
    for (const at of [0, length >> 1, length - 1]) if (array[at] !== 0) throw new Error('not zero: ' + i);
    array.fill(i);
    if (i % 50 !== 0) return;
    kept.push({ i, part: array.subarray(length >> 1) });
    if (kept.length > 5) {
      const { i, part } = kept.shift();
      if (!part.every((value) => value === i)) throw new Error('overwritten: ' + i);
    }
  }
  async function run() {
    for (let i = 1; i <= ${count}; i++) {
      step(i);
      ${rest}
    }
    const { peak, maximum, used } = heapStatistics();
    const { rss } = process.memoryUsage();
    kept.length = 0;
    reclaim();
    console.log(JSON.stringify({ peak, maximum, used, rss, left: heapStatistics() }));
  }
  await run();`;

const loops = {
  'that never awaits': '',
  'that awaits what is settled': 'await null;',
  'that awaits turns of the event loop': 'await new Promise(setImmediate);',
};

test.each(Object.entries(loops))(
  `${count} arrays dropped in a heap of ${heapSize}, in a loop %s`,
  { timeout: 600_000 },
  async (_, rest) => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program(rest)], {
      cwd: root,
      env: { ...process.env, HEDDLE_MAX_MEMORY: heapSize, NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [output, errors, [exitCode]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit') as Promise<[number | null]>,
    ]);
    expect(errors).toBe('');
    expect(exitCode).toBe(0);
    const { peak, maximum, used, rss, left } = JSON.parse(output) as Record<
      'peak' | 'maximum' | 'used' | 'rss',
      number
    > & {
      left: { live: number; blocks: number };
    };
    if (isLong) console.log(output);
    expect(peak).toBeLessThanOrEqual(maximum);
    expect(maximum).toBeLessThanOrEqual(Number.parseInt(heapSize, 10) * 1e6);
    // What the heap has ever used stays with the process, and nothing beside it grows.
    expect(rss).toBeLessThan(used + 200e6);
    expect(left).toMatchObject({ live: 0, blocks: 0 });
  },
);
