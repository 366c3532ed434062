// --args '[1e7, {"float64": {"random": 1e6}}]' → the arguments of a call. JSON has neither bigints nor typed arrays, so an object whose only
// key is one of the words below stands for one; anything else is given as it is. The same words make the same numbers every time.
import { UserError } from '../base/errors.js';
import { nearest } from '../base/nearest.js';

/** Kinds of typed arrays, by the names that `alloc` has for them. */
const arrays = {
  float64: Float64Array,
  float32: Float32Array,
  int8: Int8Array,
  uint8: Uint8Array,
  uint8Clamped: Uint8ClampedArray,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
} as const;
type ArrayName = keyof typeof arrays;

const isArrayName = (name: string): name is ArrayName => Object.hasOwn(arrays, name);
const words = [...Object.keys(arrays), 'bigint', 'number'];
const ways = ['zeros', 'range', 'random'] as const;

const example = `--args '[1e7, {"float64": [1, 2, 3]}, {"float64": {"random": 1e6}}]'`;

function refused(what: string, fix: string, note?: string): UserError {
  return new UserError('CLI009', `--args cannot be understood: ${what}`, { note, fix });
}

/**
 * The arguments as they are written, not yet made.
 *
 * @throws {UserError} CLI009 for what is no JSON array
 */
export function readArguments(text: string): readonly unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw refused((error as Error).message, `write JSON, in quotes for the shell: ${example}`);
  }
  if (!Array.isArray(value))
    throw refused('it is no array', `write an array with an element for each argument: --args '[${text}]'`);
  return value as unknown[];
}

/** @throws {UserError} CLI009 for words that mean nothing */
export const makeArguments = (written: readonly unknown[]): unknown[] => written.map(makeArgument);

function makeArgument(written: unknown): unknown {
  if (typeof written !== 'object' || written === null || Array.isArray(written)) return written;
  const [entry, ...more] = Object.entries(written);
  if (entry === undefined || more.length > 0) return written;
  const [word, value] = entry as [string, unknown];
  if (word === 'bigint') return makeBigint(value);
  if (word === 'number') return Number(value);
  if (isArrayName(word)) return makeArray(word, value);
  const guess = nearest(word, words);
  if (guess === undefined) return written;
  throw refused(`there is no ${JSON.stringify(word)}`, `did you mean ${JSON.stringify(guess)}?`);
}

function makeBigint(value: unknown): bigint {
  try {
    return BigInt(value as string | number);
  } catch {
    throw refused(`${JSON.stringify(value)} is no bigint`, 'write {"bigint": "12345678901234567890"}');
  }
}

function makeArray(name: ArrayName, value: unknown): unknown {
  const isBig = name === 'int64' || name === 'uint64';
  if (Array.isArray(value)) {
    return isBig ? arrays[name].from(value.map(makeBigint)) : arrays[name].from(value.map(Number));
  }
  const { from, to, ...rest } = (typeof value === 'object' && value !== null ? value : { zeros: value }) as Record<
    string,
    unknown
  >;
  const [[way, length] = ['', 0], ...more] = Object.entries(rest);
  if (!ways.includes(way as 'zeros') || more.length > 0 || !Number.isSafeInteger(length) || Number(length) < 0)
    throw refused(
      `${JSON.stringify({ [name]: value })} is no array`,
      `write {"${name}": [1, 2, 3]}, or {"${name}": {"zeros": 1e6}}, with "zeros", "range" or "random"`,
    );
  const isFloat = name === 'float64' || name === 'float32';
  const [low, high] = [Number(from ?? 0), Number(to ?? (isFloat ? 1 : 100))];
  const elements: Readonly<Record<(typeof ways)[number], (_: unknown, index: number) => number>> = {
    zeros: () => 0,
    range: (_, index) => index,
    random: numbersBetween(low, high, !isFloat),
  };
  const element = elements[way as (typeof ways)[number]];
  const made = new arrays[name](Number(length));
  for (let i = 0; i < made.length; i++) made[i] = isBig ? BigInt(element(undefined, i)) : element(undefined, i);
  return made;
}

/** Numbers from `low` up, below `high`, that look random; always the same ones. A generator after Marsaglia (xorshift32). */
function numbersBetween(low: number, high: number, isWhole: boolean): () => number {
  let state = 0x9e3779b9;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  return () => {
    // All 53 bits: of shorter fractions sums would be exact, whatever their order.
    const fraction = (Math.floor(next() / 32) * 2 ** 26 + Math.floor(next() / 64)) / 2 ** 53;
    const value = low + fraction * (high - low);
    return isWhole ? Math.floor(value) : value;
  };
}

const guesses: Readonly<Record<string, unknown>> = {
  number: 1000,
  boolean: true,
  bigint: { bigint: '1000' },
  ...Object.fromEntries(Object.entries(arrays).map(([name, { name: type }]) => [type, { [name]: { zeros: 1000 } }])),
};

/** Arguments of the types that a function's parameters have in its text; undefined where they are not all such that one could guess. */
export function guessArguments(text: string): unknown[] | undefined {
  const [, list] = /^[^(]*\(((?:[^()]|\([^()]*\))*)\)/.exec(text) ?? [];
  if (list === undefined) return undefined;
  const types = list
    .split(',')
    .filter((parameter) => parameter.trim() !== '')
    .map((parameter) => /:\s*([\w$]+)(?:<[^>]*>)?\s*(?:=[^,]*)?$/.exec(parameter.trim())?.[1]);
  if (types.some((type) => type === undefined || !Object.hasOwn(guesses, type))) return undefined;
  return makeArguments(types.map((type) => guesses[type!]));
}
