// What the body of a kernel stops for. A parallel loop becomes a section, an entry of its own that runs iterations first … end − 1: what it
// reads of the function around lies in the descriptor, where the body puts it before it asks the runtime to run the section, on whichever
// threads. To ask, the body saves its locals in its frame, notes in the descriptor what it wants and where it stands, and returns; called
// again, it finds its way back by the structure of the code: what stands before the point is skipped, branches are those that hold it, and
// at the point itself the locals are restored. Only regions that hold such points pay for any of this.
import type { Allocate, For, Loop, Region, Value } from '../../ir/nodes.js';
import { Constant } from '../../ir/nodes.js';
import { storageTypes } from '../../ir/types.js';
import { innerValuesOf, regionsOf, resultsOf } from '../../ir/walk.js';
import { beginBlock, beginDraws } from './draws.js';
import type { Instruction } from './encode/instructions.js';
import { Family } from './family.js';
import { Frame } from './frame.js';
import type { FunctionEmitter } from './function-emitter.js';
import { errorRecordBytes, requestAgain, requestMemory, requestSection, slotBytes, statusOk } from './layout.js';
import { assignInitial, beginCount } from './loops.js';
import { lateConstant } from './module-parts.js';
import type { Section } from './module-parts.js';
import { emitPoint, emitRequest, forward } from './points.js';
import { loadRegister } from './registers.js';

/** Sections of fewer iterations are called from where they stand: asking costs more than another thread could save. */
const fewestSharedIterations = 2;

/** Everything that is assigned in a region. */
function collectAssigned(f: FunctionEmitter, { statements }: Region, assigned: Set<Value>): void {
  for (const statement of statements) {
    for (const value of [...resultsOf(statement), ...innerValuesOf(statement)]) assigned.add(value);
    if (statement.kind === 'allocate') assigned.add(f.parts.baseOf(statement.buffer));
    for (const inner of regionsOf(statement)) collectAssigned(f, inner, assigned);
  }
}

/** Writes the loop as an entry: (descriptor, first, end, scratch) → status. */
function writeSection(around: FunctionEmitter, loop: For, name: string): Section {
  const { parts } = around;
  const own = new Set<Value>([loop.index]);
  collectAssigned(around, loop.body, own);
  const family = new Family({
    kind: 'section',
    name,
    kernel: parts.kernel,
    frame: new Frame(parts.entryStart),
    isFramed: false,
    results: [],
    uses: around.family.uses,
    own,
  });
  const [descriptor, first, end, scratch] = [0, 1, 2, 3];
  const f = around.another(family, { kind: 'section' }, { count: 4, descriptor, scratch });
  f.iteration = first;
  const isBefore: Instruction[] = [['local.get', first], ['local.get', end], ['i64.lt_s']];
  f.emit(...isBefore, ['if'], ['loop']);
  const againDepth = f.depth;
  // The iteration's ordinal: start + first · step.
  f.push(loop.start);
  f.emit(['local.get', first]);
  if (loop.step > 1) f.emit(['i64.const', Math.log2(loop.step)], ['i64.shl']);
  f.emit(['i64.add']);
  f.set(loop.index);
  parts.noteIndex(loop.index, loop.start);
  if (parts.work.hasUnknownLength(loop.body)) f.emit(['i32.const', f.parts.work.budget], ['local.set', f.budget!]);
  beginDraws(f, loop);
  f.emit(['block']);
  f.loops.push({ loop, breakDepth: undefined, continueDepth: f.depth });
  f.region(loop.body, []);
  f.loops.pop();
  f.emit(['end'], ['local.get', first], ['i64.const', 1], ['i64.add'], ['local.set', first], ...isBefore);
  f.branch(againDepth, true);
  f.emit(['end'], ['end']);
  f.leave(statusOk);
  const index = f.finish(name, { parameters: ['i32', 'i64', 'i64', 'i32'], results: ['i32'] }, true);
  family.close();
  return { name, index, captured: family.captured, scratchBytes: family.frame.end };
}

export function emitSection(f: FunctionEmitter, loop: For): void {
  const { parts } = f;
  const { sections, calleeScratch } = parts;
  const number = sections.length;
  const section = writeSection(f, loop, `${f.family.name}.section${number}`);
  sections.push(section);

  const amount = f.newLocal('i64');
  emitPoint(f, (resumedDepth) => {
    // Iterations: (count − start) / step, if that is positive.
    f.push(loop.count);
    f.push(loop.start);
    f.emit(['i64.sub'], ['i64.const', Math.log2(loop.step)], ['i64.shr_s'], ['local.tee', amount]);
    f.emit(['i64.const', 0], ['i64.le_s']);
    f.branch(resumedDepth, true);
    for (const value of section.captured)
      f.storeParts(f.localsOf(value), parts.registersOf(value), f.descriptor, parts.captureOffset(value));
    f.emit(['local.get', amount], ['i64.const', fewestSharedIterations], ['i64.lt_s'], ['if']);
    const scratch = lateConstant();
    calleeScratch.push(scratch);
    const [status, callee] = [f.newLocal('i32'), f.newLocal('i32')];
    f.emit(['local.get', f.descriptor], ['i64.const', 0], ['local.get', amount]);
    f.emit(['local.get', f.scratch], scratch, ['i32.add'], ['local.tee', callee]);
    f.emit(['call', section.index], ['local.tee', status], ['if']);
    for (let slot = 0; slot < errorRecordBytes; slot += slotBytes)
      f.emit(['local.get', f.scratch], ['local.get', callee], ['i64.load', slot, 8], ['i64.store', slot, 8]);
    f.leaveWithStatus(status);
    f.emit(['end']);
    f.branch(resumedDepth);
    f.emit(['end']);
    emitRequest(f, requestSection, number, () => f.emit(['local.get', amount]));
  });
}

/** Around suspension points a loop asks to be called again every so often: then the engine may swap code, and the caller end the call. */
function emitAgainPoint(f: FunctionEmitter): void {
  f.rounds ??= f.newLocalFromStart('i32', ['i32.const', f.parts.work.budget]);
  const { rounds } = f;
  f.emit(['local.get', f.state!], ['i32.const', f.nextPoint + 1], ['i32.lt_u'], ['if']);
  emitPoint(f, (resumedDepth) => {
    f.emit(['local.get', rounds], ['i32.const', 1], ['i32.sub'], ['local.tee', rounds], ['i32.const', 0], ['i32.ge_s']);
    f.branch(resumedDepth, true);
    emitRequest(f, requestAgain, 0, undefined);
  });
  f.emit(['end']);
}

export function emitSuspendingFor(f: FunctionEmitter, loop: For): void {
  const { index, step, owned, body, results } = loop;
  const values = loop.carried.map(({ value }) => value);
  for (const { key, base } of owned) [key, base].forEach((operand) => f.settle(operand));
  let end = -1;
  forward(f, () => {
    assignInitial(f, loop);
    end = beginCount(f, loop);
  });
  const [counter] = f.targets(index) as [number];
  const isBefore: Instruction[] = [
    ['local.get', counter],
    ['i64.const', step],
    ['i64.add'],
    ['local.get', end],
    ['i64.le_s'],
  ];
  f.emit(['block']);
  const breakDepth = f.depth;
  f.emit(...isBefore, ['local.get', f.state!], ['i32.or'], ['if'], ['loop']);
  const againDepth = f.depth;
  emitAgainPoint(f);
  let endDraws: readonly Instruction[] = [];
  if (owned.length > 0) {
    forward(f, () => {
      beginBlock(f, loop);
      endDraws = beginDraws(f, loop);
    });
  }
  f.emit(['block']);
  f.loops.push({ loop, breakDepth, continueDepth: f.depth });
  f.region(body, values);
  f.loops.pop();
  f.emit(['end'], ...endDraws, ['local.get', counter], ['i64.const', step], ['i64.add'], ['local.set', counter]);
  f.emit(...isBefore);
  f.branch(againDepth, true);
  f.emit(['end'], ['end']);
  f.assign(results, values);
  f.emit(['end']);
}

export function emitSuspendingLoop(f: FunctionEmitter, loop: Loop): void {
  forward(f, () => assignInitial(f, loop));
  f.emit(['block']);
  const breakDepth = f.depth;
  f.emit(['loop']);
  const againDepth = f.depth;
  emitAgainPoint(f);
  f.loops.push({ loop, breakDepth, continueDepth: againDepth });
  f.region(
    loop.body,
    loop.carried.map(({ value }) => value),
  );
  f.loops.pop();
  f.branch(againDepth);
  f.emit(['end'], ['end']);
}

/** A buffer that the runtime lends: it writes the address into a slot of the descriptor. */
export function emitSuspendingAllocate(f: FunctionEmitter, { buffer }: Allocate): void {
  const base = f.parts.baseOf(buffer);
  const offset = f.parts.captureOffset(base);
  emitPoint(f, () =>
    emitRequest(f, requestMemory, offset / slotBytes, () => {
      f.emit(['i64.const', storageTypes[buffer.storage].byteLength]);
      for (const extent of buffer.shape) {
        if (extent instanceof Constant) f.emit(['i64.const', extent.value as bigint]);
        else f.push(extent);
        // Of a negative extent there is nothing.
        const local = f.newLocal('i64');
        f.emit(['local.tee', local], ['i64.const', 0], ['local.get', local], ['i64.const', 0], ['i64.gt_s']);
        f.emit(['select'], ['i64.mul']);
      }
    }),
  );
  f.emit(['local.get', f.descriptor], loadRegister('i32', offset));
  f.set(base);
}
