// One kernel in one way, as the process of a contest imports it: contestant.js?kernel=NAME&way=WAY. All of its calls go to one function, so
// that the engine's own compiler sees a program like any user's.
import { alloc, jit } from 'heddle';
import { cases } from './cases.js';
import type { Numbers } from './cases.js';

/**
 * plain: the function itself, on ordinary arrays. heap: compiled, on arrays of the heap. ordinary: compiled, on ordinary arrays, which are
 * copied. parallel: compiled for threads, on arrays of the heap.
 */
export type Way = 'plain' | 'heap' | 'ordinary' | 'parallel';

type Kernel = (...args: (number | Numbers)[]) => number;

const wanted = new URL(import.meta.url).searchParams;
const way = wanted.get('way') as Way;
const { module, exported, globals, kind, prepare } = cases.find(({ name }) => name === wanted.get('kernel'))!;

const functions = (await import(module.href)) as Record<string, Kernel>;
const plain = functions[exported]!;
const kernel =
  way === 'plain'
    ? plain
    : jit(plain, {
        parallel: way === 'parallel',
        fastMath: kind === 'fastMath',
        ...(globals && { globals: globals(functions) }),
      });

const ordinary = {
  float64: (length: number) => new Float64Array(length),
  int32: (length: number) => new Int32Array(length),
  uint16: (length: number) => new Uint16Array(length),
  uint8: (length: number) => new Uint8Array(length),
};
const { args, reset, answer } = prepare(way === 'plain' || way === 'ordinary' ? ordinary : alloc);

/** The sum of about a thousand elements, evenly apart: cheap beside any kernel. */
function sample(array: Numbers): number {
  const step = Math.max(1, Math.floor(array.length / 1000));
  let sum = 0;
  for (let i = 0; i < array.length; i += step) sum += array[i]!;
  return sum;
}

/** Calls the kernel so often, and gives what tells a right answer from others. */
export function run(calls: number): number {
  let result = 0;
  for (let k = 0; k < calls; k++) {
    reset?.();
    result = kernel(...args);
  }
  return answer === undefined ? result : answer.reduce((sum, array) => sum + sample(array), 0);
}
