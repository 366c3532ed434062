// sort, argsort and searchSorted, recorded: rows along an axis are put in order by kernels of their own (radix.ts, insertion.ts).
import { UserError } from '../base/errors.js';
import type { DType } from './dtypes.js';
import { Node } from './expressions.js';
import type { Stored } from './expressions.js';
import { insertionKernel, longestInserted } from './insertion.js';
import { showShape, toAxis } from './layout.js';
import { unify } from './operands.js';
import {
  countDigitsKernel,
  countsOf,
  digitBits,
  digitsOf,
  moveDigitsKernel,
  partLength,
  partsOf,
  placeDigitsKernel,
} from './radix.js';
import type { Moved } from './radix.js';
import { toOptions } from './reductions.js';
import type { AxisArgument } from './reductions.js';
import { searchKernel } from './search.js';
import type { OwnKernels, OwnStep } from './step.js';
import { alongLast } from './views.js';

export interface SortOptions {
  /** The axis along which elements come into order; by default the last one. */
  readonly axis?: number;
  /** The greatest first. */
  readonly descending?: boolean;
  /** Equal elements always stay in their order, so this may only be left out or true. */
  readonly stable?: boolean;
}

type Gives = 'elements' | 'places';

/** Rows of that length in order. */
function sortOf(dtype: DType, length: number, isDescending: boolean, gives: Gives): OwnKernels {
  const reason = 'sorting needs all its elements';
  const direction = isDescending ? 'down' : 'up';
  if (length > longestInserted)
    return {
      reason,
      steps: ([rows], target, room) => radixSteps(dtype, length, isDescending, gives, rows!, target, room),
    };
  return {
    reason,
    steps: ([rows], target) => [
      {
        key: `insertion ${gives} ${dtype} ${direction}`,
        kernel: () => insertionKernel(dtype, isDescending, gives),
        buffers: [rows!, target],
        scalars: [target.place.length / length, length],
      },
    ],
  };
}

function radixSteps(
  dtype: DType,
  length: number,
  isDescending: boolean,
  gives: Gives,
  source: Stored,
  target: Stored,
  room: (dtype: DType, length: number) => Stored,
): OwnStep[] {
  const size = target.place.length;
  const rows = size / length;
  const [parts, digits] = [partsOf(length), digitsOf(dtype)];
  const counts = room('int32', rows * countsOf(length));
  const elements =
    gives === 'elements'
      ? takeTurns(digits, target, () => room(dtype, size))
      : takeTurns(digits - 1, undefined, () => room(dtype, size));
  const origins = gives === 'places' ? takeTurns(digits - 1, undefined, () => room('int32', size)) : undefined;
  const scalars = [rows * parts, rows, length, parts, partLength(length)];
  const name = `${dtype} ${isDescending ? 'down' : 'up'}`;
  return Array.from({ length: digits }, (_, digit): OwnStep[] => {
    const from = digit === 0 ? source : elements[digit - 1]!;
    const isLast = digit === digits - 1;
    const moved: Moved = {
      elements: gives === 'elements' || !isLast,
      origins: origins ? { read: digit > 0, write: isLast ? 'int64' : 'int32' } : null,
    };
    const buffers = [counts, from];
    if (moved.origins?.read) buffers.push(origins![digit - 1]!);
    if (moved.elements) buffers.push(elements[digit]!);
    if (moved.origins) buffers.push(isLast ? target : origins![digit]!);
    return [
      {
        key: `count digits ${name}`,
        kernel: () => countDigitsKernel(dtype, isDescending),
        buffers: [from, counts],
        scalars: [...scalars, digit * digitBits],
      },
      {
        key: 'place digits',
        kernel: placeDigitsKernel,
        buffers: [counts],
        scalars: [rows, parts, countsOf(length)],
      },
      {
        key: `move digits ${name} ${JSON.stringify(moved)}`,
        kernel: () => moveDigitsKernel(dtype, isDescending, moved),
        buffers,
        scalars: [...scalars, digit * digitBits],
      },
    ];
  }).flat();
}

/** Where each pass writes: two places take turns, and the last pass ends in `last`. */
function takeTurns(passes: number, last: Stored | undefined, room: () => Stored): readonly Stored[] {
  const places: Stored[] = [];
  for (let pass = passes - 1; pass >= 0; pass--) {
    const before = places.at(1);
    places.unshift(pass === passes - 1 ? (last ?? room()) : (before ?? room()));
  }
  return places;
}

function sorted(node: Node, given: AxisArgument<SortOptions> | undefined, gives: Gives): Node {
  const what = gives === 'elements' ? 'sort' : 'argsort';
  const options = toOptions(given, what, ['axis', 'descending', 'stable']);
  const rank = node.shape.length;
  if (rank === 0) {
    throw new UserError('ARRAY003', `${what} needs an axis, and a zero-dimensional array has none`, {
      fix: 'make an array of it with .reshape([1])',
    });
  }
  if (options.stable === false) {
    throw new UserError('ARRAY011', `${what} has no other order than the stable one`, {
      note: 'equal elements stay in their order, which costs nothing here',
      fix: 'leave out stable',
    });
  }
  const axis = toAxis(options.axis ?? -1, rank, what);
  const dtype = gives === 'elements' ? node.dtype : 'int64';
  return alongLast(node, axis, (rows) => {
    const own = sortOf(node.dtype, rows.shape.at(-1)!, options.descending ?? false, gives);
    return new Node(rows.shape, dtype, { kind: 'kernels', operands: [rows], own });
  });
}

/** The elements along an axis in order. */
export const sort = (node: Node, options?: AxisArgument<SortOptions>): Node => sorted(node, options, 'elements');
/** For each place the one from which its element would come, were they in order. */
export const argsort = (node: Node, options?: AxisArgument<SortOptions>): Node => sorted(node, options, 'places');

export interface SearchOptions {
  /** Before elements that are equal (`left`), or behind them. */
  readonly side?: 'left' | 'right';
  /** Places that put the array in order, as argsort gives them. */
  readonly sorter?: unknown;
}

/** Where elements would have to go into an array that is in order, so that it stays so. */
export function searchSorted(among: Node, values: Node, side: 'left' | 'right'): Node {
  if (among.shape.length !== 1) {
    throw new UserError('ARRAY002', `searchsorted looks into one axis, and the shape is ${showShape(among.shape)}`, {
      fix: 'flatten and sort it first: a.flatten().sort()',
    });
  }
  const { dtype, nodes } = unify([among, values], 'searchsorted');
  const length = among.size;
  const own: OwnKernels = {
    reason: 'its elements look for their places one by one',
    steps: (stored, target) => [
      {
        key: `search ${dtype} ${side}`,
        kernel: () => searchKernel(dtype, side),
        buffers: [...stored, target],
        scalars: [target.place.length, length],
      },
    ],
  };
  return new Node(values.shape, 'int64', { kind: 'kernels', operands: nodes, own });
}
