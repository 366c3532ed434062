// Functions of numbers that a person has written and another room has compiled, as operations on elements: their code is written out wherever
// an expression has them, so they fuse as any other operation does. A code has a number, by which forms of kernels know it.
import { UserError } from '../base/errors.js';
import { i64 } from '../ir/build.js';
import type { Builder } from '../ir/build.js';
import type { Operand, Routine, Statement, Value } from '../ir/nodes.js';
import { copyStatement, Substitution } from '../ir/substitute.js';
import { regionsOf } from '../ir/walk.js';
import { recursionSite } from '../runtime/check-failure.js';
import type { FailureRecord } from '../runtime/check-failure.js';
import { castElement } from './cast-elements.js';
import type { DType } from './dtypes.js';

/** What a function does for one element: what it gives is f64, bool or i64. */
export interface ElementCode {
  readonly name: string;
  readonly parameters: readonly Value[];
  readonly statements: readonly Statement[];
  readonly result: Operand;
  /** What the statements call, and what that calls. */
  readonly routines: readonly Routine[];
  /** Its checks have numbers that no other code's have, and no kernel's own: so many from here on. */
  readonly firstSite: number;
  readonly siteCount: number;
  readonly errorOf: (record: FailureRecord) => Error;
}

/** How forms of kernels call it: by its number. */
export type CallOperation = `call ${number}`;

const codes: ElementCode[] = [];
const numbers = new WeakMap<ElementCode, number>();
const byRoutine = new Map<string, ElementCode>();

/** The operation that a code is. */
export function operationOf(code: ElementCode): CallOperation {
  let number = numbers.get(code);
  if (number === undefined) {
    number = codes.push(code) - 1;
    numbers.set(code, number);
    for (const { name } of code.routines) byRoutine.set(name, code);
  }
  return `call ${number}`;
}

export const isCall = (operation: string): operation is CallOperation => operation.startsWith('call ');

/** How people call the function. */
export const nameOfCall = (operation: CallOperation): string => codeOf(operation).name;

const codeOf = (operation: CallOperation): ElementCode => codes[Number(operation.slice('call '.length))]!;

/** The routine of that name, and all that it may call, if a code has brought it. */
export const routinesFor = (name: string): readonly Routine[] | undefined => byRoutine.get(name)?.routines;

/** A mathematical function, or one that calls itself, is many operations; of a loop nobody knows how often it runs. */
const operationsOfCall = 16;
const iterations = 8;

/** About how many operations a code is for an element. */
export function weightOf({ statements }: ElementCode): number {
  const weigh = (all: readonly Statement[]): number =>
    all.reduce((sum, statement) => {
      const inner = regionsOf(statement).reduce((most, region) => most + weigh(region.statements), 0);
      const isLoop = statement.kind === 'for' || statement.kind === 'loop';
      return sum + (statement.kind === 'call' ? operationsOfCall : 1) + (isLoop ? iterations * inner : inner);
    }, 0);
  return weigh(statements);
}

/** Checks of integers that are no exact numbers, below those of all codes. */
const inexactSites = { int64: 2 ** 16 - 1, uint64: 2 ** 16 - 2 } as const;

/** Writes the code out for operands of the dtypes `from`. */
export function emitCall(
  b: Builder,
  operation: CallOperation,
  from: readonly DType[],
  operands: readonly Operand[],
): Operand {
  const code = codeOf(operation);
  const substitution = new Substitution();
  for (const [index, parameter] of code.parameters.entries())
    substitution.replace(parameter, toArgument(b, from[index]!, parameter, operands[index]!));
  for (const statement of code.statements) b.add(copyStatement(statement, substitution));
  return substitution.operand(code.result);
}

/** An element as the function takes it: integers as numbers, while these are exact. */
function toArgument(b: Builder, from: DType, parameter: Value, operand: Operand): Operand {
  if (parameter.type !== 'f64') return operand;
  if (from === 'int64' || from === 'uint64') {
    const least = from === 'uint64' ? 0 : Number.MIN_SAFE_INTEGER;
    const condition = b.pure('and', 'bool', [
      b.pure('ge', 'i64', [operand, i64(least)]),
      b.pure('le', 'i64', [operand, i64(Number.MAX_SAFE_INTEGER)]),
    ]);
    b.add({ kind: 'check', condition, site: inexactSites[from], index: operand, length: i64(0), source: b.source });
  }
  return castElement(b, from, 'float64', operand);
}

/** What a check that failed means, where it is one of a function's. */
export function errorOfCall(record: FailureRecord): Error | undefined {
  const { site, index } = record;
  const dtype = site === inexactSites.int64 ? 'int64' : site === inexactSites.uint64 ? 'uint64' : undefined;
  if (dtype !== undefined) {
    const shown = dtype === 'uint64' ? BigInt.asUintN(64, index) : index;
    return new UserError('ARRAY013', `the ${dtype} element ${shown} cannot be given to a function as a number`, {
      note: 'beyond 2^53 a number no longer holds every integer',
      fix: "use .astype('float64') where rounding is right",
    });
  }
  if (site === recursionSite)
    return new UserError('JIT015', `a function of elements calls itself more than ${record.length} deep`, {
      note: 'the limit is the same on every thread; JavaScript has one too, where it throws a RangeError',
      fix: 'write it as a loop',
    });
  return codes.find(({ firstSite, siteCount }) => site >= firstSite && site < firstSite + siteCount)?.errorOf(record);
}
