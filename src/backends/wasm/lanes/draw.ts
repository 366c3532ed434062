// Draws from streams of lanes: the states are pairs of generators, a v128 for each of the four words (generator.ts); more lanes are more
// pairs, first lanes first. Generators whose lane is masked off stand still, and give zero.
import type { Instruction } from '../encode/instructions.js';
import {
  advanceInstructions,
  maskedAdvanceInstructions,
  sumInstructions,
  scrambledInstructions,
} from '../generator.js';
import type { StateLocals } from '../generator.js';
import { laneConstant, lowerHalvesOfLanes, maskOfWidth } from './registers.js';
import type { Code, Lanes } from './registers.js';

/** The bits of 1 and of 2ᵏ, where 52 random ones are put below. */
const exponentBits = (exponent: number): Instruction => laneConstant('i64', BigInt(1023 + exponent) << 52n);

/**
 * The registers of the draw; their code moves the states on, so each is emitted once and in order.
 * `exponent`: of doubles that are to stay as 2ᵏ·f with f in [1, 2) (chains.ts).
 */
export function drawCode(
  states: readonly StateLocals[],
  element: 'f64' | 'f32' | 'i64',
  mask: Lanes | undefined,
  exponent: number | undefined,
): Code[] {
  const masks = mask && maskOfWidth(mask, 8).registers;
  /** Some of the output's bits, zero in lanes that are off, and then a step. */
  const bitsOf = (pair: number): Code => {
    const state = states[pair]!;
    const output: Code =
      element === 'i64'
        ? scrambledInstructions(state, 2)
        : [...sumInstructions(state, 2), ['i32.const', element === 'f64' ? 12 : 40], ['i64x2.shr_u']];
    return masks === undefined
      ? [...output, ...advanceInstructions(state, 2)]
      : [...output, ...masks[pair]!, ['v128.and'], ...maskedAdvanceInstructions(state, masks[pair]!)];
  };
  if (element === 'i64') return states.map((_, pair) => bitsOf(pair));
  if (element === 'f64') {
    return states.map((_, pair): Code => {
      const bits: Code = [...bitsOf(pair), exponentBits(exponent ?? 0), ['v128.or']];
      return exponent === undefined ? [...bits, laneConstant('f64', 1), ['f64x2.sub']] : bits;
    });
  }
  return Array.from({ length: Math.ceil(states.length / 2) }, (_, register): Code => {
    const second = states[2 * register + 1] === undefined ? undefined : bitsOf(2 * register + 1);
    // 24 bits are an integer of 32 in the lower half of a lane; a stream of two lanes fills half of the register.
    const bits: Code = [...bitsOf(2 * register), ...(second ?? [laneConstant('i64', 0n)]), lowerHalvesOfLanes(8)];
    return [...bits, ['f32x4.convert_i32x4_s'], laneConstant('f32', 2 ** -24), ['f32x4.mul']];
  });
}
