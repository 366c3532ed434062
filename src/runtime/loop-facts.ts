// A kernel → what became of each of its loops and checks, by the ids that its front end gave them. The passes are run once more, which
// gives the same code again, and this time somebody listens to what they tell (passes/remarks.ts); the rest is read off the kernels before
// and after. Nothing here is guessed from how a program looks.
import type { For, Kernel, Loop, Region, Routine, SourceId, Statement, Value } from '../ir/nodes.js';
import { lanesOf } from '../ir/types.js';
import { operandsOf, regionsOf, resultsOf } from '../ir/walk.js';
import { passesFor } from '../passes/pipeline.js';
import { listening } from '../passes/remarks.js';
import type { NoLanes, NoThreads, Remark } from '../passes/remarks.js';
import { detectSimd } from '../platform/simd.js';

/** What a loop carries: its name, and whether each iteration only adds a double to it, or multiplies it by one. */
export interface CarriedName {
  readonly name: string;
  readonly gathers: 'sum' | 'product' | undefined;
}

/** Why a statement in a loop has no form in lanes. */
export type NoForm = 'lanesInside' | 'draws' | 'allocates' | 'gathersInside' | 'other';

export interface LoopFacts {
  readonly source: SourceId;
  /** The loop around it, in the text or in that of a caller. */
  readonly parent: SourceId | undefined;
  /** A counted loop; one that asks each time whether to go on; one in which nothing is left; one of a function that calls itself. */
  readonly form: 'counted' | 'uncounted' | 'gone' | 'recursive';
  /** It has a closed form: for every input, or only where it is exact, which is asked before. */
  readonly closedForm: 'always' | 'where exact' | undefined;
  /** 1 where it is not run in lanes. */
  readonly lanes: number;
  readonly noLanes: NoLanes | 'noSimd' | undefined;
  /** With `noLanes: 'statements'`. */
  readonly noForm: NoForm | undefined;
  readonly carried: readonly CarriedName[];
  readonly isParallel: boolean;
  /** Whether it would be with the option `parallel`. */
  readonly couldBeParallel: boolean;
  readonly noThreads: NoThreads | undefined;
  /** Iterations of a block, where it is cut into blocks of a fixed length. */
  readonly blockLength: number | undefined;
  /** How its own iterations draw: in lanes of blocks, each from a generator of its own, or from the one of the code around. */
  readonly draws: readonly ('lanes' | 'each' | 'around')[];
}

/** What became of a check: proved and gone, asked once before the loop, or asked each time. */
export type CheckFact = 'proved' | 'hoisted' | 'left';

export interface KernelFacts {
  readonly loops: ReadonlyMap<SourceId, LoopFacts>;
  /** By sites. */
  readonly checks: ReadonlyMap<number, CheckFact>;
  /** Whether code outside of all loops draws. */
  readonly drawsOutside: boolean;
}

interface Heard {
  readonly loop: For | Loop;
  readonly remark: Remark;
}

interface Run {
  readonly kernel: Kernel;
  readonly heard: readonly Heard[];
}

function runPasses(kernel: Kernel, parallel: boolean, simd: boolean): Run {
  const heard: Heard[] = [];
  const passes = passesFor({ parallel, simd });
  const last = listening(
    (loop, remark) => heard.push({ loop, remark }),
    () => passes.reduce((before, pass) => pass.run(before), kernel),
  );
  return { kernel: last, heard };
}

/** Of each loop the statements that stand for it, and what they stand in; of each check the loops around it, innermost last. */
class Survey {
  readonly loops = new Map<SourceId, (For | Loop)[]>();
  readonly checks = new Map<number, SourceId[][]>();
  readonly draws = new Map<SourceId, Set<'lanes' | 'each' | 'around'>>();
  readonly parents = new Map<SourceId, SourceId>();
  drawsOutside = false;
  readonly #keys = new Set<unknown>();

  region({ statements }: Region, around: readonly (For | Loop)[] = []): this {
    // From the end, so that of a draw it is known by then whether it is the key of a loop.
    for (const statement of statements.toReversed()) this.#statement(statement, around);
    return this;
  }

  #statement(statement: Statement, around: readonly (For | Loop)[]): void {
    const { source } = statement;
    if (statement.kind === 'check') {
      const ids = around.map((loop) => loop.source).filter((id) => id >= 0);
      this.checks.set(statement.site, [...(this.checks.get(statement.site) ?? []), ids]);
    }
    if (statement.kind === 'for') for (const { key } of statement.owned) this.#keys.add(key);
    if (statement.kind === 'draw' && !this.#keys.has(statement.result)) this.#draw(statement.stream, around);
    const isLoop = (statement.kind === 'for' || statement.kind === 'loop') && source >= 0;
    if (isLoop && around.length > 0) this.parents.set(source, around.at(-1)!.source);
    if (isLoop) this.loops.set(source, [...(this.loops.get(source) ?? []), statement]);
    const inner = isLoop ? [...around, statement] : around;
    for (const region of regionsOf(statement)) this.region(region, inner);
  }

  #draw(stream: unknown, around: readonly (For | Loop)[]): void {
    const innermost = around.at(-1);
    if (innermost === undefined) {
      this.drawsOutside = true;
      return;
    }
    const note = ({ source }: For | Loop, kind: 'lanes' | 'each' | 'around'): void => {
      this.draws.set(source, (this.draws.get(source) ?? new Set()).add(kind));
    };
    let isOwn = false;
    for (const loop of around) {
      const owned = loop.kind === 'for' ? loop.owned.find((each) => each.stream === stream) : undefined;
      if (owned === undefined) continue;
      note(loop, owned.kind);
      isOwn = loop === innermost;
    }
    if (!isOwn) note(innermost, 'around');
  }
}

/** What becomes of the loops and checks of a kernel, as a front end has written it. */
export function factsOf(kernel: Kernel, routines: readonly Routine[], parallel: boolean): KernelFacts {
  const simd = detectSimd() !== 'none';
  const given = new Survey().region(kernel.body);
  const asked = runPasses(kernel, parallel, simd);
  const shared = parallel ? asked : runPasses(kernel, true, simd);
  const left = new Survey().region(asked.kernel.body);
  const loops = new Map<SourceId, LoopFacts>();
  for (const [source, [first]] of given.loops) {
    const remarks = asked.heard.filter(({ loop }) => loop.source === source);
    const of = <K extends Remark['kind']>(
      kind: K,
      heard: readonly Heard[] = remarks,
    ): (Heard & { remark: { kind: K } })[] =>
      heard.filter((each): each is Heard & { remark: { kind: K } } => each.remark.kind === kind);
    const [closed] = of('closedForm');
    const [lanes] = of('lanes');
    // Of several copies, and of what blocks make of a loop, the first is the loop as it stood.
    const [refusal] = of('noLanes');
    const isParallel = (left.loops.get(source) ?? []).some((loop) => loop.kind === 'for' && loop.isParallel);
    const others = shared.heard.filter(({ loop }) => loop.source === source);
    const [refused] = of('noThreads', others);
    const lengths = of('blocks').map(({ remark }) => remark.length);
    loops.set(source, {
      source,
      parent: given.parents.get(source),
      form: isThere(left.loops.get(source)) || closed ? (first!.kind === 'for' ? 'counted' : 'uncounted') : 'gone',
      closedForm: closed && (closed.remark.isAlways ? 'always' : 'where exact'),
      lanes: lanes?.remark.lanes ?? 1,
      noLanes: refusal?.remark.why ?? (simd ? undefined : 'noSimd'),
      noForm: refusal?.remark.why === 'statements' ? noFormIn(refusal.loop.body) : undefined,
      carried: carriedBy((refusal ?? refused)?.loop),
      isParallel,
      couldBeParallel: isParallel || of('threads', others).length > 0,
      noThreads: refused?.remark.why,
      blockLength: lengths[0],
      draws: [...(given.draws.get(source) ?? [])],
    });
  }
  const inRoutines = new Survey();
  for (const { body } of routines) inRoutines.region(body);
  for (const source of inRoutines.loops.keys())
    loops.set(source, recursive(source, [...(inRoutines.draws.get(source) ?? [])]));

  const hoisted = new Set(
    asked.heard.flatMap(({ remark }) => (remark.kind === 'hoistedChecks' ? [...remark.sites] : [])),
  );
  const checks = new Map<number, CheckFact>();
  for (const [site, places] of given.checks) {
    const now = left.checks.get(site);
    const innermost = new Set(places.map((ids) => ids.at(-1)));
    // One that asks the same in each iteration stands before the loop by now.
    const isOutside = now?.every((ids) => !innermost.has(ids.at(-1)) && ids.length < places[0]!.length);
    checks.set(site, hoisted.has(site) || (now && isOutside) ? 'hoisted' : now ? 'left' : 'proved');
  }
  return { loops, checks, drawsOutside: given.drawsOutside };
}

/** Whether anything is left in the loops. */
const isThere = (loops: readonly (For | Loop)[] = []): boolean =>
  loops.some(({ body, results }) => body.statements.length > 0 || results.length > 0);

const recursive = (source: SourceId, draws: LoopFacts['draws']): LoopFacts => ({
  source,
  parent: undefined,
  form: 'recursive',
  closedForm: undefined,
  lanes: 1,
  noLanes: undefined,
  noForm: undefined,
  carried: [],
  isParallel: false,
  couldBeParallel: false,
  noThreads: undefined,
  blockLength: undefined,
  draws,
});

function noFormIn(region: Region): NoForm {
  for (const statement of region.statements) {
    if ([...operandsOf(statement), ...resultsOf(statement)].some(({ type }) => lanesOf(type) > 1)) return 'lanesInside';
    if (statement.kind === 'draw' || statement.kind === 'stream') return 'draws';
    if (statement.kind === 'call' && statement.streams.length > 0) return 'draws';
    if (statement.kind === 'allocate') return 'allocates';
    if (statement.kind === 'for') {
      if (statement.step > 1) return 'lanesInside';
      if (statement.owned.length > 0) return 'draws';
      if (statement.reductions.length > 0) return 'gathersInside';
    }
    for (const inner of regionsOf(statement)) {
      const found = noFormIn(inner);
      if (found !== 'other') return found;
    }
  }
  return 'other';
}

function carriedBy(loop: For | Loop | undefined): CarriedName[] {
  if (loop === undefined || loop.body.terminator.kind !== 'yield') return [];
  const { operands } = loop.body.terminator;
  const names = loop.carried.map(({ value }, position): CarriedName => {
    const how = gathering(loop.body, value, operands[position] as Value);
    return { name: value.name, gathers: value.type === 'f64' && how !== 'kept' ? how : undefined };
  });
  // A variable may be carried in several parts.
  return names.filter(({ name }, index) => names.findIndex((each) => each.name === name) === index);
}

/** How `result` is made of `value`: by adding to it, by multiplying it, by leaving it as it is, or otherwise. */
function gathering({ statements }: Region, value: Value, result: Value): 'sum' | 'product' | 'kept' | undefined {
  if (result === value) return 'kept';
  const made = statements.find((statement) => resultsOf(statement).includes(result));
  const both = (ways: readonly ReturnType<typeof gathering>[]): ReturnType<typeof gathering> => {
    const known = new Set(ways.filter((way) => way !== 'kept'));
    return ways.includes(undefined) || known.size > 1 ? undefined : ([...known][0] ?? 'kept');
  };
  switch (made?.kind) {
    case 'pure': {
      const { operation, operands } = made;
      if (operation === 'select')
        return both(operands.slice(1).map((operand) => gathering({ statements } as Region, value, operand as Value)));
      const before = operands.map((operand) => gathering({ statements } as Region, value, operand as Value));
      const isOne = before.filter((way) => way !== undefined).length === 1;
      const way = before.find((each) => each !== undefined);
      const here = operation === 'add' || (operation === 'sub' && before[0] !== undefined) ? 'sum' : 'product';
      if (!isOne || !['add', 'sub', 'mul'].includes(operation)) return undefined;
      return way === 'kept' || way === here ? here : undefined;
    }
    case 'if': {
      const position = made.results.indexOf(result);
      return both(
        regionsOf(made).flatMap(({ statements: inner, terminator }) =>
          terminator.kind === 'yield'
            ? [
                gathering(
                  { statements: [...statements, ...inner], terminator },
                  value,
                  terminator.operands[position] as Value,
                ),
              ]
            : [],
        ),
      );
    }
    case 'for': {
      const position = made.results.indexOf(result);
      const inner = made.carried[position];
      if (inner?.initial !== value || made.body.terminator.kind !== 'yield') return undefined;
      return gathering(made.body, inner.value, made.body.terminator.operands[position] as Value);
    }
    default:
      return undefined;
  }
}
