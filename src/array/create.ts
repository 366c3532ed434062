// Arrays out of nothing, out of numbers, and out of nested lists or typed arrays.
import { UserError } from '../base/errors.js';
import { nearest } from '../base/nearest.js';
import { showValue } from '../base/show-value.js';
import type { Scalar } from '../ir/operations.js';
import { dtypeNames, dtypeOfTypedArray, isDType, isFloatDType, valueTypeOf } from './dtypes.js';
import type { AnyTypedArray, DType } from './dtypes.js';
import { record, where } from './element-wise.js';
import { apply, Node, scalarNode } from './expressions.js';
import { broadcastShapes, showShape, sizeOf, stridesOf } from './layout.js';
import type { Shape } from './layout.js';
import { cast, dtypeOfPlain, toElement } from './operands.js';
import type { Plain } from './operands.js';
import { Place } from './place.js';
import { broadcastTo, expandDims, reshape } from './views.js';

/** @throws {UserError} ARRAY004 for what is no dtype */
export function toDType(value: unknown, what: string): DType {
  if (isDType(value)) return value;
  const guess = typeof value === 'string' ? nearest(value, dtypeNames) : undefined;
  throw new UserError('ARRAY004', `${what}: there is no dtype ${showValue(value)}`, {
    fix: guess === undefined ? `dtypes are ${dtypeNames.join(', ')}` : `did you mean '${guess}'?`,
  });
}

/** The same element everywhere. */
export function full(shape: Shape, value: Plain, dtype: DType = dtypeOfPlain(value)): Node {
  return broadcastTo(scalarNode(dtype, toElement(value, dtype, 'full')), shape);
}

/** Zeros, in memory of their own. */
export function zeroed(shape: Shape, dtype: DType): Node {
  const place = new Place(dtype, sizeOf(shape));
  place.elements().fill((valueTypeOf(dtype) === 'i64' && dtype !== 'uint32' ? 0n : 0) as never);
  return storedNode(place, shape);
}

/** The index on the only axis. */
const iota = (length: number): Node => new Node([length], 'int64', { kind: 'iota' });

/** start, start + step, … up to but without `stop`. Integers give int64. */
export function arange(start: number, stop: number | undefined, step: number, dtype?: DType): Node {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  for (const number of [from, to, step]) {
    if (!Number.isFinite(number))
      throw wrongRange(`arange cannot count with ${showValue(number)}`, 'give finite numbers');
  }
  if (step === 0) throw wrongRange('arange cannot count in steps of 0', 'give a step above or below 0');
  const length = Math.max(0, Math.ceil((to - from) / step));
  const isWhole = [from, to, step].every((number) => Number.isSafeInteger(number));
  const type = dtype ?? (isWhole ? 'int64' : 'float64');
  if (type === 'bool') throw wrongRange('arange cannot count in bool', "leave the dtype out, or use 'int64'");
  if (isFloatDType(type)) {
    // As NumPy does: each element is start + i·step, rounded twice in float64.
    const places = cast(iota(length), 'float64');
    const scaled = step === 1 ? places : record('mul', places, step);
    return cast(from === 0 ? scaled : record('add', scaled, from), type);
  }
  if (!isWhole) throw wrongRange(`arange of ${type} cannot count with fractions`, "use 'float64', or whole numbers");
  const scaled = step === 1 ? iota(length) : record('mul', iota(length), step);
  return cast(from === 0 ? scaled : record('add', scaled, from), type);
}

const wrongRange = (summary: string, fix: string): UserError => new UserError('ARRAY001', summary, { fix });

/** `count` numbers from start to stop, at equal distances; both ends are among them. */
export function linspace(start: number, stop: number, count: number, endpoint = true, dtype: DType = 'float64'): Node {
  if (!Number.isSafeInteger(count) || count < 0)
    throw wrongRange(`linspace cannot give ${showValue(count)} numbers`, 'give a count, such as 11');
  const gaps = endpoint ? count - 1 : count;
  const places = cast(iota(count), 'float64');
  const step = (stop - start) / gaps;
  // Where the step is too small to be a number, NumPy divides first.
  const scaled =
    gaps <= 0
      ? record('mul', places, stop - start)
      : step === 0
        ? record('mul', record('div', places, gaps), stop - start)
        : record('mul', places, step);
  const values = record('add', scaled, start);
  const exact =
    endpoint && count > 1 ? where(record('eq', iota(count), count - 1), scalarNode('float64', stop), values) : values;
  return cast(exact, dtype);
}

/** Ones on the k-th diagonal, zeros elsewhere. */
export function eye(rows: number, columns: number, k: number, dtype: DType): Node {
  const row = expandDims(iota(rows), 1);
  return cast(record('eq', k === 0 ? row : record('add', row, k), expandDims(iota(columns), 0)), dtype);
}

/** Nothing above the k-th diagonal of the last two axes (`lower`), or nothing below it. */
export function triangle(node: Node, k: number, part: 'lower' | 'upper'): Node {
  const [rows, columns] = node.shape.slice(-2) as [number, number];
  const row = record('add', expandDims(iota(rows), 1), k);
  const column = expandDims(iota(columns), 0);
  const zero = node.dtype === 'bool' ? false : 0;
  return where(record(part === 'lower' ? 'ge' : 'le', row, column), node, zero);
}

/** What can be made an array of. */
export type ArrayLike = Plain | AnyTypedArray | Uint8ClampedArray | readonly ArrayLike[];

/** A copy of a typed array, of a list of lists, or of one value. */
export function fromValues(values: unknown, given?: DType): Node {
  const typed = dtypeOfTypedArray(values);
  if (typed !== undefined) {
    const elements = values as AnyTypedArray;
    const place = new Place(typed, elements.length);
    place.elements().set(elements as never);
    const node = storedNode(place, [elements.length]);
    return given === undefined ? node : cast(node, given);
  }
  if (!Array.isArray(values)) {
    if (!['number', 'bigint', 'boolean'].includes(typeof values)) throw notAnArray(values, []);
    const dtype = given ?? dtypeOfPlain(values as Plain);
    return scalarNode(dtype, toElement(values, dtype, 'asarray'));
  }
  const shape: number[] = [];
  for (let level: unknown = values; Array.isArray(level); level = level[0]) shape.push(level.length);
  const flat: unknown[] = [];
  collect(values, shape, [], flat);
  const dtype = given ?? commonOf(flat);
  const place = new Place(dtype, flat.length);
  const elements = place.elements();
  for (const [index, value] of flat.entries()) {
    const element = toElement(value, dtype, 'asarray');
    elements[index] = toStored(element, dtype);
  }
  return storedNode(place, shape);
}

/** What a typed array of the dtype takes. */
export const toStored = (element: Scalar, dtype: DType): number | bigint =>
  typeof element === 'bigint' ? (dtype === 'uint32' ? Number(element) : element) : Number(element);

export const storedNode = (place: Place, shape: Shape): Node =>
  new Node(shape, place.dtype, { kind: 'stored', place, strides: stridesOf(shape), offset: 0 });

function commonOf(flat: readonly unknown[]): DType {
  const [first] = flat;
  if (flat.length === 0 || typeof first === 'number') return 'float64';
  return typeof first === 'bigint' ? 'int64' : 'bool';
}

/** Flattens lists into `flat`, and refuses those that are not all of the shape that their firsts have. */
function collect(values: unknown, shape: Shape, path: readonly number[], flat: unknown[]): void {
  const depth = path.length;
  if (depth === shape.length) {
    if (Array.isArray(values)) throw ragged(path, `a list of ${values.length}`, 'a value');
    if (!['number', 'bigint', 'boolean'].includes(typeof values)) throw notAnArray(values, path);
    flat.push(values);
    return;
  }
  if (!Array.isArray(values)) throw ragged(path, showValue(values), `a list of ${shape[depth]}`);
  if (values.length !== shape[depth]) throw ragged(path, `a list of ${values.length}`, `a list of ${shape[depth]}`);
  for (let index = 0; index < values.length; index++) collect(values[index], shape, [...path, index], flat);
}

const ragged = (path: readonly number[], found: string, wanted: string): UserError =>
  new UserError(
    'ARRAY010',
    `lists of different lengths make no array: at [${path.join('][')}] there is ${found}, not ${wanted}`,
    {
      note: 'the first list of each level says how long all of that level are',
      fix: 'make all rows equally long, for example by filling up with NaN',
    },
  );

function notAnArray(value: unknown, path: readonly number[]): UserError {
  const spot = path.length === 0 ? '' : ` at [${path.join('][')}]`;
  const shown = typeof value === 'string' ? `the string ${showValue(value)}` : showValue(value);
  return new UserError('ARRAY010', `asarray cannot make an array of ${shown}${spot}`, {
    note: 'arrays hold numbers, bigints or booleans',
    fix:
      typeof value === 'string'
        ? 'turn strings into numbers first: Number(text)'
        : 'give nested lists of numbers, or a typed array',
  });
}

/** All parts one after the other on an axis. */
export function concat(parts: readonly Node[], axis: number): Node {
  const [first] = parts;
  const shape = first!.shape.map((length, a) =>
    a === axis ? parts.reduce((total, part) => total + part.shape[axis]!, 0) : length,
  );
  for (const part of parts) {
    const fits =
      part.shape.length === shape.length && part.shape.every((length, a) => a === axis || length === shape[a]);
    if (!fits) {
      throw new UserError(
        'ARRAY002',
        `concat: the shapes ${parts.map((each) => showShape(each.shape)).join(' and ')} do not fit together`,
        {
          note: `they may differ on axis ${axis} only`,
          fix:
            part.shape.length === shape.length
              ? 'cut or fill up the longer ones'
              : 'use .expandDims so that all have as many axes',
        },
      );
    }
  }
  return new Node(shape, first!.dtype, { kind: 'concat', parts, axis });
}

/** The elements in C order on one axis. */
export const flatten = (node: Node): Node => reshape(node, [node.size]);

export const copyOf = (node: Node): Node => apply('cast', node.dtype, node.shape, [node]);

export const commonShapeOf = (shapes: readonly Shape[]): Shape => broadcastShapes(shapes, 'broadcastArrays');
