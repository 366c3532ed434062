// The program of a candidate's fresh process (in a page: worker): answers the comparison's requests one after another.
import { channelToComparison } from '#platform';
import { loadCandidate } from './candidate.js';
import type { Candidate } from './candidate.js';
import type { Request, Sent } from './candidate-client.js';
import { describeThrown } from './describe-thrown.js';

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

/** Whatever else arrives was meant for the candidate, or comes from it. */
function isSent(message: unknown): message is Sent {
  return typeof message === 'object' && message !== null && 'id' in message && 'request' in message;
}

channel.onMessage((message) => {
  if (!isSent(message)) return;
  const { id, request } = message;
  answer(request).then(
    (value) => channel.send({ replyTo: id, value }),
    (error: unknown) => channel.send({ replyTo: id, thrown: describeThrown(error) }),
  );
});
