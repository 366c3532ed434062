// Gives out pieces of the heap. All that it knows lies in the first units of the memory, never among the data, so that every thread can
// allocate from the one heap, and no program that writes where it should not breaks more than its own numbers.
//
// The memory is cut into units of 4 KiB. Blocks of more than 32 KiB are runs of units: "two-level segregated fit" (Masmano et al., ECRTS
// 2004) finds one in constant time among the free runs, sorted into bins by size, 16 to each power of two; neighbors that are free become
// one. It was preferred to a buddy allocator, which rounds 1.1 GiB up to 2, and to a tree for the exact best fit, which costs O(log n)
// pointer chases under the lock; where its good fit finds nothing, the bin of the very size is searched before the heap grows.
// Smaller blocks come in 39 size classes, at most a quarter apart, from slabs: runs cut into pieces of one size, with a bit for each.
// Memory behind the last run in use is not in a bin: it is where the heap grows.
//
// Per-thread caches are left out: only results and call frames are allocated, by few threads, and an uncontended lock costs 20 ns.
// The file stays whole, long as it is, because all of it shares the words that it begins with.
import { clock } from '#platform';
import { InternalError } from '../base/errors.js';

export const unitBytes = 4096;

// Words (32 bits) at the start of the memory. Those marked * are read and written only by whoever holds the lock.
const word = {
  /** Written once before any other thread can see the memory. Says that this is a heap, and of which layout. */
  magic: 0,
  /**
   * The lock: 0, or the number of the thread that holds it, with `waitedFor` added where another may sleep on it. A thread takes it by
   * Atomics.compareExchange from 0, and gives it back by Atomics.exchange to 0; the pair orders everything marked * between holders.
   */
  lock: 1,
  /** Number of the last thread that attached. Every thread adds 1 to it, with Atomics.add, and takes the sum as its own number. */
  threads: 2,
  /** * 1 when a thread was ended while it held the lock: what is marked * may be half written, and nobody can allocate any more. */
  broken: 3,
  /** Written once, as magic: the first unit that can be given out, and one past the last that there can ever be. */
  firstUnit: 4,
  unitLimit: 5,
  /** * One past the last run in use. */
  top: 6,
  /** * The highest that `top` has ever been: memory from there on is still zero. */
  fresh: 7,
  /** * One past the last unit of the memory as it is. */
  committed: 8,
  /** * Bytes given out, in grains of 16; the most that it has been; and how many blocks. */
  live: 9,
  peak: 10,
  blocks: 11,
  /** * A bit for each level that has a free run, then a word for each level with a bit for each of its bins. */
  levels: 12,
  binsOfLevel: 16,
  /** * For each size class the first slab with a free piece, or 0. */
  slabs: 48,
  /** * For each bin its first free run, or 0. */
  bins: 128,
  end: 1024,
} as const;
const magic = 0x4845_4431; // 'HED1'
const waitedFor = 2 ** 30;

// Words about each unit. `head` tells of the run that begins there: its kind, its length in units, and of a slab its class and how many of
// its pieces are free. `foot` is the length of the free run that ends there, or 0. `next` and `previous` link free runs and slabs.
// A run of large kind has in `owner` the thread to which it belongs, or 0. The last four are a slab's bits, 1 for a free piece.
const entryWords = 8;
const entry = { head: 0, foot: 1, next: 2, previous: 3, owner: 2, bits: 4 } as const;
const kinds = { none: 0, free: 1, large: 2, slab: 3, insideSlab: 4 } as const;
const slabLength = { shift: 3, mask: 63 } as const;
const slabClass = { shift: 9, mask: 63 } as const;
const slabFree = { shift: 15, mask: 255 } as const;
const mostPieces = 128;

const controlUnits = (word.end * 4) / unitBytes;
const tableUnits = (units: number): number => Math.ceil((units * entryWords * 4) / unitBytes);

/** Bytes that the allocator takes of a memory that may grow to `maximumBytes`. Untouched, they cost address space only. */
export const bookkeepingBytes = (maximumBytes: number): number =>
  (controlUnits + tableUnits(Math.floor(maximumBytes / unitBytes))) * unitBytes;

const largestPiece = 32_768;

/** Classes 0 to 6 are 32, 48 … 128 bytes; then four to each doubling. */
function classOf(bytes: number): number {
  if (bytes <= 128) return Math.max(2, Math.ceil(bytes / 16)) - 2;
  const power = 31 - Math.clz32(bytes - 1);
  return 7 + (power - 7) * 4 + (((bytes - 1) >>> (power - 2)) & 3);
}

function pieceBytes(sizeClass: number): number {
  if (sizeClass < 7) return (sizeClass + 2) * 16;
  const power = 7 + ((sizeClass - 7) >> 2);
  return 2 ** power + (((sizeClass - 7) & 3) + 1) * 2 ** (power - 2);
}

/** Units of a slab: the fewest that hold four pieces, eight where these are small, and leave less than an eighth unused. */
function slabUnits(sizeClass: number): number {
  const bytes = pieceBytes(sizeClass);
  for (let units = 1; ; units++) {
    const pieces = Math.floor((units * unitBytes) / bytes);
    const unused = units * unitBytes - pieces * bytes;
    if (pieces >= (bytes > unitBytes ? 4 : 8) && unused * 8 < units * unitBytes) return units;
  }
}

const piecesOf = (sizeClass: number): number =>
  Math.min(mostPieces, Math.floor((slabUnits(sizeClass) * unitBytes) / pieceBytes(sizeClass)));

interface SizeClass {
  readonly bytes: number;
  readonly units: number;
  readonly pieces: number;
}

const binsALevel = 16;

/** The bin of a run: exact below 16 units, then 16 bins to each power of two. */
function binOf(units: number): number {
  if (units < binsALevel) return units;
  const power = 31 - Math.clz32(units);
  return (power - 3) * binsALevel + (units >>> (power - 4)) - binsALevel;
}

/** The first bin all of whose runs are long enough. */
function binAbove(units: number): number {
  return units < binsALevel ? units : binOf(units + 2 ** (31 - Math.clz32(units) - 4) - 1);
}

/** A run, as a walk through the heap finds it. */
export interface Run {
  readonly unit: number;
  readonly units: number;
  readonly kind: 'free' | 'large' | 'slab';
  readonly owner: number;
}

export class Allocator {
  /** Number of this thread among those of the heap, from 1. */
  readonly thread: number;
  readonly #words: Int32Array;
  /** Makes the memory reach to this unit or further, and says how far; 0 where it cannot. Called by the holder of the lock. */
  readonly #grow: (unit: number) => number;
  readonly #classes: readonly SizeClass[];
  /** Of the last block that was taken: how many of its bytes, from its start, may not be zero. */
  dirtyBytes = 0;

  /** Makes an empty heap of a memory that is all zero, before any other thread has it. */
  static format(words: Int32Array, maximumBytes: number, committedBytes: number): void {
    const units = Math.floor(maximumBytes / unitBytes);
    const firstUnit = bookkeepingBytes(maximumBytes) / unitBytes;
    words[word.firstUnit] = firstUnit;
    words[word.unitLimit] = units;
    words[word.top] = firstUnit;
    words[word.fresh] = firstUnit;
    words[word.committed] = committedBytes / unitBytes;
    words[word.magic] = magic;
  }

  static isFormatted = (words: Int32Array): boolean => words[word.magic] === magic;

  /** `words` is the start of the memory, as far as the bookkeeping goes at least. */
  constructor(words: Int32Array, grow: (unit: number) => number) {
    this.#words = words;
    this.#grow = grow;
    this.thread = Atomics.add(words, word.threads, 1) + 1;
    const count = classOf(largestPiece) + 1;
    this.#classes = Array.from({ length: count }, (_, sizeClass) => ({
      bytes: pieceBytes(sizeClass),
      units: slabUnits(sizeClass),
      pieces: piecesOf(sizeClass),
    }));
  }

  get maximumBytes(): number {
    return this.#words[word.unitLimit]! * unitBytes;
  }

  /** The most that one block of an empty heap can have. */
  get largestBytes(): number {
    return (this.#words[word.unitLimit]! - this.#words[word.firstUnit]!) * unitBytes;
  }

  /**
   * The address of a block of at least `bytes`, which `alignment` (a power of two up to 4096) divides; 0 where there is no room without
   * memory beyond `growLimit` bytes that was never in use. `owner` is the thread whose end frees it, or 0.
   */
  take(bytes: number, alignment: number, growLimit: number, owner: number): number {
    this.#lock();
    try {
      const sizeClass = this.#classFor(bytes, alignment);
      const address =
        sizeClass < this.#classes.length
          ? this.#takePiece(sizeClass, growLimit)
          : this.#takeLarge(Math.ceil(bytes / unitBytes), growLimit, owner);
      if (address !== 0) this.#count(this.#bytesAt(address), 1);
      return address;
    } finally {
      this.#unlock();
    }
  }

  /** Takes a block back, and gives its bytes as they were counted. Throws where no block begins at the address. */
  release(address: number): number {
    this.#lock();
    try {
      const bytes = this.#bytesAt(address);
      this.#count(-bytes, -1);
      const unit = address >>> 12;
      const first = this.#slabAt(unit);
      if (first === 0) this.#freeRun(unit, this.#words[this.#at(unit) + entry.head]! >>> 3);
      else this.#freePiece(first, (address - first * unitBytes) / bytes);
      return bytes;
    } finally {
      this.#unlock();
    }
  }

  /** Frees what belongs to a thread that has ended, and breaks its lock: it says so where the thread held it, as the heap is lost then. */
  forgetThread(thread: number): boolean {
    const words = this.#words;
    if ((Atomics.load(words, word.lock) & ~waitedFor) === thread) {
      words[word.broken] = 1;
      Atomics.store(words, word.lock, 0);
      Atomics.notify(words, word.lock);
      return false;
    }
    for (const run of this.runs()) if (run.kind === 'large' && run.owner === thread) this.release(run.unit * unitBytes);
    return true;
  }

  /** Every run from the first to `top`, as they are at this moment. */
  runs(): Run[] {
    const words = this.#words;
    const runs: Run[] = [];
    this.#lock();
    try {
      for (let unit = words[word.firstUnit]!; unit < words[word.top]!;) {
        const at = this.#at(unit);
        const head = words[at + entry.head]!;
        const kind = head & 7;
        const units = kind === kinds.slab ? (head >>> slabLength.shift) & slabLength.mask : head >>> 3;
        if (units === 0) throw new InternalError('HEAP001', `the heap has no run at unit ${unit}`);
        const name = kind === kinds.free ? 'free' : kind === kinds.slab ? 'slab' : 'large';
        runs.push({ unit, units, kind: name, owner: kind === kinds.large ? words[at + entry.owner]! : 0 });
        unit += units;
      }
      return runs;
    } finally {
      this.#unlock();
    }
  }

  /** What is given out, and the most that it was, in bytes as rounded up; how many blocks; and how far the heap has ever been in use. */
  counts(): { live: number; peak: number; blocks: number; used: number } {
    const words = this.#words;
    this.#lock();
    try {
      const used = (words[word.fresh]! - words[word.firstUnit]!) * unitBytes;
      return { live: words[word.live]! * 16, peak: words[word.peak]! * 16, blocks: words[word.blocks]!, used };
    } finally {
      this.#unlock();
    }
  }

  /** Bytes of the longest piece that could be given out at once. */
  largestFree(): number {
    const words = this.#words;
    const free = this.runs().map(({ kind, units }) => (kind === 'free' ? units : 0));
    return Math.max(words[word.unitLimit]! - words[word.top]!, ...free) * unitBytes;
  }

  #at(unit: number): number {
    return word.end + unit * entryWords;
  }

  #count(bytes: number, blocks: number): void {
    const words = this.#words;
    const live = words[word.live]! + bytes / 16;
    words[word.live] = live;
    words[word.blocks]! += blocks;
    if (live > words[word.peak]!) words[word.peak] = live;
  }

  /** The class of the smallest pieces that fit; as many as there are classes where only a run does. */
  #classFor(bytes: number, alignment: number): number {
    const classes = this.#classes;
    if (bytes > largestPiece) return classes.length;
    let sizeClass = classOf(bytes);
    // Slabs begin at units, so pieces lie where their own size says.
    while (sizeClass < classes.length && classes[sizeClass]!.bytes % alignment !== 0) sizeClass++;
    return sizeClass;
  }

  /** The first unit of the slab that a unit belongs to, or 0. */
  #slabAt(unit: number): number {
    const head = this.#words[this.#at(unit) + entry.head]!;
    if ((head & 7) === kinds.insideSlab) return unit - (head >>> 3);
    return (head & 7) === kinds.slab ? unit : 0;
  }

  /** Bytes of the block that begins at the address. */
  #bytesAt(address: number): number {
    const words = this.#words;
    const unit = Math.floor(address / unitBytes);
    if (address % 16 === 0 && unit >= words[word.firstUnit]! && unit < words[word.top]!) {
      const at = this.#at(unit);
      const first = this.#slabAt(unit);
      if (first !== 0) {
        const slab = this.#at(first);
        const { bytes, pieces } = this.#classes[(words[slab]! >>> slabClass.shift) & slabClass.mask]!;
        const piece = (address - first * unitBytes) / bytes;
        const isFree = (): boolean => (words[slab + entry.bits + (piece >>> 5)]! & (1 << (piece & 31))) !== 0;
        if (Number.isInteger(piece) && piece < pieces && !isFree()) return bytes;
      } else if ((words[at]! & 7) === kinds.large && address % unitBytes === 0) return (words[at]! >>> 3) * unitBytes;
    }
    throw new InternalError('HEAP001', `no block of the heap begins at address ${address}, or it was freed already`);
  }

  #takePiece(sizeClass: number, growLimit: number): number {
    const words = this.#words;
    const { bytes } = this.#classes[sizeClass]!;
    let slab = words[word.slabs + sizeClass]!;
    if (slab === 0) {
      slab = this.#makeSlab(sizeClass, growLimit);
      if (slab === 0) return 0;
    }
    const at = this.#at(slab);
    let index = entry.bits;
    while (words[at + index] === 0) index++;
    const bits = words[at + index]!;
    const lowest = bits & -bits;
    words[at + index] = bits & ~lowest;
    const head = words[at]! - (1 << slabFree.shift);
    words[at] = head;
    if (((head >>> slabFree.shift) & slabFree.mask) === 0) this.#unlinkSlab(slab, sizeClass);
    this.dirtyBytes = bytes;
    return slab * unitBytes + ((index - entry.bits) * 32 + 31 - Math.clz32(lowest)) * bytes;
  }

  #makeSlab(sizeClass: number, growLimit: number): number {
    const words = this.#words;
    const { units, pieces } = this.#classes[sizeClass]!;
    const slab = this.#takeRun(units, growLimit);
    if (slab === 0) return 0;
    const at = this.#at(slab);
    words[at] = kinds.slab | (units << slabLength.shift) | (sizeClass << slabClass.shift) | (pieces << slabFree.shift);
    for (let index = 0; index < 4; index++) {
      const bits = Math.min(32, Math.max(0, pieces - index * 32));
      words[at + entry.bits + index] = bits === 32 ? -1 : (1 << bits) - 1;
    }
    for (let inside = 1; inside < units; inside++) words[this.#at(slab + inside)] = kinds.insideSlab | (inside << 3);
    this.#linkSlab(slab, sizeClass);
    return slab;
  }

  #freePiece(slab: number, piece: number): void {
    const words = this.#words;
    const at = this.#at(slab);
    words[at + entry.bits + (piece >>> 5)]! |= 1 << (piece & 31);
    const head = words[at]! + (1 << slabFree.shift);
    words[at] = head;
    const sizeClass = (head >>> slabClass.shift) & slabClass.mask;
    const free = (head >>> slabFree.shift) & slabFree.mask;
    const { units, pieces } = this.#classes[sizeClass]!;
    if (free === 1) this.#linkSlab(slab, sizeClass);
    if (free === pieces) {
      this.#unlinkSlab(slab, sizeClass);
      for (let inside = 1; inside < units; inside++) words[this.#at(slab + inside)] = 0;
      this.#freeRun(slab, units);
    }
  }

  #linkSlab(slab: number, sizeClass: number): void {
    this.#linkAt(word.slabs + sizeClass, slab);
  }

  #unlinkSlab(slab: number, sizeClass: number): void {
    this.#unlinkAt(word.slabs + sizeClass, slab);
  }

  /** Puts a unit before the others of the list that begins at the word `list`. */
  #linkAt(list: number, unit: number): void {
    const words = this.#words;
    const next = words[list]!;
    const at = this.#at(unit);
    words[at + entry.next] = next;
    words[at + entry.previous] = 0;
    if (next !== 0) words[this.#at(next) + entry.previous] = unit;
    words[list] = unit;
  }

  #unlinkAt(list: number, unit: number): void {
    const words = this.#words;
    const at = this.#at(unit);
    const next = words[at + entry.next]!;
    const previous = words[at + entry.previous]!;
    if (next !== 0) words[this.#at(next) + entry.previous] = previous;
    if (previous !== 0) words[this.#at(previous) + entry.next] = next;
    else words[list] = next;
  }

  #takeLarge(units: number, growLimit: number, owner: number): number {
    const unit = this.#takeRun(units, growLimit);
    if (unit === 0) return 0;
    const at = this.#at(unit);
    this.#words[at] = kinds.large | (units << 3);
    this.#words[at + entry.owner] = owner;
    return unit * unitBytes;
  }

  /** A run of so many units, whose head is yet to be written; 0 where there is none. */
  #takeRun(units: number, growLimit: number): number {
    const words = this.#words;
    const fresh = words[word.fresh]!;
    const found = this.#findFree(binAbove(units)) || this.#searchBin(units);
    if (found !== 0) {
      const length = words[this.#at(found)]! >>> 3;
      this.#unlinkFree(found, length);
      if (length > units) this.#linkFree(found + units, length - units);
      this.dirtyBytes = units * unitBytes;
      return found;
    }
    const top = words[word.top]!;
    const end = top + units;
    if (end > words[word.unitLimit]! || (end > fresh && end * unitBytes > growLimit)) return 0;
    if (end > words[word.committed]!) {
      const committed = this.#grow(end);
      if (committed === 0) return 0;
      words[word.committed] = committed;
    }
    words[word.top] = end;
    if (end > fresh) words[word.fresh] = end;
    this.dirtyBytes = Math.max(0, Math.min(end, fresh) - top) * unitBytes;
    return top;
  }

  /** A free run of this bin or a higher one. */
  #findFree(bin: number): number {
    const words = this.#words;
    let level = bin >>> 4;
    let bins = words[word.binsOfLevel + level]! & (-1 << (bin & 15));
    if (bins === 0) {
      const levels = words[word.levels]! & (-2 << level);
      if (levels === 0) return 0;
      level = 31 - Math.clz32(levels & -levels);
      bins = words[word.binsOfLevel + level]!;
    }
    return words[word.bins + level * binsALevel + 31 - Math.clz32(bins & -bins)]!;
  }

  /** Among the runs of the very bin, where some are too short. */
  #searchBin(units: number): number {
    const words = this.#words;
    let unit = words[word.bins + binOf(units)]!;
    while (unit !== 0 && words[this.#at(unit)]! >>> 3 < units) unit = words[this.#at(unit) + entry.next]!;
    return unit;
  }

  #freeRun(start: number, length: number): void {
    const words = this.#words;
    let [unit, units] = [start, length];
    words[this.#at(unit)] = 0;
    const after = unit + units;
    if (after < words[word.top]! && (words[this.#at(after)]! & 7) === kinds.free) {
      const more = words[this.#at(after)]! >>> 3;
      this.#unlinkFree(after, more);
      units += more;
    }
    const before = unit > words[word.firstUnit]! ? words[this.#at(unit - 1) + entry.foot]! : 0;
    if (before > 0) {
      unit -= before;
      units += before;
      this.#unlinkFree(unit, before);
    }
    if (unit + units === words[word.top]!) words[word.top] = unit;
    else this.#linkFree(unit, units);
  }

  #linkFree(unit: number, units: number): void {
    const words = this.#words;
    const bin = binOf(units);
    words[this.#at(unit)] = kinds.free | (units << 3);
    words[this.#at(unit + units - 1) + entry.foot] = units;
    this.#linkAt(word.bins + bin, unit);
    words[word.binsOfLevel + (bin >>> 4)]! |= 1 << (bin & 15);
    words[word.levels]! |= 1 << (bin >>> 4);
  }

  #unlinkFree(unit: number, units: number): void {
    const words = this.#words;
    const bin = binOf(units);
    const level = bin >>> 4;
    words[this.#at(unit)] = 0;
    words[this.#at(unit + units - 1) + entry.foot] = 0;
    this.#unlinkAt(word.bins + bin, unit);
    if (words[word.bins + bin] !== 0) return;
    words[word.binsOfLevel + level]! &= ~(1 << (bin & 15));
    if (words[word.binsOfLevel + level] === 0) words[word.levels]! &= ~(1 << level);
  }

  #lock(): void {
    const words = this.#words;
    if (Atomics.compareExchange(words, word.lock, 0, this.thread) !== 0) lockSlowly(words, this.thread);
    if (words[word.broken] !== 0) {
      this.#unlock();
      throw new InternalError('HEAP004', 'the heap can no longer be used', {
        note: 'a thread was ended in the middle of a change to it',
        fix: 'start the program again, and end threads when they have finished',
      });
    }
  }

  #unlock(): void {
    const words = this.#words;
    if (Atomics.exchange(words, word.lock, 0) >= waitedFor) Atomics.notify(words, word.lock, 1);
  }
}

/** Work under the lock takes well below a microsecond, so a hundred looks are worth more than a sleep. */
const spins = 100;
/** No holder needs this long: it has died without anyone saying so, or its thread is stopped by a debugger. */
const patienceSeconds = 10;

/**
 * Takes a lock that was not free. Who has to sleep first marks it as waited for, so that its holder wakes one sleeper when it leaves; who
 * has slept marks it again when it takes it, as others may sleep still (Drepper, "Futexes are tricky", mutex 2). A page's main thread may
 * not sleep, and looks again and again.
 */
function lockSlowly(words: Int32Array, thread: number): void {
  for (let spin = 0; spin < spins; spin++) {
    if (Atomics.compareExchange(words, word.lock, 0, thread) === 0) return;
  }
  const deadline = clock() + patienceSeconds;
  const mark = thread + waitedFor;
  const maySleep = canSleep(words);
  while (Atomics.compareExchange(words, word.lock, 0, mark) !== 0) {
    const held = Atomics.load(words, word.lock);
    if (held !== 0 && maySleep) {
      const marked = held | waitedFor;
      if (held === marked || Atomics.compareExchange(words, word.lock, held, marked) === held)
        Atomics.wait(words, word.lock, marked, 1000);
    }
    if (clock() > deadline) {
      throw new InternalError('HEAP004', `the heap is locked by thread ${held & ~waitedFor}, which does not let go`, {
        note: `this thread has waited for ${patienceSeconds} s`,
      });
    }
  }
}

function canSleep(words: Int32Array): boolean {
  try {
    Atomics.wait(words, word.magic, 0, 0); // never equal, so it returns at once
    return true;
  } catch {
    return false;
  }
}
