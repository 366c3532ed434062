// The cores that a container's quota leaves, from the files that Linux has in each of the places where it may have them.
import { availableParallelism } from 'node:os';
import { describe, expect, test } from 'vitest';
import { coresWithin, quotaOfCores } from './node-cores.js';
import { availableCores } from './node.js';

const reader = (files: Readonly<Record<string, string>>) => (path: string) => files[path];

describe('quotaOfCores', () => {
  test.each([
    ['no cgroups at all', {}, Infinity],
    ['version 2, no limit', { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': 'max 100000\n' }, Infinity],
    ['version 2, in a container', { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': '150000 100000\n' }, 1.5],
    [
      'version 2, the tightest of the groups around us',
      {
        '/proc/self/cgroup': '0::/user.slice/job.scope\n',
        '/sys/fs/cgroup/user.slice/job.scope/cpu.max': '400000 100000\n',
        '/sys/fs/cgroup/user.slice/cpu.max': '300000 100000\n',
      },
      3,
    ],
    [
      'version 2, our own path not mounted',
      { '/proc/self/cgroup': '0::/kubepods/pod1/abc\n', '/sys/fs/cgroup/cpu.max': '50000 100000\n' },
      0.5,
    ],
    [
      'version 2 beside version 1',
      { '/proc/self/cgroup': '1:name=systemd:/\n0::/a\n', '/sys/fs/cgroup/unified/a/cpu.max': '200000 100000\n' },
      2,
    ],
    [
      'version 1',
      {
        '/proc/self/cgroup': '5:cpuset:/docker/x\n4:cpu,cpuacct:/docker/x\n',
        '/sys/fs/cgroup/cpu,cpuacct/docker/x/cpu.cfs_quota_us': '250000\n',
        '/sys/fs/cgroup/cpu,cpuacct/docker/x/cpu.cfs_period_us': '100000\n',
      },
      2.5,
    ],
    [
      'version 1, our own path not mounted, the folder of the controllers under its short name',
      {
        '/proc/self/cgroup': '4:cpu,cpuacct:/docker/x\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '100000\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '50000\n',
      },
      2,
    ],
    [
      'version 1, no limit',
      {
        '/proc/self/cgroup': '1:cpu:/\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      },
      Infinity,
    ],
    [
      'a limit of another controller',
      {
        '/proc/self/cgroup': '1:cpuset:/\n',
        '/sys/fs/cgroup/cpuset/cpu.cfs_quota_us': '1\n',
        '/sys/fs/cgroup/cpuset/cpu.cfs_period_us': '1\n',
      },
      Infinity,
    ],
  ])('%s', (_, files, cores) => expect(quotaOfCores(reader(files))).toBe(cores));
});

describe('coresWithin', () => {
  const quota = (text: string) => reader({ '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': text });

  test('is never more than the system has', () => expect(coresWithin(4, quota('800000 100000'))).toBe(4));
  test('rounds a part of a core up', () => expect(coresWithin(8, quota('210000 100000'))).toBe(3));
  test('is at least one', () => expect(coresWithin(8, quota('1000 100000'))).toBe(1));
  test('here', () => {
    expect(availableCores()).toBeGreaterThanOrEqual(1);
    expect(availableCores()).toBeLessThanOrEqual(availableParallelism());
  });
});
