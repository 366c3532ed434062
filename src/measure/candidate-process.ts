// The program of a candidate's fresh process (in a page: worker): answers the comparison's requests one after another.
import { channelToComparison } from '#platform';
import { loadCandidate } from './candidate.js';
import type { Candidate } from './candidate.js';
import type { Reply, Request } from './candidate-client.js';

const channel = channelToComparison();
let candidate: Candidate | undefined;

async function answer(request: Request): Promise<unknown> {
  if (request.kind === 'load') {
    candidate = await loadCandidate(request.source, request.args);
    return null;
  }
  if (candidate === undefined) throw new Error('a candidate was asked for results before it was loaded');
  switch (request.kind) {
    case 'first':
      return candidate.first(request.keepAnswer);
    case 'time':
      return candidate.time(request.loops);
    case 'repeats':
      return candidate.repeats(request.rule);
  }
}

channel.onMessage((message) => {
  answer(message as Request).then(
    (value) => channel.send({ value } satisfies Reply),
    (error: unknown) => channel.send({ thrown: describeThrown(error) } satisfies Reply),
  );
});

function describeThrown(error: unknown): string {
  if (!(error instanceof Error)) return `threw ${String(error)}`;
  // heddle's own errors begin with their code.
  return 'code' in error && error.message.startsWith('error[')
    ? error.message
    : `threw ${error.name}: ${error.message}`;
}
