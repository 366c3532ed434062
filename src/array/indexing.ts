// What stands between the brackets of a.at(…): numbers pick a place and drop the axis, slices keep a part of it, null makes a new axis, and
// '...' stands for all axes that are not named. The result is a view.
import { UserError } from '../base/errors.js';
import { showValue } from '../base/show-value.js';
import { view } from './expressions.js';
import type { AxisMap, Node } from './expressions.js';
import { showShape } from './layout.js';

/** A part of an axis: `start` up to but without `stop`, every `step`-th; negative counts from the end. */
export class Slice {
  readonly start: number | null;
  readonly stop: number | null;
  readonly step: number;

  constructor(start: number | null, stop: number | null, step: number) {
    [this.start, this.stop, this.step] = [start, stop, step];
  }
}

/**
 * A part of an axis, as Python's slice(start, stop, step) is: with one argument that is the stop; null or nothing is the end of the axis.
 *
 * @throws {UserError} ARRAY006 for what is no whole number, and for a step of 0
 */
export function slice(start?: number | null, stop?: number | null, step?: number | null): Slice {
  const isStop = stop === undefined && step === undefined;
  const [from, to] = isStop ? [null, start ?? null] : [start ?? null, stop ?? null];
  for (const bound of [from, to, step ?? 1]) {
    if (bound !== null && !Number.isInteger(bound)) {
      throw new UserError('ARRAY006', `a slice cannot have the bound ${showValue(bound)}`, {
        fix: 'give whole numbers, or null for the end of the axis',
      });
    }
  }
  if (step === 0) throw stepOfZero('slice(…, …, 0)');
  return new Slice(from, to, step ?? 1);
}

const stepOfZero = (shown: string): UserError =>
  new UserError('ARRAY006', `the slice ${shown} has a step of 0`, {
    note: 'it would take one place for ever',
    fix: 'use a step of 1, or one below 0 to go backwards',
  });

type Bound = number | '';
/** A slice as Python writes it between brackets, such as ':', '1:10', '::2' or '-3:'. */
export type SliceText = `${Bound}:${Bound}` | `${Bound}:${Bound}:${Bound}`;
export type Index = number | Slice | SliceText | '...' | null;

function parseSlice(text: string): Slice {
  const match = /^\s*(-?\d+)?\s*:\s*(-?\d+)?\s*(?::\s*(-?\d+)?\s*)?$/.exec(text);
  if (match === null) {
    throw new UserError('ARRAY006', `${JSON.stringify(text)} is no index`, {
      note: "an index is a number, a slice such as '1:10:2', null for a new axis, or '...' for all other axes",
      fix: /^\s*-?\d+\s*$/.test(text)
        ? `write ${text.trim()} without quotes for one place`
        : "write ':' for the whole axis",
    });
  }
  const [start, stop, step] = match.slice(1).map((digits) => (digits === undefined ? null : Number(digits)));
  if (step === 0) throw stepOfZero(text);
  return new Slice(start ?? null, stop ?? null, step ?? 1);
}

/** Where a slice begins on an axis of that length, and how many places it has. */
function resolveSlice({ start, stop, step }: Slice, length: number): { first: number; count: number } {
  const [lowest, highest] = step > 0 ? [0, length] : [-1, length - 1];
  const clip = (bound: number): number => Math.min(highest, Math.max(lowest, bound < 0 ? bound + length : bound));
  const first = start === null ? (step > 0 ? 0 : length - 1) : clip(start);
  const end = stop === null ? (step > 0 ? length : -1) : clip(stop);
  return { first, count: Math.max(0, Math.ceil((end - first) / step)) };
}

/** The place that a number from −length to length − 1 means. */
export function toPlace(index: unknown, length: number, axis: number, shape: readonly number[]): number {
  if (typeof index !== 'number' || !Number.isInteger(index) || index < -length || index >= length) {
    const range = length === 0 ? 'the axis is empty' : `its places are 0 to ${length - 1}, or -1 back to ${-length}`;
    throw new UserError(
      'ARRAY006',
      `there is no place ${showValue(index)} on axis ${axis} of the shape ${showShape(shape)}`,
      {
        note: range,
        fix:
          typeof index === 'number' && !Number.isInteger(index)
            ? 'round it first: Math.floor, Math.trunc'
            : 'check the index against .shape',
      },
    );
  }
  return index < 0 ? index + length : index;
}

/** The part of a node that the index leads to. */
export function takeIndex(node: Node, index: readonly unknown[]): Node {
  const rank = node.shape.length;
  const named = index.filter((each) => each !== null && each !== '...').length;
  const dots = index.filter((each) => each === '...').length;
  if (named > rank || dots > 1) {
    throw new UserError('ARRAY006', `${index.length} indices for the shape ${showShape(node.shape)}`, {
      note: dots > 1 ? "'...' can stand for axes once only" : `the array has ${rank} ${rank === 1 ? 'axis' : 'axes'}`,
      fix: dots > 1 ? "keep one '...'" : 'leave out what is too many',
    });
  }
  const full = dots === 1 ? index : [...index, '...'];
  const shape: number[] = [];
  const access: AxisMap[] = [];
  const keepAxis = (part: Slice): void => {
    const length = node.shape[access.length]!;
    const { first, count } = resolveSlice(part, length);
    access.push({ offset: count === 0 ? 0 : first, axis: shape.length, step: part.step });
    shape.push(count);
  };
  for (const each of full) {
    if (each === null) shape.push(1);
    else if (each === '...') for (let left = rank - named; left > 0; left--) keepAxis(new Slice(null, null, 1));
    else if (each instanceof Slice) keepAxis(each);
    else if (typeof each === 'string') keepAxis(parseSlice(each));
    else {
      const axis = access.length;
      access.push({ offset: toPlace(each, node.shape[axis]!, axis, node.shape), axis: -1, step: 0 });
    }
  }
  return view(node, shape, access);
}
