// What holds of operations whatever their operands: which may change places, and how comparisons are turned round.
import { Constant } from '../../ir/nodes.js';
import type { Operand } from '../../ir/nodes.js';
import type { OperationName } from '../../ir/operations.js';

const commutative = new Set<OperationName>(['add', 'mul', 'min', 'max', 'and', 'or', 'xor', 'eq', 'ne']);
/** Operations of two operands that may change places; of NaNs, either's bits will do. */
export const isCommutative = (operation: OperationName): boolean => commutative.has(operation);

type Turned = Readonly<Partial<Record<OperationName, OperationName>>>;
const negated: Turned = { lt: 'ge', ge: 'lt', gt: 'le', le: 'gt', eq: 'ne', ne: 'eq' };
const mirrored: Turned = { lt: 'gt', gt: 'lt', le: 'ge', ge: 'le', eq: 'eq', ne: 'ne' };

export const isComparison = (operation: OperationName): boolean => mirrored[operation] !== undefined;
/** a op b is b mirrored(op) a. */
export const mirrorComparison = (operation: OperationName): OperationName => mirrored[operation]!;
/** not (a op b) is a negated(op) b, where neither is NaN. */
export const negateComparison = (operation: OperationName): OperationName => negated[operation]!;

/** The same value, or equal constants. */
export const isSameOperand = (a: Operand, b: Operand): boolean =>
  a === b || (a instanceof Constant && b instanceof Constant && a.type === b.type && Object.is(a.value, b.value));
