#!/usr/bin/env node
// The command `heddle`. Data goes to standard output, everything else to standard error; 0 is success, 1 that the work failed, 2 wrong use.
import { HeddleError, UserError, version } from 'heddle';
import {
  endQuietlyWhenReaderLeaves,
  Interruption,
  outputWidth,
  printData,
  printMessage,
  programArguments,
  setExitCode,
} from '../platform/terminal.js';
import { readWords, unknownWord } from './command.js';
import type { Command } from './command.js';
import { explainCommand } from './explain-command.js';
import { commandHelp, generalHelp } from './help.js';
import { infoCommand } from './info-command.js';
import { ladderCommand } from './ladder-command.js';
import { ladders } from './ladders.js';
import { measureCommand } from './measure-command.js';

const commands: readonly Command[] = [...ladders.map(ladderCommand), measureCommand, explainCommand, infoCommand];

async function main(words: readonly string[]): Promise<void> {
  // `heddle help pi` is `heddle pi --help`.
  const [name, ...rest] = words[0] === 'help' && words.length > 1 ? [words[1]!, '--help'] : words;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help')
    return printData(generalHelp(commands, outputWidth()));
  if (name === '--version' || name === '-v') return printData(version);
  const command = commands.find((candidate) => candidate.name === name);
  if (command === undefined) {
    const known = commands.map((candidate) => candidate.name);
    if (name.startsWith('-')) {
      throw new UserError('CLI001', `heddle begins with a command, not with ${name}`, {
        fix: `put options behind it: heddle ${known[0]} ${words.filter((word) => !known.includes(word)).join(' ')}`,
      });
    }
    throw unknownWord('CLI001', `heddle has no command ${JSON.stringify(name)}`, name, known, 'heddle --help');
  }
  const read = readWords(command, rest);
  if (read.options['help'] === true) return printData(commandHelp(command, outputWidth()));
  return command.run(read);
}

endQuietlyWhenReaderLeaves();
try {
  await main(programArguments());
} catch (error) {
  printMessage(describe(error));
  setExitCode(exitCodeFor(error));
}

function describe(error: unknown): string {
  if (error instanceof HeddleError || error instanceof Interruption) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function exitCodeFor(error: unknown): number {
  if (error instanceof Interruption) return error.exitCode;
  return error instanceof UserError ? 2 : 1;
}
