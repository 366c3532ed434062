// Before   %p = truncI64.f64 %x                                        (%x lies between −2⁵¹ and 2⁵¹, and is not NaN)
// After    %w = trunc.f64 %x   %s = add.f64 %w 6755399441055744.0   %b = bitsOfF64.f64 %s   %p = add.i64 %b −4843621399236968448
//          %r = rem.f64 %x 8.0   →   %q = mul.f64 %x 0.125   %w = trunc.f64 %q   %p = mul.f64 %w 8.0   %r = sub.f64 %x %p, with the sign of %x
// Why      The instruction of WebAssembly asks for NaN and for numbers out of range, which costs ten of the machine's; and lanes have none.
//          There is none for remainders, which are a function.
// How      1.5·2⁵² plus a whole number of that size is exact, and its last bits are the number: they are the integer, but for a constant.
//          A number that is whole needs no truncation first. To scale by a power of two is exact, or gives what is truncated to 0; so is
//          what is left, which is a multiple of the last bit of x and below 8. Comparisons do not ask for the sign of 0.
// Too cautious: numbers that facts do not bound are left to the instruction.
import { Builder } from '../ir/build.js';
import { Constant } from '../ir/nodes.js';
import type { Kernel, Operand, Pure, Region, Statement } from '../ir/nodes.js';
import { operandsOf, regionsOf } from '../ir/walk.js';
import { isComparison } from './analysis/algebra.js';
import { isInside } from './analysis/facts.js';
import { ForwardWalk } from './analysis/forward.js';
import type { Pass } from './pass.js';

const shift = 1.5 * 2 ** 52;
const bitsOfShift = 0x4338_0000_0000_0000n;
const largest = 2 ** 51;

class Conversions extends ForwardWalk {
  /** What something else than comparisons reads. */
  readonly #signed = new Set<Operand>();

  constructor(body: Region) {
    super();
    this.#note(body);
  }

  #note({ statements, terminator }: Region): void {
    if ('operands' in terminator) for (const operand of terminator.operands) this.#signed.add(operand);
    for (const statement of statements) {
      if (statement.kind !== 'pure' || !isComparison(statement.operation))
        for (const operand of operandsOf(statement)) this.#signed.add(operand);
      for (const region of regionsOf(statement)) this.#note(region);
    }
  }

  protected override rewrite(statement: Statement): readonly Statement[] | undefined {
    if (!isConversion(statement)) return undefined;
    return statement.operation === 'rem' ? this.#remainder(statement) : this.#conversion(statement);
  }

  #conversion({ operands, operation, result, source }: Pure): readonly Statement[] | undefined {
    const [double] = operands as [Operand];
    const fact = this.factOf(double);
    if (fact.mayBeNaN || fact.low > fact.high || !isInside(fact, largest)) return undefined;
    const code = new Builder(source);
    const whole = fact.isWhole ? double : code.pure('trunc', 'f64', [double], result.name);
    const sum = code.pure('add', 'f64', [whole, new Constant('f64', shift)], result.name);
    const shifted = code.pure('bitsOfF64', 'f64', [sum], result.name);
    // Of the constant's last 32 bits all are 0.
    const isLong = operation === 'truncI64';
    const given = isLong ? [shifted, new Constant('i64', -bitsOfShift)] : [shifted];
    return [
      ...code.statements,
      { kind: 'pure', operation: isLong ? 'add' : 'wrap', over: 'i64', operands: given, result, source },
    ];
  }

  #remainder({ operands, result, source }: Pure): readonly Statement[] {
    const [x, by] = operands as [Operand, Constant];
    const code = new Builder(source);
    const factor = (value: number): Constant => new Constant('f64', value);
    const quotient = code.pure('mul', 'f64', [x, factor(1 / Number(by.value))], 'quotient');
    const whole = code.pure('trunc', 'f64', [quotient], 'whole');
    const product = code.pure('mul', 'f64', [whole, by], 'product');
    const fact = this.factOf(x);
    const isSigned = this.#signed.has(result) && !(fact.low >= 0 && !fact.mayBeMinusZero);
    if (!isSigned)
      return [
        ...code.statements,
        { kind: 'pure', operation: 'sub', over: 'f64', operands: [x, product], result, source },
      ];
    const rest = code.pure('bitsOfF64', 'f64', [code.pure('sub', 'f64', [x, product], 'rest')], 'rest');
    const bits = code.pure('bitsOfF64', 'f64', [x], 'bits');
    const sign = code.pure('and', 'i64', [bits, new Constant('i64', -(2n ** 63n))], 'sign');
    const both = code.pure('or', 'i64', [rest, sign], 'bits');
    return [
      ...code.statements,
      { kind: 'pure', operation: 'f64OfBits', over: 'i64', operands: [both], result, source },
    ];
  }
}

const isConversion = (statement: Statement): statement is Pure =>
  statement.kind === 'pure' &&
  statement.over === 'f64' &&
  (statement.operation === 'truncI64' ||
    statement.operation === 'toInt32' ||
    (statement.operation === 'rem' && isPower(statement.operands[1]!)));

/** 2, 4, 8 … 2²⁰. */
const isPower = (operand: Operand): boolean =>
  operand instanceof Constant &&
  Number.isInteger(Math.log2(Number(operand.value))) &&
  Number(operand.value) >= 2 &&
  Number(operand.value) <= 2 ** 20;

const hasConversion = ({ statements }: Region): boolean =>
  statements.some((statement) => isConversion(statement) || regionsOf(statement).some(hasConversion));

export const convertByBits: Pass = {
  name: 'convert-by-bits',
  run: (kernel: Kernel): Kernel => (hasConversion(kernel.body) ? new Conversions(kernel.body).kernel(kernel) : kernel),
};
