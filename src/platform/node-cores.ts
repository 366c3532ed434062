// How many cores this process may keep busy: those that the operating system lets it run on, or fewer where a container's quota (cgroup v1
// or v2) gives it only so much time of them. Sources: kernel documentation, admin-guide/cgroup-v2 (cpu.max) and scheduler/sched-bwc.
import { readFileSync } from 'node:fs';

/** The text of a file, or undefined where there is none to be read. */
export type ReadText = (path: string) => string | undefined;

const readSystemText: ReadText = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

/** A folder and those around it, from the inside out; the last one is the root, ''. */
function outwards(path: string): string[] {
  const names = path.split('/').filter((name) => name !== '');
  return names.map((_, index) => `/${names.slice(0, names.length - index).join('/')}`).concat('');
}

/** Time of cores a second of time that `cpu.max` or the two files of version 1 allow; no limit is Infinity, also where they say nothing. */
function quotaIn(folder: string, isVersion2: boolean, readText: ReadText): number {
  const [quota, period] = isVersion2
    ? (readText(`${folder}/cpu.max`) ?? '').trim().split(' ').map(Number)
    : [Number(readText(`${folder}/cpu.cfs_quota_us`)), Number(readText(`${folder}/cpu.cfs_period_us`))];
  // 'max' in version 2 is NaN here, and -1 means no limit in version 1.
  return quota! > 0 && period! > 0 ? quota! / period! : Infinity;
}

/**
 * The cores that the quotas of our cgroup, and of those around it, pay for together; Infinity where there is none. Inside a container the
 * path of our own group may lead nowhere, as only the container's part of the tree is mounted there: its root then holds our quota.
 */
export function quotaOfCores(readText: ReadText): number {
  let least = Infinity;
  for (const line of (readText('/proc/self/cgroup') ?? '').split('\n')) {
    // hierarchy number : controllers : path; version 2 has the number 0 and names no controllers.
    const [, hierarchy, controllers, path] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? [];
    const isVersion2 = hierarchy === '0' && controllers === '';
    if (!isVersion2 && !controllers?.split(',').includes('cpu')) continue;
    const mounts = isVersion2 ? ['', '/unified'] : [`/${controllers}`, '/cpu'];
    for (const mount of mounts) {
      for (const folder of outwards(path!))
        least = Math.min(least, quotaIn(`/sys/fs/cgroup${mount}${folder}`, isVersion2, readText));
    }
  }
  return least;
}

/**
 * A quota that is no whole number is rounded up, as the JVM does: with 1.5 cores' time, two threads get 1.5 cores' worth done, each held up
 * for a quarter of the time, while one thread gets 1 done. Blocks are shared out as threads ask for them, so a thread that is held up costs
 * no more than the time it is held.
 */
export function coresWithin(parallelism: number, readText: ReadText = readSystemText): number {
  return Math.max(1, Math.min(parallelism, Math.ceil(quotaOfCores(readText))));
}
