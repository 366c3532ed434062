// What callers have to know of the routines that a kernel reaches, before any of them is compiled.
import type { Kernel, Program, Region, Routine, Statement } from '../../ir/nodes.js';
import { regionsOf } from '../../ir/walk.js';
import { Work } from './work.js';

export interface RoutineFacts {
  readonly routine: Routine;
  /**
   * Whether it can be running more than once in one thread: it reaches itself, or a routine that does. It is given a frame of its own at
   * each call, and the depth of calls; the frames of other routines lie at fixed places of scratch memory.
   */
  readonly isFramed: boolean;
  /** Whether it returns a status behind its results. */
  readonly canFail: boolean;
  /** Whether it is given the descriptor and scratch memory. */
  readonly needsMemory: boolean;
}

export interface Reached {
  readonly facts: ReadonlyMap<string, RoutineFacts>;
  readonly work: Work;
}

/** A statement and all that it contains. */
function someStatement(region: Region, holds: (statement: Statement) => boolean): boolean {
  return region.statements.some(
    (statement) => holds(statement) || regionsOf(statement).some((inner) => someStatement(inner, holds)),
  );
}

function calleesOf(region: Region, callees = new Set<string>()): Set<string> {
  for (const statement of region.statements) {
    if (statement.kind === 'call') callees.add(statement.callee);
    for (const inner of regionsOf(statement)) calleesOf(inner, callees);
  }
  return callees;
}

export function reachedRoutines({ routines }: Program, kernel: Kernel, budget: number): Reached {
  const byName = new Map(routines.map((routine) => [routine.name, routine]));
  const direct = new Map(routines.map(({ name, body }) => [name, calleesOf(body)]));
  const reachedFrom = (callees: Iterable<string>): Set<string> => {
    const reached = new Set<string>();
    const open = [...callees];
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      if (reached.has(name)) continue;
      reached.add(name);
      open.push(...direct.get(name)!);
    }
    return reached;
  };
  const all = [...reachedFrom(calleesOf(kernel.body))];
  const reaches = new Map(all.map((name) => [name, reachedFrom(direct.get(name)!)]));
  const isInCircle = (name: string): boolean => reaches.get(name)!.has(name);
  const isFramed = (name: string): boolean => isInCircle(name) || [...reaches.get(name)!].some(isInCircle);

  const itselfOr = (name: string, holds: (routine: Routine) => boolean): boolean =>
    [name, ...reaches.get(name)!].some((reached) => holds(byName.get(reached)!));
  // A loop of unknown length makes its routine, and those that call it, of unknown length; so does a recursion.
  const plainWork = new Work(isFramed, budget);
  const isUnbounded = (name: string): boolean =>
    isFramed(name) || itselfOr(name, ({ body }) => plainWork.hasUnknownLength(body));
  const unbounded = new Set(all.filter(isUnbounded));

  const facts = new Map(
    all.map((name): [string, RoutineFacts] => {
      const canFail =
        unbounded.has(name) || itselfOr(name, ({ body }) => someStatement(body, ({ kind }) => kind === 'check'));
      const needsMemory =
        canFail ||
        itselfOr(name, ({ body }) =>
          someStatement(
            body,
            (statement) =>
              statement.kind === 'stream' ||
              statement.kind === 'allocate' ||
              (statement.kind === 'for' && statement.owned.length > 0),
          ),
        );
      return [name, { routine: byName.get(name)!, isFramed: isFramed(name), canFail, needsMemory }];
    }),
  );
  return { facts, work: new Work((callee) => unbounded.has(callee), budget) };
}
