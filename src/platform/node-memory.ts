// The peak of this process's resident memory while something runs. Linux counts it exactly and lets us restart the count; elsewhere
// a thread looks every millisecond, and the operating system's own all-time peak corrects it where that peak was passed.
import { readFileSync, writeFileSync } from 'node:fs';
import type { PeakWatch } from './platform.js';

let collect: (() => void) | undefined;
let releaseKept: (() => void) | undefined;

/**
 * Collects garbage now. An engine keeps whatever a job has made or asked a WeakRef to alive until that job ends, which a loop that does not
 * await never does; evaluating anything in a context whose microtasks run after each evaluation ends the keeping (measured, Node 20 to 24).
 */
export function collectGarbage(): void {
  if (collect === undefined) {
    const vm = process.getBuiltinModule('node:vm');
    process.getBuiltinModule('node:v8').setFlagsFromString('--expose-gc');
    collect = vm.runInNewContext('gc') as () => void;
    const context = vm.createContext({}, { microtaskMode: 'afterEvaluate' });
    const nothing = new vm.Script('0');
    releaseKept = () => void nothing.runInContext(context);
  }
  releaseKept!();
  collect();
}

export async function watchPeakMemory(): Promise<PeakWatch> {
  // What was dropped before a measurement must not be counted in it.
  collectGarbage();
  // The engine gives array memory back on another thread; it waits for that thread before it collects again.
  collectGarbage();
  return watchByKernel() ?? (await watchBySampling());
}

/** Bytes of a line like `VmHWM:    51200 kB` of /proc/self/status. */
function readStatus(field: 'VmHWM' | 'VmRSS'): number {
  const line = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync('/proc/self/status', 'utf8'));
  if (line === null) throw new Error(`/proc/self/status has no ${field}`);
  return Number(line[1]) * 1024;
}

// Watches that have not been stopped yet, with the peak that each has seen before the count was last restarted: whoever restarts it
// for a watch of its own must not make the others forget.
const openWatches = new Set<{ peak: number }>();

/** Linux only, and only where /proc may be written; undefined otherwise. Source: proc(5), /proc/pid/clear_refs, value 5. */
export function watchByKernel(): PeakWatch | undefined {
  try {
    const peakSoFar = readStatus('VmHWM');
    writeFileSync('/proc/self/clear_refs', '5');
    for (const watch of openWatches) watch.peak = Math.max(watch.peak, peakSoFar);
    const start = readStatus('VmRSS');
    const watch = { peak: start };
    openWatches.add(watch);
    return {
      start,
      stop: () => {
        if (openWatches.delete(watch)) watch.peak = Math.max(watch.peak, readStatus('VmHWM'));
        return watch.peak;
      },
    };
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
  // Without our own flags: a hook would be loaded for nothing, and --input-type=module would make a module of the text.
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  const worker = new Worker(samplerSource, { eval: true, workerData: words.buffer, execArgv: [] });
  await new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  worker.unref();
  const allTimePeak = process.resourceUsage().maxRSS;
  const start = process.memoryUsage.rss();
  Atomics.store(words, 1, 0);
  let peak: number | undefined;
  return {
    start,
    stop: () => {
      if (peak !== undefined) return peak;
      const end = process.memoryUsage.rss();
      const allTimePeakNow = process.resourceUsage().maxRSS;
      const sampled = Atomics.load(words, 1) * 1024;
      Atomics.store(words, 0, 1);
      Atomics.notify(words, 0);
      const passed = allTimePeakNow > allTimePeak ? allTimePeakNow * 1024 : 0;
      return (peak = Math.max(start, end, sampled, passed));
    },
  };
}
