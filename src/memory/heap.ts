// The heap: one WebAssembly.Memory for the process, opened when it is first needed or handed over by another thread, and views of it. Blocks
// of it are given out by allocator.ts; who owns them, and when they are free again, is lifetime.ts's matter. It grows and never shrinks:
// WebAssembly cannot give memory back. Each thread takes a region of its own from it for what its synchronous calls need while they run.
import { clock, collectGarbage } from '#platform';
import { InternalError, UnsupportedError, UserError } from '../base/errors.js';
import { formatBytes, formatPlural } from '../base/format.js';
import { holdSetting, largestHeap, maxMemorySetting, mayForceCollect, smallestHeap } from '../platform/settings.js';
import { Allocator, bookkeepingBytes, unitBytes } from './allocator.js';

const pageBytes = 65_536;

/**
 * The memory, and views of all of it; an index of `longs` or `doubles` is an address divided by 8. Views are replaced when the heap has
 * grown, so read them from here each time; in shared memory an old view stays right for the part that it covers.
 */
export interface Heap {
  readonly memory: WebAssembly.Memory;
  /** Number of this thread among those that use the heap, from 1. */
  readonly thread: number;
  readonly longs: BigInt64Array;
  readonly doubles: Float64Array;
  readonly floats: Float32Array;
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
}

/** What lifetime.ts lends to the heap as soon as there are blocks whose owners can be garbage. */
export interface Reclaimer {
  /** Frees the blocks whose owners are gone. */
  sweep(): void;
  /** The largest blocks that are alive, the largest first. */
  largest(count: number): { readonly label: string; readonly bytes: number }[];
}

/** Of time for collections. */
const savedSeconds = 1;

/**
 * Time for collections that keep the heap from growing: a fifth of all time, saved up to a second, so that one that is slow, as they are on a
 * busy machine, does not let the heap grow while the others are fast.
 */
class CollectingTime {
  #seconds = savedSeconds;
  #since = clock();

  isLeft(): boolean {
    const now = clock();
    this.#seconds = Math.min(savedSeconds, this.#seconds + (now - this.#since) / 5);
    this.#since = now;
    return this.#seconds > 0;
  }

  spend(seconds: number): void {
    this.#seconds -= seconds;
  }
}

class OpenHeap implements Heap {
  readonly memory: WebAssembly.Memory;
  readonly allocator: Allocator;
  longs!: BigInt64Array;
  doubles!: Float64Array;
  floats!: Float32Array;
  words!: Int32Array;
  bytes!: Uint8Array;
  reclaimer: Reclaimer | undefined;
  /** Every buffer that the memory has had: an older one still belongs to arrays that were handed out before the heap grew. */
  readonly buffers = new WeakSet<ArrayBufferLike>();
  /** The heap does not grow beyond this before garbage was collected. */
  collectAbove = leastToCollectAbove;
  readonly collecting = new CollectingTime();
  /** Bytes that the memory had when the system refused to let it grow; 0 if it never did. */
  refusedAt = 0;

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
    this.allocator = new Allocator(new Int32Array(memory.buffer), (unit) => this.#growTo(unit * unitBytes));
    this.refresh();
  }

  get thread(): number {
    return this.allocator.thread;
  }

  /** Makes the views anew. */
  refresh(): void {
    const { buffer } = this.memory;
    this.longs = new BigInt64Array(buffer);
    this.doubles = new Float64Array(buffer);
    this.floats = new Float32Array(buffer);
    this.words = new Int32Array(buffer);
    this.bytes = new Uint8Array(buffer);
    this.buffers.add(buffer);
  }

  /** Makes sure that the views reach to this address: another thread may have grown the memory, and not all engines have said so yet. */
  reach(end: number): void {
    if (end <= this.bytes.length) return;
    if (end > this.memory.buffer.byteLength) this.memory.grow(0);
    this.refresh();
  }

  /** Grows in large steps, as each makes all threads take new views; gives the unit that the memory reaches to, 0 if it cannot. */
  #growTo(end: number): number {
    const { memory } = this;
    // Growing by nothing tells the true size; `buffer` may not know yet what another thread has added.
    const pages = memory.grow(0);
    const missing = Math.ceil(end / pageBytes) - pages;
    const room = this.allocator.maximumBytes / pageBytes - pages;
    for (const step of [Math.min(room, Math.max(missing, growthPages, Math.ceil(pages / 4))), missing]) {
      try {
        if (step > 0) memory.grow(step);
        return ((pages + Math.max(0, step)) * pageBytes) / unitBytes;
      } catch {
        // The system has not so much to give.
      }
    }
    this.refusedAt = pages * pageBytes;
    return 0;
  }
}

/** As long as the heap is smaller, garbage costs nobody anything. */
const leastToCollectAbove = 512 * 2 ** 20;
const growthPages = 256;
/** An unshared memory cannot grow under the arrays that were handed out over it, so a page that is not isolated gets all of it at once. */
const unsharedBytes = 2 ** 30;

let heap: OpenHeap | undefined;

/** The heap of this process, made now if there is none yet. */
export function openHeap(): Heap {
  return (heap ??= makeHeap());
}

const current = (): OpenHeap => (heap ??= makeHeap());

const canShare = (): boolean => typeof SharedArrayBuffer !== 'undefined';

function makeHeap(): OpenHeap {
  const wanted = maxMemorySetting() ?? (canShare() ? largestHeap : unsharedBytes);
  for (let bytes = wanted; bytes >= smallestHeap; bytes /= 2) {
    const maximum = Math.floor(bytes / pageBytes);
    const maximumBytes = maximum * pageBytes;
    const initial = canShare()
      ? Math.min(maximum, Math.ceil(bookkeepingBytes(maximumBytes) / pageBytes) + growthPages)
      : maximum;
    try {
      const memory = new WebAssembly.Memory({ initial, maximum, shared: canShare() });
      Allocator.format(new Int32Array(memory.buffer), maximumBytes, initial * pageBytes);
      holdSetting('maxMemory', 'the heap is open, and its limit was fixed when it was opened');
      return new OpenHeap(memory);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  throw new UnsupportedError('HEAP005', 'there is no memory for the heap', {
    note: `the engine refused a WebAssembly memory of ${formatBytes(smallestHeap)} to ${formatBytes(wanted)}`,
    fix: 'give the process more address space: ulimit -v, or the limits of its container, may be what holds it',
  });
}

/** Makes the heap of another thread, whose memory was handed over, that of this one. */
export function attachHeap(memory: WebAssembly.Memory): Heap {
  if (heap?.memory === memory) return heap;
  if (heap !== undefined)
    throw new InternalError('HEAP001', 'this thread has a heap already, and cannot attach to another');
  if (!Allocator.isFormatted(new Int32Array(memory.buffer, 0, 1)))
    throw new InternalError('HEAP001', 'the memory that was handed over is not a heap of this version of heddle');
  holdSetting('maxMemory', 'the heap is that of the thread which started this one');
  return (heap = new OpenHeap(memory));
}

/**
 * What a module that is to run in the heap has to import. WebAssembly lets a memory be imported as one that may be smaller, and may grow
 * further, so this fits every heap, and a compiled module does too; only shared or not has to agree.
 */
export const memoryLimits = (): { initialPages: number; maximumPages: number; isShared: boolean } => ({
  initialPages: 1,
  maximumPages: largestHeap / pageBytes,
  isShared: canShare(),
});

/** Makes sure that the views reach to `end`, for an address that another thread has given us. */
export function reachHeap(end: number): Heap {
  const open = current();
  open.reach(end);
  return open;
}

/** Do the bytes of this array lie in the heap? Its `byteOffset` is their address then. */
export function isInHeap({ buffer }: ArrayBufferView): boolean {
  return heap !== undefined && (buffer === heap.bytes.buffer || heap.buffers.has(buffer));
}

/** Called once, by lifetime.ts. */
export function setReclaimer(reclaimer: Reclaimer): void {
  current().reclaimer = reclaimer;
}

export interface Allocation {
  /** A power of two from 16 to 4096 that has to divide the address; 16 by default. Blocks above 32 KiB begin where 4096 does. */
  readonly alignment?: number;
  /** Fill the block with zeros. Memory that was never in use is zero already, and stays untouched. */
  readonly zeroed?: boolean;
  /** What the block is, for the error of a full heap. */
  readonly label?: string;
  /** Is the block of use to this thread only, so that it is freed when the thread ends? (Only blocks above 32 KiB are.) */
  readonly endsWithThread?: boolean;
}

/** The address of a block of the heap; its bytes are anything, unless `zeroed` is said. It is the caller's until `release`. */
export function allocate(bytes: number, allocation: number | Allocation = {}): number {
  const {
    alignment = 16,
    zeroed = false,
    label,
    endsWithThread = false,
  } = typeof allocation === 'number' ? { alignment: allocation } : allocation;
  if (!(bytes >= 0) || alignment > unitBytes || (alignment & (alignment - 1)) !== 0)
    throw new InternalError('HEAP001', `the heap cannot give ${bytes} bytes with alignment ${alignment}`);
  const open = current();
  const { allocator } = open;
  const owner = endsWithThread ? allocator.thread : 0;
  const address =
    allocator.take(bytes, alignment, open.collectAbove, owner) || allocateSlowly(open, bytes, alignment, owner, label);
  const dirtyBytes = Math.min(bytes, allocator.dirtyBytes);
  open.reach(address + bytes);
  if (zeroed && dirtyBytes > 0) open.bytes.fill(0, address, address + dirtyBytes);
  return address;
}

/** Gives a block back. Whoever still reads or writes there reads and writes what others have there next. */
export function release(address: number): void {
  current().allocator.release(address);
}

/** Collects garbage and frees what was held by it; false where that is not possible, or not allowed. */
export function reclaim(): boolean {
  const open = current();
  if (open.reclaimer === undefined || !mayForceCollect()) return false;
  const start = clock();
  if (!collectGarbage()) return false;
  open.reclaimer.sweep();
  open.collecting.spend(clock() - start);
  open.collectAbove = Math.max(leastToCollectAbove, 2 * open.allocator.counts().live);
  return true;
}

/** For a block that there is no room for, unless the heap grows past what should first be reclaimed. */
function allocateSlowly(open: OpenHeap, bytes: number, alignment: number, owner: number, label?: string): number {
  const { allocator } = open;
  let hasReclaimed = false;
  if (bytes <= allocator.largestBytes) {
    if (open.collecting.isLeft() && open.collectAbove < allocator.maximumBytes) {
      hasReclaimed = reclaim();
      const address = hasReclaimed ? allocator.take(bytes, alignment, open.collectAbove, owner) : 0;
      if (address !== 0) return address;
    }
    const address = allocator.take(bytes, alignment, Infinity, owner);
    if (address !== 0) return address;
    if (!hasReclaimed) hasReclaimed = reclaim();
    const lastAddress = hasReclaimed ? allocator.take(bytes, alignment, Infinity, owner) : 0;
    if (lastAddress !== 0) return lastAddress;
  }
  throw fullHeap(open, bytes, label, hasReclaimed);
}

function fullHeap(open: OpenHeap, bytes: number, label: string | undefined, hasReclaimed: boolean): UserError {
  const { allocator } = open;
  const { live, blocks } = allocator.counts();
  const maximum = allocator.maximumBytes;
  const notes: string[] = [];
  if (bytes > allocator.largestBytes) notes.push(`the whole heap has ${formatBytes(maximum)}`);
  else {
    const free = formatBytes(allocator.largestFree());
    notes.push(
      `it holds ${formatBytes(live)} of at most ${formatBytes(maximum)}, in ${formatPlural(blocks, 'block')}; its largest free piece has ${free}`,
    );
    const largest = open.reclaimer?.largest(3) ?? [];
    if (largest.length > 0) {
      const list = largest.map((block) => `${block.label} of ${formatBytes(block.bytes)}`).join(', ');
      notes.push(`the largest arrays in use: ${list}`);
    }
    if (open.refusedAt > 0) notes.push(`the system refused to let it grow beyond ${formatBytes(open.refusedAt)}`);
    // Without owners there is no garbage.
    if (open.reclaimer !== undefined) notes.push(hasReclaimed ? 'garbage was collected first' : whyNotReclaimed());
  }
  const raise = maximum < largestHeap ? '\nor raise the limit with configure({ maxMemory }) or HEDDLE_MAX_MEMORY' : '';
  return new UserError(
    'HEAP002',
    `there is no room in the heap for ${formatBytes(bytes)}${label ? ` (${label})` : ''}`,
    {
      note: notes.join('\n'),
      fix: `let go of arrays that are not needed any more, or work in smaller pieces${raise}`,
    },
  );
}

const whyNotReclaimed = (): string =>
  mayForceCollect()
    ? 'a page frees arrays that were dropped only when it lets other work run: await a timer or a message now and then'
    : 'forceCollect is false, so arrays that were dropped are freed only when other work runs: await a timer now and then';

/** Figures of the heap, in bytes; all zero while it has not been opened. */
export interface HeapStatistics {
  /** Given out now, each block rounded up to what it takes. */
  readonly live: number;
  /** The most that `live` has been. */
  readonly peak: number;
  readonly blocks: number;
  /** Taken from the system at some time; it is never given back, but used again. */
  readonly used: number;
  /** What the memory spans now, most of it untouched, and the most that it may. */
  readonly reserved: number;
  readonly maximum: number;
  readonly largest: readonly { readonly label: string; readonly bytes: number }[];
}

export function heapStatistics(): HeapStatistics {
  if (heap === undefined) return { live: 0, peak: 0, blocks: 0, used: 0, reserved: 0, maximum: 0, largest: [] };
  const { allocator, memory, reclaimer } = heap;
  return {
    ...allocator.counts(),
    reserved: memory.buffer.byteLength,
    maximum: allocator.maximumBytes,
    largest: reclaimer?.largest(5) ?? [],
  };
}

/**
 * Frees what a thread of the team, which has ended, had for itself. False where it ended in the middle of a change to the heap: then the
 * heap is lost, and every later use of it throws HEAP004.
 */
export const forgetThread = (thread: number): boolean => heap === undefined || heap.allocator.forgetThread(thread);

// Call memory: a stack for the synchronous calls of this thread. It begins in one region of the heap, which never moves; a call that needs
// more gets a further region, and the thread comes back to the one before when that call returns.

interface Region {
  readonly start: number;
  readonly end: number;
  /** Where the stack had come to when the next region was begun. */
  readonly top: number;
}

/** For calls inside calls, and their scratch; a call takes about a kilobyte. */
const regionBytes = 2 * pageBytes;
let [regionStart, stackTop, regionEnd] = [0, 0, 0];
const regionsBelow: Region[] = [];
/** The region that was left last, kept for the next deep call. */
let spare: Region | undefined;

const roundedUp = (bytes: number): number => Math.ceil(bytes / 16) * 16;

/** Lends `bytes` of the heap to a call, at an address that 16 divides, until they are returned: the latest first. */
export function borrowCallMemory(bytes: number): number {
  const address = stackTop;
  const next = address + roundedUp(bytes);
  if (next > regionEnd) return borrowFromNextRegion(bytes);
  stackTop = next;
  return address;
}

export function returnCallMemory(bytes: number): void {
  stackTop -= roundedUp(bytes);
  if (stackTop === regionStart && regionsBelow.length > 0) leaveRegion();
}

function borrowFromNextRegion(bytes: number): number {
  let next = spare;
  if (next === undefined || next.end - next.start < bytes) {
    const length = Math.max(regionBytes, roundedUp(bytes));
    const start = allocate(length, { label: 'memory of calls', endsWithThread: true });
    next = { start, end: start + length, top: start };
  } else spare = undefined;
  if (regionEnd !== 0) regionsBelow.push({ start: regionStart, end: regionEnd, top: stackTop });
  [regionStart, stackTop, regionEnd] = [next.start, next.start + roundedUp(bytes), next.end];
  return regionStart;
}

function leaveRegion(): void {
  if (spare !== undefined) release(spare.start);
  spare = { start: regionStart, end: regionEnd, top: regionStart };
  const below = regionsBelow.pop()!;
  [regionStart, stackTop, regionEnd] = [below.start, below.top, below.end];
}
