// A candidate in a fresh process, seen from the comparison: sends one request at a time and waits for its reply, for the process's
// end, or for the time limit, whichever comes first.
import { startCandidateHost } from '#platform';
import type { CandidateHost } from '../platform/platform.js';
import { formatCount, formatTime } from '../base/format.js';
import type { Tolerance } from './agree.js';
import type { Candidate, CandidateSource, FirstCall } from './candidate.js';

export type Request =
  | { kind: 'load'; source: CandidateSource; args: readonly unknown[] }
  | { kind: 'first'; keepAnswer: boolean }
  | { kind: 'time'; loops: number }
  | { kind: 'repeats'; rule: 'exact' | Tolerance };

/** A request on its way; the reply carries the same number. */
export interface Sent {
  readonly id: number;
  readonly request: Request;
}

type Reply = { replyTo: number; value: unknown } | { replyTo: number; thrown: string };

/** A candidate may send messages of its own, which are not for us. */
function isReplyTo(id: number, message: unknown): message is Reply {
  return typeof message === 'object' && message !== null && 'replyTo' in message && message.replyTo === id;
}

/** The longest that a timer can wait; a longer one would ring at once. */
const longestTimer = 2 ** 31 - 1;

/** A candidate could not go on; the message says why, in words that follow its name. */
export class CandidateFailure extends Error {
  override readonly name = 'CandidateFailure';
}

export class RemoteCandidate implements Candidate {
  readonly #host: CandidateHost;
  readonly #timeoutMs: number | undefined;
  #settle: { resolve: (value: unknown) => void; reject: (reason: Error) => void } | undefined;
  #ended: string | undefined;
  #latestId = 0;

  /** @param timeoutMs the longest that a single call may take; undefined for no limit */
  constructor(environment: Readonly<Record<string, string>>, timeoutMs: number | undefined) {
    this.#timeoutMs = timeoutMs;
    this.#host = startCandidateHost(environment);
    this.#host.onMessage((message) => {
      if (!isReplyTo(this.#latestId, message)) return;
      if ('thrown' in message) this.#settle?.reject(new CandidateFailure(message.thrown));
      else this.#settle?.resolve(message.value);
    });
    this.#host.onEnd((reason) => {
      this.#ended ??= reason;
      this.#settle?.reject(new CandidateFailure(reason));
    });
  }

  /** @param what took too long, where it does */
  async #request(request: Request, what = 'one call', timeoutMs = this.#timeoutMs): Promise<unknown> {
    if (this.#ended !== undefined) throw new CandidateFailure(this.#ended);
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      return await new Promise((resolve, reject) => {
        this.#settle = { resolve, reject };
        if (timeoutMs !== undefined) {
          const reason = `${what} took longer than ${formatTime(timeoutMs / 1000)}`;
          timer = setTimeout(() => this.kill(reason), Math.min(timeoutMs, longestTimer));
        }
        this.#host.send({ id: ++this.#latestId, request } satisfies Sent);
      });
    } finally {
      clearTimeout(timer);
      this.#settle = undefined;
    }
  }

  /** Ends the process; a request that waits is rejected with `reason`. */
  kill(reason: string): void {
    this.#ended ??= reason;
    this.#host.kill();
    this.#settle?.reject(new CandidateFailure(reason));
  }

  end(): void {
    this.kill('it was ended');
  }

  async load(source: CandidateSource, args: readonly unknown[]): Promise<void> {
    // A module that never finishes loading is a hang too, but starting a process takes a moment that is not the candidate's.
    const limit = this.#timeoutMs === undefined ? undefined : this.#timeoutMs + 5000;
    await this.#request({ kind: 'load', source, args }, 'loading its module', limit);
  }

  async first(keepAnswer: boolean): Promise<FirstCall> {
    return (await this.#request({ kind: 'first', keepAnswer })) as FirstCall;
  }

  async time(loops: number): Promise<number> {
    if (this.#timeoutMs === undefined || loops === 1) return (await this.#request({ kind: 'time', loops })) as number;
    // Loops beyond one are chosen so that a run takes a second or two.
    const limit = Math.max(this.#timeoutMs * loops, 10_000);
    return (await this.#request({ kind: 'time', loops }, `a run of ${formatCount(loops)} calls`, limit)) as number;
  }

  async repeats(rule: 'exact' | Tolerance): Promise<boolean> {
    return (await this.#request({ kind: 'repeats', rule })) as boolean;
  }
}
