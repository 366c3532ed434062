// A candidate in a fresh process, seen from the comparison: sends one request at a time and waits for its reply, for the process's
// end, or for the time limit, whichever comes first.
import { startCandidateHost } from '#platform';
import type { CandidateHost } from '../platform/platform.js';
import { formatTime } from '../base/format.js';
import type { Tolerance } from './agree.js';
import type { Candidate, CandidateSource, FirstCall } from './candidate.js';

export type Request =
  | { kind: 'load'; source: CandidateSource; args: readonly unknown[] }
  | { kind: 'first'; keepAnswer: boolean }
  | { kind: 'time'; loops: number }
  | { kind: 'repeats'; rule: 'exact' | Tolerance };

export type Reply = { value: unknown } | { thrown: string };

/** A candidate could not go on; the message says why, in words that follow its name. */
export class CandidateFailure extends Error {
  override readonly name = 'CandidateFailure';
}

export class RemoteCandidate implements Candidate {
  readonly #host: CandidateHost;
  readonly #timeoutMs: number | undefined;
  #settle: { resolve: (value: unknown) => void; reject: (reason: Error) => void } | undefined;
  #ended: string | undefined;

  /** @param timeoutMs the longest that a single call may take; undefined for no limit */
  constructor(environment: Readonly<Record<string, string>>, timeoutMs: number | undefined) {
    this.#timeoutMs = timeoutMs;
    this.#host = startCandidateHost(new URL('./candidate-process.js', import.meta.url), environment);
    this.#host.onMessage((message) => {
      const reply = message as Reply;
      if ('thrown' in reply) this.#settle?.reject(new CandidateFailure(reply.thrown));
      else this.#settle?.resolve(reply.value);
    });
    this.#host.onEnd((reason) => {
      this.#ended ??= reason;
      this.#settle?.reject(new CandidateFailure(reason));
    });
  }

  async #request(request: Request, timeoutMs = this.#timeoutMs): Promise<unknown> {
    if (this.#ended !== undefined) throw new CandidateFailure(this.#ended);
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      return await new Promise((resolve, reject) => {
        this.#settle = { resolve, reject };
        if (timeoutMs !== undefined) {
          timer = setTimeout(() => this.kill(`one call took longer than ${formatTime(timeoutMs / 1000)}`), timeoutMs);
        }
        this.#host.send(request);
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

  async load(source: CandidateSource, args: readonly unknown[]): Promise<void> {
    // A module that never finishes loading is a hang too, but starting a process takes a moment that is not the candidate's.
    const limit = this.#timeoutMs === undefined ? undefined : this.#timeoutMs + 5000;
    await this.#request({ kind: 'load', source, args }, limit);
  }

  async first(keepAnswer: boolean): Promise<FirstCall> {
    return (await this.#request({ kind: 'first', keepAnswer })) as FirstCall;
  }

  async time(loops: number): Promise<number> {
    // Loops beyond one are chosen so that a run takes a second or two.
    const limit =
      this.#timeoutMs === undefined || loops === 1 ? this.#timeoutMs : Math.max(this.#timeoutMs * loops, 10_000);
    return (await this.#request({ kind: 'time', loops }, limit)) as number;
  }

  async repeats(rule: 'exact' | Tolerance): Promise<boolean> {
    return (await this.#request({ kind: 'repeats', rule })) as boolean;
  }
}
