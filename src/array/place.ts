// A piece of memory that holds the elements of one or more arrays: planned first, given memory when a kernel is about to fill it, freed when
// nothing refers to it any more, or when somebody disposes of it.
import { UserError } from '../base/errors.js';
import { typedArrays } from './dtypes.js';
import type { AnyTypedArray, DType } from './dtypes.js';

export class Place {
  readonly dtype: DType;
  /** Elements. */
  readonly length: number;
  /** Nodes whose elements lie here: one of several cannot be written over. */
  holders = 0;
  #elements: AnyTypedArray | undefined;
  #isDisposed = false;

  constructor(dtype: DType, length: number) {
    this.dtype = dtype;
    this.length = length;
  }

  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  /** All its elements; the memory is taken when they are first asked for. */
  elements(): AnyTypedArray {
    this.assertAlive();
    this.#elements ??= new typedArrays[this.dtype](this.length);
    return this.#elements;
  }

  /** @throws {UserError} ARRAY009 after `dispose` */
  assertAlive(): void {
    if (!this.#isDisposed) return;
    throw new UserError('ARRAY009', 'the numbers of this array are gone: dispose() has freed them', {
      note: 'expressions that were recorded from an array need its numbers when they are computed',
      fix: 'compute what you still need before dispose(), or before the block of `using` or `scope` ends',
    });
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#elements = undefined;
  }
}
