// Waiting for a promise, but no longer than an AbortSignal allows.

/** As `promise`, but rejects with the signal's reason as soon as it is aborted. What runs on is not stopped by this; its failure is ignored. */
export async function orAborted<T>(promise: PromiseLike<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  if (signal.aborted) {
    // Nobody else listens to it, and a rejection that nobody hears ends a Node process.
    promise.then(undefined, () => {});
    throw signal.reason;
  }
  let stopListening = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    stopListening = () => signal.removeEventListener('abort', onAbort);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    stopListening();
  }
}
