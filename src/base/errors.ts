// The errors of heddle, sorted by who can act on them. Every one has a stable code with a paragraph in docs/errors.md.
// A message says, in order: what is not possible, where, what was found, why it matters, what to do.
// It is told in parts, so that every front end (terminal, JSON, page) can lay it out for itself.

/** The parts of a message after its first line. `note` says why it matters, `fix` what to do. */
export interface ErrorParts {
  readonly note?: string | undefined;
  readonly fix?: string | undefined;
  readonly cause?: unknown;
}

/** What all errors of heddle have in common: a stable `code`, and the `summary`, `note` and `fix` that `message` is made of. */
export abstract class HeddleError extends Error {
  readonly code: string;
  declare readonly summary: string;
  declare readonly note: string | undefined;
  declare readonly fix: string | undefined;

  constructor(code: string, summary: string, parts: ErrorParts = {}) {
    const { note, fix, cause } = parts;
    let message = `error[${code}]: ${summary}`;
    // Further lines of a part stand below its first.
    const indented = (text: string, column: number): string => text.replaceAll('\n', `\n${' '.repeat(column)}`);
    if (note !== undefined) message += `\n  = note: ${indented(note, 10)}`;
    if (fix !== undefined) message += `\n  = fix: ${indented(fix, 9)}`;
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    // Not enumerable: consoles print those, and the message has said it all.
    for (const [part, value] of Object.entries({ summary, note, fix })) Object.defineProperty(this, part, { value });
  }
}

/** The caller asked for something that is wrong, and can mend it. */
export class UserError extends HeddleError {
  override readonly name = 'UserError';
}

/** A sensible wish that heddle, or this platform, cannot grant yet; `fix` says what to do instead. */
export class UnsupportedError extends HeddleError {
  override readonly name = 'UnsupportedError';
}

/** heddle is wrong, not its caller. */
export class InternalError extends HeddleError {
  override readonly name = 'InternalError';
}
