// The memory of a function and of the loops outlined from it: a place for each value that they hand to one another, for the states of
// streams, and for small buffers.

/** Places lie where 16 divides the address, for lanes. */
export const frameAlignment = 16;

export const aligned = (bytes: number): number => Math.ceil(bytes / frameAlignment) * frameAlignment;

export class Frame {
  readonly #places = new Map<object, number>();
  #end: number;

  /** Places begin `first` bytes behind the address that the function is given. */
  constructor(first: number) {
    this.#end = first;
  }

  /** The offset of the place of `owner`; the same whenever it is asked for. */
  place(owner: object, bytes: number): number {
    let offset = this.#places.get(owner);
    if (offset === undefined) {
      offset = bytes >= frameAlignment ? aligned(this.#end) : this.#end;
      this.#end = offset + bytes;
      this.#places.set(owner, offset);
    }
    return offset;
  }

  /** Where the next frame can begin. */
  get end(): number {
    return aligned(this.#end);
  }
}
