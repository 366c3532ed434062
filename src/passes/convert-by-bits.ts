// Before   %p = truncI64.f64 %x                                        (%x lies between −2⁵¹ and 2⁵¹, and is not NaN)
// After    %w = trunc.f64 %x   %s = add.f64 %w 6755399441055744.0   %b = bitsOfF64.f64 %s   %p = add.i64 %b −4843621399236968448
// Why      The instruction of WebAssembly asks for NaN and for numbers out of range, which costs ten of the machine's; and lanes have none.
// How      1.5·2⁵² plus a whole number of that size is exact, and its last bits are the number: they are the integer, but for a constant.
//          A number that is whole needs no truncation first.
// Too cautious: numbers that facts do not bound are left to the instruction.
import { Constant, Value } from '../ir/nodes.js';
import type { Kernel, Operand, Pure, Region, Statement } from '../ir/nodes.js';
import { signatureOf } from '../ir/operations.js';
import type { OperationName } from '../ir/operations.js';
import { regionsOf } from '../ir/walk.js';
import { isInside } from './analysis/facts.js';
import { ForwardWalk } from './analysis/forward.js';
import type { Pass } from './pass.js';

const shift = 1.5 * 2 ** 52;
const bitsOfShift = 0x4338_0000_0000_0000n;
const largest = 2 ** 51;

class Conversions extends ForwardWalk {
  protected override rewrite(statement: Statement): readonly Statement[] | undefined {
    if (!isConversion(statement)) return undefined;
    const { operands, operation, result, source } = statement;
    const [double] = operands as [Operand];
    const { mayBeNaN, isWhole, ...fact } = this.factOf(double);
    if (mayBeNaN || fact.low > fact.high || !isInside({ mayBeNaN, isWhole, ...fact }, largest)) return undefined;
    const made: Statement[] = [];
    const put = (name: OperationName, over: 'f64' | 'i64', given: readonly Operand[], as?: Value): Value => {
      const value = as ?? new Value(signatureOf(name, over)!.result, result.name);
      made.push({ kind: 'pure', operation: name, over, operands: given, result: value, source });
      return value;
    };
    const whole = isWhole ? double : put('trunc', 'f64', [double]);
    const shifted = put('bitsOfF64', 'f64', [put('add', 'f64', [whole, new Constant('f64', shift)])]);
    const isLong = operation === 'truncI64';
    // Of the constant's last 32 bits all are 0.
    if (isLong) put('add', 'i64', [shifted, new Constant('i64', -bitsOfShift)], result);
    else put('wrap', 'i64', [shifted], result);
    return made;
  }
}

const isConversion = (statement: Statement): statement is Pure =>
  statement.kind === 'pure' &&
  statement.over === 'f64' &&
  (statement.operation === 'truncI64' || statement.operation === 'toInt32');

const hasConversion = ({ statements }: Region): boolean =>
  statements.some((statement) => isConversion(statement) || regionsOf(statement).some(hasConversion));

export const convertByBits: Pass = {
  name: 'convert-by-bits',
  run: (kernel: Kernel): Kernel => (hasConversion(kernel.body) ? new Conversions().kernel(kernel) : kernel),
};
