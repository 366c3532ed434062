// Bytes of the WebAssembly binary format, written one after the other: LEB128 integers, floats, names, vectors and sections.
// Modules are encoded in the first call of a function, mostly before the engine has compiled any of this: what is written for every
// instruction calls and allocates as little as possible.

export class ByteWriter {
  #bytes = new Uint8Array(256);
  #length = 0;
  #view = new DataView(this.#bytes.buffer);

  get length(): number {
    return this.#length;
  }

  /** What has been written so far, a copy. */
  bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  #reserve(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) this.#grow();
    return at;
  }

  #grow(): void {
    const larger = new Uint8Array(Math.max(this.#length, 4 * this.#bytes.length));
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }

  byte(value: number): void {
    const at = this.#length++;
    if (at === this.#bytes.length) this.#grow();
    this.#bytes[at] = value;
  }

  all(bytes: ArrayLike<number>): void {
    const at = this.#reserve(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** What another has written. */
  #copy(other: ByteWriter): void {
    const at = this.#reserve(other.#length);
    this.#bytes.set(other.#bytes.subarray(0, other.#length), at);
  }

  /** Unsigned LEB128, for numbers below 2³². */
  unsigned(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.byte((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    const at = this.#length++;
    if (at === this.#bytes.length) this.#grow();
    this.#bytes[at] = rest;
  }

  /** Signed LEB128, for integers up to 64 bits. */
  signed(value: number | bigint): void {
    if (typeof value === 'number' && (value | 0) === value) return this.#signedWord(value);
    let rest = BigInt.asIntN(64, BigInt(value));
    for (;;) {
      const low = Number(rest & 127n);
      rest >>= 7n;
      const isLast = (rest === 0n && low < 64) || (rest === -1n && low >= 64);
      this.byte(isLast ? low : low | 128);
      if (isLast) return;
    }
  }

  /** The same for 32 bits, without the cost of bigints. */
  #signedWord(value: number): void {
    let rest = value;
    for (;;) {
      const low = rest & 127;
      rest >>= 7;
      const isLast = (rest === 0 && low < 64) || (rest === -1 && low >= 64);
      this.byte(isLast ? low : low | 128);
      if (isLast) return;
    }
  }

  float32(value: number): void {
    const at = this.#reserve(4);
    this.#view.setFloat32(at, value, true);
  }

  float64(value: number): void {
    const at = this.#reserve(8);
    this.#view.setFloat64(at, value, true);
  }

  name(text: string): void {
    const encoded = new TextEncoder().encode(text);
    this.unsigned(encoded.length);
    this.all(encoded);
  }

  /** A count, and then each item as `write` writes it. */
  vector<T>(items: readonly T[], write: (item: T) => void): void {
    this.unsigned(items.length);
    for (const item of items) write(item);
  }

  /** What `write` writes, with its length in bytes before it. */
  sized(write: (inner: ByteWriter) => void): void {
    const inner = new ByteWriter();
    write(inner);
    this.unsigned(inner.#length);
    this.#copy(inner);
  }

  /** A section of the module, left out where it is empty. */
  section(id: number, items: readonly unknown[], write: (inner: ByteWriter) => void): void {
    if (items.length === 0) return;
    this.byte(id);
    this.sized(write);
  }
}
