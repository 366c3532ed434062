// What is decided about lanes before any code is written, for all functions of a module alike: how wide masks are, and which values are
// kept as something else than themselves.
import type { Operand, Region, Value } from '../../../ir/nodes.js';
import { elementOf, lanesOf } from '../../../ir/types.js';
import type { Type } from '../../../ir/types.js';
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
  const widths = maskWidths(codes);
  return {
    chains: findChains(codes.map(({ body }) => body)),
    bytesOf: (operand) => {
      const element = elementOf(operand.type);
      return element === 'bool' ? maskBytes(widths, operand) : laneBytesOf(element);
    },
  };
}

/** The types of a value's locals: of a scalar one, of lanes as many as there are registers. */
export function localTypes(type: Type, bytes: LaneBytes): ValueType[] {
  const [element, count] = [elementOf(type), lanesOf(type)];
  if (count > 1) return Array.from({ length: registersFor(count, bytes) }, () => 'v128');
  return [element === 'bool' ? 'i32' : element];
}

/** The same for what functions hand each other, where only the type is known. */
export function handedTypes(type: Type): ValueType[] {
  const element = elementOf(type);
  return localTypes(type, element === 'bool' ? handedMaskBytes : laneBytesOf(element));
}
