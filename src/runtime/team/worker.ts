// The program of a thread of the team. It loads no front end: what it runs lies in the heap as WebAssembly.
import { receiveTeamStart } from '#platform';
import { attachHeap } from '../../memory/heap.js';
import { watchDeadlines, watcherSlot } from './deadline-watcher.js';
import { viewControl } from './layout.js';
import { buryThread, serveTeam } from './team-thread.js';

receiveTeamStart(({ memory, control: address, slot }, beforeSleep) => {
  attachHeap(memory);
  if (slot === watcherSlot) watchDeadlines(address);
  const control = viewControl(memory, address);
  try {
    serveTeam(control, slot, beforeSleep);
  } catch (error) {
    // Nothing in a kernel leads here. Callers need not wait until the thread's end is noticed.
    buryThread(control, slot, error instanceof Error ? error.message : String(error));
    throw error;
  }
});
