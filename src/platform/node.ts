// The platform as Node gives it: clock, CPU time, resident memory, child processes for candidates.
import type { ChildProcess } from 'node:child_process';
import type { MessagePort } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
import { UnsupportedError, UserError } from '../base/errors.js';
import { coresWithin } from './node-cores.js';
import { collectGarbage as collect, watchPeakMemory } from './node-memory.js';
import { registerTexts } from './node-module-hooks.js';
import { flagsForCandidates } from './node-flags.js';
import { detectSimd } from './simd.js';
import { isTypeScript, stripTypes } from './strip-types.js';
import type { CandidateHost, Channel, CpuTimes, Machine, NoticeBoard, Platform, TeamStart } from './platform.js';

export { watchPeakMemory };

export const clock: Platform['clock'] = () => performance.now() / 1000;

export const cpuTimes = (): CpuTimes => {
  const { user, system } = process.cpuUsage();
  return { user: user / 1e6, system: system / 1e6 };
};

export const nextTurn: Platform['nextTurn'] = () => new Promise((resolve) => setImmediate(resolve));

export const environmentVariable = (name: string): string | undefined => process.env[name];

export const collectGarbage = (): boolean => {
  collect();
  return true;
};

// Parts of Node that only some callers need are loaded when they do: all at once they would double the time that importing heddle takes.

export const describeMachine = (): Machine => {
  const { availableParallelism, cpus, release, totalmem, type } = process.getBuiltinModule('node:os');
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memory: totalmem(),
    os: `${type()} ${release()}`,
    node: process.versions.node,
    v8: process.versions.v8,
    simd: detectSimd(),
  };
};

export const availableCores = (): number => coresWithin(process.getBuiltinModule('node:os').availableParallelism());

const living = new Set<ChildProcess>();
const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function killLiving(): void {
  for (const child of living) child.kill('SIGKILL');
}

// A child in the middle of a long loop hears nothing from us, so it has to be killed before we go.
function endWithChildren(signal: NodeJS.Signals): void {
  killLiving();
  // Whoever else listens decides what the signal means; with no one else it means what it always means.
  if (process.listenerCount(signal) === 1) {
    process.off(signal, endWithChildren);
    process.kill(process.pid, signal);
  }
}

function track(child: ChildProcess): void {
  if (living.size === 0) {
    process.on('exit', killLiving);
    for (const signal of endingSignals) process.on(signal, endWithChildren);
  }
  living.add(child);
}

function untrack(child: ChildProcess): void {
  if (!living.delete(child) || living.size > 0) return;
  process.off('exit', killLiving);
  for (const signal of endingSignals) process.off(signal, endWithChildren);
}

/** Looked for only when it is needed: a server that was bundled has no such file, nor, as CommonJS, an import.meta.url, and may never compare. */
function candidateProgram(): string | undefined {
  try {
    const path = fileURLToPath(new URL('../measure/candidate-process.js', import.meta.url));
    return process.getBuiltinModule('node:fs').existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

export const startCandidateHost = (environment: Readonly<Record<string, string>>): CandidateHost => {
  const program = candidateProgram();
  if (program === undefined) {
    throw new UnsupportedError('MEASURE007', 'compare cannot start fresh processes from here', {
      note: "their program is a file of heddle's, which a bundler has left out",
      fix: 'leave heddle out of the bundle (esbuild: --external:heddle), or compare functions: compare({ plain, jit })',
    });
  }
  const child = process.getBuiltinModule('node:child_process').fork(program, {
    env: { ...process.env, ...environment },
    execArgv: flagsForCandidates(process.execArgv),
    serialization: 'advanced',
    // What a candidate prints must not mix with our caller's data.
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  track(child);
  child.on('exit', () => untrack(child));
  return {
    // An error here means that the child is gone; its 'exit' event tells the reason.
    send: (message) => void child.send(message as object, () => {}),
    onMessage: (listener) => child.on('message', listener),
    onEnd: (listener) => {
      child.on('error', (error) => listener(`its process could not be started: ${error.message}`));
      child.on('exit', (code, signal) => {
        listener(signal === null ? `its process ended with exit code ${code}` : `its process was ended by ${signal}`);
      });
    },
    kill: () => child.kill('SIGKILL'),
  };
};

export const channelToComparison = (): Channel => {
  process.on('disconnect', () => process.exit());
  const send = process.send?.bind(process);
  // A candidate that looks for a parent to talk to finds none: what we cannot read would end the comparison.
  delete process.send;
  return {
    // Where the comparison is gone, by a signal that it could not hear, there is nobody left to work for or to complain to.
    send: (message) =>
      void send?.(message, undefined, undefined, (error) => {
        if (error) process.exit();
      }),
    onMessage: (listener) => process.on('message', listener),
  };
};

const threads = (): typeof import('node:worker_threads') => process.getBuiltinModule('node:worker_threads');

export const receiveTeamStart: Platform['receiveTeamStart'] = (listener) => {
  const { receiveMessageOnPort, workerData } = threads();
  const { start, liveness } = workerData as { start: TeamStart; liveness: MessagePort };
  // The other end asks whether we live by sending to this one, which is held open by being held here; what it sends is thrown away.
  listener(start, () => {
    while (receiveMessageOnPort(liveness) !== undefined);
  });
};

export const mayBlock = (): boolean => true;

/** The longest that a timer can wait. */
const longestTimer = 2 ** 31 - 1;

export const holdProcess = (): (() => void) => {
  const timer = setInterval(() => {}, longestTimer);
  return () => clearInterval(timer);
};

export const openNoticeBoard = (name: string, listener: () => void): NoticeBoard => {
  const channel = new (threads().BroadcastChannel)(name);
  channel.unref();
  channel.onmessage = listener;
  return { post: () => channel.postMessage(null), close: () => channel.close() };
};

const fileError = (path: string | URL, done: string, cause: unknown): UserError =>
  new UserError('IO003', `${String(path)} could not be ${done}: ${(cause as Error).message}`, {
    fix: 'check the path, and whether this program may use it',
    cause,
  });

export const readFile: Platform['readFile'] = async (path) => {
  try {
    return await process.getBuiltinModule('node:fs').promises.readFile(path);
  } catch (error) {
    throw fileError(path, 'read', error);
  }
};

export const writeFile: Platform['writeFile'] = async (path, bytes) => {
  try {
    await process.getBuiltinModule('node:fs').promises.writeFile(path, bytes);
  } catch (error) {
    throw fileError(path, 'written', error);
  }
};

export const readModuleText = async (url: string): Promise<string> => {
  const text = await process.getBuiltinModule('node:fs/promises').readFile(fileURLToPath(url), 'utf8');
  return isTypeScript(url) ? stripTypes(text, url) : text;
};

export const importModule = async (url: string, source?: string): Promise<Record<string, unknown>> => {
  if (source !== undefined) registerTexts({ url, source });
  else if (isTypeScript(url)) registerTexts();
  return import(url) as Promise<Record<string, unknown>>;
};
