// Starts the threads of the team and waits until each of them is ready, without giving them anything to do.
import { info } from 'heddle';
import { inRepository } from '../harness/paths.js';

/** What the bench relies on of the package's inside. */
interface Threads {
  openTeam(): unknown;
  startThreads(team: unknown, count: number): void;
}

interface Team {
  teamStatistics(): { readonly ready: number };
}

/** As many threads as work is shared among, this one included. */
export async function threadsOf(): Promise<number> {
  const threads = (await import(inRepository('dist/runtime/team/threads.js').href)) as Threads;
  const team = (await import(inRepository('dist/runtime/team/index.js').href)) as Team;
  const count = info().threads;
  threads.startThreads(threads.openTeam(), count - 1);
  while (team.teamStatistics().ready < count - 1) await new Promise((resolve) => setTimeout(resolve, 10));
  return count;
}
