// Keeps this process's threads on different cores while something is measured that asks for a free one. Left alone, the system may run two
// threads that wake each other on one core; what is measured then is how it switches between them.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const threadIds = (): string[] => readdirSync('/proc/self/task');

/** The cores that we may use, from a list such as `0-2,7`. */
function allowedCores(): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number) as [number, number?];
    return Array.from({ length: last - first + 1 }, (_, k) => first + k);
  });
}

const keep = (id: string, cores: string): void => void execFileSync('taskset', ['-pc', cores, id], { stdio: 'ignore' });

/**
 * Gives the main thread the first core, and the threads that were started since `before` the others in turn. Returns what undoes it; null
 * where that cannot be done: off Linux, without `taskset`, on a single core.
 */
export function spreadThreads(before: ReadonlySet<string>): (() => void) | null {
  try {
    const [first, ...others] = allowedCores();
    if (first === undefined || others.length === 0) return null;
    const started = threadIds().filter((id) => !before.has(id));
    keep(String(process.pid), String(first));
    started.forEach((id, k) => keep(id, String(others[k % others.length])));
    const all = [first, ...others].join(',');
    return () => {
      for (const id of threadIds()) keep(id, all);
    };
  } catch {
    return null;
  }
}

export function currentThreads(): ReadonlySet<string> {
  try {
    return new Set(threadIds());
  } catch {
    return new Set();
  }
}
