// Arrays as text, the way NumPy prints them: columns aligned, the middle of large arrays left out. Of an array that has not been computed
// only the printed edge is.
import { isFloatDType } from './dtypes.js';
import type { DType } from './dtypes.js';
import { concat } from './create.js';
import type { Node } from './expressions.js';
import { Slice, takeIndex } from './indexing.js';
import { stridesOf } from './layout.js';
import { nestElements } from './read-elements.js';
import type { Nested } from './read-elements.js';
import { storedOf } from './run.js';
import { Plan } from './plan.js';
import { runPlan } from './run.js';

/** Arrays of more elements show only so many places at each end of an axis. */
const threshold = 1000;
const edgePlaces = 3;
const lineWidth = 75;
const precision = 8;

export function printNode(node: Node, style: 'plain' | 'full'): string {
  const isShortened = node.size > threshold;
  const elements = isShortened ? edgeOf(node) : nestElements(node.shape, node.dtype, storedOf(node), true);
  const separator = style === 'full' ? ', ' : ' ';
  const prefix = style === 'full' ? 'array(' : '';
  if (style === 'plain' && !Array.isArray(elements)) return printAlone(elements, node.dtype);
  const format = formatter(node.dtype, flatten(elements));
  const text = layOut(elements, node.shape, isShortened, separator, prefix.length, format);
  if (style === 'plain') return text;
  const isDefault = node.dtype === 'float64' || node.dtype === 'int64' || node.dtype === 'bool';
  const parts: string[] = [];
  if (isShortened || (node.size === 0 && node.shape.length !== 1)) parts.push(`shape=(${node.shape.join(', ')})`);
  if (!isDefault || node.size === 0) parts.push(`dtype=${node.dtype}`);
  return `${prefix}${[text, ...parts].join(', ')})`;
}

/** A number without an array around it. */
function printAlone(element: number | bigint | boolean, dtype: DType): string {
  if (typeof element !== 'number' || !isFloatDType(dtype)) return String(element);
  const text = floatWriter([element], dtype)(element).trim();
  return text.endsWith('.') ? `${text}0` : text;
}

/** The elements that are shown of a large array. */
function edgeOf(node: Node): Nested {
  let edge = node;
  for (const [axis, length] of node.shape.entries()) {
    if (length <= 2 * edgePlaces) continue;
    const part = (from: Slice): Node =>
      takeIndex(edge, [...node.shape.slice(0, axis).map(() => new Slice(null, null, 1)), from]);
    edge = concat([part(new Slice(0, edgePlaces, 1)), part(new Slice(-edgePlaces, null, 1))], axis);
  }
  const plan = new Plan();
  const stored = plan.store(edge);
  runPlan(plan, [edge]);
  return nestElements(edge.shape, edge.dtype, { ...stored, strides: stridesOf(edge.shape) }, true);
}

const flatten = (elements: Nested): (number | bigint | boolean)[] =>
  Array.isArray(elements) ? elements.flatMap(flatten) : [elements];

type Format = (element: number | bigint | boolean) => string;

function formatter(dtype: DType, elements: readonly (number | bigint | boolean)[]): Format {
  const write = isFloatDType(dtype) ? floatWriter(elements as readonly number[], dtype) : String;
  const width = Math.max(0, ...elements.map((element) => write(element as never).length));
  return (element) => write(element as never).padStart(width);
}

/** Fixed notation with as many digits as are needed, at most 8 of a fraction; with exponents where sizes differ widely, as in NumPy. */
function floatWriter(all: readonly number[], dtype: DType): (x: number) => string {
  const finite = all.filter(Number.isFinite);
  const sizes = finite.filter((x) => x !== 0).map(Math.abs);
  const [least, greatest] = [Math.min(...sizes), Math.max(...sizes)];
  const hasExponents = sizes.length > 0 && (greatest >= 1e8 || least < 1e-4 || greatest / least > 1000);
  const digitsOf = (x: number): [string, string, string] => {
    const text = hasExponents ? exponential(x, dtype) : fixed(x, dtype);
    const [mantissa, exponent = ''] = text.split('e');
    const [whole, fraction = ''] = mantissa!.split('.');
    return [whole!, fraction, exponent];
  };
  const fractionWidth = Math.max(0, ...finite.map((x) => digitsOf(x)[1].length));
  return (x) => {
    if (Number.isNaN(x)) return 'nan';
    if (!Number.isFinite(x)) return x > 0 ? 'inf' : '-inf';
    const [whole, fraction, exponent] = digitsOf(x);
    if (hasExponents) return `${whole}.${fraction.padEnd(fractionWidth, '0')}e${exponent}`;
    return `${whole}.${fraction.padEnd(fractionWidth, ' ')}`;
  };
}

const signed = (x: number, text: string): string => (Object.is(x, -0) ? `-${text}` : text);

/** The shortest digits that are read back as the same float. */
function shortest(x: number, dtype: DType): number {
  if (dtype !== 'float32') return x;
  for (let digits = 1; digits < 10; digits++) {
    const near = Number(x.toPrecision(digits));
    if (Math.fround(near) === x) return near;
  }
  return x;
}

function fixed(value: number, dtype: DType): string {
  const x = shortest(value, dtype);
  const plain = String(x);
  const isShort = /^-?\d+(?:\.\d{1,8})?$/.test(plain);
  return signed(value, isShort ? plain : x.toFixed(precision).replace(/\.?0+$/, ''));
}

function exponential(value: number, dtype: DType): string {
  const x = shortest(value, dtype);
  const full = x.toExponential();
  const digits = full.split('e')[0]!.split('.')[1]?.length ?? 0;
  const [mantissa, exponent] = (digits <= precision ? full : x.toExponential(precision)).split('e') as [string, string];
  const trimmed = digits <= precision ? mantissa : mantissa.replace(/\.?0+$/, '');
  return signed(value, `${trimmed}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`);
}

function layOut(
  elements: Nested,
  shape: readonly number[],
  isShortened: boolean,
  separator: string,
  indent: number,
  format: Format,
): string {
  const write = (part: Nested, axis: number): string => {
    if (!Array.isArray(part)) return format(part);
    const pieces: string[] = part.map((each) => write(each, axis + 1));
    if (isShortened && shape[axis]! > 2 * edgePlaces) pieces.splice(edgePlaces, 0, '...');
    const inner = ' '.repeat(indent + axis + 1);
    const comma = separator.trimEnd();
    if (axis < shape.length - 1) return `[${pieces.join(`${comma}${'\n'.repeat(shape.length - 1 - axis)}${inner}`)}]`;
    // As many elements on a line as fit.
    const lines: string[] = [];
    let line = '';
    for (const [index, piece] of pieces.entries()) {
      const isLast = index === pieces.length - 1;
      const closing = isLast ? shape.length : comma.length;
      const longer = line === '' ? piece : `${line}${separator}${piece}`;
      if (line !== '' && inner.length + longer.length + closing > lineWidth) {
        lines.push(line);
        line = piece;
      } else line = longer;
    }
    lines.push(line);
    return `[${lines.join(`${comma}\n${inner}`)}]`;
  };
  return write(elements, 0);
}
