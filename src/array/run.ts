// Runs a plan: each step's kernel is compiled once for its form, and called with the addresses and numbers of this time.
import { InternalError, UserError } from '../base/errors.js';
import type { Kernel } from '../ir/nodes.js';
import type { Scalar } from '../ir/operations.js';
import { CheckFailure } from '../runtime/check-failure.js';
import { makeExecutable } from '../runtime/executable.js';
import type { AsyncOptions, Executable } from '../runtime/executable.js';
import { negativePowerSite } from './element-operations.js';
import { negativePower } from './element-wise.js';
import { calledBy } from './math-operations.js';
import type { Node, Stored } from './expressions.js';
import { errorOfCall } from './element-functions.js';
import { computeQuickly } from './quick.js';
import { Plan } from './plan.js';
import type { Step } from './step.js';
import type { Place } from './place.js';

const executables = new Map<string, Executable>();

const compile = (kernel: Kernel): Executable => makeExecutable(kernel, { routines: calledBy(kernel) });

function executableFor(step: Step): Executable {
  let executable = executables.get(step.key);
  if (executable === undefined) {
    executable = compile(step.kernel());
    executables.set(step.key, executable);
  }
  return executable;
}

/** A check that fails is that of a negative power, or of a place that is named and does not exist. */
function explained(error: unknown): unknown {
  if (!(error instanceof CheckFailure)) return error;
  const ofCall = errorOfCall(error.record);
  if (ofCall !== undefined) return ofCall;
  const { site, index, length } = error.record;
  if (site === negativePowerSite) return negativePower(`int${length}`, index);
  return new UserError('ARRAY006', `there is no place ${index} on an axis of ${length}`, {
    note: length === 0n ? 'the axis is empty' : `its places are 0 to ${length - 1n}, or -1 back to ${-length}`,
    fix: 'check the array of places against .shape',
  });
}

type Call = readonly [scalars: readonly Scalar[], buffers: readonly number[]];

/** What the step's kernel is called with: once, or for every place of the loop around it. */
function* callsOf({ outer, buffers, scalars }: Step): Generator<Call> {
  const place = outer.map(() => 0);
  const moved = (strides: readonly number[] = []): number =>
    strides.reduce((sum, stride, d) => sum + stride * place[d]!, 0);
  const calls = outer.reduce((product, extent) => product * extent, 1);
  for (let call = 0; call < calls; call++) {
    let rest = call;
    for (let d = outer.length - 1; d >= 0; d--) {
      place[d] = rest % outer[d]!;
      rest = Math.floor(rest / outer[d]!);
    }
    yield [
      scalars.map(({ value, strides }) => (strides ? (value as bigint) + BigInt(moved(strides)) : value)),
      buffers.map(({ place: where, at }) => where.addressOf(at.offset + moved(at.strides))),
    ];
  }
}

/** Results that are so small are kept where they came up on the way, so that nothing computes them again. */
const smallResult = 4096;

export function runPlan(plan: Plan, roots: readonly Node[]): void {
  try {
    for (const step of plan.steps) {
      const executable = executableFor(step);
      for (const call of callsOf(step)) executable.call(...call);
    }
  } catch (error) {
    throw explained(error);
  }
  keepResults(plan, roots);
}

/** Work that is done before threads would have begun with it. */
const smallWork = 32_768;

/** The same on threads of the team, while the calling one goes on. What is worked on may be disposed of meanwhile: its memory stays. */
async function runPlanAsync(plan: Plan, roots: readonly Node[], options: AsyncOptions): Promise<void> {
  if (plan.steps.every(({ work }) => work <= smallWork)) return runPlan(plan, roots);
  const pinned = new Set(plan.steps.flatMap(({ buffers }) => buffers.map(({ place }) => place)));
  for (const place of pinned) place.pin();
  try {
    for (const step of plan.steps) {
      const executable = executableFor(step);
      // One after the other: a step reads what those before it have written.
      for (const call of callsOf(step)) await executable.callAsync(...call, options);
    }
  } catch (error) {
    throw explained(error);
  } finally {
    for (const place of pinned) place.unpin();
  }
  keepResults(plan, roots);
}

/** Says of nodes where their elements are now, and frees what was needed on the way only. */
function keepResults(plan: Plan, roots: readonly Node[]): void {
  const keeps = new Set<Place>();
  for (const [node, stored] of plan.stored) {
    if (!roots.includes(node) && node.size > smallResult) continue;
    // Who looks at a part of a place that is freed otherwise keeps all of it.
    if (!roots.includes(node) && stored.place.length > smallResult) continue;
    // Somebody else may have been faster.
    if (node.definition.kind === 'stored') continue;
    node.store(stored);
    keeps.add(stored.place);
  }
  for (const place of plan.places) if (!keeps.has(place)) place.dispose();
}

function quickly(node: Node): boolean {
  try {
    return computeQuickly(node, executables, compile);
  } catch (error) {
    throw explained(error);
  }
}

/** Computes and stores nodes, all in one plan. */
export function computeNodes(nodes: readonly Node[]): void {
  if (nodes.length === 1 && quickly(nodes[0]!)) return;
  const plan = new Plan();
  plan.storeAll(nodes);
  runPlan(plan, nodes);
}

/** The same without blocking the thread that calls. */
export async function computeNodesAsync(nodes: readonly Node[], options: AsyncOptions = {}): Promise<void> {
  const [first] = nodes as [Node];
  const isSmall = nodes.length === 1 && first.size * first.weight <= smallWork;
  if (isSmall && quickly(first)) return;
  const plan = new Plan();
  plan.storeAll(nodes);
  await runPlanAsync(plan, nodes, options);
}

/** Where the node's elements lie, once it has been computed. */
export function storedOf(node: Node): Stored {
  if (node.definition.kind !== 'stored') computeNodes([node]);
  const { definition } = node;
  if (definition.kind !== 'stored') throw new InternalError('RUN001', 'an array was computed and is not stored');
  definition.place.assertAlive();
  return definition;
}
