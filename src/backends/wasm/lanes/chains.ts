// Which values are kept in their registers as something else than themselves, because all that reads them can as well read that.
//
// Scaled   %u = draw; %m = mul %u 2ᵏ; %x = sub %m c        A draw makes f in [1, 2) of random bits, and u = f − 1. Instead, the bits are put
//                                                           under the exponent of 2ᵏ, which gives 2ᵏ·f, kept as %u and as %m, and
//                                                           x = 2ᵏ·f − (2ᵏ + c): two operations fewer.
//          Exact: u is a multiple of 2⁻⁵² below 1, so 2ᵏ·u and 2ᵏ·f are doubles; both ways round once, from the same real number
//          2ᵏ·f − 2ᵏ − c, if 2ᵏ + c is a double too, which is asked. Where it is 0, both give +0: no operand of the subtraction is −0 in
//          the new way, and in the old one m is +0 or more, so that m − c is −0 for no c. `add` of c is `sub` of −c.
// Inverted %n = not %mask; %s = and %a %n                    The mask is kept as %n, and one instruction takes it away.
// Negated  %n = extendS %mask; %s = add %a %n                A lane of a mask that is on is −1: the mask is kept as %n, and subtracted.
import { Constant, Value } from '../../../ir/nodes.js';
import type { Operand, Pure, Region, Statement } from '../../../ir/nodes.js';
import { elementOf, lanesOf } from '../../../ir/types.js';
import { countUses, regionsOf } from '../../../ir/walk.js';

export interface Chains {
  /** Draws that are kept as 2ᵏ·f: k. */
  readonly scaled: ReadonlyMap<Value, number>;
  /** Products that are kept as the draw that they are made of. */
  readonly products: ReadonlySet<Value>;
  /** Of differences from what is kept so: what is subtracted, from which operand. */
  readonly differences: ReadonlyMap<Value, { readonly from: Operand; readonly constant: number }>;
  /** Masks as integers that are kept as 0 and −1. */
  readonly negated: ReadonlySet<Operand>;
  /** Masks that are kept as what they are not. */
  readonly inverted: ReadonlySet<Operand>;
}

/** Exponents far from where anything could overflow or become subnormal. */
const greatestScale = 500;
const greatestTerm = 2 ** 500;

const isWide = ({ type }: Operand): boolean => lanesOf(type) > 1;

/** What the only reader of a value is, and where values are made. */
class Readers {
  readonly #readers = new Map<Value, Pure[]>();
  readonly #counts: ReadonlyMap<Value, number>;

  constructor(body: Region) {
    this.#counts = countUses(body);
    this.#visit(body);
  }

  #visit({ statements }: Region): void {
    for (const statement of statements) {
      for (const region of regionsOf(statement)) this.#visit(region);
      if (statement.kind !== 'pure') continue;
      for (const operand of new Set(statement.operands)) {
        if (!(operand instanceof Value)) continue;
        const known = this.#readers.get(operand);
        if (known === undefined) this.#readers.set(operand, [statement]);
        else known.push(statement);
      }
    }
  }

  /** Those of a value that only pure operations read, each once; else undefined. */
  all(value: Value): readonly Pure[] | undefined {
    const readers = this.#readers.get(value) ?? [];
    return readers.length === (this.#counts.get(value) ?? 0) ? readers : undefined;
  }

  only(value: Value): Pure | undefined {
    const readers = this.all(value);
    return readers?.length === 1 ? readers[0] : undefined;
  }
}

/** The number that is added to `value`, or what else is done with it. */
function constantBeside({ operands }: Pure, value: Value): number | undefined {
  const other = operands.find((operand) => operand !== value);
  return operands.length === 2 && other instanceof Constant ? Number(other.value) : undefined;
}

function exponentOf(scale: number): number | undefined {
  const exponent = Math.log2(scale);
  return Number.isInteger(exponent) && 2 ** exponent === scale && Math.abs(exponent) <= greatestScale
    ? exponent
    : undefined;
}

/** a + b if that is a double, by the error of the sum (Knuth's two-sum, exact where nothing overflows). */
function exactSum(a: number, b: number): number | undefined {
  const sum = a + b;
  const from = sum - a;
  return a - (sum - from) + (b - from) === 0 ? sum : undefined;
}

/** What is subtracted of 2ᵏ·f instead, if the operation adds to 2ᵏ·u or subtracts from it what keeps the difference exact. */
function shiftedTerm(reader: Pure, value: Value, exponent: number): number | undefined {
  const { operation, operands } = reader;
  const constant = constantBeside(reader, value);
  if (constant === undefined || !(Math.abs(constant) <= greatestTerm)) return undefined;
  if (operation === 'add') return exactSum(2 ** exponent, -constant);
  return operation === 'sub' && operands[0] === value ? exactSum(2 ** exponent, constant) : undefined;
}

export function findChains(bodies: readonly Region[]): Chains {
  const [scaled, products] = [new Map<Value, number>(), new Set<Value>()];
  const differences = new Map<Value, { from: Operand; constant: number }>();
  const [negated, inverted] = [new Set<Operand>(), new Set<Operand>()];

  const followDraw = (drawn: Value, readers: Readers): void => {
    const first = readers.only(drawn);
    if (first === undefined) return;
    const isProduct = first.operation === 'mul';
    const exponent = isProduct ? exponentOf(constantBeside(first, drawn) ?? NaN) : 0;
    const from = isProduct ? first.result : drawn;
    const reader = isProduct ? readers.only(from) : first;
    if (exponent === undefined || reader === undefined) return;
    const constant = shiftedTerm(reader, from, exponent);
    if (constant === undefined) return;
    scaled.set(drawn, exponent);
    if (isProduct) products.add(from);
    differences.set(reader.result, { from, constant });
  };

  const followMask = (result: Value, readers: Readers): void => {
    const all = readers.all(result);
    const canSubtract = ({ operation, operands }: Pure): boolean =>
      (operation === 'add' || (operation === 'sub' && operands[1] === result)) &&
      operands.every((operand) => operand === result || !negated.has(operand));
    if (all !== undefined && all.every(canSubtract)) negated.add(result);
  };

  const followInverse = (result: Value, readers: Readers): void => {
    const all = readers.all(result);
    const canTakeAway = ({ operation, operands }: Pure): boolean =>
      operation === 'and' && operands.every((operand) => operand === result || !inverted.has(operand));
    if (all !== undefined && all.every(canTakeAway)) inverted.add(result);
  };

  const visit = (statements: readonly Statement[], readers: Readers): void => {
    for (const statement of statements) {
      for (const region of regionsOf(statement)) visit(region.statements, readers);
      if (!('result' in statement) || !isWide(statement.result)) continue;
      if (statement.kind === 'draw' && elementOf(statement.result.type) === 'f64')
        followDraw(statement.result, readers);
      if (statement.kind === 'pure' && elementOf(statement.over) === 'bool') {
        const { operation, result } = statement;
        if (operation === 'extendS' || operation === 'toI32') followMask(result, readers);
        if (operation === 'not') followInverse(result, readers);
      }
    }
  };
  for (const body of bodies) visit(body.statements, new Readers(body));
  return { scaled, products, differences, negated, inverted };
}
