// The mathematical functions as routines of the kernel language (docs/numerics.md, 4 to 6; docs/math.md), read when they are asked for.
// Texts call each other; what is handed out has those calls inlined, so a body is straight-line pure operations of doubles and i64 that every lane
// instruction set has: no shift by a distance that varies, no conversion between the two types, no division of integers. A lane form is the
// same statements over lane types. sin, cos, tan and rem have rare arguments that want more: their routine is an `if` around two others.
import { InternalError } from '../../base/errors.js';
import type { Routine } from '../nodes.js';
import { readProgram } from '../read.js';
import { inlineCalls } from './inline.js';
import { readLines } from './read-lines.js';
import { texts } from './texts.js';

export interface MathFunction {
  readonly name: string;
  readonly arity: 1 | 2;
  /** How many doubles the result may be away from the one nearest to the true value. */
  readonly ulps: 0 | 1 | 2;
  /**
   * Where straight-line code cannot do all: names of the routine that tells rare arguments, of the straight-line one for the others, and of the scalar one for
   * those. The function itself is an `if` around them; lanes run `usual`, and `large` for each lane that `test` finds.
   */
  readonly rare: { readonly test: string; readonly usual: string; readonly large: string } | undefined;
}

const rows: readonly [names: string, arity: 1 | 2, ulps: 0 | 1 | 2, test?: string][] = [
  ['exp exp2 expm1 log log1p log2 log10 atan cbrt tanh', 1, 1],
  ['sin cos tan', 1, 1, 'trig.isLarge'],
  ['atan2 pow hypot', 2, 1],
  ['asin acos sinh cosh asinh acosh atanh', 1, 2],
  ['sign round', 1, 0],
  ['rem', 2, 0, 'rem.isLarge'],
];

export const mathFunctions: readonly MathFunction[] = rows.flatMap(([names, arity, ulps, test]) =>
  names.split(' ').map((name) => ({
    name,
    arity,
    ulps,
    rare: test === undefined ? undefined : { test, usual: `${name}.usual`, large: `${name}.large` },
  })),
);

const readTexts = new Map<string, Routine>();

function routineNamed(name: string): Routine {
  let routine = readTexts.get(name);
  if (routine === undefined) {
    const text = texts.get(name);
    if (text === undefined) throw new InternalError('IR003', `there is no mathematical routine @${name}`);
    routine = readLines(text) ?? readProgram(text).routines[0]!;
    readTexts.set(name, routine);
  }
  return routine;
}

const inlined = new Map<string, Routine>();

/**
 * The routine of that name, of `mathFunctions` or of what is rare in one: calls are inlined, but for those of `large`, which are rare and long.
 * The same object each time.
 */
export function routineOf(name: string): Routine {
  let routine = inlined.get(name);
  if (routine === undefined) inlined.set(name, (routine = inlineCalls(routineNamed(name), isInlined, routineNamed)));
  return routine;
}

const isInlined = (name: string): boolean => !name.endsWith('.large');

/** The routine @name and what it calls. */
export function routinesOf(name: string): Routine[] {
  const large = `${name}.large`;
  return texts.has(large) ? [routineOf(name), routineOf(large)] : [routineOf(name)];
}

export { inLanes } from './inline.js';
