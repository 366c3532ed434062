// Random numbers (docs/random.md) in the function that is being written. The state of a stream is held in locals wherever it is drawn from;
// it lies in memory, at one place for the family of functions or where the caller says, only while something else may draw from it.
import { blockLength, Constant, logicalLanes } from '../../ir/nodes.js';
import type { Draw, For, OpenStream, Operand, OwnedStream, Stream, Value } from '../../ir/nodes.js';
import { elementOf, lanesOf } from '../../ir/types.js';
import type { Instruction } from './encode/instructions.js';
import type { FunctionEmitter } from './function-emitter.js';
import { loadStateInstructions, pairBytes, stepInstructions, storeStateInstructions } from './generator.js';
import type { StateLocals, StatePlace } from './generator.js';
import { laneCount } from './lanes.js';
import { notYet } from './registers.js';

/** Where the state of a stream lies that one generator, or one a lane, moves on. */
export function placeOf(f: FunctionEmitter, stream: Stream): StatePlace {
  const pointer = f.family.pointers.get(stream);
  if (pointer) return { address: f.local(pointer), offset: 0 };
  return { address: f.frame, offset: f.family.frame.place(stream, Math.ceil(stream.lanes / laneCount) * pairBytes) };
}

export function newState(f: FunctionEmitter, lanes: number): StateLocals {
  const type = lanes === 1 ? 'i64' : 'v128';
  return { words: Array.from({ length: 4 }, () => f.newLocal(type)), temporary: f.newLocal(type) };
}

/** From memory into locals. */
export function loadStream(f: FunctionEmitter, stream: Stream): void {
  let state = f.held.get(stream);
  if (state === undefined) f.held.set(stream, (state = newState(f, stream.lanes)));
  f.emit(...loadStateInstructions(placeOf(f, stream), state, stream.lanes));
}

export function storeStream(f: FunctionEmitter, stream: Stream): void {
  f.emit(...storeStateInstructions(placeOf(f, stream), f.held.get(stream)!, stream.lanes));
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
  if (stream.lanes > 1) throw notYet('a stream of lanes');
  seed(f, f.parts.seed, placeOf(f, stream), key, () => f.push(ordinal));
  loadStream(f, stream);
}

export function emitDraw(f: FunctionEmitter, { stream, mask, result }: Draw): void {
  if (mask !== undefined) throw notYet('a masked draw');
  const [lanes, element] = [lanesOf(result.type), elementOf(result.type)];
  if (lanes > 1 && element !== 'f64') throw notYet(`a draw of ${result.type}`);
  f.emit(...stepInstructions(f.held.get(stream)!, lanes, element as 'f32' | 'f64' | 'i64'));
  f.set(result);
}

// Loops that own their draws.

/** Where in the frame the 16 generators of a block lie; the one of the iteration that is running has the stream's own place. */
function blockPlace(f: FunctionEmitter, owned: OwnedStream): StatePlace {
  const offset = f.family.frame.place(f.parts.blockOf(owned), (logicalLanes / laneCount) * pairBytes);
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
  seed(f, f.parts.seedLanes, blockPlace(f, owned), owned.key, () => {
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
  if (step > 1 && step !== laneCount) throw notYet(`a loop with a step of ${step}`);
  const { stream, kind, key } = owned;
  if (step > 1 && kind === 'each') throw notYet('lanes with a generator for each iteration');
  const state = newState(f, step);
  f.held.set(stream, state);
  const pushIndex = (): void => f.push(index);
  if (kind === 'each') {
    seed(f, f.parts.seed, placeOf(f, stream), key, () => {
      pushIndex();
      addBase(f, owned);
    });
    f.emit(...loadStateInstructions(placeOf(f, stream), state, step));
    return [];
  }
  const { offset } = blockPlace(f, owned);
  const address = f.newLocal('i32');
  // Logical lanes 2p and 2p + 1 are the pair p.
  f.emit(['local.get', f.frame]);
  pushIndex();
  f.emit(['i32.wrap_i64'], ['i32.const', logicalLanes - 2], ['i32.and']);
  f.emit(['i32.const', pairBytes / 2], ['i32.mul'], ['i32.add']);
  if (step === 1) {
    pushIndex();
    f.emit(['i32.wrap_i64'], ['i32.const', 1], ['i32.and'], ['i32.const', 3], ['i32.shl'], ['i32.add']);
  }
  f.emit(['local.set', address], ...loadStateInstructions({ address, offset }, state, step));
  return storeStateInstructions({ address, offset }, state, step);
}
