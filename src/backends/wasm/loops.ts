// Loops. Engines compile a function better only between two calls of it, never while it runs, and nobody can stop code that does not look.
// So every loop that may be long can be taken up in a function of its own, its outlined form, which does a slice of about 2¹⁶ basic
// iterations and returns; a driver calls it until the loop is done, and looks at the stop word between slices.
// In a kernel's own body loops are driven from the start. In all other code (outlined loops, routines, sections) they stand in their place,
// as most are short, and go on in their outlined form where they turn out to be long: a loop around nothing long by its count, others
// when the budget of their function is used up. Every loop has at most one outlined form, so that code grows with the depth of a nest.
// A loop and its driver hand each other its index, its end and what it carries through the frame, where the rest that it reads lies too.
import { blockLength } from '../../ir/nodes.js';
import type { For, Loop, Value } from '../../ir/nodes.js';
import { beginBlock, beginDraws, borrowStreams, loadStream, storeStream } from './draws.js';
import type { Instruction } from './encode/instructions.js';
import { statusReturned, statusSlice } from './family.js';
import type { Exit, Outlined } from './family.js';
import type { FunctionEmitter, ParameterLocals } from './function-emitter.js';
import { requestAgain, slotBytes, statusOk, statusStopped } from './layout.js';
import { emitPoint, emitRequest, forward } from './points.js';
import { bytesOfRegisters, loadRegister, storeRegister } from './registers.js';
import { freeStreams } from './suspension.js';

const carriedValues = ({ carried }: For | Loop): readonly Value[] => carried.map(({ value }) => value);

export function assignInitial(f: FunctionEmitter, loop: For | Loop): void {
  f.assign(
    carriedValues(loop),
    loop.carried.map(({ initial }) => initial),
  );
}

/** Assigns the index; the end of the loop is in the local that is returned. */
export function beginCount(f: FunctionEmitter, { index, start, count }: For): number {
  const end = f.newLocal('i64');
  f.push(count);
  f.emit(['local.set', end]);
  f.push(start);
  f.set(index);
  f.parts.noteIndex(index, start);
  return end;
}

export function emitFor(f: FunctionEmitter, loop: For): void {
  const { work } = f.parts;
  const { owned, results, index, step } = loop;
  for (const { key, base } of owned) [key, base].forEach((operand) => f.settle(operand));
  const isPaused = pausesIn(f, loop);
  let end = -1;
  const begin = (): void => {
    assignInitial(f, loop);
    end = beginCount(f, loop);
  };
  if (isPaused) forward(f, begin);
  else begin();
  const isTiny = work.isTiny(loop);
  if (!isTiny && f.role.kind !== 'kernel') f.fixBefore(loop);
  f.emit(['block']);
  const outDepth = f.depth;
  if (isTiny || f.role.kind === 'kernel') {
    if (isTiny) {
      emitIterations(f, loop, end, outDepth, {});
      f.assign(results, carriedValues(loop));
    } else drive(f, loop, end);
    return f.emit(['end']);
  }
  // The rare way lies behind the loop and not in it, where it would take registers.
  f.emit(['block']);
  const goOnDepth = f.depth;
  const counter = f.local(index);
  const isLeaf = work.isLeaf(loop);
  emitIterations(f, loop, end, outDepth, {
    onceBegun: () => {
      if (!isLeaf) return;
      // All of it, or all of it now.
      const ordinals = f.newLocal('i64');
      f.emit(['local.get', end], ['local.get', counter], ['i64.sub'], ['local.tee', ordinals]);
      f.emit(['i64.const', work.sliceOf(loop)], ['i64.gt_u']);
      f.branch(goOnDepth, true);
      if (f.budget === undefined) return;
      f.emit(['local.get', f.budget], ['local.get', ordinals], ['i32.wrap_i64']);
      if (step > 1) f.emit(['i32.const', Math.log2(step)], ['i32.shr_u']);
      const weight = work.weightOf(loop);
      if (weight > 1) f.emit(['i32.const', weight], ['i32.mul']);
      f.emit(['i32.sub'], ['local.set', f.budget]);
    },
    afterEach: () => {
      if (isLeaf) return;
      spend(f, loop);
      f.emit(['i32.const', 0], ['i32.lt_s']);
      f.branch(goOnDepth, true);
    },
  });
  f.assign(results, carriedValues(loop));
  f.branch(outDepth);
  f.emit(['end']);
  drive(f, loop, end);
  f.emit(['end']);
}

/** Takes an iteration from the budget, and leaves what remains. */
function spend(f: FunctionEmitter, loop: For | Loop): void {
  const budget = f.budget!;
  f.emit(['local.get', budget], ['i32.const', f.parts.work.weightOf(loop)], ['i32.sub'], ['local.tee', budget]);
}

interface Around {
  /** Emits what is done before the first iteration, if there is one. */
  readonly onceBegun?: () => void;
  /** Emits what is done after each, when the index is that of the next. */
  readonly afterEach?: () => void;
}

/** Iterations from where the index stands to the local `end`. Code goes on behind them unless the loop is left. */
function emitIterations(
  f: FunctionEmitter,
  loop: For,
  end: number,
  breakDepth: number | undefined,
  { onceBegun = () => {}, afterEach = () => {} }: Around,
): void {
  const { index, step, body, owned } = loop;
  const [counter] = f.targets(index) as [number];

  // All of the step has to lie before the limit. It is asked once before the loop and then at its end: one jump a trip.
  const isBefore = (limit: number): readonly Instruction[] => [
    ['local.get', counter],
    ['i64.const', step],
    ['i64.add'],
    ['local.get', limit],
    ['i64.le_s'],
  ];
  const emitTrips = (limit: number): void => {
    f.emit(['loop']);
    const againDepth = f.depth;
    const endDraws = beginDraws(f, loop);
    f.emit(['block']);
    f.loops.push({ loop, breakDepth, continueDepth: f.depth });
    f.region(body, carriedValues(loop));
    f.loops.pop();
    f.emit(['end'], ...endDraws, ['local.get', counter], ['i64.const', step], ['i64.add'], ['local.set', counter]);
    afterEach();
    f.emit(...isBefore(limit));
    f.branch(againDepth, true);
    f.emit(['end']);
  };

  f.emit(...isBefore(end), ['if']);
  onceBegun();
  if (owned.some(({ kind }) => kind === 'lanes')) {
    const limit = f.newLocal('i64');
    f.emit(['loop']);
    const againDepth = f.depth;
    beginBlock(f, loop);
    // limit = min((counter | 4095) + 1, end); a step that does not fit into the rest of the end does not begin.
    f.emit(['local.get', counter], ['i64.const', blockLength - 1], ['i64.or'], ['i64.const', 1], ['i64.add']);
    f.emit(['local.tee', limit], ['local.get', end], ['local.get', limit], ['local.get', end], ['i64.lt_s']);
    f.emit(['select'], ['local.set', limit]);
    emitTrips(limit);
    f.emit(...isBefore(end));
    f.branch(againDepth, true);
    f.emit(['end']);
  } else emitTrips(end);
  f.emit(['end']);
}

export function emitLoop(f: FunctionEmitter, loop: Loop): void {
  if (pausesIn(f, loop)) forward(f, () => assignInitial(f, loop));
  else assignInitial(f, loop);
  if (f.role.kind !== 'kernel') f.fixBefore(loop);
  f.emit(['block']);
  if (f.role.kind !== 'kernel') {
    const breakDepth = f.depth;
    f.emit(['loop']);
    const againDepth = f.depth;
    f.emit(['block']);
    f.loops.push({ loop, breakDepth, continueDepth: f.depth });
    f.region(loop.body, carriedValues(loop));
    f.loops.pop();
    f.emit(['end']);
    spend(f, loop);
    f.emit(['i32.const', 0], ['i32.ge_s']);
    f.branch(againDepth, true);
    f.emit(['end']);
  }
  drive(f, loop, undefined);
  f.emit(['end']);
}

// Outlined forms.

const endKeys = new WeakMap<For, object>();

/** The place of a loop's end in the frame. */
function endPlace(f: FunctionEmitter, loop: For): number {
  let key = endKeys.get(loop);
  if (key === undefined) endKeys.set(loop, (key = {}));
  return f.family.frame.place(key, slotBytes);
}

/** Whether the loop's driver returns to its caller after every slice. */
const pausesIn = ({ role }: FunctionEmitter, loop: For | Loop): boolean =>
  role.kind === 'kernel' && role.plan.isPaused(loop);

/** Does the rest of a loop, from what its index and carried values are in this function, by calling its outlined form; assigns its results. */
function drive(f: FunctionEmitter, loop: For | Loop, end: number | undefined): void {
  const { family } = f;
  let outlined = family.outlined.get(loop);
  if (outlined === undefined) family.outlined.set(loop, (outlined = outline(f, loop)));
  const { index, captured, streams } = outlined;
  const held = streams.filter((stream) => f.held.has(stream));
  const begin = (): void => {
    for (const value of captured) {
      // What is from further out lies in the frame already.
      if (f.assigns(value)) f.storeHome(value);
      else f.captured.add(value);
    }
    for (const value of carriedValues(loop)) f.storeHome(value);
    if (loop.kind === 'for') {
      f.storeHome(loop.index);
      f.emit(['local.get', f.frame], ['local.get', end!], storeRegister('i64', endPlace(f, loop)));
    }
    for (const stream of held) storeStream(f, stream);
  };
  const status = f.newLocal('i32');
  let overDepth = -1;
  const runSlice = (): void => {
    f.emit(['local.get', f.descriptor], ['local.get', f.scratch]);
    if (family.isFramed) f.emit(['local.get', f.frame], ['local.get', f.callDepth]);
    f.emit(['call', index], ['local.tee', status], ['i32.const', statusSlice], ['i32.ne']);
    f.branch(overDepth, true);
    emitLookAtStop(f);
  };
  const isPaused = pausesIn(f, loop);
  if (isPaused) forward(f, begin);
  else begin();
  f.emit(['block']);
  overDepth = f.depth;
  f.emit(['loop']);
  const againDepth = f.depth;
  if (isPaused) {
    forward(f, runSlice);
    emitPoint(f, () => emitRequest(f, requestAgain, 0, undefined));
  } else runSlice();
  f.branch(againDepth);
  f.emit(['end'], ['end']);

  for (const stream of held) loadStream(f, stream);
  f.emit(['block']);
  const doneDepth = f.depth;
  const when = (code: number, act: () => void): void => {
    f.emit(['local.get', status]);
    f.emit(...(code === statusOk ? [] : ([['i32.const', code], ['i32.ne']] as Instruction[])), ['if'], ['else']);
    act();
    f.emit(['end']);
  };
  if (loop.kind === 'for') {
    when(statusOk, () => {
      for (const [position, result] of loop.results.entries())
        f.loadParts(result, f.frame, f.home(loop.carried[position]!.value));
      f.branch(doneDepth);
    });
  }
  for (const exit of outlined.exits) {
    when(exit.status, () => {
      if (exit.loop === loop && exit.kind === 'break') {
        loadExit(f, exit, loop.results);
        return f.branch(doneDepth);
      }
      f.leaveLoop(exit.loop, exit.kind, {
        assign: (targets) => loadExit(f, exit, targets),
        // It lies there already.
        store: () => {},
      });
    });
  }
  if (outlined.returns) when(statusReturned, () => f.followReturn());
  f.leaveWithStatus(status);
  f.emit(['end']);
}

/** Into the values that the way out leads to, as which they lie there. */
function loadExit(f: FunctionEmitter, { offset }: Exit, targets: readonly Value[]): void {
  let place = offset;
  for (const target of targets) {
    f.loadParts(target, f.frame, place);
    place += bytesOfRegisters(f.parts.registersOf(target));
  }
}

/** Leaves the function if somebody wants the call to end. */
export function emitLookAtStop(f: FunctionEmitter): void {
  const { stop } = f.parts.layout;
  f.emit(['local.get', f.descriptor], loadRegister('i32', stop * slotBytes), loadRegister('i32', 0), ['if']);
  f.leave(statusStopped);
  f.emit(['end']);
}

/** Writes the loop as a function, which goes on from where the frame says that it stands. */
function outline(around: FunctionEmitter, loop: For | Loop): Outlined {
  const { family } = around;
  const parameters: ParameterLocals = family.isFramed
    ? { count: 4, descriptor: 0, scratch: 1, frame: 2, depth: 3 }
    : { count: 2, descriptor: 0, scratch: 1 };
  const scopes = [...around.outer, ...around.loops.map((target) => target.loop)];
  const f = around.another(family, { kind: 'outlined', loop }, parameters, scopes);
  const streams = freeStreams(loop);
  borrowStreams(f, streams);
  for (const value of carriedValues(loop)) f.loadParts(value, f.frame, f.home(value));
  if (loop.kind === 'for') emitOutlinedFor(f, loop);
  else emitOutlinedLoop(f, loop);
  const index = f.finish(
    `${family.name}.${loop.label}`,
    { parameters: Array.from({ length: parameters.count }, () => 'i32' as const), results: ['i32'] },
    false,
  );
  return { index, captured: f.captured, streams: [...streams], exits: f.exits, returns: f.returns };
}

function emitOutlinedFor(f: FunctionEmitter, loop: For): void {
  const { work } = f.parts;
  const { index, step } = loop;
  f.loadParts(index, f.frame, f.home(index));
  const end = f.newLocal('i64');
  f.emit(['local.get', f.frame], loadRegister('i64', endPlace(f, loop)), ['local.set', end]);
  const putBack = (): void => {
    for (const value of [index, ...carriedValues(loop)]) f.storeHome(value);
  };
  let limit = end;
  if (work.isLeaf(loop)) {
    // limit = min(index + slice, end)
    limit = f.newLocal('i64');
    f.push(index);
    f.emit(['i64.const', work.sliceOf(loop)], ['i64.add'], ['local.tee', limit], ['local.get', end]);
    f.emit(['local.get', limit], ['local.get', end], ['i64.lt_s'], ['select'], ['local.set', limit]);
  }
  f.emit(['block']);
  const overDepth = f.depth;
  emitIterations(f, loop, limit, undefined, {
    afterEach: () => {
      if (work.isLeaf(loop)) return;
      spend(f, loop);
      f.emit(['i32.const', 0], ['i32.lt_s']);
      f.branch(overDepth, true);
    },
  });
  f.emit(['end']);
  putBack();
  f.push(index);
  f.emit(['i64.const', step], ['i64.add'], ['local.get', end], ['i64.le_s'], ['if']);
  f.leave(statusSlice);
  f.emit(['end']);
  f.leave(statusOk);
}

function emitOutlinedLoop(f: FunctionEmitter, loop: Loop): void {
  f.emit(['loop']);
  const againDepth = f.depth;
  f.emit(['block']);
  f.loops.push({ loop, breakDepth: undefined, continueDepth: f.depth });
  f.region(loop.body, carriedValues(loop));
  f.loops.pop();
  f.emit(['end']);
  spend(f, loop);
  f.emit(['i32.const', 0], ['i32.ge_s']);
  f.branch(againDepth, true);
  f.emit(['end']);
  for (const value of carriedValues(loop)) f.storeHome(value);
  f.leave(statusSlice);
}
