// Random numbers (docs/random.md) in the function that is being written. The state of a stream is held in locals wherever it is drawn from;
// it lies in memory, at one place for the family of functions or where the caller says, only while something else may draw from it.
import { blockLength, Constant, logicalLanes, Value } from '../../ir/nodes.js';
import type { Draw, For, OpenStream, Operand, OwnedStream, Stream } from '../../ir/nodes.js';
import { elementOf, lanesOf, withLanes } from '../../ir/types.js';
import type { Instruction } from './encode/instructions.js';
import type { FunctionEmitter } from './function-emitter.js';
import {
  loadStateInstructions,
  pairBytes,
  pairLanes,
  pairsOf,
  stepInstructions,
  storeStateInstructions,
} from './generator.js';
import type { StateLocals, StatePlace } from './generator.js';
import { zeroOf } from './registers.js';

/** Where the state of a stream lies that one generator, or one a lane, moves on. */
export function placeOf(f: FunctionEmitter, stream: Stream): StatePlace {
  const pointer = f.family.pointers.get(stream);
  if (pointer) return { address: f.local(pointer), offset: 0 };
  return { address: f.frame, offset: f.family.frame.place(stream, pairsOf(stream.lanes) * pairBytes) };
}

/** Locals for the state of a generator, or for each pair of them. */
function newStates(f: FunctionEmitter, lanes: number): StateLocals[] {
  const type = lanes === 1 ? 'i64' : 'v128';
  return Array.from({ length: pairsOf(lanes) }, () => ({
    words: Array.from({ length: 4 }, () => f.newLocal(type)),
    temporary: f.newLocal(type),
  }));
}

/** Those of a stream, which is held from now on. */
function statesFor(f: FunctionEmitter, stream: Stream): readonly StateLocals[] {
  let states = f.held.get(stream);
  if (states === undefined) f.held.set(stream, (states = newStates(f, stream.lanes)));
  return states;
}

const loadStates = ({ address, offset }: StatePlace, states: readonly StateLocals[], lanes: number): Instruction[] =>
  states.flatMap((state, pair) => loadStateInstructions({ address, offset: offset + pair * pairBytes }, state, lanes));

const storeStates = ({ address, offset }: StatePlace, states: readonly StateLocals[], lanes: number): Instruction[] =>
  states.flatMap((state, pair) => storeStateInstructions({ address, offset: offset + pair * pairBytes }, state, lanes));

/** From memory into locals. */
export function loadStream(f: FunctionEmitter, stream: Stream): void {
  f.emit(...loadStates(placeOf(f, stream), statesFor(f, stream), stream.lanes));
}

export function storeStream(f: FunctionEmitter, stream: Stream): void {
  f.emit(...storeStates(placeOf(f, stream), f.held.get(stream)!, stream.lanes));
}

/** Streams of the function around, or of the caller, that this one draws from itself. */
export function borrowStreams(f: FunctionEmitter, streams: Iterable<Stream>): void {
  for (const stream of streams) {
    loadStream(f, stream);
    f.lent.add(stream);
  }
}

function seed(
  f: FunctionEmitter,
  seedFunction: number,
  { address, offset }: StatePlace,
  key: Operand,
  pushOrdinal: () => void,
): void {
  f.emit(['local.get', address], ['i32.const', offset], ['i32.add']);
  f.push(key);
  pushOrdinal();
  f.emit(['call', seedFunction]);
}

export function emitOpenStream(f: FunctionEmitter, { stream, key, ordinal }: OpenStream): void {
  if (stream.lanes > 1) return seedInLanes(f, stream, key, () => ordinal);
  seed(f, f.parts.generator.seed, placeOf(f, stream), key, () => f.push(ordinal));
  loadStream(f, stream);
}

/** Starts a generator for each lane, in their locals. */
function seedInLanes(f: FunctionEmitter, stream: Stream, key: Operand, ordinals: () => Operand): void {
  const { mix, seedPair } = f.parts.generator;
  const mixedKey = f.newLocal('i64');
  f.push(key);
  f.emit(['call', mix], ['local.set', mixedKey]);
  f.lanes.seed(ordinals(), statesFor(f, stream), mixedKey, seedPair);
}

export function emitDraw(f: FunctionEmitter, statement: Draw): void {
  const { stream, mask, result } = statement;
  const states = f.held.get(stream)!;
  if (lanesOf(result.type) > 1) return f.lanes.draw(statement, states);
  const element = elementOf(result.type) as 'f32' | 'f64' | 'i64';
  if (mask !== undefined) {
    f.push(mask);
    f.emit(['if', element]);
  }
  f.emit(...stepInstructions(states[0]!, element));
  if (mask !== undefined) f.emit(['else'], zeroOf(element), ['end']);
  f.set(result);
}

// Loops that own their draws.

/** Where in the frame the 16 generators of a block lie; the one of the iteration that is running has the stream's own place. */
function blockPlace(f: FunctionEmitter, owned: OwnedStream): StatePlace {
  const offset = f.family.frame.place(f.parts.blockOf(owned), pairsOf(logicalLanes) * pairBytes);
  return { address: f.frame, offset };
}

/** Where a block of a loop that draws by lanes begins: seeds its generators. In the middle of a block they stand where they were left. */
export function beginBlock(f: FunctionEmitter, { owned, index }: For): void {
  for (const each of owned) if (each.kind === 'lanes') beginBlockOf(f, each, index);
}

function beginBlockOf(f: FunctionEmitter, owned: OwnedStream, index: Value): void {
  const pushIndex = (): void => f.push(index);
  pushIndex();
  f.emit(['i64.const', blockLength - 1], ['i64.and'], ['i64.eqz'], ['if']);
  seed(f, f.parts.generator.seedLanes, blockPlace(f, owned), owned.key, () => {
    pushIndex();
    f.emit(['i64.const', Math.log2(blockLength / logicalLanes)], ['i64.shr_u']);
    addBase(f, owned);
  });
  f.emit(['end']);
}

/**
 * Before an iteration of a loop that owns its draws: takes this iteration's generator, or pair of them, from memory. What is returned
 * puts it back after the iteration; a loop that is left by a break needs its generators no more.
 */
export function beginDraws(f: FunctionEmitter, { owned, index, step }: For): readonly Instruction[] {
  return owned.flatMap((each) => beginDrawsOf(f, each, index, step));
}

function addBase(f: FunctionEmitter, { base }: OwnedStream): void {
  if (base instanceof Constant && base.value === 0n) return;
  f.push(base);
  f.emit(['i64.add']);
}

function beginDrawsOf(f: FunctionEmitter, owned: OwnedStream, index: Value, step: number): readonly Instruction[] {
  const { stream, kind, key } = owned;
  const states = statesFor(f, stream);
  const pushIndex = (): void => f.push(index);
  if (kind === 'each') {
    if (step === 1) {
      seed(f, f.parts.generator.seed, placeOf(f, stream), key, () => {
        pushIndex();
        addBase(f, owned);
      });
      loadStream(f, stream);
    } else {
      seedInLanes(f, stream, key, () => {
        const [first, ordinals] = [new Value('i64', index.name), new Value(withLanes('i64', step), index.name)];
        pushIndex();
        addBase(f, owned);
        f.set(first);
        f.lanes.ramp({ kind: 'ramp', operand: first, result: ordinals, source: -1 });
        return ordinals;
      });
    }
    return [];
  }
  const { offset } = blockPlace(f, owned);
  const address = f.newLocal('i32');
  // Logical lanes 2p and 2p + 1 are the pair p; an iteration of several ordinals begins at a multiple of its step.
  f.emit(['local.get', f.frame]);
  pushIndex();
  f.emit(['i32.wrap_i64'], ['i32.const', logicalLanes - pairLanes], ['i32.and']);
  f.emit(['i32.const', pairBytes / pairLanes], ['i32.mul'], ['i32.add']);
  if (step === 1) {
    pushIndex();
    f.emit(['i32.wrap_i64'], ['i32.const', 1], ['i32.and'], ['i32.const', 3], ['i32.shl'], ['i32.add']);
  }
  f.emit(['local.set', address], ...loadStates({ address, offset }, states, step));
  return storeStates({ address, offset }, states, step);
}
