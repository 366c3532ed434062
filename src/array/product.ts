// The product of matrices, as kernels. Rows of the first and columns of the second factor are packed into panels a few elements wide, in
// which the steps along the contracted axis follow each other; a tile of the result, as high and wide as two panels, then stays in
// registers while both panels are walked once. Threads share out units of tiles that use the same panels again from near memory. Each
// element is added up in order over the contracted axis (docs/numerics.md, 7): sections of that axis go on from what is there.
import { Builder, i64 } from '../ir/build.js';
import { Constant, Value } from '../ir/nodes.js';
import type { Buffer, Kernel, Operand } from '../ir/nodes.js';
import type { ScalarType } from '../ir/types.js';
import { withLanes } from '../ir/types.js';
import { dtypes, valueTypeOf } from './dtypes.js';
import type { DType } from './dtypes.js';
import { splitOrdinal } from './loops.js';

/** Rows of a tile, and columns: as many as fill two registers of 16 bytes. Eight registers of sums keep both adders of a core busy. */
export const tileRows = 4;
export const tileColumns = (dtype: DType): number => (['i64', 'f64'].includes(valueTypeOf(dtype)) ? 4 : 8);

/** Panels of a unit; and steps along the contracted axis that are taken at once: a panel's stay in the nearest cache. */
const unitRows = 16;
const unitColumns = (dtype: DType): number => 256 / tileColumns(dtype);
const section = 256;

const up = (length: number, step: number): number => Math.ceil(length / step) * step;

/** Lengths, rounded up to whole panels. */
export const paddedRows = (rows: number): number => up(rows, tileRows);
export const paddedColumns = (columns: number, dtype: DType): number => up(columns, tileColumns(dtype));
export const unitsOf = (rows: number, columns: number, dtype: DType): readonly [number, number] => [
  Math.ceil(rows / (unitRows * tileRows)),
  Math.ceil(columns / (unitColumns(dtype) * tileColumns(dtype))),
];

/** What panels are held in. */
export const panelDType = (dtype: DType): DType =>
  (({ i32: 'int32', i64: 'int64', f32: 'float32', f64: 'float64', bool: 'bool' }) as const)[valueTypeOf(dtype)];

/**
 * Lines of a matrix into panels of `width`; what is missing to a whole panel is zero. Parameters: panels of all matrices, panels of one,
 * lines, steps along a line, and the strides from matrix to matrix, line to line and step to step. Buffers: elements, panels.
 */
export function packKernel(dtype: DType, width: number): Kernel {
  const names = ['all', 'panels', 'lines', 'n', 'matrixStride', 'lineStride', 'stepStride'];
  const parameters = names.map((name) => new Value('i64', name));
  const [all, panels, lines, n, matrixStride, lineStride, stepStride] = parameters as [
    Value,
    Value,
    Value,
    Value,
    Value,
    Value,
    Value,
  ];
  const type = valueTypeOf(dtype);
  const source: Buffer = {
    name: 'a',
    storage: dtypes[dtype].storage,
    shape: [all, lines, n],
    strides: [matrixStride, lineStride, stepStride],
    access: 'read',
    aliasClass: 0,
  };
  const steps = i64(width);
  const total = new Value('i64', 'total');
  parameters.push(total);
  const target: Buffer = {
    name: 'panels',
    storage: type,
    shape: [total, steps],
    strides: [steps, i64(1)],
    access: 'write',
    aliasClass: 1,
  };
  const b = new Builder();
  const index = new Value('i64', 'p');
  const [matrix, panel] = splitOrdinal(b, index, panels);
  const first = b.pure('mul', 'i64', [panel, i64(width)], 'first');
  const begin = b.pure('mul', 'i64', [index, n], 'begin');
  b.for('step', { index: 'k', count: n }, (inner, step) => {
    const row = inner.pure('add', 'i64', [begin, step], 'row');
    for (let place = 0; place < width; place++) {
      const line = inner.pure('add', 'i64', [first, i64(place)]);
      const isThere = inner.pure('lt', 'i64', [line, lines]);
      const element = inner.load(source, [matrix, line, step], type, isThere);
      inner.store(target, [row, i64(place)], element);
    }
    return [];
  });
  return {
    name: 'pack',
    parameters,
    buffers: [source, target],
    dimensions: [{ index, extent: all, owned: [] }],
    reductions: [],
    results: [],
    body: b.region({ kind: 'yield', operands: [] }),
  };
}

/** What adding begins with: nothing is changed by it, not even −0. */
const nothing = (type: ScalarType, lanes: number): Constant =>
  new Constant(withLanes(type, lanes), type === 'i64' ? 0n : type === 'i32' ? 0 : -0);

/**
 * Parameters: units of all matrices, units of one, of those in a row, panels of rows and of columns, how many panels each factor goes on
 * from matrix to matrix, steps of the contracted axis, padded rows and columns of all results. Buffers: panels of both factors, results.
 */
export function productKernel(dtype: DType): Kernel {
  const names = [
    'all',
    'units',
    'unitsAcross',
    'panelsDown',
    'panelsAcross',
    'leftStep',
    'rightStep',
    'n',
    'rows',
    'columns',
  ];
  const parameters = names.map((name) => new Value('i64', name));
  const [all, units, unitsAcross, panelsDown, panelsAcross, leftStep, rightStep, n, rows, columns] = parameters as [
    Value,
    Value,
    Value,
    Value,
    Value,
    Value,
    Value,
    Value,
    Value,
    Value,
  ];
  const type = valueTypeOf(dtype);
  const width = tileColumns(dtype);
  const lanes = withLanes(type, width);
  const panels = (name: string, across: number, aliasClass: number): Buffer => ({
    name,
    storage: type,
    shape: [all, i64(across)],
    strides: [i64(across), i64(1)],
    access: 'read',
    aliasClass,
  });
  const [left, right] = [panels('a', tileRows, 0), panels('b', width, 1)];
  const target: Buffer = {
    name: 'out',
    storage: dtypes[dtype].storage,
    shape: [rows, columns],
    strides: [columns, i64(1)],
    access: 'both',
    aliasClass: 2,
  };

  /** One step of the contracted axis for a whole tile. */
  const step = (b: Builder, leftRow: Operand, rightRow: Operand, sums: readonly Operand[]): Operand[] => {
    const line = b.load(right, [rightRow, i64(0)], lanes);
    return sums.map((sum, row) => {
      const factor = b.splat(b.load(left, [leftRow, i64(row)], type), lanes);
      return b.pure('add', lanes, [sum, b.pure('mul', lanes, [factor, line])]);
    });
  };

  const b = new Builder();
  const index = new Value('i64', 'unit');
  const [matrix, unit] = splitOrdinal(b, index, units);
  const [unitDown, unitAcross] = splitOrdinal(b, unit, unitsAcross);
  const range = (first: Operand, length: number, most: Operand): [Operand, Operand] => {
    const begin = b.pure('mul', 'i64', [first, i64(length)], 'begin');
    return [begin, b.pure('min', 'i64', [i64(length), b.pure('sub', 'i64', [most, begin])], 'count')];
  };
  const [firstDown, down] = range(unitDown, unitRows, panelsDown);
  const [firstAcross, across] = range(unitAcross, unitColumns(dtype), panelsAcross);
  const from = (panelStep: Operand, first: Operand): Operand =>
    b.pure('add', 'i64', [b.pure('mul', 'i64', [matrix, panelStep]), first], 'from');
  const [leftFrom, rightFrom, rowsFrom] = [
    from(leftStep, firstDown),
    from(rightStep, firstAcross),
    from(panelsDown, firstDown),
  ];
  const rounded = b.pure('add', 'i64', [n, i64(section - 1)]);
  const sections = b.pure('shrU', 'i64', [rounded, i64(Math.log2(section))], 'sections');
  b.for('section', { index: 's', count: sections }, (inSection, sectionIndex) => {
    const begin = inSection.pure('mul', 'i64', [sectionIndex, i64(section)], 'begin');
    const count = inSection.pure('min', 'i64', [i64(section), inSection.pure('sub', 'i64', [n, begin])], 'count');
    const isFirst = inSection.pure('eq', 'i64', [sectionIndex, i64(0)], 'isFirst');
    inSection.for('across', { index: 'j', count: across }, (inAcross, j) => {
      const rightPanel = inAcross.pure('mul', 'i64', [inAcross.pure('add', 'i64', [rightFrom, j]), n]);
      const rightBegin = inAcross.pure('add', 'i64', [rightPanel, begin], 'rightBegin');
      const panelAcross = inAcross.pure('add', 'i64', [firstAcross, j]);
      const column = inAcross.pure('mul', 'i64', [panelAcross, i64(width)], 'column');
      inAcross.for('down', { index: 'i', count: down }, (inTile, i) => {
        const leftPanel = inTile.pure('mul', 'i64', [inTile.pure('add', 'i64', [leftFrom, i]), n]);
        const leftBegin = inTile.pure('add', 'i64', [leftPanel, begin], 'leftBegin');
        const top = inTile.pure('mul', 'i64', [inTile.pure('add', 'i64', [rowsFrom, i]), i64(tileRows)], 'top');
        const lines = Array.from({ length: tileRows }, (_, row) => inTile.pure('add', 'i64', [top, i64(row)]));
        const before = inTile.if(
          isFirst,
          lines.map(() => lanes),
          () => lines.map(() => nothing(type, width)),
          (later) => lines.map((line) => later.load(target, [line, column], lanes)),
        );
        // One step at a time: with more of them written out, V8 runs out of registers.
        const carried = before.map((value, row) => [`sum${row}`, lanes, value] as const);
        const results = inTile.for('step', { index: 'k', count, carried }, (inStep, k, values) =>
          step(inStep, inStep.pure('add', 'i64', [leftBegin, k]), inStep.pure('add', 'i64', [rightBegin, k]), values),
        );
        for (const [row, line] of lines.entries()) inTile.store(target, [line, column], results[row]!);
        return [];
      });
      return [];
    });
    return [];
  });
  return {
    name: 'product',
    parameters,
    buffers: [left, right, target],
    dimensions: [{ index, extent: all, owned: [] }],
    reductions: [],
    results: [],
    body: b.region({ kind: 'yield', operands: [] }),
  };
}
