// A person's function, recorded: an element-wise operation on arrays, and on scalars that stand beside them.
import { isFloatDType } from './dtypes.js';
import type { DType } from './dtypes.js';
import { operationOf, weightOf } from './element-functions.js';
import type { ElementCode } from './element-functions.js';
import { apply, Node, scalarNode } from './expressions.js';
import { arrayOf, toOperand } from './handle.js';
import type { NDArray } from './ndarray.js';
import { commonShape, dtypeOfPlain, toElement } from './operands.js';

/** What one element of an operand is to a function: of integers a number, as `get` gives it. */
export type ArgumentKind = 'number' | 'boolean' | 'bigint';

const resultDTypes: Readonly<Record<string, DType>> = { f64: 'float64', bool: 'bool', i64: 'int64' };

/** The dtype, and the kind, of each operand; others than arrays, numbers, booleans and bigints are refused. */
function nodesOf(operands: readonly unknown[]): Node[] {
  return operands.map((each) => {
    const operand = toOperand(each);
    if (operand instanceof Node) return operand;
    const dtype = dtypeOfPlain(operand);
    return scalarNode(dtype, toElement(operand, dtype, 'an argument'));
  });
}

const kindOf = (dtype: DType, isPlain: boolean): ArgumentKind => {
  if (dtype === 'bool') return 'boolean';
  return isPlain && !isFloatDType(dtype) ? 'bigint' : 'number';
};

/** Records the function whose code `codeFor` gives, once it knows what the arguments are; `names` are how people know them. */
export function callElements(
  name: string,
  operands: readonly unknown[],
  codeFor: (kinds: readonly ArgumentKind[], names: readonly string[]) => ElementCode,
): NDArray {
  const nodes = nodesOf(operands);
  const kinds = nodes.map((node, index) => kindOf(node.dtype, typeof operands[index] !== 'object'));
  const names = nodes.map(({ dtype }, index) =>
    typeof operands[index] === 'object' ? `array(${dtype})` : kinds[index]!,
  );
  const shape = commonShape(nodes, name);
  const code = codeFor(kinds, names);
  const node = apply(operationOf(code), resultDTypes[code.result.type]!, shape, nodes);
  node.weight += weightOf(code);
  return arrayOf(node);
}
