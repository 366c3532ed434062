// The settings of the process: what configure was given, else the environment, else what fits the machine. Every part reads them when it
// first needs them, and then holds those it cannot change any more, so that a later configure fails instead of being forgotten.
import { availableCores, environmentVariable } from '#platform';
import { UserError } from '../base/errors.js';
import { findUnknownOption } from '../base/nearest.js';
import { showValue } from '../base/show-value.js';

export interface Configuration {
  /** Threads that parallel work runs on, the calling one included where it may help; the cores that this process may use by default. */
  threads?: number;
  /** The most that the heap may grow to: bytes, or text such as `'2GiB'` or `'512 MB'`; 4 GiB by default, or what the engine grants. */
  maxMemory?: number | string;
  /** May heddle collect garbage by itself before the heap grows or is full? In Node, true by default; a page cannot. */
  forceCollect?: boolean;
  /** Where notes go that are said once, such as that a page has one thread only: `console.warn` by default, a function, or nowhere. */
  warn?: boolean | ((message: string) => void);
}

type Name = keyof Configuration;

/** The most that 32 bits can address. */
export const largestHeap = 2 ** 32;
/** Below this the heap has no room for what it keeps about itself and for calls. */
export const smallestHeap = 2 ** 20;
const mostThreads = 1024;

const units: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};

/** Bytes, from a number or from text such as `2GiB`; NaN for anything else. */
function toBytes(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return NaN;
  const [, number, unit] = /^\s*(\d+(?:_\d+)*(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(value) ?? [];
  const factor = unit === '' ? 1 : units[unit?.toLowerCase() ?? ''];
  return number === undefined || factor === undefined ? NaN : Math.floor(Number(number.replaceAll('_', '')) * factor);
}

/** What each setting may be; `read` gives undefined for anything else. */
const rules = {
  threads: {
    read: (value: unknown) =>
      Number.isInteger(value) && (value as number) >= 1 && (value as number) <= mostThreads
        ? (value as number)
        : undefined,
    fix: `give a whole number from 1 to ${mostThreads}`,
  },
  maxMemory: {
    read: (value: unknown) => {
      const bytes = toBytes(value);
      return bytes >= smallestHeap && bytes <= largestHeap ? bytes : undefined;
    },
    fix: "give bytes, or text such as '2GiB' or '512 MB', from 1 MiB to 4 GiB",
  },
  forceCollect: {
    read: (value: unknown) => (typeof value === 'boolean' ? value : undefined),
    fix: 'give true or false',
  },
  warn: {
    read: (value: unknown) =>
      typeof value === 'boolean' || typeof value === 'function'
        ? (value as boolean | ((text: string) => void))
        : undefined,
    fix: 'give true, false, or a function that takes the message',
  },
} as const;

const names = Object.keys(rules) as Name[];

/** What configure was given, checked. */
const given: { -readonly [N in Name]?: Exclude<ReturnType<(typeof rules)[N]['read']>, undefined> } = {};
/** Settings that are in use, by name: why they cannot change any more, and what they are. */
const held = new Map<Name, { readonly because: string; readonly value: unknown }>();

/**
 * Sets how heddle uses this machine, for the whole process; what is left out stays as it is. `threads` and `maxMemory` have to be set
 * before the first parallel call and the first use of the heap. The variables HEDDLE_THREADS and HEDDLE_MAX_MEMORY of the environment set
 * the same, and configure goes before them.
 *
 * @throws {UserError} CONFIG001 for an option or a value that cannot be used, CONFIG002 for one that comes too late; nothing is set then
 * @example
 * import { alloc, configure } from 'heddle';
 * configure({ threads: 2, maxMemory: '512MiB' });
 * console.log(alloc.float64(3)); // Float64Array(3) [ 0, 0, 0 ]
 */
export function configure(options: Configuration): void {
  if (typeof options !== 'object' || options === null) {
    throw new UserError('CONFIG001', `configure cannot be given ${showValue(options)}`, {
      fix: 'write configure({ threads: 4 })',
    });
  }
  const unknown = findUnknownOption(options, names);
  if (unknown) throw new UserError('CONFIG001', `configure has no option ${unknown.name}`, { fix: unknown.fix });
  const checked: Record<string, unknown> = {};
  for (const name of names) {
    const value = options[name];
    if (value === undefined) continue;
    checked[name] = check(name, name, value);
    const hold = held.get(name);
    if (hold !== undefined && hold.value !== checked[name]) {
      throw new UserError('CONFIG002', `${name} cannot be set to ${showValue(value)} any more`, {
        note: hold.because,
        fix: 'call configure at the start of the program, before anything that computes',
      });
    }
  }
  Object.assign(given, checked);
}

/** The value of a setting as the rest uses it; `source` is what the message calls it. */
function check<N extends Name>(
  name: N,
  source: string,
  value: unknown,
): NonNullable<ReturnType<(typeof rules)[N]['read']>> {
  const { read, fix } = rules[name];
  const checked = read(value);
  if (checked === undefined) throw new UserError('CONFIG001', `${source} cannot be ${showValue(value)}`, { fix });
  return checked as NonNullable<ReturnType<(typeof rules)[N]['read']>>;
}

/** From here on the setting cannot change: `because` says what it is used for, as the note of the error. */
export function holdSetting(name: 'threads' | 'maxMemory', because: string): void {
  held.set(name, { because, value: given[name] });
}

let cores: number | undefined;

/** How many threads parallel work should run on. */
export function threadsSetting(): number {
  if (given.threads !== undefined) return given.threads;
  const text = environmentVariable('HEDDLE_THREADS');
  if (text === undefined || text === '') return (cores ??= availableCores());
  return check('threads', 'HEDDLE_THREADS', /^\d+$/.test(text) ? Number(text) : text);
}

/** The most bytes that the heap should take; undefined where nobody has said. */
export function maxMemorySetting(): number | undefined {
  if (given.maxMemory !== undefined) return given.maxMemory;
  const text = environmentVariable('HEDDLE_MAX_MEMORY');
  return text === undefined || text === '' ? undefined : check('maxMemory', 'HEDDLE_MAX_MEMORY', text);
}

export const mayForceCollect = (): boolean => given.forceCollect ?? true;

const said = new Set<string>();

/** Tells the person something that is no error, once a process for each text. */
export function noteOnce(message: string): void {
  const { warn = true } = given;
  if (warn === false || said.has(message)) return;
  said.add(message);
  if (typeof warn === 'function') warn(message);
  else console.warn(message);
}
