// The team as this thread knows it: the control block, and at home the workers behind the slots, started when a job can use them, buried
// and replaced when they die.
import { availableCores, clock, holdProcess } from '#platform';
import { startTeamThread } from '#platform/threads';
import type { TeamThread } from '../../platform/platform.js';
import { allocate, openHeap } from '../../memory/heap.js';
import { holdSetting, threadsSetting } from '../../platform/settings.js';
import { describeError } from './failure.js';
import { hasJoinable } from './job-state.js';
import {
  controlAlignment,
  controlBytes,
  header,
  homeSlot,
  life,
  magic,
  slotAt,
  slotWord,
  viewControl,
} from './layout.js';
import type { Control } from './layout.js';
import { awaitWord } from './notices.js';
import { signalAll } from './signal.js';
import { buryThread, failWaitingJobs } from './team-thread.js';
import { heapBytes } from './thread-memory.js';

/** As many threads as work is shared among where nobody says otherwise. The one place to ask. */
export const defaultThreads = (): number => threadsSetting();

export interface Team {
  readonly control: Control;
  readonly address: number;
  /** Null in a thread that is not home: it can only ask for threads. */
  readonly home: Home | null;
}

/** A thread, and how many attempts to start one had failed when it was started. */
interface Started extends TeamThread {
  readonly attempt: number;
}

interface Home {
  /** By slot. */
  readonly threads: (Started | undefined)[];
  /** Attempts in a row that failed; threads that were started before one failed, and fail too, belong to that one. */
  failedStarts: number;
  /** Why no more threads are started. */
  startFailure: string | undefined;
  stopping: Promise<void> | undefined;
}

const mostFailedStarts = 3;

let team: Team | undefined;

/** The team of this process; made here, which makes this thread its home, unless `attachTeam` has been called. */
export function openTeam(): Team {
  if (team === undefined) {
    holdSetting('threads', 'the team of threads has been made');
    const address = allocate(controlBytes, controlAlignment);
    heapBytes(address, controlBytes).fill(0);
    const control = viewControl(openHeap().memory, address);
    const { words, at } = control;
    words[at + header.magic] = magic;
    words[at + header.cores] = availableCores();
    // Two teams of one machine should not hear each other; a name that is not unique would cost them a look, not a result.
    words[at + header.name] = Math.floor(Math.random() * 2 ** 31);
    words[at + header.name + 1] = Math.floor(clock() * 1e6) | 0;
    team = {
      control,
      address,
      home: { threads: [], failedStarts: 0, startFailure: undefined, stopping: undefined },
    };
  }
  return team;
}

/** The team, where there is one yet. */
export const currentTeam = (): Team | undefined => team;

/** What another thread with the same heap passes to `attachTeam`, so that the process has one team. */
export function teamAddress(): number {
  const opened = openTeam();
  if (opened.home !== null) void watchWanted(opened);
  return opened.address;
}

export function attachTeam(address: number): void {
  team ??= { control: viewControl(openHeap().memory, address), address, home: null };
}

let isWatching = false;

/** Home starts threads for those who cannot. Where it cannot be woken it sees to it when it next needs threads itself. */
async function watchWanted(opened: Team): Promise<void> {
  if (isWatching) return;
  isWatching = true;
  const { control } = opened;
  const wanted = control.at + header.wanted;
  for (;;) {
    const seen = Atomics.load(control.words, wanted);
    startThreads(opened, seen);
    const waited = awaitWord(control, wanted, seen);
    if (waited === null) return;
    await waited;
  }
}

/** Sees to it that the team has at least `count` threads, now or soon. Waits for none. */
export function startThreads(opened: Team, count: number): void {
  const { words, at } = opened.control;
  const wanted = at + header.wanted;
  // Also where there are enough of them: some may be about to end.
  for (let seen = Atomics.load(words, wanted); seen < count; seen = Atomics.load(words, wanted)) {
    if (Atomics.compareExchange(words, wanted, seen, count) === seen) break;
  }
  if (count <= Atomics.load(words, at + header.living)) return;
  const { home } = opened;
  if (home === null) Atomics.notify(words, wanted);
  else if (home.stopping === undefined) {
    const target = Math.min(count, homeSlot);
    for (let slot = 0; slot < target && home.startFailure === undefined; slot++) {
      if (home.threads[slot] === undefined) startThread(opened, home, slot);
    }
  }
}

function startThread(opened: Team, home: Home, slot: number): void {
  const { control, address } = opened;
  const { words, at } = control;
  const own = slotAt(control, slot);
  // Before the thread is, which will say that it is ready.
  Atomics.store(words, own + slotWord.life, life.starting);
  let thread: Started;
  try {
    const start = { memory: openHeap().memory, control: address, slot };
    thread = { ...startTeamThread(start), attempt: home.failedStarts };
  } catch (error) {
    // Where threads are forbidden the attempt itself throws, and would again.
    Atomics.store(words, own + slotWord.life, life.empty);
    giveUp(opened, home, describeError(error));
    return;
  }
  Atomics.add(words, at + header.living, 1);
  home.threads[slot] = thread;
  thread.onEnd((reason) => endThread(opened, home, slot, thread, reason));
}

function giveUp({ control }: Team, home: Home, reason: string): void {
  home.startFailure = reason;
  failWaitingJobs(control, reason);
}

/** Called when a thread is known to have ended; more than once, perhaps, as there is more than one way to know. */
function endThread(opened: Team, home: Home, slot: number, thread: Started, reason: string): void {
  if (home.threads[slot] !== thread) return;
  const { control } = opened;
  const { words, at } = control;
  home.threads[slot] = undefined;
  Atomics.sub(words, at + header.living, 1);
  const was = buryThread(control, slot, reason);
  if (home.stopping !== undefined) return;
  Atomics.add(words, at + header.deaths, 1);
  if (was !== life.starting) home.failedStarts = 0;
  else if (thread.attempt === home.failedStarts) home.failedStarts++;
  if (home.failedStarts >= mostFailedStarts) giveUp(opened, home, reason);
  else replaceThreads(opened);
}

/** Starts threads anew where somebody is waiting for one, or would be glad of it. */
function replaceThreads(opened: Team): void {
  const { words, at } = opened.control;
  if (hasJoinable(opened.control)) startThreads(opened, Math.max(1, Atomics.load(words, at + header.wanted)));
}

/** For a home whose event loop stands still: looks after its threads without it. */
export function checkThreads(opened: Team): void {
  const { home } = opened;
  home?.threads.forEach((thread, slot) => {
    if (thread?.hasEnded() === true)
      endThread(opened, home, slot, thread, 'it was ended from outside, or had no memory left');
  });
}

/** Ends the team's threads, once they have finished what is asked of them; the next job starts them again. Only home can. */
export async function stopTeam(): Promise<void> {
  if (team?.home == null) return;
  await (team.home.stopping ??= stopThreads(team, team.home));
}

async function stopThreads(opened: Team, home: Home): Promise<void> {
  const { control } = opened;
  const { words, at } = control;
  const release = holdProcess();
  Atomics.store(words, at + header.wanted, 0);
  Atomics.store(words, at + header.stopping, 1);
  signalAll(control);
  const living = home.threads.filter((thread) => thread !== undefined);
  await Promise.all(living.map((thread) => new Promise<void>((resolve) => thread.onEnd(() => resolve()))));
  Atomics.store(words, at + header.stopping, 0);
  home.stopping = undefined;
  home.startFailure = undefined;
  home.failedStarts = 0;
  release();
  // For what was asked while we were stopping.
  replaceThreads(opened);
}
