// Between arrays and their nodes, for the modules of this room: people hold arrays, whose nodes nobody else gets at.
import { UserError } from '../base/errors.js';
import { showValue } from '../base/show-value.js';
import type { DType } from './dtypes.js';
import type { Node } from './expressions.js';
import type { NDArray } from './ndarray.js';
import type { Operand } from './operands.js';

/** What only the class itself can do. */
interface Handles {
  readonly arrayOf: <D extends DType>(node: Node) => NDArray<D>;
  readonly nodeIn: (value: unknown) => Node | undefined;
}

let handles: Handles;

export function provideHandles(provided: Handles): void {
  handles = provided;
}

/** Makes the array of a node. */
export const arrayOf = <D extends DType>(node: Node): NDArray<D> => handles.arrayOf<D>(node);

/** The node of an array, or a number, bigint or boolean as it is; JavaScript would hand anything over. */
export function toOperand(value: unknown): Operand {
  const node = handles.nodeIn(value);
  if (node !== undefined) return node;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return value;
  throw new UserError('ARRAY011', `${showValue(value)} cannot stand beside an array`, {
    note: 'operands are arrays, numbers, bigints and booleans',
    fix:
      Array.isArray(value) || ArrayBuffer.isView(value)
        ? 'make an array of it: asarray(…)'
        : 'give a number or an array',
  });
}

/** The node of what has to be an array. */
export function nodeOf(array: unknown, what: string): Node {
  const node = handles.nodeIn(array);
  if (node !== undefined) return node;
  throw new UserError('ARRAY011', `${what} was given ${showValue(array)} instead of an array`, {
    fix: 'make an array of it: asarray(…)',
  });
}
