// How much of the time of calls goes into copying arrays in and out. Looking at a clock takes a good part of what a short call takes, so
// only some of the calls are timed: the first few, and then every sixteenth.

/** One call that is timed. */
export interface CallTimes {
  /** Its arrays have been copied in. */
  copied(): void;
  computed(): void;
  /** What was written has been copied out, if anything had to be copied. */
  end(hasCopied: boolean): void;
}

export class CopyClock {
  #calls = 0;
  #copying = 0;
  #all = 0;
  #isFirst = false;

  /** The share of the calls' time; undefined as long as no call had arrays to copy. */
  get share(): number | undefined {
    return this.#all > 0 ? this.#copying / this.#all : undefined;
  }

  /** Undefined for a call that is not timed. */
  begin(): CallTimes | undefined {
    const number = this.#calls++;
    if (number > 2 && number % 16 !== 0) return undefined;
    const start = performance.now();
    let [begun, done] = [start, start];
    return {
      copied: () => void (begun = performance.now()),
      computed: () => void (done = performance.now()),
      end: (hasCopied) => {
        if (!hasCopied) return;
        // The first call has memory to get besides; it counts as long as there is no other.
        if (this.#isFirst) [this.#copying, this.#all] = [0, 0];
        this.#isFirst = number === 0;
        const end = performance.now();
        this.#copying += begun - start + end - done;
        this.#all += end - start;
      },
    };
  }
}
