// The program of one way in `heddle measure`, in a fresh process: the function as it is, or as jit makes it. What to measure stands behind
// the question mark of the module's address, as fresh processes are told an address and nothing else.
import { countingLoops, jit } from 'heddle';
import type { JitArgument, JitOptions, JitResult } from 'heddle';
import { makeArguments } from './arguments.js';
import { isCompiled, loadFunction } from './given-function.js';
import type { AnyFunction } from './given-function.js';

/** What stands in the address. */
export interface WayWords {
  readonly file: string;
  readonly fn: string;
  readonly way: WayName;
  /** The export that makes the arguments. */
  readonly argsFrom?: string;
  readonly seed?: string;
}

export type WayName = 'plain' | 'jit' | 'jit-parallel';

const words = Object.fromEntries(new URL(import.meta.url).searchParams) as unknown as WayWords;
const given = await loadFunction(words.file, words.fn, words.way === 'plain' ? countingLoops : undefined);

type Numeric = (...args: JitArgument[]) => JitResult;

function functionOf(): AnyFunction {
  const { value, options } = given;
  if (words.way === 'plain') return isCompiled(value) ? value.plain : value;
  if (isCompiled(value)) return value;
  const seed: Pick<JitOptions, 'seed'> = words.seed === undefined ? {} : { seed: BigInt(words.seed) };
  const f = value as unknown as Numeric;
  // One thread, although prange would take them all.
  if (words.way === 'jit') return jit(f, { ...options, ...seed, threads: 1 });
  return jit(f, { ...options, ...seed, parallel: true });
}

export const run = functionOf();

/** What `run` gives, and its arrays as it leaves them: all that two ways have to agree on. */
export const check = (...args: unknown[]): unknown => {
  const answer = (run as (...args: unknown[]) => unknown)(...args);
  return [answer, ...args.filter((arg) => ArrayBuffer.isView(arg))];
};

/** New arguments each time, as a function may write to them. */
export async function argumentsOf(...written: unknown[]): Promise<unknown[]> {
  const made = makeArguments(written);
  if (words.argsFrom === undefined) return made;
  const from = given.exports[words.argsFrom];
  const list: unknown = typeof from === 'function' ? await from(...made) : structuredClone(from);
  if (!Array.isArray(list)) throw new TypeError(`${words.argsFrom} gives no array of arguments`);
  return list as unknown[];
}
