// Reductions that keep the last axis, as kernels: columns next to each other are put together at once, a few rows at a time, so that memory is
// read in its own order. Threads share out tiles of columns, and of long columns the leaves of 4096 rows, whose results a second kernel
// puts together by halves. The order is that of docs/numerics.md, 7: in each column from the first row of a leaf to the last, then the tree.
import { Builder, i64 } from '../ir/build.js';
import { blockLength, Value } from '../ir/nodes.js';
import type { Buffer, Kernel, Operand, ReductionOperator } from '../ir/nodes.js';
import { dtypes, valueTypeOf } from './dtypes.js';
import type { DType } from './dtypes.js';
import { emitOperation } from './element-operations.js';
import type { ElementOperation } from './element-operations.js';
import { partsOf, writeElement } from './kernel-form.js';
import type { BufferForm, InstructionForm, KernelForm } from './kernel-form.js';
import { splitOrdinal } from './loops.js';

export interface ColumnOutput {
  /** The instruction that gives what is put together. */
  readonly result: number;
  readonly operator: ReductionOperator;
  /** Of the elements, and of what they come to. */
  readonly from: DType;
  readonly to: DType;
  /** Do its columns lie next to each other? */
  readonly isNear: boolean;
}

export interface ColumnsForm {
  /** The last one is kept. */
  readonly dimensions: KernelForm['dimensions'];
  /** What is read. */
  readonly buffers: readonly BufferForm[];
  readonly instructions: readonly InstructionForm[];
  readonly outputs: readonly ColumnOutput[];
}

/** Columns of a tile: the results of eight kilobytes stay near while the rows go by. */
const mostColumns = 1024;
const fewestColumns = 256;
/** There should be so many units of work; how many threads there are must not matter. */
const manyUnits = 8;

/** How work of this size is cut: how many leaves the rows have, columns of a tile, and tiles. */
export function cutColumns(outer: number, rows: number, columns: number) {
  const leaves = Math.ceil(rows / blockLength);
  const wanted = Math.ceil((columns * leaves * outer) / manyUnits / fewestColumns) * fewestColumns;
  const tile = Math.min(mostColumns, Math.max(fewestColumns, wanted));
  const tiles = Math.ceil(columns / tile);
  return { leaves, tile, tiles, units: outer * leaves * tiles };
}

const one = (b: Builder, { operator, from, to }: ColumnOutput, element: Operand): Operand =>
  operator === 'count' ? emitOperation(b, 'cast', [from], to, [element]) : element;

const together = (b: Builder, operator: ReductionOperator, dtype: DType, both: readonly Operand[]): Operand =>
  emitOperation(b, operator === 'count' ? 'add' : (operator as ElementOperation), [dtype, dtype], dtype, both);

/** Rows that are taken at once: as many as leave the loop over columns short enough for registers. */
const rowsAtOnce = ({ instructions, outputs }: ColumnsForm): number =>
  2 ** Math.max(0, Math.min(3, Math.floor(Math.log2(32 / (instructions.length + outputs.length)))));

/**
 * Parameters, behind those of the form (kernel-form.ts): units, leaves, columns of a tile and tiles; for each output its strides along the
 * dimensions that are kept, the last one only where it is not near, and from leaf to leaf.
 */
export function columnsKernel(form: ColumnsForm): Kernel {
  const { dimensions, outputs } = form;
  const elementForm: KernelForm = { ...form, outputs: [] };
  const parts = partsOf(elementForm);
  const { parameters, extents } = parts;
  const last = dimensions.length - 1;
  const outer = dimensions.flatMap((kind, d) => (kind === 'kept' && d < last ? [d] : []));
  const reduced = dimensions.flatMap((kind, d) => (kind === 'reduced' ? [d] : []));

  // Every element that is written out has the same parameters.
  const own: Value[] = [];
  let position = 0;
  const parameter = (name: string, dtype?: DType): Value => {
    const value = own[position] ?? parts.parameter(name, dtype);
    own[position++] = value;
    return value;
  };
  const index = new Value('i64', 'unit');
  const body = new Builder();
  /** The elements of a row and a column, one for each output. */
  const elements = (b: Builder, places: readonly Operand[], rowPlaces: readonly Operand[], column: Operand) => {
    position = 0;
    const indices = extents.map((_, d) => (d === last ? column : (places[outer.indexOf(d)] ?? i64(0))));
    for (const [at, d] of reduced.entries()) indices[d] = rowPlaces[at]!;
    const values = writeElement(b, elementForm, { ...parts, parameter }, indices, []);
    return outputs.map((output) => one(b, output, values[output.result]!));
  };
  // Asks for the parameters, so that those behind them come behind them.
  elements(new Builder(), outer.map(() => i64(0)), reduced.map(() => i64(0)), i64(0)); // prettier-ignore
  const named = (name: string): Value => parts.parameter(name);
  const [units, leaves, tile, tiles] = ['units', 'leaves', 'tile', 'tiles'].map(named) as [Value, Value, Value, Value];
  const targets = outputs.map(({ to, isNear }, at): Buffer => {
    const name = `out${at}`;
    const strides: Operand[] = outer.map((d) => named(`${name}_s${d}`));
    strides.push(named(`${name}_leaf`), isNear ? i64(1) : named(`${name}_s${last}`));
    return {
      name,
      storage: dtypes[to].storage,
      shape: [...outer.map((d) => extents[d]!), leaves, extents[last]!],
      strides,
      access: 'both',
      aliasClass: parts.buffers.length + at,
    };
  });

  const [group, tileNumber] = splitOrdinal(body, index, tiles);
  const [outerOrdinal, leaf] = splitOrdinal(body, group, leaves);
  const split = (b: Builder, ordinal: Operand, over: readonly number[]): Operand[] => {
    const places: Operand[] = [];
    let rest = ordinal;
    for (const d of over.slice(1).toReversed()) {
      const [next, place] = splitOrdinal(b, rest, extents[d]!);
      places.unshift(place);
      rest = next;
    }
    return over.length === 0 ? [] : [rest, ...places];
  };
  const places = split(body, outerOrdinal, outer);
  const rows = reduced.map((d) => extents[d]! as Operand).reduce((a, c) => body.pure('mul', 'i64', [a, c], 'rows'));
  const firstRow = body.pure('mul', 'i64', [leaf, i64(blockLength)], 'firstRow');
  const rowsLeft = body.pure('sub', 'i64', [rows, firstRow], 'rowsLeft');
  const rowsHere = body.pure('min', 'i64', [rowsLeft, i64(blockLength)], 'rowsHere');
  const firstColumn = body.pure('mul', 'i64', [tileNumber, tile], 'firstColumn');
  const columnsLeft = body.pure('sub', 'i64', [extents[last]!, firstColumn], 'columnsLeft');
  const columns = body.pure('min', 'i64', [columnsLeft, tile], 'columns');

  const targetIndex = (column: Operand): Operand[] => [...places, leaf, column];
  /** Goes through the columns with some rows, which come behind what is there already, or are the first. */
  const addRows = (b: Builder, ordinals: readonly Operand[], areFirst: boolean): void => {
    const rowPlaces = ordinals.map((ordinal) => split(b, ordinal, reduced));
    b.for('column', { index: 'c', count: columns }, (inner, at) => {
      const column = inner.pure('add', 'i64', [firstColumn, at], 'column');
      const into = targetIndex(column);
      const before = areFirst
        ? undefined
        : targets.map((target, q) => inner.load(target, into, valueTypeOf(outputs[q]!.to)));
      const sums = rowPlaces.reduce<readonly Operand[] | undefined>((values, rowPlace) => {
        const row = elements(inner, places, rowPlace, column);
        if (values === undefined) return row;
        return outputs.map(({ operator, to }, q) => together(inner, operator, to, [values[q]!, row[q]!]));
      }, before);
      for (const [q, target] of targets.entries()) inner.store(target, into, sums![q]!);
      return [];
    });
  };
  const atOnce = rowsAtOnce(form);
  addRows(body, [firstRow], true);
  const secondRow = body.pure('add', 'i64', [firstRow, i64(1)], 'secondRow');
  const moreRows = body.pure('sub', 'i64', [rowsHere, i64(1)], 'moreRows');
  const groups = body.pure('shrU', 'i64', [moreRows, i64(Math.log2(atOnce))], 'groups');
  const grouped = body.pure('mul', 'i64', [groups, i64(atOnce)], 'grouped');
  const rest = body.pure('sub', 'i64', [moreRows, grouped], 'rest');
  body.for('rows', { index: 'g', count: groups }, (inner, at) => {
    const begin = inner.pure('add', 'i64', [secondRow, inner.pure('mul', 'i64', [at, i64(atOnce)])], 'begin');
    const ordinals = Array.from({ length: atOnce }, (_, row) => inner.pure('add', 'i64', [begin, i64(row)], 'row'));
    addRows(inner, ordinals, false);
    return [];
  });
  if (atOnce > 1) {
    const restRow = body.pure('add', 'i64', [secondRow, grouped], 'restRow');
    body.for('restRows', { index: 'r', count: rest }, (inner, at) => {
      addRows(inner, [inner.pure('add', 'i64', [restRow, at], 'row')], false);
      return [];
    });
  }
  return {
    name: 'columns',
    parameters,
    buffers: [...parts.buffers, ...targets],
    dimensions: [{ index, extent: units, owned: [] }],
    reductions: [],
    results: [],
    body: body.region({ kind: 'yield', operands: [] }),
  };
}

/** Columns that one iteration of `leavesKernel` puts together. */
const leavesTile = 512;
export const leavesUnits = (columns: number): number => Math.ceil(columns / leavesTile);

/** Halvings until one of so many leaves is left. */
export const levelsOf = (leaves: number): number => Math.ceil(Math.log2(leaves));

/**
 * What leaves have come to, put together in the balanced tree whose left part is the largest power of two below the count: neighbors first,
 * then neighbors of these. Parameters: units, columns, leaves, levels. Buffers: one row for each leaf, which is used up, and the result.
 */
export function leavesKernel(operator: ReductionOperator, dtype: DType): Kernel {
  const parameters = ['units', 'columns', 'leaves', 'levels'].map((name) => new Value('i64', name));
  const [units, columns, leaves, levels] = parameters as [Value, Value, Value, Value];
  const type = valueTypeOf(dtype);
  const { storage } = dtypes[dtype];
  const parts: Buffer = {
    name: 'leaves',
    storage,
    shape: [leaves, columns],
    strides: [columns, i64(1)],
    access: 'both',
    aliasClass: 0,
  };
  const out: Buffer = { name: 'out', storage, shape: [columns], strides: [i64(1)], access: 'write', aliasClass: 1 };
  const index = new Value('i64', 'unit');
  const b = new Builder();
  const first = b.pure('mul', 'i64', [index, i64(leavesTile)], 'first');
  const left = b.pure('sub', 'i64', [columns, first], 'left');
  const count = b.pure('min', 'i64', [left, i64(leavesTile)], 'count');
  b.for('level', { index: 'v', count: levels }, (inLevel, level) => {
    const step = inLevel.pure('shl', 'i64', [i64(1), level], 'step');
    const above = inLevel.pure('add', 'i64', [level, i64(1)], 'above');
    const beyond = inLevel.pure('sub', 'i64', [inLevel.pure('add', 'i64', [leaves, step]), i64(1)], 'beyond');
    const pairs = inLevel.pure('shrU', 'i64', [beyond, above], 'pairs');
    inLevel.for('pair', { index: 'p', count: pairs }, (inPair, pair) => {
      const lower = inPair.pure('shl', 'i64', [pair, above], 'lower');
      const upper = inPair.pure('add', 'i64', [lower, step], 'upper');
      inPair.for('column', { index: 'c', count }, (inner, at) => {
        const column = inner.pure('add', 'i64', [first, at], 'column');
        const both = [lower, upper].map((leaf) => inner.load(parts, [leaf, column], type));
        inner.store(parts, [lower, column], together(inner, operator, dtype, both));
        return [];
      });
      return [];
    });
    return [];
  });
  b.for('result', { index: 'c', count }, (inner, at) => {
    const column = inner.pure('add', 'i64', [first, at], 'column');
    inner.store(out, [column], inner.load(parts, [i64(0), column], type));
    return [];
  });
  return {
    name: 'leaves',
    parameters,
    buffers: [parts, out],
    dimensions: [{ index, extent: units, owned: [] }],
    reductions: [],
    results: [],
    body: b.region({ kind: 'yield', operands: [] }),
  };
}
