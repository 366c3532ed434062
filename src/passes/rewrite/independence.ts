// Whether the iterations of a loop touch the same elements of memory only if they are the same iteration.
import { Constant, Value } from '../../ir/nodes.js';
import type { For, Operand, Pure, Region, Statement } from '../../ir/nodes.js';
import { lanesOf } from '../../ir/types.js';
import { innerValuesOf, regionsOf, resultsOf } from '../../ir/walk.js';

type Access = Statement & { kind: 'load' | 'store' };

/** A coordinate as the loop's index times a constant, plus what is the same in every iteration. */
interface Affine {
  readonly factor: bigint;
  readonly constant: bigint;
  readonly terms: ReadonlyMap<Value, bigint>;
}

/** Whether iterations are known to touch no element that another one writes. What is done with buffers of the classes `besides` is seen to elsewhere. */
export const isIndependent = (loop: For, besides: ReadonlySet<number> = new Set()): boolean =>
  distancesApart(loop, besides)?.length === 0;

/** How far apart two rows of a buffer are that a loop goes along side by side: factors of values from before the loop, and a constant. */
export interface Distance {
  readonly constant: bigint;
  readonly terms: ReadonlyMap<Value, bigint>;
  /** What a place moves on by with each iteration. */
  readonly step: bigint;
}

/**
 * The distances that have to be 0, or at least as long as the way that the loop goes, for no iteration to touch what another one writes: none
 * where that is known; undefined where it is not to be had so. Too cautious: an element has a coordinate that moves on with the loop's index, and
 * all that touch its class move on by as much.
 */
export function distancesApart(
  { isParallel, body, index }: For,
  besides: ReadonlySet<number> = new Set(),
): readonly Distance[] | undefined {
  if (isParallel) return [];
  const accesses: Access[] = [];
  const own = new Set<number>();
  const inside = new Set<Operand>();
  const definitions = new Map<Operand, Pure>();
  let calls = false;
  const visit = ({ statements }: Region): void => {
    for (const statement of statements) {
      if (statement.kind === 'store' || statement.kind === 'load') accesses.push(statement);
      if (statement.kind === 'allocate') own.add(statement.buffer.aliasClass);
      // A routine touches no memory but its own; what it draws, the next iteration would have to wait for.
      if (statement.kind === 'call' && statement.streams.length > 0) calls = true;
      if (statement.kind === 'pure') definitions.set(statement.result, statement);
      for (const value of [...innerValuesOf(statement), ...resultsOf(statement)]) inside.add(value);
      regionsOf(statement).forEach(visit);
    }
  };
  visit(body);
  if (calls) return undefined;

  const affine = (operand: Operand): Affine | undefined => {
    if (operand instanceof Constant)
      return typeof operand.value === 'bigint' ? { factor: 0n, constant: operand.value, terms: new Map() } : undefined;
    if (operand === index) return { factor: 1n, constant: 0n, terms: new Map() };
    if (!inside.has(operand)) return { factor: 0n, constant: 0n, terms: new Map([[operand, 1n]]) };
    const definition = definitions.get(operand);
    if (definition?.over !== 'i64') return undefined;
    const [a, b] = definition.operands.map(affine);
    if (a === undefined || b === undefined) return undefined;
    if (definition.operation === 'add') return addAffine(a, b, 1n);
    if (definition.operation === 'sub') return addAffine(a, b, -1n);
    return definition.operation === 'mul' && b.factor === 0n && b.terms.size === 0
      ? addAffine({ factor: 0n, constant: 0n, terms: new Map() }, a, b.constant)
      : undefined;
  };

  const distances: Distance[] = [];
  for (const store of accesses) {
    const { aliasClass } = store.buffer;
    // What an iteration begins for itself, no other one sees.
    if (store.kind === 'load' || own.has(aliasClass) || besides.has(aliasClass)) continue;
    const rivals = accesses.filter(({ buffer }) => buffer.aliasClass === aliasClass);
    // Lanes touch neighbors.
    if (rivals.some((rival) => rival.buffer !== store.buffer || touchesSeveral(rival))) return undefined;
    const isApart = store.index.some((operand, position) => {
      const place = affine(operand);
      if (place === undefined || place.factor === 0n) return false;
      return rivals.every((other) => {
        const its = affine(other.index[position]!);
        return its !== undefined && isSame(place, its);
      });
    });
    if (isApart) continue;
    const place = store.index.length === 1 ? affine(store.index[0]!) : undefined;
    if (place === undefined || place.factor === 0n || magnitude(place.factor) > largestStep) return undefined;
    for (const rival of rivals) {
      const its = affine(rival.index[0]!);
      if (its === undefined || its.factor !== place.factor) return undefined;
      const { constant, terms } = addAffine(place, its, -1n);
      // Neighbours of one row are never far enough apart.
      if (terms.size === 0 && constant !== 0n) return undefined;
      if (terms.size > 0) distances.push({ constant, terms, step: place.factor });
    }
  }
  return distances;
}

/** Steps with which the way of any loop is a number of 64 bits. */
const largestStep = 1024n;

const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);
const touchesSeveral = (access: Access): boolean =>
  lanesOf(access.kind === 'load' ? access.result.type : access.value.type) > 1;

function addAffine(a: Affine, b: Affine, times: bigint): Affine {
  const terms = new Map(a.terms);
  for (const [value, factor] of b.terms) {
    const sum = (terms.get(value) ?? 0n) + times * factor;
    if (sum === 0n) terms.delete(value);
    else terms.set(value, sum);
  }
  return { factor: a.factor + times * b.factor, constant: a.constant + times * b.constant, terms };
}

const isSame = (a: Affine, b: Affine): boolean =>
  a.factor === b.factor &&
  a.constant === b.constant &&
  a.terms.size === b.terms.size &&
  [...a.terms].every(([value, factor]) => b.terms.get(value) === factor);
