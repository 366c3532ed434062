// zeros, ones, full and empty of heddle, and their likes, in compiled code: known by what `globals` gives, as any function of a person's own
// may have such a name. What the function returns is made by the caller, where its shape follows from the arguments (result-arrays.ts);
// anything else lies in the call's own memory.
import type { AnyNode } from 'acorn';
import { Constant, Value } from '../ir/nodes.js';
import type { Operand } from '../ir/nodes.js';
import { creationOf } from '../memory/lent-arrays.js';
import type { CreationName, ElementType } from '../memory/lent-arrays.js';
import { doubleOfBits } from './arrays.js';
import { Block, bool, f64, i64 } from './code.js';
import type { Body } from './code.js';
import { forOf } from './counted-loops.js';
import { spellingOf } from './globals.js';
import { allocateNd, storedNd } from './nd-arrays.js';
import { isElementType } from './nd-types.js';
import { refuse, refuseYet } from './refuse.js';
import { both, check, toNumber, toScalar } from './scalars.js';
import { isScalar, nameOfThing } from './things.js';
import type { NdArrayThing, Thing } from './things.js';
import { bare, propertyName } from './walk.js';

export type Call = Extract<AnyNode, { type: 'CallExpression' }>;

/** The function of heddle that a call makes an array with, if it is one. */
export function creationAt({ kernel, names }: Pick<Body, 'kernel' | 'names'>, node: AnyNode): CreationName | undefined {
  if (node.type !== 'CallExpression') return undefined;
  const callee = bare(node.callee);
  if (names.declarationOf(callee) !== undefined) return undefined;
  const spelling = spellingOf(callee);
  return spelling === undefined ? undefined : creationOf(kernel.globals.valueOf(spelling));
}

/** What a call of one of these functions says: of which shape, filled with what, of which dtype. */
export interface CreationParts {
  /** What stands for the shape: lengths, or an array that is of that shape. */
  readonly shape: AnyNode;
  readonly isLike: boolean;
  /** What it is filled with; undefined for zeros. */
  readonly value: AnyNode | 1 | undefined;
  readonly options: AnyNode | undefined;
}

export function partsOf(body: Body, node: Call, name: CreationName): CreationParts {
  const given = node.arguments.map((each): AnyNode => {
    if (each.type === 'SpreadElement')
      throw refuseYet(body.source, each, 'a spread argument', 'write the arguments one by one');
    return each;
  });
  const isFull = name === 'full' || name === 'fullLike';
  const isLike = name.endsWith('Like');
  const [shape, ...rest] = given;
  const value = isFull ? rest.shift() : name.startsWith('ones') ? 1 : undefined;
  const most = isLike ? 0 : 1;
  if (shape === undefined || (isFull && value === undefined) || rest.length > most) {
    const what = `${isLike ? 'a' : 'shape'}${isFull ? ', value' : ''}`;
    throw refuse(body.source, node, 'ARRAY011', `${name} is given ${given.length} arguments`, {
      fix: `write ${name}(${what})`,
    });
  }
  return { shape, isLike, value, options: rest[0] };
}

/** The dtype that the options name; undefined where they name none. */
export function dtypeIn(body: Body, options: AnyNode | undefined, arrayAt: (node: AnyNode) => ElementType | undefined) {
  if (options === undefined) return undefined;
  const [property] = options.type === 'ObjectExpression' ? options.properties : [];
  const isOne = options.type === 'ObjectExpression' && options.properties.length === 1;
  const isDType = property?.type === 'Property' && property.key.type === 'Identifier' && property.key.name === 'dtype';
  if (isOne && isDType) {
    const value = property.value as AnyNode;
    if (value.type === 'Literal' && isElementType(value.value)) return value.value;
    const dtype =
      propertyName(value) === 'dtype' && value.type === 'MemberExpression' ? arrayAt(value.object) : undefined;
    if (dtype !== undefined) return dtype;
  }
  throw refuseYet(body.source, options, 'these options', "write the dtype there: { dtype: 'float32' }");
}

/** What an array is of that nobody has said anything about. */
export const defaultDType = (value: Thing | undefined): ElementType => {
  if (value === undefined || !isScalar(value) || value.type === 'f64') return 'float64';
  return value.type === 'bool' ? 'bool' : 'int64';
};

/** An array that is made by a call of one of the functions; undefined for any other call. */
export function createNd(body: Body, node: Call, block: Block): Thing | undefined {
  const name = creationAt(body, node);
  if (name === undefined) return undefined;
  const { kernel } = body;
  const { grammar } = kernel;
  const { shape, isLike, value, options } = partsOf(body, node, name);
  const ready = kernel.resultArrays.get(node) as NdArrayThing | undefined;
  const shapeThing = ready !== undefined && !isLike ? undefined : grammar.expression(body, shape, block);
  const like = isLike ? expectNd(body, shape, shapeThing!) : undefined;
  const filled = value === undefined || value === 1 ? undefined : grammar.expression(body, value, block);
  const dtype =
    ready?.dtype ?? like?.dtype ?? dtypeIn(body, options, (at) => dtypeAt(body, at, block)) ?? defaultDType(filled);
  const array =
    ready ??
    allocateNd(body, dtype, like?.shape ?? lengthsOf(body, node, name, shape, shapeThing!, block), name, block);
  if (value === undefined) return array;
  const one = dtype === 'bool' ? bool(true) : f64(1);
  const element = value === 1 ? one : toScalar(body, value, filled!);
  fill(body, array, storedNd(body, value === 1 ? node : value, dtype, element, block), block);
  return array;
}

function dtypeAt(body: Body, node: AnyNode, block: Block): ElementType | undefined {
  if (node.type !== 'Identifier' || body.names.declarationOf(node) === undefined) return undefined;
  const thing = body.kernel.grammar.expression(body, node, block);
  return isScalar(thing) || thing.kind !== 'ndarray' ? undefined : thing.dtype;
}

function expectNd(body: Body, node: AnyNode, thing: Thing): NdArrayThing {
  if (!isScalar(thing) && thing.kind === 'ndarray') return thing;
  throw refuseYet(body.source, node, `an array like ${nameOfThing(thing)}`, 'give an array of heddle, or a shape');
}

const mostElements = 2n ** 42n;

/** The lengths, which are whole numbers from 0 up. */
function lengthsOf(body: Body, node: Call, name: string, at: AnyNode, thing: Thing, block: Block): Operand[] {
  const { kernel } = body;
  const lengths = !isScalar(thing) && thing.kind === 'tuple' ? thing.elements : [thing];
  return lengths.map((each): Operand => {
    const number = toNumber(body, at, block, each);
    const whole = kernel.wholeOf(block, number);
    const length = whole?.integer ?? kernel.pure(block, 'truncI64', 'f64', [number], 'length');
    const isWhole =
      whole !== undefined
        ? bool(true)
        : kernel.pure(block, 'eq', 'f64', [kernel.pure(block, 'toF64', 'i64', [length]), number], 'isWhole');
    const wrongLength = (found: number): Error => shapeError(body, node, name, String(found));
    if (length instanceof Constant) {
      if ((length.value as bigint) < 0n) throw wrongLength(Number(length.value));
      return length;
    }
    const isLength = both(
      kernel,
      block,
      kernel.pure(block, 'ge', 'i64', [length, i64(0n)], 'isLength'),
      kernel.pure(block, 'le', 'i64', [length, i64(mostElements)], 'isLength'),
    );
    const bits = kernel.pure(block, 'bitsOfF64', 'f64', [number], 'length');
    const site = kernel.site(({ index }) => wrongLength(doubleOfBits(index)));
    check(block, both(kernel, block, isWhole, isLength), site, { index: bits });
    return length;
  });
}

export const shapeError = (body: Pick<Body, 'source'>, node: AnyNode, name: string, shown: string): Error =>
  refuse(body.source, node, 'ARRAY001', `${name} cannot make an array of the length ${shown}`, {
    note: 'lengths are whole numbers from 0 up',
    fix: 'give a list of lengths, such as [2, 3], or one length',
  });

/** Stores one value everywhere. */
function fill({ kernel }: Body, { buffer, shape }: NdArrayThing, value: Operand, block: Block): void {
  kernel.noteAccess({ buffer }, 'isWritten');
  const loop = (axis: number, index: readonly Operand[], at: Block): void => {
    if (axis === shape.length) {
      at.statements.push({ kind: 'store', buffer, index, value, mask: undefined, source: -1 });
      return;
    }
    const place = new Value('i64', 'index');
    const inner = new Block(at.environment);
    loop(axis + 1, [...index, place], inner);
    inner.end({ kind: 'yield', operands: [] });
    const parts = { label: kernel.newLabel(), index: place, count: shape[axis]!, carried: [], owned: [], results: [] };
    at.statements.push(forOf({ ...parts, body: inner.region(), source: -1 }));
  };
  loop(0, [], block);
}
