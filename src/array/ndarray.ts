// NDArray: what people hold. Each method records a node (element-wise.ts, reductions.ts, views.ts say which) or reads one; only reading and
// compute work. The file stays whole, long as it is, because a class is one text; it holds no logic but what belongs to a handle.
/// <reference lib="esnext.disposable" preserve="true" />
import { UserError } from '../base/errors.js';
import { lend, lock } from '../memory/lent-arrays.js';
import type { LentArray } from '../memory/lent-arrays.js';
import { freshOf, toAssigned, toWritable, writeAll, writeAt, writeElement } from './assign.js';
import { writePicked } from './assign-picked.js';
import { copyOf, flatten, toDType } from './create.js';
import type { DType, FloatOf, IntegerDType, Item, PartnerOf, Promote, SumDType, TypedArrayOf } from './dtypes.js';
import { ElementWiseMethods } from './element-wise-methods.js';
import { explainNode } from './explain.js';
import type { ArrayView } from './explain.js';
import { Node } from './expressions.js';
import type { Stored } from './expressions.js';
import { arrayOf, nodeOf, provideHandles, toOperand } from './handle.js';
import { toPlace } from './indexing.js';
import type { Index } from './indexing.js';
import { matmul } from './matmul.js';
import { isContiguous, showShape, toAxis, toShape } from './layout.js';
import type { Shape } from './layout.js';
import { cast } from './operands.js';
import { nonzero, pickIndex, take } from './pick.js';
import type { Plain } from './operands.js';
import { printNode } from './print.js';
import { copyElements, expectOneElement, firstElement, nestElements } from './read-elements.js';
import type { ReadOptions } from './read-elements.js';
import {
  all,
  any,
  argmax,
  argmin,
  countNonzero,
  deviation,
  max,
  mean,
  min,
  prod,
  scan,
  sum,
  toOptions,
  variance,
} from './reductions.js';
import type {
  ArgOptions,
  AxisArgument,
  DeviationOptions,
  GatherOptions,
  ReduceOptions,
  ScanOptions,
} from './reductions.js';
import { computeNodes, computeNodesAsync, storedOf } from './run.js';
import { argsort, sort } from './sort.js';
import type { SortOptions } from './sort.js';
import { broadcastTo, expandDims, flip, matrixTranspose, permuteDims, reshape, squeeze, transpose } from './views.js';

/** Elements nested in lists as deep as the array has axes. */
export type NestedItems<T> = T | NestedItems<T>[];

export interface ComputeOptions<D extends DType> {
  /** The array that gets the elements, in its own memory where nobody else holds its old ones; its dtype stays. */
  readonly out: NDArray<D>;
}

export interface RunOptions {
  /** Ends the work: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** At most so many threads. */
  readonly threads?: number;
}

/**
 * An array of numbers or booleans of one dtype, of any number of axes: a recorded expression until its numbers are needed. Arrays are
 * values: what was recorded or taken from one keeps its numbers when the array is assigned to.
 *
 * @example
 * import { asarray } from 'heddle';
 * const a = asarray([[1, 2], [3, 4]]);
 * console.log(a.mul(10).sum(0).toArray()); // [ 40, 60 ]
 */
export class NDArray<D extends DType = DType> extends ElementWiseMethods<D> implements LentArray {
  readonly shape: Shape;
  readonly dtype: D;
  #node: Node;
  #isDisposed = false;
  /** A call that goes on elsewhere is writing to it. */
  #isLocked = false;

  private constructor(node: Node) {
    super();
    this.#node = node;
    this.shape = node.shape;
    this.dtype = node.dtype as D;
  }

  static {
    provideHandles({
      arrayOf: <E extends DType>(node: Node) => {
        // Two arrays of one node would see each other's assignments.
        if (node.handles++ > 0) node.isHeld = true;
        return new NDArray<E>(node);
      },
      nodeIn: (value) => (value instanceof NDArray ? value.#alive : undefined),
    });
  }

  get #alive(): Node {
    if (this.#isLocked) {
      throw new UserError(
        'ARRAY016',
        `an asynchronous call is writing to this array of the shape ${showShape(this.shape)}`,
        {
          note: 'until its promise settles, nobody can tell which of its numbers are the old ones and which the new',
          fix: 'await the call first, or give it a copy: x.add(0)',
        },
      );
    }
    if (!this.#isDisposed) return this.#node;
    throw new UserError('ARRAY009', `this array of the shape ${showShape(this.shape)} was disposed of`, {
      note: 'dispose() has freed its numbers, and it can no longer be used',
      fix: 'dispose of arrays after their last use, or leave it to heddle, which frees what is garbage',
    });
  }

  // What it is.

  get ndim(): number {
    return this.shape.length;
  }

  /** How many elements it has. */
  get size(): number {
    return this.#node.size;
  }

  /** All axes turned around. */
  get T(): NDArray<D> {
    return arrayOf<D>(transpose(this.#alive));
  }

  /** The last two axes exchanged. */
  get mT(): NDArray<D> {
    return arrayOf<D>(matrixTranspose(this.#alive));
  }

  // Putting together: over all elements, or along axes.

  sum<E extends DType>(options: ReduceOptions & { readonly dtype: E }): NDArray<E>;
  sum(axis?: AxisArgument): NDArray<SumDType<D>>;
  sum(axis?: AxisArgument<GatherOptions>): NDArray {
    return arrayOf(sum(this.#alive, axis));
  }

  prod<E extends DType>(options: ReduceOptions & { readonly dtype: E }): NDArray<E>;
  prod(axis?: AxisArgument): NDArray<SumDType<D>>;
  prod(axis?: AxisArgument<GatherOptions>): NDArray {
    return arrayOf(prod(this.#alive, axis));
  }

  min(axis?: AxisArgument): NDArray<D> {
    return arrayOf(min(this.#alive, axis));
  }

  max(axis?: AxisArgument): NDArray<D> {
    return arrayOf(max(this.#alive, axis));
  }

  mean(axis?: AxisArgument): NDArray<FloatOf<D>> {
    return arrayOf(mean(this.#alive, axis));
  }

  /** The variance; `correction: 1` for that of a sample. */
  var(axis?: AxisArgument<DeviationOptions>): NDArray<FloatOf<D>> {
    return arrayOf(variance(this.#alive, axis));
  }

  /** The standard deviation; `correction: 1` for that of a sample. */
  std(axis?: AxisArgument<DeviationOptions>): NDArray<FloatOf<D>> {
    return arrayOf(deviation(this.#alive, axis));
  }

  all(axis?: AxisArgument): NDArray<'bool'> {
    return arrayOf(all(this.#alive, axis));
  }

  any(axis?: AxisArgument): NDArray<'bool'> {
    return arrayOf(any(this.#alive, axis));
  }

  /** How many elements are not zero, or true. */
  countNonzero(axis?: AxisArgument): NDArray<'int64'> {
    return arrayOf(countNonzero(this.#alive, axis));
  }

  /** Where the least element is, the first of several; without an axis as an index of the flat array. */
  argmin(axis?: AxisArgument<ArgOptions>): NDArray<'int64'> {
    return arrayOf(argmin(this.#alive, axis));
  }

  argmax(axis?: AxisArgument<ArgOptions>): NDArray<'int64'> {
    return arrayOf(argmax(this.#alive, axis));
  }

  /** Running sums along an axis, which may be left out where there is one only. */
  cumulativeSum<E extends DType>(options: ScanOptions & { readonly dtype: E }): NDArray<E>;
  cumulativeSum(axis?: AxisArgument<ScanOptions>): NDArray<SumDType<D>>;
  cumulativeSum(axis?: AxisArgument<ScanOptions>): NDArray {
    return arrayOf(scan('cumulativeSum', this.#alive, axis));
  }

  /** Running products along an axis. */
  cumulativeProd<E extends DType>(options: ScanOptions & { readonly dtype: E }): NDArray<E>;
  cumulativeProd(axis?: AxisArgument<ScanOptions>): NDArray<SumDType<D>>;
  cumulativeProd(axis?: AxisArgument<ScanOptions>): NDArray {
    return arrayOf(scan('cumulativeProd', this.#alive, axis));
  }

  /** The elements along an axis, by default the last, in order; this array stays as it is. NaN comes last, and equals keep their order. */
  sort(options?: AxisArgument<SortOptions>): NDArray<D> {
    return arrayOf(sort(this.#alive, options));
  }

  /** The places from which the elements along an axis would come, were they in order. */
  argsort(options?: AxisArgument<SortOptions>): NDArray<'int64'> {
    return arrayOf(argsort(this.#alive, options));
  }

  /** The product of matrices on the last two axes, what is before them repeated as needed; one axis alone is a row, or a column on the right. */
  matmul<E extends PartnerOf<D>>(other: NDArray<E>): NDArray<Promote<D, E>> {
    return arrayOf(matmul(this.#alive, nodeOf(other, 'matmul')));
  }

  // Other shapes and dtypes.

  astype<E extends DType>(dtype: E): NDArray<E> {
    return arrayOf<E>(cast(this.#alive, toDType(dtype, 'astype')));
  }

  /** The elements in C order in another shape; one length may be −1. */
  reshape(shape: readonly number[] | number, ...more: readonly number[]): NDArray<D> {
    return arrayOf(reshape(this.#alive, typeof shape === 'number' ? [shape, ...more] : shape));
  }

  /** All elements on one axis. */
  flatten(): NDArray<D> {
    return arrayOf(flatten(this.#alive));
  }

  permuteDims(axes: readonly number[]): NDArray<D> {
    return arrayOf(permuteDims(this.#alive, axes));
  }

  squeeze(axis?: number | readonly number[]): NDArray<D> {
    return arrayOf(squeeze(this.#alive, axis));
  }

  expandDims(axis: number): NDArray<D> {
    return arrayOf(expandDims(this.#alive, axis));
  }

  flip(axis?: number | readonly number[] | null): NDArray<D> {
    return arrayOf(flip(this.#alive, axis));
  }

  broadcastTo(shape: readonly number[] | number): NDArray<D> {
    return arrayOf(broadcastTo(this.#alive, toShape(shape, 'broadcastTo')));
  }

  /**
   * A part of it: numbers pick, slices such as '1:10:2' keep, null makes an axis, '...' stands for all others. One array of integers picks
   * places of an axis, one array of booleans those where it is true; a mask of the whole shape gives the elements where it is true.
   */
  at(...index: readonly (Index | NDArray)[]): NDArray<D> {
    const places = index.map((each) => (each instanceof NDArray ? each.#alive : each));
    return arrayOf(pickIndex(this.#alive, places));
  }

  /** The places on an axis that an array of integers names. */
  take(places: NDArray<IntegerDType>, axis: number): NDArray<D> {
    return arrayOf(take(this.#alive, places.#alive, toAxis(axis, this.shape.length, 'take')));
  }

  /** Where elements are not zero: for each axis the places of all of them. */
  nonzero(): NDArray<'int64'>[] {
    return nonzero(this.#alive).map((places) => arrayOf<'int64'>(places));
  }

  // Reading. Computes what has not been computed.

  /** The only element. */
  item(options: { bigint: true }): bigint;
  item(options?: ReadOptions): Item<D>;
  item(options: ReadOptions = {}): bigint | number | boolean {
    expectOneElement(this.shape, 'item');
    return firstElement(this.dtype, storedOf(this.#alive), options.bigint ?? false);
  }

  /** One element; negative places count from the end. */
  get(...places: readonly number[]): Item<D> {
    const stored = storedOf(this.#alive);
    const resolved = this.#places(places, 'get');
    const position = resolved.reduce((address, place, axis) => address + place * stored.strides[axis]!, stored.offset);
    return firstElement(this.dtype, { ...stored, offset: position }, false) as Item<D>;
  }

  #places(places: readonly number[], what: string): number[] {
    if (places.length !== this.shape.length) {
      throw new UserError(
        'ARRAY006',
        `${what} was given ${places.length} places for the shape ${showShape(this.shape)}`,
        {
          note: 'one element has a place on each axis',
          fix: places.length < this.shape.length ? 'use .at(…) for a part of an array' : 'leave out what is too many',
        },
      );
    }
    return places.map((place, axis) => toPlace(place, this.shape[axis]!, axis, this.shape));
  }

  /** Nested lists; for a zero-dimensional array the value. */
  toArray(options: ReadOptions = {}): NestedItems<Item<D>> {
    return nestElements(this.shape, this.dtype, storedOf(this.#alive), options.bigint ?? false) as NestedItems<Item<D>>;
  }

  /** A copy of the elements, in C order, as an ordinary typed array. */
  toTypedArray(): TypedArrayOf<D> {
    return copyElements(this.shape, this.dtype, storedOf(this.#alive)) as TypedArrayOf<D>;
  }

  /** The elements themselves, in C order, without a copy; later assignments to the array do not reach it. */
  data(): TypedArrayOf<D> {
    const stored = storedOf(this.#alive);
    const isWhole = isContiguous(this.shape, stored.strides);
    const { place, offset } = isWhole ? stored : storedOf((this.#node = copyOf(this.#node)));
    this.#node.isHeld = true;
    return place.handOut(offset, this.size) as TypedArrayOf<D>;
  }

  *[Symbol.iterator](): IterableIterator<NDArray<D> | Item<D>> {
    if (this.shape.length === 0) {
      throw new UserError('ARRAY008', 'a zero-dimensional array cannot be iterated over', {
        fix: 'read its number with .item()',
      });
    }
    storedOf(this.#alive);
    for (let place = 0; place < this.shape[0]!; place++)
      yield this.shape.length === 1 ? this.get(place) : this.at(place);
  }

  // Working.

  /** Computes and stores this array on the team's threads, and gives it back; this thread goes on meanwhile. */
  compute(options?: RunOptions): Promise<this>;
  compute<E extends DType>(options: ComputeOptions<E> & RunOptions): Promise<NDArray<E>>;
  async compute(options: Partial<ComputeOptions<DType>> & RunOptions = {}): Promise<NDArray> {
    const { out, ...run } = toOptions<typeof options>(options, 'compute', ['out', 'signal', 'threads']);
    if (out === undefined) {
      await computeNodesAsync([this.#alive], run);
      return this;
    }
    // Into memory of its own: `out` has its old numbers until all new ones are there.
    const node = freshOf(out.#alive, this.#alive);
    await computeNodesAsync([node], run);
    out.#replace(node);
    return out;
  }

  /** Computes and stores this array at once, and gives it back. */
  computeSync(): this;
  computeSync<E extends DType>(options: ComputeOptions<E>): NDArray<E>;
  computeSync({ out }: Partial<ComputeOptions<DType>> = {}): NDArray {
    if (out === undefined) {
      computeNodes([this.#alive]);
      return this;
    }
    out.#replace(writeAll(out.#alive, this.#alive));
    return out;
  }

  /** Which kernels would run, and why there is more than one: a line for each, or with `'ir'` the kernels themselves. */
  explain(view: ArrayView = 'steps'): string {
    return explainNode(this.#alive, view);
  }

  // Assigning. The array has other elements afterwards; what was taken or recorded from it before keeps the old ones.

  assign(value: NDArray | Plain): this {
    const assigned = toAssigned(toOperand(value), this.dtype, 'assign');
    this.#replace(broadcastTo(assigned, this.#alive.shape, 'assign'));
    return this;
  }

  /** Writes to the part that the index leads to, which is as for `at`: `a.assignAt([':', 0], 1)`, `a.assignAt([mask], 0)`. */
  assignAt(index: readonly (Index | NDArray)[], value: NDArray | Plain): this {
    const places = index.map((each) => (each instanceof NDArray ? each.#alive : each));
    const write = places.some((each) => each instanceof Node) ? writePicked : writeAt;
    this.#replace(write(this.#alive, places, toOperand(value)));
    return this;
  }

  /** Writes one element: `a.set(i, j, value)`. */
  set(...placesAndValue: readonly (number | bigint | boolean)[]): this {
    const places = this.#places(placesAndValue.slice(0, -1) as number[], 'set');
    this.#replace(writeElement(this.#alive, places, placesAndValue.at(-1)));
    return this;
  }

  #replace(node: Node): void {
    if (node === this.#node) return;
    if (node.handles++ > 0) node.isHeld = true;
    this.#node = node;
  }

  /** For compiled functions, which read and write elements in place. */
  [lend](purpose: 'read' | 'write'): Stored {
    if (purpose === 'read') return storedOf(this.#alive);
    const { node, stored } = toWritable(this.#alive);
    this.#replace(node);
    return stored;
  }

  [lock](): () => void {
    this.#isLocked = true;
    return () => {
      this.#isLocked = false;
    };
  }

  /** Frees its numbers now, instead of when it is garbage. Using it, or what needs its numbers, throws from then on. */
  dispose(): void {
    const { definition } = this.#node;
    // A view that was stored keeps what it shows.
    if (!this.#isDisposed && definition.kind === 'stored' && definition.place.holders === 1) definition.place.dispose();
    this.#isDisposed = true;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  // What JavaScript makes of it.

  override toString(): string {
    return printNode(this.#alive, 'plain');
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    if (this.#isLocked) return `array(being written, shape=${showShape(this.shape)})`;
    return this.#isDisposed ? `array(disposed, shape=${showShape(this.shape)})` : printNode(this.#node, 'full');
  }

  /** A zero-dimensional array is its number; nothing else is, so operators never calculate with something else than elements. */
  [Symbol.toPrimitive](hint: string): string | number | boolean {
    if (hint === 'string') return this.toString();
    if (this.shape.length === 0) return this.item();
    throw new UserError(
      'ARRAY008',
      `JavaScript's operators cannot calculate with an array of the shape ${showShape(this.shape)}`,
      {
        note: 'they would turn it into one number, or into text',
        fix: 'use its methods: a.add(b), a.mul(2), a.lt(b), a.eq(b)',
      },
    );
  }
}
