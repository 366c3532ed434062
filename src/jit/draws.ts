// Draws → code: `Math.random()`, and the methods of generators that give one number, by the formulas of docs/random.md, 2. One draw is one
// step of its generator, whatever the distribution. Bounds that are no bounds fail as they do outside of compiled code, with the place.
import type { AnyNode } from 'acorn';
import { showValue } from '../base/show-value.js';
import { Constant, Value } from '../ir/nodes.js';
import type { Operand } from '../ir/nodes.js';
import { doubleOfBits } from './arrays.js';
import { bool, exactBound, f64, i64 } from './code.js';
import type { Block, Body } from './code.js';
import { unknownName } from './expressions.js';
import { drawMethods, isGenerator, isModuleRandom } from './generators.js';
import type { Drawing, DrawMethod } from './generators.js';
import { spellingOf } from './globals.js';
import { refuse, refuseYet } from './refuse.js';
import { both, check, isFalse, toNumber } from './scalars.js';
import { nameOfThing } from './things.js';
import type { GeneratorThing } from './things.js';
import { bare, propertyName } from './walk.js';

type Call = Extract<AnyNode, { type: 'CallExpression' }>;

/** How many numbers each takes; an argument behind those would be the shape of an array. */
const most: Readonly<Record<DrawMethod, number>> = { random: 0, uniform: 2, normal: 2, exponential: 1, integers: 2 };

/** One draw, of arguments that are lowered here, before it. */
export function draw(body: Body, node: Call, { generator, method }: Drawing, isMath: boolean, block: Block): Operand {
  const { source, kernel } = body;
  const given = node.arguments as AnyNode[];
  const spread = given.find(({ type }) => (type as string) === 'SpreadElement');
  if (spread) throw refuseYet(source, spread, 'a spread argument', 'write the arguments one by one');
  if (isMath && given.length > 0)
    throw refuseYet(source, node, 'an argument of Math.random', 'leave it out: it would be ignored');
  if (given.length > most[method])
    throw refuseYet(
      source,
      given[most[method]]!,
      'a draw of an array',
      'draw its elements in a loop, or draw the array outside and give it as an argument',
    );
  const numbers = given.map((each) => toNumber(body, each, block, kernel.grammar.expression(body, each, block)));
  switch (method) {
    case 'random':
      return step(body, generator, block);
    case 'uniform':
      return uniform(body, node, generator, numbers, block);
    case 'normal':
      return normal(body, node, generator, numbers, block);
    case 'exponential':
      return exponential(body, node, generator, numbers, block);
    case 'integers':
      return integers(body, node, generator, numbers, block);
  }
}

const instead: Readonly<Record<string, string>> = {
  choice: 'draw a place: x[rng.integers(0, x.length)]',
  shuffle: 'shuffle the array outside, or exchange elements in a loop: rng.integers(i, n) is the partner of i',
  permutation: 'make it outside, and give it as an argument',
  spawn: 'spawn outside, and give each generator as an argument',
  generator: 'make it outside, and give it as an argument: jit((n: number, rng: Generator) => …)',
};

/** Refuses a call of a method that would be a draw, and is none that can be told. */
export function refuseMethod(
  body: Body,
  node: Call,
  callee: Extract<AnyNode, { type: 'MemberExpression' }>,
  block: Block,
): void {
  const { source, names, kernel } = body;
  const method = propertyName(callee);
  const isDraw = drawMethods.some((name) => name === method);
  const object = bare(callee.object);
  const declaration = names.declarationOf(object);
  const thing = declaration && block.environment.get(declaration);
  if (!isDraw && (isGenerator(thing) || isModuleRandom(body, object))) {
    const known = drawMethods.map((name) => `${name}()`).join(', ');
    const what = method === undefined ? 'this use of a generator' : `${method} of a generator`;
    const fix = method !== undefined && Object.hasOwn(instead, method) ? instead[method] : undefined;
    throw refuseYet(source, node, what, fix ?? `a generator in compiled code gives numbers: ${known}`);
  }
  if (!isDraw) return;
  if (thing !== undefined && !isGenerator(thing))
    throw refuse(source, object, 'JIT006', `this is ${nameOfThing(thing)}, and no generator`, {
      note: `only generators have a method ${method}`,
      fix: 'give one: random.generator(42)',
    });
  const spelling = spellingOf(object);
  const [head = ''] = spelling?.split('.') ?? [];
  if (declaration === undefined && spelling !== undefined && !(head in globalThis)) {
    if (!kernel.globals.has(spelling)) throw unknownName(body, object, spelling);
    throw refuseYet(
      source,
      object,
      `drawing from ${spelling}, which globals give,`,
      `make ${spelling} a parameter, or let the function draw from it by Math.random(): jit(f, { random: ${spelling} })`,
    );
  }
  throw refuseYet(
    source,
    node,
    'a draw from a generator that the text does not tell',
    'draw from a parameter, or from a const that is given one: const g = rng',
  );
}

function step({ kernel }: Body, generator: GeneratorThing, block: Block): Operand {
  const result = new Value('f64', 'draw');
  const stream = kernel.streams.get(generator)!;
  block.statements.push({ kind: 'draw', stream, mask: undefined, result, source: -1 });
  return result;
}

/** RANDOM002 unless the condition holds; where it can be told now, at once. */
function requireBounds(
  body: Body,
  node: Call,
  block: Block,
  condition: Operand,
  [a, b]: readonly [Operand, Operand],
  say: (a: string, b: string) => { readonly summary: string; readonly note: string; readonly fix: string },
): void {
  const raise = (first: number, second: number): Error => {
    const { summary, ...advice } = say(showValue(first), showValue(second));
    return refuse(body.source, node, 'RANDOM002', summary, advice);
  };
  if (isFalse(condition)) throw raise(numberOf(a), numberOf(b));
  if (condition instanceof Constant) return;
  const { kernel } = body;
  const bits = (operand: Operand): Operand =>
    operand instanceof Constant
      ? i64(bitsOf(Number(operand.value)))
      : kernel.pure(block, 'bitsOfF64', 'f64', [operand], 'bound');
  const site = kernel.site(({ index, length }) => raise(doubleOfBits(index), doubleOfBits(length)));
  check(block, condition, site, { index: bits(a), length: bits(b) });
}

const scratch = new DataView(new ArrayBuffer(8));
const bitsOf = (value: number): bigint => (scratch.setFloat64(0, value), scratch.getBigInt64(0));
const numberOf = (operand: Operand): number => (operand instanceof Constant ? Number(operand.value) : NaN);
const isKnown = (...operands: readonly Operand[]): boolean => operands.every((each) => each instanceof Constant);

function largestBelow(value: number): number {
  if (value === 0) return -Number.MIN_VALUE;
  return doubleOfBits(bitsOf(value) + (value > 0 ? -1n : 1n));
}

function uniform(
  body: Body,
  node: Call,
  generator: GeneratorThing,
  [low = f64(0), high = f64(1)]: readonly Operand[],
  block: Block,
): Operand {
  const { kernel } = body;
  const width = isKnown(low, high)
    ? f64(numberOf(high) - numberOf(low))
    : kernel.pure(block, 'sub', 'f64', [high, low], 'width');
  const isRange =
    width instanceof Constant
      ? bool(numberOf(width) > 0 && numberOf(width) < Infinity)
      : both(
          kernel,
          block,
          // Two doubles differ by 0 only where they are equal: their difference is never rounded to it.
          kernel.pure(block, 'gt', 'f64', [width, f64(0)], 'isRange'),
          kernel.pure(block, 'lt', 'f64', [width, f64(Infinity)], 'isRange'),
        );
  requireBounds(body, node, block, isRange, [low, high], (a, b) => ({
    summary: `there are no uniform numbers from ${a} to ${b}`,
    note: 'the second bound has to lie above the first, and their distance to be finite',
    fix: 'give two such numbers, as uniform(-1, 1)',
  }));
  const u = step(body, generator, block);
  const isUnit = width instanceof Constant && width.value === 1;
  const scaled = isUnit ? u : kernel.pure(block, 'mul', 'f64', [width, u], 'scaled');
  const value =
    low instanceof Constant && low.value === 0 ? scaled : kernel.pure(block, 'add', 'f64', [low, scaled], 'uniform');
  // Where even the greatest draw stays below the end, nothing needs to be capped: rounding never turns an order around.
  if (isKnown(low, high) && numberOf(low) + numberOf(width) * (1 - 2 ** -52) < numberOf(high)) return value;
  return kernel.pure(block, 'min', 'f64', [value, below(body, high, block)], 'uniform');
}

/** The largest double below one that is finite. */
function below(body: Body, high: Operand, block: Block): Operand {
  if (high instanceof Constant) return f64(largestBelow(numberOf(high)));
  const { kernel } = body;
  const bits = kernel.pure(block, 'bitsOfF64', 'f64', [high], 'bits');
  const isPositive = kernel.pure(block, 'gt', 'f64', [high, f64(0)], 'isPositive');
  const by = kernel.pure(block, 'select', 'i64', [isPositive, i64(-1n), i64(1n)], 'by');
  const next = kernel.pure(block, 'f64OfBits', 'i64', [kernel.pure(block, 'add', 'i64', [bits, by])], 'below');
  const isZero = kernel.pure(block, 'eq', 'f64', [high, f64(0)], 'isZero');
  return kernel.pure(block, 'select', 'f64', [isZero, f64(-Number.MIN_VALUE), next], 'below');
}

/** Whether it is a finite number; 0 or above too, where that is asked. */
function isFinite(body: Body, operand: Operand, isSize: boolean, block: Block): Operand {
  const { kernel } = body;
  if (operand instanceof Constant) return bool(Number.isFinite(operand.value) && !(isSize && numberOf(operand) < 0));
  const size = kernel.pure(block, 'abs', 'f64', [operand], 'size');
  const isBelow = kernel.pure(block, 'lt', 'f64', [size, f64(Infinity)], 'isFinite');
  return isSize ? both(kernel, block, isBelow, kernel.pure(block, 'ge', 'f64', [operand, f64(0)])) : isBelow;
}

const bothKnown = ({ kernel }: Body, a: Operand, b: Operand, block: Block): Operand =>
  isFalse(a) || isFalse(b) ? bool(false) : both(kernel, block, a, b);

function normal(
  body: Body,
  node: Call,
  generator: GeneratorThing,
  [mean, deviation]: readonly Operand[],
  block: Block,
): Operand {
  const { kernel } = body;
  const [m, d] = [mean ?? f64(0), deviation ?? f64(1)];
  const isNormal = bothKnown(body, isFinite(body, m, false, block), isFinite(body, d, true, block), block);
  requireBounds(body, node, block, isNormal, [m, d], (a, b) => ({
    summary: `there are no normal numbers of mean ${a} and deviation ${b}`,
    note: 'both are finite numbers, and a deviation is not below 0',
    fix: 'leave them out for mean 0 and deviation 1',
  }));
  // u + 2⁻⁵³ is exact, and neither 0 nor 1.
  const middle = kernel.pure(block, 'add', 'f64', [step(body, generator, block), f64(2 ** -53)], 'probability');
  const standard = kernel.math(block, 'normalQuantile', [middle]);
  const scaled = deviation === undefined ? standard : kernel.pure(block, 'mul', 'f64', [standard, d], 'scaled');
  return mean === undefined ? scaled : kernel.pure(block, 'add', 'f64', [scaled, m], 'normal');
}

function exponential(
  body: Body,
  node: Call,
  generator: GeneratorThing,
  [scale]: readonly Operand[],
  block: Block,
): Operand {
  const { kernel } = body;
  const s = scale ?? f64(1);
  requireBounds(body, node, block, isFinite(body, s, true, block), [s, s], (a) => ({
    summary: `there are no exponential numbers of scale ${a}`,
    note: 'the scale is their mean, a finite number not below 0',
    fix: 'leave it out for a mean of 1',
  }));
  const rest = kernel.pure(block, 'sub', 'f64', [f64(1), step(body, generator, block)], 'rest');
  const standard = kernel.pure(block, 'sub', 'f64', [f64(0), kernel.math(block, 'log', [rest])], 'exponential');
  return scale === undefined ? standard : kernel.pure(block, 'mul', 'f64', [standard, s], 'exponential');
}

/** Whole numbers are known to be such, so that they can be places of elements. */
function integers(
  body: Body,
  node: Call,
  generator: GeneratorThing,
  [low, high]: readonly Operand[],
  block: Block,
): Operand {
  const { kernel } = body;
  if (low === undefined || high === undefined)
    throw refuse(body.source, node, 'RANDOM002', 'random integers want two bounds', {
      note: 'the second one is left out',
      fix: 'give two whole numbers, such as integers(1, 7) for a die',
    });
  const isWhole = (operand: Operand): Operand => {
    if (operand instanceof Constant) return bool(Number.isSafeInteger(operand.value));
    if (kernel.wholeOf(block, operand) !== undefined) return bool(true);
    const size = kernel.pure(block, 'abs', 'f64', [operand], 'size');
    return both(
      kernel,
      block,
      kernel.pure(block, 'eq', 'f64', [kernel.pure(block, 'trunc', 'f64', [operand]), operand], 'isWhole'),
      kernel.pure(block, 'le', 'f64', [size, f64(Number.MAX_SAFE_INTEGER)], 'isSafe'),
    );
  };
  const width = isKnown(low, high)
    ? f64(numberOf(high) - numberOf(low))
    : kernel.pure(block, 'sub', 'f64', [high, low], 'width');
  const isRange =
    width instanceof Constant
      ? bool(numberOf(width) > 0 && numberOf(width) <= 2 ** 32)
      : both(
          kernel,
          block,
          kernel.pure(block, 'gt', 'f64', [width, f64(0)], 'isRange'),
          kernel.pure(block, 'le', 'f64', [width, f64(2 ** 32)], 'isRange'),
        );
  const areWhole = bothKnown(body, isWhole(low), isWhole(high), block);
  requireBounds(body, node, block, bothKnown(body, isRange, areWhole, block), [low, high], (a, b) => ({
    summary: `there are no random integers from ${a} to ${b}`,
    note: 'bounds are whole numbers, the second one is left out, and they are at most 2^32 apart',
    fix: 'give two whole numbers, such as integers(1, 7) for a die',
  }));
  const scaled = kernel.pure(block, 'mul', 'f64', [step(body, generator, block), width], 'scaled');
  const offset = kernel.pure(block, 'floor', 'f64', [scaled], 'offset');
  const from = kernel.wholeOf(block, low);
  const integer = kernel.pure(block, 'truncI64', 'f64', [offset], 'integer');
  if (from === undefined) return kernel.pure(block, 'add', 'f64', [low, offset], 'integer');
  const isFromZero = low instanceof Constant && low.value === 0;
  const value = isFromZero ? offset : kernel.pure(block, 'add', 'f64', [low, offset], 'integer');
  const whole = isFromZero ? integer : kernel.pure(block, 'add', 'i64', [from.integer, integer], 'integer');
  if (from.bound + 2 ** 32 <= exactBound) kernel.noteWhole(value, { integer: whole, bound: from.bound + 2 ** 32 });
  return value;
}
