// What heddle asks of the place it runs in. node.ts and browser.ts each answer in full; the package's "imports" map picks one of them
// as '#platform', so that no other file knows where it runs.

/** CPU seconds spent by all threads of this process. */
export interface CpuTimes {
  readonly user: number;
  readonly system: number;
}

/** Follows the memory of this process until it is stopped. All numbers are bytes that the operating system counts as resident. */
export interface PeakWatch {
  /** Resident when the watch began. */
  readonly start: number;
  /** Ends the watch and gives the largest number since it began; the same again if called again. */
  stop(): number;
}

/** One end of the channel between a comparison and the fresh process (in a page: worker) in which a candidate runs. */
export interface Channel {
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
}

/** The fresh process or worker, seen from the comparison. */
export interface CandidateHost extends Channel {
  /** Called once, with the reason, when the host has ended by itself. */
  onEnd(listener: (reason: string) => void): void;
  /** Ends it at once, even in the middle of a loop that never returns. */
  kill(): void;
}

/** What a thread of the team is told when it starts. */
export interface TeamStart {
  /** The heap's memory, which is shared. */
  readonly memory: WebAssembly.Memory;
  /** Where in it the team's control block lies. */
  readonly control: number;
  /** Which of the team's slots is its own. */
  readonly slot: number;
}

/** A thread of the team, seen from the one that started it. It never keeps the process alive. */
export interface TeamThread {
  /** Called once, with the reason, when it has ended, for whatever reason. */
  onEnd(listener: (reason: string) => void): void;
  /** Whether it is known to have ended, without waiting for an event: also while this thread's event loop stands still. */
  hasEnded(): boolean;
  /** Ends it at once. */
  end(): Promise<void>;
}

/** A way to call on all threads of the process that have opened the same board. */
export interface NoticeBoard {
  /** Reaches all others, and not ourselves. */
  post(): void;
  close(): void;
}

/** The machine that figures were taken on, for the head of a report. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  /** Bytes of physical memory, or null where a page may not know. */
  readonly memory: number | null;
  readonly os: string;
  readonly node: string | null;
  readonly v8: string | null;
  /** Widest WebAssembly SIMD that the engine accepts. */
  readonly simd: 'none' | 'simd128' | 'relaxed-simd';
}

export interface Platform {
  /** Seconds since some fixed moment; never goes back. */
  clock(): number;
  /** Undefined where the platform does not tell. */
  cpuTimes(): CpuTimes | undefined;
  /** Undefined where the platform does not tell. */
  watchPeakMemory(): Promise<PeakWatch | undefined>;
  /** Lets timers, messages and signals be handled. */
  nextTurn(): Promise<void>;
  /** Starts measure/candidate-process.js in a fresh process or worker, with `environment` added to ours (in a page there is none). */
  startCandidateHost(environment: Readonly<Record<string, string>>): CandidateHost;
  /** The same channel, seen from inside the host. */
  channelToComparison(): Channel;
  /** In such a thread: what it was started with. The thread calls `beforeSleep` when it has nothing to do. */
  receiveTeamStart(listener: (start: TeamStart, beforeSleep: () => void) => void): void;
  /** Whether this thread may wait for another one; a page's own may not. */
  mayBlock(): boolean;
  /** Keeps the process alive until the function that it returns is called. */
  holdProcess(): () => void;
  openNoticeBoard(name: string, listener: () => void): NoticeBoard;
  /** The JavaScript of a module; of one of TypeScript, in Node, without its types. */
  readModuleText(url: string): Promise<string>;
  /** The bytes of a file; in a page of what lies at an address. */
  readFile(path: string | URL): Promise<Uint8Array>;
  /** A page has no files. */
  writeFile(path: string | URL, bytes: Uint8Array): Promise<void>;
  /** Imports a module; with `source`, that text in place of what lies at the URL. */
  importModule(url: string, source?: string): Promise<Record<string, unknown>>;
  describeMachine(): Machine;
  /** Cores that this process may keep busy, a container's quota counted; what the default team has. At least 1. */
  availableCores(): number;
  /** Undefined where it is not set, and in a page, which has no environment. */
  environmentVariable(name: string): string | undefined;
  /**
   * Collects garbage now, what a WeakRef of the running job has kept alive included, and says whether it could: a page cannot. Afterwards
   * the WeakRefs to what was garbage are empty; finalizers have not run.
   */
  collectGarbage(): boolean;
}

/** What starts threads of the team: a module of its own, '#platform/threads', which their program does not load. */
export interface PlatformThreads {
  /** Starts the program of runtime/team/worker.ts in a thread of this process. */
  startTeamThread(start: TeamStart): TeamThread;
}
