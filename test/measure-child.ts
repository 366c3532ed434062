// What the tests of measure/ need of other processes: a fresh Node that runs a text or a fixture, what the kernel says of a process, and
// waiting until something has come about.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** Where package.json lies: a program that runs here finds the built package under its name. */
export const packageFolder = fileURLToPath(new URL('..', import.meta.url));

export const fixture = (name: string): URL => new URL(`./fixtures/${name}`, import.meta.url);

export interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  stdout: string;
  stderr: string;
  /** Settles when the process has ended and its streams are closed. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** Starts `node ...words` in the package's folder. Its standard input stays open until the caller closes it. */
export function startNode(words: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const child = spawn(process.execPath, words, { cwd: packageFolder, env: { ...process.env, ...env } });
  const running: Running = {
    child,
    pid: child.pid!,
    stdout: '',
    stderr: '',
    ended: new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal }))),
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (running.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (running.stderr += text));
  // A process that has gone reads nothing; how it ended is what tells.
  child.stdin.on('error', () => {});
  return running;
}

/** Runs the text of a module to its end. */
export async function runModule(text: string, flags: readonly string[] = [], env?: Readonly<Record<string, string>>) {
  const running = startNode([...flags, '--input-type=module', '-e', text], env);
  running.child.stdin!.end();
  const { code, signal } = await running.ended;
  return { code, signal, stdout: running.stdout, stderr: running.stderr };
}

/** Waits until `look` finds something that is not undefined or false; the test's own time limit is the limit. */
export async function until<T>(look: () => T | undefined | false): Promise<T> {
  for (;;) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    await pause(5);
  }
}

/** Whether the process is there and not merely waiting to be buried. */
export function isAlive(pid: number): boolean {
  try {
    // The state is the first word after the name, which is in parentheses and may hold anything.
    return !/^.*\) [ZX] /s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** A line of /proc/<pid>/status such as `VmHWM`, in bytes. */
export function statusBytes(pid: number, field: 'VmHWM' | 'VmRSS'): number {
  const line = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line![1]) * 1024;
}

export const isLinux = process.platform === 'linux';
