// Buffers that a loop only counts in: it adds to an element what it finds there, and does nothing else with it. Such additions may come in any
// order, if they are of integers, which wrap the same way in every order; or of doubles that are whole and stay below 2⁵³.
import { Constant } from '../../ir/nodes.js';
import type { Buffer, For, Load, Operand, Pure, Region, Store, Value } from '../../ir/nodes.js';
import { storageTypes } from '../../ir/types.js';
import { countUses, regionsOf } from '../../ir/walk.js';

/** Clamped bytes do not wrap, and floats are rounded. */
const canCount = ({ storage, shape, strides }: Buffer): boolean =>
  storage !== 'u8c' &&
  storage !== 'bool' &&
  storage !== 'f32' &&
  shape.length === 1 &&
  strides[0] instanceof Constant &&
  strides[0].value === 1n;

/** What is added to a double, to stay far from 2⁵³ however often it is. */
const largestDouble = 2 ** 20;

const isSmallWhole = (operand: Operand | undefined): boolean =>
  operand instanceof Constant &&
  Number.isInteger(operand.value) &&
  Math.abs(Number(operand.value)) <= largestDouble &&
  !Object.is(operand.value, -0);

/** A loop that gathers nothing else, and draws nothing. */
export const canHaveBins = ({ start, step, carried, reductions, owned }: For): boolean =>
  step === 1 &&
  start instanceof Constant &&
  start.value === 0n &&
  carried.length + reductions.length + owned.length === 0;

/** The buffers from before the loop in which its body counts; none of them is touched in any other way. */
export function binsOf({ body }: For): readonly Buffer[] {
  const uses = countUses(body);
  const accesses = new Map<number, { loads: Load[]; stores: number; buffers: Set<Buffer> }>();
  const counted = new Map<Load, Buffer>();
  const own = new Set<number>();
  const visit = ({ statements }: Region): void => {
    const [loads, sums] = [new Map<Operand, Load>(), new Map<Operand, Pure>()];
    for (const statement of statements) {
      if (statement.kind === 'allocate') own.add(statement.buffer.aliasClass);
      if (statement.kind === 'pure') sums.set(statement.result, statement);
      if (statement.kind === 'load') loads.set(statement.result, statement);
      if (statement.kind === 'load' || statement.kind === 'store') note(statement);
      if (statement.kind === 'store') {
        const load = loadBehind(statement, loads, sums, uses);
        if (load) counted.set(load, statement.buffer);
      }
      regionsOf(statement).forEach(visit);
    }
  };
  const note = (access: Load | Store): void => {
    const { aliasClass } = access.buffer;
    const known = accesses.get(aliasClass) ?? { loads: [], stores: 0, buffers: new Set<Buffer>() };
    known.buffers.add(access.buffer);
    if (access.kind === 'load') known.loads.push(access);
    else known.stores++;
    accesses.set(aliasClass, known);
  };
  visit(body);
  return [...accesses.values()].flatMap(({ loads, stores, buffers }) => {
    const [buffer] = buffers;
    const isCounted = stores > 0 && stores === loads.length && loads.every((load) => counted.has(load));
    return isCounted && buffers.size === 1 && canCount(buffer!) && !own.has(buffer!.aliasClass) ? [buffer!] : [];
  });
}

/** The load whose element, and something besides, is what the store puts back in its place. */
function loadBehind(
  { buffer, index, value, mask }: Store,
  loads: ReadonlyMap<Operand, Load>,
  sums: ReadonlyMap<Operand, Pure>,
  uses: ReadonlyMap<Value, number>,
): Load | undefined {
  const sum = sums.get(value);
  if (sum === undefined || mask !== undefined || uses.get(sum.result) !== 1) return undefined;
  const { operation, over, operands } = sum;
  const element = storageTypes[buffer.storage].value;
  if (over !== element || (operation !== 'add' && operation !== 'sub')) return undefined;
  const position = operands.findIndex((operand) => loads.get(operand)?.buffer === buffer);
  const load = loads.get(operands[position]!);
  if (load === undefined || load.mask !== undefined || uses.get(load.result) !== 1) return undefined;
  if (operation === 'sub' && position !== 0) return undefined;
  if (over === 'f64' && !isSmallWhole(operands[1 - position])) return undefined;
  const isSamePlace = load.index.every((place, dimension) => place === index[dimension]);
  return isSamePlace ? load : undefined;
}
