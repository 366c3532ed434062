// Where everything lies in the team's control block: a header, the slots of its threads, the records of its jobs. README.md says who
// writes which word, and why. All positions are counted in 32-bit words.

/** The control block, seen by one thread. Its views are made once: the block never moves, and the heap never shrinks. */
export interface Control {
  readonly words: Int32Array;
  readonly doubles: Float64Array;
  /** Word of `words` at which the block begins; 16 divides it. */
  readonly at: number;
}

export const slotCount = 128;
/** Never a thread's: home uses it where it has to join a job itself. */
export const homeSlot = slotCount - 1;
export const jobCount = 64;

/** Words of the header, from the beginning of the block. */
export const header = {
  magic: 0,
  cores: 1,
  modules: 2,
  /** Two words that name this team among those of the machine. */
  name: 4,
  stopping: 6,
  wanted: 7,
  signal: 16,
  sleeping: 32,
  spinning: 33,
  used: 48,
  living: 64,
  deaths: 65,
} as const;

/** Words of a slot, from its beginning. */
export const slotWord = {
  life: 0,
  job: 1,
  unit: 2,
  idle: 3,
  memory: 4,
  bytes: 5,
  grains: 6,
  joins: 7,
  heapThread: 8,
} as const;

export const life = { empty: 0, starting: 1, ready: 2 } as const;
export const idle = { busy: 0, spinning: 1, sleeping: 2 } as const;

/** Words of a job record, from its beginning. The two `doubles` are at even words. */
export const jobWord = {
  state: 0,
  next: 16,
  total: 32,
  blocks: 34,
  blocksPerUnit: 36,
  descriptor: 38,
  scratch: 39,
  recordBytes: 40,
  stopStatus: 41,
  module: 42,
  moduleAddress: 43,
  moduleBytes: 44,
  scratchBytes: 45,
  entry: 46,
  grain: 47,
  participants: 48,
  isAsync: 49,
  wantsNotice: 50,
  done: 64,
  stopped: 65,
  lock: 80,
  failed: 81,
  failedUnit: 82,
  failedUnits: 83,
  failedStatus: 84,
  failureKind: 85,
  messageBytes: 86,
  record: 96,
  message: 128,
} as const;

const headerWords = 80;
const slotWords = 32;
const jobWords = 256;

/** The longest error record that a kernel may have, and the longest message of a failure that is kept. */
export const recordCapacity = 4 * (jobWord.message - jobWord.record);
export const messageCapacity = 4 * (jobWords - jobWord.message);

export const magic = 0x6865_6431;
export const controlBytes = 4 * (headerWords + slotCount * slotWords + jobCount * jobWords);
export const controlAlignment = 64;

export const slotAt = ({ at }: Control, slot: number): number => at + headerWords + slot * slotWords;
export const jobAt = ({ at }: Control, job: number): number =>
  at + headerWords + slotCount * slotWords + job * jobWords;

export function viewControl(memory: WebAssembly.Memory, address: number): Control {
  const { buffer } = memory;
  return { words: new Int32Array(buffer), doubles: new Float64Array(buffer), at: address / 4 };
}
