// How a page starts a thread of the team. Apart from browser.ts, which the thread's own program loads, and that of candidates too: bundlers
// follow the address of a worker's program wherever they read it, and refuse programs that lead to each other.
import type { TeamStart, TeamThread } from './platform.js';

export const startTeamThread = (start: TeamStart): TeamThread => {
  const worker = new Worker(new URL('../runtime/team/worker.js', import.meta.url), { type: 'module', name: 'heddle' });
  worker.postMessage({ heddleTeam: start });
  let hasEnded = false;
  const listeners: ((reason: string) => void)[] = [];
  const end = (reason: string): void => {
    if (hasEnded) return;
    hasEnded = true;
    worker.terminate();
    for (const listener of listeners) listener(reason);
  };
  // There is no event for a worker that has come to its end, so it sends a message, the only one. One that could not be loaded or has
  // thrown does not go on with its work.
  worker.addEventListener('message', () => end('it came to its end'));
  worker.addEventListener('error', (event) => {
    event.preventDefault();
    end(event.message || 'its program could not be loaded');
  });
  return {
    onEnd: (listener) => void listeners.push(listener),
    hasEnded: () => hasEnded,
    end: async () => end('it was ended'),
  };
};
