// How the caller of an asynchronous job learns that it has ended: by Atomics.waitAsync, or where that is missing by a message that whoever
// ends a job sends to all callers.
import { openNoticeBoard } from '#platform';
import type { NoticeBoard } from '../../platform/platform.js';
import { header, jobWord } from './layout.js';
import type { Control } from './layout.js';

type WaitAsync = (
  words: Int32Array,
  index: number,
  value: number,
) => { async: false; value: string } | { async: true; value: Promise<string> };

// Newer than the library that we compile against.
const { waitAsync } = Atomics as unknown as { waitAsync?: WaitAsync };

/** Whether jobs need to be announced when they end. */
export const wantsNotices = waitAsync === undefined;

/** Settles when the word is no longer `value`, or somebody notifies; at once if it is not `value` now. Null where that cannot be had. */
export function awaitWord({ words }: Control, word: number, value: number): Promise<unknown> | null {
  if (waitAsync === undefined) return null;
  return Promise.resolve(waitAsync(words, word, value).value);
}

let board: NoticeBoard | undefined;
/** What is waited for: each is asked again at every notice, and gives true once it has ended. */
const waits = new Set<() => boolean>();

function hearNotice(): void {
  for (const isEnded of waits) if (isEnded()) waits.delete(isEnded);
}

function openBoard({ words, at }: Control): NoticeBoard {
  const name = `heddle-team-${words[at + header.name]}-${words[at + header.name + 1]}`;
  return (board ??= openNoticeBoard(name, hearNotice));
}

/** Tells all callers that a job which wanted it has ended. */
export function announceEnd(control: Control): void {
  openBoard(control).post();
  // The board reaches everybody but ourselves.
  hearNotice();
}

/** Settles when the job at `at` has ended. */
export function awaitEnd(control: Control, at: number): Promise<unknown> {
  const { words } = control;
  const waited = awaitWord(control, at + jobWord.done, 0);
  if (waited !== null) return waited;
  openBoard(control);
  return new Promise<void>((resolve) => {
    const isEnded = (): boolean => {
      if (Atomics.load(words, at + jobWord.done) === 0) return false;
      resolve();
      return true;
    };
    // It may have ended before anybody listened.
    if (!isEnded()) waits.add(isEnded);
  });
}
