// What a statement reads, assigns and contains: the questions that passes and backends ask of code without caring what it means.
import { Value } from './nodes.js';
import type { For, If, Loop, Operand, Region, Statement } from './nodes.js';

const maybe = (operand: Operand | undefined): readonly Operand[] => (operand === undefined ? [] : [operand]);

/** What the statement itself reads, without its regions. */
export function operandsOf(statement: Statement): readonly Operand[] {
  switch (statement.kind) {
    case 'pure':
    case 'call':
      return statement.operands;
    case 'splat':
    case 'ramp':
    case 'fold':
      return [statement.operand];
    case 'allocate':
      return [...statement.buffer.shape, ...statement.buffer.strides];
    case 'load':
      return [...statement.index, ...statement.buffer.strides, ...maybe(statement.mask)];
    case 'store':
      return [...statement.index, ...statement.buffer.strides, statement.value, ...maybe(statement.mask)];
    case 'check':
      return [statement.condition, statement.index, statement.length];
    case 'stream':
      return [statement.key, statement.ordinal];
    case 'draw':
      return maybe(statement.mask);
    case 'if':
      return [statement.condition];
    case 'for':
      return [
        statement.start,
        statement.count,
        ...statement.carried.map(({ initial }) => initial),
        ...statement.reductions.map(({ initial }) => initial),
        ...statement.owned.flatMap(({ key, base }) => [key, base]),
      ];
    case 'loop':
      return statement.carried.map(({ initial }) => initial);
    case 'reduce':
      return [statement.value, ...maybe(statement.mask)];
  }
}

/** What the statement assigns for the code behind it. */
export function resultsOf(statement: Statement): readonly Value[] {
  if ('result' in statement) return [statement.result];
  return 'results' in statement ? statement.results : [];
}

/** What the statement assigns for the code inside it. */
export function innerValuesOf(statement: Statement): readonly Value[] {
  if (statement.kind !== 'for' && statement.kind !== 'loop') return [];
  const carried = statement.carried.map(({ value }) => value);
  return statement.kind === 'for' ? [statement.index, ...carried] : carried;
}

const none: readonly never[] = [];

export function regionsOf(statement: Statement): readonly Region[] {
  if (statement.kind === 'if') return [statement.consequent, statement.alternate];
  return statement.kind === 'for' || statement.kind === 'loop' ? [statement.body] : none;
}

export const terminatorOperands = ({ terminator }: Region): readonly Operand[] =>
  'operands' in terminator ? terminator.operands : [];

/** How often each value is read in a region, the regions inside it included. */
export function countUses(region: Region, counts = new Map<Value, number>()): Map<Value, number> {
  const count = (operand: Operand): void => {
    if (operand instanceof Value) counts.set(operand, (counts.get(operand) ?? 0) + 1);
  };
  for (const statement of region.statements) {
    for (const operand of operandsOf(statement)) count(operand);
    for (const inner of regionsOf(statement)) countUses(inner, counts);
  }
  for (const operand of terminatorOperands(region)) count(operand);
  return counts;
}

/** Replaces each statement of a region, innermost first, by those that `rewrite` gives for it; where all stay, so does the region. */
export function rewriteRegion(region: Region, rewrite: (statement: Statement) => readonly Statement[]): Region {
  return rewriteStatements(region, (statement) =>
    rewrite(mapRegions(statement, (inner) => rewriteRegion(inner, rewrite))),
  );
}

/** The same for statements with regions alone: all others stay, and are not asked about. */
export function rewriteCompound(region: Region, rewrite: (statement: If | For | Loop) => readonly Statement[]): Region {
  return rewriteStatements(region, (statement) => {
    if (statement.kind !== 'if' && statement.kind !== 'for' && statement.kind !== 'loop') return undefined;
    return rewrite(mapRegions(statement, (inner) => rewriteCompound(inner, rewrite)));
  });
}

/** The region with what `rewrite` gives in the place of each statement; undefined stands for the statement itself. */
function rewriteStatements(
  region: Region,
  rewrite: (statement: Statement) => readonly Statement[] | undefined,
): Region {
  const { statements, terminator } = region;
  let rewritten: Statement[] | undefined;
  for (let index = 0; index < statements.length; index++) {
    const statement = statements[index]!;
    const after = rewrite(statement);
    if (after === undefined || (after.length === 1 && after[0] === statement)) rewritten?.push(statement);
    else {
      rewritten ??= statements.slice(0, index);
      rewritten.push(...after);
    }
  }
  return rewritten === undefined ? region : { statements: rewritten, terminator };
}

/** The statement with other regions; itself where they are the same. */
export function mapRegions<S extends Statement>(statement: S, change: (region: Region) => Region): S {
  switch (statement.kind) {
    case 'if': {
      const consequent = change(statement.consequent);
      const alternate = change(statement.alternate);
      const isSame = consequent === statement.consequent && alternate === statement.alternate;
      return isSame ? statement : { ...statement, consequent, alternate };
    }
    case 'for':
    case 'loop': {
      const body = change(statement.body);
      return body === statement.body ? statement : { ...statement, body };
    }
    default:
      return statement;
  }
}
