// What is known of a scalar before it is computed: bounds, whether it is whole, whether it can be NaN or −0, and for integers other
// values that it lies below. A fact holds for every value that can occur; where nothing is known it says the type's extremes.
// Bounds are doubles. Rounding is monotone, so the rounded operation on bounds bounds the rounded operation; integers beyond 2⁵³, which
// doubles do not all hold, get bounds a little further out, and one that could leave its type's range gets all of that range.
// It stays whole because it is one table, of what each operation makes of facts.
import { Constant, Value } from '../../ir/nodes.js';
import type { Operand, Pure } from '../../ir/nodes.js';
import type { OperationName } from '../../ir/operations.js';
import { lanesOf, storageTypes } from '../../ir/types.js';
import type { ScalarType, StorageType, Type } from '../../ir/types.js';
import { isComparison, mirrorComparison } from './algebra.js';

/** value ≤ of + offset, as integers that do not wrap; of doubles, as real numbers. */
export interface Limit {
  readonly of: Value;
  readonly offset: number;
}

export interface Fact {
  /** Of a bool 0 and 1; of a double without NaN. */
  readonly low: number;
  readonly high: number;
  /** Every value that is neither infinite nor NaN is a whole number. */
  readonly isWhole: boolean;
  readonly mayBeNaN: boolean;
  readonly mayBeMinusZero: boolean;
  readonly limits: readonly Limit[];
}

/** Whole doubles strictly between −this and this are exact, and so is what integers make of them. */
export const exactBound = 2 ** 53;
/** No loop lives to count to there: 2⁵² iterations are weeks at the fastest. */
export const longestLife = 2 ** 52;

const typeBounds: Readonly<Record<ScalarType, number>> = {
  i32: 2 ** 31,
  i64: 2 ** 63,
  f32: Infinity,
  f64: Infinity,
  bool: 1,
};

const integer = (low: number, high: number, limits: readonly Limit[] = []): Fact => ({
  low,
  high,
  isWhole: true,
  mayBeNaN: false,
  mayBeMinusZero: false,
  limits,
});

const any: Readonly<Record<ScalarType, Fact>> = {
  i32: integer(-(2 ** 31), 2 ** 31 - 1),
  i64: integer(-(2 ** 63), 2 ** 63),
  bool: integer(0, 1),
  f32: { low: -Infinity, high: Infinity, isWhole: false, mayBeNaN: true, mayBeMinusZero: true, limits: [] },
  f64: { low: -Infinity, high: Infinity, isWhole: false, mayBeNaN: true, mayBeMinusZero: true, limits: [] },
};

/** Nothing is known of a value of the type; of lanes nothing ever is. */
export function anyOf(type: Type): Fact {
  return lanesOf(type) === 1 ? any[type as ScalarType] : any.f64;
}

const lastBelowOne = 1 - 2 ** -52;
/** What a draw of doubles gives. */
export const drawnFact: Fact = { ...any.f64, low: 0, high: lastBelowOne, mayBeNaN: false, mayBeMinusZero: false };

/** A shape is of memory that exists, and no machine has more; front ends refuse views that repeat an element more often. */
export const extentFact: Fact = integer(0, 2 ** 48);

const storageBounds: Partial<Record<StorageType, readonly [number, number]>> = {
  i8: [-128, 127],
  u8: [0, 255],
  i16: [-32_768, 32_767],
  u16: [0, 65_535],
  u32: [0, 2 ** 32 - 1],
};

export function storedFact(storage: StorageType): Fact {
  const bounds = storageBounds[storage];
  return bounds ? integer(...bounds) : any[storageTypes[storage].value];
}

export function constantFact({ type, value }: Constant): Fact {
  if (lanesOf(type) > 1) return anyOf(type);
  const number = Number(value);
  if (type !== 'f64' && type !== 'f32') return wholeNumbers(type as ScalarType, number, number, []);
  if (Number.isNaN(number)) return { ...any.f64, isWhole: true, low: Infinity, high: -Infinity, mayBeMinusZero: false };
  return {
    low: number,
    high: number,
    isWhole: Math.trunc(number) === number,
    mayBeNaN: false,
    mayBeMinusZero: Object.is(number, -0),
    limits: [],
  };
}

/** A bound that doubles hold, moved outwards where they do not hold each. */
const outwards = (bound: number, direction: number): number =>
  Math.abs(bound) < exactBound ? bound : bound + direction * Math.abs(bound) * 2 ** -50;

/** Integers within the bounds; all of the type where the bounds leave it, as it then wraps. */
function wholeNumbers(type: ScalarType, low: number, high: number, limits: readonly Limit[]): Fact {
  const first = outwards(low, -1);
  const last = outwards(high, 1);
  const limit = typeBounds[type];
  return first < -limit || last > limit - (type === 'i32' ? 1 : 0) || Number.isNaN(first + last)
    ? any[type]
    : integer(first, last, limits);
}

export const mayBeZero = ({ low, high }: Fact): boolean => low <= 0 && high >= 0;
const mayBePlusZero = mayBeZero;
export const isInside = ({ low, high }: Fact, bound: number): boolean => low > -bound && high < bound;
/** Whole, and so small that an integer of 64 bits is the same number; −0 and 0 are one integer. */
export const isExactInteger = (fact: Fact): boolean =>
  fact.isWhole && !fact.mayBeNaN && isInside(fact, exactBound) && fact.low <= fact.high;

/** What holds where one of two facts does. */
export function joinFacts(a: Fact, b: Fact): Fact {
  const limits: Limit[] = [];
  for (const { of, offset } of a.limits) {
    const other = b.limits.find((limit) => limit.of === of);
    if (other) limits.push({ of, offset: Math.max(offset, other.offset) });
  }
  return {
    low: Math.min(a.low, b.low),
    high: Math.max(a.high, b.high),
    isWhole: a.isWhole && b.isWhole,
    mayBeNaN: a.mayBeNaN || b.mayBeNaN,
    mayBeMinusZero: a.mayBeMinusZero || b.mayBeMinusZero,
    limits,
  };
}

/** What holds where both facts do. */
export function meetFacts(a: Fact, b: Fact): Fact {
  return {
    low: Math.max(a.low, b.low),
    high: Math.min(a.high, b.high),
    isWhole: a.isWhole || b.isWhole,
    mayBeNaN: a.mayBeNaN && b.mayBeNaN,
    mayBeMinusZero: a.mayBeMinusZero && b.mayBeMinusZero,
    limits: uniteLimits(a.limits, b.limits),
  };
}

const mostLimits = 4;

function uniteLimits(a: readonly Limit[], b: readonly Limit[]): readonly Limit[] {
  if (b.length === 0) return a;
  if (a.length === 0) return b;
  const united = [...a];
  for (const limit of b) {
    const at = united.findIndex(({ of }) => of === limit.of);
    if (at < 0) united.push(limit);
    else if (limit.offset < united[at]!.offset) united[at] = limit;
  }
  return united.slice(0, mostLimits);
}

/** Whether all that `inner` allows is allowed by `outer`. */
export function holdsWithin(inner: Fact, outer: Fact): boolean {
  return (
    inner.low >= outer.low &&
    inner.high <= outer.high &&
    (inner.isWhole || !outer.isWhole) &&
    (!inner.mayBeNaN || outer.mayBeNaN) &&
    (!inner.mayBeMinusZero || outer.mayBeMinusZero) &&
    outer.limits.every(({ of, offset }) => inner.limits.some((limit) => limit.of === of && limit.offset <= offset))
  );
}

/** A fact that both fit in, further out than needed, so that asking again and again comes to an end. */
export function widenFacts(before: Fact, after: Fact, type: Type): Fact {
  const joined = joinFacts(before, after);
  const { low, high } = anyOf(type);
  const steps = [0, exactBound];
  const down =
    joined.low < before.low ? Math.max(...steps.map((step) => (joined.low >= -step ? -step : low))) : before.low;
  const up =
    joined.high > before.high ? Math.min(...steps.map((step) => (joined.high <= step ? step : high))) : before.high;
  return { ...joined, low: down, high: up, limits: holdsWithin(after, before) ? before.limits : [] };
}

// Comparisons.

/** The largest known k with a ≤ b − k, for integers. */
function gapBelow(a: Operand, aFact: Fact, b: Operand, bFact: Fact): number {
  let gap = bFact.low - aFact.high;
  if (a === b) gap = Math.max(gap, 0);
  if (b instanceof Value) for (const { of, offset } of aFact.limits) if (of === b) gap = Math.max(gap, -offset);
  return gap;
}

/** Whether a comparison is known to be true, or false. */
export function decideComparison(
  operation: OperationName,
  [a, b]: readonly Operand[],
  [aFact, bFact]: readonly Fact[],
): boolean | undefined {
  const [left, right] = [aFact!, bFact!];
  const isInteger = a!.type !== 'f64' && a!.type !== 'f32';
  const mayBeNaN = left.mayBeNaN || right.mayBeNaN;
  switch (operation) {
    case 'lt':
    case 'le': {
      const strict = operation === 'lt' ? 1 : 0;
      if (isInteger) {
        if (gapBelow(a!, left, b!, right) >= strict) return true;
        return gapBelow(b!, right, a!, left) >= 1 - strict ? false : undefined;
      }
      if (!mayBeNaN && (strict ? left.high < right.low : left.high <= right.low)) return true;
      return (strict ? left.low >= right.high : left.low > right.high) ? false : undefined;
    }
    case 'gt':
    case 'ge':
      return decideComparison(mirrorComparison(operation), [b!, a!], [right, left]);
    case 'eq':
      if (!mayBeNaN && a === b) return true;
      if (!mayBeNaN && left.low === left.high && left.low === right.low && right.low === right.high)
        return isInteger && Math.abs(left.low) >= exactBound ? undefined : true;
      if (left.high < right.low || right.high < left.low) return false;
      if (isInteger && (gapBelow(a!, left, b!, right) > 0 || gapBelow(b!, right, a!, left) > 0)) return false;
      return undefined;
    case 'ne': {
      const isEqual = decideComparison('eq', [a!, b!], [left, right]);
      return isEqual === undefined ? undefined : !isEqual;
    }
    default:
      return undefined;
  }
}

/** What a holds where `a op b` is true. */
export function factWhere(operation: OperationName, a: Fact, b: Operand, bFact: Fact, isInteger: boolean): Fact {
  const inner = isInteger ? 1 : 0;
  // −0 equals 0, so a bound of 0 says nothing of it.
  switch (operation) {
    case 'lt':
    case 'le': {
      const offset = operation === 'lt' ? -inner : 0;
      const limits = isInteger && b instanceof Value ? [{ of: b, offset }, ...shiftLimits(bFact.limits, offset)] : [];
      return {
        low: a.low,
        high: Math.min(a.high, bFact.high + offset),
        isWhole: a.isWhole,
        mayBeNaN: false,
        mayBeMinusZero: a.mayBeMinusZero && bFact.high >= 0,
        limits: uniteLimits(a.limits, limits.slice(0, mostLimits)),
      };
    }
    case 'gt':
    case 'ge': {
      const low = Math.max(a.low, bFact.low + (operation === 'gt' ? inner : 0));
      const isAboveZero = low > 0 || (operation === 'gt' && bFact.low >= 0);
      return { ...a, low, mayBeNaN: false, mayBeMinusZero: a.mayBeMinusZero && !isAboveZero };
    }
    case 'eq':
      return {
        ...meetFacts(a, { ...bFact, mayBeMinusZero: a.mayBeMinusZero }),
        isWhole: a.isWhole || bFact.isWhole,
        mayBeNaN: false,
        mayBeMinusZero: a.mayBeMinusZero && mayBeZero(bFact),
      };
    default:
      return { ...a, mayBeNaN: operation === 'ne' && a.mayBeNaN };
  }
}

export const shiftLimits = (limits: readonly Limit[], by: number): readonly Limit[] =>
  by === 0 ? limits : limits.map(({ of, offset }) => ({ of, offset: offset + by }));

// Operations.

function least(values: readonly number[]): number {
  const value = Math.min(...values);
  // One that is NaN makes it NaN.
  return Number.isNaN(value) ? -Infinity : value;
}
function most(values: readonly number[]): number {
  const value = Math.max(...values);
  return Number.isNaN(value) ? Infinity : value;
}
const isInfinite = ({ low, high }: Fact): boolean => low === -Infinity || high === Infinity;

/** Products of bounds; 0·∞ counts as 0, as the NaN is told apart. */
function products(a: Fact, b: Fact): number[] {
  return [product(a.low, b.low), product(a.low, b.high), product(a.high, b.low), product(a.high, b.high)];
}

const product = (x: number, y: number): number => (x === 0 || y === 0 ? 0 : x * y);

const isNever = ({ low, high }: Fact): boolean => low > high;

/** What an operation on scalars gives. */
export function factOfOperation({ operation, over, operands, result }: Pure, facts: readonly Fact[]): Fact {
  if (lanesOf(result.type) > 1 || lanesOf(over) > 1) return anyOf(result.type);
  const type = over as ScalarType;
  if (isComparison(operation)) {
    const decided = decideComparison(operation, operands, facts);
    return decided === undefined ? any.bool : integer(Number(decided), Number(decided));
  }
  if (operation === 'select') return selectFact(facts);
  if (type === 'bool') return factOfBools(operation, result.type as ScalarType, facts);
  // Bounds that are empty, of NaN alone, are not calculated with.
  if (facts.some(isNever)) return anyOf(result.type);
  return type === 'f64' || type === 'f32'
    ? factOfFloats(operation, type, operands, facts, result.type as ScalarType)
    : factOfIntegers(operation, type, operands, facts, result.type as ScalarType);
}

function selectFact([condition, yes, no]: readonly Fact[]): Fact {
  if (condition!.low === 1) return yes!;
  return condition!.high === 0 ? no! : joinFacts(yes!, no!);
}

function factOfBools(operation: OperationName, resultType: ScalarType, [a, b]: readonly Fact[]): Fact {
  switch (operation) {
    case 'not':
      return integer(1 - a!.high, 1 - a!.low);
    case 'and':
      return integer(Math.min(a!.low, b!.low), Math.min(a!.high, b!.high));
    case 'or':
      return integer(Math.max(a!.low, b!.low), Math.max(a!.high, b!.high));
    case 'xor':
      return any.bool;
    default:
      // toF64, toF32, toI32, extendS
      return resultType === 'bool' ? any.bool : integer(a!.low, a!.high);
  }
}

function factOfFloats(
  operation: OperationName,
  type: 'f32' | 'f64',
  operands: readonly Operand[],
  [first, second]: readonly Fact[],
  resultType: ScalarType,
): Fact {
  const a = first!;
  const b = second!;
  const bounds = (values: readonly number[], rest: Partial<Fact>): Fact => {
    const low = least(values);
    const high = most(values);
    return type === 'f32'
      ? { ...any.f64, low: Math.fround(low), high: Math.fround(high), ...rest }
      : { ...any.f64, low, high, ...rest };
  };
  const eitherNaN = a.mayBeNaN || (b?.mayBeNaN ?? false);
  switch (operation) {
    case 'add':
      return bounds([a.low + b.low, a.high + b.high], {
        isWhole: a.isWhole && b.isWhole,
        mayBeNaN: eitherNaN || (isInfinite(a) && isInfinite(b)),
        mayBeMinusZero: a.mayBeMinusZero && b.mayBeMinusZero,
      });
    case 'sub':
      return bounds([a.low - b.high, a.high - b.low], {
        isWhole: a.isWhole && b.isWhole,
        mayBeNaN: eitherNaN || (isInfinite(a) && isInfinite(b)),
        mayBeMinusZero: a.mayBeMinusZero && mayBePlusZero(b),
      });
    case 'mul': {
      const isWhole = a.isWhole && b.isWhole;
      if (operands[0] === operands[1]) {
        const extremes = [a.low * a.low, a.high * a.high];
        const low = mayBeZero(a) ? 0 : Math.min(...extremes);
        return bounds([low, ...extremes], { isWhole, mayBeNaN: a.mayBeNaN, mayBeMinusZero: false });
      }
      const isPositive = a.low >= 0 && b.low >= 0 && !a.mayBeMinusZero && !b.mayBeMinusZero;
      const isNeverZero = isWhole && !mayBeZero(a) && !mayBeZero(b);
      const mayBeZeroTimesInfinity = (mayBeZero(a) && isInfinite(b)) || (mayBeZero(b) && isInfinite(a));
      return bounds(products(a, b), {
        isWhole,
        mayBeNaN: eitherNaN || mayBeZeroTimesInfinity,
        mayBeMinusZero: !isPositive && !isNeverZero,
      });
    }
    case 'div': {
      const mayBeNaN = eitherNaN || (mayBeZero(a) && mayBeZero(b)) || (isInfinite(a) && isInfinite(b));
      if (mayBeZero(b)) return { ...any.f64, mayBeNaN };
      const quotients = [a.low / b.low, a.low / b.high, a.high / b.low, a.high / b.high];
      const isPositive = a.low >= 0 && b.low > 0 && !a.mayBeMinusZero;
      return bounds(quotients, { mayBeNaN, mayBeMinusZero: !isPositive });
    }
    case 'rem': {
      const divisor = Math.max(Math.abs(b.low), Math.abs(b.high));
      return bounds([Math.max(Math.min(a.low, 0), -divisor), Math.min(Math.max(a.high, 0), divisor)], {
        isWhole: a.isWhole && b.isWhole,
        mayBeNaN: eitherNaN || mayBeZero(b) || isInfinite(a),
        mayBeMinusZero: a.mayBeMinusZero || a.low < 0,
      });
    }
    case 'min':
    case 'max':
      return bounds([Math[operation](a.low, b.low), Math[operation](a.high, b.high)], {
        isWhole: a.isWhole && b.isWhole,
        mayBeNaN: eitherNaN,
        mayBeMinusZero: a.mayBeMinusZero || b.mayBeMinusZero,
      });
    case 'neg':
      return { ...a, low: -a.high, high: -a.low, mayBeMinusZero: mayBePlusZero(a), limits: [] };
    case 'abs': {
      const extremes = [Math.abs(a.low), Math.abs(a.high)];
      const low = mayBeZero(a) ? 0 : Math.min(...extremes);
      return { ...a, low, high: Math.max(...extremes), mayBeMinusZero: false, limits: [] };
    }
    case 'sqrt':
      return bounds([Math.sqrt(Math.max(a.low, 0)), Math.sqrt(Math.max(a.high, 0))], {
        mayBeNaN: a.mayBeNaN || a.low < 0,
        mayBeMinusZero: a.mayBeMinusZero,
      });
    case 'floor':
    case 'ceil':
    case 'trunc':
    case 'nearest': {
      const round = { floor: Math.floor, ceil: Math.ceil, trunc: Math.trunc, nearest: undefined }[operation];
      // The nearest lies between the two roundings.
      const [low, high] = [(round ?? Math.floor)(a.low), (round ?? Math.ceil)(a.high)];
      const mayBeMinusZero = a.mayBeMinusZero || (operation !== 'floor' && a.low < 0 && a.high > -1 && !a.isWhole);
      return { ...a, low, high, isWhole: true, mayBeMinusZero, limits: [] };
    }
    case 'toF32':
      return {
        ...a,
        low: Math.fround(a.low),
        high: Math.fround(a.high),
        isWhole: a.isWhole,
        mayBeMinusZero: true,
        limits: [],
      };
    case 'toF64':
      return a;
    case 'truncI64': {
      const [low, high] = [Math.trunc(a.low), Math.trunc(a.high)];
      const [from, to] = a.mayBeNaN ? [Math.min(low, 0), Math.max(high, 0)] : [low, high];
      // What is out of reach saturates: at the least at −2⁶³, at the most at 2⁶³ − 1, below which the next double lies 1024.
      const limit = 2 ** 63;
      return integer(
        Math.min(Math.max(from, -limit), limit - 1024) + 0,
        Math.max(Math.min(to, limit), -limit) + 0,
        a.isWhole && !a.mayBeNaN ? a.limits : [],
      );
    }
    case 'toInt32':
      return isExactInteger(a) && a.low >= -(2 ** 31) && a.high < 2 ** 31 ? integer(a.low + 0, a.high + 0) : any.i32;
    default:
      return anyOf(resultType);
  }
}

function factOfIntegers(
  operation: OperationName,
  type: ScalarType,
  operands: readonly Operand[],
  [first, second]: readonly Fact[],
  resultType: ScalarType,
): Fact {
  const a = first!;
  const b = second!;
  const whole = (low: number, high: number, limits: readonly Limit[] = []): Fact =>
    wholeNumbers(type, low, high, limits);
  const distance = operands[1] instanceof Constant ? Number(operands[1].value) : undefined;
  switch (operation) {
    case 'add':
      return whole(a.low + b.low, a.high + b.high, [...shifted(operands[0]!, a, b), ...shifted(operands[1]!, b, a)]);
    case 'sub':
      return whole(a.low - b.high, a.high - b.low, shifted(operands[0]!, a, { low: -b.high, high: -b.low }));
    case 'mul': {
      const corners = products(a, b);
      return whole(least(corners), most(corners));
    }
    case 'rem': {
      const divisor = Math.max(Math.abs(b.low), Math.abs(b.high));
      // By 0 it is 0; rounded bounds of large integers stay bounds.
      if (divisor >= exactBound || !isInside(a, exactBound)) return any[type];
      const greatest = Math.max(0, divisor - 1);
      return integer(Math.max(Math.min(a.low, 0), -greatest) + 0, Math.min(Math.max(a.high, 0), greatest));
    }
    case 'div':
      // Never larger in size than what is divided, but for the least by −1, which wraps.
      if (!isInside(a, exactBound)) return any[type];
      return a.low >= 0 && b.low >= 0
        ? integer(0, a.high)
        : type === 'i32' && a.low <= -(2 ** 31)
          ? any[type]
          : integer(Math.min(a.low, -a.high, 0), Math.max(a.high, -a.low, 0));
    case 'min':
      return integer(
        Math.min(a.low, b.low),
        Math.min(a.high, b.high),
        uniteLimits(limitsOf(operands[0]!, a), limitsOf(operands[1]!, b)),
      );
    case 'max':
      return integer(Math.max(a.low, b.low), Math.max(a.high, b.high), joinFacts(a, b).limits);
    case 'and':
      if (a.low >= 0 && b.low >= 0) return integer(0, Math.min(a.high, b.high));
      return a.low >= 0 ? integer(0, a.high) : b.low >= 0 ? integer(0, b.high) : any[type];
    case 'or':
    case 'xor': {
      if (a.low < 0 || b.low < 0) return any[type];
      let limit = 1;
      while (limit <= Math.max(a.high, b.high)) limit *= 2;
      return limit > exactBound ? { ...any[type], low: 0 } : integer(0, limit - 1);
    }
    case 'shl':
      return distance !== undefined && distance >= 0 && distance < 31
        ? whole(a.low * 2 ** distance, a.high * 2 ** distance)
        : any[type];
    case 'shrU':
    case 'shrS':
      // A number that is not negative has no sign to copy.
      if (operation === 'shrU' && a.low < 0) return any[type];
      if (distance === undefined || distance < 0 || distance > 31)
        return { ...any[type], low: Math.min(a.low, 0), high: Math.max(a.high, 0) };
      return integer(Math.floor(a.low / 2 ** distance), Math.floor(a.high / 2 ** distance));
    case 'toF64':
      return { ...a, limits: [] };
    case 'toF32':
      return integer(Math.fround(a.low), Math.fround(a.high));
    case 'extendS':
      return a;
    case 'extendU':
      return a.low >= 0 ? a : integer(0, 2 ** 32 - 1);
    case 'wrap':
      return a.low >= -(2 ** 31) && a.high < 2 ** 31 ? { ...a, limits: [] } : any.i32;
    default:
      return anyOf(resultType);
  }
}

/** What a value lies below: others, and itself. */
const limitsOf = (operand: Operand, { limits }: Fact): readonly Limit[] =>
  operand instanceof Value ? [{ of: operand, offset: 0 }, ...limits] : limits;

/** What operand + something lies below, where the something is known well; empty where the sum might wrap, as `whole` then forgets it. */
function shifted(operand: Operand, fact: Fact, by: Pick<Fact, 'low' | 'high'>): readonly Limit[] {
  if (Math.abs(by.high) > exactBound / 2 || Math.abs(by.low) > exactBound / 2) return [];
  return shiftLimits(limitsOf(operand, fact), by.high);
}
