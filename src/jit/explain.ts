// What was compiled → the person's own source, with a comment above each loop that says what became of it: in lanes or not and why, on
// threads or not and why, which positions are still checked, how it draws. The facts are runtime/loop-facts.ts's; here they become words,
// and find their lines by the ids of places.ts.
import type { AnyNode } from 'acorn';
import { formatCount } from '../base/format.js';
import { wrapText } from '../base/text-table.js';
import { factsOf } from '../runtime/loop-facts.js';
import type { CarriedName, CheckFact, KernelFacts, LoopFacts } from '../runtime/loop-facts.js';
import type { Lowered } from './lower.js';
import type { FunctionSource } from './parse.js';
import type { AccessPlace } from './places.js';

/** One combination of types, as it was compiled. */
export interface Explained {
  readonly source: FunctionSource;
  readonly signature: string;
  readonly lowered: Lowered;
  readonly parallel: boolean;
  readonly fastMath: boolean;
  /** Of the time of its calls the part that went into copying arrays; undefined where none was called with arrays. */
  readonly copying: number | undefined;
}

/** A label, and what is said under it. */
type Row = readonly [label: string, text: string];

const widest = 120;
const labelWidth = 9;

export function explainSource(explained: Explained): string {
  const { source, lowered, parallel, signature, copying } = explained;
  const { places, kernel, routines } = lowered;
  const facts = factsOf(kernel, routines, parallel);
  const texts = new Map<FunctionSource, CommentedText>([[source, new CommentedText(source)]]);
  for (const [id, { source: where, node }] of places.loops.entries()) {
    const loop = facts.loops.get(id);
    if (loop === undefined) continue;
    let text = texts.get(where);
    if (text === undefined) texts.set(where, (text = new CommentedText(where)));
    text.comment(node, rowsOf(loop, facts, explained, id));
  }
  const head: Row[] = [];
  const outside = checkRow(accessesIn(explained, undefined), facts.checks);
  if (outside) head.push(outside);
  if (facts.drawsOutside)
    head.push([
      'draws',
      'outside of loops one after the other, from a generator that is keyed by the seed of the call',
    ]);
  if (copying !== undefined && copying >= 0.005)
    head.push([
      'copying',
      `${Math.round(copying * 100)} % of the time of its calls went into copying arrays; those of alloc need no copies`,
    ]);
  return [...texts]
    .map(([of, text]) => {
      if (of !== source) return [`// ${of.name}, which it calls`, ...text.lines()].join('\n');
      const title = `${source.name === 'function' ? '' : source.name}${signature}`;
      return [`// ${title}`, ...head.flatMap((row) => commentLines(row, '')), ...text.lines()].join('\n');
    })
    .join('\n\n');
}

// Words.

function rowsOf(loop: LoopFacts, facts: KernelFacts, explained: Explained, id: number): Row[] {
  const rows: Row[] = [];
  if (loop.closedForm === 'always')
    return [['closed', 'computed at once from the number of iterations, none of which is run']];
  if (loop.closedForm === 'where exact')
    rows.push([
      'closed',
      'computed at once from the number of iterations wherever that gives the same bits, which is asked before; else it runs as written',
    ]);
  else if (loop.form === 'gone') return [['gone', 'nothing needs what it computes, so nothing is left in it']];
  else if (loop.form === 'recursive')
    rows.push(['lanes', 'no: it stands in a function that calls itself'], ['threads', 'one: for the same reason']);
  else {
    rows.push(['lanes', lanesOf(loop, facts, explained)]);
    const threads = threadsOf(loop, facts, explained);
    if (threads !== undefined) rows.push(['threads', threads]);
  }
  const checks = checkRow(accessesIn(explained, id), facts.checks);
  if (checks) rows.push(checks);
  if (loop.draws.length > 0) rows.push(['draws', drawsOf(loop)]);
  return rows;
}

/** The loops around one, innermost first. */
function* around(loop: LoopFacts, { loops }: KernelFacts): Iterable<LoopFacts> {
  for (let at = loop.parent; at !== undefined;) {
    const outer = loops.get(at);
    if (outer === undefined) return;
    yield outer;
    at = outer.parent;
  }
}

function lanesOf(loop: LoopFacts, facts: KernelFacts, { fastMath }: Explained): string {
  if (loop.lanes > 1) return `${loop.lanes} iterations at a time`;
  const outer = [...around(loop, facts)].find(({ lanes }) => lanes > 1);
  if (outer !== undefined)
    return `those of the loop around it: it runs for ${outer.lanes} iterations of that at a time`;
  if (loop.form === 'uncounted') return 'no: each iteration has to tell first whether there is another';
  switch (loop.noLanes) {
    case 'carries':
      return `no: ${needs(loop.carried, !fastMath)}`;
    case 'draws':
      return 'no: it draws its numbers one after the other';
    case 'ordered':
      return 'no: what it gathers has to come in order';
    case 'givesInside':
      return 'no: it gathers from inside of a branch or of another loop';
    case 'leftEarly':
      return 'no: it, or a loop inside, may be left before its end';
    case 'sharedElements':
      return 'no: an iteration may touch elements that another one writes';
    case 'cost':
      return 'no: they would cost more than they save, as elements lie apart or branches differ';
    case 'noSimd':
      return 'no: this engine has no SIMD';
    case 'statements':
      return `no: ${withoutForm[loop.noForm ?? 'other']}`;
    case undefined:
      return 'no';
  }
}

const withoutForm = {
  lanesInside: 'a loop inside has them',
  draws: 'it draws in a way that lanes cannot',
  allocates: 'each iteration makes an array of its own',
  gathersInside: 'a loop inside gathers for itself',
  other: 'something in it has no form in lanes',
} as const;

/** Of a loop on threads nothing is said of those inside. */
function threadsOf(loop: LoopFacts, facts: KernelFacts, { fastMath }: Explained): string | undefined {
  if (loop.isParallel) {
    const blocks = loop.blockLength === undefined ? 'blocks' : `blocks of ${formatCount(loop.blockLength)} iterations`;
    return `all, in ${blocks}`;
  }
  const outer = [...around(loop, facts)];
  if (outer.some(({ isParallel }) => isParallel)) return undefined;
  if (loop.couldBeParallel)
    return 'one, as nothing else was asked for; the option parallel would share it out, with the same bits';
  if (outer.some(({ couldBeParallel }) => couldBeParallel)) return undefined;
  if (loop.form === 'uncounted') return 'one: for the same reason';
  if (loop.noThreads !== undefined && loop.noThreads === loop.noLanes) return 'one: for the same reason';
  switch (loop.noThreads) {
    case 'carries':
      return `one: ${needs(loop.carried, !fastMath)}`;
    case 'ordered':
      return 'one: what it gathers has to come in order; prange gives it one that threads can keep';
    case 'leftEarly':
      return 'one: it, or a loop inside, may be left before its end';
    case 'draws':
      return 'one: it draws from a generator that the next iteration goes on with';
    case 'givesToOthers':
      return 'one: it gives to what a loop around gathers';
    case 'sharedElements':
      return 'one: an iteration may touch elements that another one writes';
    case undefined:
      return 'one';
  }
}

function needs(carried: readonly CarriedName[], maySuggest: boolean): string {
  const gathered = carried.filter(({ gathers }) => gathers !== undefined);
  if (carried.length === 0) return 'an iteration needs what the one before has left';
  if (gathered.length < carried.length) {
    const names = carried.filter(({ gathers }) => gathers === undefined).map(({ name }) => name);
    return `an iteration needs the ${listed(names)} of the one before`;
  }
  const [{ name, gathers }] = gathered as [CarriedName];
  const offer = maySuggest ? '; prange, or the option fastMath, gives it a fixed one' : '';
  return `a ${gathers!} of doubles, ${name}, depends on its order${offer}`;
}

const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)!}`;

function drawsOf({ draws }: LoopFacts): string {
  const kinds = {
    lanes: 'from 16 generators for each block of 4,096 iterations, keyed by the loop and the block',
    each: 'each iteration from a generator of its own, keyed by the loop and its number',
    around: 'one after the other, from the generator of the code around',
  } as const;
  const own = draws.find((kind) => kind !== 'around');
  if (own === undefined) return kinds.around;
  return draws.includes('around') ? `from 4,096 iterations on, ${kinds[own]}; else ${kinds.around}` : kinds[own];
}

// Checks.

/** The accesses that stand in a loop, and in none inside of it; or outside of all loops. */
function accessesIn({ lowered: { places } }: Explained, id: number | undefined): [site: number, AccessPlace][] {
  return [...places.accesses].filter(([, access]) => {
    let [innermost, size] = [undefined as number | undefined, Infinity];
    for (const [loop, { source, node }] of places.loops.entries()) {
      const isAround = source === access.source && node.start <= access.node.start && access.node.end <= node.end;
      if (!isAround || node.end - node.start >= size) continue;
      [innermost, size] = [loop, node.end - node.start];
    }
    return innermost === id;
  });
}

function checkRow(
  accesses: readonly (readonly [number, AccessPlace])[],
  checks: ReadonlyMap<number, CheckFact>,
): Row | undefined {
  const written = new Map<CheckFact, Set<string>>();
  for (const [site, { source, node, array, axis }] of accesses) {
    const fact = checks.get(site) ?? 'proved';
    const texts = written.get(fact) ?? new Set();
    const index = source.textOf(node).replaceAll(/\s+/g, ' ');
    written.set(fact, texts.add(axis === undefined ? `${array}[${index}]` : `${index} on axis ${axis} of ${array}`));
  }
  // What is written twice may have to be checked once.
  for (const text of written.get('left') ?? [])
    for (const fact of ['hoisted', 'proved'] as const) written.get(fact)?.delete(text);
  for (const text of written.get('hoisted') ?? []) written.get('proved')?.delete(text);
  const said = (fact: CheckFact, words: string): string[] => {
    const texts = [...(written.get(fact) ?? [])];
    return texts.length === 0 ? [] : [`${texts.join(', ')} ${words}`];
  };
  const parts = [
    ...said('left', 'each time'),
    ...said('hoisted', 'once, before the loop'),
    ...said('proved', 'never: always inside'),
  ];
  return parts.length === 0 ? undefined : ['checks', parts.join('; ')];
}

// Layout.

/** `// label    text`, broken before column 120, later lines below the text. */
function commentLines([label, text]: Row, indentation: string): string[] {
  const start = `${indentation}// ${label.padEnd(labelWidth)}`;
  const further = `${indentation}// ${' '.repeat(labelWidth)}`;
  const lines = wrapText(text, Math.max(40, widest - further.length)).split('\n');
  return lines.map((line, index) => `${index === 0 ? start : further}${line}`.trimEnd());
}

/** A function's text, with comments above lines of it. */
class CommentedText {
  readonly #source: FunctionSource;
  readonly #comments = new Map<number, { readonly node: AnyNode; readonly rows: readonly Row[] }[]>();

  constructor(source: FunctionSource) {
    this.#source = source;
  }

  comment(node: unknown, rows: readonly Row[]): void {
    const { text, start } = this.#source.placeOf(node as AnyNode);
    const line = text.slice(0, start).split('\n').length;
    this.#comments.set(line, [...(this.#comments.get(line) ?? []), { node: node as AnyNode, rows }]);
  }

  lines(): string[] {
    const { text, start, end } = this.#source.place;
    const lineStart = text.lastIndexOf('\n', start - 1) + 1;
    const lineEnd = text.indexOf('\n', end);
    const first = text.slice(0, lineStart).split('\n').length;
    const lines = text.slice(lineStart, lineEnd < 0 ? undefined : lineEnd).split('\n');
    // The engine's text begins in the middle of its line: the others tell how far in it stands.
    const measured = lineStart === start && start === 0 ? lines.slice(1) : lines;
    const indented = measured.filter((line) => line.trim() !== '').map((line) => /^[ \t]*/.exec(line)![0].length);
    const shift = indented.length === 0 ? 0 : Math.min(...indented);
    return lines.flatMap((line, index) => {
      const shown = line.slice(Math.min(shift, /^[ \t]*/.exec(line)![0].length));
      const groups = (this.#comments.get(first + index) ?? []).toSorted((a, b) => a.node.start - b.node.start);
      const indentation = /^\s*/.exec(shown)![0];
      return [
        ...groups.flatMap(({ node, rows }) => {
          // Of several loops in a line each is named.
          const name: Row[] = groups.length > 1 ? [[this.#headOf(node), '']] : [];
          return [...name, ...rows].flatMap((row) => commentLines(row, indentation));
        }),
        shown,
      ];
    });
  }

  /** `for (let i = 0; i < n; i++)`, without the body. */
  #headOf(node: AnyNode): string {
    const { body } = node as { body?: AnyNode };
    const end = body === undefined || node.type === 'DoWhileStatement' ? node.start + 2 : body.start;
    return this.#source
      .textOf({ ...node, end })
      .trim()
      .replaceAll(/\s+/g, ' ');
  }
}
