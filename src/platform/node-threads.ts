// How Node starts a thread of the team. Apart from node.ts, as browser-threads.ts is from browser.ts: there it has to be.
// The thread's program is a text and no file: a server that was bundled has no file where ours would be, and reading several takes longer
// (docs/decisions/0002-worker-paths.md).
import { teamProgram } from './node-team-program.js';
import type { TeamStart, TeamThread } from './platform.js';

export const startTeamThread = (start: TeamStart): TeamThread => {
  // Loaded when it is needed: importing heddle does not pay for it.
  const { MessageChannel, Worker } = process.getBuiltinModule('node:worker_threads');
  const program = teamProgram();
  if (program === undefined) throw new Error('threads run the built program, and this is the source');
  const { port1: ours, port2: theirs } = new MessageChannel();
  const worker = new Worker(program, {
    eval: true,
    name: 'heddle',
    workerData: { start, liveness: theirs },
    transferList: [theirs],
    // What our caller wants loaded or counted in its own threads is not for one that runs kernels.
    execArgv: [],
    env: {},
  });
  worker.unref();
  ours.unref();
  let reason: string | undefined;
  const listeners: ((reason: string) => void)[] = [];
  worker.on('error', (error: unknown) => {
    reason ??= error instanceof Error ? error.message : String(error);
  });
  worker.on('exit', (code) => {
    ours.close();
    reason ??= `it exited with code ${code}`;
    for (const listener of listeners) listener(reason);
  });
  return {
    onEnd: (listener) => void listeners.push(listener),
    // Node's postMessage says whether there is anyone at the other end, which its types do not tell.
    hasEnded: () => (ours.postMessage(null) as unknown) === false,
    end: async () => void (await worker.terminate()),
  };
};
