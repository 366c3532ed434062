// A kernel without dimensions → a WebAssembly module: its routines, then its body as the main entry, with a section for each of its
// parallel loops. All entries are called as (descriptor, first, end, scratch) → status; the main entry ignores the range.
import type { Kernel, Program, Region, Routine } from '../../ir/nodes.js';
import { lanesOf } from '../../ir/types.js';
import { rewriteRegion } from '../../ir/walk.js';
import { borrowStreams } from './draws.js';
import type { WasmModule } from './encode/module.js';
import { Family } from './family.js';
import { Frame } from './frame.js';
import { FunctionEmitter } from './function-emitter.js';
import { planLanes } from './lanes/index.js';
import { errorRecordBytes, slotBytes } from './layout.js';
import type { DescriptorLayout } from './layout.js';
import { emitLookAtStop } from './loops.js';
import { lateConstant, ModuleParts } from './module-parts.js';
import type { LateConstant } from './module-parts.js';
import { loadRegister, notYet, registersOf } from './registers.js';
import { reachedRoutines } from './routine-facts.js';
import type { RoutineFacts } from './routine-facts.js';
import { SuspensionPlan } from './suspension.js';
import { soleUsesOf } from './uses.js';
import { usualBudget } from './work.js';

export interface CompiledKernel {
  readonly module: WasmModule;
  readonly layout: DescriptorLayout;
  /** Names of exported functions. */
  readonly entries: { readonly main: string; readonly sections: readonly string[] };
  /** Bytes that each thread has to lend a section while it runs, and the caller the main entry; 16 divides their address. */
  readonly scratchBytes: number;
  readonly mainScratchBytes: number;
  /** How deep calls of routines that call themselves may go; undefined where none does. */
  readonly recursionLimit: number | undefined;
}

/** Calls of routines inside each other; deeper is a failure with the site `recursionSite`. */
export const deepestCall = 10_000;
/** Frames of calls inside each other take at most so much scratch memory: with large ones the limit is lower, on every thread alike. */
const mostFrameBytes = 2 ** 22;
/**
 * The main thread of V8 has a stack of 984 KiB, of which the program below may have used some. Measured in Node 20: an activation takes 72
 * bytes at least, and never more than its parameters, results and locals together, which unoptimised code keeps there.
 */
const mostStackBytes = 720_000;
const leastActivationBytes = 72;

const inPlace = (region: Region): Region =>
  rewriteRegion(region, (statement) => [statement.kind === 'for' ? { ...statement, isParallel: false } : statement]);

/**
 * `budget` counts the basic iterations after which long loops let their drivers have a look; `hasLanes` says whether the machine's instructions
 * for lanes may be used where the kernel has none.
 *
 * @throws {UnsupportedError} WASM002 for a part of the kernel language that this backend cannot compile yet
 */
export function compileKernel(
  program: Program,
  kernel: Kernel,
  memory: WasmModule['memory'],
  budget = usualBudget,
  hasLanes = true,
): CompiledKernel {
  if (kernel.dimensions.length > 0) throw notYet('a nest');
  if (kernel.parameters.some(({ type }) => lanesOf(type) > 1)) throw notYet('a parameter of lanes');
  // Threads are had once, by the kernel's own loops: those of routines run in place.
  const routines = program.routines.map((routine) => ({ ...routine, body: inPlace(routine.body) }));
  const { facts, work } = reachedRoutines({ ...program, routines }, kernel, budget);
  const lanePlan = planLanes([
    { parameters: [], body: kernel.body },
    ...[...facts.values()].map(({ routine }) => routine),
  ]);
  const parts = new ModuleParts(kernel, { work, lanePlan, hasLanes }, errorRecordBytes);
  const recursionLimit = writeRoutines(parts, [...facts.values()]);

  const plan = new SuspensionPlan(kernel, (loop) => memory?.isShared === false && !work.isTiny(loop));
  const main = writeMain(parts, kernel, plan);
  const scratchBytes = Math.max(errorRecordBytes, ...parts.sections.map((section) => section.scratchBytes));
  for (const constant of parts.calleeScratch) constant[1] = main.frame.end;
  return {
    module: { memory, functions: parts.functions() },
    layout: parts.layout,
    entries: { main: kernel.name, sections: parts.sections.map(({ name }) => name) },
    scratchBytes,
    mainScratchBytes: main.frame.end + (parts.sections.length > 0 ? scratchBytes : 0),
    recursionLimit,
  };
}

function writeMain(parts: ModuleParts, kernel: Kernel, plan: SuspensionPlan): Family {
  const { name, body, results } = kernel;
  const family = new Family({
    kind: 'kernel',
    name,
    kernel,
    frame: new Frame(parts.entryStart),
    isFramed: false,
    results,
    uses: soleUsesOf(body),
    own: undefined,
  });
  const f = new FunctionEmitter(parts, family, { kind: 'kernel', plan }, { count: 4, descriptor: 0, scratch: 3 });
  if (plan.pointsIn(body) > 0) {
    const offset = parts.layout.state * slotBytes;
    f.state = f.newLocalFromStart('i32', ['local.get', f.descriptor], loadRegister('i32', offset));
  }
  f.region(body, []);
  f.emit(['unreachable']);
  f.finish(name, { parameters: ['i32', 'i64', 'i64', 'i32'], results: ['i32'] }, true);
  family.close();
  return family;
}

/**
 * Frames of most routines lie one behind the other in scratch memory; behind them is the room for those that call themselves. Returns how
 * deep these may go.
 */
function writeRoutines(parts: ModuleParts, all: readonly RoutineFacts[]): number | undefined {
  for (const facts of all) parts.callables.set(facts.routine.name, { ...facts, index: parts.reserve() });
  let largestFrame = 0;
  let largestStack = leastActivationBytes;
  const limits: LateConstant[] = [];
  for (const { isFramed, routine } of all) {
    const limit = lateConstant();
    const { family, stackBytes } = writeRoutine(parts, routine.name, limit);
    if (isFramed) {
      largestFrame = Math.max(largestFrame, family.frame.end);
      largestStack = Math.max(largestStack, stackBytes);
      limits.push(limit);
    } else parts.fixedEnd = family.frame.end;
  }
  const limit = Math.min(
    deepestCall,
    Math.floor(mostFrameBytes / Math.max(1, largestFrame)),
    Math.floor(mostStackBytes / largestStack),
  );
  for (const constant of limits) constant[1] = limit;
  // The deepest call that is let in finds itself one too deep only in its own frame.
  parts.entryStart = parts.fixedEnd + (limits.length > 0 ? (limit + 1) * largestFrame : 0);
  return limits.length > 0 ? limit : undefined;
}

function writeRoutine(
  parts: ModuleParts,
  name: string,
  limit: LateConstant,
): { readonly family: Family; readonly stackBytes: number } {
  const { routine, isFramed, canFail, needsMemory, index } = parts.callables.get(name)!;
  const { parameters, streams, results, body }: Routine = routine;
  const family = new Family(
    {
      kind: 'routine',
      name,
      kernel: undefined,
      frame: new Frame(isFramed ? 0 : parts.fixedEnd),
      isFramed,
      results,
      uses: soleUsesOf(body),
      own: undefined,
    },
    streams,
  );
  const fixed = (needsMemory ? 2 : 0) + (isFramed ? 2 : 0);
  const operandTypes = parameters.flatMap(({ type }) => registersOf(type));
  const types = [
    ...Array.from({ length: fixed }, () => 'i32' as const),
    ...operandTypes,
    ...streams.map(() => 'i32' as const),
  ];
  const f = new FunctionEmitter(
    parts,
    family,
    { kind: 'routine', canFail },
    {
      count: types.length,
      descriptor: needsMemory ? 0 : undefined,
      scratch: needsMemory ? 1 : undefined,
      ...(isFramed ? { frame: 2, depth: 3 } : {}),
    },
  );
  let next = fixed;
  for (const parameter of parameters) {
    f.isGiven(parameter, next);
    next += registersOf(parameter.type).length;
  }
  for (const stream of streams) f.isGiven(family.pointers.get(stream)!, next++);
  if (isFramed) {
    f.checkDepth(limit);
    emitLookAtStop(f);
  }
  borrowStreams(f, streams);
  f.region(body, []);
  f.emit(['unreachable']);
  const resultTypes = [...results.flatMap(registersOf), ...(canFail ? ['i32' as const] : [])];
  f.finishAs(index, name, { parameters: types, results: resultTypes }, false);
  family.close();
  return { family, stackBytes: parts.stackBytesOf(index) };
}
