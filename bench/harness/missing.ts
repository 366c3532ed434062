// What heddle does not have yet, told from heddle itself: a name that it exports, or a word of its command.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as heddle from 'heddle';
import { command } from './paths.js';

/** A part in words, and the name that heddle exports, or the command that it has, once the part is there. */
export interface Missing {
  readonly part: string;
  readonly exported?: string;
  readonly command?: string;
}

let help: string | undefined;

function hasCommand(word: string): boolean {
  help ??= spawnSync(process.execPath, [fileURLToPath(command), '--help'], { encoding: 'utf8' }).stdout;
  return new RegExp(`^ *(heddle )?${word}\\b`, 'm').test(help);
}

/** Why there is no figure that depends on a part of heddle. */
export function describeMissing({ part, exported, command: word }: Missing): string {
  const isThere = (exported !== undefined && exported in heddle) || (word !== undefined && hasCommand(word));
  return isThere ? `${part}: not measured here yet` : `${part}: not built yet`;
}
