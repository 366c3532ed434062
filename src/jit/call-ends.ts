// What ends a call of a compiled function before it is through: a signal, or a time; and the check of what callers give for them.
import { UserError } from '../base/errors.js';
import { showValue } from '../base/show-value.js';

/** What ends a call, whatever it has done by then. */
export interface CallEnds {
  /** Aborted, it ends calls of `.async` within some milliseconds: they reject with its reason. A direct call looks at it once, before it begins. */
  signal?: AbortSignal | undefined;
  /** Milliseconds after which a call fails with TEAM003, direct or not. */
  timeoutMs?: number | undefined;
}

export const callEnds = ['signal', 'timeoutMs'] as const;

/** As long as a timer can be; 24 days. */
const longestTimeout = 2 ** 31 - 1;

/** @throws {UserError} JIT009 for what cannot end a call */
export function checkCallEnds({
  signal,
  timeoutMs,
}: {
  readonly signal?: unknown;
  readonly timeoutMs?: unknown;
}): void {
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new UserError('JIT009', `the option signal cannot be ${showValue(signal)}`, {
      fix: 'give the signal of an AbortController: .with({ signal: controller.signal })',
    });
  }
  if (timeoutMs !== undefined && !(typeof timeoutMs === 'number' && timeoutMs > 0 && timeoutMs <= longestTimeout)) {
    throw new UserError('JIT009', `the option timeoutMs cannot be ${showValue(timeoutMs)}`, {
      fix: `give the milliseconds that a call may take: above 0, and at most ${longestTimeout}`,
    });
  }
}

/** The settings with those of `others` in their place; also where they are not its own, as the signal of an AbortController is not. */
export function changed<S extends object>(settings: S, others: S): S {
  const result = { ...settings, ...others };
  for (const name of callEnds) if (name in others) Object.assign(result, { [name]: (others as CallEnds)[name] });
  return result;
}
