// The statistical functions of the array standard, recorded as reductions and element-wise work around them. How the elements of a sum are
// put together is docs/numerics.md, 7.
import { UserError } from '../base/errors.js';
import { findUnknownOption } from '../base/nearest.js';
import { showValue } from '../base/show-value.js';
import { toDType } from './create.js';
import { floatOf, isNumericDType, sumDType } from './dtypes.js';
import type { DType } from './dtypes.js';
import { record, square } from './element-wise.js';
import { apply, Node, reducedLength, scalarNode } from './expressions.js';
import type { ReduceOperator } from './expressions.js';
import { showShape, toAxes, toAxis } from './layout.js';
import { cast, expectDType, toElement } from './operands.js';
import { scanOf } from './scan.js';
import { alongLast, broadcastTo, expandDims } from './views.js';

/** Which axes to put together: one, several, or by default all; `keepdims` leaves axes of length 1 in their place. */
export interface ReduceOptions {
  readonly axis?: number | readonly number[] | null;
  readonly keepdims?: boolean;
}

/** Sums and products are gathered in that dtype, and have it. */
export interface GatherOptions extends ReduceOptions {
  readonly dtype?: DType;
}

export interface DeviationOptions extends ReduceOptions {
  /** What is taken off the number of elements that is divided by; 1 for a sample. */
  readonly correction?: number;
}

export type AxisArgument<O = ReduceOptions> = number | null | O;

/** An axis alone, or an object of options, as one form. */
export function toOptions<O extends object>(
  given: AxisArgument<O> | undefined,
  what: string,
  known: readonly string[],
): O {
  if (given === undefined) return {} as O;
  if (given === null || typeof given === 'number') return { axis: given } as O;
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw new UserError('ARRAY011', `${what} cannot take ${showValue(given)} as its options`, {
      fix: Array.isArray(given)
        ? `write ${what}({ axis: [${(given as unknown[]).join(', ')}] }) for several axes`
        : `write ${what}(0) for an axis, or ${what}({ axis: 0, keepdims: true })`,
    });
  }
  const unknown = findUnknownOption(given, known);
  if (unknown) throw new UserError('ARRAY011', `${what} has no option ${unknown.name}`, { fix: unknown.fix });
  return given;
}

const reduceOptions = ['axis', 'keepdims'];

function reduceNode(operator: ReduceOperator, source: Node, dtype: DType, options: ReduceOptions, what: string): Node {
  const axes = toAxes(options.axis, source.shape.length, what);
  const shape = source.shape.filter((_, axis) => !axes.includes(axis));
  // Without axes each element is put together with nothing.
  const reduced =
    axes.length === 0 ? cast(source, dtype) : new Node(shape, dtype, { kind: 'reduce', operator, source, axes });
  return options.keepdims ? axes.reduce((node, axis) => expandDims(node, axis), reduced) : reduced;
}

function gather(name: 'sum' | 'prod', operator: 'add' | 'mul', node: Node, given?: AxisArgument<GatherOptions>): Node {
  const options = toOptions(given, name, [...reduceOptions, 'dtype']);
  const dtype = gatherDType(name, node, options.dtype);
  return reduceNode(operator, cast(node, dtype), dtype, options, name);
}

/** What sums of a node are gathered in. */
function gatherDType(name: string, node: Node, wanted: DType | undefined): DType {
  if (wanted === undefined) return sumDType(node.dtype);
  const dtype = toDType(wanted, name);
  expectDType(dtype, isNumericDType, `the dtype of ${name}`, 'numbers');
  return dtype;
}

export const sum = (node: Node, given?: AxisArgument<GatherOptions>): Node => gather('sum', 'add', node, given);
export const prod = (node: Node, given?: AxisArgument<GatherOptions>): Node => gather('prod', 'mul', node, given);

/** There is no least of nothing. */
function expectElements(node: Node, axis: ReduceOptions['axis'], what: string): void {
  const axes = toAxes(axis, node.shape.length, what);
  if (reducedLength(node, axes) > 0) return;
  throw new UserError('ARRAY012', `${what} of no elements: the shape is ${showShape(node.shape)}`, {
    note: `nothing is the ${what} of nothing`,
    fix: 'check that the array is not empty first',
  });
}

/** Orders uint64 as int64 does, and back. */
function flipSign(node: Node): Node {
  const [from, to]: [DType, DType] = node.dtype === 'uint64' ? ['uint64', 'int64'] : ['int64', 'uint64'];
  const flipped = apply('xor', from, node.shape, [node, scalarNode(from, -(2n ** 63n))]);
  return apply('cast', to, node.shape, [flipped]);
}

function extreme(operator: 'min' | 'max', node: Node, given?: AxisArgument): Node {
  const options = toOptions(given, operator, reduceOptions);
  expectDType(node.dtype, isNumericDType, operator, 'numbers');
  expectElements(node, options.axis, operator);
  if (node.dtype !== 'uint64') return reduceNode(operator, node, node.dtype, options, operator);
  return flipSign(reduceNode(operator, flipSign(node), 'int64', options, operator));
}

export const min = (node: Node, given?: AxisArgument): Node => extreme('min', node, given);
export const max = (node: Node, given?: AxisArgument): Node => extreme('max', node, given);

export function all(node: Node, given?: AxisArgument): Node {
  return reduceNode('and', cast(node, 'bool'), 'bool', toOptions(given, 'all', reduceOptions), 'all');
}

export function any(node: Node, given?: AxisArgument): Node {
  return reduceNode('or', cast(node, 'bool'), 'bool', toOptions(given, 'any', reduceOptions), 'any');
}

export function countNonzero(node: Node, given?: AxisArgument): Node {
  const options = toOptions(given, 'countNonzero', reduceOptions);
  return reduceNode('count', cast(node, 'bool'), 'int64', options, 'countNonzero');
}

/** How many elements make one result. */
const lengthOf = (node: Node, axis: ReduceOptions['axis'], what: string): number =>
  reducedLength(node, toAxes(axis, node.shape.length, what));

const toFloats = (node: Node): Node => cast(node, floatOf(node.dtype));

export function mean(node: Node, given?: AxisArgument): Node {
  const options = toOptions(given, 'mean', reduceOptions);
  expectDType(node.dtype, isNumericDType, 'mean', 'numbers');
  const length = lengthOf(node, options.axis, 'mean');
  return record('div', sum(toFloats(node), options), length);
}

export function variance(node: Node, given?: AxisArgument<DeviationOptions>, what = 'var'): Node {
  const options = toOptions(given, what, [...reduceOptions, 'correction']);
  const { axis, keepdims, correction = 0 } = options;
  expectDType(node.dtype, isNumericDType, what, 'numbers');
  const length = lengthOf(node, axis, what);
  const values = toFloats(node);
  const distances = record('sub', values, mean(values, { axis: axis ?? null, keepdims: true }));
  const total = sum(square(distances), { axis: axis ?? null, keepdims: keepdims ?? false });
  return record('div', total, Math.max(0, length - correction));
}

export function deviation(node: Node, given?: AxisArgument<DeviationOptions>): Node {
  return record('sqrt', variance(node, given, 'std'));
}

export interface ScanOptions {
  /** Along which axis; needed where there are several. */
  readonly axis?: number;
  /** Begins with what nothing adds up to. */
  readonly includeInitial?: boolean;
  /** They are gathered in that dtype, and have it. */
  readonly dtype?: DType;
}

/** Running sums or products. */
export function scan(name: 'cumulativeSum' | 'cumulativeProd', node: Node, given?: AxisArgument<ScanOptions>): Node {
  const options = toOptions(given, name, ['axis', 'includeInitial', 'dtype']);
  const rank = node.shape.length;
  if (rank !== 1 && (options.axis === undefined || options.axis === null)) {
    throw new UserError('ARRAY003', `${name} needs an axis for the shape ${showShape(node.shape)}`, {
      note: 'running along several axes at once has no order',
      fix: rank === 0 ? 'make an array of it with .reshape([1])' : `write ${name}(0), or .flatten() first`,
    });
  }
  const axis = toAxis(options.axis ?? 0, rank, name);
  const dtype = gatherDType(name, node, options.dtype);
  const operator = name === 'cumulativeSum' ? 'add' : 'mul';
  const running = alongLast(cast(node, dtype), axis, (rows) => {
    const own = scanOf(operator, dtype, rows.shape.at(-1)!);
    return new Node(rows.shape, dtype, { kind: 'kernels', operands: [rows], own });
  });
  if (!options.includeInitial) return running;
  const first = scalarNode(dtype, toElement(operator === 'add' ? 0 : 1, dtype, name));
  const shape = node.shape.with(axis, 1);
  const initial = broadcastTo(first, shape);
  const whole = node.shape.with(axis, node.shape[axis]! + 1);
  return new Node(whole, dtype, { kind: 'concat', parts: [initial, running], axis });
}

export interface ArgOptions {
  readonly axis?: number | null;
  readonly keepdims?: boolean;
}

function argExtreme(name: 'argmin' | 'argmax', node: Node, given?: AxisArgument<ArgOptions>): Node {
  const options = toOptions(given, name, reduceOptions);
  expectDType(node.dtype, isNumericDType, name, 'numbers');
  expectElements(node, options.axis, name);
  if (options.axis !== undefined && options.axis !== null) toAxis(options.axis, node.shape.length, name);
  const key = apply(name === 'argmin' ? 'leastKey' : 'greatestKey', 'int64', node.shape, [node]);
  if (node.shape.length === 0) return scalarNode('int64', 0n);
  return reduceNode(name === 'argmin' ? 'argLeast' : 'argGreatest', key, 'int64', options, name);
}

export const argmin = (node: Node, given?: AxisArgument<ArgOptions>): Node => argExtreme('argmin', node, given);
export const argmax = (node: Node, given?: AxisArgument<ArgOptions>): Node => argExtreme('argmax', node, given);
