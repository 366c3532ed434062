// The peak of this process's resident memory while something runs. Linux counts it exactly and lets us restart the count; elsewhere
// a thread looks every millisecond, and the operating system's own all-time peak corrects it where that peak was passed.
import { readFileSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import type { PeakWatch } from './platform.js';

let collect: (() => void) | undefined;

/** Collects garbage now, so that what was dropped before a measurement is not counted in it. */
function collectGarbage(): void {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
}

export async function watchPeakMemory(): Promise<PeakWatch> {
  collectGarbage();
  return watchByKernel() ?? (await watchBySampling());
}

/** Bytes of a line like `VmHWM:    51200 kB` of /proc/self/status. */
function readStatus(field: 'VmHWM' | 'VmRSS'): number {
  const line = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync('/proc/self/status', 'utf8'));
  if (line === null) throw new Error(`/proc/self/status has no ${field}`);
  return Number(line[1]) * 1024;
}

/** Linux only, and only where /proc may be written; undefined otherwise. Source: proc(5), /proc/pid/clear_refs, value 5. */
export function watchByKernel(): PeakWatch | undefined {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
    const start = readStatus('VmRSS');
    return { start, stop: () => Math.max(start, readStatus('VmHWM')) };
  } catch {
    return undefined;
  }
}

// Words of the block that the sampling thread shares with us. The thread alone writes `largest` (kibibytes), we alone write `ended`.
const samplerSource = `
  const { workerData, parentPort } = require('node:worker_threads');
  const words = new Int32Array(workerData);
  const [ended, largest] = [0, 1];
  const sample = () => {
    const now = Math.ceil(process.memoryUsage.rss() / 1024);
    if (now > words[largest]) Atomics.store(words, largest, now);
  };
  sample();
  parentPort.postMessage('ready');
  while (Atomics.wait(words, ended, 0, 1) === 'timed-out') sample();
`;

export async function watchBySampling(): Promise<PeakWatch> {
  const words = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(samplerSource, { eval: true, workerData: words.buffer });
  worker.unref();
  await new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  const allTimePeak = process.resourceUsage().maxRSS;
  const start = process.memoryUsage.rss();
  Atomics.store(words, 1, 0);
  return {
    start,
    stop: () => {
      const end = process.memoryUsage.rss();
      const allTimePeakNow = process.resourceUsage().maxRSS;
      const sampled = Atomics.load(words, 1) * 1024;
      Atomics.store(words, 0, 1);
      Atomics.notify(words, 0);
      const passed = allTimePeakNow > allTimePeak ? allTimePeakNow * 1024 : 0;
      return Math.max(start, end, sampled, passed);
    },
  };
}
