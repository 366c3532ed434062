// configure: what it takes, what it refuses, which of it and the environment wins, and what comes too late. Settings belong to the process,
// so each test starts with a fresh copy of the module.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { availableCores } from './node.js';

let settings: typeof import('./settings.js');

beforeEach(async () => {
  vi.resetModules();
  settings = await import('./settings.js');
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const refusal = (options: unknown): string => {
  try {
    settings.configure(options as object);
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was thrown';
};

describe('maxMemory', () => {
  test.each([
    [2 ** 28, 2 ** 28],
    ['2GiB', 2 ** 31],
    ['512 MB', 512e6],
    ['1.5 gib', 1.5 * 2 ** 30],
    [' 2_000_000 ', 2e6],
    ['300000 kB', 3e8],
    ['4096MiB', 2 ** 32],
  ])('%j is %d bytes', (given, bytes) => {
    settings.configure({ maxMemory: given });
    expect(settings.maxMemorySetting()).toBe(bytes);
  });

  test.each([0, -1, NaN, 100, '2 G', 'lots', '', '8GiB', true, null, '-2GiB'])('%j is refused', (given) => {
    expect(refusal({ maxMemory: given })).toBe(
      `error[CONFIG001]: maxMemory cannot be ${JSON.stringify(Number.isNaN(given) ? 'NaN' : given).replace('"NaN"', 'NaN')}\n` +
        `  = fix: give bytes, or text such as '2GiB' or '512 MB', from 1 MiB to 4 GiB`,
    );
    expect(settings.maxMemorySetting()).toBe(undefined);
  });

  test('the environment says it where configure does not', () => {
    vi.stubEnv('HEDDLE_MAX_MEMORY', '64MiB');
    expect(settings.maxMemorySetting()).toBe(2 ** 26);
    settings.configure({ maxMemory: '32MiB' });
    expect(settings.maxMemorySetting()).toBe(2 ** 25);
  });

  test('a bad value in the environment is refused by its name', () => {
    vi.stubEnv('HEDDLE_MAX_MEMORY', 'much');
    expect(() => settings.maxMemorySetting()).toThrow('error[CONFIG001]: HEDDLE_MAX_MEMORY cannot be "much"');
  });

  test('an empty variable says nothing', () => {
    vi.stubEnv('HEDDLE_MAX_MEMORY', '');
    expect(settings.maxMemorySetting()).toBe(undefined);
  });
});

describe('threads', () => {
  test('are as many as there are cores, unless somebody says otherwise', () => {
    vi.stubEnv('HEDDLE_THREADS', '');
    expect(settings.threadsSetting()).toBe(availableCores());
    vi.stubEnv('HEDDLE_THREADS', '3');
    expect(settings.threadsSetting()).toBe(3);
    settings.configure({ threads: 7 });
    expect(settings.threadsSetting()).toBe(7);
  });

  test.each([0, 1.5, -2, 1025, '4', Infinity])('%j are refused', (threads) => {
    expect(refusal({ threads })).toMatch(
      /^error\[CONFIG001\]: threads cannot be .*\n {2}= fix: give a whole number from 1 to 1024$/,
    );
  });

  test.each(['0', 'two', '1e1', '-1', '2000'])('HEDDLE_THREADS=%s is refused', (text) => {
    vi.stubEnv('HEDDLE_THREADS', text);
    expect(() => settings.threadsSetting()).toThrow('error[CONFIG001]: HEDDLE_THREADS cannot be ');
  });
});

describe('configure', () => {
  test('refuses what it does not know, and guesses', () => {
    expect(refusal({ thread: 2 })).toBe(
      'error[CONFIG001]: configure has no option thread\n  = fix: did you mean threads?',
    );
    expect(refusal('threads=2')).toMatch(/^error\[CONFIG001\]: configure cannot be given "threads=2"/);
    expect(refusal({ forceCollect: 'no' })).toMatch(/forceCollect cannot be "no"\n {2}= fix: give true or false/);
    expect(refusal({ warn: 1 })).toMatch(/warn cannot be 1/);
  });

  test('sets all or nothing', () => {
    expect(refusal({ forceCollect: false, threads: 0 })).toMatch('threads cannot be 0');
    expect(settings.mayForceCollect()).toBe(true);
    settings.configure({ forceCollect: false, threads: undefined } as object);
    expect(settings.mayForceCollect()).toBe(false);
  });

  test('refuses what is in use already, unless it says the same', () => {
    settings.configure({ maxMemory: '64MiB', threads: 2 });
    settings.holdSetting('maxMemory', 'the heap is open');
    settings.configure({ maxMemory: 2 ** 26, threads: 3 });
    expect(refusal({ maxMemory: '65MiB' })).toBe(
      'error[CONFIG002]: maxMemory cannot be set to "65MiB" any more\n  = note: the heap is open\n' +
        '  = fix: call configure at the start of the program, before anything that computes',
    );
    expect(settings.maxMemorySetting()).toBe(2 ** 26);
  });
});

describe('notes', () => {
  test('are said once each, to the console, to a function, or not at all', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    settings.noteOnce('one');
    settings.noteOnce('one');
    expect(warn.mock.calls).toEqual([['one']]);
    const heard: string[] = [];
    settings.configure({ warn: (message) => void heard.push(message) });
    settings.noteOnce('two');
    settings.configure({ warn: false });
    settings.noteOnce('three');
    expect([heard, warn.mock.calls.length]).toEqual([['two'], 1]);
  });
});
