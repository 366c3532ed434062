// Random order and random picks, recorded: a permutation is the stable order of raw draws of 64 bits (docs/random.md, 18).
import { UserError } from '../base/errors.js';
import { showValue } from '../base/show-value.js';
import { exponentialNode, rawDraw, uniformNode } from './draws.js';
import { record } from './element-wise.js';
import type { Node } from './expressions.js';
import { takeIndex } from './indexing.js';
import { showShape, sizeOf } from './layout.js';
import type { Shape } from './layout.js';
import { cast } from './operands.js';
import { take } from './pick.js';
import { scan } from './reductions.js';
import { storedOf } from './run.js';
import { argsort, searchSorted } from './sort.js';
import { reshape } from './views.js';

/** 0 to length − 1 in random order. */
export const permutationNode = (length: number, key: bigint): Node => argsort(rawDraw([length], 'uint64', key));

/** The places of the first axis in random order. */
export function shuffled(node: Node, key: bigint, what: string): Node {
  if (node.shape.length > 0) return take(node, permutationNode(node.shape[0]!, key), 0);
  throw new UserError('ARRAY003', `${what} needs an axis, and a zero-dimensional array has none`, {
    fix: 'give an array of at least one axis',
  });
}

export interface ChoiceOptions<A> {
  /** May an element be picked more than once? By default it may. */
  readonly replace?: boolean;
  /** How likely each element is; together 1. */
  readonly p?: A;
}

function checkCount(size: number, length: number, what: string): void {
  if (size <= length) return;
  throw new UserError('ARRAY001', `choice cannot pick ${size} of ${length} ${what} without replacement`, {
    note: 'each element is picked once at most',
    fix: 'pick fewer, or leave out replace: false',
  });
}

/** Places among `length` in a shape, each once at most. */
export function placesOnce(length: number, shape: Shape, key: bigint): Node {
  const size = sizeOf(shape);
  checkCount(size, length, 'elements');
  return reshape(takeIndex(permutationNode(length, key), [`0:${size}`]), shape);
}

/**
 * The same, where each of those that are left is as likely as its share of their likelihoods: in the order of exponential draws divided by
 * the likelihoods (Efraimidis and Spirakis, Information Processing Letters 97, 2006). `possible` says how many likelihoods are above 0.
 */
export function unlikePlacesOnce(p: Node, possible: number, shape: Shape, key: bigint): Node {
  const size = sizeOf(shape);
  checkCount(size, possible, 'possible elements');
  const order = argsort(record('div', exponentialNode(1, p.shape, key), cast(p, 'float64')));
  return reshape(takeIndex(order, [`0:${size}`]), shape);
}

/** Places in a shape, each as likely as `p` says. */
export function unlikePlaces(shape: Shape, p: Node, key: bigint): Node {
  const running = scan('cumulativeSum', p);
  const last = takeIndex(running, [-1]);
  return searchSorted(record('div', running, last), uniformNode(0, 1, shape, key), 'right');
}

/**
 * How many of the likelihoods are above 0.
 *
 * @throws {UserError} ARRAY001 for what is no likelihood, or does not come to 1
 */
export function checkLikelihoods(p: Node, length: number): number {
  if (p.shape.length !== 1 || p.size !== length) {
    throw new UserError(
      'ARRAY002',
      `choice has likelihoods of the shape ${showShape(p.shape)} for ${length} elements`,
      {
        fix: 'give one for each element, on one axis',
      },
    );
  }
  const { place, offset, strides } = storedOf(p);
  const elements = place.elements();
  let [total, possible] = [0, 0];
  for (let i = 0; i < length; i++) {
    const each = Number(elements[offset + i * strides[0]!]);
    if (!(each >= 0)) {
      throw new UserError('ARRAY001', `choice cannot pick with the likelihood ${showValue(each)}`, {
        fix: 'give numbers from 0 up that come to 1',
      });
    }
    total += each;
    if (each > 0) possible++;
  }
  if (Math.abs(total - 1) <= 1e-8) return possible;
  throw new UserError('ARRAY001', `the likelihoods of choice come to ${total}, not to 1`, {
    fix: 'divide them by their sum: p.div(p.sum())',
  });
}
