// How a page starts a thread of the team. Apart from browser.ts, which the thread's own program loads, and that of candidates too: bundlers
// follow the address of a worker's program wherever they read it, and refuse programs that lead to each other.
// Bundlers that do not know those words (esbuild) leave an address at which there is nothing, and a page may not start workers from another
// origin, such as that of a content delivery network. There the thread gets its program as a text (docs/decisions/0002-worker-paths.md).
import type { TeamStart, TeamThread } from './platform.js';

/** Whether the file has been looked for in vain. */
let isFileMissing = false;
let address: Promise<string | undefined> | undefined;

/** An address of the program's text. */
async function textAddress(): Promise<string | undefined> {
  const { teamProgram } = await import('./browser-team-program.js');
  const program = teamProgram();
  return program && URL.createObjectURL(new Blob([program], { type: 'text/javascript' }));
}

const startFromFile = (): Worker =>
  new Worker(new URL('../runtime/team/worker.js', import.meta.url), { type: 'module', name: 'heddle' });

const notLoaded =
  "its program could not be loaded, neither from its file nor as a text: a content security policy has to allow worker-src 'self', or blob: where a bundler has left the file out";

export const startTeamThread = (start: TeamStart): TeamThread => {
  let worker: Worker | undefined;
  let hasEnded = false;
  const listeners: ((reason: string) => void)[] = [];
  const end = (reason: string): void => {
    if (hasEnded) return;
    hasEnded = true;
    worker?.terminate();
    for (const listener of listeners) listener(reason);
  };
  const run = (started: Worker, onMissing: () => void): void => {
    worker = started;
    started.postMessage({ heddleTeam: start });
    // There is no event for a worker that has come to its end, so it sends a message, the only one. One that could not be loaded, of which
    // no message tells, or has thrown does not go on with its work.
    started.addEventListener('message', () => end('it came to its end'));
    started.addEventListener('error', (event) => {
      event.preventDefault();
      if (event.message) end(event.message);
      else onMissing();
    });
  };
  const startFromText = async (): Promise<void> => {
    isFileMissing = true;
    try {
      const found = await (address ??= textAddress());
      if (hasEnded) return;
      if (found === undefined) end(notLoaded);
      else run(new Worker(found, { name: 'heddle' }), () => end(notLoaded));
    } catch (error) {
      end(String(error));
    }
  };
  let file: Worker | undefined;
  if (!isFileMissing) {
    try {
      file = startFromFile();
    } catch {
      // Another origin's; or the bundle is no module, and knows no address of its own.
    }
  }
  if (file === undefined) void startFromText();
  else run(file, () => void startFromText());
  return {
    onEnd: (listener) => void listeners.push(listener),
    hasEnded: () => hasEnded,
    end: async () => end('it was ended'),
  };
};
