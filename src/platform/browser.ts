// The platform as a page gives it: clock and workers. Pages are told neither CPU time nor resident memory.
import { UnsupportedError, UserError } from '../base/errors.js';
import { detectSimd } from './simd.js';
import type { CandidateHost, Channel, Machine, NoticeBoard, Platform, TeamStart } from './platform.js';

export const clock: Platform['clock'] = () => performance.now() / 1000;

export const cpuTimes: Platform['cpuTimes'] = () => undefined;

export const watchPeakMemory: Platform['watchPeakMemory'] = async () => undefined;

// A timer of 0 ms would be held back to 4 ms after a few rounds; a message is not.
export const nextTurn: Platform['nextTurn'] = () =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });

export const describeMachine = (): Machine => ({
  cpu: 'unknown',
  cores: navigator.hardwareConcurrency,
  memory: null,
  os: navigator.userAgent,
  node: null,
  v8: null,
  simd: detectSimd(),
});

export const availableCores = (): number => navigator.hardwareConcurrency;

export const environmentVariable: Platform['environmentVariable'] = () => undefined;

export const collectGarbage: Platform['collectGarbage'] = () => false;

export const startCandidateHost = (): CandidateHost => {
  // Bundlers find a worker's program only by these very words, with the address spelled out in them.
  const worker = new Worker(new URL('../measure/candidate-process.js', import.meta.url), { type: 'module' });
  return {
    send: (message) => worker.postMessage(message),
    onMessage: (listener) => worker.addEventListener('message', (event) => listener(event.data)),
    onEnd: (listener) =>
      worker.addEventListener('error', (event) => {
        event.preventDefault();
        listener(`its worker failed: ${event.message || 'it could not be loaded'}`);
      }),
    kill: () => worker.terminate(),
  };
};

// In a dedicated worker the global scope itself is the channel; the DOM's types know only a window's.
interface WorkerScope {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<unknown>) => void): void;
}

export const channelToComparison = (): Channel => {
  const scope = globalThis as unknown as WorkerScope;
  return {
    send: (message) => scope.postMessage(message),
    onMessage: (listener) => scope.addEventListener('message', (event) => listener(event.data)),
  };
};

export const receiveTeamStart: Platform['receiveTeamStart'] = (listener) => {
  const scope = globalThis as unknown as WorkerScope;
  let isStarted = false;
  scope.addEventListener('message', ({ data }) => {
    if (isStarted || typeof data !== 'object' || data === null || !('heddleTeam' in data)) return;
    isStarted = true;
    listener(data.heddleTeam as TeamStart, () => {});
    scope.postMessage('ended');
  });
};

// Only a page's own thread has a document, and it may not wait.
export const mayBlock = (): boolean => typeof document === 'undefined';

// A page lives until it is closed, whatever we do.
export const holdProcess = (): (() => void) => () => {};

export const openNoticeBoard = (name: string, listener: () => void): NoticeBoard => {
  const channel = new BroadcastChannel(name);
  channel.onmessage = listener;
  return { post: () => channel.postMessage(null), close: () => channel.close() };
};

export const readFile: Platform['readFile'] = async (path) => {
  const response = await fetch(path);
  if (response.ok) return new Uint8Array(await response.arrayBuffer());
  throw new UserError('IO003', `${String(path)} could not be read: ${response.status} ${response.statusText}`, {
    fix: 'check the address, and whether the page may read from there',
  });
};

export const writeFile: Platform['writeFile'] = async (path) => {
  throw new UnsupportedError('IO003', `a page cannot write the file ${String(path)}`, {
    note: 'it has no files of its own',
    fix: 'take the bytes with toNpy or toNpz, and offer them as a download',
  });
};

export const readModuleText = async (url: string): Promise<string> => (await fetch(url)).text();

export const importModule = async (url: string, source?: string): Promise<Record<string, unknown>> => {
  if (source !== undefined) {
    throw new UnsupportedError(
      'MEASURE006',
      'a page cannot import a module with another text than the one at its address',
      {
        note: 'compare was given transform, and browsers have no hook for loading modules',
        fix: 'transform the module when it is built, or compare in Node',
      },
    );
  }
  return import(/* @vite-ignore */ url) as Promise<Record<string, unknown>>;
};
