// The door of the team: what the runtime uses of it. README.md tells how it works inside.
import { TeamModule } from './team-module.js';

export { runBlocks } from './run-blocks.js';
export { runBlocksAsync } from './run-blocks-async.js';
export { watchDeadline } from './deadlines.js';
export type { Deadline } from './deadlines.js';
export { hasSharedHeap, threadCount } from './job.js';
export type { Job, StopWord } from './job.js';
export { deadlineCause } from './outcome.js';
export type { JobOutcome } from './outcome.js';
export { attachTeam, stopTeam, teamAddress } from './threads.js';
export { teamStatistics } from './statistics.js';
export type { TeamStatistics } from './statistics.js';
export type { TeamModule };

/** Makes a module known; its bytes go to the heap when a job first needs them there. Kernels get `scratchBytes` of scratch memory; whoever has compiled it already hands that over. */
export const publishModule = (bytes: Uint8Array, scratchBytes: number, compiled?: WebAssembly.Module): TeamModule =>
  new TeamModule(bytes, scratchBytes, compiled);

/** Gives back what a module has in the heap. No job of it may be running, or follow. */
export const releaseModule = (module: TeamModule): void => module.release();
