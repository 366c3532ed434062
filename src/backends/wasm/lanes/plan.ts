// What is decided about lanes before any code is written, for all functions of a module alike: how wide masks are, and which values are
// kept as something else than themselves.
import type { Operand, Region, Value } from '../../../ir/nodes.js';
import { elementOf, lanesOf } from '../../../ir/types.js';
import type { ScalarType, Type } from '../../../ir/types.js';
import { regionsOf, resultsOf } from '../../../ir/walk.js';
import type { ValueType } from '../encode/module.js';
import { findChains } from './chains.js';
import type { Chains } from './chains.js';
import { handedMaskBytes, maskBytes, maskWidths } from './mask-widths.js';
import { laneBytesOf, registersFor } from './registers.js';
import type { LaneBytes } from './registers.js';

export interface LanePlan {
  readonly chains: Chains;
  /** Of a lane of the operand. */
  readonly bytesOf: (operand: Operand) => LaneBytes;
}

/** `codes`: kernels and routines, with the parameters of the routines. */
export function planLanes(
  codes: readonly { readonly parameters: readonly Value[]; readonly body: Region }[],
): LanePlan {
  const isWide = codes.some(({ body }) => hasLanes(body));
  const widths = isWide ? maskWidths(codes) : noWidths;
  return {
    chains: isWide ? findChains(codes.map(({ body }) => body)) : noChains,
    bytesOf: (operand) => {
      const element = elementOf(operand.type);
      return element === 'bool' ? maskBytes(widths, operand) : laneBytesOf(element);
    },
  };
}

const noWidths: ReadonlyMap<Value, LaneBytes> = new Map();
const noChains: Chains = {
  scaled: new Map(),
  products: new Set(),
  differences: new Map(),
  negated: new Set(),
  inverted: new Set(),
};

/** Whether code computes with lanes anywhere. */
const hasLanes = ({ statements }: Region): boolean =>
  statements.some(
    (statement) => resultsOf(statement).some(({ type }) => lanesOf(type) > 1) || regionsOf(statement).some(hasLanes),
  );

const scalarLocals: Readonly<Record<ScalarType, readonly ValueType[]>> = {
  bool: ['i32'],
  i32: ['i32'],
  i64: ['i64'],
  f32: ['f32'],
  f64: ['f64'],
};
/** So many registers. */
const wideLocals: (readonly ValueType[])[] = [];

/** The types of a value's locals: of a scalar one, of lanes as many as there are registers. */
export function localTypes(type: Type, bytes: LaneBytes): readonly ValueType[] {
  const count = lanesOf(type);
  if (count === 1) return scalarLocals[elementOf(type)];
  const registers = registersFor(count, bytes);
  return (wideLocals[registers] ??= Array.from({ length: registers }, () => 'v128'));
}

/** The same for what functions hand each other, where only the type is known. */
export function handedTypes(type: Type): readonly ValueType[] {
  const element = elementOf(type);
  return localTypes(type, element === 'bool' ? handedMaskBytes : laneBytesOf(element));
}
