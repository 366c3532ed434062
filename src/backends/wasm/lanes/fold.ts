// Lanes put together to a scalar. Sums of floats go in order, from the first lane to the last; everything else may go in any order
// (docs/numerics.md, 8), and goes by halves.
import type { Fold } from '../../../ir/nodes.js';
import { isFloat } from '../../../ir/types.js';
import type { ScalarType } from '../../../ir/types.js';
import { pureInstructions } from '../pure.js';
import { combining } from './arithmetic.js';
import type { Temporary } from './conversions.js';
import { extractLane, integerShape, isHalf, lanesIn, shapeOf, swapped } from './registers.js';
import type { Code, Lanes } from './registers.js';

/** `and` and `or` of a mask. */
function foldMask(operation: 'and' | 'or', { count, bytes, registers }: Lanes): Code {
  const together = registers.flatMap((register, index) =>
    index === 0 ? register : [...register, [`v128.${operation}`] as const],
  );
  if (isHalf({ count, bytes }))
    return [
      ...together,
      ['i64x2.extract_lane', 0],
      ['i64.const', operation === 'and' ? -1n : 0n],
      [operation === 'and' ? 'i64.eq' : 'i64.ne'],
    ];
  return [...together, [operation === 'and' ? `${integerShape(bytes)}.all_true` : 'v128.any_true']];
}

/** Leaves the scalar on the stack. */
export function foldCode(operation: Fold['operation'], element: ScalarType, lanes: Lanes, temporary: Temporary): Code {
  if (element === 'bool') return foldMask(operation as 'and' | 'or', lanes);
  const shape = shapeOf(element);
  if (operation === 'add' && isFloat(element)) {
    const add = pureInstructions('add', element)!;
    return Array.from({ length: lanes.count }, (_, lane) => [
      ...extractLane(lanes, shape, lane),
      ...(lane === 0 ? [] : add),
    ]).flat();
  }
  let [together, ...others] = lanes.registers as [Code, ...Code[]];
  const local = temporary();
  const keep = (code: Code): Code => [...code, ['local.set', local]];
  const out = [...keep(together)];
  together = [['local.get', local]];
  for (const other of others) out.push(...keep(combining(operation, element, together, other)));
  // The lanes of the register: its halves, then the halves of those.
  for (let group = Math.min(lanes.count, lanesIn(lanes.bytes)) / 2; group >= 1; group /= 2) {
    const exchanged: Code = [...together, ...together, swapped(group * lanes.bytes)];
    out.push(...keep(combining(operation, element, together, exchanged)));
  }
  return [...out, ...together, [`${shape}.extract_lane`, 0]];
}
