// What the compiler has made of each kernel, as a line of JSON for each: whether its innermost loops run in lanes, and whether they lie within
// a loop that threads share. A process of its own, so that whoever measures has loaded nothing.
import { jit } from 'heddle';
import { cases } from './cases.js';
import type { KernelCase, Numbers } from './cases.js';

export interface Look {
  readonly name: string;
  readonly hasLanes: boolean;
  readonly isParallel: boolean;
}

type Kernel = (...args: (number | Numbers)[]) => number;

const ordinary = {
  float64: (length: number) => new Float64Array(length),
  int32: (length: number) => new Int32Array(length),
  uint16: (length: number) => new Uint16Array(length),
  uint8: (length: number) => new Uint8Array(length),
};

/** Reads the text of a kernel: `for @loop1 parallel %i < %n () {` opens a loop, and `%x: f64x8 = …` is a value in lanes. */
function readLoops(text: string): Omit<Look, 'name'> {
  const open: { readonly isLoop: boolean; readonly isParallel: boolean }[] = [];
  let [deepest, hasLanes, isParallel] = [0, false, false];
  for (const line of text.split('\n')) {
    if (/^\s*\}/.test(line)) open.pop();
    const depth = open.filter(({ isLoop }) => isLoop).length;
    if (depth > deepest) [deepest, hasLanes, isParallel] = [depth, false, false];
    if (depth === deepest && depth > 0) {
      hasLanes ||= /\b[fi]\d+x\d+\b/.test(line);
      isParallel ||= open.some((one) => one.isParallel);
    }
    if (!line.endsWith('{')) continue;
    const isLoop = /(?:^|= )\s*(?:for|loop|while) @/.test(line);
    open.push({ isLoop, isParallel: isLoop && /^[^{]*@\S+ parallel\b/.test(line) });
  }
  return { hasLanes, isParallel };
}

async function look({ name, module, exported, globals, kind, prepare }: KernelCase): Promise<Look> {
  const functions = (await import(module.href)) as Record<string, Kernel>;
  const [serial, parallel] = [false, true].map((isParallel) => {
    const compiled = jit(functions[exported]!, {
      parallel: isParallel,
      fastMath: kind === 'fastMath',
      ...(globals && { globals: globals(functions) }),
    });
    compiled(...prepare(ordinary).args);
    return readLoops(compiled.explain('passes'));
  });
  return { name, hasLanes: serial!.hasLanes, isParallel: parallel!.isParallel };
}

for (const kernel of cases) console.log(JSON.stringify(await look(kernel)));
