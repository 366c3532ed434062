// What a candidate threw, in words that follow its name.

/** Never throws itself, whatever it is given. */
export function describeThrown(error: unknown): string {
  try {
    if (!(error instanceof Error)) return `threw ${String(error)}`;
    // heddle's own errors begin with their code and are whole sentences.
    return error.message.startsWith('error[') ? error.message : `threw ${error.name}: ${error.message}`;
  } catch {
    return 'threw something that cannot be shown';
  }
}
