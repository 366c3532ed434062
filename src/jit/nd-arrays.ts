// Arrays with a shape in compiled code: their elements by get and set, which take what they take in plain code and refuse what they refuse
// there, with the same codes; their lengths; and arrays that the code makes for itself. Negative places count from the end, so a place
// that nothing proves to be from 0 up costs a choice.
import type { AnyNode, Node } from 'acorn';
import { showValue } from '../base/show-value.js';
import { Constant, Value } from '../ir/nodes.js';
import type { Buffer, Operand } from '../ir/nodes.js';
import { storageTypes } from '../ir/types.js';
import type { ElementType } from '../memory/lent-arrays.js';
import { doubleOfBits } from './arrays.js';
import { bool, f64, i64 } from './code.js';
import type { Block, Body, KernelCode } from './code.js';
import { storageOf } from './nd-types.js';
import type { NdType } from './nd-types.js';
import { refuse, refuseYet } from './refuse.js';
import { both, check, toInt32, toScalar, toSingle } from './scalars.js';
import { isScalar, nameOfThing } from './things.js';
import type { NdArrayThing, Thing } from './things.js';
import { bare, propertyName } from './walk.js';

type Call = Extract<AnyNode, { type: 'CallExpression' }>;

/** The array over memory that the caller has: `parameters` get the numbers that `ndScalars` gives, in their order. */
export function ndArrayOver(
  name: string,
  bufferName: string,
  { dtype, rank, strides: codes }: NdType,
  aliasClass: number,
  origin: NdArrayThing['origin'],
  parameters: Value[],
): NdArrayThing {
  const parameter = (what: string, axis: number): Value => {
    const value = new Value('i64', `${bufferName}.${what}${axis}`);
    parameters.push(value);
    return value;
  };
  const shape = Array.from({ length: rank }, (_, axis) => parameter('n', axis));
  const strideOf = (axis: number): Operand => {
    const code = codes?.[axis];
    if (code !== undefined) return code === 's' ? parameter('stride', axis) : i64(code === '-' ? -1n : BigInt(code));
    if (axis === rank - 1) return i64(1n);
    return axis === rank - 2 ? shape[rank - 1]! : parameter('stride', axis);
  };
  const strides = shape.map((_, axis) => strideOf(axis));
  // Lanes go along the last dimension of a buffer: that is the axis on which elements are neighbors, if there is one.
  const last = codes === undefined ? rank - 1 : Math.max(codes.lastIndexOf('1'), codes.lastIndexOf('-'));
  const axes = shape.map((_, axis) => axis);
  const order = last < 0 ? axes : [...axes.filter((axis) => axis !== last), last];
  const buffer: Buffer = {
    name: bufferName,
    storage: storageOf[dtype],
    shape: order.map((axis) => shape[axis]!),
    strides: order.map((axis) => strides[axis]!),
    access: 'both',
    aliasClass,
  };
  return { kind: 'ndarray', name, dtype, buffer, shape, order, origin };
}

/** An array of the function's own: zeros in C order. */
export function allocateNd(
  { kernel }: Body,
  dtype: ElementType,
  shape: readonly Operand[],
  name: string,
  block: Block,
): NdArrayThing {
  const aliasClass = kernel.newAliasClass();
  const strides: Operand[] = [];
  let stride: Operand = i64(1n);
  for (const length of shape.toReversed()) {
    strides.unshift(stride);
    stride = product(kernel, block, stride, length);
  }
  const order = shape.map((_, axis) => axis);
  const storage = storageOf[dtype];
  const buffer: Buffer = { name: `own.${aliasClass}`, storage, shape, strides, access: 'both', aliasClass };
  if (kernel.accesses !== undefined) kernel.madeInside.add(buffer);
  kernel.made.push(buffer);
  block.statements.push({ kind: 'allocate', buffer, source: -1 });
  return { kind: 'ndarray', name, dtype, buffer, shape, order, origin: { kind: 'own' } };
}

export function product(kernel: KernelCode, block: Block, a: Operand, b: Operand): Operand {
  if (a instanceof Constant && b instanceof Constant) return i64((a.value as bigint) * (b.value as bigint));
  if (a instanceof Constant && a.value === 1n) return b;
  if (b instanceof Constant && b.value === 1n) return a;
  return kernel.pure(block, 'mul', 'i64', [a, b], 'size');
}

const mostElements = 2 ** 48;

/** `a.shape`, `a.size` and `a.ndim`; undefined for any other property. */
export function ndProperty({ kernel }: Body, array: NdArrayThing, property: string, block: Block): Thing | undefined {
  const number = (length: Operand): Operand => kernel.fromWhole(block, length, mostElements, 'length');
  switch (property) {
    case 'shape':
      return { kind: 'tuple', elements: array.shape.map(number) };
    case 'ndim':
      return f64(array.shape.length);
    case 'size':
      return number(array.shape.reduce((size, length) => product(kernel, block, size, length), i64(1n)));
    default:
      return undefined;
  }
}

const methods = ['get', 'set', 'item'] as const;

/** A call of a method of an array with a shape; undefined for any other call. */
export function ndCall(body: Body, node: Call, given: readonly AnyNode[], block: Block): Thing | undefined {
  const callee = bare(node.callee);
  const method = methods.find((each) => each === propertyName(callee));
  if (method === undefined || callee.type !== 'MemberExpression' || !isReachable(body, callee.object)) return undefined;
  const { grammar } = body.kernel;
  const array = grammar.expression(body, callee.object, block);
  if (isScalar(array) || array.kind !== 'ndarray') return undefined;
  const isSet = method === 'set';
  const rank = array.shape.length;
  const found = isSet ? given.length - 1 : given.length;
  const isItem = method === 'item';
  if (isItem && (rank > 0 || found > 0))
    throw refuseYet(body.source, node, 'item of an array with axes', 'read an element by its places: a.get(i, j)');
  if (found !== rank) {
    throw refuse(
      body.source,
      node,
      'ARRAY006',
      `${method} is given ${Math.max(0, found)} places, and ${array.name} has ${rank} axes`,
      {
        note: isSet
          ? 'one element has a place on each axis, and the value comes last'
          : 'one element has a place on each axis',
        fix: `write ${array.name}.${method}(${[...'ijklmnop'.slice(0, rank).split(''), ...(isSet ? ['value'] : [])].join(', ')})`,
      },
    );
  }
  // All of them are computed before the first one is looked at.
  const things = given.map((each) => toScalar(body, each, grammar.expression(body, each, block)));
  const places = array.shape.map((_, axis) => placeOn(body, given[axis]!, array, axis, things[axis]!, block));
  if (!isSet) return loadNd(body, node, array, places, block);
  const value = storedNd(body, given.at(-1)!, array.dtype, things.at(-1)!, block);
  storeNd(body, node, array, places, value, block);
  return array;
}

/** What can stand before a method: a name, a part of a tuple, what `set` gives back. */
const isReachable = (body: Body, node: AnyNode): boolean => {
  const inner = bare(node);
  if (inner.type === 'Identifier') return body.names.declarationOf(inner) !== undefined;
  if (inner.type === 'MemberExpression') return isReachable(body, inner.object);
  return inner.type === 'CallExpression' && propertyName(bare(inner.callee)) === 'set';
};

/** A place on an axis: as it is written, which is what iterations are told apart by, and counted from 0. */
export interface NdPlace {
  readonly written: Operand | undefined;
  readonly counted: Operand;
}

/** A whole number from −length to length − 1, checked. */
function placeOn(body: Body, node: AnyNode, array: NdArrayThing, axis: number, index: Operand, block: Block): NdPlace {
  const { kernel } = body;
  const length = array.shape[axis]!;
  if (index.type !== 'f64' || (index instanceof Constant && !Number.isInteger(index.value))) {
    const what = index instanceof Constant ? showValue(index.value) : nameOfThing(index);
    throw refuse(body.source, node, 'JIT012', `${what} is no place in an array`, {
      note: 'places are whole numbers, counted from 0, or from -1 back from the end',
      fix: index.type === 'i64' ? 'make it a number: Number(i)' : 'give a whole number',
    });
  }
  const whole = kernel.wholeOf(block, index);
  const place = whole?.integer ?? kernel.pure(block, 'truncI64', 'f64', [index], 'place');
  let isIn: Operand = bool(true);
  if (whole === undefined) {
    const back = kernel.pure(block, 'toF64', 'i64', [place], 'place');
    isIn = kernel.pure(block, 'eq', 'f64', [back, index], 'isWhole');
  }
  const least = leastOf(kernel, place);
  const fromEnd = (): Operand => kernel.pure(block, 'add', 'i64', [place, length], 'place');
  let counted = place;
  let written: Operand | undefined = place;
  if (place instanceof Constant) {
    if ((place.value as bigint) < 0n) [counted, written] = [fromEnd(), undefined];
  } else if (least === undefined || least < 0n) {
    const isNegative = kernel.pure(block, 'lt', 'i64', [place, i64(0n)], 'isNegative');
    counted = kernel.pure(block, 'select', 'i64', [isNegative, fromEnd(), place], 'place');
    written = undefined;
  }
  if (counted instanceof Value)
    isIn = both(kernel, block, isIn, kernel.pure(block, 'ge', 'i64', [counted, i64(0n)], 'isIn'));
  isIn = both(kernel, block, isIn, kernel.pure(block, 'lt', 'i64', [counted, length], 'isIn'));
  const site = kernel.site((record) => {
    const found = doubleOfBits(record.index);
    const isWhole = Number.isInteger(found);
    const last = record.length - 1n;
    return refuse(
      body.source,
      node,
      'ARRAY006',
      `there is no place ${showValue(found)} on axis ${axis} of ${array.name}, which has ${Number(record.length) === 1 ? '1 element' : `${record.length} elements`} there`,
      {
        note:
          record.length === 0n ? 'the axis is empty' : `its places are 0 to ${last}, or -1 back to ${-record.length}`,
        fix: isWhole ? `keep the place below ${array.name}.shape[${axis}]` : 'round it first: Math.floor, Math.trunc',
      },
    );
  });
  kernel.places.accesses.set(site, { source: body.source, node, array: array.name, axis });
  check(block, isIn, site, { index: bitsOf(kernel, index, block), length });
  return { written, counted };
}

function bitsOf(kernel: KernelCode, number: Operand, block: Block): Operand {
  if (!(number instanceof Constant)) return kernel.pure(block, 'bitsOfF64', 'f64', [number], 'position');
  const scratch = new DataView(new ArrayBuffer(8));
  scratch.setFloat64(0, Number(number.value));
  return i64(scratch.getBigInt64(0));
}

/**
 * The least that an integer can be, where its text tells: of constants, of the counter of a parallel loop, and of sums of those. What else is
 * never negative is for the passes to find out, which take the choice away then; but what iterations of a parallel loop touch is asked here.
 */
function leastOf(kernel: KernelCode, operand: Operand): bigint | undefined {
  if (operand instanceof Constant) return operand.value as bigint;
  if (operand === kernel.ownPlace) return kernel.ownLeast;
  const definition = kernel.definitionOf(operand);
  if (definition === undefined || (definition.operation !== 'add' && definition.operation !== 'sub')) return undefined;
  const [a, b] = definition.operands as [Operand, Operand];
  const left = leastOf(kernel, a);
  if (left === undefined) return undefined;
  if (definition.operation === 'sub') return b instanceof Constant ? left - (b.value as bigint) : undefined;
  const right = leastOf(kernel, b);
  return right === undefined ? undefined : left + right;
}

const indexOf = ({ order }: NdArrayThing, places: readonly NdPlace[]): Operand[] =>
  order.map((axis) => places[axis]!.counted);

/** An element as a number or a boolean; of 64 bits while the number is exact. */
function loadNd(body: Body, node: Node, array: NdArrayThing, places: readonly NdPlace[], block: Block): Operand {
  const { kernel } = body;
  const { buffer, dtype, name } = array;
  kernel.noteAccess(array, 'isRead');
  kernel.accesses?.push({
    kind: 'load',
    array,
    places: places.map(({ written }) => written),
    node,
    source: body.source,
  });
  const result = new Value(storageTypes[buffer.storage].value, name);
  block.statements.push({ kind: 'load', buffer, index: indexOf(array, places), mask: undefined, result, source: -1 });
  switch (dtype) {
    case 'float64':
    case 'bool':
      return result;
    case 'float32':
      return kernel.pure(block, 'toF64', 'f32', [result], name);
    case 'uint32':
      return kernel.fromWhole(block, result, 2 ** 32, name);
    case 'int64':
    case 'uint64': {
      const [least, greatest] = exactRangeOf(dtype);
      const isExact = both(
        kernel,
        block,
        kernel.pure(block, 'ge', 'i64', [result, i64(least)], 'isExact'),
        kernel.pure(block, 'le', 'i64', [result, i64(greatest)], 'isExact'),
      );
      const site = kernel.site(({ index }) =>
        refuse(
          body.source,
          node,
          'ARRAY013',
          `the ${dtype} element ${dtype === 'uint64' ? BigInt.asUintN(64, index) : index} cannot be given as a number`,
          {
            note: 'beyond 2^53 a number no longer holds every integer',
            fix: 'give the function the elements as bigints: a.data(), a typed array of them',
          },
        ),
      );
      check(block, isExact, site, { index: result });
      return kernel.fromWhole(block, result, 2 ** 53, name);
    }
    default:
      return kernel.pure(block, 'toF64', 'i32', [result], name);
  }
}

/** The element of an array with one axis at a place that is known to be in it. */
export const loadNdAt = (body: Body, node: Node, array: NdArrayThing, place: Operand, block: Block): Operand =>
  loadNd(body, node, array, [{ written: place, counted: place }], block);

const exactRangeOf = (dtype: ElementType): [bigint, bigint] => [
  dtype === 'uint64' ? 0n : BigInt(Number.MIN_SAFE_INTEGER),
  BigInt(Number.MAX_SAFE_INTEGER),
];

function storeNd(
  body: Body,
  node: Node,
  array: NdArrayThing,
  places: readonly NdPlace[],
  value: Operand,
  block: Block,
): void {
  const { kernel } = body;
  kernel.noteAccess(array, 'isWritten');
  kernel.accesses?.push({
    kind: 'store',
    array,
    places: places.map(({ written }) => written),
    node,
    source: body.source,
  });
  const index = indexOf(array, places);
  block.statements.push({ kind: 'store', buffer: array.buffer, index, value, mask: undefined, source: -1 });
}

/** The least and greatest of an integer dtype. */
function rangeOf(dtype: ElementType): [bigint, bigint] {
  const bits = BigInt(/\d+$/.exec(dtype)![0]);
  return dtype.startsWith('u') ? [0n, 2n ** bits - 1n] : [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n];
}

/** What an array of the dtype stores for a value: nothing that does not fit, as in plain code. */
export function storedNd(body: Body, node: Node, dtype: ElementType, value: Operand, block: Block): Operand {
  const { kernel, source } = body;
  const cannot = (what: string, note: string, fix: string): Error =>
    refuse(source, node, 'ARRAY005', `${what} cannot be an element of ${dtype}`, { note, fix });
  if (dtype === 'bool') {
    if (value.type === 'bool') return value;
    throw cannot(nameOfThing(value), 'the elements of a bool array are true and false', 'compare: x !== 0');
  }
  if (value.type === 'bool') throw cannot('a boolean', 'true and false are no numbers', 'make it a number: +flag');
  if (dtype === 'float64' || dtype === 'float32') {
    if (value.type === 'i64') throw cannot('a bigint', 'a float array takes numbers', 'convert it: Number(x)');
    return dtype === 'float64' ? value : toSingle(kernel, block, value);
  }
  const [least, greatest] = rangeOf(dtype);
  const storage = storageOf[dtype];
  const isWide = storageTypes[storage].value === 'i64';
  if (value.type === 'i64') {
    const range = [least, greatest > 2n ** 63n - 1n ? 2n ** 63n - 1n : greatest] as const;
    const isIn = range.map((bound, end) =>
      kernel.pure(block, end === 0 ? 'ge' : 'le', 'i64', [value, i64(bound)], 'isIn'),
    );
    const site = kernel.site(({ index }) =>
      cannot(`${index}n`, `${dtype} goes from ${least} to ${greatest}`, 'use an array of a wider dtype'),
    );
    if (dtype !== 'int64') check(block, both(kernel, block, isIn[0]!, isIn[1]!), site, { index: value });
    return isWide ? value : kernel.pure(block, 'wrap', 'i64', [value], 'bits');
  }
  const whole = kernel.wholeOf(block, value);
  const [low, high] = isWide && dtype !== 'uint32' ? exactRangeOf(dtype) : [least, greatest];
  let isIn: Operand = bool(true);
  if (whole === undefined) {
    const cut = kernel.pure(block, 'trunc', 'f64', [value], 'whole');
    isIn = kernel.pure(block, 'eq', 'f64', [cut, value], 'isWhole');
  }
  for (const [operation, bound] of [
    ['ge', low],
    ['le', high],
  ] as const)
    isIn = both(kernel, block, isIn, kernel.pure(block, operation, 'f64', [value, f64(Number(bound))], 'isIn'));
  const site = kernel.site(({ index }) => {
    const found = doubleOfBits(index);
    if (!Number.isInteger(found))
      return cannot(
        showValue(found),
        'an array of integers holds whole numbers',
        'round it first, with Math.trunc or Math.round, or use an array of floats',
      );
    if (!Number.isSafeInteger(found))
      return cannot(showValue(found), 'beyond 2^53 a number no longer holds every integer', 'compute it as a bigint');
    return cannot(showValue(found), `${dtype} goes from ${least} to ${greatest}`, 'use an array of a wider dtype');
  });
  check(block, isIn, site, { index: bitsOf(kernel, value, block) });
  if (isWide) return whole?.integer ?? kernel.pure(block, 'truncI64', 'f64', [value], 'bits');
  return toInt32(kernel, block, value);
}
