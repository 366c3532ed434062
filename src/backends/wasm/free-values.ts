// The values that a loop uses but does not assign: what a function that is made of the loop has to be given.
import { Value } from '../../ir/nodes.js';
import type { For, Operand, OwnedStream, Region, Statement } from '../../ir/nodes.js';

/** Each once, in the order of their first use; the loop's own index, carried values and count are not among them. */
export function freeValues(loop: For): Value[] {
  const free = new Set<Value>();
  const own = new Set<Value>();
  const use = (operand: Operand): void => {
    if (operand instanceof Value && !own.has(operand)) free.add(operand);
  };
  const useOwned = (owned: OwnedStream | undefined): void => {
    if (owned !== undefined) use(owned.key);
  };
  const region = ({ statements, terminator }: Region): void => {
    for (const statement of statements) visit(statement);
    if ('operands' in terminator) for (const operand of terminator.operands) use(operand);
  };
  const visit = (statement: Statement): void => {
    for (const operand of operandsOf(statement)) use(operand);
    switch (statement.kind) {
      case 'if':
        region(statement.consequent);
        region(statement.alternate);
        break;
      case 'for':
        useOwned(statement.owned);
        own.add(statement.index);
        for (const { value } of statement.carried) own.add(value);
        region(statement.body);
        break;
      case 'loop':
        for (const { value } of statement.carried) own.add(value);
        region(statement.body);
        break;
      default:
    }
    if ('result' in statement) own.add(statement.result);
    if ('results' in statement) for (const result of statement.results) own.add(result);
  };

  useOwned(loop.owned);
  own.add(loop.index);
  for (const { value } of loop.carried) own.add(value);
  region(loop.body);
  return [...free];
}

/** What a statement itself reads, without its regions. */
function operandsOf(statement: Statement): readonly Operand[] {
  switch (statement.kind) {
    case 'pure':
    case 'call':
      return statement.operands;
    case 'load':
      return [...statement.index, ...statement.buffer.strides, ...maybe(statement.mask)];
    case 'store':
      return [...statement.index, ...statement.buffer.strides, statement.value, ...maybe(statement.mask)];
    case 'check':
      return [statement.condition, statement.index, statement.length];
    case 'stream':
      return [statement.key, statement.ordinal];
    case 'draw':
      return maybe(statement.mask);
    case 'if':
      return [statement.condition];
    case 'for':
      return [statement.count, ...statement.carried.map(({ initial }) => initial)];
    case 'loop':
      return statement.carried.map(({ initial }) => initial);
    case 'reduce':
      return [statement.value, ...maybe(statement.mask)];
  }
}

const maybe = (operand: Operand | undefined): readonly Operand[] => (operand === undefined ? [] : [operand]);
