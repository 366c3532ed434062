// One element from one dtype to another, in the kernel language: integers are taken modulo the width of what they go into, floats cut off
// towards zero first, as ECMAScript stores numbers (docs/numerics.md, 12), and everything but zero is true.
import { f64, i64 } from '../ir/build.js';
import type { Builder } from '../ir/build.js';
import { Constant } from '../ir/nodes.js';
import type { Operand } from '../ir/nodes.js';
import { dtypes, isFloatDType, valueTypeOf } from './dtypes.js';
import type { DType } from './dtypes.js';

const i32 = (value: number): Constant => new Constant('i32', value);

/** Brings a computed value back into the range of a dtype that is narrower than what computes it. */
export function wrapElement(b: Builder, dtype: DType, value: Operand): Operand {
  switch (dtype) {
    case 'int8':
    case 'int16': {
      const distance = i32(32 - dtypes[dtype].bits);
      return value.type === 'i32' ? b.pure('shrS', 'i32', [b.pure('shl', 'i32', [value, distance]), distance]) : value;
    }
    case 'uint8':
    case 'uint16':
      return value.type === 'i32' ? b.pure('and', 'i32', [value, i32(2 ** dtypes[dtype].bits - 1)]) : value;
    case 'uint32':
      return value.type === 'i64' ? b.pure('and', 'i64', [value, i64(0xffffffff)]) : value;
    default:
      return value;
  }
}

export function castElement(b: Builder, from: DType, to: DType, value: Operand): Operand {
  if (from === to) return value;
  if (to === 'bool') return b.pure('ne', valueTypeOf(from), [value, zeroOf(from)]);
  if (isFloatDType(to)) return toFloat(b, from, to, value);
  return wrapElement(b, to, toInteger(b, from, valueTypeOf(to) === 'i64' ? 'i64' : 'i32', to, value));
}

const zeroOf = (dtype: DType): Constant => {
  const type = valueTypeOf(dtype);
  return type === 'i64' ? i64(0) : new Constant(type, type === 'bool' ? false : 0);
};

function toFloat(b: Builder, from: DType, to: DType, value: Operand): Operand {
  if (to === 'float32') {
    const type = valueTypeOf(from);
    if (type === 'i32' || type === 'bool') return b.pure('toF32', type, [value]);
    return b.pure('toF32', 'f64', [from === 'float64' ? value : toFloat(b, from, 'float64', value)]);
  }
  if (from !== 'uint64') return b.pure('toF64', valueTypeOf(from), [value]);
  // Both halves are exact, so their sum is rounded once.
  const high = b.pure('toF64', 'i64', [b.pure('shrU', 'i64', [value, i64(32)])]);
  const low = b.pure('toF64', 'i64', [b.pure('and', 'i64', [value, i64(0xffffffff)])]);
  return b.pure('add', 'f64', [b.pure('mul', 'f64', [high, f64(2 ** 32)]), low]);
}

function toInteger(b: Builder, from: DType, type: 'i32' | 'i64', to: DType, value: Operand): Operand {
  const found = valueTypeOf(from);
  if (found === 'bool') return b.pure(type === 'i32' ? 'toI32' : 'extendS', 'bool', [value]);
  if (found === 'i32') return type === 'i32' ? value : b.pure('extendS', 'i32', [value]);
  if (found === 'i64') return type === 'i64' ? value : b.pure('wrap', 'i64', [value]);
  const wide = from === 'float32' ? b.pure('toF64', 'f32', [value]) : value;
  if (type === 'i32') return b.pure('toInt32', 'f64', [wide]);
  if (to === 'uint32') return b.pure('extendU', 'i32', [b.pure('toInt32', 'f64', [wide])]);
  if (to === 'int64') return b.pure('truncI64', 'f64', [wide]);
  // What an int64 cannot hold is brought into its range by 2⁶³, a bit that is put back.
  const top = f64(2 ** 63);
  const isHigh = b.pure('ge', 'f64', [wide, top]);
  const low = b.pure('truncI64', 'f64', [b.pure('select', 'f64', [isHigh, b.pure('sub', 'f64', [wide, top]), wide])]);
  return b.pure('select', 'i64', [isHigh, b.pure('xor', 'i64', [low, i64(-(2n ** 63n))]), low]);
}
